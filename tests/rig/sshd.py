"""A real sshd on loopback whose PAM stack holds the module, and real ssh logins to it.

SPDX-License-Identifier: BSD-2-Clause
"""

import dataclasses
import os
import select
import shutil
import subprocess
import time

from .processes import Process, free_port, listens, wait_until

MODULE = "/mnt/security/pam_xacct.so"
HELPER = "/mnt/libexec/xacct-helper"
SERVICE = "/etc/pam.d/sshd"

# The first word on a keyword counts, so what a test says comes before this.
CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile {folder}/sshd.pid
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
StrictModes no
PrintMotd no
PrintLastLog no
UseDNS no
LogLevel {log_level}
"""

# Debian's stock stack with its common files written out, and our two lines where they belong.
STACK = """\
{auth}

account    required   pam_nologin.so
account    [success=1 new_authtok_reqd=done default=ignore] pam_unix.so
account    requisite  pam_deny.so
account    required   pam_permit.so
account    {account} {module} {options}
{more_account}
session    required   pam_loginuid.so
session    optional   pam_keyinit.so force revoke
session    [default=1] pam_permit.so
session    requisite  pam_deny.so
session    required   pam_permit.so
session    required   pam_unix.so
{more_session}session    {session} {module} {options}
session    optional   pam_mail.so standard noenv
session    required   pam_limits.so
session    required   pam_env.so
session    required   pam_env.so user_readenv=1 envfile=/etc/default/locale
"""

NO_PASSWORDS = "auth       required   pam_deny.so\n"

# What pam-auth-update makes of the common files where libpam-sss is installed, but for a wrong
# password that costs no time. Nothing below the `sufficient` is run for a local user.
DIRECTORY_AUTH = """\
auth       [success=2 default=ignore] pam_unix.so nullok nodelay
auth       [success=1 default=ignore] pam_sss.so use_first_pass
auth       requisite  pam_deny.so
auth       required   pam_permit.so
"""
DIRECTORY_ACCOUNT = """\
account    sufficient pam_localuser.so
account    [default=bad success=ok user_unknown=ignore] pam_sss.so
"""
DIRECTORY_SESSION = """\
session    optional   pam_sss.so
"""


@dataclasses.dataclass(frozen=True)
class Proof:
    """How an ssh client proves who it is: options of ssh, and a command before it."""

    options: tuple
    before: tuple = ()


def by_keys(*keys, certificates=()):
    """By these private keys, each with its certificate where there is one, in this order."""
    files = [word for key in keys for word in ("-i", key)]
    more = [word for file in certificates for word in ("-o", f"CertificateFile={file}")]
    return Proof((*files, *more, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"))


def by_password(password, method="password"):
    """By typing a password, once."""
    return Proof(
        (
            *("-o", f"PreferredAuthentications={method}", "-o", "PubkeyAuthentication=no"),
            *("-o", "NumberOfPasswordPrompts=1"),
        ),
        ("sshpass", "-p", password),
    )


@dataclasses.dataclass
class Login:
    """How an ssh command came out."""

    status: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def environment(self):
        """What `env` printed, as a dict."""
        pairs = (line.partition("=") for line in self.stdout.splitlines())
        return {name: value for name, separator, value in pairs if separator}


class Sshd:
    """The server, from `with` until its end. `settings` are lines of its configuration that come
    before the standing ones, `matches` its Match blocks; {folder} in them is where its keys are."""

    def __init__(self, folder="/mnt/ssh", log_level="DEBUG2", settings="", matches=""):
        self.folder = folder
        self.settings = settings
        self.matches = matches
        self.directory = False
        self.port = free_port()
        self.log_level = log_level
        self.process = None
        self.forgotten = 0

    def __enter__(self):
        os.mkdir(self.folder, 0o755)
        for key in ("host_key", "user_key"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.folder}/{key}"],
                check=True,
            )
        with (
            open(f"{self.folder}/host_key.pub", encoding="ascii") as key,
            open(f"{self.folder}/known_hosts", "w", encoding="ascii") as out,
        ):
            out.write(f"[127.0.0.1]:{self.port} {key.read()}")
        config = f"{self.folder}/sshd_config"
        with open(config, "w", encoding="ascii") as out:
            text = self.settings + CONFIG + self.matches
            out.write(text.format(port=self.port, folder=self.folder, log_level=self.log_level))
        self.set_stack()
        # With -e its own lines go to the file, and what modules say to syslog stays apart.
        self.process = Process(["/usr/sbin/sshd", "-D", "-e", "-f", config], f"{self.folder}/log")
        self.process.wait_until(lambda: listens(self.port), 10, "sshd's port")
        return self

    def __exit__(self, *_):
        self.process.stop()
        shutil.rmtree(self.folder)

    def said(self):
        """What sshd itself has logged since forget()."""
        return self.process.output()[self.forgotten :]

    def forget(self):
        self.forgotten = len(self.process.output())

    def set_stack(self, session="required", account="required", options="timeout=5s", above=""):
        """Writes the stack: the control flags of our two lines, the module's options, and the lines
        of session above it. Where `directory` is set it has SSSD's lines as well, and passwords
        count."""
        with open(SERVICE, "w", encoding="ascii") as out:
            out.write(
                STACK.format(
                    module=MODULE,
                    session=session,
                    account=account,
                    options=f"helper={HELPER} {options}",
                    auth=DIRECTORY_AUTH if self.directory else NO_PASSWORDS,
                    more_account=DIRECTORY_ACCOUNT if self.directory else "",
                    more_session=(DIRECTORY_SESSION if self.directory else "") + above,
                )
            )

    def settle(self):
        """Waits until no login is left."""
        wait_until(lambda: not self.process.has_children(), 10, "the end of all logins")

    @property
    def key(self):
        """The private key that every user may log in with."""
        return f"{self.folder}/user_key"

    def arguments(self, user, command=None, tty=False, proof=None, options=()):
        """The ssh command of a login, by the key of every user unless there is other proof, with
        further options of ssh."""
        proof = proof or by_keys(self.key)
        return [
            *[*proof.before, "ssh", "-F", "none", "-p", str(self.port), "-l", user],
            *proof.options,
            *["-o", f"UserKnownHostsFile={self.folder}/known_hosts"],
            *(["-tt"] if tty else []),
            *options,
            "127.0.0.1",
            *([command] if command is not None else []),
        ]

    def ssh(self, user, command=None, tty=False, typed="", seconds=60, proof=None):
        """Logs in and runs `command`, or a shell that is fed `typed`; waits for the end, on the
        server's side too, where the PAM session is closed after the client has gone."""
        start = time.monotonic()
        done = subprocess.run(
            self.arguments(user, command, tty, proof),
            input=typed.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        login = Login(
            done.returncode,
            done.stdout.decode("utf-8", "replace"),
            done.stderr.decode("utf-8", "replace"),
            time.monotonic() - start,
        )
        self.settle()
        return login

    def start(self, user, command, proof=None):
        """Logs in without waiting for the end; returns the running ssh."""
        return subprocess.Popen(
            self.arguments(user, command, proof=proof),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


class Shell:
    """A shell that somebody has logged in to by ssh, without a terminal, until leave()."""

    def __init__(self, sshd, user, seconds=20, proof=None):
        self.seconds = seconds
        self.client = sshd.start(user, "exec sh", proof)
        self.asked = 0
        self.printed = select.poll()
        self.printed.register(self.client.stdout, select.POLLIN)
        self.environment = Login(0, self.run("env"), "", 0).environment

    @property
    def session(self):
        """The id that the module put into the environment, or None."""
        return self.environment.get("XACCT_SESSION")

    def run(self, command):
        """Runs a command in it; returns what that prints."""
        self.asked += 1
        mark = f"=={self.asked}==\n".encode()
        self.client.stdin.write(f"{command}\necho =={self.asked}==\n".encode())
        self.client.stdin.flush()
        end = time.monotonic() + self.seconds
        printed = b""
        while not printed.endswith(mark):
            ready = self.printed.poll(1000 * max(end - time.monotonic(), 0))
            more = os.read(self.client.stdout.fileno(), 65536) if ready else b""
            if not more:
                raise AssertionError(f"no answer to {command!r}, but {printed!r}: {self.said()}")
            printed += more
        return printed[: -len(mark)].decode()

    def said(self):
        """Ends it, and returns what ssh said."""
        self.client.kill()
        return self.client.communicate()[1].decode()

    def leave(self):
        """Logs out, and waits until the client has gone."""
        if self.client.returncode is None:
            self.client.communicate(timeout=self.seconds)

    def cut(self):
        """The connection is gone from one moment to the next."""
        self.client.kill()
        self.client.communicate()
