"""xacct switch: choosing at a terminal, and what a shell gets of it.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from conftest import DEV, LAST, Terminal, environment

PROMPT = "Which role, by number or name (none: Enter)? "
ESCAPE = "\x1b"


@pytest.fixture
def terminal(command):
    def start(*words, fzf=False, piped=True, env=None):
        folder = command.home / "bin"
        folder.mkdir()
        path = f"{folder}:/usr/bin" if fzf else str(folder)
        if not fzf:
            # A PATH with xacct alone.
            (folder / "xacct").symlink_to("/usr/bin/xacct")
        return Terminal(["/usr/bin/xacct", *command.argv(*words)[1:]],
                        command.environment({"TERM": "xterm", "PATH": path, **(env or {})}),
                        piped=piped, cwd=command.folder)
    return start


@pytest.mark.parametrize("answer, role", [
    ("1\r", "client-a-audit"), ("3\r", "other"), ("client-a-dev\r", "client-a-dev"),
    ("client-a\rother\r", "other"), ("4\r0\r2\r", "client-a-dev"),
])
def test_a_number_or_a_name_chooses(service, terminal, answer, role):
    shell = terminal("switch")
    for line in answer.split("\r")[:-1]:
        shell.wait_for(PROMPT)
        shell.seen = ""
        shell.send(line + "\r")
    status, out = shell.finish()
    assert status == 0 and "export AWS_ACCESS_KEY_ID='ASIAEXAMPLE';\n" in out
    assert service.requests[-1]["role"] == role
    assert "AWS_ACCESS_KEY_ID" not in shell.seen


@pytest.mark.parametrize("answer", ["\r", "\x03", "\x04", "x\ry\rz\r"])
def test_no_choice_changes_nothing(service, terminal, answer):
    shell = terminal("switch")
    shell.wait_for(PROMPT)
    shell.send(answer)
    assert shell.finish() == (1, "")
    assert shell.seen.endswith("xacct: no role was chosen: everything stays as it is\r\n")
    assert [request["op"] for request in service.requests] == ["list"]


def test_the_list_shows_what_there_is_to_choose(service, terminal):
    shell = terminal("switch", env={"XACCT_ROLE": "client-a-audit"})
    shell.wait_for(PROMPT)
    assert "  1  client-a-audit  client-a (111122223333)  read-only, for the yearly audit  *" in \
        shell.seen
    shell.send("\r")
    shell.finish()


@pytest.mark.parametrize("typed, role", [
    ("", "client-a-audit"), ("dev", "client-a-dev"), ("client-b", "other"), ("4444", "other"),
])
def test_fzf_chooses_where_it_is_installed(service, terminal, typed, role):
    shell = terminal("switch", fzf=True)
    shell.wait_for("role>")
    shell.wait_for("3/3")
    if typed:
        shell.send(typed)
        shell.wait_for("1/3")
    shell.send("\r")
    status, out = shell.finish()
    assert status == 0 and "export AWS_ACCESS_KEY_ID=" in out
    assert service.requests[-1]["role"] == role


@pytest.mark.parametrize("typed, key", [("", ESCAPE), ("", "\x03"), ("", "\x04"),
                                        ("nothing like it", "\r")])
def test_fzf_left_changes_nothing(service, terminal, typed, key):
    shell = terminal("switch", fzf=True)
    shell.wait_for("3/3")
    if typed:
        shell.send(typed)
        shell.wait_for("0/3")
    shell.send(key)
    assert shell.finish() == (1, "")
    assert "no role was chosen" in shell.seen
    assert [request["op"] for request in service.requests] == ["list"]


def test_fzf_with_the_users_options(service, terminal):
    shell = terminal("switch", fzf=True, env={"FZF_DEFAULT_OPTS": "--print-query --multi --reverse"})
    shell.wait_for("3/3")
    shell.send("dev")
    shell.wait_for("1/3")
    shell.send("\r")
    assert shell.finish()[0] == 0
    assert service.requests[-1]["role"] == "client-a-dev"


def test_a_role_with_a_tab_in_its_name_is_still_itself(service, terminal):
    service.answers["list"] = [[s.replace("client-a-dev", "od\td\x1b[2J") for s in DEV], LAST]
    shell = terminal("switch", fzf=True)
    shell.wait_for("1/1")
    shell.send("\r")
    assert shell.finish()[0] == 0
    assert service.requests[-1]["role"] == "od\td\x1b[2J"


@pytest.mark.parametrize("shell_path, how", [
    ("/bin/bash", 'eval "$(xacct init bash)"'), ("/usr/bin/zsh", 'eval "$(xacct init zsh)"'),
    ("/usr/bin/fish", "xacct init fish | source"), ("/bin/ksh", "xacct init --help"), (None, "--help"),
])
@pytest.mark.parametrize("words", [["switch"], ["switch", "r"], ["drop"]])
def test_without_the_integration_it_says_how_to_load_it(service, terminal, words, shell_path, how):
    shell = terminal(*words, piped=False, env={"SHELL": shell_path} if shell_path else {})
    status, _ = shell.finish()
    assert status == 1
    assert shell.seen.startswith("xacct: ") and how in shell.seen and shell.seen.count("\n") == 1
    assert service.requests == []


def test_without_a_terminal_it_says_what_to_do(command, service):
    assert "xacct switch ROLE" in command.fails("switch", start_new_session=True)


def test_without_roles_it_asks_nothing(command, service):
    service.answers["list"] = [LAST]
    assert "no role is yours" in command.fails("switch")


def test_a_refused_switch_prints_nothing(command, service):
    service.answers["assume"] = []
    command.fails("switch", "r")


def test_env_on_a_terminal_is_for_reading(service, terminal):
    shell = terminal("env", "r", piped=False)
    assert shell.finish()[0] == 0
    assert all(f"export {name}=" in shell.seen for name in environment(service.answers["assume"][0]))
