"""What the library's file says about itself: it is loaded into every program of the host.

SPDX-License-Identifier: BSD-2-Clause
"""

import re
import subprocess

from .conftest import BUILD

LIBRARY = f"{BUILD}/libnss_xacct.so.2"
EXPORTED = {f"_nss_xacct_{name}" for name in (
    "getgrnam_r", "getgrgid_r", "initgroups_dyn", "setgrent", "getgrent_r", "endgrent")}

# All that it may ask of libc. Nothing of NSS, of the environment, of signals or of processes.
USED = {
    *("close", "connect", "fcntl", "getsockopt", "poll", "recv", "send", "setsockopt", "socket"),
    *("stat", "getuid"),
    *("clock_gettime", "geteuid", "pthread_mutex_lock", "pthread_mutex_unlock"),
    *("pthread_mutex_trylock", "pthread_setcancelstate", "free", "reallocarray", "__errno_location", "__stack_chk_fail"),
    *("memcpy", "memchr", "memcmp", "memmove", "memset", "explicit_bzero", "strchr", "strcmp"),
    *("strlen", "strncmp", "strspn", "strcspn", "strtoll", "__isoc23_strtoll", "snprintf"),
    *("__snprintf_chk", "__memcpy_chk", "__strcpy_chk", "__memset_chk", "__explicit_bzero_chk"),
    *("__cxa_finalize", "__gmon_start__", "_ITM_deregisterTMCloneTable"),
    *("_ITM_registerTMCloneTable", "strcpy", "__memmove_chk"),
}


def readelf(*what):
    return subprocess.run(
        ["readelf", "--wide", *what, LIBRARY], check=True, capture_output=True, text=True
    ).stdout


def symbols():
    """(name, defined here) of each dynamic symbol."""
    for line in readelf("--dyn-syms").splitlines():
        fields = line.split()
        if len(fields) >= 8 and fields[4] in ("GLOBAL", "WEAK"):
            yield fields[7].split("@")[0], fields[6] != "UND"


def test_libc_alone_is_needed():
    assert re.findall(r"\(NEEDED\).*\[(.*)\]", readelf("--dynamic")) == ["libc.so.6"]
    assert "[libnss_xacct.so.2]" in readelf("--dynamic")


def test_only_what_libc_calls_is_exported():
    assert {name for name, defined in symbols() if defined} == EXPORTED


def test_nothing_is_used_that_could_surprise_a_program():
    assert {name for name, defined in symbols() if not defined} <= USED


def test_nothing_happens_at_loading_and_no_thread_has_storage():
    sections = readelf("--sections")
    assert not re.search(r" \.(tdata|tbss|ctors|dtors)", sections)
    # The two that the compiler's own start files put in.
    for name in ("init_array", "fini_array"):
        size = re.search(rf"\.{name}\s+\S+\s+\S+\s+\S+\s+(\S+)", sections)[1]
        assert int(size, 16) == 8


def test_it_is_hardened():
    told = readelf("--dynamic", "--program-headers")
    assert "BIND_NOW" in told and "GNU_RELRO" in told and "TEXTREL" not in told
    assert not re.search(r" RWE ", told)
