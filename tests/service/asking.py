"""What people ask the service, and what they are told.

SPDX-License-Identifier: BSD-2-Clause
"""

from rig import bastion as rig_bastion
from rig import frames, policy
from rig.processes import wait_until

UIDS = rig_bastion.USERS
AUDIT, DEV = "client-a-audit", "client-a-dev"

# The standing policy's account and roles, for grants of a test's own.
ROLES = rig_bastion.RULES.split("[grant")[0]
ALICE = """
[grant alice]
users   = alice
roles   = client-a-audit client-a-dev
default = client-a-audit
"""


def ask(user, op, session=None, /, **fields):
    """What a process of the user (a name or a uid) is told: the last frame of the reply."""
    return ask_all(user, op, session, **fields)[-1]


def ask_all(user, op, session=None, /, **fields):
    """As ask, with all frames."""
    named = {"session": session} if session else {}
    return frames.request_as(UIDS.get(user, user), {"op": op, **named, **fields})


def roles_of(user, session=None):
    """The names of the roles that `list` tells."""
    *roles, last = ask_all(user, "list", session)
    assert last["status"] == "permitted" and last["last"] == "1", last
    return [role["role"] for role in roles]


def assume(user, session=None, role=AUDIT, /, **fields):
    """Asks for a role's credentials, which must be given; returns the frame."""
    reply = ask(user, "assume", session, role=role, **fields)
    assert reply["status"] == "permitted", reply
    assert reply["AWS_ACCESS_KEY_ID"] and reply["XACCT_ROLE"] == role
    return reply


def refusal(user, op, session=None, /, **fields):
    """Asks for what must not be given; returns the frame."""
    (reply,) = ask_all(user, op, session, **fields)
    assert reply["status"] != "permitted"
    assert not [key for key in reply if key.startswith(("AWS_", "XACCT_", "role", "url"))]
    assert reply["message"] and "reason" not in reply
    return reply


def behind_sudo(person):
    """What the module sends of a sudo of this person's, beside whom it is to become."""
    return {"service": "sudo", "loginuid": str(UIDS[person]), "ruser": person}


def write_policy(sts, grants=ALICE, extra=""):
    """The standing accounts and roles with other grants; `extra` stands in [xacct]."""
    policy.write(policy.heading(sts.url, extra) + ROLES + grants)


def line_of(bastion, reply):
    """The audit file's one line on a reply, beside that of an adoption."""
    lines = [line for line in bastion.audit() if line.get("reference") == reply["reference"]]
    lines = [line for line in lines if line["event"] != "adopted"]
    assert len(lines) == 1, lines
    return lines[0]


def wait_for_end(bastion, session):
    """Waits for the session's `ended` line; returns it. There must never be two."""

    def ends():
        return [
            line
            for line in bastion.audit()
            if line["event"] == "ended" and line["session"] == session
        ]

    wait_until(ends, 10, f"the end of session {session} in the audit file")
    assert len(ends()) == 1
    return ends()[0]


class Opener(frames.Agent):
    """A process of root's that opens a session as sshd with the module does, until stop()."""

    def __init__(self, user, **fields):
        super().__init__(0)
        request = frames.open_request(user, self.pid, rhost="192.0.2.1", **fields)
        (self.reply,) = self.request(request)
        self.user = user
        self.session = self.reply.get("session")

    def close(self):
        """The session's end, as the module tells it; returns the reply."""
        fields = {"op": "close", "user": self.user, "service": "sshd", "session": self.session}
        (reply,) = self.request(fields)
        return reply

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
