"""What alice learns by watching files that are everybody's to read, as inotify(7) lets her.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import ctypes
import os
import struct

from rig import policy

from .attacking import TWO_CLIENTS

_LIBC = ctypes.CDLL(None, use_errno=True)
_IN_ACCESS = 0x1
_EVENT = struct.Struct("iIII")
ZONES = [f"/usr/share/zoneinfo/{name}" for name in ("Asia/Tokyo", "Europe/Zurich")]
HOURS = "hours = Mon-Sun 00:00-24:00 "


class Watch:
    """A watch on files; read() is which of them somebody has read since the last time."""

    def __init__(self, paths):
        self.descriptor = _LIBC.inotify_init1(os.O_NONBLOCK)
        self.paths = {
            _LIBC.inotify_add_watch(self.descriptor, path.encode(), _IN_ACCESS): path
            for path in paths
        }
        assert self.descriptor >= 0 and min(self.paths) > 0

    def read(self):
        seen = set()
        with contextlib.suppress(BlockingIOError):
            while events := os.read(self.descriptor, 65536):
                seen |= {self.paths[watch] for watch, _, _, _ in _EVENT.iter_unpack(events)}
        return seen

    def close(self):
        os.close(self.descriptor)


def test_files_of_time_zones_do_not_tell_whose_hours_are_looked_at(clients, sts, service, opened):
    rules = TWO_CLIENTS
    for line, zone in (("users = alice\n", "Europe/Zurich"), ("users = bob\n", "Asia/Tokyo")):
        assert line in rules
        rules = rules.replace(line, f"{line}{HOURS}{zone}\n")
    policy.write(policy.heading(sts.url) + rules)
    assert opened("alice").reply["status"] == "permitted"  # under the new policy, which reads them
    with contextlib.closing(Watch(ZONES)) as watch:
        seen = []
        for user in ("alice", "bob", "eve"):
            status = opened(user).reply["status"]
            assert status == ("no-grant" if user == "eve" else "permitted")
            seen.append(watch.read())
    assert seen[0] == seen[1] == seen[2], seen
