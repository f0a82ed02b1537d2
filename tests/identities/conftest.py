"""A bastion whose people come from everywhere: from local files, from a directory by SSSD, and with
certificates that several authorities have signed, some of them into one shared Unix account.

SPDX-License-Identifier: BSD-2-Clause
"""

import dataclasses

import pytest

from rig import accounts, bastion as rig_bastion, callers as rig_callers, policy, ssh_ca
from rig.fixtures import bastion, login, running_standin, service, sts  # for pytest, found here
from rig.ldap import Ldap, Unit
from rig.sshd import Sshd
from rig.sssd import Sssd

# Beside the usual users: an account that many share, and one that takes two proofs to enter.
DEPLOY, PAIRED = 1010, 1011

SETTINGS = """\
PasswordAuthentication yes
KbdInteractiveAuthentication yes
TrustedUserCAKeys {folder}/authorities
AuthorizedPrincipalsFile {folder}/principals
"""
MATCHES = """
Match User paired
    AuthenticationMethods publickey,publickey
"""

# Of people, their groups and what they are for: README's names where there is no other reason.
MANY = 500
UNITS = {
    # Names are short.
    "here": Unit(
        {"dora": 20001, "anna maria": 20002, "emil": 20003, "frieda": 20004},
        {
            "auditors": (21001, ["dora", "frieda"]),
            "aws developers": (21002, ["anna maria"]),
            "leavers": (21003, []),
            "leaving": (21004, ["emil"]),
        },
    ),
    # Names have the domain's.
    "corp": Unit(
        {"dora": 30001, "Viktor.Klein": 30002, "greta": 30003, "emil": 30004},
        {
            "auditors": (31001, ["Viktor.Klein"]),
            "aws-client-a-Auditor": (31002, ["dora", "greta"]),
            "aws-client-a-Developer": (31003, []),
            **{f"team-{number:03}": (32000 + number, ["greta"]) for number in range(MANY)},
        },
    ),
    # And SSSD makes them lower-case.
    "nocase": Unit(
        {"Nora.Gross": 40001},
        {"Auditors": (41001, ["Nora.Gross"]), "aws-client-a-Developer": (41002, ["Nora.Gross"])},
    ),
}
QUALIFIED = {"use_fully_qualified_names": "true"}
DOMAINS = {
    "here.example": ("here", {}),
    "corp.example": ("corp", QUALIFIED),
    "nocase.example": ("nocase", QUALIFIED | {"case_sensitive": "false"}),
}

ROLES = """
[account client-a]
id          = 111122223333
external_id = 7Zr-42

[role audit]
account = client-a
name    = bastion/Auditor

[role dev]
account         = client-a
name            = Developer
source_identity = no
"""


def run(user, command):
    """What the command is like in a shell that this user has logged in to."""
    return rig_callers.with_loginuid(rig_bastion.USERS[user], command, user)


def held(environment):
    """The names of the variables that are ours."""
    return {name for name in environment if name.startswith(("AWS_", "XACCT_"))}


@pytest.fixture(scope="package")
def host():
    server = Sshd(settings=SETTINGS, matches=MATCHES)
    with rig_bastion.Bastion(server) as running:
        accounts.add_user("deploy", DEPLOY)
        accounts.add_user("paired", PAIRED)
        yield running


@pytest.fixture
def rules(bastion, sts):
    """Writes a policy of an account, two roles and what a test says."""

    def write(text, extra=""):
        policy.write(policy.heading(sts.url, extra) + ROLES + text)

    return write


@pytest.fixture(scope="package")
def running_directory(host):
    with Ldap(UNITS) as ldap, Sssd(ldap, DOMAINS) as sssd:
        yield ldap, sssd


@dataclasses.dataclass
class Directory:
    ldap: Ldap
    sssd: Sssd


@pytest.fixture
def directory(bastion, running_directory):
    """The directory and SSSD, which serve until a test says otherwise; sshd's stack asks them."""
    bastion.sshd.directory = True
    bastion.sshd.set_stack()
    running = Directory(*running_directory)
    yield running
    running.ldap.mend()
    running.sssd.mend()


@pytest.fixture(scope="package")
def callers(host):
    with rig_callers.Callers(["alice", "bob", "deploy"]) as running:
        yield running


@dataclasses.dataclass
class Authorities:
    """Those that sign: for staff by key id, for the partners A (by principal) and B (by key id);
    and one that sshd trusts and no [ca] knows."""

    staff: ssh_ca.Authority
    partner_a: ssh_ca.Authority
    partner_b: ssh_ca.Authority
    unlisted: ssh_ca.Authority

    def rules(self):
        """The [ca] sections."""
        return f"""
[ca staff]
key   = {self.staff.public}
names = *@corp.example

[ca partner-a]
key      = {self.partner_a.public}
identity = principal
names    = *@a.example

[ca partner-b]
key      = {self.partner_b.public}
identity = key-id
names    = *@b.example
"""


@pytest.fixture(scope="package")
def authorities(host):
    made = Authorities(
        ssh_ca.Authority("staff"),
        ssh_ca.Authority("partner-a", "ecdsa"),
        ssh_ca.Authority("partner-b"),
        ssh_ca.Authority("unlisted"),
    )
    folder = host.sshd.folder
    with open(f"{folder}/authorities", "w", encoding="ascii") as out:
        for name in ("staff", "partner_a", "partner_b", "unlisted"):
            out.write(getattr(made, name).public + "\n")
    with open(f"{folder}/principals", "w", encoding="ascii") as out:
        out.write("deploy\ncarol@a.example\nbruno@b.example\n")
    yield made
    ssh_ca.forget_all()
