"""Every outcome: the PAM code, the log, the user's line, and the reference that joins them.

SPDX-License-Identifier: BSD-2-Clause
"""

import re

import pytest

from conftest import (LOG_ALERT, LOG_AUTHPRIV, LOG_DEBUG, LOG_ERR, LOG_INFO, LOG_NOTICE,
                      PAM_ACCT_EXPIRED, PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_SESSION_ERR,
                      PAM_SUCCESS, PAM_SYSTEM_ERR, PERMITTED, SESSION)

# With every module ignoring, libpam refuses: that is what a stack of this module alone gives.
ALL_IGNORED = PAM_PERM_DENIED

# What stands beside it in a real stack.
PERMITTING = "account required pam_permit.so\nsession required pam_permit.so\n"

REFERENCE = r"[0-9A-HJKMNP-TV-Z]{8}"

OUTCOMES = [
    # status, account code, session code, level of the session's line
    ("unmanaged", ALL_IGNORED, ALL_IGNORED, None),
    ("no-grant", ALL_IGNORED, ALL_IGNORED, None),
    ("denied", PAM_PERM_DENIED, PAM_SESSION_ERR, LOG_NOTICE),
    ("expired", PAM_ACCT_EXPIRED, PAM_SESSION_ERR, LOG_NOTICE),
    ("unavailable", PAM_AUTHINFO_UNAVAIL, PAM_SESSION_ERR, LOG_ERR),
    ("misconfigured", PAM_SYSTEM_ERR, PAM_SESSION_ERR, LOG_ALERT),
    ("unsupported", PAM_SYSTEM_ERR, PAM_SESSION_ERR, LOG_ALERT),
]


@pytest.mark.parametrize("status, account, session, level", OUTCOMES)
def test_each_status_has_its_pam_code_and_log_level(host, status, account, session, level):
    host.orders("reply", [f"status={status}", "reason=the whole story"])
    result = host.run("check", "open", "env")
    assert result.codes() == [account, session]
    if level is None:
        assert result.lines() == [] and result.shown == [] and result.env == {}
    else:
        assert len(result.lines(level)) == 2
        assert all("the whole story" in line and status in line for line in result.lines())
    # Alone, a module that ignores looks like one that denies: beside one that permits it does not.
    beside = host.run("check", "open", more=PERMITTING)
    assert beside.codes() == ([PAM_SUCCESS] * 2 if level is None else [account, session])


def test_permitted_is_success_with_one_line_in_the_log_and_one_before_the_user(host):
    result = host.run("check", "open", "env")
    assert result.codes() == [PAM_SUCCESS, PAM_SUCCESS]
    assert [line for line in result.lines()] == result.lines(LOG_INFO)
    assert len(result.lines()) == 1 and "a grant names you" in result.lines()[0]
    assert result.shown == [("info", "role audit in client-a")]
    assert "XACCT_ERROR" not in result.env


def test_no_grant_is_a_refusal_under_require_role(host):
    host.orders("reply", ["status=no-grant"])
    result = host.run("check", "open", "env", options="require_role")
    assert result.codes() == [PAM_PERM_DENIED, PAM_SESSION_ERR]
    assert len(result.lines(LOG_NOTICE)) == 2
    assert result.env["XACCT_ERROR"].startswith("no-grant:")
    assert len(result.shown) == 2


def test_who_is_past_the_end_is_told_so(host):
    host.orders("reply", ["status=expired", "reason=ended with until = 2026-01-31"])
    result = host.run("check", "open", "env")
    assert all("has ended (reference " in text for _, text in result.shown)
    assert result.env["XACCT_ERROR"].startswith("expired:")


@pytest.mark.parametrize("options", ["", "require_role"])
def test_a_check_that_the_session_decides_lets_the_login_go_on_in_silence(host, options):
    host.orders("reply", ["status=undecided"])
    more = "account required pam_permit.so\n"
    result = host.run("check", options=options, more=more)
    assert result.codes() == [PAM_SUCCESS]
    assert result.lines() == [] and result.shown == []
    result = host.run("check", options=f"debug {options}", more=more)
    assert "undecided" in result.lines(LOG_DEBUG)[-1]


def test_a_session_is_never_left_undecided(host):
    host.orders("reply", ["status=undecided"])
    result = host.run("open", "env")
    assert result.codes() == [PAM_SESSION_ERR]
    assert result.env["XACCT_ERROR"].startswith("unavailable:")


def test_no_grant_is_a_refusal_in_the_session_that_an_undecided_check_let_in(host):
    more = "account required pam_permit.so\n"
    host.orders("reply", ["status=undecided"])
    assert host.run("check", options="require_role", more=more).codes() == [PAM_SUCCESS]
    host.orders("reply", ["status=no-grant"])
    assert host.run("open", options="require_role").codes() == [PAM_SESSION_ERR]


def test_unmanaged_stays_ignored_under_require_role(host):
    host.orders("reply", ["status=unmanaged"])
    assert host.run("check", "open", options="require_role").codes() == [ALL_IGNORED, ALL_IGNORED]


@pytest.mark.parametrize("status", ["denied", "unavailable", "misconfigured"])
def test_one_reference_stands_before_the_user_in_the_log_in_the_environment_and_the_request(
        host, status):
    host.orders("reply", [f"status={status}", "reason=why"])
    result = host.run("open", "env")
    name, _, reference = result.env["XACCT_ERROR"].partition(":")
    assert name == status
    assert re.fullmatch(REFERENCE, reference)
    assert len(result.shown) == 1 and result.shown[0][0] == "error"
    assert reference in result.shown[0][1]
    assert len(result.lines()) == 1 and reference in result.lines()[0]
    assert host.requests()[0]["request_reference"] == [reference]
    assert "why" not in result.shown[0][1]


def test_references_differ_from_call_to_call(host):
    host.orders("reply", ["status=denied"])
    result = host.run(*["open", "check"] * 10)
    assert len({re.search(rf"reference ({REFERENCE})", text)[1] for _, text in result.shown}) == 20


def test_denied_unavailable_and_misconfigured_read_differently(host):
    texts = set()
    for status in ("denied", "unavailable", "misconfigured"):
        host.orders("reply", [f"status={status}"])
        result = host.run("open")
        texts.add(re.sub(REFERENCE, "", result.lines()[0]))
        texts.add(re.sub(REFERENCE, "", result.shown[0][1]))
    assert len(texts) == 6


def test_our_lines_go_to_authpriv(host):
    result = host.run("open", options="debug")
    assert {facility for facility, _, text in result.logs if "pam_xacct" in text} == {LOG_AUTHPRIV}


def test_debug_lines_come_with_debug_alone(host):
    assert host.run("check", "close").lines(LOG_DEBUG) == []
    assert len(host.run("check", "close", options="debug").lines(LOG_DEBUG)) == 3


@pytest.mark.parametrize("status, kind", [("denied", "error"), ("permitted", "info")])
def test_untrusted_text_is_escaped_in_the_log_and_before_the_user(host, status, kind):
    host.orders("reply", [f"status={status}", f"session={SESSION}",
                          "reason=one%0atwo%1b[31m%ffback\\slash", "message=a%0db%0ac%1b]0;x%07"])
    result = host.run("open")
    assert "one\\x0atwo\\x1b[31m\\xffback\\slash" in result.lines()[0]
    assert [shown_kind for shown_kind, _ in result.shown] == [kind]
    if kind == "info":
        assert result.shown == [("info", "a\\x0db\\x0ac\\x1b]0;x\\x07")]


def test_a_user_name_with_control_characters_cannot_forge_a_line(host):
    host.orders("reply", ["status=denied", "reason=no"])
    result = host.run("open", user="eve\npam_xacct(sshd:session): user root: permitted")
    assert len(result.lines()) == 1
    assert "eve\\x0apam_xacct" in result.lines()[0]


def test_a_long_reason_is_bounded(host):
    host.orders("reply", ["status=denied", "reason=" + "x" * 60000])
    line, = host.run("open").lines()
    assert len(line) < 4096 and "..." in line


@pytest.mark.parametrize("reply", [PERMITTED, ["status=denied"]])
def test_pam_silent_shows_nothing(host, reply):
    host.orders("reply", reply)
    assert host.run("check=silent", "open=silent", "close=silent").shown == []


def test_quiet_keeps_back_the_success_line_alone(host):
    assert host.run("open", options="quiet").shown == []
    host.orders("reply", ["status=denied"])
    assert len(host.run("open", options="quiet").shown) == 1


@pytest.mark.parametrize("conversation", ["none", "failing"])
@pytest.mark.parametrize("reply, code", [(PERMITTED, PAM_SUCCESS),
                                         (["status=denied"], PAM_SESSION_ERR)])
def test_a_conversation_that_fails_changes_nothing(host, conversation, reply, code):
    host.orders("reply", reply)
    result = host.run(f"conversation={conversation}", "open", "env")
    assert result.codes() == [code]
    assert len([line for line in result.lines() if "reference" in line]) == 1
    if conversation == "none":
        assert [text for _, _, text in result.logs if "conversation" in text] == []


@pytest.mark.parametrize("user, options", [
    ("root", ""),
    ("module-toor", ""),
    ("module-toor", "minimum_uid=0"),
    ("module-daemon", ""),
    ("xacct", ""),
    ("xacct", "minimum_uid=1"),
    ("module-alice", "minimum_uid=4102"),
    ("module-bob", "user=module-bob"),
])
def test_root_system_users_and_the_helper_are_left_alone_before_anything_is_started(
        host, user, options):
    result = host.run("check", "open", "close", "env", user=user, options=options)
    assert result.codes() == [ALL_IGNORED] * 3
    assert host.requests() == [] and result.lines() == [] and result.env == {}


@pytest.mark.parametrize("user, options", [
    ("module-alice", "minimum_uid=4101"),
    ("module-daemon", "minimum_uid=1"),
    ("somebody@directory.example", ""),
    ("CORP\\alice", ""),
    ("jürgen", ""),
    ("x" * 300, ""),
])
def test_others_even_those_of_a_directory_go_to_the_helper(host, user, options):
    result = host.run("open", user=user, options=options)
    assert result.codes() == [PAM_SUCCESS]
    assert host.operations() == ["open"]


def test_a_caller_that_is_not_root_is_left_alone(host):
    result = host.run("uid=4101", "check", "open", "close", options="debug")
    assert result.codes() == [ALL_IGNORED] * 3
    assert host.requests() == []
    assert "not running as root" in result.lines(LOG_DEBUG)[0]


def test_the_user_is_never_changed(host):
    assert "user module-alice" in host.run("check", "open", "close", "show-user").other


def test_authentication_and_passwords_are_not_ours(host):
    assert host.run("auth", "password").codes() == [ALL_IGNORED] * 2
    assert host.requests() == []


@pytest.mark.parametrize("steps", [["setcred"], ["auth", "setcred"]])
def test_setcred_succeeds(host, steps):
    result = host.run(*steps, more="auth required pam_permit.so\n")
    assert result.codes() == [PAM_SUCCESS] * len(steps)
    assert host.requests() == []


def test_setcred_succeeds_by_itself(host):
    """Beside a module that succeeds one that ignores it would as well."""
    assert host.run("setcred").codes() == [PAM_SUCCESS]


def test_being_ignored_leaves_the_verdict_to_the_other_modules(host):
    host.orders("reply", ["status=no-grant"])
    assert host.run("check", "open", more=PERMITTING).codes() == [PAM_SUCCESS, PAM_SUCCESS]
