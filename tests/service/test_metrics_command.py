"""xacct metrics as a command: without a service, with one that lies, into a file; and what is shipped
beside it.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time

import pytest
import yaml

from nss.fake_service import FakeService
from rig import frames, metrics, policy, systemd_filter
from rig.bastion import USERS
from rig.service import Service

from .asking import write_policy

BUILD = os.environ.get("BUILD", "build")
FOLDER = "/mnt/collector"


@pytest.fixture
def collector():
    """The path of a file in a new folder, which is root's."""
    os.makedirs(FOLDER)
    yield f"{FOLDER}/xacct.prom"
    for name in os.listdir(FOLDER):
        os.unlink(f"{FOLDER}/{name}")
    os.rmdir(FOLDER)


# Where the service does not answer


def down(done):
    """Asserts that this says that nobody tells anything; returns the complaint."""
    assert done.returncode == 1
    told = metrics.Told(done.stdout)
    assert told["xacct_up"] == 0
    assert told.names() == {"xacct_up", "xacct_build_info"}
    return done.stderr


def test_without_a_service_it_says_so(bastion):
    assert "cannot be reached" in down(metrics.run())
    assert "cannot be reached" in down(metrics.run(user=policy.xacct().pw_uid))


def test_without_a_service_a_helper_tells_root_of_the_policy_and_of_what_ends(bastion, sts, installed):
    write_policy(sts, metrics.grant("soon", metrics.DAY))
    with Service():
        served = metrics.told("--names")
    done = metrics.run("--names")
    assert done.returncode == 1 and "cannot be reached" in done.stderr
    told = metrics.Told(done.stdout)
    assert told["xacct_up"] == 0
    wanted = {"xacct_build_info", "xacct_policy_info", "xacct_policy_in_force_timestamp_seconds",
              "xacct_policy_broken", metrics.END}
    assert told.names() == {"xacct_up"} | wanted
    assert {key: value for key, value in served.samples.items() if key[0] in wanted} == {
        key: value for key, value in told.samples.items() if key[0] != "xacct_up"}
    down(metrics.run(user=policy.xacct().pw_uid))
    # Nothing is called by its name here either, and a broken policy shows.
    policy.append("[nonsense]\n")
    told = metrics.Told(metrics.run().stdout)
    assert told["xacct_policy_broken"] == 1 and told["xacct_policy_broken_since_timestamp_seconds"]
    assert "soon" not in told.text


def test_a_frozen_service_does_not_hang_it(bastion, service):
    service.freeze()
    began = time.monotonic()
    said = down(metrics.run())
    assert time.monotonic() - began < 8 and "does not answer" in said
    service.thaw()
    assert metrics.told()["xacct_up"] == 1


def asked_of_another(sent, *words):
    """What the command, with AddressSanitizer, makes of a service that sends these frames."""

    def answer(connection):
        with connection:
            connection.sendall(frames.encode({"version": "1"}))
            frames.receive(connection)
            heading = {"version": "1", "status": "permitted", "reference": "0123ABCD"}
            connection.sendall(b"".join(frames.encode(heading | frame) for frame in sent))

    with FakeService(answer):
        return subprocess.run(
            [f"{BUILD}/asan/xacct-admin", f"--socket={frames.SOCKET}", "metrics", *words],
            capture_output=True, text=True, timeout=30, check=False, env=metrics.ENVIRONMENT,
        )  # fmt: skip


LAST = {"last": "1"}


@pytest.mark.parametrize("sent, told", [
    ([], None),
    ([{"metric": "xacct_sessions", "value": "3"}], None),  # and no last one
    ([{"metric": "xacct_sessions", "value": "3", **{f"label_{n}": "x" for n in range(200)}}, LAST], 3),
    ([{"metric": "xacct_sessions", "value": "3"}, LAST], 3),
    ([{"metric": "xacct_of_the_future", "value": "3"}, {"metric": "xacct_sessions", "value": "4"}, LAST], 4),
    ([{"metric": "xacct_sessions", "value": "1 2\nxacct_up 7"}, LAST], ()),
    ([{"metric": "xacct_sessions", "value": "1e9"}, LAST], ()),
    ([{"metric": "xacct_sessions", "value": "007"}, LAST], ()),
    ([{"metric": "xacct_sessions"}, LAST], ()),
    ([{"metric": "xacct_sessions", "value": "5", "label_x}": "y"}, LAST], None),
    ([{"metric": "xacct_sessions", "value": "5", "label_evil": "y"}, LAST], 5),
    ([{"metric": "xacct_sessions\nxacct_up", "value": "5"}, LAST], ()),
])
def test_what_a_service_sends_is_checked(sent, told):
    """None: it is taken for one that tells nothing; (): the number is left out."""
    done = asked_of_another(sent)
    if told is None:
        down(done)
        return
    assert done.returncode == 0, done
    samples = metrics.Told(done.stdout).samples
    assert {name: value for (name, labels), value in samples.items() if not labels} == {
        "xacct_up": 1} | ({"xacct_sessions": told} if told != () else {})
    assert len(samples) == (1 if told == () else 2)


@pytest.mark.parametrize("name, told", [
    ('quo"te', 'quo"te'),
    ("back\\slash", "back\\slash"),
    ("back\\nslash", "back\\nslash"),
    ("a\nb 1\nxacct_up 7", "a\nb 1\nxacct_up 7"),
    ('"} 1', '"} 1'),
    ("grün", "grün"),
    # A reader refuses the whole text for one such byte.
    (b"gr\xfcn", "gr\ufffdn"),
    ("\x1b[2J\x7f", "\ufffd[2J\ufffd"),
    ("\u009b2J\u202e", "\ufffd2J\ufffd"),
])
def test_labels_are_escaped_as_prometheus_and_json_have_it(name, told):
    """The policy's own names need none of it."""
    sent = [{"metric": metrics.END, "value": "5", "label_section": name}, LAST]
    text = metrics.Told(asked_of_another(sent).stdout)
    assert text.by(metrics.END, "section") == {told: 5}
    assert text["xacct_up"] == 1
    families = json.loads(asked_of_another(sent, "--json").stdout)
    (family,) = [one for one in families if one["name"] == metrics.END]
    wanted = name if isinstance(name, str) else told
    assert family["samples"] == [{"name": metrics.END, "labels": {"section": wanted}, "value": 5}]


# The file


def test_the_file_is_replaced_as_a_whole(bastion, service, collector):
    old = os.umask(0o077)
    try:
        for _ in range(2):
            done = metrics.run("--output", collector)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
            with open(collector, encoding="utf-8") as text:
                assert metrics.Told(text.read())["xacct_up"] == 1
            status = os.stat(collector)
            assert stat.S_IMODE(status.st_mode) == 0o644
            # Whoever has the old one open has all of it.
            held = open(collector, encoding="utf-8")
        assert metrics.run("--output", collector, "--names").returncode == 0
        assert metrics.Told(held.read())["xacct_up"] == 1
        held.close()
        assert stat.S_IMODE(os.stat(collector).st_mode) == 0o640
        assert os.stat(collector).st_ino != status.st_ino
        assert os.listdir(FOLDER) == ["xacct.prom"]
    finally:
        os.umask(old)


def test_a_link_is_replaced_and_not_followed(bastion, service, collector):
    victim = f"{FOLDER}/victim"
    with open(victim, "w", encoding="ascii") as out:
        out.write("untouched")
    os.symlink(victim, collector)
    assert metrics.run("--output", collector).returncode == 0
    assert not os.path.islink(collector)
    with open(victim, encoding="ascii") as text:
        assert text.read() == "untouched"


def test_the_file_says_that_the_service_is_down(bastion, collector):
    done = metrics.run("--output", collector)
    assert (done.returncode, done.stdout) == (1, "") and "cannot be reached" in done.stderr
    with open(collector, encoding="utf-8") as text:
        assert metrics.Told(text.read())["xacct_up"] == 0


def test_a_file_that_cannot_be_written_stays_as_it_was(bastion, service, collector):
    assert metrics.run("--output", collector).returncode == 0
    before = os.stat(collector)
    done = metrics.run("--output", collector, user=policy.xacct().pw_uid)
    assert done.returncode == 2 and f"{collector} cannot be written: Permission denied" in done.stderr
    assert metrics.run("--output", f"{FOLDER}/none/xacct.prom").returncode == 2
    assert metrics.run("--output", FOLDER).returncode == 2
    assert (os.stat(collector).st_ino, os.listdir(FOLDER)) == (before.st_ino, ["xacct.prom"])


def test_who_may_not_ask_writes_nothing(bastion, service, collector):
    os.chmod(FOLDER, 0o777)
    assert metrics.run("--output", collector, user=USERS["alice"]).returncode == 1
    assert os.listdir(FOLDER) == []


# The forms


def test_the_text_has_what_prometheus_wants(bastion, sts, service, opened):
    opened("alice")
    told = metrics.told()
    for name, family in told.families.items():
        assert family.documentation and family.type in ("gauge", "counter", "histogram")
        assert name.startswith("xacct_")
        # Its parser takes the ending of counters off.
        assert family.type != "counter" or all(one.name == f"{name}_total" for one in family.samples)
    assert told.text.endswith("\n")
    names = re.findall(r"^# TYPE (\S+) ", told.text, re.MULTILINE)
    assert len(names) == len(set(names))


def test_json_tells_the_same(bastion, sts, service, opened):
    opened("alice")
    told, families = metrics.told("--names"), metrics.told_as_json("--names")
    samples = {(one["name"], frozenset(one["labels"].items())): one["value"]
               for family in families for one in family["samples"]}
    assert samples == told.samples
    assert {family["type"] for family in families} == {"gauge", "counter", "histogram"}
    for family in families:
        assert set(family) == {"name", "type", "help", "samples"} and family["help"]


# What is shipped beside it


def test_the_alert_rules_use_what_is_told(bastion, sts, service, opened):
    """With labels that it has, and values that they may take."""
    write_policy(sts, metrics.grant("soon", metrics.DAY))
    told = metrics.told("--names")
    known = {name: dict(pairs) for name, pairs in told.samples}
    with open("conf/prometheus-alerts.yml", encoding="utf-8") as text:
        (group,) = yaml.safe_load(text)["groups"]
    used = set()
    for rule in group["rules"]:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket") and rule["annotations"]["summary"]
        for name, matchers in re.findall(r"\b(xacct_\w+)(?:\{(.*?)\})?", rule["expr"]):
            used.add(name)
            if name == "xacct_certificate_end_timestamp_seconds":
                continue  # of another policy
            assert name in known, rule
            for label, values in re.findall(r'(\w+)=~?"([^"]*)"', matchers or ""):
                there = {dict(pairs).get(label) for one, pairs in told.samples if one == name}
                assert set(values.split("|")) <= there, rule
    assert len(used) > 8


def test_systemd_has_nothing_to_say_of_the_units(tmp_path):
    for path in (f"{BUILD}/xacct-metrics.service", "conf/xacct-metrics.timer"):
        shutil.copy(path, tmp_path)
    for path in sorted(tmp_path.iterdir()):
        done = subprocess.run(["systemd-analyze", "--no-pager", "verify", path], capture_output=True, text=True,
                              timeout=60, check=False)
        assert (done.returncode, [line for line in done.stderr.splitlines() if "xacct" in line]) == (0, [])
    done = subprocess.run(["systemd-analyze", "--no-pager", "security", "--offline=yes", "--threshold=15",
                           tmp_path / "xacct-metrics.service"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


def test_the_unit_runs_what_there_is_as_who_may_ask(bastion, service):
    """Within its filter of system calls, as the helper's user, in a folder of its own."""
    confined = systemd_filter.directives(f"{BUILD}/xacct-metrics.service")
    assert confined["User"] == ["xacct"] and "PrivateUsers" not in confined
    (command,) = confined["ExecStart"]
    path = command.split()[-1]
    own = policy.xacct()
    os.makedirs(os.path.dirname(path))
    os.chown(os.path.dirname(path), own.pw_uid, own.pw_gid)
    done = subprocess.run(
        [*policy.as_helper(), sys.executable, systemd_filter.__file__, "--unit", f"{BUILD}/xacct-metrics.service",
         *command.split()],
        capture_output=True, text=True, timeout=60, check=False, env=metrics.ENVIRONMENT,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    with open(path, encoding="utf-8") as text:
        assert metrics.Told(text.read())["xacct_up"] == 1
