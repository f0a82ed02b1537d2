"""Random audit files: what a report makes of them is what another way of counting does, however it is grouped, and
wherever the file was rotated, compressed or cut short.

SPDX-License-Identifier: BSD-2-Clause
"""

import collections
import gzip
import json
import os
import random

import pytest

from rig import audit_lines

from . import random_lines

GROUPINGS = ("user", "account", "role", "client", "tag:project", "session", "purpose", "day", "key",
             "user,account,role", "day,client,user")


@pytest.mark.parametrize("seed", range(6))
def test_each_minute_counts_for_whom_it_is(counted, seed):
    lines = random_lines.make(random.Random(seed), 150)
    expected = collections.Counter()
    for (_, human, _), line in random_lines.owners(lines):
        expected[human, line["role"], line["session"]] += 60
    found = counted(lines, "--by", "user,role,session")
    assert {(row["user"], row["role"], row["session"]): row["seconds"] for row in found["rows"] if row["seconds"]
            } == dict(expected)


def test_however_it_is_grouped_it_adds_up_to_the_same(counted):
    lines = random_lines.make(random.Random(7), 600)
    totals = set()
    for by in GROUPINGS:
        found = counted(lines, "--by", by)
        totals.add(json.dumps(found["total"]))
        for what in ("seconds", "uses", "hand_outs"):
            assert sum(row[what] for row in found["rows"]) == found["total"][what], (by, what)
    assert len(totals) == 1


def rotate(folder, pieces, chance):
    """Lays the pieces as logrotate does, the last one being the file that is written now."""
    for file in folder.glob("audit*"):
        file.unlink()
    *before, current = pieces
    for number, piece in zip(range(len(before), 0, -1), before):
        if chance.random() < 0.6:
            (folder / f"audit.jsonl.{number}.gz").write_bytes(gzip.compress(piece))
        else:
            (folder / f"audit.jsonl.{number}").write_bytes(piece)
    (folder / "audit.jsonl").write_bytes(current)


@pytest.mark.parametrize("seed", range(5))
def test_wherever_it_was_rotated_the_report_is_the_same(counted, folder, seed):
    chance = random.Random(seed)
    lines = random_lines.make(chance, 300)
    whole = counted(lines, "--by", "user,account,role,day")
    bytes_of = [audit_lines.text([line]).encode() for line in lines]
    cuts = sorted(chance.randrange(len(lines) + 1) for _ in range(chance.randrange(1, 13)))
    pieces = [b"".join(bytes_of[a:b]) for a, b in zip([0, *cuts], [*cuts, len(lines)])]
    rotate(folder, pieces, chance)
    found = counted(None, "--by", "user,account,role,day")
    assert found["files"] == len(pieces) and found["notes"] == []
    assert (found["rows"], found["total"]) == (whole["rows"], whole["total"])


@pytest.mark.parametrize("seed", range(3))
def test_a_line_that_was_cut_short_costs_that_line_alone_and_is_told(counted, report, folder, seed):
    """A full disk cut it, and the helper began the next one on a line of its own."""
    chance = random.Random(seed)
    lines = random_lines.make(chance, 120)
    gone = chance.randrange(len(lines))
    without = counted(lines[:gone] + lines[gone + 1:], "--by", "user,role")
    texts = [audit_lines.text([line]) for line in lines]
    texts[gone] = texts[gone][:chance.randrange(1, len(texts[gone]) - 2)] + "\n"
    (folder / "audit.jsonl").write_text("".join(texts), encoding="utf-8")
    found = counted(None, "--by", "user,role")
    assert (found["rows"], found["total"], found["damaged"]) == (without["rows"], without["total"], 1)
    (note,) = found["notes"]
    assert note.startswith(f"audit.jsonl:{gone + 1}: it is passed over")
    done = report(None, "--by", "user")
    assert done.returncode == 0 and note in done.stderr and done.stdout.startswith("2025-")


def test_files_from_before_the_period_are_not_read(counted, folder):
    lines = [audit_lines.used(0, "S", "alice", "client-a-audit")]
    old = folder / "audit.jsonl.1"
    old.write_text("this would be told\n", encoding="utf-8")
    os.utime(old, (0, 0))
    found = counted(lines, "--by", "user")
    assert (found["files"], found["damaged"]) == (1, 0)
