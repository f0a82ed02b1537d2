"""Files that NSS reads are replaced under a running service, as useradd and chsh do it: by a new file
that takes the old one's name.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import shutil

import pytest


def replace(path, change=lambda text: text):
    """Puts another file with the changed text in the place of `path`, as tools do."""
    fresh = f"{path}.new"
    shutil.copy2(path, fresh)
    with open(path, encoding="utf-8") as old, open(fresh, "w", encoding="utf-8") as new:
        new.write(change(old.read()))
    os.rename(fresh, path)


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf"])
def test_a_login_after_a_file_was_replaced_is_served(bastion, service, path):
    assert bastion.sshd.ssh("alice", "env").environment["XACCT_ROLE"] == "client-a-audit"
    for _ in range(3):
        replace(path)
        login = bastion.sshd.ssh("alice", "env")
        assert login.environment.get("XACCT_ROLE") == "client-a-audit", bastion.syslog.text()
    assert service.answers()
