"""xacct exec: the command's environment and exit status.

SPDX-License-Identifier: BSD-2-Clause
"""

import subprocess

import pytest

from conftest import BY_KEYS, BY_PROCESS, FAMILY, KEPT, SESSION, environment


@pytest.mark.parametrize("reply", [BY_KEYS, BY_PROCESS], ids=["keys", "process"])
def test_the_command_has_the_roles_variables_and_no_other_roles(command, service, reply):
    service.answers["assume"] = [reply]
    old = {name: f"old {name}" for name in FAMILY}
    done = command("exec", "r", "--", "env", "-0", env={**old, **KEPT, "MINE": "1"})
    found = dict(pair.split("=", 1) for pair in done.stdout.split("\0") if pair)
    assert found == command.environment({**KEPT, "MINE": "1", **environment(reply)})


@pytest.mark.parametrize("line, status", [
    ("exit 0", 0), ("exit 1", 1), ("exit 2", 2), ("exit 77", 77), ("kill -TERM $$", -15)])
def test_the_exit_status_is_the_commands(command, service, line, status):
    assert command("exec", "r", "--", "sh", "-c", line).returncode == status


@pytest.mark.parametrize("words, status, said", [
    (["exec", "r", "--", "no-such-command"], 127, "no-such-command cannot be run: No such file"),
    (["exec", "r", "--", "/etc/passwd"], 126, "/etc/passwd cannot be run: Permission denied"),
    (["exec", "r", "--", "/"], 126, "Permission denied"),
    (["exec", "r"], 125, "it needs ROLE -- COMMAND"),
    (["exec", "r", "true"], 125, "it needs ROLE -- COMMAND"),
    (["exec", "r", "--"], 125, "it needs ROLE -- COMMAND"),
    (["exec", "--", "true"], 125, "it needs ROLE -- COMMAND"),
    (["exec", "a", "b", "--", "true"], 125, "nothing to do with b"),
    (["exec", "", "--", "true"], 125, "an empty word"),
    (["exec", "--min-life", "soon", "r", "--", "true"], 125, "--min-life soon is no length of time"),
    (["exec", "--min-life", "0m", "r", "--", "true"], 125, "is no length of time"),
    (["exec", "--min-life", "30", "r", "--", "true"], 125, "as in 30m"),
])
def test_failures_that_are_not_the_commands(command, service, words, status, said):
    assert said in command.fails(*words, status=status)


def test_what_follows_the_dashes_is_the_commands_alone(command, service):
    done = command("exec", "r", "--", "printf", "%s|", "--help", "--", "a b", "", "$(x)")
    assert done.stdout == "--help|--|a b||$(x)|"


def test_standard_input_and_output_are_the_commands(command, service):
    done = command("exec", "r", "--", "cat", stdin=None, input="through\n")
    assert (done.stdout, done.stderr) == ("through\n", "")


def test_no_descriptor_is_left_over(command, service):
    done = command("exec", "r", "--", "ls", "/proc/self/fd")
    assert done.stdout.split() == ["0", "1", "2", "3"]  # the last is the folder that ls reads


def test_the_command_may_dump_core_and_be_traced_as_any(command, service):
    done = command("exec", "r", "--", "stat", "-c", "%u", "/proc/self/environ")
    assert done.stdout == "0\n"


def test_it_works_where_ssh_runs_it_without_a_shells_setup(command, service):
    done = subprocess.run(["sh", "-c", " ".join(command.argv("exec", "r", "--", "printenv",
                                                              "AWS_ACCESS_KEY_ID"))],
                          env={"PATH": "/usr/bin:/bin", "XACCT_SESSION": SESSION},
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "ASIAEXAMPLE\n"
    assert service.requests[0]["session"] == SESSION
