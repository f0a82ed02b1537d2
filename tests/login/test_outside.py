"""A bastion whose own identity comes from a program of the admin's, or by an X.509 certificate with
its key in a file or in a token: with the service and without.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import signal
import time

import pytest

from rig import base_program, policy, sts_standin
from rig.base_program import PROGRAM
from rig.fixtures import BASE_ARN
from rig.processes import children_of, memory_of, processes_of, wait_until
from rig.roles_anywhere import ISSUED, Authority, RolesAnywhere, SoftHsm
from rig.service import Service

from .logging_in import SSH_TAKES, TIMEOUT, assert_in, write_base

HUB = "arn:aws:sts::999900001111:assumed-role/Hub/bastion"

@pytest.fixture
def program(bastion, sts):
    """A [base] with a program that prints a session's keys, which STS knows."""
    keys = base_program.prepare(sts)
    write_base(sts, "source = process", f"command = {PROGRAM} --profile bastion")
    return keys


def test_a_login_by_a_program(bastion, sts, program):
    login = assert_in(bastion)
    assert sts.calls[-1].access_key == program["AccessKeyId"]
    assert login.environment["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key
    assert program["AccessKeyId"] not in login.stdout
    assert program["SecretAccessKey"] not in bastion.syslog.text()


def test_the_service_runs_the_program_once(bastion, sts, program):
    with Service():
        for user in ("alice", "bob", "alice"):
            assert_in(bastion, user)
    assert base_program.runs() == 1


def outside_of(service):
    """The process of a service that starts what runs outside; it is the later one of two."""
    _look_ups, outside = children_of(service.pid)
    return outside


def is_in_memory(pid, text):
    return any(text.encode() in part for part in memory_of(pid))


def test_the_process_outside_never_holds_what_a_program_prints(bastion, sts, program):
    with Service() as service:
        assert_in(bastion)
        assert is_in_memory(service.pid, program["SecretAccessKey"])
        outside = outside_of(service)
        assert is_in_memory(outside, PROGRAM)
        for secret in (program["SecretAccessKey"], sts.issued[-1].secret):
            assert not is_in_memory(outside, secret)


def test_another_command_has_the_service_started_anew(bastion, sts, program):
    with Service() as service:
        assert_in(bastion)
        write_base(sts, "source = process", f"command = {PROGRAM} --profile other")
        # Not the service's to run any more: the login goes the other way.
        assert_in(bastion, "bob")
        assert service.wait() == 0
        bastion.syslog.wait_for("the service ends: the policy names folders, programs or PKCS#11")
        service.start()
        assert_in(bastion)
    assert base_program.runs() == 3


def test_a_command_that_comes_later_has_the_service_started_anew(bastion, sts, program):
    with Service() as service:
        write_base(sts, "source = file", f"file = {policy.BASE}")
        with contextlib.suppress(AssertionError):
            assert_in(bastion, "bob")
        assert service.wait() == 0
        service.start()
        write_base(sts, "source = process", f"command = {PROGRAM}")
        assert_in(bastion)
        assert service.wait() == 0


@pytest.mark.parametrize("way", ["service", "once"])
def test_a_program_that_hangs_costs_a_login_no_more_than_its_time(bastion, sts, program, way):
    bastion.sshd.set_stack(options=f"timeout={TIMEOUT:.0f}s")
    base_program.write("echo waiting for the vault >&2", "sleep 1000")
    with Service() if way == "service" else contextlib.nullcontext():
        start = time.monotonic()
        login = bastion.sshd.ssh("alice", "env")
        assert time.monotonic() - start < TIMEOUT + SSH_TAKES
        assert login.status == 254
        status, text, _ = bastion.verdict()
        assert status == "unavailable"
        said = "killed as it had not ended in time, and said: waiting for the vault"
        if way == "service":
            # The fetch is for all, and has longer than a login.
            assert "their source did not answer in time; the log tells" in text
            bastion.syslog.wait_for(f"the base credentials of .* cannot be had: .*{said}")
        else:
            assert said in text
    wait_until(lambda: not processes_of(b"sleep\x001000\x00"), 5, "the end of the program")


def test_a_service_whose_outside_dies_ends_and_logins_go_on(bastion, sts, program):
    with Service() as service:
        os.kill(outside_of(service), signal.SIGKILL)
        assert service.wait() != 0
        bastion.syslog.wait_for("the service ends: the process outside its sandbox is gone")
        assert_in(bastion)


@pytest.fixture
def anywhere(bastion, sts, tmp_path):
    authority = Authority(tmp_path)
    with RolesAnywhere(authority.root) as server:
        server.trusted = authority
        sts.principals = {
            ISSUED["accessKeyId"]: sts_standin.Principal(
                BASE_ARN,
                ISSUED["secretAccessKey"],
                ISSUED["sessionToken"],
                source_identity=server.source_identity,
            )
        }
        yield server


def place(path):
    with open(path, encoding="ascii") as text:
        return policy.place(f"{policy.FOLDER}/{os.path.basename(path)}", text.read())


@pytest.mark.parametrize("kind", ["file", "token"])
def test_a_login_by_a_certificate(bastion, sts, anywhere, kind):
    certificate, key = map(str, anywhere.trusted.issue("bastion", "EC"))
    lines = []
    if kind == "token":
        key = SoftHsm().take(key, "signer", 0xA1)
        pin = policy.place(f"{policy.FOLDER}/pin", SoftHsm.PIN)
        lines = [f"pkcs11_module = {SoftHsm.MODULE}", f"pin_file = {pin}"]
    else:
        key = place(key)
    write_base(sts, anywhere.base(place(certificate), key, *lines))
    login = assert_in(bastion)
    call = sts.calls[-1]
    assert call.access_key == ISSUED["accessKeyId"]
    # Roles Anywhere has set the source identity, which cannot be changed.
    assert "SourceIdentity" not in call.parameters
    assert call.parameters["RoleSessionName"] == "alice"
    assert login.environment["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key
    for secret in (ISSUED["secretAccessKey"], ISSUED["sessionToken"], SoftHsm.PIN):
        assert secret not in login.stdout + bastion.syslog.text()


def test_the_service_asks_roles_anywhere_once(bastion, sts, anywhere):
    write_base(sts, anywhere.base(*map(place, anywhere.trusted.issue("bastion", "RSA"))))
    with Service():
        for user in ("alice", "bob", "alice"):
            assert_in(bastion, user)
    assert len(anywhere.sessions) == 1
