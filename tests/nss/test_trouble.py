"""Nothing hangs, nothing is left behind, and what cannot be asked is not found.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import socket
import time

import pytest

from rig import accounts, frames, policy
from rig.processes import wait_until

from .conftest import ALICE, CLIENT_A, CLIENT_B, PROGRAM, groups_from, groups_of, look_up, run
from .fake_service import FakeService, answering

NAME, GID = CLIENT_A
_, OTHER = CLIENT_B  # a group that alice is not in
CALLS = "name", "gid", "user", "next", "again"
NOT_FOUND = "\n".join(f"{call} 0 errno same error same" for call in CALLS)
FOUND = "\n".join(f"{call} 1 errno same error same" for call in CALLS)
BUDGET = 0.2


def direct(user=None):
    """What the library itself returns for alice and her group, and how long the calls took, without
    the start of the program that makes them."""
    told, seconds = look_up("direct", NAME, GID, "alice", user=user).rsplit("\n", 1)
    return told, float(seconds)


def test_what_is_found_leaves_errno_alone(nss):
    assert direct()[0] == FOUND
    assert direct(user="alice")[0] == FOUND
    assert direct(user="eve")[0] == NOT_FOUND


def test_without_a_service_nothing_is_found_at_once(alone):
    told, seconds = direct()
    assert told == NOT_FOUND and seconds < BUDGET / 2
    assert look_up("groups", "alice") == "0 errno 0"


def test_a_service_that_died_is_missed_at_once_and_found_again(nss, service):
    service.kill()
    told, seconds = direct()
    assert told == NOT_FOUND and seconds < BUDGET / 2
    service.start()
    assert direct()[0] == FOUND


def test_a_frozen_service_costs_its_budget_once(nss, service):
    service.freeze()
    told, seconds = direct()
    assert told == NOT_FOUND and BUDGET <= seconds < 2 * BUDGET
    service.thaw()
    assert direct()[0] == FOUND


def greeting(connection):
    connection.sendall(frames.encode({"version": frames.VERSION}))


def drip(connection):
    """A byte at a time, for as long as anybody listens."""
    for byte in frames.encode({"version": frames.VERSION}) * 10:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


@pytest.mark.parametrize("serve", [lambda connection: None, greeting, drip],
                         ids=["says nothing", "greets alone", "drips"])
def test_a_service_that_hangs_or_is_slow_costs_its_budget_once(alone, serve):
    with FakeService(serve) as fake:
        told, seconds = direct()
        assert told == NOT_FOUND and BUDGET <= seconds < 2 * BUDGET
        assert len(fake.asked) == 1, "it was not asked again within the second"


HOSTILE = {
    "the system's sudo": answering(("sudo", 27)),
    "a gid of systemd's": answering(("alices", 61184)),
    "a name with a colon": answering(("a:b", GID)),
    "a long name": answering(("a" * 32, GID)),
    "a negative gid": answering((NAME, -1)),
    "a gid beyond all": answering((NAME, 2**32 + 27)),
    "no end": answering((NAME, GID), last=False),
    "a refusal": answering((NAME, GID), status="unavailable"),
    "another version": answering((NAME, GID), version="99"),
    "no frames": lambda connection: connection.sendall(b"\0\0\0\4junk" * 100),
    "a huge frame": lambda connection: connection.sendall(b"\xff" * 4096),
    "one good and one bad": answering((NAME, GID), ("sudo", 27)),
}


def test_a_fake_that_answers_is_believed(alone):
    with FakeService(answering((NAME, GID))):
        assert direct()[0] == FOUND


@pytest.mark.parametrize("serve", HOSTILE.values(), ids=HOSTILE)
def test_what_is_not_as_it_must_be_is_not_found(alone, serve):
    with FakeService(serve):
        told, seconds = direct()
        assert told == NOT_FOUND and seconds < BUDGET


def test_the_answer_to_another_question_is_not_found(alone):
    with FakeService(answering(("xacct-client-b", 70011))):
        assert run("getent", "group", NAME).returncode == 2
        assert run("getent", "group", str(GID)).returncode == 2


def test_who_listens_has_to_be_root_or_the_owner_of_the_folder(alone):
    heard = []

    def greet(connection):
        byte = b""
        # Whoever leaves the greeting unread resets the connection.
        with contextlib.suppress(ConnectionError):
            connection.sendall(frames.encode({"version": frames.VERSION}))
            byte = connection.recv(1)
        heard.append(byte)

    with FakeService(greet, uid=1002) as fake:
        assert direct()[0] == NOT_FOUND
        wait_until(lambda: fake.asked and len(heard) == len(fake.asked), 10, "their end")
    assert not any(heard), "nothing was sent to it"


def test_in_the_helpers_own_processes_nobody_is_asked(nss):
    uid = policy.xacct().pw_uid
    assert direct(user=uid)[0] == NOT_FOUND
    with FakeService(lambda connection: None) as fake:
        assert direct(user=uid)[0] == NOT_FOUND and not fake.asked


def test_the_service_looks_nothing_up_for_its_own_user(nss):
    own = policy.xacct().pw_uid
    for uid in (own, 1002):
        frames.request_as(uid, {"op": "groups"})  # starts the process that asks
    with accounts.Directory([]) as directory:
        directory.hang()
        begin = time.monotonic()
        told = frames.request_as(own, {"op": "groups", "user": "a-stranger"})
        assert told[0]["last"] == "1" and time.monotonic() - begin < BUDGET
        # As it would for anybody else.
        frames.request_as(1002, {"op": "groups", "user": "a-stranger"})
        assert time.monotonic() - begin > 2 * BUDGET


def test_look_ups_that_hang_are_no_logins_of_the_user(nss):
    with accounts.Directory([]) as directory, contextlib.ExitStack() as stack:
        directory.hang()
        for _ in range(40):
            connection = stack.enter_context(frames.connect())
            connection.sendall(frames.request_bytes({"op": "groups", "user": "a-stranger"}))
        check = {"op": "check", "user": "a-stranger", "service": "sshd", "deadline_ms": "900"}
        (reply,) = frames.request(check)
    # Where the machine is slow there is no look-up process for it in time.
    assert reply["status"] == "unavailable" and "too many logins" not in reply["reason"]


HELD = "\n[grant held]\ngroups = auditors\nroles = client-b-dev\n"


@pytest.mark.parametrize("condition", ["hang", "be_unavailable"])
def test_groups_that_do_not_depend_on_a_directory_stay_and_the_log_says_why(
        nss, rules, bastion, condition):
    rules(ALICE + HELD)
    with accounts.Directory([("auditors", 6001, ["alice"])]) as directory, groups_from(
            "files", "standin", "xacct"):
        assert {NAME, CLIENT_B[0]} <= groups_of("alice")
        getattr(directory, condition)()
        begin = time.monotonic()
        assert groups_of("alice") >= {NAME} and CLIENT_B[0] not in groups_of("alice")
        assert time.monotonic() - begin < 10 * BUDGET
        wait_until(lambda: "Unix groups user alice is told to be in" in bastion.syslog.text(), 10,
                   "a line about alice's groups")


@pytest.mark.parametrize("condition", ["hang", "be_unavailable"])
def test_a_deny_by_a_group_of_a_directory_that_cannot_be_asked_stands(nss, rules, condition):
    """Although libnss_xacct, which is asked after it, says that it knows no such group."""
    rules(ALICE + "\n[deny held]\ngroups = auditors\n")
    check = {"op": "check", "user": "alice", "service": "sshd"}
    with accounts.Directory([("auditors", 6001, ["bob"])]) as directory, groups_from(
            "files", "standin", "xacct"):
        assert frames.request(check)[0]["status"] == "permitted"
        getattr(directory, condition)()
        assert frames.request(check)[0]["status"] == "unavailable"
        assert NAME not in groups_of("alice")


def test_the_log_says_for_whom_a_groups_answer_came_too_late(nss, bastion):
    with accounts.Directory([]) as directory:
        directory.hang()
        with frames.connect() as connection:
            connection.sendall(frames.request_bytes({"op": "groups", "user": "a-stranger"}))
        wait_until(lambda: "Unix groups of a-stranger" in bastion.syslog.text(), 10,
                   "a line about whoever did not wait")


def test_the_helper_does_not_wait_for_itself(nss, rules):
    rules("\n[grant a]\ngroups = alice\nroles = client-a-audit\n\n[deny b]\ngroups = mallory\n")
    with groups_from("xacct", "files"):
        assert groups_of("alice") == {NAME, "xacct-a-audit"}
        told, seconds = direct()
        assert told == FOUND and seconds < BUDGET


def test_a_rule_that_names_a_group_of_the_policy_gives_nothing(nss, rules):
    rules(ALICE + "\n[grant loop]\ngroups = xacct-client-a\nroles = client-b-dev\n")
    assert "xacct-client-b" not in groups_of("alice")


def test_buffers_that_are_too_small_are_said_to_be_and_not_overrun(nss):
    smallest = 8 + len(NAME) + 1 + 2
    assert look_up("buffers", NAME) == f"smallest {smallest} wrong 0"


def test_threads_do_not_disturb_each_other(nss):
    assert look_up("threads", NAME, GID, "alice", OTHER, 20) == "wrong 0"


def test_ten_thousand_look_ups_leave_nothing(nss):
    told = look_up("many", NAME, GID, "alice", OTHER, 3400).split()
    assert told[:2] == ["wrong", "0"] and told[4:] == ["descriptors", "0"]
    assert int(told[3]) < 1024, "bytes"


def test_a_program_without_standard_descriptors_keeps_them_closed(nss):
    done = run("sh", "-c", f"exec <&- 2>&-; {PROGRAM} direct {NAME} {GID} alice")
    assert done.stdout.startswith(FOUND + "\n")


def test_looking_up_gains_under_a_millisecond(nss, service):
    with_it = float(look_up("time", "alice", 500))
    with groups_from("files"):
        without = float(look_up("time", "alice", 500))
    print(f"getgrouplist: {without} us by files, {with_it} us with xacct")
    assert with_it - without < 1000


@pytest.mark.parametrize("fields", [
    {"user": ""}, {"user": "alice", "gid": str(GID)}, {"group": NAME, "gid": str(GID)},
    {"gid": "-1"}, {"gid": "soon"}, {"user": "a" * 256},
], ids=str)
def test_malformed_questions_are_refused(nss, fields):
    (reply,) = frames.request_as(0, {"op": "groups", **fields})
    assert reply["status"] == "misconfigured" and "libnss_xacct" in reply["reason"]
    assert not set(reply) & {"group", "gid"}


def test_the_overflow_uid_learns_nothing_and_fills_no_audit_file(nss, bastion):
    (reply,) = frames.request_as(65534, {"op": "groups"})
    assert reply["status"] == "denied"
    assert bastion.audit() == []


@contextlib.contextmanager
def asked_before_it_looks(service, request):
    """A connection that bytes of a request are on before the service sees it."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        service.freeze()
        connection.connect(frames.SOCKET)
        connection.sendall(request)
        service.thaw()
        yield connection


def test_a_question_that_is_there_first_has_greeting_and_answer_together(nss, service):
    """Who asks so would be woken once more by a greeting, for nothing."""
    question = frames.encode({"version": frames.VERSION, "op": "groups", "user": "alice"})
    with asked_before_it_looks(service, question) as connection:
        peeked = connection.recv(65536, socket.MSG_PEEK)
        told = []
        while (frame := frames.receive(connection)) is not None:
            told.append(frame)
    assert told[0] == {"version": frames.VERSION}
    assert (told[1]["group"], told[1]["gid"]) == (NAME, str(GID)) and told[-1]["last"] == "1"
    assert len(peeked) == sum(len(frames.encode(frame)) for frame in told)


def test_any_other_request_is_greeted_before_it_is_there(nss, service):
    begun = frames.encode({"version": frames.VERSION, "op": "list", "session": "0" * 32})[:-1]
    with asked_before_it_looks(service, begun) as connection:
        assert frames.receive(connection) == {"version": frames.VERSION}
