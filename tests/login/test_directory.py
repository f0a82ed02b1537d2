"""A directory that is down: a role that depends on a group is unavailable, never permitted and
never "no grant"; whoever depends on no group does not notice.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import accounts, policy
from rig.bastion import DEV_ARN, ROLE_ARN
from rig.fixtures import BASE_KEY, BASE_SECRET

from .logging_in import SSH_TAKES, TIMEOUT

# alice has a role by name, but a deny depends on a group; bob's role depends on a group; eve has a
# role by name and another by a group.
RULES = """
[account client-a]
id          = 111122223333
external_id = 7Zr-42

[role audit]
account = client-a
name    = bastion/Auditor

[role dev]
account         = client-a
name            = Developer
source_identity = no

[grant alice]
users = alice
roles = audit

[grant operators]
groups = operators
roles  = dev

[grant eve]
users   = eve
roles   = audit
default = audit

[grant eve-as-operator]
groups = operators
roles  = dev

[deny leavers]
groups = leavers
roles  = {denied}
"""

# A directory may be down in two ways.
DOWN = {"unavailable": accounts.Directory.be_unavailable, "hanging": accounts.Directory.hang}
both_ways = pytest.mark.parametrize("down", DOWN.values(), ids=DOWN)


@pytest.fixture
def directory():
    groups = [("operators", 6001, ["bob", "mallory"]), ("leavers", 6002, ["mallory"])]
    with accounts.Directory(groups) as running:
        yield running


@pytest.fixture
def bastion(host, sts, directory):
    host.reset(sts.url, BASE_KEY, BASE_SECRET)
    policy.write(policy.heading(sts.url) + RULES.format(denied="audit dev"))
    host.sshd.set_stack(options=f"timeout={TIMEOUT:.0f}s")
    return host


def test_a_directory_that_answers_decides(bastion):
    login = bastion.sshd.ssh("alice", "env")
    assert login.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()
    assert bastion.sshd.ssh("bob", "env").environment["XACCT_ROLE_ARN"] == DEV_ARN


def test_a_directory_that_answers_denies(bastion):
    assert bastion.sshd.ssh("mallory", "env").status == 255
    assert bastion.verdict("account")[0] == "denied"


@both_ways
@pytest.mark.parametrize("user, group", [("alice", "leavers"), ("bob", "operators")])
@pytest.mark.parametrize("first", ["files", "standin"])
def test_who_depends_on_a_group_is_unavailable(bastion, directory, sts, down, user, group, first):
    """Also where the local files, which know no such group, are asked after the directory."""
    sources = accounts.groups_from(sorted(["files", "standin"], reverse=first == "standin"))
    accounts.write(accounts.NSSWITCH, sources)
    down(directory)
    login = bastion.sshd.ssh(user, "env")
    status, text, reference = bastion.verdict("account")
    # sshd ends a login that the account phase refuses with 255, before there is a session.
    assert login.status == 255
    assert login.seconds < TIMEOUT + SSH_TAKES
    assert status == "unavailable" and user in text and group in text
    assert not sts.calls
    assert bastion.audit()[-1]["reference"] == reference
    assert bastion.audit()[-1]["status"] == "unavailable"


@both_ways
@pytest.mark.parametrize("user", ["alice", "bob"])
def test_where_failing_open_is_wanted_no_credentials_are_given(bastion, directory, sts, down, user):
    down(directory)
    bastion.sshd.set_stack("optional", "optional", f"timeout={TIMEOUT:.0f}s")
    login = bastion.sshd.ssh(user, "env")
    held = {name for name in login.environment if name.startswith(("AWS_", "XACCT_"))}
    assert login.status == 0
    assert held == {"XACCT_ERROR"}
    assert login.environment["XACCT_ERROR"].startswith("unavailable:")
    assert login.seconds < TIMEOUT + SSH_TAKES
    assert not sts.calls


@both_ways
def test_a_role_that_stands_without_the_directory_is_given(bastion, directory, sts, down):
    """Only the deny of `dev` depends on the directory: eve's `audit` stands."""
    policy.write(policy.heading(sts.url) + RULES.format(denied="dev"))
    down(directory)
    login = bastion.sshd.ssh("eve", "env")
    assert login.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()
    assert login.seconds < TIMEOUT + SSH_TAKES


@both_ways
def test_a_local_user_whom_no_group_rule_can_affect_does_not_notice(
    bastion, directory, sts, down
):
    rules = RULES.split("[grant operators]")[0]
    policy.write(policy.heading(sts.url) + rules)
    down(directory)
    quick = bastion.sshd.ssh("alice", "env")
    assert quick.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()
    assert quick.seconds < SSH_TAKES


@both_ways
def test_a_system_user_gets_in_while_the_directory_is_down(bastion, directory, down):
    down(directory)
    login = bastion.sshd.ssh("toor", "echo in")
    assert (login.status, login.stdout) == (0, "in\n")
    assert login.seconds < SSH_TAKES
