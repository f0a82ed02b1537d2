"""The service dies, hangs, is restarted, or is spoken to by whoever wants it to: logins succeed,
and sessions go on.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import itertools
import os
import selectors
import shutil
import socket
import struct
import subprocess
import time

import pytest

from rig import frames, policy
from rig.federation import Federation
from rig.processes import Process, all_that_run, children_of, wait_until
from rig.service import FOLDER, HELPER, SOCKET, Service

from .asking import ALICE, AUDIT, DEV, UIDS, ask, assume, line_of, wait_for_end, write_policy

FRAME_MOST = 64 * 1024  # bytes
USER_FRAME_MOST = 4096
RECEIVE_SECONDS = 5  # for a request to arrive


def test_a_service_killed_during_a_login_does_not_stop_it(bastion, sts, service):
    sts.behaviour = {None: "stall"}
    running = bastion.sshd.start("alice", "env")
    try:
        sts.wait_for_calls(1)
        sts.behaviour = {}
        service.kill()
        said = running.communicate(timeout=20)[0].decode()
    finally:
        running.kill()
    assert running.returncode == 0
    assert f"XACCT_ROLE={AUDIT}\n" in said and sts.issued[-1].access_key in said
    assert [call.answer for call in sts.calls] == ["stall", "success"]
    opened = [line for line in bastion.audit() if line["event"] == "opened"]
    assert len(opened) == 1 and f"XACCT_SESSION={opened[0]['session']}\n" in said
    bastion.syslog.wait_for(rf"pam_xacct\(sshd:session\): .*{SOCKET}")


def test_a_frozen_service_does_not_stop_a_login(bastion, sts, service, login):
    service.freeze()
    start = time.monotonic()
    shell = login("alice")
    assert shell.environment["XACCT_ROLE"] == AUDIT
    assert time.monotonic() - start < 5
    bastion.syslog.wait_for(rf"pam_xacct\(sshd:session\): .*{SOCKET}")
    service.thaw()
    assert assume("alice", shell.session)["session"] == shell.session


def test_a_service_frozen_during_a_login_ends_it_in_time(bastion, sts, service):
    """The reply is waited for, as a request that was sent may have been carried out."""
    sts.behaviour = {None: "stall"}
    bastion.sshd.set_stack(options="timeout=3s")
    running = bastion.sshd.start("alice", "env")
    try:
        sts.wait_for_calls(1)
        service.freeze()
        start = time.monotonic()
        running.communicate(timeout=20)
    finally:
        running.kill()
    assert running.returncode == 254
    assert time.monotonic() - start < 4
    assert bastion.verdict()[0] == "unavailable"
    # What it opened after all, for nobody, it closes again.
    sts.behaviour = {}
    service.thaw()
    wait_until(lambda: not bastion.records(), 10, "no record of a session that nobody has")


def test_sigterm_finishes_what_runs(bastion, sts, service):
    sts.behaviour = {None: "slow"}
    running = bastion.sshd.start("alice", "env")
    try:
        sts.wait_for_calls(1)
        service.terminate()
        wait_until(lambda: not can_connect(), 5, "the end of its accepting")
        said = running.communicate(timeout=20)[0].decode()
    finally:
        running.kill()
    assert sts.issued[0].access_key in said and len(sts.calls) == 1
    assert service.wait() == 0
    bastion.syslog.wait_for("the service ends: .*signal")


def can_connect():
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(SOCKET)
        except OSError:
            return False
        return True


def test_an_idle_service_ends_at_once_and_leaves_no_process(service):
    start = time.monotonic()
    service.terminate()
    assert service.wait() == 0
    assert time.monotonic() - start < 2
    wait_until(lambda: not all_that_run(HELPER), 5, "the look-up processes to be gone")


def test_a_killed_service_leaves_no_process(service):
    service.kill()
    wait_until(lambda: not all_that_run(HELPER), 5, "the look-up processes to be gone")


def test_a_service_whose_look_ups_have_died_ends_so_that_another_is_started(bastion, service,
                                                                          opened):
    session = opened("alice").session
    (forker,) = children_of(service.pid)
    os.kill(forker, 9)
    wait_until(lambda: not can_connect() or not ask_quietly(session), 5, "its end")
    service.wait(10)
    bastion.syslog.wait_for("the service ends: .*look-up")
    service.start()
    assert assume("alice", session)["session"] == session


def ask_quietly(session):
    with contextlib.suppress(AssertionError, IndexError):
        ask("alice", "list", session)
    return True


def test_one_starts_on_the_socket_that_another_left(service, opened):
    service.kill()
    assert os.path.exists(SOCKET)
    service.start()
    assert assume("alice", opened("alice").session)
    assert oct(os.stat(SOCKET).st_mode & 0o777) == "0o666"
    assert os.stat(SOCKET).st_uid == policy.xacct().pw_uid


def test_none_starts_on_a_live_socket(service, opened):
    session = opened("alice").session
    with Service().run() as second:
        assert second.child.wait(5) == 1
        assert SOCKET in second.output() and "listens there already" in second.output()
    assert assume("alice", session)["session"] == session


@pytest.mark.parametrize("arguments, words", [
    (["--listen", "run/socket"], "run/socket"),
    (["--listen", f"{FOLDER}/none/socket"], f"{FOLDER}/none/socket"),
    (["--listen", "/" + "x" * 200], "x" * 50),
    (["--service"], "xacct.socket"),
])
def test_a_service_without_a_socket_says_why(bastion, arguments, words):
    command = [*policy.as_helper(), HELPER, *arguments]
    with Process(command, "/mnt/other-service.log", env={}) as process:
        assert process.child.wait(5) == 1
        assert words in process.output().splitlines()[-1]


def setuid_copy():
    """The helper's program, with which whoever runs it becomes the helper's user."""
    copy = f"{HELPER}-setuid"
    shutil.copyfile(HELPER, copy)
    os.chown(copy, policy.xacct().pw_uid, 0)
    os.chmod(copy, 0o4755)
    return copy


@pytest.mark.parametrize("become, program", [
    ([], lambda: HELPER),
    (["setpriv", "--euid=xacct"], lambda: HELPER),
    (["setpriv", "--ruid=xacct"], lambda: HELPER),
    (["setpriv", "--reuid=alice", "--regid=alice", "--clear-groups"], setuid_copy),
], ids=["root", "the real uid is root's", "the effective uid is root's", "a setuid program"])
def test_the_helper_does_not_run_as_root_or_with_privileges_of_its_file(bastion, become, program):
    command = [*become, program(), "--listen", SOCKET]
    ended = subprocess.run(command, env={}, capture_output=True, text=True, timeout=5, check=False)
    assert ended.returncode == 1
    assert "must not run as root or with privileges of its file" in ended.stderr
    assert not can_connect()


def connect_as(user, stack):
    """A connection that says nothing; None where the queue is full."""
    connection = stack.enter_context(socket.socket(socket.AF_UNIX))
    connection.setblocking(False)
    with frames.effective(UIDS[user]):
        try:
            connection.connect(SOCKET)
        except BlockingIOError:
            return None
    return connection


def test_hundreds_of_connections_of_a_user_stop_nobody(bastion, service, login, opened,
                                                      many_descriptors):
    bob = opened("bob").session
    with contextlib.ExitStack() as stack:
        for _ in range(500):
            connect_as("eve", stack)
        assert assume("bob", bob, DEV)
        shell = login("alice")
        assert shell.environment["XACCT_ROLE"] == AUDIT
        # It was the service that served it.
        assert not [line for line in bastion.syslog.lines if SOCKET in line.text]
        for _ in range(500):
            connect_as("eve", stack)
        assert assume("alice", shell.session)["session"] == shell.session


def test_a_full_backlog_stops_no_login_and_passes(bastion, service, login, many_descriptors):
    service.freeze()
    with contextlib.ExitStack() as stack:
        while connect_as("eve", stack):
            pass
        start = time.monotonic()
        shell = login("alice")
        assert shell.environment["XACCT_ROLE"] == AUDIT
        assert time.monotonic() - start < 5
        service.thaw()
        # It gets through what waits there, and serves again, the silent ones still connected.
        wait_until(service.answers, 10, "the service to greet whoever comes last")
        assert assume("alice", shell.session)["session"] == shell.session


def frame_of(size):
    """A frame of this many bytes with a request in it."""
    head = b"version=1\0op=list\0deadline_ms=5000\0padding="
    return struct.pack(">I", size) + head + b"x" * (size - len(head) - 1) + b"\0"


UNFINISHED = {"nothing", "a half header", "a half frame", "drops"}
HOSTILE = {
    "nothing": b"",
    "drops": b"",
    "a half header": b"\0\0",
    "a half frame": struct.pack(">I", 100) + b"version=1\0op=li",
    "a frame that is too large": struct.pack(">I", FRAME_MOST + 1) + b"version=1\0",
    "a frame of four gigabytes": b"\xff\xff\xff\xff" + b"x" * 100,
    "as much as fits": frame_of(FRAME_MOST),
    "more than a user may send": frame_of(USER_FRAME_MOST + 1),
    "an empty frame": struct.pack(">I", 0),
    "garbage": bytes(range(256)) * 8,
    "a frame of garbage": struct.pack(">I", 256) + bytes(range(256)),
    "no NUL at the end": struct.pack(">I", 9) + b"version=1",
    "no key": frames.encode({"": "1"}),
    "a key twice": struct.pack(">I", 20) + b"version=1\0" * 2,
    "another version": frames.encode({"version": "99", "op": "list"}),
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


def test_whatever_is_sent_the_connection_ends_and_the_service_lives(service, opened):
    """All at once, by root and by a user: some are waited for as long as any request is."""
    session = opened("alice").session
    ended = {}
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
        for uid, (name, sent) in itertools.product((0, UIDS["eve"]), HOSTILE.items()):
            connection = stack.enter_context(frames.connect_as(uid))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(sent)
            selector.register(connection, selectors.EVENT_READ, (uid, name))
        start = time.monotonic()
        assert assume("alice", session)["session"] == session
        drops = iter(frames.request_bytes({"op": "list"}))
        while selector.get_map():
            assert time.monotonic() - start < RECEIVE_SECONDS + 3, ended
            for key, _ in selector.select(0.2):
                if not received(key.fileobj):
                    ended[key.data] = time.monotonic() - start
                    selector.unregister(key.fileobj)
            drop = bytes([next(drops)])
            for key in selector.get_map().values():
                if key.data[1] == "drops":
                    with contextlib.suppress(BrokenPipeError):
                        key.fileobj.send(drop)
    at_once = [seconds for (_, name), seconds in ended.items() if name not in UNFINISHED]
    assert max(at_once) < min(ended[uid, name] for uid, name in ended if name in UNFINISHED)
    assert service.process.child.poll() is None
    assert assume("alice", session)["session"] == session


def test_a_connection_is_served_one_request(service, opened):
    session = opened("alice").session
    with frames.connect_as(UIDS["alice"]) as connection:
        connection.sendall(2 * frames.request_bytes({"op": "status", "session": session}))
        assert frames.receive(connection)["status"] == "permitted"
        assert received(connection) == b""


@pytest.mark.parametrize("size, answered", [(USER_FRAME_MOST, True), (USER_FRAME_MOST + 1, False)])
def test_a_users_request_has_so_many_bytes_at_most(service, opened, size, answered):
    opened("alice")
    with frames.connect_as(UIDS["alice"]) as connection:
        connection.sendall(frame_of(size))
        assert bool(received(connection)) == answered


def test_another_version_of_the_protocol_is_told_that_it_is(service, opened):
    opened("alice")
    with frames.connect_as(UIDS["alice"]) as connection:
        connection.sendall(frames.encode({"version": "99", "op": "list", "deadline_ms": "5000"}))
        reply = frames.receive(connection)
        assert (reply["status"], "role" in reply) == ("unsupported", False)
        assert received(connection) == b""


def received(connection):
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


def test_who_leaves_while_a_request_is_under_way_gets_nothing_and_costs_nothing(
        bastion, sts, service, opened):
    bob = opened("bob")
    sts.behaviour = {None: "slow"}
    with frames.connect() as connection:
        connection.sendall(frames.request_bytes(frames.open_request("alice")))
        sts.wait_for_calls(2)
    # The session that nobody knows of is closed again.
    wait_until(lambda: bastion.audit()[-1]["event"] == "ended", 10, "the end of it")
    opened_line, ended = bastion.audit()[-2:]
    assert opened_line["session"] == ended["session"]
    assert "did not reach" in ended["reason"]
    assert list(bastion.records()) == [f"{bob.session}.json"]


@pytest.mark.parametrize("op", ["assume", "console"])
def test_a_session_that_ends_while_its_request_is_under_way_gets_nothing(
        bastion, sts, service, opened, op):
    with contextlib.ExitStack() as stack:
        federation = stack.enter_context(Federation())
        write_policy(sts, ALICE, f"console_endpoint = {federation.url}")
        alice = opened("alice")
        sts.behaviour = {None: "slow"}
        connection = stack.enter_context(frames.connect_as(UIDS["alice"]))
        connection.sendall(frames.request_bytes(
            {"op": op, "session": alice.session, "role": DEV}))
        sts.wait_for_calls(2)
        alice.stop()
        reply = frames.receive(connection)
    assert reply["status"] == "denied" and "log in again" in reply["message"]
    assert not [key for key in reply if key.startswith(("AWS_", "url"))]
    assert line_of(bastion, reply)["event"] == "refused"
    wait_for_end(bastion, alice.session)


def test_without_descriptors_it_waits_and_does_not_spin(bastion, service, opened):
    session = opened("alice").session
    # Only what is sent from now on.
    bastion.syslog.forget()
    in_use = max(map(int, os.listdir(f"/proc/{service.pid}/fd"))) + 1
    with contextlib.ExitStack() as stack:
        free = in_use - len(os.listdir(f"/proc/{service.pid}/fd"))
        limit_descriptors(service.pid, in_use)
        for _ in range(free + 1):
            connect_as("eve", stack)
        bastion.syslog.wait_for("a connection cannot be accepted: Too many open files")
        start, ticks = time.monotonic(), cpu_ticks(service.pid)
        wait_until(lambda: time.monotonic() > start + 1, 3, "a second")
        used = (cpu_ticks(service.pid) - ticks) / os.sysconf("SC_CLK_TCK")
        limit_descriptors(service.pid, 1024)
        assert used < 0.3
        assert len(bastion.syslog.wait_for("a connection cannot be accepted")) == 1
        assert assume("alice", session)["session"] == session


def limit_descriptors(pid, soft):
    """Sets how many descriptors the service may have, as its own user, who may do so."""
    limit = ["prlimit", f"--pid={pid}", f"--nofile={soft}:"]
    subprocess.run([*policy.as_helper(), *limit], check=True)


def cpu_ticks(pid):
    """The time that a process has run, in ticks."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as text:
        return sum(map(int, text.read().rpartition(")")[2].split()[11:13]))


def test_no_request_holds_up_the_end_for_longer_than_systemd_waits(
        bastion, sts, service, opened):
    session = opened("alice").session
    sts.behaviour = {None: "stall"}
    with frames.connect_as(UIDS["alice"], seconds=60) as connection:
        connection.sendall(frames.request_bytes(
            {"op": "assume", "session": session, "role": DEV, "deadline_ms": "60000"}))
        sts.wait_for_calls(2)
        service.terminate()
        start = time.monotonic()
        assert service.wait(25) == 0
        assert 15 < time.monotonic() - start < 23
