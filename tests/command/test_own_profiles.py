"""The user's own profiles beside a role that is delivered by process.

SPDX-License-Identifier: BSD-2-Clause
"""

import configparser
import json
import os

import pytest

from conftest import BOTH, BY_PROCESS, OURS, environment

STATIC = {"AWS_SHARED_CREDENTIALS_FILE": OURS}
SECRETS = ("SECRET", "AKIA")
ROLE = "/usr/bin/xacct credentials"


def made(command, text, **env):
    """The file that a shell's start makes of ~/.aws/credentials, as SDKs parse it, or None; nothing
    of a key may be in it."""
    if text is not None:
        (command.home / ".aws").mkdir(exist_ok=True)
        (command.home / ".aws/credentials").write_bytes(text.encode())
    done = command("init", "bash", env=STATIC | env)
    assert (done.returncode, done.stderr) == (0, "")
    first = done.stdout.split("\n")[0]
    if not first.startswith("export "):
        assert first.startswith("# Shell integration")
        return None
    path = command.home / ".cache/xacct/credentials"
    assert first == f"export AWS_SHARED_CREDENTIALS_FILE='{path}';"
    assert os.stat(path).st_mode & 0o777 == 0o400
    assert os.listdir(path.parent) == ["credentials"]
    written = path.read_text()
    assert not any(secret in written for secret in SECRETS)
    parser = configparser.RawConfigParser(default_section=None)
    parser.read_string(written)
    found = {name: dict(parser.items(name)) for name in parser.sections()}
    assert found.pop("default")["credential_process"] == ROLE
    return found


KEYS = "aws_access_key_id = AKIA1\naws_secret_access_key = SECRET\n"
PROFILES = {
    "keys": (f"[dev]\n{KEYS}", {"dev": {"credential_process": f"{ROLE} --own 'dev'"}}),
    "a session's keys": (
        f"[dev]\n{KEYS}aws_session_token = SECRET\naws_security_token = SECRET\nregion = x\n",
        {"dev": {"credential_process": f"{ROLE} --own 'dev'", "region": "x"}},
    ),
    "indented keys": (
        "[dev]\n  aws_access_key_id=AKIA1\n  aws_secret_access_key=SECRET\n  region=x\n",
        {"dev": {"credential_process": f"{ROLE} --own 'dev'", "region": "x"}},
    ),
    "keys where a setting goes on": (
        f"[dev]\nregion = x\n  aws_secret_access_key = SECRET\n{KEYS}",
        {"dev": {"credential_process": f"{ROLE} --own 'dev'", "region": "x"}},
    ),
    "keys before a process": (
        f"[dev]\ncredential_process = mine\n{KEYS}",
        {"dev": {"credential_process": f"{ROLE} --own 'dev'"}},
    ),
    "a process": (
        "[dev]\ncredential_process = mine 'a b'\n",
        {"dev": {"credential_process": "mine 'a b'"}},
    ),
    "a chain": (
        "[dev]\nrole_arn = r\nsource_profile = base\nmfa_serial = m\n",
        {"dev": {"role_arn": "r", "source_profile": "base", "mfa_serial": "m"}},
    ),
    "a web identity": (
        "[dev]\nrole_arn = r\nweb_identity_token_file = /t\n",
        {"dev": {"role_arn": "r", "web_identity_token_file": "/t"}},
    ),
    "a name with a blank": (
        f"[my dev]\n{KEYS}", {"my dev": {"credential_process": f"{ROLE} --own 'my dev'"}}
    ),
    "a name that would leave its quotes": (f"[d'; touch x; ']\n{KEYS}", {"d'; touch x; '": {}}),
    "no end of line": (
        f"[dev]\n{KEYS}".rstrip(), {"dev": {"credential_process": f"{ROLE} --own 'dev'"}}
    ),
    "what is no line": ("[dev]\nSECRET\nregion = x\n", {"dev": {"region": "x"}}),
    "lines before a section": (f"{KEYS}[dev]\nregion = x\n", {"dev": {"region": "x"}}),
    "carriage returns": (f"[dev]\r\nregion = x\r\n", {"dev": {"region": "x"}}),
}


@BOTH
@pytest.mark.parametrize("name", PROFILES)
def test_profiles_are_carried_over_without_their_keys(command, name):
    text, expected = PROFILES[name]
    assert made(command, f"[default]\n{KEYS}{text}" if text[0] == "[" else text) == expected


@BOTH
@pytest.mark.parametrize(
    "text", [None, "", f"[default]\n{KEYS}", f"[default]\n{KEYS}role_arn = r\nsso_session = s\n",
             "[", "[]", "]\n[\n", "=\n", f"[{'x' * 300}]\n{KEYS}", "\0\0[dev]\n"]
)
def test_without_anything_to_carry_over_the_static_file_stays(command, text):
    assert made(command, text) is None


@BOTH
def test_settings_of_default_stay_and_its_credentials_go(command):
    made(command, f"[default]\n{KEYS}region = x\nrole_arn = r\nsso_session = s\ns3 =\n  a = b\n")
    written = (command.home / ".cache/xacct/credentials").read_text()
    kept = "region = x\ns3 =\n    a = b\n"
    assert written.endswith(f"[default]\ncredential_process = {ROLE}\n{kept}")


@BOTH
def test_keys_are_read_where_they_are(command):
    made(command, f"[dev]\n{KEYS}aws_session_token=SECRET/+==\n")
    done = command("credentials", "--own", "dev")
    assert json.loads(done.stdout) == {
        **{"Version": 1, "AccessKeyId": "AKIA1", "SecretAccessKey": "SECRET"},
        "SessionToken": "SECRET/+==",
    }
    gone = command("credentials", "--own", "other")
    assert (gone.returncode, gone.stdout) == (1, "")
    assert gone.stderr.startswith("xacct: profile other has no keys in ~/.aws/credentials")


@BOTH
def test_a_file_in_use_follows_until_nothing_is_left(command):
    made(command, f"[dev]\n{KEYS}")
    assert made(command, f"[default]\n{KEYS}") == {}
    assert made(command, f"[prod]\n{KEYS}", AWS_SHARED_CREDENTIALS_FILE=str(
        command.home / ".cache/xacct/credentials")) == {
            "prod": {"credential_process": f"{ROLE} --own 'prod'"}}


def test_a_file_of_the_users_is_left_in_place(command):
    (command.home / ".aws").mkdir()
    (command.home / ".aws/credentials").write_text(f"[dev]\n{KEYS}")
    done = command("init", "bash", env={"AWS_SHARED_CREDENTIALS_FILE": "/home/x/mine"})
    assert done.stdout.startswith("# Shell integration")
    assert not (command.home / ".cache").exists()


def test_nothing_is_written_into_a_home_of_somebody_elses(command):
    os.chown(command.home, 1001, 1001)
    assert made(command, f"[dev]\n{KEYS}") is None
    assert not (command.home / ".cache").exists()


@pytest.mark.parametrize("shell", ["sh", "fish", "json", "dotenv"])
def test_env_names_the_file_that_has_the_profiles(command, service, shell):
    service.answers["assume"] = [BY_PROCESS]
    assert OURS in command("env", "r", "--shell", shell).stdout
    (command.home / ".aws").mkdir()
    (command.home / ".aws/credentials").write_text(f"[dev]\n{KEYS}")
    printed = command("env", "r", "--shell", shell, env=environment(BY_PROCESS)).stdout
    assert f"{command.home}/.cache/xacct/credentials" in printed and OURS not in printed


STRANGER = 1001


@pytest.fixture
def cache(command):
    """A cache folder that XDG_CACHE_HOME names, with somebody's profiles to be carried over."""
    (command.home / ".aws").mkdir()
    (command.home / ".aws/credentials").write_text(f"[dev]\n{KEYS}")
    folder = command.folder / "above/cache"
    folder.mkdir(parents=True, mode=0o700)
    return folder


def start(command, cache):
    """What a shell's start says of the file, or None."""
    done = command("init", "bash", env=STATIC | {"XDG_CACHE_HOME": str(cache)})
    assert (done.returncode, done.stderr) == (0, "")
    first = done.stdout.split("\n")[0]
    return first.removeprefix("export ") if first.startswith("export ") else None


def is_anothers(cache):
    os.chown(cache, STRANGER, STRANGER)


def is_anothers_above(cache):
    os.chown(cache.parent, STRANGER, STRANGER)


def can_be_replaced(cache):
    cache.parent.chmod(0o777)


def can_be_written(cache):
    cache.chmod(0o777)


def ours_is_anothers(cache):
    (cache / "xacct").mkdir()
    os.chown(cache / "xacct", STRANGER, STRANGER)


def ours_can_be_written(cache):
    (cache / "xacct").mkdir()
    (cache / "xacct").chmod(0o770)


def ours_leads_elsewhere(cache):
    (cache.parent / "elsewhere").mkdir()
    (cache / "xacct").symlink_to(cache.parent / "elsewhere")


def is_to_be_made_where_others_write(cache):
    cache.rmdir()
    cache.parent.chmod(0o777)


def is_to_be_made_at_anothers(cache):
    cache.rmdir()
    os.chown(cache.parent, STRANGER, STRANGER)


@BOTH
@pytest.mark.parametrize("danger", [
    is_anothers, is_anothers_above, can_be_replaced, can_be_written, ours_is_anothers,
    ours_can_be_written, ours_leads_elsewhere, is_to_be_made_where_others_write,
    is_to_be_made_at_anothers,
])
def test_nothing_is_written_or_named_where_others_could_put_a_file(command, cache, danger):
    """As after su or sudo -E, which leave XDG_CACHE_HOME as it was: what stands in the file is
    executed."""
    danger(cache)
    before = sorted(cache.parent.rglob("*"))
    assert start(command, cache) is None
    assert sorted(cache.parent.rglob("*")) == before


def test_a_file_that_is_anothers_is_replaced_though_it_says_the_same(command, cache):
    named = start(command, cache)
    path = cache / "xacct/credentials"
    assert str(path) in named
    text = path.read_bytes()
    os.chown(path, STRANGER, STRANGER)
    assert start(command, cache) == named
    assert (path.stat().st_uid, path.read_bytes()) == (0, text)
    # And what is ours stays as it is.
    before = path.stat().st_ino
    start(command, cache)
    assert path.stat().st_ino == before


def test_a_cache_folder_that_is_elsewhere_is_named_by_where_it_is(command, cache):
    link = command.home / "link"
    link.symlink_to(cache)
    assert f"'{cache}/xacct/credentials'" in start(command, link)
    missing = command.home / "missing/"
    assert f"'{missing}/xacct/credentials'" in start(command, f"{missing}/")
