"""Clients that go on as their credentials end, each in one process.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import time

import pytest

from rig.processes import wait_until

from .conftest import PROGRAMS, ROLE_SESSION

LIFE = 4  # seconds
WAITS = "aws iam wait user-exists --user-name newcomer"  # asks every second, at most 20 times
COMMANDS = {
    "awscli": WAITS,
    **PROGRAMS,
}


def keys(calls):
    """The access keys that the calls were signed with, each once, in the order of their use."""
    return list(dict.fromkeys(call.access_key for call in calls))


def own_calls(sts, base="AKIABASTIONBASE00001"):
    """The calls that the clients have made, not the bastion."""
    return [call for call in list(sts.calls) if call.access_key != base]


def has_crossed_an_expiry(sts):
    """Whether the clients have used two keys, the later after the end of the first."""
    used = keys(own_calls(sts))
    if len(used) < 2:
        return False
    first = next(issued for issued in sts.issued if issued.access_key == used[0])
    end = datetime.datetime.fromisoformat(first.expiration.replace("Z", "+00:00"))
    return datetime.datetime.now(datetime.timezone.utc) > end + datetime.timedelta(seconds=1)


@pytest.mark.parametrize("client", COMMANDS)
def test_a_running_program_goes_on_across_an_expiry(bastion, service, home, sts, client):
    sts.issue_seconds = LIFE
    running = bastion.sshd.start("alice", COMMANDS[client])
    try:
        wait_until(
            lambda: running.poll() is not None or has_crossed_an_expiry(sts),
            30,
            "two keys and the end of the first",
        )
        seen = len(own_calls(sts))
        wait_until(
            lambda: running.poll() is not None or len(own_calls(sts)) > seen, 10, "one call more"
        )
    finally:
        sts.users.add("newcomer")
        out, error = running.communicate(timeout=30)
    assert (running.returncode, error) == (0, b""), (out, error)
    assert has_crossed_an_expiry(sts)
    assert {call.answer for call in own_calls(sts)} <= {"success", "NoSuchEntity"}
    if client in PROGRAMS:
        assert set(out.decode().split()) == {ROLE_SESSION}


def test_the_command_line_goes_on_across_an_expiry(login, sts):
    sts.issue_seconds = LIFE
    shell = login()
    commands = ["aws sts get-caller-identity --query Arn --output text"] * 2
    commands += ["aws configure list | grep -c custom-process"]
    start = time.monotonic()
    printed = []
    while not has_crossed_an_expiry(sts):
        assert time.monotonic() < start + 60
        printed += [shell.run(command).strip() for command in commands]
    assert set(printed) == {ROLE_SESSION, "2"}
    assert {call.answer for call in own_calls(sts)} == {"success"}


@pytest.mark.parametrize("client", PROGRAMS)
def test_credentials_with_time_to_live_are_asked_for_once(bastion, service, home, sts, client):
    running = bastion.sshd.start("alice", PROGRAMS[client])
    wait_until(lambda: running.poll() is not None or len(own_calls(sts)) >= 5, 30, "five calls")
    out, error = running.communicate(timeout=30)
    assert (running.returncode, error) == (0, b"")
    assert len(out.split()) >= 5 and len(keys(own_calls(sts))) == 1
    assert [line["event"] for line in bastion.audit()][:2] == ["opened", "used"]
    assert sum(line["event"] == "used" for line in bastion.audit()) == 1
