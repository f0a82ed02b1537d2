"""Help, and command lines that are wrong.

SPDX-License-Identifier: BSD-2-Clause
"""

import pathlib
import re

import pytest

USERS, ADMINS = (re.findall(r'\.name = "(\w+)"', pathlib.Path(f"xacct/{file}.c").read_text())
                 for file in ("main", "admin_commands"))
SHOWN = [name for name in USERS + ADMINS if name != "complete"]


def test_the_tables_were_found():
    assert (len(USERS), len(ADMINS)) == (12, 10)


def test_help_names_every_command(command):
    done = command("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^  ([a-z]+) ", done.stdout, re.MULTILINE) == SHOWN
    assert "Example: " in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


@pytest.mark.parametrize("name", SHOWN)
def test_help_of_a_command_has_its_options_and_an_example(command, name):
    done = command(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: xacct {name}")
    example = re.search(r"\nExample: (.*)\n$", done.stdout)
    assert f"xacct {name}" in example[1]
    for option in command("complete", name, "-").stdout.split():
        assert re.search(rf"^  {option} .*\w", done.stdout, re.MULTILINE)
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


@pytest.mark.parametrize("name", SHOWN)
def test_an_option_that_is_none_is_told_with_where_to_look(command, name):
    status = {"exec": 125, "credentials": 1}.get(name, 2)
    for option in ("--nonsense", "-x", "--jso"):
        line = command.fails(name, option, status=status)
        assert f"there is no option {option}: see xacct {name} --help" in line


@pytest.mark.parametrize("words, said", [
    ([], "which command? See xacct --help"),
    (["nonsense"], "there is no command nonsense: see xacct --help"),
    (["--nonsense"], "there is no option --nonsense: see xacct --help"),
    (["a\x1b[2J"], r"there is no command a\x1b[2J"),
    (["list", "more"], "nothing to do with more"),
    (["list", "--json", "--json"], "given twice: --json"),
    (["list", "--json=yes"], "no value to --json"),
    (["env", "--shell"], "a value is missing behind --shell"),
    (["env", "--shell="], "a value is missing behind --shell"),
    (["env", "--purpose", "x", "r"], "--purpose x"),
    (["env", "--min-life", "9999h", "r"], "--min-life 9999h"),
    (["env", ""], "an empty word"),
    (["switch", "a", "b"], "nothing to do with b"),
    (["init"], "it needs bash|zsh|fish"),
    (["diff", "a"], "it needs OLD NEW"),
    (["diff", "a", "b", "c"], "nothing to do with c"),
    (["explain"], "it needs USER"),
    (["explain", "--config"], "a value is missing behind --config"),
    (["check", "--strict=yes"], "no value to --strict"),
])
def test_a_wrong_command_line_is_told_in_one_line(command, words, said):
    assert said in command.fails(*words, status=2)


def test_a_name_that_begins_with_a_dash_stands_behind_two(command, service):
    command("env", "--", "-r")
    assert service.requests[0]["role"] == "-r"


def test_version(command):
    assert re.fullmatch(r"xacct \d+\.\d+\n", command("--version").stdout)


@pytest.mark.parametrize("name, words", [
    ("check", []), ("diff", ["a", "b"]), ("explain", ["alice", "--json", "--at", "2027-03-31"]),
    ("doctor", ["--only", "pam"]), ("report", ["--by", "user"])])
def test_what_is_not_installed_is_told(command, name, words):
    program = pathlib.Path("/usr/libexec/xacct-admin")
    elsewhere = program.rename("/usr/libexec/xacct-admin.away")
    try:
        line = command.fails(name, *words, status=2)
    finally:
        elsewhere.rename(program)
    assert f"{name}: {program} cannot be run: No such file or directory" in line
    assert "make install" in line
