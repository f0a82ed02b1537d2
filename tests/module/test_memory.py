"""The same logins under valgrind and under AddressSanitizer, LeakSanitizer and UBSan.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from conftest import PAM_SUCCESS, PERMITTED, assert_no_helper_left, dumped

STEPS = ["check", "open", "open", "user=module-bob", "open", "close", "end", "start=module-alice",
         "open=silent", "close=silent", "env"]

ORDERS = [
    ("reply", PERMITTED),
    ("reply", ["status=denied", "reason=" + "x" * 5000]),
    ("reply", [*PERMITTED, "LD_PRELOAD=x"]),
    ("reply", ["status=permitted"]),
    ("crash", ()), ("exit", ()), ("half", PERMITTED), ("flood", ()), ("deaf", ()),
    ("version", ()), ("two-replies", PERMITTED), ("no-nul", PERMITTED),
]

VALGRIND = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=all",
            "--errors-for-leak-kinds=all", "--track-fds=no", "--error-exitcode=77",
            "--child-silent-after-fork=yes"]


@pytest.fixture
def own_memory():
    """valgrind knows no process in another's memory."""
    with dumped("1"):
        yield


@pytest.mark.parametrize("behaviour, reply", ORDERS)
def test_valgrind_finds_no_fault_and_no_lost_byte(host, own_memory, behaviour, reply):
    host.orders(behaviour, reply)
    result = host.run(*STEPS, options=f"debug timeout={'1s' if behaviour == 'deaf' else '4s'}",
                      wrap=VALGRIND)
    # The helper was there, and asked where it listens.
    assert not any("did not end" in line for line in result.lines())
    assert bool(host.requests()) == (behaviour not in ("crash", "exit", "flood", "version"))
    assert (set(result.codes()) == {PAM_SUCCESS}) == ((behaviour, reply) == ("reply", PERMITTED))
    assert_no_helper_left()


@pytest.mark.parametrize("behaviour, reply", ORDERS)
def test_sanitizers_find_no_fault_and_no_lost_byte(sanitized_host, behaviour, reply):
    sanitized_host.orders(behaviour, reply)
    sanitized_host.run(*STEPS, options=f"debug timeout={'1s' if behaviour == 'deaf' else '4s'}")
    assert_no_helper_left()


SERVICES = ["reply", "half", "version", "nonsense", "deaf", "deaf-reply"]


@pytest.mark.parametrize("behaviour", SERVICES)
def test_valgrind_finds_nothing_where_a_service_is_asked(host, own_memory, behaviour):
    timeout = "1s" if behaviour == "deaf" else "4s"
    with host.serving(behaviour, record=False):
        host.ask(*STEPS, options=f"debug timeout={timeout}", wrap=VALGRIND)
    assert_no_helper_left()


@pytest.mark.parametrize("behaviour", SERVICES)
def test_sanitizers_find_nothing_where_a_service_is_asked(sanitized_host, behaviour):
    timeout = "1s" if behaviour == "deaf" else "4s"
    with sanitized_host.serving(behaviour, record=False):
        sanitized_host.ask(*STEPS, options=f"debug timeout={timeout}")
    assert_no_helper_left()


@pytest.mark.parametrize("options", ["nonsense", "timeout=x config=y", "user=nobody-at-all"])
def test_valgrind_finds_nothing_where_the_line_is_wrong(host, options):
    host.run(*STEPS, options=options, wrap=VALGRIND)


def test_valgrind_finds_nothing_with_many_sessions_and_threads(host, own_memory):
    host.orders("reply", PERMITTED, record=False)
    result = host.run("repeat=20", "threads=4", options="timeout=60s", wrap=VALGRIND)
    assert "opened 20 closed 20" in result.other and "threads 4" in result.other


def test_sanitizers_find_nothing_with_many_sessions_and_thirty_threads(sanitized_host):
    sanitized_host.orders("reply", PERMITTED, record=False)
    result = sanitized_host.run("note", "repeat=100", "threads=30", "left", options="timeout=60s")
    assert "opened 100 closed 100" in result.other and "threads 30" in result.other
    assert result.left.startswith("descriptors=0 children=0 signals=same")
