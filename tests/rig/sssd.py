"""SSSD before a directory, as the host's source of users, groups and passwords.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import shutil
import signal
import subprocess

from . import accounts
from .ldap import Ldap
from .processes import Process, children_of, has_ended, wait_until

FOLDER = "/var/lib/sss"
CONFIG = "/etc/sssd/sssd.conf"

# What it has read it keeps as long as on any host, until forget(). A server that hangs is waited
# for as long as SSSD does by itself (ldap_search_timeout and others have six seconds), longer than
# a login may take; but that it is back is seen at once.
HEADING = """\
[sssd]
services = nss, pam
domains = {domains}

[nss]
memcache_timeout = {memory}
entry_negative_timeout = 1
entry_cache_nowait_percentage = 0
"""

DOMAIN = """
[domain/{name}]
id_provider = ldap
auth_provider = ldap
access_provider = permit
ldap_uri = {url}
ldap_search_base = {base}
ldap_schema = rfc2307
ldap_auth_disable_tls_never_use_in_production = true
# Who is in a group is asked for a user, never for a group: with members in them, groups are slow.
ignore_group_members = true
offline_timeout = 1
offline_timeout_max = 1
offline_timeout_random_offset = 0
"""


class Sssd:
    """The daemon, from `with` until its end; getpwnam and their like ask it after the local files.
    `domains` maps the name of a domain to (unit of the directory, further options); `memory` is
    for how many seconds clients may take answers from a file that they share, or 0."""

    def __init__(self, ldap, domains, memory=0):
        self.ldap = ldap
        self.domains = domains
        self.memory = memory
        self.process = None
        self.parts = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as parts:
            # Its caches are this run's own.
            parts.enter_context(accounts.emptied(FOLDER))
            for name, mode in {
                **{"db": 0o700, "mc": 0o755, "pipes": 0o755, "pipes/private": 0o750},
                **{"pubconf": 0o755, "secrets": 0o700, "gpo_cache": 0o755, "deskprofile": 0o755},
            }.items():
                os.mkdir(f"{FOLDER}/{name}", mode)
            os.makedirs(os.path.dirname(CONFIG), 0o711, exist_ok=True)
            self._make_homes()
            parts.callback(self._stop)
            self.start()
            parts.enter_context(accounts.asked_after_files("sss"))
            self.parts = parts.pop_all()
        return self

    def __exit__(self, *_):
        self.parts.close()

    def _configure(self):
        text = HEADING.format(domains=", ".join(self.domains), memory=self.memory)
        for name, (unit, options) in self.domains.items():
            text += DOMAIN.format(name=name, url=self.ldap.url, base=Ldap.base_of(unit))
            text += "".join(f"{key} = {value}\n" for key, value in options.items())
        with open(CONFIG, "w", encoding="ascii", opener=_private) as out:
            out.write(text)

    def _make_homes(self):
        for unit, _ in self.domains.values():
            for uid in self.ldap.units[unit].users.values():
                home = f"{accounts.HOMES}/{uid}"
                if not os.path.exists(home):
                    os.mkdir(home, 0o700)
                    os.chown(home, uid, uid)

    def start(self):
        """Starts it and waits until it answers for every domain."""
        self._configure()
        os.makedirs("/var/log/sssd", exist_ok=True)
        self.process = Process(["/usr/sbin/sssd", "-i", "-c", CONFIG], "/var/log/sssd/monitor")
        for unit, _ in self.domains.values():
            uid = next(iter(self.ldap.units[unit].users.values()))
            self.process.wait_until(lambda: knows_uid(uid), 20, f"uid {uid} from SSSD")

    def _stop(self):
        if self.process is not None:
            self.thaw()
            self.process.stop(10)
            shutil.rmtree("/var/log/sssd", ignore_errors=True)

    def kill(self):
        """It is gone, with all its processes, and their sockets refuse connections."""
        pids = [self.process.child.pid, *self.children()]
        for pid in pids:
            _signal(pid, signal.SIGKILL)
        self.process.child.wait()
        wait_until(lambda: all(map(has_ended, pids)), 5, "the end of SSSD")

    def restart(self, memory):
        """Starts it anew, with another `memory`, and what clients share is empty."""
        self._stop()
        shutil.rmtree(f"{FOLDER}/mc")
        os.mkdir(f"{FOLDER}/mc", 0o755)
        self.memory = memory
        self.start()

    def children(self):
        """The pids of its responders and providers."""
        return children_of(self.process.child.pid)

    def freeze(self):
        """Whoever asks it waits."""
        for pid in self.children():
            _signal(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in self.children():
            _signal(pid, signal.SIGCONT)

    def mend(self):
        """It serves, whatever was done to it."""
        if self.process.child.poll() is None:
            self.thaw()
        else:
            self.start()

    def forget(self):
        """What it has read from the directory is to be asked for again, as after its time."""
        subprocess.run(["/usr/sbin/sss_cache", "-E"], check=True, timeout=10)

    def wait_for_groups(self, user, condition, what):
        """Waits until the names of the user's groups, as the host knows them, are as wanted."""
        wait_until(lambda: condition(groups_of(user)), 20, f"{what} as the group of {user}")


def knows_uid(uid):
    """Whether the host knows a user of this number, by SSSD's word."""
    return subprocess.run(
        ["getent", "-s", "sss", "passwd", str(uid)], stdout=subprocess.DEVNULL, check=False
    ).returncode == 0


def read_user(user):
    """Has the host look up a user, and nothing else of them."""
    subprocess.run(["getent", "passwd", user], stdout=subprocess.DEVNULL, check=True)


def groups_of(user):
    """The names of the user's groups, as the host knows them; empty where it does not."""
    numbers = subprocess.run(
        ["id", "-G", "--", user], capture_output=True, text=True, check=False
    ).stdout.split()
    listed = subprocess.run(
        ["getent", "group", *numbers], capture_output=True, text=True, check=False
    ).stdout
    return {line.split(":")[0] for line in listed.splitlines()} if numbers else set()


def _private(path, flags):
    return os.open(path, flags, 0o600)


def _signal(pid, number):
    """A signal for one of its processes, which come and go."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
