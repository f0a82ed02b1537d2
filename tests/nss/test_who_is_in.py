"""Who is in which group, and who may know it: as real id and getent show it.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import accounts, policy

from . import conftest
from .conftest import (
    A_AUDIT, ALICE, ALL, BOB, CLIENT_A, CLIENT_B, DEFINITIONS, groups_from, groups_of, look_up, run
)

BOTH = {CLIENT_A[0], A_AUDIT[0]}
CA = """
[ca partner]
key   = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPCv
names = *@partner.example
"""


def getent(*words, user=None):
    """The names and numbers that getent prints, and its exit status."""
    done = run("getent", "group", *map(str, words), user=user)
    entries = [line.split(":") for line in done.stdout.splitlines()]
    assert all(entry[3] == "" for entry in entries if entry[0] in ALL), "members are nobody's news"
    return {entry[0]: int(entry[2]) for entry in entries}, done.returncode


def test_id_shows_the_groups_of_what_is_permitted(nss, bastion):
    assert groups_of("alice") == BOTH
    assert groups_of("bob") == {CLIENT_B[0]}
    assert groups_of("eve") == groups_of("root") == set()
    names = run("id", "-Gn", "alice").stdout.split()
    assert BOTH < set(names) and "alice" in names
    assert look_up("groups", "alice").endswith("errno 0")
    assert bastion.audit() == [], "looking up is no use of a role"


def test_the_accounts_group_is_that_of_each_role_and_a_roles_its_own(nss, rules):
    rules(ALICE.replace("client-a-audit", "client-a-dev"))
    assert groups_of("alice") == {CLIENT_A[0]}


def test_everybody_sees_the_own_groups_and_nobody_elses(nss):
    assert groups_of("alice", asked_by="alice") == BOTH
    assert groups_of("alice", asked_by="bob") == groups_of("bob", asked_by="alice") == set()
    for name, gid in ALL.items():
        for asked in (name, gid):
            assert getent(asked) == ({name: gid}, 0)
            assert getent(asked, user="alice") == (({name: gid}, 0) if name in BOTH else ({}, 2))
            assert getent(asked, user="eve") == ({}, 2)


def test_enumeration_shows_root_all_groups_and_people_their_own(nss):
    for user, theirs in [(None, set(ALL)), ("alice", BOTH), ("bob", {CLIENT_B[0]}), ("eve", set()),
                         ("toor", set())]:
        listed = getent(user=user)[0]
        assert set(listed) & set(ALL) == theirs
        assert "root" in listed and len(listed) > 20, "the local groups as well"


@pytest.mark.parametrize("asked", ["xacct-client-z", "Xacct-client-a", "70003", "no:such", "4000"])
def test_what_there_is_not_is_not_found(nss, asked):
    assert getent(asked) == getent(asked, user="alice") == ({}, 2)


GRANT = "\n[grant alice]\nusers = alice\nroles = client-a-audit\n"
DENY = "\n[deny out]\n{}\n"
CASES = {
    "until is over": (GRANT + "until = 2020-01-01\n", set()),
    "since is to come": (GRANT + "since = 2199-01-01\n", set()),
    "until is to come": (GRANT + "until = 2199-01-01\n", BOTH),
    "outside its hours": (GRANT + "hours = Mon 00:00-00:01 UTC\nuntil = 2199-01-01\n", set()),
    "another host": (GRANT + "hosts = elsewhere-*\n", set()),
    "this host": (GRANT + "hosts = bastion-*\n", BOTH),
    "services are left aside": (GRANT + "services = sudo\n", BOTH),
    "from is left aside": (GRANT + "from = 192.0.2.0/24\n", BOTH),
    "how one logs in is not known": (GRANT + "auth = publickey\n", set()),
    "principals are not known": (CA + GRANT.replace("users = alice", "principals = a@partner.example"),
                                 set()),
    "denied by name": (GRANT + DENY.format("users = alice"), set()),
    "denied by group": (GRANT + DENY.format("groups = alice"), set()),
    "another is denied": (GRANT + DENY.format("users = mallory"), BOTH),
    "denied one account": (GRANT.replace("audit", "audit client-b-dev")
                           + DENY.format("users = alice\naccounts = client-b"), BOTH),
    "denied one role": (GRANT.replace("audit", "audit client-a-dev")
                        + DENY.format("users = alice\nroles = client-a-audit"), {CLIENT_A[0]}),
    "a deny of another user beside a CA": (CA + GRANT + DENY.format("users = mallory"), BOTH),
    "a deny of the user beside a CA": (CA + GRANT + DENY.format("users = alice"), set()),
    "a deny of a principal is about no Unix user": (
        CA + GRANT + DENY.format("principals = alice@partner.example"), BOTH),
    "by a local group": ("\n[grant a]\ngroups = alice\nroles = client-a-audit\n", BOTH),
    "by a pattern": ("\n[pattern p]\ngroups = aws-{account}-{role}\nname = bastion/{role}\n", BOTH),
}


@pytest.mark.parametrize("text, expected", CASES.values(), ids=CASES)
def test_each_condition_counts_as_the_manual_says(nss, rules, text, expected):
    with accounts.kept():
        with open("/etc/group", "a", encoding="ascii") as out:
            out.write("aws-client-a-auditor:x:1991:alice\n")
        rules(text)
        assert groups_of("alice") == expected
        assert groups_of("alice", asked_by="alice") == expected


def test_who_has_no_name_for_the_policy_has_no_group(nss, rules):
    rules(extra="identity = certificate loginuid\n")
    assert groups_of("alice") == set()


def test_below_minimum_uid_nobody_is_in_any(nss, rules):
    rules(ALICE, extra="minimum_uid = 5000\n")
    assert groups_of("alice") == set()


def test_when_the_contract_ends_the_next_look_up_has_lost_it(nss, rules):
    assert groups_of("alice") == BOTH
    rules(BOB)
    assert groups_of("alice") == set() and getent(CLIENT_A[0], user="alice") == ({}, 2)
    rules(ALICE)
    assert groups_of("alice") == BOTH


@pytest.mark.parametrize("sources", [("files", "sss", "xacct"), ("xacct", "sss", "files")],
                         ids=" ".join)
def test_beside_a_directory_each_says_its_own(nss, rules, directory, sources):
    ldap, sssd = directory
    rules("\n[grant auditors]\ngroups = auditors\nroles = client-a-audit\n"
          "\n[deny leavers]\ngroups = leavers\n")
    with groups_from(*sources):
        assert {"21001", "70001", "70002"} < set(run("id", "-G", "dora").stdout.split())
        assert {"auditors", *BOTH} <= set(run("id", "-Gn", "dora").stdout.split())
        ldap.add_member("here", "leavers", "dora")
        try:
            sssd.forget()
            assert groups_of("dora") == set()
        finally:
            ldap.remove_member("here", "leavers", "dora")
            sssd.forget()


def test_with_the_directory_down_what_stands_without_it_stands(nss, rules, directory):
    rules("\n[grant auditors]\ngroups = auditors\nroles = client-b-dev\n" + ALICE)
    with groups_from("files", "sss", "xacct"):
        assert groups_of("dora") == {CLIENT_B[0]} and groups_of("alice") == BOTH
        directory[1].kill()
        try:
            assert groups_of("alice") == BOTH
            assert run("id", "-G", "20001").returncode != 0 or groups_of("dora") == set()
        finally:
            directory[1].mend()


def check():
    """What xacct check says of the policy, and its exit status."""
    done = run("xacct", "check", "--config", policy.FILE)
    return done.stdout, done.returncode


@pytest.mark.parametrize("old, new, words", [
    ("gid         = 70001", "gid = 21001", "its gid, 21001, is that of the group auditors"),
    ("= xacct-client-a\n", "= auditors\n", "NSS knows a group of this name with gid 21001"),
])
def test_check_tells_of_a_group_that_is_the_directorys(
    nss, directory, monkeypatch, rules, old, new, words
):
    assert "unix_group" not in check()[0]
    monkeypatch.setattr(conftest, "DEFINITIONS", DEFINITIONS.replace(old, new))
    rules()
    with groups_from("files", "sss", "xacct"):
        told, status = check()
    assert status == 2 and words in told


def test_check_does_not_take_the_policy_in_force_for_others(nss):
    with open(policy.FILE, encoding="utf-8") as text:
        following = text.read().replace("70001", "70005").replace("xacct-a-audit", "xacct-c-audit")
    done = run("xacct", "check", "--config", policy.place("/mnt/next.conf", following))
    assert "unix_group" not in done.stdout and done.returncode == 0
    assert groups_of("alice") == BOTH


def test_a_policy_whose_group_is_a_local_one_is_refused(nss, bastion, rules, sts):
    with accounts.kept():
        with open("/etc/group", "a", encoding="ascii") as out:
            out.write("wheel-of-others:x:70001:\n")
        rules(ALICE + "# another\n")
        # The last good one goes on, and gives nobody what is the others'.
        assert groups_of("alice") == {A_AUDIT[0]}
        told, status = check()
        assert status == 2 and told.startswith(f"{policy.FILE}:")
        assert "xacct-client-a: its gid, 70001, is that of the local group wheel-of-others" in told
