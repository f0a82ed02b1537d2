"""Fixtures for the folders of tests that log in: a bastion and a strict STS behind it. A conftest
takes those that it needs by importing them.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from . import bastion as rig_bastion
from . import sts_standin
from .processes import all_that_run
from .service import Service
from .sshd import HELPER, Shell

BASE_ARN = "arn:aws:iam::999900001111:user/bastion"
BASE_KEY = "AKIABASTIONBASE00001"
BASE_SECRET = "base/secret+of-the-bastion/0123456789abc"


@pytest.fixture(scope="package")
def host():
    with rig_bastion.Bastion() as running:
        yield running


def know(standin):
    """Tells a stand-in the bastion's user and the roles of the standing policy."""
    standin.principals = {BASE_KEY: sts_standin.Principal(BASE_ARN, BASE_SECRET)}
    standin.roles = {
        rig_bastion.ROLE_ARN: sts_standin.Role(BASE_ARN, external_id="7Zr-42"),
        rig_bastion.DEV_ARN: sts_standin.Role(
            BASE_ARN, external_id="7Zr-42", set_source_identity=False
        ),
    }


def know_keys(standin, keys, also=False):
    """Tells a stand-in the keys of a session of the bastion, as EC2's metadata or a program has
    them: they are all that it knows, or it knows them `also`."""
    token = keys["Token"] if "Token" in keys else keys["SessionToken"]
    principal = sts_standin.Principal(BASE_ARN, keys["SecretAccessKey"], token)
    known = standin.principals if also else {}
    standin.principals = known | {keys["AccessKeyId"]: principal}


@pytest.fixture(scope="package")
def running_standin():
    with sts_standin.StandIn() as running:
        yield running


@pytest.fixture
def sts(running_standin):
    """The strict stand-in, well-behaved until a test says otherwise."""
    running_standin.forget()
    know(running_standin)
    yield running_standin
    running_standin.forget()


@pytest.fixture
def bastion(host, sts):
    """The bastion with the standing policy, before the strict stand-in."""
    host.reset(sts.url, BASE_KEY, BASE_SECRET)
    return host


@pytest.fixture
def service(bastion):
    with Service() as running:
        yield running


@pytest.fixture
def held(bastion, sts):
    """A login whose helper waits for STS with the base credentials in hand; the pids of the
    helper's processes."""
    sts.behaviour = {None: "stall"}
    bastion.sshd.set_stack(options="timeout=30s debug")
    running = bastion.sshd.start("alice", "true")
    try:
        sts.wait_for_calls(1)
        pids = all_that_run(HELPER)
        assert pids
        yield pids
    finally:
        sts.released.set()
        running.communicate(timeout=40)


@pytest.fixture
def login(bastion):
    """Logs somebody in by ssh and leaves the shell running: login("alice") is a Shell."""
    shells = []

    def start(user, proof=None):
        shells.append(Shell(bastion.sshd, user, proof=proof))
        return shells[-1]

    yield start
    for shell in shells:
        shell.cut()
