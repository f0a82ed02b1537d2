"""What a process takes, and what processes leave behind.

SPDX-License-Identifier: BSD-2-Clause
"""

import dataclasses
import os

from rig.processes import all_pids, children_of, state_of

# What an allocator keeps for itself from one moment to the next, in bytes.
SLACK = 512 * 1024
# Look-up processes that stay when nobody needs them, and the service's descriptors for each.
LOOKUPS, EACH = 4, 2


@dataclasses.dataclass
class Footprint:
    """Of a service: descriptors but those of its look-up processes, how many of these there are,
    and its own memory in bytes."""

    descriptors: int
    lookups: int
    memory: int

    def has_grown_since(self, before):
        """Whether it is more than it was; a few look-up processes stay as long as the service."""
        return (self.descriptors > before.descriptors or self.lookups > LOOKUPS
                or self.memory > before.memory + SLACK)


def footprint_of(service):
    """What a service takes now."""
    (forker,) = children_of(service.pid)
    descriptors = len(os.listdir(f"/proc/{service.pid}/fd"))
    lookups = len(children_of(forker))
    return Footprint(descriptors - EACH * lookups, lookups, private_memory(service.pid))


def private_memory(pid):
    """What is a process's alone and written, in bytes."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as text:
        sizes = dict(line.split(":", 1) for line in text if line.startswith("Private_Dirty"))
    return int(sizes["Private_Dirty"].split()[0]) * 1024


def zombies():
    """The pids of processes that have ended and that nobody has waited for."""
    return [pid for pid in all_pids() if state_of(pid) == "Z"]
