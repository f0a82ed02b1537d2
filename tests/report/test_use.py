"""What is use, and for how long: as xacct-audit(5) says under USE OF ROLES.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import json
import time

import pytest

from rig.audit_lines import ended, line, moment, opened, refreshed, switched, text, used, without_keys

A, A2, B = "client-a-audit", "client-a-dev", "client-b-audit"

# Lines of alice's, and the minutes of each role.
CASES = {
    "a hand-out is use for fifteen minutes": ([used(0, "S", "alice", A)], {A: 15}),
    "keys of a login are handed out": ([opened(0, "S", "alice", A)], {A: 15}),
    "a login without keys is no use": ([without_keys(opened(0, "S", "alice", A)), ended(60, "S", "alice")], {}),
    "hand-outs prolong it": ([used(at, "S", "alice", A) for at in (0, 10, 20)], {A: 35}),
    "behind a pause it begins anew": ([used(0, "S", "alice", A), used(100, "S", "alice", A)], {A: 30}),
    "the session's end ends it": ([used(0, "S", "alice", A), ended(5, "S", "alice")], {A: 5}),
    "the end of another session does not": ([used(0, "S", "alice", A), ended(5, "T", "alice")], {A: 15}),
    "the end of the credentials ends it": ([used(0, "S", "alice", A, lasts=7)], {A: 7}),
    "what lives on from before is not cut by what is handed out late in its life": (
        [used(0, "S", "alice", A, lasts=60), used(1, "S", "alice", A, lasts=2)], {A: 15}),
    "a change of the shell's role ends it": (
        [opened(0, "S", "alice", A), switched(5, "S", "alice", B)], {A: 5, B: 15}),
    "so does one that hands out nothing yet": (
        [opened(0, "S", "alice", A), without_keys(switched(5, "S", "alice", B))], {A: 5}),
    "one in another session does not": (
        [opened(0, "S", "alice", A), switched(5, "T", "alice", B)], {A: 15, B: 15}),
    "one to the same role does not": (
        [opened(0, "S", "alice", A), without_keys(switched(5, "S", "alice", A))], {A: 15}),
    "a command under a role of its own goes on": (
        [used(0, "S", "alice", A, purpose="exec"), switched(5, "S", "alice", B)], {A: 15, B: 15}),
    "renewing at the prompt is use": ([opened(0, "S", "alice", A), refreshed(50, "S", "alice", A)], {A: 30}),
    "two sessions at once count once": (
        [used(0, "S", "alice", A), used(0, "T", "alice", A), used(5, "U", "alice", A)], {A: 20}),
    "of two roles of one account at once the later counts": (
        [used(0, "S", "alice", A), used(5, "S", "alice", A2)], {A: 5, A2: 15}),
    "and then the earlier goes on where it lasts": (
        [used(0, "S", "alice", A), used(5, "S", "alice", A2, lasts=2)], {A: 13, A2: 2}),
    "two accounts at once count both": (
        [used(0, "S", "alice", A), used(5, "S", "alice", B, purpose="exec")], {A: 15, B: 15}),
    "a session of which no end was written ends by itself": (
        [used(0, "S", "alice", A), opened(300, "T", "alice", A)], {A: 30}),
    "an end that the service saw when it started changes nothing any more": (
        [used(0, "S", "alice", A), ended(300, "S", "alice", reason="the process that opened it has ended")], {A: 15}),
    "an end of nobody's ends it": (
        [used(0, "S", "alice", A), {k: v for k, v in ended(5, "S", "alice").items() if k not in ("human", "user")}],
        {A: 5}),
    "refusals, choices and the doctor's trials are no use": (
        [used(0, "S", "alice", A) | {"event": event} for event in ("refused", "chosen", "tried", "policy", "new")], {}),
}


@pytest.mark.parametrize("case", CASES)
def test_use_lasts_as_the_table_says(minutes, case):
    lines, expected = CASES[case]
    assert minutes(lines, "role") == {(role,): time for role, time in expected.items()}


def test_how_long_a_hand_out_is_use_may_be_said(minutes):
    lines = [used(0, "S", "alice", A), used(100, "S", "alice", A)]
    assert minutes(lines, "role", "--idle", "1h") == {(A,): 120}
    assert minutes(lines, "role", "--idle", "30s") == {(A,): 1}


def test_equal_hand_outs_from_memory_are_one_use(counted):
    lines = [used(at, "S", "alice", A, key="ASIA1", cached=at > 0) for at in range(10)]
    lines += [used(10, "S", "alice", A, key="ASIA2"), used(11, "S", "alice", A, "exec", key="ASIA2"),
              used(12, "T", "alice", A, key="ASIA2")]
    found = counted(lines, "--by", "user,session,purpose,key")
    assert [(row["session"], row["purpose"], row["key"], row["uses"], row["hand_outs"]) for row in found["rows"]] == [
        ("S", "exec", "ASIA2", 1, 1), ("S", "process", "ASIA1", 1, 10), ("S", "process", "ASIA2", 1, 1),
        ("T", "process", "ASIA2", 1, 1)]
    total = found["total"]
    assert (total["uses"], total["hand_outs"], total["sessions"]) == (4, 13, 2)
    assert (total["first"], total["last"]) == ("2025-03-28T08:00:00Z", "2025-03-28T08:12:00Z")


def test_what_a_hand_out_is_for_has_a_name(counted):
    lines = [opened(0, "S", "alice", A), switched(1, "S", "alice", A), refreshed(2, "S", "alice", A),
             used(3, "S", "alice", A, "exec"), used(4, "S", "alice", A, "env"), used(5, "S", "alice", A, "process"),
             {k: v for k, v in used(6, "S", "alice", A, operation="console").items() if k != "purpose"}]
    found = counted(lines, "--by", "purpose")
    assert [row["purpose"] for row in found["rows"]] == [
        "console", "env", "exec", "login", "process", "renew", "switch"]


def test_a_client_is_its_tag_or_else_the_account(minutes):
    lines = [used(0, "S", "alice", "prod-x", tags={"Client": "acme", "cost-centre": "4711"}),
             used(0, "S", "bob", "dev-x", tags={"client": "acme"}), used(0, "S", "bob", A)]
    assert minutes(lines, "client") == {("acme",): 30, ("client-a",): 15}
    assert minutes(lines, "tag:cost-centre") == {("4711",): 15, (None,): 30}
    assert minutes(lines, "user,client", "--client", "acme") == {("alice", "acme"): 15, ("bob", "acme"): 15}


def test_filters_leave_out_and_change_nothing_of_the_rest(minutes):
    """A role that is left out still has the time that was its own."""
    lines = [used(0, "S", "alice", A), used(5, "S", "alice", A2), used(6, "T", "bob", A), used(7, "T", "bob", B)]
    assert minutes(lines, "user,role", "--role", A) == {("alice", A): 5, ("bob", A): 15}
    assert minutes(lines, "role", "--user", "alice") == {(A,): 5, (A2,): 15}
    assert minutes(lines, "role", "--account", "client-b") == {(B,): 15}
    assert minutes(lines, "role", "--account", "444455556666") == {(B,): 15}
    assert minutes(lines, "role", "--account", "client-c") == {}


def test_what_is_in_use_still_is_marked_and_counts_until_then(counted):
    lines = [used(0, "S", "alice", A), used(0, "S", "bob", B, lasts=5), line("refused", 20, "T", "carol")]
    found = counted(lines, "--by", "user", "--until", "2025-03-28T08:10Z")
    assert [(row["user"], row["seconds"], row["open"]) for row in found["rows"]] == [
        ("alice", 600, True), ("bob", 300, False)]
    assert found["total"]["open"]


def since_now(made, minutes):
    """The line as it would be so many minutes after now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    made = made | {"time": moment(minutes, now)}
    return made | {"expiry": moment(minutes + 60, now)[:-5] + "Z"} if "expiry" in made else made


@pytest.fixture
def until_now(run, folder):
    """What the JSON of a report of these lines has that is given no time, by user; and what is said beside it."""

    def count(*lines):
        (folder / "audit.jsonl").write_text(text(lines), encoding="utf-8")
        done = run("report", "--audit", "audit.jsonl", "--by", "user", "--json")
        assert done.returncode == 0
        return json.loads(done.stdout), done.stderr

    return count


def test_without_an_end_it_counts_until_now(until_now):
    began = time.time()
    found, said = until_now(since_now(used(0, "T", "bob", A), -60), since_now(used(0, "S", "alice", A), -5))
    assert said == ""
    alice, bob = found["rows"]
    assert 300 <= alice["seconds"] <= 302 + time.time() - began and alice["open"]
    assert bob["seconds"] == 900 and not bob["open"]


def test_what_was_handed_out_this_very_second_is_in_use_though_for_no_time_yet(until_now):
    found, _ = until_now(since_now(used(0, "S", "alice", A), 600))
    (row,) = found["rows"]
    assert (row["seconds"], row["hand_outs"], row["open"]) == (0, 1, True)


def test_lines_of_the_future_count_and_are_told(until_now):
    found, _ = until_now(since_now(used(0, "S", "alice", A), 600), since_now(line("refused", 0, "T", "bob"), 605))
    assert found["rows"][0]["seconds"] == 300 and found["rows"][0]["open"]
    assert "which is to come" in found["notes"][0]


def test_what_was_handed_out_before_the_period_reaches_into_it(counted):
    lines = [used(0, "S", "alice", A), used(1, "S", "alice", A)]
    found = counted(lines, "--by", "user", "--since", "2025-03-28T08:06Z")
    (row,) = found["rows"]
    assert (row["seconds"], row["uses"], row["hand_outs"], row["first"]) == (600, 0, 0, None)


def test_a_clock_that_was_set_back_makes_no_negative_time_and_is_told(counted):
    lines = [used(600, "S", "alice", A), used(605, "S", "alice", A), used(0, "S", "alice", A), ended(10, "S", "alice")]
    found = counted(lines, "--by", "user")
    # Five minutes until the line before, and what came behind it.
    assert found["rows"][0]["seconds"] == (5 + 10) * 60
    (note,) = found["notes"]
    assert note.startswith("audit.jsonl:3: the clock was set back by 36300 s before this line")


def test_lines_that_are_out_of_order_by_a_moment_are_no_change_of_the_clock(counted):
    found = counted([used(1, "S", "alice", A), used(0, "T", "bob", B), ended(2, "T", "bob")], "--by", "user")
    assert [(row["user"], row["seconds"]) for row in found["rows"]] == [("alice", 900), ("bob", 60)]
    assert found["notes"] == []


def test_a_clock_that_was_put_forward_adds_no_more_than_a_hand_outs_time(minutes):
    assert minutes([used(0, "S", "alice", A), ended(6000, "S", "alice")], "role") == {(A,): 15}
