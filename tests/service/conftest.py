"""A bastion with the service, and people who log in and ask.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import json
import os
import resource

import pytest

from rig import policy
# For pytest, which finds them here.
from rig.fixtures import bastion, host, login, running_standin, service, sts
from rig.service import installed as helper_installed

from .asking import Opener


@pytest.fixture
def opened():
    """Opens a session as the module does, without ssh: opened("alice") is an Opener."""
    with contextlib.ExitStack() as stack:
        yield lambda user, **fields: stack.enter_context(Opener(user, **fields))


@pytest.fixture
def installed():
    """The helper is where a command starts one, should no service answer."""
    with helper_installed():
        yield


@pytest.fixture
def many_descriptors():
    """Room for as many connections as a socket's queue has."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


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
