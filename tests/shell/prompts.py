"""What happens at a prompt and is said there, for the tests of renewal and of warnings.

SPDX-License-Identifier: BSD-2-Clause
"""

import re

RENEWED = "env --purpose renew --shell {}"
# Not from a line's beginning: what is typed ahead may stand before it.
ENDS = r"xacct: role (\S+) ends at (.*), in (\d+ (?:min|s)): save your work; xacct status says more$"
OPTIONS = {
    "bash": ["set -u", "set -e", "set -f", "IFS=0123-:", "set -o posix", "set -a", "set -C"],
    "zsh": [
        *("setopt no_unset", "setopt err_exit", "setopt ksh_arrays", "IFS=0123-:"),
        *("setopt sh_word_split", "setopt all_export", "setopt warn_create_global"),
        *("setopt err_return", "setopt noglob", "setopt no_prompt_percent", "setopt octal_zeroes"),
    ],
}


def renewals(shop):
    """How often a renewal was asked for, and nothing else of the kind was."""
    calls = shop.calls("env")
    assert set(calls) <= {RENEWED.format(shop.dialect.form)}
    return len(calls)


def prompt_again(pane, times=3):
    """Lets the shell show its prompt, as after an empty line."""
    for _ in range(times):
        pane.enter()
    pane.ask("done")


def said(pane, pattern):
    """What stands on the screen in this form."""
    return re.findall(pattern, pane.screen(), re.MULTILINE)
