"""The PAM lines.

SPDX-License-Identifier: BSD-2-Clause
"""

import glob
import os
import shutil

import pytest

from rig import accounts, policy

from .conftest import MODULE, STACK, write_stack

SESSION = f"session required {MODULE}\n"
ACCOUNT = f"account required {MODULE}\n"
WITHOUT = STACK.replace(SESSION, "").replace(ACCOUNT, "")


def test_lines_where_they_must_stand(doctor):
    told = doctor("pam")
    assert (told.status, told.wrong) == (0, []), told.printed
    told.one("note", r'^/etc/pam.d/sshd:6: it is "required": while AWS cannot be had, those get '
             'in whom the module leaves alone .* without a grant.*deliver = process.* in memory')
    told.one("ok", "where they must in 1 of the services")


@pytest.mark.parametrize("above, result, said", [
    ("session required pam_env.so user_readenv=1", "fault", "pam_env.so .*set variables of their"),
    ("session required pam_env.so", "warning", "pam_env.so .*set variables of their own"),
    ("-session optional pam_limits.so", "warning", "pam_limits.so .*could starve the helper"),
    ("@include with-limits", "warning", r"pam_limits.so \(/etc/pam.d/with-limits:2\)"),
    ("session include with-limits", "warning", r"pam_limits.so \(/etc/pam.d/with-limits:2\)"),
    ("session sufficient pam_permit.so", "fault", 'not asked where pam_permit.so.*"sufficient"'),
    ("session [success=done default=ignore] pam_permit.so", "fault", "not asked where pam_permit"),
    ("session [success=1 default=ignore] pam_permit.so", "fault", "not asked where pam_permit"),
    ("session \\\n sufficient \\\n pam_permit.so  # continued", "fault", "not asked where"),
])
def test_what_stands_above_our_session_line(doctor, above, result, said):
    limits = "#\nsession required pam_limits.so\nauth optional x.so\n"
    write_stack(STACK.replace(SESSION, f"{above}\n{SESSION}"))
    with accounts.replaced("/etc/pam.d/with-limits", limits):
        told = doctor("pam")
    assert told.status == 1
    told.one(result, said)
    assert len(told.wrong) == 1, told.printed


@pytest.mark.parametrize("above", [
    "session [success=2 default=ignore] pam_permit.so\nsession optional pam_permit.so\n"
    "session optional pam_permit.so",
    "session substack ends", "session [success=ok default=1] pam_permit.so",
    "account required pam_permit.so", "#session sufficient pam_permit.so",
])
def test_what_may_stand_above_our_session_line(doctor, above):
    write_stack(STACK.replace(SESSION, f"{above}\n{SESSION}"))
    with accounts.replaced("/etc/pam.d/ends", "session sufficient pam_permit.so\n"):
        assert doctor("pam").wrong == []


def test_an_account_line_behind_pam_localuser_is_not_asked(doctor):
    write_stack(STACK.replace(ACCOUNT, f"account sufficient pam_localuser.so\n{ACCOUNT}"))
    doctor("pam").one("fault", "it is not asked where pam_localuser.so above it succeeds")


def test_a_session_line_above_common_session(doctor):
    write_stack(STACK.replace(SESSION, "").replace("@include common-session",
                                                   f"{SESSION}@include common-session"))
    doctor("pam").one("warning", "it stands above pam_unix.so")


def test_a_session_line_above_pam_systemd_is_as_the_profile_of_pam_auth_update_has_it(doctor):
    write_stack(STACK.replace(SESSION, f"{SESSION}-session optional pam_systemd.so\n"))
    assert doctor("pam").wrong == []


@pytest.mark.parametrize("options, said", [
    ("nonsense", "the option nonsense is not understood; expected config= helper="),
    ("timeout=5", "the option timeout=5 is not understood; expected 100ms to 60s"),
    ("socket=x", "the option socket=x is not understood; expected an absolute path"),
    ("user=nobody-of-this-name", "there is no user nobody-of-this-name in /etc/passwd"),
    ("user=root", "user=root is root"),
    ("helper=/mnt/none", "helper=/mnt/none: /mnt/none: No such file"),
    ("helper=/tmp/helper", "helper=/tmp/helper: /tmp: may be written by others"),
    ("socket=/tmp/socket", "socket=/tmp/socket: /tmp: may be written by others"),
    ("socket=/etc/passwd/socket", "socket=/etc/passwd/socket: /etc/passwd: is not a folder"),
    ("config=/etc/none", "config=/etc/none: No such file"),
])
def test_options_that_are_wrong(doctor, options, said):
    write_stack(STACK.replace(SESSION, f"{SESSION.strip()} {options}\n"))
    told = doctor("pam")
    assert told.status == 1
    assert told.one("fault", said).startswith("/etc/pam.d/sshd:6: ")


@pytest.mark.parametrize("option", ["socket=/run/xacct/none", "socket=/run/none/socket"])
def test_a_socket_that_is_not_there_is_warned_of(doctor, option):
    write_stack(STACK.replace(MODULE, f"{MODULE} {option}"))
    told = doctor("pam")
    assert told.of("fault") == [] and len(told.wrong) == 2
    assert all(f"{option}: there is no socket" in text for text in told.wrong)


@pytest.mark.parametrize("option", ["state=/var/lib/x", "config=/etc/xacct/../xacct/xacct.conf"])
def test_an_option_on_one_of_the_lines_alone_is_warned_of(doctor, option):
    write_stack(STACK.replace(SESSION, f"{SESSION.strip()} {option}\n"))
    name = option.split("=", maxsplit=1)[0]
    said = doctor("pam").one("warning", f"its {name}= is not that of the account line")
    assert said.startswith("/etc/pam.d/sshd:6: ")
    write_stack(STACK.replace(MODULE, f"{MODULE} {option}"))
    assert doctor("pam").wrong == []


@pytest.mark.usefixtures("service")
def test_options_that_are_right(doctor):
    options = "timeout=2s require_role helper=/usr/libexec/xacct-helper [socket=/run/xacct/socket]"
    write_stack(STACK.replace(SESSION, f"{SESSION.strip()} {options}\n"))
    told = doctor("pam")
    assert told.of("fault") == []
    assert "its socket= is not that" in told.one("warning", "")


@pytest.mark.parametrize("stack, result, said", [
    (STACK.replace(ACCOUNT, ""), "warning", "sshd has a session line and no account line"),
    (STACK.replace(SESSION, ""), "warning", "sshd has an account line and no session line"),
    (WITHOUT, "warning", "^/etc/pam.d/sshd: it does not name pam_xacct.so"),
    (STACK.replace("session required /mnt", "session sufficient /mnt"), "fault", 'is "sufficient"'),
    (STACK.replace(MODULE, "/mnt/security/gone/pam_xacct.so"), "fault",
     "no such file as /mnt/security/gone/pam_xacct.so: libpam cannot load the module; mend the line "
     "now, or install the module where libpam looks for it: without it nobody gets in, root"),
    (STACK.replace(MODULE, "pam_xacct.so"), "fault", "no pam_xacct.so in any of libpam's folders"),
    (STACK.replace(SESSION, SESSION + "session required pam_xact.so\n"), "fault",
     "no pam_xact.so in any of libpam's folders (/usr/lib/*/security and the like): it cannot load"),
    (STACK.replace(MODULE, "pam_xact.so"), "fault", "no pam_xact.so in any of libpam's"),
    (STACK + "session [default=bad] pam_none.so\n", "fault", "no pam_none.so in any of libpam's"),
    (f"auth optional {MODULE}\n{STACK}", "warning", "it is a line of auth, where pam_xacct.so does"),
    (STACK + SESSION, "warning", "it stands there a second time: the first is /etc/pam.d/sshd:6"),
    (f"nonsense required x.so\n{STACK}", "fault", "sshd: its first word is none of auth"),
    (f"@include nonsense\n{STACK}", "fault", "sshd: the service nonsense cannot be read"),
    (f"@include sshd\n{STACK}", "fault", "include each other too deep"),
    (f"session required\n{STACK}", "fault", "it names no module"),
])
def test_a_stack_that_is_wrong(doctor, stack, result, said):
    write_stack(stack)
    told = doctor("pam")
    assert told.status == 1
    assert any(said.strip("^") in text for text in told.of(result)), told.printed


@pytest.mark.parametrize("line", [
    "session optional pam_none.so", "-session required pam_none.so",
    "session [success=ok default=ignore] pam_none.so",
])
def test_a_module_that_may_be_missing(doctor, line):
    write_stack(f"{STACK}{line}\n")
    assert doctor("pam").wrong == []


@pytest.fixture
def installed():
    """The module in libpam's folder, by a copy: installed is its name there."""
    (folder,) = (os.path.dirname(path) for path in glob.glob("/usr/lib/*/security/pam_unix.so"))
    path = f"{folder}/pam_xacct.so"
    shutil.copy2(MODULE, path)
    yield path
    os.unlink(path)


def test_a_module_in_libpams_folder_may_be_named_by_its_name(doctor, installed):
    write_stack(STACK.replace(MODULE, "pam_xacct.so"))
    assert doctor("pam").wrong == []
    os.chmod(installed, 0o666)
    said = doctor("pam").of("fault")
    assert said and all(f"{installed}: may be written by others" in text for text in said)


def test_a_path_through_a_link_of_roots_is_as_good(doctor, installed):
    assert os.readlink("/lib") == "usr/lib"
    write_stack(STACK.replace(MODULE, installed.removeprefix("/usr")))
    assert doctor("pam").wrong == []
    write_stack(STACK.replace(MODULE, "/lib/gone/pam_xacct.so"))
    assert "no such file as /lib/gone/pam_xacct.so" in " ".join(doctor("pam").of("fault"))
    os.symlink("/tmp", "/mnt/through")
    shutil.copy2(MODULE, "/tmp/pam_xacct.so")
    write_stack(STACK.replace(MODULE, "/mnt/through/pam_xacct.so"))
    said = doctor("pam").of("fault")
    os.unlink("/mnt/through")
    assert said and all("/tmp: may be written by others" in text for text in said)


def test_optional_has_no_note(doctor):
    write_stack(STACK.replace(SESSION, SESSION.replace("required", "optional")))
    assert doctor("pam").of("note") == []


def test_a_grant_for_a_service_without_our_lines(doctor):
    policy.append("[grant g]\nusers = bob\nservices = sudo\nroles = client-a-dev\n")
    told = doctor("pam")
    assert "/etc/pam.d/sudo does not name" in told.one("warning", r"^/etc/xacct/xacct.conf:\d+: \[grant g\]")
    with accounts.replaced("/etc/pam.d/sudo"):
        write_stack(STACK, "sudo")
        assert doctor("pam").wrong == []
