"""Those who keep the service busy, or its connections, keep nobody from theirs.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import json
import os
import subprocess
import sys

import pytest

from rig import frames
from rig.service import SOCKET
from service.asking import AUDIT, UIDS, ask, assume

SILENT, EACH = 500, 16
IN_A_ROW, A_SECOND = 1024, 128  # connections of a uid's


def test_hundreds_of_connections_that_say_nothing_do_not_send_a_login_the_other_way(
        bastion, crowd, service, opened, login, many_descriptors):
    """All that were greeted and are waited for: as many as each of thirty-two users may have."""
    alice = opened("alice").session
    guests = list(crowd.items())[: SILENT // EACH + 1]
    for user, _ in guests:
        assert frames.request(frames.open_request(user))[0]["status"] == "permitted"
    with contextlib.ExitStack() as stack:
        silent = []
        for _, uid in guests:
            silent += [stack.enter_context(frames.connect_as(uid)) for _ in range(EACH)]
        assert len(silent) >= SILENT
        shell = login("alice")
        assert shell.environment["XACCT_ROLE"] == AUDIT
        assert not [line for line in bastion.syslog.lines if SOCKET in line.text]
        assert assume("alice", alice)["session"] == alice


# Connects and asks as fast as it can; says how often it was let in.
FLOOD = """
import contextlib, json, os, sys, threading, time
sys.path.insert(0, sys.argv[1])
from rig import frames

begin, ended, came = time.monotonic(), threading.Event(), []

def ask():
    while not ended.is_set():
        with contextlib.suppress(OSError), frames.connect() as connection:
            came.append(1)
            connection.sendall(frames.request_bytes({"op": "list", "role": "client-a-audit"}))
            while frames.receive(connection):
                pass

threads = [threading.Thread(target=ask) for _ in range(12)]
[thread.start() for thread in threads]
print("begun", flush=True)
sys.stdin.read()
ended.set()
[thread.join() for thread in threads]
print(json.dumps([len(came), time.monotonic() - begin]))
"""


class Flood:
    """Two processes of a user's, from `with` until its end; the kernel gives them less than the
    service, as its unit file says (CPUWeight=). `came` is how often each was let in."""

    def __init__(self, user):
        command = ["nice", "-n", "10", sys.executable, "-c", FLOOD, os.path.abspath("tests")]
        self.running = [
            subprocess.Popen(command, user=UIDS[user], group=UIDS[user], extra_groups=[], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(2)]
        self.came = []

    def __enter__(self):
        for process in self.running:
            assert process.stdout.readline() == "begun\n"
        return self

    def __exit__(self, *_):
        for process in self.running:
            process.stdin.close()
        for process in self.running:
            self.came.append(json.loads(process.stdout.read()))
            process.wait()


@pytest.mark.parametrize("user", ["eve", "bob"])
def test_a_user_who_floods_the_socket_is_held_back_and_others_are_not(
        bastion, crowd, service, opened, login, user):
    """eve has no session, bob has one."""
    alice = opened("alice").session
    if user == "bob":
        opened("bob")
    with Flood(user) as flood:
        for _ in range(8):
            assert assume("alice", alice)["session"] == alice
            assert ask("alice", "list", alice)["status"] == "permitted"
        for name in ("user-1", "user-2"):
            assert opened(name).reply["status"] == "permitted", "by the service, as root"
        assert login("alice").environment["XACCT_ROLE"] == AUDIT
    let_in = sum(count for count, _ in flood.came)
    most = IN_A_ROW + A_SECOND * max(seconds for _, seconds in flood.came) + 1
    assert 0 < let_in <= most
    # It goes on as before, for those who were held back as well.
    assert service.process.child.poll() is None
    assert assume("alice", alice)["session"] == alice
