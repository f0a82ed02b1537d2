"""Links and other people's files where the helper writes: in no case is anything of theirs written,
read as ours, or issued without its line.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import shutil

import pytest

from rig import policy
from service.asking import AUDIT, DEV, ask

from .attacking import as_user, python_as, uid_of

AUDIT_FOLDER = os.path.dirname(policy.AUDIT)
WRITTEN = {"audit": AUDIT_FOLDER, "sessions": policy.SESSIONS, "state": policy.STATE}
# Where the sandbox lets the helper write: that it does not follow links has to be its own doing.
TRAP = f"{policy.STATE}/trap"

WRITE = r"""
import json, os, sys
found = []
for folder in sys.argv[1:]:
    ways = {
        "list": lambda: os.listdir(folder),
        "make a file": lambda: open(f"{folder}/mine", "x").close(),
        "make a link": lambda: os.symlink("/tmp/trap", f"{folder}/link"),
        "make a folder": lambda: os.mkdir(f"{folder}/folder"),
        "open its mode": lambda: os.chmod(folder, 0o777),
        "rename it": lambda: os.rename(folder, f"{folder}.old"),
    }
    for name, way in ways.items():
        try:
            way()
            found.append([folder, name])
        except OSError:
            pass
print(json.dumps(found))
"""


@pytest.mark.parametrize("user", ["alice", "eve"])
def test_no_user_can_put_anything_where_the_helper_writes_or_reads_its_policy(
        bastion, service, opened, user):
    opened("alice")
    ask("alice", "default", None, role=DEV)
    folders = [*WRITTEN.values(), policy.FOLDER, f"{policy.FOLDER}/policies", "/run/xacct"]
    found = python_as(user, WRITE, *folders)
    # In this rig, unlike where it is installed, /etc/xacct may be listed, as the socket's folder.
    assert {way for _, way in found} <= {"list"}
    assert {folder for folder, _ in found}.isdisjoint(WRITTEN.values())


@contextlib.contextmanager
def trap(content="untouched\n"):
    """A file of the helper's user's that a link of an attacker's leads to."""
    with open(TRAP, "w", encoding="ascii") as out:
        out.write(content)
    os.chown(TRAP, uid_of("xacct"), uid_of("xacct"))
    os.chmod(TRAP, 0o600)
    try:
        yield
        with open(TRAP, encoding="ascii") as text:
            assert text.read() == content
    finally:
        os.unlink(TRAP)


def refused(bastion):
    """Logs alice in, to no credentials; returns the reason in the log."""
    login = bastion.sshd.ssh("alice", "env")
    assert login.status == 254 and "AWS_ACCESS_KEY_ID" not in login.stdout
    return bastion.verdict()[1]


def test_an_audit_file_that_is_a_link_is_not_written_and_nothing_issued(bastion, sts):
    with trap():
        os.symlink(TRAP, policy.AUDIT)
        assert policy.AUDIT in refused(bastion)
        os.unlink(policy.AUDIT)


@pytest.mark.parametrize("kind", ["fifo", "folder", "socket", "device"])
def test_an_audit_file_that_is_none_is_not_waited_for_and_nothing_issued(bastion, kind):
    make = {
        "fifo": lambda: os.mkfifo(policy.AUDIT, 0o600),
        "folder": lambda: os.mkdir(policy.AUDIT, 0o700),
        "socket": lambda: os.mknod(policy.AUDIT, 0o140600),
        "device": lambda: os.mknod(policy.AUDIT, 0o020600, os.makedev(1, 3)),
    }
    make[kind]()
    os.chown(policy.AUDIT, uid_of("xacct"), uid_of("xacct"))
    assert policy.AUDIT in refused(bastion)


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_may_write_holds_no_audit_file(bastion, mode):
    """Whoever may write it could take the file away, line for line."""
    os.chmod(AUDIT_FOLDER, mode)
    assert policy.AUDIT in refused(bastion)
    assert os.listdir(AUDIT_FOLDER) == []


@pytest.fixture
def above():
    """A folder of root's, in which the audit file's is to lie."""
    os.mkdir("/mnt/above", 0o755)
    yield
    shutil.rmtree("/mnt/above")


@pytest.mark.usefixtures("above")
def test_where_others_may_write_a_folder_above_nothing_is_issued(bastion):
    """Whoever may write it could rename the audit file's folder, and so take it away."""
    policy.move_audit("/mnt/above/xacct")
    os.chmod("/mnt/above", 0o777)
    assert "/mnt/above belongs to uid 0 with mode 0777" in refused(bastion)
    os.chmod("/mnt/above", 0o1777)  # each may take away their own alone
    assert as_user("eve", "mv", "/mnt/above/xacct", "/mnt/above/gone").returncode != 0
    assert "AWS_ACCESS_KEY_ID" in bastion.sshd.ssh("alice", "env").stdout


@pytest.mark.usefixtures("above")
def test_a_link_to_the_audit_files_folder_leads_where_nobody_else_can_write(bastion):
    os.makedirs("/mnt/above/open", 0o755)
    os.symlink("/mnt/above/open/xacct", "/mnt/above/link")
    policy.move_audit("/mnt/above/open/xacct", "/mnt/above/link")
    os.chmod("/mnt/above/open", 0o777)
    assert "a folder above the one that is meant by /mnt/above/link" in refused(bastion)
    os.chmod("/mnt/above/open", 0o755)
    assert "AWS_ACCESS_KEY_ID" in bastion.sshd.ssh("alice", "env").stdout


def test_a_folder_that_is_anothers_holds_no_audit_file(bastion):
    os.chown(AUDIT_FOLDER, uid_of("eve"), uid_of("eve"))
    os.chmod(AUDIT_FOLDER, 0o755)
    assert policy.AUDIT in refused(bastion)
    assert os.listdir(AUDIT_FOLDER) == []


def test_a_folder_where_everybody_has_files_holds_one_that_nobody_else_can_take_away(bastion):
    """Of /tmp's kind: with the sticky bit."""
    os.chown(AUDIT_FOLDER, 0, 0)
    os.chmod(AUDIT_FOLDER, 0o1777)
    assert bastion.sshd.ssh("alice", "true").status == 0
    assert [line["event"] for line in bastion.audit()] == ["opened", "ended"]
    done = as_user("eve", "rm", "-f", policy.AUDIT)
    assert done.returncode != 0 and bastion.audit()


@pytest.mark.parametrize("fault", ["a link", "of others", "open to all"])
def test_a_folder_of_records_that_is_not_the_helpers_alone_takes_none(bastion, fault):
    with damaged(policy.SESSIONS, fault):
        assert policy.SESSIONS in refused(bastion)
        assert os.listdir(policy.SESSIONS) == []


@pytest.mark.parametrize("fault", ["a link", "of others", "open to all"])
def test_a_folder_of_choices_that_is_not_the_helpers_alone_takes_none(
        bastion, service, opened, fault):
    session = opened("alice").session
    with damaged(policy.STATE, fault):
        reply = ask("alice", "default", session, role=DEV)
        assert reply["status"] != "permitted"
        assert not [name for name in os.listdir(policy.STATE) if name.startswith("choice")]
        # And what somebody has put there is not taken for a choice.
        assert opened("alice").reply["XACCT_ROLE"] == AUDIT


@contextlib.contextmanager
def damaged(folder, fault):
    """Something is wrong with one of the helper's folders."""
    moved = f"{folder}.moved"
    if fault == "a link":
        os.rename(folder, moved)
        os.symlink(moved, folder)
    elif fault == "of others":
        os.chown(folder, uid_of("eve"), uid_of("eve"))
    else:
        os.chmod(folder, 0o777)
    try:
        yield
    finally:
        if fault == "a link":
            os.unlink(folder)
            os.rename(moved, folder)


def test_a_choice_that_is_a_link_is_replaced_and_not_followed(bastion, service, opened):
    """It leads to a choice that would count, were it in its place."""
    session = opened("alice").session
    assert ask("alice", "default", session, role=DEV)["status"] == "permitted"
    (name,) = [name for name in os.listdir(policy.STATE) if name.startswith("choice-")]
    path = f"{policy.STATE}/{name}"
    with open(path, encoding="ascii") as text:
        content = text.read()
    with trap(content):
        os.unlink(path)
        os.symlink(TRAP, path)
        assert opened("alice").reply["XACCT_ROLE"] == AUDIT, "it counts as none"
        assert ask("alice", "default", session, role=DEV)["status"] == "permitted"
        assert not os.path.islink(path)
    assert opened("alice").reply["XACCT_ROLE"] == DEV


def test_the_kept_policy_that_is_a_link_is_not_followed(bastion, sts):
    kept = f"{policy.STATE}/last-good.json"
    bastion.sshd.set_stack(options=f"timeout=5s state={policy.STATE}")
    assert bastion.sshd.ssh("alice", "true").status == 0
    policy.write("broken\n")
    assert bastion.sshd.ssh("alice", "true").status == 0, "by the last good one"
    with open(kept, encoding="ascii") as text:
        content = text.read()
    with trap(content):
        os.unlink(kept)
        os.symlink(TRAP, kept)
        assert bastion.sshd.ssh("alice", "true").status == 255, "nothing is in force"
