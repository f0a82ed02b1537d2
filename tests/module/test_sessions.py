"""Opening, opening again, closing; and what is asked of the helper for it.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from conftest import (CREDENTIALS, LOG_DEBUG, LOG_WARNING, PAM_PERM_DENIED, PAM_SESSION_ERR,
                      PAM_SUCCESS, PERMITTED, SESSION, assert_no_helper_left)

ALL_IGNORED = PAM_PERM_DENIED


def test_a_request_says_who_where_how_long_and_which_process(host):
    host.run("rhost=client.example", "tty=ssh", "check", "open", "close", options="timeout=10s")
    check, opened, closed = host.requests()
    for request in (check, opened, closed):
        assert request["request_version"] == ["1"]
        assert request["request_user"] == ["module-alice"]
        assert request["request_service"] == ["test"]
        assert request["request_rhost"] == ["client.example"]
        assert request["request_tty"] == ["ssh"]
        assert "request_debug" not in request
    assert [request["request_op"] for request in (check, opened, closed)] == [
        ["check"], ["open"], ["close"]]
    for request, highest in ((check, 3900), (opened, 5900), (closed, 3900)):
        assert highest - 1000 < int(request["request_deadline_ms"][0]) <= highest
    assert int(opened["request_pid"][0]) > 0 and int(opened["request_start_time"][0]) > 0
    assert "request_pid" not in check
    assert closed["request_session"] == [SESSION]
    assert "request_session" not in opened


def test_the_start_time_is_right_even_with_a_name_full_of_parentheses(host):
    odd = host.root / "a) b (c) 1 2"
    odd.symlink_to(host.program.resolve())
    host.program = odd
    result = host.run("show-start-time", "open")
    request, = host.requests()
    assert f"start-time {request['request_start_time'][0]}" in result.other


def test_what_pam_does_not_know_is_left_out(host):
    host.run("tty=", "open")
    request, = host.requests()
    assert "request_rhost" not in request and "request_tty" not in request


def test_debug_is_passed_on(host):
    host.run("open", options="debug")
    assert host.requests()[0]["request_debug"] == ["1"]


def test_a_second_open_for_the_same_user_sends_nothing_and_changes_nothing(host):
    result = host.run("open", "open", "env", options="debug")
    assert result.codes() == [PAM_SUCCESS, PAM_SUCCESS]
    assert host.operations() == ["open"] and result.env["XACCT_ROLE"] == "audit"
    assert f"session {SESSION} is open already" in result.lines(LOG_DEBUG)[-1]


def test_an_open_for_another_user_closes_the_former_session_first(host):
    host.run("open", "user=module-bob", "open", "close")
    assert [(request["request_op"][0], request["request_user"][0]) for request in host.requests()] \
        == [("open", "module-alice"), ("close", "module-alice"),
            ("open", "module-bob"), ("close", "module-bob")]


def test_nothing_of_one_user_is_left_for_the_next(host):
    host.run("open")
    result = host.run("open", "user=root", "close", "env")
    assert result.codes() == [PAM_SUCCESS, PAM_SUCCESS] and result.env == {}


def test_a_closed_session_can_be_opened_again(host):
    assert host.run("open", "close", "open", "close").codes() == [PAM_SUCCESS] * 4
    assert host.operations() == ["open", "close"] * 2


def test_a_forked_copy_of_the_handle_has_opened_nothing(host):
    host.run("open", "fork", "open")
    assert host.operations() == ["open", "open"]


def test_ending_a_forked_copy_of_the_handle_tells_nobody(host):
    host.run("open", "fork", "end")
    assert host.operations() == ["open"]


def test_a_close_without_an_open_is_ignored(host):
    assert host.run("close").codes() == [ALL_IGNORED] and host.requests() == []


def test_a_close_after_a_refused_open_is_ignored(host):
    host.orders("reply", ["status=denied"])
    assert host.run("open", "close").codes() == [PAM_SESSION_ERR, ALL_IGNORED]
    assert host.operations() == ["open"]


def test_a_close_that_is_not_root_any_more_succeeds_and_does_nothing(host):
    result = host.run("open", "uid=4101", "close", "env")
    assert result.codes() == [PAM_SUCCESS, PAM_SUCCESS]
    assert host.operations() == ["open"] and result.env == {}


@pytest.mark.parametrize("behaviour", ["hang", "deaf", "crash", "flood", "version", "half", "denied"])
def test_a_close_never_fails_a_logout(host, behaviour):
    host.orders("reply", PERMITTED)
    spoil = host.root / "spoiled"
    kind = "reply" if behaviour == "denied" else behaviour
    spoil.write_text(f"behaviour={kind}\nstatus=denied\n")
    result = host.run("open", f"copy={spoil}:{host.orders_file}", "note", "close", "close", "left",
                      options="timeout=1s")
    assert result.codes() == [PAM_SUCCESS, PAM_SUCCESS, ALL_IGNORED]
    assert result.results[1][2] <= 650
    line, = result.lines(LOG_WARNING)
    assert SESSION in line
    assert result.left.startswith("descriptors=0 children=0 signals=same")
    assert_no_helper_left()


def test_a_close_with_bad_options_still_lets_the_user_leave(host):
    result = host.run("open", "end", "start", "close", options="nonsense")
    assert result.codes() == [PAM_SESSION_ERR, ALL_IGNORED]


@pytest.mark.parametrize("bad", [
    ["LD_PRELOAD=/tmp/evil.so"],
    ["PATH=/tmp"],
    ["AWS_PROFILE=other"],
    ["AWS_SECRET_ACCESS_KEYS=x"],
    ["XACCT_ERROR=x"],
    ["XACCT_ROLE="],
    ["XACCT_ROLE=a%0ab"],
    ["XACCT_ROLE=a%1b[31m"],
    ["XACCT_ROLE=a%7f"],
    ["AWS_REGION=%09"],
], ids=lambda bad: bad[0])
def test_one_bad_variable_and_none_is_exported_and_the_session_ended_again(host, bad):
    reply = [line for line in PERMITTED if not line.startswith("XACCT_ROLE=")]
    host.orders("reply", [*reply, *bad])
    result = host.run("open", "env", "close")
    assert result.codes() == [PAM_SESSION_ERR, ALL_IGNORED]
    assert list(result.env) == ["XACCT_ERROR"]
    assert bad[0].split("=")[0] in result.lines()[-1]
    assert host.operations() == ["open", "close"]
    assert host.requests()[1]["request_session"] == [SESSION]


@pytest.mark.parametrize("part", [CREDENTIALS[:1], CREDENTIALS[:2], CREDENTIALS[1:],
                                  [CREDENTIALS[0], CREDENTIALS[2]]])
def test_a_part_of_a_credential_is_none(host, part):
    host.orders("reply", ["status=permitted", f"session={SESSION}", *part])
    result = host.run("open", "env")
    assert result.codes() == [PAM_SESSION_ERR] and list(result.env) == ["XACCT_ERROR"]


@pytest.mark.parametrize("variables", [
    {},
    # Delivered by process: an SDK asks for the credentials itself.
    {"AWS_SHARED_CREDENTIALS_FILE": "/usr/share/xacct/credentials", "AWS_REGION": "eu-west-1",
     "XACCT_ROLE": "audit"},
], ids=["without a role", "by process"])
def test_a_session_may_open_without_credentials(host, variables):
    variables = {**variables, "XACCT_SESSION": SESSION}
    host.orders("reply", ["status=permitted", f"session={SESSION}",
                          *(f"{name}={value}" for name, value in variables.items())])
    result = host.run("open", "env")
    assert result.codes() == [PAM_SUCCESS] and result.env == variables


def test_every_variable_arrives_byte_for_byte_and_others_are_left_alone(host):
    values = {
        "AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "a=b/c+", "AWS_SESSION_TOKEN": "t" * 4000,
        "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CREDENTIAL_EXPIRATION": "2026-01-02T03:04:05Z", "XACCT_ROLE": "a role",
        "XACCT_ROLE_ARN": "arn:aws:iam::111122223333:role/x", "XACCT_ACCOUNT": "client-a",
        "XACCT_SESSION": SESSION}
    host.orders("reply", ["status=permitted", f"session={SESSION}",
                          *(f"{name}={value}" for name, value in values.items())])
    result = host.run("putenv=LANG=C", "open", "env")
    assert result.env == {"LANG": "C", **values}


@pytest.mark.parametrize("reply", [["status=denied"], ["status=unavailable"],
                                   ["status=permitted", f"session={SESSION}"]])
def test_credentials_that_stood_there_before_are_gone_after_our_verdict(host, reply):
    host.orders("reply", reply)
    result = host.run("putenv=AWS_ACCESS_KEY_ID=old", "putenv=AWS_SESSION_TOKEN=old", "open", "env")
    assert "old" not in result.env.values()
    assert [text for _, _, text in result.logs if "pam_putenv" in text] == []


def test_an_error_is_gone_after_a_later_success(host):
    good = host.root / "good"
    good.write_text("\n".join(["behaviour=reply", *PERMITTED]) + "\n")
    host.orders("reply", ["status=unavailable"])
    result = host.run("open", f"copy={good}:{host.orders_file}", "open", "env")
    assert result.codes() == [PAM_SESSION_ERR, PAM_SUCCESS]
    assert "XACCT_ERROR" not in result.env and result.env["XACCT_ROLE"] == "audit"


def test_no_secret_is_logged_or_shown_at_any_level(host):
    values = [line.partition("=")[2] for line in CREDENTIALS]
    result = host.run("check", "open", "close", options="debug")
    text = result.text
    host.orders("reply", [*PERMITTED, "LD_PRELOAD=x"])
    text += host.run("open", options="debug").text
    assert not any(value in text for value in values)
