"""xacct console and credentials: one thing on standard output and nothing else.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import subprocess

import pytest

from conftest import AUDIT, BY_KEYS, BY_PROCESS, DEV, FAR, LAST, OURS, SERVED, environment

URL = ("https://signin.aws.amazon.com/federation?Action=login&Issuer=&"
       "Destination=https%3A%2F%2Fconsole.aws.amazon.com%2F&SigninToken=abc")


def test_the_link_stands_alone(command, service):
    service.answers["console"] = [[*SERVED, f"url={URL}", "role=r"]]
    done = command("console", "r")
    assert (done.returncode, done.stdout, done.stderr) == (0, URL + "\n", "")


@pytest.mark.parametrize("url", [[], ["url="], ["url=javascript:x"], ["url=https://x\x1b[2J"],
                                 ["url=https://x y"], ["url=https://x\ny"]])
def test_what_is_no_link_is_not_printed(command, service, url):
    service.answers["console"] = [[*SERVED, *url]]
    assert "holds no link" in command.fails("console", "r")


SWITCH = {
    "aws": ("arn:aws:iam::111122223333:role/Developer",
            "https://signin.aws.amazon.com/switchrole?account=111122223333&roleName=Developer"),
    "a path": ("arn:aws:iam::111122223333:role/bastion/Auditor",
               "https://signin.aws.amazon.com/switchrole?account=111122223333"
               "&roleName=bastion%2FAuditor"),
    "china": ("arn:aws-cn:iam::111122223333:role/Dev+Ops",
              "https://signin.amazonaws.cn/switchrole?account=111122223333&roleName=Dev%2BOps"),
    "us gov": ("arn:aws-us-gov:iam::111122223333:role/D",
               "https://signin.amazonaws-us-gov.com/switchrole?account=111122223333&roleName=D"),
}


def listed(arn, *more):
    return [[f"arn={arn}" if s.startswith("arn=") else s for s in DEV] + list(more), LAST]


@pytest.mark.parametrize("name", SWITCH)
def test_the_link_to_switch_is_the_partitions(command, service, name):
    arn, url = SWITCH[name]
    service.answers["list"] = listed(arn)
    done = command("console", "--switch-url", "client-a-dev")
    assert (done.returncode, done.stdout) == (0, f"{url}&displayName=client-a-dev\n")


@pytest.mark.parametrize("arn", ["arn:aws-iso:iam::111122223333:role/D", "nonsense",
                                 "arn:aws:iam::111122223333:role/", "arn:aws:iam::1&x=:role/D"])
def test_where_no_such_link_is_known_that_is_said(command, service, arn):
    service.answers["list"] = listed(arn)
    assert "no such link" in command.fails("console", "--switch-url", "client-a-dev")


@pytest.mark.parametrize("more, said", [
    (["external_id=1"], "an external id,"), (["source_identity=1"], "a source identity,"),
    (["tags=1"], "session tags,"),
    (["external_id=1", "source_identity=1", "tags=1"],
     "an external id and a source identity and session tags,"),
])
def test_a_role_that_cannot_be_switched_to_says_why(command, service, more, said):
    service.answers["list"] = listed("arn:aws:iam::111122223333:role/D", *more)
    line = command.fails("console", "--switch-url", "client-a-dev")
    assert f"it is assumed with {said}" in line


def test_a_link_to_a_role_of_nobody_names_those_that_begin_so(command, service):
    service.answers["list"] = [AUDIT, DEV, LAST]
    assert "begin so: client-a-audit, client-a-dev" in command.fails("console", "--switch-url", "cl")


def test_credentials_are_what_an_sdk_takes(command, service):
    done = command("credentials", env={"XACCT_ROLE": "r"})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "Version": 1, "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret/of+a=key",
        "SessionToken": "token==", "Expiration": FAR, "AccountId": "111122223333"}


@pytest.mark.parametrize("without, left_out", [("AWS_CREDENTIAL_EXPIRATION=", "Expiration"),
                                               ("XACCT_ROLE_ARN=", "AccountId")])
def test_what_is_not_known_is_left_out(command, service, without, left_out):
    service.answers["assume"] = [[s for s in BY_KEYS if not s.startswith(without)]]
    found = json.loads(command("credentials", "--role", "r").stdout)
    assert left_out not in found and len(found) == 5


def test_a_reply_without_keys_is_a_failure(command, service):
    service.answers["assume"] = [BY_PROCESS]
    assert "no credentials" in command.fails("credentials", "--role", "r")


@pytest.fixture
def usual_socket(command, service):
    """The service where everybody looks for it."""
    command.usual.parent.mkdir(exist_ok=True)
    command.usual.symlink_to(command.path)
    yield
    command.usual.unlink()


def test_the_static_file_is_a_shared_credentials_file_as_it_is_installed(command, service,
                                                                         usual_socket):
    env = command.environment({**environment(BY_PROCESS), "AWS_EC2_METADATA_DISABLED": "true"})
    assert env["AWS_SHARED_CREDENTIALS_FILE"] == OURS
    (command.home / ".aws").mkdir()
    (command.home / ".aws/credentials").write_text(
        "[default]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n")
    (command.home / ".aws/config").write_text("[default]\nregion = us-east-2\noutput = text\n")
    done = subprocess.run(["aws", "configure", "list"], env=env, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "custom-process" in done.stdout and "AKIAMINE"[-4:] not in done.stdout
    assert (service.requests[0]["role"], service.requests[0]["purpose"]) == ("client-a-audit", "process")
