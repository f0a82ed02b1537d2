"""A helper that is absent, cannot be trusted, hangs, dies, floods, answers nonsense.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from conftest import (LOG_ALERT, LOG_ERR, PAM_AUTHINFO_UNAVAIL, PAM_SESSION_ERR, PAM_SUCCESS,
                      PAM_SYSTEM_ERR, PERMITTED, assert_no_helper_left, dumped)
from rig import systemd_filter

# With timeout=1s, as a fraction of it: what account and session may take, and what the machine
# may add to it when it is busy.
ACCOUNT_MS, SESSION_MS, SLACK_MS = 400, 600, 250

FAULTS = [
    ("hang", "no greeting within"),
    ("stubborn", "no greeting within"),
    ("trickle", "no well-formed frame|no greeting within|speaks none"),
    ("deaf", "no reply within"),
    ("crash", "died of signal 11 .Segmentation fault. before"),
    ("crash-later", "died of signal 9 .Killed. before"),
    ("exit", "ended with exit status 3 before"),
    ("exit-later", "ended with exit status 4 before"),
    ("half", "ended with exit status 0 before"),
    ("flood", "greeting is no well-formed frame, or too long for one"),
    ("nonsense", "greeting is no well-formed frame"),
    ("no-nul", "reply is no well-formed frame"),
    ("twice-a-key", "reply is no well-formed frame"),
    ("two-replies", "more than one reply"),
    ("version", "disagree on the version: it speaks 99, the module 1"),
    ("reply-version", "disagree on the version: it speaks 99, the module 1"),
]


@pytest.mark.parametrize("behaviour, text", FAULTS)
def test_a_faulty_helper_is_unavailable_within_the_time_and_leaves_nothing(host, behaviour, text):
    host.orders(behaviour, PERMITTED)
    result = host.run("note", "check", "open", "env", "left", options="timeout=1s")
    assert result.codes() == [PAM_AUTHINFO_UNAVAIL, PAM_SESSION_ERR]
    assert list(result.env) == ["XACCT_ERROR"]
    assert result.env["XACCT_ERROR"].startswith("unavailable:")
    assert len(result.lines(LOG_ERR)) == 2
    assert all(re.search(text, line) for line in result.lines()), result.lines()
    assert result.left == "descriptors=0 children=0 signals=same sigchld=0 rest=same"
    (_, _, check_ms), (_, _, open_ms) = result.results
    assert check_ms <= ACCOUNT_MS + SLACK_MS and open_ms <= SESSION_MS + SLACK_MS
    assert_no_helper_left()


def test_a_helper_that_hangs_is_given_its_time(host):
    host.orders("deaf")
    result = host.run("check", "open", options="timeout=1s")
    (_, _, check_ms), (_, _, open_ms) = result.results
    assert check_ms >= ACCOUNT_MS * 3 // 4 - 5 and open_ms >= SESSION_MS * 3 // 4 - 5


def test_a_valid_reply_counts_although_the_helper_does_not_end(host):
    host.orders("linger", PERMITTED)
    result = host.run("note", "open", "env", "left", options="timeout=2s")
    assert result.codes() == [PAM_SUCCESS] and result.env["XACCT_ROLE"] == "audit"
    assert result.left.startswith("descriptors=0 children=0")
    assert result.results[0][2] <= 500 + SLACK_MS
    assert_no_helper_left()


@pytest.mark.parametrize("reply, text", [
    ([], "no status that this module knows"),
    (["status=very-good"], "no status that this module knows"),
    (["status=permitted"], "carries no session id"),
    (["status=permitted", "session=0123"], "carries no session id"),
    (["status=permitted", "session=" + "g" * 32], "carries no session id"),
    (["status=permitted", "session=" + "A" * 32], "carries no session id"),
])
def test_a_reply_that_lacks_what_it_needs_is_unavailable(host, reply, text):
    host.orders("reply", reply)
    result = host.run("open", "env")
    assert result.codes() == [PAM_SESSION_ERR]
    assert text in result.lines(LOG_ERR)[0] and list(result.env) == ["XACCT_ERROR"]


def absent(helper):
    helper.unlink()


def of_a_user(helper):
    os.chown(helper, 4101, 0)


def group_may_write(helper):
    helper.chmod(0o775)


def others_may_write(helper):
    helper.chmod(0o757)


def setuid(helper):
    helper.chmod(0o4755)


def setgid(helper):
    helper.chmod(0o2755)


def not_executable(helper):
    helper.chmod(0o644)


def symlink(helper):
    shutil.move(helper, helper.with_name("real"))
    helper.symlink_to("real")


def folder(helper):
    helper.unlink()
    helper.mkdir()


def device(helper):
    helper.unlink()
    os.mkfifo(helper, 0o755)


def folder_of_a_user(helper):
    os.chown(helper.parent, 4101, 0)


def folder_others_may_write(helper):
    helper.parent.chmod(0o1777)


def folder_above_others_may_write(helper):
    helper.parent.parent.chmod(0o775)


def folder_symlink(helper):
    shutil.move(helper.parent, helper.parent.with_name("real"))
    helper.parent.symlink_to("real")


def not_a_program(helper):
    helper.write_text("rm -rf /\n")


def without_its_interpreter(helper):
    helper.write_text("#!/nonexistent/interpreter\n")


@pytest.mark.parametrize("spoil, text", [
    (absent, "fake_helper: No such file or directory"),
    (of_a_user, "does not belong to root"),
    (group_may_write, "may be written by others than root"),
    (others_may_write, "may be written by others than root"),
    (setuid, "has a setuid or setgid bit"),
    (setgid, "has a setuid or setgid bit"),
    (not_executable, "is not executable"),
    (symlink, "fake_helper: is a symbolic link"),
    (folder, "is not a regular file"),
    (device, "is not a regular file"),
    (folder_of_a_user, "libexec: does not belong to root"),
    (folder_others_may_write, "libexec: may be written by others"),
    (folder_above_others_may_write, "plain: may be written by others"),
    (folder_symlink, "libexec: is a symbolic link"),
    (not_a_program, "could not be executed: Exec format error"),
    (without_its_interpreter, "could not be executed: No such file or directory"),
])
def test_a_helper_that_cannot_be_trusted_or_run_is_a_misconfiguration(host, spoil, text):
    spoil(host.helper)
    result = host.run("note", "check", "open", "env", "left")
    assert result.codes() == [PAM_SYSTEM_ERR, PAM_SESSION_ERR]
    assert result.env["XACCT_ERROR"].startswith("misconfigured:")
    assert len(result.lines(LOG_ALERT)) == 2
    assert all(text in line and str(host.helper) in line for line in result.lines()), result.lines()
    assert result.left.startswith("descriptors=0 children=0 signals=same")


def test_a_helper_that_its_own_user_may_not_run_is_told_from_one_that_dies(host):
    host.helper.chmod(0o700)
    result = host.run("open")
    assert "could not be executed: Permission denied" in result.lines(LOG_ALERT)[0]


@pytest.fixture
def passwd():
    path = pathlib.Path("/etc/passwd")
    before = path.read_text()
    yield path
    path.unlink(missing_ok=True)
    path.write_text(before)
    path.chmod(0o644)


@pytest.mark.parametrize("step", ["check", "open"])
def test_without_the_helpers_user_the_host_is_misconfigured(host, passwd, step):
    passwd.write_text(re.sub(r"(?m)^xacct:.*\n", "", passwd.read_text()))
    assert "xacct is not in /etc/passwd" in host.run(step).lines(LOG_ALERT)[0]


@pytest.mark.parametrize("numbers", ["0:995", "995:0"])
def test_the_helper_never_runs_with_a_uid_or_gid_of_0(host, passwd, numbers):
    passwd.write_text(re.sub(r"(?m)^xacct:x:\d+:\d+:", f"xacct:x:{numbers}:", passwd.read_text()))
    result = host.run("open")
    assert "neither may be 0" in result.lines(LOG_ALERT)[0] and host.requests() == []


def test_a_passwd_that_cannot_be_read_is_unavailable_not_no_such_user(host, passwd):
    passwd.unlink()
    passwd.mkdir()
    result = host.run("check", "open", user="root")
    passwd.rmdir()
    assert result.codes() == [PAM_AUTHINFO_UNAVAIL, PAM_SESSION_ERR]
    assert all("/etc/passwd cannot be read" in line for line in result.lines(LOG_ERR))


def test_lines_of_any_length_in_passwd_are_read(host, passwd):
    long = "x" * 200000
    passwd.write_text(f"module-long:x:4110:4110:{long}:/:/bin/sh\nbroken line\n"
                      f"module-system:x:417:417:{long}:/:/bin/sh\n" + passwd.read_text())
    assert host.run("open", user="module-system").lines() == [] and host.requests() == []
    assert host.run("open", user="module-alice").codes() == [PAM_SUCCESS]


def test_the_first_entry_of_a_name_counts_and_no_other_name_that_begins_alike(host, passwd):
    passwd.write_text("module-twice-:x:4112:4112::/:/bin/sh\nmodule-twice:x:417:417::/:/bin/sh\n"
                      "module-twice:x:4111:4111::/:/bin/sh\n" + passwd.read_text()
                      + "xacct:x:0:0::/:/bin/sh\n")
    assert host.run("open", user="module-twice").lines() == [] and host.requests() == []
    assert host.run("open", user="module-alice").codes() == [PAM_SUCCESS]


def test_the_helper_dies_with_a_caller_that_is_killed(host):
    host.orders("deaf")
    host.run("mapped", options="timeout=60s")
    caller = subprocess.Popen([host.program, host.confdir, "test", "module-alice", "open"],
                              stdout=subprocess.DEVNULL)
    while not host.record_file.exists():
        assert caller.poll() is None
    caller.kill()
    caller.wait()
    assert_no_helper_left()


OWN_MEMORY = [sys.executable, systemd_filter.__file__, "--own-memory"]


@pytest.mark.parametrize("value, shares", [
    ("0", True), ("2", True), ("1", False), ("3", False), ("", False),
])
def test_the_helper_begins_in_shared_memory_where_the_kernel_shuts_it_to_others(
        host, value, shares):
    with dumped(value):
        assert host.run("open").codes() == [PAM_SUCCESS]
        result = host.run("open", wrap=OWN_MEMORY)
    assert (result.codes() == [PAM_SUCCESS]) != shares
    assert ("could not fork: Operation not permitted" in "".join(result.lines(LOG_ALERT))) == shares
