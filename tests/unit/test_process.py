"""Base credentials by a program of the admin's: whatever it does, it is told and ends in time.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import json
import os
import shutil
import textwrap
import time

import pytest

from rig import policy
from .outside import fetch, write_policy

KEYS = {"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": "pro/cess+secret"}
SESSION = {**KEYS, "SessionToken": "pro+cess/token==", "Expiration": "2099-01-02T03:04:05Z"}
LEFT_BEHIND = "/mnt/left-behind"  # where what a program leaves running writes its process's id


@pytest.fixture(autouse=True)
def clean():
    policy.prepare()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(LEFT_BEHIND)


def program(text, interpreter="/bin/sh", mode=0o755, owner=0, name="program"):
    """A program of the admin's; returns its path."""
    path = f"{policy.FOLDER}/{name}"
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"#!{os.path.realpath(interpreter)}\n{textwrap.dedent(text)}")
    os.chown(path, owner, policy.xacct().pw_gid)
    os.chmod(path, mode)
    return path


def prints(document):
    return f"cat <<'END'\n{document if isinstance(document, str) else json.dumps(document)}\nEND\n"


def run(command, timeout_ms=20000):
    write_policy(f"source = process\ncommand = {command}\n")
    got = fetch(timeout_ms)
    for secret in (KEYS["SecretAccessKey"], SESSION["SessionToken"]):
        assert secret not in got["why"]
    return got


def test_what_a_program_prints_are_the_credentials():
    got = run(program(prints(SESSION)))
    assert got["status"] == "permitted", got["why"]
    assert (got["AccessKeyId"], got["SecretAccessKey"]) == ("ASIAPROCESS", "pro/cess+secret")
    assert (got["Token"], got["expiration"]) == ("pro+cess/token==", "4071006245")


def test_keys_without_an_end_are_long_term_ones():
    got = run(program(prints(KEYS)))
    assert (got["status"], got["Token"], got["expiration"]) == ("permitted", "", "0")


def test_python_runs_and_arguments_arrive_one_by_one():
    text = f"""
        import json, sys
        assert sys.argv[1:] == ["--role", "two words", "$HOME"], sys.argv
        print(json.dumps({SESSION!r}))
    """
    got = run(f'{program(text, "/usr/bin/python3")} --role "two words" $HOME')
    assert got["status"] == "permitted", got["why"]


def test_the_aws_command_line_runs():
    # It has no credentials, and says so: it could do all that leads up to there.
    got = run("/usr/bin/aws sts get-caller-identity --region eu-west-1")
    assert got["status"] == "unavailable"
    assert "it ended with status 253, and said: Unable to locate credentials" in got["why"]


def test_it_finds_a_clean_place():
    text = f"""
        import json, os, resource, signal, stat, sys
        found = [
            dict(os.environ), os.getcwd(), os.umask(0), resource.getrlimit(resource.RLIMIT_CORE),
            sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:-1],
            os.path.samestat(os.fstat(0), os.stat("/dev/null")), os.getsid(0) == os.getpid(),
            [s for s in range(1, 32) if s not in (9, 19)
                and signal.getsignal(s) == signal.SIG_IGN and s not in (13, 25)],
            sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), os.getuid(), os.geteuid(),
        ]
        sys.exit(repr(found))
    """
    own = policy.xacct()
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    environment = {
        **{"PATH": path, "LANG": "C.UTF-8", "HOME": own.pw_dir},
        **{"USER": "xacct", "LOGNAME": "xacct"},
    }
    got = run(program(text, "/usr/bin/python3"))
    # Only so much of a line is shown, so in two pieces.
    assert f"said: [{environment!r}, '/', 63, (0, 0), [0, 1, 2], True"[:250] in got["why"]
    got = run(program(text.replace("dict(os.environ), ", ""), "/usr/bin/python3"))
    expected = ["/", 63, (0, 0), [0, 1, 2], True, True, [], [], own.pw_uid, own.pw_uid]
    assert f"said: {expected!r}" in got["why"]


FAILURES = {
    "fails": ("echo 'no token\033[2J in the vault' >&2; echo more >&2; exit 3", "it ended with "
              r"status 3, and said: no token\x1b[2J in the vault;"),
    "fails-in-silence": ("exit 1", "it ended with status 1, and said nothing on standard error"),
    "prints-and-fails": (f"{prints(SESSION)}exit 1", "it ended with status 1"),
    "dies": ("kill -SEGV $$", "it was ended by signal 11"),
    "prints-nothing": ("exit 0", "it ended well and printed nothing"),
    "megabyte": ("head -c 1000000 /dev/zero", "it printed more than 65536 bytes"),
    "without-end": ("yes", "it printed more than 65536 bytes"),
    "html": (prints("<html>Please log in</html>"), "it is not JSON"),
    "half": (prints(json.dumps(SESSION)[:40]), "it is not JSON, or only a part of it"),
    "polluted": (f"echo Loading...\n{prints(SESSION)}", "it is not JSON"),
    "no-version": (prints({**SESSION, "Version": "1"}), "its Version is not the number 1"),
    "expired": (
        prints({**SESSION, "Expiration": "2020-01-02T03:04:05Z"}),
        "the credentials that it printed ended at 2020-01-02T03:04:05Z",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text, reason", FAILURES.values(), ids=FAILURES)
def test_what_goes_wrong_is_told(text, reason):
    got = run(program(text))
    assert got["status"] == "unavailable"
    assert reason in got["why"]
    assert f"the program of `command =`, {policy.FOLDER}/program, gave none: " in got["why"]


def test_much_on_standard_error_does_not_stall_it():
    got = run(program(f"head -c 1000000 /dev/zero | tr '\\0' x >&2\n{prints(SESSION)}"))
    assert got["status"] == "permitted", got["why"]


def test_64_kib_are_taken():
    text = json.dumps(SESSION)
    got = run(program(f"printf %{64 * 1024 - len(text)}s ''\nprintf %s '{text}'"))
    assert got["status"] == "permitted", got["why"]


def alive(pid):
    """Whether the process is there and not a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def kernel_has_scopes():
    """Whether Landlock can keep signals in (Linux 6.12)."""
    return tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 12)


def wait_for_ends(count):
    """Waits until so many have written their ids to LEFT_BEHIND, and all of them are gone."""
    pids, deadline = [], time.monotonic() + 10
    while len(pids) < count or any(map(alive, pids)):
        assert time.monotonic() < deadline, f"still there of {pids}"
        with contextlib.suppress(FileNotFoundError), open(LEFT_BEHIND, encoding="ascii") as left:
            pids = left.read().split()


def leave_behind():
    """A file that programs may write to."""
    with open(LEFT_BEHIND, "w", encoding="ascii"):
        os.chmod(LEFT_BEHIND, 0o666)


def test_a_program_that_hangs_is_killed_at_the_deadline_with_what_it_started():
    leave_behind()
    text = f"""
        echo waiting for the vault >&2
        echo $$ >>{LEFT_BEHIND}
        setsid sh -c 'echo $$ >>{LEFT_BEHIND}; sleep 1000'
    """
    got = run(program(text), 1500)
    assert got["status"] == "unavailable"
    assert "killed as it had not ended in time, and said: waiting for the vault" in got["why"]
    assert 1000 <= int(got["milliseconds"]) < 2500
    wait_for_ends(2)


DAEMON = f"""
    import os, sys, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with open({LEFT_BEHIND!r}, "a") as left:
                print(os.getpid(), file=left)
            time.sleep(1000)
        os._exit(0)
    os.wait()
    while not os.path.getsize({LEFT_BEHIND!r}):
        time.sleep(0.01)
    print({json.dumps(SESSION)!r})
"""


def test_a_daemon_that_it_leaves_neither_delays_nor_outlives_it():
    leave_behind()
    got = run(program(DAEMON, "/usr/bin/python3"))
    assert got["status"] == "permitted", got["why"]
    assert int(got["milliseconds"]) < 10000
    wait_for_ends(1)


def test_what_is_not_roots_alone_is_not_run():
    ran = f"echo ran >{LEFT_BEHIND}"
    leave_behind()
    link = f"{policy.FOLDER}/link"
    os.symlink(program(ran), link)
    os.makedirs(f"{policy.FOLDER}/open")
    shutil.copy(f"{policy.FOLDER}/program", f"{policy.FOLDER}/open/program")
    os.chmod(f"{policy.FOLDER}/open", 0o777)
    own = policy.xacct().pw_uid
    cases = {
        program(ran, owner=own, name="owned"): "it must belong to root with mode 0755",
        program(ran, mode=0o775, name="writable"): "it must belong to root with mode 0755",
        program(ran, mode=0o6755, name="setuid"): "it must belong to root with mode 0755",
        program(ran, mode=0o644, name="plain"): "cannot execute",
        link: "is a symbolic link; give the real path",
        f"{policy.FOLDER}/open/program": "and nobody else may write it",
        f"{policy.FOLDER}/missing": "No such file or directory",
        policy.FOLDER: "is not a regular file",
    }
    for path, reason in cases.items():
        got = run(path)
        assert (got["status"], reason in got["why"]) == ("misconfigured", True), got
    assert os.path.getsize(LEFT_BEHIND) == 0


def test_what_cannot_be_executed_is_told():
    path = program("")
    with open(path, "wb") as out:
        out.write(b"\x7fELF nothing else")
    got = run(path)
    assert "it cannot be executed: Exec format error" in got["why"]


def test_the_policy_the_other_bases_and_who_watches_over_it_are_closed_to_it():
    policy.place(f"{policy.FOLDER}/own.json", "{}")
    policy.write_base("AKIAOTHERBASE", "other/base+secret")
    policy.place(f"{policy.BASE}.bak", "other/base+secret")
    text = f"""
        import json, os, sys
        found = []
        for path in {[policy.FILE, policy.BASE, f"{policy.BASE}.bak", f"{policy.FOLDER}/own.json"]!r}:
            try:
                open(path)
                found.append("open")
            except PermissionError as fault:
                found.append(fault.errno)
        try:
            os.kill(os.getppid(), 0)
            found.append("signalled")
        except PermissionError as fault:
            found.append(fault.errno)
        sys.exit(repr(found))
    """
    write_policy(
        f"source = process\ncommand = {program(text, '/usr/bin/python3')}\n"
        f"\n[base other]\nsource = file\nfile = {policy.BASE}\n"
    )
    scoped = kernel_has_scopes()
    assert f"said: {[13, 13, 13, 'open', 1 if scoped else 'signalled']!r}" in fetch()["why"]


@pytest.mark.parametrize("gone", ["audit", "sessions"])
def test_what_is_not_there_yet_is_closed_to_it(gone):
    """An audit file that was just rotated away, and what was rotated; a folder that nobody made yet."""
    own = policy.xacct()
    rotated = policy.place(f"{policy.AUDIT}.1", "line\n")
    os.chown(rotated, own.pw_uid, own.pw_gid)
    # In a folder that the program could make it in.
    sessions = f"{policy.STATE}.more/sessions"
    os.makedirs(os.path.dirname(sessions), exist_ok=True)
    os.chown(os.path.dirname(sessions), own.pw_uid, own.pw_gid)
    text = f"""
        import os, sys
        ways = {{
            "rotated": lambda: open({rotated!r}, "w"),
            "audit": lambda: open({policy.AUDIT!r}, "x"),
            "sessions": lambda: os.mkdir({sessions!r}),
        }}
        found = []
        for name in ["rotated", {gone!r}]:
            try:
                ways[name]()
                found.append("done")
            except OSError as fault:
                found.append(fault.errno)
        sys.exit(repr(found))
    """
    policy.write(
        f"[xacct]\nregion = eu-west-1\naudit = {policy.AUDIT}\nsessions = {sessions}\n\n"
        f"[base]\nsource = process\ncommand = {program(text, '/usr/bin/python3')}\n"
    )
    assert "said: [13, 13]" in fetch()["why"]
    with open(rotated, encoding="ascii") as file:
        assert file.read() == "line\n"


def test_it_may_reach_into_nothing():
    text = """
        import ctypes, os, socket, sys
        libc, refused = ctypes.CDLL(None, use_errno=True), []
        for name, *arguments in [
            ("ptrace", 0, 0, 0, 0), ("unshare", 0x10000000), ("mount", 0, b"/mnt", b"tmpfs", 0, 0),
            ("setns", 0, 0), ("chroot", b"/"), ("umount2", b"/mnt", 0),
        ]:
            refused.append((getattr(libc, name)(*arguments), ctypes.get_errno()) == (-1, 1))
        for family, kind in [(2, 3), (10, 3), (17, 3), (17, 2), (38, 5), (40, 1)]:
            try:
                socket.socket(family, kind)
                refused.append(False)
            except OSError as fault:
                refused.append(fault.errno in (1, 97))
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sys.exit(repr(refused))
    """
    assert f"said: {[True] * 12!r}" in run(program(text, "/usr/bin/python3"))["why"]
