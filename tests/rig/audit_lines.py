"""Lines of an audit file that was never written by a helper, as xacct-audit(5) has them.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import json

BEGIN = datetime.datetime(2025, 3, 28, 8, 0, tzinfo=datetime.timezone.utc)
ACCOUNTS = {"client-a": "111122223333", "client-b": "444455556666", "client-c": "777788889999"}


def moment(minutes, begin=BEGIN):
    """So many minutes after eight o'clock, as an audit line has it."""
    return (begin + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def line(event, at, session, human, **members):
    """A line; `at` is in minutes."""
    return {"event": event, "time": moment(at), "version": 1, "host": "bastion-test",
            "session": session, "service": "sshd", "user": human, "human": human} | members


def handed_out(event, at, session, human, role, **members):
    """
    A line with credentials. A role is called as its account and a word, "client-a-audit"; `lasts` is how many
    minutes the credentials do, `key` their access key id.
    """
    account = members.pop("account", role.rsplit("-", 1)[0])
    lasts = members.pop("lasts", 60)
    return line(event, at, session, human) | {
        "account": account, "account_id": ACCOUNTS.get(account, "999900001111"), "role": role,
        "role_arn": f"arn:aws:iam::{ACCOUNTS.get(account, '999900001111')}:role/bastion/{role}",
        "tags": {}, "session_name": human, "access_key_id": members.pop("key", f"ASIA{session}{role}{at}"),
        "expiry": moment(at + lasts)[:-5] + "Z"} | members


def opened(at, session, human, role, **members):
    return handed_out("opened", at, session, human, role, **{"operation": "open"} | members)


def used(at, session, human, role, purpose="process", **members):
    return handed_out("used", at, session, human, role, **{"operation": "assume", "purpose": purpose} | members)


def switched(at, session, human, role, **members):
    return handed_out("switched", at, session, human, role, **{"operation": "assume", "purpose": "switch"} | members)


def refreshed(at, session, human, role, **members):
    return handed_out("refreshed", at, session, human, role, **{"operation": "assume", "purpose": "renew"} | members)


def ended(at, session, human, **members):
    return line("ended", at, session, human, **members)


def without_keys(made):
    """The same line of a role that a process delivers: nothing was handed out with it."""
    return {name: value for name, value in made.items() if name not in ("access_key_id", "expiry")}


def text(lines):
    return "".join(json.dumps(made, separators=(",", ":")) + "\n" for made in lines)
