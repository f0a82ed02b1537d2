"""The look-ups of the service against directories that hang or change while it runs.

SPDX-License-Identifier: BSD-2-Clause
"""

import collections
import contextlib
import glob
import os
import subprocess

import pytest

from rig import accounts
from rig.processes import wait_until

from .programs import BUILD

Answer = collections.namedtuple("Answer", "user outcome member process ms")

HANGING = 30
QUICK_MS = 100


class Lookups:
    """tests/unit/lookups.c as the helper's user, from `with` until its end."""

    def __enter__(self):
        self.program = subprocess.Popen(
            [f"{BUILD}/tests/unit/lookups"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            user="xacct",
            group="xacct",
            extra_groups=[],
        )
        return self

    def __exit__(self, *_):
        self.program.stdin.close()
        try:
            assert self.program.wait(timeout=20) == 0
        finally:
            self.program.kill()
            self.program.wait()
            self.program.stdout.close()

    def send(self, user, group):
        self.program.stdin.write(f"{user} {group}\n")
        self.program.stdin.flush()

    def receive(self):
        user, outcome, member, process, ms = self.program.stdout.readline().split()
        return Answer(user, outcome, member, int(process), int(ms))

    def ask(self, user, group):
        self.send(user, group)
        return self.receive()

    def hanging(self):
        """How many look-up processes hang: in the middle of the directory's list of users."""
        return sum(f"{accounts.DIRECTORY}/passwd" in open_files(pid) for pid in self.processes())

    def processes(self):
        """The ids of the look-up processes, which are the forker's children."""
        parents = {}
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path, encoding="ascii") as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents[int(path.split("/")[2])] = int(fields[1])
        return [pid for pid, parent in parents.items() if parents.get(parent) == self.program.pid]


def open_files(pid):
    """What the descriptors of a process are, of one that may end meanwhile."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return {os.readlink(path) for path in glob.glob(f"/proc/{pid}/fd/*")}
    return set()


@pytest.fixture
def directory():
    """A directory that knows dora and dave, beside the local user alice; in nsswitch.conf."""
    with accounts.kept():
        accounts.add_user("alice", 1001)
        users = [("dora", 5001, ""), ("dave", 5002, "")]
        with accounts.Directory([("operators", 6001, ["dora", "alice"])], users) as running:
            yield running


def replace_in(path, old, new):
    with open(path, encoding="ascii") as text:
        lines = text.read()
    assert old in lines
    with open(path, "w", encoding="ascii") as out:
        out.write(lines.replace(old, new))


def test_local_and_directory_users_are_answered(directory):
    with Lookups() as lookups:
        assert lookups.ask("alice", "operators")[:3] == ("alice", "found", "yes")
        assert lookups.ask("dora", "operators")[:3] == ("dora", "found", "yes")
        assert lookups.ask("dave", "operators")[:3] == ("dave", "found", "no")
        assert lookups.ask("carol", "operators")[:3] == ("carol", "not-found", "unknown")


def test_a_directory_that_hangs_for_its_users_stalls_no_local_one(directory):
    directory.hang_for_its_own()
    with Lookups() as lookups:
        for _ in range(HANGING):
            lookups.send("dora", "operators")
        wait_until(lambda: lookups.hanging() == HANGING, 10, "all of them hanging")
        alice = lookups.ask("alice", "operators")
        assert alice[:3] == ("alice", "found", "yes")
        assert alice.ms < QUICK_MS
        # All of them hang until their time is up, and are ended; the one that answered stays.
        answers = {lookups.receive()[:3] for _ in range(HANGING)}
        assert answers == {("dora", "unanswered", "unknown")}
        assert lookups.ask("alice", "operators").process == alice.process
        directory.answer()
        assert lookups.ask("dora", "operators")[:3] == ("dora", "found", "yes")


def test_groups_that_change_between_two_requests_are_seen(directory):
    with Lookups() as lookups:
        before = lookups.ask("alice", "operators")
        replace_in(f"{accounts.DIRECTORY}/group", "dora,alice", "dora")
        between = lookups.ask("alice", "operators")
        # The directory is asked anew by the same process; another file is for another process.
        assert between.process == before.process
        replace_in("/etc/group", "alice:x:1001:", "alice:x:1001:\noperators:x:6001:alice")
        after = lookups.ask("alice", "operators")
    assert [answer.member for answer in (before, between, after)] == ["yes", "no", "yes"]


@pytest.mark.parametrize("before", ["answer", "lose_errno"])
def test_another_nsswitch_conf_is_seen_by_the_next_request(directory, before):
    """Also after the sources had to be asked one by one, whereupon glibc reads it no more."""
    with Lookups() as lookups:
        getattr(directory, before)()
        lookups.ask("alice", "operators")
        directory.answer()
        replace_in("/etc/nsswitch.conf", "files standin", "files")
        assert lookups.ask("alice", "operators")[:3] == ("alice", "found", "no")
        assert lookups.ask("dora", "operators")[:3] == ("dora", "not-found", "unknown")
        replace_in("/etc/nsswitch.conf", "passwd: files", "passwd: files standin")
        replace_in("/etc/nsswitch.conf", "group: files", "group: files standin")
        assert lookups.ask("dora", "operators")[:3] == ("dora", "found", "yes")


def test_a_source_of_a_forked_process_cannot_start_anything(directory):
    directory.be_curious()
    with Lookups() as lookups:
        assert lookups.ask("dora", "operators")[:3] == ("dora", "found", "yes")
