"""What the program that logs in, tests/module/login.c, tells on its output.

SPDX-License-Identifier: BSD-2-Clause
"""

PAM_SUCCESS = 0
PAM_SYSTEM_ERR = 4
PAM_PERM_DENIED = 6
PAM_AUTHINFO_UNAVAIL = 9
PAM_ACCT_EXPIRED = 13
PAM_SESSION_ERR = 14


class Result:
    """What the login program told."""

    def __init__(self, text):
        self.text = text
        self.results = []  # (step, PAM code, milliseconds)
        self.logs = []  # (facility, level, text)
        self.shown = []  # (kind, text)
        self.env = {}
        self.left = None
        self.other = []
        for line in text.splitlines():
            word, _, rest = line.partition(" ")
            if word == "result":
                step, code, ms = rest.split()
                self.results.append((step, int(code), int(ms)))
            elif word == "log":
                facility, level, message = rest.split(" ", 2)
                self.logs.append((int(facility), int(level), message))
            elif word in ("error", "info"):
                self.shown.append((word, rest))
            elif word == "env":
                name, _, value = rest.partition("=")
                self.env[name] = value
            elif word == "left":
                self.left = rest
            else:
                self.other.append(line)

    def codes(self):
        return [code for _, code, _ in self.results]

    def code(self, step, otherwise=None):
        """That of a step, or `otherwise` where it was not taken."""
        return {its_step: code for its_step, code, _ in self.results}.get(step, otherwise)

    def lines(self, level=None):
        """Our own lines in the log; libpam has some of its own."""
        return [text for _, its_level, text in self.logs
                if text.startswith("pam_xacct(") and level in (None, its_level)]
