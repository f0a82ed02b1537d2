"""Building the packages once more, which takes minutes.

SPDX-License-Identifier: BSD-2-Clause
"""

import hashlib
import os
import shutil
import subprocess

import pytest

from .roots import BUILD
from .test_descriptions import MACROS, SPEC

AGAIN = BUILD / "packages/again"
# What Fedora's rpm knows and Debian's does not, by which nothing of what is packaged is decided.
SCRIPTLETS = {"systemd_post": "true", "systemd_preun": "true", "systemd_postun_with_restart": "true", "build_cflags": "-O1",
              "build_ldflags": "%{nil}", "debug_package": "%{nil}"}


@pytest.fixture
def again():
    shutil.rmtree(AGAIN, ignore_errors=True)
    yield AGAIN
    shutil.rmtree(AGAIN, ignore_errors=True)


def sums(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.deb")}


@pytest.mark.long
def test_of_one_tree_the_same_packages_are_made_anywhere_and_by_anybody(again):
    subprocess.run(["make", "-s", f"BUILD={again}", "deb-built"], check=True, timeout=1200, umask=0o027,
                   stdout=subprocess.DEVNULL, env={**os.environ, "TZ": "Asia/Kathmandu", "CFLAGS": "-O0", "LC_ALL": "C"})
    assert sums(again / "deb") == sums(BUILD / "deb")


@pytest.mark.long
def test_rpmbuild_makes_the_packages_of_its_specification(again):
    top = again.absolute()
    (top / "SOURCES").mkdir(parents=True)
    subprocess.run(["tar", "-c", "-z", "-f", top / "SOURCES/xacct-0.1.tar.gz", "--exclude-vcs", "--exclude=./build",
                    "--exclude=__pycache__", "--transform=s|^[.]|xacct-0.1|", "."], check=True, timeout=120)
    defines = {"_topdir": top, **MACROS, **SCRIPTLETS}
    done = subprocess.run(["rpmbuild", "-bb", "--nodeps", *(word for name, value in defines.items()
                                                            for word in ("--define", f"{name} {value}")), SPEC],
                          capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert sorted(path.name.rsplit("-", 2)[0] for path in (top / "RPMS").rglob("*.rpm")) == \
        ["nss_xacct", "pam_xacct", "xacct"]
