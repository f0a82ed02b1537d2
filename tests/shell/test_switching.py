"""`xacct` as a shell's function: what changes the shell, and what only prints.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from .conftest import BASH, EVERY_NAME, PROMPT, ZSH, role


def held(pane):
    """The role and the key of the shell in this terminal."""
    return pane.ask("$XACCT_ROLE/$AWS_ACCESS_KEY_ID")


def test_switch_changes_the_shell_and_drop_leaves_nothing(shop):
    shop.answer_role("switch", "dev", 3600)
    shop.answer("drop", shop.dialect.removes.format(" ".join(EVERY_NAME)) + "\n")
    pane = shop.open(env=role("audit", 3600, key="ASIAOLD"))
    pane.enter("xacct switch dev")
    assert held(pane) == "dev/ASIAONE"
    pane.enter("env | grep -c ASIAONE")
    pane.wait_for("^1$")
    pane.enter("xacct drop")
    assert held(pane) == "/"
    form = shop.dialect.form
    assert shop.calls("switch", "drop") == [f"switch --shell {form} dev", f"drop --shell {form}"]


def test_options_before_and_behind_the_subcommand_are_passed_on(shop):
    shop.answer_role("switch", "dev", 3600)
    pane = shop.open()
    pane.enter("xacct switch --fresh --min-life 20m 'a role'")
    assert held(pane) == "dev/ASIAONE"
    assert shop.calls("switch") == [
        f"switch --shell {shop.dialect.form} --fresh --min-life 20m a role"
    ]
    pane.enter("xacct --socket /run/other switch")
    pane.ask("done")
    assert shop.calls("--socket") == [f"--socket /run/other switch --shell {shop.dialect.form}"]


def test_what_fails_changes_nothing_and_keeps_its_status(shop):
    shop.answer("switch", shop.dialect.text(role("dev", 3600)), status=3, says="xacct: no\n")
    pane = shop.open(env=role("audit", 3600, key="ASIAOLD"))
    pane.enter("xacct switch dev")
    pane.wait_for("^xacct: no$")
    assert pane.ask(shop.dialect.status) == "3"
    assert held(pane) == "audit/ASIAOLD"


def test_a_switch_that_is_interrupted_changes_nothing(shop):
    shop.answer(
        "switch", shop.dialect.text(role("dev", 3600)), says="Which role?\n", hangs=True
    )
    pane = shop.open(env=role("audit", 3600, key="ASIAOLD"))
    pane.enter("xacct switch")
    pane.wait_for(r"^Which role\?$")
    pane.press("C-c")
    pane.wait_for_prompt(PROMPT)
    assert pane.ask(shop.dialect.status) != "0"
    assert held(pane) == "audit/ASIAOLD"


@pytest.mark.parametrize(
    "arguments",
    ["switch --help", "switch --shell json dev", "switch --shell=sh dev", "drop --help", "env dev"],
)
def test_what_is_to_be_read_is_printed_and_not_run(shop, arguments):
    subcommand = arguments.split()[0]
    shop.answer(subcommand, shop.dialect.text({"XACCT_ROLE": "evaluated"}), status=0)
    pane = shop.open()
    pane.enter(f"xacct {arguments}")
    assert pane.ask("$XACCT_ROLE") == ""
    assert shop.calls(subcommand) == [arguments]


@pytest.mark.parametrize("status", [0, 1, 127])
def test_everything_else_is_the_commands(shop, status):
    shop.answer("exec", "the output\n", status=status)
    pane = shop.open()
    pane.enter("xacct exec dev -- printf '%s|' 'a  b' ''")
    pane.wait_for("^the output$")
    assert pane.ask(shop.dialect.status) == str(status)
    assert shop.calls("exec") == ["exec dev -- printf %s| a  b "]


@pytest.mark.parametrize("shop", [BASH, ZSH], ids=str, indirect=True)
def test_no_secret_is_traced(shop):
    shop.answer_role("switch", "dev", 3600)
    shop.answer_role("env", "dev", 3600, key="ASIATWO")
    pane = shop.open()
    pane.enter("set -x")
    pane.enter("xacct switch dev")
    pane.enter(shop.dialect.a_minute_passes)
    assert held(pane) == "dev/ASIATWO"
    assert "secret/" not in pane.screen()
