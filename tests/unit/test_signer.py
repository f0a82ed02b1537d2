"""The signer against two independent ones, on random requests with a fixed seed.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import random
import string
import subprocess
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .programs import Server, response, run, sends

FORM = "application/x-www-form-urlencoded; charset=utf-8"
AGAINST_BOTOCORE = 4000
AGAINST_CURL = 300


def random_text(source, alphabet, shortest, longest):
    return "".join(source.choices(alphabet, k=source.randint(shortest, longest)))


def random_request(source):
    word = string.ascii_letters + string.digits
    visible = "".join(chr(byte) for byte in range(0x21, 0x7F))
    host = random_text(source, string.ascii_lowercase, 1, 20) + ".example"
    return {
        "now": source.randint(0, 4102444800),
        "region": source.choice(["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"]),
        "service": source.choice(["sts", "iam", "rolesanywhere"]),
        "host": host + source.choice(["", ":8443"]),
        "path": source.choice(["/", "/sts", "/a/b-c_d.e~f/"]),
        "type": source.choice([FORM, "application/json"]),
        "key_id": random_text(source, word, 1, 128),
        "secret": random_text(source, visible, 1, 120),
        "token": random_text(source, visible, 1, 2000) if source.random() < 0.5 else "",
        "body": source.randbytes(source.choice([0, 1, 63, 64, 65, source.randint(0, 3000)])),
    }


def sign_all(requests):
    """Our (date, Authorization header) of each request."""
    lines = []
    for request in requests:
        fields = {**request, "now": str(request["now"]), "body": request["body"].hex()}
        lines.append("\t".join(fields.values()) + "\n")
    signed = run("sign_requests", input="".join(lines)).splitlines()
    assert len(signed) == len(requests)
    return [tuple(line.split("\t")) for line in signed]


def sign_by_botocore(request):
    now = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=request["now"])
    asked = AWSRequest(
        method="POST",
        url=f"https://{request['host']}{request['path']}",
        data=request["body"],
        headers={"Content-Type": request["type"], "Host": request["host"]},
    )
    credentials = Credentials(request["key_id"], request["secret"], request["token"] or None)
    with mock.patch("botocore.auth.datetime") as clock:
        clock.datetime.utcnow.return_value = now
        SigV4Auth(credentials, request["service"], request["region"]).add_auth(asked)
    return asked.headers["X-Amz-Date"], asked.headers["Authorization"]


def test_random_requests_are_signed_as_botocore_signs_them():
    source = random.Random(20260102)
    requests = [random_request(source) for _ in range(AGAINST_BOTOCORE)]
    for request, signed in zip(requests, sign_all(requests)):
        assert signed == sign_by_botocore(request), request


def curl(request, port, folder):
    """Has curl sign and send the request to the server on this loopback port."""
    (folder / "body").write_bytes(request["body"])
    headers = [f"Host: {request['host']}", f"Content-Type: {request['type']}"]
    if request["token"]:
        headers.append(f"X-Amz-Security-Token: {request['token']}")
    subprocess.run(
        [
            *["curl", "--disable", "--silent", "--show-error", "--fail", "--noproxy", "*"],
            *["--aws-sigv4", f"aws:amz:{request['region']}:{request['service']}"],
            *["--user", f"{request['key_id']}:{request['secret']}"],
            *[word for header in headers for word in ("--header", header)],
            *["--data-binary", f"@{folder}/body", f"http://127.0.0.1:{port}{request['path']}"],
        ],
        check=True,
        timeout=30,
    )


def test_random_requests_are_signed_as_curl_signs_them(tmp_path):
    source = random.Random(20260103)
    requests = [random_request(source) for _ in range(AGAINST_CURL)]
    with Server(sends(response())) as server:
        for request in requests:
            curl(request, server.port, tmp_path)
    assert len(server.requests) == len(requests)
    # curl signs with the time that it is; ours is told to be the same.
    for request, sent in zip(requests, server.requests):
        assert sent.body == request["body"]
        date = datetime.datetime.strptime(sent.headers["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        request["now"] = int(date.timestamp())
    for sent, signed in zip(server.requests, sign_all(requests)):
        assert signed == (sent.headers["x-amz-date"], sent.headers["authorization"])
