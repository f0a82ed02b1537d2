"""From a CloudTrail event back to the login: real logins and real hand-outs, events with their keys and requests.

SPDX-License-Identifier: BSD-2-Clause
"""

import json

import pytest

from rig import cloudtrail, commands, policy
from rig.bastion import DEV_ARN, ROLE_ARN
from rig.policy import instant

from .asking import ALICE, AUDIT, DEV, assume, behind_sudo, write_policy

BOB = f"[grant bob]\nusers = bob\nroles = {DEV}\n"


def ways(*words):
    """What `xacct who` says."""
    return commands.told("who", *words)[0]["ways"]


def traced(*events):
    return commands.told("trace", text=json.dumps({"Records": events}))[0]["events"]


def call(role_arn, name, key, **members):
    """An event that is signed with the key, now."""
    return cloudtrail.event(cloudtrail.identity(role_arn, name, key), instant(0), **members)


@pytest.fixture
def two(sts, service, login):
    """alice and bob have logged in by ssh."""
    write_policy(sts, ALICE + BOB)
    return login("alice"), login("bob")


def test_the_key_of_a_call_leads_to_the_ssh_login_that_had_it(bastion, two):
    alice, bob = two
    calls = [call(DEV_ARN, "bob", bob.environment["AWS_ACCESS_KEY_ID"]),
             call(ROLE_ARN, "alice", alice.environment["AWS_ACCESS_KEY_ID"])]
    events = traced(*calls)
    assert [event["human"] for event in events] == ["bob", "alice"]
    for event, shell in zip(events, (bob, alice)):
        (login,) = event["logins"]
        (opened,) = [one for one in bastion.audit() if one["event"] == "opened" and one["session"] == shell.session]
        assert (login["session"], login["address"], login["service"]) == (shell.session, "127.0.0.1", "sshd")
        assert (login["opened"], login["rule"], login["policy_hash"]) == (
            opened["time"], opened["rule"], opened["policy_hash"])
        assert login["rule"].startswith(f"{policy.FILE}:")


def test_the_request_to_sts_leads_to_whom_it_was_for(sts, two):
    events = traced(*(cloudtrail.event(cloudtrail.USER, instant(0), "AssumeRole", "sts.amazonaws.com",
                                       requestID=asked.request_id) for asked in sts.calls))
    assert [(event["human"], event["joined_by"]) for event in events] == [("alice", "issue"), ("bob", "issue")]


def test_what_was_handed_out_in_a_session_is_of_its_login(two):
    alice, _ = two
    reply = assume("alice", alice.session, DEV, purpose="exec")
    (event,) = traced(call(DEV_ARN, "alice", reply["AWS_ACCESS_KEY_ID"]))
    (login,) = event["logins"]
    assert (event["human"], login["session"], login["purpose"], login["role"]) == ("alice", alice.session, "exec", DEV)


def test_a_session_that_sts_did_not_issue_for_us_names_nobody(two):
    (event,) = traced(call(ROLE_ARN, "alice", "ASIAFROMELSEWHERE"))
    assert event["human"] is None and "was not issued by this host" in event["reason"]


def test_the_account_behind_sudo_is_traced_to_who_logged_in(sts, service, opened):
    write_policy(sts, f"[grant eve]\nusers = bob\nservices = sudo\nroles = {AUDIT}\n")
    session = opened("eve", **behind_sudo("bob"))
    (event,) = traced(call(ROLE_ARN, "bob", session.reply["AWS_ACCESS_KEY_ID"]))
    (login,) = event["logins"]
    assert (event["human"], login["user"], login["service"]) == ("bob", "eve", "sudo")


def test_who_says_when_a_role_was_last_used_here(bastion, sts, two):
    alice, _ = two
    used = {(way["name"], way["role"]): way["last_used"] for way in ways()}
    assert set(used) == {("alice", AUDIT), ("alice", DEV), ("bob", DEV)}
    assert used["alice", AUDIT] and used["bob", DEV] and used["alice", DEV] is None
    assume("alice", alice.session, DEV)
    line = bastion.audit()[-1]
    assert [way["last_used"] for way in ways(DEV)][0] == line["time"][:19] + "Z"
    assert [way["name"] for way in ways("--unused-for", "1h")] == []
