"""A bastion on which calls fail as planned.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import pathlib
import shutil

import pytest

from rig.accounts import Directory

# For pytest, which finds them here.
from rig.fixtures import bastion, host, running_standin, sts

from .logins import write_policy
from .plan import FOLDER, Plan

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))


@pytest.fixture(scope="package")
def installed():
    """The library, what starts a helper with it, and the program that logs in, where the module may
    trust them."""
    os.makedirs(f"{FOLDER}/pam.d")
    for name in ("faults/faults.so", "faults/faulty_helper", "module/login"):
        shutil.copy(BUILD / "tests" / name, FOLDER)


@pytest.fixture
def plan(installed):
    """The plan: nothing fails yet."""
    return Plan()


@pytest.fixture
def directory(bastion, sts):
    """Alice has one role by a group of the directory; so would mallory, but for another one."""
    groups = [("auditors", 5001, ["alice", "mallory"]), ("leavers", 5002, ["mallory"])]
    with Directory(groups) as running:
        write_policy(sts)
        yield running
