"""Roles by a token instead of a key: the host's own, and the user's, of a real OpenID Connect
provider before Ceph's gateway; and SAML before the strict stand-in.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import pwd
import re

import pytest

from rig import oidc, policy, sso, sts_standin
from rig.bastion import DEV_ARN, ROLE_ARN
from rig.fixtures import BASE_KEY, BASE_SECRET, know
from rig.sshd import Proof, Sshd, by_keys

ACCOUNT = "777788889999"
TOKEN_FILE = f"{policy.FOLDER}/token"

RULES = """
[account client-c]
id = 777788889999

[role client-c-audit]
account         = client-c
name            = Auditor
source_identity = no
{via}

[grant consultants]
users = alice
roles = client-c-audit
"""

USER_RULES = """
[account client-a]
id = 111122223333

[role client-a-audit]
account = client-a
name    = bastion/Auditor
via     = {via}
policy  = policies/reports.json
{more}

[grant consultants]
users = alice
roles = client-a-audit
"""


@pytest.fixture(scope="module")
def provider():
    with oidc.Provider() as running:
        yield running


@pytest.fixture(scope="module")
def client(gateway, provider):
    """A client whose roles trust the provider: Hub, which is the bastion's, and Auditor both it and
    whoever has a token."""
    made = gateway.create_client(ACCOUNT)
    made.know_provider(provider, oidc.AUDIENCE)
    made.hub = made.create_role("Hub", ["s3:*"], trust=made.trust_in(provider, oidc.AUDIENCE))
    made.create_role("Auditor", ["s3:*"], trusted=made.hub)
    made.create_role("Federated", ["s3:*"], trust=made.trust_in(provider, oidc.AUDIENCE))
    return made


@pytest.fixture
def bastion(host, gateway, client):
    host.reset(gateway.url, BASE_KEY, BASE_SECRET)
    yield host
    host.sshd.set_stack()


def write_policy(gateway, client, rules=RULES.format(via="")):
    base = f"source = web-identity\ntoken_file = {TOKEN_FILE}\nrole_arn = {client.hub}"
    policy.write(policy.heading(gateway.url, base=base) + rules)


def list_bucket(bastion, gateway, client):
    return bastion.sshd.ssh(
        "alice", f"/usr/bin/aws --endpoint-url {gateway.url} s3 ls s3://{client.bucket}"
    )


def test_the_hosts_token_is_its_identity(bastion, gateway, client, provider):
    write_policy(gateway, client)
    policy.place(TOKEN_FILE, provider.token() + "\n")
    listed = list_bucket(bastion, gateway, client)
    assert listed.status == 0 and client.object in listed.stdout, bastion.syslog.text()


@pytest.mark.parametrize(
    "content, status, words",
    [
        (None, "misconfigured", ["token_file", TOKEN_FILE, "whatever writes the token"]),
        ("", "misconfigured", [TOKEN_FILE, "4 to 20000", "whole, in one line"]),
        ("two words", "misconfigured", ["token_file", "one word"]),
        ("x" * 20001, "misconfigured", ["token_file", "one word"]),
        ("x" * 1_000_000, "misconfigured", ["token_file", "1000000 bytes"]),
        ("not-a-jwt", "misconfigured", ["with the token of", "AssumeRoleWithWebIdentity"]),
    ],
    ids=["missing", "empty", "two-words", "too-long", "huge", "no-jwt"],
)
def test_a_token_that_is_none_is_told(bastion, gateway, client, content, status, words):
    write_policy(gateway, client)
    if content is not None:
        policy.place(TOKEN_FILE, content)
    assert bastion.sshd.ssh("alice", "env").status == 254
    said = bastion.verdict()
    assert said[0] == status
    for word in ["[base] at /etc/xacct/xacct.conf:8", *words]:
        assert word in said[1], said


def test_a_token_that_has_expired_is_told_and_not_shown(bastion, gateway, client, provider):
    write_policy(gateway, client)
    token = provider.token(seconds=-60)
    policy.place(TOKEN_FILE, token)
    assert bastion.sshd.ssh("alice", "env").status == 254
    assert "with the token of /etc/xacct/token" in bastion.verdict()[1]
    assert token[:40] not in bastion.syslog.text()


def test_a_token_that_others_may_read_is_refused(bastion, gateway, client, provider):
    write_policy(gateway, client)
    os.chmod(policy.place(TOKEN_FILE, provider.token()), 0o644)
    assert bastion.sshd.ssh("alice", "env").status == 254
    assert "mode 0644" in bastion.verdict()[1]


def test_the_token_is_read_anew_each_time(bastion, gateway, client, provider):
    write_policy(gateway, client)
    policy.place(TOKEN_FILE, provider.token(seconds=-60))
    assert bastion.sshd.ssh("alice", "env").status == 254
    policy.place(TOKEN_FILE, provider.token())
    assert "AWS_ACCESS_KEY_ID" in bastion.sshd.ssh("alice", "env").environment


def test_the_users_own_token_is_taken_in_its_place(bastion, gateway, client, provider):
    rules = RULES.format(via="via = web-identity").replace("source_identity = no\n", "")
    write_policy(gateway, client, rules.replace("= Auditor", "= Federated"))
    bastion.sshd.set_stack(above=sso.ABOVE)
    token = provider.token()
    with sso.leaving(XACCT_WEB_IDENTITY_TOKEN=token):
        listed = list_bucket(bastion, gateway, client)
        assert listed.status == 0 and client.object in listed.stdout, bastion.syslog.text()
        environment = bastion.sshd.ssh("alice", "env").environment
    assert "AWS_SESSION_TOKEN" in environment and sso.TOKEN_NAME not in environment
    opened = [line for line in bastion.audit() if line["event"] == "opened"]
    assert opened[-1]["via"] == "web-identity"
    assert opened[-1]["assumed_role"].endswith(":assumed-role/Federated/alice")
    with open(policy.AUDIT, encoding="utf-8") as audit:
        assert token[:40] not in audit.read() + bastion.syslog.text()


@pytest.fixture
def before_standin(host, sts):
    """The bastion before the strict stand-in, with an SSO module in the stack."""
    host.reset(sts.url, BASE_KEY, BASE_SECRET)
    know(sts)
    host.sshd.set_stack(above=sso.ABOVE)
    yield host
    host.sshd.set_stack()


def write_user_policy(sts, via, more=""):
    policy.write(policy.heading(sts.url) + USER_RULES.format(via=via, more=more))


def test_an_assertion_is_handed_to_sts_with_its_provider(before_standin, sts):
    write_user_policy(sts, "saml")
    assertion = sso.assertion(DEV_ARN, ROLE_ARN)
    sts.proofs = {assertion: sts_standin.Proof(sso.PROVIDER, session_name="alice@idp")}
    sts.roles[ROLE_ARN] = sts_standin.Role(sso.PROVIDER)
    with sso.leaving(XACCT_SAML_ASSERTION=assertion):
        environment = before_standin.sshd.ssh("alice", "env").environment
    assert environment["XACCT_ROLE"] == "client-a-audit", before_standin.syslog.text()
    assert sso.ASSERTION_NAME not in environment
    (call,) = sts.calls
    assert call.operation == "AssumeRoleWithSAML" and call.access_key is None
    assert call.parameters["PrincipalArn"] == sso.PROVIDER
    assert "reports/alice" in call.parameters["Policy"]
    (opened,) = [line for line in before_standin.audit() if line["event"] == "opened"]
    assert opened["via"] == "saml"
    assert opened["assumed_role"].endswith("assumed-role/Auditor/alice@idp")
    # What is not sent is not said to have been.
    assert not {"session_name", "source_identity"} & opened.keys() and not opened["tags"]


def test_a_token_brings_the_session_name_and_the_session_policy(before_standin, sts):
    write_user_policy(sts, "web-identity")
    sts.proofs = {sso.JWT: sts_standin.Proof(sso.ISSUER)}
    sts.roles[ROLE_ARN] = sts_standin.Role(sso.ISSUER)
    with sso.leaving(XACCT_WEB_IDENTITY_TOKEN=sso.JWT):
        environment = before_standin.sshd.ssh("alice", "env").environment
    assert environment["XACCT_ROLE"] == "client-a-audit", before_standin.syslog.text()
    (call,) = sts.calls
    assert call.parameters["RoleSessionName"] == "alice"
    assert "reports/alice" in call.parameters["Policy"]


@pytest.mark.parametrize("via", ["web-identity", "saml"])
def test_a_login_without_proof_is_refused_and_told(before_standin, sts, via):
    write_user_policy(sts, via)
    with sso.leaving(OTHER="x"):
        login = before_standin.sshd.ssh("alice", "env")
    assert login.status == 254
    status, text, _ = before_standin.verdict()
    assert status == "denied" and f"via = {via}" in text and "must stand above" in text
    assert not sts.calls


@pytest.mark.parametrize(
    "assertion, words",
    [
        (sso.assertion(DEV_ARN), ["does not offer", f"it offers {DEV_ARN}"]),
        ("not-base64", ["cannot be read", "not Base64"]),
        (
            sso.assertion(ROLE_ARN, more='<!DOCTYPE a [<!ENTITY b "bbbb">]>'),
            ["cannot be read", "DOCTYPE"],
        ),
    ],
    ids=["another-role", "not-base64", "entities"],
)
def test_an_assertion_that_does_not_serve_is_refused(before_standin, sts, assertion, words):
    write_user_policy(sts, "saml")
    with sso.leaving(XACCT_SAML_ASSERTION=assertion):
        assert before_standin.sshd.ssh("alice", "env").status == 254
    status, text, _ = before_standin.verdict()
    assert status == "denied"
    for word in words:
        assert word in text
    assert not sts.calls


@pytest.mark.parametrize(
    "fault, status",
    [
        ((400, "ExpiredTokenException", "Token is expired"), "denied"),
        ((400, "InvalidIdentityToken", "No OpenIDConnect provider found"), "denied"),
        ((403, "IDPRejectedClaim", "Claim rejected"), "denied"),
        ((400, "IDPCommunicationError", "IdP not reached"), "unavailable"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else value,
)
def test_what_sts_says_of_a_token_reaches_the_log(before_standin, sts, fault, status):
    write_user_policy(sts, "web-identity")
    sts.proofs = {sso.JWT: sts_standin.Proof(sso.ISSUER, fault=fault)}
    with sso.leaving(XACCT_WEB_IDENTITY_TOKEN=sso.JWT):
        assert before_standin.sshd.ssh("alice", "env").status == 254
    said = before_standin.verdict()
    assert said[0] == status and fault[1] in said[1] and fault[2] in said[1]
    assert sso.JWT[:40] not in before_standin.syslog.text()


@pytest.mark.parametrize("behaviour", ["html", "huge", "half"])
def test_what_is_no_answer_gives_no_session(before_standin, sts, behaviour):
    write_user_policy(sts, "web-identity")
    sts.proofs = {sso.JWT: sts_standin.Proof(sso.ISSUER)}
    sts.roles[ROLE_ARN] = sts_standin.Role(sso.ISSUER)
    sts.behaviour = {None: behaviour}
    with sso.leaving(XACCT_WEB_IDENTITY_TOKEN=sso.JWT):
        login = before_standin.sshd.ssh("alice", "env")
    assert login.status == 254 and before_standin.verdict()[0] == "unavailable"


def test_a_proof_that_cannot_be_one_is_left_out_and_told(before_standin, sts):
    write_user_policy(sts, "host")
    with sso.leaving(XACCT_SAML_ASSERTION="two words"):
        login = before_standin.sshd.ssh("alice", "env")
    assert re.search("XACCT_SAML_ASSERTION.* is left out", before_standin.syslog.text())
    assert sso.ASSERTION_NAME not in login.environment


def test_no_user_brings_an_assertion_of_their_own(before_standin, sts):
    """Not by ~/.pam_environment, ~/.ssh/environment or SendEnv, however much sshd takes of them."""
    write_user_policy(sts, "saml")
    assertion = sso.assertion(ROLE_ARN)
    sts.proofs = {assertion: sts_standin.Proof(sso.PROVIDER, session_name="mallory")}
    sts.roles[ROLE_ARN] = sts_standin.Role(sso.PROVIDER)
    home = pwd.getpwnam("alice").pw_dir
    brought = [f"{home}/.pam_environment", f"{home}/.ssh/environment"]
    os.makedirs(f"{home}/.ssh", exist_ok=True)
    for path in brought:
        with open(path, "w", encoding="ascii") as out:
            out.write(f"{sso.ASSERTION_NAME}={assertion}\n")
    settings = "AcceptEnv XACCT_*\nPermitUserEnvironment yes\n"
    with sso.leaving(OTHER="x"), Sshd("/mnt/ssh-open", settings=settings) as sshd:
        sshd.set_stack(above=sso.ABOVE)
        options = by_keys(sshd.key).options
        sent = ("-o", f"SetEnv={sso.ASSERTION_NAME}={assertion}")
        login = sshd.ssh("alice", "env", proof=Proof((*options, *sent)))
    for path in brought:
        os.unlink(path)
    assert login.status == 254 and not sts.calls
    assert "brought none" in before_standin.verdict()[1]
