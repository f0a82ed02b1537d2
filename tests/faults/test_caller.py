"""Calls fail in the program that has loaded the module, and in what the module forks there.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import policy
from rig.accounts import write
from rig.processes import processes_of, wait_until
from rig.service import Service

from .logins import Host
from .plan import CALLER, FOLDER, OURS, SYSTEM, THEIRS, Kind
from .sweeps import sweep, thorough

ALONE = f"config={policy.FILE}"
DEAF = f"{FOLDER}/deaf_helper"
STEPS = "check", "open", "env", "close"


@pytest.fixture
def people(bastion, sts, directory, plan):
    """Logs people in with options of the module; what it or libpam for it has allocated is freed at
    the end, and no secret was told."""
    host = Host(bastion, sts, plan)

    def log_in(user, options, *steps):
        plan.watch(CALLER)
        login, lines = host.log_in(user, CALLER, options, steps)
        host.assert_honest(login, lines, user)
        assert plan.live == 0, f"{plan.live} pieces of memory are left"
        return login

    yield log_in
    host.assert_no_secret_was_told()


def test_whichever_allocation_of_ours_fails_a_login_gets_its_role_or_is_told_why(people, plan):
    once = lambda: people("alice", ALONE, *STEPS)
    assert sweep(plan, once, Kind.MEMORY, OURS, CALLER) > 15


@thorough(3)
def test_whichever_allocation_of_libpam_fails_a_login_gets_its_role_or_is_told_why(
        people, plan, step):
    once = lambda: people("alice", ALONE, *STEPS)
    assert sweep(plan, once, Kind.MEMORY, THEIRS, CALLER, step=step) > 5


@thorough(5)
def test_whichever_call_fails_a_login_gets_its_role_or_is_told_why(people, plan, step):
    """Those of the supervisor, and of the helper before it is executed, among them."""
    once = lambda: people("alice", ALONE, "open", "env")
    assert sweep(plan, once, SYSTEM, OURS, CALLER, step=step) > 10


@thorough(20)
def test_whichever_call_fails_nobody_gets_what_is_not_theirs(people, plan, step):
    once = lambda: people("mallory", ALONE, "open", "env")
    assert sweep(plan, once, SYSTEM, OURS, CALLER, step=step) > 5


@thorough(5)
def test_whichever_call_fails_on_the_way_to_the_service_a_login_gets_its_role(people, plan, step):
    with Service() as service:
        once = lambda: people("alice", "", *STEPS)
        assert sweep(plan, once, SYSTEM, OURS, CALLER, step=step) > 5
        assert service.answers()


def test_a_supervisor_that_is_not_told_to_end_is_killed_and_the_helper_with_it(people, plan):
    """It is told by the shutdown of a socket, which fails, once a helper has not greeted in time."""
    write(DEAF, "#!/bin/sh\nread nothing\n", 0o755)
    plan.arm(0, Kind.PROCESS, OURS, CALLER)
    people("alice", f"{ALONE} helper={DEAF}", "open", "env")
    for number in range(plan.count, 0, -1):
        plan.arm(number, Kind.PROCESS, OURS, CALLER)
        login = people("alice", f"{ALONE} helper={DEAF}", "open", "env")
        if plan.trace.startswith("shutdown"):
            break
    assert plan.trace.startswith("shutdown")
    assert login.env["XACCT_ERROR"].startswith("unavailable:")
    wait_until(lambda: not processes_of(DEAF.encode()), 5, "the end of the helper")
