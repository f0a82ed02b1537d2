"""What of a promise rests on the files that are installed beside the programs.

SPDX-License-Identifier: BSD-2-Clause
"""

import pathlib

import pytest

CONF = pathlib.Path(__file__).parents[2] / "conf"

# Whom it belongs to, and with which mode, of what tmpfiles.d(5) makes or looks after.
FOLDERS = {
    # Every user comes through it to the socket; who put that there must be beyond doubt.
    "/run/xacct": ("0755", "xacct", "xacct"),
    "/run/xacct/sessions": ("0700", "xacct", "xacct"),
    "/var/lib/xacct": ("0700", "xacct", "xacct"),
    "/var/log/xacct": ("0750", "xacct", "xacct"),
    "/etc/xacct": ("0750", "root", "xacct"),
    "/etc/xacct/xacct.conf": ("0640", "root", "xacct"),
}


def lines_of(name):
    text = (CONF / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and line[0] not in "#["]


@pytest.fixture
def unit():
    """The settings of the service, by name."""
    settings = [line.partition("=") for line in lines_of("xacct.service.in")]
    # Lists of calls add up.
    once = [key for key, _, _ in settings if key != "SystemCallFilter"]
    assert len(set(once)) == len(once), "one of them stands there twice"
    return {key: value for key, _, value in settings}


def test_the_unit_hides_neither_who_asks_nor_whose_process_lives(unit):
    for key in ("PrivateUsers", "DynamicUser", "PrivatePIDs"):
        assert unit.get(key, "no") == "no"
    assert unit.get("ProtectProc", "default") == "default"
    assert unit.get("ProcSubset", "all") == "all"


def test_the_unit_gives_its_own_user_and_no_privilege(unit):
    assert (unit["User"], unit["Group"]) == ("xacct", "xacct")
    # A sign in front of the path would leave root's rights.
    assert unit["ExecStart"].startswith("@libexecdir@/")
    assert unit["NoNewPrivileges"] == "yes"
    assert unit["CapabilityBoundingSet"] == "" and "AmbientCapabilities" not in unit
    assert "SupplementaryGroups" not in unit


def test_the_unit_leaves_no_core_and_memory_to_lock(unit):
    assert unit["LimitCORE"] == "0"
    assert unit["LimitMEMLOCK"] == "64M"


def test_folders_and_policy_are_closed_to_others():
    laid = {}
    for line in lines_of("tmpfiles.conf"):
        kind, path, mode, user, group, _ = line.split()
        assert kind in ("d", "z")
        laid[path] = (mode, user, group)
    assert laid == FOLDERS
