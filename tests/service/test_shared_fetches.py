"""One fetch of the host's own identity serves all who wait for it, and nobody can spoil it for them.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import json
import os
import time

import pytest

from rig import frames, metadata, policy, sts_standin
from rig.bastion import USERS
from rig.fixtures import BASE_ARN

from .asking import ALICE, AUDIT, ROLES, instant
from .crowd import ask_at_once

PROGRAM = f"{policy.FOLDER}/give-keys"
COUNT = "/mnt/log/runs"  # a line for each run of the program
GRANTS = f"""{ALICE}
[grant others]
users = bob mallory
roles = client-a-dev
"""


def write_policy(sts, *lines):
    head = policy.heading(sts.url)
    base = "\n".join(["[base]", *lines, ""])
    policy.write(head[: head.index("[base]")] + base + ROLES + GRANTS)


def write_program(*lines):
    with open(PROGRAM, "w", encoding="utf-8") as out:
        out.write("\n".join(["#!/bin/sh", f"echo run >>{COUNT}", *lines, ""]))
    os.chmod(PROGRAM, 0o755)


def runs():
    with open(COUNT, encoding="ascii") as lines:
        return len(lines.readlines())


@pytest.fixture
def program(bastion, sts):
    """A [base] with a program that takes more than a second; what it prints STS knows."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(COUNT)
    keys = {"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": "pro/cess+secret"}
    keys |= {"SessionToken": "pro+cess/token==", "Expiration": instant(3600)}
    sts.principals = {
        keys["AccessKeyId"]: sts_standin.Principal(
            BASE_ARN, keys["SecretAccessKey"], keys["SessionToken"]
        )
    }
    write_program("sleep 1.3", f"echo '{json.dumps(keys)}'")
    write_policy(sts, "source = process", f"command = {PROGRAM}")


@pytest.fixture
def renewal(bastion, sts):
    """An instance whose credentials are due to be renewed."""
    with metadata.Metadata() as running:
        keys = running.keys = metadata.new_keys(seconds=290)
        sts.principals = {
            keys["AccessKeyId"]: sts_standin.Principal(
                BASE_ARN, keys["SecretAccessKey"], keys["Token"]
            )
        }
        write_policy(sts, "source = imds", f"endpoint = {running.url}")
        yield running


def test_who_has_little_time_spoils_nothing_for_those_who_have_more(program, service):
    hurried = frames.open_request("bob", deadline_ms="1000")
    patient = frames.open_request("alice", deadline_ms="5000")
    answers = [caller.reply["status"] for caller in ask_at_once([hurried, patient])]
    assert answers == ["unavailable", "permitted"]


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
    write_program("exit 1")
    service.restart()
    before = runs()
    asker = frames.Agent(USERS["alice"])
    wish = {"op": "assume", "session": session, "role": AUDIT}
    end = time.monotonic() + 3
    replies = []
    # No more than a uid may connect in a row.
    while time.monotonic() < end and len(replies) < 500:
        replies += asker.request(wish)
    asker.stop()
    assert len(replies) > 50 and not [it for it in replies if it["status"] == "permitted"]
    assert runs() - before <= 3
