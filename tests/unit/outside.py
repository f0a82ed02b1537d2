"""Fetching base credentials as the helper's user, in its sandbox.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import shutil
import subprocess

from rig import policy
from .programs import BUILD

PROGRAM = "/mnt/libexec/fetch_outside"  # where the helper's user may execute it


def write_policy(base, extra=""):
    """A policy with this [base]."""
    policy.write(f"[xacct]\nregion = eu-west-1\naudit = {policy.AUDIT}\n{extra}\n[base]\n{base}")


def fetch(timeout_ms=20000, times=1):
    """What comes of fetching: a dict."""
    own = policy.xacct()
    shutil.copy(f"{BUILD}/tests/unit/fetch_outside", PROGRAM)
    done = subprocess.run(
        [
            *["setpriv", f"--reuid={own.pw_uid}", f"--regid={own.pw_gid}", "--clear-groups"],
            *[PROGRAM, policy.FILE, str(timeout_ms), str(times)],
        ],
        env={"AWS_ACCESS_KEY_ID": "AKIAOFTHECALLER"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
        text=True,
        cwd=os.sep,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines())
