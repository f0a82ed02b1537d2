"""The manual pages are sound, and what they show as policies is such.

SPDX-License-Identifier: BSD-2-Clause
"""

import re
import subprocess

import pytest

from . import pages

NAMES = [page.name for page in pages.PAGES]
# About which manuals this machine has, and not about ours.
ELSEWHERE = re.compile(r"referenced manual not found|outdated mandoc\.db")


def mandoc(*words):
    return subprocess.run(["mandoc", *words], capture_output=True, text=True, timeout=60, check=False)


def test_every_part_has_its_page():
    assert NAMES == ["libnss_xacct.8", "pam_xacct.8", "xacct-audit.5", "xacct-helper.8", "xacct.1", "xacct.conf.5"]


@pytest.mark.parametrize("name", NAMES)
def test_mandoc_has_nothing_to_say_of_a_page(name):
    done = mandoc("-Tlint", "-Wstyle", f"man/{name}")
    said = [line for line in (done.stdout + done.stderr).splitlines() if not ELSEWHERE.search(line)]
    assert said == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_refers_to_pages_of_ours_that_are_there(name):
    ours = {tuple(other.rsplit(".", 1)) for other in NAMES}
    for page, number in re.findall(r"^\.Xr (\S*xacct\S*) (\d)", pages.text(name), re.MULTILINE):
        assert (page, number) in ours


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_a_terminal(name):
    shown = re.sub(".\b", "", mandoc("-Tutf8", "-Owidth=80", f"man/{name}").stdout)
    assert [line for line in shown.splitlines() if len(line) > 80] == []


POLICIES = [(name, number) for name in NAMES for number, block in enumerate(pages.examples(name))
            if block.startswith("[") and "[profile" not in block]


def test_pages_show_policies():
    assert {name for name, _ in POLICIES} >= {"xacct.conf.5", "libnss_xacct.8"}


@pytest.mark.parametrize("name, number", POLICIES)
def test_a_policy_that_a_page_shows_is_read(name, number, tmp_path):
    block = pages.examples(name)[number]
    if "[xacct]" not in block:
        block = "[xacct]\nregion = eu-west-1\n[base]\nsource = imds\n" + block
    path = tmp_path / "xacct.conf"
    path.write_text(block, encoding="ascii")
    done = subprocess.run(["/usr/bin/xacct", "check", "--config", path], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_are_installed_and_removed_again(tmp_path):
    def make(target):
        subprocess.run(["make", "-s", f"DESTDIR={tmp_path}", "prefix=/usr", target], timeout=120, check=True,
                       stdout=subprocess.DEVNULL)
        return sorted(path.relative_to(tmp_path / "usr/share/man").as_posix()
                      for path in (tmp_path / "usr/share/man").rglob("*.?"))

    assert make("install") == sorted(f"man{name[-1]}/{name}" for name in NAMES)
    assert make("uninstall") == []
