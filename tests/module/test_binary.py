"""What the module's file says about itself.

SPDX-License-Identifier: BSD-2-Clause
"""

import re
import subprocess

import pytest

from conftest import BUILD

ENTRY_POINTS = {"pam_sm_authenticate", "pam_sm_setcred", "pam_sm_acct_mgmt", "pam_sm_open_session",
                "pam_sm_close_session", "pam_sm_chauthtok"}

# Everything that asks NSS, by way of the C library or of libpam.
NSS = re.compile(r"""^( get(pw|gr|sp|sg)(nam|uid|gid|ent)(_r)? | set(pw|gr|sp|net)ent | endpwent
                     | get(host|net|proto|serv|rpc|alias)(by|ent)\w* | getaddrinfo\w* | getnameinfo
                     | initgroups | getgrouplist | innetgr | getnetgrent\w* | cuserid | getlogin\w*
                     | getpw | wordexp | pam_modutil_get\w+ | pam_modutil_user_in_group\w+
                     | __nss\w+ )$""", re.VERBOSE)

# What may act at loading, unloading, or a thread's end, or changes the whole program.
PROCESS_WIDE = re.compile(r"""^( openlog | closelog | setlogmask | syslog | atexit | on_exit
                              | __cxa_atexit | __cxa_thread_atexit\w* | pthread_key_create
                              | pthread_create | pthread_atfork | sigaction | signal | alarm
                              | setitimer | setenv | putenv | clearenv | fork | vfork | system
                              | popen | exit | set(e|re|res)?[ug]id | setgroups | printf | puts
                              | __printf_chk )$""", re.VERBOSE)


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def undefined(path):
    lines = output("readelf", "--wide", "--symbols", path).splitlines()
    return {line.split()[7].split("@")[0] for line in lines
            if len(line.split()) >= 8 and line.split()[6] == "UND"}


@pytest.fixture(scope="module")
def module():
    return BUILD / "pam_xacct.so"


def objects():
    found = [*BUILD.glob("obj/pam_xacct/*.o"),
             *(BUILD / f"obj/common/{name}.o"
               for name in ("status", "deadline", "frame", "escape", "reference"))]
    assert len(found) > 10
    return found


def test_only_libc_and_libpam_are_needed(module):
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "--wide", "--dynamic", module))
    assert sorted(needed) == ["libc.so.6", "libpam.so.0"]


def test_only_the_entry_points_are_exported(module):
    lines = output("readelf", "--wide", "--dyn-syms", module).splitlines()
    exported = {line.split()[7].split("@")[0] for line in lines
                if re.search(r" (GLOBAL|WEAK) ", line) and " UND " not in line}
    assert exported == ENTRY_POINTS


@pytest.mark.parametrize("pattern", [NSS, PROCESS_WIDE], ids=["nss", "process-wide"])
def test_no_object_refers_to(module, pattern):
    used = {name for path in [module, *objects()] for name in undefined(path)}
    assert "fgetpwent_r" in used
    assert [name for name in used if pattern.match(name)] == []


def test_there_is_no_state_no_constructor_and_no_thread_storage():
    for path in objects():
        lines = output("readelf", "--wide", "--sections", path).splitlines()
        sections = {match[1]: int(match[2], 16) for line in lines
                    if (match := re.match(r"\s*\[\s*\d+\]\s+(\S+)\s+\S+\s+\S+\s+\S+\s+(\S+)", line))}
        for name, size in sections.items():
            if name in (".data", ".bss") or re.match(r"\.(tdata|tbss|init_array|fini_array|ctors)",
                                                     name):
                assert size == 0, f"{path} has {name}"


@pytest.mark.parametrize("fact", ["BIND_NOW", "GNU_RELRO"])
def test_it_is_hardened(module, fact):
    assert fact in output("readelf", "--wide", "--dynamic", "--program-headers", module)


def test_its_stack_and_text_are_not_both_writable_and_executable(module):
    headers = output("readelf", "--wide", "--program-headers", module)
    assert not re.search(r" RWE ", headers)
    assert "TEXTREL" not in output("readelf", "--wide", "--dynamic", module)
