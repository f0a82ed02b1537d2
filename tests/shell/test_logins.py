"""People who log in by ssh at a terminal, with the real command, service and shells: choosing a
role, two roles side by side past the end of their credentials, a connection that was cut, and a
role that ends soon.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import os
import pathlib
import re
import shutil
import signal

import pytest

from rig import policy
from rig.bastion import DEV_ARN, ROLE_ARN, RULES, USERS
# For pytest, which finds them here.
from rig.fixtures import bastion, host, running_standin, service, sts
from rig.processes import wait_until
from rig.tmux import Tmux

from .conftest import COMPINIT, FISH, PROMPT, SHELLS, keep_fish_quiet
from .prompts import ENDS, said

AUDIT, DEV = "client-a-audit", "client-a-dev"
HOME = pathlib.Path("/mnt/home") / str(USERS["alice"])
RC = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
WITHOUT_FZF = pathlib.Path("/mnt/without-fzf")
ISSUE_SECONDS = 8


@pytest.fixture(params=SHELLS, ids=str)
def dialect(request, bastion):
    """A shell that alice uses, with the integration in its start-up file."""
    path = HOME / RC[request.param.name]
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = request.param.prompt, COMPINIT[request.param.name], request.param.load
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    if request.param == FISH:
        keep_fish_quiet(HOME)
    for folder, _, files in os.walk(HOME):
        for name in (".", *files):
            os.chown(os.path.join(folder, name), USERS["alice"], USERS["alice"])
    return request.param


@pytest.fixture
def login(bastion, service, dialect, terminals):
    """Logs alice in by ssh at a terminal of hers; login() is that, with her shell's prompt.
    login(greeted=True) begins in bash, as sshd greets nobody who comes with a command."""

    def start(greeted=False):
        shell = f"exec {dialect.name} -i"
        command = bastion.sshd.arguments("alice", None if greeted else shell, tty=True)
        pane = terminals.open(*command, env={"TERM": "screen-256color", "PATH": "/usr/bin"})
        if greeted:
            pane.wait_for_prompt("$", 20)
            pane.enter(shell)
        pane.wait_for_prompt(PROMPT, 20)
        return pane

    yield start
    terminals.close_all()


def held(pane):
    """Role, key and end of the credentials in a shell."""
    role, key, end = pane.ask(
        "$XACCT_ROLE|$AWS_ACCESS_KEY_ID|$AWS_CREDENTIAL_EXPIRATION", 20
    ).split("|")
    return role, key, datetime.datetime.fromisoformat(end.replace("Z", "+00:00"))


def hide_fzf(pane, dialect):
    """Leaves nothing but xacct on the shell's PATH."""
    WITHOUT_FZF.mkdir(exist_ok=True)
    shutil.copy("/usr/bin/xacct", WITHOUT_FZF)
    put = "set -gx PATH {}" if dialect == FISH else "PATH={}"
    pane.enter(put.format(WITHOUT_FZF))


def wait_for_end(end):
    """Waits until credentials are past their end."""
    wait_until(
        lambda: datetime.datetime.now(datetime.timezone.utc) > end,
        2 * ISSUE_SECONDS,
        "the end of credentials",
    )


def uses(bastion):
    """What users were given, as the audit file has it: (role's ARN, key, purpose)."""
    return [
        (line["role_arn"], line["access_key_id"], line["purpose"])
        for line in bastion.audit()
        if "purpose" in line and "access_key_id" in line
    ]


def test_a_role_is_chosen_by_number(bastion, dialect, login):
    pane = login()
    hide_fzf(pane, dialect)
    pane.enter("xacct switch")
    pane.wait_for(r"^ +2 +client-a-dev\b")
    pane.wait_for(r"Which role.*\?\Z", flags=0)
    pane.enter("2")
    role, key, _ = held(pane)
    assert role == DEV
    assert (DEV_ARN, key, "switch") in uses(bastion)


def test_a_role_is_chosen_in_fzf(bastion, login):
    pane = login()
    pane.enter("xacct switch")
    pane.wait_for("^role>")
    pane.wait_for(r"^ +2/2\b")
    pane.type("a-dev")
    pane.wait_for(r"^ +1/2\b")
    pane.enter()
    # fzf throws away what is typed before it has given the terminal back.
    pane.wait_for(rf"^xacct: role {DEV} ")
    pane.wait_for_prompt(PROMPT)
    role, key, _ = held(pane)
    assert role == DEV
    assert (DEV_ARN, key, "switch") in uses(bastion)


@pytest.mark.parametrize("fzf", [True, False], ids=["fzf", "numbers"])
def test_a_choice_that_is_given_up_changes_nothing(dialect, login, fzf):
    pane = login()
    before = held(pane)
    if not fzf:
        hide_fzf(pane, dialect)
    pane.enter("xacct switch")
    pane.wait_for("^role>" if fzf else r"Which role")
    pane.press("C-c")
    pane.wait_for_prompt(PROMPT)
    assert pane.ask(dialect.status) != "0"
    assert held(pane) == before


def test_drop_leaves_none_and_roles_complete(login):
    pane = login()
    assert held(pane)[0] == AUDIT
    pane.enter("xacct drop")
    pane.enter("env | grep -cE '^(AWS_|XACCT_ROLE)'")
    pane.wait_for("^0$")
    pane.type("xacct switch client-a-d")
    pane.press("Tab")
    pane.wait_for(rf"^{PROMPT} xacct switch client-a-dev")
    pane.enter()
    assert held(pane)[0] == DEV


def test_two_panes_past_an_expiry_and_a_cut_connection(bastion, sts, dialect, login):
    sts.issue_seconds = ISSUE_SECONDS
    terminal = login()
    with Tmux("work", user="alice") as inner:
        terminal.enter(" ".join(inner.command("new-session", dialect.name, "-i")))
        wait_until(inner.panes, 10, "alice's tmux")
        inner.run("split-window", dialect.name, "-i")
        panes = dict(zip((AUDIT, DEV), inner.panes()))
        arns = {AUDIT: ROLE_ARN, DEV: DEV_ARN}

        first = {}
        for role, pane in panes.items():
            pane.wait_for_prompt(PROMPT)
            pane.enter(f"xacct switch {role}")
            first[role] = held(pane)
            assert first[role][0] == role
        assert first[AUDIT][1] != first[DEV][1]

        second = {}
        for role, pane in panes.items():
            wait_for_end(first[role][2])
            pane.enter()
            second[role] = held(pane)
            assert second[role][0] == role and second[role][2] > first[role][2]
            assert (arns[role], second[role][1], "renew") in uses(bastion)

        (session,) = [line["session"] for line in bastion.audit() if line["event"] == "opened"]
        os.kill(terminal.pid(), signal.SIGKILL)
        wait_until(
            lambda: bastion.audit()[-1]["event"] == "ended"
            and bastion.audit()[-1]["session"] == session,
            10,
            "the end of the session",
        )

        # Nobody is logged in: it is said once, and what was there stays.
        wait_for_end(max(end for _, _, end in second.values()))
        for _ in range(3):
            panes[AUDIT].enter()
        assert held(panes[AUDIT]) == second[AUDIT]
        assert len(re.findall("^xacct: (?!role )", panes[AUDIT].screen(), re.MULTILINE)) == 1

        sts.issue_seconds = None
        terminal = login()
        terminal.enter(" ".join(inner.command("attach")))
        terminal.wait_for("^xacct: ")
        panes[AUDIT].enter(dialect.a_minute_passes)
        for role, pane in panes.items():
            pane.enter()
            third = held(pane)
            assert third[0] == role and third[2] > second[role][2]
            assert (arns[role], third[1], "renew") in uses(bastion)
        lines = [line for line in bastion.audit() if line.get("adopted_from") == session]
        assert [(line["event"], line["role_arn"]) for line in lines] == [
            ("adopted", ROLE_ARN), ("refreshed", ROLE_ARN), ("refreshed", DEV_ARN)
        ]


def test_hours_that_end_soon_are_said_at_login_at_the_prompt_once_and_by_status(sts, login):
    span, ends = policy.hours(-60, 10)
    rules = RULES.replace("duration        = 30m", "deliver = process\nduration = 30m")
    rules = rules.replace("[grant consultants]", f"[grant consultants]\n{span}")
    policy.write(policy.heading(sts.url) + rules)
    pane = login(greeted=True)
    end = f"{ends:%Y-%m-%d %H:%M} UTC"
    pane.wait_for(
        rf"xacct: role {AUDIT} in account client-a \(111122223333\), for which AWS issues nothing in "
        rf"its last 15 minutes; it ends at {end}, in [89] min: save your work"
    )
    for _ in range(3):
        pane.enter()
    pane.ask("done")
    ((role, when, rest),) = said(pane, ENDS)
    assert (role, when) == (AUDIT, end) and re.fullmatch("[89] min", rest)
    pane.enter("clear; xacct status")
    pane.wait_for(rf"^role +{AUDIT}, yours until {end} \(in [89] min\)$")
    pane.wait_for("^delivery +by credential_process: AWS issues nothing in the role's last 15 min")


def test_with_keys_the_end_is_said_in_place_of_the_renewal_that_is_refused(
    bastion, sts, dialect, login
):
    begin = datetime.datetime.now(datetime.timezone.utc)
    ends = (begin + datetime.timedelta(seconds=908)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rules = RULES.replace("[grant consultants]", f"[grant consultants]\nuntil = {ends}")
    policy.write(policy.heading(sts.url) + rules)
    pane = login()
    before = held(pane)
    assert not said(pane, "xacct:")

    def refused():
        pane.enter(dialect.a_minute_passes)
        return bastion.audit()[-1]["event"] == "refused"

    wait_until(refused, 20, "a renewal that is refused")
    assert "less than 900 s" in bastion.audit()[-1]["reason"]
    assert held(pane) == before
    assert len(said(pane, ENDS)) == len(said(pane, "xacct:")) == 1
