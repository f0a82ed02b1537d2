"""What the tables of tests/README.md name is there.

SPDX-License-Identifier: BSD-2-Clause
"""

import pathlib
import re

import pytest

TESTS = pathlib.Path(__file__).parents[1]
README = TESTS / "README.md"

# `folder/file`: name, name. Without a folder it is one of module/; without names, all of the file.
FILE = re.compile(r"`(?:(\w+)/)?(test_\w+)`(?:: (\w+(?:, \w+)*))?")
DEFINED = re.compile(r"^def test_(\w+)|^static void (\w+)\(void \*\*state\)", re.MULTILINE)


def of_rows(text):
    """(path below tests/ without its ending, names) of each file that the numbered rows name."""
    rows = re.findall(r"^\| \d+ \|.*", text, re.MULTILINE)
    return [
        (f"{folder or 'module'}/{file}", names.split(", ") if names else [])
        for row in rows
        for folder, file, names in FILE.findall(row)
    ]


def defined_in(path):
    """The tests of a file, in Python or in C; None where there is no such file."""
    files = [TESTS / f"{path}{ending}" for ending in (".py", ".c")]
    texts = [file.read_text(encoding="utf-8") for file in files if file.exists()]
    if not texts:
        return None
    return {python or c for text in texts for python, c in DEFINED.findall(text)}


REFERENCES = of_rows(README.read_text(encoding="utf-8"))


def test_all_tables_are_read():
    assert len(REFERENCES) > 330 and sum(len(names) for _, names in REFERENCES) > 420


def test_forty_attacks_and_more_have_their_tests():
    _, _, table = README.read_text(encoding="utf-8").partition("| | attack |")
    rows = re.findall(r"^\| \d+ \|.*", table.partition("\n## ")[0], re.MULTILINE)
    assert len(rows) >= 40
    assert [row for row in rows if not of_rows(row)] == []


@pytest.mark.parametrize("path, names", REFERENCES)
def test_what_a_row_names_is_there(path, names):
    there = defined_in(path)
    assert there is not None, f"tests/{path} is not there"
    assert there.issuperset(names), f"not in tests/{path}: {set(names) - there}"
