"""What the helper links, and what it loads only where it needs it.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import re
import subprocess

import pytest

from rig import accounts
from rig.service import Service
from rig.sshd import HELPER

SUBJECT = "the library {} cannot be used"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_what_only_some_logins_need_is_not_linked():
    """A helper that is started for the account line would pay for it before its first step."""
    needed = re.findall(r"\(NEEDED\).*\[(.*?)\.so",
                        output("readelf", "--wide", "--dynamic", HELPER))
    assert sorted(needed) == ["libc", "libcrypto", "libinih", "libjansson"]


@pytest.mark.parametrize("fact", ["BIND_NOW", "GNU_RELRO", "PIE"])
def test_it_is_hardened(fact):
    assert fact in output("readelf", "--wide", "--dynamic", "--program-headers", HELPER)


def test_what_is_loaded_later_overwrites_what_it_frees_too():
    symbols = output("readelf", "--wide", "--dyn-syms", HELPER)
    assert set(re.findall(r"GLOBAL +DEFAULT +\d+ (free|realloc)\b", symbols)) == {"free", "realloc"}


@pytest.fixture(params=["libcurl.so.4", "libxml2.so.2"])
def missing(request):
    """A file that is no library as long as this lasts."""
    found = re.search(rf"{re.escape(request.param)} .* => (/.*)", output("/sbin/ldconfig", "-p"))[1]
    file = os.path.realpath(found)
    with accounts.covered(file):
        yield request.param


def test_the_account_line_does_without_it_and_the_session_says_that_it_is_missing(
        bastion, sts, missing):
    login = bastion.sshd.ssh("alice", "echo in")
    verdict, text, _ = bastion.verdict()
    assert (login.status, "in\n" in login.stdout) == (254, False)
    assert verdict == "unavailable"
    assert missing.partition(".")[0] in text
    bastion.syslog.wait_for(SUBJECT.format(missing))
    assert bastion.syslog.text().count(SUBJECT.format(missing)) == 1
    assert sts.calls == []
    # On the account line alone nothing is amiss.
    bastion.sshd.set_stack(session="optional")
    assert bastion.sshd.ssh("alice", "echo in").stdout.endswith("in\n")


def test_a_service_that_lacks_one_does_not_start(bastion, missing):
    with Service().run() as service:
        assert service.child.wait(10) == 1
        assert missing.partition(".")[0] in service.output()
    bastion.syslog.wait_for(SUBJECT.format(missing))
