"""One HTTP request through a proxy, and proxies that misbehave. Real ones are in
tests/login/test_proxy.py.

SPDX-License-Identifier: BSD-2-Clause
"""

import base64
import socket

import pytest

from .programs import LARGEST, OPENED, Server, resets, response, run_for_values, sends, stalls
from .programs import tunnels_to

SERVER = "https://sts.example/"
SECRET = "X-Amz-Security-Token: the-token-of-the-base"
PASSWORD = "Pr0xy-pass"


def post(proxy, url=SERVER, timeout_ms=20000, environment=None, **more):
    given = {"url": url, "timeout_ms": timeout_ms, "largest": LARGEST, "body": "some=body", **more}
    arguments = [f"{name}={value}" for name, value in given.items()]
    return run_for_values(
        "http_request", [*arguments, f"proxy={proxy}", f"header={SECRET}"], environment
    )


def opens_and_then(answer):
    """An answer to CONNECT that opens the way, behind which `answer` is."""

    def both(connection, request):
        connection.sendall(OPENED)
        connection.recv(65536)
        answer(connection, request)

    return both


@pytest.fixture
def server(certificate):
    """An https server that answers."""
    with Server(sends(response(b"<a/>")), certificate.file, certificate.key) as running:
        yield running


def with_user(url, user=f"proxy:{PASSWORD}"):
    return url.replace("://", f"://{user}@")


def test_https_goes_through_connect_and_the_proxy_sees_nothing_of_it(server, certificate):
    with Server(tunnels_to(server)) as proxy:
        answer = post(proxy.url, ca_bundle=certificate.bundle)
    assert (answer["outcome"], answer["body"]) == ("answered", "<a/>")
    # What the proxy says of the time and of itself is not taken for the server's.
    assert (answer["date"], answer["request_id"], answer["content_type"]) == ("0", "", "")
    (connect,) = proxy.requests
    assert connect.line == "CONNECT sts.example:443 HTTP/1.1"
    assert set(connect.headers) <= {"host", "user-agent", "proxy-connection"}
    (request,) = server.requests
    assert request.headers["x-amz-security-token"] == SECRET.split(": ")[1]
    assert request.headers["host"] == "sts.example"
    assert not [name for name in request.headers if name.startswith("proxy-")]


def test_a_proxy_is_given_its_user_and_password_and_the_server_is_not(server, certificate):
    with Server(tunnels_to(server)) as proxy:
        answer = post(with_user(proxy.url), ca_bundle=certificate.bundle)
    assert answer["outcome"] == "answered"
    given = base64.b64encode(f"proxy:{PASSWORD}".encode()).decode()
    assert proxy.requests[0].headers["proxy-authorization"] == f"Basic {given}"
    assert "proxy-authorization" not in server.requests[0].headers


def test_exceptions_in_the_environment_have_no_effect(server, certificate):
    with Server(tunnels_to(server)) as proxy:
        answer = post(
            proxy.url,
            ca_bundle=certificate.bundle,
            environment={"NO_PROXY": "*", "no_proxy": "sts.example"},
        )
    assert answer["outcome"] == "answered"
    assert len(proxy.requests) == 1


def test_the_bundle_counts_for_an_https_proxy_too(server, certificate):
    with Server(tunnels_to(server), certificate.file, certificate.key) as proxy:
        assert post(proxy.url, ca_bundle=certificate.bundle)["outcome"] == "answered"
        refused = post(proxy.url)
    assert refused["outcome"] == "untrusted"
    assert f"127.0.0.1:{proxy.port}" in refused["why"]
    assert len(proxy.requests) == 1


def test_a_connection_through_the_proxy_is_kept(certificate):
    def answers_twice(connection, _):
        connection.sendall(response(b"one"))
        connection.recv(65536)
        connection.sendall(response(b"two"))

    with Server(answers_twice, certificate.file, certificate.key) as twice:
        with Server(tunnels_to(twice)) as proxy:
            answer = post(proxy.url, ca_bundle=certificate.bundle, times=2)
    assert (answer["outcome"], answer["body"]) == ("answered", "two")
    assert len(proxy.requests) == 1


def status(line):
    return sends(response(b"<html>", status=line))


# What a proxy does, what the request comes to, and words of the reason.
FAILURES = {
    "403": (status("403 Forbidden"), "unreachable", "status 403; its rules are against it"),
    "407": (
        status("407 Proxy Authentication Required"),
        "unreachable",
        "status 407; it wants a user and a password",
    ),
    "502": (status("502 Bad Gateway"), "unreachable", "status 502; it could not reach the server"),
    "redirect": (status("302 Found"), "unreachable", "status 302; see its log"),
    "closes-at-once": (sends(b""), "unreachable", "did not open the way"),
    "resets-at-once": (resets(), "unreachable", "did not open the way"),
    "stalls": (stalls(), "timed-out", "did not open the way"),
    "stalls-in-its-answer": (stalls(OPENED[:20]), "timed-out", "did not open the way"),
    "not-a-proxy": (sends(b"220 mail.example ESMTP\r\n"), "unreachable", "did not open the way"),
    "dies-in-the-handshake": (opens_and_then(sends(b"")), "unreachable", "went through the proxy"),
    "not-tls": (opens_and_then(sends(b"HTTP/1.1 200 OK\r\n\r\n")), "unreachable", "went through"),
    "stalls-in-the-handshake": (opens_and_then(stalls()), "timed-out", "went through the proxy"),
}


@pytest.mark.parametrize("answer, outcome, words", FAILURES.values(), ids=FAILURES)
def test_a_proxy_that_fails_is_named_without_its_password(answer, outcome, words):
    with Server(answer) as proxy:
        got = post(with_user(proxy.url), timeout_ms=500)
    assert got["outcome"] == outcome, got
    assert words in got["why"] and f"the proxy 127.0.0.1:{proxy.port}" in got["why"], got
    assert PASSWORD not in str(got) and int(got["milliseconds"]) < 1000
    # Its status is not the server's.
    assert got["status"] == "0"


def test_a_proxy_that_cannot_be_reached_is_named():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    got = post(with_user(f"http://127.0.0.1:{port}"))
    assert (got["outcome"], got["connected"]) == ("unreachable", "0")
    assert f"the proxy 127.0.0.1:{port} is not reached" in got["why"] and PASSWORD not in got["why"]


def test_a_proxy_whose_name_is_unknown_is_named():
    got = post(with_user("http://proxy.invalid:3128"), timeout_ms=5000)
    assert got["outcome"] == "unreachable"
    assert "the proxy proxy.invalid:3128 is not reached" in got["why"]
    assert PASSWORD not in got["why"]


def test_a_proxy_that_opens_tls_is_named_unless_its_ca_is_trusted(server, certificate):
    with Server(tunnels_to(server)) as proxy:
        got = post(proxy.url)
        assert got["outcome"] == "untrusted"
        assert f"through the proxy 127.0.0.1:{proxy.port}" in got["why"]
        assert "ca_bundle" in got["why"]
    assert server.requests == []


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "127.0.0.1:1", "file:///x", "http://"])
def test_a_proxy_of_another_kind_is_refused(proxy):
    got = post(proxy)
    assert got["outcome"] == "failed"
    assert "`proxy =`" in got["why"]


def test_a_connection_that_the_proxy_cuts_in_the_answer_is_truncated(certificate):
    half = sends(response(b"<a>", length=1000))
    with Server(half, certificate.file, certificate.key) as server:
        with Server(tunnels_to(server)) as proxy:
            got = post(proxy.url, ca_bundle=certificate.bundle)
    assert got["outcome"] == "truncated"
    assert f"went through the proxy 127.0.0.1:{proxy.port}" in got["why"]
