"""xacct-helper as a service, started by hand as its own user.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import shutil
import signal
import socket

from . import policy
from .processes import Process

HELPER = "/mnt/libexec/xacct-helper"
INSTALLED = "/usr/libexec/xacct-helper"
FOLDER = "/run/xacct"
SOCKET = f"{FOLDER}/socket"


@contextlib.contextmanager
def installed():
    """For a while the helper is also where a command starts one, should no service answer."""
    shutil.copy2(HELPER, INSTALLED)
    try:
        yield
    finally:
        os.unlink(INSTALLED)


class Service:
    """
    The service, from `with` until its end. `within` are the words of a command that becomes it, and
    `environment` is all that it has of one.
    """

    def __init__(self, config=policy.FILE, path=SOCKET, within=(), environment=None):
        self.config = config
        self.within = within
        self.path = path
        self.environment = environment or {}
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    @property
    def pid(self):
        return self.process.child.pid

    def start(self):
        """Starts it and waits until it serves."""
        self.process = self.run()
        self.process.wait_until(self.answers, 10, "the service's socket")

    def run(self):
        """Starts it; returns the process."""
        own = policy.xacct()
        os.makedirs(FOLDER, exist_ok=True)
        os.chown(FOLDER, own.pw_uid, own.pw_gid)
        return Process(
            [*policy.as_helper(), *self.within, HELPER, "--listen", self.path, "--config", self.config],
            "/mnt/service.log",
            env=self.environment,
        )

    def answers(self):
        """Whether somebody greets on the socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(self.path)
                return bool(probe.recv(1))
            except OSError:
                return False

    def stop(self):
        """Ends it by SIGTERM."""
        if self.process is not None:
            self.thaw()
            self.process.stop(25)

    def terminate(self):
        """Asks it to end, and does not wait."""
        self.process.child.terminate()

    def wait(self, seconds=25):
        """Waits for its end; returns its exit status."""
        return self.process.child.wait(seconds)

    def kill(self):
        """Ends it by SIGKILL."""
        self.process.child.kill()
        self.process.child.wait()

    def restart(self):
        self.stop()
        self.start()

    def freeze(self):
        self.process.child.send_signal(signal.SIGSTOP)

    def thaw(self):
        if self.process.child.poll() is None:
            self.process.child.send_signal(signal.SIGCONT)
