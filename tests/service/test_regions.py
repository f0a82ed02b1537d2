"""Several regions whose STS is asked in turn, under AWS's own names.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import shutil
import time

import pytest

from rig import accounts, certs, policy, sts_standin
from rig.bastion import ROLE_ARN
from rig.fixtures import know

from .asking import ALICE, ROLES, line_of

FIRST, SECOND = "eu-west-1", "eu-central-1"
ADDRESSES = {FIRST: "127.0.0.2", SECOND: "127.0.0.3"}


def name(region):
    return f"sts.{region}.amazonaws.com"


@pytest.fixture(scope="module")
def certificate():
    authority = certs.Authority("/mnt/regions-ca")
    names = ",".join(f"DNS:{name(region)}" for region in ADDRESSES)
    yield authority.bundle, authority.issue("regions", names)
    shutil.rmtree(authority.folder)


@pytest.fixture
def regions(bastion, certificate):
    """regions(NAME, ...) starts the STS of these; the policy names both. Returns them by name."""
    bundle, served = certificate
    with contextlib.ExitStack() as stack:
        hosts = "\n".join(f"{address} {name(region)}" for region, address in ADDRESSES.items())
        stack.enter_context(accounts.appended("/etc/hosts", hosts))

        def start(*wanted):
            running = {}
            for region in wanted:
                running[region] = stack.enter_context(
                    sts_standin.StandIn(region, served, 443, ADDRESSES[region])
                )
                know(running[region])
            return running

        # Before the service starts, as its sandbox lets it read what this names.
        head = policy.heading(None, f"ca_bundle = {bundle}\nsts_region = {FIRST} {SECOND}")
        policy.write(head + ROLES + ALICE)
        yield start


def test_the_first_region_alone_is_asked_while_it_answers(regions, service, opened):
    both = regions(FIRST, SECOND)
    assert opened("alice").reply["status"] == "permitted"
    assert [len(sts.calls) for sts in both.values()] == [1, 0]


@pytest.mark.parametrize("failure", ["stall", "internal-failure", "region-disabled", "html"])
def test_another_region_is_asked_where_the_first_does_not_answer(
    bastion, regions, service, opened, failure
):
    both = regions(FIRST, SECOND)
    both[FIRST].behaviour = {None: failure}
    start = time.monotonic()
    reply = opened("alice", deadline_ms="3000").reply
    assert reply["AWS_ACCESS_KEY_ID"] == both[SECOND].issued[-1].access_key, reply
    assert time.monotonic() - start < 3.0
    assert both[SECOND].calls[-1].region == SECOND
    assert f"that in {SECOND} did" in line_of(bastion, reply)["notice"]


def test_a_region_that_cannot_be_reached_is_passed_over(regions, service, opened):
    second = regions(SECOND)[SECOND]
    assert opened("alice").reply["AWS_ACCESS_KEY_ID"] == second.issued[-1].access_key


def test_a_refusal_is_not_carried_to_another_region(regions, service, opened):
    both = regions(FIRST, SECOND)
    both[FIRST].behaviour = {ROLE_ARN: "access-denied"}
    assert opened("alice").reply["status"] == "misconfigured"
    assert not both[SECOND].calls


def test_no_region_answers_and_the_time_is_kept(regions, service, opened):
    both = regions(FIRST, SECOND)
    for sts in both.values():
        sts.behaviour = {None: "stall"}
    start = time.monotonic()
    reply = opened("alice", deadline_ms="1500").reply
    assert time.monotonic() - start < 2.5
    assert reply["status"] == "unavailable" and name(SECOND) in reply["reason"]
