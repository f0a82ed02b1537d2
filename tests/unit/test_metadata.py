"""Base credentials from the metadata services of EC2, ECS and EKS, and services that misbehave.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import os
import re
import socket

import pytest

from rig.metadata import AGENT, CONTAINER_PATH, IPV4, IPV6, Metadata, new_keys, on_loopback
from rig.metadata import with_keys

from .programs import Server, never_accepting, response, run_for_values, sends

TOKEN_FILE = "/mnt/tokens/token"


def fetch(source="imds", timeout_ms=10000, environment=None, **more):
    given = {"source": source, "timeout_ms": timeout_ms, **more}
    arguments = [f"{name}={value}" for name, value in given.items() if value is not None]
    return run_for_values("fetch_metadata", arguments, environment)


def assert_keys(got, keys):
    assert got["status"] == "permitted", got
    for name in ("AccessKeyId", "SecretAccessKey", "Token"):
        assert got[name] == keys[name]
    expiration = datetime.datetime.strptime(keys["Expiration"] + "+0000", "%Y-%m-%dT%H:%M:%SZ%z")
    assert int(got["expiration"]) == int(expiration.timestamp())


def assert_fails(got, status, words, *secrets):
    assert got["status"] == status, got
    assert re.search(words, got["why"]), got["why"]
    assert len(got) == 3, "no credentials beside a failure"
    for secret in secrets:
        assert secret not in got["why"]


@pytest.fixture
def imds():
    with Metadata() as running:
        yield running


@pytest.fixture
def token_file():
    """Writes the token file: token_file(text) returns its path."""
    os.makedirs(os.path.dirname(TOKEN_FILE), exist_ok=True)

    def write(text, mode=0o600):
        with open(TOKEN_FILE, "w", encoding="latin-1") as out:
            out.write(text)
        os.chmod(TOKEN_FILE, mode)
        return TOKEN_FILE

    yield write
    if os.path.exists(TOKEN_FILE):
        os.unlink(TOKEN_FILE)


# EC2.


def test_a_token_then_the_role_then_its_credentials(imds):
    assert_keys(fetch(endpoint=imds.url), imds.keys)
    assert imds.steps == ["token", "role", "credentials"]
    assert imds.requests[0][1]["X-aws-ec2-metadata-token-ttl-seconds"] == "21600"
    for _, headers in imds.requests:
        assert "X-Forwarded-For" not in headers


@pytest.mark.parametrize("address, ipv6", [(IPV4, None), (IPV6, "yes")], ids=["ipv4", "ipv6"])
def test_the_service_is_at_its_own_address(address, ipv6):
    with on_loopback(address), Metadata(address, 80) as running:
        assert_keys(fetch(ipv6=ipv6), running.keys)
        assert running.requests[0][1]["Host"] in (address, f"[{address}]")


def test_a_slash_behind_the_endpoint_does_no_harm(imds):
    assert_keys(fetch(endpoint=imds.url + "/"), imds.keys)


@pytest.mark.parametrize("role", ["A" * 64, "a+b=c,d.e@f-g_h", ".hidden"])
def test_a_role_may_have_any_name_that_iam_allows(imds, role):
    imds.role = role
    assert_keys(fetch(endpoint=imds.url), imds.keys)


def test_the_first_line_names_the_role(imds):
    imds.behaviour = {"role": lambda handler, answer: handler.reply(200, f"{answer}\nanother\n")}
    assert_keys(fetch(endpoint=imds.url), imds.keys)


def test_a_token_is_used_again(imds):
    assert_keys(fetch(endpoint=imds.url, times=3), imds.keys)
    assert imds.steps == ["token"] + ["role", "credentials"] * 3
    assert len({headers["X-aws-ec2-metadata-token"] for _, headers in imds.requests[1:]}) == 1


def test_a_token_that_is_refused_is_replaced_once(imds):
    imds.uses = 2
    assert_keys(fetch(endpoint=imds.url, times=2), imds.keys)
    assert imds.steps == [
        *["token", "role", "credentials"],
        *["refused", "token", "role", "credentials"],
    ]


def test_a_token_that_ends_between_two_steps_is_replaced(imds):
    imds.uses = 3
    assert_keys(fetch(endpoint=imds.url, times=2), imds.keys)
    assert imds.steps[3:] == ["role", "refused", "token", "credentials"]


def test_a_service_that_refuses_its_own_tokens_is_not_asked_for_ever(imds):
    imds.uses = 0
    assert_fails(fetch(endpoint=imds.url), "unavailable", "refuses the token")
    assert imds.steps == ["token", "refused"]
    fetch(endpoint=imds.url, times=2)
    assert len(imds.steps) < 10


def test_the_token_of_one_service_is_not_shown_to_another(imds):
    with Metadata() as other:
        got = fetch(endpoint=imds.url, other=other.url, times=2)
        assert_keys(got, other.keys)
        assert other.steps == ["token", "role", "credentials"]


PROXIES = ["http_proxy", "all_proxy", "ALL_PROXY", "HTTP_PROXY"]


def test_no_proxy_is_asked_whoever_names_one(imds):
    with Server(sends(response(status="418 Proxy"))) as proxy:
        environment = {name: proxy.url for name in PROXIES}
        got = fetch(endpoint=imds.url, proxy=proxy.url, environment=environment)
        assert_keys(got, imds.keys)
    assert proxy.requests == []


def test_what_the_sdks_read_from_the_environment_has_no_effect(imds):
    environment = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1",
        "AWS_EC2_METADATA_V1_DISABLED": "false",
    }
    assert_keys(fetch(endpoint=imds.url, environment=environment), imds.keys)


# By step and misbehaviour: the status, words of the reason, and how often that step is asked.
WRONG = {
    ("token", "stall"): ("unavailable", "api/token did not answer in time.*hop limit\\?", 2),
    ("token", "cut"): ("unavailable", "ended the connection.*hop limit\\?", 2),
    ("token", "reset"): ("unavailable", "hop limit\\?", 2),
    ("token", "html"): ("unavailable", "no token: what answers there is not EC2's", 1),
    ("token", "empty"): ("unavailable", "no token", 1),
    ("token", "huge"): ("unavailable", "answered with too much", 1),
    ("token", "redirect"): ("unavailable", "status 302", 1),
    ("token", 400): ("misconfigured", "status 400: it does not take the request", 1),
    ("token", 401): ("unavailable", "status 401", 1),
    ("token", 403): ("misconfigured", "status 403: .*switched off.*firewall", 1),
    ("token", 404): ("misconfigured", "status 404: .*not IMDSv2", 1),
    ("token", 405): ("misconfigured", "status 405: .*not IMDSv2", 1),
    ("token", 503): ("unavailable", "status 503", 2),
    ("role", "stall"): ("unavailable", "security-credentials/ did not answer in time", 2),
    ("role", "drip"): ("unavailable", "security-credentials/ did not answer in time", 2),
    ("role", "html"): ("unavailable", "no role's name", 1),
    ("role", "huge"): ("unavailable", "answered with too much", 1),
    ("role", "empty"): ("misconfigured", "names no role: no instance profile is attached", 1),
    ("role", "redirect"): ("unavailable", "status 302", 1),
    ("role", 403): ("misconfigured", "status 403: .*does not give out credentials", 1),
    ("role", 404): ("misconfigured", "no instance profile is attached", 1),
    ("role", 500): ("unavailable", "status 500", 2),
    ("credentials", "stall"): ("unavailable", "credentials/bastion did not answer in time", 2),
    ("credentials", "drip"): ("unavailable", "credentials/bastion did not answer in time", 2),
    ("credentials", "cut"): ("unavailable", "ended the connection before its answer", 2),
    ("credentials", "reset"): ("unavailable", "credentials/bastion", 2),
    ("credentials", "html"): ("unavailable", "not JSON", 1),
    ("credentials", "empty"): ("unavailable", "not JSON", 1),
    ("credentials", "half"): ("unavailable", "not JSON, or only a part of it", 1),
    ("credentials", "huge"): ("unavailable", "answered with too much", 1),
    ("credentials", "redirect"): ("unavailable", "status 302", 1),
    ("credentials", "expired"): ("unavailable", "expired already, at 2026-01-02T03:04:05Z", 1),
    ("credentials", "no-expiration"): ("unavailable", "has no Expiration", 1),
    ("credentials", "code-without-keys"): (
        "misconfigured",
        'says "AssumeRoleUnauthorizedAccess": EC2 cannot assume the role bastion',
        1,
    ),
    ("credentials", 404): ("unavailable", "status 404: the role .* has no credentials", 1),
    ("credentials", 500): ("unavailable", "status 500", 2),
}


@pytest.mark.parametrize(
    "step, behaviour, expected",
    [(*wrong, expected) for wrong, expected in WRONG.items()],
    ids=[f"{step}-{behaviour}" for step, behaviour in WRONG],
)
def test_each_wrong_answer_of_ec2_is_told_and_bounded(imds, step, behaviour, expected):
    status, words, asked = expected
    imds.behaviour = {step: behaviour}
    got = fetch(endpoint=imds.url, timeout_ms=20000)
    secrets = imds.keys["SecretAccessKey"], imds.keys["Token"], *imds.tokens
    assert_fails(got, status, words, *secrets)
    assert int(got["milliseconds"]) < 4500
    assert imds.steps.count(step) == asked
    # Nothing comes after what failed: above all no question without a token.
    assert imds.steps[-1] == step


def test_a_stalled_service_is_given_up_at_the_deadline(imds):
    imds.behaviour = {"token": "stall"}
    got = fetch(endpoint=imds.url, timeout_ms=500)
    assert_fails(got, "unavailable", "hop limit\\?")
    assert int(got["milliseconds"]) < 1000


def test_the_second_try_may_succeed(imds):
    first = []

    def fails_once(handler, answer):
        first.append(answer)
        handler.reply(503 if len(first) == 1 else 200, answer)

    imds.behaviour = {"credentials": fails_once}
    assert_keys(fetch(endpoint=imds.url), imds.keys)


@pytest.mark.parametrize("role", ["..", ".", "a/b", "../../user-data", "x" * 65, "a%2fb", "a?b"])
def test_a_role_that_would_lead_elsewhere_is_not_followed(imds, role):
    imds.behaviour = {"role": lambda handler, _: handler.reply(200, role)}
    assert_fails(fetch(endpoint=imds.url), "unavailable", "no role's name")
    assert imds.steps == ["token", "role"]


def test_where_nobody_listens_it_is_said_that_this_may_be_no_instance():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    got = fetch(endpoint=f"http://127.0.0.1:{port}")
    assert_fails(got, "unavailable", "cannot be reached.*not an EC2 instance, or a firewall")


def test_an_address_that_swallows_everything_costs_two_seconds_at_most():
    with never_accepting() as url:
        got = fetch(endpoint=url, timeout_ms=20000)
    assert_fails(got, "unavailable", "cannot be reached.*firewall")
    assert int(got["milliseconds"]) < 2500


def test_an_address_that_swallows_everything_is_no_matter_of_hops():
    """Where the deadline comes before the connection is given up, too."""
    with never_accepting() as url:
        got = fetch(endpoint=url, timeout_ms=300)
    assert_fails(got, "unavailable", "did not answer in time.*firewall")


# What is wrong with the credentials themselves: what is answered for a member, and words.
ILLEGAL = {
    "no-id": ({"AccessKeyId": None}, "no AccessKeyId"),
    "empty-id": ({"AccessKeyId": ""}, "no AccessKeyId"),
    "illegal-id": ({"AccessKeyId": "A KEY"}, "AccessKeyId is not one"),
    "long-id": ({"AccessKeyId": "A" * 129}, "AccessKeyId is not one"),
    "no-secret": ({"SecretAccessKey": None}, "no SecretAccessKey"),
    "number": ({"SecretAccessKey": 5}, "SecretAccessKey is not a text"),
    "newline": ({"SecretAccessKey": "line\r\nX-Evil: 1"}, "SecretAccessKey holds a blank"),
    "no-token": ({"Token": None}, "no Token"),
    "empty-token": ({"Token": ""}, "no Token"),
    "local-time": ({"Expiration": "2037-01-02T03:04:05+01:00"}, "not an instant in UTC"),
    "no-instant": ({"Expiration": "soon\x1b[2J"}, r'"soon\\x1b\[2J" is not an instant'),
}


@pytest.mark.parametrize("changed, words", ILLEGAL.values(), ids=ILLEGAL)
def test_credentials_that_are_not_whole_are_none(imds, changed, words):
    imds.behaviour = {"credentials": with_keys(**changed)}
    got = fetch(endpoint=imds.url)
    assert_fails(got, "unavailable", words, imds.keys["SecretAccessKey"], imds.keys["Token"])


def test_a_code_other_than_success_counts_beside_keys_too(imds):
    imds.behaviour = {"credentials": with_keys(Code="Failed", Message="no\nway")}
    got = fetch(endpoint=imds.url)
    assert_fails(got, "misconfigured", r'says "Failed": no\\x0away', imds.keys["Token"])


def test_a_key_that_stands_twice_is_refused(imds):
    def twice(handler, answer):
        handler.reply(200, answer.replace('{"Code"', '{"AccessKeyId": "ASIAOTHER", "Code"'))

    imds.behaviour = {"credentials": twice}
    assert_fails(fetch(endpoint=imds.url), "unavailable", "not JSON")


# ECS and EKS.


@pytest.fixture
def agent():
    with Metadata() as running:
        yield running


def fetch_from(agent, **more):
    return fetch("container", endpoint=agent.container, **more)


def test_a_container_needs_no_token_where_none_is_named(agent):
    assert_keys(fetch_from(agent), agent.keys)
    assert "Authorization" not in agent.requests[0][1]


@pytest.mark.parametrize("address", ["169.254.170.2", AGENT, "fd00:ec2::23"])
def test_the_agents_own_addresses_may_be_asked_without_tls(address):
    host = f"[{address}]" if ":" in address else address
    with on_loopback(address), Metadata(address, 80) as running:
        got = fetch("container", endpoint=f"http://{host}{CONTAINER_PATH}")
        assert_keys(got, running.keys)


def test_the_token_is_sent_without_the_newline_of_its_file(agent, token_file):
    agent.authorization = "a.b/c+d=="
    assert_keys(fetch_from(agent, token_file=token_file("a.b/c+d==\n")), agent.keys)
    assert_keys(fetch_from(agent, token_file=token_file("a.b/c+d==")), agent.keys)


def test_the_token_is_read_anew_each_time(agent, token_file):
    agent.authorization = "first"

    def rotates(handler, answer):
        agent.authorization = "second"
        token_file("second\n")
        handler.reply(200, answer)

    agent.behaviour = {"container": rotates}
    assert_keys(fetch_from(agent, token_file=token_file("first\n"), times=2), agent.keys)
    assert [headers["Authorization"] for _, headers in agent.requests] == ["first", "second"]


BAD_TOKENS = {
    "empty": ("", 0o600, "not one word"),
    "newline-inside": ("a\r\nX-Evil: 1\n", 0o600, "not one word"),
    "two-words": ("Bearer abc\n", 0o600, "not one word"),
    "not-ascii": ("t\xf6ken\n", 0o600, "not one word"),
    "everybodys": ("the-token", 0o644, "mode 0644"),
    "too-long": ("x" * 20001, 0o600, "20000|20002"),
}


@pytest.mark.parametrize("text, mode, words", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_token_file_that_is_wrong_is_named_and_nothing_is_sent(
    agent, token_file, text, mode, words
):
    got = fetch_from(agent, token_file=token_file(text, mode))
    assert_fails(got, "misconfigured", words, *(["the-token"] if text else []))
    assert TOKEN_FILE in got["why"]
    assert agent.requests == []


def test_a_token_file_that_is_not_there_is_named(agent):
    got = fetch_from(agent, token_file="/mnt/nothing/token")
    assert_fails(got, "misconfigured", "/mnt/nothing")
    assert agent.requests == []


# EC2's own address is no agent's.
FORBIDDEN = [
    "http://sts.example/v1/credentials",
    "http://192.0.2.1/v1/credentials",
    "http://169.254.169.254/latest",
    "http://169.254.170.3/",
    "http://[fd00:ec2::254]/",
    "ftp://127.0.0.1/",
    "nonsense",
]


@pytest.mark.parametrize("endpoint", FORBIDDEN)
def test_keys_come_over_tls_or_from_beside_us_alone(endpoint):
    got = fetch("container", endpoint=endpoint)
    assert_fails(got, "misconfigured", "no endpoint that keys may come from.*https")


def test_an_agent_with_tls_is_trusted_by_the_bundle(certificate):
    with Metadata(certificate=(certificate.file, certificate.key)) as running:
        assert_keys(fetch_from(running, ca_bundle=certificate.bundle), running.keys)
        got = fetch_from(running)
    assert_fails(got, "misconfigured", "certificate that is not trusted.*ca_bundle")


def test_an_agent_is_not_asked_through_a_proxy(agent):
    with Server(sends(response(status="418 Proxy"))) as proxy:
        environment = {name: proxy.url for name in PROXIES}
        got = fetch_from(agent, proxy=proxy.url, environment=environment)
        assert_keys(got, agent.keys)
    assert proxy.requests == []


CONTAINER_WRONG = {
    "stall": ("unavailable", "did not answer in time", 2),
    "drip": ("unavailable", "did not answer in time", 2),
    "reset": ("unavailable", "v1/credentials", 2),
    "cut": ("unavailable", "ended the connection", 2),
    "html": ("unavailable", "not JSON", 1),
    "empty": ("unavailable", "not JSON", 1),
    "half": ("unavailable", "not JSON, or only a part", 1),
    "huge": ("unavailable", "answered with too much", 1),
    "redirect": ("misconfigured", "status 302: it sends elsewhere, which is not followed", 1),
    "expired": ("unavailable", "expired already", 1),
    "no-expiration": ("unavailable", "no Expiration", 1),
    "code-without-keys": ("misconfigured", "AssumeRoleUnauthorizedAccess.*cannot assume", 1),
    400: ("misconfigured", "status 400: .*`endpoint =` is whole.*it said: .*Log in", 1),
    401: ("misconfigured", "status 401: it does not accept the token", 1),
    403: ("misconfigured", "status 403: it does not accept the token", 1),
    404: ("misconfigured", "status 404: it has no credentials", 1),
    500: ("unavailable", "status 500", 2),
}


@pytest.mark.parametrize(
    "behaviour, expected", CONTAINER_WRONG.items(), ids=[str(key) for key in CONTAINER_WRONG]
)
def test_each_wrong_answer_of_an_agent_is_told_and_bounded(agent, token_file, behaviour, expected):
    status, words, asked = expected
    agent.behaviour = {"container": behaviour}
    got = fetch_from(agent, token_file=token_file("the-token\n"), timeout_ms=20000)
    secrets = agent.keys["SecretAccessKey"], agent.keys["Token"], "the-token"
    assert_fails(got, status, words, *secrets)
    assert int(got["milliseconds"]) < 4500
    assert len(agent.requests) == asked


def test_a_refusal_that_repeats_what_was_sent_is_not_shown(agent, token_file):
    agent.behaviour = {
        "container": lambda handler, _: handler.reply(
            403, f"not valid: {handler.headers['Authorization']}"
        )
    }
    got = fetch_from(agent, token_file=token_file("the-token\n"))
    assert_fails(got, "misconfigured", "status 403", "the-token", "not valid")


def test_nor_is_one_that_repeats_the_beginning(agent, token_file):
    token = "eyJhbGciOiJSUzI1NiJ9." * 8
    agent.behaviour = {"container": lambda handler, _: handler.reply(403, f"bad: {token[:60]}...")}
    got = fetch_from(agent, token_file=token_file(token))
    assert_fails(got, "misconfigured", "status 403", token[:24], "bad: ")


def test_a_refusal_that_holds_keys_is_not_shown(agent):
    agent.behaviour = {"container": lambda handler, answer: handler.reply(403, answer)}
    got = fetch_from(agent)
    assert_fails(got, "misconfigured", "status 403", agent.keys["SecretAccessKey"], "Token")


def test_credentials_that_end_in_a_moment_are_still_some(agent):
    agent.keys = new_keys(seconds=60)
    assert_keys(fetch_from(agent), agent.keys)
