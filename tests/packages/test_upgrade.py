"""One version after the other, in any order and with people logged in.

SPDX-License-Identifier: BSD-2-Clause
"""

import json

import pytest

from rig.processes import wait_until
from rig.sshd import Shell

from . import roots
from .conftest import POLICY

pytestmark = pytest.mark.long


def leave(root, shell):
    """Logs out, and waits for the session's end."""
    shell.leave()
    wait_until(lambda: any(line["event"] == "ended" and line["session"] == shell.session for line in root.audit()),
               10, "the end of a login")


@pytest.mark.parametrize("first, second", [("xacct", "libpam-xacct"), ("libpam-xacct", "xacct")])
def test_who_is_logged_in_is_served_on_and_who_logs_in_meanwhile_too(in_use, following, first, second):
    root = in_use.root
    with roots.Helper(root) as helper:
        before = Shell(in_use, "alice")
        assert before.environment.get("XACCT_ROLE") == "client-a-audit", in_use.syslog.text()
        for package in (first, second):
            root.install(following[package])
            if package == "xacct":
                helper.restart()
            # The session that the version before opened, and one of the module and the helper of now.
            with_keys = json.loads(before.run("xacct credentials"))
            assert with_keys["AccessKeyId"].startswith("ASIA")
            now = Shell(in_use, "alice")
            assert now.environment.get("XACCT_ROLE") == "client-a-audit", in_use.syslog.text()
            assert json.loads(now.run("xacct credentials"))["SessionToken"]
            leave(root, now)
        leave(root, before)
    assert "unavailable" not in in_use.syslog.text()


@pytest.mark.parametrize("package", ["xacct", "libpam-xacct"])
def test_without_the_service_a_module_starts_a_helper_of_another_version(in_use, following, package):
    before = Shell(in_use, "alice")
    in_use.root.install(following[package])
    now = Shell(in_use, "alice")
    assert now.environment.get("XACCT_ROLE") == "client-a-audit", in_use.syslog.text()
    for shell in (now, before):
        leave(in_use.root, shell)


def test_the_hosts_own_policy_stays_and_nobody_is_asked(in_use, sts, following):
    root = in_use.root
    said = root.install(*following.values())
    assert root.path("/etc/xacct/xacct.conf").read_text(encoding="ascii") == POLICY.format(sts=sts.url)
    assert "Configuration file" not in said
    assert root.run("stat", "-c", "%U %G %a", "/etc/xacct/xacct.conf", "/etc/xacct") == "root xacct 640\nroot xacct 750\n"
    assert root.shell("ls /etc/xacct") == "base.credentials\nfirewall-agents.nft\nxacct.conf\n"
    assert "a comment of the version after" in root.path("/usr/share/xacct/xacct.conf").read_text(encoding="utf-8")


def test_a_policy_that_was_taken_away_does_not_come_back(root, following):
    root.path("/etc/xacct/xacct.conf").unlink()
    root.install(*following.values())
    assert root.run("dpkg-query", "-W", "-f", "${Version} ", *roots.NAMES).count("+next ") == len(roots.NAMES)
    assert not root.path("/etc/xacct/xacct.conf").exists()


def test_a_profile_that_is_on_stays_on_and_keeps_its_options(root, following):
    root.run("pam-auth-update", "--enable", "xacct")
    root.shell(r"sed -i '/pam_xacct/s/$/ require_role/' /etc/pam.d/common-account")
    before = root.shell("grep pam_xacct /etc/pam.d/common-*")
    assert "require_role" in before
    root.install(*following.values())
    assert [line.split() for line in root.shell("grep pam_xacct /etc/pam.d/common-*").splitlines()] == \
        [line.split() for line in before.splitlines()]


SYSTEMCTL = """#!/bin/sh
echo "$*" >>/systemctl.said
case $* in
*is-enabled*xacct.socket*) echo enabled ;;
*is-enabled*) echo disabled ;;
*is-active*) exit 0 ;;
esac
"""


@pytest.fixture
def asked(root):
    """What systemd is asked, where it runs, as a function that forgets it; the service and the firewall are active."""
    root.path("/run/systemd/system").mkdir(parents=True)
    root.path("/usr/bin/systemctl").unlink()
    root.path("/usr/bin/systemctl").write_text(SYSTEMCTL, encoding="ascii")
    root.path("/usr/bin/systemctl").chmod(0o755)
    root.path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)

    def since():
        path = root.path("/systemctl.said")
        said = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        looking = ("is-active", "is-enabled", "daemon-reload")
        return [line.replace("--quiet --system ", "") for line in said if not any(word in line for word in looking)]

    return since


def test_an_upgrade_restarts_the_service_and_neither_socket_nor_firewall(root, asked, following):
    root.install(*following.values())
    assert [line for line in asked() if "xacct" in line] == [
        "start xacct.socket", "try-restart xacct.service", "try-reload-or-restart xacct-firewall.service"]


def test_removal_stops_all_and_says_what_is_open_then(root, asked):
    root.run("systemctl", "--root=/", "enable", "xacct-firewall.service")
    root.shell("mkdir -p /etc/systemd/system/sysinit.target.wants; "
               "ln -s /lib/systemd/system/xacct-firewall.service /etc/systemd/system/sysinit.target.wants/")
    asked()
    said = root.run("dpkg", "--remove", "libpam-xacct", "libnss-xacct", "xacct")
    assert [line for line in asked() if "xacct" in line] == [
        "stop xacct-firewall.service xacct.service", "stop xacct.socket"]
    assert "all users can now ask for the host's own credentials" in said
