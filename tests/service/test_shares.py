"""What one person can use up of the service is that person's: of people who become the same account
by sudo, or share it, none is at another's expense.

SPDX-License-Identifier: BSD-2-Clause
"""

import collections
import os

import pytest

from rig import frames, policy, ssh_ca
from rig.bastion import ROLE_ARN
from rig.processes import wait_until

from .asking import AUDIT, DEV, UIDS, ask, behind_sudo, write_policy
from .crowd import ask_at_once
from .test_bounds import Rate

CALLS, AT_ONCE, REFUSALS, OPENED = 120, 32, 60, 600
# alice and bob, of two clients, work in eve's account.
SHARED = f"""
[grant a]
users    = alice
services = sudo
roles    = {AUDIT}

[grant b]
users    = bob
services = sudo
roles    = {DEV}
"""


@pytest.fixture(scope="module")
def ca():
    return ssh_ca.Authority("shares")


def refused(person, target="eve"):
    """A login is refused by a [deny]; returns the reply."""
    (reply,) = frames.request({"op": "check", "user": target, **behind_sudo(person)})
    assert reply["status"] == "denied", reply
    return reply


def written(bastion):
    return {line.get("reference") for line in bastion.audit()}


def test_nobody_uses_up_the_calls_to_aws_of_another_in_the_same_account(
    bastion, sts, service, opened
):
    write_policy(sts, SHARED)
    alice = opened("eve", **behind_sudo("alice")).session
    for _ in range(CALLS + 20):
        reply = ask("eve", "assume", alice, role=AUDIT, fresh="1")
        if reply["status"] != "permitted":
            break
    assert reply["status"] == "unavailable", reply
    (line,) = [line for line in bastion.audit() if line.get("reference") == reply["reference"]]
    assert "STS too often for user eve as alice" in line["reason"]
    bob = opened("eve", **behind_sudo("bob"))
    assert bob.reply["status"] == "permitted", bob.reply
    assert ask("eve", "assume", bob.session, role=DEV, fresh="1")["status"] == "permitted"


def test_nobody_keeps_others_from_an_account_by_many_sudos_at_once(bastion, sts, service):
    """Those that are under way wait for STS meanwhile."""
    write_policy(sts, SHARED)
    sts.behaviour = {ROLE_ARN: "slow"}
    requests = [frames.open_request("eve", **behind_sudo("alice")) for _ in range(AT_ONCE + 4)]
    callers = ask_at_once([*requests, frames.open_request("eve", **behind_sudo("bob"))])
    *alices, bobs = [caller.reply["status"] for caller in callers]
    assert collections.Counter(alices) == {"permitted": AT_ONCE, "unavailable": 4}
    assert bobs == "permitted"


def test_refused_logins_of_one_person_have_so_many_lines(bastion, sts, service):
    write_policy(sts, SHARED + "[deny eve]\nusers = eve mallory\n")
    rate = Rate(REFUSALS, 1)
    references = [refused("alice", target)["reference"] for target in ("eve", "mallory") * 60]
    count = sum(reference in written(bastion) for reference in references)
    assert rate.holds(count) and count < len(references)
    assert refused("bob")["reference"] in written(bastion)
    wait_until(lambda: refused("alice")["reference"] in written(bastion), 10, "a line again")
    told = [line for line in bastion.audit() if "were not written" in line.get("reason", "")]
    whose = f"login uid {UIDS['alice']} as alice"
    assert f"refusals of logins of {whose} were not written" in told[-1]["reason"]
    assert "uid" not in told[-1]


def test_sessions_of_one_person_are_so_many_in_a_row(bastion, sts, service):
    """As a loop of sudo opens them; each has two lines in the audit file."""
    write_policy(sts, SHARED)
    rate = Rate(OPENED, 2)
    opened = 0
    while True:
        (reply,) = frames.request(frames.open_request("eve", **behind_sudo("alice")))
        if reply["status"] != "permitted":
            break
        opened += 1
        close = {"op": "close", "user": "eve", "service": "sudo", "session": reply["session"]}
        assert frames.request(close)[0]["status"] == "permitted"
        assert opened == OPENED or rate.holds(max(opened, OPENED))
    assert rate.holds(opened)
    assert reply["status"] == "unavailable" and "too many sessions" in reply["reason"]
    assert "have one session do" in reply["reason"]
    (reply,) = frames.request(frames.open_request("eve", **behind_sudo("bob")))
    assert reply["status"] == "permitted", reply
    lines = collections.Counter(line["event"] for line in bastion.audit())
    assert lines["ended"] == opened and lines["opened"] == opened + 1


@pytest.mark.parametrize("loginuid", [None, "0"], ids=["none", "root's"])
def test_what_root_starts_is_counted_for_whom_it_is(bastion, sts, service, loginuid):
    """As an ansible that comes as root and becomes one user after the other."""
    targets = ("alice", "mallory")
    write_policy(sts, SHARED + f"[deny some]\nusers = {' '.join(targets)}\n")
    fields = {"op": "check", "service": "cron"} | ({"loginuid": loginuid} if loginuid else {})
    for _ in range(REFUSALS + 40):
        frames.request({**fields, "user": targets[0]})
    (reply,) = frames.request({**fields, "user": targets[1]})
    assert reply["status"] == "denied" and reply["reference"] in written(bastion)


def test_what_others_have_left_is_not_read_to_tell_who_is_behind_sudo(sts, service, opened, ca):
    """Thousands of ended sessions would cost each sudo half a second. What is not read here could
    not be."""
    write_policy(sts, SHARED + f"[ca staff]\nkey = {ca.public}\nnames = *@corp.example\n")
    own = policy.xacct()
    for number in range(100):
        path = f"{policy.SESSIONS}/{number:032x}.ended"
        with open(path, "w", encoding="ascii") as out:
            out.write("{")
        os.chown(path, own.pw_uid, own.pw_gid)
    reply = opened("eve", audit_id="77", **behind_sudo("alice")).reply
    assert (reply["status"], reply.get("XACCT_ROLE")) == ("permitted", AUDIT)
