"""The rig of real parts that `make demo` and tests/login stand on.

It adds users, writes below /etc and binds /dev/log, so it works inside tests/enter alone, where all
of these are private copies.

SPDX-License-Identifier: BSD-2-Clause
"""

import os

if os.uname().nodename != "bastion-test" or not os.path.isdir("/run/tree"):
    raise RuntimeError("this changes files in /etc: run it through tests/enter")
