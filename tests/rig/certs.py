"""Certificate authorities and server certificates, by the openssl command.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import subprocess


class Authority:
    """A CA in a folder of its own: `bundle` is its certificate."""

    def __init__(self, folder):
        self.folder = folder
        self.bundle = f"{folder}/ca.pem"
        os.makedirs(folder)
        _openssl(
            *["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
            *["-days", "1", "-subj", "/CN=rig", "-keyout", f"{folder}/ca.key"],
            *["-out", self.bundle],
        )
        os.chmod(self.bundle, 0o644)

    def issue(self, name, alternative="IP:127.0.0.1"):
        """A server certificate for `alternative`; returns its file and its key's file."""
        certificate, key = f"{self.folder}/{name}.pem", f"{self.folder}/{name}.key"
        request, extensions = f"{self.folder}/{name}.csr", f"{self.folder}/{name}.ext"
        _openssl(
            *["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
            *["-subj", f"/CN={name}", "-keyout", key, "-out", request],
        )
        with open(extensions, "w", encoding="ascii") as out:
            out.write(f"subjectAltName={alternative}\n")
        _openssl(
            *["x509", "-req", "-days", "1", "-CA", self.bundle, "-CAkey", f"{self.folder}/ca.key"],
            *["-CAcreateserial", "-extfile", extensions, "-in", request, "-out", certificate],
        )
        return certificate, key


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)
