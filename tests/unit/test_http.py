"""One HTTP request, and servers that misbehave.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import time

import pytest

from .programs import BUILD, LARGEST, Server, never_accepting, resets, response, run_for_values
from .programs import sends, stalls

HEADERS = ["Date: Fri, 02 Jan 2026 03:04:05 GMT", "x-amzn-RequestId: abc-1", "Content-Type: a/b"]


def arguments_of(url, timeout_ms=20000, bundle="", **more):
    given = {"url": url, "timeout_ms": timeout_ms, "largest": LARGEST, **more}
    if bundle:
        given["ca_bundle"] = bundle
    given.setdefault("method", "POST")
    if given["method"] == "POST":
        given.setdefault("body", "some=body")
    headers = ["header=Content-Type: text/plain", "header=X-Test: one"]
    return [f"{name}={value}" for name, value in given.items()] + headers


def post(url, environment=None, **more):
    return run_for_values("http_request", arguments_of(url, **more), environment)


def chunks(*pieces):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def test_a_whole_answer_arrives_with_what_its_headers_say():
    with Server(sends(response(b"<a/>", headers=HEADERS))) as server:
        answer = post(server.url + "sts")
    assert answer["outcome"] == "answered"
    assert (answer["status"], answer["body"], answer["date"]) == ("200", "<a/>", "1767323045")
    assert (answer["request_id"], answer["content_type"]) == ("abc-1", "a/b")
    (request,) = server.requests
    assert request.line == "POST /sts HTTP/1.1"
    assert request.body == b"some=body"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["user-agent"] == "pam_xacct"
    assert (request.headers["content-type"], request.headers["x-test"]) == ("text/plain", "one")


ANSWERED = {
    "refusal": (response(b"no", "403 Forbidden"), "403", 2),
    "server-error": (response(b"oops", "500 Internal Server Error"), "500", 4),
    "empty": (response(), "200", 0),
    "chunked": (chunks(b"x" * 5000, b"y" * 20000, b""), "200", 25000),
    "as-long-as-allowed": (response(b"x" * LARGEST), "200", LARGEST),
    "until-closed": (b"HTTP/1.1 200 OK\r\n\r\n<a/>", "200", 4),
    "redirect-is-not-followed": (
        response(status="302 Found", headers=["Location: http://127.0.0.1:1/"]),
        "302",
        0,
    ),
    "odd-headers": (response(headers=["Date: never", "x-amzn-RequestId: " + "i" * 500]), "200", 0),
}


@pytest.mark.parametrize("data, status, length", ANSWERED.values(), ids=ANSWERED)
def test_whatever_status_a_whole_answer_is_an_answer(data, status, length):
    with Server(sends(data)) as server:
        answer = post(server.url)
    assert (answer["outcome"], answer["why"]) == ("answered", "")
    assert (answer["status"], answer["length"]) == (status, str(length))


MISBEHAVIOURS = {
    "10-megabytes": (sends(response(b"x" * 10_000_000)), "too-large"),
    "10-megabytes-chunked": (sends(chunks(*[b"x" * 100_000] * 100, b"")), "too-large"),
    "one-byte-more-than-allowed": (sends(response(b"x" * (LARGEST + 1))), "too-large"),
    "one-byte-more-chunked": (sends(chunks(b"x" * LARGEST, b"x", b"")), "too-large"),
    "half": (sends(response(b"<a>", length=1000)), "truncated"),
    "half-chunked": (sends(chunks(b"<a>")), "truncated"),
    "reset-in-the-middle": (resets(response(b"<a>", length=1000)), "truncated"),
    "reset-at-once": (resets(), "unreachable"),
    "closed-at-once": (sends(b""), "unreachable"),
    "not-http": (sends(b"220 mail.example ESMTP\r\n"), "garbled"),
}


@pytest.mark.parametrize("answer, outcome", MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_a_server_that_misbehaves_is_told_from_one_that_answers(answer, outcome):
    with Server(answer) as server:
        got = post(server.url)
    assert got["outcome"] == outcome
    assert got["why"] and got["length"] == "0"


DNS_FILES = {
    "/etc/resolv.conf": "nameserver 127.0.0.1\n",
    "/etc/nsswitch.conf": "hosts: files dns\n",
}
STALLS = {
    "before-the-answer": b"",
    "in-the-headers": b"HTTP/1.1 200 OK\r\nConte",
    "in-the-body": response(b"<a>", length=1000),
}


@pytest.fixture
def silent_dns():
    """A name server that never answers is the host's; and a name that only it could know."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        with contextlib.ExitStack() as stack:
            for path, text in DNS_FILES.items():
                # It may be a link that leads nowhere here.
                os.rename(path, f"{path}.kept")
                stack.callback(os.replace, f"{path}.kept", path)
                pathlib.Path(path).write_text(text, encoding="ascii")
            yield "sts.eu-west-1.example"


@pytest.mark.parametrize("times", [0, 1], ids=["for-one-login", "in-the-service"])
def test_a_name_server_that_does_not_answer_is_given_up_at_the_deadline(silent_dns, times):
    """Its resolver waits for ten seconds: neither the request nor what comes after waits for it."""
    answer = post(f"http://{silent_dns}/", timeout_ms=500, times=times)
    assert (answer["outcome"], answer["connected"]) == ("timed-out", "0")
    assert 500 <= int(answer["milliseconds"]) < 2000


@pytest.mark.parametrize("data", STALLS.values(), ids=STALLS)
def test_a_stalled_server_is_given_up_at_the_deadline(data):
    with Server(stalls(data)) as server:
        answer = post(server.url, timeout_ms=300)
    assert answer["outcome"] == "timed-out"
    assert 290 <= int(answer["milliseconds"]) < 800


def test_a_server_that_drips_is_given_up_at_the_deadline():
    def drips(connection, _):
        connection.sendall(response(length=1000))
        connection.settimeout(0.02)
        while True:
            connection.sendall(b"x")
            try:
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                pass

    with Server(drips) as server:
        answer = post(server.url, timeout_ms=300)
    assert answer["outcome"] == "timed-out"
    assert 290 <= int(answer["milliseconds"]) < 800


def test_a_server_that_never_accepts_is_given_up_at_the_deadline():
    with never_accepting() as url:
        answer = post(f"{url}/", timeout_ms=300)
    assert answer["outcome"] == "timed-out"
    assert 290 <= int(answer["milliseconds"]) < 800


def test_without_time_left_nothing_is_sent():
    with Server(sends(response())) as server:
        answer = post(server.url, timeout_ms=0)
    assert answer["outcome"] == "timed-out"
    assert server.requests == []


def test_a_closed_port_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/")["outcome"] == "unreachable"


ILLEGAL_URLS = [
    "",
    "sts.example",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "http://user@127.0.0.1/",
    "http://user:password@127.0.0.1/",
    "http://127.0.0.1/?query",
    "http://127.0.0.1/#fragment",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1/\r\nX-Evil: 1",
    "http://127.0.0.1/" + "x" * 600,
]


@pytest.mark.parametrize("url", ILLEGAL_URLS)
def test_an_illegal_url_fails(url):
    assert post(url)["outcome"] == "failed"


PROXIES = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_proxy_in_the_environment_has_no_effect(certificate, tls):
    files = (certificate.file, certificate.key) if tls else ()
    with Server(sends(response(b"proxy"))) as proxy, Server(sends(response()), *files) as server:
        environment = {name: proxy.url for name in PROXIES}
        answer = post(server.url, bundle=certificate.bundle, environment=environment)
    assert answer["outcome"] == "answered"
    assert len(server.requests) == 1
    assert proxy.requests == []


def test_no_tls_keys_are_written_where_the_environment_says(certificate, tmp_path):
    keys = tmp_path / "keys"
    with Server(sends(response()), certificate.file, certificate.key) as server:
        answer = post(
            server.url, bundle=certificate.bundle, environment={"SSLKEYLOGFILE": str(keys)}
        )
    assert answer["outcome"] == "answered"
    assert not keys.exists()


@pytest.mark.parametrize("method, length", [("GET", None), ("PUT", "0")])
def test_other_methods_have_their_query_and_no_body(method, length):
    with Server(sends(response(b"token"))) as server:
        answer = post(server.url + "path", method=method, query="a=1&b=%20")
    assert (answer["status"], answer["body"]) == ("200", "token")
    (request,) = server.requests
    assert request.line == f"{method} /path?a=1&b=%20 HTTP/1.1"
    assert request.headers["x-test"] == "one"
    assert request.headers.get("content-length") == length


def test_a_put_without_body_has_no_type():
    with Server(sends(response())) as server:
        run_for_values(
            "http_request", [f"url={server.url}", "timeout_ms=5000", "largest=10", "method=PUT"]
        )
    assert "content-type" not in server.requests[0].headers


def test_a_put_may_have_a_body():
    with Server(sends(response())) as server:
        post(server.url, method="PUT", body="some=body")
    assert server.requests[0].line.startswith("PUT ")
    assert server.requests[0].body == b"some=body"


def test_the_caller_gets_ready_while_the_other_side_works_on_the_handshake(certificate, tmp_path):
    readiness = tmp_path / "ready"

    def wait_for_readiness(connection):
        connection.settimeout(10)
        assert connection.recv(1, socket.MSG_PEEK)  # it has been greeted
        deadline = time.monotonic() + 10
        while not readiness.exists():
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.001)

    files = certificate.file, certificate.key
    with Server(sends(response(b"<a/>")), *files, before_tls=wait_for_readiness) as server:
        answer = post(server.url, bundle=certificate.bundle, readiness=readiness)
    assert (answer["outcome"], answer["body"]) == ("answered", "<a/>")


@pytest.mark.parametrize("times", [0, 2], ids=["for-one-login", "in-the-service"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_nothing_is_sent_before_the_caller_is_ready(certificate, tmp_path, tls, times):
    files = (certificate.file, certificate.key) if tls else ()
    given = {"bundle": certificate.bundle, "times": times}
    with Server(sends(response()), *files) as server:
        answer = post(server.url, readiness=tmp_path / "no" / "folder", **given)
        assert (answer["outcome"], answer["status"]) == ("failed", "0")
        assert answer["why"] == "the file cannot be made"
        assert server.requests == []
        assert post(server.url, readiness=tmp_path / "ready", **given)["outcome"] == "answered"


def test_tls_is_resumed_in_the_service(certificate):
    resumed = []

    def answers(connection, _):
        resumed.append(connection.session_reused)
        connection.sendall(response(headers=["Connection: close"]))

    with Server(answers, certificate.file, certificate.key) as server:
        answer = post(server.url, bundle=certificate.bundle, times=3)
    assert answer["outcome"] == "answered"
    assert resumed == [False, True, True]


@pytest.mark.parametrize("headers", [["Connection: close"], []], ids=["resumed", "kept"])
def test_whom_one_bundle_trusts_another_need_not(certificate, another, headers):
    def answers(connection, _):
        connection.sendall(response(headers=headers))
        if not headers:
            # Whoever does not come back on this connection comes on another, when this is over.
            connection.settimeout(1)
            connection.recv(65536)
            connection.sendall(response(b"again"))

    with Server(answers, certificate.file, certificate.key) as server:
        good = post(server.url, bundle=certificate.bundle, times=2)
        bad = post(server.url, bundle=certificate.bundle, times=2, last_ca_bundle=another.bundle)
    assert (good["outcome"], bad["outcome"]) == ("answered", "untrusted")


def test_the_connection_has_a_bound_of_its_own():
    with never_accepting() as url:
        answer = post(f"{url}/", timeout_ms=5000, connect_ms=300)
    assert (answer["outcome"], answer["connected"]) == ("unreachable", "0")
    assert 290 <= int(answer["milliseconds"]) < 800


def test_what_fails_once_the_connection_stands_is_told_from_what_failed_before():
    with Server(stalls()) as server:
        answer = post(server.url, timeout_ms=300, connect_ms=200)
    assert (answer["outcome"], answer["connected"]) == ("timed-out", "1")
    with Server(resets()) as server:
        answer = post(server.url)
    assert (answer["outcome"], answer["connected"]) == ("unreachable", "1")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/")["connected"] == "0"


PLACES = {
    "loopback": [
        "127.0.0.1",
        "127.8.9.10:8080",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "%31%32%37.0.0.1",
        "127.0.0.1.",
        "0.0.0.0",
        "[::1]",
        "[::]:80",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "sts.localhost",
    ],
    "container-agent": [
        "169.254.170.2",
        "169.254.170.23:80",
        "[fd00:ec2::23]",
        "[FD00:0EC2:0:0:0:0:0:23]",
        "2852039170",
        "0xa9feaa17",
        "[::ffff:169.254.170.2]",
    ],
    "link": [
        "169.254.169.254",
        "169.254.169.254.",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[fd00:ec2::254]",
        "[fd00:ec2:0::fe]",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[fe80::1%25lo]",
    ],
    "elsewhere": [
        "sts.eu-west-1.amazonaws.com",
        "localhost.example",
        "notlocalhost",
        "128.0.0.1",
        "126.255.255.255",
        "169.253.255.255",
        "169.255.0.0",
        "[fd00:ec3::254]",
        "[2001:db8::1]",
    ],
}


@pytest.mark.parametrize(
    "place, host", [(place, host) for place, hosts in PLACES.items() for host in hosts]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_only_what_is_elsewhere_is_asked_through_the_proxy(place, host, scheme):
    with Server(sends(response(status="418 Proxy"))) as proxy:
        answer = post(f"{scheme}://{host}/", proxy=proxy.url, timeout_ms=1000)
    assert answer["place"] == place
    assert len(proxy.requests) == (1 if place == "elsewhere" else 0)


@pytest.mark.parametrize("host", ["１６９.254.169.254", "169。254。169。254"])
def test_an_address_in_other_letters_is_not_asked_at_all(host):
    with Server(sends(response())) as proxy:
        answer = post(f"http://{host}/", proxy=proxy.url)
    assert answer["outcome"] == "failed"
    assert proxy.requests == []


def test_a_certificate_of_the_ca_bundle_is_trusted(certificate):
    with Server(sends(response(b"<a/>")), certificate.file, certificate.key) as server:
        answer = post(server.url, bundle=certificate.bundle)
    assert (answer["outcome"], answer["body"]) == ("answered", "<a/>")


def test_a_certificate_that_the_system_does_not_know_is_untrusted(certificate):
    with Server(sends(response()), certificate.file, certificate.key) as server:
        # Nor does the environment change whom to trust.
        names = ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
        answer = post(server.url, environment={name: certificate.bundle for name in names})
    assert answer["outcome"] == "untrusted"
    assert "certificate" in answer["why"]
    assert server.requests == []


def test_a_certificate_for_another_name_is_untrusted(certificate):
    with Server(sends(response()), certificate.file, certificate.key) as server:
        answer = post(f"https://localhost:{server.port}/", bundle=certificate.bundle)
    assert answer["outcome"] == "untrusted"
    assert server.requests == []


def test_a_ca_bundle_that_cannot_be_read_is_untrusted_and_named(certificate):
    with Server(sends(response()), certificate.file, certificate.key) as server:
        answer = post(server.url, bundle="/nonexistent/ca.pem")
    assert answer["outcome"] == "untrusted"
    assert "/nonexistent/ca.pem" in answer["why"]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_server_with_old_tls_alone_is_not_spoken_to(certificate):
    with Server(sends(response()), certificate.file, certificate.key) as server:
        server.tls.set_ciphers("ALL:@SECLEVEL=0")
        server.tls.minimum_version = ssl.TLSVersion.TLSv1
        server.tls.maximum_version = ssl.TLSVersion.TLSv1_1
        answer = post(server.url, bundle=certificate.bundle)
    assert answer["outcome"] == "unreachable"
    assert server.requests == []


def post_with_system_store(url, store):
    """As post, in a mount namespace where this folder is the system's trust store."""
    script = f'mount --bind "{store}" /etc/ssl/certs && exec "$@"'
    program = [f"{BUILD}/tests/unit/http_request", *arguments_of(url)]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *program],
        env={"PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
        timeout=30,
        text=True,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_the_hashed_store_of_the_system_is_trusted(certificate, tmp_path):
    shutil.copy(certificate.file, tmp_path / "standin.pem")
    subprocess.run(["openssl", "rehash", str(tmp_path)], check=True, timeout=30)
    with Server(sends(response()), certificate.file, certificate.key) as server:
        assert post_with_system_store(server.url, tmp_path)["outcome"] == "answered"


def test_where_the_store_has_no_hashes_the_bundle_is_trusted(certificate, tmp_path):
    shutil.copy(certificate.file, tmp_path / "ca-certificates.crt")
    with Server(sends(response()), certificate.file, certificate.key) as server:
        assert post_with_system_store(server.url, tmp_path)["outcome"] == "answered"
