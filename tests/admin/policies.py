"""Policies that the tests begin from.

SPDX-License-Identifier: BSD-2-Clause
"""

HEAD = """[xacct]
region = eu-west-1
[base]
source = file
file = /etc/xacct/base.credentials
[account client-a]
id = 111122223333
[role audit]
account = client-a
name = bastion/Auditor
"""
LINES = HEAD.count("\n")

GRANT = """[grant g]
users = alice
roles = audit
"""


def write(folder, text, name="x.conf"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
