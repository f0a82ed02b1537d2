"""A login whose role is delivered by process, before an STS that has AWS's own names here, so that
the clients are those that people use, as they are: nothing tells them of an endpoint.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import pwd
import shutil

import pytest

from rig import certs, policy, sts_standin
# `host` and `service` are for pytest, which finds them here.
from rig.fixtures import BASE_KEY, BASE_SECRET, host, know, service
from rig.sshd import Shell

STS = "sts.eu-west-1.amazonaws.com"
NAMES = (STS, "sts.amazonaws.com", sts_standin.IAM)
ROLE_SESSION = "arn:aws:sts::111122223333:assumed-role/Auditor/alice"

# What alice has had before there was a bastion: two keys of her own.
DEFAULT_ARN = "arn:aws:iam::444455556666:user/alice"
OWN_ARN = "arn:aws:iam::777788889999:user/alice"
DEFAULT_KEYS = "aws_access_key_id = AKIAALICESDEFAULT001\naws_secret_access_key = own/secret+1\n"
OWN_KEYS = "aws_access_key_id = AKIAALICESCLIENTX002\naws_secret_access_key = own/secret+2\n"

FOLDER = "/mnt/clients"
BUILD = os.environ.get("BUILD", "build")
PROGRAMS = {
    "boto3": f"/usr/bin/python3 {FOLDER}/identities.py",
    "javascript": f"node {FOLDER}/identities.cjs",
}

RULES = """
[account client-a]
id          = 111122223333
external_id = 7Zr-42

[role client-a-audit]
account  = client-a
name     = bastion/Auditor
deliver  = process
duration = 30m

[role client-a-dev]
account         = client-a
name            = Developer
deliver         = process
source_identity = no

[grant consultants]
users   = alice
roles   = client-a-audit client-a-dev
default = client-a-audit
"""


@pytest.fixture(scope="package")
def programs():
    """The programs and the JavaScript SDK, where users may read them."""
    packages = f"/run/tree/{BUILD}/clients/node_modules"
    assert os.path.isdir(packages), f"no JavaScript SDK there: make BUILD={BUILD} clients"
    shutil.copytree(packages, f"{FOLDER}/node_modules")
    for name in ("identities.py", "identities.cjs"):
        shutil.copy(f"/run/tree/tests/clients/{name}", FOLDER)
    yield FOLDER
    shutil.rmtree(FOLDER)


@pytest.fixture(scope="package")
def cloud(programs):
    """The strict stand-in under AWS's names, which everybody here takes for AWS."""
    authority = certs.Authority("/mnt/aws-ca")
    certificate = authority.issue("aws", ",".join(f"DNS:{name}" for name in NAMES))
    with open("/etc/hosts", encoding="ascii") as text:
        hosts = text.read()
    with open("/etc/hosts", "w", encoding="ascii") as out:
        out.write(f"{hosts}127.0.0.1 {' '.join(NAMES)}\n")
    with open("/etc/environment", "w", encoding="ascii") as out:
        for name in ("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
            out.write(f"{name}={authority.bundle}\n")
        # The SDK warns of Node.js 18, which is Debian's.
        out.write(f"NODE_PATH={programs}/node_modules\nNODE_NO_WARNINGS=1\n")
    with sts_standin.StandIn(certificate=certificate, port=443) as running:
        running.bundle = authority.bundle
        yield running
    with open("/etc/hosts", "w", encoding="ascii") as out:
        out.write(hosts)
    os.unlink("/etc/environment")
    shutil.rmtree(authority.folder)


@pytest.fixture
def sts(cloud):
    cloud.forget()
    know(cloud)
    cloud.principals |= {
        "AKIAALICESDEFAULT001": sts_standin.Principal(DEFAULT_ARN, "own/secret+1"),
        "AKIAALICESCLIENTX002": sts_standin.Principal(OWN_ARN, "own/secret+2"),
    }
    yield cloud
    cloud.forget()


@pytest.fixture
def bastion(host, sts):
    """The bastion, with roles that are delivered by process."""
    host.reset(f"https://{STS}", BASE_KEY, BASE_SECRET)
    write_policy(sts)
    return host


def write_policy(sts, rules=RULES):
    policy.write(policy.heading(f"https://{STS}", f"ca_bundle = {sts.bundle}") + rules)


@pytest.fixture
def home(host):
    """Alice's home folder: home(".aws/config", text) writes a file there. It is empty at first."""
    alice = pwd.getpwnam("alice")
    folder = alice.pw_dir

    def write(name, text):
        path = f"{folder}/{name}"
        made = os.path.dirname(path)
        os.makedirs(made, exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        for entry in (path, made):
            os.chown(entry, alice.pw_uid, alice.pw_gid)
        return path

    yield write
    for name in os.listdir(folder):
        path = f"{folder}/{name}"
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)


@pytest.fixture
def login(bastion, service, home):
    """Logs alice in: login() is a Shell."""
    shells = []

    def start():
        shells.append(Shell(bastion.sshd, "alice"))
        return shells[-1]

    yield start
    for shell in shells:
        shell.cut()
