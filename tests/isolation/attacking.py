"""Whose side the tests of this folder take, and what they do with it: processes of a user's own
that run a program of theirs.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys

from nss.fake_service import FakeService
from rig import frames, policy
from rig.bastion import USERS

ALICES, BOBS = "client-a-audit", "orchid-ledger"
CLIENT_B_ID = "444455556666"
CLIENT_B_ARN = f"arn:aws:iam::{CLIENT_B_ID}:role/Ledger"

TWO_CLIENTS = f"""
[account client-a]
id          = 111122223333
external_id = 7Zr-42

[role {ALICES}]
account = client-a
name    = bastion/Auditor

[account orchid]
id          = {CLIENT_B_ID}
external_id = b-0815

[role {BOBS}]
account     = orchid
name        = Ledger
description = the books of the orchid company

[grant a]
users = alice
roles = {ALICES}

[grant b]
users = bob
roles = {BOBS}
"""
# What says that there is another client, which role of theirs is used here, and by what right.
BETRAYING = "orchid", CLIENT_B_ID, "Ledger", "b-0815"


def uid_of(user):
    """The number of a user of the rig, of the helper's own, or of root."""
    return {"xacct": policy.xacct().pw_uid, "root": 0, **USERS}[user]


def as_user(user, *command, **options):
    """Runs a command as this user, with no group but the own; returns how it came out."""
    return subprocess.run(
        command,
        **identity_of(user),
        capture_output=True,
        text=True,
        errors="backslashreplace",
        timeout=60,
        check=False,
        **({"cwd": "/"} | options),
    )


def python_as(user, program, *arguments, **options):
    """What a program in Python prints as JSON, which a user runs."""
    done = as_user(user, sys.executable, "-I", "-c", program, *map(str, arguments), **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def identity_of(user):
    """What subprocess takes for running as this user."""
    return {"user": uid_of(user), "group": uid_of(user), "extra_groups": []}


@contextlib.contextmanager
def started(user, *command, **options):
    """Runs a command as this user until the end of `with`."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    running = subprocess.Popen(command, **identity_of(user), **(silent | options))
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        running.communicate()


@contextlib.contextmanager
def cores_wanted():
    """Whatever is started meanwhile may leave a core as large as it likes."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


def crash(child):
    """Ends a child of ours by the signal of a fault; returns whether a core was dumped."""
    os.kill(child.pid, signal.SIGSEGV)
    _, status = os.waitpid(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == -signal.SIGSEGV
    return os.WCOREDUMP(status)


class FalseService(FakeService):
    """A user listens at the service's socket and greets as the service does, until the end of
    `with`; `heard` is all that came."""

    def __init__(self, user):
        self.heard = b""
        super().__init__(self._greet, uid_of(user))

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        super().__exit__()

    def _greet(self, connection):
        connection.settimeout(5)
        connection.sendall(frames.encode({"version": frames.VERSION}))
        while more := connection.recv(65536):
            self.heard += more
