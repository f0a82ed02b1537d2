"""Five people with AWS settings of their own: each gets the role, or `xacct status` names what is
in the way, and each keeps the rest. Once in a shell without the integration, once with it.

SPDX-License-Identifier: BSD-2-Clause
"""

import base64
import dataclasses
import json
import re
import urllib.parse

import pytest

from rig.sts_standin import Role

from .conftest import DEFAULT_KEYS, OWN_ARN, OWN_KEYS, PROGRAMS, ROLE_SESSION

HOME = "/mnt/home/1001"
LOAD = 'eval "$(xacct init bash)"\n'
CREDENTIALS = f"[default]\n{DEFAULT_KEYS}[client-x]\n{OWN_KEYS}"
CHAINED = "arn:aws:iam::777788889999:role/Chained"
CONFIG = f"""\
[default]
region = eu-north-1
output = text
s3 =
    addressing_style = path
    max_concurrent_requests = 7

[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start

[profile sso]
sso_session = corp
sso_account_id = 444455556666
sso_role_name = Reader

[profile chained]
role_arn = {CHAINED}
source_profile = client-x
"""
KUBECONFIG = """\
apiVersion: v1
kind: Config
users:
- name: shop
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: aws
      args: [eks, get-token, --cluster-name, shop]
      env:
      - name: AWS_PROFILE
        value: client-x
"""
REMOTE = '[remote "origin"]\n\turl = codecommit::eu-west-1://client-x@shop\n'

HIDDEN = f"{HOME}/.aws/credentials"
CLIENTS = {
    "awscli": "aws sts get-caller-identity --query Arn --output text --profile {}",
    **{client: f"{program} {{}} </dev/null" for client, program in PROGRAMS.items()},
}


@dataclasses.dataclass(frozen=True)
class User:
    """Somebody's files, the line of the startup file, and what is in the way by that."""

    files: dict
    startup: str = ""
    in_the_way: tuple = ()
    folder: str = HOME


USERS = {
    "static default keys": User({".aws/credentials": CREDENTIALS}),
    "AWS_PROFILE in .bashrc": User(
        {".aws/credentials": CREDENTIALS},
        "export AWS_PROFILE=client-x\n",
        ("AWS_PROFILE=client-x",),
    ),
    "settings in config": User({".aws/credentials": CREDENTIALS, ".aws/config": CONFIG}),
    "kubeconfig": User(
        {".aws/credentials": CREDENTIALS, ".kube/config": KUBECONFIG},
        in_the_way=(f"{HOME}/.kube/config:11",),
    ),
    "codecommit remote": User(
        {".aws/credentials": CREDENTIALS, "shop/.git/config": REMOTE},
        in_the_way=(f"{HOME}/shop/.git/config:2",),
        folder=f"{HOME}/shop",
    ),
}
EACH = pytest.mark.parametrize("user", USERS.values(), ids=USERS)
WITH_INTEGRATION = pytest.mark.parametrize("load", ["", LOAD], ids=["plain", "integrated"])


@pytest.fixture
def enter(home, login):
    """Logs alice in with the files of a user: enter(user, load) is a Shell in the user's folder."""

    def start(user, load=LOAD):
        for name, text in user.files.items():
            home(name, text)
        home(".bashrc", load + user.startup)
        shell = login()
        shell.run(f"cd {user.folder}")
        return shell

    return start


def identities(shell, profile=None, before=""):
    """Who each client is, under a profile or none: they run side by side."""
    for client, command in CLIENTS.items():
        option = command.format(profile) if profile else command.replace("--profile {}", "")
        shell.run(f"{before} {option.replace('{}', '')} >{HOME}/{client} 2>&1 &")
    shell.run("wait")
    printed = {client: shell.run(f"cat {HOME}/{client}") for client in CLIENTS}
    return {client: " ".join(sorted(set(text.split()))) for client, text in printed.items()}


def everybody(arn):
    return dict.fromkeys(CLIENTS, arn)


def in_the_way(shell):
    """What `xacct status` names, and the profiles that it says are not read."""
    found = json.loads(shell.run("xacct status --json"))["obstacles"]
    assert all(obstacle["advice"] for obstacle in found)
    return {obstacle["where"]: obstacle["what"] for obstacle in found}


@EACH
@WITH_INTEGRATION
def test_what_is_in_the_way_is_named_and_nothing_else(enter, user, load):
    named = in_the_way(enter(user, load))
    hidden = named.pop(HIDDEN, "")
    assert tuple(named) == user.in_the_way
    assert hidden.endswith(": client-x") == (not load)


@EACH
@WITH_INTEGRATION
def test_every_client_has_the_role(enter, sts, user, load):
    shell = enter(user, load)
    assert not sts.calls
    if user.startup:
        shell.run("unset AWS_PROFILE")
    assert identities(shell) == everybody(ROLE_SESSION)


@EACH
def test_profiles_of_ones_own_stay(enter, user):
    assert identities(enter(user), "client-x") == everybody(OWN_ARN)


def test_without_integration_a_profile_is_had_as_status_says(enter):
    shell = enter(USERS["settings in config"], load="")
    (advice,) = [
        obstacle["advice"]
        for obstacle in json.loads(shell.run("xacct status --json"))["obstacles"]
        if obstacle["where"] == HIDDEN
    ]
    variable = re.search(r"AWS_SHARED_CREDENTIALS_FILE=\S+", advice)[0]
    assert identities(shell, "client-x", variable) == everybody(OWN_ARN)


def test_a_profile_of_the_environment_is_used_as_it_is_named(enter):
    """Which is what `in the way` means: programs take what the user has set."""
    shell = enter(USERS["AWS_PROFILE in .bashrc"])
    assert identities(shell) == everybody(OWN_ARN)


def test_a_command_without_a_terminal_has_the_profiles_too(bastion, service, home):
    home(".aws/credentials", CREDENTIALS)
    home(".bashrc", LOAD)
    done = bastion.sshd.ssh("alice", CLIENTS["awscli"].format("client-x"))
    assert (done.status, done.stdout.strip(), done.stderr) == (0, OWN_ARN, "")


@WITH_INTEGRATION
def test_settings_stay(enter, load):
    shell = enter(USERS["settings in config"], load)
    settings = {
        "region": "eu-north-1",
        "output": "text",
        "s3.addressing_style": "path",
        "default.s3.max_concurrent_requests": "7",
        "profile.chained.role_arn": CHAINED,
    }
    for name, value in settings.items():
        assert shell.run(f"aws configure get {name}").strip() == value
    read = shell.run(
        "/usr/bin/python3 -c '"
        "import json, boto3; session = boto3.Session(); core = session._session; "
        'print(json.dumps([session.client("s3").meta.config.s3, core.full_config["sso_sessions"]]))'
        "'"
    )
    s3, sso_sessions = json.loads(read)
    assert s3["addressing_style"] == "path" and s3["max_concurrent_requests"] == "7"
    assert sso_sessions["corp"]["sso_start_url"] == "https://corp.awsapps.com/start"
    assert "SSO" in shell.run("aws sts get-caller-identity --profile sso 2>&1")


def test_a_chain_starts_from_the_profile_that_it_names(enter, sts):
    sts.roles[CHAINED] = Role(OWN_ARN)
    shell = enter(USERS["settings in config"])
    for arn in identities(shell, "chained").values():
        assert arn.startswith("arn:aws:sts::777788889999:assumed-role/Chained/")


def test_a_chain_from_default_starts_from_the_role_and_is_named(enter, sts):
    sts.roles[CHAINED] = Role(ROLE_SESSION)
    config = f"[profile onward]\nrole_arn = {CHAINED}\nsource_profile = default\n"
    shell = enter(User({".aws/credentials": CREDENTIALS, ".aws/config": config}))
    assert "onward" in in_the_way(shell)[f"{HOME}/.aws/config:3"]
    for arn in identities(shell, "onward").values():
        assert arn.startswith("arn:aws:sts::777788889999:assumed-role/Chained/")


def signer(token):
    """The access key that an EKS token was signed with."""
    encoded = json.loads(token)["status"]["token"].removeprefix("k8s-aws-v1.")
    url = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
    return query["X-Amz-Credential"][0].split("/")[0]


def test_a_token_for_eks_is_the_profiles_or_the_roles(enter, sts):
    shell = enter(USERS["kubeconfig"])
    get_token = "aws eks get-token --cluster-name shop"
    assert signer(shell.run(f"AWS_PROFILE=client-x {get_token}")) == "AKIAALICESCLIENTX002"
    assert signer(shell.run(get_token)) == sts.issued[-1].access_key


# An SDK goes by these before it comes to a process. Which do, was found by trying.
FIRST = {
    "role_arn": ("awscli", "boto3", "javascript"),
    "sso_session": ("awscli", "boto3"),
    "aws_access_key_id": ("javascript",),
}
DEFAULTS = {
    "role_arn": f"role_arn = {CHAINED}\nsource_profile = moved\n[profile moved]\n{OWN_KEYS}",
    "sso_session": "sso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
    "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n",
    "aws_access_key_id": OWN_KEYS,
}


@pytest.mark.parametrize("source", FIRST)
def test_credentials_of_the_default_profile_in_config_are_named(enter, sts, source):
    sts.roles[CHAINED] = Role(OWN_ARN)
    shell = enter(User({".aws/config": f"[default]\n{DEFAULTS[source]}"}))
    assert source in in_the_way(shell)[f"{HOME}/.aws/config:2"]
    others = {client for client, arn in identities(shell).items() if arn != ROLE_SESSION}
    assert others == set(FIRST[source])


def test_a_process_of_the_default_profile_is_not_in_the_way(enter):
    shell = enter(User({".aws/config": "[default]\ncredential_process = /bin/false\n"}))
    assert in_the_way(shell) == {}
    assert identities(shell) == everybody(ROLE_SESSION)


def test_no_key_of_the_users_is_copied(enter):
    shell = enter(USERS["static default keys"])
    made = shell.run('cat "$AWS_SHARED_CREDENTIALS_FILE"')
    assert "[client-x]" in made and "AKIA" not in made and "own/secret" not in made
    assert shell.run('stat -c %a "$AWS_SHARED_CREDENTIALS_FILE"').strip() == "400"


def test_a_key_that_changes_is_the_changed_one(enter, home):
    shell = enter(USERS["static default keys"])
    home(".aws/credentials", f"[client-x]\n{DEFAULT_KEYS}")
    assert identities(shell, "client-x") == everybody("arn:aws:iam::444455556666:user/alice")


def test_a_profile_that_comes_later_is_named_and_read_after_the_next_switch(enter, home):
    shell = enter(USERS["static default keys"])
    home(".aws/credentials", f"{CREDENTIALS}[later]\n{OWN_KEYS}")
    assert in_the_way(shell)[HIDDEN].endswith(": later")
    shell.run('eval "$(xacct env client-a-dev)"')
    assert in_the_way(shell) == {}
    assert identities(shell, "later") == everybody(OWN_ARN)
    assert identities(shell) == everybody("arn:aws:sts::111122223333:assumed-role/Developer/alice")


def test_exec_has_the_profiles_too(enter):
    shell = enter(USERS["static default keys"], load="")
    command = CLIENTS["awscli"].format("client-x")
    assert shell.run(f"xacct exec client-a-dev -- {command} 2>&1").strip() == OWN_ARN


def test_after_drop_the_users_own_file_is_read(enter):
    shell = enter(USERS["static default keys"])
    shell.run('eval "$(xacct drop)"')
    region = "AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1"
    assert identities(shell, before=region) == everybody("arn:aws:iam::444455556666:user/alice")
