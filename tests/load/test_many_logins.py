"""Thousands of logins through one service, and hundreds by real ssh: each gets its own, and in the
end nothing is more than it was in the beginning.

SPDX-License-Identifier: BSD-2-Clause
"""

import concurrent.futures
import subprocess

import pytest

from rig.frames import open_request
from rig.processes import wait_until
from rig.service import SOCKET
from service.asking import AUDIT, DEV
from service.crowd import ask_at_once

from .footprint import footprint_of, zombies

AT_A_TIME = 8
EACH = 2  # logins of each user at once


def log_in_all(crowd):
    """Two logins of each of fifty users at once, and their ends; returns the sessions' ids."""
    users = [user for user in crowd for _ in range(EACH)]
    callers = ask_at_once([open_request(user) for user in users])
    assert [caller.reply["status"] for caller in callers] == ["permitted"] * len(users)
    assert {caller.reply["XACCT_ROLE"] for caller in callers} == {DEV}
    sessions = [caller.reply["session"] for caller in callers]
    closes = [{"op": "close", "user": user, "service": "sshd", "session": session}
              for user, session in zip(users, sessions)]
    assert {caller.reply["status"] for caller in ask_at_once(closes)} == {"permitted"}
    return sessions


@pytest.mark.parametrize("count", [1000, pytest.param(10000, marks=pytest.mark.long)])
def test_thousands_of_logins_leave_the_service_as_it_was(bastion, sts, crowd, service, count):
    sessions = []
    # What is made once and kept is made by a fifth of them.
    while len(sessions) < count // 5:
        sessions += log_in_all(crowd)
    before = footprint_of(service)
    while len(sessions) < count:
        sessions += log_in_all(crowd)
    assert len(set(sessions)) == len(sessions) == count
    assert len(sts.calls) == len(crowd), "one for each user, whose keys are kept"
    assert bastion.records() == {}
    wait_until(lambda: not footprint_of(service).has_grown_since(before), 10,
               f"no more than before: {before}, {footprint_of(service)}")
    assert zombies() == []
    events = [line["event"] for line in bastion.audit()]
    assert (events.count("opened"), events.count("ended")) == (count, count)


@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=pytest.mark.long)])
def test_hundreds_of_logins_by_ssh_eight_at_a_time_leave_nothing(bastion, sts, crowd, service,
                                                                 count):
    users = ["alice", *list(crowd)[: AT_A_TIME - 1]]
    # How long one takes is not what this is about.
    bastion.sshd.set_stack(options="timeout=30s")
    command = "echo $XACCT_SESSION $XACCT_ROLE $AWS_ACCESS_KEY_ID"

    def log_in(number):
        user = users[number % AT_A_TIME]
        done = subprocess.run(bastion.sshd.arguments(user, command), capture_output=True,
                              stdin=subprocess.DEVNULL, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr + bastion.syslog.text()
        return user, *done.stdout.split()

    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        first = list(pool.map(log_in, range(count // 5)))
        bastion.sshd.settle()
        before = footprint_of(service)
        rest = list(pool.map(log_in, range(count // 5, count)))
    bastion.sshd.settle()
    logins = first + rest
    assert len({session for _, session, _, _ in logins}) == count
    for user, _, role, _ in logins:
        assert role == (AUDIT if user == "alice" else DEV)
    # The service has served them, but for what it could not greet within half a second: all want
    # the CPU at once.
    other_way = [line for line in bastion.syslog.lines if SOCKET in line.text]
    assert len(other_way) <= count // 50
    # Keys are one user's, and each user's own are kept.
    keys = {(user, key) for user, _, _, key in logins}
    assert len(keys) == len({key for _, key in keys}) == len(sts.calls)
    assert AT_A_TIME <= len(keys) <= AT_A_TIME + len(other_way)
    wait_until(lambda: not bastion.records(), 10, "the end of all sessions")
    wait_until(lambda: not footprint_of(service).has_grown_since(before), 10,
               f"no more than before: {before}, {footprint_of(service)}")
    assert zombies() == []
    events = [line["event"] for line in bastion.audit()]
    assert (events.count("opened"), events.count("ended")) == (count, count)
