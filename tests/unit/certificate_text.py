"""SSH certificates out of their fields, signed by a key of OpenSSL's: for what ssh-keygen refuses
to make. PROTOCOL.certkeys of OpenSSH says how they are laid out.

SPDX-License-Identifier: BSD-2-Clause
"""

import base64
import dataclasses
import struct
import subprocess

KIND = "ssh-ed25519-cert-v01@openssh.com"
USER, HOST = 1, 2


def string(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">I", len(value)) + value


def pairs(options):
    return b"".join(string(name) + string(value) for name, value in options)


class Authority:
    """An Ed25519 key pair in `folder`."""

    def __init__(self, folder):
        self.file = f"{folder}/authority.pem"
        self._openssl("genpkey", "-algorithm", "ed25519", "-out", self.file)
        public = self._openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")
        self.blob = string("ssh-ed25519") + string(public[-32:])
        self.public = f"ssh-ed25519 {base64.b64encode(self.blob).decode()}"

    def sign(self, text, folder):
        with open(f"{folder}/text", "wb") as out:
            out.write(text)
        return self._openssl(
            "pkeyutl", "-sign", "-rawin", "-inkey", self.file, "-in", f"{folder}/text"
        )

    @staticmethod
    def _openssl(*arguments):
        return subprocess.run(
            ["openssl", *arguments], check=True, capture_output=True, timeout=30
        ).stdout


@dataclasses.dataclass
class Fields:
    """What a certificate says; the values here are those of a good one."""

    kind: str = KIND
    nonce: bytes = bytes(32)
    key: bytes = string(bytes(32))
    serial: int = 7
    type: int = USER
    key_id: bytes = b"carol@partner.example"
    principals: bytes = string("deploy") + string("ops")
    after: int = 1000
    before: int = 2000
    options: bytes = b""
    extensions: bytes = pairs([("permit-pty", b"")])
    reserved: bytes = b""
    algorithm: str = "ssh-ed25519"
    behind_signature: bytes = b""
    behind: bytes = b""

    def signed_by(self, authority, folder, authority_blob=None):
        """The line of SSH_AUTH_INFO_0 for it."""
        text = b"".join([
            string(self.kind), string(self.nonce), self.key, struct.pack(">Q", self.serial),
            struct.pack(">I", self.type), string(self.key_id), string(self.principals),
            struct.pack(">QQ", self.after, self.before), string(self.options),
            string(self.extensions), string(self.reserved),
            string(authority_blob or authority.blob),
        ])
        signature = string(self.algorithm) + string(authority.sign(text, folder))
        blob = text + string(signature + self.behind_signature) + self.behind
        return f"publickey {self.kind} {base64.b64encode(blob).decode()}\n"
