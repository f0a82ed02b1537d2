"""What xacct check tells of groups that nobody sees, and of people who are in one, or can put
themselves there, by files of the host, whatever the policy says.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import accounts, policy
from rig.accounts import appended

from .conftest import A_AUDIT, CLIENT_A, groups_from, groups_of, run

SUBGID = "/etc/subgid"


def told(config=policy.FILE):
    """What xacct check says of Unix groups; it is never more than a warning."""
    done = run("xacct", "check", "--config", config)
    assert done.returncode == 0, done.stdout
    return [line for line in done.stdout.splitlines() if "unix_group" in line]


def test_members_in_etc_group_stay_and_are_told(nss):
    with appended("/etc/group", "xacct-client-a:x:70001:"):
        assert told() == [] and CLIENT_A[0] not in groups_of("bob")
    with appended("/etc/group", "xacct-client-a:x:70001:bob,eve"):
        assert CLIENT_A[0] in groups_of("bob")
        (line,) = told()
        assert "xacct-client-a: it stands in /etc/group too, and its members there, as bob," in line


def test_whose_primary_group_it_is_stays_and_is_told(nss):
    with accounts.kept():
        assert run("usermod", "-g", A_AUDIT[0], "bob").returncode == 0, "nothing else warns"
        assert A_AUDIT[0] in groups_of("bob")
        (line,) = told()
        assert "xacct-a-audit: it is the primary group of bob in /etc/passwd" in line


@pytest.mark.parametrize("entry, count", [
    ("bob:70001:1", 1), ("bob:65536:65536", 3), ("1002:70002:5", 1), ("bob:69000:1001", 0),
    ("bob:70003:8", 0), ("bob:70001:0", 0), ("bob:70001", 0), ("", 0), ("bob::", 0),
])
def test_whoever_can_take_it_in_a_user_namespace_is_told(nss, entry, count):
    with appended(SUBGID, entry):
        lines = told()
        assert len(lines) == count
        owner = entry.split(":", maxsplit=1)[0]
        assert all(f"that /etc/subgid gives to {owner}, who can take it" in line for line in lines)


@pytest.mark.parametrize("sources, more, database", [
    (["files"], "", "group"),
    (["files", "xacctx"], "", "group"),
    (["files", "[NOTFOUND=continue]", "xacct"], "", None),
    (["xacct", "files"], "", None),
    (["files", "xacct"], "initgroups: files xacct [SUCCESS=continue] sss", None),
    (["files", "xacct"], "initgroups: files sss", "initgroups"),
    (["files", "xacct"], "# initgroups: files sss", None),
], ids=str)
def test_a_host_that_does_not_ask_is_told(nss, sources, more, database):
    with groups_from(*sources), appended(accounts.NSSWITCH, more):
        assert (groups_of("alice") == set()) == (database is not None)
        lines = told()
        assert [f'the line "{database}:" of /etc/nsswitch.conf does not name xacct' in line
                for line in lines] == ([True] if database else [])
        with open(policy.FILE, encoding="utf-8") as text:
            elsewhere = policy.place("/mnt/elsewhere.conf", text.read())
        assert told(elsewhere) == [], "of a copy, what this host asks says nothing"


def test_a_policy_without_groups_says_nothing_of_the_host(bastion):
    with groups_from("files"), appended(SUBGID, "bob:1000:100000"):
        assert told() == []
