"""`make bench` works and says what it is to say. How fast anything is, is not asserted: beside
other tests it would say nothing.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import re
import subprocess
import sys

import pytest

import bench
import report
from measuring import Sample, take_turns

# Each question of the file, and what it compares.
QUESTIONS = {
    "What a login gains when the helper is started for it": [
        "session line", "account and the session line", "aws sts assume-role", "curl --aws-sigv4",
        "C program: libcurl, one request, one CA", "the least: a module", "the least on both lines",
    ],
    "What a login gains through the service, which fetches credentials": [
        "session line", "account and the session line", "open TLS connection", "the least: a module",
        "the least on both lines",
    ],
    "What a login gains through the service, which has live credentials": [
        "session line", "account and the session line", "echoed, getpwnam_r, getgrouplist",
        "the least: a module", "the least on both lines",
    ],
    "`xacct credentials`, as an SDK calls it": [
        "`xacct credentials`", "prints a constant", "aws configure export-credentials",
    ],
    "200 logins at once from one generator, 50 users, STS taking 300 ms": [
        "one login", "200 logins of 50 users at once", "processor time of the service in these",
        "the least: 50 requests",
    ],
    "Reading a policy and deciding, whole processes, at 10, 1,000 and 10,000 grants": [
        f"{what}; {size} grants"
        for what in ("`policy/` alone", "`xacct explain`", "`sudo -l -U`", "inih, doing nothing",
                     "the least: inih, and what it reads is copied")
        for size in ("10", "1,000", "10,000")
    ],
    "One decision at 10,000 grants, the policy in memory": [
        "one decision at 10 grants", "one decision at 10,000 grants",
        "service with 10 grants", "service with 10,000 grants",
    ],
    "What `id` gains by Unix groups of the policy": [
        "groups from the local files", "an empty NSS source", "xacct beside them", "the least: a source",
    ],
    "A real ssh login, end to end": ["with the module, live credentials", "without it"],
    "Memory of sshd's session": ["with the module, live credentials", "without it"],
    "Memory of the service": ["no session"],
}
MEASURED = re.compile(r"-?\d[\d,.]* (times|ms|µs|KB|MB)")


@pytest.fixture(scope="module")
def sections(tmp_path_factory):
    """The file that a run with few repetitions writes: title to text; "" is its beginning."""
    path = tmp_path_factory.mktemp("bench") / "folder/benchmarks.md"
    subprocess.run(
        [sys.executable, "tests/bench/bench.py", path, "--few"], check=True, timeout=300
    )
    heading, *parts = path.read_text().split("\n## ")
    return {"": heading} | dict(part.split("\n", 1) for part in parts)


def tables(text):
    """The rows of each table, as lists of cells, without the two lines at its top."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [line.strip("|").split("|") for line in block.splitlines()]
        found.append([[cell.strip() for cell in row] for row in rows[2:]])
    return found


def test_the_heading_names_date_and_kind_of_machine_and_nothing_of_this_one(sections):
    heading = sections[""]
    assert re.search(r"measured on \d{4}-\d\d-\d\d, on this machine: .*, \d+ cores, Linux [\d.]+, "
                     r"Debian \d+", heading)
    assert re.search(r"Of \d+ goals \d+ are reached", heading)
    for text in sections.values():
        assert not re.search(r"bastion-test|/mnt|/tmp|/root|/run/", text)


def test_every_question_is_answered(sections):
    assert set(sections) == {"", *QUESTIONS}


@pytest.mark.parametrize("title", QUESTIONS)
def test_everything_that_is_compared_was_measured(sections, title):
    measured, _ = tables(sections[title])
    for what in QUESTIONS[title]:
        rows = [row for row in measured if what in row[0]]
        assert rows, f"no row on {what}"
        _, median, middle, count = rows[0]
        low, high = (float(value.replace(",", "")) for value in middle.split(" to "))
        assert low <= high and int(count) >= 1
        assert re.fullmatch(r"-?\d[\d,.]*", median)


@pytest.mark.parametrize("title", QUESTIONS)
def test_every_goal_has_a_measured_value_and_a_verdict(sections, title):
    _, goals = tables(sections[title])
    assert goals
    for text, measured, limit, reached in goals:
        assert re.search(r"at most|at least|under", text)
        assert MEASURED.fullmatch(measured), measured
        assert not limit or MEASURED.fullmatch(limit), limit
        assert reached in ("yes", "**no**")


@pytest.mark.parametrize("title", [title for title, rows in QUESTIONS.items()
                                   if any("the least" in row for row in rows)])
def test_what_the_least_would_reach_stands_beside_each_goal_that_it_is_about(sections, title):
    _, goals = tables(sections[title])
    limits = [limit for text, _, limit, _ in goals if not text.startswith("linear")]
    assert limits and all(limits)


@pytest.mark.parametrize("measured, limits, reached", [
    (1.5, {"at_most": 1.5}, True),
    (1.51, {"at_most": 1.5}, False),
    (30, {"at_least": 30}, True),
    (29.9, {"at_least": 30}, False),
])
def test_a_goal_is_reached_up_to_its_limit_and_what_misses_it_says_why(measured, limits, reached):
    goal = report.Goal("a goal", measured, why="too slow", limit=1.25, **limits)
    text = report.whole([report.Question("title", [("a row", Sample([1.0]))], [goal])], 0)
    assert "times | 1.25 times |" in text
    assert ("| yes |" in text) == reached
    assert ("| **no** |" in text and "Not reached: too slow" in text) == (not reached)
    assert f"Of 1 goals {int(reached)} are reached" in text


def test_competitors_take_turns_and_a_warm_up_is_not_kept():
    called = []

    def competitor(name):
        def measure():
            called.append(name)
            return float(len(called))

        return measure

    samples = take_turns({"a": competitor("a"), "b": competitor("b")}, 3, warm_up=2)
    assert called == ["a", "b"] * 5
    assert samples["a"].values == [5, 7, 9] and samples["b"].values == [6, 8, 10]
    assert samples["a"].median == 7 and samples["b"].above(samples["a"]).values == [-1, 1, 3]


def test_a_look_up_process_that_ends_while_memory_is_measured_counts_as_nothing():
    with subprocess.Popen(["true"]) as child:
        # It has no memory any more, and stays a child until it is waited for.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert bench.sessions.service_memory(os.getpid()) > 0
