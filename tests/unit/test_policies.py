"""Which policy is in force as its files come, change, break and go; as the service sees it, which
goes on, and as a helper that is started for one login does.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import os
import shutil
import subprocess
import time

import pytest

from rig import policy
from rig.processes import wait_until
from rig.syslog import Syslog

from .programs import BUILD

ROLE = "[account a]\nid = 111122223333\n[role r]\naccount = a\nname = R\n"
BROKEN = "[grant broken\n"
FRAGMENTS = f"{policy.FOLDER}/conf.d"


def grant(name):
    return f"[grant {name}]\nusers = alice\nroles = r\n"


def write(*grants, extra=""):
    policy.write(policy.heading("http://127.0.0.1:1") + ROLE + "".join(map(grant, grants)) + extra)


def write_fragment(name, text):
    os.makedirs(FRAGMENTS, 0o755, exist_ok=True)
    policy.place(f"{FRAGMENTS}/{name}", text)


class Holder:
    """tests/unit/policies.c as the helper's user."""

    def __init__(self, state="-"):
        self.process = subprocess.Popen(
            [f"{BUILD}/tests/unit/policies", policy.FILE, state], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, user="xacct", group="xacct", extra_groups=[])

    def hold(self):
        """The grants in force, since when the one on disk is broken, and what is wrong with it."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        grants, since, error = self.process.stdout.readline().rstrip("\n").split(" ", 2)
        return grants, int(since), error

    def end(self):
        self.process.communicate()
        assert self.process.returncode == 0


class Once:
    """One that is started for each time."""

    def __init__(self, state):
        self.state = state

    def hold(self):
        holder = Holder(self.state)
        held = holder.hold()
        holder.end()
        return held

    def end(self):
        pass


@pytest.fixture
def log():
    with Syslog() as lines:
        yield lines


@pytest.fixture(params=[Holder, Once], ids=["service", "once"])
def holder(request, log):
    policy.prepare()
    policy.write_base("AKIAEXAMPLE", "secret")
    holds = request.param(policy.STATE)
    yield holds
    holds.end()


def events():
    """What the audit file says of the policy: reasons' beginnings and hashes."""
    with open(policy.AUDIT, encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    assert {event["event"] for event in read} == {"policy"}
    return read


def alerts(log):
    return [line.text for line in log.lines if line.severity == "alert"]


def test_a_broken_policy_leaves_the_last_good_one_in_force(holder, log):
    write("one")
    assert holder.hold() == ("one", 0, "")
    write("one", "two")
    assert holder.hold() == ("one,two", 0, "")
    write("three", extra=BROKEN)
    grants, since, error = holder.hold()
    assert grants == "one,two" and abs(since - time.time()) < 60 and "xacct.conf:" in error
    write(extra=BROKEN)
    assert holder.hold()[:2] == ("one,two", since)
    write("four")
    assert holder.hold() == ("four", 0, "")
    written = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(since))
    wait_until(lambda: len(alerts(log)) == 2, 10, "two alerts")
    assert all(f"has been broken since {written}" in text for text in alerts(log))


def test_each_change_stands_in_the_audit_file_once(holder):
    write("one")
    holder.hold()
    holder.hold()
    write(extra=BROKEN)
    holder.hold()
    holder.hold()
    write("one")
    holder.hold()
    write("two")
    holder.hold()
    first, broken, mended, second = events()
    assert "another policy" in first["reason"] and "another policy" in second["reason"]
    assert "is broken" in broken["reason"] and "xacct.conf:" in broken["reason"]
    assert broken["broken_since"] and "broken_since" not in mended
    assert "again" in mended["reason"]
    assert first["policy_hash"] == broken["policy_hash"] == mended["policy_hash"]
    assert second["policy_hash"] != first["policy_hash"]


def test_without_a_last_good_one_there_is_none(holder, log):
    write(extra=BROKEN)
    grants, since, error = holder.hold()
    assert grants == "-" and since > 0 and error
    log.wait_for(".*no last good one")


@pytest.mark.parametrize("spoil", [
    lambda path: os.chmod(path, 0o666),
    lambda path: os.chown(path, 4711, -1),
    lambda path: os.remove(path),
    lambda path: os.truncate(path, 0),
])
def test_a_policy_that_is_not_roots_alone_or_gone_is_broken(holder, spoil):
    write("one")
    holder.hold()
    spoil(policy.FILE)
    grants, since, error = holder.hold()
    assert grants == "one" and since > 0 and error


def settle(holder):
    """Has the policy held once that its files are too old to be in doubt."""
    def is_old():
        folders = [policy.FOLDER, *([FRAGMENTS] if os.path.exists(FRAGMENTS) else [])]
        paths = [f"{folder}/{name}" for folder in folders for name in os.listdir(folder)] + folders
        return all(time.time() - os.stat(path).st_ctime > 0.1 for path in paths)

    wait_until(is_old, 10, "files to be old")
    holder.hold()


def test_files_of_conf_d_come_change_and_go(holder):
    write("one")
    settle(holder)
    assert holder.hold()[0] == "one"
    write_fragment("20-two.conf", grant("two"))
    assert holder.hold()[0] == "one,two"
    settle(holder)
    write_fragment("10-three.conf", grant("three"))
    assert holder.hold()[0] == "one,three,two"
    settle(holder)
    write_fragment("20-two.conf", grant("four"))
    assert holder.hold()[0] == "one,three,four"
    settle(holder)
    os.remove(f"{FRAGMENTS}/10-three.conf")
    assert holder.hold()[0] == "one,four"
    write_fragment("30-five.conf", BROKEN)
    assert holder.hold()[0] == "one,four"
    os.remove(f"{FRAGMENTS}/30-five.conf")
    assert holder.hold() == ("one,four", 0, "")


def test_the_last_good_one_is_there_after_a_restart(holder):
    write("one")
    write_fragment("20-two.conf", grant("two"))
    holder.hold()
    write(extra=BROKEN)
    os.remove(f"{FRAGMENTS}/20-two.conf")
    grants, since, error = Once(policy.STATE).hold()
    assert grants == "one,two" and since > 0 and error


def test_a_folder_that_the_policy_names_is_found_by_the_option_alone(log):
    policy.prepare()
    write("one")
    Once("-").hold()
    assert os.path.exists(f"{policy.STATE}/last-good.json")
    assert os.stat(f"{policy.STATE}/last-good.json").st_mode & 0o777 == 0o600
    write(extra=BROKEN)
    assert Once("-").hold()[0] == "-"
    assert Once(policy.STATE).hold()[0] == "one"


def test_the_service_needs_no_disk_for_it(log):
    policy.prepare()
    write("one")
    service = Holder(policy.STATE)
    assert service.hold()[0] == "one"
    shutil.rmtree(policy.STATE)
    write(extra=BROKEN)
    assert service.hold()[0] == service.hold()[0] == "one"
    service.end()
