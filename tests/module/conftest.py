"""A scratch host for the PAM module: users, a stack, a helper and a service that misbehave, a program
that logs in.

Run below tests/enter, which gives private namespaces and folders:

    make tests asan && tests/enter /usr/bin/python3 -m pytest tests/module

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import time

import pytest

# For the tests, which find them here.
from rig.login_result import (PAM_ACCT_EXPIRED, PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED,
                              PAM_SESSION_ERR, PAM_SUCCESS, PAM_SYSTEM_ERR, Result)

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
ROOT = pathlib.Path("/mnt/module")
PASSWD = pathlib.Path("/etc/passwd")

USERS = """\
module-alice:x:4101:4101:Alice:/:/bin/sh
module-bob:x:4102:4102:Bob:/:/bin/sh
module-daemon:x:417:417:a system user:/:/bin/sh
module-toor:x:0:0:root by another name:/:/bin/sh
"""

SESSION = "0123456789abcdef0123456789abcdef"
CREDENTIALS = [
    "AWS_ACCESS_KEY_ID=ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY=secret/of+a=key",
    "AWS_SESSION_TOKEN=token==",
]
PERMITTED = ["status=permitted", "reason=a grant names you", "message=role audit in client-a",
             f"session={SESSION}", *CREDENTIALS, "XACCT_ROLE=audit"]

LOG_AUTHPRIV = 10
LOG_ALERT, LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG = 1, 3, 4, 5, 6, 7


class Host:
    def __init__(self, build, root):
        self.module = build / "pam_xacct.so"
        self.program = build / "tests/module/login"
        self.root = root
        self.confdir = root / "pam.d"
        self.helper = root / "libexec/fake_helper"
        self.orders_file = root / "orders"
        self.record_file = root / "record/all"
        self.socket = root / "run/xacct/socket"
        self.service_orders_file = root / "service-orders"
        for folder in (root, self.confdir, self.helper.parent, self.record_file.parent,
                       self.socket.parent.parent, self.socket.parent):
            folder.mkdir(parents=True)
            folder.chmod(0o755)
        for folder in (self.record_file.parent, self.socket.parent):
            shutil.chown(folder, "xacct", "xacct")
        shutil.copy(build / "tests/module/fake_helper", self.helper)
        self.helper.chmod(0o755)
        self.stderr = ""  # of the last run
        self.orders("reply", PERMITTED)

    def orders(self, behaviour, reply=(), record=True):
        """What the helper is to do, and the strings of its reply (%HH is a byte)."""
        self.write_orders(self.orders_file, behaviour, reply, record)
        self.record_file.unlink(missing_ok=True)

    def write_orders(self, path, behaviour, reply=(), record=True):
        lines = [f"behaviour={behaviour}"]
        if record:
            lines.append(f"record={self.record_file}")
        path.write_text("\n".join([*lines, *reply]) + "\n")
        path.chmod(0o644)

    @contextlib.contextmanager
    def serving(self, behaviour, reply=PERMITTED, user="xacct", path=None, record=True):
        """A service on `path`, on which `user` listens; see `orders`."""
        self.write_orders(self.service_orders_file, behaviour, reply, record)
        process = subprocess.Popen(
            [self.helper, "--config", self.service_orders_file, "--listen", path or self.socket,
             str(pwd.getpwnam(user).pw_uid)], stdout=subprocess.PIPE, start_new_session=True)
        try:
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def ask(self, *steps, options="", **others):
        """As run, with the service asked first."""
        return self.run(*steps, options=f"socket={self.socket} {options}", **others)

    def run(self, *steps, user="module-alice", options="", helper=None, more="", wrap=(),
            env=None, config=True, service="test"):
        line = (f"{self.module.resolve()} {f'config={self.orders_file}' if config else ''} "
                f"helper={helper or self.helper} {options}")
        (self.confdir / service).write_text(
            "".join(f"{kind} required {line}\n"
                    for kind in ("auth", "account", "session", "password")) + more)
        (self.confdir / "other").write_text("")
        done = subprocess.run([*wrap, self.program, self.confdir, service, user, *steps],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              errors="surrogateescape", timeout=300, check=False,
                              env=os.environ | (env or {}))
        assert done.returncode == 0, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
        self.stderr = done.stderr
        return Result(done.stdout)

    def requests(self):
        """What helper and service received, and how they found themselves: one dict of lists each."""
        if not self.record_file.exists():
            return []
        requests = []
        for line in self.record_file.read_text().splitlines():
            if line == "[request]":
                requests.append({})
            else:
                key, _, value = line.partition("=")
                requests[-1].setdefault(key, []).append(value)
        return requests

    def operations(self):
        return [request["request_op"][0] for request in self.requests()]

    def ways(self):
        """By which way each request came."""
        return [{"--once": "helper", "--listen": "service"}[request["argument3"][0]]
                for request in self.requests()]


@contextlib.contextmanager
def dumped(value):
    """Programs find this in /proc/sys/fs/suid_dumpable: whether processes that have given up root
    are dumped, and seen by others of their user."""
    setting = ROOT / "suid_dumpable"
    setting.write_text(value)
    subprocess.run(["mount", "--bind", setting, "/proc/sys/fs/suid_dumpable"], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "/proc/sys/fs/suid_dumpable"], check=True)


def helper_processes():
    """Processes of the helper's user, whatever they are."""
    uid = pwd.getpwnam("xacct").pw_uid
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            status = (entry / "status").read_text() if entry.name.isdigit() else ""
        except (FileNotFoundError, ProcessLookupError):
            continue
        if re.search(rf"^Uid:\s+{uid}\s", status, re.MULTILINE):
            found.append(status)
    return found


def assert_no_helper_left():
    """All were killed before PAM returned; those that init reaps need a moment to vanish."""
    end = time.monotonic() + 5
    while helper_processes() and time.monotonic() < end:
        time.sleep(0.01)
    assert helper_processes() == []


@pytest.fixture(scope="session", autouse=True)
def users():
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    if not re.search(r"^\S+ /mnt tmpfs ", mounts, re.MULTILINE):
        pytest.exit("these tests change /etc/passwd: run them below tests/enter", returncode=2)
    before = PASSWD.read_text()
    PASSWD.write_text(before + USERS)
    yield
    PASSWD.write_text(before)


@pytest.fixture
def host():
    root = ROOT / "plain"
    shutil.rmtree(root, ignore_errors=True)
    return Host(BUILD, root)


@pytest.fixture
def sanitized_host():
    build = BUILD / "asan"
    assert (build / "pam_xacct.so").exists(), "build it first: make asan"
    root = ROOT / "asan"
    shutil.rmtree(root, ignore_errors=True)
    return Host(build, root)
