"""Many connections at once, from one thread.

SPDX-License-Identifier: BSD-2-Clause
"""

import selectors
import socket
import struct
import time

from rig import frames


class Caller:
    """One connection that sends one request as soon as it is greeted. `reply` is the last frame,
    and stays None where the connection ends before one; `seconds` is what that took."""

    def __init__(self, fields, path=frames.SOCKET):
        self.fields = fields
        self.start = time.monotonic()
        self.seconds = None
        self.received = b""
        self.greeted = False
        self.reply = None
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.setblocking(False)
        self.socket.connect(path)

    def go_on(self):
        """Takes what has come. Returns whether the connection has ended."""
        try:
            more = self.socket.recv(65536)
        except ConnectionResetError:
            more = b""
        self.received += more
        while len(self.received) >= 4:
            (length,) = struct.unpack(">I", self.received[:4])
            if len(self.received) < 4 + length:
                break
            self._take(frames.decode(self.received[4 : 4 + length]))
            self.received = self.received[4 + length :]
        return not more

    def _take(self, frame):
        if self.greeted:
            self.reply = frame
            self.seconds = time.monotonic() - self.start
        else:
            self.greeted = True
            self.socket.sendall(frames.request_bytes(self.fields))


def ask_at_once(requests, seconds=30):
    """Sends all requests at once, and waits for all replies; returns the callers in their order."""
    callers = [Caller(fields) for fields in requests]
    with selectors.DefaultSelector() as selector:
        for caller in callers:
            selector.register(caller.socket, selectors.EVENT_READ, caller)
        end = time.monotonic() + seconds
        while selector.get_map():
            assert time.monotonic() < end, "all connections come to an end"
            for key, _ in selector.select(1):
                if key.data.go_on():
                    selector.unregister(key.data.socket)
                    key.data.socket.close()
    return callers
