"""TAB.

SPDX-License-Identifier: BSD-2-Clause
"""

import re

import pytest

from rig.processes import wait_until

from .conftest import COMPINIT, PROMPT, ZSH

WORDS = "switch\nstatus\nclient-a-audit\nclient-a-dev\nclient-b-dev\na=b@c,d+e\nx.y_z@w\n--fresh\n"


def completed(pane, typed, keys=("Tab",)):
    """The line that is there once `typed` was completed."""
    line = rf"^{PROMPT} (.*)$"
    before = len(re.findall(line, pane.screen(), re.MULTILINE))
    pane.type(typed)
    pane.wait_for(rf"^{PROMPT} {re.escape(typed)}")
    pane.press(*keys)
    return wait_until(
        lambda: [
            text.rstrip()
            for text in re.findall(line, pane.screen(), re.MULTILINE)[max(0, before - 1) :]
            if text.rstrip() != typed.rstrip() and text.startswith("xacct")
        ],
        10,
        f"the completion of {typed}",
    )[-1]


@pytest.mark.parametrize(
    "typed, line",
    [
        ("xacct sw", "xacct switch"),
        ("xacct switch client-b", "xacct switch client-b-dev"),
        ("xacct switch cli", "xacct switch client-"),
        ("xacct exec client-a-a", "xacct exec client-a-audit"),
        ("xacct credentials --role client-b", "xacct credentials --role client-b-dev"),
        ("xacct credentials --role=client-b", "xacct credentials --role=client-b-dev"),
        ("xacct switch a", "xacct switch a=b@c,d+e"),
        ("xacct switch a=b@c", "xacct switch a=b@c,d+e"),
        ("xacct switch x.y_z@", "xacct switch x.y_z@w"),
        ("xacct switch --fr", "xacct switch --fresh"),
        ("xacct env --shell js", "xacct env --shell json"),
        ("xacct env --shell=dot", "xacct env --shell=dotenv"),
        ("xacct init fi", "xacct init fish"),
        ("xacct --socket /run/other sw", "xacct --socket /run/other switch"),
        ("xacct exec dev -- whoa", "xacct exec dev -- whoami"),
        ("xacct exec dev -- cat /etc/hostn", "xacct exec dev -- cat /etc/hostname"),
    ],
)
def test_words_complete(shop, typed, line):
    shop.answer("complete", WORDS)
    pane = shop.open(before=COMPINIT[shop.dialect.name])
    found = completed(pane, typed)
    # What a shell quotes is the same word to it.
    assert found.replace("\\", "").startswith(line)
    pane.press("C-c")


def test_several_roles_are_shown(shop):
    shop.answer("complete", WORDS)
    pane = shop.open(before=COMPINIT[shop.dialect.name])
    pane.type("xacct switch client-a-")
    pane.press("Tab", "Tab")
    pane.wait_for(r"client-a-audit\b.*\bclient-a-dev", flags=re.DOTALL)


@pytest.mark.parametrize("shop", [ZSH], ids=str, indirect=True)
def test_it_completes_once_compinit_was_run(shop):
    shop.answer("complete", WORDS)
    pane = shop.open()
    pane.enter(COMPINIT["zsh"])
    pane.wait_for_prompt(PROMPT)
    assert completed(pane, "xacct switch client-b").startswith("xacct switch client-b-dev")


def test_a_command_that_fails_offers_nothing_and_says_nothing(shop):
    shop.answer("complete", "", status=1, says="xacct: gone\n")
    pane = shop.open(before=COMPINIT[shop.dialect.name])
    pane.type("xacct switch cl")
    pane.press("Tab")
    pane.press("C-a", "C-k")
    pane.ask("done")
    assert "gone" not in pane.screen()
