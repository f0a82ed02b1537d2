"""What the tests of bases and of time share: who is let in by which base, and what a login takes.

SPDX-License-Identifier: BSD-2-Clause
"""

from rig import bastion as rig_bastion
from rig import policy

TIMEOUT = 2.0
SSH_TAKES = 1.5  # client and server together, on a busy machine, beside what the module may take


def write_base(sts, *lines):
    """A policy with the standing rules, whose [base] has these lines."""
    policy.write(policy.heading(sts.url, base="\n".join(lines)) + rig_bastion.RULES)


def assert_in(bastion, user="alice"):
    """Logs a user in, who must get credentials; returns how it came out."""
    login = bastion.sshd.ssh(user, "env")
    assert "AWS_ACCESS_KEY_ID" in login.environment, bastion.syslog.text()
    return login
