"""Shells in terminals, with the integration loaded, before an `xacct` that a test commands.

SPDX-License-Identifier: BSD-2-Clause
"""

import dataclasses
import os
import shutil
import subprocess

import pytest

from rig.policy import instant
from rig.tmux import Tmux

FOLDER = "/mnt/shell"
HOME = f"{FOLDER}/home"
FAKE = f"{FOLDER}/fake"
PROMPT = "ready>"

# Notes how it was called and does what the files in its folder say. `init` prints what is built
# into the command.
FAKE_XACCT = f"""\
#!/bin/sh
printf '%s\\n' "$*" >>{FAKE}/calls
if [ "$1" = init ]; then exec cat /run/tree/xacct/shell/init."$2"; fi
if [ "$1" = complete ]; then
    for word; do :; done
    exec grep "^$word" {FAKE}/complete.prints
fi
# One process, which an interrupt ends whenever it comes once something was said: a shell that waits
# for a child which ends by itself at that moment passes over the interrupt.
if [ -e {FAKE}/"$1".hangs ]; then exec tail -f {FAKE}/"$1".says >&2; fi
cat {FAKE}/"$1".says >&2
cat {FAKE}/"$1".prints
exit "$(cat {FAKE}/"$1".status)"
"""


@dataclasses.dataclass(frozen=True)
class Dialect:
    """What a test has to know of a shell."""

    name: str
    command: tuple
    rc: str
    prompt: str
    load: str
    status: str
    exports: str
    removes: str
    form: str = "sh"
    # Typed, it makes the shell believe that its time to wait after asking is over.
    a_minute_passes: str = "_xacct_renew_at=0"

    def __str__(self):
        return self.name

    def text(self, variables, unset=()):
        """What `xacct env` and its like print for this shell."""
        lines = [self.removes.format(" ".join(unset))] if unset else []
        lines += [self.exports.format(name, value) for name, value in variables.items()]
        return "".join(line + "\n" for line in lines)


BASH = Dialect(
    name="bash",
    command=("bash", "--noprofile", "--rcfile", f"{HOME}/rc", "-i"),
    rc=f"{HOME}/rc",
    prompt=f"PS1='{PROMPT} '",
    load='eval "$(xacct init bash)"',
    status="$?",
    exports="export {}='{}';",
    removes="unset {};",
)
ZSH = Dialect(
    name="zsh",
    command=("zsh", "-d", "-i"),
    rc=f"{HOME}/.zshrc",
    prompt=f"unsetopt prompt_sp; PROMPT='{PROMPT} '",
    load='eval "$(xacct init zsh)"',
    status="$?",
    exports="export {}='{}';",
    removes="unset {};",
)
FISH = Dialect(
    name="fish",
    command=("fish", "-i"),
    rc=f"{HOME}/.config/fish/config.fish",
    prompt=f"set -g fish_greeting; function fish_prompt; echo -n '{PROMPT} '; end",
    load="xacct init fish | source",
    status="$status",
    exports="set -gx {} '{}';",
    removes="set -eg {}; or true;",
    form="fish",
    a_minute_passes="set -g __xacct_renew_at 0",
)
SHELLS = [BASH, ZSH, FISH]
# What turns completion on, where a shell has it off at first.
# What compinit finds is kept for the next shell: it looks at a thousand files for it.
COMPINIT = {"bash": "", "zsh": f"autoload -Uz compinit; compinit -u -d {FOLDER}.compdump", "fish": ""}
EVERY_NAME = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AWS_CREDENTIAL_EXPIRATION", "XACCT_ROLE"),
)


def keep_fish_quiet(home):
    """Where this folder is missing, fish starts a program that reads every manual page."""
    os.makedirs(f"{home}/.local/share/fish/generated_completions", exist_ok=True)


def role(name, left, key="ASIAONE"):
    """The variables of a role whose credentials have so many seconds left."""
    values = (key, "secret/+=", "token==", instant(left), name)
    return dict(zip(EVERY_NAME, values))


class Workshop:
    """One dialect, the command that is played to it, and the terminals it runs in."""

    def __init__(self, dialect, tmux):
        self.dialect = dialect
        self.tmux = tmux
        shutil.rmtree(FOLDER, ignore_errors=True)
        os.makedirs(os.path.dirname(dialect.rc))
        keep_fish_quiet(HOME)
        os.makedirs(FAKE)
        os.makedirs(f"{FOLDER}/bin")
        with open(f"{FOLDER}/bin/xacct", "w", encoding="ascii") as out:
            out.write(FAKE_XACCT)
        os.chmod(f"{FOLDER}/bin/xacct", 0o755)
        for subcommand in ("switch", "drop", "env", "complete", "exec"):
            self.answer(subcommand)

    def answer(self, subcommand, text="", status=0, says="", hangs=False):
        """What the command prints from now on when it is called with this subcommand."""
        files = {"prints": text, "status": str(status), "says": says}
        for ending, content in files.items():
            with open(f"{FAKE}/{subcommand}.{ending}", "w", encoding="ascii") as out:
                out.write(content)
        if hangs:
            with open(f"{FAKE}/{subcommand}.hangs", "w", encoding="ascii"):
                pass

    def answer_role(self, subcommand, *arguments, **more):
        """As answer: a role, as by role()."""
        self.answer(subcommand, self.dialect.text(role(*arguments, **more), EVERY_NAME))

    def calls(self, *subcommands):
        """How the command was called, with these subcommands."""
        with open(f"{FAKE}/calls", encoding="ascii") as lines:
            return [line.rstrip("\n") for line in lines if line.split()[0] in subcommands]

    @property
    def environment(self):
        return {
            "HOME": HOME,
            "ZDOTDIR": HOME,
            "PATH": f"{FOLDER}/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "screen-256color",
        }

    def open(self, before="", after="", load=None, env=None):
        """A shell whose start-up file says `before`, loads the integration and says `after`."""
        with open(self.dialect.rc, "w", encoding="ascii") as out:
            lines = [self.dialect.prompt, before, load or self.dialect.load, after]
            out.write("\n".join(lines) + "\n")
        pane = self.tmux.open(*self.dialect.command, env=self.environment | (env or {}))
        pane.wait_for_prompt(PROMPT)
        return pane

    def run(self, *lines, env=None):
        """Runs lines in a shell without a terminal, with the integration loaded."""
        script = "\n".join([self.dialect.load, *lines])
        words = {"zsh": ["zsh", "-f", "-c"], "fish": ["fish", "-N", "-c"]}
        done = subprocess.run(
            [*words.get(self.dialect.name, ["bash", "-c"]), script],
            env=self.environment | (env or {}),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert not done.stderr
        return done.stdout


@pytest.fixture(scope="package")
def terminals():
    with Tmux("shells") as running:
        yield running


@pytest.fixture(params=SHELLS, ids=str)
def shop(request, terminals):
    """A workshop for each of the shells in turn, or for those that a test names."""
    yield Workshop(request.param, terminals)
    terminals.close_all()
