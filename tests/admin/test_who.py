"""xacct who: who can reach what, by which rule, last used when.

SPDX-License-Identifier: BSD-2-Clause
"""

import csv
import gzip
import io
import json
import random
import re
import subprocess
import time

import pytest

from rig import accounts, audit_lines

from .conftest import BOTH, RAW
from .explaining import DEV, explain
from .policies import AUDITED, LINES, NOBODY, write

BASE = AUDITED + DEV
FIRST = LINES + 5  # the line behind BASE
CA = "[ca p]\nkey = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJUYOyxQm9yDe2J0gqzmFzoHkjdOEHzKqcdRVmVQXTKQ\n" \
     "names = *@p.example\n"
MEMBERS = ["kind", "name", "role", "arn", "account", "account_id", "reach", "conditions", "under", "by", "rule",
           "file", "line", "denied_by", "denied_file", "denied_line", "last_used"]


def used(human="alice", role="audit", at="2026-11-20T10:00:00.123Z", **members):
    """A line of the audit file on credentials that somebody was handed."""
    arns = {"audit": "bastion/Auditor", "dev": "Developer"}
    return audit_lines.text([{
        "event": "used", "time": at, "version": 1, "session": "S1", "human": human, "user": human, "identity": "user",
        "role": role, "account": "client-a", "account_id": "111122223333",
        "role_arn": f"arn:aws:iam::111122223333:role/{arns[role]}", "access_key_id": "ASIA1"} | members])


@pytest.fixture
def who(run, folder, people):
    """Asks with a policy of BASE and more, and an audit file of these lines: (ways, the whole, status)."""
    def ask(more, *words, lines=""):
        write(folder, BASE + more)
        write(folder, lines, "audit.jsonl")
        done = run("who", "--config", "x.conf", "--json", *words)
        assert done.stdout, done.stderr
        answer = json.loads(done.stdout)
        answer["notes"] = done.stderr.splitlines()
        return answer["ways"], answer, done.returncode
    return ask


def brief(ways):
    return [(way["kind"], way["name"], way["role"]) for way in ways]


# Whom it tells of


def test_users_and_members_of_groups_and_whose_primary_group_it_is(who):
    with accounts.appended("/etc/passwd", "prima:x:2009:3001::/:/bin/sh"):
        ways, _, status = who("[grant g]\nusers = carol\ngroups = staff-a\nroles = audit\n")
    assert status == 0
    assert [(way["name"], way["under"], way["by"]) for way in ways] == [
        ("alice", "groups", "staff-a"), ("bob", "groups", "staff-a"), ("carol", "users", "carol"),
        ("prima", "groups", "staff-a")]
    assert {(way["kind"], way["rule"], way["file"], way["line"]) for way in ways} == {
        ("user", "grant g", "x.conf", FIRST)}


def test_names_of_certificates_whom_a_ca_may_name(who):
    ways, answer, _ = who(CA + "[grant g]\nprincipals = carol@p.example eve@q.example\nroles = audit\n")
    assert brief(ways) == [("principal", "carol@p.example", "audit")]
    assert any("eve@q.example ([grant g] x.conf:" in note and "[ca]" in note for note in answer["notes"])


def test_a_group_without_members_to_list_is_told_itself(who, run):
    ways, _, _ = who("[grant g]\ngroups = staff-a staff-b\nroles = audit\n")
    assert brief(ways)[2:] == [("group", "staff-b", "audit")]
    done = run("who", "--config", "x.conf")
    assert "group:staff-b (members not to be listed)" in done.stdout


def test_roles_that_patterns_take_from_groups(who):
    with accounts.appended("/etc/group", "aws-client-a-Wild:x:3009:carol"):
        ways, _, _ = who("[pattern p]\ngroups = aws-{account}-{role}\nname = bastion/{role}\n"
                         "[pattern q]\ngroups = aws-{account}-{role}\nname = wild/{role}\ncase = exact\n")
    assert [(way["name"], way["role"], way["rule"], way["by"]) for way in ways] == [
        ("bob", "audit", "pattern p", "aws-client-a-Auditor"),
        ("bob", "client-a/Auditor", "pattern q", "aws-client-a-Auditor"),
        ("carol", "client-a/Wild", "pattern q", "aws-client-a-Wild")]
    assert ways[2]["arn"] == "arn:aws:iam::111122223333:role/wild/Wild"


def test_who_never_logs_in_here_is_noted_and_not_told(who):
    ways, answer, status = who("[grant g]\nusers = nosuch helga\ngroups = nogroup-here\nroles = audit\n")
    assert (ways, status) == ([], 1)
    for words in ("nosuch ([grant g]", "helga ([grant g]", "nogroup-here: NSS knows no such group"):
        assert any(words in note for note in answer["notes"]), words


def test_each_rule_by_which_somebody_reaches_a_role_is_told(who):
    ways, _, _ = who("[grant g]\nusers = alice\nroles = audit\n[grant h]\nusers = alice\nroles = audit dev\n")
    assert [(way["role"], way["rule"], way["line"]) for way in ways] == [
        ("audit", "grant g", FIRST), ("audit", "grant h", FIRST + 3), ("dev", "grant h", FIRST + 3)]


# What it depends on

CONDITIONS = "services = sudo\nfrom = 10.0.0.0/8\nauth = publickey\nuntil = 2030-01-01\n"


def test_what_a_rule_wants_of_the_login_is_told_in_short(who):
    ways, _, _ = who("[grant g]\nusers = alice\nroles = audit\n" + CONDITIONS)
    assert [(way["reach"], way["conditions"]) for way in ways] == [
        ("yes", "services sudo, auth publickey, from 10.0.0.0/8, until 2030-01-01")]


@pytest.mark.parametrize("condition, at, reaches", [
    ("until = 2027-03-31\n", "2027-03-31T12:00", ["yes"]),
    ("until = 2027-03-31\n", "2027-04-01", []),
    ("until = 2027-03-31T18:00Z\n", "2027-03-31T17:50Z", []),  # AWS issues nothing for ten minutes
    ("since = 2027-03-31\n", "2027-03-30T23:00", []),
    ("since = 2027-03-31\n", "2027-03-31", ["yes"]),
    ("hours = Mon-Fri 08:00-18:00 UTC\n", "2027-03-31T12:00Z", ["yes"]),
    ("hours = Mon-Fri 08:00-18:00 UTC\n", "2027-03-31T20:00Z", ["not-now"]),
    ("hours = Mon-Fri 08:00-18:00 UTC\n", "2027-04-03T12:00Z", ["not-now"]),
    ("hours = Mon-Fri 08:00-18:00 UTC\nuntil = 2027-03-31\n", "2027-03-31T20:00Z", []),
    # On the Sunday between, clocks in Berlin are put forward.
    ("hours = Mon 08:00-08:20 Europe/Berlin\n", "2027-03-27T20:00Z", ["not-now"]),
    ("hosts = another-host\n", "2027-03-31", []),
])
def test_it_is_decided_as_of_the_moment_that_is_asked_about(who, condition, at, reaches):
    ways, answer, status = who("[grant g]\nusers = alice\nroles = audit\n" + condition, "--at", at)
    assert [way["reach"] for way in ways] == reaches
    assert status == (0 if reaches else 1)
    assert answer["at"].startswith(at[:10])


@pytest.mark.parametrize("condition", [
    "hosts = another-host\n", "until = 2027-01-01\n", "since = 2027-12-31\n",
    "hours = Mon-Fri 08:00-18:00 UTC\nuntil = 2027-03-31T21:00Z\n"])
def test_a_rule_that_gives_nothing_has_no_line_though_another_gives_the_same_role(who, condition):
    ways, _, _ = who("[grant g]\nusers = alice\nroles = audit\n[grant h]\nusers = alice\nroles = audit\n" + condition,
                     "--at", "2027-03-31T20:00Z")
    assert [(way["rule"], way["reach"]) for way in ways] == [("grant g", "yes")]


@pytest.mark.parametrize("identity, rules", [
    ("certificate loginuid user", ["grant g", "grant s"]), ("certificate loginuid", ["grant s"]),
    ("certificate", [])])
def test_whom_nothing_names_gets_nothing(run, folder, people, identity, rules):
    write(folder, BASE.replace("[base]", f"identity = {identity}\n[base]", 1) + CA +
          "[grant g]\nusers = alice\nroles = audit\n[grant s]\nusers = alice\nservices = sudo\nroles = dev\n")
    write(folder, "", "audit.jsonl")
    done = run("who", "--config", "x.conf", "--json")
    assert [way["rule"] for way in json.loads(done.stdout)["ways"]] == rules
    assert ("leaves user out" in done.stderr) == (len(rules) < 2)
    plain = ["alice", "--certificate", "none"]
    assert explain(run, *plain)[0] == ({"audit"} if "grant g" in rules else set())
    assert explain(run, *plain, "--service", "sudo", "--loginuid", "alice")[0] == \
        ({"dev"} if "grant s" in rules else set())


def test_what_a_deny_takes_away_is_told_on_demand_with_its_line(who, run):
    rules = "[grant g]\nusers = alice bob\nroles = audit dev\n[deny d]\nusers = bob\nroles = dev\n"
    ways, _, _ = who(rules)
    assert brief(ways) == [("user", "alice", "audit"), ("user", "alice", "dev"), ("user", "bob", "audit")]
    ways, _, _ = who(rules, "--denied")
    assert [(way["reach"], way["denied_by"], way["denied_file"], way["denied_line"]) for way in ways[2:]] == [
        ("yes", None, None, None), ("denied", "d", "x.conf", FIRST + 3)]
    assert f"denied by [deny d] x.conf:{FIRST + 3}" in run("who", "--config", "x.conf", "--denied").stdout


# What is asked about


@pytest.mark.parametrize("word, roles", [
    ("client-a", ["audit", "dev"]), ("111122223333", ["audit", "dev"]), ("dev", ["dev"]),
    ("arn:aws:iam::111122223333:role/Developer", ["dev"]), ("arn:aws:iam::111122223333:root", ["audit", "dev"]),
    ("arn:aws:iam::111122223333:role/Other", []),
])
def test_an_account_or_a_role_by_name_by_number_or_by_arn(who, word, roles):
    ways, _, status = who("[grant g]\nusers = alice\nroles = audit dev\n", word)
    assert [way["role"] for way in ways] == roles
    assert status == (0 if roles else 1)


@pytest.mark.parametrize("words, said", [
    (["nothing"], "no account and no role nothing"),
    (["999999999999"], "no account and no role 999999999999"),
    (["arn:aws:iam::999999999999:role/x"], "none of the policy's"),
    (["arn:nonsense"], "no ARN"),
    (["both"], "an account and a role"),
    (["--at", "tomorrow"], "--at tomorrow is no time"),
    (["--unused-for", "90"], "--unused-for 90 is no length of time"),
    (["--format", "html"], "write table, csv or json"),
    (["--format", "csv", "--json"], "one of --json and --format csv"),
    (["--config", "none.conf"], "none.conf"),
])
def test_what_cannot_be_asked_is_told_with_what_to_do(run, folder, words, said):
    write(folder, BASE + "[account both]\nid = 222222222222\n[role both]\naccount = both\nname = B\n")
    config = [] if "--config" in words else ["--config", "x.conf"]
    done = run("who", *config, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


# Last used when


def test_when_each_was_last_handed_credentials_of_the_role(who):
    rules = CA + "[grant g]\nusers = alice bob\nprincipals = alice@p.example\nroles = audit dev\n"
    lines = (used(at="2026-11-01T10:00:00.000Z") + used(at="2026-11-20T10:00:00.123Z") +
             used(at="2026-11-19T10:00:00.000Z") +
             # Another's session for bob's account, as by sudo; and a certificate in alice's.
             used(human="carol", user="bob", role="dev", at="2026-11-02T00:00:00.000Z") +
             used(human="alice@p.example", user="alice", identity="certificate", role="dev",
                  at="2026-11-03T00:00:00.000Z") +
             # No credentials, and nobody's.
             used(human="bob", at="2026-11-21T00:00:00.000Z", access_key_id=None) +
             used(human="bob", at="2026-11-22T00:00:00.000Z", event="tried", session=None))
    ways, answer, _ = who(rules, lines=lines)
    assert [(way["name"], way["role"], way["last_used"]) for way in ways] == [
        ("alice", "audit", "2026-11-20T10:00:00Z"), ("alice", "dev", "2026-11-03T00:00:00Z"),
        ("bob", "audit", None), ("bob", "dev", "2026-11-02T00:00:00Z"),
        ("alice@p.example", "audit", None), ("alice@p.example", "dev", "2026-11-03T00:00:00Z")]
    assert answer["audit_from"] == "2026-11-01T10:00:00Z"


def test_a_role_of_which_the_name_is_a_template_is_found_by_its_name_in_the_policy(who):
    rules = "[role own]\naccount = client-a\nname = dev-%{user}\n[grant g]\nusers = alice\nroles = own\n"
    ways, _, _ = who(rules, lines=used().replace('"audit"', '"own"').replace("bastion/Auditor", "dev-alice"))
    assert [(way["role"], way["last_used"]) for way in ways] == [("own", "2026-11-20T10:00:00Z")]


def test_only_what_was_not_used_for_so_long(who, run, folder):
    rules = "[grant g]\nusers = alice bob carol\nroles = audit\n"
    lines = used(at="2026-08-01T00:00:00.000Z") + used("bob", at="2026-11-20T00:00:00.000Z")
    ways, answer, _ = who(rules, "--unused-for", "90d", "--at", "2026-11-25", lines=lines)
    assert [(way["name"], way["last_used"]) for way in ways] == [
        ("alice", "2026-08-01T00:00:00Z"), ("carol", None)]
    assert not any("less than --unused-for" in note for note in answer["notes"])
    # What was used afterwards says nothing of that moment.
    ways, answer, _ = who(rules, "--unused-for", "90d", "--at", "2026-11-19", lines=lines)
    assert [way["name"] for way in ways] == ["alice", "bob", "carol"]
    _, answer, _ = who(rules, "--unused-for", "200d", "--at", "2026-11-25", lines=lines)
    assert any("2026-08-01 00:00 UTC, which is less than --unused-for" in note for note in answer["notes"])


def test_rotated_predecessors_of_the_audit_file_count(who, folder, run):
    rules = "[grant g]\nusers = alice\nroles = audit\n"
    who(rules, lines=used("bob"))
    write(folder, gzip.compress(used(at="2025-01-02T03:04:05.000Z").encode()), "audit.jsonl.2.gz")
    answer = json.loads(run("who", "--config", "x.conf", "--json").stdout)
    assert (answer["audit_from"], answer["ways"][0]["last_used"]) == ("2025-01-02T03:04:05Z", "2025-01-02T03:04:05Z")


def test_without_the_audit_file_it_says_so_and_never_never(run, folder, people):
    write(folder, BASE + "[grant g]\nusers = alice\nroles = audit\n").chmod(0o644)
    write(folder, used(), "audit.jsonl").chmod(0o600)
    done = run("who", "--config", "x.conf", **NOBODY)
    assert done.returncode == 0 and "audit.jsonl" in done.stderr
    assert re.search(r"^alice .* \? ", done.stdout, re.MULTILINE) and "never" not in done.stdout
    done = run("who", "--config", "x.conf", "--unused-for", "90d", **NOBODY)
    assert (done.returncode, done.stdout) == (2, "")
    assert "it cannot be said what was not used" in done.stderr


# How it is told


def test_the_table_for_people(who, run):
    who(CA + "[grant g]\nusers = alice\nprincipals = c@p.example\nroles = audit\nfrom = 10.0.0.0/8\n", lines=used())
    done = run("who", "--config", "x.conf")
    line = FIRST + CA.count("\n")
    assert done.stdout.splitlines() == [
        "WHO                    ROLE   ACCOUNT                  LAST USED (UTC)   RULE                 IF",
        "alice                  audit  client-a (111122223333)  2026-11-20 10:00  [grant g] x.conf:17  from 10.0.0.0/8"
        .replace("17", str(line)),
        "principal:c@p.example  audit  client-a (111122223333)  never             [grant g] x.conf:17  from 10.0.0.0/8"
        .replace("17", str(line))]
    assert "reaches back to 2026-11-20 10:00 UTC" in done.stderr


def test_nobody_is_said_too(who, run):
    who("")
    done = run("who", "--config", "x.conf")
    assert (done.returncode, done.stdout) == (1, "nobody\n")


def test_csv_has_the_members_of_the_json_and_no_formulas(who, folder):
    names = ["=cmd|'x'!A1", "+1", "-1", "@x", "a,b", "plain", "x;y"]
    ways, _, _ = who(CA.replace("*@p.example", "*") + "[grant g]\nusers = alice\nprincipals = " +
                     " ".join(f'"{name}"' for name in names) + "\nroles = audit\n[deny d]\nusers = alice\n",
                     "--denied", lines=used("plain", identity="certificate"))
    done = subprocess.run(["/usr/bin/xacct", "who", "--config", "x.conf", "--format", "csv", "--denied"],
                          cwd=folder, capture_output=True, timeout=60, check=True)
    text = done.stdout.decode()
    assert text.count("\n") == text.count("\r\n") == len(ways) + 1
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(rows[0]) == MEMBERS == list(ways[0])
    assert len(rows) == len(ways) == len(names) + 1
    for row, way in zip(rows, ways):
        for name in MEMBERS:
            value = "" if way[name] is None else str(way[name])
            assert row[name] == ("'" + value if value[:1] in ("=", "+", "-", "@") and value else value)


def test_the_answer_for_programs_has_these_members_and_no_others(who):
    ways, answer, _ = who("[grant g]\nusers = alice\nroles = audit\n")
    del answer["notes"]
    assert list(answer) == ["at", "audit_from", "ways"]
    assert list(ways[0]) == MEMBERS
    assert answer["audit_from"] is None


@BOTH
@pytest.mark.parametrize("words, told", [
    (["--json"], r'"x\u009b2Jy\u202ez\u200f"'), (["--format", "csv"], ",x\\x9b2Jy\ufffdz\ufffd,"),
    ([], r"x\xc2\x9b2Jy\xe2\x80\xaez\xe2\x80\x8f")])
def test_no_name_moves_the_cursor_or_turns_text_round(run, folder, people, words, told):
    name = "x\u009b2Jy\u202ez\u200f"
    write(folder, BASE + CA.replace("*@p.example", "*") + f'[grant g]\nprincipals = "{name}"\nroles = audit\n')
    done = run("who", "--config", "x.conf", *words)
    assert done.returncode == 0 and told in done.stdout
    assert not RAW.search(done.stdout)
    if "--json" in words:
        assert json.loads(done.stdout)["ways"][0]["name"] == name


@BOTH
def test_nothing_hostile_gets_through(run, folder, people):
    name = "\x1b[2J\u202e\x9b"
    with accounts.appended("/etc/passwd", f"{name}:x:2100:2100::/:/bin/sh"):
        write(folder, BASE + f'[grant g]\nusers = "{name}" "\u202e"\ngroups = "\x9b"\nroles = audit\n')
        write(folder, used(name) + '{"event": 1}\n' + used()[:40] + "\n\0\xff\n", "audit.jsonl")
        for words in ([], ["--json"], ["--format", "csv"], [name], ["arn:" + name], ["--at", name]):
            done = run("who", "--config", "x.conf", env={"LANG": "C"}, *words)
            assert done.returncode in (0, 1, 2)
            assert "Sanitizer" not in done.stderr, done.stderr
            assert re.fullmatch(r"[ -~\n]*", done.stderr)
            assert "\x1b" not in done.stdout


# It says what explain says


def random_policy(source):
    def some(names):
        return " ".join(source.sample(names, source.randint(1, 2)))
    text = "[role ops]\naccount = client-b\nname = Ops\n[account client-b]\nid = 222222222222\n" + CA
    roles = ["audit", "dev", "ops"]
    for i in range(source.randint(2, 6)):
        who = source.choice(["users = alice", "users = bob carol", "groups = staff-a", "groups = staff-b staff-a",
                             "principals = p@p.example", "principals = p@p.example q@p.example"])
        text += f"[grant g{i}]\n{who}\nroles = {some(roles)}\n"
        for line in ("from = 10.0.0.0/8 192.0.2.0/24", "auth = password", "services = sudo", "services = sshd sudo",
                     "hours = Mon-Fri 08:00-18:00 UTC", "until = 2027-01-31", "hosts = elsewhere"):
            if source.random() < 0.2 and line.split()[0] not in text.rsplit("[grant", 1)[1]:
                text += line + "\n"
    for i in range(source.randint(0, 2)):
        text += f"[deny d{i}]\n{source.choice(['users = bob', 'groups = staff-a', 'principals = p@p.example'])}\n"
        text += source.choice(["", f"roles = {some(roles)}\n", "accounts = client-b\n"])
    return text


def explained(run, name, at):
    """What explain permits somebody in any login that these policies tell apart."""
    permitted = set()
    is_user = "@" not in name
    for service in ("sshd", "sudo"):
        for address in ("10.0.0.1", "203.0.113.1"):
            for method in ("publickey", "password") if is_user else ("publickey", "publickey,password"):
                words = [name if is_user else "someone", "--service", service, "--from", address, "--auth", method,
                         "--at", at, *(["--certificate", "none"] if is_user
                                       else ["--principal", name, "--groups", ","])]
                if service == "sudo":
                    words += ["--loginuid", words[0]]
                permitted |= explain(run, *words)[0]
    return permitted


@pytest.mark.parametrize("seed", range(3))
def test_it_says_of_random_policies_what_explain_says_of_each_login(who, run, seed):
    source = random.Random(seed)
    at, later = "2026-11-28T12:00Z", "2026-11-30T08:00Z"  # a Saturday, and when hours begin
    ways, _, _ = who(random_policy(source), "--at", at, "--denied")
    names = ["alice", "bob", "carol", "p@p.example"]

    def told(name, *reaches):
        return {way["role"] for way in ways if way["name"] == name and way["reach"] in reaches}
    for name in names:
        now = explained(run, name, at)
        assert told(name, "yes") == now, name
        assert not told(name, "denied") & now and not told(name, "unknown")
    name = source.choice(names)
    assert told(name, "yes", "not-now") == explained(run, name, later), name


# Many


def test_ten_thousand_grants_take_seconds_and_no_more(run, folder):
    """A thousand users, each by name and in groups; a limit that only a square would pass."""
    passwd = "\n".join(f"u{i}:x:{10000 + i}:{10000 + i}::/:/bin/sh" for i in range(1000))
    group = "\n".join(f"team{i}:x:{20000 + i}:" + ",".join(f"u{j}" for j in range(i, 1000, 100)) for i in range(100))
    roles = "".join(f"[role r{i}]\naccount = client-a\nname = R{i}\n" for i in range(1000))
    grants = "".join(f"[grant g{i}]\nusers = u{i % 1000}\n" + (f"groups = team{i % 100}\n" if i % 10 == 0 else "") +
                     f"roles = r{i % 1000}\n" + (f"from = 10.{i % 250}.0.0/16\n" if i % 3 == 0 else "")
                     for i in range(10000))
    write(folder, BASE + roles + grants + "[deny d]\ngroups = team7\nroles = r7\n")
    write(folder, used(), "audit.jsonl")
    with accounts.appended("/etc/passwd", passwd), accounts.appended("/etc/group", group):
        began = time.monotonic()
        done = run("who", "--config", "x.conf", "--format", "csv")
        took = time.monotonic() - began
    rows = list(csv.reader(io.StringIO(done.stdout)))
    # Each grant names a user; each tenth ten of a team too, of whom one may be that user.
    assert done.returncode == 0 and len(rows) > 18000
    assert took < 30, "seconds, where the machine is busy"
