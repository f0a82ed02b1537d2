"""What is worth another try is tried again, within the time that a login has, and nothing else is.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime

import pytest

from rig import policy
from rig.bastion import ROLE_ARN

from .asking import AUDIT, DEV, assume, line_of, refusal, write_policy


LONG = """
[role client-a-long]
account  = client-a
name     = bastion/Auditor
duration = 12h

[grant alice]
users = alice
roles = client-a-long
"""


def answers(sts):
    return [call.answer for call in sts.calls]


@pytest.mark.parametrize("failure", ["throttling", "internal-failure", "reset"])
def test_what_passes_by_itself_is_tried_again(sts, service, opened, failure):
    sts.behaviour = {None: [failure, failure]}
    assert opened("alice").reply["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key
    assert answers(sts) == [failure, failure, "success"]


def test_four_tries_are_all(sts, service, opened):
    sts.behaviour = {None: "throttling"}
    reply = opened("alice").reply
    assert (reply["status"], len(sts.calls)) == ("unavailable", 4)
    assert "Rate exceeded" in reply["reason"]


def test_the_time_that_a_login_has_bounds_the_tries(sts, service, opened):
    sts.behaviour = {None: "throttling"}
    reply = opened("alice", deadline_ms="150").reply
    assert (reply["status"], len(sts.calls)) == ("unavailable", 1)


@pytest.mark.parametrize(
    "failure", ["access-denied", "expired-token", "html", "half", "region-disabled"]
)
def test_what_does_not_pass_is_asked_once(sts, service, opened, failure):
    sts.behaviour = {None: failure}
    assert opened("alice").reply["status"] in ("misconfigured", "unavailable")
    assert len(sts.calls) == 1


def test_a_refusal_is_remembered_for_a_moment(sts, service, opened):
    sts.behaviour = {ROLE_ARN: "access-denied"}
    assert [opened("alice").reply["status"] for _ in range(5)] == ["misconfigured"] * 5
    assert len(sts.calls) == 1
    again = opened("alice").reply
    assert "AccessDenied" in again["reason"] and "is asked again in" in again["reason"]


def test_a_refusal_is_remembered_for_that_role_and_human_alone(sts, service, opened):
    sts.behaviour = {ROLE_ARN: "access-denied"}
    session = opened("bob").session
    opened("alice")
    assume("bob", session, DEV)


def test_asking_for_fresh_ones_does_not_go_past_a_refusal(sts, service, opened):
    sts.roles[ROLE_ARN].longest = 3600
    session = opened("alice").session
    sts.behaviour = {ROLE_ARN: "access-denied"}
    refusal("alice", "assume", session, role=AUDIT, fresh="1")
    calls = len(sts.calls)
    refusal("alice", "assume", session, role=AUDIT, fresh="1")
    assert len(sts.calls) == calls


def test_the_clock_is_learned_from_sts(bastion, sts, service, opened):
    sts.clock = datetime.timedelta(hours=1)
    first = opened("alice").reply
    assert first["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key
    assert answers(sts) == ["SignatureDoesNotMatch", "success"]
    bastion.syslog.wait_for(r".*AWS's clock is 3\d{3} s ahead of this host's.*NTP")
    # It is known from then on; what is in memory is looked at by it, too.
    assert opened("bob").reply["status"] == "permitted"
    assert opened("alice").reply["AWS_ACCESS_KEY_ID"] == first["AWS_ACCESS_KEY_ID"]
    assert answers(sts) == ["SignatureDoesNotMatch", "success", "success"]


def test_a_clock_that_is_set_right_is_learned_as_well(sts, service, opened):
    sts.clock = datetime.timedelta(hours=-2)
    opened("alice")
    sts.clock = datetime.timedelta()
    assert opened("bob").reply["status"] == "permitted"
    assert answers(sts)[-2:] == ["SignatureDoesNotMatch", "success"]


def test_a_duration_that_the_role_does_not_allow_becomes_an_hour_and_all_are_told(
    bastion, sts, service, opened
):
    write_policy(sts, grants=LONG)
    reply = opened("alice").reply
    assert reply["status"] == "permitted"
    assert [call.parameters["DurationSeconds"] for call in sts.calls] == [43200, 3600]
    line = line_of(bastion, reply)
    assert "43200 s" in line["notice"]
    bastion.syslog.wait_for(r".*43200 s.*for an hour")
    # What lives for an hour at most is handed out again while half of that is left.
    assert opened("alice").reply["AWS_ACCESS_KEY_ID"] == reply["AWS_ACCESS_KEY_ID"]
    assert len(sts.calls) == 2


def test_what_lives_longer_than_was_asked_for_is_not_taken(sts, service, opened):
    """The role may end before."""
    sts.issue_seconds = 1800 + 400
    reply = opened("alice").reply
    assert reply["status"] == "unavailable" and "live longer than was asked" in reply["reason"]
    sts.issue_seconds = 1800
    assert opened("alice").reply["status"] == "permitted"


def test_a_session_policy_that_packs_too_large_is_refused_with_the_size(sts, service, opened):
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"%s"}]}'
    # As long as the API takes it, and the tags come on top.
    policy.place(f"{policy.FOLDER}/policies/reports.json", text % ("x" * (2050 - len(text))))
    reply = opened("alice").reply
    assert reply["status"] == "misconfigured" and len(sts.calls) == 1
    assert "PackedPolicyTooLarge" in reply["reason"] and "%" in reply["reason"]
