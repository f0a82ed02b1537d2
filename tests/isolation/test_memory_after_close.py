"""What is left of keys in the memory of a program that logs people in, once they have logged out.

SPDX-License-Identifier: BSD-2-Clause
"""

import subprocess
import sys

import pytest

from rig.callers import set_bare_stack
from rig.processes import memory_of
from service.asking import AUDIT, write_policy


@pytest.fixture
def program(bastion, sts):
    """A program of root's that waits for steps of PAM's; step("open") returns PAM's code."""
    write_policy(sts, f"[grant alice]\nusers = alice\nservices = displays\nroles = {AUDIT}\n")
    set_bare_stack("displays")
    with subprocess.Popen(
        [sys.executable, "-I", "tests/isolation/pam_program.py", "displays", "alice"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:

        def step(name):
            print(name, file=running.stdin, flush=True)
            return int(running.stdout.readline())

        step.pid = running.pid
        yield step
        running.stdin.close()


def copies(pid, secret):
    """How often a secret stands in what a process may write."""
    return sum(part.count(secret.encode()) for part in memory_of(pid) if part)


@pytest.mark.parametrize("way", ["by the helper", "by the service"])
def test_no_key_of_a_session_outlives_it_in_the_program_that_opened_it(
        program, sts, way, request):
    if way == "by the service":
        request.getfixturevalue("service")
    assert (program("start"), program("open")) == (0, 0)
    (issued,) = sts.issued
    secrets = issued.secret, issued.token, issued.token[8:72]
    # PAM keeps it for the session, once; what the module had of it is overwritten already.
    assert [copies(program.pid, secret) for secret in secrets] == [1, 1, 1]
    assert (program("close"), program("end")) == (0, 0)
    assert [copies(program.pid, secret) for secret in secrets] == [0, 0, 0]


def test_no_key_of_many_sessions_is_left_between_them(program, sts):
    for _ in range(5):
        assert [program(step) for step in ("start", "open", "close", "end")] == [0, 0, 0, 0]
    secrets = [secret for issued in sts.issued for secret in (issued.secret, issued.token)]
    assert len(secrets) == 10
    assert [copies(program.pid, secret) for secret in secrets] == [0] * 10
