"""A rotation of the host's own identity: the next one stands ready, and takes over by itself.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import policy, sts_standin
from rig.fixtures import BASE_KEY, BASE_SECRET

from .asking import line_of

SUCCESSOR = """
[account client-a]
id          = 111122223333
external_id = 7Zr-42

[role client-a-audit]
account = client-a
name    = bastion/Auditor

[base next]
source = file
file   = {next}

[grant alice]
users   = alice
roles   = client-a-audit
default = client-a-audit
"""
NEXT = f"{policy.FOLDER}/next.credentials"


@pytest.fixture
def rotation(bastion, sts):
    """A base with a successor, whose principal the role trusts as well."""
    sts.principals["AKIABASTIONNEXT00001"] = sts_standin.Principal(
        next(iter(sts.principals.values())).arn, "next/secret"
    )
    policy.place(
        NEXT,
        "[default]\naws_access_key_id = AKIABASTIONNEXT00001\naws_secret_access_key = next/secret\n",
    )
    head = policy.heading(sts.url) + "successor = next\n"
    policy.write(head + SUCCESSOR.format(next=NEXT))
    return sts


def used(sts):
    return [call.access_key for call in sts.calls]


def test_the_successor_is_not_asked_while_the_first_works(rotation, service, opened):
    opened("alice")
    assert used(rotation) == [BASE_KEY]


@pytest.mark.parametrize("fault", ["unknown key", "wrong secret", "not trusted", "no file"])
def test_the_successor_is_tried_when_the_first_is_refused_and_the_log_says_which_worked(
    bastion, rotation, service, opened, fault
):
    if fault == "unknown key":
        del rotation.principals[BASE_KEY]
    elif fault == "wrong secret":
        policy.write_base(BASE_KEY, BASE_SECRET[::-1])
    elif fault == "not trusted":
        rotation.principals[BASE_KEY].arn = "arn:aws:iam::999900001111:user/retired"
    else:
        policy.place(policy.BASE, "")
    reply = opened("alice").reply
    assert reply["AWS_ACCESS_KEY_ID"] == rotation.issued[-1].access_key, reply
    assert used(rotation)[-1] == "AKIABASTIONNEXT00001"
    notice = "[base] was refused, and its successor [base next] worked"
    assert line_of(bastion, reply)["notice"] == notice
    bastion.syslog.wait_for(r".*user alice: \[base\] was refused, and its successor \[base next\]")


def test_a_successor_is_not_tried_for_what_is_no_refusal(rotation, service, opened):
    rotation.behaviour = {None: "throttling"}
    assert opened("alice").reply["status"] == "unavailable"
    assert set(used(rotation)) == {BASE_KEY}
