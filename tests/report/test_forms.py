"""A report as a table, as comma-separated values, as JSON and as a page.

SPDX-License-Identifier: BSD-2-Clause
"""

import csv
import html.parser
import io
import json
import pathlib
import re
import subprocess
import unicodedata

import pytest

from admin.conftest import BOTH, RAW
from rig import policy
from rig.audit_lines import opened, text, used

A, B = "client-a-audit", "client-b-audit"
LINES = [used(at, "S", "alice", A, key="ASIA1") for at in range(0, 30, 5)] + [
    used(31, "T", "bob", B), used(32, "T", "bob", B, "exec"), used(24 * 60, "U", "alice", B)]

# Names that are something else where they are not escaped.
HOSTILE = (
    '=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", " =1+1", "\t=1", "\uff1d1", '" onload="x', "a,b", 'say "hi"',
    "</td></table><script>alert(1)</script>", "two\nlines", "\x1b[31mred", "\u202egnp.exe", "漢字", "é" * 300,
    "&amp;", "'", "x\u009b2J\x7f\x85", "\u061cx\u200e\u200f\u202a\u2066y\u2069",
    "x;=cmd|' /C calc'!A0", "x; \t+1;;@y;\uff1d1", 'x;"=1"', '"=2', ";-1", "x;y", "a;b,c;'=1")


def test_a_table_is_aligned_and_marks_what_goes_on(report):
    done = report(LINES, "--until", "2025-03-29T08:10Z")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == """\
2025-03-28 00:00 to 2025-03-29 08:10 UTC; a role is in use for 15 min from each hand-out

USER   ACCOUNT   ROLE                TIME  USES  HAND-OUTS  SESSIONS
alice  client-a  client-a-audit   0:40:00     1          6         1
alice  client-b  client-b-audit  0:10:00+     1          1         1
bob    client-b  client-b-audit   0:16:00     2          2         1
total                            1:06:00+     4          9         3

+ in use still at the end of that time
"""


def test_a_table_of_nothing_says_so(report):
    done = report([])
    assert (done.returncode, done.stdout.splitlines()[1]) == (0, "no role was in use")


@pytest.mark.parametrize("words", [["--user", "alicia"], ["--since", "2024-01", "--until", "2024-01"], ["--format", "csv", "--client", "x"]])
def test_who_finds_nothing_is_told_what_was_read(report, words):
    """Else a name that is mistyped, or a time before the file begins, would be billed as nothing."""
    done = report(LINES, *words)
    assert done.returncode == 0
    assert re.search(r"nothing is reported \(lines read: \d+, files: [01]\): see that the audit file reaches back", done.stderr)


def test_wide_characters_keep_the_columns(report):
    """Two of them are as wide as four letters, and one with two bytes is as wide as one."""
    done = report([used(0, "S", "漢字", A), used(0, "T", "bob", A), used(0, "U", "dämon", A)], "--by", "user")
    assert done.stdout.split("\n\n")[1] == """\
USER      TIME  USES  HAND-OUTS  SESSIONS
bob    0:15:00     1          1         1
dämon  0:15:00     1          1         1
漢字   0:15:00     1          1         1
total  0:45:00     3          3         3
"""


def test_a_table_keeps_within_the_terminal(report, run, folder):
    report([used(0, "S", "u" * 60, "r" * 60, account="client-a")])
    command = "stty cols 80; exec xacct report --audit audit.jsonl --since 2025-03-28 --until 2025-04-30"
    done = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, text=True, cwd=folder,
                          timeout=60, check=True, stdin=subprocess.DEVNULL,
                          env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "dumb"})
    rows = [row for row in done.stdout.splitlines()[2:] if row]
    assert len(rows) == 3 and all(len(row) == 80 for row in rows)
    assert "uuu… " in rows[1] and "0:15:00" in rows[1]


@BOTH
def test_no_name_moves_the_cursor(report, run):
    done = report([used(0, "S", name, A) for name in HOSTILE], "--by", "user,role")
    assert done.returncode == 0
    assert not [letter for letter in done.stdout if unicodedata.category(letter)[0] == "C" and letter != "\n"]
    assert len(done.stdout.splitlines()) == 3 + len(HOSTILE) + 1


@BOTH
def test_csv_is_read_back_and_no_cell_is_a_formula(report, run):
    done = report([used(0, "S", name, A, tags={"client": name}) for name in HOSTILE], "--by", "user,client,account",
                  "--format", "csv")
    assert done.returncode == 0
    assert done.stdout.count("\n") == len(HOSTILE) + 1
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [*rows[0]] == ["user", "client", "account", "seconds", "hours", "uses", "hand_outs", "sessions", "first",
                          "last", "open"]
    for row in rows:
        assert not re.match("\\s*[=+\\-@\uff1d]", row["user"]) and "\n" not in row["user"]
        assert row["client"] == row["user"]
        assert (row["seconds"], row["hours"], row["account"]) == ("900", "0.25", "client-a")
    names = {row["user"] for row in rows}
    assert {"a,b", 'say "hi"', "漢字", "'+1", "'-1", "'@SUM(A1)", "two\\x0alines"} <= names
    assert {"x\\x9b2J\\x7f\\x85", "\ufffdx" + 4 * "\ufffd" + "y\ufffd"} <= names
    assert not RAW.search(done.stdout)


def test_csv_has_no_formula_where_semicolons_separate_cells(report):
    done = report([used(0, "S", name, A, tags={"client": name}) for name in HOSTILE], "--by", "user,client",
                  "--format", "csv")
    names = {row["client"] for row in csv.DictReader(io.StringIO(done.stdout), strict=True)}
    assert {"x;'=cmd|' /C calc'!A0", "x;' \\x09+1;;'@y;'\uff1d1", "x;'\"=1\"", ";'-1", "x;y", "a;b,c;'=1"} <= names
    # Each quoted or not, as what stands before them decides there.
    cells = [cell for row in csv.reader(io.StringIO(done.stdout), delimiter=";") for cell in row]
    cells += [cell for line in done.stdout.splitlines() for cell in line.split(";")]
    assert len(cells) > 2 * len(HOSTILE)
    for cell in cells:
        assert not re.match("[\\s\"]*(\\\\x09)?[=+\\-@\uff1d]", cell), cell
    # With quotes, the names that have one are one cell each, when they come first.
    for line in done.stdout.splitlines():
        assert not re.match('[^",]*;', line)


def test_csv_has_rfc_4180s_line_ends(folder, report, run):
    report(LINES)
    done = subprocess.run(["xacct", "report", "--audit", "audit.jsonl", "--since", "2025-03", "--until", "2025-03",
                           "--format", "csv", "--by", "user,account"],
                          capture_output=True, cwd=folder, timeout=60, check=True)
    assert done.stdout.endswith(b"\r\n") and done.stdout.count(b"\n") == done.stdout.count(b"\r\n") == 4
    assert done.stdout.splitlines()[1] == (
        b'alice,client-a,2400,0.67,1,6,1,2025-03-28T08:00:00Z,2025-03-28T08:25:00Z,no')


@BOTH
def test_json_has_what_the_help_says(report, run):
    done = report([used(0, "S", name, A) for name in HOSTILE], "--by", "user,tag:project", "--json")
    found = json.loads(done.stdout)
    assert set(found) == {"since", "until", "timezone", "idle", "by", "rows", "total", "files", "lines", "damaged",
                          "notes"}
    assert (found["since"], found["until"]) == ("2025-03-28T00:00:00Z", "2025-04-30T00:00:00Z")
    assert (found["timezone"], found["idle"], found["by"]) == ("UTC", 900, ["user", "tag:project"])
    assert (found["files"], found["lines"], found["damaged"]) == (1, len(HOSTILE), 0)
    assert {row["user"] for row in found["rows"]} == set(HOSTILE) and not RAW.search(done.stdout)
    assert all(row["tag:project"] is None for row in found["rows"])
    assert set(found["rows"][0]) == {"user", "tag:project"} | set(found["total"])
    assert set(found["total"]) == {"seconds", "uses", "hand_outs", "sessions", "first", "last", "open"}
    assert report(None, "--by", "user,tag:project", "--format", "json").stdout == done.stdout


class Page(html.parser.HTMLParser):
    """What a page is made of: its elements are nested as they must be, or this fails."""

    VOID = {"meta", "path", "rect"}

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID or (tag == "rect" and not self.get_starttag_text().endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, words):
        self.texts.append(words)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@BOTH
def test_a_page_needs_nothing_and_runs_nothing(report, run):
    done = report([used(0, "S", name, A, account=name) for name in HOSTILE], "--format", "html")
    assert done.returncode == 0
    page = Page(done.stdout)
    assert done.stdout.startswith("<!DOCTYPE html>")
    assert {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"
            } in page.all("meta")
    names = {name for name, _ in page.elements}
    assert not names & {"script", "link", "img", "iframe", "object", "base", "a", "form", "image", "use"}
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "href", "style", "data")]
    assert "url(" not in done.stdout and "@import" not in done.stdout
    # Names are there as text, but for what would control or turn round.
    for name in HOSTILE:
        assert re.sub(RAW.pattern + "|\n", "\ufffd", name) in page.texts
    assert not RAW.search(done.stdout)


def test_a_page_has_the_numbers_of_the_other_forms(report, counted):
    page = Page(report(LINES, "--format", "html", "--until", "2025-03-29").stdout)
    texts = [words for words in page.texts if words.strip()]
    for row in ("alice", "client-a", "client-a-audit", "0:40:00", "1", "6", "1"):
        assert row in texts
    # Below the heading and the period, and once more below the rows.
    tiles, total = texts.index("AWS roles in use") + 2, texts.index("Total") + 1
    assert texts[tiles:tiles + 8] == ["1:11:00", "hours in use", "4", "uses", "9", "hand-outs", "3", "sessions"]
    assert texts[total:total + 4] == ["1:11:00", "4", "9", "3"]
    assert page.all("html") == [{"lang": "en"}] and len(page.all("h1")) == 1


def test_a_chart_is_told_to_those_who_do_not_see_it(report):
    page = Page(report(LINES, "--format", "html").stdout)
    (chart,) = [svg for svg in page.all("svg") if svg.get("class") == "days"]
    assert chart["role"] == "img"
    ids = {attributes["id"] for name, attributes in page.elements if name in ("title", "desc") and "id" in attributes}
    assert set(chart["aria-labelledby"].split()) == ids
    # Two days with bars of two accounts, each with its numbers, which stand in a table as well.
    for words in ("2025-03-28, client-a: 0:40:00", "2025-03-28, client-b: 0:16:00", "2025-03-29, client-b: 0:15:00"):
        assert words in page.texts
        day, account, time = re.fullmatch(r"(.*), (.*): (.*)", words).groups()
        at = [number for number, found in enumerate(page.texts) if found == day]
        assert [day, account, time] in [page.texts[number:number + 3] for number in at]


def test_a_page_of_nothing_and_one_of_years_are_whole(report):
    assert "No role was in use." in Page(report([], "--format", "html").stdout).texts
    lines = [used(day * 1440, f"S{day}", f"user-{day % 7}", A, account=f"account-{day % 11:02}")
             for day in range(0, 500, 3)]
    done = report(lines, "--format", "html", "--until", "2026-08-31")
    page = Page(done.stdout)
    assert "2025-03" in page.texts and "other accounts" in page.texts and "By month" in page.texts
    assert len([svg for svg in page.all("svg") if svg.get("class") == "days"]) == 1
    # A clock that was far ahead once makes a page of centuries, and no endless one.
    far = used(0, "S", "alice", A) | {"time": "9998-12-31T12:00:00.000Z", "expiry": "9998-12-31T13:00:00Z"}
    done = report([*LINES, far], "--format", "html", "--until", "9999-12-31")
    assert "9998-12" in done.stdout and len(done.stdout) < 40_000


def test_notes_stand_in_the_page_too(report, folder):
    (folder / "audit.jsonl").write_text(text(LINES) + "<b>no line</b>\n", encoding="utf-8")
    page = Page(report(None, "--format", "html").stdout)
    assert any(words.startswith("audit.jsonl:10: it is passed over") for words in page.texts)


def test_of_very_many_notes_the_first_are_told_and_the_others_counted(counted):
    lines = [used(at, "S", "alice", A) for _ in range(60) for at in (10, 0)]
    notes = counted(lines)["notes"]
    assert len(notes) == 51 and notes[0].startswith("audit.jsonl:2: ") and notes[-1] == "and 10 more"


def test_without_a_name_the_policys_audit_file_is_read(run, folder):
    (folder / "xacct.conf").write_text(
        f"[xacct]\nregion = eu-west-1\naudit = {folder}/own.jsonl\n[base]\nsource = file\nfile = /x\n",
        encoding="utf-8")
    (folder / "own.jsonl").write_text(text([opened(0, "S", "alice", A)]), encoding="utf-8")
    done = run("report", "--config", "xacct.conf", "--since", "2025-03", "--until", "2025-03", "--by", "user")
    assert (done.returncode, done.stderr) == (0, "") and "alice  0:15:00" in done.stdout
    (folder / "xacct.conf").write_text("[xacct]\nnonsense = 1\n", encoding="utf-8")
    done = run("report", "--config", "xacct.conf")
    assert done.returncode == 1 and "xacct.conf:2: error: " in done.stderr and "name it with --audit" in done.stderr


def test_who_may_not_read_it_is_told_so(run, folder):
    path = folder / "audit.jsonl"
    path.write_text(text(LINES), encoding="utf-8")
    path.chmod(0o600)
    done = run("report", "--audit", str(path), user=65534, group=65534, extra_groups=[])
    assert (done.returncode, done.stdout) == (1, "")
    assert "may be read by root and the helper's user alone: run it as root" in done.stderr
    assert run("report", "--audit", str(path), user=policy.xacct().pw_uid).returncode == 1


def test_where_there_is_none_it_says_what_to_do(run, folder):
    done = run("report", "--audit", "nothing.jsonl")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the audit file nothing.jsonl is not there" in done.stderr and "--audit" in done.stderr


def test_it_is_listed_and_completed(run):
    assert "report" in run("--help").stdout
    assert run("complete", "rep").stdout == "report\n"
    said = run("report", "--help").stdout
    for name in ("since", "timezone", "idle", "rows", "total", "files", "lines", "damaged", "notes", "seconds", "uses",
                 "hand_outs", "sessions", "first", "last", "open"):
        assert name in said
    offered = run("complete", "report", "--").stdout.splitlines()
    assert {"--since", "--until", "--by", "--format", "--audit", "--json", "--role"} <= set(offered)
    assert pathlib.Path("/usr/libexec/xacct-admin").exists()
