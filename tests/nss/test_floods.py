"""Who asks all the time does not keep others from their groups.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import subprocess
import sys
import time

import pytest

from rig import accounts, frames
from rig.service import Service

from .conftest import ALICE, groups_of

MALLORY = 1003
MOST = 1024  # connections of one uid in a row
BOTH = {"xacct-client-a", "xacct-a-audit"}
# So many groups that a look-up takes milliseconds.
DENIES = "".join(f"\n[deny d{i}]\ngroups = g{i}\n" for i in range(100))

CONNECT = """
import socket
while True:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.setblocking(False)
        try:
            connection.connect("/run/xacct/socket")
        except OSError:
            pass
"""
ASK = """
import contextlib, sys, threading
sys.path.insert(0, sys.argv[1])
from rig import frames

def ask():
    while True:
        with contextlib.suppress(OSError):
            frames.request({"op": "groups"})

for _ in range(32):
    threading.Thread(target=ask, daemon=True).start()
threading.Event().wait()
"""


@pytest.fixture
def precedence():
    """What is started from here on comes before what else this machine has to do, which is not the
    flood's doing."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, -10)
    yield
    os.setpriority(os.PRIO_PROCESS, 0, before)


@pytest.fixture
def service(precedence, rules):
    with Service() as running:
        yield running


@contextlib.contextmanager
def flood(program):
    """Four processes of a user do this all the time; the kernel gives them less than the service, as
    its unit file says (CPUWeight=)."""
    command = [sys.executable, "-c", program, os.path.abspath("tests")]
    running = [subprocess.Popen(["nice", "-n", "10", *command], user=MALLORY, group=MALLORY,
                                extra_groups=[]) for _ in range(4)]
    time.sleep(0.5)
    try:
        yield
        assert all(process.poll() is None for process in running)
    finally:
        for process in running:
            process.kill()
            process.wait()


@pytest.mark.parametrize("program", [CONNECT, ASK], ids=["connects", "asks"])
def test_one_user_does_not_keep_root_from_looking_up(nss, rules, program):
    rules(ALICE + DENIES)
    with flood(program):
        found = [groups_of("alice") == BOTH for _ in range(20)]
    # Of a host with less to do, all. Where root's have no precedence, or each answer about a group is
    # waited for behind all of the flood's, half of them are not there in time.
    assert sum(found) >= 16


def test_one_user_may_come_so_often_and_no_other_pays_for_it(nss):
    begin = time.monotonic()
    came = sum(frames.is_greeted(MALLORY) for _ in range(2 * MOST))
    assert MOST <= came <= MOST + 128 * (time.monotonic() - begin) + 1
    assert frames.is_greeted(1001) and groups_of("alice", asked_by="alice") == BOTH


def test_a_local_group_that_comes_later_is_not_given_away(nss):
    for line, left in [("of-others:x:70001:\n", {"xacct-a-audit"}),
                       ("xacct-a-audit:x:1990:\n", {"xacct-client-a"}),
                       ("xacct-client-a:x:70001:\n", BOTH)]:
        with accounts.kept():
            with open("/etc/group", "a", encoding="ascii") as out:
                out.write(line)
            assert groups_of("alice") == groups_of("alice", asked_by="alice") == left
        assert groups_of("alice") == BOTH
