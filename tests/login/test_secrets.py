"""No secret key and no token where it does not belong: the very bytes are looked for.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import signal
import subprocess
import time

import pytest

from rig import policy
from rig.fixtures import BASE_SECRET
from rig.processes import all_that_run, wait_until
from rig.sshd import HELPER


def read(pid, name):
    with open(f"/proc/{pid}/{name}", "rb") as content:
        return content.read()


def the_caller(held):
    """Of the helper's processes the one that holds the connection to STS: the one with secrets."""
    with_memory = [pid for pid in held if b"VmLck:\t       0 kB" not in read(pid, "status")]
    assert len(with_memory) == 1, "one process has locked memory"
    return with_memory[0]


def places(bastion):
    """What everybody with an interest in it writes down, by name."""
    found = {"syslog": bastion.syslog.text().encode(), "sshd": bastion.sshd.said().encode()}
    for folder in ("/mnt/log", "/var/log", "/mnt/run", "/mnt/ssh", "/tmp", "/run/xacct"):
        for parent, _, files in os.walk(folder):
            for name in files:
                with open(f"{parent}/{name}", "rb") as content:
                    found[f"{parent}/{name}"] = content.read()
    return found


def assert_absent(secrets, found):
    for place, content in found.items():
        for what, secret in secrets.items():
            assert secret.encode() not in content, f"{what} is in {place}"


def secrets_of(sts):
    named = {"the base secret": BASE_SECRET}
    for issued in sts.issued:
        named[f"the secret of {issued.access_key}"] = issued.secret
        named[f"the token of {issued.access_key}"] = issued.token
        # A line of a log that was cut would still give most of it away.
        named[f"half the token of {issued.access_key}"] = issued.token[: len(issued.token) // 2]
    return named


@pytest.mark.parametrize("options", ["timeout=5s", "timeout=5s debug"])
@pytest.mark.parametrize("behaviour", [None, "half", "cut", "huge", "access-denied", "html"])
def test_no_log_holds_a_secret_at_any_debug_level(bastion, sts, behaviour, options):
    sts.behaviour = {None: behaviour} if behaviour else {}
    bastion.sshd.set_stack(session="optional", options=options)
    login = bastion.sshd.ssh("alice", "true")
    bastion.sshd.ssh("alice", tty=True, typed="exit\n")
    assert login.status == 0
    assert len(sts.issued) == 2
    assert "pam_xacct(sshd:session)" in bastion.syslog.text()
    found = places(bastion)
    assert policy.AUDIT in found
    assert_absent(secrets_of(sts), found)


def test_a_live_sessions_record_holds_no_secret(bastion, sts):
    running = bastion.sshd.start("alice", "cat")
    wait_until(bastion.records, 10, "the session's record")
    found = places(bastion)
    running.communicate(timeout=10)
    assert [name for name in found if name.startswith(policy.SESSIONS)]
    assert_absent(secrets_of(sts), found)


def test_the_helpers_arguments_and_environment_hold_no_secret(held, sts):
    for pid in held:
        found = {name: read(pid, name) for name in ("cmdline", "environ")}
        assert b"xacct-helper" in found["cmdline"]
        assert_absent(secrets_of(sts), found)


def test_the_helper_is_confined(held):
    for pid in held:
        status = dict(
            line.split(":\t", 1) for line in read(pid, "status").decode().splitlines()
        )
        uid, gid = (str(number) for number in policy.xacct()[2:4])
        assert status["Uid"].split() == [uid] * 4
        assert status["Gid"].split() == [gid] * 4
        assert status["Groups"].split() == []
        assert {status[name] for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")} == {"0" * 16}
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"


def test_the_helper_leaves_no_core(held):
    for pid in held:
        (limit,) = [
            line for line in read(pid, "limits").decode().splitlines() if "core file" in line
        ]
        assert limit.split()[4:6] == ["0", "0"]
    # The kernel gives the files of a process that is not dumpable to root.
    assert {os.stat(f"/proc/{pid}/environ").st_uid for pid in held} == {0}


@pytest.mark.parametrize("name", ["environ", "mem"])
@pytest.mark.parametrize("user", ["xacct", "alice"])
def test_the_helpers_memory_is_closed_to_its_own_user_and_others(held, user, name):
    for pid in held:
        done = subprocess.run(
            ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
            + ["head", "-c", "1", f"/proc/{pid}/{name}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert "Permission denied" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT])
def test_a_helper_that_crashes_ends_the_login_and_leaves_no_core(bastion, sts, number):
    sts.behaviour = {None: "stall"}
    bastion.sshd.set_stack(options="timeout=30s")
    running = bastion.sshd.start("alice", "true")
    sts.wait_for_calls(1)
    pids = all_that_run(HELPER)
    folders = {os.readlink(f"/proc/{pid}/cwd") for pid in pids}
    before = {folder: set(os.listdir(folder)) for folder in folders}
    start = time.monotonic()
    os.kill(the_caller(pids), number)
    running.communicate(timeout=40)
    assert running.returncode == 254
    assert time.monotonic() - start < 5, "the module notices at once"
    assert bastion.verdict()[0] == "unavailable"
    assert {folder: set(os.listdir(folder)) for folder in folders} == before
    wait_until(lambda: not all_that_run(HELPER), 5, "the helper's processes to be gone")


def test_nothing_of_the_helper_is_left_after_a_login(bastion):
    bastion.sshd.ssh("alice", "true")
    wait_until(lambda: not all_that_run(HELPER), 5, "the helper's processes to be gone")
