"""Text for shells: what a real shell makes of it is what the service sent.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import subprocess

import pytest

from conftest import BOTH, BY_KEYS, BY_PROCESS, FAMILY, KEPT, OURS, SERVED, environment

SHELLS = {
    "sh": ["sh", "-c", 'eval "$("$@")"; exec env -0', "sh"],
    "bash": ["bash", "--norc", "-c", 'eval "$("$@")"; exec env -0', "bash"],
    "bash, strict": ["bash", "--norc", "-euc", 'eval "$("$@")"; exec env -0', "bash"],
    "bash, one line": ["bash", "--norc", "-c", 'eval $("$@"); exec env -0', "bash"],
    "zsh": ["zsh", "-f", "-c", 'eval "$("$@")"; exec env -0', "zsh"],
    "zsh, rcquotes": ["zsh", "-f", "-o", "rcquotes", "-c", 'eval "$("$@")"; exec env -0', "zsh"],
    "fish": ["fish", "--no-config", "-c", '$argv | source; exec env -0'],
}

VALUES = {
    "quotes": """it's "so" '' ' \\' '''""",
    "substitution": "$(touch /mnt/command/touched) `touch /mnt/command/touched` ${HOME} $HOME",
    "statement": "a; touch /mnt/command/touched & | > /mnt/command/touched",
    "blanks": "  two  blanks ",
    "one line": "plain",
    "utf8": "Größe 日本語 😀",
    "backslashes": "\\ \\\\ \\n \\' end\\",
    "wild": "* ? [a-z] ~ {a,b} !x #y %self ^z =ls (t)",
    "dashes": "-n --help",
    "token": "IQoJb3JpZ2luX2VjE+/w==",
}


def in_shell(command, shell, *words, env=None):
    dialect = "fish" if shell == "fish" else "sh"
    done = subprocess.run([*SHELLS[shell], *command.argv(*words, "--shell", dialect)],
                          capture_output=True, env=command.environment(env), timeout=60, check=False,
                          cwd=command.folder)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    return dict(pair.split("=", 1) for pair in done.stdout.decode().split("\0") if pair)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_every_byte_and_runs_none(command, service, shell, value):
    if shell == "bash, one line" and value != "one line":
        value = "token"  # unquoted, a shell takes blanks apart before eval sees them
    sent = [f"{name}={VALUES[value]}" for name in
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "XACCT_ROLE")]
    service.answers["assume"] = [[*SERVED, *sent]]
    found = in_shell(command, shell, "env", "r")
    assert {name: found.get(name) for name in environment(sent)} == environment(sent)
    assert not (command.folder.parent / "touched").exists()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("words", [["env", "r"], ["switch", "r"], ["drop"]])
@pytest.mark.parametrize("reply", [BY_KEYS, BY_PROCESS], ids=["keys", "process"])
def test_of_the_old_role_nothing_is_left(command, service, shell, words, reply):
    service.answers["assume"] = [reply]
    old = {name: f"old {name}" for name in FAMILY}
    found = in_shell(command, shell, *words, env={**old, **KEPT})
    expected = {**KEPT, **(environment(reply) if words != ["drop"] else {})}
    assert {name: value for name, value in found.items()
            if name.startswith(("AWS_", "XACCT_"))} == expected


@pytest.mark.parametrize("shell", SHELLS)
def test_from_process_to_keys_our_file_is_no_longer_named(command, service, shell):
    found = in_shell(command, shell, "env", "r", env={"AWS_SHARED_CREDENTIALS_FILE": OURS})
    assert "AWS_SHARED_CREDENTIALS_FILE" not in found


def test_fish_succeeds_whatever_was_set_before(command, service):
    done = subprocess.run(["fish", "--no-config", "-c", "$argv | source; exit $status",
                           *command.argv("drop", "--shell", "fish")],
                          env=command.environment({}), timeout=60, check=False)
    assert done.returncode == 0


@BOTH
@pytest.mark.parametrize("value", VALUES)
def test_json_holds_what_was_sent(command, service, value):
    sent = [f"XACCT_ROLE={VALUES[value]}", "AWS_REGION=eu-west-1"]
    service.answers["assume"] = [[*SERVED, *sent]]
    done = command("env", "r", "--shell", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == environment(sent)


def test_a_dotenv_file_has_plain_values_plain(command, service):
    """docker --env-file takes quotes for a part of the value."""
    done = command("env", "r", "--shell", "dotenv")
    assert done.returncode == 0
    assert dict(line.split("=", 1) for line in done.stdout.splitlines()) == environment(BY_KEYS)


@pytest.mark.parametrize("value, line", [("a b", "XACCT_ROLE='a b'\n"), ("$(x)", "XACCT_ROLE='$(x)'\n")])
def test_a_dotenv_file_quotes_the_rest(command, service, value, line):
    service.answers["assume"] = [[*SERVED, f"XACCT_ROLE={value}"]]
    assert command("env", "r", "--shell", "dotenv").stdout == line


def test_a_dotenv_file_with_a_quote_in_a_value_is_refused(command, service):
    service.answers["assume"] = [[*SERVED, "XACCT_ROLE=it's"]]
    assert "--shell json" in command.fails("env", "r", "--shell", "dotenv")


@pytest.mark.parametrize("words", [["env", "r", "--shell", "csh"], ["switch", "r", "--shell", "csh"],
                                   ["switch", "r", "--shell", "json"], ["drop", "--shell", "dotenv"]])
def test_a_shell_that_cannot_be_is_told_before_anything_is_asked(command, service, words):
    assert "--shell" in command.fails(*words, status=2)
    assert service.requests == []
