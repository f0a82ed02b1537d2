"""The stack that is shipped for Debian's sshd, with Debian's common files as they are with SSSD and
without.

SPDX-License-Identifier: BSD-2-Clause
"""

import pathlib

import pytest

from rig.sshd import HELPER, MODULE, SERVICE

SHIPPED = pathlib.Path(__file__).parents[2] / "conf" / "pam.d-sshd.example"

# What pam-auth-update has written there, but for systemd's line.
LOCAL = {
    "common-auth": """\
auth	[success=1 default=ignore]	pam_unix.so nullok
auth	requisite			pam_deny.so
auth	required			pam_permit.so
""",
    "common-account": """\
account	[success=1 new_authtok_reqd=done default=ignore]	pam_unix.so
account	requisite			pam_deny.so
account	required			pam_permit.so
""",
    "common-session": """\
session	[default=1]			pam_permit.so
session	requisite			pam_deny.so
session	required			pam_permit.so
session	required	pam_unix.so
""",
    "common-password": "password	required	pam_deny.so\n",
}
DIRECTORY = LOCAL | {
    "common-auth": """\
auth	[success=2 default=ignore]	pam_unix.so nullok
auth	[success=1 default=ignore]	pam_sss.so use_first_pass
auth	requisite			pam_deny.so
auth	required			pam_permit.so
""",
    "common-account": LOCAL["common-account"] + """\
account	sufficient			pam_localuser.so
account	[default=bad success=ok user_unknown=ignore]	pam_sss.so
""",
    "common-session": LOCAL["common-session"] + "session	optional			pam_sss.so\n",
}


@pytest.fixture(params=[LOCAL, DIRECTORY], ids=["local users", "SSSD as well"])
def stack(request, bastion):
    """The stack as it is shipped, with our module's own path; the options are the test's."""
    before = {}
    for name, text in request.param.items():
        path = pathlib.Path("/etc/pam.d") / name
        before[path] = path.read_text(encoding="ascii") if path.exists() else None
        path.write_text(text, encoding="ascii")

    def write(options=""):
        text = SHIPPED.read_text(encoding="ascii")
        line = f"{MODULE} helper={HELPER} {options}"
        pathlib.Path(SERVICE).write_text(text.replace("pam_xacct.so", line), encoding="ascii")

    yield write
    for path, text in before.items():
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="ascii")


RULES = """
[grant alice]
users = alice mallory
roles = audit

[deny mallory]
users = mallory
"""


def test_who_has_a_role_gets_it(bastion, rules, stack):
    rules(RULES)
    stack()
    login = bastion.sshd.ssh("alice", "env")
    assert login.environment.get("XACCT_ROLE") == "audit", bastion.syslog.text()


def test_who_is_denied_is_turned_away_at_the_door(bastion, rules, stack):
    rules(RULES)
    stack()
    assert bastion.sshd.ssh("mallory", "true").status == 255
    assert bastion.verdict("account")[0] == "denied"


def test_who_has_no_role_is_turned_away_where_one_is_required(bastion, rules, stack):
    rules(RULES)
    stack("require_role")
    assert bastion.sshd.ssh("eve", "true").status == 255
    assert bastion.verdict("account")[0] == "no-grant"


def test_a_user_of_the_directory_gets_in(bastion, directory, rules, stack):
    rules("[grant auditors]\ngroups = auditors\nroles = audit\n")
    stack()
    login = bastion.sshd.ssh("dora", "env")
    assert login.environment.get("XACCT_ROLE") == "audit", bastion.syslog.text()
