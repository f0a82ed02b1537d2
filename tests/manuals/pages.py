"""The manual pages, as their mdoc source says what they describe.

A section's keys are `.It Ic key`, options of programs `.It Fl -option`, options of the module `.It Cm option`,
variables `.It Ev NAME`; nothing else uses these in the sections that the tests ask for.

SPDX-License-Identifier: BSD-2-Clause
"""

import pathlib
import re

FOLDER = pathlib.Path("man")
PAGES = sorted(FOLDER.iterdir())


def text(name):
    return (FOLDER / name).read_text(encoding="utf-8")


def section(name, title):
    """The source of one section, .Sh or .Ss, up to the next of its rank or a higher one."""
    found = re.search(rf"^\.(S[hs]) {re.escape(title)}\n(.*?)(?=^\.Sh|\Z)", text(name), re.MULTILINE | re.DOTALL)
    assert found, f"{name} has no section {title}"
    body = found[2]
    return re.split(r"^\.Ss", body, flags=re.MULTILINE)[0] if found[1] == "Ss" else body


def items(source, macro):
    """The first words of all items of this kind in the source, those behind commas as well."""
    words = []
    for line in re.findall(rf"^\.It {macro} (.*)$", source, re.MULTILINE):
        for part in re.split(rf" , {macro} | , ", line):
            words.append(part.split()[0])
    return words


def synopses(name, title):
    """Of each command that is an item of the section its line, also one that goes on by Xo."""
    source = section(name, title)
    source = re.sub(r"^\.It Xo\n(.*?)^\.Xc$", lambda found: ".It " + " ".join(
        line.lstrip(".") for line in found[1].splitlines()), source, flags=re.MULTILINE | re.DOTALL)
    return {line.split()[0]: line for line in re.findall(r"^\.It Ic (.*)$", source, re.MULTILINE)}


def examples(name):
    """The literal blocks of a page as they are shown."""
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", text(name), re.MULTILINE | re.DOTALL)
    return [block.replace("\\&", "").replace("\\e", "\\") for block in blocks]
