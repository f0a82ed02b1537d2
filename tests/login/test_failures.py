"""STS that does not answer as it must: the login ends in time, and everybody is told the truth.

SPDX-License-Identifier: BSD-2-Clause
"""

import re

import pytest

from rig import policy
from rig.bastion import DEV_ARN, ROLE_ARN
from rig.fixtures import BASE_SECRET
from rig.processes import free_port

from .logging_in import SSH_TAKES, TIMEOUT

# What STS does, what the login is then, and words of the reason in the log.
FAILURES = {
    "stall": ("unavailable", "did not answer|timed? ?out|deadline"),
    "internal-failure": ("unavailable", "InternalFailure"),
    "html": ("unavailable", "HTML|html"),
    "huge": ("unavailable", "large|bytes"),
    "half": ("unavailable", "XML|document"),
    "cut": ("unavailable", "end|cut|truncated|closed"),
    "reset": ("unavailable", "reset|closed|reach"),
    "access-denied": ("misconfigured", "AccessDenied.*not authorized to perform: sts:AssumeRole"),
    "throttling": ("unavailable", "Throttling.*Rate exceeded"),
    "expired-token": ("misconfigured", "ExpiredToken"),
    "clock-skew": ("misconfigured", "clock"),
}

every_failure = pytest.mark.parametrize("failure", ["unreachable", *FAILURES])


def prepare(bastion, sts, failure):
    """Makes STS fail; returns what is expected of the log."""
    if failure == "unreachable":
        with open(policy.FILE, encoding="utf-8") as text:
            policy.write(text.read().replace(sts.url, f"http://127.0.0.1:{free_port()}"))
        return "unavailable", "reach|connect"
    sts.behaviour = {None: failure}
    return FAILURES[failure]


@every_failure
def test_required_keeps_the_user_out_within_the_timeout(bastion, sts, failure):
    status, words = prepare(bastion, sts, failure)
    bastion.sshd.set_stack(session="required", options=f"timeout={TIMEOUT:.0f}s")
    login = bastion.sshd.ssh("alice", "echo in")
    seen, text, reference = bastion.verdict()
    # 254 is how sshd ends a login whose PAM session did not open.
    assert (login.status, login.stdout.count("in\n")) == (254, 0)
    assert login.seconds < TIMEOUT + SSH_TAKES
    assert seen == status
    assert re.search(words, text), text
    assert reference in login.stdout + login.stderr
    # libpam's words for PAM_SESSION_ERR.
    assert "pam_open_session(): Cannot make/remove an entry for the specified session" in (
        bastion.sshd.said()
    )
    assert not bastion.records()


@every_failure
def test_optional_lets_in_without_credentials_and_says_why(bastion, sts, failure):
    status, _ = prepare(bastion, sts, failure)
    bastion.sshd.set_stack(session="optional", options=f"timeout={TIMEOUT:.0f}s")
    login = bastion.sshd.ssh("alice", "env")
    _, _, reference = bastion.verdict()
    held = {name for name in login.environment if name.startswith(("AWS_", "XACCT_"))}
    assert login.status == 0
    assert login.seconds < TIMEOUT + SSH_TAKES
    assert held == {"XACCT_ERROR"}
    assert login.environment["XACCT_ERROR"] == f"{status}:{reference}"


def test_a_stalled_sts_takes_three_fifths_of_the_timeout_at_most(bastion, sts):
    sts.behaviour = {None: "stall"}
    bastion.sshd.set_stack(options="timeout=5s")
    quick = bastion.sshd.ssh("eve", "true").seconds
    slow = bastion.sshd.ssh("alice", "true").seconds
    assert 2.0 < slow - quick < 3.0 + SSH_TAKES


def test_the_policys_timeout_shortens_the_modules(bastion, sts):
    sts.behaviour = {None: "stall"}
    bastion.sshd.set_stack(options="timeout=30s")
    with open(policy.FILE, encoding="utf-8") as text:
        policy.write(text.read().replace("[xacct]", "[xacct]\ntimeout = 1s"))
    assert bastion.sshd.ssh("alice", "true").seconds < 1.0 + SSH_TAKES
    assert bastion.verdict()[0] == "unavailable"


def test_a_longer_one_of_the_policys_does_not_lengthen_it(bastion, sts):
    """The helper keeps to the module's, and so has time to say why and to write it down."""
    sts.behaviour = {None: "stall"}
    bastion.sshd.set_stack(options=f"timeout={TIMEOUT:.0f}s")
    with open(policy.FILE, encoding="utf-8") as text:
        policy.write(text.read().replace("[xacct]", "[xacct]\ntimeout = 50s"))
    assert bastion.sshd.ssh("alice", "true").seconds < TIMEOUT + SSH_TAKES
    status, text, reference = bastion.verdict()
    assert status == "unavailable" and re.search(FAILURES["stall"][1], text), text
    assert bastion.audit()[-1]["reference"] == reference


def test_the_failure_is_in_the_audit_file_under_the_same_reference(bastion, sts):
    sts.behaviour = {None: "throttling"}
    bastion.sshd.ssh("alice", "true")
    _, _, reference = bastion.verdict()
    line = bastion.audit()[-1]
    assert (line["event"], line["status"]) == ("refused", "unavailable")
    assert line["reference"] == reference
    assert line["request_id"] == sts.calls[-1].request_id
    assert "access_key_id" not in line


def test_a_reason_on_the_log_names_code_message_and_request_id(bastion, sts):
    sts.behaviour = {None: "access-denied"}
    bastion.sshd.ssh("alice", "true")
    _, text, _ = bastion.verdict()
    assert "AccessDenied" in text and ROLE_ARN in text
    assert "User: arn:aws:iam::999900001111:user/bastion is not authorized" in text
    assert sts.calls[-1].request_id in text


@pytest.mark.parametrize(
    "missing, action",
    [("tag_session", "sts:TagSession"), ("set_source_identity", "sts:SetSourceIdentity")],
)
def test_a_missing_statement_is_named_with_where_it_belongs(bastion, sts, missing, action):
    setattr(sts.roles[ROLE_ARN], missing, False)
    bastion.sshd.ssh("alice", "true")
    status, text, _ = bastion.verdict()
    assert status == "misconfigured"
    assert action in text and "trust policy" in text


def test_a_wrong_external_id_is_refused(bastion, sts):
    sts.roles[ROLE_ARN].external_id = "another"
    assert bastion.sshd.ssh("alice", "true").status == 254
    assert bastion.verdict()[0] == "misconfigured"


def test_a_wrong_base_secret_is_refused(bastion, sts):
    policy.write_base(next(iter(sts.principals)), BASE_SECRET[::-1])
    assert bastion.sshd.ssh("alice", "true").status == 254
    status, text, _ = bastion.verdict()
    assert status == "misconfigured" and "SignatureDoesNotMatch" in text


def test_a_duration_beyond_the_roles_own_is_explained(bastion, sts):
    sts.roles[ROLE_ARN].longest = 900
    bastion.sshd.ssh("alice", "true")
    status, text, _ = bastion.verdict()
    assert status == "misconfigured" and "MaxSessionDuration" in text


def test_one_roles_failure_is_nobody_elses(bastion, sts):
    sts.behaviour = {ROLE_ARN: "stall"}
    bastion.sshd.set_stack(options=f"timeout={TIMEOUT:.0f}s")
    login = bastion.sshd.ssh("bob", "env")
    assert login.environment["XACCT_ROLE_ARN"] == DEV_ARN


def test_a_slow_answer_is_still_an_answer(bastion, sts):
    sts.behaviour = {None: "slow"}
    assert "AWS_ACCESS_KEY_ID" in bastion.sshd.ssh("alice", "env").environment


def test_credentials_that_have_expired_already_are_none(bastion, sts):
    sts.behaviour = {None: "expired-already"}
    login = bastion.sshd.ssh("alice", "env")
    status, text, _ = bastion.verdict()
    assert login.status == 254
    assert status == "unavailable" and "expired already" in text
    assert not [line for line in bastion.audit() if line["event"] == "opened"]
