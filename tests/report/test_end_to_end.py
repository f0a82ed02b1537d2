"""One real morning: logins by sshd, the service, a change of role, a command, a logout; and what a report makes of
the file that they left.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import json
import subprocess

from rig import policy
from service.asking import assume, wait_for_end


def report(*words):
    done = subprocess.run(["xacct", "report", "--audit", policy.AUDIT, "--json", *words], capture_output=True,
                          text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def instant(line):
    return int(datetime.datetime.fromisoformat(line["time"][:-5] + "+00:00").timestamp())


def test_a_real_login_is_reported_as_it_was(bastion, service, login):
    shell, other = login("alice"), login("alice")
    for _ in range(3):
        assume("alice", shell.session, purpose="process")
    assume("alice", other.session, purpose="switch")
    shell.leave()
    wait_for_end(bastion, shell.session)
    lines = bastion.audit()
    events = [line["event"] for line in lines]
    assert sorted(events) == ["ended", "opened", "opened", "switched", "used", "used", "used"]

    found = report("--by", "user,account,role,session,purpose")
    with open(policy.AUDIT, encoding="utf-8") as file:
        assert found["lines"] == len(file.readlines()) and found["notes"] == []
    rows = {(row["session"], row["purpose"]): row for row in found["rows"]}
    assert set(rows) == {(shell.session, "login"), (shell.session, "process"), (other.session, "login"),
                         (other.session, "switch")}
    process = rows[shell.session, "process"]
    assert (process["uses"], process["hand_outs"], process["sessions"]) == (1, 3, 1)
    assert {row["role"] for row in found["rows"]} == {line["role"] for line in lines if "role" in line}
    assert (found["total"]["hand_outs"], found["total"]["uses"], found["total"]["sessions"]) == (6, 4, 2)

    # One human in one account: from the first hand-out on, as the second session goes on to hand out.
    first = min(instant(line) for line in lines if "access_key_id" in line)
    total = report("--by", "user")["total"]
    now = int(datetime.datetime.now(datetime.timezone.utc).timestamp())
    assert instant(lines[-1]) - first <= total["seconds"] <= now - first
    assert total["open"]
    # Of the session that has ended nothing goes on.
    assert not rows[shell.session, "login"]["open"] and not process["open"]
