"""Who does what the guide says has what it promises: its own policies and lines, on a real sshd and sudo.

SPDX-License-Identifier: BSD-2-Clause
"""

import pathlib
import re
import subprocess

import pytest

from rig import accounts, callers as rig_callers, policy, ssh_ca
from rig.bastion import USERS
from rig.fixtures import BASE_ARN
from rig.processes import wait_until
from rig.sshd import HELPER, MODULE, SERVICE, Login, Sshd, by_keys
from rig.sts_standin import Role

GUIDE = pathlib.Path("docs/guide.md").read_text(encoding="utf-8")
STACK = pathlib.Path("conf/pam.d-sshd.example")
EXTERNAL_ID = "client-a-7Zr42"


def chapter(title):
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, f"the guide has no chapter {title}"
    return found[1]


def blocks(text, kind="ini"):
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


FIRST = "A bastion for consultants, from nothing"


def consultants():
    """The policy of the first chapter, but for the conditions that it leaves for later."""
    return re.sub(r"^(until|hours) .*\n", "", blocks(chapter(FIRST))[0], flags=re.MULTILINE)


@pytest.mark.parametrize("number", range(len(blocks(GUIDE))))
def test_its_policies_are_read(number, tmp_path):
    block = blocks(GUIDE)[number]
    whole = "[xacct]" in block
    (tmp_path / "xacct.conf").write_text(block if whole else blocks(GUIDE)[0], encoding="utf-8")
    if not whole:
        (tmp_path / "conf.d").mkdir()
        (tmp_path / "conf.d/10.conf").write_text(block, encoding="utf-8")
    done = subprocess.run(["/usr/bin/xacct", "check", "--config", tmp_path / "xacct.conf"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


def test_its_contents_are_its_chapters():
    def anchor(title):
        return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")

    linked = re.findall(r"\]\(#([a-z0-9-]+)\)", GUIDE)
    assert set(linked) == {anchor(title) for title in re.findall(r"^## (.*)$", GUIDE, re.MULTILINE)}


@pytest.fixture
def write(bastion, sts):
    """Writes the policy of the first chapter, before the stand-in and with its files where the rig has them, and what
    a test adds."""
    for role in ("Auditor", "Deployer"):
        sts.roles[f"arn:aws:iam::111122223333:role/bastion/{role}"] = Role(BASE_ARN, external_id=EXTERNAL_ID)

    def write_it(more=""):
        own = consultants()
        policy.write(policy.heading(sts.url) + own[own.index("[account client-a]"):] + more)

    return write_it


@pytest.fixture
def made(bastion, write):
    """The bastion as the first chapter leaves it."""
    write()
    lines = STACK.read_text(encoding="ascii").replace("pam_xacct.so", f"{MODULE} helper={HELPER}")
    for kind, path in (("auth", "pam_deny"), ("account", "pam_unix"), ("session", "pam_unix"), ("password", "pam_deny")):
        lines = lines.replace(f"@include common-{kind}", f"{kind} required {path}.so")
    pathlib.Path(SERVICE).write_text(lines, encoding="ascii")
    return bastion


def test_a_consultant_gets_the_role_at_login(made, sts):
    login = made.sshd.ssh("alice", "env")
    assert login.environment.get("XACCT_ROLE") == "client-a-audit", made.syslog.text()
    (call,) = sts.calls
    assert call.parameters["ExternalId"] == EXTERNAL_ID
    assert call.parameters["RoleSessionName"] == "alice"


def test_who_has_no_grant_logs_in_without(made):
    login = made.sshd.ssh("eve", "env")
    assert (login.status, "XACCT_ROLE" in login.environment) == (0, False)


def test_who_left_is_out(made, write):
    write(blocks(chapter("When somebody leaves"))[0].replace("mallory", "alice"))
    assert made.sshd.ssh("alice", "true").status == 255


@pytest.mark.parametrize("control", ["required", "optional"])
def test_when_sts_is_down_the_control_flag_and_delivery_say_who_gets_in(made, sts, control):
    path = pathlib.Path(SERVICE)
    path.write_text(re.sub(r"^session    required     (\S*pam_xacct)", rf"session    {control}     \1",
                           path.read_text(encoding="ascii"), flags=re.MULTILINE), encoding="ascii")
    policy.write(pathlib.Path(policy.FILE).read_text(encoding="utf-8").replace(sts.url, "http://127.0.0.1:9"))
    login = made.sshd.ssh("alice", "env")
    assert "AWS credentials are unavailable at the moment (reference " in login.stdout + login.stderr or \
        login.environment.get("XACCT_ERROR", "").startswith("unavailable:")
    assert (login.status == 0) == (control == "optional")
    assert "AWS_ACCESS_KEY_ID" not in login.environment
    text = pathlib.Path(policy.FILE).read_text(encoding="utf-8")
    policy.write(text.replace("duration    = 1h", "duration = 1h\ndeliver = process"))
    login = made.sshd.ssh("alice", "env")
    assert (login.status, login.environment.get("XACCT_ROLE")) == (0, "client-a-audit")


def test_a_system_user_gets_in_with_no_helper_no_policy_and_no_sts(made):
    pathlib.Path(policy.FILE).write_text("nonsense", encoding="ascii")
    path = pathlib.Path(SERVICE)
    path.write_text(path.read_text(encoding="ascii").replace(HELPER, "/nowhere/helper"), encoding="ascii")
    assert USERS["toor"] < 1000
    assert made.sshd.ssh("toor", "true").status == 0


def test_a_jump_is_a_login_at_the_bastion(made, sts):
    """ssh -J asks for a channel to the next host, and for no shell."""
    options = ["-W", f"127.0.0.1:{made.sshd.port}"]
    with subprocess.Popen(made.sshd.arguments("alice", options=options),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as jump:
        assert jump.stdout.readline().startswith(b"SSH-2.0-")
        jump.communicate()
    made.sshd.settle()
    assert [line["event"] for line in made.audit()][:1] == ["opened"]
    assert len(sts.calls) == 1


def test_all_channels_of_one_connection_are_one_login(made, sts):
    control = ["-o", f"ControlPath={made.sshd.folder}/control"]
    arguments = made.sshd.arguments("alice", "env", options=control)
    master = subprocess.Popen(made.sshd.arguments("alice", "echo up; cat", options=[*control, "-M"]),
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with master:
        assert master.stdout.readline() == b"up\n"
        found = [Login(0, subprocess.run(arguments, capture_output=True, text=True, timeout=60,
                                         check=True).stdout, "", 0).environment for _ in range(2)]
        master.communicate()
    made.sshd.settle()
    assert found[0]["XACCT_SESSION"] == found[1]["XACCT_SESSION"]
    assert found[0]["AWS_ACCESS_KEY_ID"] == found[1]["AWS_ACCESS_KEY_ID"]
    assert len(sts.calls) == 1


def test_a_release_by_sudo_is_the_humans(made, sts, write, login):
    title = "sudo to service accounts"
    write(blocks(chapter(title))[0])
    stack = next(block for block in blocks(chapter(title), "") if "common-auth" in block)
    for kind, path in (("auth", "pam_deny"), ("account", "pam_unix"), ("session-noninteractive", "pam_unix")):
        stack = stack.replace(f"@include common-{kind}", f"{kind.split('-')[0]} required {path}.so")
    with rig_callers.Callers([]):
        pathlib.Path("/etc/pam.d/sudo").write_text(
            stack.replace("pam_xacct.so", f"{MODULE} helper={HELPER}"), encoding="ascii")
        pathlib.Path("/etc/sudoers").write_text("alice ALL=(bob) NOPASSWD: /usr/bin/env\n", encoding="ascii")
        shell = login("alice")
        values = Login(0, shell.run("sudo -u bob /usr/bin/env"), "", 0).environment
        assert values.get("XACCT_ROLE") == "client-a-deploy", made.syslog.text()
        call = sts.calls[-1]
        assert call.parameters["RoleSessionName"] == "alice"
        assert {"Key": "xacct-target", "Value": "bob"} in call.parameters["Tags"]
        shell.leave()
        wait_until(lambda: "ended" in [line["event"] for line in made.audit()], 10, "the end of the login")


def test_a_new_key_takes_over_and_the_former_one_serves_until_it_does(made, sts):
    chapter_policy = blocks(chapter("A new base identity"))[0]
    base = chapter_policy[chapter_policy.index("[base]"):]
    text = pathlib.Path(policy.FILE).read_text(encoding="utf-8")
    policy.write(re.sub(r"\[base\]\n.*?\n(?=\[account)", base + "\n", text, flags=re.DOTALL))
    former = pathlib.Path(policy.BASE).read_text(encoding="ascii")
    policy.place(f"{policy.FOLDER}/former.credentials", former)
    policy.write_base("AKIANOTYETKNOWN00001", "not-yet-known/0123456789")
    login = made.sshd.ssh("alice", "env")
    assert login.environment.get("XACCT_ROLE") == "client-a-audit", made.syslog.text()
    assert any("former" in line.get("notice", "") for line in made.audit())


def test_a_person_with_a_certificate_has_their_own_role_and_name(made, sts, write, tmp_path):
    title = "People with certificates of an SSO"
    settings, principals = blocks(chapter(title), "")[:2]
    authority = ssh_ca.make_key(tmp_path / "partner_ca")
    ssh_ca.make_key(tmp_path / "id_ed25519")
    sign = re.search(r"`(ssh-keygen -s .*?)`", chapter(title), re.DOTALL)[1]
    subprocess.run(sign.split(), check=True, cwd=tmp_path, timeout=60)
    pathlib.Path("/etc/ssh/partner_ca.pub").write_text(ssh_ca.public_of(authority), encoding="ascii")
    pathlib.Path("/etc/ssh/principals").mkdir(exist_ok=True)
    pathlib.Path("/etc/ssh/principals/partner").write_text(principals, encoding="ascii")
    write(re.sub(r"^(key *=).*$", rf"\1 {ssh_ca.public_of(authority)}", blocks(chapter(title))[0], flags=re.MULTILINE))
    trusted, matches = settings.split("Match ", 1)
    own = by_keys(tmp_path / "id_ed25519", certificates=[tmp_path / "id_ed25519-cert.pub"])
    stack = pathlib.Path(SERVICE).read_text(encoding="ascii")
    with (
        accounts.appended("/etc/passwd", "partner:x:2001:2001::/:/bin/bash"),
        accounts.appended("/etc/shadow", "partner:*:19000:0:99999:7:::"),
        Sshd("/mnt/ssh-partner", settings=trusted, matches=f"\nMatch {matches}") as sshd,
    ):
        pathlib.Path(SERVICE).write_text(stack, encoding="ascii")
        login = sshd.ssh("partner", "env", proof=own)
        assert login.environment.get("XACCT_ROLE") == "client-a-audit", made.syslog.text() + sshd.said()
        assert sts.calls[-1].parameters["RoleSessionName"] == "carol@partner.example"
        assert sshd.ssh("partner", "true").status == 255, "a plain key, without a name"


@pytest.mark.parametrize("groups, permitted", [
    ("aws-client-a-auditor", True), ("aws-111122223333-Auditor", True), ("aws-client-b-auditor", False),
    ("aws-client-a-auditor,leavers", False),
])
def test_a_group_of_the_directory_stands_for_a_role(groups, permitted, tmp_path):
    path = tmp_path / "xacct.conf"
    path.write_text(blocks(chapter("A fleet that takes its policy from the directory"))[0], encoding="utf-8")
    done = subprocess.run(["/usr/bin/xacct", "explain", "dora", "--config", path, "--groups", groups, "--from", "10.0.0.7"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == (0 if permitted else 1), done.stdout + done.stderr
