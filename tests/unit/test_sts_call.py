"""One call of AssumeRole or its like from end to end, against a server that answers what it is told
to.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import email.utils
import time
import urllib.parse
from unittest import mock

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .programs import Server, response, run_for_values, sends, stalls

SECRET = "base/secret+key"
TOKEN = "base/session+token=="
BASE = {"access_key_id": "AKIABASE", "secret_access_key": SECRET, "region": "eu-west-1"}
ROLE = "arn:aws:iam::111122223333:role/bastion/Auditor"
CALL = {**BASE, "role_arn": ROLE, "session_name": "alice", "timeout_ms": "20000"}
ISSUED = {"AccessKeyId": "ASIAISSUED", "SecretAccessKey": "iss/ued", "SessionToken": "iss+token=="}
RESULT = (
    '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>'
    "<AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/Auditor/alice</Arn>"
    "</AssumedRoleUser><Credentials>"
    + "".join(f"<{name}>{value}</{name}>" for name, value in ISSUED.items())
    + "<Expiration>2026-01-02T03:04:05Z</Expiration></Credentials></AssumeRoleResult>"
    "<ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata></AssumeRoleResponse>"
).encode()
LOGIN_PAGE = b"<html><head><title>Please log in</title></head><body>&nbsp;\x1b[2J</body></html>"


def error(code, message, status, headers=()):
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <Error>\n'
        f"    <Type>Sender</Type>\n    <Code>{code}</Code>\n    <Message>{message}</Message>\n"
        "  </Error>\n  <RequestId>req-2</RequestId>\n</ErrorResponse>\n"
    )
    return response(body.encode(), status, ["Content-Type: text/xml", *headers])


def assume(endpoint, *lists, **changes):
    values = {**CALL, "endpoint": endpoint, **changes}
    arguments = [f"{name}={value}" for name, value in values.items() if value is not None]
    return run_for_values("assume_role", [*arguments, *lists])


def assume_of(answer, **changes):
    """What comes of a call when the server answers so; no secret may stand in a failure."""
    with Server(answer) as server:
        got = assume(server.url, **changes)
    if "kind" in got:
        for secret in (SECRET, TOKEN, ISSUED["SecretAccessKey"], ISSUED["SessionToken"]):
            assert secret not in got["text"] + got["message"]
    return got


def test_credentials_arrive_whole():
    got = assume_of(sends(response(RESULT)))
    assert got == {
        "access_key_id": ISSUED["AccessKeyId"],
        "secret_access_key": ISSUED["SecretAccessKey"],
        "session_token": ISSUED["SessionToken"],
        "expiration": "1767323045",
        "arn": "arn:aws:sts::111122223333:assumed-role/Auditor/alice",
        "request_id": "req-1",
    }


def test_the_root_element_decides_and_not_the_status():
    assert "access_key_id" in assume_of(sends(response(RESULT, "500 Oops")))
    assert assume_of(sends(error("AccessDenied", "no", "200 OK")))["kind"] == "refused"


def test_the_form_says_what_was_asked():
    lists = ["policy_arn=arn:aws:iam::aws:policy/A", "policy_arn=arn:aws:iam::aws:policy/B"]
    lists += ["tag=Team=ops + sec & more", "tag=empty=", "transitive_tag=Team"]
    with Server(sends(response(RESULT))) as server:
        assume(
            server.url,
            *lists,
            duration="900",
            external_id="a:b/c=d",
            policy='{"Version": "2012-10-17", "Statement": []}\n',
            source_identity="alice@corp.example",
        )
    (request,) = server.requests
    fields = urllib.parse.parse_qs(
        request.body.decode(), keep_blank_values=True, strict_parsing=True
    )
    assert fields == {
        "Action": ["AssumeRole"],
        "Version": ["2011-06-15"],
        "RoleArn": [ROLE],
        "RoleSessionName": ["alice"],
        "DurationSeconds": ["900"],
        "ExternalId": ["a:b/c=d"],
        "Policy": ['{"Version": "2012-10-17", "Statement": []}\n'],
        "PolicyArns.member.1.arn": ["arn:aws:iam::aws:policy/A"],
        "PolicyArns.member.2.arn": ["arn:aws:iam::aws:policy/B"],
        "Tags.member.1.Key": ["Team"],
        "Tags.member.1.Value": ["ops + sec & more"],
        "Tags.member.2.Key": ["empty"],
        "Tags.member.2.Value": [""],
        "TransitiveTagKeys.member.1": ["Team"],
        "SourceIdentity": ["alice@corp.example"],
    }


@pytest.mark.parametrize("token", [None, TOKEN], ids=["long-term-key", "session-token"])
@pytest.mark.parametrize("path", ["", "auth/sts"])
def test_botocore_finds_the_signature_right(token, path):
    with Server(sends(response(RESULT))) as server:
        assume(server.url + path, session_token=token)
    (request,) = server.requests
    assert request.line == f"POST /{path} HTTP/1.1"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers.get("x-amz-security-token") == token
    signed_at = datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    assert abs(datetime.datetime.utcnow() - signed_at) < datetime.timedelta(minutes=1)
    again = AWSRequest(
        method="POST",
        url=server.url + path,
        data=request.body,
        headers={"Content-Type": request.headers["content-type"]},
    )
    with mock.patch("botocore.auth.datetime") as clock:
        clock.datetime.utcnow.return_value = signed_at
        SigV4Auth(Credentials("AKIABASE", SECRET, token), "sts", "eu-west-1").add_auth(again)
    assert again.headers["Authorization"] == request.headers["authorization"]


DENIED = "User: arn:aws:iam::999900001111:user/b is not authorized to perform: sts:TagSession"

FAILURES = {
    "refused": (
        sends(error("AccessDenied", DENIED, "403 Forbidden")),
        "refused",
        [DENIED, "request id req-2", "HTTP status 403", "account 111122223333", "trust policy"],
    ),
    "refused-by-ceph": (
        sends(response(b"<Error><Code>AccessDenied</Code><Message/></Error>", "403 Forbidden")),
        "refused",
        ["AccessDenied", "STS does not say why"],
    ),
    "throttled": (
        sends(error("Throttling", "Rate exceeded", "400 Bad Request")),
        "throttled",
        ["Throttling", "Rate exceeded"],
    ),
    "500": (
        sends(response(b"oops", "500 Internal Server Error", ["x-amzn-RequestId: req-3"])),
        "transient",
        ["HTTP status 500", "request id req-3", "beginning: oops"],
    ),
    "429-without-xml": (
        sends(response(b"", "429 Too Many Requests")),
        "throttled",
        ["HTTP status 429", "empty"],
    ),
    "html": (
        sends(response(LOGIN_PAGE, headers=["Content-Type: text/html"])),
        "garbled",
        ["text/html", "Please log in", "\\x1b[2J", "proxy", "HTTP status 200"],
    ),
    "10-megabytes": (sends(response(b"x" * 10_000_000)), "garbled", ["262144 bytes"]),
    "half-a-document": (
        sends(response(RESULT[:400], length=len(RESULT))),
        "garbled",
        ["HTTP status 200"],
    ),
    "half-a-document-closed": (
        sends(b"HTTP/1.1 200 OK\r\n\r\n" + RESULT[:-60]),
        "garbled",
        ["ends too early", "not shown since they may hold credentials"],
    ),
    "a-token-that-fits-into-no-reply": (
        sends(response(RESULT.replace(b"iss+token==", b"t" * 40000))),
        "garbled",
        ["without a usable SessionToken"],
    ),
    "no-credentials": (
        sends(response(b"<AssumeRoleResponse/>")),
        "garbled",
        ["without a usable AccessKeyId"],
    ),
    "half-the-credentials": (
        sends(response(RESULT.replace(b"SessionToken", b"Other"))),
        "garbled",
        ["without a usable SessionToken", "not shown since they may hold credentials"],
    ),
    "utf-16": (
        sends(response(RESULT.replace(b"<AccessKeyId>", b"<X>").decode().encode("utf-16"))),
        "garbled",
        ["not shown since they may hold credentials"],
    ),
}


@pytest.mark.parametrize("answer, kind, words", FAILURES.values(), ids=FAILURES)
def test_each_failure_has_its_kind_and_says_what_came(answer, kind, words):
    got = assume_of(answer)
    assert got["kind"] == kind, got
    for word in [ROLE, "at http://127.0.0.1:", *words]:
        assert word in got["text"]


def test_a_stalled_sts_is_timed_out():
    started = time.monotonic()
    got = assume_of(stalls(), timeout_ms="300")
    assert got["kind"] == "timed-out"
    assert "no answer in time" in got["text"]
    assert time.monotonic() - started < 2


def test_an_untrusted_endpoint_names_the_ca_bundle(certificate):
    with Server(sends(response(RESULT)), certificate.file, certificate.key) as server:
        got = assume(server.url)
        assert got["kind"] == "untrusted"
        assert "ca_bundle" in got["text"]
        assert "access_key_id" in assume(server.url, ca_bundle=certificate.bundle)


def test_a_wrong_clock_is_told_with_both_times():
    server_time = int(time.time()) - 3600
    date = "Date: " + email.utils.formatdate(server_time, usegmt=True)
    message = "Signature not yet current: 2 is still later than 1"
    got = assume_of(sends(error("SignatureDoesNotMatch", message, "403 Forbidden", [date])))
    assert got["kind"] == "clock"
    shown = datetime.datetime.utcfromtimestamp(server_time).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert shown in got["text"]
    assert "ahead" in got["text"]


ECHOES = {
    "canonical-string-of-aws": error(
        "SignatureDoesNotMatch",
        f"The Canonical String for this request should have been 'POST\n/\n\nhost:h\n"
        f"x-amz-security-token:{TOKEN}\n\nhost;x-amz-security-token\n0'",
        "403 Forbidden",
    ),
    "debug-page-of-a-proxy": response(f"<pre>token: {TOKEN}</pre>".encode(), "502 Bad Gateway"),
    "reflected-secret": response(f"<pre>{SECRET}</pre>".encode(), "502 Bad Gateway"),
}


@pytest.mark.parametrize("answer", ECHOES.values(), ids=ECHOES)
def test_a_secret_that_comes_back_is_not_shown(answer):
    got = assume_of(sends(answer), session_token=TOKEN)
    assert "may hold credentials" in got["text"]


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"endpoint": None, "region": "nowhere"}, "region nowhere: the call could not be made"),
        ({"endpoint": "ftp://sts.example/"}, "`sts_endpoint =`"),
        ({"endpoint": "http://127.0.0.1/" + "x" * 600}, "`sts_endpoint =`"),
    ],
    ids=["region", "scheme", "length"],
)
def test_an_endpoint_that_cannot_be_asked_is_told(changes, words):
    got = assume(**{"endpoint": None, **changes})
    assert got["kind"] == "internal"
    assert words in got["text"]


JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiJhbGljZSJ9." + "s-_" * 100
ASSERTION = "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm4i" * 20 + "+/8="
PROVIDER = "arn:aws:iam::111122223333:saml-provider/Idp"
PROOFS = {
    "web-identity": ({"with": "web-identity", "proof": JWT}, "AssumeRoleWithWebIdentity"),
    "saml": (
        {"with": "saml", "proof": ASSERTION, "principal_arn": PROVIDER},
        "AssumeRoleWithSAML",
    ),
}


@pytest.fixture(params=PROOFS.values(), ids=PROOFS)
def proof(request):
    return request.param


def test_a_proof_goes_alone_and_unsigned(proof):
    changes, action = proof
    result = RESULT.replace(b"AssumeRoleRes", f"{action}Res".encode())
    with Server(sends(response(result))) as server:
        got = assume(server.url, "tag=a=b", external_id="x-y", source_identity="al", **changes)
    assert got["session_token"] == ISSUED["SessionToken"]
    (request,) = server.requests
    assert not {"authorization", "x-amz-date", "x-amz-security-token"} & set(request.headers)
    sent = urllib.parse.parse_qs(request.body.decode(), strict_parsing=True)
    expected = {"Action": [action], "Version": ["2011-06-15"], "RoleArn": [ROLE]}
    if action == "AssumeRoleWithSAML":
        expected |= {"PrincipalArn": [PROVIDER], "SAMLAssertion": [ASSERTION]}
    else:
        expected |= {"RoleSessionName": ["alice"], "WebIdentityToken": [JWT]}
    assert sent == expected


@pytest.mark.parametrize(
    "code, kind",
    [
        ("ExpiredTokenException", "proof-invalid"),
        ("InvalidIdentityToken", "proof-invalid"),
        ("IDPRejectedClaim", "proof-invalid"),
        ("IDPCommunicationError", "transient"),
        ("AccessDenied", "refused"),
        ("PackedPolicyTooLarge", "illegal"),
    ],
)
def test_what_sts_says_of_a_proof_has_its_kind(proof, code, kind):
    changes, action = proof
    got = assume_of(sends(error(code, "Token is expired", "400 Bad Request")), **changes)
    assert got["kind"] == kind
    assert f"{action} of {ROLE}" in got["text"] and "Token is expired" in got["text"]


@pytest.mark.parametrize("shown", ["whole", "beginning", "form"])
def test_a_proof_that_comes_back_is_not_shown(proof, shown):
    changes, _ = proof
    page = {
        "whole": f"<pre>{changes['proof']}</pre>",
        "beginning": f"Value '{changes['proof'][:40]}...' is not valid",
        "form": urllib.parse.urlencode({"SAMLAssertion": "%2B", "WebIdentityToken": "x"}),
    }[shown]
    for answer in (
        response(page.encode(), "502 Bad Gateway"),
        error("ValidationError", page.replace("<", "&lt;").replace("&", "&amp;"), "400 Bad"),
    ):
        got = assume_of(sends(answer), **changes)
        assert "may hold credentials" in got["text"]
        assert changes["proof"][:40] not in got["text"] + got["message"]


@pytest.mark.parametrize(
    "answer, kind",
    [
        (sends(response(LOGIN_PAGE, headers=["Content-Type: text/html"])), "garbled"),
        (sends(response(b"x" * 20_000_000)), "garbled"),
        (sends(response(RESULT[:300], length=len(RESULT))), "garbled"),
        (sends(response(b"oops", "503 Service Unavailable")), "transient"),
    ],
    ids=["html", "20-megabytes", "half-a-document", "503"],
)
def test_what_is_no_answer_to_a_proof_is_no_session(proof, answer, kind):
    got = assume_of(answer, **proof[0])
    assert got["kind"] == kind and "access_key_id" not in got
