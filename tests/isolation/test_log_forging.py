"""Anybody may write to syslog in anybody's name; nobody can write what would be believed.

SPDX-License-Identifier: BSD-2-Clause
"""

import subprocess

from rig import policy
from service.asking import ALICE, refusal, write_policy

from .attacking import as_user, python_as

# What the module's own lines look like; an accuser copies one, with another name in it.
LOGGER = """
import json, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
    log.connect("/dev/log")
    for line in json.loads(sys.argv[1]):
        log.send(line.encode())
print("true")
"""


def lines_with(bastion, reference):
    """The line of the audit file under a reference, found as README says."""
    found = subprocess.run(["grep", "-F", reference, policy.AUDIT], capture_output=True, text=True,
                           check=False)
    return found.stdout.splitlines()


def test_a_line_that_a_user_forged_has_no_counterpart_in_the_audit_file(bastion, sts):
    """syslog takes what looks like the module's from everybody, as from logger -t sshd: that a line
    is true is seen by its reference, whose line users cannot make."""
    write_policy(sts, ALICE.replace("client-a-audit client-a-dev", "client-a-audit"))
    sts.behaviour = {None: "access-denied"}
    assert bastion.sshd.ssh("alice", "true").status == 254
    _, _, reference = bastion.verdict()
    assert len(lines_with(bastion, reference)) == 1
    (true,) = [line for line in bastion.syslog.lines if reference in line.text]
    forged = f"<83>sshd[{4711}]: {true.text}".replace("alice", "bob").replace(reference, "ABCDEFGH")
    assert python_as("alice", LOGGER, f'["{forged}"]')
    bastion.syslog.wait_for(r".*user bob.*\[reference ABCDEFGH\]")
    assert lines_with(bastion, "ABCDEFGH") == []


def test_a_reference_that_is_used_again_leads_to_what_it_was_made_for(bastion, service, opened):
    """A forged line with a true reference: the audit file says something else under it."""
    alice = opened("alice")
    reply = refusal("bob", "assume", alice.session, role="client-a-audit")
    forged = f"<86>sshd[1]: pam_xacct(sshd:session): user alice: [reference {reply['reference']}]"
    assert python_as("bob", LOGGER, f'["{forged}"]')
    (line,) = lines_with(bastion, reply["reference"])
    assert '"uid":1002' in line and '"event":"refused"' in line


def test_no_user_can_write_or_read_the_audit_file(bastion, service, opened):
    opened("alice")
    for user in ("alice", "eve"):
        for command in (f"echo forged >>{policy.AUDIT}", f": >{policy.AUDIT}",
                        f"cat {policy.AUDIT}", f"mv {policy.AUDIT} /tmp/", f"rm -f {policy.AUDIT}",
                        f"ln {policy.AUDIT} /tmp/linked"):
            assert as_user(user, "sh", "-c", command).returncode != 0, command
    assert [line["event"] for line in bastion.audit()] == ["opened"]


def test_a_reference_that_a_user_brings_is_not_taken(bastion, service, opened):
    """root's is taken, so that the module's lines and ours carry the same."""
    session = opened("alice").session
    reply = refusal("alice", "assume", session, role="client-z", reference="ABCDEFGH")
    assert reply["reference"] != "ABCDEFGH" and lines_with(bastion, "ABCDEFGH") == []
