"""Authorities that sign SSH keys, as an SSO's does, and the certificates that people log in with.

SPDX-License-Identifier: BSD-2-Clause
"""

import base64
import dataclasses
import os
import shutil
import struct
import subprocess

from .sshd import by_keys

FOLDER = "/mnt/ssh-ca"


def make_key(path, key_type="ed25519", bits=None):
    """Makes a key pair at `path`, with the public key in PATH.pub; returns the path."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", key_type, "-N", "", "-C", "", "-f", path]
        + (["-b", str(bits)] if bits else []),
        check=True,
    )
    return path


def public_of(key):
    """The public key beside a private one, "TYPE BASE64"."""
    with open(f"{key}.pub", encoding="ascii") as text:
        return " ".join(text.read().split()[:2])


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A private key's path, its certificate's, and what that holds: "TYPE BASE64"."""

    key: str
    path: str
    text: str

    @property
    def proof(self):
        """To log in with it, and with nothing else."""
        return by_keys(self.key, certificates=[self.path])

    @property
    def auth_info(self):
        """What sshd tells PAM in SSH_AUTH_INFO_0 after a login with it."""
        return f"publickey {self.text}\n"

    @property
    def blob(self):
        return base64.b64decode(self.text.split()[1])

    def with_blob(self, blob):
        """The same with other bytes, which nobody has signed."""
        kind = self.text.split()[0]
        return dataclasses.replace(self, text=f"{kind} {base64.b64encode(blob).decode()}")

    def renamed(self, old, new):
        """The same with another name of equal length in the place of `old`."""
        assert len(old) == len(new) and old.encode() in self.blob
        return self.with_blob(self.blob.replace(old.encode(), new.encode()))

    def with_another_signature(self):
        """The same with one bit of the signature changed."""
        return self.with_blob(self.blob[:-1] + bytes([self.blob[-1] ^ 1]))

    def in_the_name_of(self, signer, authority):
        """The same with another authority's public key where its signer's was, which is what the
        signature is verified with."""
        ours, theirs = (_string(key.public) for key in (signer, authority))
        assert self.blob.count(ours) == 1
        return self.with_blob(self.blob.replace(ours, theirs))


def _string(public):
    """A public key as it stands in a certificate: RFC 4251, section 5."""
    content = base64.b64decode(public.split()[1])
    return struct.pack(">I", len(content)) + content


class Authority:
    """One that signs; made once for a name."""

    def __init__(self, name, key_type="ed25519", bits=None):
        os.makedirs(f"{FOLDER}/{name}", exist_ok=True)
        self.name = name
        self.key = make_key(f"{FOLDER}/{name}/ca", key_type, bits)
        self.issued = 0

    @property
    def public(self):
        """As `key =` of a [ca] and TrustedUserCAKeys have it."""
        return public_of(self.key)

    def issue(self, key_id, principals, validity="-1m:+1h", options=(), host=False,
              key_type="ed25519", signature=None):
        """Makes a key and signs it. `validity` is as ssh-keygen's -V, `options` as its -O;
        `signature` the algorithm of a key that knows several."""
        self.issued += 1
        key = make_key(f"{FOLDER}/{self.name}/{self.issued}", key_type)
        subprocess.run(
            [
                *["ssh-keygen", "-q", "-s", self.key, "-I", key_id, "-V", validity],
                *(["-n", ",".join(principals)] if principals else []),
                *(["-h"] if host else []),
                *(["-t", signature] if signature else []),
                *(word for option in options for word in ("-O", option)),
                f"{key}.pub",
            ],
            check=True,
        )
        with open(f"{key}-cert.pub", encoding="ascii") as text:
            return Certificate(key, f"{key}-cert.pub", " ".join(text.read().split()[:2]))


def forget_all():
    """Removes the keys and certificates of all authorities."""
    shutil.rmtree(FOLDER, ignore_errors=True)
