"""Who knows PAM, has the packages and follows README.md, has a consultant log in with a role: its own commands,
policy and lines, in a Debian that has never seen any of it.

SPDX-License-Identifier: BSD-2-Clause
"""

import pathlib
import re
import shutil

import pytest

from rig.fixtures import BASE_ARN, BASE_KEY, BASE_SECRET
from rig.sts_standin import Role

from . import roots
from .conftest import EXTERNAL_ID, ROLE_ARN, add_lines

pytestmark = pytest.mark.long

README = pathlib.Path("README.md").read_text(encoding="utf-8")


def step(number):
    """A step of the first login: its text, and the blocks in it."""
    chapter = re.search(r"^## Five minutes to the first login\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)[1]
    text = re.search(rf"^\*\*{number}\. (.*?)(?=^\*\*\d\. |\Z)", chapter, re.MULTILINE | re.DOTALL)[1]
    return text, re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def followed(bare, sts, packages):
    """A Debian after the steps 1 to 4, with the stand-in in AWS's place."""
    folder = bare.path("/root/source/build/deb")
    folder.mkdir(parents=True)
    for package in packages.values():
        shutil.copy(package, folder)
    bare.path("/etc/apt/apt.conf.d/yes").write_text("APT::Get::Assume-Yes true;\n", encoding="ascii")
    make, install = step(1)[1][0][1].splitlines()
    assert make == "make deb"
    bare.shell(f"cd /root/source; {install}")

    _, ((_, statement), (_, commands)) = step(2)
    assert '"sts:AssumeRole"' in statement
    bare.shell(re.sub(r"AKIA\.+", BASE_KEY, commands).replace("." * 40, BASE_SECRET))

    # The trust policy of the client's role has what the stand-in is told.
    trusts = step(3)[1][0][1]
    assert EXTERNAL_ID in trusts and BASE_ARN in trusts and "sts:TagSession" in trusts and "sts:SetSourceIdentity" in trusts
    sts.roles[ROLE_ARN] = Role(BASE_ARN, external_id=EXTERNAL_ID)

    policy = step(4)[1][0][1]
    assert policy.count("[xacct]\n") == 1
    bare.path("/etc/xacct/xacct.conf").write_text(policy.replace("[xacct]\n", f"[xacct]\nsts_endpoint = {sts.url}\n"),
                                                  encoding="ascii")
    return bare


def told_to_add(text):
    """The PAM lines of the step."""
    return [line.split() for line in re.search(r"^```\n(account .*?)^```", text, re.MULTILINE | re.DOTALL)[1].splitlines()]


def test_it_leads_from_the_packages_to_a_login_with_the_role(followed, sts, syslog):
    text, _ = step(5)
    assert told_to_add(text) == [["account", "required", "pam_xacct.so"], ["session", "required", "pam_xacct.so"]]
    assert "above `@include common-account`" in text and "after\n`@include common-session`" in text
    add_lines(followed)
    said = followed.run("xacct", "check", status=0)
    assert "alice" in said, "that she is not there yet"
    with roots.Server(followed) as server, roots.Helper(followed):
        server.admit("alice")
        login = server.ssh("alice", "env")
        assert login.environment.get("XACCT_ROLE") == "client-a-audit", syslog.text()
        assert login.environment["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key
        assert "client-a-audit" in server.ssh("alice", "xacct list").stdout
        for examination in ("policy", "pam"):
            followed.run("xacct", "doctor", "--only", examination)
        # This Debian is one file system, of which the README's "When things fail" has more to say.
        said = followed.run("xacct", "doctor", "--only", "modes", status=1).splitlines()
        assert [line for line in said if ": note: " not in line and "is on the file system of" not in line] == []
        followed.run("xacct", "check", "--strict")


def test_its_other_way_into_the_stack_has_the_same_end(followed, sts, syslog):
    command = re.search(r"`(pam-auth-update [^`]*)`", step(5)[0])[1]
    followed.shell(command)
    with roots.Server(followed) as server, roots.Helper(followed):
        server.admit("alice")
        login = server.ssh("alice", "env")
        assert login.environment.get("XACCT_ROLE") == "client-a-audit", syslog.text()
        said = followed.shell("xacct doctor --only pam || :")
        assert [line for line in said.splitlines() if "fault" in line or "/etc/pam.d/sshd" in line] == []


def test_what_a_failed_login_shows_is_found_in_the_log(followed, sts, syslog):
    sts.roles[ROLE_ARN] = Role(BASE_ARN, external_id="another")
    add_lines(followed)
    with roots.Server(followed) as server:
        server.admit("alice")
        login = server.ssh("alice", "true")
        assert login.status == 254
        (reference,) = set(re.findall(r"\(reference (\w{8})\)", login.stdout + login.stderr)) or {None}
        assert reference and f"[reference {reference}]" in syslog.text()
        assert any(line.get("reference") == reference for line in followed.audit())
