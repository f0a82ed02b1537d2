"""What is said at the prompt of the end of the role itself: a quarter of an hour before, and when it
has come.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import re
import time
import zoneinfo

import pytest

from rig.policy import instant
from rig.processes import wait_until

from .conftest import BASH, EVERY_NAME, FISH, PROMPT, ZSH, role
from .prompts import ENDS, OPTIONS, prompt_again, renewals, said

BERLIN = {"TZ": "Europe/Berlin"}
ENDED = r"xacct: role (\S+) ended at (.*): xacct status says whether it is yours again$"
GONE = r"xacct: gone$"


def until(left, name="dev"):
    """A role that is delivered by process and ends in so many seconds."""
    return {"XACCT_ROLE": name, "XACCT_UNTIL": instant(left)}


def in_berlin(env):
    then = datetime.datetime.fromisoformat(env["XACCT_UNTIL"].replace("Z", "+00:00"))
    return then.astimezone(zoneinfo.ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%d %H:%M %Z")


def wait_for_end(env):
    wait_until(lambda: instant(0) >= env["XACCT_UNTIL"], 20, "the end of the role")


@pytest.mark.parametrize("left, shown", [(899, "14 min"), (130, "2 min"), (50, "[45]. s")])
def test_an_end_that_comes_is_said_once_with_role_and_local_time(shop, left, shown):
    env = until(left)
    pane = shop.open(env=env | BERLIN)
    prompt_again(pane)
    ((name, when, rest),) = said(pane, ENDS)
    assert (name, when) == ("dev", in_berlin(env))
    assert re.fullmatch(shown, rest)
    assert said(pane, "xacct:") == ["xacct:"]


def test_nothing_is_said_until_a_quarter_of_an_hour_is_left(shop):
    env = until(906)
    begin = time.time() + 5
    pane = shop.open(env=env)

    def warned():
        pane.enter()
        return said(pane, ENDS)

    pane.ask("done")
    assert not said(pane, "xacct:") or time.time() > begin
    wait_until(warned, 20, "the warning")
    assert time.time() > begin
    prompt_again(pane)
    assert len(said(pane, ENDS)) == 1


def test_the_end_is_said_once_when_it_has_come(shop):
    env = until(6)
    pane = shop.open(env=env | BERLIN)
    prompt_again(pane)
    assert len(said(pane, ENDS)) == 1
    assert not said(pane, ENDED)
    wait_for_end(env)
    prompt_again(pane)
    assert said(pane, ENDED) == [("dev", in_berlin(env))]
    assert len(said(pane, "xacct:")) == 2


def test_a_shell_that_begins_after_the_end_is_told_that_alone(shop):
    env = until(-86400)
    pane = shop.open(env=env | BERLIN)
    prompt_again(pane)
    assert said(pane, ENDED) == [("dev", in_berlin(env))]
    assert len(said(pane, "xacct:")) == 1


def test_an_end_that_moves_is_said_anew_and_the_same_again_is_not(shop):
    first, same = until(890), role("dev", 3600)
    pane = shop.open(env=first)
    shop.answer("switch", shop.dialect.text(same | first, EVERY_NAME))
    pane.enter("xacct switch dev")
    prompt_again(pane)
    assert len(said(pane, ENDS)) == 1
    for end in (until(600), until(500, "audit")):
        shop.answer("switch", shop.dialect.text(role("any", 3600) | end, EVERY_NAME))
        pane.enter("xacct switch any")
        prompt_again(pane)
    assert [name for name, _, _ in said(pane, ENDS)] == ["dev", "dev", "audit"]
    shop.answer("switch", shop.dialect.text(role("dev", 3600), (*EVERY_NAME, "XACCT_UNTIL")))
    pane.enter("xacct switch dev")
    prompt_again(pane)
    assert len(said(pane, "xacct:")) == 3


def test_a_renewal_that_moves_the_end_is_in_time(shop):
    """What is said is the end that the renewal brought."""
    shop.answer("env", shop.dialect.text(role("dev", 3600) | until(3600)))
    pane = shop.open(env=role("dev", 200) | until(200))
    prompt_again(pane)
    assert renewals(shop) == 1
    assert not said(pane, "xacct:")


ODD = ["", "soon", "2020-01-01T00:00:00+00:00", "2020-1-1T0:0:0Z", "dddd-dd-ddTdd:dd:ddZ",
       "2020-13-01T00:00:00Z", "2020-01-32T00:00:00Z", "2020-01-01T24:00:00Z",
       "2020-01-01T00:00:60Z", "2020-01-01T00:00:00Z "]


def test_without_a_role_or_an_end_nothing_is_said(shop):
    for env in [{"XACCT_UNTIL": instant(100)}, {"XACCT_ROLE": "dev"}] + [
        {"XACCT_ROLE": "dev", "XACCT_UNTIL": odd} for odd in ODD
    ]:
        pane = shop.open(env=env)
        prompt_again(pane)
        assert not said(pane, "xacct|math|error"), env


def test_a_shell_without_a_prompt_says_nothing(shop):
    for left in (100, -100):
        assert shop.run("echo done", env=until(left)) == "done\n"


def test_a_renewal_that_fails_as_the_role_ends_is_not_said_beside_it(shop):
    shop.answer("env", status=1, says="xacct: gone\n")
    env = role("dev", 6) | until(6)
    pane = shop.open(env=env)
    prompt_again(pane)
    wait_for_end(env)
    pane.enter(shop.dialect.a_minute_passes)
    prompt_again(pane)
    assert renewals(shop) == 2
    assert (len(said(pane, ENDS)), len(said(pane, ENDED))) == (1, 1)
    assert not said(pane, GONE)


def test_credentials_that_end_before_the_role_are_said_to_have_ended(shop):
    shop.answer("env", status=1, says="xacct: gone\n")
    pane = shop.open(env=role("dev", -1) | until(600))
    prompt_again(pane)
    assert (len(said(pane, ENDS)), len(said(pane, GONE))) == (1, 1)


def test_a_renewal_that_fails_long_before_the_role_ends_is_said(shop):
    shop.answer("env", status=1, says="xacct: gone\n")
    pane = shop.open(env=role("dev", 200) | until(1000))
    prompt_again(pane)
    assert (len(said(pane, ENDS)), len(said(pane, GONE))) == (0, 1)


def test_the_status_of_the_last_command_is_kept(shop):
    pane = shop.open()
    put = "set -gx {} {}" if shop.dialect == FISH else "export {}={}"
    pane.enter("; ".join(put.format(*pair) for pair in until(100).items()) + "; sh -c 'exit 7'")
    pane.wait_for(ENDS)
    pane.wait_for_prompt(PROMPT)
    assert pane.ask(shop.dialect.status) == "7"


@pytest.mark.parametrize("shop", [BASH, ZSH], ids=str, indirect=True)
def test_it_is_said_under_any_option_of_the_shell(shop):
    for option in OPTIONS[shop.dialect.name]:
        env = until(5)
        pane = shop.open(after=option, env=env | BERLIN)
        wait_for_end(env)
        prompt_again(pane)
        assert [when for _, when, _ in said(pane, ENDS)] == [in_berlin(env)], option
        assert said(pane, ENDED) == [("dev", in_berlin(env))], option
        assert len(said(pane, "error|warning|unbound|not set|xacct:")) == 2, option
