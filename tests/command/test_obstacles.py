"""xacct status: what is in the way of the role, named with what to do.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import subprocess

import pytest

from conftest import AUDIT, BOTH, BY_KEYS, BY_PROCESS, OURS, SERVED, environment

KEYS, PROCESS = "keys", "process"
HERE = {KEYS: environment(BY_KEYS), PROCESS: environment(BY_PROCESS)}

KUBECONFIG = """\
users:
- name: eks
  user:
    exec:
      command: aws
      args:
      - eks
      - get-token
{more}
"""
KUBE_VARIABLE = KUBECONFIG.format(more="      env:\n      - name: AWS_PROFILE\n        value: {}")
KUBE_ARGUMENT = KUBECONFIG.format(more="      - --profile\n      - {}")
GIT = '[core]\n\tbare = false\n[remote "origin"]\n\turl = {}\n\tfetch = +refs/heads/*:x\n'
CREDENTIALS = "[default]\naws_access_key_id = AKIA1\naws_secret_access_key = hush\n"
CONFIG = """\
[default]
region = eu-west-1
s3 =
  max_concurrent_requests = 20
  role_arn = not a key of the profile
[profile dev]
sso_session = corp
role_arn = arn:aws:iam::1:role/x
source_profile = base
[sso-session corp]
sso_start_url = https://x.example
"""

# name: (deliveries where it is in the way, variables, files (in the home, where they say nothing else),
# where, pieces of what and advice)
OBSTACLES = {
    "AWS_PROFILE": ((KEYS, PROCESS), {"AWS_PROFILE": "dev"}, {}, "AWS_PROFILE=dev",
                    ["unset AWS_PROFILE", "startup file"]),
    "an empty AWS_PROFILE": ((KEYS, PROCESS), {"AWS_PROFILE": ""}, {}, "AWS_PROFILE=",
                             ["programs stop", "unset AWS_PROFILE"]),
    "another role's profile": ((KEYS, PROCESS), {"AWS_PROFILE": "xacct-other"}, {},
                               "AWS_PROFILE=xacct-other", ["unset AWS_PROFILE"]),
    "AWS_DEFAULT_PROFILE": ((KEYS, PROCESS), {"AWS_DEFAULT_PROFILE": "dev"}, {},
                            "AWS_DEFAULT_PROFILE=dev", ["unset AWS_DEFAULT_PROFILE"]),
    "keys of one's own": ((PROCESS,), {"AWS_ACCESS_KEY_ID": "AKIA"}, {}, "AWS_ACCESS_KEY_ID",
                          ["unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"]),
    "AWS_SECURITY_TOKEN": ((KEYS,), {"AWS_SECURITY_TOKEN": "t"}, {}, "AWS_SECURITY_TOKEN",
                           ["unset AWS_SECURITY_TOKEN"]),
    "a web identity": ((PROCESS,), {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, {},
                       "AWS_WEB_IDENTITY_TOKEN_FILE", ["unset AWS_WEB_IDENTITY_TOKEN_FILE"]),
    "another AWS_CONFIG_FILE": ((PROCESS,), {"AWS_CONFIG_FILE": "~/mine"},
                                {"mine": "[default]\nrole_arn = x\n"}, "HOME/mine:2",
                                ["role_arn", "--profile NAME"]),
    "several profiles in credentials": (
        (PROCESS,), {}, {".aws/credentials": CREDENTIALS + "[dev]\naws_access_key_id = A\n[prod]\n"},
        "HOME/.aws/credentials",
        ["dev, prod", "AWS_SHARED_CREDENTIALS_FILE=HOME/.aws/credentials", "[profile NAME]"]),
    "a chain from [default] keys": (
        (PROCESS,), {}, {".aws/credentials": CREDENTIALS,
                         ".aws/config": "[profile x]\nrole_arn = r\nsource_profile = default\n"},
        "HOME/.aws/config:3", ["profile x", "source_profile = NAME"]),
    "kubeconfig": ((PROCESS,), {}, {".kube/config": KUBE_VARIABLE.format("dev")},
                   "HOME/.kube/config:10", ["profile dev", "--exec-env=AWS_PROFILE-"]),
    "kubeconfig, quoted": ((PROCESS,), {}, {".kube/config": KUBE_VARIABLE.format('"dev"')},
                           "HOME/.kube/config:10", ["profile dev"]),
    "kubeconfig, flow": ((PROCESS,), {}, {".kube/config": KUBECONFIG.format(
        more="      env: [{name: AWS_PROFILE, value: dev}]")}, "HOME/.kube/config:9",
                         ["profile dev"]),
    "kubeconfig, argument": ((KEYS, PROCESS), {}, {".kube/config": KUBE_ARGUMENT.format("dev")},
                             "HOME/.kube/config:9", ["profile dev", "take --profile dev out"]),
    "KUBECONFIG": ((PROCESS,), {"KUBECONFIG": "/nowhere:HOME/k2"},
                   {"k2": KUBE_VARIABLE.format("dev")}, "HOME/k2:10", ["profile dev"]),
    "codecommit": ((KEYS, PROCESS), {}, {"WORK/.git/config": GIT.format(
        "codecommit::eu-west-1://dev@repo")}, "WORK/.git/config:4",
                   ["profile dev", "git remote set-url origin codecommit::eu-west-1://repo"]),
    "codecommit without a region": ((KEYS, PROCESS), {}, {"WORK/.git/config": GIT.format(
        "codecommit://dev@repo")}, "WORK/.git/config:4",
                                    ["git remote set-url origin codecommit://repo"]),
    "codecommit further up": ((KEYS, PROCESS), {}, {"ROOT/.git/config": GIT.format(
        "codecommit://dev@repo")}, "ROOT/.git/config:4", ["profile dev"]),
    "codecommit, worktree": ((KEYS, PROCESS), {}, {
        "WORK/.git": "gitdir: ../main/.git/worktrees/w\n",
        "ROOT/main/.git/worktrees/w/commondir": "../..\n",
        "ROOT/main/.git/config": GIT.format("codecommit://dev@repo")},
                             "WORK/../main/.git/worktrees/w/../../config:4", ["profile dev"]),
}
for source in ("role_arn", "web_identity_token_file", "sso_session", "sso_account_id",
               "aws_access_key_id"):
    for section in ("default", "profile default"):
        OBSTACLES[f"[{section}] with {source}"] = (
            (PROCESS,), {}, {".aws/config": f"# mine\n[{section}]\nregion = x\n{source} = y\n"},
            "HOME/.aws/config:4", [source, "[profile NAME]"])

# What looks like it and is not: nothing may be told of these.
CLEAN = {
    "nothing": ({}, {}),
    "the user's settings": ({"AWS_PROFILE": "default", "AWS_PAGER": "", "AWS_CA_BUNDLE": "/b"},
                            {".aws/config": CONFIG}),
    "static default keys": ({}, {".aws/credentials": CREDENTIALS}),
    "a process of [default], before which the role's goes": (
        {}, {".aws/config": "[default]\ncredential_process = /bin/mine\n"}),
    "a chain that was to start from whatever is there": (
        {}, {".aws/config": "[profile x]\nrole_arn = r\nsource_profile = default\n"}),
    "the role's own profile": ({"AWS_PROFILE": "xacct-client-a-audit"}, {}),
    "a kubeconfig without profiles": ({}, {".kube/config": KUBECONFIG.format(more="")}),
    "a comment in the kubeconfig": ({}, {".kube/config": "# - name: AWS_PROFILE\n# value: x\n"}),
    "the role's profile in the kubeconfig": (
        {}, {".kube/config": KUBE_VARIABLE.format("xacct-client-a-audit")}),
    "codecommit without a profile": (
        {}, {"WORK/.git/config": GIT.format("codecommit::eu-west-1://repo")}),
    "codecommit with the role's profile": (
        {}, {"WORK/.git/config": GIT.format("codecommit://xacct-client-a-audit@repo")}),
    "other remotes": ({}, {"WORK/.git/config": GIT.format("ssh://git@example.com/x")}),
    "files that are none": ({"AWS_CONFIG_FILE": "/dev/zero", "KUBECONFIG": "/proc/self/mem"}, {}),
    "binary files": ({}, {".aws/config": "\0\0[default]\nrole_arn=x\n", ".kube/config": "\x01" * 99}),
    "no end of line": ({}, {".aws/config": "[default]\nregion=x", ".kube/config": "a: b"}),
}


def obstacles(command, service, delivery, variables, files):
    reply = [s for s in AUDIT if not s.startswith(("version", "status", "deliver"))]
    service.answers["status"] = [[*SERVED, "permitted=1", *reply,
                                  f"deliver={'env' if delivery == KEYS else 'process'}"]]
    for name, text in files.items():
        path = command.home / place(command, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    env = {**HERE[delivery], **{name: place(command, value) for name, value in variables.items()}}
    done = command("status", "--json", env=env)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["delivery"] == ("env" if delivery == KEYS else "process")
    return found["obstacles"]


def place(command, text):
    return (text.replace("HOME", str(command.home)).replace("WORK", str(command.folder))
            .replace("ROOT", str(command.folder.parent)))


@BOTH
@pytest.mark.parametrize("delivery", [KEYS, PROCESS])
@pytest.mark.parametrize("name", OBSTACLES)
def test_what_is_in_the_way_is_named_with_what_to_do(command, service, name, delivery):
    deliveries, variables, files, where, pieces = OBSTACLES[name]
    found = obstacles(command, service, delivery, variables, files)
    if delivery not in deliveries:
        assert found == []
        return
    assert [obstacle["where"] for obstacle in found] == [place(command, where)]
    told = found[0]["what"] + found[0]["advice"]
    assert all(place(command, piece) in told for piece in pieces), told
    assert "hush" not in told and "AKIA" not in told


@BOTH
@pytest.mark.parametrize("delivery", [KEYS, PROCESS])
@pytest.mark.parametrize("name", CLEAN)
def test_what_is_not_in_the_way_is_not_named(command, service, name, delivery):
    assert obstacles(command, service, delivery, *CLEAN[name]) == []


@pytest.mark.parametrize("value", ["/home/x/.aws/credentials", None])
def test_another_shared_credentials_file_is_named(command, service, value):
    service.answers["status"] = [[*SERVED, "permitted=1", "deliver=process"]]
    env = {"XACCT_ROLE": "r", **({"AWS_SHARED_CREDENTIALS_FILE": value} if value else {})}
    [found] = json.loads(command("status", "--json", env=env).stdout)["obstacles"]
    assert found["where"] == "AWS_SHARED_CREDENTIALS_FILE" + (f"={value}" if value else "")
    assert f"export AWS_SHARED_CREDENTIALS_FILE={OURS}" in found["advice"]


def test_names_from_files_cannot_move_the_cursor(command, service):
    files = {".aws/credentials": "[a\x1b[2Jb]\n", "WORK/.git/config":
             GIT.format("codecommit://p\x1b[2J@r")}
    found = obstacles(command, service, PROCESS, {"AWS_PROFILE": "x\x1b[2J\n"}, files)
    assert len(found) == 3
    assert "\x1b" not in json.dumps(found).replace("\\u001b", "\x1b")


def test_a_fifo_does_not_stop_it(command, service):
    (command.home / ".aws").mkdir()
    subprocess.run(["mkfifo", command.home / ".aws/config"], check=True)
    assert obstacles(command, service, PROCESS, {}, {}) == []


def test_without_a_role_nothing_is_in_the_way_of_it(command, service):
    found = json.loads(command("status", "--json", env={"AWS_PROFILE": "x"}).stdout)
    assert found["obstacles"] == []


def test_the_lines_for_people(command, service):
    done = command("status", env={**HERE[KEYS], "AWS_PROFILE": "dev"})
    assert "\nin the way:\n  AWS_PROFILE=dev makes programs use that profile in place of the role\n" \
        "      unset AWS_PROFILE, here and" in done.stdout
