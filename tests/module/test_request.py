"""What the module tells the helper of a login.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from conftest import PAM_SESSION_ERR, PAM_SUCCESS

KEY = "publickey ssh-ed25519 AAAA\n"
MOST = 32768


def said(host, *steps, **options):
    """The keys and values of the last request of a run."""
    host.run(*steps, **options)
    request = host.requests()[-1]
    return {key.removeprefix("request_"): values[0] for key, values in request.items()
            if key.startswith("request_")}


def with_loginuid(uid):
    return ["sh", "-c", 'echo "$0" >/proc/self/loginuid && exec "$@"', str(uid)]


def test_how_sshd_authenticated_a_session_is_told_as_it_is(host):
    asked = said(host, f"putenv=SSH_AUTH_INFO_0={KEY}", "open", service="sshd")
    assert asked["auth_info"] == KEY.replace("\n", "\\x0a")


def test_that_sshd_said_nothing_is_told_too(host):
    assert said(host, "putenv=SSH_AUTH_INFO_0=", "open", service="sshd")["auth_info"] == ""


@pytest.mark.parametrize("steps, service", [
    (["open"], "sshd"),  # not said
    ([f"putenv=SSH_AUTH_INFO_0={KEY}", "check"], "sshd"),  # said too early
    ([f"putenv=SSH_AUTH_INFO_0={KEY}", "open"], "sudo"),  # said by somebody else
    ([f"putenv=SSH_AUTH_INFO_0={KEY}", "open"], "sshd2"),
    ([f"putenv=SSH_AUTH_INFO_0={'x' * (MOST + 1)}", "open"], "sshd"),
    ([f"putenv=SSH_AUTH_INFO_0={KEY}", "open", "close"], "sshd"),
])
def test_what_nobody_can_vouch_for_is_not_told(host, steps, service):
    assert "auth_info" not in said(host, *steps, service=service)


def test_the_longest_is_told(host):
    asked = said(host, f"putenv=SSH_AUTH_INFO_0={'x' * MOST}", "open", service="sshd")
    assert asked["auth_info"] == "x" * MOST


@pytest.mark.parametrize("step", ["check", "open"])
def test_the_login_uid_is_told(host, step):
    assert said(host, step, wrap=with_loginuid(4101))["loginuid"] == "4101"
    assert said(host, step, wrap=with_loginuid(0))["loginuid"] == "0"


def test_a_login_uid_that_is_not_set_is_not_told(host):
    asked = said(host, "open", wrap=with_loginuid(4294967295))
    assert "loginuid" not in asked and "audit_id" not in asked


@pytest.mark.parametrize("step", ["check", "open"])
def test_the_audit_session_of_the_login_uid_is_told(host, step, tmp_path):
    """The kernel gives each login a number of its own."""
    shown = tmp_path / "number"
    begin = f'echo 4101 >/proc/self/loginuid; cat /proc/self/sessionid >{shown}; exec "$@"'
    asked = [said(host, step, wrap=["sh", "-c", begin, "sh"])["audit_id"] for _ in range(2)]
    assert asked[0] != asked[1] == shown.read_text(encoding="ascii")


def test_who_asks_is_told_as_the_program_says_it(host):
    assert said(host, "ruser=module-bob", "open")["ruser"] == "module-bob"
    assert "ruser" not in said(host, "open")


def test_the_end_of_a_role_reaches_the_session(host):
    host.orders("reply", ["status=permitted", "session=0123456789abcdef0123456789abcdef",
                          "XACCT_UNTIL=2027-03-31T21:59:59Z"])
    result = host.run("open", "env")
    assert result.codes() == [PAM_SUCCESS]
    assert result.env["XACCT_UNTIL"] == "2027-03-31T21:59:59Z"
    assert "XACCT_UNTIL" not in host.run("open", "close", "env").env


def test_state_goes_to_the_helper(host):
    host.run("open", options="state=/srv/xacct")
    request, = host.requests()
    assert [request[f"argument{i}"][0] for i in (3, 4, 5)] == ["--once", "--state", "/srv/xacct"]
    assert host.run("open", options="state=srv").codes() == [PAM_SESSION_ERR]
