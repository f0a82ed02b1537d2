"""Programs other than sshd that call PAM, with the module in their stacks: sudo, su, login, cron
and pamtester.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import subprocess
import time

from .accounts import appended, emptied, replaced, write
from .processes import Process
from .sshd import HELPER, MODULE, Login

# What these programs keep or read, which is this run's own and empty.
FOLDERS = "/var/spool/cron", "/etc/cron.d", "/var/lib/sudo"

# Debian's stacks with their common files written out, and our two lines where they belong. Whoever
# is in the group `switchers` may su without a password.
SUDO = """\
session    required   pam_limits.so
auth       required   pam_deny.so
account    {module}
account    required   pam_unix.so
session    required   pam_unix.so
session    {module}
"""
SU = """\
auth       sufficient pam_rootok.so
auth       sufficient pam_wheel.so trust use_uid group=switchers
auth       required   pam_deny.so
account    {module}
account    required   pam_unix.so
session    required   pam_unix.so
session    {module}
session    required   pam_env.so readenv=1
session    optional   pam_mail.so nopen
session    required   pam_limits.so
"""
SU_LOGIN = """\
auth       include    su
account    include    su
session    optional   pam_keyinit.so force revoke
session    include    su
"""
LOGIN = """\
auth       required   pam_unix.so
account    {module}
account    required   pam_unix.so
session    required   pam_loginuid.so
session    required   pam_unix.so
session    {module}
session    required   pam_env.so readenv=1
session    required   pam_limits.so
"""
CRON = """\
auth       required   pam_permit.so
account    {module}
account    required   pam_unix.so
session    required   pam_loginuid.so
session    required   pam_unix.so
session    {module}
session    required   pam_env.so
session    required   pam_limits.so
"""
STACKS = {"sudo": SUDO, "sudo-i": SUDO, "su": SU, "su-l": SU_LOGIN, "login": LOGIN, "cron": CRON}
SUDOERS = """\
Defaults env_reset, !lecture
root ALL=(ALL:ALL) NOPASSWD: ALL
%switchers ALL=(ALL:ALL) NOPASSWD: ALL
"""


class Callers:
    """The programs are ready for use, from `with` until its end. Who is among `switchers` may
    become anybody by su and sudo."""

    def __init__(self, switchers):
        self.switchers = switchers
        self.parts = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as parts:
            for folder in FOLDERS:
                parts.enter_context(emptied(folder))
            for service in STACKS:
                parts.enter_context(replaced(f"/etc/pam.d/{service}"))
            self.set_stacks()
            parts.enter_context(replaced("/etc/sudoers", SUDOERS, 0o440))
            parts.enter_context(replaced("/etc/crontab", ""))
            switchers = f"switchers:x:1990:{','.join(self.switchers)}"
            parts.enter_context(appended("/etc/group", switchers))
            self.parts = parts.pop_all()
        return self

    def __exit__(self, *_):
        self.parts.close()

    @staticmethod
    def set_stacks(flag="required", options="timeout=5s"):
        """Writes the stacks: the control flag of our lines, and the module's options."""
        module = f"{flag:10} {MODULE} helper={HELPER} {options}"
        for service, text in STACKS.items():
            with open(f"/etc/pam.d/{service}", "w", encoding="ascii") as out:
                out.write(text.format(module=module))

    @staticmethod
    def login(user, *commands):
        """Logs in on a terminal, as getty has it do, whoever root says that it is; returns what the
        commands print there, one after the other."""
        return _run(
            ["script", "-qec", f"/bin/login -f {user}", "/dev/null"],
            "".join(f"{command}\n" for command in (*commands, "exit")),
        )

    @staticmethod
    def cron(user, seconds=10):
        """Has cron run a job of the user once; returns the environment of that."""
        out = f"/tmp/cron-{user}"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(out)
        # What is due at every start is done at once, and not with the next minute.
        with contextlib.suppress(FileNotFoundError):
            os.unlink("/run/crond.reboot")
        job = f"@reboot {user} env >{out}.new; mv {out}.new {out}\n"
        write("/etc/cron.d/xacct-test", job)
        with Process(["/usr/sbin/cron", "-f", "-L", "15"], "/mnt/cron.log") as cron:
            cron.wait_until(lambda: os.path.exists(out), seconds, "cron's job")
            cron.wait_until(lambda: not cron.has_children(), seconds, "the end of cron's job")
        os.unlink("/etc/cron.d/xacct-test")
        with open(out, encoding="utf-8") as text:
            return Login(0, text.read(), "", 0).environment


def with_loginuid(uid, command, user=None, env=None):
    """Runs a shell's command with this login uid, or None as of no login, as root or as `user`, in
    our environment or in `env`; returns how it came out. So it is in a login's shell, without the
    login."""
    number = 4294967295 if uid is None else uid
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
    return _run(
        [
            *["sh", "-c", 'echo "$0" >/proc/self/loginuid && exec "$@"', str(number)],
            *[*become, "sh", "-c", command],
        ],
        env=env,
    )


def set_bare_stack(service, options="timeout=5s"):
    """Writes a stack of the module alone, in which nobody else asks a directory."""
    module = f"required {MODULE} helper={HELPER} {options}"
    write(
        f"/etc/pam.d/{service}",
        f"auth required pam_permit.so\naccount {module}\nsession {module}\n",
    )


def pamtester(service, user, *operations, items=()):
    """Goes through operations of PAM (authenticate, acct_mgmt, open_session, close_session) for a
    user; `items` are NAME=VALUE. Returns how it came out."""
    return _run(
        [
            *["pamtester", *(word for item in items for word in ("-I", item))],
            *[service, user, *operations],
        ]
    )


def _run(arguments, typed="", seconds=60, env=None):
    start = time.monotonic()
    done = subprocess.run(
        arguments,
        input=typed,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=seconds,
        cwd="/",
        env=env,
    )
    return Login(done.returncode, done.stdout, done.stderr, time.monotonic() - start)
