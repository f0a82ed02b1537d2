"""sudo, su, login and cron: whose name stands on the session, and where it has a role at all.

SPDX-License-Identifier: BSD-2-Clause
"""

import subprocess

import pytest

from rig import callers as rig_callers
from rig.bastion import USERS
from rig.sshd import Login

from .conftest import held, run

pytestmark = pytest.mark.usefixtures("callers")

RULES = """
[grant alice]
users    = alice
services = {services}
roles    = audit
"""
# What is typed into a shell to become deploy for one command.
WAYS = {
    "sudo": "sudo -u deploy env",
    "sudo-i": "sudo -i -u deploy env",
    "su": "su deploy -c env",
    "su-l": "su - deploy -c env",
}
WITHIN = {"sudo": ("sudo", "sudo-i"), "su": ("su", "su-l")}
TARGET = "xacct-target"


def tags(call):
    return {tag["Key"]: tag["Value"] for tag in call.parameters.get("Tags", [])}


@pytest.mark.parametrize("granted, service", [
    (granted, service) for granted, services in WITHIN.items() for service in services
])
def test_the_human_is_who_logged_in_by_ssh_and_the_target_is_a_tag(
    bastion, sts, rules, login, granted, service
):
    rules(RULES.format(services=granted))
    shell = login("alice")
    assert not held(shell.environment)
    values = Login(0, shell.run(WAYS[service]), "", 0).environment
    assert values["USER"] == "deploy"
    assert values.get("XACCT_ROLE") == "audit", bastion.syslog.text()
    (call,) = sts.calls
    assert call.parameters["RoleSessionName"] == call.parameters["SourceIdentity"] == "alice"
    assert tags(call)[TARGET] == "deploy"
    assert TARGET in call.parameters["TransitiveTagKeys"]
    opened = [line for line in bastion.audit() if line["event"] == "opened"]
    assert [(line["service"], line["user"], line["human"]) for line in opened] == [
        (service, "deploy", "alice")
    ]


@pytest.mark.parametrize("service", WAYS)
@pytest.mark.parametrize("services", ["sshd", "cron login", None])
def test_without_a_word_on_the_service_nothing_is_given(sts, rules, service, services):
    rules(RULES.format(services=services) if services else
          RULES.replace("services = {services}\n", ""))
    done = run("alice", WAYS[service])
    assert done.environment["USER"] == "deploy", done
    assert not held(done.environment) and not sts.calls


@pytest.mark.parametrize("granted, service", [
    ("sudo", "su"), ("su", "sudo"), ("sudo-i", "sudo"), ("su-l", "su")
])
def test_one_service_is_not_the_other(sts, rules, granted, service):
    rules(RULES.format(services=granted))
    done = run("alice", WAYS[service])
    assert done.environment["USER"] == "deploy", done
    assert not held(done.environment) and not sts.calls


@pytest.mark.parametrize("command", [
    "sudo -u alice env", "su - alice -c env", "sudo -u alice sudo -u deploy env",
    "sudo -u root sudo -u alice env", "sudo -u root su alice -c env",
])
def test_a_session_never_stands_on_the_name_of_another(bastion, sts, rules, command):
    """bob has no grant, and enters accounts of others by what sudo and su let him do."""
    rules(RULES.format(services="sudo su"))
    done = run("bob", command)
    assert "USER" in done.environment, done
    opened = [line for line in bastion.audit() if line["event"] == "opened"]
    assert {line["human"] for line in opened} <= {"bob"}
    assert {call.parameters["RoleSessionName"] for call in sts.calls} <= {"bob"}


@pytest.mark.parametrize("service", WAYS)
@pytest.mark.parametrize("denied", ["alice", "deploy"])
def test_a_deny_of_either_is_not_escaped_by_the_other(sts, rules, service, denied):
    rules(f"""
[grant both]
users    = alice deploy
services = sudo su
roles    = audit

[deny one]
users = {denied}
""")
    assert not held(run("alice", WAYS[service]).environment) - {"XACCT_ERROR"}
    assert not sts.calls


@pytest.fixture
def rivals():
    """A group with alice in it, and not deploy."""
    subprocess.run(["groupadd", "rivals"], check=True)
    subprocess.run(["usermod", "--append", "--groups", "rivals", "alice"], check=True)
    yield
    subprocess.run(["groupdel", "rivals"], check=True)


@pytest.mark.usefixtures("rivals")
@pytest.mark.parametrize("service", ["sudo", "su"])
def test_a_deny_of_a_group_is_about_who_is_behind_it_too(sts, rules, service):
    """The grant stays with the target: that alice is in a group gives deploy nothing."""
    rules(f"""
[grant target]
users    = deploy
services = {service}
roles    = audit
""")
    assert held(run("alice", WAYS[service]).environment) - {"XACCT_ERROR"}
    calls = len(sts.calls)
    rules(f"""
[grant target]
users    = deploy
services = {service}
roles    = audit

[grant group]
groups   = rivals
services = {service}
roles    = dev

[deny rivals]
groups = rivals
roles  = audit
""")
    assert not held(run("alice", WAYS[service]).environment) - {"XACCT_ERROR"}
    assert len(sts.calls) == calls


@pytest.mark.usefixtures("rivals")
@pytest.mark.parametrize("uid", [None, USERS["bob"]], ids=["no login uid", "bob's"])
def test_a_deny_of_a_group_is_about_whom_su_names_as_its_caller_too(sts, rules, uid):
    """What started without a login uid may have none, or set anybody's."""
    grant = "[grant target]\nusers = eve bob\nservices = su\nroles = audit\n"
    rules(grant)
    assert held(rig_callers.with_loginuid(uid, "su eve -c env", "alice").environment)
    calls = len(sts.calls)
    rules(grant + "\n[deny rivals]\ngroups = rivals\n")
    done = rig_callers.with_loginuid(uid, "su eve -c env", "alice")
    assert not held(done.environment) - {"XACCT_ERROR"} and len(sts.calls) == calls


def test_a_role_may_have_a_tag_of_its_own_for_it(bastion, sts, rules):
    rules(RULES.format(services="sudo") + f"""
[role tagged]
account = client-a
name    = bastion/Auditor
tags    = {TARGET}=mine

[grant tagged]
users    = alice
services = sudo
roles    = tagged
default  = tagged
""")
    done = run("alice", WAYS["sudo"])
    assert done.environment.get("XACCT_ROLE") == "tagged", (done, bastion.syslog.text())
    assert tags(sts.calls[-1])[TARGET] == "mine"


DEPLOY = """
[grant deploy]
users    = deploy
services = {services}
roles    = audit
"""


def test_cron_runs_a_job_with_its_users_role(bastion, sts, rules, callers):
    rules(DEPLOY.format(services="cron"))
    values = callers.cron("deploy")
    assert values.get("XACCT_ROLE") == "audit", bastion.syslog.text()
    assert sts.calls[-1].parameters["RoleSessionName"] == "deploy"


def test_cron_runs_a_job_without_any_where_no_grant_is_for_it(bastion, sts, rules, callers):
    rules(DEPLOY.format(services="sshd"))
    values = callers.cron("deploy")
    assert values["LOGNAME"] == "deploy" and not held(values)
    assert not sts.calls


def test_a_terminal_of_the_host_has_the_role_of_who_logs_in_there(bastion, sts, rules, callers):
    rules(RULES.format(services="login"))
    login = callers.login("alice", "env")
    held_there = {name: value.strip() for name, value in login.environment.items()}
    assert held_there.get("XACCT_ROLE") == "audit", (login, bastion.syslog.text())
    assert sts.calls[-1].parameters["RoleSessionName"] == "alice"


@pytest.mark.parametrize("uid", [None, 0, 901], ids=["nobody", "root", "a system user"])
def test_where_the_kernel_names_no_human_the_account_is_all_that_is_known(
    bastion, sts, rules, uid
):
    """A boot script, cron's root: the next source of identity."""
    rules(DEPLOY.format(services="su"))
    done = rig_callers.with_loginuid(uid, WAYS["su"])
    assert done.environment.get("XACCT_ROLE") == "audit", (done, bastion.syslog.text())
    assert sts.calls[-1].parameters["RoleSessionName"] == "deploy"


def test_a_login_uid_that_nobody_has_is_not_the_account(bastion, sts, rules):
    """Somebody logged in whose account is gone: it is known that it is a human, and not which."""
    rules(DEPLOY.format(services="su"))
    done = rig_callers.with_loginuid(4711, WAYS["su"])
    assert "XACCT_ROLE" not in done.environment
    assert not sts.calls


def test_identity_without_loginuid_leaves_it_at_the_account(bastion, sts, rules):
    rules(DEPLOY.format(services="sudo"), "identity = user")
    done = run("alice", WAYS["sudo"])
    assert done.environment.get("XACCT_ROLE") == "audit", (done, bastion.syslog.text())
    assert sts.calls[-1].parameters["RoleSessionName"] == "deploy"
