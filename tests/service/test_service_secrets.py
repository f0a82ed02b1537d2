"""No secret where it does not belong: the very bytes are looked for. And what keeps other processes
from looking into the service.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import os
import subprocess

import pytest

from rig import policy
from rig.federation import Federation
from rig.fixtures import BASE_SECRET
from rig.processes import family_of

from .asking import ALICE, AUDIT, assume, ask, line_of, refusal, write_policy


def written(bastion, service):
    """What everybody with an interest in it has written down, by name."""
    found = {"syslog": bastion.syslog.text().encode(), "sshd": bastion.sshd.said().encode()}
    for folder in ("/mnt/log", "/var/log", "/mnt/run", "/mnt/lib", "/tmp"):
        for parent, _, files in os.walk(folder):
            for name in files:
                with open(f"{parent}/{name}", "rb") as content:
                    found[f"{parent}/{name}"] = content.read()
    found["its output"] = service.process.output().encode()
    for name in ("cmdline", "environ"):
        with open(f"/proc/{service.pid}/{name}", "rb") as content:
            found[name] = content.read()
    return found


def test_nothing_that_it_writes_holds_a_secret(bastion, sts, service, login, opened):
    with Federation() as federation:
        write_policy(sts, ALICE + "detach = 1h\n", f"console_endpoint = {federation.url}")
        bastion.sshd.set_stack(options="timeout=5s debug")
        shell = login("alice")
        for purpose in ("switch", "renew", "exec", "env", "process"):
            assume("alice", shell.session, purpose=purpose, fresh="1")
        url = ask("alice", "console", shell.session, role=AUDIT)["url"]
        refusal("bob", "console", shell.session, role=AUDIT)
        ask("alice", "default", shell.session, role=AUDIT)
        for behaviour in ("half", "access-denied", "html"):
            sts.behaviour = {None: behaviour}
            refusal("alice", "assume", shell.session, role=AUDIT, fresh="1")
        opened("alice", debug="1").close()
        service.restart()
    secrets = [BASE_SECRET, url, *federation.tokens]
    for issued in sts.issued:
        secrets += [issued.secret, issued.token, issued.token[: len(issued.token) // 2]]
    assert len(secrets) > 20
    found = written(bastion, service)
    assert found[policy.AUDIT] and found["syslog"]
    for place, content in found.items():
        assert not [secret for secret in secrets if secret.encode() in content], place


def test_the_console_gets_the_roles_credentials_and_its_line_no_url(bastion, sts, service, opened):
    with Federation() as federation:
        write_policy(sts, ALICE, f"console_endpoint = {federation.url}")
        session = opened("alice").session
        reply = ask("alice", "console", session, role=AUDIT)
    assert reply["status"] == "permitted"
    (shown,), (issued,) = federation.sessions, sts.issued
    assert (shown["sessionId"], shown["sessionKey"]) == (issued.access_key, issued.secret)
    assert shown["sessionToken"] == issued.token
    assert federation.tokens[0] in reply["url"]
    assert (reply["role"], reply["account_id"]) == (AUDIT, "111122223333")
    assert not [key for key in reply if key.startswith("AWS_")]
    line = line_of(bastion, reply)
    assert (line["event"], line["operation"]) == ("used", "console")
    assert line["access_key_id"] == issued.access_key and "url" not in json.dumps(line)


@pytest.fixture
def holding(service, opened):
    """The processes of a service that has credentials in memory."""
    opened("alice")
    return family_of(service.pid)


def lines_of(pid, name):
    with open(f"/proc/{pid}/{name}", encoding="ascii") as text:
        return text.read().splitlines()


def test_its_processes_are_confined_and_leave_no_core(holding):
    assert len(holding) >= 3, "itself, the forker and a look-up process"
    own = policy.xacct()
    for pid in holding:
        status = dict(line.split(":\t", 1) for line in lines_of(pid, "status"))
        assert status["Uid"].split() == [str(own.pw_uid)] * 4
        assert status["Gid"].split() == [str(own.pw_gid)] * 4
        assert {status[name] for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")} == {"0" * 16}
        assert (status["NoNewPrivs"], status["Seccomp"], status["Groups"].strip()) == ("1", "2", "")
        (limit,) = [line for line in lines_of(pid, "limits") if "core file" in line]
        assert limit.split()[4:6] == ["0", "0"]
        # The kernel gives the files of a process that is not dumpable to root.
        assert os.stat(f"/proc/{pid}/environ").st_uid == 0


@pytest.mark.parametrize("name", ["environ", "mem", "maps"])
@pytest.mark.parametrize("user", ["xacct", "alice"])
def test_its_memory_is_closed_to_its_own_user_and_others(holding, user, name):
    for pid in holding:
        done = subprocess.run(
            ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
            + ["head", "-c", "1", f"/proc/{pid}/{name}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0 and "Permission denied" in done.stderr


def test_what_it_holds_of_secrets_is_locked(holding, service):
    locked = {pid: next(line for line in lines_of(pid, "status") if line.startswith("VmLck:"))
              for pid in holding}
    assert [pid for pid, line in locked.items() if line.split()[1] != "0"] == [service.pid]


def test_what_is_locked_is_left_out_of_core_dumps_and_wiped_in_children(holding, service):
    """By proc(5), smaps: dd is MADV_DONTDUMP, wf is MADV_WIPEONFORK."""
    areas = [line.split()[1:] for line in lines_of(service.pid, "smaps") if line[:8] == "VmFlags:"]
    locked = [flags for flags in areas if "lo" in flags]
    assert locked and all({"dd", "wf"} <= set(flags) for flags in locked), locked
