"""What a consultant with a shell gets to know of processes that hold what is not theirs, and what
they can do to them.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import subprocess

import pytest

from rig import policy
from rig.processes import children_of, family_of, wait_until
from rig.service import Service

from .attacking import BETRAYING, BOBS, as_user, cores_wanted, crash, python_as, started

# Tries on each process all that leads into it; prints what succeeded.
INTO = r"""
import ctypes, json, os, sys

libc = ctypes.CDLL(None, use_errno=True)
ATTACH, DETACH, SEIZE = 16, 17, 0x4206
READABLE = ["auxv", "environ", "io", "maps", "mem", "numa_maps", "pagemap", "personality", "smaps",
            "stack", "syscall", "timers"]
LISTED = ["fd", "fdinfo", "map_files"]
LINKS = ["cwd", "exe", "root", "ns/mnt"]

def attempt(call):
    try:
        return call() is not False
    except OSError:
        return False

def read(path):
    with open(path, "rb", buffering=0) as file:
        if path.endswith("/mem"):
            return True
        file.read(1)

def trace(request, pid):
    if libc.ptrace(request, pid, 0, 0) != 0:
        return False
    os.waitpid(pid, 0) if request == ATTACH else None
    libc.ptrace(DETACH, pid, 0, 0)

def peek(pid):
    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
    here = ctypes.create_string_buffer(8)
    local = Vector(ctypes.addressof(here), 8)
    remote = Vector(ctypes.addressof(here), 8)
    got = libc.process_vm_readv(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
    # EFAULT: it was allowed, and there is nothing at that address.
    return got >= 0 or ctypes.get_errno() == 14

def take_descriptor(pid):
    pidfd = os.pidfd_open(pid)
    return libc.syscall(438, pidfd, 0, 0) >= 0  # pidfd_getfd

found = []
for pid in map(int, sys.argv[1:]):
    ways = {name: lambda name=name: read(f"/proc/{pid}/{name}") for name in READABLE}
    ways |= {name: lambda name=name: os.listdir(f"/proc/{pid}/{name}") for name in LISTED}
    ways |= {name: lambda name=name: os.readlink(f"/proc/{pid}/{name}") for name in LINKS}
    ways |= {f"task {name}": lambda name=name: read(f"/proc/{pid}/task/{pid}/{name}")
             for name in ("environ", "mem")}
    ways |= {
        "descriptor 0": lambda: open(f"/proc/{pid}/fd/0", "rb"),
        "kill": lambda: os.kill(pid, 0),
        "limits": lambda: libc.prlimit(pid, 4, None, ctypes.create_string_buffer(16)) == 0,
        "process_vm_readv": lambda: peek(pid),
        "pidfd_getfd": lambda: take_descriptor(pid),
        "ptrace": lambda: trace(ATTACH, pid),
        "ptrace seize": lambda: trace(SEIZE, pid),
    }
    found += [[pid, name] for name, call in ways.items() if attempt(call)]
print(json.dumps(found))
"""
# To whoever has its uid the kernel leaves these, whether it may be traced or not.
BY_ITS_UID = {"kill", "limits"}


# Of all processes that there are to be seen.
OWNERS = """
import json, os
pids = filter(str.isdigit, os.listdir("/proc"))
print(json.dumps([os.stat(f"/proc/{pid}").st_uid for pid in pids]))
"""


def allowed(is_its_own):
    return BY_ITS_UID if is_its_own else set()


def ways_into(user, pids):
    """What leads a user into any of these processes, by name."""
    return {name for _, name in python_as(user, INTO, *pids)}


def test_into_a_process_of_ones_own_all_ways_lead():
    """Else the tests below would say nothing."""
    with started("alice", "sleep", "60") as own:
        found = ways_into("alice", [own.pid])
    assert found >= {"mem", "environ", "maps", "fd", "cwd", "root", "descriptor 0", "limits",
                     "process_vm_readv", "pidfd_getfd", "ptrace", "ptrace seize", "kill"}


@pytest.mark.parametrize("user", ["alice", "xacct"])
def test_no_way_leads_into_the_service_and_its_look_ups(service, opened, user):
    opened("alice")
    pids = family_of(service.pid)
    assert len(pids) >= 3, "itself, the forker and a look-up process"
    assert ways_into(user, pids) <= allowed(user == "xacct")


@pytest.mark.parametrize("user", ["alice", "xacct"])
def test_no_way_leads_into_a_helper_at_work(held, user):
    assert ways_into(user, held) <= allowed(user == "xacct")


def test_no_way_leads_into_the_sshd_of_ones_own_session(clients, bastion, login):
    """It is root's that knows the session's keys; the other has the user's uid, and was root."""
    shell = login("bob")
    servers = sshds_of(bastion)
    assert {os.stat(f"/proc/{pid}/environ").st_uid for pid in servers} == {0}, "none may be traced"
    for user in ("bob", "alice"):
        assert ways_into(user, servers) <= allowed(user == "bob")
    assert shell.run("echo still there") == "still there\n"


def sshds_of(bastion):
    """The processes of sshd that serve sessions."""
    found = children_of(bastion.sshd.process.child.pid)
    for pid in found:
        found += [child for child in children_of(pid) if is_sshd(child)]
    assert len(found) == 2, found
    return found


def is_sshd(pid):
    return os.readlink(f"/proc/{pid}/exe") == "/usr/sbin/sshd"


def test_no_way_leads_into_the_shell_of_another_consultant(clients, login):
    shell = login("bob")
    pid = int(shell.run("echo $$"))
    assert ways_into("alice", [pid]) == set()
    assert "XACCT_ROLE" in as_user("bob", "cat", f"/proc/{pid}/environ").stdout


@pytest.fixture
def full_pipe():
    """A pipe's end into which nothing more goes."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    yield writing
    os.close(writing)
    os.close(reading)


def is_stuck(running):
    """Whether a process cannot get rid of what it prints."""
    with open(f"/proc/{running.pid}/syscall", encoding="ascii") as call:
        return call.read().split()[1:2] == ["0x1"]  # write(1, ...)


@pytest.fixture
def printing(clients, service, login, full_pipe, tmp_path):
    """xacct of bob's, which has the keys and cannot get rid of them; and the folder it works in."""
    shell = login("bob")
    os.chmod(tmp_path, 0o777)
    with (
        cores_wanted(),
        started("bob", "/usr/bin/xacct", "env", BOBS, stdout=full_pipe, cwd=tmp_path,
                env={"XACCT_SESSION": shell.session}) as running,
    ):
        wait_until(lambda: is_stuck(running), 10, "xacct to print")
        yield running, tmp_path


def test_the_command_shows_the_keys_it_prints_to_no_other_program(printing):
    running, _ = printing
    for user in ("alice", "bob"):
        found = ways_into(user, [running.pid])
        assert found <= allowed(user == "bob"), user


def test_the_command_leaves_no_core_with_keys_in_it(printing):
    running, folder = printing
    assert not crash(running)
    assert os.listdir(folder) == []


def test_the_service_leaves_no_core_whatever_limit_it_is_started_with(bastion, opened):
    """In a folder that its sandbox lets it write."""
    with cores_wanted(), Service(within=["env", f"--chdir={policy.STATE}"]) as service:
        assert opened("alice").reply["AWS_SECRET_ACCESS_KEY"]
        before = os.listdir(policy.STATE)
        assert not crash(service.process.child)
        assert os.listdir(policy.STATE) == before


def test_the_command_shows_nobody_which_role_it_is_about(printing):
    """For a moment it does, before it has begun: see the test of /proc below."""
    running, _ = printing
    seen = as_user("alice", "cat", f"/proc/{running.pid}/cmdline").stdout
    assert seen.strip("\0") == "/usr/bin/xacct"


def test_the_admins_command_shows_nobody_whom_it_is_about(clients, full_pipe):
    with started("root", "/usr/bin/xacct", "explain", "bob", "--groups", "orchid-staff",
                 stdout=full_pipe) as running:
        wait_until(lambda: is_stuck(running), 10, "xacct-admin to print")
        seen = as_user("alice", "cat", f"/proc/{running.pid}/cmdline").stdout
    assert seen.strip("\0") == "/usr/libexec/xacct-admin"


def test_no_argument_of_anybodys_names_another_client(clients, service, login):
    """Whatever processes there are: whoever has a shell sees the arguments of all."""
    shell = login("bob")
    command = f"xacct exec {BOBS} -- sleep 60 >/dev/null 2>&1 & echo $!"
    pid = int(shell.run(command))
    wait_until(lambda: b"sleep" in cmdline(pid), 10, "the command")
    seen = as_user("alice", "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n'").stdout
    shell.run(f"kill {pid}")
    assert "sleep" in seen and "sshd" in seen and "xacct-helper" in seen
    assert not [word for word in BETRAYING if word in seen]


def cmdline(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as arguments:
        return arguments.read()


def test_where_proc_is_hidden_from_users_all_works_and_nobody_sees_anothers_processes(
        clients, service, login):
    """README's line for /etc/fstab, with which no argument is seen for a moment either."""
    own = policy.xacct()
    hidden = f"remount,hidepid=invisible,gid={own.pw_gid}"
    subprocess.run(["mount", "-o", hidden, "/proc"], check=True)
    try:
        shell = login("bob")
        assert shell.run(f"xacct exec {BOBS} -- sh -c 'echo $XACCT_ROLE'") == f"{BOBS}\n"
        assert set(python_as("alice", OWNERS)) == {1001}
        service.kill()
        assert login("alice").environment["XACCT_ROLE"], "the helper sees what it needs as well"
    finally:
        subprocess.run(["mount", "-o", "remount,hidepid=off,gid=0", "/proc"], check=True)
