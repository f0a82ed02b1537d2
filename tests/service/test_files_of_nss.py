"""Files that NSS reads are replaced under a running service, as useradd and chsh do it: by a new file
that takes the old one's name.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import shutil

import pytest

from rig import accounts
from rig.service import Service

from .asking import ALICE, write_policy


def replace(path, change=lambda text: text):
    """Puts another file with the changed text in the place of `path`, as tools do."""
    fresh = f"{path}.new"
    shutil.copy2(path, fresh)
    with open(path, encoding="utf-8") as old, open(fresh, "w", encoding="utf-8") as new:
        new.write(change(old.read()))
    os.rename(fresh, path)


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf"])
def test_a_login_after_a_file_was_replaced_is_served(bastion, service, path):
    assert bastion.sshd.ssh("alice", "env").environment["XACCT_ROLE"] == "client-a-audit"
    for _ in range(3):
        replace(path)
        login = bastion.sshd.ssh("alice", "env")
        assert login.environment.get("XACCT_ROLE") == "client-a-audit", bastion.syslog.text()
    assert service.answers()


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf"])
def test_the_first_login_after_a_file_was_replaced_is_served(bastion, service, path):
    """The look-up process that waits for it was let see the former file, and has read nothing."""
    replace(path)
    login = bastion.sshd.ssh("alice", "env")
    assert login.environment.get("XACCT_ROLE") == "client-a-audit", bastion.syslog.text()


@pytest.fixture
def directory_to_come():
    """A directory, in which alice is among the leavers, that is not asked yet."""
    with open(accounts.NSSWITCH, encoding="ascii") as text:
        alone = text.read()
    with accounts.Directory([("leavers", 6002, ["alice"])]):
        with open(accounts.NSSWITCH, encoding="ascii") as text:
            asked = text.read()
        replace(accounts.NSSWITCH, lambda _: alone)
        yield lambda: replace(accounts.NSSWITCH, lambda _: asked)


@pytest.mark.parametrize("earlier", [0, 1])
def test_a_directory_that_is_asked_from_now_on_denies_whom_it_must(
        bastion, sts, directory_to_come, earlier):
    write_policy(sts, ALICE + "[deny leavers]\ngroups = leavers\n")
    with Service():
        for _ in range(earlier):
            assert bastion.sshd.ssh("alice", "true").status == 0
        directory_to_come()
        assert bastion.sshd.ssh("alice", "true").status != 0
        assert bastion.audit()[-1]["status"] == "denied"
