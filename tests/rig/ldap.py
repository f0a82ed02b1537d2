"""A directory: OpenLDAP's slapd on loopback, which a test changes, stops and kills.

SPDX-License-Identifier: BSD-2-Clause
"""

import dataclasses
import os
import shutil
import signal
import subprocess

from .processes import Process, free_port, listens

SUFFIX = "dc=example"
ADMIN = f"cn=admin,{SUFFIX}"
ADMIN_PASSWORD = "of-the-directorys-admin"

CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
loglevel none
sizelimit unlimited
database mdb
suffix "{suffix}"
rootdn "{admin}"
rootpw {password}
directory {folder}/database
maxsize 67108864
dbnosync
index objectClass,uid,cn,uidNumber,gidNumber,memberUid eq
"""


@dataclasses.dataclass
class Unit:
    """A part of the directory: `users` maps a name to a uid, which is also the number of the
    primary group; `groups` maps a name to (gid, list of members)."""

    users: dict
    groups: dict


def password_of(name):
    """What the user of this name logs in with."""
    return f"pass word of {name}"


class Ldap:
    """The server, from `with` until its end. `units` maps a name to a Unit, whose base is
    base_of(name)."""

    def __init__(self, units, folder="/mnt/ldap"):
        self.units = units
        self.folder = folder
        self.port = free_port()
        self.process = None

    @property
    def url(self):
        return f"ldap://127.0.0.1:{self.port}"

    @staticmethod
    def base_of(unit):
        return f"ou={unit},{SUFFIX}"

    def __enter__(self):
        os.makedirs(f"{self.folder}/database", 0o700)
        with open(f"{self.folder}/slapd.conf", "w", encoding="ascii") as out:
            out.write(
                CONFIG.format(
                    folder=self.folder, suffix=SUFFIX, admin=ADMIN, password=ADMIN_PASSWORD
                )
            )
        subprocess.run(
            ["/usr/sbin/slapadd", "-q", "-f", f"{self.folder}/slapd.conf"],
            input="\n".join(self._entries()),
            text=True,
            check=True,
        )
        self.start()
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.thaw()
            self.process.stop()
        shutil.rmtree(self.folder)

    def start(self):
        """Starts it, on the port that it had before, and waits until it listens."""
        self.process = Process(
            # Any -d keeps it in the foreground; 0 leaves it silent.
            ["/usr/sbin/slapd", "-d", "0", "-h", self.url, "-f", f"{self.folder}/slapd.conf"],
            f"{self.folder}/log",
        )
        self.process.wait_until(lambda: listens(self.port), 10, "slapd's port")

    def kill(self):
        """It is gone from one moment to the next, and its port refuses connections."""
        self.process.child.kill()
        self.process.child.wait()

    def freeze(self):
        """It takes connections and answers nothing."""
        self.process.child.send_signal(signal.SIGSTOP)

    def thaw(self):
        if self.process.child.poll() is None:
            self.process.child.send_signal(signal.SIGCONT)

    def mend(self):
        """It serves, whatever was done to it."""
        if self.process.child.poll() is None:
            self.thaw()
        else:
            self.start()

    def add_member(self, unit, group, user):
        self._modify(_dn_of_group(unit, group), f"add: memberUid\nmemberUid: {user}")

    def remove_member(self, unit, group, user):
        self._modify(_dn_of_group(unit, group), f"delete: memberUid\nmemberUid: {user}")

    def add_group(self, unit, group, gid, members):
        self._run("ldapadd", _group(unit, group, gid, members))

    def remove_group(self, unit, group):
        self._run("ldapdelete", "", _dn_of_group(unit, group))

    def _modify(self, dn, change):
        self._run("ldapmodify", f"dn: {dn}\nchangetype: modify\n{change}\n")

    def _run(self, program, text, *arguments):
        subprocess.run(
            [f"/usr/bin/{program}", "-x", "-H", self.url, "-D", ADMIN, "-w", ADMIN_PASSWORD]
            + list(arguments),
            input=text,
            text=True,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=10,
        )

    def _entries(self):
        yield f"dn: {SUFFIX}\nobjectClass: domain\n{SUFFIX.replace('=', ': ')}\n"
        for name, unit in self.units.items():
            yield _folder(self.base_of(name), name)
            for part in ("people", "groups"):
                yield _folder(f"ou={part},{self.base_of(name)}", part)
            for user, uid in unit.users.items():
                yield _user(name, user, uid)
            for group, (gid, members) in unit.groups.items():
                yield _group(name, group, gid, members)


def _folder(dn, name):
    return f"dn: {dn}\nobjectClass: organizationalUnit\nou: {name}\n"


def _dn_of_group(unit, group):
    return f"cn={group},ou=groups,{Ldap.base_of(unit)}"


def _user(unit, name, uid):
    return f"""\
dn: uid={name},ou=people,{Ldap.base_of(unit)}
objectClass: account
objectClass: posixAccount
uid: {name}
cn: {name}
uidNumber: {uid}
gidNumber: {uid}
homeDirectory: /mnt/home/{uid}
loginShell: /bin/bash
userPassword: {password_of(name)}
"""


def _group(unit, name, gid, members):
    lines = [
        *[f"dn: {_dn_of_group(unit, name)}", "objectClass: posixGroup", f"cn: {name}"],
        *[f"gidNumber: {gid}", *(f"memberUid: {member}" for member in members)],
    ]
    return "\n".join(lines) + "\n"
