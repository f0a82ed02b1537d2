"""IAM Roles Anywhere on loopback: CreateSession that checks what AWS is documented to check, with
OpenSSL's command and without a line of the code under test, and misbehaves on demand.

Source: IAM Roles Anywhere User Guide, "Signing process", "CreateSession".

SPDX-License-Identifier: BSD-2-Clause
"""

import base64
import datetime
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.parse

from . import http_server, policy

REGION = "eu-west-1"
ACCOUNT = "111122223333"
TRUST_ANCHOR = f"arn:aws:rolesanywhere:{REGION}:{ACCOUNT}:trust-anchor/0a1b2c3d"
PROFILE = f"arn:aws:rolesanywhere:{REGION}:{ACCOUNT}:profile/4e5f6071"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/bastion/Hub+1"
PARAMETERS = {"profileArn": PROFILE, "roleArn": ROLE, "trustAnchorArn": TRUST_ANCHOR}
ISSUED = {
    "accessKeyId": "ASIAANYWHERE",
    "secretAccessKey": "any/where+secret",
    "sessionToken": "any+where/token==",
}
LIFE = 3600  # seconds that they live
ALGORITHMS = {"rsaEncryption": "AWS4-X509-RSA-SHA256", "id-ecPublicKey": "AWS4-X509-ECDSA-SHA256"}


class Refused(Exception):
    """What the server does not accept: (status, message)."""


def openssl(*arguments, data=None):
    """What OpenSSL's command prints; it must end well."""
    return subprocess.run(
        ["openssl", *arguments], input=data, check=True, capture_output=True, timeout=30
    ).stdout


def check(condition, message, status=403):
    if not condition:
        raise Refused(status, message)


class RolesAnywhere(http_server.HttpServer):
    """The server, from `with` until its end, with `authority`, a PEM file, in its trust anchor.

    `answer` set to bytes is sent as it is in place of an answer; set to a function it is called
    with the handler. `ahead` are the seconds by which its clock is. `sessions` are the bodies of
    the requests that it accepted, `refusals` the messages to the others.
    """

    def __init__(self, authority):
        self.authority = authority
        self.answer = None
        self.ahead = 0
        self.source_identity = "CN=bastion"
        self.sessions = []
        self.refusals = []
        self.chains = []
        super().__init__(_Handler)

    def base(self, certificate, key, *lines):
        """The keys of a [base] that asks here."""
        return "\n".join(
            [
                *["source = roles-anywhere", f"endpoint = {self.url}"],
                *[f"certificate = {certificate}", f"key = {key}", f"role_arn = {ROLE}"],
                *[f"trust_anchor_arn = {TRUST_ANCHOR}", f"profile_arn = {PROFILE}", *lines, ""],
            ]
        )

    def now(self):
        return time.time() + self.ahead

    def accept(self, method, target, headers, body):
        """Checks a request as AWS does; returns the answer, or raises Refused."""
        path, _, query = target.partition("?")
        check((method, path) == ("POST", "/sessions"), "No such operation", 404)
        check(
            urllib.parse.parse_qsl(query, strict_parsing=True) == list(PARAMETERS.items()),
            "Invalid parameters",
            400,
        )
        canonical_query = "&".join(
            f"{name}={urllib.parse.quote(value, safe='-_.~')}" for name, value in PARAMETERS.items()
        )
        given = _authorization(headers)
        self.check_date(headers["x-amz-date"], given["scope"])
        with tempfile.TemporaryDirectory() as folder:
            key = self.check_certificate(folder, headers, given)
            canonical = _canonical(method, path, canonical_query, headers, body, given["headers"])
            to_sign = "\n".join(
                [
                    given["algorithm"],
                    headers["x-amz-date"],
                    given["scope"],
                    hashlib.sha256(canonical.encode()).hexdigest(),
                ]
            )
            check_signature(folder, key, given["signature"], to_sign)
        asked = json.loads(body)
        check(set(asked) <= {"durationSeconds", "roleSessionName"}, "Invalid body", 400)
        self.sessions.append(asked)
        return self.session()

    def check_date(self, date, scope):
        moment = datetime.datetime.strptime(date + "+0000", "%Y%m%dT%H%M%SZ%z").timestamp()
        check(abs(moment - self.now()) < 300, "Signature expired")
        check(
            scope == f"{date[:8]}/{REGION}/rolesanywhere/aws4_request", "Credential scope is wrong"
        )

    def check_certificate(self, folder, headers, given):
        """The path of the certificate's public key."""
        leaf = f"{folder}/leaf.pem"
        chain = f"{folder}/chain.pem"
        intermediates = [text for text in headers.get("x-amz-x509-chain", "").split(",") if text]
        self.chains.append(len(intermediates))
        _write_pem(leaf, [headers["x-amz-x509"]])
        _write_pem(chain, intermediates)
        serial = openssl("x509", "-in", leaf, "-noout", "-serial").decode().strip()
        check(given["serial"] == str(int(serial.split("=")[1], 16)), "Credential is not the serial")
        verified = subprocess.run(
            [
                *["openssl", "verify", "-CAfile", self.authority, "-no-CApath", "-no-CAstore"],
                *(["-untrusted", chain] if intermediates else []),
                *["-attime", str(int(self.now())), leaf],
            ],
            capture_output=True,
        )
        check(verified.returncode == 0, "Untrusted signing certificate. Insufficient certificate")
        text = openssl("x509", "-in", leaf, "-noout", "-text").decode()
        kind = text.split("Public Key Algorithm: ")[1].split()[0]
        check(given["algorithm"] == ALGORITHMS[kind], "Algorithm is not that of the key")
        with open(f"{folder}/key.pem", "wb") as out:
            out.write(openssl("x509", "-in", leaf, "-noout", "-pubkey"))
        return f"{folder}/key.pem"

    def session(self):
        keys = {**ISSUED, "expiration": policy.instant(self.ahead + LIFE)}
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Hub/1"
        member = {
            "assumedRoleUser": {"arn": arn, "assumedRoleId": "AROAHUB:1"},
            "credentials": keys,
            "packedPolicySize": 10,
            "roleArn": ROLE,
            "sourceIdentity": self.source_identity,
        }
        return {"credentialSet": [member], "subjectArn": "arn:aws:rolesanywhere:::subject/1"}


def check_signature(folder, key, signature, to_sign):
    """Holds a signature in hexadecimal against the text that is to be signed, by `openssl dgst`."""
    check(signature == signature.lower(), "Signature is not lower-case hexadecimal")
    with open(f"{folder}/signature", "wb") as out:
        out.write(bytes.fromhex(signature))
    verified = subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", key, "-signature", f"{folder}/signature"],
        input=to_sign.encode(),
        capture_output=True,
    )
    check(verified.stdout == b"Verified OK\n", "The request signature we calculated does not match")


def _write_pem(path, certificates):
    with open(path, "w", encoding="ascii") as out:
        for text in certificates:
            base64.b64decode(text, validate=True)
            lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
            out.write(f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")


def _authorization(headers):
    """The Authorization header's parts."""
    algorithm, *parts = headers["authorization"].split(" ")
    values = dict(part.rstrip(",").split("=", 1) for part in parts)
    check(set(values) == {"Credential", "SignedHeaders", "Signature"}, "Authorization is wrong")
    serial, _, scope = values["Credential"].partition("/")
    return {
        **{"algorithm": algorithm, "serial": serial, "scope": scope},
        **{"headers": values["SignedHeaders"].split(";"), "signature": values["Signature"]},
    }


def _canonical(method, path, query, headers, body, signed):
    """The canonical request. All headers are signed but those that need not be."""
    free = {"authorization", "user-agent", "x-amzn-trace-id", "content-length", "accept"}
    check(set(signed) == set(headers) - free, f"Not signed: {set(headers) - free - set(signed)}")
    check(signed == sorted(signed), "SignedHeaders are not in order")
    check(headers["content-type"] == "application/json", "Content-Type is wrong", 400)
    lines = [f"{name}:{headers[name].strip()}" for name in signed]
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join([method, path, query, *lines, "", ";".join(signed), digest])


class _Handler(http_server.Handler):
    def do_POST(self):
        anywhere = self.standin
        body = self.body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        if callable(anywhere.answer):
            anywhere.answer(self)
        elif anywhere.answer is not None:
            self.wfile.write(anywhere.answer)
            self.close_connection = True
        else:
            try:
                self.reply(201, anywhere.accept(self.command, self.path, headers, body))
            except Refused as refusal:
                status, message = refusal.args
                anywhere.refusals.append(message)
                self.reply(status, {"message": message})

    def reply(self, status, document):
        body = json.dumps(document).encode()
        request = {"x-amzn-RequestId": "request-1"}
        self.send(status, body, "application/json", headers=request)

    def date_time_string(self, timestamp=None):
        return super().date_time_string(self.standin.now() if timestamp is None else timestamp)


class Authority:
    """A root, an intermediate below it, and certificates of the intermediate's, in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        self.root = self.file("root.pem")
        self.intermediate = self.file("intermediate.pem")
        self._issue("root", "EC", ["-x509", "-days", "30"], "CA:TRUE")
        self._issue("intermediate", "RSA", self._by("root"), "CA:TRUE")

    def file(self, name):
        return f"{self.folder}/{name}"

    def _issue(self, name, kind, how, constraint):
        new = {
            "EC": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "P-384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
            "RSA": ["-newkey", "rsa:2048"],
            "Ed25519": ["-newkey", "ed25519"],
        }[kind]
        openssl(
            *["req", *how, *new, "-nodes", "-subj", f"/CN={name}"],
            *["-keyout", self.file(f"{name}.key"), "-out", self.file(f"{name}.pem")],
            *["-addext", f"basicConstraints=critical,{constraint}"],
        )

    def _by(self, issuer):
        return ["-x509", "-CA", self.file(f"{issuer}.pem"), "-CAkey", self.file(f"{issuer}.key")]

    def issue(self, name, kind, days=30, chain=True):
        """A certificate, with the intermediate behind it unless not; returns the paths of it and
        of its key."""
        self._issue(name, kind, [*self._by("intermediate"), "-days", str(days)], "CA:FALSE")
        if chain:
            self._append_intermediate(name)
        return self.file(f"{name}.pem"), self.file(f"{name}.key")

    def issue_between(self, name, start, end):
        """As issue, for a validity of seconds from now."""
        self._issue(name, "EC", ["-new"], "CA:FALSE")
        config, index = self.file("ca.conf"), self.file("index")
        with open(config, "w", encoding="ascii") as out:
            out.write(
                "[ca]\ndefault_ca = here\n[here]\ndefault_md = sha256\npolicy = any\n"
                f"database = {index}\nnew_certs_dir = {self.folder}\nrand_serial = yes\n"
                "unique_subject = no\n[any]\ncommonName = supplied\n"
            )
        with open(index, "w", encoding="ascii"):
            pass
        dates = [
            time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + offset))
            for offset in (start, end)
        ]
        certificate = openssl(
            *["ca", "-batch", "-notext", "-config", config, "-in", self.file(f"{name}.pem")],
            *["-cert", self.intermediate, "-keyfile", self.file("intermediate.key")],
            *["-startdate", dates[0], "-enddate", dates[1]],
        )
        with open(self.file(f"{name}.pem"), "wb") as out:
            out.write(certificate)
        self._append_intermediate(name)
        return self.file(f"{name}.pem"), self.file(f"{name}.key")

    def _append_intermediate(self, name):
        with open(self.file(f"{name}.pem"), "a", encoding="ascii") as out:
            with open(self.intermediate, encoding="ascii") as intermediate:
                out.write(intermediate.read())


class SoftHsm:
    """A token of SoftHSM with the keys that are put into it, which the helper's user may use."""

    MODULE = os.path.realpath("/usr/lib/softhsm/libsofthsm2.so")
    FOLDER = "/mnt/tokens"
    PIN = "83-Ft/4711"

    def __init__(self):
        own = policy.xacct()
        shutil.rmtree(self.FOLDER, ignore_errors=True)
        os.makedirs(self.FOLDER, 0o700)
        os.chown(self.FOLDER, own.pw_uid, own.pw_gid)
        os.makedirs("/etc/softhsm", exist_ok=True)
        os.chmod("/etc/softhsm", 0o755)
        with open("/etc/softhsm/softhsm2.conf", "w", encoding="ascii") as out:
            os.fchmod(out.fileno(), 0o644)
            out.write(f"directories.tokendir = {self.FOLDER}\nobjectstore.backend = file\n")
        self.run("--init-token", "--free", "--label", "bastion", "--so-pin", "00000000")

    def run(self, *arguments):
        """SoftHSM's command as the helper's user, whose files the token is made of."""
        subprocess.run(
            [*policy.as_helper(), "softhsm2-util", *arguments, "--pin", self.PIN],
            check=True,
            capture_output=True,
            timeout=30,
        )

    def take(self, key, label, number):
        """Moves a private key into the token; returns its URI."""
        copy = f"{self.FOLDER}/import.pem"
        with open(copy, "wb") as out:
            out.write(openssl("pkcs8", "-topk8", "-nocrypt", "-in", key))
        os.chmod(copy, 0o644)
        self.run("--import", copy, "--token", "bastion", "--label", label, "--id", f"{number:02X}")
        os.unlink(copy)
        os.unlink(key)
        return f"pkcs11:token=bastion;object={label};type=private"
