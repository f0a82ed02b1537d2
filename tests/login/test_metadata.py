"""A bastion whose own identity comes from EC2's metadata service, or from that of a container.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import metadata, policy
from rig.fixtures import know_keys
from rig.service import Service

from .logging_in import SSH_TAKES, TIMEOUT, assert_in, write_base

TOKEN_FILE = f"{policy.FOLDER}/container.token"


@pytest.fixture
def imds(bastion, sts):
    with metadata.on_loopback(metadata.IPV4), metadata.Metadata(metadata.IPV4, 80) as running:
        know_keys(sts, running.keys)
        write_base(sts, "source = imds")
        yield running


@pytest.fixture
def agent(bastion, sts):
    with metadata.on_loopback(metadata.AGENT), metadata.Metadata(metadata.AGENT, 80) as running:
        running.authorization = "the-token-of-the-container"
        policy.place(TOKEN_FILE, running.authorization + "\n")
        know_keys(sts, running.keys)
        write_base(
            sts,
            "source = container",
            f"endpoint = http://{metadata.AGENT}{metadata.CONTAINER_PATH}",
            f"token_file = {TOKEN_FILE}",
        )
        yield running


def test_a_login_by_the_identity_of_the_instance(bastion, sts, imds):
    login = assert_in(bastion)
    assert imds.steps == ["token", "role", "credentials"]
    assert sts.calls[-1].access_key == imds.keys["AccessKeyId"]
    # Whoever logs in has the role's keys and never the host's.
    assert imds.keys["AccessKeyId"] not in login.stdout
    assert login.environment["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key


def test_the_service_asks_the_instance_once(bastion, sts, imds):
    with Service():
        for user in ("alice", "bob", "alice"):
            assert_in(bastion, user)
    assert imds.steps == ["token", "role", "credentials"]


def test_without_an_instance_profile_the_log_says_so(bastion, sts, imds):
    imds.role = None
    assert bastion.sshd.ssh("alice", "true").status == 254
    status, text, _ = bastion.verdict()
    assert status == "misconfigured"
    assert "no instance profile is attached" in text and "[base] at /etc/xacct/xacct.conf:" in text
    assert sts.calls == []


def test_an_instance_that_does_not_answer_costs_no_more_than_the_timeout(bastion, sts, imds):
    imds.behaviour = {"token": "stall"}
    bastion.sshd.set_stack(options=f"timeout={TIMEOUT:.0f}s")
    login = bastion.sshd.ssh("alice", "true")
    status, text, _ = bastion.verdict()
    assert (login.status, status) == (254, "unavailable")
    assert login.seconds < TIMEOUT + SSH_TAKES
    assert "hop limit?" in text


def test_a_login_by_the_identity_of_the_container(bastion, sts, agent):
    assert_in(bastion)
    assert agent.steps == ["container"]
    assert sts.calls[-1].access_key == agent.keys["AccessKeyId"]


def test_the_containers_token_is_read_anew(bastion, sts, agent):
    with Service():
        assert_in(bastion)
        agent.authorization = "another-token"
        policy.place(TOKEN_FILE, "another-token\n")
        agent.keys = metadata.new_keys()
        # STS refuses the former keys, as when they were revoked.
        know_keys(sts, agent.keys)
        assert_in(bastion, "bob")
    assert agent.steps == ["container", "container"]


def test_a_container_whose_token_is_refused_is_told_where_it_is(bastion, sts, agent):
    agent.authorization = "another"
    assert bastion.sshd.ssh("alice", "true").status == 254
    status, text, _ = bastion.verdict()
    assert status == "misconfigured" and "`token_file =`" in text
    assert "the-token-of" not in bastion.syslog.text() + str(bastion.audit())
