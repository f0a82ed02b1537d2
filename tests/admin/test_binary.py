"""What the program's file says about itself.

SPDX-License-Identifier: BSD-2-Clause
"""

import re
import subprocess

import pytest

from .conftest import BUILD

PROGRAM = "/usr/libexec/xacct-admin"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_no_network_and_no_xml_is_linked():
    needed = re.findall(r"\(NEEDED\).*\[(.*?)\.so",
                        output("readelf", "--wide", "--dynamic", PROGRAM))
    assert sorted(needed) == ["libc", "libcrypto", "libinih", "libjansson", "libz"]
    lines = output("readelf", "--wide", "--dyn-syms", PROGRAM)
    assert not {"getaddrinfo", "gethostbyname"} & set(re.findall(r"UND (\w+)", lines))


def test_nothing_connects_but_what_the_doctor_does():
    """It asks the service, and tries the metadata endpoints."""
    connecting = {path.name for path in (BUILD / "obj").glob("*/*.o")
                  if path.parent.name in ("xacct_admin", "policy", "common", "pam_xacct", "xacct")
                  and re.search(r"UND (socket|connect)\b",
                                output("readelf", "--wide", "--symbols", path))}
    assert connecting == {"client.o", "doctor_metadata.o", "service.o"}, "service.o is the module's"


@pytest.mark.parametrize("fact", ["BIND_NOW", "GNU_RELRO", "PIE"])
def test_it_is_hardened(fact):
    assert fact in output("readelf", "--wide", "--dynamic", "--program-headers", PROGRAM)


@pytest.mark.parametrize("words", [[], ["list"], ["check-it"], [""]])
def test_by_itself_it_says_who_executes_it(words):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "xacct: this is executed by xacct, for some of its commands: see xacct --help\n"
