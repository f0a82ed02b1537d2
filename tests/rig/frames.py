"""The wire format, spoken by hand: for requests that no program of ours would send.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import functools
import json
import os
import socket
import struct
import subprocess
import sys

SOCKET = "/run/xacct/socket"
VERSION = "1"
MAY_TAKE = 8  # seconds that a request gives the helper


def encode(fields):
    """One frame of KEY=VALUE strings; a value of bytes is sent as it is."""
    strings = b"".join(
        key.encode() + b"=" + (value if isinstance(value, bytes) else str(value).encode()) + b"\0"
        for key, value in fields.items()
    )
    return struct.pack(">I", len(strings)) + strings


def request_bytes(fields):
    """A request with what every request has."""
    return encode({"version": VERSION, "deadline_ms": str(1000 * MAY_TAKE)} | fields)


def decode(body):
    """What comes after the length, as a dict."""
    return dict(string.split("=", 1) for string in body.decode().split("\0")[:-1])


def receive(connection):
    """One frame as a dict; None where the connection ends before it."""
    header = _exactly(connection, 4)
    body = _exactly(connection, struct.unpack(">I", header)[0]) if header is not None else None
    return decode(body) if body is not None else None


def _exactly(connection, size):
    received = b""
    while len(received) < size:
        more = connection.recv(size - len(received))
        if not more:
            return None
        received += more
    return received


def connect(path=SOCKET, seconds=10):
    """A connection that was greeted."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    connection.connect(path)
    greeting = receive(connection)
    if greeting is None:
        connection.close()
        raise ConnectionResetError("the service ended the connection before it greeted")
    assert greeting == {"version": VERSION}, greeting
    return connection


def connect_as(uid, seconds=10):
    """As connect; for the kernel it is this uid that has connected."""
    with effective(uid):
        return connect(seconds=seconds)


def is_greeted(uid):
    """Whether the service greets this uid."""
    with contextlib.suppress(ConnectionError), connect_as(uid):
        return True
    return False


def request(fields, path=SOCKET, seconds=10):
    """Sends one request; returns the frames of the reply."""
    with connect(path, seconds) as connection:
        connection.sendall(request_bytes(fields))
        frames = []
        while (frame := receive(connection)) is not None:
            frames.append(frame)
        return frames


def start_time(pid):
    """When a process started, in ticks since boot as proc(5) has it."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as text:
        return int(text.read().rpartition(")")[2].split()[19])


def open_request(user, pid=None, **fields):
    """What the module sends when a session opens in the process `pid`, or in this one."""
    pid = pid or os.getpid()
    opener = {"pid": pid, "start_time": start_time(pid)}
    return {"op": "open", "user": user, "service": "sshd", **opener, **fields}


class Agent:
    """A process of some uid that sends requests, until stop() or our own end."""

    def __init__(self, uid):
        self.child = subprocess.Popen(
            [sys.executable, "-I", os.path.abspath(__file__)],
            user=uid,
            group=uid,
            extra_groups=[],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self.child.pid

    def request(self, fields, path=SOCKET):
        """As request, by this process."""
        print(json.dumps([fields, path]), file=self.child.stdin, flush=True)
        frames = json.loads(self.child.stdout.readline() or '"the agent has ended"')
        if isinstance(frames, str):
            raise AssertionError(frames)
        return frames

    def stop(self):
        """Kills it."""
        self.child.kill()
        self.child.communicate()


@functools.cache
def _agent_of(uid):
    return Agent(uid)


def request_as(uid, fields, path=SOCKET):
    """As request, by a process of this uid."""
    return _agent_of(uid).request(fields, path)


def _serve():
    """An agent's own part."""
    for line in sys.stdin:
        fields, path = json.loads(line)
        try:
            answer = request(fields, path)
        except OSError as error:
            answer = str(error)
        print(json.dumps(answer), flush=True)


@contextlib.contextmanager
def effective(uid):
    """For the kernel we are this uid: whoever is connected to now sees it at the other end."""
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


if __name__ == "__main__":
    _serve()
