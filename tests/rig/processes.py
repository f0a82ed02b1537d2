"""Processes of the rig: each is started here, kept by its pid and ended by its pid, and whoever
waits does so for a condition and for a bounded time.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import socket
import subprocess
import time


def wait_until(condition, seconds=10, what="a condition"):
    """Calls `condition` until it returns something true, and returns that. AssertionError when
    that takes longer than `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.01)


def free_port():
    """A TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    """Whether somebody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run(*command):
    """Runs a command, which must succeed; returns how it came out."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done


def children_of(pid):
    """The pids of those that a process's first thread has started, the oldest first; of a process
    that has ended there are none."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listed:
            return [int(child) for child in listed.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def all_pids():
    """The pids of all processes, of which some may be gone by now."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def processes_of(words):
    """The pids of all whose command line, a NUL behind each word, has these bytes in it."""
    found = []
    for pid in all_pids():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as line:
            if words in line.read():
                found.append(pid)
    return found


def family_of(pid):
    """The pids of a process, its children and theirs, as children_of has them."""
    found = [pid]
    for parent in found:
        found += children_of(parent)
    return found


def all_that_run(program):
    """The pids of all processes that run the program at this path."""
    found = []
    for pid in all_pids():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if os.readlink(f"/proc/{pid}/exe") == program:
                found.append(pid)
    return found


def state_of(pid):
    """The letter of a process's state, as proc(5) has them; None where there is no process."""
    with (
        contextlib.suppress(FileNotFoundError, ProcessLookupError),
        open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as text,
    ):
        return text.read().rpartition(")")[2].split()[0]
    return None


def has_ended(pid):
    """Whether a process has ended, though its parent may not have waited for it."""
    return state_of(pid) in (None, "Z", "X")


class Process:
    """A child that runs until stop(), its output in the file `log`."""

    def __init__(self, arguments, log, env=None):
        self.name = arguments[0]
        self.log = log
        with open(log, "ab") as out:
            self.child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env
            )

    def wait_until(self, condition, seconds, what):
        """As wait_until, but fails at once, with the end of its output, when it has died."""

        def alive_and_condition():
            if self.child.poll() is not None:
                raise AssertionError(
                    f"{self.name} ended with {self.child.returncode}: {self.output()[-2000:]}"
                )
            return condition()

        try:
            return wait_until(alive_and_condition, seconds, what)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self.name} said: {self.output()[-2000:]}") from None

    def has_children(self):
        """Whether processes that it has started are still there."""
        return bool(children_of(self.child.pid))

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self, seconds=5):
        """Asks it to end, and kills it when it does not."""
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def memory_of(pid):
    """All that a process may write, part by part."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        areas = [line.split()[0].split("-") for line in maps if line.split()[1].startswith("rw")]
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end in areas:
            memory.seek(int(start, 16))
            with contextlib.suppress(OSError):  # the kernel's own pages
                yield memory.read(int(end, 16) - int(start, 16))
