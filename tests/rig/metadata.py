"""The metadata services that give a host its credentials, EC2's and the one of ECS and EKS: they
demand what the real ones demand, answer in their shapes, and misbehave on demand.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import json
import secrets
import subprocess

from . import http_server, policy

IPV4, IPV6, AGENT = "169.254.169.254", "fd00:ec2::254", "169.254.170.23"
TOKEN_PATH = "/latest/api/token"
ROLES_PATH = "/latest/meta-data/iam/security-credentials/"
CONTAINER_PATH = "/v1/credentials"
LONGEST = 21600
PAGE = "<!DOCTYPE html><html><body>Log in</body></html>"


@contextlib.contextmanager
def on_loopback(*addresses):
    """Gives lo of this network namespace these addresses as well."""
    for address in addresses:
        _ip("add", address)
    try:
        yield
    finally:
        for address in addresses:
            _ip("del", address)


def _ip(what, address):
    # No wait for somebody else who might have the address: it could not be bound meanwhile.
    bits = ["128", "nodad"] if ":" in address else ["32"]
    subprocess.run(
        ["ip", "address", what, f"{address}/{bits[0]}", "dev", "lo", *bits[1:]],
        check=True,
        timeout=10,
    )


class Metadata(http_server.HttpServer):
    """Both services on one address, from `with` until the end.

    `behaviour` maps a step of STEPS to the name of a misbehaviour of MISBEHAVIOURS, or to an HTTP
    status, or to a function that gets the handler and the right answer. `uses` is how often a token
    of EC2's is good, or None; `authorization` what the other service wants, or None.
    """

    STEPS = ("token", "role", "credentials", "container")

    def __init__(self, address="127.0.0.1", port=0, certificate=None):
        self.role = "bastion"
        self.keys = new_keys()
        self.uses = None
        self.authorization = None
        self.behaviour = {}
        self.requests = []  # (step, headers)
        self.tokens = {}
        super().__init__(_Handler, address, port, certificate)
        self.container = self.url + CONTAINER_PATH

    @property
    def steps(self):
        """What was asked for, in order."""
        return [step for step, _ in self.requests]

    def new_token(self):
        token = secrets.token_urlsafe(40) + "=="
        self.tokens[token] = self.uses
        return token

    def use(self, token):
        """Whether the token is good; one use less is left of it then."""
        left = self.tokens.get(token, 0)
        if left is None:
            return True
        self.tokens[token] = max(left - 1, 0)
        return left > 0


def new_keys(seconds=21600):
    """Credentials as EC2 gives them; those of the other service have two members less."""
    return {
        "Code": "Success",
        "LastUpdated": policy.instant(0),
        "Type": "AWS-HMAC",
        "AccessKeyId": "ASIA" + secrets.token_hex(8).upper(),
        "SecretAccessKey": secrets.token_urlsafe(30) + "+/",
        "Token": "IQoJb3JpZ2luX2Vj" + secrets.token_urlsafe(300) + "+/==",
        "Expiration": policy.instant(seconds),
    }


def _drip(handler, answer):
    """Sends the answer, a byte at a time, and one that never ends."""
    released = handler.standin.released
    handler.reply(200, answer, len(answer) + 10000)
    while not released.wait(0.02):
        handler.wfile.write(b" ")


def _cut(handler, answer):
    """A connection that ends before the response does."""
    handler.reply(200, answer, len(answer) + 1)
    handler.close_connection = True


def _redirect(handler, _answer):
    handler.send_response(302)
    handler.send_header("Location", handler.standin.url + handler.path)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def _answers(change, status=200):
    """Answers with what `change` makes of the right answer."""
    return lambda handler, answer: handler.reply(status, change(answer))


def with_keys(**changed):
    """Answers with the keys, but for these members; None leaves one out."""

    def answer(handler, text):
        keys = json.loads(text) | changed
        handler.reply(200, json.dumps({key: keys[key] for key in keys if keys[key] is not None}))

    return answer


# EC2's when the role does not trust it, and the same among ECS's.
UNTRUSTED = {
    "Code": "AssumeRoleUnauthorizedAccess",
    "Message": "EC2 cannot assume the role bastion.",
    "LastUpdated": "2026-01-02T03:04:05Z",
}

MISBEHAVIOURS = {
    "stall": http_server.stall,
    "drip": _drip,
    "reset": http_server.reset,
    "cut": _cut,
    "redirect": _redirect,
    "html": _answers(lambda _: PAGE),
    "empty": _answers(lambda _: ""),
    "huge": _answers(lambda answer: answer + " " * 20_000_000),
    "half": _answers(lambda answer: answer[: len(answer) // 2]),
    "code-without-keys": _answers(lambda _: json.dumps(UNTRUSTED)),
    "expired": with_keys(Expiration="2026-01-02T03:04:05Z"),
    "no-expiration": with_keys(Expiration=None),
}


class _Handler(http_server.Handler):
    def do_PUT(self):
        seconds = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if self.path != TOKEN_PATH:
            self.reply(404, "")
        elif "X-Forwarded-For" in self.headers:
            self.reply(403, "")
        elif not seconds.isdigit() or not 1 <= int(seconds) <= LONGEST:
            self.reply(400, "")
        else:
            self.step("token", self.standin.new_token())

    def do_GET(self):
        standin = self.standin
        if self.path == CONTAINER_PATH:
            self.container()
        elif not standin.use(self.headers.get("X-aws-ec2-metadata-token")):
            self.step("refused", None, 401)
        elif self.path == ROLES_PATH:
            self.step("role", standin.role, 200 if standin.role else 404)
        elif self.path == ROLES_PATH + (standin.role or ""):
            self.step("credentials", json.dumps(standin.keys))
        else:
            self.reply(404, "")

    def container(self):
        standin = self.standin
        keys = {key: standin.keys[key] for key in standin.keys if key not in ("Code", "Type")}
        if standin.authorization not in (None, self.headers.get("Authorization")):
            self.step("container", "Unauthorized", 401)
        else:
            self.step("container", json.dumps(keys))

    def step(self, name, answer, status=200):
        """Answers, or misbehaves instead where that is due at this step."""
        standin = self.standin
        standin.requests.append((name, self.headers))
        behaviour = standin.behaviour.get(name)
        behaviour = MISBEHAVIOURS.get(behaviour, behaviour)
        try:
            if callable(behaviour):
                behaviour(self, answer)
            else:
                self.reply(behaviour or status, answer if not behaviour else PAGE)
        except OSError:
            self.close_connection = True  # the client gave up

    def reply(self, status, text, length=None):
        self.send(status, (text or "").encode(), "text/plain", length)
