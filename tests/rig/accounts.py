"""Local users and groups, and a directory whose answers a test chooses.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import re
import shutil

from . import policy
from .processes import run

DATABASES = "/etc/passwd", "/etc/shadow", "/etc/group"
HOMES = "/mnt/home"
DIRECTORY = "/run/nss-standin"
NSSWITCH = "/etc/nsswitch.conf"


def add_user(name, uid):
    """Adds a local user with a group of the same name and number, and a home folder."""
    home = f"{HOMES}/{uid}"
    _append("/etc/passwd", f"{name}:x:{uid}:{uid}::{home}:/bin/bash")
    _append("/etc/shadow", f"{name}:*:19000:0:99999:7:::")
    _append("/etc/group", f"{name}:x:{uid}:")
    os.mkdir(home, 0o700)
    os.chown(home, uid, uid)


@contextlib.contextmanager
def kept():
    """Users and groups are afterwards what they were before, and nobody has a home."""
    before = {}
    for path in DATABASES:
        with open(path, encoding="utf-8") as text:
            before[path] = text.read()
    try:
        yield
    finally:
        for path, text in before.items():
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
        for home in os.listdir(HOMES):
            shutil.rmtree(f"{HOMES}/{home}")


def change_uid(name, uid):
    """Gives a local user another number, as when the account was removed and another made."""
    with open("/etc/passwd", encoding="utf-8") as text:
        lines = [line.split(":") for line in text]
    with open("/etc/passwd", "w", encoding="utf-8") as out:
        for line in lines:
            if line[0] == name:
                line[2] = str(uid)
            out.write(":".join(line))


def write(path, text, mode=0o644):
    """Writes a file with this mode."""
    with open(path, "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), mode)
        out.write(text)


@contextlib.contextmanager
def replaced(path, text=None, mode=0o644):
    """A file has another text for a while; with None it may be written, and is put back."""
    before = None
    if os.path.exists(path):
        with open(path, encoding="utf-8") as old:
            before = old.read(), os.stat(path).st_mode & 0o7777
    if text is not None:
        write(path, text, mode)
    try:
        yield
    finally:
        if before is None:
            os.unlink(path)
        else:
            write(path, *before)


@contextlib.contextmanager
def covered(path, by="/dev/null"):
    """Another file lies over this one for a while."""
    run("mount", "--bind", by, path)
    try:
        yield
    finally:
        run("umount", path)


@contextlib.contextmanager
def emptied(path, options="mode=0755"):
    """A file system of its own lies over this folder for a while, with these options of tmpfs."""
    run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)
    try:
        yield
    finally:
        run("umount", path)


def appended(path, line):
    """As replaced: the file, which must be there, has one more line."""
    with open(path, encoding="utf-8") as text:
        return replaced(path, f"{text.read()}{line}\n")


def groups_from(sources):
    """The text of nsswitch.conf with these sources for groups, and all else as it is there."""
    with open(NSSWITCH, encoding="ascii") as text:
        line = f"group: {' '.join(sources)}"
        changed, count = re.subn(r"^group:.*$", line, text.read(), flags=re.MULTILINE)
    assert count == 1
    return changed


def asked_after_files(source):
    """As replaced: the NSS source is asked for users and groups whom the local files do not have."""
    with open(NSSWITCH, encoding="ascii") as text:
        lines = text.read().splitlines()
    return replaced(NSSWITCH, "".join(
        f"{line} {source}\n" if line.split(":")[0] in ("passwd", "group") else f"{line}\n"
        for line in lines
    ))


def _append(path, line):
    with open(path, "a", encoding="utf-8") as out:
        out.write(line + "\n")


class Directory:
    """The NSS source `standin`, asked after the local files, from `with` until its end. `groups`
    are (name, gid, members) triples, `users` (name, uid, alias) with an alias or ""."""

    def __init__(self, groups, users=()):
        self.groups = groups
        self.users = users
        self.asked = contextlib.ExitStack()

    def __enter__(self):
        os.mkdir(DIRECTORY)
        _append(f"{DIRECTORY}/passwd", "nobody-else:x:59999:59999::/:/usr/sbin/nologin")
        for name, uid, alias in self.users:
            home = f"{HOMES}/{uid}"
            comment = f"alias {alias}" if alias else ""
            _append(f"{DIRECTORY}/passwd", f"{name}:*:{uid}:{uid}:{comment}:{home}:/bin/bash")
            if not os.path.exists(home):
                os.mkdir(home, 0o700)
                os.chown(home, uid, uid)
        for name, gid, members in self.groups:
            _append(f"{DIRECTORY}/group", f"{name}:x:{gid}:{','.join(members)}")
        self.answer()
        self.asked.enter_context(asked_after_files("standin"))
        return self

    def __exit__(self, *_):
        self.asked.close()
        shutil.rmtree(DIRECTORY)

    def answer(self):
        self._set("answer")

    def be_unavailable(self):
        """The helper is told UNAVAIL, as by a directory's client that cannot reach its server."""
        self._set("unavailable")

    def know_nobody(self):
        """The helper is told that there is no such user and no such group."""
        self._set("absent")

    def be_curious(self):
        """Unavailable where the process that asks can read the helper's secrets, make a process or
        execute a program, else an answer."""
        self._set("curious")

    def lose_errno(self):
        """Answers the helper, but a user's groups leave ESRCH behind, as nss_systemd does."""
        self._set("lost")

    def hang(self):
        """The helper's look-ups never return."""
        self._set("hang")

    def hang_for_its_own(self):
        """The helper's look-ups of users whom the directory knows never return."""
        self._set("hang-own")

    @staticmethod
    def _set(mode):
        with open(f"{DIRECTORY}/mode", "w", encoding="ascii") as out:
            out.write(f"{mode} {policy.xacct().pw_uid}\n")
