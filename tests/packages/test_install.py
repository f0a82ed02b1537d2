"""What the packages lay, make and enable, what they leave alone, and how they are removed.

SPDX-License-Identifier: BSD-2-Clause
"""

import re
import subprocess

import pytest

from rig.processes import run

from . import roots
from .conftest import POLICY, add_lines, configure

pytestmark = pytest.mark.long

# Owner, group and mode, as tmpfiles.d has them and the helper wants them.
LAID = """\
/etc/xacct root xacct 750
/etc/xacct/firewall-agents.nft root root 644
/etc/xacct/xacct.conf root xacct 640
/run/xacct xacct xacct 755
/run/xacct/sessions xacct xacct 700
/var/lib/xacct xacct xacct 700
/var/log/xacct xacct xacct 750
"""


def laid(root, *paths):
    return root.run("stat", "-c", "%n %U %G %a", *paths)


def alternatives(path):
    """The first alternatives of what a package depends on."""
    field = subprocess.run(["dpkg-deb", "-f", path, "Depends"], capture_output=True, text=True, check=True,
                           timeout=60).stdout
    return {re.match(r"[a-z0-9.+-]+", one.strip())[0] for one in field.split(",")}


def test_the_debian_that_they_are_tried_in_has_what_they_depend_on_and_no_more(packages):
    said = subprocess.run(["tests/packages/make-base", "--depends"], capture_output=True, text=True, check=True,
                          timeout=60).stdout
    assert set(said.strip().split(",")) == set().union(*map(alternatives, packages.values())) - {"xacct"}


def test_the_user_and_folders_are_made_and_nobody_else_may_read_the_policy(root):
    entry = root.run("getent", "passwd", "xacct").strip().split(":")
    assert int(entry[2]) < 1000 and entry[6] == "/usr/sbin/nologin"
    assert root.run("getent", "group", "xacct").strip().endswith(":")
    assert laid(root, *re.findall(r"^\S+", LAID, re.MULTILINE)) == LAID


def test_the_first_policy_grants_nothing_and_lacks_the_hosts_keys_alone(root):
    assert re.fullmatch(r"/etc/xacct/xacct.conf:\d+: error: cannot open /etc/xacct/base.credentials: No such file or "
                        r"directory\n", root.run("xacct", "check", status=2))
    text = root.path("/etc/xacct/xacct.conf").read_text(encoding="utf-8")
    assert not re.search(r"^\[(grant|pattern)", text, re.MULTILINE)
    assert text == root.path("/usr/share/doc/xacct/xacct.conf").read_text(encoding="utf-8")


def test_a_login_by_the_first_policy_goes_on_without_a_role(root, syslog):
    root.path("/etc/xacct/base.credentials").unlink(missing_ok=True)
    with roots.Server(root) as server, roots.Helper(root) as helper:
        server.admit("alice")
        add_lines(root)
        login = server.ssh("alice", "env")
        assert (login.status, "XACCT_ROLE" in login.environment) == (0, False), syslog.text()
        assert helper.process.child.poll() is None


def test_the_socket_is_enabled_and_the_rest_left_to_the_admin(root):
    enabled = root.shell("cd /etc/systemd/system && find . -name 'xacct*'")
    assert enabled == "./sockets.target.wants/xacct.socket\n"
    # Of what they need beside ours this Debian lacks the firewall's program.
    said = root.shell("systemd-analyze verify /lib/systemd/system/xacct* || :")
    assert [line for line in said.splitlines() if "xacct" in line and "Command /usr/sbin/nft" not in line] == []


def test_no_stack_and_no_source_of_names_is_changed(root, bare):
    files = ["/etc/nsswitch.conf", *(f"/etc/pam.d/{path.name}" for path in root.path("/etc/pam.d").iterdir())]
    for file in files:
        assert root.path(file).read_bytes() == bare.path(file).read_bytes()


def test_nothing_of_it_has_rights_of_its_own_or_is_anybodys_to_write(root):
    for package in roots.NAMES:
        assert root.shell(f"dpkg -L {package} | while read f; do find \"$f\" -maxdepth 0 ! -type l -perm /7022; done") == ""


def test_the_module_is_where_libpam_and_the_service_where_libc_looks(root):
    root.shell("sed -i 's/^group:.*/& xacct/' /etc/nsswitch.conf")
    assert root.run("xacct", "doctor", "--only", "pam", status=1).find("cannot load") < 0
    with roots.Helper(root):
        assert root.run("getent", "group", "root").startswith("root:")
    root.shell("ldconfig -p | grep -q libnss_xacct.so.2")
    root.shell("test -e /lib/*/security/pam_xacct.so")


def test_the_documents_that_units_and_manuals_name_are_there(root):
    texts = root.shell("cat /lib/systemd/system/xacct*; zcat /usr/share/man/man?/*xacct*")
    named = set(re.findall(r"/usr/share/[\w./-]*xacct[\w./-]*\w", texts))
    assert len(named) > 3
    for name in named:
        assert root.path(name).exists(), name


def test_an_audit_file_that_is_rotated_is_written_on_by_a_service_that_runs(in_use):
    root = in_use.root
    with roots.Helper(root):
        assert in_use.ssh("alice", "env").environment.get("XACCT_ROLE") == "client-a-audit", in_use.syslog.text()
        root.run("logrotate", "-f", "/etc/logrotate.d/xacct")
        assert root.audit() == []
        in_use.ssh("alice", "true")
        assert "opened" in [line["event"] for line in root.audit()]
    assert laid(root, "/var/log/xacct/audit.jsonl") == "/var/log/xacct/audit.jsonl xacct xacct 600\n"


# Removing


def test_removing_keeps_the_policy_and_purging_what_the_admin_made_and_the_evidence(root, sts):
    configure(root, sts)
    root.path("/var/log/xacct/audit.jsonl").write_text("{}\n", encoding="ascii")
    for name in ("policy-0a1b.json", "policy.json", "policy-broken.json", "certified-1000.json"):
        root.path(f"/var/lib/xacct/{name}").write_text("{}\n", encoding="ascii")
    root.path("/run/xacct-metrics").mkdir()
    root.run("apt-get", "-y", "remove", "xacct", "libpam-xacct", "libnss-xacct")
    assert root.path("/etc/xacct/xacct.conf").read_text(encoding="ascii") == POLICY.format(sts=sts.url)
    assert not root.path("/usr/libexec/xacct-helper").exists()
    said = root.run("dpkg", "--purge", *roots.NAMES)
    assert root.shell("ls -d /etc/xacct/* /var/lib/xacct/* /run/xacct* /var/log/xacct/* /etc/logrotate.d/xacct 2>/dev/null || :") == \
        "/etc/xacct/base.credentials\n/var/lib/xacct/policy-0a1b.json\n/var/log/xacct/audit.jsonl\n"
    for folder in ("/etc/xacct", "/var/lib/xacct", "/var/log/xacct"):
        assert f"xacct: what you have in {folder} stays there" in said
    # Whose these files are is nobody else's number.
    assert root.run("getent", "passwd", "xacct")
    assert root.shell("find /etc/systemd /var/lib/systemd/deb-systemd-helper* -name '*xacct*'") == ""


def test_folders_that_are_file_systems_of_their_own_do_not_stop_a_purge(root):
    for folder in ("/var/log/xacct", "/var/lib/xacct"):
        run("mount", "-t", "tmpfs", "tmpfs", root.path(folder))
    root.run("dpkg", "--purge", *roots.NAMES)


def test_purging_what_was_never_used_leaves_nothing(root):
    said = root.run("dpkg", "--purge", *roots.NAMES)
    assert root.shell("ls -d /etc/xacct /var/lib/xacct /run/xacct /var/log/xacct 2>/dev/null || :") == ""
    assert "stays there" not in said


def test_a_stack_that_names_it_by_its_profile_is_cleaned_and_logins_go_on(bastion):
    root = bastion.root
    root.run("pam-auth-update", "--enable", "xacct")
    assert bastion.ssh("alice", "env").environment.get("XACCT_ROLE") == "client-a-audit", bastion.syslog.text()
    root.run("dpkg", "--remove", "libpam-xacct")
    assert "xacct" not in root.shell("cat /etc/pam.d/*")
    login = bastion.ssh("alice", "env")
    assert (login.status, "XACCT_ROLE" in login.environment) == (0, False)


BY_HAND = {
    "in the stack": ("/etc/pam.d/sshd", "session required pam_xacct.so"),
    "by its path": ("/etc/pam.d/su", "account  [success=ok default=bad]  /usr/lib/x86_64-linux-gnu/security/pam_xacct.so quiet"),
    "where it may be missing": ("/etc/pam.d/sudo", "-session optional pam_xacct.so"),
    "in a common file, beside the profile's": ("/etc/pam.d/common-session", "session optional pam_xacct.so # ours"),
    "included from elsewhere": ("/etc/security/ours", "session required pam_xacct.so"),
    "included though it looks like a backup": ("/etc/pam.d/ours.dpkg-old", "session required pam_xacct.so"),
}


@pytest.mark.parametrize("file, line", BY_HAND.values(), ids=BY_HAND)
def test_while_a_line_by_hand_names_it_removal_is_refused_with_the_place(root, file, line):
    if "common" in file:
        root.run("pam-auth-update", "--enable", "xacct")
    root.shell(f"touch {file}")
    number = len(root.path(file).read_text(encoding="ascii").splitlines()) + 1
    root.shell(f"echo '{line}' >>{file}")
    if "ours" in file:
        root.shell(f"echo '@include {file.removeprefix('/etc/pam.d/')}' >>/etc/pam.d/sshd")
    before = root.shell("cat /etc/pam.d/common-*")
    said = root.run("dpkg", "--remove", "libpam-xacct", status=1)
    assert f"{file}:{number}: {line}" in said and "Take them out" in said
    assert root.state("libpam-xacct") == "installed"
    root.shell("test -e /lib/*/security/pam_xacct.so")
    assert root.shell("cat /etc/pam.d/common-*") == before, "and nothing has changed"


def test_what_takes_module_and_helper_away_together_fails_as_a_whole(root):
    add_lines(root)
    said = root.run("apt-get", "-y", "remove", "xacct", status=100)
    assert re.search(r"/etc/pam.d/sshd:\d+: account  required  pam_xacct.so", said)
    assert [root.state(name) for name in ("xacct", "libpam-xacct")] == ["installed", "installed"]
    root.shell("test -x /usr/libexec/xacct-helper && test -e /lib/*/security/pam_xacct.so")


def test_a_profile_that_was_changed_by_hand_is_a_line_by_hand(root):
    root.run("pam-auth-update", "--enable", "xacct")
    root.shell(r"sed -i '/pam_xacct/s/required/optional/' /etc/pam.d/common-session")
    before = root.shell("cat /etc/pam.d/common-*")
    said = root.run("dpkg", "--remove", "libpam-xacct", status=1)
    assert re.search(r"/etc/pam.d/common-session:\d+: session\s+optional\s+pam_xacct.so", said)
    assert root.shell("cat /etc/pam.d/common-*") == before


def test_comments_and_backups_keep_nobody_from_removing(root):
    root.shell("echo '# session required pam_xacct.so' >>/etc/pam.d/sshd\n"
               "echo 'session required pam_xacct.so' | tee /etc/pam.d/sshd.dpkg-old /etc/pam.d/sshd~ >/etc/pam.d/sshd.ucf-dist")
    root.run("dpkg", "--remove", "libpam-xacct")


def test_the_helper_is_not_removed_from_under_the_module(root):
    said = root.run("dpkg", "--remove", "xacct", status=1)
    assert "libpam-xacct depends on xacct" in said
    assert root.state("xacct") == "installed"


def test_who_removes_the_nss_service_is_told_of_the_line_that_names_it(root):
    root.shell("sed -i 's/^group:.*/& xacct/' /etc/nsswitch.conf")
    number = root.shell("grep -n ^group: /etc/nsswitch.conf").split(":")[0]
    said = root.run("dpkg", "--remove", "libnss-xacct")
    assert f"libnss-xacct: /etc/nsswitch.conf:{number} still names xacct" in said
    assert root.run("getent", "group", "root").startswith("root:")
    assert "still names" not in root.run("dpkg", "--purge", "libnss-xacct")
