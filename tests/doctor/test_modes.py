"""Owners and modes, and the policy in force.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import glob
import os

import pytest

from rig import accounts, policy
from rig.service import INSTALLED, Service


@pytest.mark.usefixtures("service")
def test_a_host_as_it_should_be(doctor):
    told = doctor("modes")
    assert (told.status, told.wrong) == (0, []), told.printed
    told.one("ok", "owners and modes")


# What is spoilt, how, and what is told of it.
SPOILT = [
    (policy.FILE, 0o644, r"xacct.conf: it has owner root, group xacct and mode 0644"),
    (policy.BASE, 0o644, r"base.credentials has owner root, group xacct and mode 0644"),
    (INSTALLED, 0o775, r"/usr/libexec/xacct-helper: may be written by others than root"),
    (INSTALLED, 0o4755, r"/usr/libexec/xacct-helper: has a setuid or setgid bit"),
    ("/usr/bin/xacct", 0o757, r"/usr/bin/xacct: may be written by others"),
    ("/run/xacct", 0o777, r"/run/xacct: may be written by others than its owner"),
    (policy.STATE, 0o755, r"its mode is 0755: others may read who works for whom"),
    (policy.SESSIONS, 0o770, r"its mode is 0770: others may read"),
    ("/mnt", 0o777, r"belongs to uid 0 with mode 0777: others could take the audit file away"),
    (os.path.dirname(policy.AUDIT), 0o777, r"its mode is 0777: others may write what the helper"),
]


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("path, mode, said", SPOILT, ids=[f"{p}-{m:o}" for p, m, _ in SPOILT])
def test_a_mode_that_is_wrong_is_a_fault(doctor, path, mode, said):
    before = os.stat(path).st_mode & 0o7777
    try:
        os.chmod(path, mode)
        told = doctor("modes")
    finally:
        os.chmod(path, before)
    assert told.status == 1
    told.one("fault", said)
    assert len(told.wrong) == 1


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("path", [policy.STATE, policy.SESSIONS, INSTALLED, policy.FILE])
def test_an_owner_that_is_wrong_is_a_fault(doctor, path):
    before = os.stat(path)
    try:
        os.chown(path, 1001, before.st_gid)
        told = doctor("modes")
    finally:
        os.chown(path, before.st_uid, before.st_gid)
    assert told.status == 1 and path in told.one("fault", path)


@pytest.mark.usefixtures("service")
def test_a_setuid_bit_has_its_own_remedy(doctor):
    os.chmod("/usr/bin/xacct", 0o4755)
    try:
        told = doctor("modes")
    finally:
        os.chmod("/usr/bin/xacct", 0o755)
    assert "; chmod u-s,g-s it" in told.one("fault", "has a setuid or setgid bit")


def test_a_folder_above_the_audit_file_that_others_write_is_a_fault(doctor):
    policy.move_audit("/mnt/open/a/xacct")
    assert doctor("modes").of("fault") == []
    os.chmod("/mnt/open", 0o777)
    said = doctor("modes").one("fault", "others could take the audit file away")
    assert said.startswith("/mnt/open: ") and "mode 0777" in said
    os.chmod("/mnt/open", 0o1777)
    assert doctor("modes").of("fault") == []
    os.chown("/mnt/open", 1001, 0)
    assert "uid 1001" in doctor("modes").one("fault", "others could take the audit file away")


def test_a_full_file_system_of_the_audit_file_is_a_fault(doctor):
    os.mkdir("/mnt/small")
    with accounts.emptied("/mnt/small", "size=64k,mode=0755"):
        policy.move_audit("/mnt/small/xacct")
        assert doctor("modes").of("fault") == []
        with contextlib.suppress(OSError), open("/mnt/small/filler", "wb", buffering=0) as filler:
            while filler.write(bytes(4096)):
                pass
        doctor("modes").one("fault", "its file system is full")


@pytest.mark.usefixtures("service")
def test_an_audit_file_that_others_may_read_is_a_fault(doctor):
    doctor("roles", "--try", "client-a-audit")
    os.chmod(policy.AUDIT, 0o644)
    doctor("modes").one("fault", f"^{policy.AUDIT}: its mode is 0644: others may read")


def test_a_host_without_a_socket_is_warned_of(doctor):
    told = doctor("modes")
    assert told.of("fault") == []
    told.one("warning", "^/run/xacct/socket: there is no socket")


def test_a_socket_that_users_cannot_reach_is_warned_of(doctor, service):
    os.chmod(service.path, 0o600)
    doctor("modes").one("warning", "its mode is 0600: users cannot connect")


@pytest.mark.usefixtures("service")
def test_the_policy_in_force(doctor):
    told = doctor("policy")
    assert told.status == 0
    told.one("ok", r"^/etc/xacct/xacct.conf: it is in force, with the hash [0-9a-f]{64}")


def test_without_the_service_a_helper_tells_of_the_policy(doctor):
    told = doctor("policy")
    told.one("warning", "the service does not answer, so each login starts a helper.*enable --now")
    assert told.of("fault", "cannot tell") == []


@pytest.mark.usefixtures("service")
def test_a_broken_policy_is_told_with_since_when(doctor):
    doctor("policy")
    policy.append("nonsense = 1\n")
    told = doctor("policy")
    assert told.status == 1
    told.one("fault", r"passed over since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ: /etc/xacct/xacct.conf:\d+")
    told.one("fault", r"^/etc/xacct/xacct.conf:\d+: .*; xacct check tells all errors")


def test_a_policy_that_was_broken_from_the_first_gives_no_role(doctor):
    policy.write("[nonsense]\n")
    with Service():
        told = doctor("policy")
    told.one("fault", "no policy is in force: ")


def test_neither_service_nor_helper_is_told(doctor):
    os.chmod(INSTALLED, 0o644)
    told = doctor("policy")
    told.one("cannot tell", "which policy is in force is the helper's to know: .*xacct-helper")


def test_a_service_that_hangs_does_not_hang_the_doctor(doctor, service):
    service.freeze()
    told = doctor("policy")
    service.thaw()
    told.one("warning", "the service does not answer.*no greeting in time.*; systemctl restart xacct")
    assert told.of("cannot tell", "fault") == []


@contextlib.contextmanager
def bound(folder, at):
    """The folder stands at another place as well: users' own, on the same file system."""
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o1777)
    with accounts.covered(at, folder):
        yield


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("path, then", [
    (policy.SESSIONS, "every login is refused"),
    (policy.STATE, "first logins with certificates are refused"),
    (os.path.dirname(policy.AUDIT), "no line can be written"),
])
def test_a_file_system_that_users_can_fill_is_warned_of(doctor, path, then):
    with accounts.emptied("/var/tmp"):
        assert doctor("modes").wrong == []
    with bound(f"{os.path.dirname(path)}/users", "/var/tmp"):
        told = [line for line in doctor("modes").of("warning") if "which users can fill" in line]
    assert [line for line in told if f"{path}" in line and then in line], told
    assert "on the file system of /var/tmp" in told[0]


def make_a_group():
    """The policy makes a Unix group from now on."""
    with open(policy.FILE, encoding="utf-8") as text:
        rules = text.read()
    policy.write(rules.replace("[account client-a]\n",
                               "[account client-a]\nunix_group = client-a\ngid = 70001\n"))


def test_without_the_service_nobody_is_in_a_group(doctor):
    make_a_group()
    doctor("policy").one("warning", "nobody is in a Unix group of the policy: .*; "
                         "systemctl enable --now xacct.socket xacct.service")


@pytest.mark.usefixtures("service")
def test_groups_without_their_library_are_warned_of(doctor):
    (library,) = glob.glob("/usr/lib/*/libnss_xacct.so.2")
    os.rename(library, f"{library}.away")
    try:
        assert doctor("modes").wrong == []
        make_a_group()
        doctor("modes").one("warning", "libnss_xacct.so.2: NSS does not know .*; install libnss-xacct")
    finally:
        os.rename(f"{library}.away", library)


@pytest.mark.usefixtures("service")
def test_where_setgid_programs_count_is_warned_of_if_the_policy_makes_groups(doctor):
    def without_nosuid():
        return {line.split(":")[0] for line in doctor("modes").of("warning") if "nosuid" in line}

    assert without_nosuid() == set()
    make_a_group()
    folders = "/home", "/tmp", "/var/tmp", "/dev/shm"
    open_ones = {path for path in folders
                 if os.path.isdir(path) and not os.statvfs(path).f_flag & os.ST_NOSUID}
    assert without_nosuid() == open_ones
    for options, is_open in (("nosuid", False), ("suid", True)):
        with accounts.emptied("/var/tmp", options):
            assert ("/var/tmp" in without_nosuid()) == is_open
