"""Who shares a Unix account and comes with an SSH certificate: a person with a name and roles of
their own, or nobody.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import re

import pytest

from rig import accounts, ssh_ca
from rig.bastion import DEV_ARN, ROLE_ARN
from rig.sshd import SERVICE, by_keys

from .conftest import DEPLOY, held

CAROL, BRUNO, ANNE = "carol@a.example", "bruno@b.example", "anne@corp.example"
PEOPLE = f"""
[grant carol]
principals = {CAROL}
roles      = audit

[grant bruno]
principals = {BRUNO}
roles      = dev
"""
# What the shared account has of itself, whoever comes.
ACCOUNT = """
[grant account]
users = deploy
roles = dev
"""


@pytest.fixture
def people(authorities, rules):
    """Writes the policy of the people, and what a test adds; returns the authorities."""

    def write(more="", extra=""):
        rules(authorities.rules() + PEOPLE + more, extra)
        return authorities

    return write


def test_two_people_in_one_account_are_two_people_at_the_same_time(
    bastion, sts, people, service, login
):
    authorities = people()
    carol = login("deploy", authorities.partner_a.issue("laptop-17", [CAROL]).proof)
    bruno = login("deploy", authorities.partner_b.issue(BRUNO, ["deploy"]).proof)
    assert carol.environment.get("XACCT_ROLE_ARN") == ROLE_ARN, bastion.syslog.text()
    assert bruno.environment.get("XACCT_ROLE_ARN") == DEV_ARN, bastion.syslog.text()
    sent = [(call.parameters["RoleArn"], call.parameters["RoleSessionName"]) for call in sts.calls]
    assert sent == [(ROLE_ARN, CAROL), (DEV_ARN, BRUNO)]
    opened = [line for line in bastion.audit() if line["event"] == "opened"]
    assert [(line["user"], line["human"]) for line in opened] == [
        ("deploy", CAROL), ("deploy", BRUNO)
    ]
    # And remain so, each in their own session, whatever they ask for later.
    for shell, own, foreign in (carol, "audit", "dev"), (bruno, "dev", "audit"):
        listed = shell.run("xacct list")
        assert own in listed and foreign not in listed
        refused = shell.run(f"xacct env {foreign} 2>&1; echo status $?")
        assert "AWS_ACCESS_KEY_ID" not in refused and "status 0" not in refused
        assert "AWS_ACCESS_KEY_ID" in shell.run(f"xacct env {own}")
    assert [call.parameters["RoleSessionName"] for call in sts.calls[2:]] == (
        [CAROL] * len([call for call in sts.calls[2:] if call.parameters["RoleArn"] == ROLE_ARN])
        + [BRUNO] * len([call for call in sts.calls[2:] if call.parameters["RoleArn"] == DEV_ARN])
    )


def test_who_they_are_is_known_after_a_restart_of_the_service(people, service, login):
    authorities = people()
    carol = login("deploy", authorities.partner_a.issue("laptop-17", [CAROL]).proof)
    bruno = login("deploy", authorities.partner_b.issue(BRUNO, ["deploy"]).proof)
    service.restart()
    assert CAROL in carol.run("xacct status") and "audit" in carol.run("xacct list")
    assert BRUNO in bruno.run("xacct status") and "dev" in bruno.run("xacct list")


def test_a_key_without_certificate_is_nobody_but_the_account(bastion, sts, people):
    people(ACCOUNT)
    login = bastion.sshd.ssh("deploy", "env")
    assert login.environment.get("XACCT_ROLE_ARN") == DEV_ARN, bastion.syslog.text()
    assert next(line for line in bastion.audit() if line["event"] == "opened")["human"] == "deploy"


def test_a_key_without_certificate_holds_nothing_where_only_people_do(bastion, sts, people):
    people()
    login = bastion.sshd.ssh("deploy", "env")
    assert login.status == 0 and not held(login.environment)
    assert not sts.calls


def test_the_certificate_of_an_authority_that_is_not_listed_names_nobody(bastion, sts, people):
    authorities = people(ACCOUNT)
    certificate = authorities.unlisted.issue(CAROL, [CAROL])
    login = bastion.sshd.ssh("deploy", "env", proof=certificate.proof)
    assert login.environment.get("XACCT_ROLE_ARN") == DEV_ARN, bastion.syslog.text()
    assert next(line for line in bastion.audit() if line["event"] == "opened")["human"] == "deploy"


@pytest.mark.parametrize("identity, human", [
    ("certificate user", ANNE), ("user certificate", "deploy"), ("user", "deploy")
])
def test_the_sources_of_identity_are_asked_in_the_order_of_the_policy(
    bastion, people, identity, human
):
    authorities = people(f"""
[grant staff]
principals = {ANNE}
users      = deploy
roles      = audit
""", f"identity = {identity}")
    login = bastion.sshd.ssh("deploy", "env", proof=authorities.staff.issue(ANNE, ["deploy"]).proof)
    assert login.environment.get("XACCT_ROLE") == "audit", bastion.syslog.text()
    assert next(line for line in bastion.audit() if line["event"] == "opened")["human"] == human


# What sshd lets in and the policy's word on the authority does not cover.
FOREIGN = {
    "a partner's authority names another partner's": lambda a: a.partner_b.issue(CAROL, ["deploy"]),
    "a partner's authority names another partner's by principal": (
        lambda a: a.partner_a.issue(CAROL, [BRUNO])
    ),
    "a partner's authority names staff": lambda a: a.partner_b.issue(ANNE, ["deploy"]),
    "a partner's authority names the account": lambda a: a.partner_b.issue("deploy", ["deploy"]),
    "no principal is a name that the authority may use": (
        lambda a: a.partner_a.issue(CAROL, ["deploy"])
    ),
}


@pytest.mark.parametrize("issue", FOREIGN.values(), ids=FOREIGN)
def test_a_name_that_the_authority_may_not_use_is_refused(bastion, sts, people, issue):
    authorities = people(ACCOUNT)
    login = bastion.sshd.ssh("deploy", "env", proof=issue(authorities).proof)
    assert login.status == 254, "refused, not taken for the account"
    assert bastion.verdict()[0] == "denied"
    assert not sts.calls and not bastion.records()


def test_sshd_tells_what_the_tests_of_forged_ones_hand_over(bastion, authorities, rules):
    rules(ACCOUNT)
    told = "/mnt/told"
    with open(SERVICE, "a", encoding="ascii") as stack:
        stack.write(f"session required pam_exec.so log={told} /usr/bin/env\n")
    certificate = authorities.partner_a.issue("laptop-17", [CAROL])
    both = by_keys(certificate.key, bastion.sshd.key, certificates=[certificate.path])
    key = f"publickey {ssh_ca.public_of(bastion.sshd.key)}\n"
    for user, proof, expected in [
        ("deploy", certificate.proof, [certificate.auth_info]),
        ("deploy", None, [key]),
        ("paired", both, [certificate.auth_info, key]),
    ]:
        assert bastion.sshd.ssh(user, "true", proof=proof).status == 0, bastion.sshd.said()[-2000:]
        with open(told, encoding="ascii") as text:
            lines = re.findall("^(?:SSH_AUTH_INFO_0=)?publickey .*\n", text.read(), re.MULTILINE)
        # Once when the session opens, and once when it ends.
        assert {line.replace("SSH_AUTH_INFO_0=", "") for line in lines} == set(expected)
        assert len(lines) == 2 * len(expected)
        os.unlink(told)


def test_two_keys_are_one_too_many(bastion, sts, people):
    """sshd does not say whose the session is: the certificate's, or the other key's owner's."""
    authorities = people()
    certificate = authorities.partner_a.issue("laptop-17", [CAROL])
    proof = by_keys(certificate.key, bastion.sshd.key, certificates=[certificate.path])
    login = bastion.sshd.ssh("paired", "env", proof=proof)
    assert login.status == 254
    assert bastion.verdict()[0] == "denied"
    assert not sts.calls


def test_sshd_itself_refuses_what_has_expired(bastion, sts, people):
    authorities = people()
    expired = authorities.partner_b.issue(BRUNO, ["deploy"], validity="20200101:20200102")
    assert bastion.sshd.ssh("deploy", "env", proof=expired.proof).status == 255
    assert not sts.calls


@pytest.fixture
def home(host):
    path = f"{accounts.HOMES}/{DEPLOY}/.pam_environment"
    yield path
    os.unlink(path)


@pytest.mark.parametrize("of", ["another's", "a forged one"])
@pytest.mark.parametrize("comes", ["with the bare key", "with a certificate"])
def test_what_a_users_own_file_says_of_the_login_is_not_believed(
    bastion, sts, people, home, of, comes
):
    """pam_env, which reads the file, is below in the stack: it is too late for this session, and
    nothing of it is left for the next."""
    authorities = people()
    shown = authorities.partner_a.issue("laptop-17", [CAROL])
    if of == "a forged one":
        shown = shown.with_another_signature()
    with open(home, "w", encoding="ascii") as out:
        out.write(f'SSH_AUTH_INFO_0 DEFAULT="publickey {shown.text}"\nMARK DEFAULT=read\n')
    os.chown(home, DEPLOY, DEPLOY)
    proof = None
    if comes == "with a certificate":
        proof = authorities.partner_b.issue(BRUNO, ["deploy"]).proof
    for _ in range(2):
        login = bastion.sshd.ssh("deploy", "env", proof=proof)
        assert login.status == 0 and login.environment["MARK"] == "read"
        expected = DEV_ARN if proof else None
        assert login.environment.get("XACCT_ROLE_ARN") == expected, bastion.syslog.text()
    assert {call.parameters["RoleSessionName"] for call in sts.calls} <= {BRUNO}


@pytest.mark.parametrize("minutes, seconds", [(30, 1800), (20, 1200)])
def test_credentials_live_no_longer_than_the_certificate(
    bastion, sts, people, service, login, minutes, seconds
):
    authorities = people()
    certificate = authorities.partner_b.issue(BRUNO, ["deploy"], validity=f"-1m:+{minutes}m")
    shell = login("deploy", certificate.proof)
    assert shell.environment.get("XACCT_ROLE") == "dev", bastion.syslog.text()
    assert seconds - 60 <= sts.calls[-1].parameters["DurationSeconds"] <= seconds
    assert re.search(r"\d\d:\d\d", shell.run("xacct list")), "until when is shown"


def test_a_certificate_that_ends_soon_gets_no_credentials_any_more(bastion, sts, people):
    authorities = people()
    certificate = authorities.partner_b.issue(BRUNO, ["deploy"], validity="-1m:+10m")
    assert bastion.sshd.ssh("deploy", "env", proof=certificate.proof).status == 254
    status, text, _ = bastion.verdict()
    assert status == "denied" and "900" in text
    assert not sts.calls


@pytest.mark.parametrize("deny", [
    f"principals = {BRUNO}", "principals = deploy", "principals = contractor", "users = deploy"
])
def test_a_deny_counts_for_every_name_of_the_certificate(bastion, sts, people, deny):
    """Key id and principals, whichever of them names the human, and the account's own name."""
    authorities = people(f"\n[deny one]\n{deny}\n")
    certificate = authorities.partner_b.issue(BRUNO, ["deploy", "contractor"])
    login = bastion.sshd.ssh("deploy", "env", proof=certificate.proof)
    assert login.status in (254, 255)
    assert not sts.calls


REQUIRED = "timeout=5s require_role"


def test_where_a_role_is_required_a_certificate_gets_to_the_session_that_decides(bastion, people):
    authorities = people()
    bastion.sshd.set_stack(options=REQUIRED)
    certificate = authorities.partner_b.issue(BRUNO, ["deploy"])
    login = bastion.sshd.ssh("deploy", "env", proof=certificate.proof)
    assert login.environment.get("XACCT_ROLE") == "dev", bastion.syslog.text()


def test_where_a_role_is_required_a_key_without_one_is_refused_by_the_session(
    bastion, sts, people
):
    people()
    bastion.sshd.set_stack(options=REQUIRED)
    assert bastion.sshd.ssh("deploy", "env").status == 254
    assert bastion.verdict()[0] == "no-grant"
    assert not sts.calls


def test_where_a_role_is_required_and_no_certificate_could_give_one_the_door_is_closed(
    bastion, sts, rules
):
    rules("[grant alice]\nusers = alice\nroles = audit\n")
    bastion.sshd.set_stack(options=REQUIRED)
    assert bastion.sshd.ssh("deploy", "env").status == 255
    assert bastion.verdict("account")[0] == "no-grant"
