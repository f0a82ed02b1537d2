"""A login that is permitted: what the session holds, what STS was asked, what is written down.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import json
import os
import re
import signal
import stat

import pytest

from rig import policy, sts_standin
from rig.bastion import ROLE_ARN, SESSION_POLICY
from rig.fixtures import BASE_KEY, know
from rig.processes import wait_until

NAMES = {
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"),
    *("AWS_DEFAULT_REGION", "AWS_CREDENTIAL_EXPIRATION"),
    *("XACCT_ROLE", "XACCT_ROLE_ARN", "XACCT_ACCOUNT", "XACCT_SESSION"),
}


def ours(environment):
    return {
        name: value for name, value in environment.items() if name.startswith(("AWS_", "XACCT_"))
    }


def test_the_session_holds_the_roles_credentials_and_nothing_else_of_ours(bastion, sts):
    login = bastion.sshd.ssh("alice", "env")
    held = ours(login.environment)
    (issued,) = sts.issued
    assert login.status == 0, bastion.syslog.text()
    assert set(held) == NAMES
    assert held["AWS_ACCESS_KEY_ID"] == issued.access_key
    assert held["AWS_SECRET_ACCESS_KEY"] == issued.secret
    assert held["AWS_SESSION_TOKEN"] == issued.token
    assert held["AWS_CREDENTIAL_EXPIRATION"] == issued.expiration
    assert held["AWS_REGION"] == held["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert (held["XACCT_ROLE"], held["XACCT_ACCOUNT"]) == ("client-a-audit", "client-a")
    assert held["XACCT_ROLE_ARN"] == ROLE_ARN


def test_sts_is_asked_for_what_the_policy_says(bastion, sts):
    bastion.sshd.ssh("alice", "true")
    (call,) = sts.calls
    parameters = call.parameters
    tags = {tag["Key"]: tag["Value"] for tag in parameters.pop("Tags")}
    transitive = parameters.pop("TransitiveTagKeys")
    assert (call.answer, call.region, call.access_key) == ("success", "eu-west-1", BASE_KEY)
    assert json.loads(parameters.pop("Policy")) == json.loads(
        SESSION_POLICY.replace("%{user}", "alice")
    )
    assert tags == {"client": "a", "cost-centre": "4711", "project": "phoenix", "user": "alice"}
    assert sorted(transitive) == ["client", "project"]
    assert parameters == {
        "RoleArn": ROLE_ARN,
        "RoleSessionName": "alice",
        "SourceIdentity": "alice",
        "ExternalId": "7Zr-42",
        "DurationSeconds": 1800,
        "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
    }


def test_what_a_role_does_not_say_is_not_sent(bastion, sts):
    bastion.sshd.ssh("bob", "true")
    (call,) = sts.calls
    assert call.answer == "success", call
    assert set(call.parameters) - {"DurationSeconds"} == {
        *("RoleArn", "RoleSessionName", "ExternalId", "Tags")
    }


def test_a_terminal_shows_role_account_expiry_and_choice(bastion, sts):
    login = bastion.sshd.ssh("alice", tty=True, typed="exit\n")
    (issued,) = sts.issued
    (line,) = [line for line in login.stdout.splitlines() if "client-a-audit" in line]
    until = datetime.datetime.strptime(issued.expiration, "%Y-%m-%dT%H:%M:%SZ")
    assert "client-a" in line and "111122223333" in line and "client-a-dev" in line
    assert until.strftime("%Y-%m-%d %H:%M UTC") in line


def test_with_quiet_a_terminal_shows_nothing(bastion):
    bastion.sshd.set_stack(options="timeout=5s quiet")
    login = bastion.sshd.ssh("alice", tty=True, typed="exit\n")
    assert login.status == 0
    assert "client-a-audit" not in login.stdout


@pytest.mark.parametrize("user", ["alice", "eve"])
def test_the_output_of_a_command_is_the_commands_alone(bastion, user):
    login = bastion.sshd.ssh(user, r"printf 'a\0b'")
    assert (login.status, login.stdout, login.stderr) == (0, "a\0b", "")


def test_a_user_without_grant_gets_in_with_nothing(bastion, sts):
    login = bastion.sshd.ssh("eve", "env")
    assert login.status == 0
    assert not ours(login.environment)
    assert not sts.calls


def test_a_user_without_grant_is_kept_out_where_a_role_is_required(bastion, sts):
    bastion.sshd.set_stack(options="timeout=5s require_role")
    login = bastion.sshd.ssh("eve", "env")
    assert login.status == 255
    assert bastion.verdict("account")[0] == "no-grant"
    assert not sts.calls


def test_a_denied_user_is_kept_out_before_sts_is_asked(bastion, sts):
    login = bastion.sshd.ssh("mallory", "env")
    assert login.status == 255
    status, text, reference = bastion.verdict("account")
    (line,) = bastion.audit()
    assert status == "denied" and "leavers" in text and policy.FILE in text
    assert (line["event"], line["status"], line["user"]) == ("refused", "denied", "mallory")
    assert line["reference"] == reference
    assert not sts.calls


def test_a_system_user_is_left_alone(bastion, sts):
    policy.write("this is no policy\n")
    login = bastion.sshd.ssh("toor", "env")
    assert login.status == 0
    assert not ours(login.environment)
    assert not sts.calls


def test_the_audit_line_joins_login_and_cloudtrail(bastion, sts):
    start = datetime.datetime.now(datetime.timezone.utc)
    login = bastion.sshd.ssh("alice", "env")
    line = next(line for line in bastion.audit() if line["event"] == "opened")
    (call,), (issued,) = sts.calls, sts.issued
    rule = re.fullmatch(rf"{policy.FILE}:(\d+)", line["rule"])
    with open(policy.FILE, encoding="utf-8") as text:
        assert text.read().splitlines()[int(rule[1]) - 1] == "[grant consultants]"
    when = datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00"))
    assert abs(when - start) < datetime.timedelta(seconds=5)
    expected = {
        "version": 1,
        "session": login.environment["XACCT_SESSION"],
        "service": "sshd",
        "address": "127.0.0.1",
        "host": "bastion-test",
        "user": "alice",
        "human": "alice",
        "account": "client-a",
        "tags": {"client": "a", "cost-centre": "4711", "project": "phoenix", "user": "alice"},
        "role_arn": ROLE_ARN,
        "session_name": "alice",
        "source_identity": "alice",
        "access_key_id": issued.access_key,
        "expiry": issued.expiration,
        "request_id": call.request_id,
    }
    assert {name: line.get(name) for name in expected} == expected
    assert re.fullmatch("[0-9a-f]{64}", line["policy_hash"])
    assert re.fullmatch(r"\w{8}", line["reference"])


def test_the_policy_hash_changes_with_any_file_of_the_policy(bastion):
    def policy_hash():
        bastion.sshd.ssh("bob", "true")
        return bastion.audit()[-1]["policy_hash"]

    before = policy_hash()
    assert policy_hash() == before
    policy.place(f"{policy.FOLDER}/policies/reports.json", SESSION_POLICY + "\n")
    assert policy_hash() != before


def test_the_session_ends_in_audit_and_its_record_is_gone(bastion):
    running = bastion.sshd.start("alice", "cat")
    try:
        wait_until(bastion.records, 10, "the session's record")
        ((name, record),) = bastion.records().items()
        sessions = os.stat(policy.SESSIONS), os.stat(f"{policy.SESSIONS}/{name}")
        with open(f"/proc/{record['pid']}/stat", encoding="ascii") as text:
            fields = text.read().rpartition(")")[2].split()
        with open(f"/proc/{record['pid']}/cmdline", encoding="ascii") as text:
            assert text.read().startswith("sshd: alice [priv]")
        assert record["start_time"] == int(fields[19])
        assert (record["user"], record["uid"]) == ("alice", 1001)
        assert (record["service"], record["address"]) == ("sshd", "127.0.0.1")
        assert name == f"{record['session']}.json"
        assert [stat.S_IMODE(entry.st_mode) for entry in sessions] == [0o700, 0o600]
        assert {entry.st_uid for entry in sessions} == {policy.xacct().pw_uid}
    finally:
        running.stdin.close()
        running.wait(10)
        running.stdout.close()
        running.stderr.close()
    wait_until(lambda: not bastion.records(), 10, "the record to go")
    wait_until(lambda: bastion.audit()[-1]["event"] == "ended", 10, "the end in the audit file")
    opened, ended = bastion.audit()
    assert opened["session"] == ended["session"] == record["session"]


def test_a_client_that_vanishes_ends_its_session(bastion):
    running = bastion.sshd.start("alice", "cat")
    wait_until(bastion.records, 10, "the session's record")
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=10)
    wait_until(lambda: not bastion.records(), 10, "the record to go")


def test_nothing_is_issued_when_the_audit_file_cannot_be_written(bastion, sts):
    os.chmod(os.path.dirname(policy.AUDIT), 0o500)
    os.chown(os.path.dirname(policy.AUDIT), 0, 0)
    login = bastion.sshd.ssh("alice", "env")
    status, text, _ = bastion.verdict()
    assert login.status == 254
    assert status == "unavailable" and policy.AUDIT in text
    assert not bastion.records()


def policy_before(url, extra):
    """The standing policy for another endpoint, with one more line in [xacct]."""
    with open(policy.FILE, encoding="utf-8") as text:
        _, rules = text.read().split("[account client-a]")
    return f"{policy.heading(url, extra)}\n[account client-a]{rules}"


def test_tls_is_verified_against_the_bundle_of_the_policy(bastion, authority):
    with sts_standin.StandIn(certificate=authority.issue("localhost")) as tls:
        know(tls)
        policy.write(policy_before(tls.url, f"ca_bundle = {authority.bundle}"))
        login = bastion.sshd.ssh("alice", "env")
        assert login.environment.get("AWS_ACCESS_KEY_ID") == tls.issued[0].access_key


@pytest.mark.parametrize(
    "certificate, bundle",
    [("IP:127.0.0.1", False), ("DNS:sts.example.com", True)],
    ids=["unknown-authority", "other-name"],
)
def test_a_wrong_certificate_ends_the_call(bastion, authority, certificate, bundle):
    pair = authority.issue("wrong", certificate)
    with sts_standin.StandIn(certificate=pair) as tls:
        know(tls)
        trusted = f"ca_bundle = {authority.bundle}" if bundle else ""
        policy.write(policy_before(tls.url, trusted))
        login = bastion.sshd.ssh("alice", "env")
        status, text, _ = bastion.verdict()
        assert login.status == 254
        assert status == "misconfigured" and "certificate" in text.lower()
        assert not tls.calls
