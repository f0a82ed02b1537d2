"""Whom SSH certificates name: those that ssh-keygen makes, those that it would not make, and those
that somebody has changed.

SPDX-License-Identifier: BSD-2-Clause
"""

import base64
import subprocess
import time

import pytest

from . import certificate_text
from .certificate_text import Fields, pairs, string
from .programs import BUILD

POLICY = """\
[xacct]
region = eu-west-1
[base]
source = file
file = /etc/xacct/base
[account a]
id = 111122223333
[role r]
account = a
name = R
[grant g]
principals = carol@partner.example
roles = r
"""

CAROL = "human carol@partner.example"
HOUR = 3600


def ca(name, public, identity="key-id", names="*@partner.example"):
    lines = "\n    ".join(public[at:at + 150] for at in range(0, len(public), 150))
    return f"[ca {name}]\nkey = {lines}\nidentity = {identity}\nnames = {names}\n"


class Keys:
    """Keys and certificates that ssh-keygen makes, in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def make(self, kind="ed25519", bits=None):
        self.count += 1
        path = f"{self.folder}/key{self.count}"
        size = ["-b", str(bits)] if bits else []
        self._keygen("-t", kind, *size, "-N", "", "-C", "", "-f", path)
        return path

    def public(self, key):
        with open(f"{key}.pub", encoding="ascii") as text:
            return " ".join(text.read().split()[:2])

    def certify(self, authority, key=None, key_id="carol@partner.example", principals="deploy",
                validity="-1m:+1h", more=()):
        """SSH_AUTH_INFO_0 of a login with a certificate."""
        key = key or self.make()
        self._keygen("-s", authority, "-I", key_id, "-V", validity,
                     *(["-n", principals] if principals else []), *more, f"{key}.pub")
        with open(f"{key}-cert.pub", encoding="ascii") as text:
            return f"publickey {' '.join(text.read().split()[:2])}\n"

    @staticmethod
    def _keygen(*arguments):
        subprocess.run(["ssh-keygen", "-q", *arguments], check=True, timeout=60)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def ask(tmp_path):
    """ask(AUTH_INFO..., policy=, now=): what the program says of each."""

    def asks(*said, policy, now=None):
        path = tmp_path / "xacct.conf"
        path.write_text(POLICY + policy)
        at = int(time.time()) if now is None else now
        done = subprocess.run(
            [f"{BUILD}/tests/unit/certificates", path, str(at)],
            input="".join(text.replace("\n", "|") + "\n" for text in said),
            stdout=subprocess.PIPE, check=True, text=True, timeout=300,
        )
        return done.stdout.splitlines()

    return asks


def with_blob(said, change):
    """The same certificate with other bytes."""
    method, kind, text = said.split()
    blob = change(base64.b64decode(text))
    return f"{method} {kind} {base64.b64encode(blob).decode()}\n"


AUTHORITIES = [("ed25519", None, ()), ("ecdsa", 256, ()), ("ecdsa", 384, ()), ("ecdsa", 521, ()),
               ("rsa", 2048, ("-t", "rsa-sha2-256")), ("rsa", 3072, ("-t", "rsa-sha2-512"))]
AUTHORITY_NAMES = [f"{kind}-{bits}" for kind, bits, _ in AUTHORITIES]


@pytest.mark.parametrize("kind, bits, more", AUTHORITIES, ids=AUTHORITY_NAMES)
def test_each_kind_of_authority_is_believed(keys, ask, kind, bits, more):
    authority = keys.make(kind, bits)
    said = keys.certify(authority, more=more, principals="deploy,ops")
    answer, = ask(said, policy=ca("partner", keys.public(authority)))
    assert answer.startswith(CAROL + " ends ")
    assert answer.endswith("key-id carol@partner.example principals deploy,ops")
    assert abs(int(answer.split()[3]) - time.time() - HOUR) < 70


@pytest.mark.parametrize("kind, bits", [("ed25519", None), ("ecdsa", 256), ("ecdsa", 384),
                                        ("ecdsa", 521), ("rsa", 2048)])
def test_each_kind_of_certified_key_is_read(keys, ask, kind, bits):
    authority = keys.make()
    said = keys.certify(authority, key=keys.make(kind, bits))
    assert ask(said, policy=ca("partner", keys.public(authority)))[0].startswith(CAROL)


@pytest.mark.parametrize("kind, bits, more", AUTHORITIES, ids=AUTHORITY_NAMES)
def test_no_byte_can_be_changed(keys, ask, kind, bits, more):
    """Nor one taken from the end, or put behind it."""
    authority = keys.make(kind, bits)
    said = keys.certify(authority, more=more)
    length = len(base64.b64decode(said.split()[2]))

    def flipped(at, mask):
        return lambda blob: blob[:at] + bytes([blob[at] ^ mask]) + blob[at + 1:]

    changed = [with_blob(said, flipped(at, mask))
               for at in range(length) for mask in (1, 0x80, 0xff)]
    changed += [with_blob(said, lambda blob, n=n: blob[:n]) for n in range(0, length, 7)]
    changed += [with_blob(said, lambda blob, n=n: blob + bytes(n)) for n in (1, 4, 100)]
    answers = ask(said, *changed, policy=ca("partner", keys.public(authority)))
    assert answers[0].startswith(CAROL)
    # Where a byte of the authority's key is changed it is another's, who is nobody here.
    assert {answer.split()[0] for answer in answers[1:]} <= {"refused", "nobody"}
    key_length = len(base64.b64decode(keys.public(authority).split()[1]))
    assert sum(answer == "nobody" for answer in answers) <= 3 * key_length


def test_another_authority_that_nobody_listed_is_passed_over(keys, ask):
    said = keys.certify(keys.make())
    assert ask(said, policy=ca("partner", keys.public(keys.make()))) == ["nobody"]


@pytest.mark.parametrize("key_id, names, good", [
    ("carol@partner.example", "*@partner.example", True),
    ("carol@partner.example", "*@other.example *@partner.example", True),
    ("carol@other.example", "*@partner.example", False),
    ("carol@partner.example.evil", "*@partner.example", False),
    ("Carol@Partner.example", "*@partner.example", False),
    ("root", "*@partner.example", False),
])
def test_an_authority_names_those_alone_that_it_may(keys, ask, key_id, names, good):
    authority = keys.make()
    said = keys.certify(authority, key_id=key_id)
    answer, = ask(said, policy=ca("partner", keys.public(authority), names=names))
    assert answer.startswith(f"human {key_id} " if good else "refused the certificate of [ca ")


def test_an_authority_of_one_partner_cannot_name_somebody_at_another(keys, ask):
    one, other = keys.make(), keys.make()
    policy = (ca("a", keys.public(one), names="*@a.example")
              + ca("b", keys.public(other), names="*@b.example"))
    answers = ask(*(keys.certify(key, key_id="x@b.example") for key in (one, other)), policy=policy)
    assert "[ca a]" in answers[0] and "names = allows" in answers[0]
    assert answers[1].startswith("human x@b.example ")


@pytest.mark.parametrize("principals, human", [
    ("deploy,carol@partner.example", "carol@partner.example"),
    ("carol@partner.example", "carol@partner.example"),
    ("deploy", None),
    ("carol@partner.example,dave@partner.example", None),
    (None, None),
])
def test_exactly_one_principal_names_the_human(keys, ask, principals, human):
    authority = keys.make()
    said = keys.certify(authority, key_id="whatever", principals=principals)
    answer, = ask(said, policy=ca("partner", keys.public(authority), identity="principal"))
    assert answer.startswith(f"human {human} ") if human else "one must be" in answer


def test_rsa_with_sha1_is_refused(keys, ask):
    authority = keys.make("rsa", 2048)
    said = keys.certify(authority, more=("-t", "ssh-rsa"))
    assert "algorithm" in ask(said, policy=ca("partner", keys.public(authority)))[0]


def test_certificates_of_hosts_are_refused(keys, ask):
    authority = keys.make()
    said = keys.certify(authority, more=("-h",))
    assert "for no user" in ask(said, policy=ca("partner", keys.public(authority)))[0]


@pytest.mark.parametrize("offset, good", [(-121, False), (-119, True), (3590, True), (3600, False)])
def test_a_certificate_is_good_within_its_validity_alone(keys, ask, offset, good):
    authority = keys.make()
    now = int(time.time())
    said = keys.certify(authority, validity=f"{now - 120:#x}:{now + 3600:#x}")
    answer, = ask(said, policy=ca("partner", keys.public(authority)), now=now + offset)
    assert answer.startswith(CAROL) == good


def test_a_certificate_without_end_has_none(keys, ask):
    authority = keys.make()
    said = keys.certify(authority, validity="always:forever")
    assert " ends 0 " in ask(said, policy=ca("partner", keys.public(authority)))[0]


def test_options_that_sshd_enforces_are_known(keys, ask):
    authority = keys.make()
    options = ["force-command=id", "source-address=10.0.0.0/8", "verify-required",
               "extension:x@example=y"]
    said = keys.certify(authority, more=[word for option in options for word in ("-O", option)])
    assert ask(said, policy=ca("partner", keys.public(authority)))[0].startswith(CAROL)


def test_a_critical_option_that_nobody_knows_is_refused_by_its_name(keys, ask):
    authority = keys.make()
    said = keys.certify(authority, more=("-O", "critical:only-on@example=monday"))
    assert '"only-on@example" is not known' in ask(
        said, policy=ca("partner", keys.public(authority)))[0]


def test_a_second_public_key_is_refused_and_another_method_is_not(keys, ask):
    authority = keys.make()
    said = keys.certify(authority)
    plain = f"publickey {keys.public(keys.make())}\n"
    foreign = keys.certify(keys.make())
    answers = ask(said + plain, plain + said, said + said, said + foreign, foreign + said,
                  said + "keyboard-interactive/pam\n", "password\n" + said, plain + plain, foreign,
                  "hostbased " + plain.split(" ", 1)[1] + said, "password\n", "",
                  policy=ca("partner", keys.public(authority)))
    assert all("not the only public key" in answer for answer in answers[:5])
    assert [answer.split(" ends")[0] for answer in answers[5:7]] == [CAROL, CAROL]
    assert answers[7:9] == ["nobody", "nobody"]
    assert answers[9].startswith(CAROL)
    assert answers[10:] == ["nobody", "nobody"]


MADE = {
    # What is other than in a good one, and what is said.
    "as it is": ({}, CAROL),
    "a nonce of no bytes": ({"nonce": b""}, CAROL),
    "something reserved": ({"reserved": b"later"}, CAROL),
    "no extensions": ({"extensions": b""}, CAROL),
    "two options": ({"options": pairs([("force-command", string("id")), ("verify-required", b"")])},
                    CAROL),
    "a key id of no bytes": ({"key_id": b""}, "names = allows"),
    "a key id with NUL": ({"key_id": b"carol@partner.example\0@partner.example"}, "control"),
    "a key id of two lines": ({"key_id": b"x\ncarol@partner.example"}, "control"),
    "a long key id": ({"key_id": b"c" * 7000 + b"@partner.example"}, "bytes"),
    "principals without end": ({"principals": string("deploy")[:-1]}, "principals"),
    "a principal of no bytes": ({"principals": string("")}, "principals"),
    "a principal with NUL": ({"principals": string(b"ops\0root")}, "principals"),
    "bytes behind principals": ({"principals": string("ops") + b"\0"}, "principals"),
    "many principals": ({"principals": string("x" * 50) * 200}, "bytes"),
    "a type of neither": ({"type": 3}, "for no user"),
    "a type of zero": ({"type": 0}, "for no user"),
    "no time": ({"after": 2000, "before": 1000}, "valid"),
    "all time before": ({"after": 0, "before": 0}, "valid"),
    "a distant end": ({"before": 2**63}, CAROL + " ends 0 "),
    "a distant beginning": ({"after": 2**64 - 1, "before": 2**64 - 1}, "not valid yet"),
    "options out of order": (
        {"options": pairs([("verify-required", b""), ("force-command", string("id"))])}, "options"),
    "an option twice": ({"options": pairs([("verify-required", b"")] * 2)}, "options"),
    "half an option": ({"options": string("force-command")}, "options"),
    "an option of no name": ({"options": pairs([("", b"")])}, "options"),
    "an option without its value": ({"options": pairs([("force-command", b"")])}, "force-command"),
    "an option with more than its value": (
        {"options": pairs([("force-command", string("id") + b"x")])}, "force-command"),
    "an option with a value too many": ({"options": pairs([("verify-required", string("x"))])},
                                        "verify-required"),
    "an option in another case": ({"options": pairs([("Force-command", string("id"))])}, "known"),
    "half an extension": ({"extensions": string("permit-pty")}, "extensions"),
    "a short key": ({"key": string(bytes(31))}, "garbled"),
    "a long key": ({"key": string(bytes(33))}, "garbled"),
    "two keys": ({"key": string(bytes(32)) * 2}, "garbled"),
    "bytes behind it": ({"behind": b"\0"}, "garbled"),
    "bytes behind its signature": ({"behind_signature": b"\0"}, "garbled"),
    "another algorithm": ({"algorithm": "rsa-sha2-256"}, "algorithm"),
    "an algorithm of another case": ({"algorithm": "SSH-ED25519"}, "algorithm"),
    "a type that is not known": ({"kind": "ssh-new-cert-v01@openssh.com"}, "not known"),
    "a type of another version": ({"kind": "ssh-ed25519-cert-v02@openssh.com"}, "not known"),
    "a security key": ({"kind": "sk-ssh-ed25519-cert-v01@openssh.com",
                        "key": string(bytes(32)) + string("ssh:")}, CAROL),
    "a security key for nothing": ({"kind": "sk-ssh-ed25519-cert-v01@openssh.com"}, "garbled"),
    "a security key on a curve": ({"kind": "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
                                   "key": string("nistp256") + string(b"\4" + bytes(64))
                                   + string("ssh:")}, CAROL),
    "a point that is compressed": ({"kind": "ecdsa-sha2-nistp256-cert-v01@openssh.com",
                                    "key": string("nistp256") + string(b"\2" + bytes(32))},
                                   "garbled"),
    "another curve": ({"kind": "ecdsa-sha2-nistp256-cert-v01@openssh.com",
                       "key": string("nistp384") + string(b"\4" + bytes(64))}, "garbled"),
    "a number below zero": ({"kind": "ssh-rsa-cert-v01@openssh.com",
                             "key": string(b"\x80") + string(b"\1")}, "garbled"),
    "a number with a zero before it": ({"kind": "ssh-rsa-cert-v01@openssh.com",
                                        "key": string(b"\0\1") + string(b"\1")}, "garbled"),
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return certificate_text.Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize("other, said", MADE.values(), ids=MADE)
def test_each_field_is_read_and_signed(authority, ask, tmp_path, other, said):
    answer, = ask(Fields(**other).signed_by(authority, tmp_path), now=1500,
                  policy=ca("partner", authority.public))
    if said.startswith("human"):
        assert answer.startswith(said)
    else:
        assert answer.startswith("refused ") and said in answer


def test_an_authority_in_another_spelling_is_not_taken_for_another(authority, ask, tmp_path):
    blob = authority.blob + b"\0"
    answer, = ask(Fields().signed_by(authority, tmp_path, authority_blob=blob), now=1500,
                  policy=ca("partner", authority.public))
    assert answer.startswith("refused ") and "garbled" in answer


MALFORMED = ["publickey\n", "publickey \n", "publickey ssh-ed25519\n", "publickey ssh-ed25519 \n",
             "publickey ssh-ed25519 AAAA\n", "publickey ssh-ed25519 AAAAC3==\n", " password\n",
             "\n", "keyboard-interactive/\n", "keyboard-interactive//pam\n", "pass\tword\n",
             "password\n\npassword\n"]


@pytest.mark.parametrize("said", MALFORMED)
def test_what_sshd_does_not_write_is_refused(keys, ask, said):
    assert ask(said, policy="")[0].startswith("refused ")


def test_only_the_one_spelling_of_base64_is_read(keys, ask):
    method, kind, text = f"publickey {keys.public(keys.make())}".split()
    good = f"{method} {kind} {text}\n"
    bad = [f"{method} {kind} {text}=\n", f"{method} {kind} {text[:-1]}\n",
           f"{method} {kind}  {text}\n", f"{method}  {kind} {text}\n",
           f"{method} {kind} {text} \n", f"{method} {kind} {text} x\n",
           f"{method} ssh-rsa {text}\n"]
    answers = ask(good, *bad, policy="")
    assert answers[0] == "nobody"
    assert all(answer.startswith("refused ") for answer in answers[1:])
