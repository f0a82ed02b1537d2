"""Each request is decided on as the policy, the clock and the directory are at that moment,
whatever credentials are in memory.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import os
import shutil

import pytest

from rig import accounts, frames, policy
from rig.bastion import DEV_ARN, ROLE_ARN
from rig.policy import hours, instant
from rig.processes import wait_until

from .asking import (
    ALICE, AUDIT, DEV, ROLES, UIDS, ask, assume, line_of, refusal, roles_of, write_policy
)

UTC = datetime.timezone.utc
SHORTEST = 900  # seconds: what AWS issues at least


@pytest.fixture
def held(service, opened):
    """A session of alice, with credentials for her role in memory."""
    session = opened("alice").session
    assert assume("alice", session)["AWS_ACCESS_KEY_ID"]
    return session


def without_alice(sts):
    write_policy(sts, ALICE.replace("alice\n", "bob\n"))


def without_the_role(sts):
    write_policy(sts, """
[grant alice]
users = alice
roles = client-a-dev
""")


def without_the_role_in_the_policy(sts):
    roles = ROLES.replace("[role client-a-audit]", "[role another]")
    policy.write(policy.heading(sts.url) + roles + ALICE.replace("client-a-audit ", "")
                 .replace("default = client-a-audit", ""))


def with_a_deny(sts):
    write_policy(sts, ALICE + "\n[deny leavers]\nusers = alice\n")


def with_a_deny_of_the_account(sts):
    write_policy(sts, ALICE + "\n[deny leavers]\nusers = alice\naccounts = client-a\n")


def outside_hours(sts):
    write_policy(sts, ALICE + hours(120, 180)[0])


def after_until(sts):
    write_policy(sts, ALICE + f"until = {instant(-1)}\n")


def before_since(sts):
    write_policy(sts, ALICE + f"since = {instant(60)}\n")


def for_another_service(sts):
    write_policy(sts, ALICE + "services = su\n")


@pytest.mark.parametrize("taken_away", [
    without_alice, without_the_role, without_the_role_in_the_policy, with_a_deny,
    with_a_deny_of_the_account, outside_hours, after_until, before_since, for_another_service,
])
def test_what_the_policy_takes_away_is_given_no_more_from_that_moment(
        bastion, sts, held, taken_away):
    calls = len(sts.calls)
    taken_away(sts)
    for fields in ({}, {"fresh": "1"}, {"purpose": "process"}):
        reply = refusal("alice", "assume", held, role=AUDIT, **fields)
        assert reply["status"] in ("denied", "no-grant", "expired")
        line = line_of(bastion, reply)
        assert (line["event"], line["human"]) == ("refused", "alice")
        assert "access_key_id" not in line
    refusal("alice", "console", held, role=AUDIT)
    assert len(sts.calls) == calls
    # And comes back with the policy, without another login.
    write_policy(sts)
    assert assume("alice", held)["session"] == held


def test_the_audit_line_names_the_rule_that_took_it_away(bastion, sts, held):
    with_a_deny(sts)
    line = line_of(bastion, refusal("alice", "assume", held, role=AUDIT))
    with open(policy.FILE, encoding="utf-8") as text:
        expected = text.read().splitlines().index("[deny leavers]") + 1
    assert line["rule"] == f"{policy.FILE}:{expected}"
    assert "[deny leavers]" in line["reason"]


@pytest.mark.parametrize("late", [0, 1.1])
def test_credentials_live_no_longer_than_until(bastion, sts, service, opened, late):
    # AWS counts from when it signs, which may be as late as the request may take.
    sts.signs_after = late
    ends = instant(1200)
    write_policy(sts, ALICE + f"until = {ends}\n")
    session = opened("alice")
    reply = assume("alice", session.session)
    assert 1190 - frames.MAY_TAKE <= sts.calls[-1].parameters["DurationSeconds"] <= 1200
    assert reply["AWS_CREDENTIAL_EXPIRATION"] <= ends
    assert line_of(bastion, reply)["expiry"] == reply["AWS_CREDENTIAL_EXPIRATION"]


def test_within_fifteen_minutes_of_until_nothing_is_issued(bastion, sts, service, opened):
    session = opened("alice").session
    # It was issued a moment ago for two seconds more than AWS issues at least.
    write_policy(sts, ALICE + f"until = {instant(SHORTEST + 2)}\n")
    assume("alice", session)
    assert SHORTEST <= sts.calls[-1].parameters["DurationSeconds"] <= SHORTEST + 2
    wait_until(
        lambda: ask("alice", "assume", session, role=AUDIT)["status"] == "denied", 6, "the end"
    )
    calls = len(sts.calls)
    reply = refusal("alice", "assume", session, role=AUDIT)
    assert "14 minutes" in reply["message"] and AUDIT in reply["message"]
    assert str(SHORTEST) in line_of(bastion, reply)["reason"]
    # What has been issued is listed as long as the grant holds.
    assert AUDIT in roles_of("alice", session)
    assert len(sts.calls) == calls


def test_a_grant_that_ends_is_gone_from_that_second_on(bastion, sts, service, opened):
    session = opened("alice").session
    write_policy(sts, ALICE + f"until = {instant(2)}\n")
    assert AUDIT in roles_of("alice", session)
    reply = wait_until(
        lambda: (answer := ask("alice", "list", session))["status"] == "expired" and answer, 5, "end"
    )
    assert line_of(bastion, reply)["reason"].count("until = ")


def test_credentials_in_memory_that_would_outlive_a_new_until_stay_there(
        bastion, sts, service, opened):
    session = opened("alice").session
    longer = assume("alice", session)
    write_policy(sts, ALICE + f"until = {instant(1200)}\n")
    shorter = assume("alice", session)
    assert shorter["AWS_ACCESS_KEY_ID"] != longer["AWS_ACCESS_KEY_ID"]
    assert shorter["AWS_CREDENTIAL_EXPIRATION"] <= instant(1200)
    # And those serve again as they are.
    assert assume("alice", session)["AWS_ACCESS_KEY_ID"] == shorter["AWS_ACCESS_KEY_ID"]


def test_credentials_live_no_longer_than_the_hours(sts, service, opened):
    span, ends = hours(-60, 25)
    write_policy(sts, ALICE + span)
    session = opened("alice").session
    reply = assume("alice", session)
    assert reply["AWS_CREDENTIAL_EXPIRATION"] <= ends.strftime("%Y-%m-%dT%H:%M:%SZ")
    left = (ends - datetime.datetime.now(UTC)).total_seconds()
    least = left - frames.MAY_TAKE - 1
    assert least <= sts.calls[-1].parameters["DurationSeconds"] <= left + 5


def test_within_fifteen_minutes_of_the_hours_end_nothing_is_issued(sts, held):
    calls = len(sts.calls)
    write_policy(sts, ALICE + hours(-60, 14)[0])
    reply = refusal("alice", "assume", held, role=AUDIT)
    assert "minutes" in reply["message"]
    assert AUDIT in roles_of("alice", held)
    assert len(sts.calls) == calls


@pytest.fixture
def directory(host):
    groups = [("operators", 6001, ["alice"]), ("leavers", 6002, ["mallory"])]
    with accounts.Directory(groups) as running:
        yield running


def test_who_leaves_a_group_loses_its_role(bastion, sts, directory, service, opened):
    write_policy(sts, """
[grant operators]
groups  = operators
roles   = client-a-audit
default = client-a-audit
""")
    session = opened("alice").session
    assume("alice", session)
    directory.know_nobody()
    assert refusal("alice", "assume", session, role=AUDIT)["status"] == "no-grant"
    directory.be_unavailable()
    assert refusal("alice", "assume", session, role=AUDIT)["status"] == "unavailable"
    directory.answer()
    assume("alice", session)


@pytest.mark.parametrize("user", ["the old", "the new"])
def test_a_user_who_was_removed_and_made_anew_has_no_session(bastion, sts, service, opened, user):
    session = opened("alice").session
    calls = len(sts.calls)
    assume("alice", session)
    accounts.change_uid("alice", 3001)
    try:
        uid = {"the old": UIDS["alice"], "the new": 3001}[user]
        reply = refusal(uid, "assume", session, role=AUDIT)
        assert reply["status"] == "denied"
        assert line_of(bastion, reply)["uid"] == uid
        assert refusal(uid, "list")["status"] == "denied"
    finally:
        accounts.change_uid("alice", UIDS["alice"])
    assert len(sts.calls) == calls
    assume("alice", session)


def edit(old, new):
    with open(policy.FILE, encoding="utf-8") as text:
        policy.write(text.read().replace(old, new))


def test_the_next_request_comes_under_a_changed_policy(bastion, sts, service, opened):
    session = opened("alice").session
    before = line_of(bastion, assume("alice", session))
    # Of the same size, in place, at once: nothing but the time of the change tells.
    edit("client=a cost-centre=4711", "client=a cost-centre=4712")
    after = line_of(bastion, assume("alice", session))
    assert (before["tags"]["cost-centre"], after["tags"]["cost-centre"]) == ("4711", "4712")
    assert before["policy_hash"] != after["policy_hash"]
    assert after["access_key_id"] != before["access_key_id"]
    bastion.syslog.wait_for(rf".*{policy.FILE} has changed.*{after['policy_hash']}")
    policy.place(f"{policy.FOLDER}/policies/reports.json", policy.READ_ONLY)
    assume("alice", session)
    assert "ListBucket" in sts.calls[-1].parameters["Policy"]


def test_under_a_broken_policy_the_last_good_one_stays_in_force(bastion, sts, service, opened):
    alice = opened("alice")
    write_policy(sts, ALICE + "usrs = alice\n")
    with open(policy.FILE, encoding="utf-8") as text:
        line = len(text.read().splitlines())
    assert assume("alice", alice.session)["session"] == alice.session
    assert opened("alice").reply["status"] == "permitted"
    bastion.syslog.wait_for(f".*has been broken since .*{policy.FILE}:{line}: ")
    broken = bastion.audit(of_policy=True)[-1]
    assert f"{policy.FILE}:{line}: " in broken["reason"] and "usrs" in broken["reason"]
    assert broken["policy_hash"] == line_of(bastion, alice.reply)["policy_hash"]
    write_policy(sts)
    assert assume("alice", alice.session)["session"] == alice.session
    assert "again" in bastion.audit(of_policy=True)[-1]["reason"]


def test_a_session_can_end_while_the_policy_is_broken(bastion, sts, service, opened):
    session = opened("alice")
    policy.write("this is no policy\n")
    assert session.close()["status"] == "permitted"
    assert not bastion.records()
    assert bastion.audit()[-1]["event"] == "ended"
    write_policy(sts)
    assert refusal("alice", "list", session.session)["status"] == "denied"


@pytest.fixture
def moved():
    """Another place for the audit file, which the service could not know when it started."""
    folder = "/mnt/log2"
    own = policy.xacct()
    os.makedirs(folder)
    os.chown(folder, own.pw_uid, own.pw_gid)
    yield f"{folder}/audit.jsonl"
    shutil.rmtree(folder)


def test_a_policy_that_names_another_folder_ends_the_service_and_logins_go_the_other_way(
        bastion, service, moved, login):
    edit(policy.AUDIT, moved)
    shell = login("alice")
    assert shell.environment["XACCT_ROLE"] == AUDIT
    assert service.wait() == 0
    bastion.syslog.wait_for("the service ends: .*folders")
    assert [line["session"] for line in bastion.audit(moved)] == [shell.session]
    # Started anew it goes on with the same session.
    service.start()
    assert assume("alice", shell.session)["session"] == shell.session


@pytest.mark.parametrize("op", ["open", "check", "assume"])
def test_what_the_service_cannot_serve_any_more_it_leaves_without_a_reply(
        service, moved, opened, op):
    """Then the module goes the other way; a refusal would be final."""
    alice = opened("alice")
    edit(policy.AUDIT, moved)
    if op == "assume":
        assert frames.request_as(UIDS["alice"], {"op": op, "session": alice.session}) == []
    else:
        assert alice.request({"op": op, "user": "alice", "service": "sshd", "pid": alice.pid}) == []
    assert service.wait() == 0


def test_the_role_of_the_next_login_is_the_humans_choice(bastion, sts, service, opened):
    session = opened("alice").session
    assert ask("alice", "default", session, role=DEV)["role"] == DEV
    assert opened("alice").reply["XACCT_ROLE"] == DEV
    assert sts.calls[-1].parameters["RoleArn"] == DEV_ARN
    write_policy(sts, ALICE.replace(" client-a-dev", ""))
    assert opened("alice").reply["XACCT_ROLE"] == AUDIT, "the choice counts while it is permitted"


@pytest.fixture
def in_flight(sts):
    """Sends a request of a uid and waits until STS has its call, which takes half a second: the
    function that it returns waits for the reply."""
    connections = []

    def send(uid, fields):
        sts.behaviour = {None: "slow"}
        connection = frames.connect_as(uid)
        connections.append(connection)
        before = len(sts.calls)
        connection.sendall(frames.request_bytes(fields))
        sts.wait_for_calls(before + 1)
        return lambda: frames.receive(connection)

    yield send
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("taken_away", [without_alice, without_the_role, with_a_deny])
@pytest.mark.parametrize("op", ["open", "assume"])
def test_what_is_taken_away_while_sts_is_asked_is_not_given(
        bastion, sts, service, opened, in_flight, taken_away, op):
    alice = opened("alice")
    records = bastion.records()
    if op == "open":
        write_policy(sts, ALICE.replace("[grant alice]", "[grant auditors]"))
        sts.roles[ROLE_ARN].external_id = "7Zr-43"
        edit("7Zr-42", "7Zr-43")
        reply = in_flight(0, frames.open_request("alice", alice.pid))
    else:
        request = {"op": op, "session": alice.session, "role": AUDIT, "fresh": "1"}
        reply = in_flight(UIDS["alice"], request)
    taken_away(sts)
    reply = reply()
    if (op, taken_away) == ("open", without_the_role):
        # There is another role then.
        assert (reply["status"], reply["XACCT_ROLE"]) == ("permitted", DEV)
        assert reply["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key
        assert sts.calls[-1].parameters["RoleArn"] == DEV_ARN
        return
    assert not [key for key in reply if key.startswith("AWS_")]
    assert reply["status"] in ("denied", "no-grant")
    assert line_of(bastion, reply)["event"] == "refused"
    assert bastion.records() == records


@pytest.mark.parametrize("op", ["open", "assume"])
def test_a_policy_that_changes_elsewhere_while_sts_is_asked_costs_nobody_anything(
        bastion, sts, service, opened, in_flight, op):
    opened("alice")
    if op == "open":
        reply = in_flight(0, frames.open_request("bob", os.getpid()))
    else:
        request = {"op": op, "session": opened("bob").session, "role": DEV, "fresh": "1"}
        reply = in_flight(UIDS["bob"], request)
    edit("users   = alice mallory", "users   = alice")
    reply = reply()
    assert reply["status"] == "permitted" and reply["AWS_ACCESS_KEY_ID"]
    line = line_of(bastion, reply)
    assert line["policy_hash"] != bastion.audit()[0]["policy_hash"]


def test_a_policy_that_breaks_while_sts_is_asked_leaves_the_last_good_one_in_force(
        bastion, sts, service, opened, in_flight):
    session = opened("alice").session
    request = {"op": "assume", "session": session, "role": AUDIT, "fresh": "1"}
    reply = in_flight(UIDS["alice"], request)
    policy.write("this is no policy\n")
    assert reply()["status"] == "permitted"


def test_a_policy_that_names_another_folder_meanwhile_leaves_the_login_to_the_other_way(
        service, in_flight, moved, opened):
    reply = in_flight(0, frames.open_request("alice", os.getpid()))
    edit(policy.AUDIT, moved)
    assert reply() is None
    assert service.wait() == 0


def test_a_call_that_comes_after_another_was_waited_for_fits_what_is_left_then(
        bastion, sts, service):
    """The first has no time left before STS says anything; by then the second's role ends too
    soon."""
    write_policy(sts, ALICE + f"until = {instant(SHORTEST + 2)}\n")
    sts.behaviour = {None: "stall"}
    with frames.connect() as first, frames.connect() as second:
        first.sendall(frames.request_bytes(frames.open_request("alice", deadline_ms=3500)))
        sts.wait_for_calls(1)
        second.sendall(frames.request_bytes(frames.open_request("alice")))
        sts.behaviour = {}
        assert frames.receive(first)["status"] == "unavailable"
        reply = frames.receive(second)
    assert reply["status"] == "denied" and str(SHORTEST) in reply["reason"]
    assert len(sts.calls) == 1


@pytest.fixture
def names(host):
    with accounts.Directory([], [("zoe", 5002, "z.oe")]) as running:
        yield running


@pytest.mark.parametrize("restarted", [False, True])
def test_a_deny_of_the_name_that_was_typed_ends_what_it_opened(
        bastion, sts, names, service, opened, restarted):
    grant = ALICE.replace("users   = alice", "users   = zoe")
    write_policy(sts, grant)
    typed, plain = opened("z.oe").session, opened("zoe").session
    if restarted:
        service.restart()
    line = line_of(bastion, assume(5002, typed))
    assert (line["user"], line["typed"]) == ("zoe", "z.oe")
    write_policy(sts, grant + "\n[deny leavers]\nusers = z.oe\n")
    assert refusal(5002, "assume", typed, role=AUDIT)["status"] == "denied"
    assert assume(5002, plain)["session"] == plain
