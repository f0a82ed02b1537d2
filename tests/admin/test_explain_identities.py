"""xacct explain: who a login is for, where that is not the Unix user: who is behind sudo, and whom a
certificate names.

SPDX-License-Identifier: BSD-2-Clause
"""

import pathlib
import re
import shutil
import subprocess

import pytest

from .conftest import BOTH
from .explaining import DEV, explain, texts
from .policies import GRANT, HEAD, write

KEYS = pathlib.Path("/mnt/admin-keys")


# Who is behind sudo and the like

SUDO = "services = sudo cron\n"
BEHIND = [*("--service", "sudo"), "--groups", "", "--loginuid"]


def test_who_is_behind_it_may_be_named_by_a_grant(run, folder):
    write(folder, HEAD + DEV + f"[grant g]\nusers = frank\nroles = audit\n{SUDO}"
          f"[grant h]\nusers = deploy\nroles = dev\n{SUDO}")
    allowed, answer, _ = explain(run, "deploy", *BEHIND, "frank")
    assert (allowed, answer["identity"]) == ({"audit", "dev"}, "frank")
    for who in ("eve", "deploy", "none"):
        allowed, answer, _ = explain(run, "deploy", *BEHIND, who)
        assert (allowed, answer["identity"]) == ({"dev"}, "eve" if who == "eve" else "deploy")
    allowed, answer, _ = explain(run, "deploy", "--service", "sudo", "--groups", "")
    assert allowed == {"dev"}
    assert texts(answer, "audit") == ["[grant g] may be for who is behind the login, which is not "
                                      "known", "services = sudo cron: met"]


def test_who_is_behind_it_is_not_looked_at_where_the_unix_user_is_asked_first(run, folder):
    write(folder, HEAD.replace("region = eu-west-1\n", "region = eu-west-1\nidentity = user\n")
          + f"[grant g]\nusers = frank\nroles = audit\n{SUDO}")
    assert explain(run, "deploy", *BEHIND, "frank")[0] == set()


@pytest.mark.parametrize("service, who, allowed", [
    ("sudo", "frank", set()), ("cron", "frank", set()), ("sudo", "eve", {"audit"}),
    ("sudo", "none", {"audit"}), ("sudo", None, set()), ("cron", None, set()),
])
def test_a_deny_of_who_is_behind_it(run, folder, service, who, allowed):
    write(folder, HEAD + f"[grant g]\nusers = deploy\nroles = audit\n{SUDO}[deny d]\nusers = frank\n")
    words = ["--service", service, "--groups", "", *(["--loginuid", who] if who else [])]
    assert explain(run, "deploy", *words)[0] == allowed
    done = run("explain", "deploy", "--config", "x.conf", *words)
    assert ("who is behind it (--loginuid)" in done.stdout) == (who is None)
    assert ("it cannot be told" in done.stdout) == (who is None)


@pytest.mark.usefixtures("people")
def test_a_deny_of_a_group_of_who_is_behind_it(run, folder):
    write(folder, HEAD + f"[grant g]\nusers = carol\nroles = audit\n{SUDO}"
          "[deny d]\ngroups = staff-a\n")
    for who, allowed in (("bob", set()), ("carol", {"audit"}), ("twin", set()), ("helga", {"audit"})):
        assert explain(run, "carol", "--service", "sudo", "--loginuid", who)[0] == allowed, who
    done = run("explain", "carol", "--service", "sudo", "--loginuid", "eve", "--config", "x.conf")
    assert (done.returncode, done.stdout) == (2, "")
    assert "NSS knows no user eve, whom --loginuid names" in done.stderr


# Certificates


@pytest.fixture(scope="module")
def keys():
    """An authority, and a key that it signs."""
    shutil.rmtree(KEYS, ignore_errors=True)
    KEYS.mkdir()
    for name in ("ca", "stranger", "id"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", KEYS / name],
                       check=True)
    return KEYS


def sign(keys, key_id, principals="deploy", authority="ca", validity="20260101:20270101", more=()):
    subprocess.run(["ssh-keygen", "-q", "-s", keys / authority, "-I", key_id, "-n", principals, "-V",
                    validity, *more, keys / "id.pub"], check=True, env={"TZ": "UTC"})
    return str(keys / "id-cert.pub")


def certified(keys, identity="key-id", grants=""):
    key = " ".join((keys / "ca.pub").read_text().split()[:2])
    return (HEAD + DEV + f"[ca partner]\nkey = {key}\nnames = *@p.example\nidentity = {identity}\n"
            "[grant g]\nprincipals = carol@p.example\nroles = audit\n" + grants)


THEN = ["--groups", ",", "--at", "2026-06-01"]


def test_a_principal(run, folder, keys):
    write(folder, certified(keys, grants="[grant h]\nusers = deploy\nroles = dev\n"))
    allowed, answer, status = explain(run, "deploy", *THEN, "--principal", "carol@p.example")
    assert (allowed, answer["identity"], status) == ({"audit", "dev"}, "carol@p.example", 0)
    assert explain(run, "eve", *THEN, "--principal", "eve@p.example")[0] == set()
    allowed, answer, status = explain(run, "deploy", *THEN, "--principal", "carol@other.example")
    assert (allowed, status) == (set(), 1)
    assert texts(answer, "dev")[0].startswith("the names of no [ca] allow carol@other.example")


def test_a_principal_that_is_not_known_may_take_away_and_never_gives(run, folder, keys):
    write(folder, certified(keys, grants="[grant h]\nusers = deploy\nroles = dev\n"
                            "[deny d]\nusers = mallory@p.example\nroles = dev\n"))
    assert explain(run, "deploy", *THEN)[0] == set()
    assert explain(run, "deploy", *THEN, "--auth", "password")[0] == {"dev"}
    assert explain(run, "deploy", *THEN, "--principal", "carol@p.example")[0] == {"audit", "dev"}
    assert explain(run, "deploy", *THEN, "--principal", "mallory@p.example")[0] == set()


@pytest.mark.parametrize("identity", ["key-id", "principal"])
def test_a_certificate(run, folder, keys, identity):
    write(folder, certified(keys, identity))
    key_id, principals = ("carol@p.example", "deploy") if identity == "key-id" else \
        ("x", "deploy,carol@p.example")
    allowed, answer, status = explain(run, "deploy", *THEN, "--certificate",
                                      sign(keys, key_id, principals))
    assert (allowed, answer["identity"], status) == ({"audit"}, "carol@p.example", 0)


def test_a_deny_may_name_anything_in_the_certificate(run, folder, keys):
    write(folder, certified(keys, grants="[deny d]\nusers = contractor\n"))
    path = sign(keys, "carol@p.example", "deploy,contractor")
    assert explain(run, "deploy", *THEN, "--certificate", path)[0] == set()


@pytest.mark.parametrize("identity, signing, why", [
    ("key-id", {"key_id": "eve"}, 'its key id, "eve", is no name'),
    ("principal", {"key_id": "x", "principals": "a@p.example,b@p.example"},
     "of its 2 principals 2 are names"),
    ("principal", {"key_id": "x", "principals": "a"}, "of its 1 principals 0 are names"),
    ("key-id", {"key_id": "carol@p.example", "validity": "20250101:20250102"}, "it was valid until"),
    ("key-id", {"key_id": "carol@p.example", "validity": "20270101:20280102"}, "not valid yet"),
    ("key-id", {"key_id": "carol@p.example", "more": ["-h"]}, "it is for no user"),
    ("key-id", {"key_id": "carol@p.example", "more": ["-O", "critical:x=y"]}, "critical option"),
])
def test_a_certificate_that_the_helper_refuses(run, folder, keys, identity, signing, why):
    write(folder, certified(keys, identity, "[grant h]\nusers = deploy\nroles = dev\n"))
    allowed, answer, status = explain(run, "deploy", *THEN, "--certificate", sign(keys, **signing))
    assert (allowed, answer["login"], status) == (set(), None, 1)
    assert all(why in texts(answer, role)[0] for role in ("audit", "dev")), texts(answer, "dev")


def test_a_certificate_of_a_stranger_says_nothing(run, folder, keys):
    write(folder, certified(keys, grants="[grant h]\nusers = deploy\nroles = dev\n"))
    path = sign(keys, "carol@p.example", authority="stranger")
    done = run("explain", "deploy", *THEN, "--config", "x.conf", "--certificate", path)
    assert "note: the certificate is of no [ca] of the policy" in done.stdout
    assert explain(run, "deploy", *THEN, "--certificate", path)[0] == {"dev"}


def test_a_plain_key_is_known_to_come_without_a_certificate(run, folder, keys):
    write(folder, certified(keys, grants="[grant h]\nusers = deploy\nauth = publickey\nroles = dev\n"
                            "[deny d]\nprincipals = mallory@p.example\n"))
    words = [*THEN, "--auth", "publickey"]
    assert explain(run, "deploy", *words)[0] == set()
    allowed, answer, _ = explain(run, "deploy", *words, "--certificate", "none")
    assert (allowed, answer["identity"]) == ({"dev"}, "deploy")
    done = run("explain", "deploy", *words, "--config", "x.conf", "--certificate", keys / "id.pub")
    assert (done.returncode, done.stdout) == (2, "")
    assert "id.pub is a public key without a certificate: of a login with that, --certificate none" \
        in done.stderr


def test_a_certificate_of_who_is_behind_it(run, folder, keys):
    write(folder, certified(keys).replace("[grant g]\n", f"[grant g]\n{SUDO}")
          + f"[grant h]\nusers = frank\nroles = dev\n{SUDO}")
    words = ["--service", "sudo", "--loginuid", "frank"]
    path = sign(keys, "carol@p.example")
    for how in (["--principal", "carol@p.example"], ["--certificate", path]):
        allowed, answer, _ = explain(run, "deploy", *THEN, *words, *how)
        assert (allowed, answer["identity"]) == ({"audit"}, "carol@p.example")
    assert explain(run, "deploy", *THEN, *words, "--certificate", "none")[0] == {"dev"}
    assert explain(run, "deploy", *THEN, *words)[0] == set()
    assert "not known: the address (--from), how sshd authenticates it (--auth), the certificate" \
        in run("explain", "deploy", *THEN, *words, "--config", "x.conf").stdout


@BOTH
def test_a_file_that_is_no_certificate(run, folder, keys):
    write(folder, certified(keys))
    good = pathlib.Path(sign(keys, "carol@p.example")).read_bytes()
    bad = [b"", b"\0", b"ssh-ed25519-cert-v01@openssh.com", b"ssh-ed25519-cert-v01@openssh.com AAAA",
           (keys / "id.pub").read_bytes(), (keys / "id").read_bytes(), b"a" * 200000, b"\xff" * 99,
           good[:-40], good.replace(b" ", b"\n", 1), b"publickey " + good,
           *(good[:i] + bytes([good[i] ^ 1]) + good[i + 1:] for i in range(40, 240, 7))]
    for number, content in enumerate(bad):
        write(folder, content, "cert")
        done = run("explain", "deploy", *THEN, "--config", "x.conf", "--certificate", "cert")
        assert done.returncode in (1, 2), number
        assert "Sanitizer" not in done.stderr, done.stderr
        assert "audit: yes" not in done.stdout
        assert re.fullmatch(r"[ -~\n]*", done.stdout + done.stderr)
    for path in ("missing", ".", "/dev/null"):
        done = run("explain", "deploy", *THEN, "--config", "x.conf", "--certificate", path)
        assert (done.returncode, done.stdout) == (2, "")


def test_identity_that_leaves_user_out(run, folder, keys):
    text = certified(keys, grants="[grant h]\nusers = deploy\nroles = dev\n").replace(
        "region = eu-west-1\n", "region = eu-west-1\nidentity = certificate\n")
    write(folder, text)
    assert explain(run, "deploy", *THEN)[0] == set()
    assert explain(run, "deploy", *THEN, "--principal", "carol@p.example")[0] == {"audit", "dev"}


def test_a_policy_that_believes_no_certificate(run, folder):
    write(folder, HEAD + GRANT)
    done = run("explain", "alice", *THEN, "--config", "x.conf", "--principal", "carol")
    assert done.returncode == 0
    assert "note: the policy believes no certificate" in done.stdout
