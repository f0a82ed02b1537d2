"""The manual, and a bastion that is made by it.

Run below tests/enter, which gives private namespaces and folders:

    make tests && tests/enter /usr/bin/python3 -m pytest tests/manuals

SPDX-License-Identifier: BSD-2-Clause
"""

import pathlib
import re

import pytest

from rig.fixtures import bastion, host, login, running_standin, service, sts  # for pytest, found here


@pytest.fixture(scope="session", autouse=True)
def inside():
    mounts = pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8")
    if not re.search(r"^\S+ /mnt tmpfs ", mounts, re.MULTILINE):
        pytest.exit("run these tests below tests/enter", returncode=2)
