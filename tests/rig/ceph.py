"""A real STS and S3: Ceph's RADOS Gateway on one monitor and one memstore OSD, all on loopback.

Three tenants stand for three AWS accounts: the bastion's own with the user `bastion`, and two
clients, each with an administrator, a bucket and an object.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import os
import re
import subprocess
import uuid

from .processes import Process, free_port, listens, wait_until

BASTION_ACCOUNT = "999900001111"
BASTION_ARN = f"arn:aws:iam::{BASTION_ACCOUNT}:user/bastion"
BASTION_KEY = "BASTIONBASEKEY000001"
BASTION_SECRET = "bastion/base+secret/0123456789abcdefghij"

CAPS = "--caps=roles=*;oidc-provider=*"  # of a client's administrator

# The OSD is put into the map by the rig: when it does so itself at its start, it may speak before
# it has learned the cluster's fsid, and ends. The short paxos intervals save ten seconds.
CONFIG = """\
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{mon_port}
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon max pg per osd = 1000
paxos propose interval = 0.05
paxos min wait = 0.01
osd objectstore = memstore
osd crush update on start = false
osd class update on start = false
ms bind msgr2 = false
run dir = {folder}
admin socket = {folder}/$cluster-$name.asok
pid file = {folder}/$name.pid
log file = {folder}/$name.log
mon data = {folder}/mon
osd data = {folder}/osd
keyring = {folder}/keyring
mon warn on insecure global id reclaim = false
mon warn on insecure global id reclaim allowed = false

[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{rgw_port}
rgw s3 auth use sts = true
rgw sts key = 0123456789abcdef
rgw log http headers =
"""


class Client:
    """A client's account: its administrator's keys, and the bucket with its one object."""

    def __init__(self, gateway, account):
        self.gateway = gateway
        self.account = account
        self.access_key = f"ADMIN{account}000"
        self.secret = f"admin-secret-of-{account}"
        self.bucket = f"reports-{account}"
        self.object = "report.txt"
        self.text = f"a report of {account}\n"
        self.roles = []

    def aws(self, *arguments, typed=""):
        """Runs Debian's aws as the account's administrator; returns its standard output."""
        return run(
            ["/usr/bin/aws", "--endpoint-url", self.gateway.url, *arguments],
            env={
                **self.gateway.environment,
                "AWS_ACCESS_KEY_ID": self.access_key,
                "AWS_SECRET_ACCESS_KEY": self.secret,
                "AWS_DEFAULT_REGION": "us-east-1",
            },
            typed=typed,
        )

    def know_provider(self, provider, audience):
        """Makes a running oidc.Provider one of the account's, for tokens of this audience."""
        self.aws(
            *["iam", "create-open-id-connect-provider", "--url", provider.issuer],
            *["--client-id-list", audience, "--thumbprint-list", provider.thumbprint],
        )

    def trust_in(self, provider, audience):
        """A trust policy for whoever has a token of the provider for this audience."""
        arn = f"arn:aws:iam::{self.account}:oidc-provider/{provider.host}"
        return policy_document(
            ["sts:AssumeRoleWithWebIdentity"],
            Principal={"Federated": [arn]},
            Condition={"StringEquals": {f"{provider.host}:app_id": audience}},
        )

    def create_role(self, name, actions, trusted=BASTION_ARN, trust=None):
        """Creates a role that `trusted`, or whom the policy `trust` names, may assume and that may
        do `actions` on the bucket."""
        trust = trust or policy_document(["sts:AssumeRole"], Principal={"AWS": [trusted]})
        self.aws(
            "iam",
            "create-role",
            "--role-name",
            name,
            "--assume-role-policy-document",
            trust,
        )
        self.aws(
            "iam",
            "put-role-policy",
            "--role-name",
            name,
            "--policy-name",
            "own",
            "--policy-document",
            policy_document(
                actions,
                Resource=[f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"],
            ),
        )
        self.roles.append(f"arn:aws:iam::{self.account}:role/{name}")
        return self.roles[-1]


class Gateway:
    """The cluster and its gateway, from `with` until its end. `url` answers S3, IAM and STS."""

    def __init__(self, folder="/mnt/ceph"):
        self.folder = folder
        self.config = f"{folder}/ceph.conf"
        self.processes = []
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "CEPH_CONF": self.config,
        }

    def __enter__(self):
        try:
            self._start_monitor()
            self._start_osd()
            self._start_gateway()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        while self.processes:
            self.processes.pop().stop()

    def wait_for_answer(self, method, path):
        """The HTTP status of the newest request with this method and beginning of a path, from the
        gateway's own log: Debian's aws stumbles over its errors, whose message is empty."""
        pattern = re.compile(rf'beast: .*"{method} {re.escape(path)}.* HTTP/1.1" (\d+)')

        def statuses():
            with open(f"{self.folder}/client.rgw.log", encoding="utf-8") as log:
                return pattern.findall(log.read())

        return int(wait_until(statuses, 10, f"{method} {path} in the gateway's log")[-1])

    def create_bastion(self):
        """Creates the bastion's own account with the user whose keys are the base credentials."""
        self._create_user(BASTION_ACCOUNT, "bastion", BASTION_KEY, BASTION_SECRET)

    def create_client(self, account):
        """Creates a client's account of twelve digits with its bucket and object."""
        client = Client(self, account)
        self._create_user(account, "admin", client.access_key, client.secret, CAPS)
        client.aws("s3", "mb", f"s3://{client.bucket}")
        client.aws("s3", "cp", "-", f"s3://{client.bucket}/{client.object}", typed=client.text)
        return client

    def _create_user(self, account, name, access_key, secret, *options):
        self._run(
            "radosgw-admin",
            "user",
            "create",
            f"--tenant={account}",
            f"--uid={name}",
            f"--display-name={name}",
            f"--access-key={access_key}",
            f"--secret={secret}",
            *options,
        )

    def _start_monitor(self):
        os.makedirs(self.folder)
        mon_port = free_port()
        fsid = str(uuid.uuid4())
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(
                CONFIG.format(
                    fsid=fsid, mon_port=mon_port, rgw_port=self.port, folder=self.folder
                )
            )
        keyring = f"{self.folder}/keyring"
        monmap = f"{self.folder}/monmap"
        self._run(
            *["ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon."],
            *["--cap", "mon", "allow *"],
        )
        self._run(
            *["monmaptool", "--create", "--addv", "a", f"v1:127.0.0.1:{mon_port}"],
            *["--fsid", fsid, monmap],
        )
        self._run(
            *["ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring],
        )
        monitor = self._start("ceph-mon", "-i", "a", "-f")
        monitor.wait_until(lambda: listens(mon_port), 20, "the Ceph monitor's port")

    def _start_osd(self):
        osd_uuid = str(uuid.uuid4())
        self._run("ceph", "osd", "new", osd_uuid)
        self._run("ceph", "osd", "crush", "add", "0", "1.0", "root=default")
        os.mkdir(f"{self.folder}/osd")
        self._run("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", osd_uuid)
        osd = self._start("ceph-osd", "-i", "0", "-f")
        osd.wait_until(
            lambda: " 1 up" in self._run("ceph", "osd", "stat"), 30, "the Ceph OSD to be up"
        )

    def _start_gateway(self):
        gateway = self._start("radosgw", "-n", "client.rgw", "-f")
        gateway.wait_until(lambda: listens(self.port), 60, "the Ceph gateway's port")

    def _start(self, program, *arguments):
        process = Process(
            [program, "-c", self.config, *arguments],
            f"{self.folder}/{program}.out",
            env=self.environment,
        )
        self.processes.append(process)
        return process

    def _run(self, *arguments):
        return run(arguments, env=self.environment)


def run(arguments, env, typed=""):
    """Runs a command to its end; returns its standard output. AssertionError, with what it said,
    when it fails."""
    done = subprocess.run(
        arguments, env=env, input=typed, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(arguments)}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def policy_document(actions, effect="Allow", **rest):
    """An IAM policy of one statement, as JSON; without spaces, as Ceph 16 takes a form's `+` for
    itself."""
    statement = {"Effect": effect, "Action": actions, **rest}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
