"""Two consultants, two clients, and a real STS and S3 that check everything themselves.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import ceph, policy

RULES = """
[account client-a]
id = 111122223333

[account client-b]
id = 444455556666

[role client-a-audit]
account = client-a
name    = Auditor
policy  = policies/read-only.json

[role client-b-dev]
account = client-b
name    = Developer

[role client-b-closed]
account = client-b
name    = Closed

[grant client-a-consultants]
users = alice
roles = client-a-audit

[grant client-b-consultants]
users = bob
roles = client-b-dev

[grant nobody-trusts]
users = mallory
roles = client-b-closed
"""

@pytest.fixture(scope="package")
def clients(gateway):
    """The two clients by consultant, each with the consultant's role."""
    client_a = gateway.create_client("111122223333")
    client_b = gateway.create_client("444455556666")
    client_a.create_role("Auditor", ["s3:*"])
    client_b.create_role("Developer", ["s3:*"])
    client_b.create_role(
        "Closed", ["s3:*"], trusted=f"arn:aws:iam::{ceph.BASTION_ACCOUNT}:user/another"
    )
    return {"alice": client_a, "bob": client_b}


@pytest.fixture
def bastion(host, gateway, clients):
    host.reset(gateway.url, ceph.BASTION_KEY, ceph.BASTION_SECRET)
    policy.place(f"{policy.FOLDER}/policies/read-only.json", policy.READ_ONLY)
    policy.write(policy.heading(gateway.url) + RULES)
    return host


def aws(bastion, gateway, user, arguments):
    return bastion.sshd.ssh(user, f"/usr/bin/aws --endpoint-url {gateway.url} {arguments}")


@pytest.mark.parametrize("user, other", [("alice", "bob"), ("bob", "alice")])
def test_a_consultant_reaches_the_own_clients_bucket_and_no_other(
    bastion, gateway, clients, user, other
):
    own = aws(bastion, gateway, user, f"s3 ls s3://{clients[user].bucket}")
    assert own.status == 0 and clients[user].object in own.stdout, own
    # The gateway answers 404, as a role's session cannot even name another account's bucket.
    foreign = aws(bastion, gateway, user, f"s3 ls s3://{clients[other].bucket}")
    assert foreign.status != 0 and foreign.stdout == ""
    assert gateway.wait_for_answer("GET", f"/{clients[other].bucket}") in (403, 404)


def test_the_session_policy_narrows_the_role(bastion, gateway, clients):
    bucket = clients["alice"].bucket
    upload = aws(bastion, gateway, "alice", f"s3 cp /etc/hostname s3://{bucket}/note")
    assert upload.status != 0
    assert gateway.wait_for_answer("PUT", f"/{bucket}/note") == 403
    read = aws(bastion, gateway, "alice", f"s3 cp s3://{bucket}/{clients['alice'].object} -")
    assert (read.status, read.stdout) == (0, clients["alice"].text)


def test_without_a_session_policy_the_role_may_what_it_may(bastion, gateway, clients):
    bucket = clients["bob"].bucket
    upload = aws(bastion, gateway, "bob", f"s3 cp /etc/hostname s3://{bucket}/note")
    assert upload.status == 0, upload


def test_a_role_that_does_not_trust_the_bastion_is_refused(bastion, clients):
    login = bastion.sshd.ssh("mallory", "env")
    status, text, _ = bastion.verdict()
    assert login.status == 254
    assert status == "misconfigured" and "AccessDenied" in text and "role/Closed" in text


def test_a_user_without_grant_holds_nothing(bastion):
    login = bastion.sshd.ssh("eve", "env")
    assert login.status == 0
    assert not [name for name in login.environment if name.startswith(("AWS_", "XACCT_"))]


def test_the_gateways_own_request_id_is_in_the_audit_file(bastion):
    bastion.sshd.ssh("bob", "true")
    opened = [line for line in bastion.audit() if line["event"] == "opened"]
    assert opened and all(line.get("request_id") for line in opened)
