"""Credentials that are live are handed out again, to whom and for what they were issued, and each
time with a line of their own in the audit file.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os

import pytest

from rig import policy, sts_standin
from rig.fixtures import BASE_ARN, BASE_SECRET

from .asking import ALICE, AUDIT, DEV, ROLES, ask, assume, line_of, refusal

KEYS = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"


def keys_of(reply):
    return [reply[name] for name in KEYS]


def test_a_second_login_makes_no_call_and_its_line_says_so(bastion, sts, service, login):
    first, second = login("alice"), login("alice")
    (issued,) = sts.issued
    assert len(sts.calls) == 1
    assert [shell.environment["AWS_ACCESS_KEY_ID"] for shell in (first, second)] == [
        issued.access_key
    ] * 2
    assert keys_of(second.environment) == [issued.access_key, issued.secret, issued.token]
    assert first.session != second.session
    lines = bastion.audit()
    assert [line["event"] for line in lines] == ["opened", "opened"]
    assert [line["session"] for line in lines] == [first.session, second.session]
    assert [line.get("cached") for line in lines] == [None, True]
    for name in ("access_key_id", "request_id", "expiry", "session_name", "role_arn"):
        assert lines[0][name] == lines[1][name]


@pytest.mark.parametrize("purpose, event", [
    ("switch", "switched"),
    ("renew", "refreshed"),
    ("exec", "used"),
    ("env", "used"),
    ("process", "used"),
])
def test_each_hand_out_has_a_line_that_says_what_for(bastion, service, opened, purpose, event):
    session = opened("alice").session
    reply = assume("alice", session, purpose=purpose)
    line = line_of(bastion, reply)
    assert (line["event"], line["purpose"], line["cached"]) == (event, purpose, True)
    assert line["access_key_id"] == reply["AWS_ACCESS_KEY_ID"]


def test_by_process_no_key_stands_in_an_environment_and_none_is_issued_until_asked_for(
        sts, service, opened):
    policy.write(policy.heading(sts.url) + ROLES.replace(
        "duration        = 30m", "deliver = process\nduration = 30m") + ALICE)
    login = opened("alice")
    switched = ask("alice", "assume", login.session, role=AUDIT, purpose="switch")
    for reply in (login.reply, switched):
        assert reply["status"] == "permitted" and reply["XACCT_ROLE"] == AUDIT
        assert not [name for name in KEYS if name in reply]
        assert reply["AWS_SHARED_CREDENTIALS_FILE"].endswith("/xacct/credentials")
    assert not sts.calls
    assert assume("alice", login.session, purpose="process")["AWS_ACCESS_KEY_ID"]
    assert len(sts.calls) == 1


def test_fresh_goes_past_what_is_in_memory(bastion, sts, service, opened):
    session = opened("alice").session
    old, fresh = assume("alice", session), assume("alice", session, fresh="1")
    assert old["AWS_ACCESS_KEY_ID"] != fresh["AWS_ACCESS_KEY_ID"]
    assert len(sts.calls) == 2
    assert "cached" not in line_of(bastion, fresh)
    assert keys_of(assume("alice", session)) == keys_of(fresh)


def test_those_that_end_too_soon_for_the_request_are_not_handed_out(sts, service, opened):
    session = opened("alice").session
    sts.issue_seconds = 1200
    first = assume("alice", session, fresh="1")
    assert keys_of(assume("alice", session, min_life="1000")) == keys_of(first)
    sts.issue_seconds = None
    longer = assume("alice", session, min_life="1300")
    assert keys_of(longer) != keys_of(first)
    calls = len(sts.calls)
    # The role's credentials live for thirty minutes.
    reply = refusal("alice", "assume", session, role=AUDIT, min_life="1801")
    assert reply["status"] == "denied" and "30 minutes" in reply["message"]
    assert len(sts.calls) == calls
    # How long they live is the policy's word, whatever a request asks for.
    assert [call.parameters["DurationSeconds"] for call in sts.calls] == [1800] * calls


@pytest.mark.parametrize(
    "min_life, calls",
    [("", 2), ("min_life = 20m\n", 2), ("min_life = 5m\n", 0)],
    ids=["half of the duration", "more than is left", "less than is left"],
)
def test_those_that_end_too_soon_for_the_role_are_not_handed_out(
        sts, service, opened, min_life, calls):
    """Thirty minutes are asked for, and those in memory have ten."""
    edit("[role client-a-audit]\n", "[role client-a-audit]\n" + min_life)
    sts.issue_seconds = 600
    session = opened("alice").session
    sts.calls = []
    assume("alice", session)
    assume("alice", session)
    assert len(sts.calls) == calls


def edit(old, new):
    with open(policy.FILE, encoding="utf-8") as text:
        before = text.read()
    assert old in before
    policy.write(before.replace(old, new))


def another_external_id(sts):
    for role in sts.roles.values():
        role.external_id = "7Zr-43"
    edit("external_id = 7Zr-42", "external_id = 7Zr-43")


def another_session_policy(_):
    policy.place(f"{policy.FOLDER}/policies/reports.json", policy.READ_ONLY)


def another_base_key(sts):
    sts.principals["AKIABASTIONBASE00002"] = sts_standin.Principal(BASE_ARN, BASE_SECRET)
    policy.write_base("AKIABASTIONBASE00002", BASE_SECRET)


SHAPES = {
    "session name": lambda _: edit("[role client-a-audit]\n",
                                   "[role client-a-audit]\nsession_name = x-%{human}\n"),
    "source identity": lambda _: edit("[role client-a-audit]\n",
                                      "[role client-a-audit]\nsource_identity = no\n"),
    "external id": another_external_id,
    "tag": lambda _: edit("project=phoenix", "project=griffin"),
    "transitive tag": lambda _: edit("= client project", "= client"),
    "duration": lambda _: edit("duration        = 30m", "duration        = 31m"),
    "managed policy": lambda _: edit("policy/ReadOnlyAccess", "policy/AdministratorAccess"),
    "session policy": another_session_policy,
    "base key": another_base_key,
}


@pytest.mark.parametrize("change", SHAPES.values(), ids=SHAPES)
def test_what_would_shape_them_otherwise_makes_another_call(sts, service, opened, change):
    session = opened("alice").session
    first = assume("alice", session)
    assert len(sts.calls) == 1
    change(sts)
    assert keys_of(assume("alice", session)) != keys_of(first)
    assert len(sts.calls) == 2 and sts.calls[-1].answer == "success"
    assume("alice", session)
    assert len(sts.calls) == 2


def test_what_does_not_shape_them_makes_none(sts, service, opened):
    session = opened("alice").session
    first = assume("alice", session)
    edit("region          = eu-central-1", "region          = eu-north-1")
    edit("[grant consultants]", "[grant others]")
    reply = assume("alice", session)
    assert keys_of(reply) == keys_of(first) and reply["AWS_REGION"] == "eu-north-1"
    assert len(sts.calls) == 1


def test_another_role_or_uid_gets_others(sts, service, opened, forge):
    """Even where STS is told the same, as of two accounts of one human."""
    alice, bob = opened("alice").session, opened("bob").session
    service.stop()
    forge(bob, human="alice")
    service.start()
    sts.calls = []
    replies = [assume("alice", alice), assume("alice", alice, DEV), assume("bob", bob, DEV)]
    assert sts.calls[1].parameters == sts.calls[2].parameters
    assert len(sts.calls) == len({reply["AWS_ACCESS_KEY_ID"] for reply in replies}) == 3


def test_a_failed_call_leaves_nothing_in_memory(bastion, sts, service, opened):
    sts.behaviour = {None: "expired-token"}
    session = opened("alice")
    assert session.reply["status"] == "misconfigured"
    sts.behaviour = {}
    assert opened("alice").reply["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key
    assert len(sts.calls) == 2


@pytest.fixture
def no_audit():
    """The audit file cannot be written."""
    folder = os.path.dirname(policy.AUDIT)
    own = policy.xacct()

    @contextlib.contextmanager
    def unwritable():
        with open(policy.AUDIT, encoding="utf-8") as text:
            before = text.read()
        os.unlink(policy.AUDIT)
        os.chown(folder, 0, 0)
        yield
        os.chown(folder, own.pw_uid, own.pw_gid)
        assert not os.path.exists(policy.AUDIT) and before

    yield unwritable
    os.chown(folder, own.pw_uid, own.pw_gid)


@pytest.mark.parametrize("fields", [{}, {"fresh": "1"}], ids=["in memory", "from STS"])
def test_no_credentials_leave_before_their_audit_line(bastion, service, opened, no_audit, fields):
    session = opened("alice").session
    with no_audit():
        reply = refusal("alice", "assume", session, role=AUDIT, **fields)
        assert reply["status"] == "unavailable" and policy.AUDIT not in reply["message"]
        bastion.syslog.wait_for(f".*{policy.AUDIT} cannot be written")
    assume("alice", session)


def test_no_session_opens_before_its_audit_line(bastion, service, opened, no_audit):
    opened("alice")
    before = bastion.records()
    with no_audit():
        reply = opened("alice").reply
    assert reply["status"] == "unavailable" and policy.AUDIT in reply["reason"]
    assert not [key for key in reply if key.startswith(("AWS_", "XACCT_", "session"))]
    assert bastion.records() == before
    assert opened("alice").reply["status"] == "permitted"


def test_credentials_are_gone_with_the_service(sts, service, opened):
    session = opened("alice").session
    assume("alice", session)
    service.restart()
    assume("alice", session)
    assert len(sts.calls) == 2
