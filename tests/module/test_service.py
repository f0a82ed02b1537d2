"""The service is asked first; where it is not there, or is not what it must be, a helper is started.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading

import pytest

from conftest import (LOG_DEBUG, LOG_ERR, LOG_WARNING, PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED,
                      PAM_SESSION_ERR, PAM_SUCCESS, PAM_SYSTEM_ERR, PERMITTED, SESSION,
                      assert_no_helper_left)
from rig import frames

CLEAN = "descriptors=0 children=0 signals=same sigchld=0 rest=same"

# Of timeout=1s: what account and session may take, and what a busy machine may add. The greeting is
# waited for a third of what a request has.
ACCOUNT_MS, SESSION_MS, SLACK_MS = 400, 600, 250


@contextlib.contextmanager
def bound(path, mode=0o666):
    """A socket that stands there, on which nobody listens yet."""
    with socket.socket(socket.AF_UNIX) as bare:
        bare.bind(str(path))
        path.chmod(mode)
        yield bare


@contextlib.contextmanager
def listening(path, uid=0, backlog=16):
    """A socket on which `uid` listens and never takes a connection: as one that is frozen."""
    with bound(path) as listener:
        os.seteuid(uid)
        try:
            listener.listen(backlog)
        finally:
            os.seteuid(0)
        listener.setblocking(False)
        yield listener


@contextlib.contextmanager
def full(path):
    """A socket with as many connections as it holds."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(listening(path, backlog=0))
        with contextlib.suppress(BlockingIOError):
            while True:
                client = stack.enter_context(socket.socket(socket.AF_UNIX))
                client.setblocking(False)
                client.connect(str(path))
        yield


def was_asked(listener):
    """Whether anybody connected, and if so, what they sent before they hung up."""
    try:
        connection, _ = listener.accept()
    except BlockingIOError:
        return False, b""
    with connection:
        connection.settimeout(5)
        return True, connection.recv(100)


@pytest.mark.parametrize("user", ["xacct", "root"])
def test_the_service_is_asked_and_no_helper_is_started(host, user):
    host.orders("crash")
    with host.serving("reply", user=user):
        result = host.ask("note", "check", "open", "env", "close", "left")
    assert result.codes() == [PAM_SUCCESS] * 3
    assert result.env["XACCT_ROLE"] == "audit" and result.left == CLEAN
    assert host.operations() == ["check", "open", "close"] and host.ways() == ["service"] * 3
    assert host.requests()[2]["request_session"] == [SESSION]
    assert result.lines(LOG_WARNING) == []


def test_the_service_gets_the_same_request_as_the_helper(host):
    def keys(request):
        return {key: value for key, value in request.items()
                if key.startswith("request_") and not re.search("pid|start_time|deadline|reference", key)}

    steps = ["rhost=client.example", "tty=ssh", "check", "open", "close"]
    with host.serving("reply"):
        host.ask(*steps, options="debug")
    host.run(*steps, options="debug")
    requests = host.requests()
    assert host.ways() == ["service"] * 3 + ["helper"] * 3
    assert [keys(request) for request in requests[:3]] == [keys(request) for request in requests[3:]]


@pytest.mark.parametrize("gone", ["socket", "folder", "folder above"])
def test_a_host_without_the_service_starts_the_helper_and_says_nothing_of_it(host, gone):
    if gone != "socket":
        host.socket.parent.rmdir()
    if gone == "folder above":
        host.socket.parent.parent.rmdir()
    result = host.ask("note", "check", "open", "close", "left")
    assert result.codes() == [PAM_SUCCESS] * 3 and result.left == CLEAN
    assert host.ways() == ["helper"] * 3
    assert result.lines(LOG_WARNING) == []


@pytest.mark.parametrize("service, text", [
    (bound, "nobody listens there"),
    (full, "too many connections wait there already"),
    (listening, "no greeting within 500 ms"),
    (lambda path: listening(path, uid=4101), "who listens there is uid 4101, neither root nor xacct"),
], ids=["nobody listens", "full", "frozen", "another user"])
def test_a_service_that_cannot_be_asked_is_named_in_the_log_and_the_helper_started(
        host, service, text):
    with service(host.socket):
        result = host.ask("note", "check", "open", "close", "left")
    assert result.codes() == [PAM_SUCCESS] * 3 and result.left == CLEAN
    assert host.ways() == ["helper"] * 3
    assert len(result.lines(LOG_WARNING)) == 3
    for line in result.lines(LOG_WARNING):
        assert f"the service {host.socket}" in line and text in line
        assert re.search(r"\[reference \w{8}\]$", line)
    assert_no_helper_left()


def greet_and_hear(listener, heard):
    """Greets whoever comes, and notes what they say, if anything."""
    connection, _ = listener.accept()
    with connection, contextlib.suppress(ConnectionError):
        connection.settimeout(5)
        connection.sendall(frames.encode({"version": frames.VERSION}))
        heard.append(connection.recv(100))


def test_nothing_is_sent_to_another_user(host):
    heard = []
    with listening(host.socket, uid=4101) as listener:
        listener.settimeout(5)
        impostor = threading.Thread(target=greet_and_hear, args=(listener, heard))
        impostor.start()
        result = host.ask("open")
        impostor.join()
    assert result.codes() == [PAM_SUCCESS] and heard in ([], [b""])
    assert host.ways() == ["helper"]
    assert "who listens there is uid 4101" in result.lines(LOG_WARNING)[0]


def test_nothing_is_sent_to_who_has_not_greeted(host):
    with listening(host.socket) as listener:
        assert host.ask("open").codes() == [PAM_SUCCESS]
        assert was_asked(listener) == (True, b"")


def test_a_frozen_service_costs_half_a_second_and_the_helper_gets_the_rest(host):
    with listening(host.socket):
        result = host.ask("check", "open")
    (_, _, check_ms), (_, _, open_ms) = result.results
    assert 500 <= check_ms <= 500 + SLACK_MS and 500 <= open_ms <= 500 + SLACK_MS
    check, opened = (int(request["request_deadline_ms"][0]) for request in host.requests())
    assert 1900 - 500 - SLACK_MS <= check <= 1900 - 500
    assert 2900 - 500 - SLACK_MS <= opened <= 2900 - 500


def test_where_time_is_short_a_frozen_service_costs_a_third_of_it(host):
    with listening(host.socket):
        result = host.ask("check", "open", options="timeout=1s")
    assert result.codes() == [PAM_SUCCESS] * 2
    check, opened = (int(re.search(r"within (\d+) ms", line)[1])
                     for line in result.lines(LOG_WARNING))
    # A third of what was left of 300 and of 500 ms when the service's turn came.
    assert 80 <= check <= 100 and 140 <= opened <= 166


def of_a_user(folder):
    os.chown(folder, 4101, 0)


def group_may_write(folder):
    folder.chmod(0o775)


def others_may_write(folder):
    folder.chmod(0o757)


def sticky(folder):
    folder.chmod(0o1777)


def symlink(folder):
    shutil.move(folder, folder.with_name("real"))
    folder.symlink_to("real")


@pytest.mark.parametrize("spoil, above, text", [
    (of_a_user, True, "run: does not belong to root"),
    (lambda folder: shutil.chown(folder, "xacct"), True, "run: does not belong to root"),
    (group_may_write, True, "run: may be written by others"),
    (others_may_write, True, "run: may be written by others"),
    (sticky, True, "run: may be written by others"),
    (symlink, True, "run: is a symbolic link"),
    (of_a_user, False, "xacct: belongs neither to root nor"),
    (group_may_write, False, "xacct: may be written by others"),
    (sticky, False, "xacct: may be written by others"),
    (symlink, False, "xacct: is a symbolic link"),
])
def test_a_socket_that_others_may_have_put_there_is_not_connected_to(host, spoil, above, text):
    with listening(host.socket) as listener:
        spoil(host.socket.parent.parent if above else host.socket.parent)
        result = host.ask("note", "open", "left")
        assert was_asked(listener) == (False, b"")
    assert result.codes() == [PAM_SUCCESS] and result.left == CLEAN
    assert host.ways() == ["helper"]
    line, = result.lines(LOG_WARNING)
    assert text in line and str(host.socket) in line


BREAKDOWNS = [
    ("hang", "no greeting within"),
    ("trickle", "no greeting within|no well-formed|speaks none"),
    ("crash", "hung up before its greeting"),
    ("exit", "hung up before its greeting"),
    ("flood", "greeting is no well-formed frame"),
    ("nonsense", "greeting is no well-formed frame"),
    ("version", "disagree on the version: it speaks 99, the module 1"),
    ("crash-later", "hung up before its reply"),
    ("exit-later", "hung up before its reply"),
    ("half", "hung up before its reply"),
    ("no-nul", "reply is no well-formed frame"),
    ("twice-a-key", "reply is no well-formed frame"),
    ("reply-version", "disagree on the version: it speaks 99, the module 1"),
    ("no-status", "no status that this module knows"),
]


@pytest.mark.parametrize("behaviour, text", BREAKDOWNS)
def test_where_no_whole_reply_comes_the_helper_is_started(host, behaviour, text):
    """Also where the service is killed during a login, before it has replied."""
    host.orders("reply", PERMITTED)
    kind, reply = ("reply", ["reason=x"]) if behaviour == "no-status" else (behaviour, PERMITTED)
    with host.serving(kind, reply, record=False):
        result = host.ask("note", "check", "open", "env", "left")
    assert result.codes() == [PAM_SUCCESS] * 2 and result.env["XACCT_ROLE"] == "audit"
    assert host.ways() == ["helper"] * 2 and result.left == CLEAN
    assert len(result.lines(LOG_WARNING)) == 2
    assert all(re.search(text, line) for line in result.lines(LOG_WARNING)), result.lines()
    assert_no_helper_left()


@pytest.mark.parametrize("status, account, session", [
    ("unmanaged", PAM_PERM_DENIED, PAM_PERM_DENIED),  # libpam's, as every module has ignored it
    ("no-grant", PAM_PERM_DENIED, PAM_PERM_DENIED),
    ("denied", PAM_PERM_DENIED, PAM_SESSION_ERR),
    ("unavailable", PAM_AUTHINFO_UNAVAIL, PAM_SESSION_ERR),
    ("misconfigured", PAM_SYSTEM_ERR, PAM_SESSION_ERR),
    ("unsupported", PAM_SYSTEM_ERR, PAM_SESSION_ERR),
])
def test_a_refusal_of_the_service_is_final(host, status, account, session):
    with host.serving("reply", [f"status={status}", "reason=why"]):
        result = host.ask("check", "open", "env")
    assert result.codes() == [account, session]
    assert host.ways() == ["service"] * 2 and "AWS_ACCESS_KEY_ID" not in result.env


def test_a_reply_counts_although_the_service_hung_up_without_listening(host):
    with host.serving("deaf-reply", ["status=denied", "reason=too many at once"]):
        result = host.ask("check", "open")
    assert result.codes() == [PAM_PERM_DENIED, PAM_SESSION_ERR]
    assert all("too many at once" in line for line in result.lines())
    assert host.requests() == []


def test_a_service_that_greets_and_says_no_more_is_unavailable_within_the_time(host):
    with host.serving("deaf"):
        result = host.ask("note", "check", "open", "env", "left", options="timeout=1s")
    assert result.codes() == [PAM_AUTHINFO_UNAVAIL, PAM_SESSION_ERR]
    assert result.env["XACCT_ERROR"].startswith("unavailable:") and result.left == CLEAN
    assert len(result.lines()) == 2
    for line, milliseconds in zip(result.lines(LOG_ERR), (300, 500)):
        assert f"the service {host.socket}: no reply within {milliseconds} ms" in line
        assert str(host.helper) not in line
    (_, _, check_ms), (_, _, open_ms) = result.results
    assert check_ms <= ACCOUNT_MS + SLACK_MS and open_ms <= SESSION_MS + SLACK_MS
    assert host.ways() == ["service"] * 2


@pytest.mark.parametrize("helper", ["deaf", "crash", "stubborn"])
@pytest.mark.parametrize("behaviour, text", BREAKDOWNS[:-1])
def test_when_both_ways_fail_the_time_is_kept_and_one_line_names_both(
        host, helper, behaviour, text):
    host.orders(helper)
    with host.serving(behaviour, record=False):
        result = host.ask("note", "check", "open", "left", options="timeout=1s")
    assert result.codes() == [PAM_AUTHINFO_UNAVAIL, PAM_SESSION_ERR] and result.left == CLEAN
    (_, _, check_ms), (_, _, open_ms) = result.results
    assert check_ms <= ACCOUNT_MS + SLACK_MS and open_ms <= SESSION_MS + SLACK_MS
    assert len(result.lines()) == len(result.lines(LOG_ERR)) == 2
    for line in result.lines():
        assert f"the helper {host.helper}" in line and f"the service {host.socket}" in line
        assert re.search(text, line), line
    assert_no_helper_left()


def test_a_helper_that_fails_is_all_there_is_to_say_on_a_host_without_the_service(host):
    host.orders("crash")
    line, = host.ask("open").lines(LOG_ERR)
    assert "died of signal 11" in line and str(host.socket) not in line


def test_a_helper_that_is_missing_does_not_matter_while_the_service_replies(host):
    with host.serving("reply"):
        host.run("mapped")
        assert host.ask("open", helper=host.root / "libexec/none").codes() == [PAM_SUCCESS]


def test_a_session_that_the_service_opened_is_closed_by_the_helper_once_that_has_gone(host):
    spoiled = host.root / "spoiled"
    host.write_orders(spoiled, "crash")
    with host.serving("reply"):
        result = host.ask("open", f"copy={spoiled}:{host.service_orders_file}", "note", "close",
                          "left")
    assert result.codes() == [PAM_SUCCESS] * 2 and result.left == CLEAN
    assert host.operations() == ["open", "close"] and host.ways() == ["service", "helper"]
    assert host.requests()[1]["request_session"] == [SESSION]


@pytest.fixture
def default_socket():
    path = pathlib.Path("/run/xacct/socket")
    path.parent.mkdir()
    shutil.chown(path.parent, "xacct", "xacct")
    yield path
    shutil.rmtree(path.parent)


def test_the_service_is_asked_at_its_own_place_also_with_another_helper(host, default_socket):
    with host.serving("reply", path=default_socket):
        assert host.run("open", config=False).codes() == [PAM_SUCCESS]
    assert host.ways() == ["service"]


@pytest.mark.parametrize("config, options", [
    (True, ""), (True, "user=module-bob"), (False, "user=xacct")])
def test_another_policy_or_user_without_a_socket_is_no_matter_for_the_service(
        host, default_socket, config, options):
    with listening(default_socket) as listener:
        host.run("open", config=config, options=options)
        assert was_asked(listener) == (False, b"")


def test_another_user_with_a_socket_is_whom_the_service_must_run_as(host):
    shutil.chown(host.socket.parent, "module-bob")
    with host.serving("reply", user="module-bob", record=False):
        result = host.ask("open", options="user=module-bob debug")
    assert result.codes() == [PAM_SUCCESS]
    assert f"the service {host.socket} has replied" in result.lines(LOG_DEBUG)[0]


@pytest.mark.parametrize("service, text", [
    (lambda host: host.serving("reply"), "the service {0.socket} has replied"),
    (lambda host: contextlib.nullcontext(),
     "the service {0.socket} cannot be used: connect: No such file or directory; "
     "the helper {0.helper} is started"),
    (lambda host: host.serving("version"), "speaks 99.*; the helper {0.helper} is started"),
], ids=["service", "absent", "version"])
def test_debug_says_which_way_was_taken_and_why_the_first_was_not(host, service, text):
    with service(host):
        line, *_ = host.ask("open", options="debug").lines(LOG_DEBUG)
    assert re.search(text.format(host), line)


def test_a_caller_without_standard_descriptors_is_served_by_the_service(host):
    host.orders("crash")
    with host.serving("reply"):
        result = host.ask("close-standard", "noise", "note", "check", "open", "close", "left")
    assert result.codes() == [PAM_SUCCESS] * 3 and result.left == CLEAN
    assert host.ways() == ["service"] * 3


def test_a_caller_whose_signals_interrupt_everything_is_served_by_the_service(host):
    with host.serving("reply"):
        result = host.ask("interrupt", "note", "check", "open", "close", "left")
    assert result.codes() == [PAM_SUCCESS] * 3 and host.ways() == ["service"] * 3


@pytest.mark.parametrize("way", ["service", "helper"])
def test_no_descriptor_of_ours_reaches_a_program_that_another_thread_starts(host, way):
    host.orders("deaf")
    with host.serving("deaf") if way == "service" else contextlib.nullcontext():
        host.ask("mapped", options="timeout=60s")
        caller = subprocess.Popen([host.program, host.confdir, "test", "module-alice", "open"],
                                  stdout=subprocess.DEVNULL)
        try:
            while not host.record_file.exists():
                assert caller.poll() is None
            flags = {int(entry.name): int(re.search(r"flags:\s+(\d+)", entry.read_text())[1], 8)
                     for entry in pathlib.Path(f"/proc/{caller.pid}/fdinfo").iterdir()}
        finally:
            caller.kill()
            caller.wait()
    assert len(flags) > 4
    assert [fd for fd, its_flags in flags.items() if fd > 2 and not its_flags & os.O_CLOEXEC] == []


@pytest.mark.parametrize("behaviour", ["reply", "half"])
def test_many_threads_and_sessions_in_one_process_leave_nothing(host, behaviour):
    host.orders("reply", PERMITTED, record=False)
    with host.serving(behaviour, record=False):
        result = host.ask("note", "threads=30", "repeat=100", "left", options="timeout=60s")
    assert "threads 30" in result.other and "opened 100 closed 100" in result.other
    assert result.left == CLEAN
    assert_no_helper_left()
