"""The service's socket: who can put another in its place, and who is at the other end of it.

SPDX-License-Identifier: BSD-2-Clause
"""

import array
import contextlib
import json
import os
import socket
import subprocess
import sys

import pytest

from rig import frames
from rig.processes import wait_until
from rig.service import FOLDER, SOCKET
from service.asking import line_of

from .attacking import ALICES, BOBS, FalseService, as_user, python_as, uid_of

REPLACE = r"""
import json, os, socket, sys
path = sys.argv[1]
folder = os.path.dirname(path)
ways = {
    "remove": lambda: os.unlink(path),
    "rename": lambda: os.rename(path, path + ".old"),
    "rename the folder": lambda: os.rename(folder, folder + ".old"),
    "put another over it": lambda: os.rename("/tmp/mine", path),
    "listen beside it": lambda: socket.socket(socket.AF_UNIX).bind(folder + "/other"),
    "link beside it": lambda: os.symlink("/tmp/mine", folder + "/link"),
    "change its mode": lambda: os.chmod(path, 0o600),
    "take it": lambda: os.chown(path, os.getuid(), -1),
    "write it": lambda: open(path, "r+b"),
}
found = []
open("/tmp/mine", "w").close()
for name, way in ways.items():
    try:
        way()
        found.append(name)
    except OSError:
        pass
print(json.dumps(found))
"""


@pytest.mark.parametrize("user", ["alice", "eve"])
def test_no_user_can_take_the_socket_away_or_put_another_in_its_place(service, user):
    try:
        assert python_as(user, REPLACE, SOCKET) == []
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink("/tmp/mine")


@pytest.fixture
def careless(bastion):
    """Somebody has opened the socket's folder to everybody, and no service runs."""
    os.makedirs(FOLDER, exist_ok=True)
    os.chown(FOLDER, uid_of("xacct"), uid_of("xacct"))
    os.chmod(FOLDER, 0o777)
    yield
    os.chmod(FOLDER, 0o755)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(SOCKET)


def test_a_false_socket_is_told_nothing_and_stops_no_login(bastion, careless):
    with FalseService("eve") as false:
        login = bastion.sshd.ssh("alice", "env")
    assert login.environment["AWS_ACCESS_KEY_ID"], "the helper was started instead"
    assert false.heard == b""
    bastion.syslog.wait_for(rf"pam_xacct\(sshd:session\): .*{FOLDER}")


def test_a_false_socket_gets_no_word_from_the_command_either(bastion, careless):
    with FalseService("eve") as false:
        done = as_user("alice", "/usr/bin/xacct", "list")
    assert done.returncode != 0 and "is not the xacct service" in done.stderr
    assert false.heard == b""


@pytest.fixture
def forwarded(bastion):
    """The service's socket, forwarded by sshd to where a consultant's laptop is: a user's."""
    path = "/tmp/forwarded"
    with contextlib.ExitStack() as stack:

        def forward(user):
            client = subprocess.Popen(
                bastion.sshd.arguments(user, "cat", options=["-L", f"{path}:{SOCKET}"]),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            stack.callback(client.communicate, timeout=20)
            wait_until(lambda: os.path.exists(path), 10, "the forwarded socket")
            return path

        yield forward
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def test_what_comes_through_sshds_forwarding_is_the_users_own_and_never_roots(
        clients, bastion, service, opened, forwarded):
    """sshd is root's, but connects as the user."""
    bob = opened("bob").session
    path = forwarded("alice")
    for op in ("open", "close", "check"):
        (reply,) = frames.request(
            {"op": op, "user": "bob", "service": "sshd", "pid": "1", "start_time": "0",
             "session": bob}, path)
        assert reply["status"] == "denied" and "root alone" in reply["message"]
        assert line_of(bastion, reply)["uid"] == uid_of("alice")
    (reply,) = frames.request({"op": "assume", "session": bob, "role": BOBS}, path)
    assert reply["status"] == "denied" and "AWS_ACCESS_KEY_ID" not in reply
    *roles, _ = frames.request({"op": "list"}, path)
    assert [role["role"] for role in roles] == [ALICES]


ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
import frames
print(json.dumps(frames.request(json.loads(sys.argv[2]))))
"""


def test_root_of_a_namespace_of_ones_own_is_the_user_outside_of_it(
        clients, bastion, service, opened):
    bob = opened("bob").session
    opened("alice")

    def ask_inside(**fields):
        done = as_user("alice", "unshare", "--user", "--map-root-user", sys.executable, "-I", "-c",
                       "import os; assert os.getuid() == 0" + ASK, "/run/tree/tests/rig",
                       json.dumps(fields))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    (reply,) = ask_inside(op="open", user="bob", service="sshd", pid="1", start_time="0")
    assert reply["status"] == "denied" and line_of(bastion, reply)["uid"] == uid_of("alice")
    (reply,) = ask_inside(op="assume", session=bob, role=BOBS)
    assert reply["status"] == "denied" and "not yours" in reply["message"]
    *roles, _ = ask_inside(op="list")
    assert [role["role"] for role in roles] == [ALICES]


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.mark.parametrize("size", [1, 4, 20, 4096], ids="with {} bytes".format)
def test_descriptors_that_are_sent_along_are_closed(service, opened, size):
    """Else a few requests would leave the service without any."""
    session = opened("alice").session
    before = descriptors(service.pid)
    reading, writing = os.pipe()
    with frames.connect_as(uid_of("alice")) as connection:
        request = frames.request_bytes({"op": "list", "session": session})
        sent = array.array("i", [writing] * 100)
        connection.sendmsg([request[:size]], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)])
        os.close(writing)
        # Who has the whole request may have answered and gone by now.
        if size < len(request):
            connection.sendall(request[size:])
        assert frames.receive(connection)["status"] == "permitted"
        # Nobody has the pipe any more, though the connection is ours still.
        assert os.read(reading, 1) == b""
    os.close(reading)
    wait_until(lambda: descriptors(service.pid) == before, 5, "the descriptors of before")


def test_credentials_that_a_message_claims_for_itself_count_for_nothing(
        clients, bastion, service, opened):
    """root may claim any; who is believed is who connected."""
    bob = opened("bob").session
    with frames.connect_as(uid_of("alice")) as connection:
        claimed = array.array("i", [os.getpid(), uid_of("bob"), uid_of("bob")])
        connection.sendmsg(
            [frames.request_bytes({"op": "assume", "session": bob, "role": BOBS})],
            [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, claimed)])
        reply = frames.receive(connection)
    assert reply["status"] == "denied" and line_of(bastion, reply)["uid"] == uid_of("alice")


USE = """
import socket, sys
sys.path.insert(0, "/run/tree/tests/rig")
import frames
connection = socket.socket(fileno=int(sys.argv[1]))
connection.settimeout(10)
try:
    connection.sendall(frames.request_bytes(
        {"op": "open", "user": "alice", "service": "sshd", "pid": "1", "start_time": "0"}))
    print(frames.receive(connection))
except OSError as error:
    print(error)
"""


def test_a_connection_of_roots_that_leaked_is_of_no_use_after_its_one_request(
        bastion, service, opened):
    opened("alice")
    before = bastion.audit()
    with frames.connect() as connection:
        connection.sendall(frames.request_bytes(
            {"op": "check", "user": "bob", "service": "sshd"}))
        assert frames.receive(connection)["status"] == "permitted"
        done = as_user("eve", sys.executable, "-I", "-c", USE, str(connection.fileno()),
                       pass_fds=[connection.fileno()])
    assert done.stdout.strip() in ("None", "[Errno 32] Broken pipe"), done
    assert bastion.audit() == before


SOCKETS_OF = """
import json, os
found = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        if os.stat(f"/proc/{pid}").st_uid == os.getuid():
            for fd in os.listdir(f"/proc/{pid}/fd"):
                found[pid + "/" + fd] = os.readlink(f"/proc/{pid}/fd/{fd}")
    except OSError:
        pass
print(json.dumps(found))
"""


def test_no_login_leaves_a_user_a_connection_to_the_service(clients, service, login):
    """Of root's or of anybody's: in the shell, and in what serves it."""
    shell = login("alice")
    assert shell.environment["XACCT_ROLE"] == ALICES
    ours = open_sockets()
    shell.run(f"cat >/tmp/sockets.py <<'END'{SOCKETS_OF}END")
    held = json.loads(shell.run(f"{sys.executable} -I /tmp/sockets.py; rm /tmp/sockets.py"))
    assert held
    assert not [link for link in held.values() if link.removeprefix("socket:").strip("[]") in ours]


def open_sockets():
    """The inodes of all sockets at the service's path, and of those that are connected to it."""
    with open("/proc/net/unix", encoding="ascii") as table:
        lines = [line.split() for line in table]
    served = {line[6] for line in lines if line[-1] == SOCKET}
    assert served, "the service's own"
    # ss knows who is whose peer.
    peers = subprocess.run(["ss", "-xH"], capture_output=True, text=True, check=True).stdout
    for line in peers.splitlines():
        words = line.split()
        if SOCKET in words:
            served |= {words[words.index(SOCKET) + 1], words[-1]}
    return served
