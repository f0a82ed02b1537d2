"""The main job, shown end to end on real parts: sshd, the module, the helper, and Ceph's gateway as
STS and S3. To be run by `make demo`, inside tests/enter. Ends with 1 when a step is not as it
should be.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import json
import os
import pwd
import re
import sys
import time

from rig import accounts, ceph, policy, service, sshd, syslog

CLIENT_A, CLIENT_B = "111122223333", "444455556666"

POLICY = """
[account client-a]
id = 111122223333

[account client-b]
id = 444455556666

[role client-a-audit]
account     = client-a
name        = Auditor
description = read-only, for the yearly audit
policy      = policies/read-only.json

[role client-b-dev]
account     = client-b
name        = Developer
description = development

[grant client-a-consultants]
users = alice
roles = client-a-audit

[grant client-b-consultants]
users = bob
roles = client-b-dev

[grant both-clients]
users   = carol
roles   = client-a-audit client-b-dev
default = client-a-audit
"""

SHOWN = (
    "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_REGION"
    " AWS_DEFAULT_REGION XACCT_ROLE XACCT_ROLE_ARN XACCT_ACCOUNT XACCT_SESSION XACCT_ERROR"
).split()
SECRET = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")

BOLD, GREEN, RED, DIM, PLAIN = (
    ("\033[1m", "\033[32m", "\033[31m", "\033[2m", "\033[0m") if sys.stdout.isatty() else [""] * 5
)


class Wrong(Exception):
    """A step that is not as it should be."""


def step(text):
    print(f"\n{BOLD}{text}{PLAIN}", flush=True)


def show(text):
    for line in text.splitlines():
        print(f"    {DIM}{line}{PLAIN}", flush=True)


def expect(good, text, detail=""):
    """Says that `text` holds, or ends the demonstration."""
    if not good:
        raise Wrong(f"{text}: this does not hold. {detail}")
    print(f"  {GREEN}ok{PLAIN} {text}", flush=True)


def shorten(name, value):
    return f"{value[:4]}... ({len(value)} characters)" if name in SECRET else value


class Demonstration:
    """The parts that run, and the steps in their order."""

    def __init__(self, stack):
        self.stack = stack
        self.syslog = stack.enter_context(syslog.Syslog())
        self.secrets = []

    def run(self):
        self.start_cloud()
        self.start_bastion()
        alice = self.log_in("alice", "client-a-audit", CLIENT_A)
        bob = self.log_in("bob", "client-b-dev", CLIENT_B)
        expect(
            alice["AWS_ACCESS_KEY_ID"] != bob["AWS_ACCESS_KEY_ID"],
            "alice and bob hold different keys",
        )
        self.use("alice", own=self.client_a, other=self.client_b)
        self.use("bob", own=self.client_b, other=self.client_a)
        self.try_upload()
        self.log_in_without_grant()
        self.start_service()
        self.list_roles()
        self.run_one_command()
        self.switch()
        self.read_audit()

    def start_cloud(self):
        step("1. A cloud: Ceph's RADOS Gateway, a real STS and S3, with three accounts")
        self.gateway = self.stack.enter_context(ceph.Gateway())
        self.gateway.create_bastion()
        self.client_a = self.gateway.create_client(CLIENT_A)
        self.client_b = self.gateway.create_client(CLIENT_B)
        arn_a = self.client_a.create_role("Auditor", ["s3:*"])
        arn_b = self.client_b.create_role("Developer", ["s3:*"])
        show(
            f"the bastion's own  {ceph.BASTION_ARN}\n"
            f"client A           {arn_a}, bucket {self.client_a.bucket}\n"
            f"client B           {arn_b}, bucket {self.client_b.bucket}\n"
            "Each role trusts the bastion's user and may do all of S3 in its own account's bucket."
        )

    def start_bastion(self):
        step("2. A bastion: sshd with pam_xacct in its stack, and a policy that says who may what")
        for uid, name in enumerate(("alice", "bob", "eve", "carol"), start=1001):
            accounts.add_user(name, uid)
        policy.prepare()
        policy.write_base(ceph.BASTION_KEY, ceph.BASTION_SECRET)
        policy.place(f"{policy.FOLDER}/policies/read-only.json", policy.READ_ONLY)
        policy.write(policy.heading(self.gateway.url) + POLICY)
        self.sshd = self.stack.enter_context(sshd.Sshd())
        self.sshd.set_stack(session="required", account="required")
        show(f"{policy.FILE}:{POLICY}")
        show(f"{sshd.SERVICE}:")
        with open(sshd.SERVICE, encoding="ascii") as lines:
            show("".join(line for line in lines if sshd.MODULE in line))

    def log_in(self, user, role, account):
        step(f"{user} logs in over ssh with a key of {user}'s own, and no key of any cloud")
        terminal = self.sshd.ssh(user, tty=True, typed="exit\n").stdout
        line = next((text for text in terminal.splitlines() if role in text), "")
        expect(line, "the terminal shows what was received", f"{terminal}\n{self.syslog.text()}")
        show(line)
        login = self.sshd.ssh(user, "env")
        held = login.environment
        show(
            "\n".join(f"{name}={shorten(name, held[name])}" for name in SHOWN if name in held)
        )
        expect(
            held.get("XACCT_ROLE") == role and account in held["XACCT_ROLE_ARN"],
            f"the session holds credentials for {role} in account {account}",
            self.syslog.text(),
        )
        self.secrets += [held[name] for name in SECRET]
        return held

    def aws(self, user, *arguments):
        """Runs aws in a login of the user's."""
        show(f"{user}$ aws {' '.join(arguments)}")
        program = f"/usr/bin/aws --endpoint-url {self.gateway.url}"
        return self.sshd.ssh(user, f"{program} {' '.join(arguments)}")

    def expect_refusal(self, login, method, path, statuses, text):
        answer = self.gateway.wait_for_answer(method, path)
        show(f"(exit {login.status}; the gateway answered {answer})")
        expect(login.status != 0 and answer in statuses, text, login)

    def use(self, user, own, other):
        step(f"{user} works with the credentials")
        login = self.aws(user, "s3", "ls", f"s3://{own.bucket}")
        show(login.stdout)
        expect(
            login.status == 0 and own.object in login.stdout,
            f"{user} can list the bucket in account {own.account}",
            login,
        )
        login = self.aws(user, "s3", "ls", f"s3://{other.bucket}")
        # At this gateway a role's session cannot even name another account's bucket, hence 404.
        self.expect_refusal(
            login,
            "GET",
            f"/{other.bucket}",
            (403, 404),
            f"{user} cannot reach the bucket in account {other.account}",
        )

    def try_upload(self):
        step("Alice's role may do all of S3, but the session policy on the bastion leaves reading")
        login = self.aws("alice", "s3", "cp", "/etc/hostname", f"s3://{self.client_a.bucket}/note")
        self.expect_refusal(
            login, "PUT", f"/{self.client_a.bucket}/note", (403,), "alice is refused the upload"
        )
        login = self.aws("bob", "s3", "cp", "/etc/hostname", f"s3://{self.client_b.bucket}/note")
        answer = self.gateway.wait_for_answer("PUT", f"/{self.client_b.bucket}/note")
        expect(login.status == 0 and answer == 200, "bob, whose role has none, may upload", login)

    def log_in_without_grant(self):
        step("eve has an account on the bastion, but no grant names her")
        login = self.sshd.ssh("eve", "env")
        held = [name for name in login.environment if name.startswith(("AWS_", "XACCT_"))]
        expect(login.status == 0, "eve logs in as on any host", f"{login}")
        expect(not held, "and holds no credentials at all", f"{held}")

    def start_service(self):
        step("The service: who has several roles lists and changes them without logging in again")
        self.stack.enter_context(service.Service())
        show(f"xacct-helper --listen {service.SOCKET}, as the user xacct")

    def list_roles(self):
        step("carol works for both clients; she logs in once")
        login = self.sshd.ssh("carol", "xacct list")
        show(f"carol$ xacct list\n{login.stdout}{login.stderr}")
        expect(
            login.status == 0 and all(name in login.stdout for name in (CLIENT_A, CLIENT_B)),
            "she sees her two roles, and no other",
            self.syslog.text(),
        )

    def run_one_command(self):
        step("One command under another role, as a script would run it")
        aws = f"/usr/bin/aws --endpoint-url {self.gateway.url} s3 ls s3://{self.client_b.bucket}"
        login = self.sshd.ssh("carol", f"xacct exec client-b-dev -- {aws}")
        show(f"$ ssh carol@bastion xacct exec client-b-dev -- aws s3 ls\n{login.stdout}")
        expect(
            login.status == 0 and self.client_b.object in login.stdout,
            f"it runs in account {CLIENT_B}, though the login's role is in {CLIENT_A}",
            login,
        )

    def switch(self):
        step("And in her shell, which has `eval \"$(xacct init bash)\"` in its .bashrc")
        home = pwd.getpwnam("carol").pw_dir
        with open(f"{home}/.bashrc", "w", encoding="ascii") as lines:
            lines.write('PS1="carol\\$ "\neval "$(xacct init bash)"\n')
        with open(f"{home}/.bash_profile", "w", encoding="ascii") as lines:
            lines.write("stty columns 160\n. ~/.bashrc\n")
        aws = f"/usr/bin/aws --endpoint-url {self.gateway.url} s3 ls"
        typed = (
            f"{aws} s3://{self.client_a.bucket}\n"
            "xacct switch client-b-dev\n"
            f"{aws} s3://{self.client_b.bucket}\n"
            "echo now: $XACCT_ROLE\n"
            "xacct drop\n"
            "env | grep -c ^AWS_\n"
            "exit\n"
        )
        terminal = self.sshd.ssh("carol", tty=True, typed=typed).stdout
        # Without what a terminal swallows, and what was typed before the shell was there.
        terminal = re.sub(r"\x1b\[\?2004[hl]|\r", "", terminal)
        terminal = terminal[terminal.find("carol$") :]
        show(terminal.replace(f"/usr/bin/aws --endpoint-url {self.gateway.url}", "aws"))
        expect(
            self.client_a.object in terminal
            and self.client_b.object in terminal
            and "now: client-b-dev" in terminal,
            "she worked for client A, switched, and worked for client B",
            terminal,
        )
        expect("grep -c ^AWS_\n0\n" in terminal, "and after `xacct drop` no variable of AWS is left", terminal)

    def read_audit(self):
        step("The audit file explains every decision, to be joined with CloudTrail")
        with open(policy.AUDIT, encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        first = next(record for record in records if record.get("access_key_id"))
        show(json.dumps(first, indent=2))
        expect(
            first["user"] == "alice" and first["account"] == "client-a",
            f"{len(records)} lines; the first credentials went to alice, for client-a",
        )
        with open(policy.AUDIT, encoding="utf-8") as lines:
            written = lines.read() + self.syslog.text()
        expect(
            not any(secret in written for secret in self.secrets),
            "and no secret stands in it, nor in syslog",
        )


def main():
    start = time.monotonic()
    try:
        with contextlib.ExitStack() as stack:
            Demonstration(stack).run()
            step("Everything that was started is stopped")
    except (Wrong, AssertionError, KeyError) as wrong:
        print(f"\n{RED}not as it should be:{PLAIN} {wrong!r}", file=sys.stderr)
        return 1
    print(f"done in {time.monotonic() - start:.0f} s; nothing of this machine was changed\n")
    return 0


if __name__ == "__main__":
    os.chdir("/")
    sys.exit(main())
