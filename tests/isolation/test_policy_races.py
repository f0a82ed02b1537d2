"""Files of the policy that change under the helper's hands: it goes by one policy or by the other,
and by nothing that never stood there.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import threading

import pytest

from rig import frames, policy
from rig.bastion import SESSION_POLICY
from service.asking import ALICE, AUDIT, DEV, ROLES, ask, ask_all, roles_of

from .attacking import uid_of

SESSION_POLICY_FILE = f"{policy.FOLDER}/policies/reports.json"
ROUNDS = 150


@contextlib.contextmanager
def over_and_over(*steps):
    """A thread that goes through these steps in a loop; it ends within the last one."""
    ended = threading.Event()
    failures = []

    def go_round():
        try:
            while not ended.is_set():
                for step in steps:
                    step()
        except Exception as failure:  # for the test, as this thread has nobody to tell
            failures.append(failure)

    thread = threading.Thread(target=go_round)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    assert not failures


def renames(path, text, owner=0, mode=0o640):
    """A step that puts a file of this text in the place of what is at the path."""

    def step():
        new = policy.place(f"{path}.new", text)
        os.chown(new, owner, -1)
        os.chmod(new, mode)
        os.rename(new, path)

    return step


def whole(sts, grants):
    return policy.heading(sts.url) + ROLES + grants


def test_between_two_policies_each_request_is_decided_by_one_of_them(sts, service, opened):
    """The one gives one role, the other one another; what is given by neither, or both, is torn."""
    first = whole(sts, ALICE.replace("client-a-audit client-a-dev", AUDIT))
    second = whole(sts, "\n" * 300 + ALICE.replace("client-a-audit client-a-dev", DEV)
                   .replace("default = client-a-audit\n", ""))
    policy.write(first)
    session = opened("alice").session
    seen = set()
    with over_and_over(renames(policy.FILE, first), renames(policy.FILE, second)):
        for _ in range(ROUNDS):
            seen.add(tuple(roles_of("alice", session)))
    assert seen <= {(AUDIT,), (DEV,)}
    assert len(seen) == 2, "both were in force at times"


def test_a_role_and_its_session_policy_are_of_one_moment(bastion, sts, service, opened):
    """The line names the hash of all that was read: STS was sent no other session policy."""
    narrow, wide = SESSION_POLICY, SESSION_POLICY.replace("/%{user}/*", "/*")
    session = opened("alice").session
    steps = renames(SESSION_POLICY_FILE, narrow), renames(SESSION_POLICY_FILE, wide)
    with over_and_over(*steps):
        statuses = [ask("alice", "assume", session, role=AUDIT, fresh="1")["status"]
                    for _ in range(40)]
    # Where it has changed each time that it was decided, the request is told to come again.
    assert set(statuses) <= {"permitted", "unavailable"} and statuses.count("permitted") > 4
    sent = {call.request_id: call.parameters["Policy"] for call in sts.calls}
    used = [line for line in bastion.audit() if line["event"] == "used"]
    of_hash = {}
    for line in used:
        of_hash.setdefault(line["policy_hash"], set()).add(sent[line["request_id"]])
    assert len(of_hash) == 2 and all(len(texts) == 1 for texts in of_hash.values())


def test_a_deny_in_a_fragment_of_its_own_holds_while_the_rest_is_written_in_place(
        sts, service, opened):
    """As an editor saves that does not rename: what is read meanwhile is cut off somewhere."""
    text = whole(sts, ALICE) + "# padding\n" * 2000
    os.makedirs(f"{policy.FOLDER}/conf.d", 0o755, exist_ok=True)
    policy.write(text)
    policy.place(f"{policy.FOLDER}/conf.d/10-deny.conf",
                 f"[deny all]\nusers = alice\nroles = {DEV}\n")
    session = opened("alice").session
    assert roles_of("alice", session) == [AUDIT]

    def rewrite():
        with open(policy.FILE, "r+", encoding="utf-8") as out:
            out.truncate(0)
            for start in range(0, len(text), 997):
                out.write(text[start : start + 997])
                out.flush()

    seen = []
    with over_and_over(rewrite):
        for _ in range(ROUNDS):
            *roles, last = ask_all("alice", "list", session)
            seen.append([role["role"] for role in roles] if last["status"] == "permitted"
                        else last["status"])
    assert [AUDIT] in seen
    assert not [roles for roles in seen if DEV in roles]


@pytest.mark.parametrize("false", ["a file of the attacker's", "a link to one", "one for all"])
def test_what_others_could_have_written_is_in_force_at_no_moment(
        bastion, sts, service, opened, false):
    """In a loop with the true one, so that what is looked at and what is read might be two."""
    true = whole(sts, ALICE)
    grants_eve = whole(sts, ALICE + "[grant eve]\nusers = eve\nroles = client-a-audit\n")
    steps = {
        "a file of the attacker's": renames(policy.FILE, grants_eve, owner=uid_of("eve")),
        "a link to one": link_to(renames("/tmp/eves.conf", grants_eve, owner=uid_of("eve"))),
        "one for all": renames(policy.FILE, grants_eve, mode=0o666),
    }
    policy.write(true)
    eve = opened("eve")
    assert eve.reply["status"] == "no-grant"
    with over_and_over(renames(policy.FILE, true), steps[false]):
        for _ in range(ROUNDS // 2):
            (reply,) = eve.request(frames.open_request("eve", eve.pid))
            assert reply["status"] == "no-grant"
    hashes = {line["policy_hash"] for line in bastion.audit() if "policy_hash" in line}
    assert len(hashes) == 1, "no other policy was ever in force"


def link_to(make):
    def step():
        make()
        with contextlib.suppress(FileExistsError):
            os.symlink("/tmp/eves.conf", f"{policy.FILE}.link")
        os.rename(f"{policy.FILE}.link", policy.FILE)

    return step
