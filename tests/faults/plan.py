"""The plan of faults, which every process of a login maps: plan.h has its other side.

SPDX-License-Identifier: BSD-2-Clause
"""

import enum
import mmap
import os
import struct

FOLDER = "/mnt/faults"
FILE = f"{FOLDER}/plan"
LIBRARY = f"{FOLDER}/faults.so"

HEAD = struct.Struct("=IIIiQQQQ")
KEPT = struct.Struct("=qII")  # what is kept account of
SIZE = HEAD.size + KEPT.size
TRACE = 1024
SHORT = -1  # the least that a call may give


class Kind(enum.IntFlag):
    """What calls are about; the order is that of plan.h."""

    MEMORY = enum.auto()
    MAP = enum.auto()
    READ = enum.auto()
    WRITE = enum.auto()
    OPEN = enum.auto()
    CONNECT = enum.auto()
    FORK = enum.auto()
    SOCKET = enum.auto()
    MESSAGE = enum.auto()
    FILE = enum.auto()
    WAIT = enum.auto()
    PROCESS = enum.auto()
    CURL = enum.auto()
    LOOKUP = enum.auto()
    LIBRARY = enum.auto()


ALL = ~Kind(0)
SYSTEM = ALL & ~(Kind.MEMORY | Kind.CURL)

OURS, THEIRS = 1, 2
CALLER, HELPER = 1, 2
FOR_EVER = 2**64 - 1


class Plan:
    """The file, in force from its making on."""

    def __init__(self):
        with open(FILE, "wb") as out:
            out.truncate(SIZE + 2 * TRACE)
            os.fchmod(out.fileno(), 0o666)
        with open(FILE, "r+b") as shared:
            self.memory = mmap.mmap(shared.fileno(), SIZE + 2 * TRACE)

    def arm(self, number, kinds, whose, place, error=0, lasting=False):
        """The call of this number, from 1, fails, and with `lasting` each one after it too; with 0
        they are counted. Those of these kinds count that are `whose` and at this place."""
        last = FOR_EVER if lasting else number
        self.disarm()
        self.memory[SIZE:] = bytes(2 * TRACE)
        live, watched, _ = KEPT.unpack_from(self.memory, HEAD.size)
        KEPT.pack_into(self.memory, HEAD.size, live, watched, 0)
        # What says that something counts goes last.
        HEAD.pack_into(self.memory, 0, 0, whose, place, error, number, last, 0, 0)
        struct.pack_into("=I", self.memory, 0, int(kinds))

    def disarm(self):
        """Nothing fails any more; what is known of what did stays."""
        struct.pack_into("=I", self.memory, 0, 0)

    def watch(self, place):
        """From now on account is kept of the memory that is allocated at this place."""
        KEPT.pack_into(self.memory, HEAD.size, 0, place, 0)

    @property
    def count(self):
        return HEAD.unpack_from(self.memory)[6]

    @property
    def struck(self):
        return HEAD.unpack_from(self.memory)[7]

    @property
    def live(self):
        """Pieces of memory that were allocated under watch and are not freed."""
        return KEPT.unpack_from(self.memory, HEAD.size)[0]

    @property
    def crashes(self):
        return KEPT.unpack_from(self.memory, HEAD.size)[2]

    @property
    def trace(self):
        """The call that failed first, and who called it, for addr2line."""
        return self._text(SIZE)

    @property
    def crash_trace(self):
        return self._text(SIZE + TRACE)

    def _text(self, at):
        return self.memory[at : at + TRACE].split(b"\0")[0].decode()
