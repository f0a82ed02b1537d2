"""A policy or a credentials file that is wrong: misconfigured, with file and line in the log.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import shutil
import subprocess

import pytest

from rig import frames, policy
from rig.service import Service


def edit(old, new):
    """Replaces a text in the policy; returns the line where it stood, counted from 1."""
    with open(policy.FILE, encoding="utf-8") as text:
        before = text.read()
    assert old in before
    policy.write(before.replace(old, new))
    return before[: before.index(old)].count("\n") + 1


ERRORS = {
    "missing-role": ("roles = client-a-dev\n", "roles = client-a-ops\n", "client-a-ops"),
    "illegal-duration": ("duration        = 30m", "duration        = 13h", "13h"),
    "unknown-key": ("users   = alice mallory", "usrs    = alice", "usrs"),
    "unknown-section": ("[deny leavers]", "[dney leavers]", "dney"),
    "too-long": ("users = bob", "users = " + " ".join(["bob"] * 60), "247 bytes"),
    "missing-session-policy": ("policies/reports.json", "policies/none.json", "none.json"),
    "default-not-granted": ("default = client-a-audit", "default = client-b", "client-b"),
}


@pytest.mark.parametrize("old, new, words", ERRORS.values(), ids=ERRORS)
def test_an_error_in_the_policy_is_named_with_its_line(bastion, sts, old, new, words):
    line = edit(old, new)
    login = bastion.sshd.ssh("alice", "true")
    status, text, reference = bastion.verdict("account")
    assert login.status == 255
    assert status == "misconfigured"
    assert f"{policy.FILE}:{line}: " in text and words in text
    assert bastion.audit(policy.DEFAULT_AUDIT)[-1]["reference"] == reference
    assert not sts.calls


def make_world_readable(path):
    os.chmod(path, 0o644)


def give_to_somebody(path):
    os.chown(path, 1001, -1)


def make_group_writable(path):
    os.chmod(path, 0o660)


def make_symlink(path):
    os.rename(path, path + ".real")
    os.symlink(path + ".real", path)


def open_its_folder(path):
    os.chmod(os.path.dirname(path), 0o777)


DISTRUST = [
    make_world_readable,
    give_to_somebody,
    make_group_writable,
    make_symlink,
    open_its_folder,
    os.unlink,
]


@pytest.fixture
def full(bastion):
    """Returns a function that fills the file system of the state to its last byte."""
    own = policy.xacct()
    options = f"size=128k,mode=0700,uid={own.pw_uid},gid={own.pw_gid}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", policy.STATE], check=True)

    def fill():
        with open(f"{policy.STATE}/somebodys", "wb", buffering=0) as out:
            with pytest.raises(OSError, match="No space left"):
                while True:
                    out.write(b"x" * 512)

    yield fill
    subprocess.run(["umount", "-l", policy.STATE], check=True)


def test_on_a_full_disk_the_last_good_policy_is_kept_all_the_same(bastion, sts, full):
    """In the room of the one before, which must not come into force again."""
    bastion.sshd.set_stack(options=f"timeout=5s state={policy.STATE}")
    with Service():
        assert bastion.sshd.ssh("alice", "true").status == 0
        full()
        edit("duration        = 30m", "duration        = 31m")
        assert bastion.sshd.ssh("alice", "true").status == 0
    edit("users = bob", "usrs = bob")
    login = bastion.sshd.ssh("alice", "env")
    assert login.status == 0 and login.environment["AWS_ACCESS_KEY_ID"]
    assert [call.parameters["DurationSeconds"] for call in sts.calls] == [1800, 1860, 1860]


@pytest.mark.parametrize("spoil", DISTRUST)
@pytest.mark.parametrize(
    "path, kind",
    [
        (policy.FILE, "account"),
        (f"{policy.FOLDER}/policies/reports.json", "account"),
        (policy.BASE, "session"),
    ],
    ids=["policy", "session-policy", "base-credentials"],
)
def test_a_file_that_cannot_be_trusted_is_refused(bastion, sts, path, kind, spoil):
    spoil(path)
    # The base credentials lie in the same folder as the policy, which is looked at first.
    kind = "account" if spoil is open_its_folder else kind
    login = bastion.sshd.ssh("alice", "true")
    status, text, reference = bastion.verdict(kind)
    assert login.status in (254, 255)
    assert status == "misconfigured"
    assert (os.path.dirname(path) if spoil is open_its_folder else path) in text
    assert reference in login.stdout + login.stderr
    assert not sts.calls


def test_where_failing_open_is_wanted_a_broken_policy_lets_in_without_credentials(bastion, sts):
    os.chmod(policy.FILE, 0o644)
    bastion.sshd.set_stack("optional", "optional")
    login = bastion.sshd.ssh("alice", "env")
    assert login.status == 0
    assert login.environment["XACCT_ERROR"].startswith("misconfigured:")
    assert "AWS_ACCESS_KEY_ID" not in login.environment
    assert not sts.calls


def test_stricter_modes_are_fine(bastion):
    for path in (policy.FILE, policy.BASE, f"{policy.FOLDER}/policies/reports.json"):
        os.chmod(path, 0o440)
    os.chmod(policy.FOLDER, 0o750)
    os.chown(policy.FOLDER, 0, policy.xacct().pw_gid)
    assert bastion.sshd.ssh("alice", "env").environment["XACCT_ROLE"] == "client-a-audit"


@pytest.mark.parametrize("fault", ["group-writable", "symlink", "setuid", "missing"])
def test_a_helper_that_root_cannot_trust_is_not_run(bastion, sts, fault):
    folder = f"/mnt/untrusted-{fault}"
    helper = f"{folder}/xacct-helper"
    os.mkdir(folder, 0o755)
    if fault == "symlink":
        os.symlink("/mnt/libexec/xacct-helper", helper)
    elif fault != "missing":
        os.link("/mnt/libexec/xacct-helper", f"{folder}/link")
        with open(f"{folder}/link", "rb") as program, open(helper, "wb") as copy:
            copy.write(program.read())
        os.chmod(helper, {"group-writable": 0o775, "setuid": 0o4755}[fault])
    bastion.sshd.set_stack(options=f"helper={helper}")
    assert bastion.sshd.ssh("alice", "true").status == 255
    status, text, _ = bastion.verdict("account")
    assert status == "misconfigured" and helper in text
    assert not sts.calls


DEFAULT_STATE = "/var/lib/xacct"


@pytest.fixture
def default_state():
    """The folder where the last good policy is kept by default, in a /var/lib of this test's own."""
    upper, work = "/mnt/over/state", "/mnt/over/state.work"
    for folder in (upper, work):
        os.makedirs(folder)
    subprocess.run(["mount", "-t", "overlay", "-o", f"lowerdir=/var/lib,upperdir={upper},"
                    f"workdir={work}", "overlay", "/var/lib"], check=True)
    shutil.rmtree(DEFAULT_STATE, ignore_errors=True)
    os.mkdir(DEFAULT_STATE, 0o700)
    os.chown(DEFAULT_STATE, policy.xacct().pw_uid, policy.xacct().pw_gid)
    yield DEFAULT_STATE
    subprocess.run(["umount", "--lazy", "/var/lib"], check=True)
    for folder in (upper, work):
        shutil.rmtree(folder)


def see_by_login(bastion):
    assert bastion.sshd.ssh("alice", "env").environment["XACCT_ROLE"] == "client-a-audit"


def see_by_the_service_that_was_started_before(service):
    """Its sandbox lets it not keep the policy in the new folder, so it replies nothing and ends."""
    with frames.connect() as connection:
        connection.sendall(frames.request_bytes(frames.open_request("alice", os.getpid())))
        assert frames.receive(connection) is None
    assert service.wait() == 0


def break_and_see_that_bob_is_out(bastion, sts):
    """By helpers that are started for each login and know of no folder but the one by default."""
    policy.write("this is no policy\n")
    calls = len(sts.calls)
    login = bastion.sshd.ssh("bob", "env")
    assert login.status == 0
    assert not [name for name in login.environment if name.startswith(("AWS_", "XACCT_"))]
    assert len(sts.calls) == calls
    # What is in force is the moved one, in the place of the old.
    see_by_login(bastion)


@pytest.mark.parametrize("by", ["login", "service"])
def test_a_policy_that_moved_its_state_does_not_come_back_as_it_was_before(
        bastion, sts, default_state, by):
    """Bob has a role until the policy moves and takes it away. While it is broken, nobody can know
    where to."""
    edit(f"state        = {policy.STATE}\n", "")
    with Service() if by == "service" else contextlib.nullcontext() as service:
        assert bastion.sshd.ssh("bob", "env").environment["XACCT_ROLE"] == "client-a-dev"
        assert "last-good.json" in os.listdir(default_state)
        edit("[xacct]\n", f"[xacct]\nstate = {policy.STATE}\n")
        edit("users = bob", "users = toor")
        if by == "login":
            see_by_login(bastion)
        else:
            see_by_the_service_that_was_started_before(service)
    break_and_see_that_bob_is_out(bastion, sts)


def test_what_another_helper_left_there_is_seen_by_a_service_whose_policy_has_moved(
        bastion, sts, default_state):
    edit(f"state        = {policy.STATE}\n", "")
    assert bastion.sshd.ssh("bob", "env").environment["XACCT_ROLE"] == "client-a-dev"
    with open(f"{default_state}/last-good.json", encoding="ascii") as kept:
        older = kept.read()
    edit("[xacct]\n", f"[xacct]\nstate = {policy.STATE}\n")
    edit("users = bob", "users = toor")
    with Service():
        see_by_login(bastion)
        with open(f"{default_state}/last-good.json", "w", encoding="ascii") as kept:
            kept.write(older)
        edit("users = toor", "users = eve")
        see_by_login(bastion)
    break_and_see_that_bob_is_out(bastion, sts)
