"""Names that are not what they seem: aliases in a directory, users and groups that it does not know,
files that others may write.

SPDX-License-Identifier: BSD-2-Clause
"""

import os

import pytest

from rig import accounts, policy, sts_standin
from rig.bastion import ROLE_ARN
from rig.fixtures import BASE_KEY, BASE_SECRET, know

RULES = """
[account client-a]
id          = 111122223333
external_id = 7Zr-42

[role audit]
account = client-a
name    = bastion/Auditor

[grant auditors]
users  = alice zoe
groups = operators
roles  = audit
"""

USERS = [
    ("alice", 5001, "consult"),  # the name of a local user, with another uid
    ("zoe", 5002, "z.oe"),  # one person under two names
    ("dora", 5003, ""),
]


@pytest.fixture
def directory():
    with accounts.Directory([("operators", 6001, ["bob"])], USERS) as running:
        yield running


@pytest.fixture
def bastion(host, sts, directory):
    host.reset(sts.url, BASE_KEY, BASE_SECRET)
    policy.write(policy.heading(sts.url) + RULES)
    host.sshd.set_stack()
    return host


def deny(sts, line):
    policy.write(policy.heading(sts.url) + RULES + f"\n[deny some]\n{line}\n")


def test_an_alias_for_one_uid_does_not_get_the_roles_of_another(bastion, sts):
    login = bastion.sshd.ssh("consult", "env")
    status, text, _ = bastion.verdict("account")
    assert login.status == 255 and not sts.calls
    assert status == "unavailable" and "another name or id" in text


def test_another_form_of_a_persons_own_name_is_that_person(bastion, sts):
    login = bastion.sshd.ssh("z.oe", "env")
    assert login.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()
    opened = next(line for line in bastion.audit() if line["event"] == "opened")
    assert (opened["user"], opened["typed"]) == ("zoe", "z.oe")
    assert sts.calls[0].parameters["RoleSessionName"] == "zoe"


@pytest.mark.parametrize("denied", ["zoe", "z.oe"])
def test_a_deny_is_not_escaped_by_another_form_of_the_name(bastion, sts, denied):
    deny(sts, f"users = {denied}")
    assert bastion.sshd.ssh("z.oe", "env").status == 255
    assert bastion.verdict("account")[0] == "denied"
    assert not sts.calls


def test_a_user_whom_only_root_finds_is_unavailable_and_never_no_grant(bastion, directory, sts):
    deny(sts, "users = dora")
    directory.know_nobody()
    assert bastion.sshd.ssh("dora", "env").status == 255
    status, text, _ = bastion.verdict("account")
    assert status == "unavailable" and "dora" in text


def test_a_deny_of_a_group_that_is_not_there_is_warned_of(bastion, sts):
    deny(sts, "groups = laevers")
    assert bastion.sshd.ssh("alice", "true").status == 0
    bastion.syslog.wait_for(".*names the group laevers, which NSS does not know")


def test_a_directorys_code_does_not_reach_the_helpers_secrets(bastion, directory):
    directory.be_curious()
    login = bastion.sshd.ssh("bob", "env")
    assert login.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()


@pytest.mark.parametrize("owner, mode", [(1001, 0o644), (0, 0o646), (0, 0o664)])
def test_a_bundle_that_others_may_write_is_not_trusted(bastion, authority, owner, mode):
    with sts_standin.StandIn(certificate=authority.issue("localhost")) as tls:
        know(tls)
        policy.write(policy.heading(tls.url, f"ca_bundle = {authority.bundle}") + RULES)
        before = os.stat(authority.bundle)
        os.chown(authority.bundle, owner, 0)
        os.chmod(authority.bundle, mode)
        try:
            assert bastion.sshd.ssh("alice", "env").status == 254
            status, text, _ = bastion.verdict()
            assert status == "misconfigured" and "ca_bundle" in text and not tls.calls
        finally:
            os.chown(authority.bundle, before.st_uid, before.st_gid)
            os.chmod(authority.bundle, before.st_mode & 0o7777)


def test_an_audit_file_that_others_may_write_stops_everything(bastion, sts):
    with open(policy.AUDIT, "w", encoding="ascii"):
        os.chmod(policy.AUDIT, 0o666)
    assert bastion.sshd.ssh("alice", "env").status == 254
    status, text, _ = bastion.verdict()
    assert status == "unavailable" and policy.AUDIT in text
    os.unlink(policy.AUDIT)
