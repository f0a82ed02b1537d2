"""xacct explain: which roles a login would get, and because of which lines.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import os
import pathlib
import pty
import random
import re
import shutil
import subprocess

import pytest

from rig import accounts

from .conftest import BOTH
from .explaining import DEV, explain, texts
from .policies import GRANT, HEAD, LINES, NOBODY, write


def test_the_answer_for_people(run, folder):
    write(folder, HEAD + DEV + "[grant g]\nusers = alice\nfrom = 10.0.0.0/8\nroles = audit\n"
          "default = audit\n[grant h]\nusers = bob\nroles = dev\n")
    done = run("explain", "alice", "--config", "x.conf", "--groups", "staff", "--from", "10.1.2.3",
               "--auth", "publickey", "--at", "2026-11-25T09:00")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"""\
alice may use 1 of 2 roles; the login starts with audit
login of alice by sshd at 2026-11-25 09:00 UTC

audit: yes  arn:aws:iam::111122223333:role/bastion/Auditor
  x.conf:{LINES + 4}: [grant g] names alice under users
  x.conf:{LINES + 6}: from = 10.0.0.0/8: met

dev: no  arn:aws:iam::111122223333:role/Developer
  x.conf:{LINES + 9}: [grant h] does not name the login
"""
    done = run("explain", "carol", "--config", "x.conf", "--groups", "staff")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "carol may use no role: no grant names this login"
    assert done.stdout.splitlines()[2] == \
        "not known: the address (--from), how sshd authenticates it (--auth)"


def test_how_each_role_is_assumed_that_is_permitted(run, folder):
    write(folder, HEAD + """sts_region = eu-west-2 eu-west-1
[base instance]
source = imds
[role hub]
account = client-a
name = Hub
base = instance
[role dev]
account = client-a
name = Developer
base_role = hub
[role sso]
account = client-a
name = Sso
via = saml
[role plain]
account = client-a
name = Plain
[grant g]
users = alice
roles = audit dev sso plain hub
""")
    done = run("explain", "alice", "--config", "x.conf", "--groups", "staff")
    assert re.findall(r"^  x.conf:(\d+): assumed (.*)$", done.stdout, re.MULTILINE) == [
        ("8", "with [base], by the STS of eu-west-2, then eu-west-1"),
        (str(LINES + 4), "with [base instance]"),
        (str(LINES + 8), "with [base instance], from [role hub]"),
        (str(LINES + 12), "with the user's own SAML assertion")]
    done = run("explain", "eve", "--config", "x.conf", "--groups", "staff")
    assert "assumed" not in done.stdout


def test_the_answer_for_programs_has_these_keys_and_no_others(run, folder):
    write(folder, HEAD + DEV + GRANT)
    allowed, answer, status = explain(run, "alice", "--groups", "x")
    assert (allowed, status) == ({"audit"}, 0)
    assert list(answer) == ["identity", "roles", "login"]
    assert (answer["identity"], answer["login"]) == ("alice", "audit")
    assert [list(role) for role in answer["roles"]] == 2 * [["name", "arn", "permitted", "because"]]
    assert answer["roles"][0]["because"] == [
        {"file": "x.conf", "line": LINES + 4, "text": "[grant g] names alice under users"}]
    assert all(list(because) == ["file", "line", "text"] for role in answer["roles"]
               for because in role["because"])
    allowed, answer, status = explain(run, "eve", "--groups", "x")
    assert (allowed, answer["login"], status) == (set(), None, 1)


# Options, one condition each: what is appended to the grant, the words, and whether it is met.
@pytest.mark.parametrize("condition, words, met", [
    ("", [], True),
    ("", ["--service", "sudo"], False),
    ("services = sudo\n", ["--service", "sudo"], True),
    ("services = sudo\n", ["--service", "sudo-i"], True),
    ("services = sudo\n", [], False),
    ("from = 10.0.0.0/8\n", [], False),
    ("from = 10.0.0.0/8\n", ["--from", "10.255.0.1"], True),
    ("from = 10.0.0.0/8\n", ["--from", "::ffff:10.255.0.1"], True),
    ("from = 10.0.0.0/8\n", ["--from", "11.0.0.1"], False),
    ("from = 2001:db8::/32\n", ["--from", "2001:db8::7"], True),
    ("auth = publickey\n", [], False),
    ("auth = publickey\n", ["--auth", "password,publickey"], True),
    ("auth = publickey\n", ["--auth", "password"], False),
    ("auth = keyboard-interactive\n", ["--auth", "keyboard-interactive/pam"], True),
    ("hosts = BASTION-*\n", [], True),
    ("hosts = other-*\n", [], False),
    ("until = 2027-03-31\n", ["--at", "2027-03-31T23:45Z"], True),
    ("until = 2027-03-31\n", ["--at", "2027-04-01"], False),
    ("since = 2027-03-31\n", ["--at", "2027-03-31T00:00"], True),
    ("since = 2027-03-31\n", ["--at", "2027-03-31T01:00+02:00"], False),
    ("hours = Mon-Fri 08:00-18:00 Europe/Berlin\n", ["--at", "2026-11-25T07:00Z"], True),
    ("hours = Mon-Fri 08:00-18:00 Europe/Berlin\n", ["--at", "2026-11-25T06:59Z"], False),
    ("hours = Mon-Fri 08:00-18:00 Europe/Berlin\n", ["--at", "2026-11-22T12:00-00:00"], False),
])
def test_each_condition(run, folder, condition, words, met):
    write(folder, HEAD + GRANT + condition)
    allowed, answer, status = explain(run, "alice", "--groups", ",", *words)
    assert (allowed, status) == ({"audit"} if met else set(), 0 if met else 1)
    if condition:
        assert {because["line"] for because in answer["roles"][0]["because"]} == \
            {LINES + 1, LINES + 4}


def test_groups_in_place_of_nss(run, folder):
    write(folder, HEAD + DEV + '[grant g]\ngroups = a "two words"\nroles = audit\n'
          "[deny d]\ngroups = out\n[pattern p]\ngroups = aws-{account}-{role}\n")
    for groups, roles in (("a", {"audit"}), ("x,two words", {"audit"}), ("x,,y", set()),
                          ("a,out", set()), ("aws-client-a-developer", {"dev"}),
                          ("aws-client-a-developer,a", {"dev", "audit"})):
        assert explain(run, "nobody-there", "--groups", groups)[0] == roles, groups


def test_no_groups_at_all(run, folder):
    write(folder, HEAD + "[grant g]\nusers = alice\nroles = audit\n[deny d]\ngroups = out\n")
    assert explain(run, "alice", "--groups", "")[0] == {"audit"}
    assert explain(run, "alice", "--groups=")[0] == {"audit"}


def test_the_headline_says_what_the_log_says(run, folder):
    write(folder, HEAD + GRANT + "hours = Mon-Fri 08:00-18:00 Europe/Berlin\n")
    done = run("explain", "alice", "--groups", "", "--config", "x.conf", "--at", "2026-11-22T12:00Z")
    assert done.stdout.splitlines()[0] == (
        "alice may use no role: [grant g], which is for user alice, holds Mon-Fri 08:00-18:00 "
        f"Europe/Berlin (x.conf:{LINES + 4})")
    write(folder, HEAD + GRANT + "until = 2026-01-01\n")
    done = run("explain", "alice", "--groups", "", "--config", "x.conf", "--at", "2026-11-22")
    assert "[grant g], which is for user alice, ended with until = 2026-01-01" in done.stdout


# The last fifteen minutes

UNTIL = "until = 2026-11-22T12:00Z\n"


@pytest.mark.parametrize("at, issued", [("11:45", True), ("11:45:01", False), ("11:59:59", False)])
def test_what_ends_too_soon_for_aws_is_no_role(run, folder, at, issued):
    write(folder, HEAD + GRANT + UNTIL)
    words = ["--groups", "", "--at", f"2026-11-22T{at}Z"]
    allowed, answer, status = explain(run, "alice", *words)
    assert (allowed, answer["login"], status) == \
        (({"audit"}, "audit", 0) if issued else (set(), None, 1))
    assert issued or texts(answer, "audit")[-1] == \
        "permitted until 2026-11-22 12:00 UTC, but AWS issues nothing for less than 900 s"
    headline = run("explain", "alice", *words, "--config", "x.conf").stdout.splitlines()[0]
    assert issued or headline == ("alice may use no role: what is permitted ends in less than "
                                  "900 s, and AWS issues nothing for that")


def test_a_login_whose_role_ends_too_soon_starts_with_none_where_another_lasts(run, folder):
    write(folder, HEAD + DEV + GRANT + "default = audit\n" + UNTIL
          + "[grant h]\nusers = alice\nroles = dev\n")
    words = ["--groups", "", "--at", "2026-11-22T11:50Z"]
    allowed, answer, status = explain(run, "alice", *words)
    assert (allowed, answer["login"], status) == ({"dev"}, None, 0)
    assert run("explain", "alice", *words, "--config", "x.conf").stdout.splitlines()[0] == (
        "alice may use 1 of 2 roles; the login starts with none, until one is chosen, as audit ends "
        "too soon")


@pytest.mark.usefixtures("people")
def test_groups_of_nss(run, folder):
    write(folder, HEAD + DEV + "[grant g]\ngroups = staff-a\nroles = dev\n"
          "[pattern p]\ngroups = aws-{account}-{role}\nname = bastion/{role}\n")
    assert explain(run, "alice")[0] == {"dev"}
    assert explain(run, "bob")[0] == {"dev", "audit"}
    assert explain(run, "carol")[0] == set()
    assert explain(run, "bob", "--groups", "staff-b")[0] == set()


@pytest.mark.usefixtures("people")
def test_users_of_nss(run, folder):
    write(folder, HEAD + "[grant g]\nusers = alice helga root nobody\nroles = audit\n")
    done = run("explain", "eve", "--config", "x.conf")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch("xacct: explain: NSS knows no user eve; with --groups .*\n", done.stderr)
    allowed, answer, _ = explain(run, "nobody")
    assert allowed == set()
    assert texts(answer, "audit")[0].startswith("the uid of nobody is 65534, the one that users of")
    for user, uid in (("helga", 900), ("root", 0)):
        allowed, answer, status = explain(run, user)
        assert (allowed, answer["login"], status) == (set(), None, 1)
        assert texts(answer, "audit")[0].startswith(
            f"the uid of {user} is {uid}, below minimum_uid = 1000")
        assert "may use no role: the uid of" in run("explain", user, "--config", "x.conf").stdout


def test_a_name_that_nss_calls_otherwise(run, folder):
    write(folder, HEAD + "[grant g]\nusers = alice@corp.example\nroles = audit\n")
    with accounts.kept(), accounts.Directory([], [("alice@corp.example", 2009, "CORP\\alice")]):
        allowed, answer, _ = explain(run, "CORP\\alice")
        assert (allowed, answer["identity"]) == ({"audit"}, "alice@corp.example")
    write(folder, HEAD + "[grant g]\nusers = alice@corp.example\nroles = audit\n"
          "[deny d]\nusers = CORP\\alice\n")
    with accounts.kept(), accounts.Directory([], [("alice@corp.example", 2009, "CORP\\alice")]):
        assert explain(run, "CORP\\alice")[0] == set()


def test_a_directory_that_is_down_gives_nothing_and_is_told(run, folder):
    write(folder, HEAD + DEV + GRANT + "[grant h]\ngroups = team\nroles = dev\n")
    with accounts.kept(), accounts.Directory([("team", 3009, ["alice"])]):
        accounts.add_user("alice", 2001)
        assert explain(run, "alice")[0] == {"audit", "dev"}
        pathlib.Path(accounts.DIRECTORY, "mode").write_text("unavailable 4321\n", encoding="ascii")
        done = run("explain", "alice", "--config", "x.conf", **NOBODY)
    assert "note: NSS did not say whether alice is in the group team" in done.stdout
    assert re.search("^audit: yes", done.stdout, re.MULTILINE)
    assert re.search("^dev: no", done.stdout, re.MULTILINE)


# ARNs


@pytest.mark.parametrize("name, settings, user, arn", [
    ("dev-%{user}", "", "alice", "dev-alice"),
    ("x-%{account}-%{role}-%{host}-%{service}", "", "alice", "x-client-a-r-bastion-test-sshd"),
    ("s-%{session_name}", "", "alice", "s-alice"),
    ("s-%{session_name}", "", "a b", "s-a_b-c8687a08aa5d6ed2"),
    ("s-%{session_name}", "session_name = x-%{human}\n", "alice", "s-x-alice"),
    ("dev-%{user}", "", "a b", None),
])
def test_templates_in_arns(run, folder, name, settings, user, arn):
    write(folder, HEAD + f"[role r]\naccount = client-a\nname = {name}\n{settings}"
          '[grant g]\nusers = alice "a b"\nroles = r\n')
    _, answer, _ = explain(run, user, "--groups", ",")
    role = answer["roles"][1]
    assert role["arn"] == f"arn:aws:iam::111122223333:role/{arn or name}"
    assert (role["because"][-1]["text"].startswith("%{user} is")) == (arn is None)


# What an admin may get wrong


@pytest.mark.parametrize("words, said", [
    (["--at", "yesterday"], "--at yesterday is no time"),
    (["--at", "2026-02-30"], "--at 2026-02-30 is no time"),
    (["--at", "2026-02-01T24:00"], "is no time"),
    (["--at", "2026-02-01T10:00+15:00"], "is no time"),
    (["--at", "2026-02-01T10:00x"], "is no time"),
    (["--auth", "pubkey"], "--auth pubkey: sshd knows"),
    (["--auth", "password", "--service", "sudo"], "--auth is for --service sshd"),
    (["--auth", "password", "--service", "sudo", "--loginuid", "none"], "login of --loginuid USER"),
    (["--principal", "a", "--certificate", "b"], "one of --principal and --certificate"),
    (["--principal", "a", "--certificate", "none"], "one of --principal and --certificate"),
    (["--principal", "a", "--service", "sudo"], "only with --service sshd"),
    (["--principal", "a", "--service", "sudo", "--loginuid", "none"], "login of --loginuid USER"),
    (["--principal", "a", "--auth", "password"], "only with --auth publickey"),
    (["--from", "vpn"], "--from vpn is no address"),
    (["--from", "localhost"], "is no address"),
    (["--from", "10.0.0.0/8"], "--from 10.0.0.0/8 is no address"),
    (["--loginuid", "bob"], "--loginuid is for other services than sshd"),
])
def test_wrong_words(run, folder, words, said):
    write(folder, HEAD + GRANT)
    done = run("explain", "alice", "--groups", ",", "--config", "x.conf", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"xacct: explain: [^\n]+\n", done.stderr)
    assert said in done.stderr


def test_a_policy_with_errors(run, folder):
    write(folder, HEAD + "[grant g]\nusers = alice\nroles = nothing\n")
    done = run("explain", "alice", "--config", "x.conf")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.match(rf"x.conf:{LINES + 3}: error: ", done.stderr)


def test_a_policy_that_the_helper_refuses_is_told(run):
    path = pathlib.Path("/etc/xacct/xacct.conf")
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir()
    path.write_text(HEAD + GRANT)
    path.chmod(0o666)
    try:
        done = run("explain", "alice", "--groups", ",")
        assert done.returncode == 0
        assert "note: the helper refuses this policy as it stands" in done.stdout
        done = run("explain", "alice", "--groups", ",", "--json")
        assert "note: the helper refuses" in done.stderr
        json.loads(done.stdout)
    finally:
        shutil.rmtree(path.parent)


def test_a_group_that_splits_in_two_ways_is_told(run, folder):
    write(folder, HEAD + "[account client]\nid = 444455556666\n"
          "[pattern p]\ngroups = {account}-{role}\ncase = exact\n")
    done = run("explain", "alice", "--groups", "client-a-b", "--config", "x.conf")
    assert done.returncode == 1
    assert "could split the group client-a-b in two ways" in done.stdout


def on_terminal(folder, env):
    """What the command writes to a terminal."""
    master, slave = pty.openpty()
    done = subprocess.Popen(
        ["/usr/bin/xacct", "explain", "alice", "--config", "x.conf", "--groups", ","], stdout=slave,
        stdin=subprocess.DEVNULL, cwd=folder, env={"TERM": "xterm", **env})
    os.close(slave)
    seen = b""
    try:
        while more := os.read(master, 65536):
            seen += more
    except OSError:  # EIO: the other side is closed
        pass
    os.close(master)
    assert done.wait() == 0
    return seen.decode()


def test_colours_on_a_terminal_alone(run, folder):
    write(folder, HEAD + GRANT)
    assert "\x1b[32m" in on_terminal(folder, {})
    assert "\x1b" not in on_terminal(folder, {"NO_COLOR": "1"})
    assert "\x1b" not in on_terminal(folder, {"TERM": "dumb"})
    assert "\x1b" not in run("explain", "alice", "--groups", ",", "--config", "x.conf",
                             env={"TERM": "xterm"}).stdout


# Properties of random policies


def random_policy(source):
    text = HEAD + DEV + "[role ops]\naccount = client-a\nname = Ops\n"
    roles = ["audit", "dev", "ops"]

    def some(names):
        return " ".join(source.sample(names, source.randint(1, 2)))
    for i in range(source.randint(1, 4)):
        text += f"[grant g{i}]\n{some(['users = u1', 'groups = a b'])}\nroles = {some(roles)}\n" \
            .replace(" users", "\nusers").replace(" groups", "\ngroups")
        for line in ("from = 10.0.0.0/8", "auth = publickey", "services = sudo sshd",
                     "hours = Mon-Fri 08:00-18:00 UTC", "until = 2026-06-30"):
            if source.random() < 0.25:
                text += line + "\n"
    for i in range(source.randint(0, 2)):
        text += f"[deny d{i}]\n{source.choice(['users = u2', 'groups = c', 'groups = b'])}\n"
        text += source.choice(["", f"roles = {some(roles)}\n"])
    return text


KNOWN = [[["--from", "10.0.0.1"], ["--from", "11.0.0.1"]],
         [["--auth", "publickey"], ["--auth", "password"]]]


@pytest.mark.parametrize("seed", range(10))
def test_what_is_not_known_never_adds_a_role_and_a_deny_always_wins(run, folder, seed):
    source = random.Random(seed)
    text = random_policy(source)
    write(folder, text)
    write(folder, text + "[deny all]\nusers = u1\n", "denied.conf")
    write(folder, text + "[deny some]\nusers = u1\nroles = dev\n", "narrowed.conf")
    user, groups = source.choice(["u1", "u2"]), source.choice([",", "a", "b", "a,c"])
    login = [user, "--groups", groups, "--at",
             source.choice(["2026-05-05T10:00", "2026-05-05T20:00", "2026-07-01T10:00"])]
    unknown, answer, _ = explain(run, *login)
    for addresses in KNOWN[0]:
        one = explain(run, *login, *addresses)[0]
        assert unknown <= one
        for methods in KNOWN[1]:
            both = explain(run, *login, *addresses, *methods)[0]
            assert one <= both
            assert explain(run, *login, *addresses, *methods, config="narrowed.conf")[0] \
                == (both - {"dev"} if user == "u1" else both)
    assert answer["login"] is None or answer["login"] in unknown
    if user == "u1":
        assert explain(run, *login, config="denied.conf")[0] == set()


@BOTH
def test_nothing_hostile_gets_through(run, folder):
    name = "\x1b[2J\u202e\x9b\x07"
    write(folder, HEAD + '[grant g]\nusers = "\u202e"\ngroups = "\x9b"\nroles = audit\n'
          '[role r]\naccount = client-a\nname = r-%{user}\n[grant h]\ngroups = "\x9b"\nroles = r\n')
    for user in ("alice", name, "\u202e", "a" * 5000, "%{user}", '"', "\\"):
        for words in ([], ["--from", name], ["--service", name], ["--groups", f"{name},\x7f,\x9b"],
                      ["--principal", name]):
            done = run("explain", "--config", "x.conf", *(words if "--groups" in words
                                                          else ["--groups", ",", *words]), "--", user)
            assert done.returncode in (0, 1, 2)
            assert "Sanitizer" not in done.stderr, done.stderr
            assert re.fullmatch(r"[ -~\n]*", done.stdout + done.stderr)
        done = run("explain", "--json", "--config", "x.conf", "--groups", ",", "--", user)
        json.loads(done.stdout)
