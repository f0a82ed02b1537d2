"""The host on which it is measured: users, an STS that answers at once and that the system's trust
store knows, policies, PAM stacks, the service.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import pwd
import shutil
import subprocess

from measuring import Meter
from rig import accounts, certs, policy
from rig.processes import Process
from rig.service import Service
from rig.sshd import HELPER, MODULE

ROOT = "/mnt/bench"
PROGRAMS = f"{ROOT}/programs"
STACKS = f"{ROOT}/pam.d"
SOCKETS = "/run/xacct"
# Below a folder that the helper may read, as the hashes of the trust store are links to it.
LOCAL_CAS = "/usr/share/bench-ca"

USERS = [f"bench-{number}" for number in range(50)]
ROLE_ARN = "arn:aws:iam::111122223333:role/bastion/Auditor"
KEY, SECRET = "AKIABASTIONBASE00001", "base/secret+of-the-bastion/0123456789abc"
LONG, SHORT = 3600, 60  # seconds that credentials live: long enough to be kept, or not
REGION = "eu-west-1"

HEADING = f"""\
[xacct]
region       = {REGION}
sts_endpoint = {{url}}
audit        = {{audit}}
sessions     = {{sessions}}
state        = {{state}}

[base]
source = file
file   = {policy.BASE}
"""

RULES = """
[account client-a]
id          = 111122223333
external_id = 7Zr-42

[role client-a-audit]
account  = client-a
name     = bastion/Auditor
duration = 1h

[grant everybody]
services = sshd account session both
roles    = client-a-audit
default  = client-a-audit
"""


class Setting:
    """All of it, from `with` until its end."""

    def __init__(self):
        self.parts = contextlib.ExitStack()
        self.certificate = None
        self.ca = None

    def __enter__(self):
        with contextlib.ExitStack() as parts:
            parts.enter_context(accounts.kept())
            add_users(USERS, 4000)
            build = os.environ.get("BUILD", "build")
            os.makedirs(STACKS)
            shutil.copytree(f"{build}/tests/bench", PROGRAMS)
            self._trust_our_ca()
            policy.prepare()
            policy.write_base(KEY, SECRET)
            self.parts = parts.pop_all()
        return self

    def __exit__(self, *_):
        self.parts.close()

    def _trust_our_ca(self):
        authority = certs.Authority(f"{ROOT}/ca")
        self.ca = authority.bundle
        self.certificate = authority.issue("sts")
        os.makedirs(f"{ROOT}/no-hooks")
        os.makedirs(LOCAL_CAS)
        shutil.copy(self.ca, f"{LOCAL_CAS}/bench.crt")
        subprocess.run(
            [
                *["update-ca-certificates", "--localcertsdir", LOCAL_CAS],
                *["--hooksdir", f"{ROOT}/no-hooks"],
            ],
            check=True,
            capture_output=True,
        )

    @contextlib.contextmanager
    def sts(self, life=LONG, delay_ms=0):
        """An STS that answers after so long with credentials of so many seconds; its URL."""
        log = f"{ROOT}/sts-{life}-{delay_ms}.log"
        command = [f"{PROGRAMS}/sts_answers", *self.certificate, str(life), str(delay_ms)]
        with contextlib.suppress(FileNotFoundError):
            os.unlink(log)
        with Process(command, log) as server:
            port = server.wait_until(server.output, 10, "the port of STS")
            yield f"https://127.0.0.1:{port.strip()}"


def add_users(names, first_uid):
    for number, name in enumerate(names):
        accounts.add_user(name, first_uid + number)


def program(name, *arguments, user=None, env=None):
    """One of the programs that measure."""
    return Meter([f"{PROGRAMS}/{name}", *arguments], user, env)


@contextlib.contextmanager
def least_service(*sts):
    """The least that a service can be, from `with` until its end, which asks STS if it is told URL
    and CA; the line of a PAM stack that asks it. The source of NSS asks the one without."""
    path = f"{ROOT}/least-asking" if sts else f"{ROOT}/least"
    with program("least_service", path, *sts) as service:
        service.measure()  # it listens
        yield f"required {PROGRAMS}/pam_least.so {path}"


def processes(user=None, env=None):
    """What starts processes and says how long they take."""
    return program("processes", user=pwd.getpwnam(user) if user else None, env=env)


def write_policy(url, name="xacct", rules=None):
    """A policy for all USERS unless there are other rules, with folders of its own for what the
    helper keeps; returns its path."""
    if rules is None:
        rules = RULES + "".join(f"users = {user}\n" for user in USERS)
    kept = {key: f"{ROOT}/{name}/{key}" for key in ("sessions", "state", "log")}
    for folder in kept.values():
        os.makedirs(folder)
        os.chown(folder, policy.xacct().pw_uid, policy.xacct().pw_gid)
        os.chmod(folder, 0o700)
    heading = HEADING.format(url=url, audit=f"{kept['log']}/audit.jsonl", **kept)
    return policy.place(f"{policy.FOLDER}/{name}.conf", heading + rules)


def service(config, name="socket"):
    """The Service with a policy, on a socket of this name."""
    return Service(config, f"{SOCKETS}/{name}")


def write_stack(name, account="required pam_permit.so", session="required pam_permit.so"):
    """A PAM stack for the program `logins`."""
    with open(f"{STACKS}/{name}", "w", encoding="ascii") as out:
        out.write(f"account {account}\nsession {session}\n")


def our_line(config, socket=None):
    """The module with a policy: by the service on the socket, or by a helper of its own."""
    way = f"socket={SOCKETS}/{socket}" if socket else ""
    return f"required {MODULE} helper={HELPER} config={config} timeout=5s {way}"


def place_script(name, text):
    """An executable shell script; returns its path."""
    path = f"{ROOT}/{name}"
    with open(path, "w", encoding="ascii") as out:
        out.write(text)
        os.fchmod(out.fileno(), 0o755)
    return path
