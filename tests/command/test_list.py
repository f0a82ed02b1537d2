"""xacct list, default, profiles, complete: what is made of the list of roles.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import re
import time
import unicodedata

import botocore.session
import pytest

from conftest import AUDIT, BOTH, DEV, EXPECTED, LAST, LIST, OTHER, REFUSED, Terminal

CURRENT = {"XACCT_ROLE": "client-a-dev"}


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_list_is_a_table(command, service):
    done = command("list", env=CURRENT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (EXPECTED / "list.txt").read_text()


def test_list_in_a_locale_of_ascii_escapes_the_rest(command, service):
    done = command("list", env={"LANG": "C"})
    assert done.stdout.isascii() and r"f\xc3\xbcr" in done.stdout


def test_list_as_json(command, service):
    done = command("list", "--json", env=CURRENT)
    assert json.loads(done.stdout) == json.loads((EXPECTED / "list.json").read_text())


def on_terminal(command, *words, columns, env=None):
    terminal = Terminal(command.argv(*words), command.environment({"TERM": "xterm", **(env or {})}),
                        piped=False, columns=columns)
    status, _ = terminal.finish()
    assert status == 0
    return terminal.seen


@BOTH
@pytest.mark.parametrize("columns", [200, 120, 100, 80, 79, 78])
def test_the_description_alone_is_cut_to_the_terminal(command, service, columns):
    seen = on_terminal(command, "list", columns=columns, env={"NO_COLOR": "1"})
    lines = seen.replace("\r", "").splitlines()
    assert len(lines) == 4
    assert all(width(line) <= columns for line in lines)
    assert all(column in seen for column in ("client-a-audit (default)", "client-b (444455556666)"))
    assert ("…" in seen) == (columns < 150)


def test_a_terminal_too_narrow_cuts_nothing(command, service):
    seen = on_terminal(command, "list", columns=40, env={"NO_COLOR": "1"})
    assert "was nicht auf eine Zeile passt" in seen


@pytest.mark.parametrize("env, coloured", [
    ({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)])
def test_colours_on_a_terminal_unless_they_are_not_wanted(command, service, env, coloured):
    assert ("\033[" in on_terminal(command, "list", columns=80, env=env)) == coloured


def test_no_colours_into_a_pipe(command, service):
    assert "\033" not in command("list", env={"TERM": "xterm"}).stdout


@BOTH
def test_text_of_the_policy_cannot_move_the_cursor(command, service):
    service.answers["list"] = [[*DEV, "description=a\x1b[2J\nb\u202ec\u009b"], LAST]
    shown = command("list").stdout
    assert shown.count("\n") == 2
    assert r"a\x1b[2J\x0ab\xe2\x80\xaec\xc2\x9b" in shown
    told = command("list", "--json").stdout
    assert json.loads(told)[0]["description"] == "a\x1b[2J\nb\u202ec\u009b"
    assert r"a\u001b[2J\u000ab\u202ec\u009b" in told and told.isascii()


@BOTH
def test_no_character_of_control_or_that_turns_text_round_is_raw_in_json(command, service):
    """Each of them, and those beside them as they are."""
    codes = [*range(1, 0x20), *range(0x7f, 0xa0), 0x61c, 0x200e, 0x200f, *range(0x202a, 0x202f), *range(0x2066, 0x206a)]
    harmful = "".join(map(chr, codes))
    plain = "~\u00a0é\u061b\u061d\u200d\u2010\u2029\u202f\u2065\u206a漢\U0001f600\U0010202a"
    service.answers["list"] = [[*DEV, f"description={harmful}{plain}"], LAST]
    done = command("list", "--json")
    assert (done.returncode, json.loads(done.stdout)[0]["description"]) == (0, harmful + plain)
    assert plain in done.stdout and not set(harmful) - {"\n"} & set(done.stdout)


def test_no_role_is_told_so(command, service):
    service.answers["list"] = [LAST]
    assert command("list").stdout == "no role is yours at present\n"
    assert json.loads(command("list", "--json").stdout) == []


@BOTH
def test_a_list_that_breaks_off_shows_nothing(command, service):
    service.answers["list"] = [AUDIT, DEV]
    assert "hung up" in command.fails("list")


@BOTH
def test_a_refusal_in_the_middle_of_a_list_shows_nothing(command, service):
    service.answers["list"] = [AUDIT, [*REFUSED, "last=1"]]
    assert "log in again" in command.fails("list")


@BOTH
def test_a_thousand_roles(command, service):
    service.answers["list"] = [[s.replace("client-a-dev", f"role-{i}") for s in DEV]
                               for i in range(1000)] + [LAST]
    assert len(json.loads(command("list", "--json").stdout)) == 1000


@pytest.mark.parametrize("frames, shown", [
    (LIST, "client-a-audit (the host's choice)\n"),
    ([AUDIT[:-2] + ["default=1", "chosen=1"], LAST], "client-a-audit (your choice)\n"),
    ([DEV, LAST], "none\n"),
])
def test_default_says_which_it_is(command, service, frames, shown):
    service.answers["list"] = frames
    assert command("default").stdout == shown


def test_default_with_a_role_and_clear_is_refused(command, service):
    assert "not both" in command.fails("default", "--clear", "r", status=2)
    assert service.requests == []


def test_profiles_are_what_an_sdk_reads(command, service, monkeypatch):
    done = command("profiles")
    assert (done.returncode, done.stderr) == (0, "")
    config = command.home / "config"
    config.write_text(done.stdout)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    profiles = botocore.session.Session().full_config["profiles"]
    prefix = f"/usr/bin/xacct --socket {command.path} credentials --role"
    assert profiles == {
        "xacct-client-a-audit": {"credential_process": f"{prefix} client-a-audit",
                                 "region": "eu-central-1"},
        "xacct-client-a-dev": {"credential_process": f"{prefix} client-a-dev"},
        "xacct-other": {"credential_process": f"{prefix} other"},
    }
    found = botocore.session.Session(profile="xacct-other").get_credentials()
    assert found.get_frozen_credentials().access_key == "ASIAEXAMPLE"
    assert service.requests[-1]["role"] == "other"


def test_profiles_leave_the_usual_socket_out(command, service):
    """That is what nearly everybody has in their file for years."""
    command.usual.parent.mkdir(exist_ok=True)
    command.usual.symlink_to(command.path)
    command.path = command.usual
    try:
        assert "\ncredential_process = /usr/bin/xacct credentials --role other\n" in \
            command("profiles").stdout
    finally:
        command.usual.unlink()


@pytest.mark.parametrize("name", ["a]b", "a b", "a'b", "a;b", "$(x)", "a\nb"])
def test_a_name_that_a_profile_cannot_have_is_left_out_and_told(command, service, name):
    service.answers["list"] = [[s.replace("client-a-dev", name) for s in DEV], OTHER, LAST]
    done = command("profiles")
    assert done.returncode == 0 and "is left out" in done.stderr
    assert re.findall(r"\[profile (.*)\]", done.stdout) == ["xacct-other"]


COMPLETIONS = [
    ([""], None), (["s"], ["status", "switch"]), (["x"], []),
    (["exec", ""], ["client-a-audit", "client-a-dev", "other"]),
    (["exec", "client-a-"], ["client-a-audit", "client-a-dev"]),
    (["switch", "o"], ["other"]), (["env", "o"], ["other"]), (["default", "o"], ["other"]),
    (["console", "o"], ["other"]), (["credentials", "--role", "o"], ["other"]),
    (["credentials", "o"], ["other"]),
    (["switch", "client-b"], ["other"]),  # the account's name
    (["exec", "other", "--", ""], []), (["list", ""], []), (["nonsense", ""], []),
    (["list", "--"], ["--json", "--help"]), (["env", "--p"], []),
    (["exec", "--min"], ["--min-life"]),
]


@pytest.mark.parametrize("words, offered", COMPLETIONS, ids=[" ".join(c[0]) for c in COMPLETIONS])
def test_completion(command, service, words, offered):
    done = command("complete", *words)
    assert (done.returncode, done.stderr) == (0, "")
    if offered is None:
        offered = re.findall(r"^  ([a-z]\w+) ", command("--help").stdout, re.MULTILINE)
        assert len(offered) == 21
    assert done.stdout.split() == offered


def test_completion_is_silent_without_a_service(command):
    done = command("complete", "exec", "c")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_completion_waits_a_second_at_most(command, service):
    service.raw, service.stays = b"", True
    start = time.monotonic()
    done = command("complete", "exec", "c")
    assert (done.stdout, done.stderr) == ("", "")
    assert time.monotonic() - start < 2
