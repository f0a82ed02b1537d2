"""What systemd would close of system calls for a unit, closed for a program without systemd; or some
calls that a kernel does not know; or processes that begin in another's memory, as no thread does.
Run, it becomes the program:

    systemd_filter.py --unit FILE PROGRAM ARGUMENT...
    systemd_filter.py --errno NUMBER --calls NAME,NAME PROGRAM ARGUMENT...
    systemd_filter.py --own-memory PROGRAM ARGUMENT...

SPDX-License-Identifier: BSD-2-Clause
"""

import argparse
import ctypes
import errno
import os
import socket
import subprocess
import sys

_ALLOW = 0x7FFF0000
_EQUAL, _MASKED = 4, 7  # of libseccomp's comparisons
_SHARED, _THREAD = 0x100, 0x10000  # CLONE_VM and CLONE_THREAD


class _Comparison(ctypes.Structure):
    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    ]


class Filter:
    """Refuses what it is told, and allows the rest."""

    def __init__(self):
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(_ALLOW))

    def refuse(self, name, error=errno.EPERM, *comparisons):
        """A call, where its arguments are so; one that this architecture does not have is none."""
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return
        array = (_Comparison * len(comparisons))(*comparisons)
        result = self.library.seccomp_rule_add_array(
            self.context, 0x00050000 | error, number, len(comparisons), array
        )
        assert result == 0, (name, os.strerror(-result))

    def load(self):
        assert self.library.seccomp_load(self.context) == 0


def directives(path):
    """The [Service] of a unit: {name: [value, ...]}."""
    found, section = {}, None
    with open(path, encoding="utf-8") as unit:
        for line in map(str.strip, unit):
            if line.startswith("["):
                section = line
            elif section == "[Service]" and "=" in line and not line.startswith("#"):
                name, value = line.split("=", 1)
                found.setdefault(name, []).append(value)
    return found


def calls_of(words):
    """The system calls that these words of a SystemCallFilter= mean, as systemd has its groups."""
    found = set()
    for word in words:
        if word.startswith("@"):
            done = subprocess.run(
                ["systemd-analyze", "--no-pager", "syscall-filter", word],
                stdout=subprocess.PIPE, text=True, check=True, timeout=60,
            )
            inner = [line.strip() for line in done.stdout.splitlines()[1:]]
            found |= calls_of([name for name in inner if name and not name.startswith("#")])
        else:
            found.add(word)
    return found


def denied(unit):
    """The system calls that the unit's list denies, which must be one of denials."""
    words = " ".join(unit["SystemCallFilter"]).split()
    assert all(line.startswith("~") for line in unit["SystemCallFilter"])
    return calls_of([word.lstrip("~") for word in words])


def close_as(path):
    """Closes for this process what the unit closes by seccomp."""
    unit, closed = directives(path), Filter()
    for name in sorted(denied(unit)):
        closed.refuse(name)
    families = {getattr(socket, name) for name in unit["RestrictAddressFamilies"][0].split()}
    for family in set(range(64)) - families:
        closed.refuse("socket", errno.EAFNOSUPPORT, _Comparison(0, _EQUAL, family, 0))
    if unit["MemoryDenyWriteExecute"] == ["yes"]:
        closed.refuse("mmap", errno.EPERM, _Comparison(2, _MASKED, 6, 6))
        closed.refuse("mprotect", errno.EPERM, _Comparison(2, _MASKED, 4, 4))
        closed.refuse("pkey_mprotect", errno.EPERM, _Comparison(2, _MASKED, 4, 4))
    if unit["RestrictNamespaces"] == ["yes"]:
        closed.refuse("clone3", errno.ENOSYS)
        for flag in (0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x20000):
            closed.refuse("clone", errno.EPERM, _Comparison(0, _MASKED, flag, flag))
    if unit["RestrictSUIDSGID"] == ["yes"]:
        for bit in (0o4000, 0o2000):
            closed.refuse("chmod", errno.EPERM, _Comparison(1, _MASKED, bit, bit))
            closed.refuse("fchmod", errno.EPERM, _Comparison(1, _MASKED, bit, bit))
    closed.load()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--unit")
    options.add_argument("--errno", type=int)
    options.add_argument("--calls")
    options.add_argument("--own-memory", action="store_true")
    options.add_argument("program", nargs=argparse.REMAINDER)
    given = options.parse_args()
    if given.unit:
        close_as(given.unit)
    elif given.own_memory:
        closed = Filter()
        closed.refuse("clone", errno.EPERM, _Comparison(0, _MASKED, _SHARED | _THREAD, _SHARED))
        closed.load()
    else:
        closed = Filter()
        for name in given.calls.split(","):
            # Of Landlock's, what asks for scopes alone has a longer argument than old kernels know.
            longer = [_Comparison(1, 6, 16, 0)] if given.errno == errno.E2BIG else []
            closed.refuse(name, given.errno, *longer)
        closed.load()
    os.execv(given.program[0], given.program)


if __name__ == "__main__":
    sys.exit(main())
