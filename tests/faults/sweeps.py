"""One call after the other fails, and each time all is as it has to be.

SPDX-License-Identifier: BSD-2-Clause
"""

import subprocess

import pytest

from .plan import FOLDER, HELPER

PROGRAMS = {
    "xacct-helper": "/mnt/libexec/xacct-helper",
    "pam_xacct.so": "/mnt/security/pam_xacct.so",
    "faults.so": f"{FOLDER}/faults.so",
}
FAULTS_TOLD = 12  # of those that a sweep has found


def thorough(few):
    """Runs a test with some calls, each of the number `few` further on, and with all in
    `make check-long`."""
    each = pytest.param(1, id="each", marks=pytest.mark.long)
    return pytest.mark.parametrize("step", [pytest.param(few, id="some"), each])


def sweep(plan, once, kinds, whose, place=HELPER, first=1, step=1, **how):
    """Has the call number `first` fail, then the one `step` further on, until there is none left:
    `once` does each time what is to be tried, and raises AssertionError where it goes wrong. Returns
    how many have failed."""
    found = []
    number, tried = first, 0
    while True:
        plan.arm(number, kinds, whose, place, **how)
        wrong = None
        try:
            once()
        except AssertionError as error:
            wrong = str(error)
        finally:
            plan.disarm()
        if wrong:
            found.append(f"call {number}, {explain(plan.trace)}: {wrong}")
        if plan.struck == 0 or len(found) == FAULTS_TOLD:
            break
        tried += 1
        number += step
    assert not found, "\n\n".join(found)
    assert tried, "there was nothing to fail"
    return tried


def explain(trace):
    """A trace with the lines of the source that it names."""
    name, *frames = trace.split("\t") if trace else ["no call"]
    return "\n    ".join([name, *map(line_of, frames)])


def line_of(frame):
    """The function and line of one frame of a trace."""
    program, _, offset = frame.partition("+")
    if program not in PROGRAMS:
        return frame
    # The address is where the call returns to.
    place = hex(int(offset, 16) - 1)
    command = ["addr2line", "-f", "-s", "-e", PROGRAMS[program], place]
    return " ".join(subprocess.check_output(command, text=True).split())


def is_glibcs_own_crash(trace):
    """Whether it was in glibc's NSS without memory that a look-up process has died, which is there
    to die in the helper's place: in glibc 2.36 nss_database_check_reload_and_get takes a state
    that was not allocated, and nss_module.c asserts that there was memory."""
    _, *frames = trace.split("\t")
    libc = [frame.startswith("libc.so") for frame in frames]
    inside = frames[libc.index(True) :]
    ours = [line_of(frame) for frame in inside if not frame.startswith("libc.so")]
    return bool(ours) and "lookup_process.c" in ours[0]
