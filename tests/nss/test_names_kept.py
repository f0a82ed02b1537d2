"""What a group is called is told with who is in it, and is not asked a second time for a moment.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import re
import shutil
import signal
import socket
import struct

import pytest

from rig.processes import wait_until

from .conftest import CLIENT_A, CLIENT_B, PROGRAM, look_up, run
from .fake_service import FakeService, answering, first

NAME, GID = CLIENT_A
MOMENT = 200  # milliseconds
ALICES, BOBS = 1001, 1002


def test_one_question_tells_who_is_in_a_group_and_what_it_is_called(alone):
    with FakeService(answering((NAME, GID))) as fake:
        assert run("id", "alice").stdout.strip().endswith(f",{GID}({NAME})")
        assert len(fake.asked) == 1


def test_who_is_in_a_group_is_asked_each_time(alone):
    with FakeService(answering((NAME, GID))) as fake:
        look_up("time", "alice", 10)
        assert len(fake.asked) == 11


def test_a_name_is_kept_for_a_moment_and_no_longer(alone):
    with FakeService(first(answering((NAME, GID)), answering())) as fake:
        kept = int(look_up("while", "alice", GID))
        assert MOMENT <= kept < 2 * MOMENT and len(fake.asked) == 2


@pytest.mark.parametrize("real, effective, seen", [
    (0, 0, NAME), (BOBS, BOBS, "none"), (0, BOBS, "none"), (BOBS, 0, "none"), (ALICES, ALICES, NAME),
], ids=str)
def test_who_becomes_another_sees_what_that_one_may_see(nss, real, effective, seen):
    assert look_up("become", "alice", GID, real, effective) == seen


def test_a_setuid_program_keeps_no_names_of_others_for_whoever_started_it(nss):
    program = "/mnt/setuid_look_ups"
    shutil.copy(PROGRAM, program)
    os.chmod(program, 0o4755)
    told = run(program, "become", "bob", str(CLIENT_B[1]), str(ALICES), "0", user="alice")
    assert told.stdout == "none\n"
    told = run(program, "become", "alice", str(GID), str(ALICES), "0", user="alice")
    assert told.stdout == f"{NAME}\n"


def test_a_question_for_another_users_groups_ends_what_was_kept(alone):
    with FakeService(first(answering((NAME, GID)), answering())) as fake:
        assert look_up("become", "alice,eve", GID, 0, 0) == "none" and len(fake.asked) == 3


def uid_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"^Uid:\t(\d+)", status.read(), re.MULTILINE)[1])


def test_what_was_told_to_root_is_not_kept_for_whom_the_process_became_meanwhile(alone):
    def change_it(connection):
        pid, *_ = struct.unpack("3i", connection.getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
        os.kill(pid, signal.SIGUSR1)
        wait_until(lambda: uid_of(pid) == BOBS, what="another uid")
        answering((NAME, GID))(connection)

    with FakeService(first(change_it, answering())) as fake:
        assert look_up("change", "alice", GID, BOBS) == "none" and len(fake.asked) == 2


def test_a_process_forked_while_another_thread_looks_up_finds_and_does_not_hang(nss):
    assert look_up("forks", "alice", GID, 300) == "wrong 0"


def test_more_groups_than_are_kept_are_all_found(alone):
    many = [(f"xacct-{number}", 70100 + number) for number in range(100)]

    def serve(connection):
        # Whoever asks by gid asks for the last: the first ones are kept.
        answering(*many if len(fake.asked) == 1 else many[99:])(connection)

    with FakeService(serve) as fake:
        assert run("getent", "initgroups", "alice").stdout.split()[-1] == "70199"
        fake.asked.clear()
        assert look_up("become", "alice", 70199, 0, 0) == "xacct-99" and len(fake.asked) == 2
        fake.asked.clear()
        assert look_up("become", "alice", 70100, 0, 0) == "xacct-0" and len(fake.asked) == 1
