"""The service as its systemd unit confines it, and on kernels that lack a part of its sandboxes.

SPDX-License-Identifier: BSD-2-Clause
"""

import errno
import os
import re
import shutil
import subprocess
import sys

import pytest

from rig import accounts, base_program, policy, systemd_filter
from rig import bastion as rig_bastion
from rig.service import HELPER, Service

BUILD = os.environ.get("BUILD", "build")
FOLDER = "/mnt/units"
FILTER = systemd_filter.__file__

# A role by a group, which a look-up process has to find; and one for bob, by name.
RULES = rig_bastion.RULES.replace("users   = alice mallory", "groups  = operators")


@pytest.fixture(scope="module")
def unit():
    """The unit that was built, beside its socket; the helper is where the rig has it."""
    os.makedirs(FOLDER, exist_ok=True)
    shipped = ["conf/xacct-firewall-again.service", "conf/xacct.socket"]
    for path in (f"{BUILD}/xacct.service", f"{BUILD}/xacct-firewall.service", *shipped):
        with open(path, encoding="utf-8") as text:
            accounts.write(
                f"{FOLDER}/{os.path.basename(path)}",
                text.read().replace("/usr/libexec/xacct-helper", HELPER),
            )
    return f"{FOLDER}/xacct.service"


def analyze(*words):
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *words],
        capture_output=True, text=True, timeout=60, check=False,
    )


def test_systemd_rates_its_exposure_at_1_5_or_lower(unit):
    done = analyze("security", "--offline=yes", "--threshold=15", unit)
    exposure = re.search(r"Overall exposure level for xacct.service: (\d+\.\d)", done.stdout)
    assert done.returncode == 0 and float(exposure[1]) <= 1.5, done.stdout


def test_systemd_has_nothing_to_say_of_the_units(unit):
    for name in sorted(os.listdir(FOLDER)):
        done = analyze("verify", f"{FOLDER}/{name}")
        about_ours = [line for line in done.stderr.splitlines() if "xacct" in line]
        assert (done.returncode, about_ours) == (0, [])


def test_the_firewall_is_enabled_with_what_loads_it_again_after_nftables(unit, tmp_path):
    """An active unit hears nothing of a start of nftables.service, which flushes its rules."""
    units, links = tmp_path / "usr/lib/systemd/system", tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    for name in ("xacct-firewall.service", "xacct-firewall-again.service"):
        shutil.copy(f"{FOLDER}/{name}", units)
    wanted = [links / "sysinit.target.wants/xacct-firewall.service",
              links / "nftables.service.wants/xacct-firewall-again.service"]
    for word, there in (("enable", True), ("disable", False)):
        subprocess.run(["systemctl", f"--root={tmp_path}", word, "xacct-firewall.service"],
                       capture_output=True, timeout=30, check=True)
        assert [link.is_symlink() for link in wanted] == [there, there]


def test_it_sees_whose_request_it_is_and_whether_a_process_lives(unit):
    confined = systemd_filter.directives(unit)
    assert "PrivateUsers" not in confined and "DynamicUser" not in confined
    assert confined.get("ProtectProc", ["default"]) == ["default"]
    assert confined.get("ProcSubset", ["all"]) == ["all"]


def test_it_forbids_no_call_that_the_helpers_own_lists_allow(unit):
    with open("seccomp/allowed.c", encoding="utf-8") as text:
        allowed = set(re.findall(r"SCMP_SYS\((\w+)\)", text.read()))
    assert len(allowed) > 100
    assert allowed & systemd_filter.denied(systemd_filter.directives(unit)) == set()


def test_logins_work_within_it(bastion, sts, unit):
    within = [sys.executable, FILTER, "--unit", unit]
    base_program.prepare(sts, "/usr/bin/python3 -c 'import ssl, json, subprocess'")
    base = f"source = process\ncommand = {base_program.PROGRAM}"
    policy.write(policy.heading(sts.url, base=base) + RULES)
    bastion.sshd.directory = True
    with accounts.Directory([("operators", 6001, ["alice"])]), Service(within=within) as service:
        with open(f"/proc/{service.pid}/status", encoding="ascii") as status:
            # The unit's and the helper's own.
            assert "Seccomp_filters:\t2" in status.read()
        for user in ("alice", "bob"):
            login = bastion.sshd.ssh(user, "env")
            assert login.environment["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key
    assert base_program.runs() == 1  # by the service, and by no helper of a login's


LACKING = {
    "Landlock": (errno.ENOSYS, "landlock_create_ruleset", "this kernel has no Landlock: the helper "
                 "and what it starts run without their file system sandboxes"),
    "Landlock, switched off": (errno.EOPNOTSUPP, "landlock_create_ruleset", "this kernel has no "
                               "Landlock: the helper and what it starts run without their file "
                               "system sandboxes"),
    "scopes": (errno.E2BIG, "landlock_create_ruleset", "this kernel's Landlock has no scopes"),
    "seccomp": (errno.ENOSYS, "seccomp", "this kernel has no seccomp filters: the helper and what "
                "it starts run without their system call sandboxes"),
}  # fmt: skip


@pytest.mark.parametrize("number, call, told", LACKING.values(), ids=LACKING)
def test_where_the_kernel_lacks_a_part_the_log_says_so_and_logins_go_on(
    bastion, sts, number, call, told
):
    base_program.prepare(sts)
    base = f"source = process\ncommand = {base_program.PROGRAM}"
    policy.write(policy.heading(sts.url, base=base) + rig_bastion.RULES)
    within = [sys.executable, FILTER, "--errno", str(number), "--calls", call]
    with Service(within=within):
        bastion.syslog.wait_for(re.escape(told))
        login = bastion.sshd.ssh("alice", "env")
    assert login.status == 0, bastion.syslog.text()
    assert login.environment["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key
    assert base_program.runs() == 1
