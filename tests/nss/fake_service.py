"""A service that answers libnss_xacct as a test tells it.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import itertools
import os
import socket
import threading

from rig import frames, service


class FakeService:
    """Listens where the service would, and does with each connection what `serve` does."""

    def __init__(self, serve, uid=0):
        self.serve = serve
        self.asked = []
        os.makedirs(service.FOLDER, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(service.SOCKET)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(service.SOCKET)
        os.chmod(service.SOCKET, 0o666)
        with frames.effective(uid) if uid else contextlib.nullcontext():
            self.listener.listen(64)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        with contextlib.suppress(OSError):
            while True:
                connection = self.listener.accept()[0]
                self.asked.append(connection)
                with contextlib.suppress(OSError):
                    self.serve(connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.asked:
            connection.close()
        os.unlink(service.SOCKET)


def answering(*groups, last=True, status="permitted", version=frames.VERSION):
    """A service that tells of these groups, whatever is asked."""
    heading = {"version": version, "status": status, "reference": "ABCDEFGH"}

    def serve(connection):
        connection.sendall(frames.encode({"version": version}))
        frames.receive(connection)
        for name, gid in groups:
            connection.sendall(frames.encode(heading | {"group": name, "gid": str(gid)}))
        if last:
            connection.sendall(frames.encode(heading | {"last": "1"}))
        connection.close()

    return serve


def first(serve, others):
    """Does with the first connection what `serve` does, and with the later ones what `others` does."""
    turns = itertools.chain([serve], itertools.repeat(others))
    return lambda connection: next(turns)(connection)
