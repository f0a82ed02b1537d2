"""xacct check in the real folder: whether the helper can read what the policy consists of and
names, and whether there are keys in it.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import pathlib
import re
import resource
import shutil
import struct
import subprocess

import pytest

from rig.policy import xacct
from rig.roles_anywhere import Authority, openssl

from .policies import GRANT, HEAD, KEY, KEYS, NOBODY, lines_of, write


@pytest.mark.usefixtures("people")
def test_the_real_folder_as_it_should_be(run, etc):
    assert run("check", "--strict").returncode == 0, run("check").stdout
    os.chown(etc / "base.credentials", xacct().pw_uid, 0)
    (etc / "base.credentials").chmod(0o600)
    assert run("check", "--strict").returncode == 0, run("check").stdout


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name, place, mode", [
    ("xacct.conf", "xacct.conf:1", 0o644), ("conf.d/10.conf", "conf.d/10.conf:1", 0o664),
    ("a.json", "a.json:1", 0o666), ("conf.d", "conf.d:1", 0o777),
    ("base.credentials", "xacct.conf:3", 0o644), ("xacct.conf", "xacct.conf:1", 0o600)])
def test_owner_and_mode_in_the_real_folder(run, etc, name, place, mode):
    good = (etc / name).stat()
    (etc / name).chmod(mode)
    done = run("check")
    assert done.returncode == 2
    subject = "it" if place == f"{name}:1" else f"/etc/xacct/{name}"
    group = "root" if name == "conf.d" else "xacct"
    assert re.fullmatch(rf"/etc/xacct/{re.escape(place)}: error: {subject} has owner root, group {group} "
                        rf"and mode {mode:04o}: .*\n", done.stdout), done.stdout
    (etc / name).chmod(good.st_mode & 0o7777)
    os.chown(etc / name, 1234, good.st_gid)
    assert run("check").returncode == 2


def helper_reads(path):
    """Whether the helper's user can: a file read, a folder listed, as the kernel says."""
    command = ["ls", path] if path.is_dir() else ["cat", path]
    user = xacct()
    return subprocess.run(command, user=user.pw_uid, group=user.pw_gid, extra_groups=[],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def mend(done):
    """Runs the commands that were told, as who reads them would."""
    commands = re.findall(r"mend it by: (.*)", done.stdout)
    assert commands
    for command in commands:
        subprocess.run(["/bin/sh", "-ec", command], check=True)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name, mode, roots, place", [
    ("xacct.conf", 0o600, True, "xacct.conf:1"),
    ("conf.d/10.conf", 0o600, True, "conf.d/10.conf:1"),
    ("conf.d/10.conf", 0o600, False, "conf.d/10.conf:1"),
    ("a.json", 0o400, True, "a.json:1"),
    ("base.credentials", 0o600, True, "xacct.conf:3"),
    ("conf.d", 0o700, True, "conf.d:1"), ("conf.d", 0o711, True, "conf.d:1"),
    ("conf.d", 0o740, False, "conf.d:1"),
    (".", 0o700, True, ":1"), (".", 0o740, False, ":1"),
], ids=["main", "fragment", "fragment-of-group", "session-policy", "base", "conf.d", "conf.d-passed",
        "conf.d-of-group", "folder", "folder-of-group"])
def test_what_the_helper_cannot_read(run, etc, name, mode, roots, place):
    """As a umask of 077 makes it: root's alone, which root does not notice by reading it."""
    os.chown(etc / name, 0, 0 if roots else xacct().pw_gid)
    (etc / name).chmod(mode)
    assert not all(map(helper_reads, (etc / name, etc / "conf.d", etc / "conf.d/10.conf")))
    done = run("check")
    assert done.returncode == 2
    subject = re.escape(str(etc / name)) if place == "xacct.conf:3" else "it"
    group = "root" if roots else "xacct"
    where = str(etc) + (place if place.startswith(":") else f"/{place}")
    assert re.fullmatch(rf"{re.escape(where)}: error: {subject} has owner root, group {group} and mode "
                        rf"{mode:04o}: the user xacct cannot (read|look into) it; mend it by: chown "
                        r"root:xacct \S+ && chmod 0[67][45]0 \S+\n", done.stdout), done.stdout
    mend(done)
    assert run("check", "--strict").returncode == 0
    assert all(helper_reads(etc / name) for name in ("xacct.conf", "conf.d", "conf.d/10.conf"))


@pytest.mark.usefixtures("people")
def test_everything_that_a_umask_of_077_does_is_told_at_once(run, etc):
    for path in (etc, *etc.rglob("*")):
        os.chown(path, 0, 0)
        path.chmod(0o700 if path.is_dir() else 0o600)
    done = run("check")
    places = [line.partition(": error: ")[0] for line in done.stdout.splitlines()]
    assert places == ["/etc/xacct:1", "/etc/xacct/a.json:1", "/etc/xacct/conf.d:1",
                      "/etc/xacct/conf.d/10.conf:1", "/etc/xacct/xacct.conf:1", "/etc/xacct/xacct.conf:3"]
    mend(done)
    assert run("check", "--strict").returncode == 0
    assert all(helper_reads(path) for path in (etc, *etc.rglob("*")))


@pytest.mark.usefixtures("people")
def test_a_folder_at_fault_is_told_once_however_much_it_holds(run, etc):
    for number in range(11, 15):
        write(etc, "", f"conf.d/{number}.conf").chmod(0o640)
        os.chown(etc / f"conf.d/{number}.conf", 0, xacct().pw_gid)
    (etc / "conf.d").chmod(0o775)
    done = run("check")
    assert re.fullmatch("/etc/xacct/conf.d:1: error: it has owner root, group root and mode 0775: it "
                        "must belong to root, and nobody else may write it; mend it by: .*\n", done.stdout)
    mend(done)
    assert run("check", "--strict").returncode == 0


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name", ["conf.d", "conf.d/10.conf", "a.json", "base.credentials", "."])
@pytest.mark.parametrize("dangling", [False, True], ids=["to-something", "dangling"])
def test_a_link_is_told_once(run, etc, name, dangling):
    link, real = etc if name == "." else etc / name, etc.with_name("xacct-real")
    link.rename(real)
    link.symlink_to(etc.with_name("gone") if dangling else real)
    try:
        done = run("check")
    finally:
        link.unlink()
        real.rename(link)
    assert done.returncode == 2
    assert done.stdout.count("is a symbolic link") == 1, done.stdout
    if (name, dangling) != (".", True):
        assert len(done.stdout.splitlines()) == 1, done.stdout


@pytest.mark.usefixtures("people")
def test_a_file_elsewhere_behind_a_folder_that_the_helper_cannot_pass(run, etc, folder):
    text = (etc / "xacct.conf").read_text()
    (folder / "it's private").mkdir(mode=0o700)
    keys = folder / "it's private/base"
    shutil.copy2(etc / "base.credentials", keys)
    os.chown(keys, 0, xacct().pw_gid)
    (etc / "xacct.conf").write_text(text.replace("/etc/xacct/base.credentials", str(keys)))
    done = run("check")
    assert re.fullmatch(rf"{folder}/it's private:1: error: it has owner root, group root and mode 0700: the "
                        "user xacct cannot look into it; keep what the policy names in it beside the policy, "
                        "or mend it by: .*\n", done.stdout), done.stdout
    assert not helper_reads(keys)
    mend(done)
    assert run("check", "--strict").returncode == 0
    assert helper_reads(keys)


@pytest.mark.usefixtures("people")
def test_an_acl_may_let_the_helper_through(run, etc):
    """An entry of user xacct with r-x: acl(5), in the form that Linux keeps it in."""
    os.chown(etc / "conf.d", 0, 0)
    (etc / "conf.d").chmod(0o700)
    assert run("check").returncode == 2
    helper = xacct().pw_uid
    entries = [(1, 7, -1), (2, 5, helper), (4, 0, -1), (16, 5, -1), (32, 0, -1)]
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    os.setxattr(etc / "conf.d", "system.posix_acl_access", acl)
    assert helper_reads(etc / "conf.d/10.conf")
    assert run("check", "--strict").returncode == 0, run("check").stdout


@pytest.mark.usefixtures("people")
def test_a_file_of_certificates_is_for_everybody(run, etc):
    text = (etc / "xacct.conf").read_text()
    (etc / "xacct.conf").write_text(text.replace("[base]", "ca_bundle = /etc/xacct/ca.pem\n[base]"))
    write(etc, "", "ca.pem").chmod(0o644)
    assert run("check", "--strict").returncode == 0, run("check").stdout
    (etc / "ca.pem").chmod(0o600)
    done = run("check")
    assert re.fullmatch("/etc/xacct/xacct.conf:1: error: /etc/xacct/ca.pem has owner root, group root and "
                        "mode 0600: the user xacct cannot read it; mend it by: .*\n", done.stdout)
    mend(done)
    assert run("check", "--strict").returncode == 0
    (etc / "ca.pem").unlink()
    assert re.fullmatch("/etc/xacct/xacct.conf:1: error: .*/etc/xacct/ca.pem: No such file.*\n",
                        run("check").stdout)


# Base credentials


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("text, said", [
    ("", r"there is no profile \[default\] with keys in it; add it"),
    (KEYS.replace("default", "other"), r"there is no profile \[default\]"),
    (KEYS.partition("aws_secret")[0], r"profile \[default\] has no aws_secret_access_key"),
    (KEYS.replace(KEY, ""), r"aws_secret_access_key of profile \[default\] is empty; fill it in"),
    (KEYS.replace(KEY, KEY + " " + KEY), r"aws_secret_access_key of profile \[default\] holds a blank"),
    (KEYS + "nonsense\n", r"the line is neither \[profile\]"),
    (None, "No such file or directory"),
], ids=["empty", "other-profile", "no-key", "empty-key", "blank", "no-form", "no-file"])
def test_base_credentials_that_are_none(run, etc, text, said):
    (etc / "base.credentials").unlink()
    if text is not None:
        write(etc, text, "base.credentials").chmod(0o640)
        os.chown(etc / "base.credentials", 0, xacct().pw_gid)
    done = run("check")
    assert done.returncode == 2
    assert re.fullmatch(rf"/etc/xacct/xacct.conf:3: error: .*/etc/xacct/base.credentials.*: {said}.*\n",
                        done.stdout), done.stdout
    assert KEY not in done.stdout + done.stderr


@pytest.mark.usefixtures("people")
def test_keys_are_looked_at_whoever_owns_them(run, etc):
    """Theirs and in another profile: what root may read is looked at, wrong owners or not."""
    (etc / "xacct.conf").write_text((etc / "xacct.conf").read_text().replace(
        "source = file", "source = file\nprofile = bastion"))
    os.chown(etc / "base.credentials", xacct().pw_uid, 0)
    (etc / "base.credentials").chmod(0o600)
    done = run("check")
    assert re.fullmatch(r".*: there is no profile \[bastion\].*\n", done.stdout), done.stdout
    (etc / "base.credentials").chmod(0o644)
    assert len(run("check").stdout.splitlines()) == 2
    (etc / "base.credentials").write_text(KEYS.replace("default", "bastion"))
    (etc / "base.credentials").chmod(0o600)
    assert run("check", "--strict").returncode == 0


@pytest.mark.usefixtures("people", "etc")
def test_without_memory_to_lock_keys_are_not_looked_at(run):
    user = xacct()
    helper = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    assert run("check", "--strict", **helper).returncode == 0
    done = run("check", "--strict", **helper,
               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0)))
    assert done.returncode == 1
    assert re.fullmatch("/etc/xacct/xacct.conf:3: warning: /etc/xacct/base.credentials: no memory could be "
                        "locked for its keys .*, so they were not checked; see ulimit -l\n", done.stdout)


@pytest.mark.usefixtures("people")
def test_base_credentials_do_not_count_for_a_policy_elsewhere(run, folder):
    write(folder, HEAD + GRANT)
    assert not pathlib.Path("/etc/xacct/base.credentials").exists()
    assert run("check", "--config", "x.conf", "--strict").returncode == 0


@pytest.mark.usefixtures("people")
def test_owner_and_mode_are_told_beside_other_errors(run, etc):
    (etc / "conf.d/10.conf").write_text(GRANT + "rolls = audit\n")
    (etc / "conf.d/10.conf").chmod(0o666)
    done = run("check")
    assert re.findall("^/etc/xacct/conf.d/10.conf:([0-9]+): error: ", done.stdout, re.M) == ["1", "4"]


@pytest.mark.usefixtures("people", "etc")
def test_owner_and_mode_of_the_file_that_stands_in_do_not_count(run, folder):
    path = write(folder, GRANT)
    path.chmod(0o666)
    os.chown(path, 1234, 1234)
    assert run("check", "--strict", "--as", "conf.d/10.conf", "x.conf").returncode == 0
    path.write_text(GRANT.replace("[grant g]", "[grant h]"))
    assert run("check", "--strict", "--as", "conf.d/20.conf", "x.conf").returncode == 0


@pytest.mark.usefixtures("people")
def test_what_may_not_be_read_is_said_to_be_so(run, etc):
    done = run("check", **NOBODY)
    assert done.returncode == 2
    assert done.stdout == ("/etc/xacct/xacct.conf:1: error: cannot open /etc/xacct/xacct.conf: Permission "
                           "denied (you may not read it: try again as root)\n")
    etc.chmod(0o755)
    for path in ("xacct.conf", "conf.d/10.conf", "a.json"):
        os.chown(etc / path, 0, NOBODY["group"])
    done = run("check", **NOBODY)
    assert re.search(r"^/etc/xacct/xacct.conf:3: warning: /etc/xacct/base.credentials: you may not "
                     "read it", done.stdout, re.MULTILINE)


ROLE_ARN = "role_arn = arn:aws:iam::111122223333:role/Hub\n"
ANYWHERE = "arn:aws:rolesanywhere:eu-west-1:111122223333"
BASES = f"""[base web]
source = web-identity
token_file = /etc/xacct/token
{ROLE_ARN}[base any]
source = roles-anywhere
certificate = /etc/xacct/host.pem
key = /etc/xacct/host.key
trust_anchor_arn = {ANYWHERE}:trust-anchor/a
profile_arn = {ANYWHERE}:profile/b
{ROLE_ARN}[base token]
source = roles-anywhere
certificate = /etc/xacct/host.pem
key = pkcs11:object=k
pkcs11_module = /etc/xacct/module.so
pin_file = /etc/xacct/pin
trust_anchor_arn = {ANYWHERE}:trust-anchor/a
profile_arn = {ANYWHERE}:profile/b
{ROLE_ARN}[base run]
source = process
command = /etc/xacct/get-credentials --json
"""
BASE_FILES = {"token": 0o640, "host.pem": 0o644, "host.key": 0o640, "pin": 0o640,
              "module.so": 0o755, "get-credentials": 0o755}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def based(etc, authority):
    """The real folder with a base of each source that names files, and these."""
    write(etc, BASES, "conf.d/20.conf")
    for name in BASE_FILES:
        write(etc, "x", name)
    for part, path in zip(("pem", "key"), authority.issue("host", "EC")):
        shutil.copyfile(path, etc / f"host.{part}")
    for name, mode in {"conf.d/20.conf": 0o640, **BASE_FILES}.items():
        os.chown(etc / name, 0, xacct().pw_gid)
        (etc / name).chmod(mode)
    return etc


def errors_of(done):
    """Of the bases: lines and texts."""
    found = lines_of(done, "/etc/xacct/conf.d/20.conf")
    errors = [(line, text) for line, severity, text in found if severity == "error"]
    return [line for line, _ in errors], [text for _, text in errors]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name, mode, lines", [
    (None, 0, []), ("token", 0o644, [1]), ("host.pem", 0o664, [5, 12]), ("host.key", 0o644, [5]),
    ("pin", 0o644, [12]), ("module.so", 0o775, [12]), ("get-credentials", 0o757, [21]),
    ("get-credentials", 0o644, [21]), ("get-credentials", None, [21])])
def test_owner_and_mode_of_each_file_of_a_base(run, based, name, mode, lines):
    if name is not None and mode is None:
        (based / name).unlink()
    elif name is not None:
        (based / name).chmod(mode)
    found, texts = errors_of(run("check"))
    assert found == lines
    assert all(f"/etc/xacct/{name}" in text for text in texts)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name, lines", [("token", [1]), ("host.pem", [5, 12]), ("host.key", [5]), ("pin", [12]),
                                         ("module.so", [12]), ("get-credentials", [21])])
def test_a_file_of_a_base_is_no_link_and_no_folder(run, based, name, lines):
    """As the helper follows none, /usr/bin/python3 for example."""
    file = based / name
    file.rename(based / "real")
    file.symlink_to("real")
    found, texts = errors_of(run("check"))
    assert found == lines
    assert all(f"/etc/xacct/{name} is a symbolic link" in text for text in texts)
    file.unlink()
    file.mkdir()
    found, texts = errors_of(run("check"))
    assert found == lines
    assert all(f"/etc/xacct/{name} is not a regular file" in text for text in texts)


@pytest.mark.usefixtures("people")
def test_a_file_of_a_base_that_may_not_be_read_is_no_error(run, based):
    based.chmod(0o755)
    for path in ("xacct.conf", "conf.d", "conf.d/10.conf", "conf.d/20.conf", "a.json"):
        os.chown(based / path, 0, NOBODY["group"])
    done = run("check", **NOBODY)
    for line, name in ((1, "token"), (5, "host.key"), (12, "pin")):
        assert re.findall(f".*/etc/xacct/{name}.*", done.stdout) == [
            f"/etc/xacct/conf.d/20.conf:{line}: warning: cannot open /etc/xacct/{name}: Permission denied "
            "(you may not read it: try again as root)"], done.stdout


# Certificates of Roles Anywhere


def changed(path):
    """The key under a passphrase."""
    text = openssl("pkcs8", "-topk8", "-in", path, "-passout", "pass:hunter2")
    pathlib.Path(path).write_bytes(text)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("change, lines, said", [
    (lambda a, etc: shutil.copyfile(a.issue_between("old", -7200, -3600)[0], etc / "host.pem"), [5, 5, 12],
     "is valid from .* and not now: renew it|is not the key"),
    (lambda a, etc: shutil.copyfile(a.issue("other", "EC")[1], etc / "host.key"), [5],
     "/etc/xacct/host.key is not the key of the certificate"),
    (lambda a, etc: changed(etc / "host.key"), [5], "/etc/xacct/host.key is encrypted"),
    (lambda a, etc: (etc / "host.key").write_text("x"), [5], "/etc/xacct/host.key holds no private key"),
    (lambda a, etc: (etc / "host.pem").write_text("x"), [5, 12], "/etc/xacct/host.pem holds no certificate"),
], ids=["over", "other", "encrypted", "no-key", "no-certificate"])
def test_what_roles_anywhere_would_refuse(run, based, authority, change, lines, said):
    change(authority, based)
    found, texts = errors_of(run("check"))
    assert found == lines
    assert all(re.search(said, text) for text in texts), texts


@pytest.mark.usefixtures("people")
def test_a_certificate_that_ends_soon(run, based, authority):
    for part, path in zip(("pem", "key"), authority.issue("soon", "RSA", days=13)):
        shutil.copyfile(path, based / f"host.{part}")
    found = lines_of(run("check"), "/etc/xacct/conf.d/20.conf")
    assert [line for line, severity, text in found
            if severity == "warning" and "/etc/xacct/host.pem ends at 20" in text] == [5, 12]
    assert run("check").returncode == 0
