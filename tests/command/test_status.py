"""xacct status: what is told, and the exit status.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import json
import re

import pytest

from rig.policy import instant

from conftest import (AUDIT, BY_KEYS, BY_PROCESS, EXPECTED, REFUSED, SERVED, environment)

STATUS = [*SERVED, "opened=2020-03-01T08:00:00Z", "session_ends=2099-03-01T20:00:00Z"]
PERMITTED = [*STATUS, "permitted=1", "ends=2099-01-01T00:00:00Z",
             *(s for s in AUDIT if not s.startswith(("version", "status", "ends")))]
FORBIDDEN = [*STATUS, "permitted=0"]
PROCESS = [s.replace("deliver=env", "deliver=process") for s in PERMITTED]

KEYS_HERE = environment(BY_KEYS)
PROCESS_HERE = environment(BY_PROCESS)
PAST = {**KEYS_HERE, "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}
ODD = {**KEYS_HERE, "AWS_CREDENTIAL_EXPIRATION": "tomorrow"}

# name: (environment, frame of the service or None when there is none, live)
CASES = {
    "keys": (KEYS_HERE, PERMITTED, True),
    "keys, adopted": (KEYS_HERE, [*PERMITTED, "adopted=1"], True),
    "keys, role taken away": (KEYS_HERE, FORBIDDEN, True),
    "keys, session ended": (KEYS_HERE, REFUSED, True),
    "keys, no service": (KEYS_HERE, None, True),
    "keys, expired": (PAST, PERMITTED, False),
    "keys, expiry unreadable": (ODD, PERMITTED, False),
    "process": (PROCESS_HERE, PROCESS, True),
    "process, role taken away": (PROCESS_HERE, FORBIDDEN, False),
    "process, session ended": (PROCESS_HERE, REFUSED, False),
    "process, no service": (PROCESS_HERE, None, False),
    "no role": ({"XACCT_SESSION": KEYS_HERE["XACCT_SESSION"],
                 "XACCT_ERROR": "unavailable 0123ABCD"}, STATUS, False),
    "no role, refused": ({}, REFUSED, False),
    "own keys": ({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}, STATUS, False),
    "role without keys": ({"XACCT_ROLE": "client-a-audit"}, PERMITTED, False),
}


def run(command, service, name, *words):
    env, reply, _ = CASES[name]
    if reply is None:
        command.path = command.path.with_name("nobody")
    else:
        service.answers["status"] = [reply]
    return command("status", *words, env=env)


def without_time(text):
    text = re.sub(r"\(in [^)]*\)", "(in TIME)", text)
    return re.sub(r"\([^)]* ago\)", "(TIME ago)", text)


@pytest.mark.parametrize("name", CASES)
def test_status_in_words(command, service, name):
    done = run(command, service, name)
    expected = (EXPECTED / "status" / f"{name.replace(', ', '-').replace(' ', '-')}.txt").read_text()
    assert without_time(done.stdout) == expected
    assert (done.returncode == 0, done.stderr) == (CASES[name][2], "")


@pytest.mark.parametrize("name", CASES)
def test_quiet_is_the_exit_status_alone(command, service, name):
    done = run(command, service, name, "--quiet")
    assert (done.returncode == 0, done.stdout, done.stderr) == (CASES[name][2], "", "")
    if name.startswith("keys") and "unreadable" not in name:
        assert service.requests == []  # a prompt may ask for every line


@pytest.mark.parametrize("name", CASES)
def test_json_has_the_same_fields_always(command, service, name):
    done = run(command, service, name, "--json")
    found = json.loads(done.stdout)
    documented = re.search(r"an object with (.*?) \(null, or", command("status", "--help").stdout,
                           re.DOTALL)
    assert list(found) == re.split(r",\s", documented[1].replace("\n", " ")) + ["obstacles"]
    assert found["live"] == CASES[name][2] == (done.returncode == 0)


def test_json_of_keys(command, service):
    found = json.loads(run(command, service, "keys, adopted", "--json").stdout)
    assert 0 < found.pop("seconds_left")
    assert found == json.loads((EXPECTED / "status.json").read_text())


def test_json_says_why_the_service_was_not_asked(command, service):
    found = json.loads(run(command, service, "keys, no service", "--json").stdout)
    assert "ask the admin" in found["service"]
    assert (found["human"], found["permitted"]) == (None, None)
    assert found["account"] == "client-a"


@pytest.mark.parametrize("seconds, words", [
    (59, r"\(in [2-5]\d s\)"), (45 * 60 + 30, r"\(in 45 min\)"), (2 * 3600 + 30, r"\(in 2 h\)"),
    (3 * 3600 + 20 * 60 + 30, r"\(in 3 h 20 min\)"), (12 * 86400 + 30, r"\(in 12 days\)"),
    (-70, r"\(1 min ago\)"),
])
def test_the_time_that_is_left(command, service, seconds, words):
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    env = {**KEYS_HERE, "AWS_CREDENTIAL_EXPIRATION": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
    line = re.search("expires .*", command("status", env=env).stdout)[0]
    assert re.search(f"{end:%Y-%m-%d %H:%M UTC} {words}", line)


def test_a_session_that_has_just_been_opened_lies_behind(command, service):
    now = datetime.datetime.now(datetime.timezone.utc)
    service.answers["status"] = [[f"opened={now:%Y-%m-%dT%H:%M:%SZ}", *SERVED]]
    assert re.search(r", opened .* UTC \(\d+ s ago\)", command("status", env=KEYS_HERE).stdout)


def test_without_a_service_the_environment_says_when_the_role_ends(command):
    command.path = command.path.with_name("nobody")
    env = {**KEYS_HERE, "XACCT_UNTIL": instant(630)}
    line = re.search("^role .*", command("status", env=env).stdout, re.MULTILINE)[0]
    assert re.search(r"client-a-audit, by the environment until .* UTC \(in 10 min\)$", line)
    assert json.loads(command("status", "--json", env=env).stdout)["ends"] == env["XACCT_UNTIL"]


@pytest.mark.parametrize("left, live", [(890, False), (910, True)])
def test_by_process_nothing_is_live_in_the_roles_last_fifteen_minutes(command, service, left, live):
    """As AWS issues nothing for less; credentials that stand here live on."""
    ends = f"ends={instant(left)}"
    for env, reply, expected in ((PROCESS_HERE, PROCESS, live), (KEYS_HERE, PERMITTED, True)):
        service.answers["status"] = [[s for s in reply if not s.startswith("ends=")] + [ends]]
        done = command("status", env=env)
        assert (done.returncode == 0) == expected
        assert ("last 15 minutes" in done.stdout) == (not expected)
