"""What Unix groups of the policy cost the host's programs.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import subprocess

import setting
from measuring import Meter, take_turns
from report import Goal, Question
from rig import accounts

FILES = "`id USER`, groups from the local files"
NOTHING = "an empty NSS source beside them, which is loaded and says that it knows none"
XACCT = "xacct beside them, which finds one group and says what it is called"
LEAST = "the least: a source beside them which asks once"
SOURCES = {
    FILES: ["files"],
    NOTHING: ["files", "nothing"],
    XACCT: ["files", "xacct"],
    LEAST: ["files", "least"],
}

RULES = """
[account client-a]
id          = 111122223333
external_id = 7Zr-42
unix_group  = xacct-client-a
gid         = 70001

[role client-a-audit]
account = client-a
name    = bastion/Auditor

[grant one]
users = {user}
roles = client-a-audit
"""
WHY = (
    "the empty source's share is libc's, which loads a library in each process. The rest is a "
    "connection with one round trip, which is the limit; the decision; and the files of the policy "
    "and of NSS, compared with what was read."
)
# Each has a file of its own: a service whose nsswitch.conf changes starts look-up processes anew.
ENTER = 'mount --bind "$1" /etc/nsswitch.conf && exec "$2"'


def _processes(sources):
    """What starts processes for which groups come from these sources."""
    path = f"{setting.ROOT}/nsswitch-{'-'.join(sources)}"
    accounts.write(path, accounts.groups_from(sources))
    arguments = [path, f"{setting.PROGRAMS}/processes"]
    return Meter(["/usr/bin/unshare", "--mount", "/bin/sh", "-c", ENTER, "sh", *arguments])


def _have_libraries_found():
    """As on a host where they were installed: libc finds each at once and in no other folder before.
    What ldconfig keeps for itself stays in here."""
    cache = "/var/cache/ldconfig"
    if os.path.isdir(cache):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", cache], check=True)
    subprocess.run(["/usr/sbin/ldconfig", "-X"], check=True)


def groups(_host, rounds):
    """`id`, which asks for a user's groups, and then what each is called."""
    _have_libraries_found()
    user = setting.USERS[0]
    config = setting.write_policy("http://127.0.0.1:9", "groups", RULES.format(user=user))
    with setting.service(config), setting.least_service(), contextlib.ExitStack() as running:
        samples = take_turns(
            {what: running.enter_context(_processes(sources)).of("/usr/bin/id", user, separator="\t")
             for what, sources in SOURCES.items()},
            rounds(300),
            shuffled=True,
        )
    gains = {what: samples[what].above(samples[FILES]) for what in (NOTHING, XACCT, LEAST)}
    return Question(
        "What `id` gains by Unix groups of the policy",
        [(FILES, samples[FILES]), *[(f"gained by {what}", gain) for what, gain in gains.items()]],
        [Goal("gained by xacct: under 1 ms", gains[XACCT].median, unit="ms", at_most=1, why=WHY,
              limit=gains[LEAST].median)],
        remark="`id` of one user, as root. It asks for the user's groups, and then what each is called.",
    )


QUESTIONS = (groups,)
