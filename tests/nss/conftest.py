"""A bastion whose policy has Unix groups, and an nsswitch.conf that asks libnss_xacct for them.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import shutil
import subprocess

import pytest

from rig import accounts, bastion as rig_bastion, callers as rig_callers, policy
from rig.fixtures import bastion, running_standin, sts  # for pytest, found here
from rig.ldap import Ldap, Unit
from rig.service import Service
from rig.sshd import Sshd
from rig.sssd import Sssd

BUILD = os.environ.get("BUILD", "build")
PROGRAM = "/mnt/look_ups"

CLIENT_A = "xacct-client-a", 70001
A_AUDIT = "xacct-a-audit", 70002
CLIENT_B = "xacct-client-b", 70011
ALL = dict([CLIENT_A, A_AUDIT, CLIENT_B])

DEFINITIONS = """
[account client-a]
id          = 111122223333
external_id = 7Zr-42
unix_group  = xacct-client-a
gid         = 70001

[role client-a-audit]
account    = client-a
name       = bastion/Auditor
unix_group = xacct-a-audit
gid        = 70002

[role client-a-dev]
account         = client-a
name            = Developer
source_identity = no

[account client-b]
id         = 444455556666
unix_group = xacct-client-b
gid        = 70011

[role client-b-dev]
account = client-b
name    = Developer
"""
ALICE = "\n[grant alice]\nusers = alice\nroles = client-a-audit\n"
BOB = "\n[grant bob]\nusers = bob\nroles = client-b-dev\n"

SSHD = """\
AllowGroups xacct-client-a
"""
MATCH = """
Match Group xacct-a-audit
    ForceCommand echo an auditor; id -Gn
"""


def groups_from(*sources):
    """As accounts.replaced: nsswitch.conf names these sources for groups."""
    return accounts.replaced(accounts.NSSWITCH, accounts.groups_from(sources))


def run(*command, user=None, **options):
    """Runs a command, as root or as a user of the rig (a name or a uid) and nobody's group;
    returns how it came out."""
    if user is not None:
        uid = rig_bastion.USERS.get(user, user)
        options |= {"user": uid, "group": uid, "extra_groups": []}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, cwd="/", **options
    )


def ours(numbers):
    """Those of the policy's groups whose numbers these are."""
    return {name for name, gid in ALL.items() if str(gid) in numbers}


def groups_of(user, asked_by=None):
    """The policy's groups that `id` says a user is in."""
    told = run("id", "-G", user, user=asked_by)
    assert told.returncode == 0, told.stderr
    return ours(told.stdout.split())


def look_up(*words, user=None, **options):
    """What the program look_ups prints."""
    done = run(PROGRAM, *map(str, words), user=user, **options)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout.strip()


@pytest.fixture(scope="package")
def host():
    shutil.copy(f"{BUILD}/tests/nss/look_ups", PROGRAM)
    with rig_bastion.Bastion(Sshd(settings=SSHD, matches=MATCH)) as running:
        yield running


@pytest.fixture
def rules(bastion, sts):
    """Writes a policy of two accounts with groups and what a test says."""

    def write(text=ALICE + BOB, extra=""):
        policy.write(policy.heading(sts.url, extra) + DEFINITIONS + text)

    write()
    return write


@pytest.fixture
def service(rules):
    with Service() as running:
        yield running


@pytest.fixture
def nss(service):
    """Groups are asked for, after the local files."""
    with groups_from("files", "xacct"):
        yield


@pytest.fixture
def alone(rules):
    """nsswitch.conf asks, and nobody listens."""
    with groups_from("files", "xacct"):
        yield


@pytest.fixture(scope="package")
def callers(host):
    with rig_callers.Callers([]) as running:
        yield running


@pytest.fixture(scope="package")
def directory(host):
    """OpenLDAP behind SSSD: dora and her group."""
    unit = Unit({"dora": 20001}, {"auditors": (21001, ["dora"]), "leavers": (21002, [])})
    with Ldap({"here": unit}) as ldap, Sssd(ldap, {"here.example": ("here", {})}) as sssd:
        yield ldap, sssd
