"""One fetch of the host's own identity serves all who wait for it, and nobody can spoil it for them.

SPDX-License-Identifier: BSD-2-Clause
"""

import time

import pytest

from rig import base_program, frames, metadata, policy
from rig.bastion import USERS
from rig.fixtures import know_keys

from .asking import ALICE, AUDIT, ROLES
from .crowd import ask_at_once

GRANTS = f"""{ALICE}
[grant others]
users = bob mallory
roles = client-a-dev
"""


def write_policy(sts, *lines):
    policy.write(policy.heading(sts.url, base="\n".join(lines)) + ROLES + GRANTS)


@pytest.fixture
def program(bastion, sts):
    """A [base] with a program that takes more than a second; what it prints STS knows."""
    base_program.prepare(sts, "sleep 1.3")
    write_policy(sts, "source = process", f"command = {base_program.PROGRAM}")


@pytest.fixture
def renewal(bastion, sts):
    """An instance whose credentials are due to be renewed."""
    with metadata.Metadata() as running:
        running.keys = metadata.new_keys(seconds=290)
        know_keys(sts, running.keys)
        write_policy(sts, "source = imds", f"endpoint = {running.url}")
        yield running


def test_who_has_little_time_spoils_nothing_for_those_who_have_more(program, service):
    hurried = frames.open_request("bob", deadline_ms="1000")
    patient = frames.open_request("alice", deadline_ms="5000")
    answers = [caller.reply["status"] for caller in ask_at_once([hurried, patient])]
    assert answers == ["unavailable", "permitted"]


def test_a_fetch_goes_on_for_others_when_who_asked_first_has_no_more_time(
        program, sts, service, opened):
    """The program takes longer than these have, and shorter than a login has."""
    session = opened("alice").session
    base_program.prepare(sts, "sleep 1.5")
    service.restart()
    hurried = {"op": "assume", "session": session, "role": AUDIT, "deadline_ms": "1000"}
    asker = frames.Agent(USERS["alice"])
    (reply,) = asker.request(hurried)
    asker.stop()
    assert reply["status"] == "unavailable", reply
    assert opened("bob", deadline_ms="5000").reply["status"] == "permitted"
    assert base_program.runs() == 1


def test_all_who_wait_go_on_with_what_lives_where_it_cannot_be_renewed(renewal, service, opened):
    assert opened("mallory").reply["status"] == "permitted"
    requests = [frames.open_request(user) for user in ("alice", "bob")]

    def refuse(handler, _):
        time.sleep(0.3)  # so that both are there
        handler.reply(404, "")

    renewal.behaviour = {"role": refuse}
    callers = ask_at_once(requests)
    assert [caller.reply["status"] for caller in callers] == ["permitted"] * 2
    assert renewal.steps.count("role") == 2


def test_a_source_that_hangs_leaves_time_to_use_what_lives(renewal, service, opened):
    opened("alice")
    renewal.behaviour = {"role": "stall"}
    assert opened("bob", deadline_ms="3000").reply["status"] == "permitted"


def test_a_source_that_fails_is_not_asked_as_fast_as_a_user_can(program, service, opened):
    session = opened("alice").session
    base_program.write("exit 1")
    service.restart()
    before = base_program.runs()
    asker = frames.Agent(USERS["alice"])
    wish = {"op": "assume", "session": session, "role": AUDIT}
    end = time.monotonic() + 3
    replies = []
    # No more than a uid may connect in a row.
    while time.monotonic() < end and len(replies) < 500:
        replies += asker.request(wish)
    asker.stop()
    assert len(replies) > 50 and not [it for it in replies if it["status"] == "permitted"]
    assert base_program.runs() - before <= 3
