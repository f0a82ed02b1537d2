"""A program of the admin's that gives the bastion's keys, for a base with `source = process`.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import json
import os

from . import policy
from .fixtures import know_keys

PROGRAM = f"{policy.FOLDER}/give-keys"
COUNT = "/tmp/give-keys.runs"  # a line for each run of the program, where it may make a file


def write(*lines):
    """The program is these lines of a shell, after its run has been counted."""
    with open(PROGRAM, "w", encoding="utf-8") as out:
        out.write("\n".join(["#!/bin/sh", f"echo run >>{COUNT}", *lines, ""]))
    os.chmod(PROGRAM, 0o755)


def runs():
    """How often it has run since `prepare`."""
    with contextlib.suppress(FileNotFoundError), open(COUNT, encoding="ascii") as lines:
        return len(lines.readlines())
    return 0


def prepare(standin, *lines):
    """The program, which has never run, goes through these lines of a shell and prints a session's
    keys, which a stand-in knows then; returns them."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(COUNT)
    keys = {
        **{"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": "pro/cess+secret"},
        **{"SessionToken": "pro+cess/token==", "Expiration": policy.instant(3600)},
    }
    know_keys(standin, keys)
    write(*lines, f"echo '{json.dumps(keys)}'")
    return keys
