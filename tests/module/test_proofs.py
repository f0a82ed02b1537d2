"""What an SSO module has left for the session: handed to the helper once, and to nobody else.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from conftest import LOG_WARNING, PAM_SUCCESS, PERMITTED

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln-_" + "x" * 500
ASSERTION = "PHNhbWxwOlJlc3BvbnNlPg+/" * 100 + "Pg=="
LEFT = [f"putenv=XACCT_WEB_IDENTITY_TOKEN={TOKEN}", f"putenv=XACCT_SAML_ASSERTION={ASSERTION}"]
NAMES = {"XACCT_WEB_IDENTITY_TOKEN", "XACCT_SAML_ASSERTION"}


@pytest.fixture(params=["permitted", "denied"])
def answered(host, request):
    host.orders("reply", PERMITTED if request.param == "permitted" else ["status=denied"])
    return host


def test_they_go_with_the_open_alone_and_out_of_the_environment(answered):
    result = answered.run(*LEFT, "check", "open", "env", "close", "env")
    checked, opened, *closed = answered.requests()
    assert opened["request_web_identity_token"] == [TOKEN]
    assert opened["request_saml_assertion"] == [ASSERTION]
    for request in (checked, *closed):
        assert not {"request_web_identity_token", "request_saml_assertion"} & request.keys()
    assert not NAMES & result.env.keys()
    assert not [line for line in result.lines(LOG_WARNING) if "XACCT_" in line]


def test_any_service_may_have_them(host):
    host.run(*LEFT, "open", service="login")
    assert host.requests()[0]["request_web_identity_token"] == [TOKEN]


def test_a_user_who_is_not_ours_is_left_without_them(host):
    result = host.run("user=root", *LEFT, "open", "env")
    assert not host.requests() and not NAMES & result.env.keys()


def test_a_second_open_takes_them_away_too(host):
    result = host.run("open", *LEFT, "open", "env")
    assert len(host.requests()) == 1 and not NAMES & result.env.keys()


@pytest.mark.parametrize("name, value, fault", [
    ("XACCT_WEB_IDENTITY_TOKEN", "abc", "is too short"),
    ("XACCT_WEB_IDENTITY_TOKEN", "", "is too short"),
    ("XACCT_WEB_IDENTITY_TOKEN", "x" * 20001, "is too long"),
    ("XACCT_WEB_IDENTITY_TOKEN", "two words", "holds white space"),
    ("XACCT_SAML_ASSERTION", "x" * 60001, "is too long"),
    ("XACCT_SAML_ASSERTION", "PHNh\nbWw=", "holds white space"),
    ("XACCT_SAML_ASSERTION", "PHNh\x1bbWw=", "holds white space"),
    ("XACCT_SAML_ASSERTION", "PHNhb\xe9w=", "other than ASCII"),
])
def test_what_cannot_be_sent_whole_is_left_out_with_a_line(host, name, value, fault):
    result = host.run(f"putenv={name}={value}", "open", "env")
    assert result.codes() == [PAM_SUCCESS] and result.env["XACCT_ROLE"] == "audit"
    assert not {"request_web_identity_token", "request_saml_assertion"} & host.requests()[0].keys()
    line, = [line for line in result.lines(LOG_WARNING) if name in line]
    assert fault in line and f"{len(value.encode())} bytes" in line and "[reference " in line
    assert name not in result.env and (len(value) < 20 or value[:20] not in line)


def test_what_does_not_fit_beside_the_rest_is_left_out_with_a_line(host):
    result = host.run(f"putenv=SSH_AUTH_INFO_0={'a' * 32000}",
                      f"putenv=XACCT_SAML_ASSERTION={'x' * 40000}", "open", service="sshd")
    request, = host.requests()
    assert request["request_auth_info"] == ["a" * 32000]
    assert "request_saml_assertion" not in request
    line, = [line for line in result.lines(LOG_WARNING) if "XACCT_SAML_ASSERTION" in line]
    assert "does not fit" in line


def test_the_longest_are_sent(host):
    for name, key, most in (("XACCT_WEB_IDENTITY_TOKEN", "web_identity_token", 20000),
                            ("XACCT_SAML_ASSERTION", "saml_assertion", 60000)):
        host.run(f"putenv={name}={'x' * most}", "open")
        assert host.requests()[-1][f"request_{key}"] == ["x" * most]
