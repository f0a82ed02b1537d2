"""Many requests at the same moment: they wait side by side, share what is equal, and stay within
limits that count the user they are about.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import socket
import threading
import time

import pytest

from rig import accounts, frames, policy
from rig.bastion import ROLE_ARN
from rig.frames import open_request
from rig.processes import wait_until

from .asking import ALICE, AUDIT, DEV, UIDS, ask, assume, write_policy
from .crowd import ask_at_once

USERS, LOGINS_EACH = 50, 4
HANGING_SECONDS = 2
CALLS_IN_A_ROW, CONNECTIONS, LOGINS_AT_ONCE = 120, 16, 32
CROWD = {f"user-{number}": 4000 + number for number in range(USERS)}


@pytest.fixture(scope="module")
def crowd(host):
    for name, uid in CROWD.items():
        accounts.add_user(name, uid)


def test_two_hundred_logins_of_fifty_users_share_fifty_calls_that_are_made_side_by_side(
        bastion, sts, crowd, service):
    write_policy(sts, ALICE + f"[grant crowd]\nroles = {DEV}\n"
                 + "".join(f"users = {name}\n" for name in CROWD))
    # The first call costs the stand-in a second of its own.
    ask_at_once([open_request("alice")])
    os.unlink(policy.AUDIT)
    before, sts.calls = set(bastion.records()), []
    sts.behaviour = {None: "after-300-ms"}
    callers = ask_at_once([open_request(user) for user in CROWD for _ in range(LOGINS_EACH)])
    assert [caller.reply["status"] for caller in callers] == ["permitted"] * len(callers)
    assert len(sts.calls) <= USERS
    slowest_call = max(call.left - call.came for call in sts.calls)
    slowest = max(caller.seconds for caller in callers)
    assert slowest <= slowest_call + 1
    assert slowest < 0.3 * USERS / 5, "the calls are made side by side"
    # Everybody has credentials of their own, and a session and a line for each login.
    keys = {caller.fields["user"]: set() for caller in callers}
    for caller in callers:
        keys[caller.fields["user"]].add(caller.reply["AWS_ACCESS_KEY_ID"])
    assert [len(own) for own in keys.values()] == [1] * USERS
    assert len(set.union(*keys.values())) == USERS
    sessions = {caller.reply["session"] for caller in callers}
    assert len(sessions) == len(callers)
    written = [line for line in bastion.audit() if line["event"] == "opened"]
    assert {line["session"] for line in written} == sessions
    assert sum(line.get("cached", False) for line in written) == len(callers) - len(sts.calls)
    assert {f"{session}.json" for session in sessions} == set(bastion.records()) - before


@pytest.mark.parametrize("failure, status", [
    ("throttling", "unavailable"),
    ("access-denied", "misconfigured"),
])
def test_those_who_wait_for_a_call_that_fails_fail_with_it(sts, service, failure, status):
    sts.behaviour = {None: failure}
    callers = ask_at_once([open_request("alice") for _ in range(20)])
    assert {caller.reply["status"] for caller in callers} == {status}
    assert len(sts.calls) < 20
    assert all(sts.calls[0].answer == call.answer for call in sts.calls)


def test_a_call_whose_leader_has_no_time_left_passes_to_who_has(sts, service):
    """Who leads is not left to chance: the other asks when the call has begun."""
    sts.behaviour = {None: "stall"}
    hasty = []
    leader = threading.Thread(
        target=lambda: hasty.extend(ask_at_once([open_request("alice", deadline_ms=2000)]))
    )
    leader.start()
    sts.wait_for_calls(1)
    sts.behaviour = {}
    (patient,) = ask_at_once([open_request("alice")])
    leader.join()
    assert hasty[0].reply["status"] == "unavailable"
    assert patient.reply["status"] == "permitted"
    assert patient.seconds > 1, "it waited for the leader's call"
    assert len(sts.calls) == 2


STALLED = {
    "STS": lambda sts, _: sts.behaviour.update({ROLE_ARN: "stall"}),
    "the directory": lambda _, directory: directory.hang(),
}


@pytest.fixture
def directory(host):
    with accounts.Directory([], [("carol", 3003, None)]) as running:
        yield running


@pytest.mark.parametrize("stall", STALLED.values(), ids=STALLED)
def test_whoever_hangs_hangs_alone(sts, directory, service, opened, stall):
    """carol waits for an STS that says nothing, or for a directory; bob notices nothing."""
    write_policy(sts, """
[grant carol]
users = carol
roles = client-a-audit

[grant bob]
users = bob
roles = client-a-dev
""")
    bob = opened("bob")
    stall(sts, directory)
    hanging = [frames.connect() for _ in range(20)]
    for connection in hanging:
        connection.sendall(
            frames.request_bytes(open_request("carol", deadline_ms=1000 * HANGING_SECONDS))
        )
    seconds = []
    for _ in range(5):
        start = time.monotonic()
        assume("bob", bob.session, DEV, fresh="1")
        (reply,) = bob.request(open_request("bob", bob.pid))
        assert reply["status"] == "permitted"
        seconds.append(time.monotonic() - start)
    # They hang still, and end by their own deadline.
    for connection in hanging:
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)
    assert max(seconds) < HANGING_SECONDS / 4
    for connection in hanging:
        connection.settimeout(10)
        assert frames.receive(connection)["status"] == "unavailable"
        connection.close()


def test_calls_for_one_user_are_limited_and_others_are_not_touched(bastion, sts, service, opened):
    """120 in a row, and two more each second."""
    alice, bob = opened("alice").session, opened("bob").session
    start = time.monotonic()
    while True:
        reply = ask("alice", "assume", alice, role=AUDIT, fresh="1")
        if reply["status"] != "permitted":
            break
        assert len(sts.calls) < 2 * CALLS_IN_A_ROW
    made = [call.parameters["RoleSessionName"] for call in sts.calls].count("alice")
    more = 2 * (time.monotonic() - start)
    assert CALLS_IN_A_ROW <= made <= CALLS_IN_A_ROW + more + 1
    assert reply["status"] == "unavailable"
    assert "too often" in bastion.audit()[-1]["reason"]
    # What is in memory is there still.
    assert assume("alice", alice)["AWS_ACCESS_KEY_ID"]
    assert assume("bob", bob, DEV, fresh="1")["AWS_ACCESS_KEY_ID"]


@contextlib.contextmanager
def silent_connections(user, count):
    """Connections of a user who says nothing."""
    with contextlib.ExitStack() as stack, frames.effective(UIDS[user]):
        made = []
        for _ in range(count):
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.connect(frames.SOCKET)
            made.append(connection)
        os.seteuid(0)
        yield made


def is_open(connection):
    """Whether the service still waits at the other end, having greeted."""
    connection.settimeout(5)
    if frames.receive(connection) is None:
        return False
    connection.setblocking(False)
    try:
        return bool(connection.recv(1))
    except BlockingIOError:
        return True


def test_a_user_has_sixteen_connections_at_once(service, opened):
    alice, bob = opened("alice"), opened("bob")
    with silent_connections("bob", CONNECTIONS + 1) as made:
        assert [is_open(connection) for connection in made] == [True] * CONNECTIONS + [False]
        with pytest.raises(AssertionError, match="before it greeted"):
            ask("bob", "list")
        # Others and root are not touched.
        assert assume("alice", alice.session)
        assert bob.request(open_request("bob", bob.pid))[0]["status"] == "permitted"
        # One that ends makes room for one.
        made[0].close()
        wait_until(lambda: can_ask("bob"), 5, "room for another connection")
    wait_until(lambda: can_ask("bob"), 5, "room for another connection")


def can_ask(user):
    try:
        return bool(ask(user, "list"))
    except AssertionError:
        return False


def test_logins_of_one_user_at_once_are_limited(sts, service, opened):
    opened("bob")
    sts.behaviour = {ROLE_ARN: "slow"}
    more = 8
    callers = ask_at_once([open_request("alice") for _ in range(LOGINS_AT_ONCE + more)]
                          + [open_request("bob")])
    *logins, bob = [caller.reply for caller in callers]
    assert bob["status"] == "permitted"
    refused = [reply for reply in logins if reply["status"] != "permitted"]
    assert len(refused) == more
    for reply in refused:
        assert reply["status"] == "unavailable" and "at once" in reply["reason"]
    # They are counted while they are under way, and no longer.
    assert ask_at_once([open_request("alice")])[0].reply["status"] == "permitted"
