"""Which time a report is about, and whose days.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime

import pytest

from rig.audit_lines import BEGIN, text, used

A = "client-a-audit"


def at(text):
    """Minutes from the rig's beginning to this instant."""
    return (datetime.datetime.fromisoformat(text) - BEGIN).total_seconds() / 60


def test_days_end_at_midnight_of_the_zone(minutes):
    lines = [used(at("2025-03-29T22:50:00+00:00"), "S", "alice", A)]
    assert minutes(lines, "day") == {("2025-03-29",): 15}
    assert minutes(lines, "day", "--timezone", "Europe/Berlin") == {("2025-03-29",): 10, ("2025-03-30",): 5}
    assert minutes(lines, "day", env={"TZ": "Asia/Tokyo"}) == {("2025-03-30",): 15}
    assert minutes(lines, "day", "--timezone", "Pacific/Honolulu") == {("2025-03-29",): 15}


@pytest.mark.parametrize("zone, day, hours", [
    ("Europe/Berlin", "2025-03-30", 23), ("Europe/Berlin", "2025-10-26", 25), ("Europe/Berlin", "2025-06-01", 24),
    ("Africa/Cairo", "2025-04-25", 23), ("Australia/Lord_Howe", "2025-04-06", 24.5)])
def test_a_day_is_as_long_as_its_clocks_make_it(counted, zone, day, hours):
    """Use from before its midnight to behind the next."""
    begin = at(f"{day}T00:00:00+00:00") - 24 * 60
    lines = [used(begin + n * 10, "S", "alice", A) for n in range(3 * 24 * 6)]
    found = counted(lines, "--by", "day", "--timezone", zone, "--since", "2025-03-01", "--until", "2025-12-31")
    (row,) = [row for row in found["rows"] if row["day"] == day]
    assert row["seconds"] == hours * 3600


@pytest.mark.parametrize("since, until, expected", [
    ("2025-03-28", "2025-03-28", ["28"]),
    ("2025-03-28", "2025-03-29", ["28", "29"]),
    ("2025-03", "2025-03", ["27", "28", "29"]),
    ("2025-03-28T12:00", "2025-03-29T12:00", ["29"]),
    ("2025-03-28T02:00+02:00", "2025-03-28T10:00:00Z", ["28"]),
    ("2025-04", "2025-12", []),
    ("2024-12", "2025-03-28T08:00", ["27"])])
def test_dates_months_and_times_are_taken(counted, since, until, expected):
    """Three hand-outs, at eight o'clock of the 27th, 28th and 29th; an end that is a date or a month counts whole."""
    lines = [used(day * 24 * 60, "S", "alice", A) for day in (-1, 0, 1)]
    found = counted(lines, "--by", "day", "--since", since, "--until", until)
    assert [row["day"][-2:] for row in found["rows"] if row["hand_outs"]] == expected


@pytest.mark.parametrize("ago, expected", [("3d", 1), ("1d", 0), ("47h", 0), ("49h", 1), ("1w", 1)])
def test_a_length_is_so_long_ago(run, folder, ago, expected):
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=48)
    line = used(0, "S", "alice", A) | {"time": then.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    del line["expiry"]

    (folder / "audit.jsonl").write_text(text([line]), encoding="utf-8")
    done = run("report", "--audit", "audit.jsonl", "--since", ago, "--by", "user", "--format", "csv")
    assert done.returncode == 0
    assert ("nothing is reported" in done.stderr) == (expected == 0)
    assert done.stdout.count("alice") == expected


@pytest.mark.parametrize("words, told", [
    (["--since", "yesterday"], "--since yesterday: it is no date"),
    (["--since", "2025-02-30"], "it is no date"),
    (["--since", "2025-13"], "it is no date"),
    (["--until", "0d"], "it is no date"),
    (["--since", "2025-03-28", "--until", "2025-03-27"], "nothing is between"),
    (["--timezone", "Mars/Olympus"], "--timezone Mars/Olympus: this host has no such time zone"),
    (["--timezone", "../../etc/passwd"], "no such time zone"),
    (["--idle", "soon"], "--idle soon: it is no length of time"),
    (["--by", "user,colour"], "--by colour: use account, "),
    (["--by", "tag:"], "--by tag:: use"),
    (["--by", "user,user"], "--by names user twice"),
    (["--by", ",".join(f"tag:{n}" for n in range(10))], "--by takes 9 at most"),
    (["--format", "pdf"], "--format pdf: use table, csv, json or html"),
    (["--format", "csv", "--json"], "two forms: choose one")])
def test_what_cannot_be_meant_is_refused_with_what_can(report, words, told):
    done = report([used(0, "S", "alice", A)], *words)
    assert done.returncode == 2 and told in done.stderr and done.stdout == ""
