"""What the descriptions of the packages say beside what `make install` lays.

SPDX-License-Identifier: BSD-2-Clause
"""

import fnmatch
import pathlib
import re
import subprocess

import pytest

SPEC = pathlib.Path("packaging/xacct.spec")
# As Fedora has them, which Debian's rpm does not know.
MACROS = {
    "_unitdir": "/usr/lib/systemd/system", "_docdir": "/usr/share/doc", "_libdir": "/usr/lib64",
    "_libexecdir": "/usr/libexec", "_datadir": "/usr/share", "_mandir": "/usr/share/man", "_sysconfdir": "/etc",
    "_prefix": "/usr", "_bindir": "/usr/bin",
}


@pytest.fixture(scope="module")
def spec():
    """The specification as rpm reads it."""
    defines = [word for name, value in MACROS.items() for word in ("--define", f"{name} {value}")]
    done = subprocess.run(["rpmspec", *defines, "-P", SPEC], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def sections(spec):
    """The lists of files, of each package."""
    found = re.findall(r"^%files *(?:-n (\S+))?\n(.*?)(?=^%\w+(?: -n \S+)?$|\Z)", spec, re.MULTILINE | re.DOTALL)
    return {name or "xacct": [line.split()[-1] for line in text.splitlines() if line and not line.startswith("%license")]
            for name, text in found}


def test_the_specification_has_what_make_installs_and_nothing_else(spec, tmp_path):
    subprocess.run(["make", "-s", f"DESTDIR={tmp_path}", "prefix=/usr", "libdir=/usr/lib64", "install"],
                   timeout=120, check=True, stdout=subprocess.DEVNULL)
    laid = {f"/{path.relative_to(tmp_path)}" for path in tmp_path.rglob("*") if not path.is_dir()}
    lists = sections(spec)
    assert set(lists) == {"xacct", "pam_xacct", "nss_xacct"}
    packaged = [file for files in lists.values() for file in files]

    def fits(path, pattern):
        return path.startswith(pattern) if pattern.endswith("/") else fnmatch.fnmatchcase(path, pattern)

    assert {path: [pattern for pattern in packaged if fits(path, pattern)] for path in laid
            if sum(fits(path, pattern) for pattern in packaged) != 1} == {}
    assert [pattern for pattern in packaged if not any(fits(path, pattern) for path in laid)] == ["/etc/xacct"]


def test_all_call_it_by_one_version(spec):
    version = re.search(r"^VERSION *= (\S+)$", pathlib.Path("Makefile").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert re.search(r"^Version: *(\S+)$", spec, re.MULTILINE)[1] == version
    assert pathlib.Path("debian/changelog").read_text(encoding="utf-8").startswith(f"pam-xacct ({version}) ")


REFUSALS = re.compile(r"nobody would get in without it, not even root|[Tt]ake them out, try a login in a second window")


def test_rpm_refuses_to_remove_a_module_that_a_stack_names(spec, tmp_path):
    """Its script as rpm runs it, with 0 for the last of this name, before a folder of ours."""
    script = re.search(r"^%preun -n pam_xacct\n(.*?)^%files", spec, re.MULTILINE | re.DOTALL)[1]
    lines = tmp_path / "lines"
    lines.write_text("#!/bin/sh\ncat /etc/pam.d/of-tests 2>/dev/null || :\n", encoding="ascii")
    lines.chmod(0o755)
    script = script.replace("/usr/share/pam_xacct/xacct-pam-lines", str(lines))
    stack = pathlib.Path("/etc/pam.d/of-tests")

    def removed(count):
        return subprocess.run(["sh", "-c", script, "preun", str(count)], capture_output=True, text=True, timeout=60,
                              check=False)

    assert removed(0).returncode == 0
    stack.write_text("session required pam_xacct.so\n", encoding="ascii")
    try:
        done = removed(0)
        assert done.returncode == 1 and stack.read_text(encoding="ascii") in done.stderr
        assert len(REFUSALS.findall(done.stderr)) == 2
        assert removed(1).returncode == 0, "an upgrade"
    finally:
        stack.unlink()


def test_what_is_built_with_is_said_alike(spec):
    """By the Makefile, which asks pkg-config, and by both descriptions."""
    made_by = pathlib.Path("Makefile").read_text(encoding="utf-8")
    wanted = {name for packages in re.findall(r"^(?:HELPER|ADMIN)_PKGS +=(.*)$", made_by, re.MULTILINE) for name in packages.split()}
    assert set(re.findall(r"^BuildRequires: *pkgconfig\((.*)\)$", spec, re.MULTILINE)) == wanted
    control = pathlib.Path("debian/control").read_text(encoding="utf-8")
    fields = re.search(r"^Build-Depends:\n(.*?)^\S", control, re.MULTILINE | re.DOTALL)[1]
    taken = {line.strip(" ,").split()[0] for line in fields.splitlines() if "-dev" in line}
    deps = subprocess.run(["make", "-s", "-f", "-", "said"], input="include Makefile\nsaid:\n\t@echo $(DEPS_BUILD)\n",
                          capture_output=True, text=True, timeout=60, check=True).stdout.split()
    assert taken == {name for name in deps if name.endswith("-dev")} - {"libc6-dev"}
