"""xacct revoke: a human's sessions end at once, whichever way they were opened and whatever is under
way, nobody else's do; and what it prints denies what AWS has issued, and no more.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import datetime
import fnmatch
import gzip
import json
import os
import subprocess
import threading

import pytest

from rig import audit_lines, commands, frames, policy, ssh_ca
from rig.processes import wait_until
from rig.service import Service

from .asking import (
    ALICE, AUDIT, DEV, UIDS, assume, behind_sudo, line_of, refusal, roles_of, write_policy,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("installed")

ENDED_BY_THE_ADMIN = "this session was ended by the admin (xacct revoke)"
CAROL, DAVE = "carol@partner.example", "dave@partner.example"


def run(*words, user=None):
    return commands.run("revoke", *words, user=user)


def revoke(human, *words, status=0):
    """What --json says."""
    done = run("--json", *words, "--", human)
    assert done.returncode == status, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def assert_revoked(user, session):
    reply = refusal(user, "assume", session, role=AUDIT)
    assert reply["status"] == "denied" and ENDED_BY_THE_ADMIN in reply["message"]
    assert refusal(user, "list", session)["status"] == "denied"
    return reply


def ends(bastion):
    return {line["session"]: line for line in bastion.audit() if line["event"] == "ended"}


def test_all_sessions_of_one_human_end_and_nobody_elses(bastion, service, opened, login):
    shell, second, bob = login("alice"), opened("alice"), opened("bob")
    mine = {shell.session, second.session}
    told = revoke("alice")
    assert {session["session"] for session in told["sessions"]} == mine
    by_id = {session["session"]: session for session in told["sessions"]}
    assert by_id[second.session] == {
        "session": second.session, "user": "alice", "service": "sshd", "address": "192.0.2.1",
        "role": AUDIT, "account": "client-a", "pid": str(second.pid),
        "opened": by_id[second.session]["opened"],
    }
    assert (told["human"], told["revoked_by"], told["failed"], told["dry_run"]) == (
        "alice", "root", None, False)
    for session in mine:
        line = line_of(bastion, assert_revoked("alice", session))
        assert (line["event"], line["session"]) == ("refused", session)
        assert "xacct revoke" in line["reason"]
    assert roles_of("bob", bob.session) == [DEV]
    ended = ends(bastion)
    assert set(ended) == mine
    for line in ended.values():
        assert (line["human"], line["role"], line["revoked_by"]) == ("alice", AUDIT, "root")
        assert line["reason"] == "it was revoked by root"
    (act,) = [line for line in bastion.audit() if line["event"] == "revoked"]
    assert (act["human"], act["sessions"], act["revoked_by"]) == ("alice", 2, "root")
    assert {line["reference"] for line in ended.values()} == {act["reference"]}
    # The logout of what has been ended says nothing more.
    shell.leave()
    assert second.close()["status"] == "permitted"
    assert set(ends(bastion)) == mine


def test_who_logs_in_again_begins_anew_with_credentials_that_were_issued_since(
        bastion, sts, service, opened):
    before = opened("alice")
    key = assume("alice", before.session)["AWS_ACCESS_KEY_ID"]
    assert assume("alice", before.session)["AWS_ACCESS_KEY_ID"] == key
    revoke("alice")
    after = opened("alice")
    assert after.reply["AWS_ACCESS_KEY_ID"] != key
    assert assume("alice", after.session)["AWS_ACCESS_KEY_ID"] != key
    # What the old session left running is not taken over by the new one.
    assert_revoked("alice", before.session)


def test_a_request_that_is_under_way_gets_nothing(bastion, sts, service, opened):
    session = opened("alice").session
    sts.behaviour = {None: "slow"}
    with frames.connect_as(UIDS["alice"]) as connection:
        connection.sendall(frames.request_bytes(
            {"op": "assume", "session": session, "role": DEV, "fresh": "1"}))
        sts.wait_for_calls(2)
        revoke("alice")
        reply = frames.receive(connection)
    assert reply["status"] == "denied"
    assert not [key for key in reply if key.startswith("AWS_")]
    sts.behaviour = {}
    # Nor is what came for it kept for later.
    again = opened("alice").session
    calls = len(sts.calls)
    assume("alice", again, DEV)
    assert len(sts.calls) == calls + 1


@pytest.mark.parametrize("served", [True, False], ids=["service", "once"])
def test_a_login_that_is_under_way_gets_nothing(bastion, sts, served):
    sts.behaviour = {None: "slow"}
    with Service() if served else contextlib.nullcontext():
        running = bastion.sshd.start("alice", "env")
        sts.wait_for_calls(1)
        told = revoke("alice")
        printed, _ = running.communicate(timeout=30)
    assert told["sessions"] == []
    assert running.returncode != 0 and b"AWS_ACCESS_KEY_ID" not in printed
    (refused,) = [line for line in bastion.audit() if line["event"] == "refused"]
    assert "xacct revoke while the login was under way" in refused["reason"]
    assert not bastion.records()


def test_without_the_service_sessions_end_as_well(bastion, login):
    shell, other = login("alice"), login("bob")
    told = revoke("alice")
    assert [session["session"] for session in told["sessions"]] == [shell.session]
    assert set(ends(bastion)) == {shell.session}
    assert set(bastion.records()) == {f"{other.session}.json"}
    # A service that is started later knows.
    with Service():
        assert_revoked("alice", shell.session)
        assert roles_of("bob", other.session) == [DEV]


def test_a_service_that_hangs_is_gone_past(bastion, service, opened):
    session = opened("alice").session
    service.freeze()
    done = run("--json", "alice")
    service.thaw()
    assert (done.returncode, len(json.loads(done.stdout)["sessions"])) == (0, 1)
    assert_revoked("alice", session)


def test_what_detach_serves_ends_too(bastion, sts, service, opened):
    write_policy(sts, ALICE + "detach = 1h\n")
    left = opened("alice")
    left.close()
    assert assume("alice", left.session)["session"] == left.session
    assert revoke("alice")["sessions"] == []
    assert_revoked("alice", left.session)


def test_of_people_who_share_an_account_one_alone_is_ended(bastion, sts, service, opened):
    ca = ssh_ca.Authority("revoke")
    write_policy(sts, f"[ca partner]\nkey = {ca.public}\nnames = *@partner.example\n"
                      f"[grant people]\nprincipals = {CAROL} {DAVE}\nroles = {AUDIT}\n")
    carol, dave = (opened("alice", auth_info=ca.issue(name, ["alice"]).auth_info)
                   for name in (CAROL, DAVE))
    told = revoke(CAROL)
    assert [session["session"] for session in told["sessions"]] == [carol.session]
    assert_revoked("alice", carol.session)
    assert roles_of("alice", dave.session) == [AUDIT]
    assert told["policy"]["Statement"][0]["Condition"]["StringEquals"] == {
        "aws:SourceIdentity": [CAROL]}


@pytest.mark.parametrize("over", [False, True], ids=["live", "over before"])
def test_what_a_revoked_login_left_gets_no_role_by_sudo(bastion, sts, service, opened, over):
    """Also of a login that was over before: as a tmux goes on after the logout."""
    write_policy(sts, ALICE + f"[grant eve]\nusers = alice\nservices = sudo\nroles = {DEV}\n")
    login = {"loginuid": UIDS["alice"], "audit_id": 4711}
    session = opened("alice", **login)
    if over:
        assert session.close()["status"] == "permitted"
    sudo = behind_sudo("alice") | login
    assert opened("eve", **sudo).reply["status"] == "permitted"
    revoke("alice")
    refused = opened("eve", **sudo).reply
    assert refused["status"] == "denied" and "was ended by xacct revoke" in refused["reason"]


def test_a_dry_run_ends_nothing_and_says_the_same(bastion, service, opened):
    session = opened("alice").session
    told = revoke("alice", "--dry-run")
    assert [one["session"] for one in told["sessions"]] == [session] and told["dry_run"]
    assert roles_of("alice", session)
    assert {line["event"] for line in bastion.audit()} == {"opened"}
    really = revoke("alice")
    assert really["roles"] == told["roles"] and really["sessions"] == told["sessions"]


def test_root_alone_may(bastion, service, opened):
    session = opened("alice").session
    done = run("alice", user="alice")
    assert done.returncode == 2 and "root alone" in done.stderr
    reply = refusal("alice", "revoke", session, human="alice")
    assert reply["status"] == "denied"
    assert roles_of("alice", session)


def test_who_asked_is_whom_the_login_uid_names(bastion, service, opened):
    """As the kernel keeps it through sudo; the record of that login says which human."""
    admin = {"loginuid": UIDS["bob"], "audit_id": 815}
    opened("bob", **admin)
    opened("alice")
    (ended, last) = frames.request({"op": "revoke", "human": "alice", "ruser": "bob", **admin})
    assert ended["user"] == "alice" and (last["last"], last["revoked_by"]) == ("1", "bob")
    (_, last) = frames.request({"op": "revoke", "human": "bob", "ruser": "carla", "loginuid": 4})
    assert last["revoked_by"] == "carla"


def test_where_not_everything_can_be_done_it_is_told_and_the_rest_is_done(bastion, login):
    """The line of an end cannot be written: it has ended all the same."""
    shell = login("alice")
    os.rename(policy.AUDIT, f"{policy.AUDIT}.1")
    os.mkdir(policy.AUDIT)
    told = revoke("alice", status=1)
    assert [one["session"] for one in told["sessions"]] == [shell.session]
    assert policy.AUDIT in told["failed"] and not bastion.records()
    os.rmdir(policy.AUDIT)


def test_while_the_policy_is_broken_sessions_end_as_well(bastion, service, opened):
    session = opened("alice").session
    policy.append("[grant broken\n")
    told = revoke("alice", status=1)
    assert [one["session"] for one in told["sessions"]] == [session]
    assert any("the policy has errors" in note for note in told["notes"])


def holds(condition, context):
    """Whether a condition holds, by the IAM User Guide, "IAM JSON policy elements: Condition
    operators": all operators and all keys, any of the values; a key that is not there holds in none
    of these."""
    def one(operator, have, want):
        if operator == "DateLessThan":
            return datetime.datetime.fromisoformat(have) < datetime.datetime.fromisoformat(want)
        return have == want if operator == "StringEquals" else fnmatch.fnmatchcase(have, want)

    return all(
        key in context and any(one(operator, context[key], want)
                               for want in (wants if isinstance(wants, list) else [wants]))
        for operator, keys in condition.items() for key, wants in keys.items())


def is_denied(document, **context):
    context = {f"aws:{key}": value for key, value in context.items()}
    assert document["Version"] == "2012-10-17"
    for statement in document["Statement"]:
        assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
    return any(holds(statement["Condition"], context) for statement in document["Statement"])


def test_the_document_denies_what_was_issued_before_in_that_name_and_nothing_else(
        bastion, service, opened):
    alice = opened("alice")
    assume("alice", alice.session, DEV)
    opened("bob")
    told = revoke("alice")
    document, before = told["policy"], told["before"]
    moment = datetime.datetime.fromisoformat(before)
    assert 0 < (moment - datetime.datetime.now(datetime.timezone.utc)).total_seconds() + 5 < 10
    old = (moment - datetime.timedelta(seconds=1)).isoformat()
    issued = [line for line in bastion.audit() if line.get("access_key_id")]
    # As AWS has it: the time of issue, the source identity where one was sent, the session's name.
    for line in issued:
        session = {"userid": f"AROAEXAMPLE:{line['session_name']}"}
        if "source_identity" in line:
            session["SourceIdentity"] = line["source_identity"]
        denied = line["human"] == "alice"
        assert is_denied(document, TokenIssueTime=old, **session) == denied, line
        assert not is_denied(document, TokenIssueTime=before, **session)
    assert {"source_identity" in line for line in issued} == {True, False}
    # Nor whoever has no temporary credentials at all.
    assert not is_denied(document, userid="AIDAEXAMPLE:alice")


def test_the_roles_are_those_of_which_some_live_and_those_that_the_policy_gives(
        bastion, sts, service, opened):
    write_policy(sts, ALICE + f"[grant dev]\nusers = bob\nroles = {DEV}\n")
    opened("alice")
    # The grant is taken away; what was issued under it lives on.
    write_policy(sts, f"[grant dev]\nusers = alice bob\nroles = {DEV}\n")
    told = revoke("alice")
    roles = {role["arn"].rpartition("/")[2]: role for role in told["roles"]}
    assert set(roles) == {"Auditor", "Developer"}
    (line,) = [line for line in bastion.audit() if line["event"] == "opened"]
    assert roles["Auditor"] == {
        "arn": line["role_arn"], "account": "client-a", "account_id": "111122223333",
        "expiry": line["expiry"], "permitted": False}
    assert (roles["Developer"]["expiry"], roles["Developer"]["permitted"]) == (None, True)


def test_what_is_found_in_rotated_files_counts_and_what_has_expired_does_not(
        bastion, service, opened):
    opened("alice")
    (line,) = [line for line in bastion.audit() if line["event"] == "opened"]
    over = line | {"expiry": policy.instant(-3600), "role_arn": "arn:aws:iam::111122223333:role/Over"}
    with gzip.open(f"{policy.AUDIT}.2.gz", "wt", encoding="ascii") as file:
        file.write(audit_lines.text([over]))
    other = line | {"role_arn": "arn:aws:iam::111122223333:role/Rotated"}
    with open(f"{policy.AUDIT}.1", "w", encoding="ascii") as file:
        file.write(audit_lines.text([other]))
    names = {role["arn"].rpartition("/")[2] for role in revoke("alice")["roles"] if role["expiry"]}
    assert names == {"Auditor", "Rotated"}


def printed_deny(text):
    """The section that people copy."""
    return text[text.index("[deny revoked-"):].split("\n\n")[0] + "\n"


def test_people_read_what_was_ended_and_what_is_to_be_done(bastion, service, opened):
    session = opened("alice").session
    done = run("alice")
    assert (done.returncode, done.stderr) == (0, "")
    first, second, *rest = done.stdout.splitlines()
    assert first == "alice: 1 live session ended"
    assert second.startswith(f"  {session}  alice by sshd from 192.0.2.1, opened 20")
    assert f", with {AUDIT} in client-a, by process " in second
    text = "\n".join(rest)
    document = text[text.index("\n{") + 1:text.index("\n}") + 2]
    assert json.loads(document)["Statement"][0]["Effect"] == "Deny"
    assert "arn:aws:iam::111122223333:role/bastion/Auditor (client-a): issued here" in text
    # The section that is printed is one, and keeps them out.
    policy.append(printed_deny(text))
    assert opened("alice").reply["status"] == "denied"
    # Whoever is not there has no session, which is no failure.
    nobody = run("nobody@nowhere.example")
    assert nobody.returncode == 0 and nobody.stdout.startswith("nobody@nowhere.example: 0 live ses")
    assert "nothing is known here of a human nobody@nowhere.example" in nobody.stdout
    assert "nothing is known" not in text


def test_a_policy_that_is_passed_over_is_told_as_what_it_is_to_keep_out_comes_in(bastion, service, opened):
    opened("alice")
    notes = revoke("alice", "--dry-run")["notes"]
    assert not any("the helper refuses this policy" in note for note in notes)
    os.chown(policy.FILE, 0, 0)
    os.chmod(policy.FILE, 0o600)
    notes = revoke("alice", "--dry-run")["notes"]
    assert any("the helper refuses this policy" in note and "no [deny]" in note for note in notes)


@pytest.mark.parametrize("human", [
    "CORP\\x", "jos\u00e9", "a,b", "a*", "?", "@x", "%x", "!x", "+x", "a b", "a;b", ";x", "#x", "x" * 188,
])
def test_the_deny_that_is_printed_denies_whatever_the_name_is_like(bastion, sts, service, human):
    write_policy(sts, f'[grant them]\nusers = other\nusers = "{human}"\nroles = {DEV}\n')

    def explained(user):
        # They are made up, so NSS is not asked for their groups.
        return commands.run("explain", "--auth", "publickey", "--certificate", "none", "--groups",
                            "them", "--config", policy.FILE, "--", user)

    assert explained(human).returncode == 0
    section = printed_deny(run("--", human).stdout)
    assert revoke(human)["deny"].splitlines()[1:] == section.splitlines()[1:]
    policy.append(section)
    denied = explained(human)
    assert denied.returncode == 1 and section.splitlines()[0] in denied.stdout, denied.stderr
    assert explained("other").returncode == 0


@pytest.mark.parametrize("human, why", [
    ('a"b', "a double quote"),
    ("a\nb", "a control character"),
    ("a\x9bb", "a control character"),
    ("a\u202eb", "changes the order"),
    (b"jos\xe9", "not UTF-8"),
    ("a ;b", "a semicolon"),
    ("x" * 189, "too long"),
])
def test_where_no_deny_can_be_printed_it_is_told_and_none_is(bastion, service, human, why):
    for words in (["--json"], []):
        done = subprocess.run(["/usr/bin/xacct", "revoke", *words, "--", human], capture_output=True,
                              check=False, timeout=60)
        text = done.stdout.decode("ascii")
        assert done.returncode == 1 and "[deny revoked-" not in text, text
        notes = json.loads(text)["notes"] if words else [text]
        assert any("no [deny] for" in note and why in note for note in notes)
        assert not words or json.loads(text)["deny"] is None


def test_a_hostile_name_moves_no_cursor(bastion, service):
    done = run("a\x1b[2J\nb")
    assert done.returncode == 1 and "\x1b" not in done.stdout and "a\\x1b[2J\\x0ab" in done.stdout
    (line,) = [line for line in bastion.audit() if line["event"] == "revoked"]
    assert line["human"] == "a\x1b[2J\nb"


def test_a_session_that_is_opened_meanwhile_ends_or_was_begun_afterwards(bastion, service, opened):
    replies, over = [], threading.Event()

    def log_in():
        while not over.is_set():
            replies.append(opened("alice").reply)

    thread = threading.Thread(target=log_in)
    thread.start()
    wait_until(lambda: len(replies) > 3, 10, "logins")
    before = {reply["session"] for reply in replies}
    ended = {session["session"] for session in revoke("alice")["sessions"]}
    over.set()
    thread.join()
    assert before <= ended
    for reply in replies:
        if reply["status"] != "permitted":
            assert "xacct revoke while the login was under way" in reply["reason"]
        elif reply["session"] not in ended:
            assert roles_of("alice", reply["session"])
