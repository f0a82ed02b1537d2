"""Policies that the tests begin from.

SPDX-License-Identifier: BSD-2-Clause
"""

import re

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
# The same with an audit file in the folder where the command runs.
AUDITED = HEAD.replace("[xacct]\n", "[xacct]\naudit = /mnt/admin/audit.jsonl\n")

GRANT = """[grant g]
users = alice
roles = audit
"""

# Somebody who is nobody here, and in no group: how to run a program as them.
NOBODY = {"user": 4321, "group": 4321, "extra_groups": []}

# A file of base credentials, and the key in it.
KEY = "A-SECRET-OF-THE-BASE"
KEYS = f"[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = {KEY}\n"


def write(folder, text, name="x.conf"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def lines_of(done, path="x.conf"):
    """What was found, as (line, severity, text) of one file."""
    found = []
    for line in done.stdout.splitlines():
        match = re.fullmatch(r"([^:]+):(\d+): (error|warning): (.+)", line)
        assert match, line
        if match[1] == path:
            found.append((int(match[2]), match[3], match[4]))
    return found
