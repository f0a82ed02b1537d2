"""The C programs that stand beside these tests, and a loopback server that they talk to.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import select
import socket
import ssl
import struct
import subprocess
import threading

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
LARGEST = 256 * 1024  # bytes that http_request takes of a body
# A proxy's answer to CONNECT, with headers that are not the server's.
OPENED = (
    b"HTTP/1.1 200 Opened\r\nDate: Thu, 01 Jan 2004 00:00:00 GMT\r\n"
    b"x-amzn-RequestId: of-the-proxy\r\nContent-Type: a/b\r\n\r\n"
)


def run(name, arguments=(), environment=None, **options):
    """What the program tests/unit/NAME.c prints for these arguments; it must end well."""
    done = subprocess.run(
        [f"{BUILD}/tests/unit/{name}", *arguments],
        env=environment or {},
        check=True,
        stdout=subprocess.PIPE,
        timeout=60,
        text=True,
        **options,
    )
    return done.stdout


def run_for_values(name, arguments, environment=None):
    """As run, for a program that prints NAME=VALUE lines: a dict of them."""
    lines = run(name, arguments, environment).splitlines()
    return dict(line.split("=", 1) for line in lines)


class Request:
    """A request as it came: its lines and body, in bytes."""

    def __init__(self, stream):
        lines = []
        while line := stream.readline().rstrip(b"\r\n"):
            lines.append(line.decode("latin-1"))
        if not lines:
            raise ValueError("the client sent nothing")
        self.line, *headers = lines
        self.headers = {
            name.lower(): value for name, value in (header.split(": ", 1) for header in headers)
        }
        self.body = stream.read(int(self.headers.get("content-length", 0)))


class Server:
    """Answers on loopback: `answer(connection, request)` gets each request and does as it likes.

    The connection is closed after it. `requests` holds what has come. With `certificate` and `key`
    it speaks TLS, after `before_tls(connection)` has been called.
    """

    def __init__(self, answer, certificate=None, key=None, before_tls=lambda connection: None):
        self.answer = answer
        self.before_tls = before_tls
        self.requests = []
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.scheme = "https" if certificate else "http"
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate, key)
        self.thread = threading.Thread(target=self._serve)

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}/"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        # Closing a listener does not wake accept; a connection does.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.thread.join()
        self.listener.close()

    def _serve(self):
        while True:
            connection, _ = self.listener.accept()
            if self.over.is_set():
                connection.close()
                return
            try:
                if self.tls:
                    self.before_tls(connection)
                    connection = self.tls.wrap_socket(connection, server_side=True)
                with connection.makefile("rb") as stream:
                    request = Request(stream)
                self.requests.append(request)
                self.answer(connection, request)
            except (OSError, ValueError):
                pass  # the client gave up, which is what some tests are about
            finally:
                connection.close()


@contextlib.contextmanager
def never_accepting():
    """The URL of a server on loopback to which no connection is ever made."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        # One connection fills the backlog, so that the next is never answered.
        with socket.create_connection(address), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(address)
            yield f"http://127.0.0.1:{address[1]}"


def response(body=b"", status="200 OK", headers=(), length=None):
    """The bytes of a response, with Content-Length unless it is said otherwise."""
    lines = [f"HTTP/1.1 {status}", *headers]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def sends(data):
    """An answer of these bytes."""
    return lambda connection, request: connection.sendall(data)


def stalls(data=b""):
    """An answer of these bytes, after which nothing comes until the client has gone."""

    def answer(connection, _):
        connection.sendall(data)
        connection.recv(1)

    return answer


def resets(data=b""):
    """An answer of these bytes, after which the connection is torn down with RST."""

    def answer(connection, _):
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return answer


def pipe(one, other):
    """Carries bytes both ways until either side has gone."""
    while True:
        for side in select.select([one, other], [], [], 10)[0]:
            data = side.recv(65536)
            if not data:
                return
            (other if side is one else one).sendall(data)


def tunnels_to(server):
    """An answer to CONNECT that leads to this server, whatever was asked for."""

    def answer(connection, _):
        with socket.create_connection(("127.0.0.1", server.port)) as way:
            connection.sendall(OPENED)
            pipe(connection, way)

    return answer
