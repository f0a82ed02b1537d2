"""xacct diff: who gains and who loses which role between two policies.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import random
import re
import subprocess
import time

import pytest

from .conftest import BOTH
from .policies import HEAD, LINES, write

DEV = "[role dev]\naccount = client-a\nname = Developer\n"
BASE = HEAD + DEV
FIRST = LINES + 4  # the line behind BASE


def grant(name="g", users="alice", roles="audit", more=""):
    return f"[grant {name}]\nusers = {users}\nroles = {roles}\n{more}"


# What is appended to BASE in the old and in the new policy, and what is told. {o} and {n} are the
# first line behind BASE in each.
CASES = {
    "a user gains": (grant(), grant() + grant("h", "bob", "dev"),
                     ["bob: + dev ([grant h] new.conf:{4})"]),
    "a user loses": (grant(roles="audit dev"), grant(),
                     ["alice: - dev ([grant g] old.conf:{1})"]),
    "under another grant it is the same": (grant("g"), grant("other"), []),
    "by two grants it is the same": (grant(), grant() + grant("h"), []),
    "the order of lists does not matter": (
        grant(roles="audit dev", more="from = 10.0.0.0/8 192.0.2.0/24\n"),
        grant(roles="dev audit", more="from = 192.0.2.0/24 10.0.0.0/8\n"), []),
    "one user for another": (grant(users="alice"), grant(users="bob"),
                             ["alice: - audit ([grant g] old.conf:{1})",
                              "bob: + audit ([grant g] new.conf:{1})"]),
    "a group": ("[grant g]\ngroups = a b\nroles = audit\n", "[grant g]\ngroups = b c\nroles = audit\n",
                ["group a: - audit ([grant g] old.conf:{1})",
                 "group c: + audit ([grant g] new.conf:{1})"]),
    "a principal": ("", "[grant g]\nprincipals = carol@partner.example\nroles = audit\n",
                    ["principal carol@partner.example: + audit ([grant g] new.conf:{1})"]),
    "a new role with a condition": (
        "", grant(more="until = 2027-03-31\n"),
        ["alice: + audit: until 2027-03-31 ([grant g] new.conf:{1})"]),
    "conditions change": (
        grant(more="from = 10.0.0.0/8\nuntil = 2026-12-31\n"),
        grant(more="services = sudo sshd\nhosts = b-*\nauth = publickey\nfrom = 10.0.0.0/8\n"
                   "hours = Mon-Fri 08:00-18:00 UTC\nsince = 2026-01-01\nuntil = 2027-03-31\n"
                   "detach = 12h\n"),
        ["alice: ~ audit: from 10.0.0.0/8, until 2026-12-31 -> services sshd sudo, hosts b-*, auth "
         "publickey, from 10.0.0.0/8, hours Mon-Fri 08:00-18:00 UTC, since 2026-01-01, until "
         "2027-03-31, detach 12h ([grant g] new.conf:{1})"]),
    "a condition goes": (grant(more="from = 10.0.0.0/8\n"), grant(),
                         ["alice: ~ audit: from 10.0.0.0/8 -> no conditions ([grant g] "
                          "new.conf:{1})"]),
    "a second way": (
        grant(more="from = 10.0.0.0/8\n"),
        grant(more="from = 10.0.0.0/8\n") + grant("h", more="hosts = x\n"),
        ["alice: ~ audit: from 10.0.0.0/8 -> from 10.0.0.0/8; or hosts x ([grant g] new.conf:{1})"]),
    "a second way beside an unconditional one": (grant(), grant() + grant("h", more="hosts = x\n"),
                                                 []),
    "a deny takes all": (
        grant(roles="audit dev"), grant(roles="audit dev") + "[deny d]\nusers = alice\n",
        ["alice: - audit ([deny d] new.conf:{4})", "alice: - dev ([deny d] new.conf:{4})",
         "alice: + deny everything ([deny d] new.conf:{4})"]),
    "a deny takes a role": (
        grant(roles="audit dev"),
        grant(roles="audit dev") + "[deny d]\nusers = alice\nroles = dev\n",
        ["alice: - dev ([deny d] new.conf:{4})", "alice: + deny role dev ([deny d] new.conf:{4})"]),
    "a deny takes an account": (
        grant(), grant() + "[deny d]\nusers = alice\naccounts = client-a\n",
        ["alice: - audit ([deny d] new.conf:{4})",
         "alice: + deny account client-a ([deny d] new.conf:{4})"]),
    "a deny is lifted": (
        grant() + "[deny d]\nusers = alice\n", grant(),
        ["alice: + audit ([grant g] new.conf:{1})",
         "alice: - deny everything ([deny d] old.conf:{4})"]),
    "a deny of a group that no grant names": (
        grant(), grant() + "[deny d]\ngroups = leavers\n",
        ["group leavers: + deny everything ([deny d] new.conf:{4})"]),
    "a deny of a principal's name under users": (
        "[grant g]\nprincipals = carol@p.example\nroles = audit\n",
        "[grant g]\nprincipals = carol@p.example\nroles = audit\n[deny d]\nusers = carol@p.example\n",
        ["carol@p.example: + deny everything ([deny d] new.conf:{4})",
         "principal carol@p.example: - audit ([deny d] new.conf:{4})"]),
    "what is denied under another name is the same": (
        "[deny d]\nusers = a\n", "[deny e]\nusers = a\n", []),
    "another default": (
        grant(roles="audit dev", more="default = audit\n"),
        grant(roles="audit dev", more="default = dev\n"),
        ["alice: ~ default: audit -> dev ([grant g] new.conf:{1})"]),
    "no default any more": (
        grant(roles="audit dev", more="default = audit\n"), grant(roles="audit dev"),
        ["alice: ~ default: audit -> none ([grant g] old.conf:{1})"]),
    "settings of a role": (
        "[role r]\naccount = client-a\nname = R\nduration = 1h\nexternal_id = 4711\ntags = a=b\n",
        "[role r]\naccount = client-a\nname = S\nduration = 90m\nexternal_id = 4712\n"
        "policy = a.json\nregion = us-east-1\ntransitive_tags = a\ntags = a=c\ndeliver = process\n"
        "source_identity = no\ndescription = d\nsession_name = x-%{{human}}\nmin_life = 20m\n"
        "policy_arns = arn:aws:iam::aws:policy/ReadOnlyAccess\n",
        ["role r: ~ arn: arn:aws:iam::111122223333:role/R -> arn:aws:iam::111122223333:role/S "
         "(new.conf:{1})",
         "role r: ~ description: unset -> d (new.conf:{1})",
         "role r: ~ external_id: changed (new.conf:{1})",
         "role r: ~ region: eu-west-1 -> us-east-1 (new.conf:{1})",
         "role r: ~ session_name: unset -> x-%{{human}} (new.conf:{1})",
         "role r: ~ policy: unset -> changed (new.conf:{1})",
         "role r: ~ policy_arns: unset -> arn:aws:iam::aws:policy/ReadOnlyAccess (new.conf:{1})",
         "role r: ~ tags: a=b -> a=c (new.conf:{1})",
         "role r: ~ transitive_tags: unset -> a (new.conf:{1})",
         "role r: ~ duration: 1h -> 90m (new.conf:{1})",
         "role r: ~ min_life: unset -> 20m (new.conf:{1})",
         "role r: ~ deliver: env -> process (new.conf:{1})",
         "role r: ~ source_identity: yes -> no (new.conf:{1})"]),
    "Unix groups": (
        "[account b]\nid = 444455556666\nunix_group = b\ngid = 5000\n",
        "[account b]\nid = 444455556666\nunix_group = c\ngid = 5001\n"
        "[role b]\naccount = b\nname = B\nunix_group = c\ngid = 5001\n",
        ["account b: ~ unix_group: b -> c (new.conf:{1})",
         "account b: ~ gid: 5000 -> 5001 (new.conf:{1})",
         "role b: + arn:aws:iam::444455556666:role/B (new.conf:{5})"]),
    "accounts and roles come and go": (
        "[account b]\nid = 444455556666\n[role b]\naccount = b\nname = B\n",
        "[account c]\nid = 444455556666\n[role c]\naccount = c\nname = C\n",
        ["account b: - 444455556666 (old.conf:{1})", "account c: + 444455556666 (new.conf:{1})",
         "role b: - arn:aws:iam::444455556666:role/B (old.conf:{3})",
         "role c: + arn:aws:iam::444455556666:role/C (new.conf:{3})"]),
    "patterns": (
        "[pattern p]\ngroups = aws-{{account}}-{{role}}\n"
        "[pattern q]\ngroups = q-{{account}}-{{role}}\n",
        "[pattern p]\ngroups = aws-{{account}}-{{role}}\nname = bastion/{{role}}\ncase = exact\n"
        "services = sudo\n",
        ["pattern p: ~ name: {{role}} -> bastion/{{role}} (new.conf:{1})",
         "pattern p: ~ case: fold -> exact (new.conf:{1})",
         "pattern p: ~ conditions: unset -> services sudo (new.conf:{1})",
         "pattern q: - q-{{account}}-{{role}} (old.conf:{3})"]),
}


@pytest.mark.parametrize("case", CASES, ids=[name.replace(" ", "-") for name in CASES])
def test_what_is_told(run, folder, case):
    old, new, lines = CASES[case]
    write(folder, "{}", "a.json")
    for name, more in (("old.conf", old), ("new.conf", new)):
        write(folder, BASE + more.replace("{{", "{").replace("}}", "}"), name)
    done = run("diff", "old.conf", "new.conf")
    # {N} is the Nth line behind BASE.
    lines = [re.sub(r"\{(\d)\}", lambda match: str(FIRST - 1 + int(match[1])), line)
             .replace("{{", "{").replace("}}", "}") for line in lines]
    assert done.stdout.splitlines() == lines
    assert (done.returncode, done.stderr) == (1 if lines else 0, "")
    # The other way round, what was gained is lost.
    back = run("diff", "new.conf", "old.conf").stdout
    assert sorted(line.split(" (")[0].split(":")[0] for line in back.splitlines()) \
        == sorted(line.split(" (")[0].split(":")[0] for line in lines)
    signs = [re.search(r": ([-+~])", line)[1] for line in back.splitlines()]
    assert (signs.count("+"), signs.count("-")) == \
        (sum(": - " in line for line in lines), sum(": + " in line for line in lines))


def test_settings_of_the_host(run, folder):
    write(folder, HEAD, "old.conf")
    write(folder, HEAD.replace("region = eu-west-1\n", "region = eu-west-1\nidentity = user\n"
                               "minimum_uid = 500\ntimeout = 3s\nsession_max = 12h\n")
          .replace("base.credentials", "other"), "new.conf")
    assert run("diff", "old.conf", "new.conf").stdout.splitlines() == [
        "section base: ~ file: /etc/xacct/base.credentials -> /etc/xacct/other (new.conf:7)",
        "section xacct: ~ identity: certificate loginuid user -> user (new.conf:1)",
        "section xacct: ~ minimum_uid: 1000 -> 500 (new.conf:1)",
        "section xacct: ~ timeout: unset -> 3000 ms (new.conf:1)",
        "section xacct: ~ session_max: unset -> 12h (new.conf:1)"]


def test_how_the_host_reaches_aws(run, folder):
    write(folder, HEAD, "old.conf")
    write(folder, HEAD.replace("region = eu-west-1\n", "region = eu-west-1\nfips = yes\n"
                               "proxy = http://user:SECRET@proxy.example:3128\n"), "new.conf")
    assert run("diff", "old.conf", "new.conf").stdout.splitlines() == [
        "section xacct: ~ fips: no -> yes (new.conf:1)",
        "section xacct: ~ proxy: unset -> changed (new.conf:1)"]
    assert run("diff", "new.conf", "old.conf").stdout.splitlines() == [
        "section xacct: ~ fips: yes -> no (old.conf:1)",
        "section xacct: ~ proxy: unset (old.conf:1)"]


def test_bases_and_who_uses_them(run, folder):
    more = "[base cn]\nsource = imds\nregion = cn-north-1\n[base b]\nsource = file\nfile = /b\n"
    write(folder, HEAD + more, "old.conf")
    write(folder, HEAD + "base = b\nsts_region = eu-west-2 eu-west-1\n"
          + more.replace("source = imds", "source = process\ncommand = /opt/get cn")
          + "successor = s\n[base s]\nsource = imds\n", "new.conf")
    assert run("diff", "old.conf", "new.conf").stdout.splitlines() == [
        "role audit: ~ sts_region: eu-west-1 -> eu-west-2 eu-west-1 (new.conf:8)",
        "role audit: ~ base: [base] -> b (new.conf:8)",
        f"base b: ~ successor: unset -> s (new.conf:{LINES + 7})",
        f"base cn: ~ source: imds -> process (new.conf:{LINES + 3})",
        f"base cn: ~ command: unset -> /opt/get cn (new.conf:{LINES + 3})",
        f"base s: + imds (new.conf:{LINES + 11})"]


def test_authorities(run, folder, tmp_path):
    keys = []
    for name in ("one", "two"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f",
                        tmp_path / name], check=True)
        keys.append((tmp_path / f"{name}.pub").read_text().strip())
    write(folder, HEAD + f"[ca p]\nkey = {keys[0]}\nnames = *@a.example\n", "old.conf")
    write(folder, HEAD + f"[ca p]\nkey = {keys[1]}\nnames = *@b.example\nidentity = principal\n"
                         f"[ca q]\nkey = {keys[0]}\nnames = *@a.example\n", "new.conf")
    assert run("diff", "old.conf", "new.conf").stdout.splitlines() == [
        f"ca p: ~ key: changed (new.conf:{LINES + 1})",
        f"ca p: ~ identity: key-id -> principal (new.conf:{LINES + 1})",
        f"ca p: ~ names: *@a.example -> *@b.example (new.conf:{LINES + 1})",
        f"ca q: + *@a.example (new.conf:{LINES + 5})"]


def test_session_policies_are_compared_by_what_they_say(run, folder):
    for name, document in (("old", "{}"), ("new", '{"a": 1}'), ("same", "{}")):
        write(folder, HEAD + "policy = a.json\n", f"{name}/x.conf")
        write(folder, document, f"{name}/a.json")
    assert run("diff", "old/x.conf", "same/x.conf").returncode == 0
    assert run("diff", "old/x.conf", "new/x.conf").stdout == \
        "role audit: ~ policy: changed (new/x.conf:8)\n"


def test_fragments_are_read_with_each(run, folder):
    for name, users in (("old", "alice"), ("new", "bob")):
        write(folder, HEAD, f"{name}/x.conf")
        (folder / name / "conf.d").mkdir()
        write(folder / name, grant(users=users), "conf.d/10.conf")
    assert run("diff", "old/x.conf", "new/x.conf").stdout.splitlines() == [
        "alice: - audit ([grant g] old/conf.d/10.conf:1)",
        "bob: + audit ([grant g] new/conf.d/10.conf:1)"]


def test_json(run, folder):
    write(folder, BASE + grant(), "old.conf")
    write(folder, BASE + grant(users='alice "bob \u00fc"', more="until = 2027-03-31\n"), "new.conf")
    done = run("diff", "old.conf", "new.conf", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == [
        {"change": "~", "kind": "user", "name": "alice", "what": "audit", "old": "no conditions",
         "new": "until 2027-03-31", "rule": "grant g", "file": "new.conf", "line": FIRST},
        {"change": "+", "kind": "user", "name": "bob \u00fc", "what": "audit", "old": None,
         "new": "until 2027-03-31", "rule": "grant g", "file": "new.conf", "line": FIRST}]
    done = run("diff", "old.conf", "old.conf", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_errors_of_both_are_told(run, folder):
    write(folder, HEAD + "[nonsense]\n", "old.conf")
    write(folder, HEAD + grant(roles="nothing"), "new.conf")
    done = run("diff", "old.conf", "new.conf")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.findall(r"^(\S+:\d+): error: ", done.stderr, re.MULTILINE) == [
        f"old.conf:{LINES + 1}", f"new.conf:{LINES + 3}"]
    assert run("diff", "missing", "old.conf").returncode == 2


def random_policy(source, accounts=2, roles=4, people=4):
    text = "[xacct]\nregion = eu-west-1\n[base]\nsource = file\nfile = /b\n"
    for i in range(accounts):
        text += f"[account a{i}]\nid = {100000000000 + i}\n"
    for i in range(roles):
        text += f"[role r{i}]\naccount = a{i % accounts}\nname = R{i}\n"

    def some(letter, most):
        return " ".join(f"{letter}{i}" for i in sorted(source.sample(range(most),
                                                                     source.randint(1, 2))))
    for i in range(source.randint(0, 4)):
        text += f"[grant g{i}]\nusers = {some('u', people)}\nroles = {some('r', roles)}\n"
    for i in range(source.randint(0, 2)):
        text += f"[deny d{i}]\nusers = {some('u', people)}\n"
        text += source.choice(["", f"roles = {some('r', roles)}\n", f"accounts = {some('a', accounts)}\n"])
    return text


@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_with_explain(run, folder, seed):
    source = random.Random(seed)
    names = ["old.conf", "new.conf"]
    for name in names:
        write(folder, random_policy(source), name)
    changes = json.loads(run("diff", *names, "--json").stdout)
    for user in ("u0", "u1", "u2", "u3"):
        roles = []
        for name in names:
            answer = json.loads(run("explain", user, "--config", name, "--groups", ",",
                                    "--json").stdout)
            roles.append({role["name"] for role in answer["roles"] if role["permitted"]})
        told = {sign: {change["what"] for change in changes
                       if change["kind"] == "user" and change["name"] == user
                       and change["change"] == sign and not change["what"].startswith("deny ")}
                for sign in "+-"}
        assert told == {"+": roles[1] - roles[0], "-": roles[0] - roles[1]}


def test_ten_thousand_grants_are_quick(run, folder):
    source = random.Random(1)
    text = HEAD + "".join(f"[role r{i}]\naccount = client-a\nname = R{i}\n" for i in range(5000))
    grants = [grant(f"g{i}", f"u{source.randrange(3000)} u{source.randrange(3000, 6000)}",
                    f"r{i % 5000} r{(i * 7 + 1) % 5000}") for i in range(10000)]
    write(folder, text + "".join(grants), "old.conf")
    grants[77] = grant("g77", "u1", "r1 r2", "hosts = x\n")
    write(folder, text + "".join(reversed(grants)), "new.conf")
    begun = time.monotonic()
    done = run("diff", "old.conf", "new.conf")
    assert time.monotonic() - begun < 10
    assert done.returncode == 1
    assert 2 <= len(done.stdout.splitlines()) <= 10


@BOTH
def test_nothing_hostile_gets_through(run, folder):
    names = '"\u202ea" "\x9b2J" ' + "d" * 100
    write(folder, BASE, "old.conf")
    write(folder, BASE + f"[grant g]\nusers = {names}\nroles = audit\n"
          f"[deny d]\ngroups = {names}\n", "new.conf")
    for words in (["old.conf", "new.conf"], ["new.conf", "old.conf"], ["new.conf", "new.conf"]):
        done = run("diff", *words)
        assert "Sanitizer" not in done.stderr
        assert re.fullmatch(r"[ -~\n]*", done.stdout + done.stderr)
        assert done.returncode == (words[0] != words[1]), done.stderr
    for seed in range(10):
        source = random.Random(seed)
        for name in ("old.conf", "new.conf"):
            write(folder, random_policy(source), name)
        done = run("diff", "old.conf", "new.conf")
        assert done.returncode in (0, 1) and done.stderr == ""
