"""What a consultant with a shell learns of another client, of their roles and of who uses them: by
asking, by listing, by looking at files. bob works for the client `orchid`; alice and eve look.

SPDX-License-Identifier: BSD-2-Clause
"""

import itertools
import os
import pathlib
import re

import pytest

from rig import accounts, policy
from service.asking import ask, ask_all

from .attacking import BETRAYING, BOBS, TWO_CLIENTS, as_user, uid_of

NOTHING = "orchxx-ledger"  # as long as bob's role, and nobody's
CURIOUS = ["alice", "eve"]
QUESTIONS = [
    {}, {"role": "*"}, {"role": ""}, {"role": BOBS[:6]}, {"fresh": "1"}, {"user": "bob"},
    {"group": "xacct-orchid"}, {"gid": "70002"},
]
OPERATIONS = ["list", "status", "assume", "console", "default", "groups"]


@pytest.fixture
def working(clients, service, opened, sts):
    """alice and bob have a session each, and the keys of a role; eve has none. What there is to be
    seen of each, by user."""
    sessions = {user: opened(user) for user in ("alice", "bob")}
    assert ask("bob", "assume", sessions["bob"].session, role=BOBS)["AWS_ACCESS_KEY_ID"]
    assert ask("bob", "default", sessions["bob"].session, role=BOBS)["status"] == "permitted"
    return {user: opener.session for user, opener in sessions.items()}


def assert_silent(text):
    assert not [word for word in BETRAYING if word in text], text


@pytest.mark.parametrize("user", CURIOUS)
def test_no_answer_of_the_service_tells_of_another_client(working, user):
    for op, fields in itertools.product(OPERATIONS, QUESTIONS):
        for named in (None, working["alice"], working["bob"], "0" * 32):
            for frame in ask_all(user, op, named, **fields):
                # A refusal repeats what was asked for.
                assert_silent(str(frame).replace(fields.get("role") or "no role", ""))


@pytest.mark.parametrize("user", CURIOUS)
def test_a_role_of_anothers_is_answered_like_one_that_is_not_there(bastion, working, user):
    """In every member of the reply, and in its size."""

    def answers(op, role):
        frames = ask_all(user, op, working.get(user), role=role)
        return [{key: value.replace(role, "ROLE") for key, value in frame.items()
                 if key not in ("reference", "session_ends")} for frame in frames]

    for op in OPERATIONS:
        assert answers(op, BOBS) == answers(op, NOTHING)
    # And neither is asked of AWS, which would take time for one alone.
    assert not [line for line in bastion.audit()
                if line.get("uid") == uid_of(user) and "request_id" in line]


@pytest.mark.parametrize("user", CURIOUS)
def test_a_session_of_anothers_is_answered_without_a_word_of_it(working, user):
    """That there is one says no more than that somebody else has logged in, as who(1) does."""
    reply = ask(user, "list", working["bob"])
    assert reply["status"] == "denied"
    assert not {"human", "user", "role", "account", "address", "service"} & set(reply)


COMMANDS = [
    ["list"], ["list", "--json"], ["status"], ["status", "--json"], ["profiles"],
    ["complete", "switch", ""], ["complete", "exec", BOBS[:3]], ["complete", BOBS[:3]],
    ["default"], ["switch", "--shell", "bash"], ["env"], ["credentials"], ["console"],
    ["check"], ["check", "--json"], ["explain", "bob"], ["explain", "bob", "--json"],
    ["diff", policy.FILE, policy.FILE], ["check", "--config", policy.FILE],
    ["explain", "bob", "--config", f"{policy.STATE}/last-good.json"],
    ["who"], ["who", "bob", "--json"], ["who", "--audit", policy.AUDIT], ["trace", "/dev/null"],
    ["trace", "--audit", policy.AUDIT, policy.AUDIT], ["trace", policy.FILE],
]


@pytest.mark.parametrize("user", CURIOUS)
def test_no_command_tells_of_another_client(working, user):
    environment = {"PATH": "/usr/bin:/bin", "HOME": f"{accounts.HOMES}/{uid_of(user)}"}
    if user in working:
        environment["XACCT_SESSION"] = working[user]
    for command in COMMANDS:
        done = as_user(user, "/usr/bin/xacct", *command, env=environment)
        assert_silent(done.stdout + done.stderr)
        assert "orchi" not in done.stdout or BOBS[:3] in command


def test_a_command_says_and_exits_the_same_for_anothers_role_and_for_none(working):
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    environment["XACCT_SESSION"] = working["alice"]

    def outcome(words):
        done = as_user("alice", "/usr/bin/xacct", *words, env=environment)
        return done.returncode, re.sub(r"reference \w{8}", "", done.stdout + done.stderr)

    for words in ("env ROLE", "switch --shell sh ROLE", "default ROLE", "console ROLE",
                  "credentials --role ROLE", "exec ROLE -- true"):
        status, text = outcome(words.replace("ROLE", BOBS).split())
        assert status != 0
        of_none = outcome(words.replace("ROLE", NOTHING).split())
        assert (status, text.replace(BOBS, NOTHING)) == of_none


@pytest.fixture
def as_installed(working):
    """Owners and modes that conf/tmpfiles.conf gives."""
    for line in pathlib.Path("conf/tmpfiles.conf").read_text(encoding="ascii").splitlines():
        if line.startswith(("d ", "z ")):
            _, path, mode, owner, group, _ = line.split()
            if os.path.exists(path):
                os.chmod(path, int(mode, 8))
                os.chown(path, uid_of(owner), uid_of(group))
    yield
    os.chmod(policy.FOLDER, 0o755)


@pytest.mark.parametrize("user", CURIOUS)
def test_no_file_on_the_host_tells_of_another_client(as_installed, user):
    """All that a user can list and read where we write, where we run and where homes are."""
    places = ["/run", "/var/lib/xacct", "/var/log", "/etc/xacct", "/tmp", "/mnt/log", "/mnt/run",
              "/mnt/lib", "/mnt/home", "/dev/shm"]
    listed = as_user(user, "find", *places, "-xdev", "-not", "-path", "/run/tree*").stdout
    assert "/run/xacct/socket" in listed
    assert_silent(listed)
    program = "find \"$@\" -xdev -not -path '/run/tree*' -type f -readable -exec cat {} +"
    assert_silent(as_user(user, "sh", "-c", program, "sh", *places).stdout)
    for path in ("/etc/xacct", "/run/xacct/sessions", "/var/lib/xacct"):
        if os.path.exists(path):
            assert as_user(user, "ls", path).returncode != 0, path


@pytest.mark.parametrize("user", CURIOUS)
def test_no_list_of_the_host_tells_of_another_client(working, user):
    """Processes, sockets, groups and users, as anybody may list them."""
    for command in (["ps", "-ef", "--forest"], ["ps", "-eo", "args,comm,wchan"],
                    ["getent", "group"], ["getent", "passwd"], ["id", "bob"],
                    ["cat", "/proc/net/unix"], ["who", "-a"], ["ss", "-xlpn"], ["mount"],
                    ["sh", "-c", "cat /proc/[0-9]*/cmdline"],
                    ["sh", "-c", "cat /proc/[0-9]*/environ"], ["cat", "/proc/keys"]):
        done = as_user(user, *command)
        assert_silent(done.stdout)


def test_no_group_of_a_role_tells_of_another_client(clients, sts, service, opened):
    opened("alice")
    policy.write(policy.heading(sts.url) + TWO_CLIENTS.replace(
        "external_id = b-0815", "external_id = b-0815\nunix_group = xacct-orchid\ngid = 70002"))
    assert ask_all("root", "groups", group="xacct-orchid")[0].get("gid") == "70002"
    for user in CURIOUS:
        for fields in ({"group": "xacct-orchid"}, {"gid": "70002"}, {"user": "bob"}, {}):
            frames_of_it = ask_all(user, "groups", **fields)
            assert "70002" not in str(frames_of_it) and "orchid" not in str(
                [{k: v for k, v in frame.items() if k != "message"} for frame in frames_of_it])


def test_no_line_that_alice_is_shown_at_login_tells_of_another_client(clients, bastion, sts,
                                                                    service):
    """Whatever goes wrong, with the other client's role too."""
    for behaviour in (None, "access-denied", "html", "half", "throttling"):
        sts.behaviour = {None: behaviour} if behaviour else {}
        login = bastion.sshd.ssh("alice", tty=True, typed="exit\n")
        assert_silent(login.stdout + login.stderr)
    policy.write("[grant broken]\nusers = bob\nroles = orchid-ledger\n")
    service.kill()
    login = bastion.sshd.ssh("alice", "env")
    assert_silent(login.stdout + login.stderr)
