"""Real proxies on loopback: tinyproxy and squid.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import shutil
import signal
import subprocess

from .processes import Process, free_port, listens, wait_until

TINYPROXY = """\
User nobody
Group nogroup
Port {port}
Listen 127.0.0.1
Allow 127.0.0.1
Timeout 60
MaxClients 50
LogFile "{folder}/access.log"
LogLevel Connect
PidFile "{folder}/tinyproxy.pid"
ConnectPort {permitted}
{authentication}
"""

SQUID = """\
http_port 127.0.0.1:{port}
pid_filename {folder}/squid.pid
cache_log {folder}/cache.log
access_log stdio:{folder}/access.log
coredump_dir {folder}
cache_effective_user proxy
visible_hostname bastion-test
shutdown_lifetime 0 seconds
pinger_enable off
max_filedescriptors 1024
cache deny all
{authentication}
acl permitted port {permitted}
http_access deny CONNECT !permitted
http_access allow localhost {user}
http_access deny all
"""


class Proxy:
    """A proxy that opens the way to `port` alone, from `with` until its end. With a `user`, a
    (name, password) pair, it is for that one only."""

    def __init__(self, port, user=None, folder="/mnt/proxy"):
        self.permitted = port
        self.user = user
        self.folder = folder
        self.port = free_port()
        self.process = None

    def url(self, user=None):
        """Where it is, for this (name, password) pair."""
        return f"http://{':'.join(user) + '@' if user else ''}127.0.0.1:{self.port}"

    def __enter__(self):
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o777)
        self.process = Process(self.command(), f"{self.folder}/output")
        self.process.wait_until(lambda: listens(self.port), 20, f"{self.process.name}'s port")
        return self

    def __exit__(self, *_):
        if self.process.child.poll() is None:
            self.go_on()
        self.process.stop()
        shutil.rmtree(self.folder)

    def log(self):
        """What it says of the requests that it had."""
        if not os.path.exists(f"{self.folder}/access.log"):
            return ""
        with open(f"{self.folder}/access.log", encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_for(self, text):
        """Waits until its log holds the text."""
        wait_until(lambda: text in self.log(), 10, f"{text!r} in the log of the proxy")

    def die(self):
        """It is gone from one moment to the next."""
        self.process.child.kill()
        self.process.child.wait()

    def freeze(self):
        """It takes connections, as the kernel does that, and does nothing with them."""
        self.process.child.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.child.send_signal(signal.SIGCONT)

    def _configure(self, text, **more):
        path = f"{self.folder}/proxy.conf"
        with open(path, "w", encoding="ascii") as out:
            out.write(
                text.format(port=self.port, folder=self.folder, permitted=self.permitted, **more)
            )
        return path


class Tinyproxy(Proxy):
    def command(self):
        authentication = f"BasicAuth {' '.join(self.user)}" if self.user else ""
        path = self._configure(TINYPROXY, authentication=authentication)
        return ["/usr/bin/tinyproxy", "-d", "-c", path]


class Squid(Proxy):
    def command(self):
        authentication = user = ""
        if self.user:
            passwords = f"{self.folder}/passwords"
            name, password = self.user
            hashed = subprocess.run(
                ["openssl", "passwd", "-apr1", "-stdin"],
                input=password,
                check=True,
                capture_output=True,
                text=True,
                timeout=10,
            ).stdout
            with open(passwords, "w", encoding="ascii") as out:
                out.write(f"{name}:{hashed}")
            authentication = (
                f"auth_param basic program /usr/lib/squid/basic_ncsa_auth {passwords}\n"
                "acl known proxy_auth REQUIRED"
            )
            user = "known"
        path = self._configure(SQUID, authentication=authentication, user=user)
        return ["/usr/sbin/squid", "-N", "-f", path]
