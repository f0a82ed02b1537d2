"""A terminal that a test types into and reads from: tmux, with a server of its own.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import pwd
import re
import subprocess

from .processes import wait_until

# Nothing in the terminal but what was typed and what came of it.
CONFIG = """\
set -g status off
set -g history-limit 5000
set -s escape-time 0
set -s exit-empty off
"""


class Tmux:
    """A server named `name`, from `with` until its end. It is started by the first open(), as root
    or as `user`; or it is one that a login of `user` has started under this name, whose panes are
    found by panes()."""

    def __init__(self, name, user=None, width=120, height=40):
        self.name = name
        self.user = user
        self.size = ["-x", str(width), "-y", str(height)]
        self.config = f"/mnt/tmux-{name}.conf"
        self.opened = 0

    def __enter__(self):
        with open(self.config, "w", encoding="ascii") as out:
            out.write(CONFIG)
        return self

    def __exit__(self, *_):
        self._run("kill-server", check=False)
        os.unlink(self.config)

    def command(self, *arguments):
        """The words of a tmux command to this server."""
        return ["tmux", "-u", "-L", self.name, "-f", self.config, *arguments]

    def _run(self, *arguments, check=True, env=None):
        entry = pwd.getpwnam(self.user) if self.user else None
        done = subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=env,
            **({"user": entry.pw_uid, "group": entry.pw_gid} if entry else {}),
        )
        if check and done.returncode != 0:
            raise AssertionError(f"tmux {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def open(self, *command, env=None):
        """Runs `command` in a terminal of its own; returns that."""
        self.opened += 1
        session = f"s{self.opened}"
        self._run(
            *["new-session", "-d", "-s", session, *self.size, "-P", "-F", "#{pane_id}"],
            # tmux hands its own environment on otherwise, and takes the first client's for all.
            *["env", "-i", *(f"{name}={value}" for name, value in (env or {}).items())],
            *command,
        )
        return self.panes(session)[-1]

    def panes(self, session=None):
        """The terminals of a session, or of all, in their order."""
        where = ["-s", "-t", session] if session else ["-a"]
        listed = self._run("list-panes", *where, "-F", "#{pane_id}", check=False)
        return [Pane(self, name) for name in listed.split()]

    def close_all(self):
        """Closes every terminal, and waits for the end of what ran there: shells save history."""
        pids = self._run("list-panes", "-a", "-F", "#{pane_pid}", check=False).split()
        for pane in self.panes():
            self._run("kill-pane", "-t", pane.name, check=False)
        for pid in pids:
            wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 10, "the end of a shell")

    def run(self, *arguments):
        """A tmux command; returns what it prints."""
        return self._run(*arguments)


class Pane:
    """One terminal."""

    def __init__(self, tmux, name):
        self.tmux = tmux
        self.name = name
        self.asked = 0

    def type(self, text):
        """Types characters."""
        self.tmux.run("send-keys", "-t", self.name, "-l", "--", text)

    def press(self, *keys):
        """Presses keys by tmux's names: Enter, Tab, C-c."""
        self.tmux.run("send-keys", "-t", self.name, *keys)

    def enter(self, line=""):
        """Types a line and presses Enter."""
        if line:
            self.type(line)
        self.press("Enter")

    def screen(self):
        """What is to be seen, and what has scrolled away, without blanks at the ends of lines."""
        text = self.tmux.run("capture-pane", "-p", "-J", "-S", "-", "-t", self.name)
        return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")

    def wait_for(self, pattern, seconds=10, flags=re.MULTILINE):
        """Waits until the pattern is to be seen; returns the last match."""
        try:
            return wait_until(
                lambda: list(re.finditer(pattern, self.screen(), flags)), seconds, pattern
            )[-1]
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n--- the terminal:\n{self.screen()}") from None

    def wait_for_prompt(self, prompt="ready>", seconds=10):
        """Waits until the last line is the prompt alone."""
        return self.wait_for(rf"{re.escape(prompt)}\s*\Z", seconds, 0)

    def ask(self, expression, seconds=10):
        """What the shell in it makes of an expression between double quotes, as $HOME: that is
        echoed, so it works in any shell, and has run once the answer is here."""
        self.asked += 1
        mark = f"=={self.asked}=="
        self.enter(f'echo "{mark}{expression}{mark}"')
        return self.wait_for(rf"^{mark}((?:(?!{mark}).)*){mark}$", seconds)[1]

    def pid(self):
        """The process that was started in it."""
        return int(self.tmux.run("display-message", "-p", "-t", self.name, "#{pane_pid}"))
