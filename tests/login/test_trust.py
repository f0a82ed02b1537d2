"""What `xacct trust` prints, put to the test: created in Ceph's gateway by the printed line, and held, by the rules of
IAM, against the calls that real logins made.

Of conditions Ceph 16 knows neither `aws:PrincipalArn` nor `sts:ExternalId`, so that these never hold there, nor the
action `sts:SetSourceIdentity`, which it refuses in a policy. Hence the second half.

SPDX-License-Identifier: BSD-2-Clause
"""

import fnmatch
import json
import shlex
import subprocess

import pytest

from rig import ceph, policy
from rig.bastion import DEV_ARN, ROLE_ARN
from rig.fixtures import BASE_ARN

ACCOUNT = "555566667777"
RULES = """
[account client-t]
id = 555566667777
external_id = 7Zr-42
source_identity = no

[role audit]
account = client-t
name    = Trusting

[role stranger]
account = client-t
name    = Stranger

[role foreign]
account = client-t
name    = Foreign

[grant g]
users = alice
roles = audit stranger foreign
default = {role}
"""


def trust(*words, status=0):
    done = subprocess.run(["/usr/bin/xacct", "trust", *words], capture_output=True, text=True, timeout=60, check=False,
                          env={"PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL)
    assert done.returncode == status, done
    return done.stdout, done.stderr


# Ceph's gateway


@pytest.fixture(scope="module")
def client(gateway):
    return gateway.create_client(ACCOUNT)


def create(gateway, client, role, principal, change):
    """Has the printed line for aws create the role, whose policy's conditions are changed before. Returns its name."""
    policy.write(policy.heading(gateway.url) + RULES.format(role=role))
    printed, _ = trust(role, "--principal", principal, "--format", "awscli-create")
    words = shlex.split(printed)
    document = json.loads(words[-1])
    for statement in document["Statement"]:
        change(statement["Condition"])
    client.aws(*words[1:-1], json.dumps(document, separators=(",", ":")))
    name = words[words.index("--role-name") + 1]
    client.aws("iam", "put-role-policy", "--role-name", name, "--policy-name", "own",
               "--policy-document", ceph.policy_document(["s3:*"], Resource=["*"]))
    return name


def as_ceph_has_it(condition):
    """The user by the key that Ceph has for it, and no external id."""
    del condition["StringEquals"]["sts:ExternalId"]
    condition["StringEquals"]["aws:username"] = condition.pop("ArnEquals")["aws:PrincipalArn"].rsplit("/", 1)[1]


@pytest.mark.parametrize("role, principal, change, is_trusted", [
    ("audit", ceph.BASTION_ARN, as_ceph_has_it, True),
    ("stranger", ceph.BASTION_ARN.replace("bastion", "another"), as_ceph_has_it, False),
    ("foreign", ceph.BASTION_ARN.replace(ceph.BASTION_ACCOUNT, "123456789012"), as_ceph_has_it, False)])
def test_a_real_sts_lets_in_whom_the_policy_names_and_nobody_else(host, gateway, client, role, principal, change, is_trusted):
    host.reset(gateway.url, ceph.BASTION_KEY, ceph.BASTION_SECRET)
    create(gateway, client, role, principal, change)
    login = host.sshd.ssh("alice", "env")
    assert ("AWS_ACCESS_KEY_ID" in login.environment) == is_trusted, host.syslog.text()
    if not is_trusted:
        status, text, _ = host.verdict()
        assert status == "misconfigured" and "AccessDenied" in text


def test_a_real_sts_takes_the_policy_as_it_is_printed_and_its_conditions_count(host, gateway, client):
    """What cannot be met there keeps everybody out."""
    host.reset(gateway.url, ceph.BASTION_KEY, ceph.BASTION_SECRET)
    policy.write(policy.heading(gateway.url) + RULES.format(role="audit").replace("Trusting", "AsPrinted"))
    printed, _ = trust("audit", "--principal", ceph.BASTION_ARN, "--format", "awscli-create")
    client.aws(*shlex.split(printed)[1:])
    kept = json.loads(client.aws("iam", "get-role", "--role-name", "AsPrinted"))["Role"]["AssumeRolePolicyDocument"]
    assert kept == json.loads(trust("audit", "--principal", ceph.BASTION_ARN)[0])
    assert "AWS_ACCESS_KEY_ID" not in host.sshd.ssh("alice", "env").environment


# The calls of real logins


OPERATORS = {  # IAM User Guide, "IAM JSON policy elements: Condition operators"
    "StringEquals": lambda pattern, value: pattern == value,
    "ArnEquals": lambda pattern, value: fnmatch.fnmatchcase(value, pattern),
    "ArnLike": lambda pattern, value: fnmatch.fnmatchcase(value, pattern),
    "StringLike": lambda pattern, value: fnmatch.fnmatchcase(value, pattern),
}


def holds(operator, patterns, values):
    patterns = patterns if isinstance(patterns, list) else [patterns]
    every = operator.startswith("ForAllValues:")
    test = OPERATORS[operator.removeprefix("ForAllValues:")]
    if every:
        return all(any(test(pattern, value) for pattern in patterns) for value in values)
    return len(values) == 1 and any(test(pattern, values[0]) for pattern in patterns)


def allows(document, action, context):
    """Whether the trust policy allows the action to whoever comes with these values of the condition keys."""
    account = context["aws:PrincipalArn"][0].split(":")[4]
    return any(
        statement["Action"] == action and statement["Principal"] == {"AWS": f"arn:aws:iam::{account}:root"}
        and all(holds(operator, patterns, context.get(key, []))
                for operator, keys in statement["Condition"].items() for key, patterns in keys.items())
        for statement in document["Statement"])


def context_of(parameters, arn=BASE_ARN, **changed):
    """The condition keys of a call, in lists."""
    tags = parameters.get("Tags", [])
    context = {"aws:PrincipalArn": [arn], "sts:ExternalId": [parameters["ExternalId"]] if "ExternalId" in parameters else [],
               "sts:SourceIdentity": [parameters["SourceIdentity"]] if "SourceIdentity" in parameters else [],
               "aws:TagKeys": [tag["Key"] for tag in tags], "sts:TransitiveTagKeys": parameters.get("TransitiveTagKeys", [])}
    return context | {f"aws:RequestTag/{tag['Key']}": [tag["Value"]] for tag in tags} | changed


def is_let_in(document, parameters, context):
    """Whether AWS would: each action that the call needs."""
    actions = ["sts:AssumeRole"] + ["sts:TagSession"] * ("Tags" in parameters) + ["sts:SetSourceIdentity"] * ("SourceIdentity" in parameters)
    return all(allows(document, action, context) for action in actions)


@pytest.mark.parametrize("user, role, arn", [("alice", "client-a-audit", ROLE_ARN), ("bob", "client-a-dev", DEV_ARN)])
def test_what_a_login_sends_is_allowed_and_what_differs_is_not(bastion, sts, user, role, arn):
    document = json.loads(trust(role, "--principal", BASE_ARN)[0])
    assert "AWS_ACCESS_KEY_ID" in bastion.sshd.ssh(user, "env").environment
    parameters = next(call.parameters for call in sts.calls if call.parameters.get("RoleArn") == arn)
    assert is_let_in(document, parameters, context_of(parameters))
    spoilt = [{"sts:ExternalId": ["another"]}, {"sts:ExternalId": []}, {"aws:PrincipalArn": [BASE_ARN + "2"]},
              {"aws:PrincipalArn": ["arn:aws:iam::123456789012:user/bastion"]},
              {"aws:TagKeys": ["client", "admin"]}, {"aws:RequestTag/client": ["b"]}, {"aws:RequestTag/client": []},
              {"sts:TransitiveTagKeys": ["cost-centre"]}]
    # The one role passes tags on, and the other does not ask which.
    for change in spoilt if role == "client-a-audit" else spoilt[:-1]:
        assert not is_let_in(document, parameters, context_of(parameters) | change), change


def test_root_is_told_by_the_helper_who_the_bastion_is(bastion, service):
    printed, said = trust("client-a-audit")
    assert printed == trust("client-a-audit", "--principal", BASE_ARN)[0]
    assert f"[base] is {BASE_ARN}, as AWS told the helper" in said
