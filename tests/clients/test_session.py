"""A login whose role is delivered by process: from the login itself to what is left after logout.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import os
import re

import pytest

from rig.processes import wait_until

from .conftest import PROGRAMS, ROLE_SESSION, RULES, write_policy

LINGER = {
    "awscli": "while aws sts get-caller-identity --query Arn --output text; do sleep 0.2; done",
    # Their input never ends: it is a FIFO that they themselves hold open for writing.
    **{name: f"mkfifo {name}; exec {program} <>{name}" for name, program in PROGRAMS.items()},
}


def test_the_login_calls_no_sts_and_holds_no_key(bastion, sts, login):
    environment = login().environment
    held = {name: value for name, value in environment.items() if name[:4] in ("AWS_", "XACC")}
    assert not sts.calls and [line["event"] for line in bastion.audit()] == ["opened"]
    del held["AWS_CA_BUNDLE"], held["XACCT_SESSION"]
    assert held == {
        "AWS_SHARED_CREDENTIALS_FILE": "/usr/share/xacct/credentials",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "XACCT_ROLE": "client-a-audit",
        "XACCT_ROLE_ARN": "arn:aws:iam::111122223333:role/bastion/Auditor",
        "XACCT_ACCOUNT": "client-a",
    }


def test_the_line_at_login_names_what_may_be_in_the_way(bastion, service, home):
    said = bastion.sshd.ssh("alice", tty=True, typed="exit\n").stdout
    (line,) = [line for line in said.splitlines() if "client-a-audit" in line]
    names = ("AWS_PROFILE", "~/.aws/config", "~/.aws/credentials", "~/.kube/config", "codecommit")
    assert all(name in line for name in names) and "xacct status" in line


def test_credentials_prints_json_and_nothing_else(bastion, service, home, sts):
    done = bastion.sshd.ssh("alice", "xacct credentials")
    (issued,) = sts.issued
    assert (done.status, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "Version": 1,
        "AccessKeyId": issued.access_key,
        "SecretAccessKey": issued.secret,
        "SessionToken": issued.token,
        "Expiration": issued.expiration,
        "AccountId": "111122223333",
    }


@pytest.fixture
def linger(bastion, service, home, sts):
    """Logs alice in, leaves a client running and logs out; returns what it prints, as a callable,
    and whether it still runs."""
    running = []

    def start(client):
        sts.issue_seconds = 3
        home(f"{client}.sh", f"echo $$ >{client}.pid\n{LINGER[client]}\n")
        # Not before it has come to its first answer.
        done = bastion.sshd.ssh(
            "alice",
            f"setsid bash {client}.sh >{client}.log 2>&1 </dev/null & "
            f"until grep -qs assumed-role {client}.log; do sleep 0.1; done",
        )
        assert (done.status, done.stdout, done.stderr) == (0, "", "")
        with open(f"/mnt/home/1001/{client}.pid", encoding="ascii") as text:
            running.append(int(text.read()))
        return running[-1], f"/mnt/home/1001/{client}.log"

    yield start
    for pid in running:
        if is_running(pid):
            os.killpg(pid, 9)
        wait_until(lambda: not is_running(pid), 10, "the end of a client")


def is_running(pid):
    return os.path.exists(f"/proc/{pid}")


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


@pytest.mark.parametrize("client", LINGER)
def test_after_logout_a_client_gets_nothing_more_and_is_told_why(linger, sts, client):
    pid, log = linger(client)
    calls = len(sts.issued)
    wait_until(lambda: not is_running(pid), 20, "the client's failure")
    assert len(sts.issued) == calls
    if client == "javascript":
        # Which sums up all the ways to credentials, and says of none what went wrong.
        assert "Could not load credentials from any providers" in read(log)
    else:
        said = r"custom-process: xacct: you have no live session on this host \(.*\): log in again"
        assert re.search(said, read(log))


@pytest.mark.parametrize("client", LINGER)
def test_with_detach_a_client_goes_on_after_logout(bastion, linger, sts, client):
    write_policy(sts, RULES + "detach = 1h\n")
    pid, log = linger(client)
    ends = {issued.expiration for issued in sts.issued}

    def more_ends():
        return {issued.expiration for issued in sts.issued} - ends

    wait_until(
        lambda: len(more_ends()) >= 4 or not is_running(pid), 30, "credentials after logout"
    )
    assert is_running(pid), read(log)
    assert set(read(log).split()) == {ROLE_SESSION}
