"""`xacct doctor` on a host that is as it should be, until a test spoils one thing.

Run below tests/enter, which gives private namespaces and folders:

    make tests && tests/enter /usr/bin/python3 -m pytest tests/doctor

SPDX-License-Identifier: BSD-2-Clause
"""

import dataclasses
import json
import os
import re
import shutil
import subprocess

import pytest

from rig import accounts, policy
from rig.bastion import RULES, SESSION_POLICY, USERS
# For pytest, which finds them here.
from rig.fixtures import BASE_KEY, BASE_SECRET, running_standin, sts
from rig.service import Service, installed

RESULTS = ("ok", "note", "cannot tell", "warning", "fault")

# Where our lines stand as conf/pam.d-sshd.example has them.
MODULE = "/mnt/security/pam_xacct.so"
STACK = f"""\
@include common-auth
account required {MODULE}
@include common-account
session required pam_loginuid.so
@include common-session
session required {MODULE}
session required pam_limits.so
session required pam_env.so user_readenv=1
"""


@dataclasses.dataclass
class Line:
    """One thing that the doctor told."""

    examination: str
    result: str
    text: str


@dataclasses.dataclass
class Told:
    """What a run told, and its exit status."""

    status: int
    lines: list
    printed: str

    def of(self, *results):
        """The texts that came out so."""
        return [line.text for line in self.lines if line.result in results]

    @property
    def wrong(self):
        return self.of("warning", "fault")

    def one(self, result, pattern):
        """The one line of this result, which has this in it."""
        found = [text for text in self.of(result) if re.search(pattern, text)]
        assert len(found) == 1, f"{result}: {pattern} in:\n{self.printed}"
        return found[0]


def parse(printed):
    """The lines of text, each of which has its form."""
    lines = []
    for line in printed.splitlines():
        match = re.fullmatch(rf"([a-z]+): ({'|'.join(RESULTS)}): (.+)", line)
        assert match, line
        lines.append(Line(*match.groups()))
    return lines


def run(*words, **more):
    """Runs the command as root, with nothing of ours in the environment."""
    return subprocess.run(
        ["/usr/bin/xacct", *words],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        timeout=100,
        check=False,
        **more,
    )


@pytest.fixture
def doctor(world):
    """Runs some examinations: doctor("pam") is what they told; it is the same as JSON."""

    def examine(only, *words):
        done = run("doctor", "--only", only, *words)
        assert done.stderr == ""
        return Told(done.returncode, parse(done.stdout), done.stdout)

    return examine


@pytest.fixture
def as_json(world):
    """The same as JSON, parsed; and its exit status."""

    def examine(only, *words):
        done = run("doctor", "--json", "--only", only, *words)
        return json.loads(done.stdout), done.returncode

    return examine


def write_stack(text=STACK, service="sshd"):
    accounts.write(f"/etc/pam.d/{service}", text)


@pytest.fixture
def world(sts):
    """Users, a policy before the stand-in, base credentials, the folders, the programs and PAM
    lines, all as they should be. There is no service yet."""
    with accounts.kept(), accounts.replaced("/etc/pam.d/sshd", STACK), installed():
        for name, uid in USERS.items():
            accounts.add_user(name, uid)
        for folder in ("/var/lib/xacct", "/run/xacct"):
            os.makedirs(folder, exist_ok=True)
            shutil.chown(folder, "xacct", "xacct")
            for name in os.listdir(folder):
                os.unlink(f"{folder}/{name}")
        policy.prepare()
        policy.write_base(BASE_KEY, BASE_SECRET)
        policy.place(f"{policy.FOLDER}/policies/reports.json", SESSION_POLICY)
        policy.write(policy.heading(sts.url) + RULES)
        yield sts


@pytest.fixture
def service(world):
    with Service() as running:
        yield running
