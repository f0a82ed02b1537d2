"""The arguments of the pam.d line.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from conftest import LOG_ERR, PAM_SESSION_ERR, PAM_SUCCESS, PAM_SYSTEM_ERR


@pytest.mark.parametrize("option", [
    "nonsense", "debugging", "debug=1", "quiet=yes", "require_role=", "timeout", "Debug",
    "time", "timeout=", "timeout=0", "timeout=99ms", "timeout=61s", "timeout=60001ms",
    "timeout=5", "timeout=5m", "timeout=-5", "timeout=+5", "timeout=5.5", "timeout=5ss",
    "timeout=99999999999999999999", "timeout=18446744073709551s", "minimum_uid=", "minimum_uid=-1",
    "minimum_uid=4294967295", "minimum_uid=1000x", "minimum_uid=0x10", "config=", "config=relative",
    "helper=bin/helper", "user=", "=", "socket", "socket=", "socket=run/xacct/socket",
    "socket=/" + "x" * 107,
])
def test_an_unknown_option_or_a_bad_value_is_logged_and_the_line_fails(host, option):
    result = host.run("check", "open", "env", options=option)
    assert result.codes() == [PAM_SYSTEM_ERR, PAM_SESSION_ERR]
    assert all(f'"{option}"' in line and "expected" in line for line in result.lines(LOG_ERR))
    assert len(result.lines(LOG_ERR)) == 2
    assert result.env["XACCT_ERROR"].startswith("misconfigured:")
    assert host.requests() == []


def test_every_bad_option_is_named(host):
    lines = host.run("open", options="one two timeout=x").lines(LOG_ERR)
    assert [option in line for option, line in zip(("one", "two", "timeout=x"), lines)] == [True] * 3


def test_an_option_with_control_characters_is_logged_escaped(host):
    assert "\\x1b" in host.run("open", options="a\x1b[31m").lines(LOG_ERR)[0]


def test_a_bad_option_fails_for_root_as_well(host):
    assert host.run("open", user="root", options="nonsense").codes() == [PAM_SESSION_ERR]


@pytest.mark.parametrize("value, milliseconds", [
    ("5s", 5000), ("1500ms", 1500), ("1s", 1000), ("60s", 60000), ("60000ms", 60000),
    ("100ms", 100), (None, 5000),
])
def test_timeout_is_in_seconds_or_milliseconds(host, value, milliseconds):
    result = host.run("open", options=f"timeout={value}" if value else "")
    budget = milliseconds * 3 // 5
    highest = budget - min(100, budget // 4)
    # 100 ms may be too short for a busy machine to get an answer; then the log has the number.
    if result.codes() == [PAM_SUCCESS]:
        left = int(host.requests()[0]["request_deadline_ms"][0])
        assert highest - 500 < left <= highest
    else:
        assert f"within {highest} ms" in result.lines(LOG_ERR)[0]


def test_config_goes_to_the_helper_as_it_is_written(host):
    other = host.root / "other orders"
    other.write_text(host.orders_file.read_text())
    host.run("open", options=f"[config={other}]")
    assert host.requests()[0]["argument2"] == [str(other)]
