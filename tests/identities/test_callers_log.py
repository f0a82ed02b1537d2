"""What su and sudo log, which their caller can read: journald files a line by the real uid of who
sent it, and gives each user their own file.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import policy
from rig.bastion import USERS

from .conftest import run

pytestmark = pytest.mark.usefixtures("callers")

# Another client's, whose names stand in nothing that alice reads.
ORCHID = """
[account orchid]
id = 444455556666

[role orchid-ledger]
account = orchid
name    = Ledger

[grant orchid-books]
users    = alice bob
services = su sudo
roles    = audit
"""
DENY = "\n[deny orchid-enemies]\nusers = alice\n"
BROKEN = ORCHID.replace("name    = Ledger", "name    = Ledger\nexternal_id = orchid 0815")
WAYS = "su alice -c true", "sudo -n -u alice true", "su - alice -c true"


def readable(syslog, user):
    """The lines that journald would let this user read, and the others."""
    uid = USERS[user]
    own = [line.text for line in syslog.lines if line.uid == uid]
    return own, [line.text for line in syslog.lines if line.uid != uid]


@pytest.mark.parametrize("command", WAYS)
@pytest.mark.parametrize("served", [True, False], ids=["the service", "a helper for this one"])
@pytest.mark.parametrize(
    "rule, status", [("", "permitted"), (DENY, "denied")], ids=["permitted", "denied"]
)
def test_the_reason_is_in_lines_alone_that_the_caller_cannot_read(
    request, bastion, sts, rules, command, served, rule, status
):
    if served:
        request.getfixturevalue("service")
    rules(ORCHID + rule)
    bastion.syslog.forget()
    run("alice", command)
    (told,) = bastion.syslog.wait_for(rf".*user alice: {status}: .*orchid.*\[reference (\w+)\]")
    own, others = readable(bastion.syslog, "alice")
    assert not [line for line in own if "orchid" in line or policy.FILE in line], own
    assert [line for line in others if told[1] in line and "orchid" in line], others
    if command.startswith("su "):
        assert [line for line in own if f"user alice: {status}" in line and told[1] in line], own


def test_what_is_wrong_with_the_policy_is_not_the_callers_to_read(bastion, sts, rules):
    rules(BROKEN)
    bastion.syslog.forget()
    run("alice", WAYS[0])
    bastion.syslog.wait_for(r".*xacct\.conf:\d+.*")
    own, _ = readable(bastion.syslog, "alice")
    assert own and not [line for line in own if "orchid" in line or policy.FILE in line], own


def test_the_audit_file_has_the_reason_under_the_reference_that_the_caller_saw(bastion, sts, rules):
    rules(ORCHID + DENY)
    done = run("alice", WAYS[0])
    (line,) = [line for line in bastion.audit() if line["event"] == "refused"]
    assert "orchid-enemies" in line["reason"]
    assert line["reference"] in done.stdout + done.stderr
    assert "orchid" not in done.stdout + done.stderr
