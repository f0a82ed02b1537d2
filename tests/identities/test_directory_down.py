"""A real directory that hangs or is gone: the time of a login is kept, whoever depends on it is
unavailable and never "no grant", and whoever does not depend on it does not notice.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import accounts, callers, sssd
from rig.bastion import ROLE_ARN

TIMEOUT = 2.0
BUSY = 1.0  # what starting programs may take on a busy machine

# dora's and bob's roles depend on the directory's groups, and so does whether mallory, who is
# local, may keep hers; alice's does not, nor that of emil, who is the directory's.
RULES = """
[grant by-group]
groups = auditors
roles  = audit

[grant by-name]
users = alice emil@corp.example
roles = audit
"""
DENY = """
[grant mallory]
users = mallory
roles = audit

[deny leavers]
groups = leavers
roles  = {denied}
"""


def hang_ldap(directory):
    directory.sssd.forget()
    directory.ldap.freeze()


def freeze_sssd(directory):
    directory.sssd.freeze()


def kill_sssd(directory):
    directory.sssd.kill()


WAYS = {"the server hangs": hang_ldap, "sssd hangs": freeze_sssd, "sssd is gone": kill_sssd}
every_way = pytest.mark.parametrize("fail", WAYS.values(), ids=WAYS)


@pytest.fixture
def stack(bastion, directory):
    """Nobody but the module asks the directory, so the time is the module's alone."""
    callers.set_bare_stack("sshd", f"timeout={TIMEOUT:.0f}s")


def check(user):
    return callers.pamtester("sshd", user, "acct_mgmt")


def open_session(user):
    return callers.pamtester("sshd", user, "open_session")


@every_way
@pytest.mark.parametrize("user", ["dora", "bob"])
@pytest.mark.parametrize("phase, ask, share", [
    ("account", check, 2 / 5), ("session", open_session, 3 / 5)
], ids=["account", "session"])
def test_who_depends_on_a_group_is_unavailable_within_the_time(
    bastion, directory, stack, sts, rules, fail, user, phase, ask, share
):
    rules(RULES)
    fail(directory)
    asked = ask(user)
    assert asked.status != 0 and bastion.verdict(phase)[0] == "unavailable"
    assert asked.seconds < TIMEOUT * share + BUSY
    assert not sts.calls


@every_way
@pytest.mark.parametrize("sources", ["files sss", "sss files"])
def test_who_might_be_denied_by_a_group_is_unavailable(
    bastion, directory, stack, sts, rules, fail, sources
):
    """Also where the files, which know no such group, are asked after it, as Red Hat has it."""
    rules(RULES + DENY.format(denied="audit dev"))
    with accounts.replaced(accounts.NSSWITCH, accounts.groups_from([sources])):
        fail(directory)
        assert open_session("mallory").status != 0
    status, text, _ = bastion.verdict()
    assert status == "unavailable" and "leavers" in text
    assert not sts.calls


@every_way
def test_a_role_that_no_answer_can_take_away_is_given(bastion, directory, stack, sts, rules, fail):
    rules(RULES + DENY.format(denied="dev"))
    fail(directory)
    opened = open_session("mallory")
    assert opened.status == 0, bastion.syslog.text()
    assert [call.parameters["RoleArn"] for call in sts.calls] == [ROLE_ARN]


@every_way
def test_a_local_user_whom_no_group_rule_can_affect_does_not_notice(
    bastion, directory, stack, sts, rules, fail
):
    rules(RULES.split("[grant by-group]")[0] + RULES[RULES.index("[grant by-name]"):])
    fail(directory)
    opened = open_session("alice")
    assert opened.status == 0, bastion.syslog.text()
    assert opened.seconds < BUSY
    assert [call.parameters["RoleSessionName"] for call in sts.calls] == ["alice"]


@every_way
def test_a_directorys_own_user_is_unavailable_whatever_gives_the_role(
    bastion, directory, stack, sts, rules, fail
):
    """Who that is, nobody can tell."""
    rules(RULES)
    fail(directory)
    opened = open_session("emil@corp.example")
    assert opened.status != 0 and bastion.verdict()[0] == "unavailable"
    assert opened.seconds < TIMEOUT * 3 / 5 + BUSY


@every_way
def test_once_it_is_back_it_decides_again(bastion, directory, stack, sts, rules, fail):
    rules(RULES)
    fail(directory)
    open_session("dora")
    directory.ldap.mend()
    directory.sssd.mend()
    directory.sssd.wait_for_groups("dora", lambda groups: "auditors" in groups, "auditors")
    assert open_session("dora").status == 0, bastion.syslog.text()


def test_what_sssd_has_kept_of_a_server_that_is_gone_decides(
    bastion, directory, stack, sts, rules
):
    """That is what its cache is for: how long it may be believed, SSSD's own settings say."""
    rules(RULES)
    directory.sssd.wait_for_groups("dora", lambda groups: "auditors" in groups, "auditors")
    directory.ldap.kill()
    directory.sssd.forget()
    assert open_session("dora").status == 0, bastion.syslog.text()
    assert open_session("emil@corp.example").status == 0, bastion.syslog.text()


def test_a_user_of_whom_sssd_kept_all_but_the_groups_is_not_without_grant(
    bastion, directory, stack, sts, rules
):
    """With SSSD gone, clients go on with the file that it has left: the user is there, and the list
    of groups is the primary one alone, and looks like an answer."""
    rules(RULES)
    directory.sssd.restart(memory=300)
    try:
        sssd.read_user("dora")
        directory.sssd.kill()
        assert open_session("dora").status != 0
        assert bastion.verdict()[0] == "unavailable"
    finally:
        directory.sssd.restart(memory=0)
