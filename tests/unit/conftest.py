"""What the tests of HTTP and STS share.

SPDX-License-Identifier: BSD-2-Clause
"""

import collections
import subprocess

import pytest

Certificate = collections.namedtuple("Certificate", "bundle file key")


def make_certificate(folder, names):
    """A certificate that is its own authority."""
    file, key = f"{folder}/server.pem", f"{folder}/server.key"
    subprocess.run(
        [
            *["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            *["-nodes", "-days", "1", "-subj", "/CN=standin", "-keyout", key, "-out", file],
            *["-addext", f"subjectAltName={names}"],
        ],
        check=True,
        capture_output=True,
        timeout=30,
    )
    return Certificate(file, file, key)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 and sts.example."""
    return make_certificate(tmp_path_factory.mktemp("certificate"), "IP:127.0.0.1,DNS:sts.example")


@pytest.fixture(scope="session")
def another(tmp_path_factory):
    """A certificate that nobody here has."""
    return make_certificate(tmp_path_factory.mktemp("another"), "IP:127.0.0.1")
