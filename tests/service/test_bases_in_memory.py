"""What the service keeps of the host's own identity: asked for once, renewed in time, given up when
STS does not take it any more.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import frames, metadata, policy
from rig.fixtures import know_keys

from .asking import ALICE, AUDIT, DEV, ROLES, assume
from .crowd import ask_at_once


@pytest.fixture
def imds(bastion, sts):
    with metadata.Metadata() as running:
        know_keys(sts, running.keys)
        head = policy.heading(sts.url, base=f"source = imds\nendpoint = {running.url}")
        policy.write(head + ROLES + ALICE + "[grant bob]\nusers = bob\nroles = client-a-dev\n")
        yield running


def fetches(imds):
    return imds.steps.count("credentials")


def test_logins_at_once_ask_for_it_once(imds, sts, service):
    fields = [frames.open_request(user) for user in ("alice", "bob") * 10]
    callers = ask_at_once(fields)
    assert {caller.reply["status"] for caller in callers} == {"permitted"}
    assert fetches(imds) == 1


def test_it_is_kept_until_shortly_before_its_end(imds, sts, service, opened):
    imds.keys = metadata.new_keys(seconds=400)
    know_keys(sts, imds.keys)
    opened("alice")
    opened("bob")
    assert fetches(imds) == 1


def test_it_is_renewed_shortly_before_its_end(imds, sts, service, opened):
    imds.keys = metadata.new_keys(seconds=290)
    know_keys(sts, imds.keys)
    opened("alice")
    imds.keys = metadata.new_keys()
    know_keys(sts, imds.keys, also=True)
    opened("bob")
    assert fetches(imds) == 2
    assert sts.calls[-1].access_key == imds.keys["AccessKeyId"]


@pytest.mark.parametrize("failure", ["html", "reset", 404])
def test_while_it_cannot_be_renewed_what_lives_is_used(
    bastion, imds, sts, service, opened, failure
):
    imds.keys = metadata.new_keys(seconds=290)
    know_keys(sts, imds.keys)
    opened("alice")
    imds.behaviour = {"credentials": failure}
    assert opened("bob").reply["status"] == "permitted"
    bastion.syslog.wait_for(r".*base credentials of \[base\] cannot be renewed: ")


def test_what_sts_does_not_take_is_fetched_anew_and_the_login_goes_on(imds, sts, service, opened):
    opened("alice")
    imds.keys = metadata.new_keys()
    know_keys(sts, imds.keys)
    reply = opened("bob").reply
    assert reply["status"] == "permitted", reply
    assert [call.answer for call in sts.calls] == ["success", "InvalidClientTokenId", "success"]
    assert fetches(imds) == 2


def test_where_the_source_has_no_others_the_refusal_is_told_and_sts_is_left_alone(
    imds, sts, service, opened
):
    opened("alice")
    sts.principals = {}
    reply = opened("bob").reply
    assert reply["status"] == "misconfigured"
    for word in ("InvalidClientTokenId", "[base]", imds.keys["AccessKeyId"]):
        assert word in reply["reason"]
    assert (len(sts.calls), fetches(imds)) == (2, 2)


def test_what_is_in_memory_for_a_role_needs_no_base(imds, sts, service, opened):
    session = opened("alice").session
    assume("alice", session, DEV)
    imds.behaviour = {step: 500 for step in imds.STEPS}
    sts.principals = {}
    calls = len(sts.calls)
    assume("alice", session, AUDIT)
    assume("alice", session, DEV)
    assert (len(sts.calls), fetches(imds)) == (calls, 1)


def test_the_keys_of_the_host_are_in_no_reply_and_no_log(bastion, imds, sts, service, opened):
    reply = opened("alice").reply
    told = f"{reply} {bastion.syslog.text()} {bastion.audit()}"
    for member in ("AccessKeyId", "SecretAccessKey", "Token"):
        assert imds.keys[member] not in told
