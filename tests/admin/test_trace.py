"""xacct trace: the human, the login and the rule behind a CloudTrail event.

SPDX-License-Identifier: BSD-2-Clause
"""

import gzip
import json
import os
import re
import subprocess

import pytest

from rig import audit_lines, cloudtrail

from .conftest import BOTH, RAW
from .policies import AUDITED, NOBODY, write

AUDITOR = "arn:aws:iam::111122223333:role/bastion/Auditor"
ELSEWHERE = "arn:aws:iam::222222222222:role/Deploy"
EVENT_MEMBERS = ["event_id", "event_time", "event_name", "event_source", "account_id", "access_key_id", "source_ip",
                 "user_agent", "invoked_by", "human", "joined_by", "onward_of", "onward_steps", "reason", "logins"]
LOGIN_MEMBERS = ["human", "identity", "user", "key_id", "session", "service", "address", "opened", "host", "role",
                 "role_arn", "access_key_id", "request_id", "handed_out", "expiry", "purpose", "rule", "policy_hash"]


def handed_out(session="S1", human="alice", key="ASIA1", at="10:00", **members):
    """A line of the audit file, of credentials until eleven."""
    return {"event": "used", "time": f"2026-11-27T{at}:00.123Z", "version": 1, "operation": "assume",
            "purpose": "env", "session": session, "service": "sshd", "address": "192.0.2.1", "host": "bastion-1",
            "user": human, "human": human, "identity": "user", "role": "audit", "account": "client-a",
            "account_id": "111122223333", "role_arn": AUDITOR, "session_name": human, "source_identity": human,
            "access_key_id": key, "request_id": f"request-of-{key}", "expiry": "2026-11-27T11:00:00Z",
            "rule": "/etc/xacct/xacct.conf:14", "policy_hash": "0123abcd"} | members


def opened(session="S1", at="09:59", **members):
    line = handed_out(session, at=at) | {"event": "opened"}
    for name in ("access_key_id", "request_id", "expiry", "role", "role_arn"):
        del line[name]
    return line | members


STANDING = [opened(), handed_out()]


def of_alice(key="ASIA1", at="10:30", name="alice", role=AUDITOR, source_identity="alice", created="10:00", **members):
    who = cloudtrail.identity(role, name, key, source_identity, f"2026-11-27T{created}:00Z")
    who |= members.pop("who", {})
    return cloudtrail.event(who, f"2026-11-27T{at}:00Z", **members)


@pytest.fixture
def trace(run, folder):
    """Traces events with an audit file of these lines: (events, the whole, status)."""
    def ask(events, lines=STANDING, *words):
        write(folder, AUDITED)
        write(folder, audit_lines.text(lines), "audit.jsonl")
        write(folder, json.dumps({"Records": events}), "events.json")
        done = run("trace", "--config", "x.conf", "--json", *words, "events.json")
        assert done.stdout, done.stderr
        answer = json.loads(done.stdout)
        return answer["events"], answer, done.returncode
    return ask


def one(trace, event, lines=STANDING):
    """The one event's (human, joined_by, sessions, reason)."""
    (answer,), _, status = trace([event], lines)
    assert status == (0 if answer["human"] else 1)
    return (answer["human"], answer["joined_by"], [login["session"] for login in answer["logins"]],
            answer["reason"])


# By keys


def test_the_key_names_the_human_the_login_the_address_and_the_rule(trace):
    (event,), _, status = trace([of_alice()])
    assert status == 0
    assert (event["human"], event["joined_by"], event["access_key_id"]) == ("alice", "access-key", "ASIA1")
    assert event["source_ip"] == "203.0.113.77"
    (login,) = event["logins"]
    assert login == {
        "human": "alice", "identity": "user", "user": "alice", "key_id": None, "session": "S1", "service": "sshd",
        "address": "192.0.2.1", "opened": "2026-11-27T09:59:00.123Z", "host": "bastion-1", "role": "audit",
        "role_arn": AUDITOR, "access_key_id": "ASIA1", "request_id": "request-of-ASIA1",
        "handed_out": "2026-11-27T10:00:00Z", "expiry": "2026-11-27T11:00:00Z", "purpose": "env",
        "rule": "/etc/xacct/xacct.conf:14", "policy_hash": "0123abcd"}


def test_a_key_that_several_sessions_had_by_then_is_of_each_of_them(trace):
    lines = [*STANDING, handed_out("S2", at="10:10", cached=True), handed_out("S1", at="10:20", rule="x:1"),
             handed_out("S3", at="10:40", cached=True)]
    (event,), _, _ = trace([of_alice(at="10:30")], lines)
    assert [(login["session"], login["rule"]) for login in event["logins"]] == [
        ("S1", "x:1"), ("S2", "/etc/xacct/xacct.conf:14")]
    assert event["human"] == "alice"


def test_the_request_that_issued_the_key_is_of_whom_it_was_issued_for(trace):
    by_key = cloudtrail.assume_role(cloudtrail.USER, "2026-11-27T10:00:00Z", AUDITOR, "alice", "ASIA1")
    by_request = cloudtrail.event(cloudtrail.USER, "2026-11-27T10:00:00Z", "AssumeRole", "sts.amazonaws.com",
                                  requestID="request-of-ASIA1")
    for event in (by_key, by_request):
        assert one(trace, event) == ("alice", "issue", ["S1"], None)


def test_people_of_one_account_are_told_apart_by_their_certificates(trace):
    lines = [handed_out("S1", "ann@p.example", "ASIA1", user="shared", identity="certificate", key_id="ann@p.example"),
             handed_out("S2", "ben@p.example", "ASIA2", user="shared", identity="certificate", key_id="ben@p.example")]
    events, _, _ = trace([of_alice("ASIA2"), of_alice("ASIA1")], lines)
    assert [(event["human"], event["logins"][0]["user"], event["logins"][0]["key_id"]) for event in events] == [
        ("ben@p.example", "shared", "ben@p.example"), ("ann@p.example", "shared", "ann@p.example")]


# Onward


def test_a_chain_of_roles_is_followed_through_the_events_in_whatever_order(trace):
    first = of_alice()["userIdentity"]
    second = cloudtrail.identity(ELSEWHERE, "deploy", "ASIA8", "alice")
    third = cloudtrail.identity("arn:aws:iam::333333333333:role/Last", "x", "ASIA9", "alice")
    there = {"type": "AWSAccount", "principalId": "AROAEXAMPLE:alice", "accountId": "111122223333"}
    events = [
        cloudtrail.event(third, "2026-11-27T10:50:00Z"),
        cloudtrail.assume_role(second, "2026-11-27T10:40:00Z", "arn:aws:iam::333333333333:role/Last", "x", "ASIA9"),
        cloudtrail.assume_role(first, "2026-11-27T10:30:00Z", ELSEWHERE, "deploy", "ASIA8", sharedEventID="shared-1"),
        cloudtrail.assume_role(there, "2026-11-27T10:30:00Z", ELSEWHERE, "deploy", "ASIA8", sharedEventID="shared-1",
                               recipientAccountId="222222222222"),
    ]
    answers, _, status = trace(events)
    assert status == 0
    assert [(event["human"], event["joined_by"], event["onward_of"], event["onward_steps"]) for event in answers] == [
        ("alice", "onward", "ASIA1", 2), ("alice", "onward", "ASIA1", 1), ("alice", "access-key", None, 0),
        ("alice", "access-key", None, 0)]


def test_without_its_assume_role_a_chained_session_is_told_by_its_source_identity(trace, run):
    event = of_alice("ASIA8", role=ELSEWHERE, name="deploy")
    assert one(trace, event) == ("alice", "source-identity", ["S1"], None)
    assert "alice, by source identity: someone acting onward of them" in \
        run("trace", "--config", "x.conf", "events.json").stdout
    # Nobody had credentials of ours when that session was made.
    human, joined, sessions, reason = one(trace, of_alice("ASIA8", role=ELSEWHERE, name="d", created="12:00", at="12:01"))
    assert (human, joined, sessions) == (None, None, []) and reason


# By names


@pytest.mark.parametrize("members", [
    {"sessionCredentialFromConsole": "true"},
    {"who": {"invokedBy": "cloudformation.amazonaws.com"}},
    {"key": None},
])
def test_what_cannot_have_our_key_is_told_by_the_sessions_name_and_its_time(trace, run, members):
    event = of_alice(**{"key": "ASIACONSOLE"} | members)
    lines = [*STANDING, opened("S2"), handed_out("S2", key="ASIA2", at="10:10"),
             handed_out("S3", key="ASIA3", at="10:50"), handed_out("S4", key="ASIA4", expiry="2026-11-27T10:05:00Z"),
             handed_out("S5", "bob", "ASIA5"), handed_out("S6", key="ASIA6", role_arn=ELSEWHERE)]
    human, joined, sessions, _ = one(trace, event, lines)
    # A console outlives the keys that signed it in.
    outlived = ["S4"] if "sessionCredentialFromConsole" in members else []
    assert (human, joined, sessions) == ("alice", "session-name", ["S1", "S2", *outlived])
    assert "alice, by session name and time: may be several" in run("trace", "--config", "x.conf", "events.json").stdout


def test_by_a_name_it_is_the_last_hand_out_before_the_event(trace):
    lines = [handed_out(at="10:00", rule="x:1"), handed_out(at="10:20", rule="x:2"), handed_out(at="10:32", rule="x:3")]
    (event,), _, _ = trace([of_alice(None, at="10:30")], lines)
    assert [login["rule"] for login in event["logins"]] == ["x:2"]


def test_a_source_identity_of_the_base_does_not_hide_the_human(trace):
    lines = [handed_out(source_identity=None)]
    assert one(trace, of_alice(None, source_identity="bastion"), lines)[:2] == ("alice", "session-name")
    assert one(trace, of_alice(None, source_identity="mallory"))[0] is None


def test_one_name_of_two_people_names_neither(trace, run):
    lines = [handed_out("S1", "ann", session_name="team", source_identity=None),
             handed_out("S2", "ben", "ASIA2", session_name="team", source_identity=None)]
    human, joined, sessions, _ = one(trace, of_alice(key=None, name="team", source_identity=None), lines)
    assert (human, joined, sessions) == (None, "session-name", ["S1", "S2"])
    assert "one of several people" in run("trace", "--config", "x.conf", "events.json").stdout


def test_a_user_and_a_certificate_of_one_name_are_two_people(trace):
    lines = [handed_out("S1"), handed_out("S2", key="ASIA2", identity="certificate")]
    assert one(trace, of_alice(key=None), lines)[0] is None


# Nobody


def test_a_session_called_alike_whose_key_was_not_issued_here_names_nobody(trace, run):
    human, joined, sessions, reason = one(trace, of_alice("ASIAFORGED"))
    assert (human, joined, sessions) == (None, None, [])
    assert "its key ASIAFORGED was not issued by this host, although its session is called as one of alice" in reason
    done = run("trace", "--config", "x.conf", "events.json")
    assert done.returncode == 1 and "nobody is named: its key ASIAFORGED was not issued by this host" in done.stdout
    assert re.search(r"^looked through: 2 lines of 1 file, from 2026-11-27T09:59:00Z to 2026-11-27T10:00:00Z$",
                     done.stdout, re.MULTILINE)


@pytest.mark.parametrize("event, said", [
    (of_alice("ASIA7", name="zoe", source_identity="zoe"), "of another host, or not of pam_xacct"),
    (cloudtrail.event(cloudtrail.USER, "2026-11-27T10:30:00Z"), "of no session of a role"),
    (of_alice("ASIA7", at="09:00") | {"eventTime": "2026-01-01T00:00:00Z"}, "before the audit file begins"),
    (of_alice(None, at="15:00"), "none of these had credentials at that time"),
])
def test_what_names_nobody_is_told_why(trace, event, said):
    assert said in one(trace, event)[3]


def test_what_the_doctor_tried_is_said_to_be_its(trace):
    tried = handed_out(None, event="tried", request_id="request-of-doctor")
    event = cloudtrail.assume_role(cloudtrail.USER, "2026-11-27T10:30:00Z", AUDITOR, "xacct-doctor@bastion-1", "ASIA9",
                                   requestID="request-of-doctor")
    human, _, _, reason = one(trace, event, [*STANDING, tried])
    assert (human, reason) == (None, "xacct doctor tried the role, and nobody got the keys")


def test_the_exit_status_says_whether_all_are_named(trace):
    assert trace([of_alice()])[2] == 0
    assert trace([of_alice(), of_alice("ASIA7")])[2] == 1


# What is read


@pytest.mark.parametrize("form", [
    lambda event: json.dumps(event),
    lambda event: json.dumps([event]),
    lambda event: json.dumps({"Records": [event]}),
    lambda event: cloudtrail.looked_up([event]),
    lambda event: json.dumps({"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": event}),
])
def test_each_form_in_which_events_come(trace, run, folder, form):
    trace([of_alice()])
    text = form(of_alice())
    write(folder, text, "one")
    write(folder, gzip.compress(text.encode()), "one.gz")
    write(folder, text + "\n" + text, "two")
    for words, count in ((["one"], 1), (["one.gz"], 1), (["two"], 2), (["one", "one.gz", "two"], 4)):
        answer = json.loads(run("trace", "--config", "x.conf", "--json", *words).stdout)
        assert [event["human"] for event in answer["events"]] == count * ["alice"], words


def test_standard_input_is_read_where_no_file_is_named(trace, folder):
    trace([of_alice()])
    done = subprocess.run(["/usr/bin/xacct", "trace", "--config", "x.conf"], input=cloudtrail.looked_up([of_alice()]),
                          text=True, capture_output=True, cwd=folder, timeout=60, check=True)
    assert "human: alice, by access key ASIA1" in done.stdout


@pytest.mark.parametrize("text, said", [
    ("", "holds no event"), ("{}", "holds no CloudTrail event"), ("nonsense", "is no JSON"),
    ('{"Records": [{"a": 1}]}', "holds no CloudTrail event"), ('{"Records": []}', "holds no event"),
    ('{"Events": [{"CloudTrailEvent": "{"}]}', "holds no CloudTrail event"),
    (json.dumps(of_alice()) + "}", "is no JSON"), (gzip.compress(b"{" * 5000)[:-20], "it is cut off"),
])
def test_what_is_no_event_is_told_with_the_file(trace, run, folder, text, said):
    trace([of_alice()])
    write(folder, text, "bad")
    done = run("trace", "--config", "x.conf", "bad")
    assert (done.returncode, done.stdout) == (2, "")
    assert "bad" in done.stderr and said in done.stderr, done.stderr


def test_a_file_that_cannot_be_read_is_told(trace, run, folder):
    trace([of_alice()])
    assert run("trace", "--config", "x.conf", "none").stderr.startswith("xacct: trace: none cannot be read: No such file")
    (folder / "events.json").chmod(0o644)
    (folder / "x.conf").chmod(0o644)
    (folder / "audit.jsonl").chmod(0o600)
    done = run("trace", "--config", "x.conf", "events.json", **NOBODY)
    assert (done.returncode, done.stdout) == (2, "") and "audit.jsonl" in done.stderr


def test_rotated_predecessors_of_the_audit_file_are_looked_through(trace, run, folder):
    trace([of_alice()], [])
    write(folder, gzip.compress(audit_lines.text(STANDING).encode()), "audit.jsonl.2.gz")
    answer = json.loads(run("trace", "--config", "x.conf", "--json", "events.json").stdout)
    assert answer["events"][0]["human"] == "alice"
    assert (answer["files"], answer["lines"], answer["audit_from"]) == (2, 2, "2026-11-27T09:59:00Z")


def test_with_a_broken_policy_the_default_audit_file_is_looked_for(trace, run, folder):
    trace([of_alice()])
    write(folder, "[nonsense]\n")
    done = run("trace", "--config", "x.conf", "events.json")
    assert done.returncode == 2 and "/var/log/xacct/audit.jsonl" in done.stderr


# How it is told


def test_the_text_for_people(trace, run):
    trace([of_alice(eventID="e-1")])
    assert run("trace", "--config", "x.conf", "events.json").stdout.splitlines() == [
        "event e-1: GetObject of s3.amazonaws.com at 2026-11-27T10:30:00Z, account 111122223333",
        "  human: alice, by access key ASIA1",
        "  login: session S1 of alice, Unix user alice, by sshd from 192.0.2.1, opened 2026-11-27T09:59:00.123Z, on "
        "bastion-1",
        f"  role: audit, {AUDITOR}, handed out 2026-11-27T10:00:00Z for env",
        "  rule: /etc/xacct/xacct.conf:14, policy 0123abcd",
        "  call: from 203.0.113.77 with aws-cli/2.9.19"]


def test_the_answer_for_programs_has_these_members_and_no_others(trace):
    (event,), answer, _ = trace([of_alice()])
    assert list(answer) == ["audit_from", "audit_to", "files", "lines", "events"]
    assert list(event) == EVENT_MEMBERS
    assert list(event["logins"][0]) == LOGIN_MEMBERS


@BOTH
def test_what_a_caller_names_his_agent_is_told_and_harms_no_terminal(trace, run):
    name = "x\u009b2J\x1b[2J\x85\x7f\u202egnp.exe\u2066\u200f\u061c é漢"
    (event,), _, _ = trace([of_alice(userAgent=name)], STANDING)
    assert event["user_agent"] == name
    for words in ([], ["--json"]):
        done = run("trace", "--config", "x.conf", *words, "events.json")
        assert done.returncode == 0 and not RAW.search(done.stdout), words


@BOTH
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_regular_file_makes_nobody_wait(trace, run, folder, kind):
    trace([of_alice()])
    path = {"pipe": "pipe", "device": "/dev/zero", "folder": "."}[kind]
    os.mkfifo(folder / "pipe")
    done = run("trace", "--config", "x.conf", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"xacct: trace: {path} is no regular file: give a pipe as standard input\n"


@BOTH
def test_nothing_hostile_gets_through(run, folder):
    name = "\x1b[2J\u202e\x00\x9b\n"
    hostile = [of_alice(name, name=name, source_identity=name, eventID=name, userAgent=name, eventName=name),
               of_alice("ASIA1", eventID=name), {"eventName": 1}, {"eventName": "x", "userIdentity": [name]},
               {"eventName": "x", "userIdentity": {"arn": ":assumed-role/", "principalId": "AROA:"}},
               {"eventName": "x", "eventTime": "99999-99-99", "responseElements": "x", "userIdentity": None}]
    write(folder, AUDITED)
    lines = [handed_out(human=name, key="ASIA1", session=name, rule=name), {"event": "used", "session": 7}]
    write(folder, audit_lines.text(lines) + "\xff\x00{\n", "audit.jsonl")
    for i, event in enumerate(hostile):
        write(folder, json.dumps(event), "event")
        for words in ([], ["--json"]):
            done = run("trace", "--config", "x.conf", *words, "event")
            assert done.returncode in (0, 1, 2), (i, done)
            assert "Sanitizer" not in done.stderr, done.stderr
            assert re.fullmatch(r"[ -~\n]*", done.stderr)
            assert not RAW.search(done.stdout)
    write(folder, "[" * 100000, "deep")
    assert run("trace", "--config", "x.conf", "deep").returncode == 2
