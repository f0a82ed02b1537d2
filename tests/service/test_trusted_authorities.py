"""Whom the service trusts is what `ca_bundle` holds now, whatever was trusted before.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import shutil

import pytest

from rig import certs, policy, sts_standin
from rig.fixtures import BASE_KEY, BASE_SECRET, know
from rig.service import Service

from .asking import ALICE, ROLES

BUNDLE = "/mnt/bundle.pem"
GRANTS = f"""{ALICE}
[grant bob]
users = bob
roles = client-a-dev
"""


@pytest.fixture(scope="module")
def authorities():
    both = certs.Authority("/mnt/our-ca"), certs.Authority("/mnt/other-ca")
    yield both
    for authority in both:
        shutil.rmtree(authority.folder)


@pytest.fixture(params=["keeps connections", "closes connections"])
def sts(request, authorities):
    """STS over TLS, by a certificate of the first authority. Where it closes connections, the next
    begins with the TLS session of the one before."""
    with sts_standin.StandIn(certificate=authorities[0].issue("sts")) as running:
        if request.param == "closes connections":
            handler = running.server.RequestHandlerClass
            running.server.RequestHandlerClass = type(
                "Handler", (handler,), {"protocol_version": "HTTP/1.0"}
            )
        know(running)
        yield running


def trust(authority):
    """Puts the authority's certificate in the place of the bundle."""
    shutil.copy(authority.bundle, f"{BUNDLE}.new")
    os.chmod(f"{BUNDLE}.new", 0o644)
    os.rename(f"{BUNDLE}.new", BUNDLE)


@pytest.fixture
def begin(host, sts):
    """begin(AUTHORITY): a service that trusts this one."""
    running = []

    def start(authority):
        trust(authority)
        host.reset(sts.url, BASE_KEY, BASE_SECRET)
        policy.write(policy.heading(sts.url, f"ca_bundle = {BUNDLE}") + ROLES + GRANTS)
        running.append(Service())
        running[0].start()

    yield start
    for service in running:
        service.stop()
    os.unlink(BUNDLE)


def test_an_authority_that_is_taken_out_is_not_trusted_any_more(begin, authorities, opened):
    begin(authorities[0])
    assert opened("alice").reply["status"] == "permitted"
    trust(authorities[1])
    reply = opened("bob").reply
    assert reply["status"] == "misconfigured" and "ca_bundle" in reply["reason"]


def test_an_authority_that_is_put_in_is_trusted_at_once(begin, authorities, opened):
    begin(authorities[1])
    assert opened("alice").reply["status"] == "misconfigured"
    trust(authorities[0])
    assert opened("bob").reply["status"] == "permitted"
