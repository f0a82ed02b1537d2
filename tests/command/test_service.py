"""The talk with the service: what is asked, and what is said when there is no good answer.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import pathlib
import socket
import struct
import time

import pytest

from conftest import BOTH, BY_KEYS, REFUSED, SERVED, SESSION, frame

GREETING = frame(["version=1"])

# name: (greeting, reply, stays open, what the line must say, seconds at least and at most)
FAULTS = {
    "hung": (b"", None, True, "does not answer (no greeting in time)", (1.9, 4)),
    "silent": (GREETING, b"", True, "does not answer (no reply in time)", (4.9, 8)),
    "hung up": (GREETING, b"", False, "hung up before the reply was complete", (0, 2)),
    "half a frame": (GREETING, frame(SERVED)[:-5], False, "hung up before the reply", (0, 2)),
    "half a frame, silent": (GREETING, frame(SERVED)[:-5], True, "no reply in time", (4.9, 8)),
    "no greeting": (b"", None, False, "hung up before the greeting was complete", (0, 2)),
    "huge": (GREETING, struct.pack(">I", 1 << 31), True, "is not well formed", (0, 2)),
    "no strings": (GREETING, struct.pack(">I", 5) + b"abcde", True, "is not well formed", (0, 2)),
    "a key twice": (GREETING, frame(["version=1", "version=1"]), True, "is not well formed", (0, 2)),
    "garbage": (b"HTTP/1.1 400 Bad Request\r\n\r\n", None, True, "is not well formed", (0, 2)),
    "other version": (frame(["version=9"]), None, True, "speaks version 9 and this xacct version 1",
                      (0, 2)),
    "no version": (frame(["hello=1"]), None, True, "speaks version (none)", (0, 2)),
    "other version in the reply": (GREETING, frame(["version=7\x1b[2J", "status=permitted"]), True,
                                   r"speaks version 7\x1b[2J and", (0, 2)),
    "unknown status": (GREETING, frame(["version=1", "status=great"]), True, "has no status", (0, 2)),
    "list without names": (GREETING, frame(SERVED), True, "list that the xacct service gives", (0, 2)),
}


@BOTH
@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_service_is_told_in_one_line_in_time(command, service, name):
    service.greeting, service.raw, service.stays, said, (least, most) = FAULTS[name]
    start = time.monotonic()
    line = command.fails("list")
    assert said in line and str(command.path) in line or "list that" in said
    assert "admin" in line
    assert least <= time.monotonic() - start < most


@pytest.mark.parametrize("words, status", [
    (["list"], 1), (["switch", "r"], 1), (["env", "r"], 1), (["exec", "r", "--", "true"], 125),
    (["credentials", "--role", "r"], 1), (["default", "r"], 1), (["default"], 1),
    (["console", "r"], 1), (["console", "--switch-url", "r"], 1), (["profiles"], 1),
])
def test_every_command_without_a_service_names_the_socket_and_what_to_do(command, words, status):
    line = command.fails(*words, status=status)
    assert f"{command.path} (No such file or directory): ask the admin of this host to start" in line


@pytest.mark.parametrize("words, status", [
    (["list"], 1), (["switch", "r"], 1), (["env", "r"], 1), (["exec", "r", "--", "true"], 125),
    (["credentials", "--role", "r"], 1), (["default", "r"], 1), (["console", "r"], 1),
])
def test_a_refusal_is_the_services_message_with_the_reference(command, service, words, status):
    service.answers = {}
    assert command.fails(*words, status=status) == \
        "xacct: no live session is yours: log in again (reference 0123ABCD)\n"


@BOTH
def test_a_message_cannot_reach_the_terminal_as_anything_but_text(command, service):
    service.answers = {"list": [["version=1", "status=denied", "reference=\x1b]0;x\x07",
                                 "message=a\x1b[2J\nxacct: b\r"]]}
    assert command.fails("list") == "xacct: a\\x1b[2J\\x0axacct: b\\x0d\n"


def test_a_refusal_before_the_request_was_read_is_told(command, service):
    service.greeting = frame(["version=1"]) + frame(REFUSED)
    service.talk = lambda connection: connection.sendall(service.greeting)
    assert "log in again" in command.fails("list")


REQUESTS = [
    (["list"], {"op": "list"}, 5000),
    (["status"], {"op": "status"}, 5000),
    (["env", "r"], {"op": "assume", "role": "r", "purpose": "env"}, 10000),
    (["env", "r", "--purpose", "renew"], {"op": "assume", "role": "r", "purpose": "renew"}, 10000),
    (["env", "--min-life=30m", "--fresh", "r"],
     {"op": "assume", "role": "r", "purpose": "env", "min_life": "1800", "fresh": "1"}, 10000),
    (["switch", "r"], {"op": "assume", "role": "r", "purpose": "switch"}, 10000),
    (["exec", "--min-life", "1h", "r", "--", "true"],
     {"op": "assume", "role": "r", "purpose": "exec", "min_life": "3600"}, 10000),
    (["exec", "r", "--min-life", "90s", "--", "true"],
     {"op": "assume", "role": "r", "purpose": "exec", "min_life": "90"}, 10000),
    (["credentials", "--role", "r"], {"op": "assume", "role": "r", "purpose": "process"}, 10000),
    (["default", "r"], {"op": "default", "role": "r"}, 5000),
    (["default", "--clear"], {"op": "default"}, 5000),
    (["default"], {"op": "list"}, 5000),
    (["console", "r"], {"op": "console", "role": "r"}, 10000),
    (["profiles"], {"op": "list"}, 5000),
    (["complete", "exec", ""], {"op": "list"}, 1000),
]


@pytest.mark.parametrize("words, request_, most", REQUESTS, ids=[" ".join(r[0]) for r in REQUESTS])
def test_what_is_asked(command, service, words, request_, most):
    done = command(*words)
    assert done.stderr == ""
    [asked] = service.requests
    assert most - 1000 < int(asked.pop("deadline_ms")) <= most
    assert asked == {"version": "1", **request_}


@pytest.mark.parametrize("session, sent", [(SESSION, True), ("", False), ("nonsense", False),
                                           (SESSION.upper(), False), (SESSION + "0", False)])
def test_the_session_of_the_environment_is_named_when_it_is_one(command, service, session, sent):
    command("list", env={"XACCT_SESSION": session})
    assert service.requests[0].get("session") == (session if sent else None)


@pytest.mark.parametrize("words", [["env"], ["status"], ["console"], ["credentials"]])
def test_the_role_of_the_environment_is_what_no_role_means(command, service, words):
    command(*words, env={"XACCT_ROLE": "client-a-audit"})
    assert service.requests[0]["role"] == "client-a-audit"


@pytest.mark.parametrize("words, status", [(["env"], 2), (["console"], 2), (["credentials"], 1)])
def test_without_any_role_it_says_how_to_name_one(command, words, status):
    assert "xacct list" in command.fails(*words, status=status)


@pytest.mark.parametrize("role", ["client-a", "client-a-", "nothing"])
def test_the_beginning_of_a_role_is_never_taken_for_it(command, service, role):
    service.answers["assume"] = [[*REFUSED[:3], "message=no such role is yours"]]
    line = command.fails("env", role)
    assert [request["op"] for request in service.requests] == ["assume", "list"]
    assert service.requests[0]["role"] == role
    if role == "nothing":
        assert "yours are: client-a-audit, client-a-dev, other" in line
    else:
        assert line.endswith("; yours that begin so: client-a-audit, client-a-dev\n")


VARIABLES = {
    "LD_PRELOAD": (["LD_PRELOAD=/tmp/x.so"], "LD_PRELOAD"),
    "a newline": (["AWS_REGION=a\nb"], "AWS_REGION"),
    "an escape": (["AWS_REGION=a\x1b[m"], "AWS_REGION"),
    "nothing": (["AWS_REGION="], "AWS_REGION"),
    "no UTF-8": ([b"AWS_REGION=\xff"], "AWS_REGION"),
    "half a credential": (["AWS_ACCESS_KEY_ID=A", "AWS_SESSION_TOKEN=T"], "part of a credential"),
}


@pytest.mark.parametrize("words, status", [(["env", "r"], 1), (["switch", "r"], 1),
                                           (["exec", "r", "--", "true"], 125),
                                           (["credentials", "--role", "r"], 1)])
@BOTH
@pytest.mark.parametrize("name", VARIABLES)
def test_a_bad_environment_is_refused_whole(command, service, name, words, status):
    bad, said = VARIABLES[name]
    service.answers["assume"] = [[*SERVED, "XACCT_ROLE=r", *bad]]
    assert said in command.fails(*words, status=status)


@pytest.mark.parametrize("folder_owner, listener, trusted", [
    (0, 0, True), (4711, 4711, True), (4711, 0, True), (0, 4711, False), (4712, 4711, False)])
def test_only_root_or_the_owner_of_the_folder_is_believed(command, folder_owner, listener, trusted):
    folder = command.path.parent
    folder.chmod(0o777)
    ready, pid = os.pipe(), os.fork()
    if pid == 0:
        try:
            os.setuid(listener)
            server = socket.socket(socket.AF_UNIX)
            server.bind(str(command.path))
            server.listen(1)
            os.write(ready[1], b"x")
            connection, _ = server.accept()
            connection.sendall(frame(["version=1"]) + frame(REFUSED))
            connection.recv(4096)
        finally:
            os._exit(0)
    os.read(ready[0], 1)
    os.chown(folder, folder_owner, 0)
    line = command.fails("list")
    os.waitpid(pid, 0)
    assert ("log in again" in line) == trusted
    assert ("is not the xacct service" in line) == (not trusted)


def test_a_full_backlog_is_waited_for_and_then_told(command):
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(command.path))
    server.listen(0)
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(command.path))
    start = time.monotonic()
    assert "has more to do than it can take" in command.fails("list")
    assert 1.9 < time.monotonic() - start < 4
    client.close()
    server.close()


@pytest.mark.parametrize("path", ["/" + 200 * "x", ""])
def test_a_socket_that_cannot_be_one_is_told(command, path):
    command.path = pathlib.Path(path) if path else ""
    assert "is no path for a socket" in command.fails("list")


@BOTH
def test_a_role_that_is_too_long_is_told(command, service):
    assert "too long" in command.fails("env", 5000 * "r")


def test_output_that_nobody_takes_is_a_failure(command, service):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = command("env", "r", stdout=full)
    assert done.returncode == 1 and "No space left" in done.stderr


def test_without_standard_descriptors_nothing_goes_astray(command, service):
    done = command("env", "r", preexec_fn=lambda: [os.close(fd) for fd in (0, 1, 2)])
    assert done.returncode == 0
    assert service.requests[0]["role"] == "r"


def test_nothing_secret_is_in_a_complaint(command, service):
    service.answers["assume"] = [[*BY_KEYS, "LD_PRELOAD=hushhush"]]
    line = command.fails("env", "r")
    assert "secret" not in line and "hushhush" not in line and "token==" not in line
