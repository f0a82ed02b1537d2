"""Debians that packages are tried in: one without ours, one with them, and one whose users log in.

Run below tests/enter, which gives private namespaces and folders:

    make tests deb build/packages/base && tests/enter /usr/bin/python3 -m pytest -m long tests/packages

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig.fixtures import BASE_ARN, BASE_KEY, BASE_SECRET, running_standin, sts  # for pytest, which finds them here
from rig.sts_standin import Role
from rig.syslog import Syslog

from . import roots

ROLE_ARN = "arn:aws:iam::111122223333:role/bastion/Auditor"
EXTERNAL_ID = "client-a-7Zr42"

POLICY = f"""\
[xacct]
region       = eu-west-1
sts_endpoint = {{sts}}

[base]
source = file
file   = /etc/xacct/base.credentials

[account client-a]
id          = 111122223333
external_id = {EXTERNAL_ID}

[role client-a-audit]
account = client-a
name    = bastion/Auditor

[grant client-a-auditors]
users   = alice
roles   = client-a-audit
"""
CREDENTIALS = f"[default]\naws_access_key_id = {BASE_KEY}\naws_secret_access_key = {BASE_SECRET}\n"


@pytest.fixture(scope="session")
def packages():
    """What `make deb` has made, by name."""
    return roots.built()


@pytest.fixture(scope="session")
def following(packages, tmp_path_factory):
    """The version after, by name."""
    return roots.following(packages, tmp_path_factory.mktemp("following"))


@pytest.fixture(scope="session")
def installed(packages, tmp_path_factory):
    """What installing all three has changed."""
    folder = tmp_path_factory.mktemp("installed")
    with roots.Root(folder) as root:
        root.install(*packages.values())
    return root.changes


@pytest.fixture
def bare(tmp_path):
    """A Debian without our packages."""
    with roots.Root(tmp_path / "bare") as root:
        yield root


@pytest.fixture
def root(installed, tmp_path):
    """A Debian with our packages, as they are right after they were installed."""
    with roots.Root(tmp_path / "installed", [installed]) as root:
        yield root


@pytest.fixture
def syslog():
    with Syslog() as running:
        yield running


def configure(root, sts):
    """Gives it a policy, keys, and alice a role before the stand-in."""
    sts.roles[ROLE_ARN] = Role(BASE_ARN, external_id=EXTERNAL_ID)
    for name, text in (("xacct.conf", POLICY.format(sts=sts.url)), ("base.credentials", CREDENTIALS)):
        path = root.path(f"/etc/xacct/{name}")
        path.write_text(text, encoding="ascii")
        root.shell(f"chown root:xacct /etc/xacct/{name}; chmod 0640 /etc/xacct/{name}")


def add_lines(root):
    """Adds our lines to the stack of sshd where the manual has them."""
    path = root.path("/etc/pam.d/sshd")
    text = path.read_text(encoding="ascii")
    for where, ours in (("@include common-account\n", "account  required  pam_xacct.so\n{}"),
                        ("@include common-session\n", "{}session  required  pam_xacct.so\n")):
        assert text.count(where) == 1
        text = text.replace(where, ours.format(where))
    path.write_text(text, encoding="ascii")


@pytest.fixture
def bastion(root, sts, syslog):
    """The sshd of a Debian with our packages, a policy and alice; no stack names our module yet."""
    configure(root, sts)
    with roots.Server(root) as server:
        server.admit("alice")
        server.syslog = syslog
        yield server


@pytest.fixture
def in_use(bastion):
    """The same, with our lines in the stack of sshd."""
    add_lines(bastion.root)
    return bastion
