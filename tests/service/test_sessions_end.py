"""When a session has ended, however it did, and whichever way it was opened.

SPDX-License-Identifier: BSD-2-Clause
"""

import fnmatch
import os
import signal
import time

import pytest

from rig import policy
from rig.policy import instant
from rig.processes import has_ended, wait_until
from rig.service import Service

from .asking import (
    ALICE, AUDIT, UIDS, ask, assume, line_of, refusal, roles_of, wait_for_end, write_policy
)

LOG_IN_AGAIN = "log in again"
OTHER_BOOT = "01234567-89ab-cdef-0123-456789abcdef"


def assert_ended(bastion, user, session):
    reply = refusal(user, "assume", session, role=AUDIT)
    assert reply["status"] == "denied" and LOG_IN_AGAIN in reply["message"]
    line = line_of(bastion, reply)
    assert (line["event"], line["uid"]) == ("refused", UIDS[user])
    assert line["session"] == session and "no live session" in line["reason"]


def test_after_logout_nothing_is_given(bastion, service, login):
    shell = login("alice")
    assume("alice", shell.session)
    shell.leave()
    assert "reason" not in wait_for_end(bastion, shell.session)
    assert_ended(bastion, "alice", shell.session)
    assert not bastion.records()


def test_after_the_connection_was_lost_nothing_is_given(bastion, service, login):
    shell = login("alice")
    shell.cut()
    wait_for_end(bastion, shell.session)
    assert_ended(bastion, "alice", shell.session)


def test_when_the_process_that_opened_it_was_killed_nothing_is_given(bastion, service, login):
    shell = login("alice")
    pid = bastion.records()[f"{shell.session}.json"]["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: has_ended(pid), 5, "the end of the process")
    # At once, and not only when the service has got round to it.
    assert_ended(bastion, "alice", shell.session)
    line = wait_for_end(bastion, shell.session)
    assert line["reason"] == "the process that opened it has ended"
    assert (line["user"], line["human"], line["address"]) == ("alice", "alice", "127.0.0.1")
    assert not bastion.records()


def test_the_end_of_a_killed_process_is_written_though_nobody_asks(bastion, service, opened):
    session = opened("alice")
    session.stop()
    assert "has ended" in wait_for_end(bastion, session.session)["reason"]
    assert not bastion.records()


def test_one_session_of_two_ends_and_the_other_adopts(bastion, service, opened):
    """A terminal multiplexer that was started in the one goes on under the other."""
    gone, stays = opened("alice"), opened("alice")
    assert gone.close()["status"] == "permitted"
    reply = assume("alice", gone.session)
    assert (reply["session"], reply["adopted"]) == (stays.session, "1")
    assert reply["XACCT_SESSION"] == stays.session
    line = line_of(bastion, reply)
    assert (line["adopted_from"], line["session"]) == (gone.session, stays.session)
    assert line["reason"].startswith("[grant consultants]")


def test_what_was_opened_without_the_service_is_served_by_one_that_starts_later(
        bastion, login):
    shell = login("alice")
    with Service():
        assert roles_of("alice", shell.session)
        assert assume("alice", shell.session)["session"] == shell.session
        shell.leave()
        wait_for_end(bastion, shell.session)
        assert_ended(bastion, "alice", shell.session)


def test_a_running_service_serves_what_was_opened_past_it_and_sees_it_end(bastion, service, login):
    service.freeze()
    shell = login("alice")
    other = login("alice")
    service.thaw()
    assert assume("alice", shell.session)["session"] == shell.session
    # Closed by the service.
    shell.leave()
    wait_for_end(bastion, shell.session)
    assert assume("alice", shell.session)["session"] == other.session
    # Closed past it.
    service.freeze()
    other.leave()
    wait_for_end(bastion, other.session)
    service.thaw()
    assert_ended(bastion, "alice", other.session)


def test_a_restarted_service_serves_live_sessions_and_ends_the_others(bastion, service, opened):
    live, killed, closed = opened("alice"), opened("alice"), opened("bob")
    live_before = bastion.records()[f"{live.session}.json"]
    service.stop()
    killed.stop()
    closed.stop()
    service.start()
    for session in (killed, closed):
        line = wait_for_end(bastion, session.session)
        assert line["reason"].startswith("the process that opened it has ended")
        assert "when the service started" in line["reason"]
    assert bastion.records() == {f"{live.session}.json": live_before}
    assert assume("alice", live.session)["session"] == live.session
    assert assume("alice", killed.session)["adopted"] == "1"
    assert_ended(bastion, "bob", closed.session)


def test_a_service_that_was_killed_leaves_its_sessions_to_the_next(bastion, service, opened):
    live, gone = opened("alice"), opened("bob")
    service.kill()
    gone.stop()
    service.start()
    assert assume("alice", live.session)["session"] == live.session
    wait_for_end(bastion, gone.session)


DOUBTS = {
    "of another boot": {"boot_id": OTHER_BOOT},
    "without a boot": {"boot_id": None},
    "of a process that started at another time": {"start_time": 12345},
    "of a process whose start is unknown": {"start_time": 0},
    "of a process that there is not": {"pid": 4194000},
    "of no process": {"pid": 0},
}


@pytest.mark.parametrize("running", [False, True], ids=["at its start", "while it runs"])
def test_a_record_whose_process_cannot_be_told_to_live_has_ended(bastion, service, opened, forge,
                                                                running):
    """The pid alone says nothing: the kernel gives it to the next one."""
    model = opened("alice")
    record = bastion.records()[f"{model.session}.json"]
    if not running:
        service.stop()
    doubtful = []
    for number, changed in enumerate(DOUBTS.values()):
        fields = {key: value for key, value in (record | changed).items() if value is not None}
        doubtful.append(f"{number:032x}")
        forge(**fields | {"session": doubtful[-1]})
    if not running:
        service.start()
    for session in doubtful:
        reply = assume("alice", session)
        assert (reply["session"], reply["adopted"]) == (model.session, "1"), session
        assert wait_for_end(bastion, session)["reason"]
    assert list(bastion.records()) == [f"{model.session}.json"]


@pytest.mark.parametrize("running", [False, True], ids=["at its start", "while it runs"])
def test_a_damaged_record_ends_its_session_alone(bastion, service, opened, running):
    alice, bob = opened("alice"), opened("bob")
    if not running:
        service.stop()
    damaged = "f" * 32
    path = f"{policy.SESSIONS}/{damaged}.json"
    with open(path, "w", encoding="ascii") as out:
        out.write('{"version":1,"session":')
    os.chown(path, policy.xacct().pw_uid, policy.xacct().pw_gid)
    if not running:
        service.start()
    assert assume("alice", damaged)["adopted"] == "1"
    assert assume("bob", bob.session, "client-a-dev")["session"] == bob.session
    assert "damaged" in wait_for_end(bastion, damaged)["reason"]
    assert not os.path.exists(path)
    bastion.syslog.wait_for(f".*{damaged}.*damaged")


def test_session_max_ends_a_session_however_long_it_stays_connected(
        bastion, sts, service, opened, forge):
    old, young = opened("alice"), opened("bob")
    service.stop()
    forge(old.session, opened=instant(-15 * 60 + 2))
    forge(young.session, opened=instant(-14 * 60))
    bob = "[grant bob]\nusers = bob\nroles = client-a-dev\n"
    write_policy(sts, ALICE + bob, "session_max = 15m")
    service.start()
    status = ask("bob", "status", young.session)
    assert status["session_ends"] > status["opened"]
    # It is over while credentials for it are in memory.
    assume("alice", old.session)
    wait_until(lambda: ask("alice", "list", old.session)["status"] == "denied", 5, "its end")
    assert_ended(bastion, "alice", old.session)
    assert "session_max" in wait_for_end(bastion, old.session)["reason"]
    assert assume("bob", young.session, "client-a-dev")["session"] == young.session


def test_detach_serves_after_logout_until_it_is_over(bastion, sts, service, login, forge):
    detach = "detach = 15m\n"
    write_policy(sts, ALICE + detach)
    shell = login("alice")
    session = shell.session
    shell.leave()
    wait_for_end(bastion, session)
    reply = assume("alice", session)
    assert (reply["session"], "adopted" in reply) == (session, False)
    assert line_of(bastion, reply)["session"] == session
    # Whoever is nobody's and whoever names nothing are not served by it.
    refusal("alice", "assume", role=AUDIT)
    refusal("bob", "assume", session, role=AUDIT)
    forge(session, "ended", ended=instant(-15 * 60 + 2))
    assert ask("alice", "list", session)["status"] == "permitted"
    wait_until(lambda: ask("alice", "list", session)["status"] == "denied", 5, "its end")
    assert refusal("alice", "assume", session, role=AUDIT)["status"] == "denied"


def test_detach_of_one_grant_keeps_no_role_of_another(bastion, sts, service, opened):
    write_policy(sts, """
[grant long]
users  = alice
roles  = client-a-dev
detach = 12h

[grant short]
users   = alice
roles   = client-a-audit
default = client-a-audit
""")
    session = opened("alice")
    assert roles_of("alice", session.session) == ["client-a-dev", "client-a-audit"]
    session.close()
    assert roles_of("alice", session.session) == ["client-a-dev"]
    assert refusal("alice", "assume", session.session, role=AUDIT)["status"] == "denied"
    assume("alice", session.session, "client-a-dev")


def test_without_detach_in_the_policy_any_more_an_ended_session_serves_nobody(
        bastion, sts, service, opened):
    write_policy(sts, ALICE + "detach = 12h\n")
    session = opened("alice")
    session.close()
    assume("alice", session.session)
    write_policy(sts, ALICE)
    assert_ended(bastion, "alice", session.session)


ENDED_MOST = 4096  # records of ended sessions that are kept


def test_the_many_logins_of_one_user_end_no_session_that_another_left(
        bastion, sts, service, opened, forge):
    write_policy(sts, ALICE.replace("= alice", "= alice bob") + "detach = 12h\n")
    left, many = opened("bob"), opened("alice")
    record = bastion.records()[f"{many.session}.json"] | {"ended": instant(0)}
    del record["session"]
    left.close()
    many.close()
    service.stop()
    for number in range(ENDED_MOST + 100):
        forge(f"{number:032x}", "ended", **record)
    before = time.time() - 3600
    os.utime(f"{policy.SESSIONS}/{left.session}.ended", (before, before))
    service.start()

    def count():
        return len(fnmatch.filter(os.listdir(policy.SESSIONS), "*.ended"))

    wait_until(lambda: count() == ENDED_MOST, 10, "that some have gone")
    assume("bob", left.session)


SEVERAL = "belong to other people"


def test_where_several_humans_share_a_uid_nobody_takes_anothers_session(
        bastion, sts, service, opened, forge):
    """Two people logged in to alice's account; who asks under an ended session must be one of
    those whose own session lives."""
    first, second, third = opened("alice"), opened("alice"), opened("alice")
    service.stop()
    forge(first.session, human="anna@corp.example")
    forge(second.session, human="berta@corp.example")
    forge(third.session, human="anna@corp.example")
    service.start()
    # Within the own live session everybody goes by their own name.
    assert ask("alice", "status", first.session)["human"] == "anna@corp.example"
    reply = assume("alice", second.session)
    assert (reply["human"], reply["session"]) == ("berta@corp.example", second.session)
    assert line_of(bastion, reply)["human"] == "berta@corp.example"
    assert sts.calls[-1].parameters["SourceIdentity"].startswith("berta")
    # Anna has another live session, which adopts what was started in the one that ended.
    first.close()
    reply = assume("alice", first.session)
    assert (reply["session"], reply["human"]) == (third.session, "anna@corp.example")
    # Berta has none.
    second.close()
    for named in (second.session, None, "0" * 32):
        reply = refusal("alice", "assume", named, role=AUDIT)
        assert reply["status"] == "denied" and SEVERAL in reply["message"]
        assert "new login" in reply["message"]
        assert line_of(bastion, reply)["event"] == "refused"
    third.close()
    assert_ended(bastion, "alice", third.session)
