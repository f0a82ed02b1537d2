"""Base credentials by Roles Anywhere: signatures that OpenSSL's command verifies, from keys in
files and in a token, and whatever can be wrong on either side.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import os
import shutil
import subprocess
import time

import pytest
from rig import policy
from rig.roles_anywhere import ISSUED, Authority, RolesAnywhere, SoftHsm, openssl
from rig.syslog import Syslog

from .outside import fetch, write_policy
from .programs import response

FOLDER = f"{policy.FOLDER}/pki"  # where the helper finds certificates and keys


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def anywhere(authority):
    policy.prepare()
    os.makedirs(FOLDER, 0o755)
    with RolesAnywhere(authority.root) as server:
        yield server


def place(path):
    """Puts a file where the helper may read it; returns its path there."""
    with open(path, encoding="ascii") as text:
        return policy.place(f"{FOLDER}/{os.path.basename(path)}", text.read())


def run(anywhere, certificate, key, *lines, timeout_ms=20000):
    write_policy(anywhere.base(certificate, key, *lines))
    got = fetch(timeout_ms)
    for secret in (ISSUED["secretAccessKey"], ISSUED["sessionToken"], SoftHsm.PIN):
        assert secret not in got["why"]
    return got


def assert_issued(got, anywhere):
    assert got["status"] == "permitted", (got["why"], anywhere.refusals)
    assert got["AccessKeyId"] == ISSUED["accessKeyId"]
    assert got["SecretAccessKey"] == ISSUED["secretAccessKey"]
    assert got["Token"] == ISSUED["sessionToken"]
    assert 3500 < int(got["expiration"]) - time.time() <= 3600
    assert got["source_identity"] == "CN=bastion"


@pytest.mark.parametrize("kind", ["RSA", "EC", "P-384"])
def test_a_key_in_a_file_signs_what_the_documentation_prescribes(anywhere, authority, kind):
    # ECDSA is random, and its numbers are of other lengths now and then.
    for _ in range(1 if kind == "RSA" else 8):
        got = run(anywhere, *map(place, authority.issue("leaf", kind)))
        assert_issued(got, anywhere)
    assert anywhere.chains[0] == 1
    assert anywhere.sessions[0] == {}


@pytest.mark.parametrize("kind", ["RSA", "EC", "P-384"])
def test_a_key_in_a_token_signs_it_as_well(anywhere, authority, kind):
    certificate, key = map(str, authority.issue("leaf", kind))
    token = SoftHsm()
    uri = token.take(key, "signer", 0xA1)
    pin = policy.place(f"{FOLDER}/pin", f"{SoftHsm.PIN}\n")
    lines = [f"pkcs11_module = {SoftHsm.MODULE}", f"pin_file = {pin}"]
    for name in (uri, "pkcs11:id=%A1", uri + ";serial=" + serial_of("bastion")):
        got = run(anywhere, place(certificate), name, *lines)
        assert_issued(got, anywhere)


def serial_of(label):
    """The serial number of the token with this label."""
    shown = subprocess.run(["softhsm2-util", "--show-slots"], check=True, stdout=subprocess.PIPE)
    for slot in shown.stdout.decode().split("Slot ")[1:]:
        if label in slot:
            return slot.split("Serial number:")[1].split()[0]
    raise AssertionError(shown.stdout)


def test_a_certificate_of_the_anchors_own_has_no_chain(anywhere, authority):
    anywhere.authority = authority.intermediate
    with open(authority.intermediate, encoding="ascii") as text:
        both = text.read()
    anywhere.authority = f"{authority.folder}/both.pem"
    with open(anywhere.authority, "w", encoding="ascii") as out, open(authority.root) as root:
        out.write(both + root.read())
    got = run(anywhere, *map(place, authority.issue("leaf", "EC", chain=False)))
    assert_issued(got, anywhere)
    assert anywhere.chains == [0]


def test_duration_and_session_name_are_asked_for(anywhere, authority):
    files = map(place, authority.issue("leaf", "EC"))
    got = run(anywhere, *files, "duration = 2h", "session_name = bastion@eu")
    assert_issued(got, anywhere)
    assert anywhere.sessions == [{"durationSeconds": 7200, "roleSessionName": "bastion@eu"}]


def test_missing_intermediates_are_told(anywhere, authority):
    got = run(anywhere, *map(place, authority.issue("leaf", "EC", chain=False)))
    assert got["status"] == "misconfigured"
    assert "it refused with HTTP status 403, \"Untrusted signing certificate." in got["why"]
    assert "intermediates are missing from the file of `certificate =`" in got["why"]
    assert "(request request-1)" in got["why"]


def test_a_wrong_clock_is_learned_and_the_request_signed_once_more(anywhere, authority):
    anywhere.ahead = 3600
    got = run(anywhere, *map(place, authority.issue("leaf", "EC")))
    assert got["status"] == "permitted", got["why"]
    assert anywhere.refusals == ["Signature expired"]


def session(**changes):
    keys = {**ISSUED, "expiration": "2099-01-02T03:04:05Z", **changes}
    keys = {name: value for name, value in keys.items() if value is not None}
    return json.dumps({"credentialSet": [{"credentials": keys, "sourceIdentity": "x"}]}).encode()


def refusal(message, status="403 Forbidden"):
    return response(json.dumps({"message": message}).encode(), status)


CREATED = "201 Created"
ANSWERS = {
    "not-authorized": (
        refusal("Not authorized to set roleSessionName"),
        "misconfigured",
        "set acceptRoleSessionName in the profile, or remove `session_name =`",
    ),
    "denied": (
        refusal("Unable to assume role \x1b[2J"),
        "misconfigured",
        r'"Unable to assume role \x1b[2J" (request unknown): are trust anchor and profile enabled',
    ),
    "throttled": (refusal("Slow", "429 Too Many Requests"), "unavailable", 'status 429, "Slow"'),
    "broken": (refusal("Oops", "500 Oops"), "unavailable", 'HTTP status 500, "Oops"'),
    "redirect": (response(b"", "302 Found", ["Location: /"]), "unavailable", "HTTP status 302"),
    "html": (
        response(b"<html>Log in</html>", "200 OK", ["Content-Type: text/html"]),
        "unavailable",
        "it sent 19 bytes of type text/html that are no answer of Roles Anywhere: it is not JSON",
    ),
    "empty": (response(b"", CREATED), "unavailable", "it sent 0 bytes"),
    "half": (response(session()[:80], CREATED), "unavailable", "or only a part of it"),
    "cut-off": (response(session(), CREATED, length=5000), "unavailable", "/sessions: "),
    "20-mb": (response(b" " * 20_000_000, CREATED), "unavailable", "/sessions: "),
    "no-set": (response(b'{"credentialSet": []}', CREATED), "unavailable", "without a credential"),
    "no-token": (response(session(sessionToken=None), CREATED), "unavailable", "sessionToken is m"),
    "blank-secret": (response(session(secretAccessKey="a b"), CREATED), "unavailable", "may not"),
    "no-end": (response(session(expiration=None), CREATED), "unavailable", "its expiration is mis"),
    "local-time": (
        response(session(expiration="2099-01-02T03:04:05+01:00"), CREATED),
        "unavailable",
        "not an instant in UTC",
    ),
    "expired": (
        response(session(expiration="2020-01-02T03:04:05Z"), CREATED),
        "unavailable",
        "credentials that have expired already",
    ),
}


@pytest.mark.parametrize("answer, status, reason", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_none_is_told(anywhere, authority, answer, status, reason):
    anywhere.answer = answer
    got = run(anywhere, *map(place, authority.issue("leaf", "EC")))
    assert got["status"] == status
    assert reason in got["why"]
    assert f"{anywhere.url}/sessions: " in got["why"]


def test_a_server_that_stalls_costs_no_more_than_the_time(anywhere, authority):
    anywhere.answer = lambda handler: handler.connection.recv(1)
    got = run(anywhere, *map(place, authority.issue("leaf", "EC")), timeout_ms=1000)
    assert (got["status"], int(got["milliseconds"]) < 2000) == ("unavailable", True)


DAY = 24 * 3600
CERTIFICATES = {
    "expired": (-9 * DAY, -DAY, "renew it, or correct this host's clock"),
    "not-yet-valid": (DAY, 9 * DAY, "and not now: renew it"),
}


@pytest.mark.parametrize("start, end, reason", CERTIFICATES.values(), ids=CERTIFICATES)
def test_a_certificate_that_is_not_valid_is_not_sent(anywhere, authority, start, end, reason):
    got = run(anywhere, *map(place, authority.issue_between("leaf", start, end)))
    assert (got["status"], reason in got["why"]) == ("misconfigured", True), got
    assert anywhere.chains == []


def test_a_certificate_that_ends_soon_is_warned_of(anywhere, authority):
    soon = authority.issue_between("soon", -DAY, 10 * DAY)
    later = authority.issue_between("later", -DAY, 20 * DAY)
    with Syslog() as syslog:
        assert_issued(run(anywhere, *map(place, soon)), anywhere)
        assert_issued(run(anywhere, *map(place, later)), anywhere)
        syslog.wait_for(r"the certificate /etc/xacct/pki/soon.pem of \[base\] at .*:\d+ ends at \d")
        assert "later.pem" not in syslog.text()


def ruined(authority, what):
    """A certificate and a key with something wrong, by its name: their paths, or None for fine."""
    certificate, key = map(place, authority.issue("leaf", "EC"))
    other, other_key = map(place, authority.issue("other", "RSA"))
    if what == "another-key":
        return certificate, other_key
    if what == "encrypted-key":
        text = openssl("pkcs8", "-topk8", "-passout", "pass:x", "-in", key).decode()
        return certificate, policy.place(f"{FOLDER}/encrypted.key", text)
    if what == "certificate-as-key":
        return certificate, certificate
    if what == "key-as-certificate":
        return key, key
    if what == "readable-key":
        os.chmod(key, 0o644)
        return certificate, key
    if what == "writable-certificate":
        os.chmod(certificate, 0o664)
        return certificate, key
    if what == "missing-key":
        return certificate, f"{FOLDER}/none.key"
    if what == "missing-certificate":
        return f"{FOLDER}/none.pem", key
    if what == "damaged-intermediate":
        with open(certificate, "a", encoding="ascii") as out:
            out.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        return certificate, key
    if what == "ed25519":
        return tuple(map(place, authority.issue("leaf", "Ed25519")))
    raise AssertionError(what)


RUINED = {
    "another-key": "is not the key of the certificate",
    "encrypted-key": "is encrypted, and nobody is there to type a passphrase",
    "certificate-as-key": "holds no private key in PEM",
    "key-as-certificate": "holds no certificate in PEM",
    "readable-key": "0640",
    "writable-certificate": "it must belong to root with mode 0644",
    "missing-key": "No such file",
    "missing-certificate": "No such file",
    "damaged-intermediate": "holds a certificate behind the first that is damaged",
    "ed25519": "whose key is neither RSA nor EC",
}


@pytest.mark.parametrize("what, reason", RUINED.items(), ids=RUINED)
def test_files_that_must_be_mended_are_named(anywhere, authority, what, reason):
    certificate, key = ruined(authority, what)
    got = run(anywhere, certificate, key)
    assert (got["status"], reason in got["why"]) == ("misconfigured", True), got
    assert FOLDER in got["why"]
    assert anywhere.chains == []


def test_what_is_wrong_with_a_token_is_told(anywhere, authority):
    certificate, key = map(str, authority.issue("leaf", "EC"))
    certificate = place(certificate)
    uri = SoftHsm().take(key, "signer", 0xA1)
    pin = policy.place(f"{FOLDER}/pin", f"{SoftHsm.PIN}\n")
    wrong = policy.place(f"{FOLDER}/wrong", "1234")
    empty = policy.place(f"{FOLDER}/empty", "\n")
    module = f"pkcs11_module = {SoftHsm.MODULE}"
    library = os.path.realpath("/lib/x86_64-linux-gnu/libm.so.6")
    cases = [
        (uri, [module], "shows no private key that matches the URI: is a PIN needed"),
        (uri, [module, f"pin_file = {wrong}"], "the token does not accept the PIN"),
        (uri, [module, f"pin_file = {empty}"], "the file of the PIN is empty"),
        (uri, [module, f"pin_file = {FOLDER}/none"], "No such file"),
        ("pkcs11:token=other", [module, f"pin_file = {pin}"], "no token matches the URI"),
        ("pkcs11:token=bastion;object=other", [module, f"pin_file = {pin}"], "no private key"),
        (uri, ["pkcs11_module = /usr/lib/none.so"], "No such file"),
        (uri, [f"pkcs11_module = {library}"], "the module cannot be loaded"),
    ]
    for key, lines, reason in cases:
        got = run(anywhere, certificate, key, *lines)
        assert (got["status"], reason in got["why"]) == ("misconfigured", True), got
    assert anywhere.chains == []


def test_a_token_with_the_key_of_another_certificate_is_told(anywhere, authority):
    key = SoftHsm().take(authority.issue("other", "EC")[1], "other", 4)
    certificate = place(authority.issue("leaf", "EC")[0])
    pin = policy.place(f"{FOLDER}/pin", SoftHsm.PIN + "\n")
    got = run(anywhere, certificate, key, f"pkcs11_module = {SoftHsm.MODULE}", f"pin_file = {pin}")
    assert got["status"] == "misconfigured"
    assert "is what `key =` names the key of the certificate?" in got["why"]


def test_a_module_that_hangs_is_killed_at_the_deadline(anywhere, authority, tmp_path):
    certificate = place(authority.issue("leaf", "EC")[0])
    source, module = tmp_path / "hangs.c", f"{FOLDER}/hangs.so"
    source.write_text(
        "#include <unistd.h>\n"
        "__attribute__((constructor)) static void hang(void) { for (;;) pause(); }\n"
    )
    subprocess.run(["cc", "-shared", "-fPIC", "-o", module, source], check=True)
    got = run(
        anywhere, certificate, "pkcs11:token=x", f"pkcs11_module = {module}", timeout_ms=1000
    )
    assert (got["status"], int(got["milliseconds"]) < 2000) == ("unavailable", True)
    assert "it was killed as it had not ended in time" in got["why"]


def test_a_module_that_anybody_could_have_written_is_not_loaded(anywhere, authority):
    certificate = place(authority.issue("leaf", "EC")[0])
    module = f"{FOLDER}/module.so"
    shutil.copy(SoftHsm.MODULE, module)
    os.chmod(module, 0o666)
    got = run(anywhere, certificate, "pkcs11:token=x", f"pkcs11_module = {module}")
    assert got["status"] == "misconfigured"
    assert "it must belong to root with mode 0755" in got["why"]
