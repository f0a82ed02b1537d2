"""The tables: what was measured, beside what it was measured against, and whether that is enough.

SPDX-License-Identifier: BSD-2-Clause
"""

import dataclasses
import datetime
import os
import platform
import re
import time

IDLE = 0.1  # others take less than this share


@dataclasses.dataclass
class Goal:
    """What a question is to come to: `measured`, in `unit`, is to be `at_most` or `at_least` so
    much; `why` says what stands against it where it is not, and `limit` is what would be measured
    if all that is left to us to do took no time."""

    text: str
    measured: float
    unit: str = "times"
    at_most: float | None = None
    at_least: float | None = None
    why: str = ""
    limit: float | None = None

    @property
    def is_reached(self):
        return (self.at_most is None or self.measured <= self.at_most) and (
            self.at_least is None or self.measured >= self.at_least
        )


@dataclasses.dataclass
class Question:
    """One table. `rows` are (what, Sample); `remark` says how it was measured."""

    title: str
    rows: list
    goals: list
    unit: str = "ms"
    remark: str = ""


def number(value):
    """With three digits that mean something."""
    if abs(value) >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.2f}"


def of_question(question):
    """A question's tables, in Markdown."""
    lines = [f"## {question.title}", ""]
    if question.remark:
        lines += [question.remark, ""]
    lines += [f"| what | median, {question.unit} | the middle half | of |", "| --- " * 4 + "|"]
    for what, sample in question.rows:
        low, high = map(number, sample.middle_half)
        median, count = number(sample.median), len(sample.values)
        lines.append(f"| {what} | {median} | {low} to {high} | {count} |")
    lines += ["", "| goal | measured | limit | reached |", "| --- " * 4 + "|"]
    for goal in question.goals:
        reached = "yes" if goal.is_reached else "**no**"
        limit = "" if goal.limit is None else f"{number(goal.limit)} {goal.unit}"
        lines.append(f"| {goal.text} | {number(goal.measured)} {goal.unit} | {limit} | {reached} |")
    reasons = list(dict.fromkeys(g.why for g in question.goals if not g.is_reached and g.why))
    for reason in reasons:
        lines += ["", f"Not reached: {reason}"]
    return "\n".join([*lines, ""])


def machine():
    """What it was measured on, without what would tell one machine of the kind from another."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as text:
        model = re.search(r"^(?:model name|Model)\s*:\s*(.*)$", text.read(), re.MULTILINE)
    with open("/etc/debian_version", encoding="ascii") as text:
        debian = text.read().strip()
    return (
        f"{model[1] if model else platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"Linux {re.match('[0-9.]*[0-9]', platform.release())[0]}, Debian {debian}"
    )


HEADING = """\
# Speed and footprint

What `make bench` measured on {date}, on this machine: {machine}. Every figure stands beside what it
is measured against, in the same run, taking turns; a figure by itself says little, a ratio more.
Milliseconds are medians, and beside them is where the middle half of all measurements lies.
A goal's limit is what its figure would be if all work of our own took no time. What is left then,
other programs' and the kernel's, is measured in the same run by what the tables call the least. A
goal beyond its limit cannot be reached on this machine, whatever we do.
`make bench` writes this file anew. The machine was {idle}.
"""


def others_work(seconds=1):
    """The share of the machine's time that others take at the moment: 0 to 1."""

    def times():
        with open("/proc/stat", encoding="ascii") as text:
            return [int(ticks) for ticks in text.readline().split()[1:9]]

    before = times()
    time.sleep(seconds)
    passed = [after - earlier for earlier, after in zip(before, times())]
    return 1 - (passed[3] + passed[4]) / max(sum(passed), 1)  # idle, and waiting for a disk


def whole(questions, busy):
    """The file's text. `busy` is what others_work said before the first measurement."""
    goals = [goal for question in questions for goal in question.goals]
    missed = [goal for goal in goals if not goal.is_reached]
    idle = f"{busy:.0%} busy with other work, so the figures are coarse"
    heading = HEADING.format(
        date=datetime.date.today().isoformat(),
        machine=machine(),
        idle="idle otherwise" if busy < IDLE else idle,
    )
    summary = f"Of {len(goals)} goals {len(goals) - len(missed)} are reached.\n"
    return "\n".join([heading, summary, *map(of_question, questions)])
