"""A Debian in a folder that packages are tried in: a view of the one in BUILD/packages/base in which
whatever is changed is one test's own, and logins to it.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import os
import pathlib
import re
import shutil
import subprocess

from rig import service
from rig.processes import Process, listens, run
from rig.sshd import Sshd

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
BASE = (BUILD / "packages/base").absolute()
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
}
NAMES = ("libpam-xacct", "libnss-xacct", "xacct")


def built():
    """The packages of `make deb`, by name."""
    found = {path.name.split("_")[0]: path for path in (BUILD / "deb").glob("*.deb")}
    return {name: found[name] for name in NAMES}


def following(packages, folder):
    """The same packages as the version after: what they do is what is in them, and the policy that they bring has
    one comment more."""
    after = {}
    for name, path in packages.items():
        tree = pathlib.Path(folder) / name
        subprocess.run(["dpkg-deb", "-R", path, tree], check=True, timeout=60)
        control = tree / "DEBIAN/control"
        text = re.sub(r"^Version: .*$", r"\g<0>+next", control.read_text(encoding="utf-8"), flags=re.MULTILINE)
        control.write_text(text, encoding="utf-8")
        if name == "xacct":
            with open(tree / "usr/share/xacct/xacct.conf", "a", encoding="utf-8") as template:
                template.write("; a comment of the version after\n")
        after[name] = pathlib.Path(folder) / f"{name}_next.deb"
        subprocess.run(["dpkg-deb", "-Znone", "-b", tree, after[name]], check=True, timeout=60, stdout=subprocess.DEVNULL)
        shutil.rmtree(tree)
    return after


class Root:
    """The Debian, from `with` until its end. `below` are what other ones have changed, the nearest first."""

    def __init__(self, folder, below=()):
        self.folder = f"{folder}/root"
        self.changes = f"{folder}/changes"
        self.work = f"{folder}/work"
        self.below = [*below, str(BASE)]

    def __enter__(self):
        for folder in (self.folder, self.changes, self.work):
            os.makedirs(folder)
        run("mount", "-t", "overlay", "-o",
            f"lowerdir={':'.join(self.below)},upperdir={self.changes},workdir={self.work}", "overlay", self.folder)
        run("mount", "-t", "proc", "proc", self.path("/proc"))
        run("mount", "--rbind", "/dev", self.path("/dev"))
        return self

    def __exit__(self, *_):
        run("umount", "--recursive", "--lazy", self.folder)

    def path(self, inside):
        """Where a file of it is for us."""
        return pathlib.Path(self.folder + inside)

    def run(self, *words, status=0, typed=""):
        """Runs a command in it, which has to end with this status; returns what it says."""
        done = subprocess.run(["chroot", self.folder, *words], input=typed, capture_output=True, text=True, timeout=120,
                              env=ENVIRONMENT, check=False)
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def shell(self, text, status=0):
        return self.run("sh", "-e", "-c", text, status=status)

    def install(self, *packages):
        """Installs or upgrades packages of which there are the files; returns what is said. Nobody is there to answer."""
        for package in packages:
            shutil.copy(package, self.path("/tmp"))
        return self.run("dpkg", "--install", *(f"/tmp/{package.name}" for package in packages))

    def state(self, package):
        """What a package is, such as "installed"."""
        return self.run("dpkg-query", "-W", "-f", "${db:Status-Status}", package)

    def audit(self):
        """The lines of the audit file, parsed."""
        path = self.path("/var/log/xacct/audit.jsonl")
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


class Server(Sshd):
    """Its sshd, as its packages configured it, but for the port."""

    def __init__(self, root):
        super().__init__(folder=f"{os.path.dirname(root.folder)}/ssh")
        self.root = root

    def __enter__(self):
        os.mkdir(self.folder)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True, timeout=60)
        host_key = self.root.path("/etc/ssh/ssh_host_ed25519_key.pub").read_text(encoding="ascii")
        known = pathlib.Path(f"{self.folder}/known_hosts")
        known.write_text(f"[127.0.0.1]:{self.port} {host_key}", encoding="ascii")
        os.makedirs(self.root.path("/run/sshd"), exist_ok=True)
        self.process = Process(["chroot", self.root.folder, "/usr/sbin/sshd", "-D", "-e", "-p", str(self.port),
                                "-o", "ListenAddress=127.0.0.1"], f"{self.folder}/log", env=ENVIRONMENT)
        self.process.wait_until(lambda: listens(self.port), 10, "sshd's port")
        return self

    def admit(self, user):
        """Makes an ordinary user who may log in with the key of all."""
        key = pathlib.Path(f"{self.key}.pub").read_text(encoding="ascii")
        self.root.shell(f"useradd -m -s /bin/bash {user}; install -d -m 0700 -o {user} -g {user} /home/{user}/.ssh\n"
                        f"echo '{key.strip()}' >/home/{user}/.ssh/authorized_keys")


class Helper(service.Service):
    """The service, from `with` until its end, as the manual has it started where there is no systemd. restart() is
    what the package has systemd do after an upgrade."""

    def __init__(self, root):
        super().__init__(path=str(root.path(service.SOCKET)))
        self.root = root

    def run(self):
        return Process(
            ["chroot", self.root.folder, "setpriv", "--reuid", "xacct", "--regid", "xacct", "--clear-groups",
             service.INSTALLED, "--listen", service.SOCKET], f"{self.root.folder}.helper", env=ENVIRONMENT)
