"""STS behind a real proxy: what goes through it, and what becomes of logins when it fails.

SPDX-License-Identifier: BSD-2-Clause
"""

import re

import pytest

from rig import bastion as rig_bastion
from rig import metadata, policy, proxy, sts_standin
from rig.fixtures import know_keys
from rig.service import Service

from .logging_in import SSH_TAKES, TIMEOUT

ADDRESS = "198.51.100.7"  # of STS: what is on loopback is never asked through a proxy
USER = ("bastion", "Pr0xy-pass")

every_proxy = pytest.mark.parametrize("kind", [proxy.Tinyproxy, proxy.Squid])


@pytest.fixture(scope="module")
def running_standin(authority):
    """The stand-in that `sts` is, on an address that is not loopback's, over TLS."""
    with metadata.on_loopback(ADDRESS):
        certificate = authority.issue("far", f"IP:{ADDRESS}")
        with sts_standin.StandIn(certificate=certificate, address=ADDRESS) as running:
            yield running


@pytest.fixture
def behind(bastion, authority):
    """Writes a policy by which this proxy is asked: behind(STS, URL, base=LINES)."""

    def write(sts, url, **base):
        extra = f"ca_bundle = {authority.bundle}\nproxy = {url}"
        policy.write(policy.heading(sts.url, extra, **base) + rig_bastion.RULES)

    return write


@pytest.fixture
def in_a_hurry(bastion):
    bastion.sshd.set_stack(options=f"timeout={TIMEOUT:.0f}s")


def no_password_is_told(bastion):
    assert USER[1] not in bastion.syslog.text() + str(bastion.audit()) + bastion.sshd.said()


@every_proxy
def test_sts_is_asked_through_the_proxy(bastion, sts, behind, kind):
    with kind(sts.port) as running:
        behind(sts, running.url())
        login = bastion.sshd.ssh("alice", "env")
        assert login.environment.get("XACCT_ROLE") == "client-a-audit", bastion.syslog.text()
        running.wait_for(f"CONNECT {ADDRESS}:{sts.port}")
    assert len(sts.calls) == 1


@every_proxy
def test_the_service_keeps_its_connection_through_the_proxy(bastion, sts, behind, kind):
    with kind(sts.port) as running:
        behind(sts, running.url())
        with Service():
            for user in ("alice", "bob"):
                assert "XACCT_ROLE" in bastion.sshd.ssh(user, "env").environment
        running.wait_for(f"CONNECT {ADDRESS}:{sts.port}")
        assert running.log().count(f"CONNECT {ADDRESS}:{sts.port}") == 1
    assert len(sts.calls) == 2


@every_proxy
def test_a_proxy_that_wants_a_password_is_given_it(bastion, sts, behind, kind):
    with kind(sts.port, USER) as running:
        behind(sts, running.url(USER))
        login = bastion.sshd.ssh("alice", "env")
        assert "XACCT_ROLE" in login.environment, bastion.syslog.text()
    no_password_is_told(bastion)


@every_proxy
@pytest.mark.parametrize("user", [None, ("bastion", "wr0ng-pass")], ids=["none", "wrong"])
def test_a_proxy_that_is_not_given_its_password_is_named(bastion, sts, behind, kind, user):
    with kind(sts.port, USER) as running:
        behind(sts, running.url(user))
        login = bastion.sshd.ssh("alice", "env")
        status, text, _ = bastion.verdict()
    assert login.status == 254 and status in ("unavailable", "misconfigured")
    assert f"the proxy 127.0.0.1:{running.port} does not open the way" in text
    # tinyproxy says 401 where it means 407.
    assert re.search("status 40[17]; it wants a user and a password", text), text
    assert "wr0ng-pass" not in bastion.syslog.text() + str(bastion.audit())
    assert sts.calls == []


@every_proxy
def test_a_proxy_that_refuses_is_named(bastion, sts, behind, kind):
    with kind(1) as running:
        behind(sts, running.url())
        login = bastion.sshd.ssh("alice", "env")
        _, text, _ = bastion.verdict()
    assert login.status == 254
    assert f"the proxy 127.0.0.1:{running.port} does not open the way" in text
    assert "status 403; its rules are against it" in text
    assert sts.calls == []


@every_proxy
def test_a_proxy_that_dies_in_the_middle_is_named_in_time(
    bastion, in_a_hurry, sts, behind, kind
):
    sts.behaviour = {None: "stall"}
    with kind(sts.port) as running:
        behind(sts, running.url(USER))
        client = bastion.sshd.start("alice", "env")
        sts.wait_for_calls(1)
        running.die()
        client.communicate(timeout=TIMEOUT + SSH_TAKES)
        status, text, _ = bastion.verdict()
    assert (client.returncode, status) == (254, "unavailable")
    assert f"the proxy 127.0.0.1:{running.port}" in text
    no_password_is_told(bastion)


def test_a_proxy_that_is_not_there_is_named_and_not_gone_around(bastion, in_a_hurry, sts, behind):
    gone = proxy.Tinyproxy(sts.port)
    behind(sts, gone.url(USER))
    login = bastion.sshd.ssh("alice", "env")
    status, text, _ = bastion.verdict()
    assert (login.status, status) == (254, "unavailable")
    assert f"the proxy 127.0.0.1:{gone.port} is not reached" in text
    assert login.seconds < TIMEOUT + SSH_TAKES
    assert sts.calls == []
    no_password_is_told(bastion)


@every_proxy
def test_a_proxy_that_is_slow_does_not_delay_the_login_past_its_time(
    bastion, in_a_hurry, sts, behind, kind
):
    with kind(sts.port) as running:
        behind(sts, running.url())
        running.freeze()
        login = bastion.sshd.ssh("alice", "env")
        status, text, _ = bastion.verdict()
    assert (login.status, status) == (254, "unavailable")
    assert login.seconds < TIMEOUT + SSH_TAKES
    assert f"the proxy 127.0.0.1:{running.port} did not open the way" in text
    assert sts.calls == []


def test_a_proxy_in_the_environment_is_not_asked(bastion, sts, monkeypatch, authority):
    """Neither by the service, nor by a helper that a login starts, nor for a user's command."""
    extra = f"ca_bundle = {authority.bundle}"
    policy.write(policy.heading(sts.url, extra) + rig_bastion.RULES)
    names = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "http_proxy")
    with proxy.Tinyproxy(sts.port) as running:
        for name in names:
            monkeypatch.setenv(name, running.url())
        assert "XACCT_ROLE" in bastion.sshd.ssh("alice", "env").environment
        with Service():
            exports = " ".join(f"{name}={running.url()}" for name in names)
            login = bastion.sshd.ssh("alice", f"env {exports} xacct env --fresh client-a-dev")
            assert "AWS_ACCESS_KEY_ID" in login.stdout, login
        assert len(sts.calls) >= 3
        assert ADDRESS not in running.log()


def test_exceptions_in_the_environment_do_not_lead_around_the_proxy(
    bastion, sts, behind, monkeypatch
):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", ADDRESS)
    with proxy.Tinyproxy(sts.port) as running, Service():
        behind(sts, running.url())
        assert "XACCT_ROLE" in bastion.sshd.ssh("alice", "env").environment
        running.wait_for(f"CONNECT {ADDRESS}:{sts.port}")


@pytest.mark.parametrize("address, ipv6", [(metadata.IPV4, "no"), (metadata.IPV6, "yes")])
def test_the_metadata_service_is_never_asked_through_the_proxy(bastion, sts, behind, address, ipv6):
    with (
        metadata.on_loopback(address),
        metadata.Metadata(address, 80) as imds,
        proxy.Tinyproxy(sts.port) as running,
    ):
        know_keys(sts, imds.keys, also=True)
        behind(sts, running.url(), base=f"source = imds\nipv6 = {ipv6}")
        login = bastion.sshd.ssh("alice", "env")
        assert "XACCT_ROLE" in login.environment, bastion.syslog.text()
        running.wait_for(f"CONNECT {ADDRESS}:{sts.port}")
        assert imds.steps == ["token", "role", "credentials"]
        assert "169.254" not in running.log() and "fd00:ec2" not in running.log()
