"""The packages: Debian's, in a Debian of its own, and what the one of RPM says.

SPDX-License-Identifier: BSD-2-Clause
"""
