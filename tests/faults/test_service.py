"""Calls fail in the service while it is asked for something, and it serves whoever comes next.

SPDX-License-Identifier: BSD-2-Clause
"""

import glob
import itertools
import os
import re

import pytest

from rig import bastion as rig_bastion
from rig import frames, policy
from rig.processes import wait_until
from rig.service import Service

from .logins import CREDENTIALS, ROLE, RULES, Host, write_policy
from .plan import HELPER, LIBRARY, OURS, SYSTEM, Kind
from .sweeps import explain, sweep, thorough

ALICE = rig_bastion.USERS["alice"]
UNAVAILABLE = "unavailable", "misconfigured"
KEPT_MOST = 12  # pieces of memory by which tables in the service may have grown
LOOK_UPS = 2  # descriptors of look-up processes that may be idle or not


@pytest.fixture
def service(bastion, directory, plan):
    with Service(environment={"LD_PRELOAD": LIBRARY}) as running:
        yield running


class Asked:
    """What people ask of the service, and what each answer has to keep to."""

    def __init__(self, host, service):
        self.host = host
        self.service = service
        self.restarts = []
        self.open_still = []

    def ask(self, fields, user=None):
        """The frames of the reply, to root or a user; none where the connection came to nothing."""
        try:
            return (
                frames.request_as(rig_bastion.USERS[user], fields)
                if user
                else frames.request(fields)
            )
        except OSError:
            return []
        except AssertionError as error:
            assert re.search("reset|refused|ended the connection|Broken pipe", str(error)), error
            return []

    def open(self, user="alice"):
        """Opens a session; returns the reply, or None where there was none."""
        replies = self.ask(frames.open_request(user, rhost="192.0.2.1"))
        assert len(replies) < 2
        reply = replies[0] if replies else None
        self.check_credentials(reply, self.host.new_audit_lines(), "opened", user)
        if reply and user == "alice" and reply["status"] != "permitted":
            assert reply["status"] in UNAVAILABLE and reply["reason"], reply
        return reply

    def close(self, reply, user="alice"):
        """Ends the session of a reply, if there is one. Returns whether."""
        if not reply or reply["status"] != "permitted":
            return True
        close = {"op": "close", "user": user, "service": "sshd", "session": reply["session"]}
        told = self.ask(close)
        assert not told or told[0]["status"] in ("permitted", *UNAVAILABLE), told
        closed = bool(told) and told[0]["status"] == "permitted"
        if not closed:
            self.open_still.append(reply)
        return closed

    def check_credentials(self, reply, lines, event, user="alice"):
        """Where there are any, they are the ones that STS has issued, alice's, and have a line."""
        got = [reply.get(name) for name in CREDENTIALS] if reply else []
        if not any(got):
            return
        assert user == "alice" and reply["status"] == "permitted" and reply["XACCT_ROLE"] == ROLE
        issued = {one.access_key: one for one in self.host.sts.issued}[got[0]]
        assert got == [issued.access_key, issued.secret, issued.token]
        assert (reply["session"], got[0]) in [
            (line["session"], line.get("access_key_id")) for line in lines if line["event"] == event
        ], lines

    def serves(self):
        """Whoever comes next is served, which the service may have to be started anew for: it then
        has said so, and did not crash."""
        assert self.host.plan.crashes == 0, explain(self.host.plan.crash_trace)
        if self.service.process.child.poll() is not None:
            self.restarts.append(explain(self.host.plan.trace))
            assert self.service.process.child.returncode in (0, 1)
            self.service.start()
        reply = self.open()
        # A look-up process that had nothing to do may die of its fault after all that was asked.
        if reply and "ended the look-up process" in reply.get("reason", ""):
            reply = self.open()
        assert reply and reply["status"] == "permitted", reply
        assert self.close(reply)
        while self.open_still:
            assert self.close(self.open_still.pop())


@pytest.fixture
def asked(bastion, sts, plan, service):
    host = Host(bastion, sts, plan)
    asked = Asked(host, service)
    asked.serves()
    yield asked
    host.assert_no_secret_was_told()


def descriptors(service):
    return len(os.listdir(f"/proc/{service.pid}/fd"))


def sweep_and_serve(asked, plan, once, kinds, step):
    """Sweeps, and has the service serve somebody after each fault. At the end it has as much memory
    and as many descriptors as before, and has never been started anew."""

    def tried():
        once()
        plan.disarm()
        asked.serves()

    tried()
    plan.watch(HELPER)
    tried()
    before = plan.live, descriptors(asked.service)
    tried_times = sweep(plan, tried, kinds, OURS, step=step)
    tried()
    assert plan.live <= before[0] + KEPT_MOST, (before, plan.live)
    assert descriptors(asked.service) <= before[1] + LOOK_UPS
    assert asked.restarts == []
    return tried_times


MEMORY = pytest.param(Kind.MEMORY, 1, id="memory")
SOME = pytest.param(SYSTEM | Kind.CURL, 9, id="some calls")
EACH = pytest.param(SYSTEM | Kind.CURL, 1, id="each call", marks=pytest.mark.long)
ALL = pytest.mark.parametrize("kinds, step", [MEMORY, SOME, EACH])


@ALL
def test_whichever_fails_a_session_opens_and_ends_or_it_is_told_why(asked, plan, kinds, step):
    def once():
        asked.close(asked.open())

    sweep_and_serve(asked, plan, once, kinds, step)


@ALL
def test_whichever_fails_another_policy_comes_into_force(asked, plan, sts, kinds, step):
    number = itertools.count()

    def once():
        # Else there were more calls each time, and no end of them.
        for kept in glob.glob(f"{policy.STATE}/policy-*.json"):
            os.unlink(kept)
        write_policy(sts, f"{RULES}# {next(number)}\n")
        asked.close(asked.open())

    sweep_and_serve(asked, plan, once, kinds, step)


@ALL
@pytest.mark.parametrize("op", ["assume", "list", "status", "default", "console"])
def test_whichever_fails_a_user_is_served_or_told_why(asked, plan, kinds, step, op):
    session = asked.open()["session"]
    more = {"fresh": "1"} if op == "assume" else {}
    if op not in ("list", "status"):
        more["role"] = ROLE

    def once():
        replies = asked.ask({"op": op, "session": session, **more}, "alice")
        lines = asked.host.new_audit_lines()
        for reply in replies:
            assert reply["status"] in ("permitted", *UNAVAILABLE), reply
        if replies:
            asked.check_credentials(replies[-1], lines, "used")

    sweep_and_serve(asked, plan, once, kinds, step)


@ALL
@pytest.mark.parametrize("fields", [{}, {"user": "alice"}], ids=["all", "alice's"])
def test_whichever_fails_groups_are_told_as_far_as_is_known(asked, plan, kinds, step, fields):
    def once():
        for reply in asked.ask({"op": "groups", **fields}, "alice"):
            assert reply["status"] in ("permitted", *UNAVAILABLE), reply

    sweep_and_serve(asked, plan, once, kinds, step)


@ALL
@pytest.mark.parametrize("user", ["mallory", "eve"])
def test_whichever_fails_nobody_else_gets_a_session(asked, plan, kinds, step, user):
    def once():
        reply = asked.open(user)
        assert not reply or reply["status"] != "permitted"

    sweep_and_serve(asked, plan, once, kinds, step)


@thorough(20)
def test_whichever_fails_as_it_starts_it_serves_or_says_why_it_ends(bastion, directory, plan, step):
    """And logins go the other way meanwhile."""

    def once():
        service = Service(environment={"LD_PRELOAD": LIBRARY})
        service.process = service.run()
        try:
            wait_until(lambda: service.process.child.poll() is not None or service.answers(), 10)
            status = service.process.child.poll()
            assert status in (None, 1), status
            assert plan.crashes == 0, explain(plan.crash_trace)
            assert status is None or "xacct-helper: " in service.process.output()
        finally:
            service.stop()

    assert sweep(plan, once, Kind.MEMORY | SYSTEM, OURS, step=step) > 5
