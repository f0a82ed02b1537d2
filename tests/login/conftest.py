"""A real sshd with the module, and the two clouds behind it.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import ceph, certs
# For pytest, which finds them here.
from rig.fixtures import bastion, held, host, running_standin, service, sts


@pytest.fixture(scope="package")
def authority():
    return certs.Authority("/mnt/ca")


@pytest.fixture(scope="package")
def gateway():
    with ceph.Gateway() as running:
        running.create_bastion()
        yield running
