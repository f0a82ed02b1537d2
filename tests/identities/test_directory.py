"""People from a real directory: OpenLDAP behind SSSD, asked by sshd, by pam_sss and by the helper.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig.bastion import DEV_ARN, ROLE_ARN
from rig.ldap import password_of
from rig.sshd import by_password

from .conftest import MANY

AUDITORS = """
[grant auditors]
groups = auditors
roles  = audit
"""


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_who_logs_in_by_password_gets_the_role_that_a_group_names(
    bastion, directory, sts, rules, method
):
    rules(AUDITORS)
    proof = by_password(password_of("dora"), method)
    login = bastion.sshd.ssh("dora", "env", proof=proof)
    assert login.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()
    assert sts.calls[-1].parameters["RoleSessionName"] == "dora"
    opened = next(line for line in bastion.audit() if line["event"] == "opened")
    assert (opened["user"], opened["human"]) == ("dora", "dora")


METHODS = ["publickey", "password", "keyboard-interactive"]


@pytest.mark.parametrize("method", METHODS)
def test_a_grant_may_ask_how_somebody_has_logged_in(bastion, directory, rules, method):
    rules("".join(f"""
[role by-{name}]
account = client-a
name    = bastion/Auditor

[grant by-{name}]
users = dora
auth  = {name}
roles = by-{name}
""" for name in METHODS))
    proof = None if method == "publickey" else by_password(password_of("dora"), method)
    login = bastion.sshd.ssh("dora", "env", proof=proof)
    assert login.environment.get("XACCT_ROLE") == f"by-{method}", bastion.syslog.text()


def test_a_wrong_password_does_not_get_in(bastion, directory, sts, rules):
    rules(AUDITORS)
    login = bastion.sshd.ssh("dora", "env", proof=by_password("a guess"))
    assert login.status == 255 and not login.stdout
    assert not sts.calls


def test_who_was_removed_from_the_group_has_lost_the_role(
    bastion, directory, sts, rules, service, login
):
    rules(AUDITORS)
    proof = by_password(password_of("frieda"))
    shell = login("frieda", proof)
    assert shell.environment.get("XACCT_ROLE") == "audit", bastion.syslog.text()
    assert "audit" in shell.run("xacct list")
    directory.ldap.remove_member("here", "auditors", "frieda")
    try:
        directory.sssd.forget()
        listed = shell.run("xacct list 2>&1; echo status $?")
        assert "audit" not in listed and "status 0" not in listed
        calls = len(sts.calls)
        assert "AWS_" not in shell.run("xacct env audit 2>/dev/null")
        again = login("frieda", proof).environment
        assert not [name for name in again if name.startswith(("AWS_", "XACCT_"))]
        assert len(sts.calls) == calls
    finally:
        directory.ldap.add_member("here", "auditors", "frieda")
        directory.sssd.forget()
    assert "audit" in shell.run("xacct list")


def test_who_was_added_to_a_denied_group_is_kept_out(bastion, directory, rules):
    rules(AUDITORS + "\n[deny leavers]\ngroups = leavers\n")
    assert bastion.sshd.ssh("dora", "env").environment.get("XACCT_ROLE") == "audit"
    directory.ldap.add_member("here", "leavers", "dora")
    try:
        directory.sssd.forget()
        assert bastion.sshd.ssh("dora", "env").status == 255
        assert bastion.verdict("account")[0] == "denied"
    finally:
        directory.ldap.remove_member("here", "leavers", "dora")
        directory.sssd.forget()


# Who is who: as typed, as NSS has it, and by which group of NSS's.
NAMES = {
    "a name with a space": ("anna maria", "anna maria", '"aws developers"'),
    "with the domain": ("dora@corp.example", "dora@corp.example",
                        "aws-client-a-Auditor@corp.example"),
    "with the domain in another case": ("dora@CORP.example", "dora@corp.example",
                                        "aws-client-a-Auditor@corp.example"),
    "in mixed case": ("Viktor.Klein@corp.example", "Viktor.Klein@corp.example",
                      "auditors@corp.example"),
    "in mixed case, which counts for nothing": (
        "Nora.Gross@nocase.example", "nora.gross@nocase.example", "auditors@nocase.example"
    ),
    "in upper case, which counts for nothing": (
        "NORA.GROSS@nocase.example", "nora.gross@nocase.example", "auditors@nocase.example"
    ),
}


@pytest.mark.parametrize("by", ["group", "user"])
@pytest.mark.parametrize("typed, name, group", NAMES.values(), ids=NAMES)
def test_people_are_who_the_directory_says_that_they_are(
    bastion, directory, sts, rules, typed, name, group, by
):
    who = f"groups = {group}" if by == "group" else f'users = "{name}"'
    rules(f"[grant one]\n{who}\nroles = audit\n")
    login = bastion.sshd.ssh(typed, "env")
    assert login.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()
    opened = next(line for line in bastion.audit() if line["event"] == "opened")
    assert (opened["user"], opened["human"]) == (name, name)
    assert opened.get("typed") == (typed if typed != name else None)
    assert [call.answer for call in sts.calls] == ["success"]


@pytest.mark.parametrize("user, rule", [
    ("dora", "users = dora@corp.example"),
    ("dora@corp.example", "users = dora"),
    ("dora@corp.example", "groups = auditors"),
    ("dora", "groups = auditors@corp.example"),
    ("Viktor.Klein@corp.example", "users = viktor.klein@corp.example"),
    ("nora.gross@nocase.example", "users = Nora.Gross@nocase.example"),
], ids=lambda text: text.replace(" = ", "="))
def test_names_that_are_alike_are_other_people_and_other_groups(
    bastion, directory, sts, rules, user, rule
):
    rules(f"[grant one]\n{rule}\nroles = audit\n")
    login = bastion.sshd.ssh(user, "env")
    assert login.status == 0
    assert "XACCT_ROLE" not in login.environment and not sts.calls


@pytest.mark.parametrize("typed", ["Nora.Gross@nocase.example", "nora.gross@nocase.example"])
@pytest.mark.parametrize("denied", ["Nora.Gross@nocase.example", "nora.gross@nocase.example"])
def test_a_deny_is_escaped_by_no_spelling(bastion, directory, sts, rules, typed, denied):
    rules(f"""
[grant one]
groups = auditors@nocase.example
roles  = audit

[deny one]
users = {denied}
""")
    login = bastion.sshd.ssh(typed, "env")
    # A spelling that NSS has never heard of names nobody but who types it.
    escaped = denied not in (typed, "nora.gross@nocase.example")
    assert (login.status == 255) == (not escaped)
    assert bool(sts.calls) == escaped


def test_a_group_in_another_spelling_than_the_directorys_gives_nothing_and_is_told(
    bastion, directory, sts, rules
):
    """The directory knows it by any spelling, and calls it by its own."""
    rules("[grant one]\ngroups = Auditors@nocase.example\nroles = audit\n")
    login = bastion.sshd.ssh("nora.gross@nocase.example", "env")
    assert login.status == 255 and not sts.calls
    status, text, _ = bastion.verdict("account")
    assert status == "unavailable" and "Auditors@nocase.example under another name" in text


def test_one_group_of_hundreds_gives_the_role(bastion, directory, sts, rules):
    rules(f"[grant team]\ngroups = team-{MANY - 1:03}@corp.example\nroles = audit\n")
    directory.sssd.forget()
    login = bastion.sshd.ssh("greta@corp.example", "env")
    assert login.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()


PATTERN = """
[pattern directory]
groups  = aws-{account}-{role}@corp.example
name    = bastion/{role}
case    = exact
"""


def test_a_group_in_the_directory_is_a_role_on_the_host(
    bastion, directory, sts, rules, service, login
):
    rules(PATTERN)
    shell = login("dora@corp.example")
    assert shell.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()
    assert "Operator" not in shell.run("xacct list")
    directory.ldap.add_group("corp", "aws-client-a-Operator", 31009, ["dora"])
    try:
        directory.sssd.forget()
        assert "client-a/Operator" in shell.run("xacct list")
    finally:
        directory.ldap.remove_group("corp", "aws-client-a-Operator")
        directory.sssd.forget()
    assert "Operator" not in shell.run("xacct list")


def test_a_directory_that_makes_names_lower_case_still_names_the_role(
    bastion, directory, sts, rules
):
    rules("""
[pattern directory]
groups = aws-{account}-{role}@nocase.example
""")
    login = bastion.sshd.ssh("Nora.Gross@nocase.example", "env")
    assert login.environment.get("XACCT_ROLE_ARN") == DEV_ARN, bastion.syslog.text()


def test_one_group_of_hundreds_is_found_by_its_form(bastion, directory, sts, rules):
    rules(PATTERN)
    # Without the memory that SSSD's clients share on other hosts, each of hundreds is a question.
    bastion.sshd.set_stack(options="timeout=30s")
    # What a host has whose people log in day by day.
    directory.sssd.wait_for_groups("greta@corp.example", lambda groups: len(groups) > MANY, "all")
    login = bastion.sshd.ssh("greta@corp.example", "env")
    assert login.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()
