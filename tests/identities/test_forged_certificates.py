"""Certificates that no sshd would have let in, or of which it says more than is believed, handed to
the service as the module in sshd hands them over.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import datetime
import textwrap

import pytest

from rig import ssh_ca
from service.asking import Opener

CAROL, BRUNO = "carol@a.example", "bruno@b.example"
RULES = f"""
[grant carol]
principals = {CAROL}
roles      = audit
default    = audit

[grant bruno]
principals = {BRUNO}
roles      = audit
default    = audit

[grant account]
users    = deploy
services = sshd su
roles    = dev
"""
FUTURE = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)


@pytest.fixture
def policy(authorities, rules):
    rules(authorities.rules() + RULES)


@pytest.fixture
def open_with(policy, service):
    """Opens a session of the shared account, with this in SSH_AUTH_INFO_0; returns the reply."""
    with contextlib.ExitStack() as stack:

        def open_session(auth_info, user="deploy", **fields):
            opener = Opener(user, auth_info=auth_info, **fields)
            return stack.enter_context(opener).reply

        yield open_session


def bruno(authorities, **options):
    return authorities.partner_b.issue(BRUNO, ["deploy"], **options)


def carol(authorities, principals=(CAROL,), **options):
    return authorities.partner_a.issue("laptop-17", principals, **options)


def other_key(authorities):
    return f"publickey {ssh_ca.public_of(authorities.unlisted.key)}\n"


GOOD = {
    "by key id": (lambda a: bruno(a).auth_info, BRUNO),
    "by principal": (lambda a: carol(a).auth_info, CAROL),
    "by the one principal that the authority may use": (
        lambda a: carol(a, ["deploy", CAROL, "audit"]).auth_info, CAROL
    ),
    "with a password as well": (lambda a: bruno(a).auth_info + "password\n", BRUNO),
    "with a password before": (
        lambda a: "keyboard-interactive/pam\n" + bruno(a).auth_info, BRUNO
    ),
    "without an end of the line": (lambda a: bruno(a).auth_info.rstrip("\n"), BRUNO),
    "an RSA key": (lambda a: bruno(a, key_type="rsa").auth_info, BRUNO),
    "an ECDSA key": (lambda a: bruno(a, key_type="ecdsa").auth_info, BRUNO),
    "with a forced command": (
        lambda a: bruno(a, options=["force-command=/bin/true"]).auth_info, BRUNO
    ),
    "with source addresses": (
        lambda a: bruno(a, options=["source-address=192.0.2.0/24"]).auth_info, BRUNO
    ),
    "without any extension": (lambda a: bruno(a, options=["clear"]).auth_info, BRUNO),
    "with an extension that nobody knows": (
        lambda a: bruno(a, options=["extension:login@sso.example=yes"]).auth_info, BRUNO
    ),
    "valid for ever": (lambda a: bruno(a, validity="always:forever").auth_info, BRUNO),
}


@pytest.mark.parametrize("auth_info, human", GOOD.values(), ids=GOOD)
def test_a_certificate_names_its_human(bastion, authorities, open_with, sts, auth_info, human):
    reply = open_with(auth_info(authorities))
    assert reply["status"] == "permitted", reply
    assert reply["XACCT_ROLE"] == "audit"
    assert sts.calls[-1].parameters["RoleSessionName"] == human
    assert next(line for line in bastion.audit() if line["event"] == "opened")["human"] == human


BAD = {
    "expired": lambda a: bruno(a, validity="20200101:20200102").auth_info,
    "not valid yet": lambda a: bruno(a, validity=f"{FUTURE:%Y%m%d%H%M%S}:+10w").auth_info,
    "of another signature": lambda a: bruno(a).with_another_signature().auth_info,
    "of another signature, ECDSA": lambda a: carol(a).with_another_signature().auth_info,
    "of another name": lambda a: bruno(a).renamed(BRUNO, "brunX@b.example").auth_info,
    "of another end of life": lambda a: prolonged(bruno(a)).auth_info,
    "signed by another": (
        lambda a: a.unlisted.issue(BRUNO, ["deploy"]).in_the_name_of(a.unlisted, a.partner_b)
        .auth_info
    ),
    "cut off": lambda a: (good := bruno(a)).with_blob(good.blob[:-1]).auth_info,
    "with a byte behind its end": (
        lambda a: (good := bruno(a)).with_blob(good.blob + b"\0").auth_info
    ),
    "of another type than it says": (
        lambda a: bruno(a).auth_info.replace("ssh-ed25519-cert", "ssh-rsa-cert")
    ),
    "of a host": lambda a: bruno(a, host=True).auth_info,
    "with a critical option that nobody knows": (
        lambda a: bruno(a, options=["critical:only-on@sso.example=mondays"]).auth_info
    ),
    "of another partner's": lambda a: a.partner_b.issue(CAROL, ["deploy"]).auth_info,
    "of no principal": lambda a: carol(a, []).auth_info,
    "of two principals that are names": lambda a: carol(a, [CAROL, "dora@a.example"]).auth_info,
    "of no key id": lambda a: a.partner_b.issue("", ["deploy"]).auth_info,
    "a certificate and another": lambda a: bruno(a).auth_info + carol(a).auth_info,
    "a certificate twice": lambda a: (good := bruno(a)).auth_info + good.auth_info,
    "a certificate and a key": lambda a: bruno(a).auth_info + other_key(a),
    "a key and a certificate": lambda a: other_key(a) + bruno(a).auth_info,
    "a certificate and one that is not listed": (
        lambda a: bruno(a).auth_info + a.unlisted.issue(BRUNO, ["deploy"]).auth_info
    ),
    "the same signed by two": (
        lambda a: a.unlisted.issue(BRUNO, ["deploy"]).auth_info + bruno(a).auth_info
    ),
}


def prolonged(certificate):
    """The same with an end that is later by some bits."""
    blob = certificate.blob
    listed = blob.index(b"deploy") + len(b"deploy")  # valid after and valid before follow
    end = int.from_bytes(blob[listed + 8 : listed + 16], "big") + 3600
    return certificate.with_blob(
        blob[: listed + 8] + end.to_bytes(8, "big") + blob[listed + 16 :]
    )


@pytest.mark.parametrize("auth_info", BAD.values(), ids=BAD)
def test_a_certificate_that_fails_a_check_refuses_the_session(
    bastion, authorities, open_with, sts, auth_info
):
    """And is never passed over for the next source of identity, which would give a role here."""
    reply = open_with(auth_info(authorities))
    assert reply["status"] == "denied", reply
    assert reply["reason"] and not [key for key in reply if key.startswith(("AWS_", "XACCT_"))]
    assert not sts.calls and not bastion.records()
    (line,) = bastion.audit()
    assert (line["event"], line["user"]) == ("refused", "deploy")


NOT_OURS = {
    "no certificate": other_key,
    "a password": lambda a: "password\n",
    "of an authority that is not listed": lambda a: a.unlisted.issue(BRUNO, [BRUNO]).auth_info,
}


@pytest.mark.parametrize("auth_info", NOT_OURS.values(), ids=NOT_OURS)
def test_what_no_listed_authority_has_signed_leaves_it_to_the_next_source(
    authorities, open_with, sts, auth_info
):
    reply = open_with(auth_info(authorities))
    assert (reply["status"], reply["XACCT_ROLE"]) == ("permitted", "dev")


def test_an_empty_word_of_sshds_is_not_that_there_was_no_certificate(bastion, open_with, sts):
    reply = open_with("")
    assert reply["status"] == "unavailable" and "SSH_AUTH_INFO_0" in reply["reason"], reply
    assert not sts.calls and not bastion.records()


def test_a_certificate_counts_for_sshd_alone(authorities, rules, open_with):
    """In any other stack nobody knows where the variable comes from, whatever is granted for it."""
    granted = f"[grant su]\nprincipals = {BRUNO}\nservices = su\nroles = audit\ndefault = audit\n"
    rules(authorities.rules() + granted + RULES)
    reply = open_with(bruno(authorities).auth_info, service="su")
    assert (reply["status"], reply["XACCT_ROLE"]) == ("permitted", "dev")


def test_an_rsa_signature_over_sha1_is_none(authorities, rules, service, sts):
    with contextlib.ExitStack() as stack:
        old = ssh_ca.Authority("old", "rsa", 2048)
        key = "\n  ".join(textwrap.wrap(old.public, 100))
        rules(f"[ca old]\nkey   = {key}\nnames = *\n{RULES}")
        for signature, status in {"rsa-sha2-512": "permitted", "ssh-rsa": "denied"}.items():
            certificate = old.issue(BRUNO, ["deploy"], signature=signature)
            opener = stack.enter_context(Opener("deploy", auth_info=certificate.auth_info))
            assert opener.reply["status"] == status, (signature, opener.reply)
