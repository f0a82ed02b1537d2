"""The audit file: each event and what its line holds, its copy in syslog, the policies that it names,
and that it can be rotated by logrotate itself.

SPDX-License-Identifier: BSD-2-Clause
"""

import base64
import contextlib
import glob
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import threading

import pytest

from rig import policy
from rig.commands import run
from rig.processes import wait_until
from rig.service import Service

from .asking import ALICE, AUDIT, DEV, ROLES, ask, assume, refusal, wait_for_end, write_policy

ROLE = {
    "role": AUDIT, "account": "client-a", "account_id": "111122223333",
    "tags": {"client": "a", "cost-centre": "4711", "project": "phoenix", "user": "alice"},
}
PERSON = {"user": "alice", "human": "alice", "service": "sshd", "address": "192.0.2.1"}
ISSUED = {"access_key_id", "expiry", "request_id", "session_name", "source_identity", "role_arn"}


def holds(line, *members, also=(), never=()):
    """That the line has these members, whole, and those named in `also`, and none of `never`."""
    for wanted in members:
        assert {key: line.get(key) for key in wanted} == wanted, line
    assert set(also) <= set(line) and not set(never) & set(line), line


def test_each_event_has_the_members_that_explain_it(bastion, sts, service, opened):
    """Account and tags stand in the line of whatever is about a role, its end too."""
    gone, session = opened("alice"), opened("alice")
    gone.close()
    assume("alice", session.session)
    assume("alice", session.session, purpose="switch")
    assume("alice", session.session, purpose="renew")
    assume("alice", gone.session, DEV)
    refusal("alice", "assume", session.session, role="nobodys")
    sts.behaviour = {None: "access-denied"}
    failed = refusal("alice", "assume", session.session, role=AUDIT, fresh="1")
    sts.behaviour = {}
    assert ask("alice", "default", session.session, role=AUDIT)["status"] == "permitted"
    session.close()
    lines = {}
    for line in bastion.audit():
        if line.get("reference") == failed["reference"]:
            lines["refused a role"] = line
        else:
            lines.setdefault(line["event"], line)
    (changed,) = bastion.audit(of_policy=True)

    common = {"version": 1, "host": os.uname().nodename}
    table = {
        "opened": ((PERSON, ROLE), ISSUED | {"rule", "session"}, ()),
        "used": ((PERSON, ROLE), ISSUED | {"rule", "cached"}, {"purpose", "adopted_from"}),
        "switched": ((PERSON, ROLE, {"purpose": "switch"}), ISSUED, ()),
        "refreshed": ((PERSON, ROLE, {"purpose": "renew"}), ISSUED, ()),
        "adopted": ((PERSON, {"role": DEV, "account": "client-a", "account_id": "111122223333",
                              "tags": {"client": "a", "cost-centre": "4711"},
                              "session": session.session, "adopted_from": gone.session}),
                    {"rule", "role_arn"}, {"access_key_id", "expiry", "request_id"}),
        "refused": ((PERSON, {"wanted": "nobodys", "status": "denied"}), {"reason"}, set(ROLE)),
        "refused a role": ((PERSON, ROLE), {"reason", "status", "request_id"}, {"access_key_id"}),
        "chosen": ((PERSON, ROLE), {"rule"}, {"access_key_id"}),
        "ended": ((PERSON, ROLE, {"session": gone.session}), {"reference"}, {"access_key_id"}),
    }
    assert set(table) == set(lines)
    for event, (members, also, never) in table.items():
        holds(lines[event], common, *members, also={"time", "policy_hash", *also}, never=never)
    holds(changed, common, also={"time", "policy_hash", "reason"}, never=set(ROLE))


def test_an_adoption_is_written_once_and_before_what_is_given(bastion, service, opened):
    gone, other, stays = opened("alice"), opened("alice"), opened("alice")
    gone.close()
    other.close()
    for session in (gone, gone, other, gone, stays):
        assume("alice", session.session)
    events = [(line["event"], line.get("adopted_from")) for line in bastion.audit()
              if line["event"] in ("adopted", "used")]
    assert events == [
        ("adopted", gone.session), ("used", gone.session), ("used", gone.session),
        ("adopted", other.session), ("used", other.session), ("used", gone.session), ("used", None),
    ]


def test_a_session_that_ends_without_the_service_has_its_role_in_the_line(bastion, login):
    shell = login("alice")
    shell.leave()
    holds(wait_for_end(bastion, shell.session), {"human": "alice"}, ROLE)


def test_each_line_goes_to_syslog_as_it_stands_in_the_file(bastion, service, opened):
    alice = opened("alice")
    assume("alice", alice.session)
    refusal("alice", "assume", alice.session, role="no\nbody's")
    alice.close()

    def written():
        with open(policy.AUDIT, encoding="ascii") as lines:
            return lines.read().splitlines()

    wait_until(lambda: len(bastion.syslog.copies) == len(written()), 5, "every line in syslog")
    assert [copy.text for copy in bastion.syslog.copies] == written()
    severities = {json.loads(copy.text)["event"]: (copy.facility, copy.severity)
                  for copy in bastion.syslog.copies}
    assert severities["opened"] == (10, "info") and severities["refused"] == (10, "notice")


def test_what_does_not_stand_in_the_file_is_not_said_in_syslog(bastion):
    os.mkdir(policy.AUDIT)
    assert bastion.sshd.ssh("alice", "true").status != 0
    bastion.verdict()
    assert bastion.syslog.copies == []
    os.rmdir(policy.AUDIT)


def test_no_line_goes_to_syslog_where_the_policy_says_so(bastion, sts, login):
    write_policy(sts, ALICE, "audit_syslog = no")
    login("alice").leave()
    assert {line["event"] for line in bastion.audit()} >= {"opened"}
    assert bastion.syslog.copies == []


def kept(line):
    """The file of the policy that a line was decided by."""
    return f"{policy.STATE}/policy-{line['policy_hash']}.json"


@pytest.mark.parametrize("served", [True, False], ids=["service", "once"])
def test_the_policy_of_each_line_is_kept_and_can_be_read_compared_and_explained(
        bastion, sts, login, served):
    """By whoever finds the hash in the file years later: with jq, and with xacct's own commands."""
    def opened_line():
        login("alice").leave()
        return [line for line in bastion.audit() if line["event"] == "opened"][-1]

    first_text = policy.heading(sts.url) + ROLES + ALICE
    second_text = first_text.replace("users   = alice", "users   = alice eve")
    policy.write(first_text)
    with Service() if served else contextlib.nullcontext():
        first = opened_line()
        policy.write(second_text)
        second = opened_line()
    assert first["policy_hash"] != second["policy_hash"]
    for line, text in ((first, first_text), (second, second_text)):
        status = os.stat(kept(line))
        assert (status.st_uid, status.st_mode & 0o777) == (policy.xacct().pw_uid, 0o600)
        shown = subprocess.run(
            ["jq", "-j", r".files[] | select(.path == $path) | .bytes | @base64d",
             "--arg", "path", policy.FILE, kept(line)],
            capture_output=True, text=True, check=True, timeout=30)
        assert shown.stdout == text
        paths = [file["path"] for file in json.loads(pathlib.Path(kept(line)).read_text())["files"]]
        assert paths == [policy.FILE, f"{policy.FOLDER}/policies/reports.json"]
    policy.write("[xacct]\n")

    assert run("check", "--config", kept(first)).returncode == 0
    compared = run("diff", kept(first), kept(second))
    assert compared.returncode == 1 and compared.stdout.startswith("eve: + client-a-audit")
    then = ["explain", "eve", "--groups", "", "--config"]
    assert run(*then, kept(first)).returncode == 1
    assert run(*then, kept(second)).returncode == 0
    assert run("trust", AUDIT, "--config", kept(first), "--principal",
               "arn:aws:iam::999900001111:user/bastion").returncode == 0


def test_a_kept_policy_that_was_changed_is_not_taken_for_it(bastion, login):
    login("alice").leave()
    changed = json.loads(pathlib.Path(kept(bastion.audit()[0])).read_text(encoding="ascii"))
    text = base64.b64decode(changed["files"][0]["bytes"]).replace(b"alice", b"eve  ")
    changed["files"][0]["bytes"] = base64.b64encode(text).decode("ascii")
    path = pathlib.Path("/mnt/changed.json")
    path.write_text(json.dumps(changed, separators=(",", ":")), encoding="ascii")
    done = run("check", "--config", path)
    assert done.returncode == 2
    assert "damaged or changed: its files have not the hash that it states" in done.stderr + done.stdout
    # Nor is one that is called as another.
    other = pathlib.Path(f"/mnt/policy-{'0' * 64}.json")
    shutil.copy(kept(bastion.audit()[0]), other)
    done = run("check", "--config", other)
    assert done.returncode == 2
    assert "of another hash than its name says" in done.stderr + done.stdout


def test_where_the_policy_cannot_be_kept_it_is_told_and_logins_go_on(bastion, login):
    os.chmod(policy.STATE, 0o777)
    assert login("alice").environment["XACCT_ROLE"] == AUDIT
    line, *_ = bastion.syslog.wait_for(r"cannot keep the policy in .*")
    assert "what the audit file says of its rules cannot be read later" in line[0]


def rotate(how, state="/mnt/logrotate.state"):
    """Runs logrotate once with the shipped configuration, or with other words of it."""
    text = pathlib.Path("conf/logrotate").read_text(encoding="ascii")
    text = text.replace(policy.DEFAULT_AUDIT, policy.AUDIT)
    for old, new in how.items():
        assert old in text
        text = text.replace(old, new)
    config = pathlib.Path("/mnt/logrotate.conf")
    config.write_text(text, encoding="ascii")
    config.chmod(0o644)
    done = subprocess.run(["logrotate", "--force", "--state", state, str(config)],
                          capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def all_lines():
    """The lines of the file and of what it was rotated to."""
    lines = []
    for path in glob.glob(f"{policy.AUDIT}*"):
        with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="ascii") as file:
            lines += [json.loads(line) for line in file]
    return lines


@contextlib.contextmanager
def writing(session):
    """Has lines written all the time; the list of their references grows meanwhile."""
    references, over = [], threading.Event()

    def write():
        while not over.is_set():
            references.append(assume("alice", session)["reference"])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield references
    finally:
        over.set()
        writer.join()


@pytest.mark.parametrize("how, busy", [
    ({}, True), ({"    delaycompress\n": ""}, True), ({"nocreate": "create 0600 xacct xacct"}, False),
], ids=["shipped", "without delaycompress", "create"])
def test_logrotate_rotates_and_compresses_it_and_no_line_is_lost(
        bastion, service, opened, how, busy):
    """Without a word to the service, and while it writes. With `create` the file could be there
    already when logrotate comes to make it, which tells of it then and puts that one aside."""
    pathlib.Path("/mnt/logrotate.state").unlink(missing_ok=True)
    session = opened("alice").session
    references = []
    for _ in range(4):
        with writing(session) as written:
            wait_until(lambda: len(written) > 2, 10, "lines of the service's")
            if busy:
                rotate(how)
        if not busy:
            rotate(how)
        references += written
    references += [assume("alice", session)["reference"]]
    assert glob.glob(f"{policy.AUDIT}.*.gz")
    used = [line["reference"] for line in all_lines() if line["event"] == "used"]
    assert set(used) == set(references)
    status = os.stat(policy.AUDIT)
    assert (status.st_uid, status.st_mode & 0o077) == (policy.xacct().pw_uid, 0)


def test_a_file_that_is_emptied_in_place_is_written_on_from_its_beginning(bastion, service, opened):
    """copytruncate, which the manual advises against, as what comes between the two steps is lost."""
    session = opened("alice")
    rotate({"nocreate": "copytruncate"})
    reply = assume("alice", session.session)
    with open(policy.AUDIT, "rb") as file:
        text = file.read()
    assert text.startswith(b'{"event":"used"') and reply["reference"].encode() in text
