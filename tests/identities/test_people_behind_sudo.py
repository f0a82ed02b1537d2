"""Who is behind sudo and su where several people share a Unix account, each with a certificate of
their own: the person, whatever user they become, and no way round what denies them.

SPDX-License-Identifier: BSD-2-Clause
"""

import os
import time

import pytest

from rig import callers as rig_callers, policy
from rig.bastion import DEV_ARN, ROLE_ARN, USERS
from rig.processes import wait_until
from rig.service import Service
from rig.sshd import SERVICE, Login

from .conftest import DEPLOY

pytestmark = pytest.mark.usefixtures("callers")

CAROL, BRUNO = "carol@a.example", "bruno@b.example"
# What is typed into a shell to become eve for one command.
WAYS = {
    "sudo": "sudo -u eve env",
    "sudo-i": "sudo -i -u eve env",
    "su": "su eve -c env",
    "su-l": "su - eve -c env",
}
# The same by way of root: su names that one as its caller.
BY_ROOT = "sudo -u root su eve -c env"
PEOPLE = f"""
[grant carol]
principals = {CAROL}
services   = {{services}}
roles      = audit

[grant bruno]
principals = {BRUNO}
services   = {{services}}
roles      = dev
"""
EVERYWHERE = PEOPLE.format(services="sshd su sudo")
ELSEWHERE = PEOPLE.format(services="su sudo")
# What the shared account has of itself, or who becomes eve.
ACCOUNT = """
[grant account]
users    = deploy eve
services = sshd su sudo cron
roles    = dev
"""


@pytest.fixture
def people(authorities, rules):
    """Writes the policy of the people, and what a test adds; returns the authorities."""

    def write(text=EVERYWHERE, more="", extra=""):
        rules(authorities.rules() + text + more, extra)
        return authorities

    return write


@pytest.fixture
def carol(authorities, login):
    return lambda **options: login(
        "deploy", authorities.partner_a.issue("laptop-17", [CAROL], **options).proof
    )


@pytest.fixture
def bruno(authorities, login):
    return lambda: login("deploy", authorities.partner_b.issue(BRUNO, ["deploy", "team-b"]).proof)


def become(shell, way="sudo"):
    """The environment of the other user, in a shell that somebody has logged in to."""
    return Login(0, shell.run(f"{WAYS[way]} 2>&1"), "", 0).environment


def job(command, user="deploy", uid=DEPLOY):
    """A process of a login that no record tells of, as cron and the like begin."""
    return rig_callers.with_loginuid(uid, command, user)


def given(environment):
    """What a session holds of a role."""
    return {name for name in environment if name.startswith(("AWS_", "XACCT_"))} - {"XACCT_ERROR"}


def lines_of(bastion, service, event="opened"):
    return [
        line for line in bastion.audit() if (line["event"], line["service"]) == (event, service)
    ]


@pytest.mark.parametrize("text", [EVERYWHERE, ELSEWHERE], ids=["with roles", "without"])
@pytest.mark.parametrize("way", WAYS)
def test_two_people_in_one_account_remain_two_people(bastion, sts, people, carol, bruno, text, way):
    """Also where their own sessions, not being granted anything, hold no role."""
    people(text)
    shells = carol(), bruno()
    before = len(sts.calls)
    held = [become(shell, way) for shell in shells]
    assert [values["USER"] for values in held] == ["eve", "eve"]
    assert [values.get("XACCT_ROLE_ARN") for values in held] == [ROLE_ARN, DEV_ARN], (
        bastion.syslog.text()
    )
    assert [
        (call.parameters["RoleArn"], call.parameters["RoleSessionName"])
        for call in sts.calls[before:]
    ] == [(ROLE_ARN, CAROL), (DEV_ARN, BRUNO)]
    one, two = lines_of(bastion, way)
    assert (one["user"], one["human"], one["identity"]) == ("eve", CAROL, "certificate")
    assert (one["ca"], one["key_id"], one["principals"]) == ("partner-a", "laptop-17", [CAROL])
    assert (two["human"], two["principals"]) == (BRUNO, ["deploy", "team-b"])
    assert {line["address"] for line in (one, two)} == {"127.0.0.1"}
    assert {line["ruser"] for line in (one, two)} == {"deploy"}


@pytest.mark.parametrize("denied", [
    f"principals = {BRUNO}", f"users = {BRUNO}", "principals = team-b"
])
@pytest.mark.parametrize("way", WAYS)
def test_a_deny_that_came_after_the_login_is_not_escaped_by_becoming_another(
    sts, people, carol, bruno, way, denied
):
    people(more=ACCOUNT)
    innocent, shell = carol(), bruno()
    assert given(become(shell, way))
    calls = len(sts.calls)
    people(more=ACCOUNT + f"\n[deny one]\n{denied}\n")
    assert not given(become(shell, way))
    assert len(sts.calls) == calls
    assert given(become(innocent, way)), "the other one may, as before"


@pytest.mark.parametrize("denied", ["users = deploy", "users = eve"])
def test_the_accounts_are_names_of_it_as_well(sts, people, carol, denied):
    people()
    shell = carol()
    assert given(Login(0, shell.run(BY_ROOT), "", 0).environment)
    calls = len(sts.calls)
    people(more=f"\n[deny one]\n{denied}\n")
    assert not given(become(shell))
    assert not given(Login(0, shell.run(BY_ROOT), "", 0).environment)
    assert len(sts.calls) == calls


def test_an_authority_that_is_taken_out_takes_its_people_out(bastion, sts, people, carol, rules):
    people()
    shell = carol()
    calls = len(sts.calls)
    rules(ACCOUNT)
    assert not given(become(shell)) and len(sts.calls) == calls
    assert "partner-a" in lines_of(bastion, "sudo", "refused")[-1]["reason"]


def test_a_certificate_that_is_over_gives_nothing_more(people, carol, bastion):
    """Within its last fifteen minutes nothing is issued any more, as in the session itself."""
    people()
    people(ELSEWHERE)
    shell = carol(validity="-1m:+10m")
    assert not given(become(shell))
    assert "900" in lines_of(bastion, "sudo", "refused")[-1]["reason"]


@pytest.mark.parametrize("identity", ["loginuid certificate user", "certificate user"])
def test_the_person_is_who_is_behind_it_in_any_order_of_the_sources(
    bastion, people, carol, identity
):
    people(extra=f"identity = {identity}")
    assert become(carol()).get("XACCT_ROLE") == "audit", bastion.syslog.text()
    assert lines_of(bastion, "sudo")[-1]["human"] == CAROL


def test_where_the_unix_user_is_asked_first_it_is_the_target(bastion, people, carol):
    people(more=ACCOUNT, extra="identity = user certificate")
    become(carol())
    assert lines_of(bastion, "sudo")[-1]["human"] == "eve"


def test_who_was_refused_and_let_in_all_the_same_is_known(bastion, sts, people, bruno):
    """The session line is optional, so the stack goes on after our refusal."""
    deny = f"\n[deny one]\nprincipals = {BRUNO}\n"
    people(more=ACCOUNT + deny)
    bastion.sshd.set_stack(session="optional")
    shell = bruno()
    assert not given(shell.environment) and not given(become(shell))
    people(more=ACCOUNT + deny.replace(BRUNO, "somebody-else"))
    assert become(shell).get("XACCT_ROLE") == "dev", bastion.syslog.text()
    assert lines_of(bastion, "sudo")[-1]["human"] == BRUNO


def test_a_refused_certificate_is_not_forgotten_by_becoming_another(
    bastion, sts, people, authorities, login
):
    people(more=ACCOUNT)
    bastion.sshd.set_stack(session="optional")
    shell = login("deploy", authorities.partner_b.issue(CAROL, ["deploy"]).proof)
    assert not given(shell.environment) and not given(become(shell))
    assert lines_of(bastion, "sudo", "refused")[-1]["status"] == "unavailable"
    assert not sts.calls


def test_what_outlives_the_session_is_still_the_persons(bastion, people, carol, service):
    people()
    shell, out = carol(), "/tmp/outlived"
    shell.run(
        f"(setsid sh -c 'until [ -e {out}.go ]; do sleep 0.05; done; sudo -u eve env >{out}.new; "
        f"mv {out}.new {out}' </dev/null >/dev/null 2>&1 &)"
    )
    shell.cut()
    wait_until(lambda: not bastion.records(), 10, "the end of the session")
    with open(f"{out}.go", "w", encoding="ascii"):
        wait_until(lambda: os.path.exists(out), 10, "sudo")
    with open(out, encoding="utf-8") as text:
        assert Login(0, text.read(), "", 0).environment.get("XACCT_ROLE") == "audit"
    assert lines_of(bastion, "sudo")[-1]["human"] == CAROL


def test_it_is_decided_afresh_in_the_other_users_shell_too(bastion, people, carol, service):
    people()
    shell = carol()
    shell.client.stdin.write(f"exec {BY_ROOT.replace('env', 'sh')}\n".encode())
    shell.client.stdin.flush()
    wait_until(
        lambda: "su" in {record["service"] for record in bastion.records().values()}, 10, "su"
    )
    assert CAROL in shell.run("xacct status")
    assert "AWS_ACCESS_KEY_ID" in shell.run("xacct env audit")
    for deny in f"principals = {CAROL}", "principals = laptop-17", "users = deploy":
        people(more=f"\n[deny one]\n{deny}\n")
        assert "AWS_ACCESS_KEY_ID" not in shell.run("xacct env audit 2>&1"), deny
    people()
    assert "AWS_ACCESS_KEY_ID" in shell.run("xacct env audit")


def test_a_key_without_certificate_is_the_account_whoever_else_comes(bastion, people, carol, login):
    people(more=ACCOUNT)
    carol()
    assert become(login("deploy")).get("XACCT_ROLE") == "dev", bastion.syslog.text()
    assert lines_of(bastion, "sudo")[-1]["human"] == "deploy"


def test_where_people_come_from_and_by_what_counts_behind_sudo(bastion, people, carol):
    conditions = "from = 127.0.0.0/8\nauth = publickey\n"
    people(PEOPLE.format(services=f"sudo\n{conditions}"))
    assert become(carol()).get("XACCT_ROLE") == "audit", bastion.syslog.text()
    people(PEOPLE.format(services="sudo\n" + conditions.replace("127", "10")))
    assert not given(become(carol()))


def test_a_job_of_an_account_to_which_people_come_has_no_human(bastion, sts, people, carol):
    """Whoever edits a crontab could go by the account's name otherwise."""
    people(ELSEWHERE, ACCOUNT)
    assert given(job(WAYS["sudo"]).environment), "nobody has come so far"
    carol().cut()
    wait_until(lambda: not bastion.sshd.process.has_children(), 10, "the end of the login")
    calls = len(sts.calls)
    assert not given(job(WAYS["sudo"]).environment)
    assert lines_of(bastion, "sudo", "refused")[-1]["status"] == "unavailable"
    assert len(sts.calls) == calls


def test_a_job_has_what_its_account_is_given_unless_a_deny_could_be_about_its_author(
    bastion, people, carol, callers
):
    people(more=ACCOUNT)
    carol()
    assert callers.cron("deploy").get("XACCT_ROLE") == "dev", bastion.syslog.text()
    people(more=ACCOUNT + "\n[deny one]\nprincipals = mallory@a.example\n")
    with pytest.raises(AssertionError):
        callers.cron("deploy")
    assert lines_of(bastion, "cron", "refused")[-1]["status"] == "unavailable"


def reboot():
    """Takes away what a boot does."""
    for name in os.listdir(policy.SESSIONS):
        os.unlink(f"{policy.SESSIONS}/{name}")


def a_week():
    """Has the service clear up among records that are older than they are kept for."""
    for name in os.listdir(policy.SESSIONS):
        then = time.time() - 8 * 24 * 3600
        os.utime(f"{policy.SESSIONS}/{name}", (then, then))
    with Service():
        wait_until(lambda: not os.listdir(policy.SESSIONS), 10, "the clearing up")


@pytest.mark.parametrize("passes", [reboot, a_week])
def test_who_waits_until_records_are_gone_has_not_escaped_a_deny(
    bastion, sts, people, bruno, callers, passes
):
    """A crontab stays when its author's contract ends."""
    people(more=ACCOUNT)
    bruno().cut()
    bastion.sshd.settle()
    passes()
    calls = len(sts.calls)
    people(more=ACCOUNT + f"\n[deny one]\nprincipals = {BRUNO}\n")
    assert not given(job(WAYS["sudo"]).environment)
    with pytest.raises(AssertionError):
        callers.cron("deploy")
    assert {line["status"] for line in bastion.audit() if line["event"] == "refused"} == {
        "unavailable"
    }
    people(more=ACCOUNT)
    assert not given(job(WAYS["sudo"]).environment), "nor has anybody become somebody else"
    assert len(sts.calls) == calls
    assert callers.cron("deploy").get("XACCT_ROLE") == "dev", bastion.syslog.text()


@pytest.mark.parametrize("way", ["sudo", "su"])
@pytest.mark.parametrize("uid", [None, 0, 901, USERS["bob"]])
def test_whatever_login_uid_a_process_of_theirs_has_nobody_knows_which_of_them_it_is(
    bastion, sts, people, bruno, uid, way
):
    """What started without a login uid may stay without, or set any."""
    account = ACCOUNT.replace("deploy eve", "deploy eve bob")
    people(more=account)
    assert given(job(WAYS[way], uid=uid).environment), "nobody has come so far"
    bruno().cut()
    bastion.sshd.settle()
    calls = len(sts.calls)
    for deny in f"\n[deny one]\nprincipals = {BRUNO}\n", "":
        people(more=account + deny)
        assert not given(job(WAYS[way], uid=uid).environment)
        refused = lines_of(bastion, way, "refused")[-1]
        assert refused["status"] == "unavailable" and "certificates" in refused["reason"]
    assert len(sts.calls) == calls
    assert bool(given(job("sudo -u deploy env", uid=uid).environment)) == (uid != USERS["bob"]), (
        "the account has what it is given, and that in nobody else's name"
    )


@pytest.mark.parametrize("name", [BRUNO, CAROL], ids=["by a deny", "for its name"])
def test_who_was_refused_before_the_login_uid_was_set_is_not_forgotten(
    bastion, sts, people, authorities, login, name
):
    """pam_loginuid stands below us, so that no number leads to who it was."""
    people(more=ACCOUNT + f"\n[deny one]\nprincipals = {BRUNO}\n")
    bastion.sshd.set_stack(session="optional")
    with open(SERVICE, encoding="ascii") as stack:
        lines = stack.readlines()
    lines.sort(key=lambda line: "pam_loginuid" in line)
    with open(SERVICE, "w", encoding="ascii") as stack:
        stack.writelines(lines)
    shell = login("deploy", authorities.partner_b.issue(name, ["deploy"]).proof)
    assert not given(shell.environment) and not given(become(shell))
    assert not sts.calls


def test_a_record_that_cannot_be_read_is_not_that_there_is_none(bastion, sts, people, login):
    people(ACCOUNT)
    shell = login("deploy")
    assert given(become(shell))
    calls = len(sts.calls)
    (name,) = bastion.records()
    with open(f"{policy.SESSIONS}/{name}", "w", encoding="ascii") as out:
        out.write("{")
    assert not given(become(shell))
    assert f"{policy.SESSIONS}/{name}" in lines_of(bastion, "sudo", "refused")[-1]["reason"]
    # It is another's to whoever does not come from that login.
    assert given(job(WAYS["sudo"]).environment)
    calls += 1
    os.rename(policy.SESSIONS, f"{policy.SESSIONS}.away")
    try:
        assert not given(job(WAYS["sudo"]).environment)
    finally:
        os.rename(f"{policy.SESSIONS}.away", policy.SESSIONS)
    assert len(sts.calls) == calls
    assert given(job(WAYS["sudo"]).environment)


def test_who_sets_a_login_uid_of_anothers_is_denied_by_their_own_name(sts, rules):
    """What started without one may set it; sudo and su say who calls them."""
    rules("\n[grant bob]\nusers = bob\nservices = su sudo\nroles = audit\n")
    for way in WAYS.values():
        assert given(job(way, "alice", USERS["bob"]).environment)
    calls = len(sts.calls)
    rules("""
[grant bob]
users    = bob
services = su sudo
roles    = audit

[deny alice]
users = alice
""")
    for way in WAYS.values():
        assert not given(job(way, "alice", USERS["bob"]).environment)
    assert len(sts.calls) == calls
