"""The host's own identity, the clock, STS in its regions, and roles that are tried.

SPDX-License-Identifier: BSD-2-Clause
"""

import ctypes
import datetime
import json
import socket

import pytest

from rig import frames, policy
from rig.bastion import DEV_ARN, ROLE_ARN, RULES
from rig.fixtures import BASE_ARN, BASE_KEY, know_keys
from rig.metadata import Metadata

NAME = "xacct-doctor@bastion-test"


def tried():
    """The lines of the audit file on roles that were tried."""
    with open(policy.AUDIT, encoding="utf-8") as lines:
        return [event for event in map(json.loads, lines) if event["event"] == "tried"]


# The ways in which the helper is reached.
WAYS = pytest.mark.parametrize("way", ["service", "once"], indirect=True)


@pytest.fixture(autouse=True)
def way(request, world):
    """The service runs, unless a test takes the other way."""
    if getattr(request, "param", "service") == "service":
        request.getfixturevalue("service")


@WAYS
def test_who_this_host_is(doctor, sts, way):
    told = doctor("base")
    assert (told.status, len(told.lines)) == (0, 1), told.printed
    assert told.one("ok", r"^/etc/xacct/xacct.conf:\d+: ").endswith(
        f"[base] (source = file) is {BASE_ARN}")
    assert [call.operation for call in sts.calls] == ["GetCallerIdentity"]


@WAYS
def test_an_identity_that_does_not_work_is_a_fault(doctor, sts, way):
    sts.principals = {}
    told = doctor("base")
    line = told.one("fault", r"^/etc/xacct/xacct.conf:\d+: \[base\] does not work: GetCallerIdentity at ")
    assert BASE_KEY in line and "InvalidClientTokenId" in line


def test_a_file_without_keys_is_a_fault(doctor):
    policy.place(policy.BASE, "[default]\n")
    doctor("base").one("fault", r"\[base\] does not work: .*base.credentials")


def test_an_identity_that_is_an_accounts_root_is_a_fault(doctor, sts):
    sts.principals[BASE_KEY].arn = "arn:aws:iam::999900001111:root"
    doctor("base").one("fault", "is the root user of account 999900001111")


def test_temporary_credentials_are_told_with_their_end(doctor, sts):
    with Metadata() as metadata:
        know_keys(sts, metadata.keys)
        policy.write(policy.heading(sts.url, base=f"source = imds\nendpoint = {metadata.url}") + RULES)
        told = doctor("base")
    told.one("ok", r"\(source = imds\) is arn:\S+, with credentials until 20\d\d-\S+Z$")


def test_a_base_that_nothing_uses_is_not_asked(doctor, sts):
    policy.append(f"[base other]\nsource = file\nfile = {policy.BASE}.none\n")
    assert len(doctor("base").lines) == 1
    policy.append("[account b]\nid = 222233334444\nbase = other\n[role b]\naccount = b\nname = B\n")
    told = doctor("base")
    told.one("fault", r"\[base other\] does not work: .*none")
    told.one("ok", r"\[base\]")


def test_an_sts_that_hangs_does_not_hang_the_doctor(doctor, sts):
    sts.behaviour[None] = "stall"
    told = doctor("base,clock,sts")
    told.one("fault", r"\[base\] does not work: .*no answer in time")
    told.one("cannot tell", "AWS has not said what its clock shows")


def is_kept():
    """Whether the kernel says that the clock is kept right: adjtimex(2), TIME_ERROR."""
    return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) != 5


@pytest.mark.parametrize("ahead, result, said", [
    (0, "ok", "it is within 30 s of AWS's"),
    (60, "warning", "this host's clock is (59|60|61) s behind AWS's; set it"),
    (-400, "fault", "this host's clock is (399|400|401) s ahead of AWS's, which takes no signature"),
    (4000, "fault", r"this host's clock is (3999|400\d) s behind AWS's"),
])
def test_the_clock(doctor, sts, ahead, result, said):
    sts.clock = datetime.timedelta(seconds=ahead)
    told = doctor("clock")
    told.one(result, said)
    told.one(*(("ok", "kept by NTP") if is_kept() else ("warning", "nothing keeps this host's clock")))
    assert len(told.lines) == 2


def test_sts_in_each_region_in_use(doctor, sts):
    told = doctor("sts")
    assert told.status == 0
    told.one("ok", rf"STS in {sts.url} answers \[base\] in \d+ ms")


def test_a_region_that_does_not_answer_is_a_fault(doctor, sts):
    sts.behaviour[None] = "region-disabled"
    doctor("sts").one("warning", "STS in .* answers, and refuses")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        policy.write(policy.heading(f"http://127.0.0.1:{closed.getsockname()[1]}") + RULES)
        doctor("sts").one("fault", "STS in .* cannot be asked with .*not reached")


def test_an_error_of_sts_itself_is_a_warning(doctor, sts):
    sts.behaviour[None] = "internal-failure"
    told = doctor("base,sts")
    assert told.of("fault") == []
    assert "; try again later" in told.one("warning", r"whether \[base\] works STS does not say now")
    assert "; try again later" in told.one("warning", f"STS in {sts.url} fails: .*InternalFailure")


@pytest.mark.parametrize("spoil", ["keys", "ca_bundle"])
def test_what_is_missing_here_is_not_a_regions_fault(doctor, sts, spoil):
    if spoil == "keys":
        policy.place(policy.BASE, "[default]\n")
    else:
        policy.write(policy.heading(sts.url, "ca_bundle = /etc/xacct/none.pem") + RULES)
    told = doctor("sts")
    line = told.one("fault", "STS in .* cannot be asked with")
    assert "; mend what it names" in line and "sts_region" not in line


def test_two_regions_of_one_role_are_two_lines(doctor, sts):
    policy.write(policy.heading(sts.url, "sts_region = eu-west-1 eu-central-1") + RULES)
    told = doctor("sts")
    assert [call.region for call in sts.calls] == ["eu-west-1", "eu-central-1"]
    told.one("ok", "answers")
    told.one("warning", "refuses")


@WAYS
def test_a_role_that_can_be_assumed(doctor, sts, way):
    told = doctor("roles", "--try", "client-a-audit")
    assert (told.status, told.wrong) == (0, []), told.printed
    told.one("ok", r"^/etc/xacct/xacct.conf:\d+: \[role client-a-audit\] can be assumed$")
    told.one("ok", "refused by a wrong external id, as it must be")
    right, wrong = sts.calls
    assert (right.answer, wrong.answer) == ("success", "AccessDenied")
    assert right.parameters["ExternalId"] == "7Zr-42"
    assert wrong.parameters["ExternalId"].startswith("xacct-doctor-")
    for call in sts.calls:
        assert call.parameters["RoleArn"] == ROLE_ARN
        assert call.parameters["RoleSessionName"] == call.parameters["SourceIdentity"] == NAME
        assert call.parameters["DurationSeconds"] == 900
        assert {"Key": "project", "Value": "phoenix"} in call.parameters["Tags"]
        assert "xacct-target" not in [tag["Key"] for tag in call.parameters["Tags"]]


def test_a_try_stands_in_the_audit_file_before_it_is_made_and_after(doctor, sts):
    doctor("roles", "--try", "client-a-audit")
    before, after, before_wrong, after_wrong = tried()
    for event in tried():
        assert (event["operation"], event["role"]) == ("examine", "client-a-audit")
        assert event["session_name"] == event["human"] == NAME
    assert "about to be assumed" in before["reason"] and "access_key_id" not in before
    assert after["access_key_id"] == sts.issued[0].access_key
    assert after["request_id"] == sts.calls[0].request_id
    assert before_wrong["purpose"] == after_wrong["purpose"] == "wrong_external_id"
    # What has to be refused is no failure, which those who watch the file are called for.
    assert "status" not in after_wrong
    assert after_wrong["reason"] == "a wrong external id is refused, as it must be"
    assert after_wrong["request_id"] == sts.calls[1].request_id


def test_nothing_of_what_was_issued_reaches_the_doctor(doctor, sts):
    told = doctor("roles", "--try", "all")
    assert len(sts.issued) == 2
    for issued in sts.issued:
        assert issued.secret not in told.printed and issued.token not in told.printed


def test_without_an_audit_file_no_role_is_tried(doctor, sts, service):
    policy.write(policy.heading(sts.url).replace(policy.AUDIT, "/dev/full") + RULES)
    told = doctor("roles", "--try", "client-a-audit")
    told.one("warning", "cannot be assumed: .*/dev/full")
    assert sts.calls == []


def test_all_roles_are_tried(doctor, sts):
    told = doctor("roles", "--try", "all")
    assert len(told.of("ok")) == 4
    assert {call.parameters["RoleArn"] for call in sts.calls} == {ROLE_ARN, DEV_ARN}


def test_a_trust_policy_that_ignores_the_external_id_is_a_fault(doctor, sts):
    sts.roles[ROLE_ARN].external_id = None
    told = doctor("roles", "--try", "client-a-audit")
    assert told.status == 1
    told.one("fault", "by a wrong external id: the trust policy doesn't check sts:ExternalId")


@pytest.mark.parametrize("spoil, said", [
    ({"tag_session": False}, "Both of these must allow sts:TagSession: the trust policy of the role, in "
                             "account 111122223333, to the principal of .base.; and the identity policy"),
    ({"set_source_identity": False}, "must allow sts:SetSourceIdentity"),
    ({"external_id": "other"}, "must allow sts:AssumeRole.*external_id ="),
    ({"trusted": "arn:aws:iam::1:user/x"}, "must allow sts:AssumeRole"),
])
def test_a_missing_statement_is_named_with_its_side(doctor, sts, spoil, said):
    for name, value in spoil.items():
        setattr(sts.roles[ROLE_ARN], name, value)
    told = doctor("roles", "--try", "client-a-audit")
    assert told.status == 1
    told.one("fault", rf"\[role client-a-audit\] cannot be assumed: AssumeRole of .*{said}")
    assert len(sts.calls) == 1, "what cannot be assumed is not tried by a wrong external id"


def test_a_role_behind_another_is_tried_through_it(doctor, sts):
    sts.roles[DEV_ARN].trusted = ROLE_ARN
    policy.write(policy.heading(sts.url) + RULES.replace(
        "source_identity = no", "source_identity = no\nbase_role = client-a-audit"))
    told = doctor("roles", "--try", "client-a-dev")
    assert [call.parameters["RoleArn"] for call in sts.calls][:2] == [ROLE_ARN, DEV_ARN]
    told.one("ok", "client-a-dev. can be assumed")


def test_what_cannot_be_tried_says_so(doctor, sts):
    policy.append("[role own]\naccount = client-a\nname = sandbox-%{user}\n"
                  "[account b]\nid = 222233334444\n[role sso]\naccount = b\nname = Sso\n"
                  "via = web-identity\n[pattern p]\ngroups = aws-{account}-{role}\nname = x/{role}\n")
    told = doctor("roles", "--try", "all")
    told.one("cannot tell", r"\[role own\] is another AWS role for each user")
    told.one("cannot tell", r"\[role sso\] is assumed with a user's own word")
    told.one("cannot tell", r"roles of a \[pattern\]")
    assert doctor("roles", "--try", "nonsense").one("warning", r"there is no \[role nonsense\]")
    told = doctor("roles")
    assert (told.status, len(told.of("note"))) == (0, 1)


@pytest.mark.parametrize("fields", [{"base": ""}, {"role": "client-a-audit"}, {}])
def test_nobody_but_root_may_ask_the_service(sts, fields):
    (reply,) = frames.request_as(1001, {"op": "examine", **fields})
    assert reply["status"] == "denied" and "reason" not in reply and "policy_hash" not in reply
    assert sts.calls == []
