"""xacct metrics: what the service has counted is what happened, who may ask, and what an exporter
shows to everybody tells nobody of other clients.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import re
import time

import pytest

from rig import accounts, frames, metrics, policy
from rig.bastion import RULES, USERS
from rig.processes import wait_until
from rig.roles_anywhere import Authority
from rig.service import Service

from .asking import AUDIT, DEV, assume, refusal, write_policy

DURATION = "xacct_sts_request_duration_seconds"


def open_session(user, **fields):
    """A login that comes to nothing, or is not looked at any more."""
    (reply,) = frames.request(frames.open_request(user, **fields))
    return reply


def check(user):
    (reply,) = frames.request({"op": "check", "user": user, "service": "sshd"})
    return reply


# What is counted


def test_logins_are_counted_by_their_pam_service(bastion, sts, service, opened):
    write_policy(sts, "[grant all]\nusers = alice bob\nroles = client-a-dev\ndefault = client-a-dev\n"
                      "services = sshd sudo su ftp\n")
    opened("alice"), opened("alice"), opened("bob")
    opened("bob", service="sudo"), opened("alice", service="ftp")
    told = metrics.told()
    assert told.by("xacct_logins_total", "service") == {"sshd": 3, "sudo": 1, "other": 1}
    assert told["xacct_sessions"] == 5
    assert told.by("xacct_refusals_total", "operation", "reason") == {}


def test_refusals_are_counted_by_operation_and_reason(bastion, sts, service, opened):
    policy.append("[grant over]\nusers = eve\nroles = client-a-dev\nuntil = 2020-01-01\n")
    assert check("alice")["status"] == "permitted"
    assert [check("mallory")["status"], check("mallory")["status"]] == ["denied", "denied"]
    assert open_session("mallory")["status"] == "denied"
    assert open_session("eve")["status"] == check("eve")["status"] == "expired"
    session = opened("bob").session
    refusal("bob", "assume", session, role=AUDIT)
    refusal("bob", "console", session, role=AUDIT)
    refusal("eve", "list")
    told = metrics.told()
    assert told.by("xacct_refusals_total", "operation", "reason") == {
        ("check", "denied"): 2, ("open", "denied"): 1, ("open", "expired"): 1,
        ("check", "expired"): 1, ("assume", "denied"): 1, ("console", "denied"): 1,
        ("list", "denied"): 1}  # fmt: skip
    assert told.by("xacct_logins_total", "service") == {"sshd": 1}


def test_whom_nothing_is_granted_is_counted_and_system_users_are_not(bastion, service):
    assert open_session("eve")["status"] == "no-grant"
    assert open_session("toor")["status"] == "unmanaged"
    assert metrics.told().by("xacct_refusals_total", "operation", "reason") == {("open", "no-grant"): 1}


def test_hand_outs_are_counted_by_source_and_purpose(bastion, sts, service, opened):
    session = opened("alice").session  # of STS
    opened("alice")  # of memory, as the next three
    assume("alice", session, purpose="switch")
    assume("alice", session, purpose="switch")
    assume("alice", session, purpose="renew")
    assume("alice", session, DEV, purpose="exec")  # of STS
    assume("alice", session, fresh="1")  # of STS
    told = metrics.told()
    assert told.by("xacct_credentials_handed_out_total", "source", "purpose") == {
        ("sts", "login"): 1, ("memory", "login"): 1, ("memory", "switch"): 2,
        ("memory", "renew"): 1, ("sts", "exec"): 1, ("sts", "other"): 1}  # fmt: skip
    assert told.by("xacct_sts_requests_total", "result") == {"success": len(sts.calls)}
    assert len(sts.calls) == 3


def test_where_a_process_delivers_a_login_hands_out_nothing(bastion, sts, service, opened):
    policy.write(policy.heading(sts.url, "deliver = process") + RULES)
    session = opened("alice").session
    assert metrics.told().by("xacct_credentials_handed_out_total", "purpose") == {}
    assume("alice", session, purpose="process")
    assert metrics.told().by("xacct_credentials_handed_out_total", "purpose") == {"process": 1}


@pytest.mark.parametrize("behaviour, result, reason", [
    ("access-denied", "refused", "misconfigured"),
    ("throttling", "throttled", "unavailable"),
    ("internal-failure", "transient", "unavailable"),
    ("html", "garbled", "unavailable"),
    ("region-disabled", "region", "misconfigured"),
])
def test_each_call_of_sts_is_counted_by_what_became_of_it(bastion, sts, service, behaviour, result, reason):
    sts.behaviour[None] = behaviour
    status = open_session("alice")["status"]
    told = metrics.told()
    assert told.by("xacct_sts_requests_total", "result") == {result: len(sts.calls)}
    assert told[f"{DURATION}_count"] == len(sts.calls) > 0
    assert (status, told.by("xacct_refusals_total", "operation", "reason")) == (reason, {("open", reason): 1})


def buckets(told, **labels):
    return {float(bound): told.of(f"{DURATION}_bucket", le=bound, **labels)
            for bound in {dict(pairs)["le"] for name, pairs in told.samples if name == f"{DURATION}_bucket"}}


def test_the_time_of_sts_is_a_histogram(bastion, sts, service, opened):
    opened("bob")
    sts.behaviour[None] = "after-300-ms"
    began = time.monotonic()
    opened("alice")
    took = time.monotonic() - began
    told = metrics.told()
    found = buckets(told)
    assert [found[bound] for bound in sorted(found)] == sorted(found.values())
    assert found[float("inf")] == told[f"{DURATION}_count"] == 2
    # The second took 300 ms or more, and no more than the login.
    assert found[0.25] <= 1 and 0.3 <= told[f"{DURATION}_sum"]
    assert sum(found[bound] for bound in found if bound < 0.3) <= len([b for b in found if b < 0.3])
    assert found[min(bound for bound in found if bound >= took)] >= 1


def test_regions_are_told_apart_by_name_alone(bastion, sts, service, opened):
    """Where one client's STS is says where that client is."""
    policy.write(policy.heading(sts.url, "sts_region = eu-west-1 eu-central-1") + RULES)
    # Before the first call, as what begins with a number is no increase to Prometheus.
    first = metrics.told("--names")
    assert [first.of(f"{DURATION}_count", region=region) for region in ("eu-west-1", "eu-central-1")] == [0, 0]
    sts.behaviour[None] = ["region-disabled", "region-disabled", "region-disabled", "region-disabled"]
    open_session("alice")
    both = metrics.told("--names")
    regions = {region for region, _ in both.by("xacct_sts_requests_total", "region", "result")}
    assert regions == {"eu-west-1", "eu-central-1"}
    assert sum(both.of(f"{DURATION}_count", region=region) for region in regions) == len(sts.calls)
    told = metrics.told()
    assert told[f"{DURATION}_count"] == len(sts.calls)
    assert "eu-west-1" not in told.text and "region" not in told.text.replace('result="region"', "")


def test_base_credentials_that_cannot_be_had_are_counted(bastion, sts, service):
    os.unlink(policy.BASE)
    assert open_session("alice")["status"] == "misconfigured"
    told = metrics.told()
    assert told["xacct_base_failures_total"] >= 1
    assert told.by("xacct_sts_requests_total", "result") == {}


def test_lines_of_the_audit_file_that_cannot_be_written_are_counted(bastion, sts, service):
    open_session("eve")
    assert metrics.told()["xacct_audit_failures_total"] == 0
    os.chown(policy.AUDIT, 0, 0)
    assert open_session("alice")["status"] == "unavailable"
    told = metrics.told()
    assert told["xacct_audit_failures_total"] >= 1
    # Nothing was issued.
    assert told.by("xacct_credentials_handed_out_total", "purpose") == {}
    assert told.by("xacct_refusals_total", "operation", "reason")[("open", "unavailable")] == 1


def test_look_ups_that_hang_are_counted(bastion, sts, service):
    write_policy(sts, "[grant ops]\ngroups = operators\nroles = client-a-dev\n")
    with accounts.Directory([("operators", 6001, ["alice"])]) as directory:
        assert check("alice")["status"] == "permitted"
        assert metrics.told()["xacct_lookup_timeouts_total"] == 0
        directory.hang()
        (reply,) = frames.request({"op": "check", "user": "alice", "service": "sshd", "deadline_ms": "1000"})
        assert reply["status"] == "unavailable"
        assert metrics.told()["xacct_lookup_timeouts_total"] >= 1


def test_a_login_that_did_not_get_its_reply_is_none(bastion, sts, service):
    """Its module went the other way meanwhile."""
    sts.behaviour[None] = "after-300-ms"
    with frames.connect() as connection:
        connection.sendall(frames.request_bytes(frames.open_request("alice")))
        sts.wait_for_calls(1)
    wait_until(lambda: [line for line in bastion.audit() if line["event"] == "ended"], 10, "its end")
    told = metrics.told()
    assert told.by("xacct_logins_total", "service") == {}
    assert told.by("xacct_credentials_handed_out_total", "source") == {}
    assert told["xacct_sessions"] == 0


def test_what_is_no_request_is_not_counted(bastion, service):
    frames.request({"op": "open", "user": "alice"})
    frames.request({"op": "nonsense"})
    frames.request_as(USERS["alice"], {"op": "open", "user": "alice"})
    with contextlib.suppress(ConnectionError), frames.connect() as connection:
        connection.sendall(b"\0\0\0\x04abcd")
        frames.receive(connection)
    assert metrics.told().by("xacct_refusals_total", "operation", "reason") == {}


def test_a_restart_begins_anew(bastion, sts, service, opened):
    before = int(time.time())
    service.restart()
    opened("alice")
    first = metrics.told()
    assert first.by("xacct_logins_total", "service") == {"sshd": 1}
    assert before <= first["xacct_service_start_time_seconds"] <= time.time()
    service.restart()
    second = metrics.told()
    assert second.by("xacct_logins_total", "service") == {}
    assert second.by("xacct_sts_requests_total", "result") == {}
    assert second["xacct_service_start_time_seconds"] >= first["xacct_service_start_time_seconds"]
    assert second["xacct_sessions"] == 1  # which lives on


# The policy


def test_the_policy_in_force_and_since_when(bastion, sts, service):
    open_session("eve")
    told = metrics.told()
    (line,) = bastion.audit()
    assert told.of("xacct_policy_info", hash=line["policy_hash"]) == told.of("xacct_up") == 1
    since = told["xacct_policy_in_force_timestamp_seconds"]
    assert since <= time.time()
    # As old as it is after a restart, and with another one as old as that.
    os.utime(f"{policy.STATE}/last-good.json", (since - 5000, since - 5000))
    service.restart()
    assert metrics.told()["xacct_policy_in_force_timestamp_seconds"] == since - 5000
    policy.append("[grant another]\nusers = eve\nroles = client-a-dev\n")
    told = metrics.told()
    assert told["xacct_policy_in_force_timestamp_seconds"] >= since
    assert told.by("xacct_policy_info", "hash").keys() != {line["policy_hash"]}


def test_a_broken_policy_and_since_when(bastion, sts, service):
    good = metrics.told()
    assert good["xacct_policy_broken"] == 0
    assert "xacct_policy_broken_since_timestamp_seconds" not in good.names()
    before = int(time.time())
    policy.append("[nonsense]\n")
    broken = metrics.told()
    assert broken["xacct_policy_broken"] == 1
    since = broken["xacct_policy_broken_since_timestamp_seconds"]
    assert before <= since <= time.time()
    for name in ("xacct_policy_info", "xacct_policy_in_force_timestamp_seconds"):
        assert broken.by(name, "hash") == good.by(name, "hash")
    assert metrics.told()["xacct_policy_broken_since_timestamp_seconds"] == since
    policy.write(policy.heading(sts.url) + RULES)
    assert metrics.told()["xacct_policy_broken"] == 0


def test_a_policy_that_was_broken_from_the_first(bastion, sts):
    policy.write("[nonsense]\n")
    with Service():
        told = metrics.told()
    assert (told["xacct_up"], told["xacct_policy_broken"]) == (1, 1)
    assert "xacct_policy_info" not in told.names()


def test_when_grants_end(bastion, sts, service):
    day = metrics.DAY
    grants = [metrics.grant("later", 9 * day), metrics.grant("soon", 2 * day), metrics.grant("over", -day),
              metrics.grant("elsewhere", day, "hosts = other-*"), metrics.grant("here", 5 * day, "hosts = bastion-*"),
              "[grant endless]\nusers = alice\nroles = client-a-dev\n",
              "[pattern directory]\ngroups = aws-{account}-{role}\nname = bastion/{role}\n"
              f"until = {policy.instant(7 * day)}\n"]
    write_policy(sts, "".join(grants))
    now = time.time()
    named = metrics.told("--names").by(metrics.END, "section")
    assert {section: round((end - now) / metrics.DAY) for section, end in named.items()} == {
        "grant later": 9, "grant soon": 2, "grant here": 5, "pattern directory": 7}
    # Without names the earliest of them.
    assert metrics.told().by(metrics.END, "section") == {None: named["grant soon"]}
    write_policy(sts)
    assert metrics.END not in metrics.told().names()


def test_when_certificates_of_bases_end(bastion, sts, service, tmp_path):
    authority = Authority(str(tmp_path))
    lines = ""
    for name, days in (("a", 30), ("b", 3)):
        for path in authority.issue(name, "EC", days=days):
            with open(path, encoding="ascii") as text:
                policy.place(f"{policy.FOLDER}/{os.path.basename(path)}", text.read())
        lines += (f"[base {name}]\nsource = roles-anywhere\ncertificate = {policy.FOLDER}/{name}.pem\n"
                  f"key = {policy.FOLDER}/{name}.key\n"
                  "trust_anchor_arn = arn:aws:rolesanywhere:eu-west-1:999900001111:trust-anchor/a\n"
                  "profile_arn = arn:aws:rolesanywhere:eu-west-1:999900001111:profile/p\n"
                  "role_arn = arn:aws:iam::999900001111:role/bastion\n")
    policy.write(policy.heading(sts.url) + RULES + lines)
    service.restart()
    name = "xacct_certificate_end_timestamp_seconds"
    named = metrics.told("--names").by(name, "section")
    assert {section: round((end - time.time()) / metrics.DAY) for section, end in named.items()} == {
        "base a": 30, "base b": 3}
    assert metrics.told().by(name, "section") == {None: named["base b"]}


# Who may know what


def test_by_default_nothing_is_called_by_its_name(bastion, sts, service, opened):
    write_policy(sts, metrics.grant("very-secret", metrics.DAY) + "[grant consultants]\nusers = alice bob\n"
                 "roles = client-a-audit\ndefault = client-a-audit\n")
    session = opened("alice").session
    assume("alice", session)
    refusal("bob", "assume", session)
    text = metrics.told().text
    words = set(re.findall(r"[\w.:/-]{4,}", RULES)) | {"very-secret", "consultants", "bastion-test", "192.0.2.1",
                                                       "eu-west-1", session, sts.issued[0].access_key, *USERS}
    # What our own labels and help texts have as well says nothing of a policy.
    words -= {"users", "user", "role", "roles", "policy", "name", "source", "default", "duration", "account",
              "region", "grant", "read", "only", "deny"}
    assert [word for word in sorted(words) if word in text] == []


@pytest.mark.parametrize("who", ["alice", "eve", 4321, 65534])
def test_nobody_else_is_told_anything(bastion, service, opened, who):
    opened("alice")
    uid = USERS.get(who, who)
    done = metrics.run("--names", user=uid)
    assert (done.returncode, done.stdout) == (1, "")
    assert "alone may ask" in done.stderr or "nobody's" in done.stderr
    (reply,) = frames.request_as(uid, {"op": "metrics", "names": "1"})
    assert reply["status"] == "denied" and "metric" not in reply and "value" not in reply


def test_the_helpers_own_user_is_told_as_root_is(bastion, service, opened):
    opened("alice")
    own = policy.xacct().pw_uid
    assert metrics.told(user=own).samples == metrics.told().samples


def test_a_flood_does_not_keep_the_numbers_from_the_helpers_user(bastion, service):
    """Else whoever has a subordinate uid could blind who watches."""
    with contextlib.ExitStack() as held:
        for number in range(65):
            with contextlib.suppress(ConnectionError):
                held.enter_context(frames.connect_as(40000 + number))
        assert not frames.is_greeted(50000)
        assert metrics.told(user=policy.xacct().pw_uid)["xacct_up"] == 1
