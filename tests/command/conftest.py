"""The command `xacct` against a service that answers, or misbehaves, as a test says.

Run below tests/enter, which gives private namespaces and folders:

    make tests asan && tests/enter /usr/bin/python3 -m pytest tests/command

SPDX-License-Identifier: BSD-2-Clause
"""

import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import termios
import threading
import time

import pytest

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
ROOT = pathlib.Path("/mnt/command")
EXPECTED = pathlib.Path(__file__).parent / "expected"

SESSION = "0123456789abcdef0123456789abcdef"
FAR = "2099-03-31T21:59:59Z"
SERVED = ["version=1", "status=permitted", "reference=0123ABCD", "human=alice@corp.example",
          "user=alice", f"session={SESSION}"]
REGION = ["AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1"]
ABOUT = ["XACCT_ROLE=client-a-audit",
         "XACCT_ROLE_ARN=arn:aws:iam::111122223333:role/bastion/Auditor",
         "XACCT_ACCOUNT=client-a", f"XACCT_SESSION={SESSION}"]
KEYS = ["AWS_ACCESS_KEY_ID=ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret/of+a=key",
        "AWS_SESSION_TOKEN=token==", f"AWS_CREDENTIAL_EXPIRATION={FAR}"]
OURS = "/usr/share/xacct/credentials"
BY_KEYS = [*SERVED, *KEYS, *REGION, *ABOUT]
BY_PROCESS = [*SERVED, f"AWS_SHARED_CREDENTIALS_FILE={OURS}", *REGION, *ABOUT]
REFUSED = ["version=1", "status=denied", "reference=0123ABCD",
           "message=no live session is yours: log in again"]

AUDIT = ["version=1", "status=permitted", "role=client-a-audit", "account=client-a",
         "account_id=111122223333", "arn=arn:aws:iam::111122223333:role/bastion/Auditor",
         "deliver=env", "description=read-only, for the yearly audit", "region=eu-central-1",
         "ends=2027-03-31T21:59:59Z", "default=1", "duration=3600"]
DEV = ["version=1", "status=permitted", "role=client-a-dev", "account=client-a",
       "account_id=111122223333", "arn=arn:aws:iam::111122223333:role/Developer", "deliver=process"]
OTHER = ["version=1", "status=permitted", "role=other", "account=client-b",
         "account_id=444455556666", "arn=arn:aws-cn:iam::444455556666:role/Other", "deliver=env",
         "description=für Größeres 日本語 und mehr, was nicht auf eine Zeile passt",
         "external_id=1", "tags=1"]
LAST = [*SERVED, "last=1"]
LIST = [AUDIT, DEV, OTHER, LAST]

# Everything that must be gone before another role's variables are set.
FAMILY = """AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN
            AWS_CREDENTIAL_EXPIRATION AWS_CREDENTIAL_FILE AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE
            AWS_DEFAULT_PROFILE AWS_ROLE_ARN AWS_ROLE_SESSION_NAME AWS_WEB_IDENTITY_TOKEN_FILE
            AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_CREDENTIALS_FULL_URI
            AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE AWS_ACCOUNT_ID
            XACCT_ROLE XACCT_ROLE_ARN XACCT_ACCOUNT XACCT_UNTIL XACCT_ERROR""".split()
# The user's own, which never goes.
KEPT = {"AWS_CONFIG_FILE": "/c", "AWS_CA_BUNDLE": "/b", "AWS_PAGER": "less",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_SHARED_CREDENTIALS_FILE": "/mine",
        "XACCT_SESSION": SESSION}


def environment(strings):
    """The variables among the strings of a reply."""
    return dict(string.split("=", 1) for string in strings if string[0].isupper())


def frame(strings):
    body = b"".join((s if isinstance(s, bytes) else s.encode()) + b"\0" for s in strings)
    return struct.pack(">I", len(body)) + body


def receive(connection):
    def exactly(count):
        got = b""
        while len(got) < count:
            more = connection.recv(count - len(got))
            if not more:
                raise EOFError
            got += more
        return got
    body = exactly(struct.unpack(">I", exactly(4))[0])
    return dict(string.decode().split("=", 1) for string in body.split(b"\0")[:-1])


class Service:
    """Answers each operation with the frames in `answers`; or sends and does as `fault` says."""

    def __init__(self, path):
        self.path = path
        self.requests = []
        self.answers = {"list": LIST, "assume": [BY_KEYS], "status": [SERVED], "default": [SERVED],
                        "console": [[*SERVED, "url=https://signin.aws.amazon.com/x?y=z"]]}
        self.greeting = frame(["version=1"])
        self.raw = None  # bytes in place of the reply
        self.stays = False  # after what was sent, silent and open
        self.held = []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                try:
                    self.talk(connection)
                except (EOFError, OSError):
                    pass

    def talk(self, connection):
        connection.sendall(self.greeting)
        if not self.greeting:
            if self.stays:
                self.held.append(connection.dup())
            return
        request = receive(connection)
        self.requests.append(request)
        frames = b"".join(frame(strings) for strings in self.answers.get(request["op"], [REFUSED]))
        connection.sendall(frames if self.raw is None else self.raw)
        if self.stays:
            self.held.append(connection.dup())

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.held:
            connection.close()
        self.path.unlink()


class Command:
    """Runs xacct as a user would, with an environment of nothing but what a test gives."""

    def __init__(self, program, path, home, folder):
        self.program = program
        self.path = path
        self.home = home
        self.folder = folder
        self.usual = pathlib.Path("/run/xacct/socket")

    def environment(self, env):
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8", **(env or {})}

    def argv(self, *words):
        return [self.program, "--socket", str(self.path), *words]

    def __call__(self, *words, env=None, **more):
        more.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(self.argv(*words), stdout=more.pop("stdout", subprocess.PIPE),
                              stderr=subprocess.PIPE, text=True, env=self.environment(env),
                              cwd=more.pop("cwd", self.folder), timeout=60, check=False, **more)

    def fails(self, *words, status=1, **more):
        """Runs it and returns the one line that it complains with."""
        done = self(*words, **more)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        assert done.stdout == ""
        assert re.fullmatch(r"xacct: [^\n]+\n", done.stderr), done.stderr
        return done.stderr


class Terminal:
    """A program with a controlling terminal of its own; standard output may be a pipe."""

    def __init__(self, argv, env, piped=True, columns=80, cwd="/"):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

        def take_terminal():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=subprocess.PIPE if piped else slave, stderr=slave, env=env,
            cwd=cwd, start_new_session=True, preexec_fn=take_terminal)
        os.close(slave)
        self.seen = ""

    def read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            more = os.read(self.master, 65536)
        except OSError:  # EIO: nobody has the other side any more
            return False
        self.seen += more.decode(errors="replace")
        if b"\x1b[6n" in more:  # fzf asks where the cursor is
            os.write(self.master, b"\x1b[1;1R")
        return bool(more)

    def wait_for(self, text):
        end = time.monotonic() + 20
        while text not in self.seen:
            assert self.read(end - time.monotonic()), f"no {text!r} in {self.seen!r}"

    def send(self, keys):
        os.write(self.master, keys.encode())

    def finish(self):
        """Returns the exit status and what was piped; `seen` has the rest."""
        out = self.process.stdout.read().decode() if self.process.stdout else ""
        end = time.monotonic() + 20
        while (self.read(0.1 if self.process.poll() is None else 0)
               or self.process.poll() is None):
            if time.monotonic() > end:
                os.killpg(self.process.pid, signal.SIGKILL)
                raise AssertionError(f"it does not end: {self.seen!r}")
        self.process.wait()
        os.close(self.master)
        return self.process.returncode, out


@pytest.fixture(scope="session", autouse=True)
def inside():
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    if not re.search(r"^\S+ /mnt tmpfs ", mounts, re.MULTILINE):
        pytest.exit("run these tests below tests/enter", returncode=2)


# For tests of what is hostile: as it is released, and with AddressSanitizer and UBSan.
BOTH = pytest.mark.parametrize("command", ["xacct", BUILD / "asan/xacct"], ids=["plain", "asan"],
                               indirect=True)


@pytest.fixture
def command(request):
    shutil.rmtree(ROOT, ignore_errors=True)
    (ROOT / "run").mkdir(parents=True)
    (ROOT / "home").mkdir()
    (ROOT / "work").mkdir()
    program = getattr(request, "param", "xacct")
    if program != "xacct":
        assert program.exists(), "build it first: make asan"
        program = program.resolve()
    return Command(program, ROOT / "run/socket", ROOT / "home", ROOT / "work")


@pytest.fixture
def service(command):
    running = Service(command.path)
    yield running
    running.close()
