"""What the code takes is in the manual, and the manual has nothing that the code does not take.

The code itself is asked where it says what it takes: help texts, and the messages about what is unknown.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import pathlib
import re
import subprocess

import pytest

from . import pages

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))


def asked(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def same(described, taken):
    """Each once in the manual, and no others."""
    assert sorted(described) == sorted(set(described)), "described twice"
    assert {"not in the manual": sorted(set(taken) - set(described)),
            "in the manual alone": sorted(set(described) - set(taken))} == \
        {"not in the manual": [], "in the manual alone": []}


# The module


def test_the_options_of_the_module():
    # Its words about an option that is none, which it logs.
    found = re.findall(rb"\0(config= [a-z_= ]+)\0", (BUILD / "pam_xacct.so").read_bytes())
    assert len(found) == 1
    same(pages.items(pages.section("pam_xacct.8", "OPTIONS"), "Cm"),
         [option.rstrip("=") for option in found[0].decode().split()])


def test_whether_an_option_of_the_module_has_a_value():
    found = re.search(rb"\0(config= [a-z_= ]+)\0", (BUILD / "pam_xacct.so").read_bytes())[1].decode()
    for line in re.findall(r"^\.It Cm (.*)$", pages.section("pam_xacct.8", "OPTIONS"), re.MULTILINE):
        assert f" {line.split()[0]}= " in f" {found} " if " = " in line else f" {line} " in f" {found} "


def test_what_users_are_told_at_a_failed_login():
    report = pathlib.Path("pam_xacct/report.c").read_text(encoding="utf-8")
    told = set(re.findall(r'"((?:AWS|Your|No AWS) [^"]+)"', report))
    assert len(told) == 5
    shown = re.findall(r'^\.It "(.*) \(reference R\)\."$', pages.text("pam_xacct.8"), re.MULTILINE)
    same(shown, told)


# The programs


def test_the_options_of_the_helper():
    usage = asked(str(BUILD / "xacct-helper"), "--help")
    same(pages.items(pages.section("xacct-helper.8", "OPTIONS"), "Fl"),
         re.findall(r"^  -(-[a-z]+)", usage, re.MULTILINE))


def commands():
    return re.findall(r"^  ([a-z]+) ", asked("/usr/bin/xacct", "--help"), re.MULTILINE)


def test_the_commands():
    names = commands()
    assert len(names) > 10
    same(pages.synopses("xacct.1", "COMMANDS"), names)


def options(name):
    return re.findall(r"^  -(-[a-z-]+)", asked("/usr/bin/xacct", name, "--help"), re.MULTILINE)


def test_the_options_of_each_command():
    synopses = pages.synopses("xacct.1", "COMMANDS")
    taken = set()
    for name in commands():
        same(re.findall(r"Fl (-[a-z-]+)", synopses[name]), set(options(name)) - {"-help"})
        taken |= set(options(name))
    assert "-json" in taken
    same(pages.items(pages.section("xacct.1", "OPTIONS"), "Fl"), taken - {"-help"})


def test_the_examinations_of_the_doctor():
    names = re.findall(r"^  ([a-z]+)  ", asked("/usr/bin/xacct", "doctor", "--help"), re.MULTILINE)
    assert len(names) > 5
    same(pages.items(pages.section("xacct.1", "EXAMINATIONS"), "Cm"), names)


def test_the_metrics():
    table = pathlib.Path("xacct_admin/metric_families.c").read_text(encoding="utf-8")
    names = re.findall(r'^    \{"(xacct_[a-z_]+)"', table, re.MULTILINE)
    header = pathlib.Path("xacct_admin/metric_families.h").read_text(encoding="utf-8")
    names += re.findall(r'^#define METRIC_\w+ +"(xacct_[a-z_]+)"', header, re.MULTILINE)
    assert len(names) > 15
    same(pages.items(pages.section("xacct.1", "METRICS"), "Ic"), names)


def test_the_words_of_the_metrics():
    source = pathlib.Path("helper/metrics.c").read_text(encoding="utf-8")
    words = re.findall(r'"([a-z]+)"', re.search(r"metrics_services\[.*?;", source, re.DOTALL)[0])
    assert len(words) > 3
    for word in [*words, "login", "console", "memory", "other", "no-grant", "misconfigured"]:
        assert re.search(rf"^\.Ql {word}( |$)", pages.section("xacct.1", "METRICS"), re.MULTILINE), word


def test_the_options_before_a_command():
    usage = asked("/usr/bin/xacct", "--help")
    same(pages.items(pages.section("xacct.1", "DESCRIPTION"), "Fl"), re.findall(r"^  -(-[a-z]+)", usage, re.MULTILINE))


@pytest.mark.parametrize("document", ["docs/guide.md", "README.md"])
def test_the_commands_that_a_document_has_people_type(document):
    text = pathlib.Path(document).read_text(encoding="utf-8")
    blocks = r"```\w*\n(.*?)```"
    code = re.findall(blocks, text, re.DOTALL) + re.findall(r"`([^`]+)`", re.sub(blocks, "", text, flags=re.DOTALL))
    before = r"(?:^|[$#(\"=] ?|&& |bastion )"
    typed = [line for part in code for line in re.findall(rf"{before}xacct ([a-z]+\b.*)$", part, re.MULTILINE)]
    known = {name: set(options(name)) for name in commands()}
    assert len(typed) > 10
    for line in typed:
        name, *words = line.split(" -- ")[0].split(" #")[0].split()
        assert name in known, line
        assert {word.split("=")[0][1:] for word in words if word.startswith("--")} <= known[name] | {"-help"}, line


# The policy

SHARED = {"account": ["SETTINGS OF ROLES"], "role": ["SETTINGS OF ROLES"], "grant": ["CONDITIONS"],
          "pattern": ["SETTINGS OF ROLES", "CONDITIONS"]}
TITLES = {"xacct": "THE XACCT SECTION", **{
    kind: f"{kind.upper()} SECTIONS" for kind in ("base", "ca", "account", "role", "grant", "deny", "pattern")}}


def keys_known(kind, folder):
    """The keys that sections of this kind take, as the message about one that is unknown says."""
    name = kind if kind == "xacct" else f"{kind} x"
    path = folder / "xacct.conf"
    path.write_text(f"[{name}]\nnonsense = 1\n", encoding="ascii")
    found = re.search(r'unknown key "nonsense" in \[.*\]; known here are (.*)',
                      asked("/usr/bin/xacct", "check", "--config", str(path)))
    return found[1].split()


@pytest.mark.parametrize("kind", TITLES)
def test_the_keys_of_each_section(kind, tmp_path):
    described = [key for title in [TITLES[kind], *SHARED.get(kind, [])]
                 for key in pages.items(pages.section("xacct.conf.5", title), "Ic")]
    same(described, keys_known(kind, tmp_path))


def test_the_kinds_of_sections(tmp_path):
    path = tmp_path / "xacct.conf"
    path.write_text("[nonsense]\n", encoding="ascii")
    said = asked("/usr/bin/xacct", "check", "--config", str(path))
    same(TITLES, set(re.findall(r"\[(\w+)[\] ]", said.split("nonsense", 1)[1])) - {"nonsense"})
    titles = re.findall(r"^\.Sh (.*)$", pages.text("xacct.conf.5"), re.MULTILINE)
    assert set(TITLES.values()) == {title for title in titles if "SECTION" in title}


@pytest.mark.parametrize("key, said", [
    ("source = nonsense", r"write (.*)"),
    ("via = nonsense", r"write (.*)"),
    ("auth = nonsense", r"known are (.*)"),
    ("identity = nonsense", r"known are (.*)"),
    ("session_name = %{nonsense}", r"known are (.*)"),
])
def test_the_words_that_a_key_takes(key, said, tmp_path):
    name = {"source": "base x", "auth": "grant x", "identity": "xacct", "session_name": "xacct"}.get(
        key.split()[0], "account x")
    path = tmp_path / "xacct.conf"
    path.write_text(f"[{name}]\n{key}\n", encoding="ascii")
    done = asked("/usr/bin/xacct", "check", "--config", str(path))
    line = next(line for line in done.splitlines() if "nonsense" in line)
    words = [word.strip(" ,") for word in re.split(r",| or | and | ", re.search(said, line)[1]) if word.strip(" ,")]
    assert len(words) > 2
    for word in words:
        assert re.search(rf"^\.Ql {re.escape(word)}(\s|$)", pages.text("xacct.conf.5"), re.MULTILINE), word


# The audit file


def test_the_members_of_the_audit_file():
    source = pathlib.Path("helper/audit.c").read_text(encoding="utf-8")
    source = re.sub(r"json_pack\(\"[^\"]*\"", "json_pack(", source)
    members = re.findall(r'(?:\{|line, |json_pack\(, |event->event, |sizeof time_text, )"([a-z_]+)"', source)
    members += re.findall(r'"(\w+)", (?:event->event|instant_text_ms|AUDIT_VERSION)', source)
    same(pages.items(pages.section("xacct-audit.5", "MEMBERS"), "Ic"), members)


def test_the_events_of_the_audit_file():
    header = pathlib.Path("helper/audit.h").read_text(encoding="utf-8")
    same(pages.items(pages.section("xacct-audit.5", "EVENTS"), "Cm"),
         re.findall(r'^#define AUDIT_\w+\s+"(\w+)"', header, re.MULTILINE))


# Variables


def variables(*patterns, of=r'"([A-Z_]+)"'):
    """The names of variables in the literals of these files."""
    found = set()
    for pattern in patterns:
        for path in pathlib.Path(".").glob(pattern):
            found |= set(re.findall(of, path.read_text(encoding="utf-8")))
    return found


def test_the_variables_of_a_session():
    taken = {name for name in variables("pam_xacct/*.c", "common/wire.h") if re.match("(AWS|XACCT)_[A-Z]", name)}
    assert "XACCT_ROLE" in taken and "AWS_REGION" in taken
    source = pages.section("pam_xacct.8", "ENVIRONMENT")
    same(re.findall(r"\bEv ((?:AWS|XACCT)_[A-Z_]+)", source), taken)


def test_the_variables_of_the_command():
    taken = variables("xacct/*.c", of=r'"(XACCT_[A-Z_]+)"') | variables("xacct/shell/*", of=r"\b(XACCT_[A-Z_]+)")
    assert "XACCT_PROMPT" in taken
    same(pages.items(pages.section("xacct.1", "ENVIRONMENT"), "Ev"), taken)


def test_the_variables_of_the_helper():
    same(pages.items(pages.section("xacct-helper.8", "ENVIRONMENT"), "Ev"),
         variables("helper/*.c", of=r'getenv\("([A-Z_]+)"\)'))
