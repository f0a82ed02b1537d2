"""`xacct trust`: what the owners of the accounts are told to apply. Each form is read by a parser of its kind; that a
real STS takes the policy is in login/test_trust.py.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import re
import subprocess
import urllib.parse

import botocore.loaders
import hcl
import pytest
import yaml

from rig import http_server

from .conftest import BOTH
from .policies import HEAD, NOBODY, write

ME = "arn:aws:iam::999900001111:user/bastion"
ROOT = "arn:aws:iam::999900001111:root"
PRINCIPAL = ("--principal", ME)
ID = "external_id = client-a-7Zr42\n"
GRANT = "[grant g]\nusers = alice\nroles = audit\n"
HUB = """[account hub]
id = 999900001111
[role hub]
account = hub
name = bastion/Hub
"""


def policy(role="", grant="", rest="", base="", account=ID):
    """A policy with lines more in [role audit], [grant g], [base] and [account client-a], and sections more."""
    text = HEAD.replace("[account client-a]", f"{base}[account client-a]").replace("[role audit]", f"{account}[role audit]")
    return text + role + GRANT + grant + rest


@pytest.fixture
def trust(run, folder):
    """Runs the command for a policy: trust(text, *words) is what it printed and what it said."""

    def tell(text, *words, status=0):
        write(folder, text)
        done = run("trust", "--config", "x.conf", *words)
        assert done.returncode == status, done
        return done.stdout, done.stderr
    return tell


def statements(printed):
    """The document's statements by what they allow."""
    document = json.loads(printed)
    assert set(document) == {"Version", "Statement"} and document["Version"] == "2012-10-17"
    by_action = {one["Action"]: one for one in document["Statement"]}
    assert len(by_action) == len(document["Statement"])
    assert {one["Effect"] for one in document["Statement"]} == {"Allow"}
    return by_action


def conditions(printed, action):
    return statements(printed)[f"sts:{action}"]["Condition"]


# What a trust policy says


def test_the_account_is_trusted_under_a_condition_on_the_arn(trust):
    """So that the identity may be made anew: an ARN as the principal becomes an id."""
    printed, _ = trust(policy(), "audit", *PRINCIPAL)
    for statement in statements(printed).values():
        assert statement["Principal"] == {"AWS": ROOT}
        assert statement["Condition"]["ArnEquals"] == {"aws:PrincipalArn": ME}


def test_the_external_id_is_asked_for_where_the_role_is_assumed_and_nowhere_else(trust):
    printed, said = trust(policy(), "audit", *PRINCIPAL)
    assert conditions(printed, "AssumeRole")["StringEquals"] == {"sts:ExternalId": "client-a-7Zr42"}
    assert printed.count("ExternalId") == 1 and said == ""


def test_a_role_without_an_external_id_is_told(trust):
    printed, said = trust(policy(account=""), "audit", *PRINCIPAL)
    assert "StringEquals" not in conditions(printed, "AssumeRole")
    assert "no external id" in said


def test_no_session_tag_is_allowed_where_none_is_sent(trust):
    printed, _ = trust(policy(), "audit", *PRINCIPAL)
    assert list(statements(printed)) == ["sts:AssumeRole", "sts:SetSourceIdentity"]


def test_the_tags_of_the_policy_are_allowed_and_no_others(trust):
    printed, _ = trust(policy("tags = client=a who=%{user}\ntransitive_tags = client\n"), "audit", *PRINCIPAL)
    assert conditions(printed, "TagSession") == {
        "ArnEquals": {"aws:PrincipalArn": ME},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["client", "who"], "sts:TransitiveTagKeys": "client"},
        "StringEquals": {"aws:RequestTag/client": "a"}}


@pytest.mark.parametrize("services, sent", [("sshd", False), ("sudo", True), ("sshd su", True)])
def test_sudo_sends_whose_account_it_is(trust, services, sent):
    printed, _ = trust(policy(grant=f"services = {services}\n"), "audit", *PRINCIPAL)
    assert ("sts:TagSession" in statements(printed)) == sent
    if sent:
        assert conditions(printed, "TagSession")["ForAllValues:StringEquals"] == {
            "aws:TagKeys": "xacct-target", "sts:TransitiveTagKeys": "xacct-target"}


def test_a_role_with_a_tag_of_that_key_sends_no_other(trust):
    printed, _ = trust(policy("tags = XACCT-target=x\n", "services = sudo\n"), "audit", *PRINCIPAL)
    assert conditions(printed, "TagSession")["ForAllValues:StringEquals"] == {"aws:TagKeys": "XACCT-target"}


def test_the_source_identity_is_allowed_where_one_is_sent(trust):
    printed, _ = trust(policy(), "audit", *PRINCIPAL)
    assert conditions(printed, "SetSourceIdentity")["StringLike"] == {"sts:SourceIdentity": "*"}
    printed, _ = trust(policy("source_identity = no\n"), "audit", *PRINCIPAL)
    assert list(statements(printed)) == ["sts:AssumeRole"]


def test_a_base_with_a_source_identity_sends_the_human_in_a_tag(trust):
    printed, _ = trust(policy(base="source_identity = fixed\n"), "audit", *PRINCIPAL)
    assert conditions(printed, "TagSession")["ForAllValues:StringEquals"]["aws:TagKeys"] == "xacct-human"
    assert "sts:SetSourceIdentity" in statements(printed)


# Who is trusted


def test_a_session_stands_for_its_role_with_and_without_a_path(trust):
    printed, said = trust(policy(), "audit", "--principal", "arn:aws:sts::999900001111:assumed-role/Bastion/i-0123")
    assert conditions(printed, "AssumeRole")["ArnLike"] == {"aws:PrincipalArn": [
        "arn:aws:iam::999900001111:role/Bastion", "arn:aws:iam::999900001111:role/*/Bastion"]}
    assert "path" in said


def test_a_role_that_the_policy_names_is_trusted(trust):
    role = "arn:aws:iam::999900001111:role/ops/Bastion"
    text = policy().replace("source = file\nfile = /etc/xacct/base.credentials\n",
                            f"source = web-identity\ntoken_file = /etc/xacct/token\nrole_arn = {role}\n")
    printed, _ = trust(text, "audit")
    assert conditions(printed, "AssumeRole")["ArnEquals"] == {"aws:PrincipalArn": role}


def test_the_successor_is_trusted_as_well(trust):
    """Or the rotation that it is for locks everybody out."""
    more = "successor = next\n[base next]\nsource = web-identity\ntoken_file = /t\nrole_arn = arn:aws:iam::123456789012:role/N\n"
    text = policy(base=more)
    trust(text, "audit", status=1)
    printed, _ = trust(text, "audit", "--principal", f"{ME},arn:aws:iam::123456789012:role/a,b")
    assume = statements(printed)["sts:AssumeRole"]
    assert assume["Principal"]["AWS"] == [ROOT, "arn:aws:iam::123456789012:root"]
    assert assume["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [ME, "arn:aws:iam::123456789012:role/a,b"]


def test_a_successor_that_the_policy_names_is_trusted_without_being_given(trust):
    role = "arn:aws:iam::999900001111:role/"
    source = f"source = web-identity\ntoken_file = /etc/xacct/token\nrole_arn = {role}"
    text = policy(base=f"successor = next\n[base next]\n{source}Next\n").replace(
        "source = file\nfile = /etc/xacct/base.credentials", f"{source}Now")
    printed, _ = trust(text, "audit")
    assert conditions(printed, "AssumeRole")["ArnEquals"] == {"aws:PrincipalArn": [role + "Now", role + "Next"]}


def test_who_is_not_known_has_to_be_given(trust):
    printed, said = trust(policy(), "audit", status=1)
    assert printed == "" and "[base] (source = file)" in said and "--principal ARN" in said


@pytest.mark.parametrize("arn", [
    "arn:aws:iam::999900001111:root", "arn:aws:iam::999900001111:user/*", "arn:aws:iam::999900001111:role/${aws:x}",
    "arn:aws:sts::999900001111:federated-user/x", "arn:aws:iam::999900001111:group/x",
    "arn:aws:sts::999900001111:assumed-role/X", "arn:aws:iam::1:user/x",
    "arn:aws:sts::999900001111:assumed-role//x", "999900001111", "*", f"{ME},arn:x", "arn:aws:iam::999900001111:user/x\x1b[2J"])
@BOTH
def test_nobody_but_a_user_or_a_role_is_trusted(trust, run, arn):
    printed, said = trust(policy(), "audit", "--principal", arn, status=1)
    assert printed == "" and "is not the ARN of an IAM user" in said and "\x1b" not in said


def test_behind_a_base_role_that_is_trusted(trust):
    rest = HUB + "tags = project=x\ntransitive_tags = project\n"
    printed, _ = trust(policy("base_role = hub\ntags = client=a\n", "services = sudo\n", rest), "audit")
    assert conditions(printed, "AssumeRole")["ArnEquals"] == {"aws:PrincipalArn": "arn:aws:iam::999900001111:role/bastion/Hub"}
    # What the base role passes on comes along, and is not sent again.
    assert conditions(printed, "TagSession")["ForAllValues:StringEquals"] == {
        "aws:TagKeys": ["client", "xacct-target", "project"], "sts:TransitiveTagKeys": ["xacct-target", "project"]}
    assert conditions(printed, "TagSession")["StringEqualsIfExists"] == {"aws:RequestTag/client": "a"}
    # The base role itself is assumed for sudo's sessions too.
    printed, _ = trust(policy("base_role = hub\n", "services = sudo\n", HUB), "hub", *PRINCIPAL)
    assert "xacct-target" in conditions(printed, "TagSession")["ForAllValues:StringEquals"]["aws:TagKeys"]


@pytest.mark.parametrize("via, action, kind, key", [
    ("web-identity", "AssumeRoleWithWebIdentity", "oidc-provider/idp.example/x", "idp.example/x:aud"),
    ("saml", "AssumeRoleWithSAML", "saml-provider/Idp", "SAML:aud")])
def test_a_users_own_word_needs_its_provider(trust, via, action, kind, key):
    text = policy(f"via = {via}\n", account="")
    provider = f"arn:aws:iam::111122223333:{kind}"
    for words in ((), ("--provider", provider), ("--audience", "bastion"), ("--principal", ME),
                  ("--provider", "arn:aws:iam::444455556666:" + kind, "--audience", "bastion"),
                  ("--provider", ME, "--audience", "bastion"), ("--provider", provider, "--audience", "${x}")):
        printed, said = trust(text, "audit", *words, status=1)
        assert printed == "" and said.count("\n") == 1
    printed, said = trust(text, "audit", "--provider", provider, "--audience", "bastion")
    assert statements(printed) == {f"sts:{action}": {
        "Sid": "Assume", "Effect": "Allow", "Principal": {"Federated": provider}, "Action": f"sts:{action}",
        "Condition": {"StringEquals": {key: "bastion"}}}}
    assert "sub" in said


def test_the_helper_tells_root_only_of_the_policy_in_place(run, etc, folder):
    """Whose base it knows; in place, its failure is told (login/test_trust.py has the answer)."""
    write(folder, policy())
    assert "could not find out" not in run("trust", "audit", "--config", "x.conf").stderr
    assert "could not find out" in run("trust", "audit").stderr
    assert run("trust", "audit", *PRINCIPAL).returncode == 0


def test_neither_root_nor_the_service_is_needed(run, folder):
    write(folder, policy())
    assert run("trust", "audit", "--config", "x.conf", *PRINCIPAL, **NOBODY).returncode == 0


# Which role it is


@BOTH
def test_a_role_that_is_not_there_is_told(trust, run):
    _, said = trust(policy(), "no\x1b[2J", *PRINCIPAL, status=1)
    assert "no role no\\x1b[2J" in said


def test_an_account_in_a_roles_place_is_told_its_roles(trust):
    second = "[role second]\naccount = client-a\nname = Second\n"
    printed, said = trust(policy(rest=second + HUB), "client-a", *PRINCIPAL, status=1)
    assert printed == ""
    assert said == "xacct: trust: client-a is an account: name one of its roles, which are audit, second\n"


PATTERN = "[pattern p]\ngroups = aws-{account}-{role}\nname = dir/{role}\ncase = exact\n"


def test_a_role_that_a_pattern_derives_has_one_too(trust):
    printed, _ = trust(policy(rest=PATTERN + "services = sudo\n"), "client-a/Reader", *PRINCIPAL, "--json")
    told = json.loads(printed)
    assert told["arn"] == "arn:aws:iam::111122223333:role/dir/Reader" and told["external_id"] == "client-a-7Zr42"
    assert "xacct-target" in json.dumps(told["policy"])
    trust(policy(rest=PATTERN), "client-b/Reader", *PRINCIPAL, status=1)


def test_a_name_that_is_made_for_each_login_is_no_single_role(trust):
    text = policy().replace("bastion/Auditor", "sandbox-%{user}")
    _, said = trust(text, "audit", *PRINCIPAL)
    assert "each role of arn:aws:iam::111122223333:role/sandbox-%{user}" in said
    for form in ("cloudformation", "terraform", "awscli", "awscli-create"):
        printed, said = trust(text, "audit", *PRINCIPAL, "--format", form, status=1)
        assert printed == "" and "made for each login" in said


@pytest.mark.parametrize("path", ["a*/X", "a?/X", "${aws:x}/X", 'a"/X', "a\\/X", "a'/X"])
@pytest.mark.parametrize("words", [("audit", *PRINCIPAL), ("--base",)])
def test_a_path_that_iam_would_expand_is_refused(trust, path, words):
    printed, said = trust(policy().replace("bastion/Auditor", path), *words, status=1)
    assert printed == "" and "path" in said


# The bastion's own identity


def permitted(printed):
    document = json.loads(printed)
    assert document["Version"] == "2012-10-17" and len(document["Statement"]) == 1
    statement = document["Statement"][0]
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    resources = statement["Resource"]
    return resources if isinstance(resources, list) else [resources]


def test_the_base_is_permitted_the_roles_in_use_and_no_others(trust):
    rest = """[role spare]
account = client-a
name = Spare
[role late]
account = client-a
name = Late
[role sso]
account = client-a
name = Sso
via = web-identity
[role own]
account = client-a
name = sandbox-%{user}
[grant ended]
users = alice
roles = late
until = 2020-01-01
[grant h]
users = bob
roles = audit sso own
"""
    printed, said = trust(policy(rest=rest), "--base")
    assert permitted(printed) == ["arn:aws:iam::111122223333:role/bastion/Auditor", "arn:aws:iam::111122223333:role/sandbox-*"]
    assert "[base]" in said and "role/sandbox-*" in said


def test_patterns_are_permitted_in_each_account(trust):
    rest = PATTERN + "[account client-b]\nid = 444455556666\n"
    printed, _ = trust(policy(rest=rest), "--base")
    assert permitted(printed) == ["arn:aws:iam::111122223333:role/bastion/Auditor",
                                  "arn:aws:iam::111122223333:role/dir/*", "arn:aws:iam::444455556666:role/dir/*"]


def test_a_pattern_that_takes_listed_roles_alone_permits_those(trust):
    rest = "[pattern p]\ngroups = aws-{account}-{role}\nname = bastion/{role}\n[role dev]\naccount = client-a\nname = bastion/Dev\n"
    printed, _ = trust(policy(rest=rest), "--base")
    assert permitted(printed) == ["arn:aws:iam::111122223333:role/bastion/Auditor", "arn:aws:iam::111122223333:role/bastion/Dev"]


def test_each_identity_and_base_role_has_its_own(trust):
    rest = HUB + """[base next]
source = imds
[base other]
source = imds
[account client-b]
id = 444455556666
base_role = hub
[role b]
account = client-b
name = B
[account client-c]
id = 777788889999
base = other
[role c]
account = client-c
name = C
[grant h]
users = bob
roles = b c
"""
    text = policy(base="successor = next\n", rest=rest)
    printed, _ = trust(text, "--base", "--json")
    assert {(one["kind"], one["name"]): permitted(json.dumps(one["policy"])) for one in json.loads(printed)} == {
        ("base", "base"): ["arn:aws:iam::111122223333:role/bastion/Auditor", "arn:aws:iam::999900001111:role/bastion/Hub"],
        ("base", "next"): ["arn:aws:iam::111122223333:role/bastion/Auditor", "arn:aws:iam::999900001111:role/bastion/Hub"],
        ("base", "other"): ["arn:aws:iam::777788889999:role/C"],
        ("role", "hub"): ["arn:aws:iam::444455556666:role/B"]}
    for name, roles in (("hub", ["arn:aws:iam::444455556666:role/B"]), ("other", ["arn:aws:iam::777788889999:role/C"])):
        assert permitted(trust(text, "--base", name)[0]) == roles
    trust(text, "--base", "nobody", status=1)


def test_where_no_role_is_in_use_there_is_nothing_to_permit(trust):
    printed, said = trust(policy().replace(GRANT, ""), "--base", status=1)
    assert printed == "" and "nothing to permit" in said


# The forms

TAGS = 'tags = client="Müller + Söhne" \nduration = 4h\n'


@pytest.fixture(params=[("audit", *PRINCIPAL), ("--base",)], ids=["role", "base"])
def words(request):
    return request.param


def plain(trust, words):
    return json.loads(trust(policy(TAGS), *words)[0])


def test_json_for_programs_has_the_same_document(trust, words):
    printed, _ = trust(policy(TAGS), *words, "--json")
    assert printed.isascii() and trust(policy(TAGS), *words)[0].isascii()
    told = json.loads(printed)
    told = told[0] if isinstance(told, list) else told
    assert told["policy"] == plain(trust, words) and told["notes"] == []


@pytest.mark.parametrize("parse", [json.loads, yaml.safe_load])
def test_cloudformation(trust, words, parse):
    """Templates are JSON or YAML: this is both. The properties' names are those of CreateRole and CreatePolicy, as
    CloudFormation has them."""
    template = parse(trust(policy(TAGS), *words, "--format", "cloudformation")[0])
    assert set(template) == {"AWSTemplateFormatVersion", "Resources"}
    assert str(template["AWSTemplateFormatVersion"]) == "2010-09-09"
    (name, resource), = template["Resources"].items()
    assert re.fullmatch("[A-Za-z0-9]+", name)
    assert resource == ({"Type": "AWS::IAM::Role", "Properties": {
        "RoleName": "Auditor", "Path": "/bastion/", "MaxSessionDuration": 14400,
        "AssumeRolePolicyDocument": plain(trust, words)}} if words[0] == "audit" else {
            "Type": "AWS::IAM::ManagedPolicy", "Properties": {
                "ManagedPolicyName": "pam-xacct-base", "PolicyDocument": plain(trust, words)}})
    model = botocore.loaders.Loader().load_service_model("iam", "service-2")["shapes"]
    known = model["CreateRoleRequest"]["members"] if words[0] == "audit" else model["CreatePolicyRequest"]["members"]
    assert {key.replace("ManagedPolicyName", "PolicyName") for key in resource["Properties"]} <= set(known)


def test_terraform(trust, words):
    parsed = hcl.loads(trust(policy(TAGS), *words, "--format", "terraform")[0])
    (kind, named), = parsed["resource"].items()
    (name, resource), = named.items()
    document = json.loads(resource.pop("assume_role_policy" if words[0] == "audit" else "policy"))
    assert document == plain(trust, words)
    assert (kind, name, resource) == (
        ("aws_iam_role", "audit", {"name": "Auditor", "path": "/bastion/", "max_session_duration": 14400})
        if words[0] == "audit" else ("aws_iam_policy", "base", {"name": "pam-xacct-base"}))


def test_a_name_that_terraform_would_not_take_is_written_otherwise(trust):
    text = policy().replace("[role audit]", "[role 1.a@b+c]").replace("roles = audit", "roles = 1.a@b+c")
    printed, _ = trust(text, "1.a@b+c", *PRINCIPAL, "--format", "terraform")
    (name,) = hcl.loads(printed)["resource"]["aws_iam_role"]
    assert re.fullmatch("[A-Za-z_][A-Za-z0-9_-]*", name)


class Iam(http_server.HttpServer):
    """Notes what it is asked, and answers as if it had been done."""

    def __init__(self):
        self.asked = []
        super().__init__(Handler)


class Handler(http_server.Handler):
    def do_POST(self):
        asked = dict(urllib.parse.parse_qsl(self.body().decode()))
        self.standin.asked.append(asked)
        action = asked["Action"]
        self.send(200, f"<{action}Response><{action}Result/></{action}Response>".encode(), "text/xml")


@pytest.mark.parametrize("form", ["awscli", "awscli-create"])
def test_the_line_for_aws_is_pasted_into_a_shell_and_sends_the_document(trust, words, form):
    printed, _ = trust(policy(TAGS), *words, "--format", form)
    assert printed.count("\n") == 1
    with Iam() as iam:
        done = subprocess.run(
            ["/bin/bash", "-c", f"aws() {{ command /usr/bin/aws --endpoint-url {iam.url} \"$@\"; }}\n{printed}"],
            env={"PATH": "/usr/bin:/bin", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1", "HOME": "/mnt/root", "LANG": "C.UTF-8"},
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
    assert done.returncode == 0, done
    (asked,) = iam.asked
    sent = {key: asked[key] for key in asked if key != "Version"}
    document = json.loads(sent.pop("AssumeRolePolicyDocument" if sent["Action"] == "CreateRole" else "PolicyDocument"))
    assert document == plain(trust, words)
    assert sent == ({"Action": "CreatePolicy", "PolicyName": "pam-xacct-base"} if words[0] == "--base" else
                    {"Action": "UpdateAssumeRolePolicy", "RoleName": "Auditor"} if form == "awscli" else
                    {"Action": "CreateRole", "RoleName": "Auditor", "Path": "/bastion/", "MaxSessionDuration": "14400"})


def test_a_document_that_is_longer_than_iam_takes_is_told(trust):
    tags = "\n  ".join(f"key-{i:02}={'x' * 60}" for i in range(30))
    _, said = trust(policy(f"tags = {tags}\n"), "audit", *PRINCIPAL)
    assert "IAM takes 2048" in said


# The command line


@pytest.mark.parametrize("words_given", [
    (), ("audit", "--format", "yaml"), ("audit", "--format", "json", "--json"), ("--base", *PRINCIPAL),
    ("--base", "--audience", "x"), ("audit", "more")])
def test_what_does_not_go_together_is_refused(trust, words_given):
    printed, said = trust(policy(), *words_given, status=2)
    assert printed == "" and said.count("\n") == 1


@pytest.mark.parametrize("words_given", [("--provider", ME), ("--audience", "x")])
def test_a_provider_is_not_for_a_role_that_the_host_assumes(trust, words_given):
    assert "leave them out" in trust(policy(), "audit", *PRINCIPAL, *words_given, status=1)[1]


def test_a_principal_is_not_for_a_role_behind_another(trust):
    assert "leave --principal out" in trust(policy("base_role = hub\n", rest=HUB), "audit", *PRINCIPAL, status=1)[1]


def test_a_policy_with_errors_is_refused(trust):
    printed, said = trust(policy() + "[role x]\n", "audit", *PRINCIPAL, status=2)
    assert printed == "" and "x.conf:" in said and "error:" in said
