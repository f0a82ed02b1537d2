"""Networks beyond this one: network namespaces with a cable to it, in which a test serves or asks.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import ctypes
import os
import threading

from .processes import run

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000


class Network:
    """A network namespace and a cable to it, from `with` until its end. `ours` and `theirs` are the
    addresses of its two ends, with the length of the prefix: [IPv4, IPv6]. What goes anywhere else
    from there comes to us; `addresses` are there as well, and our way to them leads there."""

    def __init__(self, name, ours, theirs, addresses=()):
        self.name = name
        self.ends = ours, theirs
        self.addresses = addresses

    def __enter__(self):
        ours, theirs = self.ends
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self.name, "type", "veth", "peer", "cable", "netns", self.name)
        for address in ours:
            run("ip", "address", "add", address, "dev", self.name, *_at_once(address))
        run("ip", "link", "set", self.name, "up")
        for address in (*theirs, *self.addresses):
            self.run("ip", "address", "add", address, "dev", "cable", *_at_once(address))
        self.run("ip", "link", "set", "cable", "up")
        self.run("ip", "link", "set", "lo", "up")
        for address in ours:
            gateway = address.split("/")[0]
            self.run("ip", *_family(address), "route", "add", "default", "via", gateway)
        for address in self.addresses:
            run("ip", *_family(address), "route", "add", address, "dev", self.name)
        return self

    def __exit__(self, *_):
        run("ip", "netns", "delete", self.name)

    def run(self, *command):
        run(*self.command(*command))

    def command(self, *command):
        """The words of the command, which then runs there."""
        return ["ip", "netns", "exec", self.name, *command]

    @contextlib.contextmanager
    def entered(self):
        """This thread makes its sockets there, which then stay there."""
        with open(f"/proc/self/task/{threading.get_native_id()}/ns/net", "rb") as before:
            with open(f"/run/netns/{self.name}", "rb") as there:
                _enter(there)
            try:
                yield
            finally:
                _enter(before)


@contextlib.contextmanager
def forwarding():
    """This host passes packets on, as one with containers does."""
    switches = "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"
    before = [_switch(path, "1") for path in switches]
    try:
        yield
    finally:
        for path, state in zip(switches, before):
            _switch(path, state)


def _switch(path, state):
    with open(path, "r+", encoding="ascii") as switch:
        before = switch.read().strip()
        switch.seek(0)
        switch.write(state)
    return before


def _enter(namespace):
    if _LIBC.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def _family(address):
    return ["-6"] if ":" in address else ["-4"]


def _at_once(address):
    # No wait for somebody else who might have the address: it could not be bound meanwhile.
    return ["nodad"] if ":" in address else []
