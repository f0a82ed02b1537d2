"""Fetching base credentials as the helper's user, in its sandbox.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import shutil
import subprocess

from rig import policy
from .programs import BUILD

PROGRAM = "/mnt/libexec/fetch_outside"  # where the helper's user may execute it


def write_policy(base):
    """A policy with this [base]."""
    policy.write(f"[xacct]\nregion = eu-west-1\naudit = {policy.AUDIT}\n\n[base]\n{base}")


def fetch(timeout_ms=20000):
    """What comes of fetching: a dict."""
    shutil.copy(f"{BUILD}/tests/unit/fetch_outside", PROGRAM)
    done = subprocess.run(
        [*policy.as_helper(), PROGRAM, policy.FILE, str(timeout_ms)],
        env={"AWS_ACCESS_KEY_ID": "AKIAOFTHECALLER"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
        text=True,
        cwd=os.sep,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines())
