"""Files that NSS reads are replaced under a running service, as useradd and chsh do it: by a new file
that takes the old one's name.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import shutil
import signal
import time

import pytest

from rig import accounts
from rig.processes import children_of, wait_until
from rig.service import Service

from .asking import ALICE, UIDS, write_policy


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


PASSWD = "/etc/passwd"
SYSTEM_UID = 901  # below minimum_uid, so nobody's whom the policy is about


@pytest.fixture
def settled():
    """/etc/passwd has been as it is for so long that what it says is kept; it is put back."""
    with accounts.replaced(PASSWD):
        changed = int(os.stat(PASSWD).st_ctime)
        wait_until(lambda: time.time() >= changed + 2, 10, "a /etc/passwd that is not of late")
        yield


def write_over(path, old, new):
    """Changes a file in its place, without changing how long it is."""
    assert len(old) == len(new)
    with open(path, "r+", encoding="utf-8") as file:
        text = file.read()
        assert text.count(old) == 1
        file.seek(0)
        file.write(text.replace(old, new))


def status_of(opened, user="alice"):
    """What a login of the user's comes to."""
    return opened(user).reply["status"]


def test_whoever_is_in_passwd_is_served_while_look_ups_hang(settled, sts, opened):
    write_policy(sts)
    with Service() as service:
        assert status_of(opened) == "permitted"
        forker = children_of(service.pid)
        for process in [process for parent in forker for process in children_of(parent)]:
            os.kill(process, signal.SIGSTOP)
        assert status_of(opened) == "permitted"


@pytest.mark.parametrize("change", [write_over, lambda path, old, new: replace(
    path, lambda text: text.replace(old, new))], ids=["in its place", "by another"])
def test_whoever_is_another_in_passwd_is_another_at_once(settled, service, opened, change):
    alice = f"alice:x:{UIDS['alice']}:"
    for _ in range(2):
        assert status_of(opened) == "permitted"
        change(PASSWD, alice, f"alice:x:0{SYSTEM_UID}:")
        assert status_of(opened) == "unmanaged"
        change(PASSWD, f"alice:x:0{SYSTEM_UID}:", alice)


def test_whoever_is_in_passwd_no_more_is_nobody_at_once(settled, service, opened):
    assert status_of(opened) == "permitted"
    replace(PASSWD, lambda text: "".join(
        line for line in text.splitlines(True) if not line.startswith("alice:")))
    assert status_of(opened) != "permitted"


@pytest.mark.parametrize("sources", ["standin files", "files [SUCCESS=continue] standin"])
def test_whom_a_directory_is_asked_for_is_asked_for_each_time(settled, sts, opened, sources):
    """Although /etc/passwd has alice too, and says the same."""
    write_policy(sts)
    with accounts.Directory([], [("alice", UIDS["alice"], "")]), accounts.replaced(
            accounts.NSSWITCH), Service():
        # From now on nobody else can be looked up by the second of these lines.
        replace(accounts.NSSWITCH, lambda text: text.replace("passwd: files standin",
                                                             f"passwd: {sources}"))
        assert status_of(opened) == "permitted"
        write_over(f"{accounts.DIRECTORY}/passwd", f"alice:*:{UIDS['alice']}:",
                   f"alice:*:0{SYSTEM_UID}:")
        assert status_of(opened) == "unmanaged"
