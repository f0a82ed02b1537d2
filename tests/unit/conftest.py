"""What the tests of HTTP and STS share.

SPDX-License-Identifier: BSD-2-Clause
"""

import collections
import subprocess

import pytest

Certificate = collections.namedtuple("Certificate", "bundle file key")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that is its own authority."""
    folder = tmp_path_factory.mktemp("certificate")
    file, key = f"{folder}/server.pem", f"{folder}/server.key"
    subprocess.run(
        [
            *["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            *["-nodes", "-days", "1", "-subj", "/CN=standin", "-keyout", key, "-out", file],
            *["-addext", "subjectAltName=IP:127.0.0.1"],
        ],
        check=True,
        capture_output=True,
        timeout=30,
    )
    return Certificate(file, file, key)
