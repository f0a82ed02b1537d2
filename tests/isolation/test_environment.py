"""Variables of a user's: what they set in their files, send by ssh or give to a program that is
setuid changes nothing of what is decided, and nowhere but in their own shell.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import subprocess

import pytest

from rig import accounts, policy
from rig.callers import Callers, with_loginuid
from rig.sshd import HELPER, MODULE, Sshd

from .attacking import ALICES, BOBS, TWO_CLIENTS, as_user, python_as, uid_of

# As a careless admin has it who wants people to bring their settings along.
SETTINGS = "AcceptEnv *\nPermitUserEnvironment yes\n"
NOWHERE = "http://127.0.0.1:1"

# What libraries and programs of this kind are known to listen to.
TRICKS = {
    "AWS_ACCESS_KEY_ID": "AKIAOFTHEUSER00000001",
    "AWS_SECRET_ACCESS_KEY": "of-the-user",
    "AWS_SESSION_TOKEN": "of-the-user",
    "AWS_CA_BUNDLE": "/tmp/mine.pem",
    "AWS_CONFIG_FILE": "/tmp/mine",
    "AWS_ENDPOINT_URL": NOWHERE,
    "AWS_ENDPOINT_URL_STS": NOWHERE,
    "AWS_REGION": "us-gov-west-1",
    "AWS_ROLE_ARN": "arn:aws:iam::444455556666:role/Ledger",
    "AWS_SHARED_CREDENTIALS_FILE": "/tmp/mine",
    "CURL_CA_BUNDLE": "/tmp/mine.pem",
    "GCONV_PATH": "/tmp",
    "GLIBC_TUNABLES": "glibc.malloc.check=3",
    "HOME": "/tmp",
    "HOSTALIASES": "/tmp/mine",
    "HTTPS_PROXY": NOWHERE,
    "HTTP_PROXY": NOWHERE,
    "ALL_PROXY": NOWHERE,
    "http_proxy": NOWHERE,
    "https_proxy": NOWHERE,
    "LD_AUDIT": "/tmp/mine.so",
    "LD_LIBRARY_PATH": "/tmp",
    "LD_PRELOAD": "/tmp/mine.so",
    "LISTEN_FDS": "1",
    "LOCALDOMAIN": "mine.example",
    "LOCPATH": "/tmp",
    "MALLOC_TRACE": "/tmp/trace",
    "OPENSSL_CONF": "/tmp/mine.cnf",
    "OPENSSL_MODULES": "/tmp",
    "PATH": "/tmp:/usr/bin:/bin",
    "RES_OPTIONS": "attempts:5 timeout:30",
    "SSH_AUTH_INFO_0": "publickey ssh-ed25519 AAAA",
    "SSLKEYLOGFILE": "/tmp/keylog",
    "SSL_CERT_DIR": "/tmp",
    "SSL_CERT_FILE": "/tmp/mine.pem",
    "TMPDIR": "/tmp",
    "TZ": "Pacific/Kiritimati",
    "TZDIR": "/tmp",
    "XACCT_CONFIG": "/tmp/mine.conf",
    "XACCT_ERROR": "none",
    "XACCT_ROLE": BOBS,
    "XACCT_SOCKET": "/tmp/mine.socket",
    "XML_CATALOG_FILES": "/tmp/mine.xml",
}


@pytest.fixture(scope="module")
def permissive(host):
    """An sshd that takes all of that, beside the usual one, on the same stack."""
    with Sshd(folder="/mnt/ssh-permissive", settings=SETTINGS) as running:
        yield running


@contextlib.contextmanager
def files_of(user, **texts):
    """Files in a user's home, their own."""
    home = f"{accounts.HOMES}/{uid_of(user)}"
    os.makedirs(f"{home}/.ssh", exist_ok=True)
    os.chown(f"{home}/.ssh", uid_of(user), uid_of(user))
    paths = {"pam": f"{home}/.pam_environment", "ssh": f"{home}/.ssh/environment"}
    for name, text in texts.items():
        accounts.write(paths[name], text)
        os.chown(paths[name], uid_of(user), uid_of(user))
    try:
        yield
    finally:
        for name in texts:
            os.unlink(paths[name])


def sent_along(server, user, variables, command):
    """A login by ssh that sends variables along."""
    options = [word for name in variables for word in ("-o", f"SendEnv={name}")]
    done = subprocess.run(
        server.arguments(user, command, options=options),
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]} | variables,
        capture_output=True, text=True, timeout=60, check=False)
    server.settle()
    return done


def what_was_decided(bastion, sts):
    """Of the last login: the audit line without what differs each time, and what STS was asked."""
    line = [line for line in bastion.audit() if line["event"] == "opened"][-1]
    varies = ("session", "time", "access_key_id", "request_id", "expiry", "reference")
    return ({key: value for key, value in line.items() if key not in varies},
            sts.calls[-1].parameters)


def test_nothing_that_a_user_sets_for_a_login_changes_what_is_decided(
        clients, permissive, bastion, sts):
    permissive.ssh("alice", "true")
    plain = what_was_decided(bastion, sts)
    assert plain[0]["role"] == ALICES
    lines = "".join(f"{name}={value}\n" for name, value in TRICKS.items() if name != "PATH")
    defaults = "".join(f"{name} DEFAULT={value}\n" for name, value in TRICKS.items()
                       if name not in ("PATH", "LD_PRELOAD", "LD_AUDIT"))
    tricks = {name: value for name, value in TRICKS.items()
              if not name.startswith(("LD_", "GLIBC", "MALLOC", "GCONV", "LOCPATH", "PATH", "HOME",
                                      "OPENSSL"))}
    with files_of("alice", pam=defaults, ssh=lines):
        done = sent_along(permissive, "alice", tricks, "true")
    assert what_was_decided(bastion, sts) == plain, done.stderr
    assert len(sts.calls) == 2
    for left in ("/tmp/keylog", "/tmp/trace"):
        assert not os.path.exists(left)


def test_a_session_that_a_user_names_by_a_variable_has_to_be_theirs(
        clients, permissive, bastion, service, opened):
    bob = opened("bob").session
    with files_of("alice", ssh=f"XACCT_SESSION={bob}\n",
                  pam=f"XACCT_SESSION OVERRIDE={bob}\n"):
        done = sent_along(permissive, "alice", {"XACCT_SESSION": bob},
                          f"XACCT_SESSION={bob} xacct list; XACCT_SESSION={bob} xacct env {BOBS}")
    assert "is not yours" in done.stderr and BOBS not in done.stdout
    assert "AWS_" not in done.stdout
    refused = [line for line in bastion.audit() if line["event"] == "refused"]
    assert {line["uid"] for line in refused} == {uid_of("alice")} and len(refused) >= 2


@pytest.fixture
def switching(clients, sts):
    """alice may become bob by su and sudo, and has a role there."""
    policy.write(policy.heading(sts.url) + TWO_CLIENTS.replace(
        "users = bob", "users = alice\nservices = su sudo"))
    with Callers(["alice"]) as running:
        running.set_stacks()
        yield running


@pytest.mark.parametrize("command", [
    "su bob -c env",
    "su -p bob -c env",
    "sudo -u bob env",
])
def test_no_variable_that_a_setuid_program_is_started_with_changes_what_is_decided(
        switching, bastion, sts, command):
    """The module is in a process of root's then that a user has started."""

    def become(**variables):
        env = {"PATH": "/usr/bin:/bin"} | variables
        done = with_loginuid(uid_of("alice"), command, "alice", env)
        assert done.status == 0, done.stderr + bastion.syslog.text()

    become()
    plain = what_was_decided(bastion, sts)
    assert plain[0]["role"] == BOBS
    become(**{name: value for name, value in TRICKS.items()
              if name not in ("PATH", "LD_PRELOAD", "LD_AUDIT")})
    assert what_was_decided(bastion, sts) == plain
    assert not os.path.exists("/tmp/keylog")


START = r"""
import json, os, socket, subprocess, sys
sys.path.insert(0, "/run/tree/tests/rig")
import frames
helper, config, user = sys.argv[1:]
ours, theirs = socket.socketpair()
ours.settimeout(20)
child = subprocess.Popen([helper, "--once", "--config", config], stdin=theirs,
                         stderr=subprocess.PIPE, text=True)
theirs.close()
said = []
try:
    frames.receive(ours)
    ours.sendall(frames.request_bytes(frames.open_request(user)))
    while (frame := frames.receive(ours)):
        said.append(frame)
except OSError:
    pass
print(json.dumps([said, child.communicate()[1]]))
"""


@pytest.mark.parametrize("own_policy", [False, True], ids=["the host's policy", "one of their own"])
def test_a_helper_that_a_user_starts_knows_no_more_than_the_user(clients, sts, own_policy):
    """It is nothing but a program: what makes it the bastion is who may read what."""
    config = policy.FILE
    if own_policy:
        config = "/tmp/mine.conf"
        with open(policy.FILE, encoding="utf-8") as text:
            accounts.write(config, text.read().replace("users = bob", "users = alice"), 0o640)
        os.chown(config, uid_of("alice"), uid_of("alice"))
    said, printed = python_as("alice", START, HELPER, config, "alice", env=TRICKS | {
        "LD_PRELOAD": "", "LD_AUDIT": "", "LISTEN_FDS": "", "OPENSSL_CONF": "/dev/null"})
    assert not sts.calls and said
    for frame in said:
        assert frame["status"] != "permitted"
        assert not [key for key in frame if key.startswith("AWS_")]
    assert "orchid" not in printed
    for path in (policy.FILE, policy.BASE):
        assert as_user("alice", "cat", path).returncode != 0, path
    if own_policy:
        os.unlink(config)


def test_nothing_that_is_installed_has_rights_of_its_own():
    """Of all programs none is setuid or setgid, or has a capability: there is nothing to misuse."""
    for path in ("/usr/bin/xacct", "/usr/libexec/xacct-admin", HELPER, MODULE):
        assert os.stat(path).st_mode & 0o7022 == 0, path
        assert "security.capability" not in os.listxattr(path)
