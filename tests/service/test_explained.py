"""What `xacct explain` says of a login, and what the service does when it comes.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import accounts, commands, policy, ssh_ca
from rig.policy import instant

from .asking import AUDIT, DEV, UIDS, behind_sudo, roles_of, write_policy

PLAIN = ["--auth", "publickey", "--certificate", "none"]
SUDO = "services = sudo\n"
EVE = f"[grant eve]\nusers = eve\nroles = {DEV}\n"
BOB = f"[grant bob]\nusers = bob\nroles = {AUDIT}\n"
TEAM = f"[deny team]\ngroups = team\nroles = {DEV}\n"
NO_BOB = "[deny bob]\nusers = bob\n"


def explained(*words):
    """(the roles, the login's) of --json."""
    answer, _ = commands.told("explain", "--config", policy.FILE, *words)
    return {role["name"] for role in answer["roles"] if role["permitted"]}, answer["login"]


def real(opened, user, **fields):
    """The same of a login: its roles and the one that it starts with; nothing where it is refused."""
    session = opened(user, **fields)
    if session.reply["status"] != "permitted":
        return set(), None
    return set(roles_of(user, session.session)), session.reply.get("XACCT_ROLE")


@pytest.fixture(scope="module")
def ca():
    return ssh_ca.Authority("explained")


@pytest.mark.parametrize("grants, user, who, roles", [
    # Who is behind sudo is named by a grant, and by a deny; the target by a grant alone.
    (EVE + SUDO + BOB + SUDO, "eve", "bob", {DEV, AUDIT}),
    (EVE + SUDO + BOB + SUDO, "eve", "alice", {DEV}),
    (EVE + SUDO + BOB + SUDO, "eve", "eve", {DEV}),
    (EVE + SUDO + BOB + SUDO, "eve", None, {DEV}),
    (EVE + SUDO + NO_BOB, "eve", "bob", set()),
    (EVE + SUDO + NO_BOB, "eve", "alice", {DEV}),
    (EVE + SUDO + NO_BOB, "eve", None, {DEV}),
    (EVE + SUDO + TEAM, "eve", "bob", set()),
    (EVE + SUDO + TEAM, "eve", "alice", {DEV}),
    (EVE + SUDO + NO_BOB, "eve", "toor", {DEV}),
])
@pytest.mark.parametrize("identity", ["", "identity = user"])
def test_who_is_behind_sudo(sts, service, opened, grants, user, who, roles, identity):
    with accounts.appended("/etc/group", "team:x:3001:bob"):
        write_policy(sts, grants, identity)
        said = explained(user, "--service", "sudo", "--loginuid", who or "none")
        fields = behind_sudo(who) if who else {"service": "sudo"}
        assert said == real(opened, user, **fields)
        if not identity:
            assert said[0] == roles


def test_where_it_is_not_said_who_is_behind_it_nothing_is_given_for_it(sts, service):
    write_policy(sts, EVE + SUDO + BOB + SUDO)
    assert explained("eve", "--service", "sudo") == ({DEV}, DEV)
    for deny in (NO_BOB, TEAM.replace(f"roles = {DEV}\n", "")):
        write_policy(sts, EVE + SUDO + deny)
        assert explained("eve", "--service", "sudo") == (set(), None)


@pytest.mark.parametrize("grants, roles", [
    (EVE + f"[deny x]\nprincipals = x@p.example\nroles = {DEV}\n", {DEV}),
    (EVE + f"[grant p]\nprincipals = x@p.example\nroles = {AUDIT}\n", {DEV}),
    (EVE + "auth = publickey\n", {DEV}),
])
def test_a_plain_key_beside_a_ca(sts, service, opened, ca, grants, roles):
    write_policy(sts, f"[ca p]\nkey = {ca.public}\nnames = *@p.example\n{grants}")
    assert explained("eve", *PLAIN)[0] == roles
    key = ssh_ca.make_key(f"{ca.key}-plain-{len(grants)}")
    info = f"publickey {ssh_ca.public_of(key)}\n"
    assert explained("eve", *PLAIN) == real(opened, "eve", auth_info=info)


def test_a_certificate_behind_sudo(sts, service, opened, ca):
    grants = f"[ca p]\nkey = {ca.public}\nnames = *@p.example\n"
    grants += f"[grant p]\nprincipals = x@p.example\nroles = {AUDIT}\nservices = sshd sudo\n"
    write_policy(sts, grants)
    certificate = ca.issue("x@p.example", ["bob"])
    login = opened("bob", auth_info=certificate.auth_info, loginuid=str(UIDS["bob"]),
                   audit_id="77")
    assert login.reply["status"] == "permitted"
    assert real(opened, "eve", **behind_sudo("bob"), audit_id="77") == ({AUDIT}, AUDIT)
    words = ["eve", "--service", "sudo", "--loginuid", "bob"]
    assert explained(*words, "--principal", "x@p.example")[0] == {AUDIT}
    assert explained(*words, "--certificate", certificate.path)[0] == {AUDIT}
    assert explained(*words, "--certificate", "none")[0] == set()
    assert explained(*words)[0] == set()


@pytest.mark.parametrize("ends, words", [(1000, (DEV, {DEV})), (600, (None, set()))])
def test_the_last_fifteen_minutes(sts, service, opened, ends, words):
    write_policy(sts, f"{EVE}until = {instant(ends)}\n")
    login, roles = words
    assert explained("eve") == (roles, login)
    assert real(opened, "eve") == (roles, login)


def test_nobody(sts, service, opened):
    write_policy(sts, EVE.replace("users = eve", "users = nobody"))
    assert explained("nobody") == (set(), None)
    assert opened("nobody").reply["status"] == "unmanaged"
