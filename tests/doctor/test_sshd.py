"""What sshd does, by its own word.

SPDX-License-Identifier: BSD-2-Clause
"""

import os

import pytest

from rig import accounts, policy

CONFIG = "/etc/ssh/sshd_config"
GOOD = "UsePAM yes\nAcceptEnv LANG LC_*\nLogLevel VERBOSE\n"


@pytest.fixture
def config(world):
    """Writes sshd's configuration: config(text)."""
    with accounts.replaced(CONFIG, GOOD):
        yield lambda text: accounts.write(CONFIG, text)


@pytest.mark.usefixtures("config")
def test_a_configuration_as_it_should_be(doctor):
    told = doctor("sshd")
    assert (told.status, len(told.lines)) == (0, 1)
    told.one("ok", "sshd asks PAM, takes no AWS_")


@pytest.mark.parametrize("line, result, said", [
    ("AcceptEnv AWS_*", "warning", r"^/etc/ssh/sshd_config:1: AcceptEnv AWS_\* lets clients bring"),
    ("AcceptEnv LC_* A*", "warning", r"^/etc/ssh/sshd_config:1: AcceptEnv A\* lets"),
    ("AcceptEnv *", "warning", r"AcceptEnv \* lets"),
    ("AcceptEnv AWS_PROFILE", "warning", "AcceptEnv AWS_PROFILE lets"),
    ("AcceptEnv XACCT_ROLE", "warning", "AcceptEnv XACCT_ROLE lets"),
    ("PermitUserEnvironment yes", "warning", "PermitUserEnvironment is yes"),
    ("PermitUserEnvironment AWS_*", "warning", r"PermitUserEnvironment is AWS_\*"),
    ("LogLevel DEBUG3", "fault", "LogLevel is DEBUG3: .*every session's keys"),
    ("LogLevel DEBUG", "warning", "LogLevel is DEBUG1?, which"),
    ("UsePAM no", "fault", "UsePAM is no: sshd asks no PAM line"),
    ("LoginGraceTime 2", "warning", "LoginGraceTime is 2 s"),
])
def test_a_line_that_is_wrong(doctor, config, line, result, said):
    config(f"{line}\n{GOOD}")
    told = doctor("sshd")
    assert told.status == 1
    told.one(result, said)
    assert len(told.wrong) == 1


@pytest.mark.parametrize("line", ["PermitUserEnvironment LANG", "AcceptEnv LANG AWK*",
                                  "LoginGraceTime 0"])
def test_a_line_that_is_right(doctor, config, line):
    config(f"{line}\n{GOOD}")
    assert doctor("sshd").wrong == []


def test_the_place_may_be_a_file_that_is_included(doctor, config):
    config(f"Include /etc/ssh/sshd_config.d/*.conf\n{GOOD}")
    os.makedirs("/etc/ssh/sshd_config.d", exist_ok=True)
    with accounts.replaced("/etc/ssh/sshd_config.d/50-x.conf", "\nAcceptEnv AWS_*\n"):
        told = doctor("sshd")
    told.one("warning", "^/etc/ssh/sshd_config.d/50-x.conf:2: AcceptEnv")


def test_what_is_under_match_counts_for_whom_it_is(doctor, config):
    config(f"{GOOD}Match User alice Address 10.0.0.0/8\n  AcceptEnv AWS_*\n")
    told = doctor("sshd")
    assert told.wrong == []
    told.one("cannot tell", "^/etc/ssh/sshd_config:4: what is under Match .*xacct doctor USER --from")
    assert doctor("sshd", "bob", "--from", "10.0.0.7").wrong == []
    doctor("sshd", "alice", "--from", "10.0.0.7").one("warning", r"AcceptEnv AWS_\*")


@pytest.mark.parametrize("text, place", [
    (f"{GOOD}Match=User alice\n  AcceptEnv AWS_*\n", "/etc/ssh/sshd_config:4"),
    (f'{GOOD}"Match" User alice\n  AcceptEnv AWS_*\n', "/etc/ssh/sshd_config:4"),
    (f"{GOOD}\tmATCH = User alice\n  AcceptEnv AWS_*\n", "/etc/ssh/sshd_config:4"),
    (f"Include /etc/ssh/more/*.conf\n{GOOD}", "/etc/ssh/more/a.conf:2"),
    (f'include="more/a.conf"\n{GOOD}', "/etc/ssh/more/a.conf:2"),
])
def test_match_is_seen_in_each_form_that_sshd_takes(doctor, config, text, place):
    os.makedirs("/etc/ssh/more", exist_ok=True)
    accounts.write("/etc/ssh/more/a.conf", "#\nMatch User alice\n  AcceptEnv AWS_*\nMatch all\n")
    config(text)
    doctor("sshd").one("cannot tell", f"^{place}: what is under Match")
    doctor("sshd", "alice").one("warning", r"AcceptEnv AWS_\*")


@pytest.mark.parametrize("text", ["# Match User alice\n", "Banner Match\n", "#Include more/a.conf\n"])
def test_what_is_no_match_is_not_told_as_one(doctor, config, text):
    config(GOOD + text)
    assert doctor("sshd").of("cannot tell") == []


def test_a_configuration_that_sshd_refuses_cannot_be_told(doctor, config):
    config("Nonsense yes\n")
    told = doctor("sshd")
    assert told.wrong == []
    told.one("cannot tell", "sshd -T does not tell its configuration: .*Nonsense")


def test_certificates_want_more_of_sshd(doctor, config):
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGaQ6yKKB0T4bW9pUZ3YCGUHlxHdxcS5TAZdZ2K9WHCz"
    policy.append(f"[ca partner]\nkey = {key}\nidentity = key-id\nnames = *@partner\n")
    told = doctor("sshd")
    told.one("note", "AuthorizedKeysFile is .*: who may add a plain key")
    told.one("note", "sshd no TrustedUserCAKeys")
    config(f"AuthorizedKeysFile none\nTrustedUserCAKeys {CONFIG}\n{GOOD}")
    assert doctor("sshd").of("note") == []
