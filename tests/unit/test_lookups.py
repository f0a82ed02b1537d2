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


def test_a_directory_that_hangs_is_not_waited_for_once_it_is_asked_no_more(directory):
    """The process that is there still asks it, as glibc in it reads nsswitch.conf no more."""
    with Lookups() as lookups:
        directory.lose_errno()
        lookups.ask("alice", "operators")
        directory.hang()
        replace_in("/etc/nsswitch.conf", "group: files standin", "group: files")
        replace_in("/etc/nsswitch.conf", "passwd: files standin", "passwd: files")
        assert lookups.ask("alice", "operators")[:3] == ("alice", "found", "no")
        assert lookups.ask("dora", "operators")[:3] == ("dora", "not-found", "unknown")


def test_a_source_of_a_forked_process_cannot_start_anything(directory):
    directory.be_curious()
    with Lookups() as lookups:
        assert lookups.ask("dora", "operators")[:3] == ("dora", "found", "yes")


def names(answer):
    return set(answer.member.split(","))


@pytest.fixture
def cloud(directory):
    """The directory with two groups more, one local, about which there is a pattern."""
    for path, line in ((f"{accounts.DIRECTORY}/group", "aws-a-r:x:6002:dora,alice\n"),
                       ("/etc/group", "aws-a-s:x:6003:alice\n")):
        with open(path, "a", encoding="ascii") as out:
            out.write(line)
    return directory


def test_groups_of_a_pattern_are_named_and_no_others(cloud):
    """The primary group of a directory's user has no name at all here."""
    with Lookups() as lookups:
        assert names(lookups.ask("alice", "*")) == {"aws-a-r", "aws-a-s"}
        assert lookups.ask("dora", "*")[:3] == ("dora", "found", "aws-a-r")
        assert lookups.ask("dave", "*")[:3] == ("dave", "found", "none")


@pytest.mark.parametrize("mode", ["be_unavailable", "hang"])
def test_names_of_groups_that_are_not_answered_are_not_taken_for_none(cloud, mode):
    """Local groups alone would be an answer, and a wrong one."""
    with Lookups() as lookups:
        assert "aws-a-r" in names(lookups.ask("alice", "*"))
        getattr(cloud, mode)()
        assert lookups.ask("alice", "*")[:3] == ("alice", "found", "unanswered")


@pytest.mark.parametrize("group, answer", [
    ("operators", {"none"}),  # about which there is no pattern
    ("aws-a-r", {"unanswered"}),
])
def test_a_name_that_is_another_groups_counts_for_nothing_or_for_no_answer(group, answer):
    """The directory's group has the name of a local one, in which alice is not."""
    with accounts.kept():
        accounts.add_user("alice", 1001)
        with open("/etc/group", "a", encoding="ascii") as out:
            out.write(f"{group}:x:7001:\n")
        with accounts.Directory([(group, 6001, ["alice"])], []), Lookups() as lookups:
            assert names(lookups.ask("alice", "*")) == answer


@pytest.mark.parametrize("entry, answer", [
    ("operators:x:7001:", "no"),  # two groups of one name: it is the local one that has it
    ("others:x:6001:", "unknown"),  # two names of one gid: whose group it is nobody can tell
    ("others:x:7001:", "yes"),
])
def test_a_group_that_is_named_has_its_name_and_gid_alone(entry, answer):
    """The directory's group operators has the gid 6001, and alice is in it."""
    with accounts.kept():
        accounts.add_user("alice", 1001)
        with open("/etc/group", "a", encoding="ascii") as out:
            out.write(f"{entry}\n")
        with accounts.Directory([("operators", 6001, ["alice"])], []), Lookups() as lookups:
            assert lookups.ask("alice", "operators")[:3] == ("alice", "found", answer)


@pytest.mark.parametrize("sources, down", [
    ("files standin", "be_unavailable"),
    ("standin files", "be_unavailable"),
    ("files standin xacct", "be_unavailable"),
    ("standin [UNAVAIL=continue] files", "be_unavailable"),
    ("files standin [!UNAVAIL=return] xacct", "be_unavailable"),
    ("standin files", "hang"),
])
def test_a_group_of_which_the_directory_does_not_answer_is_not_answered(directory, sources, down):
    """Whatever a source that knows no such group says after it; and one that nobody knows is one."""
    with accounts.replaced(accounts.NSSWITCH, accounts.groups_from([sources])), Lookups() as lookups:
        assert lookups.ask("alice", "operators")[:3] == ("alice", "found", "yes")
        assert lookups.ask("alice", "no-such-group")[:3] == ("alice", "found", "no")
        getattr(directory, down)()
        assert lookups.ask("alice", "operators")[:3] == ("alice", "found", "unknown")
        assert lookups.ask("alice", "no-such-group")[:3] == ("alice", "found", "unknown")


def test_without_a_line_about_groups_the_local_files_are_asked(directory):
    with open(accounts.NSSWITCH, encoding="ascii") as text:
        lines = [line for line in text if not line.startswith("group:")]
    with accounts.replaced(accounts.NSSWITCH, "".join(lines)), Lookups() as lookups:
        assert lookups.ask("alice", "alice")[:3] == ("alice", "found", "yes")
        assert lookups.ask("alice", "no-such-group")[:3] == ("alice", "found", "no")


def test_hundreds_of_groups_with_long_names_are_all_named(directory):
    groups = {f"aws-{number}-{'x' * 200}" for number in range(500)}
    with open(f"{accounts.DIRECTORY}/group", "a", encoding="ascii") as out:
        for gid, group in enumerate(groups, 30000):
            out.write(f"{group}:x:{gid}:dora\n")
    with Lookups() as lookups:
        assert names(lookups.ask("dora", "*")) == groups


def test_a_uid_has_the_name_that_has_this_uid(directory):
    with Lookups() as lookups:
        assert lookups.ask("1001", "operators")[:3] == ("alice", "found", "yes")
        assert lookups.ask("5001", "operators")[:3] == ("dora", "found", "yes")
        assert lookups.ask("4711", "operators")[:2] == ("4711", "not-found")
        directory.be_unavailable()
        assert lookups.ask("5001", "operators")[:2] == ("5001", "unanswered")
        assert lookups.ask("1001", "alice")[:3] == ("alice", "found", "yes")


def test_a_uid_whose_name_is_another_users_is_not_answered(directory):
    """The name of the directory's uid is a local user's."""
    with open(f"{accounts.DIRECTORY}/passwd", "a", encoding="ascii") as out:
        out.write("alice:*:5005:5005::/:/bin/bash\n")
    with Lookups() as lookups:
        assert lookups.ask("5005", "operators")[:2] == ("5005", "unanswered")
