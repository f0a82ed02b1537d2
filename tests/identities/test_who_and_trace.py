"""What auditors ask about people of a directory and people with certificates: `xacct who` and `xacct trace`.

SPDX-License-Identifier: BSD-2-Clause
"""

import json

from rig import cloudtrail
from rig.bastion import ROLE_ARN
from rig.commands import told
from rig.ldap import password_of
from rig.policy import instant
from rig.sshd import by_password

CAROL, BRUNO = "carol@a.example", "bruno@b.example"
AUDITORS = "[grant auditors]\ngroups = auditors\nroles = audit\n"
PATTERN = "[pattern directory]\ngroups = aws-{account}-{role}@corp.example\nname = bastion/{role}\n"


def who(*words):
    """{(kind, name, role): reach}, and the notes."""
    answer, notes = told("who", *words)
    return {(way["kind"], way["name"], way["role"]): way["reach"] for way in answer["ways"]}, notes


def test_two_people_of_one_account_are_traced_by_their_keys(bastion, sts, authorities, rules, service, login):
    rules(authorities.rules() + f"[grant both]\nprincipals = {CAROL} {BRUNO}\nroles = audit\n")
    shells = [login("deploy", authorities.partner_a.issue("laptop-17", [CAROL]).proof),
              login("deploy", authorities.partner_b.issue(BRUNO, ["deploy"]).proof)]
    events = [cloudtrail.event(cloudtrail.identity(ROLE_ARN, "x", shell.environment["AWS_ACCESS_KEY_ID"]), instant(0))
              for shell in shells]
    answer, _ = told("trace", text=json.dumps({"Records": events}))
    assert [(event["human"], [(login["user"], login["session"], login["key_id"]) for login in event["logins"]])
            for event in answer["events"]] == [
        (CAROL, [("deploy", shells[0].session, "laptop-17")]), (BRUNO, [("deploy", shells[1].session, BRUNO)])]
    ways, _ = who()
    assert set(ways) == {("principal", CAROL, "audit"), ("principal", BRUNO, "audit")}
    answer, _ = told("who", "--unused-for", "1h")
    assert answer["ways"] == []


def test_a_directory_that_lists_no_members_has_its_groups_told_and_whoever_was_here(
    bastion, directory, sts, rules, service, login
):
    rules(AUDITORS + PATTERN)
    group = {("group", "auditors", "audit"): "yes", ("group", "aws-client-a-Auditor@corp.example", "audit"): "yes"}
    assert who()[0] == group
    login("dora", by_password(password_of("dora")))
    login("dora@corp.example", by_password(password_of("dora")))
    assert who()[0] == group | {("user", "dora", "audit"): "yes", ("user", "dora@corp.example", "audit"): "yes"}


def test_a_directory_that_does_not_answer_leaves_nobody_out(bastion, directory, sts, rules):
    rules(AUDITORS + "[grant names]\nusers = alice emil@corp.example\nroles = audit\n[deny l]\ngroups = leavers\n")
    directory.sssd.kill()
    try:
        ways, notes = who()
    finally:
        directory.sssd.mend()
    assert ways == {("group", "auditors", "audit"): "yes", ("user", "alice", "audit"): "unknown",
                    ("user", "emil@corp.example", "audit"): "unknown"}
    assert "auditors: NSS did not say who is in this group" in notes
