"""A listener on /dev/log that keeps what programs say to syslog.

SPDX-License-Identifier: BSD-2-Clause
"""

import dataclasses
import os
import re
import socket
import struct
import threading

from .processes import wait_until

_UCRED = struct.Struct("3i")  # pid, uid, gid
AUTHPRIV = 10
SEVERITIES = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]


@dataclasses.dataclass
class Line:
    """One message: its facility's number, severity, the program and the text after it; and the real
    uid of who sent it, as the kernel says."""

    facility: int
    severity: str
    program: str
    text: str
    uid: int = -1


class Syslog:
    """The listener, from `with` until its end. `lines` grows as messages arrive; those that are
    copies of the audit file's are in `copies` instead."""

    def __init__(self, path="/dev/log"):
        self.path = path
        self.lines = []
        self.copies = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)

    def __enter__(self):
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        os.unlink(self.path)

    def text(self):
        """All messages so far, one a line."""
        return "\n".join(f"{line.program}: {line.text}" for line in self.lines + self.copies)

    def forget(self):
        self.lines = []
        self.copies = []

    def wait_for(self, pattern, seconds=10):
        """Waits for messages that match the regular expression from their beginning; returns the
        matches."""

        def found():
            return [match for line in self.lines if (match := re.match(pattern, line.text))]

        try:
            return wait_until(found, seconds, f"{pattern!r} in syslog")
        except AssertionError as failure:
            raise AssertionError(f"{failure}; it holds:\n{self.text()}") from None

    def _listen(self):
        while True:
            try:
                message, sent_by, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(_UCRED.size))
            except OSError:
                return
            if not message:
                return
            line = _parse(message.decode("utf-8", "backslashreplace"))
            for _, _, credentials in sent_by:
                _, line.uid, _ = _UCRED.unpack(credentials)
            (self.copies if line.program == "xacct-audit" else self.lines).append(line)


def _parse(message):
    match = re.fullmatch(
        r"<(\d+)>(?:\w{3} [ \d]\d \d\d:\d\d:\d\d )?([^:\s\[]*)(?:\[\d+\])?: (.*?)[\n\0]*",
        message,
        re.DOTALL,
    )
    if not match:
        return Line(-1, "debug", "", message)
    priority = int(match[1])
    return Line(priority >> 3, SEVERITIES[priority & 7], match[2], match[3])
