"""Names as directories have them, from the login to STS and the audit file.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import accounts, policy
from rig.fixtures import BASE_KEY, BASE_SECRET

# Whether STS is told the name as it is; where it is not, a hash of the name keeps people apart.
NAMES = {
    "a": False,
    "CORP\\alice": False,
    "alice@corp.example": True,
    "jürgen": False,
    "anna maria": False,
    "x" * 100: False,
    "CORP_alice-0123456789abcdef": False,
    "CORP_alice": True,
}

RULES = """
[account client-a]
id          = 111122223333
external_id = 7Zr-42

[role audit]
account = client-a
name    = bastion/Auditor

[grant all]
{users}
roles = audit
"""


@pytest.fixture(scope="package")
def users():
    for uid, name in enumerate(NAMES, start=2001):
        accounts.add_user(name, uid)


@pytest.fixture
def bastion(host, sts, users):
    host.reset(sts.url, BASE_KEY, BASE_SECRET)
    listed = "\n".join(f'users = "{name}"' for name in NAMES)
    policy.write(policy.heading(sts.url) + RULES.format(users=listed))
    return host


def test_every_name_gets_a_legal_session_name_of_its_own(bastion, sts):
    """The stand-in refuses what AWS would refuse."""
    for name in NAMES:
        assert bastion.sshd.ssh(name, "true").status == 0, bastion.syslog.text()
    sent = [call.parameters for call in sts.calls]
    assert [call.answer for call in sts.calls] == ["success"] * len(NAMES)
    assert len({parameters["RoleSessionName"] for parameters in sent}) == len(NAMES)
    for parameters, (name, unchanged) in zip(sent, NAMES.items()):
        session_name = parameters["RoleSessionName"]
        assert parameters["SourceIdentity"] == session_name
        assert (session_name == name) == unchanged
    opened = [line for line in bastion.audit() if line["event"] == "opened"]
    assert [line["human"] for line in opened] == list(NAMES)
    assert [line["session_name"] for line in opened] == [
        parameters["RoleSessionName"] for parameters in sent
    ]
