"""One service, and many who want something of it.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import accounts
from rig.bastion import Bastion
# For pytest, which finds them here.
from rig.fixtures import bastion, login, running_standin, service, sts
from rig.sshd import Sshd
from service.asking import ALICE, DEV, write_policy
from service.conftest import many_descriptors, opened

CROWD = {f"user-{number}": 4000 + number for number in range(50)}


@pytest.fixture(scope="package")
def host():
    """What sshd would say at each of so many logins is nobody's to read."""
    with Bastion(Sshd(log_level="INFO")) as running:
        yield running


@pytest.fixture(scope="package")
def people(host):
    for name, uid in CROWD.items():
        accounts.add_user(name, uid)


@pytest.fixture
def crowd(people, bastion, sts):
    """Fifty users beside alice, each with a role."""
    write_policy(sts, ALICE + f"[grant crowd]\nroles = {DEV}\n"
                 + "".join(f"users = {name}\n" for name in CROWD))
    return CROWD
