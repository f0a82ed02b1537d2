"""A whole bastion for tests: users, a policy, sshd with the module, syslog, and what the helper
leaves behind.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import fnmatch
import json
import os

from . import accounts, policy
from .sshd import Sshd
from .syslog import Syslog

# alice, bob and mallory are for rules, eve is for none, toor is below minimum_uid.
USERS = {"alice": 1001, "bob": 1002, "mallory": 1003, "eve": 1004, "toor": 901}

ROLE_ARN = "arn:aws:iam::111122223333:role/bastion/Auditor"
DEV_ARN = "arn:aws:iam::111122223333:role/Developer"

SESSION_POLICY = """\
{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/%{user}/*" }
  ]
}
"""

RULES = """
[account client-a]
id          = 111122223333
external_id = 7Zr-42
tags        = client=a cost-centre=4711

[role client-a-audit]
account         = client-a
name            = bastion/Auditor
duration        = 30m
policy          = policies/reports.json
policy_arns     = arn:aws:iam::aws:policy/ReadOnlyAccess
tags            = project=phoenix user=%{user}
transitive_tags = client project
region          = eu-central-1

[role client-a-dev]
account         = client-a
name            = Developer
source_identity = no

[grant consultants]
users   = alice mallory
roles   = client-a-audit client-a-dev
default = client-a-audit

[grant developers]
users = bob
roles = client-a-dev

[deny leavers]
users = mallory
"""


class Bastion:
    """The host, from `with` until its end. reset() before each test. `sshd` is a server that is not
    started yet, in place of the usual one."""

    def __init__(self, sshd=None):
        self.syslog = Syslog()
        self.sshd = sshd or Sshd()
        self.parts = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as parts:
            parts.enter_context(accounts.kept())
            for name, uid in USERS.items():
                accounts.add_user(name, uid)
            parts.enter_context(self.syslog)
            parts.enter_context(self.sshd)
            self.parts = parts.pop_all()
        return self

    def __exit__(self, *_):
        self.parts.close()

    def reset(self, sts_endpoint, access_key, secret):
        """The standing policy and stack, no login under way, and nothing logged."""
        self.sshd.settle()
        policy.prepare()
        policy.write_base(access_key, secret)
        policy.place(f"{policy.FOLDER}/policies/reports.json", SESSION_POLICY)
        policy.write(policy.heading(sts_endpoint) + RULES)
        self.sshd.directory = False
        self.sshd.set_stack()
        self.sshd.forget()
        self.syslog.forget()

    @staticmethod
    def audit(path=policy.AUDIT, of_policy=False):
        """The lines of the audit file on what was asked, parsed; or those on the policy itself."""
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as lines:
            events = [json.loads(line) for line in lines]
        return [event for event in events if (event["event"] == "policy") == of_policy]

    @staticmethod
    def records():
        """The live sessions' records, parsed, by file name."""
        found = {}
        for name in fnmatch.filter(os.listdir(policy.SESSIONS), "*.json"):
            with (
                contextlib.suppress(FileNotFoundError),
                open(f"{policy.SESSIONS}/{name}", encoding="utf-8") as record,
            ):
                found[name] = json.load(record)
        return found

    def verdict(self, kind="session"):
        """The module's line on the one login that was refused or let in without credentials:
        (status, text, reference)."""
        matches = self.syslog.wait_for(
            rf"pam_xacct\(sshd:{kind}\): user \S+: ([a-z-]+): (.*) \[reference (\w{{8}})\]"
        )
        assert len(matches) == 1, f"one line of the module's on the {kind}:\n{self.syslog.text()}"
        return matches[0].groups()
