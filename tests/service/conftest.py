"""A bastion with the service, and people who log in and ask.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import json
import os

import pytest

from rig import policy
from rig.fixtures import bastion, host, running_standin, sts  # for pytest, which finds them here
from rig.service import Service
from rig.sshd import Shell

from .asking import Opener


@pytest.fixture
def service(bastion):
    with Service() as running:
        yield running


@pytest.fixture
def login(bastion):
    """Logs somebody in by ssh: login("alice") is a Shell."""
    shells = []

    def start(user):
        shells.append(Shell(bastion.sshd, user))
        return shells[-1]

    yield start
    for shell in shells:
        shell.cut()


@pytest.fixture
def opened():
    """Opens a session as the module does, without ssh: opened("alice") is an Opener."""
    with contextlib.ExitStack() as stack:
        yield lambda user, **fields: stack.enter_context(Opener(user, **fields))


@pytest.fixture
def forge(bastion):
    """Writes a session's record, or changes one, as the helper itself would write it."""

    def write(session, ending="json", **changed):
        path = f"{policy.SESSIONS}/{session}.{ending}"
        record = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as text:
                record = json.load(text)
        with open(f"{path}.unfinished", "w", encoding="utf-8") as out:
            json.dump(record | {"session": session} | changed, out)
            os.fchmod(out.fileno(), 0o600)
            os.fchown(out.fileno(), policy.xacct().pw_uid, policy.xacct().pw_gid)
        os.rename(f"{path}.unfinished", path)

    return write
