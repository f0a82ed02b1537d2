"""Roles by the user's own token or assertion, in the service: kept for the session that came with
it, renewed by it, and gone with it.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import frames, policy, sso, sts_standin
from rig.bastion import ROLE_ARN
from rig.processes import memory_of, wait_until

from .asking import AUDIT, ask, assume, line_of, refusal, wait_for_end

ASSERTION = sso.assertion(ROLE_ARN)
KINDS = {
    "web-identity": ("web_identity_token", sso.JWT, sso.ISSUER),
    "saml": ("saml_assertion", ASSERTION, sso.PROVIDER),
}
RULES = """
[account client-a]
id = 111122223333

[role client-a-audit]
account = client-a
name    = bastion/Auditor
via     = {via}

[grant alice]
users   = alice
roles   = client-a-audit
"""


def via_of(key):
    return next(via for via, (name, _, _) in KINDS.items() if name == key)


@pytest.fixture(params=KINDS)
def proof(request, bastion, sts):
    """A role by this kind of proof, and the stand-in that knows one of alice's: (key, text)."""
    key, text, trusted = KINDS[request.param]
    policy.write(policy.heading(sts.url) + RULES.format(via=request.param))
    sts.proofs = {text: sts_standin.Proof(trusted, session_name="alice")}
    sts.roles = {ROLE_ARN: sts_standin.Role(trusted)}
    return key, text


def test_the_role_is_renewed_with_what_the_login_brought(bastion, sts, proof, service, opened):
    key, text = proof
    session = opened("alice", **{key: text}).session
    renewed = assume("alice", session, fresh="1", purpose="renew")
    assert len(sts.calls) == 2 and sts.calls[-1].access_key is None
    line = line_of(bastion, renewed)
    assert line["via"] and line["assumed_role"].endswith("assumed-role/Auditor/alice")
    with open(policy.AUDIT, encoding="utf-8") as audit:
        assert text[:40] not in audit.read()


def test_a_session_that_brought_none_has_none(bastion, sts, proof, service, opened):
    key, text = proof
    with_proof = opened("alice", **{key: text})
    without = opened("alice")
    assert without.reply["status"] == "denied" and without.session is None
    assert assume("alice", with_proof.session, fresh="1")


def test_the_proof_is_gone_with_the_session(bastion, sts, proof, service, opened):
    """Another session of the same human adopts the shell, and has brought none."""
    key, text = proof
    ended = opened("alice", **{key: text})
    policy.write(policy.heading(sts.url) + RULES.format(via="host"))
    sts.roles = {ROLE_ARN: sts_standin.Role(sts.principals["AKIABASTIONBASE00001"].arn)}
    opened("alice")
    ended.close()
    wait_for_end(bastion, ended.session)
    policy.write(policy.heading(sts.url) + RULES.format(via=via_of(key)))
    calls = len(sts.calls)
    refused = refusal("alice", "assume", ended.session, role=AUDIT, fresh="1")
    assert refused["status"] == "denied" and "log in again" in refused["message"]
    assert len(sts.calls) == calls


def test_after_a_new_start_of_the_service_one_logs_in_again(bastion, sts, proof, service, opened):
    key, text = proof
    session = opened("alice", **{key: text}).session
    service.stop()
    service.start()
    refused = refusal("alice", "assume", session, role=AUDIT)
    assert refused["status"] == "denied" and "log in again" in refused["message"]


def test_a_proof_that_aws_takes_no_more_means_to_log_in_again(bastion, sts, proof, service, opened):
    key, text = proof
    session = opened("alice", **{key: text}).session
    sts.proofs[text].fault = (400, "ExpiredTokenException", "Token is expired")
    refused = refusal("alice", "assume", session, role=AUDIT, fresh="1")
    assert refused["status"] == "denied" and "log in again" in refused["message"]
    assert "ExpiredTokenException" in line_of(bastion, refused)["reason"]


def test_a_user_cannot_hand_one_in(bastion, sts, proof, service, opened):
    key, text = proof
    policy.write(policy.heading(sts.url) + RULES.format(via="host"))
    sts.roles[ROLE_ARN].trusted = sts.principals["AKIABASTIONBASE00001"].arn
    session = opened("alice").session
    policy.write(policy.heading(sts.url) + RULES.format(via=via_of(key)))
    refused = ask("alice", "assume", session, role=AUDIT, **{key: text[:3000]})
    assert refused["status"] == "denied" and "log in again" in refused["message"]


@pytest.mark.parametrize(
    "key, value",
    [
        ("web_identity_token", "abc"),
        ("web_identity_token", "x" * 20001),
        ("web_identity_token", "two words"),
        ("saml_assertion", "x" * 60001),
        ("saml_assertion", "abcd\n"),
    ],
)
def test_what_cannot_be_a_proof_is_no_request(bastion, service, key, value):
    (reply,) = frames.request(frames.open_request("alice", **{key: value}))
    assert reply["status"] == "misconfigured" and f'"{key}"' in reply["reason"]
    assert value not in reply["reason"]


def test_the_longest_proofs_are_served(bastion, sts, service, opened):
    for field in ({"web_identity_token": "x" * 20000}, {"saml_assertion": "y" * 60000}):
        assert opened("alice", **field).reply["status"] == "permitted"


def times_in_memory(pid, text):
    return sum(content.count(text.encode()) for content in memory_of(pid))


def test_nothing_of_it_stays_in_memory_when_the_session_ends(bastion, proof, service, opened):
    key, text = proof
    session = opened("alice", **{key: text})
    assume("alice", session.session, fresh="1")
    # Once: what the request, the call and its form held is wiped already.
    part = text[60:160]
    assert times_in_memory(service.pid, part) == 1
    session.close()
    wait_for_end(bastion, session.session)
    assert times_in_memory(service.pid, part) == 0


def test_nothing_of_it_stays_when_its_process_ends(bastion, proof, service, opened):
    key, text = proof
    session = opened("alice", **{key: text})
    session.stop()
    wait_for_end(bastion, session.session)
    wait_until(lambda: times_in_memory(service.pid, text[60:160]) == 0, 10, "the proof to be gone")
