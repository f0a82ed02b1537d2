"""Nothing of a secret stays in the memory of a process that has used it.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import secrets

import pytest

from .programs import Server, response, run, sends

CREDENTIALS = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleResult><Credentials><AccessKeyId>ASIAISSUED</AccessKeyId>
<SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>
<Expiration>2036-01-02T03:04:05Z</Expiration></Credentials></AssumeRoleResult>
</AssumeRoleResponse>"""


@pytest.mark.parametrize("token_length", [200, 700, 3000])
def test_no_copy_of_a_secret_outlives_its_use(certificate, token_length):
    base_secret, base_token, issued_secret, issued_token = (
        secrets.token_hex(length // 2) for length in (40, token_length, 40, token_length)
    )
    folder = "/mnt/residue"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/base.credentials", "w") as file:
        file.write(
            f"[default]\naws_access_key_id = AKIABASE\naws_secret_access_key = {base_secret}\n"
            f"aws_session_token = {base_token}\n"
        )
    os.chmod(file.name, 0o600)
    body = CREDENTIALS.format(issued_secret, issued_token).encode()
    # A piece of each is enough to know it by, and finds what was overwritten in part only.
    pieces = [
        text[at : at + 20].encode().hex()
        for text in (base_secret, base_token, issued_secret, issued_token)
        for at in (0, len(text) // 2, len(text) - 20)
    ]
    with Server(sends(response(body)), certificate.file, certificate.key) as server:
        found = run("secret_residue", [file.name, server.url, certificate.bundle, *pieces])
        assert len(server.requests) == 1
    assert found.split() == ["0"] * len(pieces)
