"""What happens before a prompt: renewal near the end of credentials, and otherwise nothing.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import re
import time

import pytest

from rig.policy import instant
from rig.processes import wait_until

from .conftest import BASH, EVERY_NAME, FISH, PROMPT, ZSH, role
from .prompts import OPTIONS, prompt_again, renewals


def held(pane):
    return pane.ask("$XACCT_ROLE/$AWS_ACCESS_KEY_ID")


@pytest.mark.parametrize("left", [301, 899, 3600, 43200])
def test_credentials_that_last_are_left_alone(shop, left):
    pane = shop.open(env=role("dev", left))
    prompt_again(pane)
    assert renewals(shop) == 0


@pytest.mark.parametrize("left", [299, 1, -1, -86400])
def test_credentials_near_their_end_are_renewed_once(shop, left):
    shop.answer_role("env", "dev", 3600, key="ASIATWO")
    pane = shop.open(env=role("dev", left))
    assert held(pane) == "dev/ASIATWO"
    prompt_again(pane)
    assert renewals(shop) == 1


@pytest.mark.parametrize(
    "lived, left", [(900, 300), (1800, 600), (3600, 900), (43200, 900), (600, 200)]
)
def test_renewal_is_due_in_the_last_third_and_not_before_the_last_quarter_hour(shop, lived, left):
    if shop.dialect == FISH:
        lines = ["__xacct_plan (__xacct_now) renewed", 'math "$__xacct_end - $__xacct_renew_at"']
    elif shop.dialect == ZSH:
        lines = ["_xacct_plan renewed", "echo $(( _xacct_end - _xacct_renew_at ))"]
    else:
        lines = [
            "printf -v _xacct_now '%(%s)T' -1",
            "_xacct_plan renewed",
            "echo $(( _xacct_end - _xacct_renew_at ))",
        ]
    planned = int(shop.run(*lines, env=role("dev", lived)))
    assert planned in (left, left - 1)


def test_what_was_switched_to_is_renewed_when_its_time_comes(shop):
    shop.answer_role("switch", "dev", 6)
    shop.answer_role("env", "dev", 3600, key="ASIATWO")
    pane = shop.open()
    pane.enter("xacct switch dev")
    end = time.time() + 6
    assert held(pane) == "dev/ASIAONE"
    assert renewals(shop) == 0

    def renewed():
        pane.enter()
        return renewals(shop)

    wait_until(renewed, 10, "the renewal")
    assert time.time() > end - 3.5
    assert held(pane) == "dev/ASIATWO"


def test_without_a_role_or_an_end_nothing_is_asked(shop):
    ended = role("dev", -1)
    for missing in ("XACCT_ROLE", "AWS_CREDENTIAL_EXPIRATION"):
        env = {name: value for name, value in ended.items() if name != missing}
        prompt_again(shop.open(env=env))
    for odd in ("soon", "2020-01-01T00:00:00+00:00", "dddd-dd-ddTdd:dd:ddZ", "2020-1-1T0:0:0Z"):
        prompt_again(shop.open(env=ended | {"AWS_CREDENTIAL_EXPIRATION": odd}))
    assert renewals(shop) == 0


def test_keys_that_the_user_put_there_are_not_overwritten(shop):
    pane = shop.open(env=role("dev", 3600))
    put = "set -gx AWS_ACCESS_KEY_ID {}" if shop.dialect == FISH else "AWS_ACCESS_KEY_ID={}"
    pane.enter(put.format("AKIAOWN"))
    pane.enter(shop.dialect.a_minute_passes)
    prompt_again(pane)
    assert held(pane) == "dev/AKIAOWN"
    assert renewals(shop) == 0


def test_a_region_or_profile_that_the_user_chose_meanwhile_stays(shop):
    new = role("dev", 3600, key="ASIATWO") | {"AWS_REGION": "eu-west-1"}
    shop.answer("env", shop.dialect.text(new, (*EVERY_NAME, "AWS_PROFILE", "AWS_REGION")))
    pane = shop.open(env=role("dev", 3600) | {"AWS_REGION": "us-east-9", "AWS_PROFILE": "my own"})
    pane.enter(shop.dialect.a_minute_passes)
    assert held(pane) == "dev/ASIATWO"
    assert pane.ask("$AWS_REGION/$AWS_PROFILE") == "us-east-9/my own"
    pane.enter("env | grep -cE '^AWS_(REGION=us-east-9|PROFILE=my own)$'")
    pane.wait_for("^2$")


def test_a_failure_is_said_once_and_tried_again_after_a_minute(shop):
    shop.answer("env", shop.dialect.text(role("dev", 3600)), status=1, says="xacct: gone\n")
    pane = shop.open(env=role("dev", 200))
    prompt_again(pane)
    assert renewals(shop) == 1
    assert held(pane) == "dev/ASIAONE"
    pane.enter(shop.dialect.a_minute_passes)
    prompt_again(pane)
    assert renewals(shop) == 2
    assert len(re.findall("^xacct: gone$", pane.screen(), re.MULTILINE)) == 1
    shop.answer_role("env", "dev", 3600, key="ASIATWO")
    pane.enter(shop.dialect.a_minute_passes)
    assert held(pane) == "dev/ASIATWO"


def test_a_failure_is_said_once_more_when_credentials_have_ended(shop):
    shop.answer("env", status=1, says="xacct: gone\n")
    pane = shop.open(env=role("dev", 4))
    end = time.time() + 4
    pane.wait_for("^xacct: gone$")
    wait_until(lambda: time.time() > end, 10, "the end of the credentials")
    for _ in range(2):
        pane.enter(shop.dialect.a_minute_passes)
        prompt_again(pane)
    assert renewals(shop) == 3
    assert len(re.findall("^xacct: gone$", pane.screen(), re.MULTILINE)) == 2


def test_a_renewal_that_brings_the_same_again_is_not_repeated_at_once(shop):
    same = role("dev", 200)
    shop.answer("env", shop.dialect.text(same))
    pane = shop.open(env=same)
    prompt_again(pane)
    assert renewals(shop) == 1


def test_a_renewal_that_is_interrupted_is_not_repeated_at_once(shop):
    shop.answer("env", says="asking\n", hangs=True)
    pane = shop.open(env=role("dev", 3600))
    pane.enter(shop.dialect.a_minute_passes)
    pane.wait_for("^asking$")
    pane.press("C-c")
    pane.wait_for_prompt(PROMPT)
    prompt_again(pane)
    assert renewals(shop) == 1
    assert held(pane) == "dev/ASIAONE"


@pytest.mark.parametrize("left", [3600, 200])
def test_the_status_of_the_last_command_is_kept(shop, left):
    shop.answer_role("env", "dev", 3600)
    pane = shop.open(env=role("dev", 3600))
    if left < 300:
        pane.enter(shop.dialect.a_minute_passes)
    pane.enter("sh -c 'exit 7'")
    pane.wait_for_prompt(PROMPT)
    assert pane.ask(shop.dialect.status) == "7"


HOOKS = {
    "bash": [
        "PROMPT_COMMAND='status=$?; mine=mine$status'",
        "PROMPT_COMMAND=(true 'status=$?; mine=mine$status')",
        "export PROMPT_COMMAND='status=$?; mine=mine$status'",
    ],
    "zsh": [
        "precmd() { mine=mine$?; }",
        "also() { mine=mine$?; }; precmd_functions=(also)",
    ],
    "fish": ["function also --on-event fish_prompt; set -g mine mine$status; end"],
}


@pytest.mark.parametrize("late", [False, True])
def test_the_users_own_hooks_run_and_see_the_status(shop, late):
    for hook in HOOKS[shop.dialect.name]:
        if late:
            hook = hook.replace("(true ", '("${PROMPT_COMMAND[@]}" ')
            hook = hook.replace("ND='", "ND+=$'\\n''").replace("s=(also)", "s+=(also)")
        pane = shop.open(**{"after" if late else "before": hook}, env=role("dev", 3600))
        pane.enter("sh -c 'exit 7'")
        pane.wait_for_prompt(PROMPT)
        assert pane.ask("$mine") == "mine7"
        pane.enter(shop.dialect.a_minute_passes)
        pane.ask("done")
    assert renewals(shop) == len(HOOKS[shop.dialect.name])


@pytest.mark.parametrize("shop", [BASH], ids=str, indirect=True)
def test_an_exported_prompt_command_does_no_harm_in_other_shells(shop):
    pane = shop.open(before="export PROMPT_COMMAND='mine=mine$?'")
    pane.enter(f"PS1='{PROMPT} ' bash --norc -i")
    pane.enter("true")
    assert pane.ask("$mine/$SHLVL") == "mine0/2"
    assert "xacct" not in pane.screen()


def test_loading_it_twice_is_harmless(shop):
    shop.answer("env", status=1, says="xacct: gone\n")
    pane = shop.open(after=shop.dialect.load, env=role("dev", 200))
    prompt_again(pane)
    assert renewals(shop) == 1
    shop.answer_role("switch", "dev", 3600, key="ASIATWO")
    pane.enter("xacct switch dev")
    assert held(pane) == "dev/ASIATWO"


@pytest.mark.parametrize("shop", [BASH, ZSH], ids=str, indirect=True)
def test_it_works_under_any_option_of_the_shell(shop):
    for option in OPTIONS[shop.dialect.name]:
        shop.answer_role("switch", "dev", 3600)
        shop.answer_role("env", "dev", 3600, key="ASIATWO")
        pane = shop.open(after=option)
        # Under set -e a status other than 0 that nobody minded must not end the shell.
        pane.enter("false && true")
        pane.enter("xacct switch dev")
        assert held(pane) == "dev/ASIAONE", option
        pane.enter(shop.dialect.a_minute_passes)
        assert held(pane) == "dev/ASIATWO", option
        assert len(re.findall("error|warning|unbound|not set|xacct:", pane.screen())) == 0


NAMES = {
    "bash": "{{ compgen -v; compgen -A function; compgen -e | sed s/^/exported:/; }} >{}",
    "zsh": "print -l ${{(k)parameters}} ${{(k)functions}} "
    "${{(k)parameters[(R)*export*]/#/exported:}} >{}",
    "fish": "begin; set -n; functions -an; set -xn | string replace -r ^ exported:; end >{}",
}


def test_it_brings_no_name_but_its_own(shop):
    shop.answer_role("env", "dev", 3600, key="ASIATWO")
    pane = shop.open(load="true", env=role("dev", 200))


    def names():
        pane.enter(NAMES[shop.dialect.name].format("/mnt/shell/names"))
        pane.ask("done")
        with open("/mnt/shell/names", encoding="utf-8") as lines:
            return set(lines.read().split())

    pane.enter("true | true")
    before = names()
    pane.enter(shop.dialect.load)
    assert held(pane) == "dev/ASIATWO"
    new = names() - before
    own = re.compile("_?_xacct_.*|xacct|xacct_prompt|XACCT_PROMPT")
    others = {name for name in new if not own.fullmatch(name)}
    assert others <= {"PROMPT_COMMAND", "precmd_functions", "EPOCHSECONDS"}, others


SEGMENTS = [
    (45 * 60 + 30, "[dev 45m]"),
    (3 * 3600 + 65, "[dev 3h01m]"),
    (-5, "[dev expired]"),
    (None, "[dev]"),
]


@pytest.mark.parametrize("left, shown", SEGMENTS)
def test_the_segment_shows_role_and_time_left(shop, left, shown):
    shop.answer("env", status=1)
    env = role("dev", left or 0)
    if left is None:
        del env["AWS_CREDENTIAL_EXPIRATION"]
    before = {
        "bash": "PS1='${XACCT_PROMPT:+$XACCT_PROMPT }'$PS1",
        "zsh": "setopt prompt_subst; PROMPT='${XACCT_PROMPT:+$XACCT_PROMPT }'$PROMPT",
        "fish": f"function fish_prompt; xacct_prompt; echo ' {PROMPT} '; end",
    }
    pane = shop.open(after=before[shop.dialect.name], env=env)
    pane.wait_for(f"^{re.escape(shown)} {PROMPT}")
    assert shop.run("xacct_prompt", env=env) == shown
    assert shop.run("xacct_prompt") == ""


def test_instants_are_read_as_they_are(shop):
    texts = [
        *("1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-12-31T08:09:08Z"),
        *("2027-03-01T00:00:01Z", "2028-02-29T12:00:00Z", "2100-03-01T00:00:00Z"),
        *("2027-02-28T09:08:09Z", "2038-01-19T03:14:08Z"),
    ]
    line = "_xacct_read_instant {}; echo $_xacct_instant"
    if shop.dialect == FISH:
        line = "__xacct_read_instant {}"
    found = shop.run(*(line.format(text) for text in texts)).split()
    assert [int(seconds) for seconds in found] == [
        int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())
        for text in texts
    ]


@pytest.mark.parametrize("left", [3600, 600])
def test_an_ordinary_prompt_starts_no_process(shop, left):
    last = "/proc/sys/kernel/ns_last_pid"
    lines = {
        "bash": "for i in {1..200}; do _xacct_hook; done",
        "zsh": "repeat 200 _xacct_hook",
        "fish": "while test (count $done) -lt 200; __xacct_hook; set -a done 1; end",
    }
    first, last = (f"read {name} <{last}; echo ${name}" for name in ("first", "last"))
    # Before there is anything to say of the role's end, and once that was said.
    env = role("dev", 3600) | {"XACCT_UNTIL": instant(left)}
    warned = ["__xacct_hook 2>&1" if shop.dialect == FISH else "_xacct_hook 2>&1"] * (left < 900)
    *said, before, after = shop.run(
        *warned, first, lines[shop.dialect.name], last, env=env
    ).splitlines()
    assert len(said) == len(warned)
    # fish has threads, which are numbered like processes.
    assert int(after) - int(before) <= (10 if shop.dialect == FISH else 0)
