"""A real OpenID Connect provider (npm's oidc-provider, on Node.js), on loopback.

SPDX-License-Identifier: BSD-2-Clause
"""

import base64
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import urllib.parse
import urllib.request

from .processes import Process, free_port, listens

AUDIENCE = "sts.amazonaws.com"
BUILD = os.environ.get("BUILD", "build")


class Provider:
    """Runs from `with` until its end; `issuer` is its URL."""

    def __init__(self, folder="/mnt/oidc"):
        self.folder = folder
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.issuer = f"http://{self.host}"

    def __enter__(self):
        packages = f"/run/tree/{BUILD}/clients/node_modules"
        assert os.path.isdir(packages), f"no packages there: make BUILD={BUILD} clients"
        os.makedirs(self.folder)
        os.symlink(packages, f"{self.folder}/node_modules")
        shutil.copy("/run/tree/tests/rig/oidc_provider.mjs", self.folder)
        key, self.certificate = f"{self.folder}/key.pem", f"{self.folder}/certificate.pem"
        subprocess.run(
            [
                *["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"],
                *["-subj", "/CN=oidc", "-keyout", key, "-out", self.certificate],
            ],
            check=True,
            capture_output=True,
            timeout=30,
        )
        self.process = Process(
            ["node", f"{self.folder}/oidc_provider.mjs", str(self.port), key, self.certificate],
            f"{self.folder}/log",
        )
        self.process.wait_until(lambda: listens(self.port), 30, "the OpenID Connect provider")
        return self

    def __exit__(self, *_):
        self.process.stop()
        shutil.rmtree(self.folder)

    @property
    def thumbprint(self):
        """The SHA-1 of its certificate, by which IAM knows it."""
        with open(self.certificate, encoding="ascii") as text:
            return hashlib.sha1(ssl.PEM_cert_to_DER_cert(text.read())).hexdigest().upper()

    def token(self, audience=AUDIENCE, seconds=3600):
        """A new JWT for this audience, signed by the provider, that lives so long."""
        request = urllib.request.Request(
            f"{self.issuer}/token",
            urllib.parse.urlencode(
                {"grant_type": "client_credentials", "resource": f"urn:{audience}:{seconds}"}
            ).encode(),
            {
                "Authorization": "Basic "
                + base64.b64encode(b"bastion:secret-of-the-client").decode()
            },
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["access_token"]
