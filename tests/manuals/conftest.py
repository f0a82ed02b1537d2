"""The manual, and a bastion that is made by it.

Run below tests/enter, which gives private namespaces and folders:

    make tests && tests/enter /usr/bin/python3 -m pytest tests/manuals

SPDX-License-Identifier: BSD-2-Clause
"""

# For pytest, which finds them here.
from admin.conftest import inside
from rig.fixtures import bastion, host, login, running_standin, service, sts
