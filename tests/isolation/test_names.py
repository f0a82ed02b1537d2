"""Names that are an attack: on what is written, on AWS's policies, on a terminal.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import re

import pytest

from rig import accounts, frames, policy
from rig.bastion import RULES
from rig.processes import wait_until
from service.asking import line_of

from .attacking import BOBS, uid_of

FORGED_LINE = json.dumps({"event": "used", "user": "bob", "role": BOBS, "uid": 1002})
HOSTILE = {
    "a line of its own": f"x\n{FORGED_LINE}\n".encode(),
    "a return": b"x\rsshd[1]: Accepted publickey for bob",
    "escapes": b"\x1b]0;owned\x07\x1b[2J\x9b31m",
    "no UTF-8": b"\xff\xfe\x80\xc0\xaf",
    "UTF-8 that turns round": "‮‭\u2028\u0085x".encode(),
    "a format": b"%s%n%x%100000d",
    "a path": b"../../../../etc/shadow",
    "quotes": b'"},{"event":"used"}' + b"\\" * 7,
    "a shell's": b"$(id) `id`; id | id & id",
    "a wildcard": b"*",
    "a policy's variable": b"${aws:username}",
    "as long as may be": b"x" * 1000,
}


def ask_raw(user, **fields):
    """What the service replies to fields of bytes."""
    with frames.connect_as(uid_of(user)) as connection:
        connection.sendall(frames.request_bytes(fields))
        return frames.receive(connection)


@pytest.mark.parametrize("field", ["role", "session", "op", "purpose"])
def test_no_word_of_a_request_is_more_than_a_word(clients, bastion, service, opened, field):
    session = opened("alice").session
    written = len(lines_of_audit())
    for name in HOSTILE.values():
        fields = {"op": b"assume", "session": session.encode(), "role": b"client-z"}
        reply = ask_raw("alice", **fields | {field: name})
        assert reply["status"] != "permitted"
        for text in reply.values():
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u202d\u202e]", text), reply
        line = line_of(bastion, reply)
        assert (line["event"], line["uid"]) == ("refused", uid_of("alice")) and "role" not in line
        written += 1
        assert len(lines_of_audit()) == written
    for line in bastion.syslog.lines:
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line.text)
        assert not line.text.startswith(("{", "sshd["))
    wait_until(lambda: len(bastion.syslog.copies) >= written, 5, "the copies of all lines")
    for copy in bastion.syslog.copies:
        assert re.fullmatch("[ -~]+", copy.text) and json.loads(copy.text)["version"] == 1


def lines_of_audit():
    """All lines of the audit file, each of which is one object in plain ASCII."""
    with open(policy.AUDIT, "rb") as file:
        lines = file.read().split(b"\n")
    assert lines.pop() == b""
    for line in lines:
        assert re.fullmatch(rb"[ -~]+", line) and json.loads(line)["version"] == 1
    return lines


EVIL = ["*", "a*", "?", "${aws}", "a\x1b[2Jb", "a\"b", "a/b", "${*}"]


@pytest.fixture
def directory(host):
    """A directory of people whose names are attacks, which it lets them choose."""
    users = [(name, 7000 + number, "") for number, name in enumerate(EVIL)]
    with accounts.Directory([("operators", 6001, EVIL)], users) as running:
        yield running


ALL = "\n[grant all]\ngroups = operators\n"


def test_a_name_that_means_something_in_a_policy_of_aws_gets_no_role_by_it(
        bastion, sts, directory, service, opened):
    """The role's session policy is for `reports/%{user}/*`: of `*` it would be for everybody's."""
    policy.write(policy.heading(sts.url) + RULES + ALL + "roles = client-a-audit\n")
    for name in EVIL:
        reply = opened(name).reply
        assert reply["status"] == "misconfigured" and "AWS_ACCESS_KEY_ID" not in reply
        line = bastion.audit()[-1]
        assert line["event"] == "refused" and "%{user}" in line["reason"]
        assert re.fullmatch(r"[ -~]+", line["reason"])
    assert not sts.calls


def test_a_name_that_stands_in_no_policy_goes_to_aws_as_a_harmless_one(
        bastion, sts, directory, service, opened):
    policy.write(policy.heading(sts.url) + RULES + ALL + "roles = client-a-dev\n")
    names = set()
    for name in EVIL:
        assert opened(name).reply["status"] == "permitted", bastion.audit()
        sent = sts.calls[-1].parameters
        assert re.fullmatch(r"[A-Za-z0-9_+=,.@-]{2,64}", sent["RoleSessionName"])
        assert not [text for text in sent.values() if name in str(text) and len(name) > 1]
        assert bastion.audit()[-1]["session_name"] == sent["RoleSessionName"]
        names.add(sent["RoleSessionName"])
    assert len(names) == len(EVIL)
