"""What users can bring about as often as they like, and from as many uids as they have, is bounded:
lines in the audit file and in syslog, calls to AWS, connections.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import fnmatch
import os
import time

import pytest

from rig import accounts, frames, policy
from rig.federation import Federation
from rig.processes import wait_until

from .asking import ALICE, AUDIT, DEV, UIDS, ask, assume, line_of, refusal, write_policy

USES, REFUSALS, CALLS, STRANGERS = 600, 60, 120, 64
STRANGERS_COME, STRANGERS_COME_PER_SECOND = 4096, 512
SUBUIDS = range(100000, 100100)


class Rate:
    """How many more of something there may be by now, from the first on."""

    def __init__(self, most, per_second):
        self.most = most
        self.per_second = per_second
        self.start = time.monotonic()

    def holds(self, count):
        more = self.per_second * (time.monotonic() - self.start) + 1
        return self.most <= count <= self.most + more


@pytest.mark.parametrize("op, event", [("assume", "used"), ("default", "chosen")])
def test_lines_on_what_is_given_are_limited_and_others_are_not_touched(
        bastion, sts, service, opened, op, event):
    """600 in a row, and five more each second; what is over them is not given."""
    alice, bob = opened("alice").session, opened("bob").session
    rate = Rate(USES, 5)
    for _ in range(USES + 20):
        reply = ask("alice", op, alice, role=AUDIT)
        if reply["status"] != "permitted":
            break
    while reply["status"] == "permitted":
        reply = ask("alice", op, alice, role=AUDIT)
        assert rate.holds(sum(line["event"] == event for line in bastion.audit()))
    assert reply["status"] == "unavailable" and "too often" in reply["message"]
    assert not [key for key in reply if key.startswith("AWS_")]
    lines = bastion.audit()
    assert rate.holds(sum(line["event"] == event for line in lines))
    assert reply["reference"] not in [line.get("reference") for line in lines]
    # What has no line is answered still, and so are logins and others.
    assert ask("alice", "list", alice)["status"] == "permitted"
    assert opened("alice").reply["status"] == "permitted"
    assert assume("bob", bob, DEV)


def as_uid(uid, **fields):
    """The reply to a request of a uid that nobody knows."""
    with frames.connect_as(uid) as connection:
        connection.sendall(frames.request_bytes(fields))
        return frames.receive(connection)


def test_uids_without_a_session_share_their_connections(bastion, service, opened):
    """As newuidmap(1) gives them away, 65,536 to a user."""
    alice = opened("alice")
    with contextlib.ExitStack() as stack:
        served = []
        for uid in SUBUIDS:
            with contextlib.suppress(ConnectionResetError):
                served.append(stack.enter_context(frames.connect_as(uid)))
        assert len(served) == STRANGERS
        assert assume("alice", alice.session)
        assert opened("bob").reply["status"] == "permitted"
        # One of them who logs in is one of them no more.
        assert ask("bob", "list")["status"] == "permitted"
        # One that ends makes room for one.
        served[0].close()
        end = time.monotonic() + 5
        while True:
            with contextlib.suppress(ConnectionResetError):
                assert as_uid(SUBUIDS[-1], op="list")["status"] == "denied"
                break
            assert time.monotonic() < end


def test_no_uid_shares_with_another_how_often_it_may_come(bastion, service, opened):
    """Nor with one that is a round number away, as among the many uids of a user there is one."""
    bob = opened("bob")
    other = UIDS["bob"] + 2 ** 26
    for _ in range(10):
        while frames.is_greeted(other):
            pass
        assert assume("bob", bob.session, DEV)


def test_uids_without_a_session_share_how_often_they_may_come(bastion, service, opened, forge):
    alice = opened("alice")
    record = bastion.records()[f"{alice.session}.json"]
    rate = Rate(STRANGERS_COME, STRANGERS_COME_PER_SECOND)
    came = 0
    while frames.is_greeted(SUBUIDS[0] + came):
        came += 1
        assert came < STRANGERS_COME or rate.holds(came)
    assert rate.holds(came)
    # Who logs in without the service meanwhile is soon none of them.
    del record["session"]
    forge("0" * 32, **record | {"uid": UIDS["bob"], "user": "bob", "human": "bob"})
    wait_until(lambda: frames.is_greeted(UIDS["bob"]), 5, "that the service knows bob")
    for uid in SUBUIDS:
        while frames.is_greeted(uid):
            pass
        assert frames.is_greeted(UIDS["bob"])
    assert assume("alice", alice.session)
    assert opened("bob").reply["status"] == "permitted"


def test_refusals_of_uids_without_a_session_share_their_lines(bastion, service, opened):
    alice = opened("alice")
    rate = Rate(REFUSALS, 1)
    for uid in SUBUIDS:
        assert as_uid(uid, op="list")["status"] == "denied"
    assert rate.holds(sum(line.get("uid") in SUBUIDS for line in bastion.audit()))
    assert line_of(bastion, refusal("alice", "assume", alice.session, role="client-z"))


@pytest.mark.parametrize("user", ["eve", "bob"])
def test_refusals_that_were_not_written_are_counted_in_the_next_line(
        bastion, service, opened, user):
    """eve has no session, bob has one."""
    session = opened("bob").session if user == "bob" else None
    for _ in range(100):
        last = refusal(user, "assume", session, role="client-z")
    written = {line.get("reference") for line in bastion.audit()}
    assert last["reference"] not in written

    def is_written():
        newest = refusal(user, "assume", session, role="client-z")["reference"]
        return newest in {line.get("reference") for line in bastion.audit()}

    # No faster than a uid may connect.
    wait_until(is_written, 10, "a refusal that is written again")
    refused = [line for line in bastion.audit() if line["event"] == "refused"]
    told = [line for line in refused if "were not written" in line["reason"]]
    assert len(told) >= 1 and "status" not in told[0]
    assert told[0].get("uid") == (UIDS["bob"] if user == "bob" else None)
    count = sum(int(line["reason"].split()[0]) for line in told)
    assert count >= 20 and refused.index(told[-1]) == len(refused) - 2
    assert str(UIDS["bob"]) in told[0]["reason"] or "no session" in told[0]["reason"]


def test_sign_ins_are_calls_too(bastion, sts, service, opened):
    with Federation() as federation:
        write_policy(sts, ALICE, f"console_endpoint = {federation.url}")
        alice = opened("alice").session
        rate = Rate(CALLS, 2)
        while (reply := ask("alice", "console", alice, role=AUDIT))["status"] == "permitted":
            assert len(federation.tokens) < 2 * CALLS
        assert rate.holds(len(federation.tokens) + len(sts.calls))
    assert reply["status"] == "unavailable" and "too often" in reply["message"]
    assert "url" not in reply
    assert line_of(bastion, reply)["status"] == "unavailable"
    assert assume("alice", alice)


@pytest.fixture
def directory(host):
    with accounts.Directory([("operators", 6001, ["bob"])]) as running:
        yield running


def damage_the_choice(_, session):
    ask("alice", "default", session, role=DEV)
    (name,) = fnmatch.filter(os.listdir(policy.STATE), "choice-*")
    with open(f"{policy.STATE}/{name}", "w", encoding="utf-8") as text:
        text.write("damaged")


def deny_a_group_that_is_not_there(sts, _):
    write_policy(sts, ALICE + "[deny leavers]\ngroups = laevers\n")


@pytest.mark.parametrize("bring_about, words", [
    (deny_a_group_that_is_not_there, "names the group laevers"),
    (damage_the_choice, "choice .* counts as none"),
])
def test_a_warning_is_not_said_at_each_request(
        bastion, sts, directory, service, opened, bring_about, words):
    session = opened("alice").session
    bring_about(sts, session)
    for _ in range(20):
        assert ask("alice", "list", session)["status"] == "permitted"
    assert len(bastion.syslog.wait_for(f".*{words}")) == 1


@pytest.fixture
def hanging(host):
    with accounts.Directory([], [("carol", 3003, None)]) as running:
        yield running


def test_who_has_no_patience_cannot_have_look_up_processes_killed_as_fast_as_they_ask(
        sts, hanging, service, opened):
    write_policy(sts, ALICE.replace("alice", "carol"))
    session = opened("carol").session
    assert ask(3003, "list", session)["status"] == "permitted"
    hanging.hang()
    start = time.monotonic()
    assert refusal(3003, "list", session, deadline_ms="1")["status"] == "unavailable"
    assert time.monotonic() - start > 0.9


def test_a_broken_policy_is_mended_at_once_by_any_file_of_it(bastion, sts, service, opened):
    session = opened("alice").session
    path = f"{policy.FOLDER}/policies/reports.json"
    hashes = set()
    for number in range(5):
        policy.place(path, "{")
        assert assume("alice", session)
        policy.place(path, policy.READ_ONLY + "\n" * number)
        assert assume("alice", session)
        hashes.add([line for line in bastion.audit() if line["event"] == "used"][-1]["policy_hash"])
    assert len(hashes) == 5
