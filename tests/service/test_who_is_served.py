"""Within a live session of their own people get their own roles, and nobody gets anything else.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import frames
from rig.policy import instant
from rig.processes import wait_until

from .asking import (
    ALICE, AUDIT, DEV, UIDS, ask, assume, line_of, refusal, roles_of, write_policy
)

BOB = """
[grant bob]
users = bob
roles = client-a-dev
"""
OVERFLOW_UID = 65534
UNKNOWN = "0123456789abcdef" * 2


@pytest.fixture
def one_role_each(sts, service):
    """alice and bob have one role each, and not the same."""
    write_policy(sts, ALICE.replace("client-a-audit client-a-dev", AUDIT) + BOB)


@pytest.fixture
def shells(one_role_each, login):
    """Both have logged in by ssh."""
    return {user: login(user) for user in OWN}


@pytest.fixture
def two(one_role_each, opened):
    """Both have a session."""
    return {user: opened(user) for user in OWN}


OWN = {"alice": AUDIT, "bob": DEV}
OTHER = {"alice": "bob", "bob": "alice"}


def test_each_of_two_gets_the_own_role_through_the_socket(bastion, shells):
    for user, shell in shells.items():
        assert roles_of(user, shell.session) == [OWN[user]]
        reply = assume(user, shell.session, OWN[user])
        assert reply["XACCT_SESSION"] == reply["session"] == shell.session
        assert (reply["human"], reply["user"]) == (user, user) and "adopted" not in reply
        line = line_of(bastion, reply)
        assert (line["event"], line["uid"]) == ("used", UIDS[user])
        assert line["access_key_id"] == reply["AWS_ACCESS_KEY_ID"]
        assert (line["human"], line["address"]) == (user, "127.0.0.1")
        status = ask(user, "status", shell.session, role=OWN[user])
        assert (status["permitted"], status["session"]) == ("1", shell.session)


@pytest.mark.parametrize("user", OWN)
def test_nobody_gets_the_others_role(bastion, sts, two, user):
    session, calls = two[user].session, len(sts.calls)
    wanted = OWN[OTHER[user]]
    for op in ("assume", "console", "default"):
        reply = refusal(user, op, session, role=wanted)
        assert reply["status"] == "denied" and wanted in reply["message"]
        line = line_of(bastion, reply)
        assert (line["event"], line["status"], line["operation"]) == ("refused", "denied", op)
        assert (line["uid"], line["user"], line["wanted"]) == (UIDS[user], user, wanted)
        assert wanted in line["reason"]
    # A role that there is not is refused in the same words: who else has one is not to be learnt.
    nothing = refusal(user, "assume", session, role="client-z")
    known = refusal(user, "assume", session, role=wanted)
    assert nothing["message"].replace("client-z", wanted) == known["message"]
    assert ask(user, "status", session, role=wanted)["permitted"] == "0"
    assert len(sts.calls) == calls


def test_a_request_from_inside_the_session_is_served(shells):
    """A process that the login has started itself, with what it has in its environment."""
    program = (
        "import sys; sys.path.insert(0, '/run/tree/tests/rig'); import frames, os;"
        "print(frames.request({'op': 'assume', 'session': os.environ['XACCT_SESSION']})[0])"
    )
    said = shells["alice"].run(f'/usr/bin/python3 -c "{program}"')
    assert "'status': 'permitted'" in said and f"'XACCT_ROLE': '{AUDIT}'" in said


@pytest.mark.parametrize("op", ["list", "status", "assume", "console", "default"])
def test_who_has_no_session_is_refused_and_that_is_written(bastion, sts, two, op):
    reply = refusal("eve", op, two["alice"].session if op == "status" else None, role=AUDIT)
    assert reply["status"] == "denied" and "log in again" in reply["message"]
    line = line_of(bastion, reply)
    assert (line["event"], line["status"], line["uid"]) == ("refused", "denied", UIDS["eve"])
    assert (line["operation"], "human" in line) == (op, False)
    assert f"uid {UIDS['eve']}" in line["reason"]


@pytest.mark.parametrize("own", [True, False], ids=["with one of the own", "without"])
def test_naming_anothers_session_is_refused(bastion, two, own):
    user = "bob" if own else "eve"
    reply = refusal(user, "assume", two["alice"].session, role=DEV)
    assert reply["status"] == "denied" and "not yours" in reply["message"]
    line = line_of(bastion, reply)
    assert (line["uid"], line["session"]) == (UIDS[user], two["alice"].session)
    assert "another user" in line["reason"]


def test_who_names_no_live_session_is_served_in_the_newest_of_their_own(bastion, opened, service):
    older = opened("alice")
    opened("bob")
    # Sessions are told apart by the second in which they were opened.
    before = bastion.records()[f"{older.session}.json"]["opened"]
    wait_until(lambda: instant(0) > before, 3, "the next second")
    newest = opened("alice").session
    for named in (None, UNKNOWN, "no session's id", "../../etc/passwd"):
        reply = assume("alice", named)
        assert (reply["session"], reply["adopted"], reply["XACCT_SESSION"]) == (newest, "1", newest)
        line = line_of(bastion, reply)
        assert (line["event"], line["session"]) == ("used", newest)
        assert line.get("adopted_from") == (UNKNOWN if named == UNKNOWN else None)
    assert assume("alice", older.session)["session"] == older.session


@pytest.mark.parametrize("uid, words", [
    (0, "root and system users get no roles"),
    (OVERFLOW_UID, "user namespace"),
])
@pytest.mark.parametrize("op", ["list", "assume", "status"])
def test_uids_that_are_nobodys_are_refused(bastion, service, opened, uid, words, op):
    alice = opened("alice")
    reply = ask(uid, op, alice.session)
    assert reply["status"] == "denied"
    assert words in reply["reason" if uid == 0 else "message"]
    if uid != 0:
        line = line_of(bastion, reply)
        assert (line["event"], line["uid"]) == ("refused", uid) and words in line["reason"]


FORGED = {
    "user": "bob",
    "human": "bob",
    "service": "su",
    "rhost": "203.0.113.9",
    "tty": "pts/9",
    "uid": "1002",
    "pid": "1",
    "start_time": "1",
    "reference": "ABCDEFGH",
    "adopted_from": UNKNOWN,
    "status": "permitted",
    "duration": "43200",
    "external_id": "another",
    "tags": "client=b",
    "XACCT_ROLE": DEV,
}


def test_what_a_request_says_of_identity_and_place_has_no_effect(bastion, sts, service, opened):
    session = opened("alice").session
    plain = assume("alice", session, fresh="1")
    forged = assume("alice", session, fresh="1", **FORGED)
    assert forged["reference"] != FORGED["reference"]
    assert sts.calls[-1].parameters == sts.calls[-2].parameters
    varies = ("reference", "time", "access_key_id", "request_id", "expiry")
    lines = [
        {key: value for key, value in line_of(bastion, reply).items() if key not in varies}
        for reply in (plain, forged)
    ]
    assert lines[0] == lines[1]
    assert {key for key in plain} == {key for key in forged}


@pytest.mark.parametrize("op", ["open", "close", "check"])
def test_what_root_alone_may_ask_is_refused_to_users(bastion, sts, service, opened, op):
    alice = opened("alice")
    calls = len(sts.calls)
    reply = refusal(
        "bob",
        op,
        alice.session,
        **{"user": "alice", "service": "sshd", "pid": "1", "start_time": "0"},
    )
    assert reply["status"] == "denied" and "root alone" in reply["message"]
    line = line_of(bastion, reply)
    assert (line["event"], line["status"], line["uid"]) == ("refused", "denied", UIDS["bob"])
    assert "root alone" in line["reason"]
    assert len(sts.calls) == calls
    assert assume("alice", alice.session)["session"] == alice.session


@pytest.mark.parametrize("user", ["root", "toor"])
def test_root_and_system_users_are_nobody_whom_the_policy_is_about(sts, service, opened, user):
    """The helper does not leave it to the module, which knows those of /etc/passwd alone."""
    write_policy(sts, f"[grant all]\nusers = {user}\nroles = {AUDIT}\n")
    assert opened(user).reply["status"] == "unmanaged"
    assert not sts.calls


def test_an_account_line_is_answered_without_sts(bastion, sts, service):
    (reply,) = frames.request({"op": "check", "user": "alice", "service": "sshd"})
    assert reply["status"] == "permitted"
    assert not [key for key in reply if key.startswith(("AWS_", "XACCT_", "session"))]
    assert not sts.calls and not bastion.records()


def test_malformed_requests_are_refused_with_what_is_wrong(bastion, service, opened):
    session = opened("alice").session
    for fields, words in [
        ({"op": "explode"}, "explode"),
        ({"op": "assume", "min_life": "soon"}, "min_life"),
        ({"op": "assume", "purpose": "fun"}, "purpose"),
        ({"op": "assume", "role": "r" * 2000}, "role"),
        ({"op": "list", "deadline_ms": "0"}, "deadline_ms"),
    ]:
        reply = refusal("alice", fields.pop("op"), session, **fields)
        assert words in reply["message"]
        # So that a newer program knows that this one is older.
        assert reply["status"] == ("unsupported" if words == "explode" else "misconfigured")
        line = line_of(bastion, reply)
        assert line["status"] == reply["status"] and line["uid"] == UIDS["alice"]


def test_refusals_beyond_the_limit_do_not_fill_the_audit_file(bastion, service, opened):
    alice = opened("alice")
    opened("bob")
    for _ in range(100):
        refusal("eve", "list")
    written = [line for line in bastion.audit() if line.get("uid") == UIDS["eve"]]
    assert 60 <= len(written) < 75, "60, and one more each second"
    # It costs nobody else a line.
    assert line_of(bastion, refusal("bob", "list", alice.session))["uid"] == UIDS["bob"]
