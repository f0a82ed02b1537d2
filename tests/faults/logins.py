"""Logins through the module while calls fail, and what every one of them has to keep to.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import os
import re
import subprocess

from rig import bastion as rig_bastion
from rig import policy
from rig.fixtures import BASE_SECRET
from rig.login_result import (
    PAM_AUTHINFO_UNAVAIL,
    PAM_SESSION_ERR,
    PAM_SUCCESS,
    PAM_SYSTEM_ERR,
    Result,
)

from .plan import CALLER, FOLDER, LIBRARY
from .sweeps import explain, is_glibcs_own_crash

ROLE = "client-a-audit"
RULES = """
[grant auditors]
groups  = auditors
roles   = client-a-audit
default = client-a-audit

[deny leavers]
groups = leavers
"""
CUT_SHORT = '{"event": "opened", "sess'
CREDENTIALS = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"

TIMEOUT_MS = 3000
# What the machine may add, when it is busy, to what account and session may take.
SLACK_MS = 1000
BUDGET_MS = {
    "check": TIMEOUT_MS * 2 // 5 + SLACK_MS,
    "open": TIMEOUT_MS * 3 // 5 + SLACK_MS,
    "close": TIMEOUT_MS * 2 // 5 + SLACK_MS,
}


def write_policy(sts, rules=RULES, extra=""):
    """The standing accounts and roles, and who has one of them."""
    roles = rig_bastion.RULES.split("[grant")[0]
    policy.write(policy.heading(sts.url, extra) + roles + rules)


class Host:
    """The host on which people log in, and what its logs and STS know of them."""

    def __init__(self, bastion, sts, plan):
        self.bastion = bastion
        self.sts = sts
        self.plan = plan
        self.said = []  # everything that was logged or shown
        self.audit_at = 0

    def log_in(self, user, place, options="", steps=("check", "open", "env", "close")):
        """One login and its end, with the module in a program that has the library of faults where
        the plan is for it. Returns what it told, and the new lines of the audit file."""
        line = f"{FOLDER}/../security/pam_xacct.so helper={FOLDER}/faulty_helper"
        timeout = f"timeout={TIMEOUT_MS}ms"
        with open(f"{FOLDER}/pam.d/sshd", "w", encoding="ascii") as out:
            for kind in ("account", "session"):
                out.write(f"{kind} required {line} {timeout} {options}\n")
        try:
            done = subprocess.run(
                [f"{FOLDER}/login", f"{FOLDER}/pam.d", "sshd", user, "note", *steps, "left", "end"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                timeout=30,
                check=False,
                env={"LD_PRELOAD": LIBRARY} if place == CALLER else {},
            )
        except subprocess.TimeoutExpired as hung:
            raise AssertionError(f"it hangs: {hung.stdout}") from None
        assert done.returncode == 0, f"{done.returncode}: {done.stdout}{done.stderr}"
        login = Result(done.stdout)
        self.said += [text for *_, text in login.logs + login.shown] + [done.stderr]
        return login, self.new_audit_lines()

    def new_audit_lines(self):
        """What stands in the audit file since this was asked last, parsed."""
        if not os.path.exists(policy.AUDIT):
            return []
        with open(policy.AUDIT, encoding="utf-8") as lines:
            lines.seek(self.audit_at)
            text = lines.read()
            self.audit_at = lines.tell()
        self.said.append(text)
        cut = "", "{", CUT_SHORT  # by ourselves, and by a write that gave the least
        return [json.loads(line) for line in text.splitlines() if line not in cut]

    @staticmethod
    def cut_audit_short():
        """A full disk has cut a line of the audit file short."""
        with open(policy.AUDIT, "r+", encoding="utf-8") as out:
            ends = out.read().endswith("\n")
            out.write(CUT_SHORT if ends else f"\n{CUT_SHORT}")

    def assert_honest(self, login, lines, user="alice"):
        """What a login keeps to whatever has failed. Alice may get her role; nobody else anything."""
        for step, _, took in login.results:
            assert took <= BUDGET_MS[step], f"{step} took {took} ms"
        assert login.left == "descriptors=0 children=0 signals=same sigchld=0 rest=same"
        # SIGKILL is the module's own.
        assert not re.search("died of signal (?!9 )", "\n".join(login.lines())), login.logs
        if self.plan.crashes:
            assert is_glibcs_own_crash(self.plan.crash_trace), explain(self.plan.crash_trace)
        got = [login.env.get(name) for name in CREDENTIALS]
        if any(got):
            assert user == "alice"
            self._assert_right(login, got, lines)
        elif user == "alice":
            self._assert_refused(login)
        else:
            self._assert_nothing(login)

    def _assert_right(self, login, got, lines):
        """These are credentials that STS has issued for the one role, and their line stands."""
        issued = self.sts.issued[-1]
        assert got == [issued.access_key, issued.secret, issued.token]
        assert self.sts.calls[-1].parameters["RoleArn"] == rig_bastion.ROLE_ARN
        assert login.env["XACCT_ROLE"] == ROLE and "XACCT_ERROR" not in login.env
        assert login.code("open") == PAM_SUCCESS
        opened = [line for line in lines if line["event"] == "opened"]
        assert [(line["session"], line["access_key_id"]) for line in opened] == [
            (login.env["XACCT_SESSION"], got[0])
        ]

    @staticmethod
    def _assert_refused(login):
        """Nothing of a role was given, and the user is told with a reference that the log has. Whom
        the policy grants something is never told that it does not."""
        told = PAM_AUTHINFO_UNAVAIL, PAM_SYSTEM_ERR
        assert login.code("check", PAM_SUCCESS) in (PAM_SUCCESS, *told), login.text
        assert login.code("open", PAM_SESSION_ERR) == PAM_SESSION_ERR, login.text
        assert list(login.env) in ([], ["XACCT_ERROR"]), login.env
        error, _, reference = login.env.get("XACCT_ERROR", "").partition(":")
        if login.env:
            assert error in ("unavailable", "misconfigured"), login.text
            assert [line for line in login.lines() if f"[reference {reference}]" in line], login.text

    @staticmethod
    def _assert_nothing(login):
        """Whom the policy grants nothing, or takes it away from, gets nothing."""
        assert login.code("check") != PAM_SUCCESS, login.text
        assert login.code("open") != PAM_SUCCESS, login.text
        assert list(login.env) in ([], ["XACCT_ERROR"]), login.env

    def assert_no_secret_was_told(self):
        """Not one of all these logins, to anybody but the session."""
        told = "\n".join([*self.said, self.bastion.syslog.text()])
        secrets = [BASE_SECRET]
        for issued in self.sts.issued:
            secrets += [issued.secret, issued.token]
        assert not [secret for secret in secrets if secret in told]
