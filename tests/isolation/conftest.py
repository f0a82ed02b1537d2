"""A bastion of two clients whose consultants have a shell each, and want to know, or have, what is
the other's.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import policy, sts_standin
# For pytest, which finds them here.
from rig.fixtures import BASE_ARN, bastion, held, host, login, running_standin, service, sts
from service.conftest import opened

from .attacking import CLIENT_B_ARN, TWO_CLIENTS


@pytest.fixture
def clients(bastion, sts):
    """alice works for client-a, bob for client-b, and neither is to learn of the other's."""
    sts.roles[CLIENT_B_ARN] = sts_standin.Role(BASE_ARN, external_id="b-0815")
    policy.write(policy.heading(sts.url) + TWO_CLIENTS)
