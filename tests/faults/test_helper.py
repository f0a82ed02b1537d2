"""Calls fail in the helper that the module starts for one request, and in its look-up process.

SPDX-License-Identifier: BSD-2-Clause
"""

import errno

import pytest

from rig import policy
from rig.accounts import DIRECTORY, appended

from .logins import ROLE, RULES, Host, write_policy
from .plan import HELPER, OURS, SHORT, SYSTEM, THEIRS, Kind
from .sweeps import sweep, thorough

# A policy of its own: no service is asked.
ALONE = f"config={policy.FILE}"
MEMORY = Kind.MEMORY
INTERRUPTIBLE = Kind.READ | Kind.WRITE | Kind.OPEN | Kind.MESSAGE | Kind.WAIT


@pytest.fixture
def people(bastion, sts, directory, plan):
    """Logs people in by a helper of their own; no secret may have been told at the end."""
    host = Host(bastion, sts, plan)

    def log_in(user, *steps, place=HELPER):
        login, lines = host.log_in(user, place, ALONE, steps)
        host.assert_honest(login, lines, user)
        return login

    log_in.host = host
    yield log_in
    host.assert_no_secret_was_told()


def opens(people):
    """A login that is tried."""
    return lambda: people("alice", "open", "env")


def test_whichever_allocation_of_ours_fails_a_login_gets_its_role_or_is_told_why(people, plan):
    assert sweep(plan, opens(people), MEMORY, OURS) > 150
    assert opens(people)().env["XACCT_ROLE"] == ROLE


@thorough(50)
def test_whichever_of_a_library_fails_a_login_gets_its_role_or_is_told_why(people, plan, step):
    assert sweep(plan, opens(people), MEMORY, THEIRS, step=step) > 100


def test_whichever_call_of_libcurl_fails_a_login_gets_its_role_or_is_told_why(people, plan):
    assert sweep(plan, opens(people), Kind.CURL, OURS) > 40


@thorough(7)
def test_whichever_call_fails_a_login_gets_its_role_or_is_told_why(people, plan, step):
    assert sweep(plan, opens(people), SYSTEM, OURS, step=step) > 20


@thorough(97)
def test_whichever_call_of_a_library_fails_a_login_gets_its_role_or_is_told_why(people, plan, step):
    assert sweep(plan, opens(people), SYSTEM, THEIRS, step=step) > 3


@thorough(31)
@pytest.mark.parametrize("steps", [("check",), ("open", "env", "close")], ids=["check", "close"])
def test_whichever_fails_an_account_is_checked_and_a_session_closed(people, plan, steps, step):
    assert sweep(plan, lambda: people("alice", *steps), MEMORY | SYSTEM, OURS, step=step) > 10


@thorough(11)
def test_from_whichever_allocation_on_there_is_no_memory_a_login_is_told(people, plan, step):
    assert sweep(plan, opens(people), MEMORY, OURS, step=step, lasting=True) > 10


@thorough(13)
def test_whichever_call_is_interrupted_or_gives_a_part_a_login_goes_on(people, plan, step):
    assert sweep(plan, opens(people), INTERRUPTIBLE, OURS, step=step, error=errno.EINTR) > 5
    assert sweep(plan, opens(people), Kind.READ | Kind.WRITE, OURS, error=SHORT) > 5


@thorough(9)
@pytest.mark.parametrize("kinds", [MEMORY, SYSTEM], ids=["memory", "calls"])
def test_whichever_fails_nobody_gets_what_a_deny_takes_away(people, plan, kinds, step):
    assert sweep(plan, lambda: people("mallory", "open", "env"), kinds, OURS, step=step) > 20


@thorough(97)
@pytest.mark.parametrize("user", ["eve", "nobody-knows-them"])
def test_whichever_fails_nobody_gets_what_is_not_granted(people, plan, user, step):
    once = lambda: people(user, "check", "open", "env")
    assert sweep(plan, once, MEMORY | SYSTEM, OURS, step=step) > 3


@thorough(151)
def test_whichever_fails_in_a_library_a_deny_stands(people, plan, step):
    """NSS's sources among them, which are loaded to be asked."""
    once = lambda: people("mallory", "open", "env")
    assert sweep(plan, once, MEMORY | SYSTEM, THEIRS, step=step) > 2


@pytest.fixture
def asked_one_by_one(people, directory, sts):
    """A user's groups leave an errno behind that has each source asked by itself; two groups are
    denied, of which mallory is in the second alone, which the directory does not know."""
    with open(f"{DIRECTORY}/group", "a", encoding="ascii") as out:
        out.write("visitors:x:5003:eve\n")
    write_policy(sts, RULES.replace("groups = leavers", "groups = wanderers visitors"))
    directory.lose_errno()
    with appended("/etc/group", "wanderers:x:5004:mallory"):
        yield


def test_whichever_fails_while_sources_are_asked_one_by_one_a_deny_stands(
    people, asked_one_by_one, plan
):
    assert people("mallory", "open").env == {}
    once = lambda: people("mallory", "open", "env")
    assert sweep(plan, once, Kind.LOOKUP, OURS) > 10


@thorough(7)
def test_whichever_fails_a_line_that_was_cut_short_takes_no_other_with_it(people, plan, step):
    def once():
        people.host.cut_audit_short()
        people("mallory", "open", "env")

    people("mallory", "open")
    assert sweep(plan, once, MEMORY | Kind.READ, OURS, step=step) > 20
