"""Who is root by another way.

SPDX-License-Identifier: BSD-2-Clause
"""

import errno
import os
import re
import subprocess

import pytest

from rig import accounts, policy

SUDOERS = "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n"


@pytest.fixture
def sudoers(world):
    """Writes the rules of sudo: sudoers(text)."""
    with accounts.replaced("/etc/sudoers", SUDOERS, 0o440):
        yield lambda text: accounts.write("/etc/sudoers", SUDOERS + text, 0o440)


def add_group(name, *members):
    with open("/etc/group", "a", encoding="ascii") as out:
        out.write(f"{name}:x:{4000 + len(name)}:{','.join(members)}\n")


@pytest.mark.usefixtures("sudoers")
def test_a_host_where_nobody_is(doctor):
    told = doctor("root")
    assert told.status == 0
    told.one("ok", r"of \d+ people none is root")


@pytest.mark.usefixtures("sudoers")
@pytest.mark.parametrize("group", ["docker", "lxd", "libvirt", "incus-admin"])
def test_whom_a_grant_names_is_root_by_a_group(doctor, group):
    add_group(group, "alice")
    told = doctor("root")
    assert told.status == 1
    line = told.one("warning", f"alice is in the group {group}: root on this host")
    assert line.startswith("/etc/group:") and "every role" in line


@pytest.mark.usefixtures("sudoers")
def test_a_primary_group_counts(doctor):
    with open("/etc/group", encoding="ascii") as groups:
        text = groups.read()
    accounts.write("/etc/group", text.replace("\nalice:x:1001:", "\ndocker:x:1001:"))
    doctor("root").one("warning", "alice is in the group docker")


@pytest.mark.usefixtures("sudoers")
def test_who_has_no_grant_is_a_note(doctor):
    add_group("docker", "eve")
    told = doctor("root")
    assert told.status == 0
    told.one("note", "eve is in the group docker")


@pytest.mark.usefixtures("sudoers")
def test_whose_group_a_grant_names_is_warned_of(doctor):
    add_group("docker", "eve")
    add_group("consultants", "eve")
    policy.append("[grant g]\ngroups = consultants\nroles = client-a-dev\n")
    doctor("root").one("warning", "eve is in the group docker")


@pytest.mark.parametrize("rule, by", [
    ("alice ALL=(ALL) ALL", "alice"), ("alice ALL=(root) NOPASSWD: ALL", "alice"),
    ("alice ALL=ALL", "alice"), ("#1001 ALL=(ALL) ALL", "#1001"),
    ("%staff-x ALL=(ALL) ALL", "%staff-x"), ("ALL ALL=(ALL) ALL", "ALL"),
    ("alice ALL=(#0) ALL", "alice"), ("alice ALL=(%root) ALL", "alice"),
    ("alice ALL=(%#0) ALL", "alice"), ("%#4007 ALL=(ALL) ALL", "%staff-x"),
    ("Runas_Alias BOSS = #0\nalice ALL=(BOSS) ALL", "alice"),
    ("User_Alias PEOPLE = alice\nPEOPLE ALL=(ALL) ALL", "alice"),
    ("Host_Alias HERE = bastion-test\nalice HERE=(ALL) ALL", "alice"),
])
def test_whom_sudo_allows_everything(doctor, sudoers, rule, by):
    add_group("staff-x", "alice")
    sudoers(rule + "\n")
    doctor("root").one("warning", rf"alice is allowed everything by sudo.*\(a rule for {by}\)")


def test_the_place_of_a_rule_is_told(doctor, sudoers):
    sudoers("@includedir /etc/sudoers.d\n%staff-x ALL=(ALL) ALL\n")
    add_group("staff-x", "bob")
    more = "# alice\nbob,alice\tALL=(ALL) NOPASSWD: ALL\n"
    with accounts.replaced("/etc/sudoers.d/50-x", more, 0o440):
        told = doctor("root")
    told.one("warning", "^/etc/sudoers.d/50-x:2: alice is allowed everything by sudo")


def test_a_number_of_a_group_that_has_no_name_cannot_be_told(doctor, sudoers):
    sudoers("%#4711 ALL=(ALL) ALL\n")
    doctor("root").one("cannot tell", "^/etc/sudoers:3: the group %#4711 may run everything by sudo")


@pytest.mark.usefixtures("sudoers")
def test_another_name_of_uid_0_is_a_fault(doctor):
    with open("/etc/passwd", "a", encoding="ascii") as out:
        out.write("toor:x:0:0::/root:/bin/sh\n")
    told = doctor("root")
    assert told.status == 1
    told.one("fault", "^/etc/passwd: toor has the uid 0")


@pytest.mark.usefixtures("sudoers")
def test_who_is_in_the_helpers_group_is_a_fault(doctor):
    with open("/etc/group", encoding="ascii") as groups:
        text = groups.read()
    accounts.write("/etc/group", re.sub(r"(?m)^(xacct:.*)$", r"\1eve,daemon", text))
    with open("/etc/passwd", "a", encoding="ascii") as out:
        out.write(f"backup-x:x:950:{policy.xacct().pw_gid}::/:/bin/sh\n")
    told = doctor("root")
    assert told.status == 1 and len(told.wrong) == 3
    for name, file in (("eve", "group:"), ("daemon", "group:"), ("backup-x", "passwd: ")):
        assert file in told.one("fault", f"{name} is in the group xacct, which reads the base")


@pytest.mark.usefixtures("sudoers")
def test_a_source_of_groups_that_is_down_is_told_once(doctor):
    os.makedirs("/run/nss-standin", exist_ok=True)
    for name, text in (("passwd", ""), ("group", ""), ("mode", "unavailable 0\n")):
        accounts.write(f"/run/nss-standin/{name}", text)
    with accounts.replaced("/etc/nsswitch.conf", "passwd: files\ngroup: files standin\n"):
        told = doctor("root")
    said = told.one("cannot tell", r"NSS does not say in which groups \d+ of \d+ people are, such as")
    assert said.startswith("/etc/nsswitch.conf: ")
    assert os.strerror(errno.ECONNREFUSED) in said or "does not answer" in said


@pytest.mark.parametrize("rule", [
    "alice ALL=(ALL) /usr/bin/id", "alice ALL=(bob) ALL", "alice another-host=(ALL) ALL",
    "alice ALL=(ALL) !ALL", "bob ALL=(ALL) /usr/bin/id",
])
def test_whom_sudo_allows_something(doctor, sudoers, rule):
    sudoers(rule + "\n")
    assert doctor("root").wrong == []


def test_rules_that_sudo_cannot_read_cannot_be_told(doctor, sudoers):
    sudoers("nonsense\n")
    told = doctor("root")
    assert told.wrong == []
    told.one("cannot tell", "^/etc/sudoers: cvtsudoers does not read it: ")


def test_a_program_that_hangs_does_not_hang_the_doctor(doctor, sudoers):
    """Nor is anything left of it."""
    accounts.write("/mnt/hangs", "#!/bin/sh\nsleep 4711 & sleep 4711\n", 0o755)
    with accounts.covered("/usr/bin/cvtsudoers", "/mnt/hangs"):
        told = doctor("root")
    told.one("cannot tell", "/usr/bin/cvtsudoers did not end in time")
    assert subprocess.run(["pgrep", "-f", "sleep 4711"], check=False).returncode == 1


def test_a_policy_that_is_broken_is_told(doctor, sudoers):
    policy.write("[nonsense]\n")
    add_group("docker", "alice")
    told = doctor("root")
    told.one("note", "alice is in the group docker")
    told.one("cannot tell", "without a policy it is not known to whom grants give roles")
