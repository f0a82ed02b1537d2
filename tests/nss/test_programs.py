"""What groups are for: sshd, sudo and files follow the contract.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import shutil
import subprocess

from rig import frames
from rig.callers import with_loginuid
from rig.sshd import Shell

from .conftest import ALICE, BOB, CLIENT_A, PROGRAM, look_up, run


def test_sshd_lets_in_whom_the_contract_lets_in(nss, bastion, rules):
    assert bastion.sshd.ssh("alice", "true").status == 0
    refused = bastion.sshd.ssh("bob", "true")
    assert refused.status == 255 and "are listed in AllowGroups" in bastion.sshd.said()
    rules(BOB)
    assert bastion.sshd.ssh("alice", "true").status == 255
    rules(BOB.replace("client-b-dev", "client-a-dev"))
    assert bastion.sshd.ssh("bob", "true").status == 0


def test_match_group_follows_the_role(nss, bastion, rules):
    login = bastion.sshd.ssh("alice", "id -Gn")
    assert login.stdout.startswith("an auditor\n") and "xacct-client-a" in login.stdout
    rules(ALICE.replace("client-a-audit", "client-a-dev"))
    login = bastion.sshd.ssh("alice", "id -Gn")
    assert "an auditor" not in login.stdout and "xacct-client-a" in login.stdout


def test_files_of_a_client_are_open_to_new_logins_and_closed_after_the_end(nss, bastion, rules):
    shared = "/mnt/client-a"
    with open(shared, "w", encoding="ascii") as out:
        out.write("the client's plans\n")
    os.chown(shared, 0, CLIENT_A[1])
    os.chmod(shared, 0o640)
    rules(ALICE.replace("client-a-audit", "client-a-dev"))
    login = bastion.sshd.ssh("alice", f"cat {shared}; stat -c %G {shared}")
    assert login.stdout == "the client's plans\nxacct-client-a\n"
    shell = Shell(bastion.sshd, "alice")
    try:
        rules(BOB)
        # By initgroups, as all programs have it that start something for somebody.
        become = ["setpriv", "--reuid=alice", "--regid=alice", "--init-groups"]
        lost = run(*become, "cat", shared)
        assert lost.returncode != 0 and "Permission denied" in lost.stderr
        assert shell.run(f"cat {shared}") == "the client's plans\n", "what runs keeps what it has"
    finally:
        shell.cut()
    rules(ALICE)
    assert run(*become, "cat", shared).stdout == "the client's plans\n"


def test_sudo_follows_the_contract(nss, bastion, rules, callers):
    with open("/etc/sudoers", "a", encoding="ascii") as out:
        out.write("Defaults group_source=dynamic\n%xacct-client-a ALL=(root) NOPASSWD: /usr/bin/id\n")
    rules(ALICE.replace("roles", "services = sshd sudo\nroles"))
    callers.set_stacks("optional")
    command = "sudo -n /usr/bin/id -u"
    assert with_loginuid(1001, command, "alice").stdout.strip() == "0"
    assert "password is required" in with_loginuid(1002, command, "bob").stderr
    rules(BOB)
    assert "password is required" in with_loginuid(1001, command, "alice").stderr


def test_by_a_setuid_program_nobody_sees_more_than_by_themselves(nss):
    program = "/mnt/setuid_look_ups"
    shutil.copy(PROGRAM, program)
    os.chmod(program, 0o4755)
    hostile = {"LD_LIBRARY_PATH": "/tmp", "XACCT_SOCKET": "/tmp/socket", "XACCT_SESSION": "1" * 32}
    for name, shown in [("xacct-client-a", "xacct-client-a"), ("xacct-client-b", "none")]:
        told = run(program, "group", name, user="alice", env=hostile).stdout
        assert told == f"{shown} uid 1001 euid 0\n"
    # Whose groups a process is to get it may know: su is such a program.
    assert "70011" in run(program, "groups", "bob", user="alice", env=hostile).stdout
    assert run(PROGRAM, "group", "xacct-client-b", user="alice", env=hostile).stdout.startswith("none")
    assert look_up("group", "xacct-client-a", user="alice").startswith("xacct-client-a uid 1001")


def test_programs_that_change_groups_do_not_tell_which_there_are(nss):
    def say(name):
        done = [run(*command, user="alice", stdin=subprocess.DEVNULL) for command in (
            ["newgrp", name], ["sg", name, "-c", "true"], ["sudo", "-n", "-g", name, "true"])]
        assert all(each.returncode != 0 for each in done)
        return [each.stderr.replace(name, "NAME") for each in done]

    assert say("xacct-client-b") == say("xacct-client-z")


def test_a_starter_is_believed_of_root_alone(nss):
    def asked_by(uid, starter):
        told = frames.request_as(uid, {"op": "groups", "starter": starter})
        return {each["group"] for each in told if "group" in each}

    assert asked_by(1002, "1001") == asked_by(0, "1002") == {"xacct-client-b"}
    assert asked_by(1002, "0") == {"xacct-client-b"}, "and nobody becomes root by it"
