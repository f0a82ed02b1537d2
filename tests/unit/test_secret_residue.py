"""Nothing of a secret stays in the memory of a process that has used it.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import os
import secrets

import pytest

from .programs import Server, response, run, sends

CREDENTIALS = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleResult><Credentials><AccessKeyId>ASIAISSUED</AccessKeyId>
<SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>
<Expiration>2036-01-02T03:04:05Z</Expiration></Credentials></AssumeRoleResult>
</AssumeRoleResponse>"""


def write(name, text):
    folder = "/mnt/residue"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{name}", "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(file.name, 0o600)
    return file.name


def pieces_of(texts):
    """A piece of each is enough to know it by, and finds what was overwritten in part only."""
    return [
        text[at : at + 20].encode().hex()
        for text in texts
        for at in (0, len(text) // 2, len(text) - 20)
    ]


@pytest.mark.parametrize("source", ["file", "container"])
@pytest.mark.parametrize("token_length", [200, 700, 3000])
def test_no_copy_of_a_secret_outlives_its_use(certificate, token_length, source):
    base_secret, base_token, issued_secret, issued_token, own_token = (
        secrets.token_hex(length // 2) for length in (40, token_length, 40, *[token_length] * 2)
    )
    keys = {
        **{"AccessKeyId": "AKIABASE", "SecretAccessKey": base_secret, "Token": base_token},
        "Expiration": "2036-01-02T03:04:05Z",
    }
    body = CREDENTIALS.format(issued_secret, issued_token).encode()
    pieces = pieces_of([base_secret, base_token, issued_secret, issued_token, own_token])
    with (
        Server(sends(response(json.dumps(keys).encode()))) as container,
        Server(sends(response(body)), certificate.file, certificate.key) as server,
    ):
        if source == "file":
            lines = ["[default]", "aws_access_key_id = AKIABASE"]
            lines += [f"aws_secret_access_key = {base_secret}", f"aws_session_token = {base_token}"]
            file, endpoint = write("base.credentials", "\n".join([*lines, ""])), ""
        else:
            file, endpoint = write("token", own_token), container.url
        arguments = [file, endpoint, server.url, certificate.bundle, *pieces]
        found = run("secret_residue", arguments)
        assert len(server.requests) == 1
        assert len(container.requests) == (1 if source == "container" else 0)
    assert found.split() == ["0"] * len(pieces)
