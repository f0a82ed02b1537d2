"""Programs that call PAM and live on: nothing in them is changed, and nothing is left in them.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from conftest import PAM_SESSION_ERR, PAM_SUCCESS, PERMITTED, assert_no_helper_left

CLEAN = "left descriptors=0 children=0 signals=same sigchld=0 rest=same".removeprefix("left ")


@pytest.mark.parametrize("sigchld", ["ignore", "reap", "nowait"])
@pytest.mark.parametrize("behaviour, code", [
    ("reply", PAM_SUCCESS), ("crash", PAM_SESSION_ERR), ("deaf", PAM_SESSION_ERR),
    ("absent", PAM_SESSION_ERR)])
def test_a_caller_that_ignores_or_reaps_its_children_gets_the_same_answer(
        host, sigchld, behaviour, code):
    host.orders("reply" if behaviour == "absent" else behaviour, PERMITTED)
    helper = host.root / "libexec/none" if behaviour == "absent" else None
    result = host.run(f"sigchld={sigchld}", "note", "open", "left", helper=helper,
                      options="timeout=1s")
    assert result.codes() == [code]
    assert result.left == CLEAN
    if behaviour == "crash":
        assert "died of signal 11" in result.lines()[0]
    assert_no_helper_left()


def test_odd_dispositions_and_masks_stay_as_they_were(host):
    result = host.run("odd-signals", "note", "check", "open", "close", "left")
    assert result.codes() == [PAM_SUCCESS] * 3 and result.left == CLEAN


@pytest.mark.parametrize("behaviour, code", [("reply", PAM_SUCCESS), ("deaf", PAM_SESSION_ERR)])
def test_a_caller_whose_signals_interrupt_everything_gets_the_same_answer(host, behaviour, code):
    host.orders(behaviour, PERMITTED)
    result = host.run("interrupt", "note", "open", "left", options="timeout=1s")
    assert result.codes() == [code] and result.left == CLEAN
    assert result.results[0][2] <= 850


def test_a_caller_without_standard_descriptors_is_served(host):
    result = host.run("close-standard", "noise", "note", "check", "open", "close", "left")
    assert result.codes() == [PAM_SUCCESS] * 3 and result.left == CLEAN


@pytest.mark.parametrize("sigchld", ["ignore", "reap", "nowait"])
def test_thirty_threads_open_and_close_at_once(host, sigchld):
    host.orders("reply", PERMITTED, record=False)
    result = host.run(f"sigchld={sigchld}", "note", "threads=30", "left", options="timeout=30s")
    assert "threads 30" in result.other and result.left == CLEAN
    assert_no_helper_left()


def test_thirty_threads_with_a_helper_that_hangs_are_done_within_the_time(host):
    host.orders("deaf", record=False)
    result = host.run("note", "threads=30", "left", options="timeout=3s")
    assert "threads 0" in result.other and result.left == CLEAN
    assert_no_helper_left()


def test_a_thousand_sessions_in_one_process_leave_nothing(host):
    host.orders("reply", PERMITTED, record=False)
    result = host.run("note", "repeat=1000", "left")
    assert "opened 1000 closed 1000" in result.other and result.left == CLEAN


def test_the_program_lives_on_after_the_module_is_unloaded(host):
    result = host.run("note", "open", "close", "mapped", "end", "mapped", "left", "start", "open")
    first, second = [line for line in result.other if line.startswith("mapped")]
    assert first != "mapped 0" and second == "mapped 0"
    assert result.codes() == [PAM_SUCCESS] * 3 and result.left == CLEAN


def test_nothing_is_written_to_the_programs_output(host):
    """The login program's lines are all there is: its output is copied high, 1 and 2 are watched."""
    result = host.run("check", "open", "close")
    assert result.other == []
    assert host.stderr == ""
