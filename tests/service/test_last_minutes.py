"""The last fifteen minutes before the end of a role, for which AWS issues nothing: what a login gets.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import policy
from rig.policy import instant

from .asking import (
    ALICE, AUDIT, DEV, ROLES, assume, ask, line_of, refusal, roles_of, write_policy
)

BY_PROCESS = ROLES.replace("duration        = 30m", "deliver = process\nduration = 30m")
LASTING = "[grant lasting]\nusers = alice\nroles = client-a-dev\n"


def ending(seconds=600):
    """The role of alice's logins ends soon."""
    grant = ALICE.replace("client-a-audit client-a-dev", AUDIT)
    return f"{grant}until = {instant(seconds)}\n"


@pytest.fixture(params=["env", "process"])
def grant(request, sts):
    """Writes a policy with such grants, by which the role that ends is delivered in this way."""

    def write(grants):
        policy.write(policy.heading(sts.url)
                     + (ROLES if request.param == "env" else BY_PROCESS) + grants)
    return write


def test_where_another_role_lasts_the_session_opens_without_one_and_says_why(
        bastion, sts, service, opened, grant):
    grant(ending() + LASTING)
    session = opened("alice")
    assert session.reply["status"] == "permitted"
    assert not [key for key in session.reply if key.startswith("AWS_") or key == "XACCT_ROLE"]
    message = session.reply["message"]
    assert f"no role in this session: {AUDIT}, which it would start with, ends at " in message
    assert "AWS issues nothing in the last 15 minutes" in message
    assert message.endswith(f"xacct switch takes another: {DEV}")
    assert len(sts.calls) == 0
    line = line_of(bastion, session.reply)
    assert line["event"] == "opened" and "role" not in line
    assert f"without role {AUDIT}" in line["reason"] and "900 s" in line["reason"]
    # What lasts is to be had in it, and what ends is still shown.
    assert assume("alice", session.session, DEV)["XACCT_ROLE"] == DEV
    assert set(roles_of("alice", session.session)) == {AUDIT, DEV}


def test_the_role_that_was_chosen_is_passed_over_as_well(sts, service, opened):
    write_policy(sts, ending(3600) + LASTING)
    session = opened("alice").session
    assert ask("alice", "default", session, role=AUDIT)["status"] == "permitted"
    write_policy(sts, ending().replace("default = client-a-audit\n", "") + LASTING)
    reply = opened("alice").reply
    assert reply["status"] == "permitted" and "XACCT_ROLE" not in reply
    assert f"takes another: {DEV}" in reply["message"]


@pytest.mark.parametrize("other", ["", LASTING.rstrip() + "\nuntil = {}\n"])
def test_where_none_lasts_the_login_is_refused(bastion, sts, service, opened, other):
    write_policy(sts, ending() + other.format(instant(500)))
    reply = opened("alice").reply
    assert reply["status"] == "denied" and "session" not in reply
    assert f"role {AUDIT} is permitted for " in reply["reason"]
    assert "AWS issues nothing for less than 900 s" in reply["reason"]
    assert len(sts.calls) == 0


def test_a_login_without_a_choice_is_not_offered_what_ends(sts, service, opened):
    write_policy(sts, ending().replace("default = client-a-audit\n", "") + LASTING
                 + "[grant more]\nusers = alice\nroles = client-a-dev\n")
    reply = opened("alice").reply
    assert reply["status"] == "permitted" and "XACCT_ROLE" not in reply
    assert reply["message"].endswith(f"permitted: {DEV}")


def test_a_login_without_a_choice_whose_roles_all_end_says_so(sts, service, opened):
    write_policy(sts, ending().replace("default = client-a-audit\n", "")
                 .replace(f"= {AUDIT}", f"= {AUDIT} {DEV}"))
    session = opened("alice")
    assert "all of yours are in their last 15 minutes" in session.reply["message"]
    assert refusal("alice", "assume", session.session, role=DEV)["status"] == "denied"
