"""Commands for admins, and what they say to programs.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import subprocess


def run(*words, **more):
    """Runs a command of xacct; returns how it came out."""
    return subprocess.run(
        ["/usr/bin/xacct", *words],
        capture_output=True, text=True, timeout=60, check=False, **more,
    )  # fmt: skip


def told(*words, text=None):
    """What a command says with --json, parsed, and its notes; `text` is its standard input. It may
    find nothing (status 1), and must not fail."""
    done = run(*words, "--json", input=text)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout), done.stderr
