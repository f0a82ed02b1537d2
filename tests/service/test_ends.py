"""When what gives a role will be over: what shells are told in XACCT_UNTIL, and people at login.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import re

import pytest

from rig.policy import hours, instant

from .asking import ALICE, AUDIT, ask, assume, write_policy

SOON = r"; it ends at {}, in 1[45] min: save your work(;|$)"


def words(end):
    """An instant of the wire as people are told it."""
    return datetime.datetime.fromisoformat(end[:-1]).strftime("%Y-%m-%d %H:%M UTC")


def test_without_an_end_in_sight_nothing_is_told(service, opened):
    session = opened("alice")
    assert "XACCT_UNTIL" not in session.reply
    assert "XACCT_UNTIL" not in assume("alice", session.session)
    assert "it ends" not in session.reply["message"]


def test_the_end_of_the_grant_is_told_at_login_and_afterwards(sts, service, opened):
    span, ends = hours(-60, 40)
    write_policy(sts, ALICE + span)
    session = opened("alice")
    end = ends.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert session.reply["XACCT_UNTIL"] == end
    assert assume("alice", session.session)["XACCT_UNTIL"] == end
    assert "it ends" not in session.reply["message"]


@pytest.mark.parametrize("grant, session_max, which", [
    (None, "20m", "session"), (2400, "20m", "session"), (1200, "40m", "grant"),
])
def test_the_earlier_end_of_grant_and_session_is_told(
        sts, service, opened, grant, session_max, which):
    until = f"until = {instant(grant)}\n" if grant else ""
    write_policy(sts, ALICE + until, f"session_max = {session_max}")
    session = opened("alice")
    status = ask("alice", "status", session.session, role=AUDIT)
    expected = status["session_ends"] if which == "session" else status["ends"]
    assert session.reply["XACCT_UNTIL"] == expected
    assert assume("alice", session.session)["XACCT_UNTIL"] == expected


def test_a_session_that_ends_soon_is_said_at_login_and_on_a_switch(sts, service, opened):
    write_policy(sts, ALICE, "session_max = 15m")
    session = opened("alice")
    said = SOON.format(words(session.reply["XACCT_UNTIL"]))
    assert re.search(said, session.reply["message"])
    assert re.search(said, assume("alice", session.session, purpose="switch")["message"])
    assert "message" not in assume("alice", session.session)
