"""Signing in to the web console, against a loopback server in place of AWS's endpoint.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import time
import urllib.parse

import pytest

from .programs import Server, resets, response, run_for_values, sends, stalls, tunnels_to

ROLE = "arn:aws:iam::111122223333:role/Auditor"
SECRET = "wJalr/K7MD+bPxR&=EY"
TOKEN = 'IQoJb3"JpZ2\\luX2VjEHIa%3D==' + "/+t" * 500
SIGNIN_TOKEN = "VCQgs5qZZt3Q6fn8Tr5EXAMPLE+/=&" + "x" * 1500


def sign_in(endpoint, timeout_ms="5000", **changes):
    """What console_sign_in prints for a request with these arguments."""
    arguments = {
        "endpoint": endpoint,
        "role_arn": ROLE,
        "region": "eu-west-1",
        "access_key_id": "ASIAEXAMPLEEXAMPLE01",
        "secret_access_key": SECRET,
        "session_token": TOKEN,
        "timeout_ms": timeout_ms,
        **changes,
    }
    given = [f"{name}={value}" for name, value in arguments.items() if value is not None]
    return run_for_values("console_sign_in", given)


def sign_in_to(answer, **changes):
    with Server(answer) as server:
        got = sign_in(server.url, **changes)
    for secret in (SECRET, TOKEN, SIGNIN_TOKEN):
        assert secret not in got.get("reason", "")
        assert urllib.parse.quote(secret, safe="") not in got.get("reason", "")
    return got


def token_answer(token=SIGNIN_TOKEN, **options):
    return response(json.dumps({"SigninToken": token}).encode(), **options)


@pytest.mark.parametrize(
    "path, asked", [("", "/federation"), ("fed/eration", "/fed/eration")], ids=["host", "path"]
)
def test_the_credentials_are_posted_and_the_token_makes_the_url(path, asked):
    with Server(sends(token_answer())) as server:
        got = sign_in(server.url + path)
    (request,) = server.requests
    assert request.line == f"POST {asked} HTTP/1.1"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    fields = urllib.parse.parse_qs(request.body.decode(), strict_parsing=True)
    session = json.loads(fields.pop("Session")[0])
    assert fields == {"Action": ["getSigninToken"]}
    assert session == {
        "sessionId": "ASIAEXAMPLEEXAMPLE01",
        "sessionKey": SECRET,
        "sessionToken": TOKEN,
    }
    base, query = got["url"].split("?")
    assert got["status"] == "permitted"
    assert base == server.url.rstrip("/") + asked
    assert urllib.parse.parse_qsl(query, strict_parsing=True) == [
        ("Action", "login"),
        ("Issuer", "pam_xacct"),
        ("Destination", "https://console.aws.amazon.com/console/home?region=eu-west-1"),
        ("SigninToken", SIGNIN_TOKEN),
    ]
    assert query.count("&") == 3


@pytest.mark.parametrize("suffix", ["", "/"])
def test_an_endpoint_without_a_path_gets_the_one_that_aws_has(suffix):
    with Server(sends(token_answer())) as server:
        got = sign_in(server.url.rstrip("/") + suffix)
    assert got["url"].startswith(server.url + "federation?Action=login&")


PARTITIONS = {
    "aws-cn": ("cn-north-1", "console.amazonaws.cn"),
    "aws-us-gov": ("us-gov-west-1", "console.amazonaws-us-gov.com"),
    "aws-eusc": ("eusc-de-east-1", "console.amazonaws-eusc.eu"),
}


@pytest.mark.parametrize("partition", PARTITIONS)
def test_the_console_is_that_of_the_roles_partition(partition):
    region, host = PARTITIONS[partition]
    role = ROLE.replace("arn:aws:", f"arn:{partition}:")
    got = sign_in_to(sends(token_answer()), role_arn=role, region=region)
    query = dict(urllib.parse.parse_qsl(got["url"].split("?")[1]))
    assert query["Destination"] == f"https://{host}/console/home?region={region}"


ENDPOINTS = {
    "aws": ("eu-west-1", "https://signin.aws.amazon.com/federation"),
    "aws-cn": ("cn-north-1", "https://signin.amazonaws.cn/federation"),
    "aws-us-gov": ("us-gov-west-1", "https://signin.amazonaws-us-gov.com/federation"),
    "aws-eusc": ("eusc-de-east-1", "https://eusc-de-east-1.signin.amazonaws-eusc.eu/federation"),
}


@pytest.mark.parametrize("partition", ENDPOINTS)
def test_each_partition_has_its_endpoint(partition):
    """Nothing is sent: the time is over before it begins."""
    region, endpoint = ENDPOINTS[partition]
    role = ROLE.replace("arn:aws:", f"arn:{partition}:")
    got = sign_in(None, timeout_ms="0", role_arn=role, region=region)
    assert got["status"] == "unavailable"
    assert f"role {role} at {endpoint}: no answer in time" in got["reason"]


@pytest.mark.parametrize("partition", ["aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "", "awsx"])
def test_a_partition_without_a_known_console_is_refused(partition):
    role = ROLE.replace("arn:aws:", f"arn:{partition}:")
    got = sign_in(None, role_arn=role)
    assert got["status"] == "misconfigured"
    assert f'partition "{partition}"' in got["reason"]
    assert role in got["reason"]


@pytest.mark.parametrize("region", ["", "eu west", "eu-west-1.evil.example/", "EU-WEST-1", "a&b"])
def test_a_region_that_is_none_is_refused(region):
    got = sign_in(None, region=region, role_arn=ROLE.replace("arn:aws:", "arn:aws-eusc:"))
    assert got["status"] == "misconfigured"
    assert "`region =`" in got["reason"]


@pytest.mark.parametrize(
    "endpoint",
    ["ftp://h/federation", "https://u:p@h/", "https://h/?a=b", "no url", "https://h/" + "x" * 1500],
    ids=["scheme", "user", "query", "none", "length"],
)
def test_an_endpoint_that_cannot_be_asked_is_told(endpoint):
    got = sign_in(endpoint)
    assert got["status"] == "misconfigured"
    assert "`console_endpoint =`" in got["reason"]


LOGIN_PAGE = b"<html><title>Please log in</title></html>"
# What a proxy that likes to talk sends back: everything that it got.
ECHO = json.dumps({"error": "bad", "you sent": [SECRET, TOKEN]}).encode()

FAILURES = {
    "refused": (
        sends(response(ECHO, "400 Bad Request")),
        "misconfigured",
        ["HTTP status 400", "does not accept the role's credentials"],
    ),
    "forbidden": (sends(response(ECHO, "403 Forbidden")), "misconfigured", ["HTTP status 403"]),
    "not-found": (
        sends(response(LOGIN_PAGE, "404 Not Found")),
        "misconfigured",
        ["HTTP status 404", "console_endpoint"],
    ),
    "throttled": (
        sends(response(b"", "429 Too Many Requests")),
        "unavailable",
        ["HTTP status 429", "try again later"],
    ),
    "redirect": (
        sends(response(b"", "302 Found", ["Location: https://evil.example/"])),
        "misconfigured",
        ["HTTP status 302", "not followed"],
    ),
    "500": (sends(response(ECHO, "500 Oops")), "unavailable", ["HTTP status 500", "later"]),
    "503": (sends(response(b"", "503 Busy")), "unavailable", ["HTTP status 503"]),
    "204": (sends(response(b"", "204 No Content")), "unavailable", ["HTTP status 204"]),
    "html": (
        sends(response(LOGIN_PAGE, headers=["Content-Type: text/html"])),
        "unavailable",
        ["no sign-in token", "login page"],
    ),
    "empty": (sends(response(b"")), "unavailable", ["no sign-in token"]),
    "other-json": (sends(response(ECHO)), "unavailable", ["no sign-in token"]),
    "a-list": (sends(response(b"[1]")), "unavailable", ["no sign-in token"]),
    "no-text": (
        sends(response(b'{"SigninToken": 7}')),
        "unavailable",
        ["no sign-in token"],
    ),
    "empty-token": (sends(token_answer("")), "unavailable", ["no sign-in token"]),
    "a-nul": (
        sends(response(b'{"SigninToken": "a\\u0000b"}')),
        "unavailable",
        ["no sign-in token"],
    ),
    "half-a-document": (
        sends(response(b'{"SigninToken": "' + SIGNIN_TOKEN.encode())),
        "unavailable",
        ["no sign-in token"],
    ),
    "truncated": (
        sends(response(b'{"SigninToken": "' + SIGNIN_TOKEN.encode(), length=9999)),
        "unavailable",
        ["ended before the answer did"],
    ),
    "reset": (resets(), "unavailable", ["not reached"]),
    "too-large": (sends(token_answer("x" * 100_000)), "unavailable", ["too large"]),
    "no-http": (sends(b"SSH-2.0-OpenSSH_9.2\r\n"), "unavailable", ["not HTTP"]),
}


@pytest.mark.parametrize("answer, status, words", FAILURES.values(), ids=FAILURES)
def test_each_failure_says_what_happened_and_shows_no_secret(answer, status, words):
    got = sign_in_to(answer)
    assert got["status"] == status, got
    for word in [ROLE, "http://127.0.0.1:", "/federation", *words]:
        assert word in got["reason"]


def test_a_stalled_endpoint_is_timed_out():
    started = time.monotonic()
    got = sign_in_to(stalls(), timeout_ms="300")
    assert got["status"] == "unavailable"
    assert "no answer in time" in got["reason"]
    assert time.monotonic() - started < 2


def test_the_proxy_is_asked_for_the_way_and_named_when_it_fails(certificate):
    with Server(sends(token_answer()), certificate.file, certificate.key) as server:
        with Server(tunnels_to(server)) as proxy:
            got = sign_in(
                "https://sts.example", ca_bundle=certificate.bundle, proxy=proxy.url.rstrip("/")
            )
        assert got["status"] == "permitted", got
        assert proxy.requests[0].line == "CONNECT sts.example:443 HTTP/1.1"
    refused = sign_in("https://sts.example", proxy=proxy.url)
    assert refused["status"] == "unavailable"
    assert f"the proxy 127.0.0.1:{proxy.port} is not reached" in refused["reason"]


def test_an_untrusted_endpoint_names_the_ca_bundle(certificate):
    with Server(sends(token_answer()), certificate.file, certificate.key) as server:
        got = sign_in(server.url)
        assert got["status"] == "misconfigured"
        assert "ca_bundle" in got["reason"]
        assert sign_in(server.url, ca_bundle=certificate.bundle)["status"] == "permitted"
