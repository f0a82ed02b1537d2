"""An STS on loopback that is strict the way AWS is, for AssumeRole and GetCallerIdentity: it
verifies each signature with botocore's signer and each parameter against botocore's model of STS,
holds to the trust policy that a test gives a role and to the expiry of what it has issued, answers
in AWS's shapes, and misbehaves on demand. As IAM it answers GetUser, so that a program can wait
for a user.

SPDX-License-Identifier: BSD-2-Clause
"""

import dataclasses
import datetime
import json
import re
import secrets
import threading
import time
import urllib.parse
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from . import http_server, sts_documents, sts_model
from .processes import wait_until

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>\w+)/(?P<date>\d{8})/(?P<region>[\w-]+)"
    r"/(?P<service>sts|iam)/aws4_request, SignedHeaders=(?P<signed>[a-z0-9;-]+)"
    r", Signature=(?P<signature>[0-9a-f]{64})"
)
CONTENT_TYPE = "application/x-www-form-urlencoded"
IAM = "iam.amazonaws.com"
GLOBAL_HOSTS, GLOBAL_REGION = ("sts.amazonaws.com", IAM), "us-east-1"
CLOCK_TOLERANCE = datetime.timedelta(minutes=15)


@dataclasses.dataclass
class Principal:
    """Somebody whose keys the stand-in knows: a user of AWS's, or an earlier session."""

    arn: str
    secret: str
    token: str | None = None
    expiration: datetime.datetime | None = None
    role: str | None = None  # of a session: its role's ARN
    source_identity: str | None = None  # that it carries, and cannot change
    transitive: dict = dataclasses.field(default_factory=dict)  # tags that it passes on


@dataclasses.dataclass
class Role:
    """A role and what its trust policy and settings say; `trusted` is the ARN of a user, or of a
    role whose sessions are."""

    trusted: str
    external_id: str | None = None
    tag_session: bool = True
    set_source_identity: bool = True
    longest: int = 3600


@dataclasses.dataclass
class Proof:
    """A token or a SAML assertion of an identity provider, which a role may trust like a user. With
    `fault`, a (status, code, message), it is refused."""

    provider: str  # as IAM knows it
    session_name: str | None = None  # what an assertion says of it
    fault: tuple | None = None


@dataclasses.dataclass
class Call:
    """What one request was, and what became of it."""

    access_key: str | None = None
    operation: str | None = None
    parameters: dict = dataclasses.field(default_factory=dict)
    region: str | None = None
    session_name: str | None = None  # where an assertion said it
    answer: str | None = None  # "success", an error's code, or the misbehaviour
    request_id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    came: float = dataclasses.field(default_factory=time.monotonic)
    left: float | None = None  # when its answer was on the way


@dataclasses.dataclass
class Issued:
    """Credentials that were given out: for tests that look for their bytes elsewhere."""

    access_key: str
    secret: str
    token: str
    expiration: str


class Refusal(Exception):
    """An error document of STS."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class StandIn(http_server.HttpServer):
    """The server, from `with` until its end.

    `behaviour` maps a role's ARN, or None for all, to the name of a misbehaviour of MISBEHAVIOURS,
    or to a list of them, one for each call until they are used up; `clock` is what its clock is
    ahead of the real one; `users` are the names that IAM knows. `issue_seconds`, where it is not
    None, is the life of what is issued, whatever was asked for: shorter than AWS would make it.
    `signs_after` is how many seconds pass before it does, from which on the life counts.
    """

    def __init__(self, region="eu-west-1", certificate=None, port=0, address="127.0.0.1"):
        sts_model.prepare()
        self.region = region
        self.principals = {}
        self.sessions = {}
        self.users = set()
        self.roles = {}
        self.proofs = {}
        self.behaviour = {}
        self.clock = datetime.timedelta()
        self.issue_seconds = None
        self.signs_after = 0
        self.calls = []
        self.issued = []
        super().__init__(_Handler, address, port, certificate)

    def wait_for_calls(self, count, seconds=10):
        """Waits until `count` requests have been read; returns the newest."""
        wait_until(lambda: len(self.calls) >= count, seconds, f"{count} calls to STS")
        return self.calls[-1]

    def forget(self):
        """Forgets calls and misbehaviour, and lets go of whoever is stalled."""
        self.released.set()
        self.released = threading.Event()
        self.calls = []
        self.issued = []
        self.sessions = {}
        self.proofs = {}
        self.users = set()
        self.behaviour = {}
        self.clock = datetime.timedelta()
        self.issue_seconds = None
        self.signs_after = 0

    def now(self):
        """Its clock."""
        return datetime.datetime.now(datetime.timezone.utc) + self.clock

    def answer(self, call, method, path, headers, body):
        """The success document for a request. Refusal when AWS would refuse it."""
        if _carries_proof(body):
            principal = self._prove(call, headers, sts_model.parse_form(body))
        else:
            principal = self._authenticate(call, method, path, headers, body)
        if headers["Host"] == IAM:
            return self._find_user(call, sts_model.parse_form(body))
        try:
            call.operation, call.parameters = sts_model.request(sts_model.parse_form(body))
        except sts_model.Illegal as illegal:
            raise Refusal(
                400, "ValidationError", f"1 validation error detected: {illegal}"
            ) from None
        if call.operation == "GetCallerIdentity":
            return sts_documents.identity(call, principal.arn)
        _check_content(call.parameters)
        self._authorize(call.parameters, principal)
        return self._issue(call, principal)

    def _prove(self, call, headers, form):
        """Who a call that is not signed is made by: the provider of its token or assertion."""
        if any(name in headers for name in ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")):
            raise Refusal(400, "InvalidParameterCombination", "this action is not to be signed")
        proof = self.proofs.get(form.get("WebIdentityToken", form.get("SAMLAssertion")))
        if not proof:
            raise Refusal(400, "InvalidIdentityToken", "No identity provider found for this token")
        if proof.fault:
            raise Refusal(*proof.fault)
        if form.get("PrincipalArn", proof.provider) != proof.provider:
            raise Refusal(403, "AccessDenied", "Specified provider doesn't exist")
        call.session_name = proof.session_name
        return Principal(proof.provider, "")

    def _find_user(self, call, form):
        call.operation = form.get("Action")
        if call.operation != "GetUser":
            raise Refusal(400, "InvalidAction", f"{call.operation} is not known here")
        if form.get("UserName") not in self.users:
            raise Refusal(404, "NoSuchEntity", "The user with this name cannot be found.")
        return sts_documents.user(call, form["UserName"])

    def _authenticate(self, call, method, path, headers, body):
        if headers.get("Content-Type", "").split(";")[0] != CONTENT_TYPE:
            raise Refusal(400, "MalformedInput", f"Content-Type is not {CONTENT_TYPE}")
        if "Authorization" not in headers:
            raise Refusal(403, "MissingAuthenticationToken", "Request is missing Authentication")
        match = AUTHORIZATION.fullmatch(headers["Authorization"])
        if not match:
            raise Refusal(400, "IncompleteSignature", "Authorization header is not of its form")
        call.access_key = match["key"]
        call.region = match["region"]
        principal = self.principals.get(match["key"]) or self.sessions.get(match["key"])
        if not principal or headers.get("X-Amz-Security-Token") != principal.token:
            raise Refusal(
                403,
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            )
        if match["region"] != (GLOBAL_REGION if headers["Host"] in GLOBAL_HOSTS else self.region):
            raise Refusal(
                403,
                "SignatureDoesNotMatch",
                f"Credential should be scoped to a valid region, not '{match['region']}'.",
            )
        _verify_signature(match, principal, method, f"{self.url}{path}", headers, body)
        _verify_date(headers["X-Amz-Date"], self.now())
        if principal.expiration and principal.expiration <= self.now():
            raise Refusal(
                403, "ExpiredToken", "The security token included in the request is expired"
            )
        return principal

    def _authorize(self, parameters, principal):
        arn = parameters["RoleArn"]
        role = self.roles.get(arn)
        if (
            not role
            or role.trusted not in (principal.arn, principal.role)
            or role.external_id not in (None, parameters.get("ExternalId"))
        ):
            raise _not_authorized(principal, "sts:AssumeRole", arn)
        if "Tags" in parameters and not role.tag_session:
            raise _not_authorized(principal, "sts:TagSession", arn)
        if "SourceIdentity" in parameters and not role.set_source_identity:
            raise _not_authorized(principal, "sts:SetSourceIdentity", arn)
        _check_chain(parameters, principal)
        if parameters.get("DurationSeconds", 3600) > role.longest:
            raise Refusal(
                400,
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            )

    def _issue(self, call, principal):
        asked = call.parameters.get("DurationSeconds", 3600)
        duration = datetime.timedelta(seconds=self.issue_seconds or asked)
        if self.behaviour.get(None) == "expired-already":
            duration = -duration
        time.sleep(self.signs_after)
        expiration = self.now() + duration
        issued = Issued(
            access_key="ASIA" + secrets.token_hex(8).upper(),
            secret=secrets.token_urlsafe(30) + "+/",
            token="FwoGZXIvYXdzE" + secrets.token_urlsafe(300) + "+/==",
            expiration=expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        self.issued.append(issued)
        passed_on = call.parameters.get("TransitiveTagKeys", [])
        self.sessions[issued.access_key] = Principal(
            sts_documents.session_arn(call),
            issued.secret,
            issued.token,
            expiration,
            role=call.parameters["RoleArn"],
            source_identity=principal.source_identity or call.parameters.get("SourceIdentity"),
            transitive=principal.transitive
            | {
                tag["Key"]: tag["Value"]
                for tag in call.parameters.get("Tags", [])
                if tag["Key"] in passed_on
            },
        )
        return sts_documents.credentials(call, issued)


def _carries_proof(body):
    """Whether the action of a form is one that is not signed."""
    actions = urllib.parse.parse_qs(body.decode("ascii", "replace")).get("Action", [])
    return actions and actions[0].startswith("AssumeRoleWith")


def _check_chain(parameters, principal):
    """What a session may not do that a user may."""
    if not principal.token:
        return
    if parameters.get("DurationSeconds", 3600) > 3600:
        raise Refusal(
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining",
        )
    carried = principal.source_identity
    if carried not in (None, parameters.get("SourceIdentity", carried)):
        raise Refusal(403, "AccessDenied", "The source identity of a session cannot be changed")
    inherited = {key.lower() for key in principal.transitive}
    passed = {tag["Key"].lower() for tag in parameters.get("Tags", [])}
    if inherited & passed:
        raise Refusal(400, "InvalidParameterValue", "A tag of this key is inherited already")


def _check_content(parameters):
    """What STS refuses though every parameter by itself is legal."""
    keys = [tag["Key"].lower() for tag in parameters.get("Tags", [])]
    if len(set(keys)) != len(keys):
        raise Refusal(400, "InvalidParameterValue", "Duplicate tag keys found.")
    if any(key.startswith("aws:") for key in keys):
        raise Refusal(400, "ValidationError", "Tag keys must not begin with aws:")
    if not {key.lower() for key in parameters.get("TransitiveTagKeys", [])} <= set(keys):
        raise Refusal(400, "ValidationError", "The specified transitive tag key must be included")
    if parameters.get("SourceIdentity", "").startswith("aws:"):
        raise Refusal(400, "ValidationError", "SourceIdentity must not begin with aws:")
    if not re.fullmatch(r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+", parameters["RoleArn"]):
        raise Refusal(400, "ValidationError", f"{parameters['RoleArn']} is invalid")
    if "Policy" in parameters:
        try:
            statements = json.loads(parameters["Policy"])["Statement"]
        except (ValueError, KeyError, TypeError):
            statements = None
        if not statements:
            raise Refusal(400, "MalformedPolicyDocument", "The policy is not valid JSON.")
    packed = sts_documents.packed_size(parameters)
    if packed > 100:
        raise Refusal(
            400,
            "PackedPolicyTooLarge",
            f"Packed size of session tags consumes {packed}% of allotted space.",
        )


def _verify_signature(match, principal, method, url, headers, body):
    signed = match["signed"].split(";")
    present = [name.lower() for name in headers.keys()]
    must = {"host", *(name for name in present if name.startswith("x-amz-"))}
    if not must <= set(signed) or "x-amz-date" not in signed:
        raise Refusal(403, "SignatureDoesNotMatch", f"'{must}' must be signed headers")
    if "content-type" not in signed or not set(signed) <= set(present):
        raise Refusal(403, "SignatureDoesNotMatch", "the signed headers are not those sent")
    request = botocore.awsrequest.AWSRequest(
        method=method, url=url, headers={name: headers[name] for name in signed}, data=body
    )
    request.context["timestamp"] = headers["X-Amz-Date"]
    signer = botocore.auth.SigV4Auth(
        botocore.credentials.Credentials(match["key"], principal.secret, principal.token),
        match["service"],
        match["region"],
    )
    right = signer.signature(
        signer.string_to_sign(request, signer.canonical_request(request)), request
    )
    if right != match["signature"] or match["date"] != headers["X-Amz-Date"][:8]:
        raise Refusal(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        )


def _verify_date(date, now):
    then = datetime.datetime.strptime(date + "+0000", "%Y%m%dT%H%M%SZ%z")
    if abs(now - then) > CLOCK_TOLERANCE:
        earliest = (now - CLOCK_TOLERANCE).strftime("%Y%m%dT%H%M%SZ")
        raise Refusal(
            403,
            "SignatureDoesNotMatch",
            f"Signature expired: {date} is now earlier than {earliest} (15 min.)",
        )


def _not_authorized(principal, action, arn):
    return Refusal(
        403,
        "AccessDenied",
        f"User: {principal.arn} is not authorized to perform: {action} on resource: {arn}",
    )


def _after(seconds):
    def answer(handler, call, document):
        time.sleep(seconds)
        handler.reply(200, call, document)

    return answer


def _internal_failure(handler, call, _document):
    text = "We encountered an internal error. Please try again."
    handler.reply(500, call, sts_documents.error(call, "InternalFailure", text, 500))


def _html(handler, call, _document):
    page = "<!DOCTYPE html><html><head><title>Proxy</title></head><body>Log in<br></body></html>"
    handler.reply(200, call, page, content_type="text/html")


def _huge(handler, call, document):
    padding = "<!-- " + "x" * (10 * 1024 * 1024) + " -->"
    handler.reply(200, call, document.replace("<Credentials>", f"{padding}<Credentials>"))


def _half(handler, call, document):
    """A well-framed response whose document stops in the middle of the credentials."""
    handler.reply(200, call, document[: document.index("</SessionToken>") - 20])


def _cut(handler, call, document):
    """A connection that ends before the response does."""
    handler.reply(200, call, document[: len(document) // 2], length=len(document))
    handler.close_connection = True


def _error(status, code, message):
    def answer(handler, call, _document):
        handler.reply(status, call, sts_documents.error(call, code, message, status))

    return answer


MISBEHAVIOURS = {
    "stall": http_server.stall,
    "slow": _after(0.5),
    "after-300-ms": _after(0.3),
    "internal-failure": _internal_failure,
    "html": _html,
    "huge": _huge,
    "half": _half,
    "cut": _cut,
    "reset": http_server.reset,
    "access-denied": _error(
        403,
        "AccessDenied",
        "User: arn:aws:iam::999900001111:user/bastion is not authorized to perform: sts:AssumeRole",
    ),
    "throttling": _error(400, "Throttling", "Rate exceeded"),
    "region-disabled": _error(
        403, "RegionDisabledException", "STS is not activated in this region for account"
    ),
    "clock-skew": _error(
        403,
        "SignatureDoesNotMatch",
        "Signature expired: 20260102T030405Z is now earlier than 20260102T040405Z (15 min.)",
    ),
    "expired-token": _error(
        403, "ExpiredToken", "The security token included in the request is expired"
    ),
}


class _Handler(http_server.Handler):
    def do_POST(self):
        standin = self.standin
        body = self.body()
        call = Call()
        try:
            document = standin.answer(call, "POST", self.path, self.headers, body)
            status, call.answer = 200, "success"
        except Refusal as refusal:
            document = sts_documents.error(call, refusal.code, refusal.message, refusal.status)
            status, call.answer = refusal.status, refusal.code
        arn = call.parameters.get("RoleArn")
        behaviour = standin.behaviour.get(arn, standin.behaviour.get(None))
        if isinstance(behaviour, list):
            behaviour = behaviour.pop(0) if behaviour else None
        misbehave = MISBEHAVIOURS.get(behaviour) if status == 200 else None
        if misbehave:
            call.answer = behaviour
        standin.calls.append(call)
        try:
            if misbehave:
                misbehave(self, call, document)
            else:
                self.reply(status, call, document)
        except OSError:
            self.close_connection = True

    def reply(self, status, call, document, content_type="text/xml", length=None):
        """Sends a whole response, or one that announces `length` bytes and may hold fewer."""
        body = document.encode()
        self.send(status, body, content_type, length, {"x-amzn-RequestId": call.request_id})
        call.left = time.monotonic()

    def date_time_string(self, timestamp=None):
        return super().date_time_string(
            self.standin.now().timestamp() if timestamp is None else timestamp
        )
