"""xacct check: every error and every likely mistake, with file and line.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import ctypes
import json
import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import time

import pytest

from rig import accounts

from .conftest import BOTH
from .policies import GRANT, HEAD, LINES, NOBODY, lines_of, write

CA = pathlib.Path("/mnt/admin-ca")


@pytest.fixture(scope="module")
def ca_keys():
    """Two public keys, as a [ca] names them."""
    shutil.rmtree(CA, ignore_errors=True)
    CA.mkdir()
    for name in ("one", "two"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", CA / name],
                       check=True)
    return [" ".join((CA / f"{name}.pub").read_text().split()[:2]) for name in ("one", "two")]


def ca(key, name="partner", names="*@partner.example"):
    return f"[ca {name}]\nkey = {key}\nnames = {names}\n"


@pytest.mark.usefixtures("people")
def test_a_policy_without_mistakes_is_said_to_be_fine(run, folder):
    write(folder, HEAD + GRANT)
    done = run("check", "--config", "x.conf", "--strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("x.conf: nothing is wrong with it (1 account, 1 role, 1 grant, "
                           "0 patterns, 0 denies)\n")
    write(folder, HEAD + GRANT + GRANT.replace("[grant g]", "[grant h]"))
    assert "1 role, 2 grants, 0" in run("check", "--config", "x.conf").stdout


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("more, line, text", [
    ("[grant]\n", 1, "error: "),
    ("[grant x]\nusers = alice\nroles = audi\n", 3, "error: .*audi"),
    ("[grant x]\nusers = \nroles = audit\n", 2, "error: "),
    ("[grant x]\nusers = nobody-here\nroles = audit\n", 1,
     r"warning: \[grant x\] names the user nobody-here, which NSS does not know"),
    ("[grant x]\ngroups = no-group\nroles = audit\n", 1,
     r"warning: \[grant x\] names the group no-group, which NSS does not know"),
    ("[deny x]\ngroups = no-group\n", 1,
     r"warning: \[deny x\] names the group no-group, which NSS does not know: whoever should be "
     "denied by it is not"),
    ("[grant x]\ngroups = no-group\nroles = audit\n[deny x]\ngroups = no-group\nroles = audit\n", 4,
     r"warning: \[deny x\] names the group no-group, which NSS does not know: whoever should be "
     "denied by it is not"),
    ("[grant x]\ngroups = Domain Users staff-a\nroles = audit\n", 1,
     r"warning: \[grant x\] names the group Domain, which NSS does not know; if it and what follows "
     "are one name, put that in double quotes$"),
    ("[grant x]\ngroups = staff-a Users\nroles = audit\n", 1,
     r"warning: \[grant x\] names the group Users, which NSS does not know$"),
    ("[grant x]\ngroups = \"Domain Users\" other\nroles = audit\n", 1,
     r"warning: \[grant x\] names the group Domain Users, which NSS does not know$"),
    ("[grant x]\nusers = 'John alice\nroles = audit\n", 1,
     r"warning: \[grant x\] names the user 'John, which NSS does not know; only double quotes"),
    ("[grant x]\nusers = bob\nroles = audit\nuntil = 2027-02-30\n", 4,
     "error: until = 2027-02-30: there is no such day"),
    ("[grant x]\nusers = bob\nroles = audit\nsince = 2027-13-01T00:00Z\n", 4,
     "error: since = 2027-13-01T00:00Z: there is no such day"),
    ("[grant x]\nusers = bob\nroles = audit\nsince = 2027-03-01T25:00Z\n", 4,
     "error: since = 2027-03-01T25:00Z: write a date"),
    ("[deny x]\nusers = gone\n", 1,
     r"warning: \[deny x\] names the user gone, which NSS does not know"),
    ("[grant x]\nusers = helga\nroles = audit\n", 1,
     r"warning: \[grant x\] names the user helga, whose uid 900 is below minimum_uid = 1000"),
    ("[grant x]\nusers = root\nroles = audit\n", 1, "warning: .*whose uid 0 is below minimum_uid"),
    ("[grant x]\nusers = bob twin\nroles = audit\n", 1,
     r"warning: \[grant x\] names the user twin, who has uid 2002 as bob has"),
    ("[grant x]\nusers = bob\nroles = audit\nuntil = 2020-01-01\n", 4,
     r"warning: \[grant x\] has ended"),
    ("[pattern x]\ngroups = aws-{account}-{role}\nname = bastion/{role}\ncase = exact\n", 1,
     r"warning: \[pattern x\] takes any role with case = exact, .* the group "
     "aws-client-a-x-ROLE, though it be for an account client-a-x"),
    ("[role named]\naccount = client-a\nname = N\nsession_name = %{user}%{host}\n"
     "[grant x]\nusers = bob\nroles = named\n", 4,
     r"warning: session_name = %\{user\}%\{host\} can make one name of two people's"),
    ("[role spare]\naccount = client-a\nname = Spare\n", 1,
     r"warning: \[role spare\] may be used by nobody"),
    ("[deny x]\nusers = alice\n", -3, r"warning: \[grant g\] gives nothing"),
    ("[role twice]\naccount = client-a\nname = bastion/Auditor\nexternal_id = 4711\n"
     "[grant x]\nusers = bob\nroles = twice\n", 1,
     r"warning: \[role twice\] is the same AWS role as \[role audit\] and differs in external_id"),
    ("[role twice]\naccount = client-a\nname = bastion/Auditor\nsource_identity = no\n"
     "[grant x]\nusers = bob\nroles = twice\n", 1, "warning: .*differs in source_identity"),
    ("[role twice]\naccount = client-a\nname = bastion/Auditor\ntags = a=b\n"
     "[grant x]\nusers = bob\nroles = twice\n", 1, "warning: .*differs in tags"),
    ("[account b]\nid = 444455556666\nexternal_id = same\n"
     "[account c]\nid = 777788889999\nexternal_id = same\n"
     "[role b]\naccount = b\nname = B\n[role c]\naccount = c\nname = C\n"
     "[grant x]\nusers = bob\nroles = b c\n", 4,
     r"warning: \[account c\] has the external_id of \[account b\]"),
])
def test_each_mistake_is_told_where_it_is(run, folder, more, line, text):
    write(folder, HEAD + GRANT + more)
    done = run("check", "--config", "x.conf", "--strict")
    place = LINES + 3 + line + (1 if line < 0 else 0)
    found = [entry for entry in lines_of(done)
             if re.match(text, f"{entry[1]}: {entry[2]}")]
    assert [entry[0] for entry in found] == [place], done.stdout
    assert done.returncode == (2 if text.startswith("error") else 1)
    assert run("check", "--config", "x.conf").returncode == (2 if text.startswith("error") else 0)


@pytest.mark.usefixtures("people")
def test_all_errors_are_told_in_their_order_and_once(run, folder):
    write(folder, HEAD + "[grant a]\nusers = alice\nroles = no\nroled = audit\n[what]\n")
    write(folder, "[grant b]\nroles = audit\n", "conf.d/10.conf")
    done = run("check", "--config", "x.conf")
    assert done.returncode == 2
    assert [place.rsplit(":", 1)[0] for place in re.findall(r"^(\S+): error:", done.stdout, re.M)]
    places = re.findall(r"^(\S+):(\d+): error:", done.stdout, re.M)
    assert places == sorted(places, key=lambda place: (place[0], int(place[1])))
    assert {("conf.d/10.conf", "1"), ("x.conf", str(LINES + 3)), ("x.conf", str(LINES + 4)),
            ("x.conf", str(LINES + 5))} <= set(places)
    assert len(done.stdout.splitlines()) == len(set(done.stdout.splitlines()))


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("document, line, text", [
    ('{"Statement": [1,\n  2,}', 2, "column 5: not JSON"),
    ('{"a": 1,\n "a": 2}', 2, "column .*duplicate"),
    ('{"a": %{user}}', 1, "column .*not JSON"),
    ("{" + '"a": {' * 2500 + "}" * 2501, 1, "column .*not JSON"),
], ids=["comma", "twice", "bare-template", "deep"])
def test_a_session_policy_that_is_not_json(run, folder, document, line, text):
    write(folder, HEAD + "policy = p/a.json\n" + GRANT)
    write(folder, document, "p/a.json")
    done = run("check", "--config", "x.conf")
    assert done.returncode == 2
    found = lines_of(done, "p/a.json")
    assert [entry[:2] for entry in found] == [(line, "error")]
    assert re.match(text, found[0][2])


@pytest.mark.usefixtures("people")
def test_a_session_policy_with_templates_is_json(run, folder):
    write(folder, HEAD + "policy = a.json\n" + GRANT)
    write(folder, '{"Statement": [{"Resource": "arn:aws:s3:::%{account}/%{user}/*"}]}', "a.json")
    assert run("check", "--config", "x.conf", "--strict").returncode == 0


@pytest.mark.usefixtures("people")
def test_a_session_policy_that_is_too_long(run, folder):
    write(folder, HEAD + "policy = a.json\n" + GRANT)
    write(folder, json.dumps({"a": "b" * 2048}), "a.json")
    done = run("check", "--config", "x.conf", "--strict")
    assert done.returncode == 1
    assert re.search(r"x.conf:11: warning: the session policy has \d+ characters", done.stdout)


@pytest.mark.usefixtures("people")
def test_names_of_certificates_are_asked_of_no_directory(run, folder, ca_keys):
    """A deny of a name that a certificate may have, and a principal with an account."""
    write(folder, HEAD + GRANT + ca(ca_keys[0]) +
          "[grant p]\nprincipals = carol@partner.example eve@partner.example\nroles = audit\n"
          "[deny d]\nusers = mallory@partner.example\n")
    done = run("check", "--config", "x.conf", "--strict")
    assert (done.returncode, done.stdout.splitlines()[1:]) == (0, []), done.stdout


@pytest.mark.usefixtures("people")
def test_people_of_a_ca_without_accounts_share_one(run, folder, ca_keys):
    write(folder, HEAD + GRANT + ca(ca_keys[0]) +
          "[grant p]\nprincipals = dan@partner.example eve@partner.example\nroles = audit\n")
    done = run("check", "--config", "x.conf", "--strict")
    assert done.returncode == 1
    assert lines_of(done) == [(
        LINES + 7, "warning",
        "[grant p] names the principal dan@partner.example, who like 1 more has no Unix account of "
        "that name here: those who share one are told apart, but not protected from each other")]


def test_a_name_that_nss_calls_otherwise_names_nobody(run, folder):
    write(folder, HEAD + "[grant g]\nusers = CORP\\alice\nroles = audit\n")
    with accounts.kept(), accounts.Directory([], [("alice@corp.example", 2009, "CORP\\alice")]):
        done = run("check", "--config", "x.conf", "--strict")
    assert done.returncode == 1
    assert "names the user CORP\\\\alice, which NSS calls alice@corp.example" \
        in done.stdout.replace("CORP\\alice", "CORP\\\\alice")


@pytest.mark.parametrize("command", [
    ("check", "--config", "x.conf", "--strict"), ("explain", "--config", "x.conf", "alice")])
def test_a_directory_that_hangs_ends_in_five_seconds_and_is_told(run, folder, command):
    write(folder, HEAD + "[grant g]\nusers = alice\ngroups = team\nroles = audit\n")
    with accounts.kept(), accounts.Directory([]):
        pathlib.Path(accounts.DIRECTORY, "mode").write_text("hang 4321\n", encoding="ascii")
        begun = time.monotonic()
        done = run(*command, **NOBODY)
        assert 4.5 < time.monotonic() - begun < 8
    assert "NSS did not answer" in done.stdout
    assert done.returncode == 1 if command[0] == "check" else done.returncode in (0, 1)


def test_a_directory_that_is_down_is_told_and_nobody_is_called_unknown(run, folder):
    write(folder, HEAD + "[grant g]\nusers = alice\ngroups = team\nroles = audit\n")
    with accounts.kept(), accounts.Directory([]):
        pathlib.Path(accounts.DIRECTORY, "mode").write_text("unavailable 4321\n", encoding="ascii")
        done = run("check", "--config", "x.conf", **NOBODY)
    assert lines_of(done) == [(
        1, "warning",
        "NSS did not answer for 2 of 2 names, alice the first, so these were not checked: is a "
        "directory down? (5 s are waited at most)")]


# --as


@pytest.mark.usefixtures("people")
def test_a_fragment_is_checked_in_its_place(run, folder):
    write(folder, HEAD + GRANT)
    write(folder, "[grant x]\nusers = bob\nroles = nothing\n", "new.conf")
    words = ["check", "--config", "x.conf", "--as", "conf.d/40-x.conf", "new.conf"]
    done = run(*words)
    assert done.returncode == 2
    assert [entry[:2] for entry in lines_of(done, "conf.d/40-x.conf")] == [(3, "error")]
    write(folder, "[grant x]\nusers = bob\nroles = audit\n", "new.conf")
    assert run(*words, "--strict").returncode == 0
    assert not (folder / "conf.d").exists()


@pytest.mark.usefixtures("people")
def test_a_fragment_stands_in_for_the_one_that_is_there(run, folder):
    write(folder, HEAD + GRANT)
    write(folder, "[grant x]\nusers = bob\nroles = nothing\n", "conf.d/40-x.conf")
    write(folder, "[grant x]\nusers = bob\nroles = audit\n", "new.conf")
    assert run("check", "--config", "x.conf").returncode == 2
    assert run("check", "--config", "x.conf", "--as", "conf.d/40-x.conf",
               "new.conf").returncode == 0


@pytest.mark.usefixtures("people")
def test_a_section_in_two_fragments_names_both_places(run, folder):
    write(folder, HEAD + GRANT)
    write(folder, "\n[grant g]\nusers = bob\nroles = audit\n", "new.conf")
    done = run("check", "--config", "x.conf", "--as", "conf.d/40-x.conf", "new.conf")
    assert done.returncode == 2
    assert lines_of(done, "conf.d/40-x.conf")[0][0] == 2
    assert f"x.conf:{LINES + 1}" in lines_of(done, "conf.d/40-x.conf")[0][2]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name", ["conf.d/40-x.ini", "40-x.conf", "conf.d/a/b.conf", "conf.d/.x.conf"])
def test_a_name_that_the_policy_does_not_read_is_an_error(run, folder, name):
    write(folder, HEAD + GRANT)
    write(folder, "[grant x]\nusers = bob\nroles = nothing\n", "new.conf")
    done = run("check", "--config", "x.conf", "--as", name, "new.conf")
    assert done.returncode == 2
    assert "reads no file of this name" in done.stdout


@pytest.mark.usefixtures("people")
def test_the_main_file_and_a_session_policy_can_be_stood_in_for(run, folder):
    write(folder, HEAD + "policy = p/a.json\n" + GRANT)
    write(folder, "{}", "p/a.json")
    write(folder, "{1}", "new.json")
    assert run("check", "--config", "x.conf").returncode == 0
    done = run("check", "--config", "x.conf", "--as", "p/a.json", "new.json")
    assert (done.returncode, lines_of(done, "p/a.json")[0][:2]) == (2, (1, "error"))
    write(folder, "[nonsense]\n", "new.conf")
    assert run("check", "--config", "x.conf", "--as", "x.conf", "new.conf").returncode == 2


@pytest.mark.parametrize("words, said", [
    (["--as", "conf.d/x.conf"], "--as NAME and FILE go together"),
    (["x.conf"], "--as NAME and FILE go together"),
    (["--as", "/etc/xacct/conf.d/x.conf", "x.conf"], "write a name beside the policy"),
    (["--as", "../x.conf", "x.conf"], "write a name beside the policy"),
])
def test_a_wrong_use_of_as_is_told(run, words, said):
    done = run("check", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(f"xacct: check: .*{said}.*\n", done.stderr)


@pytest.mark.usefixtures("people")
def test_neither_root_nor_service_is_needed(run, folder):
    write(folder, HEAD + GRANT)
    done = run("check", "--config", "x.conf", "--strict", **NOBODY)
    assert done.returncode == 0, done.stdout


# JSON


@pytest.mark.usefixtures("people")
def test_json(run, folder):
    write(folder, HEAD + "[grant x]\nusers = alice \"no\\\\body \u00fc\"\nroles = nothing\n")
    done = run("check", "--config", "x.conf", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, set(answer)) == (2, {"file", "errors", "warnings", "findings"})
    assert (answer["file"], answer["errors"], answer["warnings"]) == ("x.conf", 1, 0)
    assert [set(finding) for finding in answer["findings"]] == [{"severity", "file", "line", "text"}]
    assert answer["findings"][0]["line"] == LINES + 3
    write(folder, HEAD + GRANT)
    done = run("check", "--config", "x.conf", "--json")
    assert json.loads(done.stdout) == {"file": "x.conf", "errors": 0, "warnings": 0, "findings": []}


# What is in the manual


def readme_policies():
    """The policies in the README: whole ones, and fragments to stand beside the first of these."""
    text = pathlib.Path("README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```ini\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert any("[xacct]" in block for block in blocks)
    return blocks


EXAMPLE = pathlib.Path("conf/xacct.conf")
HARMLESS = re.compile(r"names the (user|group) \S+( \S+\S)?, which NSS does not know|has no Unix account"
                      r"|it takes those of all accounts and roles from everybody; deny a group instead")


def assert_passes(done):
    assert done.returncode == 0, done.stdout
    if "nothing is wrong" not in done.stdout:
        assert [line for line in done.stdout.splitlines() if not HARMLESS.search(line)] == []


@pytest.mark.parametrize("number", range(len(readme_policies())))
def test_the_policies_of_the_manual_pass(run, folder, number):
    blocks = readme_policies()
    if "[xacct]" in blocks[number]:
        write(folder, blocks[number])
        assert_passes(run("check", "--config", "x.conf"))
        return
    write(folder, next(block for block in blocks if "[xacct]" in block))
    write(folder, blocks[number], "conf.d/10.conf")
    assert_passes(run("check", "--config", "x.conf"))


@pytest.mark.parametrize("commented", ["", "^;"], ids=["as-it-is", "with-every-line"])
def test_the_policy_that_is_installed_passes(run, folder, commented):
    text = EXAMPLE.read_text(encoding="utf-8")
    write(folder, re.sub(commented, "", text, flags=re.MULTILINE))
    assert_passes(run("check", "--config", "x.conf"))


@BOTH
@pytest.mark.parametrize("text", [
    b"\x00", b"[", b"[grant \x1b[2J]\n", b"[xacct]\nregion = \xff\xfe\n", b"x" * 300 + b"\n", b"",
    HEAD.encode() + b"[grant \"a\x1bb\"]\nusers = \"\x9b\x07\x7f \xe2\x80\xae\"\nroles = audit\n",
    HEAD.encode() + b"[deny x]\nusers = " + b"a" * 150 + b"\n" + b" b\n" * 5000,
    HEAD.encode() + b"policy = /dev/zero\n", HEAD.encode() + b"policy = .\n",
], ids=range(10))
def test_nothing_hostile_gets_through(run, folder, text):
    write(folder, text)
    done = run("check", "--config", "x.conf")
    assert done.returncode in (0, 2), done.stderr
    assert "Sanitizer" not in done.stderr
    assert re.fullmatch(r"[ -~\n]*", done.stdout + done.stderr)
    json.loads(run("check", "--config", "x.conf", "--json").stdout)


# What is no regular file: as the helper sees it, and without opening it


@contextlib.contextmanager
def unopened(path):
    """Tells whether anybody opens the file: inotify(7) sees that of every open but by O_PATH."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert watch >= 0 and libc.inotify_add_watch(watch, os.fsencode(path), 0x20) >= 0  # IN_OPEN
    yield
    with pytest.raises(BlockingIOError):
        os.read(watch, 4096)
    os.close(watch)


def make_device(path):
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(path))
    path.chmod(0o666)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("who", [{}, NOBODY], ids=["root", "nobody"])
@pytest.mark.parametrize("make", [os.mkfifo, make_device, make_socket], ids=["fifo", "device", "socket"])
@pytest.mark.parametrize("name", ["a.json", "conf.d/10.conf", "new.conf", "x.conf"])
def test_what_is_no_file_is_not_opened(run, folder, name, make, who):
    write(folder, HEAD + ("policy = a.json\n" if name == "a.json" else "") + GRANT)
    (folder / name).unlink(missing_ok=True)
    (folder / name).parent.mkdir(exist_ok=True)
    make(folder / name)
    words = ["--as", "conf.d/20.conf", "new.conf"] if name == "new.conf" else []
    with unopened(folder / name):
        done = run("check", "--config", "x.conf", *words, **who)
    assert (done.returncode, done.stderr) == (2, "")
    assert re.search(rf"^\S+: error: .*{name} is not a regular file", done.stdout, re.MULTILINE)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name", ["a.json", "conf.d/10.conf", "base.credentials"])
def test_what_is_no_file_in_the_real_folder_is_not_opened(run, etc, name):
    (etc / name).unlink()
    os.mkfifo(etc / name, 0o640)
    with unopened(etc / name):
        done = run("check")
    assert done.returncode == 2
    assert f"{etc / name} is not a regular file" in done.stdout


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("who", [{}, NOBODY], ids=["root", "nobody"])
@pytest.mark.parametrize("name", ["p/a.json", "p", "conf.d/10.conf", "conf.d", "x.conf"])
def test_a_symbolic_link_is_refused_as_the_helper_refuses_it(run, folder, name, who):
    write(folder, HEAD + "policy = p/a.json\n")
    write(folder, "{}", "p/a.json")
    write(folder, GRANT, "conf.d/10.conf")
    assert run("check", "--config", "x.conf", **who).returncode == 0
    (folder / name).rename(folder / "real")
    (folder / name).symlink_to(folder / "real")
    with unopened(folder / "real"):
        done = run("check", "--config", "x.conf", **who)
    assert done.returncode == 2
    assert re.search(rf"error: .*{folder / name} is a symbolic link", done.stdout), done.stdout


@pytest.mark.usefixtures("people")
def test_the_folder_of_a_policy_elsewhere_may_be_named_by_a_link(run, folder):
    write(folder, HEAD + "policy = p/a.json\n", "repository/x.conf")
    (folder / "repository/p").mkdir()
    write(folder, "{}", "repository/p/a.json")
    write(folder, "[grant x]\nusers = alice\nroles = audit\n", "repository/new.conf")
    (folder / "link").symlink_to("repository")
    done = run("check", "--config", "link/x.conf", "--as", "conf.d/1.conf", "link/new.conf")
    assert done.returncode == 0, done.stdout
    assert "nothing is wrong" in done.stdout


@BOTH
def test_files_that_are_none(run, folder):
    os.mkfifo(folder / "fifo")
    for path in ("fifo", ".", "missing", "missing/x.conf", "x" * 300, "/dev/null"):
        done = run("check", "--config", path)
        assert (done.returncode, done.stderr) == (2, ""), path
    done = run("check", "--config", "missing", "--as", "conf.d/x.conf", "missing")
    assert done.returncode == 2


def test_a_working_folder_that_is_gone(run, folder):
    (folder / "gone").mkdir()
    done = run("check", "--config", "x.conf", cwd=folder / "gone",
               preexec_fn=lambda: os.rmdir(folder / "gone"))
    assert done.returncode == 2
    assert re.fullmatch("xacct: the working folder has no name any more: .*\n", done.stderr)


def test_output_that_nobody_takes_is_an_error(run, folder):
    write(folder, HEAD + GRANT)
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(["/usr/bin/xacct", "check", "--config", folder / "x.conf"],
                              stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "standard output takes nothing" in done.stderr
