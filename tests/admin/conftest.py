"""`xacct check`, `xacct diff` and `xacct explain`, which execute xacct-admin.

Run below tests/enter, which gives private namespaces and folders:

    make tests asan && tests/enter /usr/bin/python3 -m pytest tests/admin

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from rig import accounts, policy

from .policies import GRANT, HEAD, KEYS, write

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
ROOT = pathlib.Path("/mnt/admin")

# Which program runs: by way of xacct, or, for tests of what is hostile, with AddressSanitizer.
BOTH = pytest.mark.parametrize("run", ["xacct", "asan"], indirect=True)

# What moves a terminal's cursor or turns text round, where it is as it is; but for lines' ends.
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="session", autouse=True)
def inside():
    mounts = pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8")
    if not re.search(r"^\S+ /mnt tmpfs ", mounts, re.MULTILINE):
        pytest.exit("run these tests below tests/enter", returncode=2)


@pytest.fixture
def folder():
    """An empty folder, which is where the command runs."""
    shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir(mode=0o755)
    return ROOT


@pytest.fixture
def run(request, folder):
    """Runs the command in the folder, with an environment of nothing but what a test gives."""
    program = ["/usr/bin/xacct"]
    if getattr(request, "param", "xacct") == "asan":
        program = [(BUILD / "asan/xacct-admin").resolve()]
        assert program[0].exists(), "build it first: make asan"

    def run_it(*words, env=None, **more):
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", **(env or {})}
        return subprocess.run([*program, *words], capture_output=True, text=True, env=environment,
                              cwd=more.pop("cwd", folder), stdin=subprocess.DEVNULL, timeout=60,
                              check=False, **more)
    return run_it


@pytest.fixture
def people():
    """Local users: alice and bob are ordinary, twin has bob's uid, helga a system user's."""
    with accounts.kept():
        for name, uid in (("alice", 2001), ("bob", 2002), ("carol", 2003), ("helga", 900)):
            accounts.add_user(name, uid)
        for line in ("twin:x:2002:2002::/:/bin/bash",):
            with open("/etc/passwd", "a", encoding="ascii") as out:
                out.write(line + "\n")
        with open("/etc/group", "a", encoding="ascii") as out:
            out.write("staff-a:x:3001:alice,bob\nstaff-b:x:3002:\naws-client-a-Auditor:x:3003:bob\n")
        yield


@pytest.fixture
def etc():
    """The real folder, with a policy, a fragment, a session policy and base credentials."""
    root = pathlib.Path("/etc/xacct")
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(mode=0o750)
    group = policy.xacct().pw_gid
    os.chown(root, 0, group)
    write(root, HEAD + "policy = a.json\n", "xacct.conf")
    write(root, GRANT, "conf.d/10.conf")
    write(root, "{}", "a.json")
    write(root, KEYS, "base.credentials")
    for path in ("xacct.conf", "conf.d/10.conf", "a.json", "base.credentials"):
        os.chown(root / path, 0, group)
        (root / path).chmod(0o640)
    yield root
    shutil.rmtree(root)
