"""How the helper finds itself: everything of the login process is gone.

SPDX-License-Identifier: BSD-2-Clause
"""

import pwd
import signal

import pytest

from conftest import PAM_SUCCESS

CAPABILITIES = ("status_CapInh", "status_CapPrm", "status_CapEff", "status_CapBnd", "status_CapAmb")


@pytest.fixture(params=["plain", "odd"])
def view(host, request):
    """From a plain caller, and from one with as much as possible to inherit."""
    odd = ["groups", "odd-signals", "sigchld=ignore", "limits", "open-files=20", "mask",
           "change-folder=/mnt/module", "block-all"]
    result = host.run(*(odd if request.param == "odd" else []), "open",
                      env={"LD_LIBRARY_PATH": "/nonexistent", "HTTPS_PROXY": "http://evil.example",
                           "SECRET": "x"})
    assert result.codes() == [PAM_SUCCESS]
    view, = host.requests()
    return view


def test_it_is_the_helpers_user_and_nobody_else(view):
    user = pwd.getpwnam("xacct")
    assert view["status_Uid"][0].split() == [str(user.pw_uid)] * 4
    assert view["status_Gid"][0].split() == [str(user.pw_gid)] * 4
    assert view["status_Groups"] == [""]


def test_it_has_no_capability_and_can_get_none(view):
    for name in CAPABILITIES:
        assert int(view[name][0], 16) == 0, name
    assert view["status_NoNewPrivs"] == ["1"]


def test_it_has_its_conversation_and_no_other_descriptor(view):
    assert view["descriptors"][0].split() == ["0", "1", "2"]
    assert view["fd1"] == view["fd2"] == ["/dev/null"]


def test_its_environment_is_empty_and_its_arguments_are_ours(view, host):
    assert "environment" not in view
    assert [view[f"argument{i}"][0] for i in range(4)] == [
        "xacct-helper", "--config", str(host.orders_file), "--once"]
    assert "argument4" not in view


def test_every_signal_is_at_its_default_and_none_is_blocked(view):
    for name in ("status_SigIgn", "status_SigBlk", "status_SigCgt", "status_SigPnd"):
        assert int(view[name][0], 16) == 0, name


def test_it_dies_with_its_supervisor_and_leads_its_own_session(view):
    assert view["pdeathsig"] == [str(int(signal.SIGKILL))]
    assert view["leads"] == ["1"]


def test_its_folder_and_mask_are_neutral(view):
    assert view["cwd"] == ["/"] and view["umask"] == ["077"]


def test_its_limits_are_not_the_users_and_it_leaves_no_core(view):
    limits = {name: int(view[f"limit_{name}"][0])
              for name in ("core", "nproc", "nofile", "fsize", "memlock", "data")}
    assert limits["core"] == 0
    assert limits["nproc"] == -1 or limits["nproc"] > 1000
    assert limits["nofile"] == 1024
    assert limits["fsize"] == -1 and limits["data"] == -1
    assert limits["memlock"] >= 8 * 1024 * 1024
