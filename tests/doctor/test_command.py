"""The command itself: who may run it, what it prints, and its exit status.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import re

import pytest

from rig import policy
from rig.syslog import Syslog

from .conftest import STACK, run, write_stack

AUTHPRIV = 10
ALL = ["metadata", "modes", "policy", "pam", "sshd", "root", "base", "clock", "sts"]


@pytest.mark.usefixtures("service")
def test_a_host_as_it_should_be_has_no_fault(world):
    """But for what the machine below has: whose clock nothing keeps, or whose people are root."""
    done = run("doctor")
    lines = [line for line in done.stdout.splitlines() if re.search(r": (warning|fault): ", line)]
    assert [line for line in lines if not line.startswith("clock: warning: the kernel")] == []
    told = re.findall(r"^([a-z]+): ", done.stdout, re.MULTILINE)
    assert list(dict.fromkeys(told)) == ALL
    assert (done.returncode, done.stderr) == (int(bool(lines)), "")
    assert len(world.calls) == 1, "one call serves base, clock and region"


def test_what_is_found_is_told_and_makes_the_status_1(doctor, as_json):
    write_stack(STACK.replace("pam_xacct.so\n", "pam_xacct.so nonsense\n"))
    told = doctor("pam")
    assert told.status == 1 and told.of("fault")
    found, status = as_json("pam")
    assert status == 1 and found["faults"] == len(told.of("fault"))
    assert found["warnings"] == len(told.of("warning"))
    for line, finding in zip(told.lines, found["findings"], strict=True):
        assert (finding["examination"], finding["result"]) == ("pam", line.result.replace(" ", "-"))
        place = f"{finding['file']}:{finding['line']}: " if finding["file"] else ""
        remedy = f"; {finding['remedy']}" if finding["remedy"] else ""
        assert line.text == f"{place}{finding['text']}{remedy}"


def test_nothing_wrong_is_status_0(doctor):
    told = doctor("pam,sshd")
    assert (told.status, told.wrong) == (0, []), told.printed


def test_quiet_is_the_status_alone(world):
    assert run("doctor", "--quiet", "--only", "pam").returncode == 0
    write_stack("")
    done = run("doctor", "--quiet", "--only", "pam")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_log_tells_syslog_what_is_wrong_and_nothing_else(world):
    write_stack(STACK.replace("pam_xacct.so\n", "pam_xacct.so nonsense\n"))
    with Syslog() as syslog:
        done = run("doctor", "--log", "--only", "pam")
        assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
        syslog.wait_for(r"doctor: pam: fault: /etc/pam.d/sshd:\d+: the option nonsense")
        assert {(line.facility, line.severity, line.program) for line in syslog.lines} == {
            (AUTHPRIV, "alert", "xacct")}


def test_only_root_may_run_it(world):
    done = run("doctor", user=4321, group=4321, extra_groups=[])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "xacct: doctor: only root may look at all of this: run it as root\n"


@pytest.mark.parametrize("list_", ["nonsense", "pam,nonsense", "pam,,sshd"])
def test_an_examination_that_is_none_is_told(world, list_):
    done = run("doctor", "--only", list_)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no such examination: see xacct doctor --help" in done.stderr


@pytest.mark.parametrize("words, said", [
    (["nosuchuser"], "there is no user nosuchuser on this host"),
    (["no\x1bsuch"], r"there is no user no\x1bsuch on"),
    (["alice", "--from", "foo"], "--from foo: it is no address"),
    (["--only", "base", "--try", "client-a-audit"], "--try client-a-audit: nothing would be tried"),
])
def test_words_that_ask_for_nothing_are_told(world, words, said):
    done = run("doctor", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("xacct: doctor: ") and said in done.stderr
    assert world.calls == []


def test_names_that_are_hostile_are_escaped(doctor):
    write_stack(STACK.replace("pam_xacct.so\n", "pam_xacct.so a\x1b[2Jb\n"))
    told = doctor("pam")
    assert all(r"the option a\x1b[2Jb is not" in text for text in told.of("fault"))
    assert "\x1b" not in told.printed


def look(folder):
    """What lies there: names, owners, modes, times and bytes."""
    seen = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            status = os.lstat(path)
            seen[path] = (status.st_uid, status.st_mode, status.st_mtime_ns, status.st_size)
    return seen


@pytest.mark.usefixtures("service")
def test_it_changes_nothing_but_the_audit_file(world):
    before = {folder: look(folder) for folder in ("/etc", "/run/xacct", "/var/lib/xacct", "/mnt")}
    run("doctor", "--try", "client-a-audit")
    for folder, seen in before.items():
        after = look(folder)
        changed = {path for path in seen.keys() | after.keys() if seen.get(path) != after.get(path)}
        assert changed <= {policy.AUDIT, "/mnt/service.log"}, folder
