"""What the program's file says about itself.

SPDX-License-Identifier: BSD-2-Clause
"""

import re
import subprocess

import pytest

from conftest import BUILD


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_only_libc_is_needed():
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]",
                        output("readelf", "--wide", "--dynamic", BUILD / "xacct"))
    assert needed == ["libc.so.6"]


def test_it_asks_no_directory():
    lines = output("readelf", "--wide", "--dyn-syms", BUILD / "xacct")
    used = set(re.findall(r"UND (\w+)", lines))
    assert "connect" in used
    asking = re.compile(r"(get|set|end)(pw|gr|sp)|getaddrinfo|wordexp")
    assert [name for name in used if asking.match(name)] == []


@pytest.mark.parametrize("fact", ["BIND_NOW", "GNU_RELRO", "PIE"])
def test_it_is_hardened(fact):
    assert fact in output("readelf", "--wide", "--dynamic", "--program-headers", BUILD / "xacct")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_init_prints_the_integration_as_it_is_in_the_tree(command, shell):
    done = command("init", shell)
    with open(f"xacct/shell/init.{shell}", encoding="utf-8") as file:
        assert (done.returncode, done.stdout, done.stderr) == (0, file.read(), "")


def test_init_for_another_shell_says_which_there_are(command):
    assert "bash, zsh or fish" in command.fails("init", "tcsh", status=2)
