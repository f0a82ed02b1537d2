"""`xacct report`, which executes xacct-admin, over audit files that tests write, and one that a service wrote.

Run below tests/enter, which gives private namespaces and folders:

    make tests && tests/enter /usr/bin/python3 -m pytest tests/report

SPDX-License-Identifier: BSD-2-Clause
"""

import json

import pytest

# For pytest, which finds them here.
from admin.conftest import folder, inside, run
from rig import audit_lines
from rig.fixtures import bastion, host, login, running_standin, service, sts

SINCE = "2025-03-28T00:00Z"
UNTIL = "2025-04-30T00:00Z"


@pytest.fixture
def report(run, folder):
    """Reports on lines, or on the file that is there; --since and --until are fixed unless given."""

    def report_it(lines, *words, file="audit.jsonl", **more):
        if lines is not None:
            (folder / file).write_text(audit_lines.text(lines), encoding="utf-8")
        words = ["--audit", file, *words]
        for option, value in (("--since", SINCE), ("--until", UNTIL)):
            if option not in words:
                words += [option, value]
        return run("report", *words, **more)

    return report_it


@pytest.fixture
def counted(report):
    """As report, which must succeed; returns what its JSON has."""

    def count(lines, *words, **more):
        done = report(lines, *words, "--json", **more)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        return json.loads(done.stdout)

    return count


@pytest.fixture
def minutes(counted):
    """How many minutes of use each row has, by the values of --by: {("alice", "client-a"): 15}."""

    def count(lines, by="user,account", *words, **more):
        found = counted(lines, "--by", by, *words, **more)
        assert sum(row["seconds"] for row in found["rows"]) == found["total"]["seconds"]
        return {tuple(row[name] for name in by.split(",")): row["seconds"] / 60 for row in found["rows"]
                if row["seconds"]}

    return count
