"""`from` and the host's own addresses: who has a shell on the bastion may come from there, and then
is nowhere that they were not before.

SPDX-License-Identifier: BSD-2-Clause
"""

import subprocess

import pytest

from rig import commands, frames, policy
from rig.processes import run

from .asking import AUDIT, write_policy

IPV4, IPV6 = "10.99.0.1", "2001:db8:99::1"
# Two in one subnet, as an interface of EC2 has them: the kernel sends from the first.
FIRST, SECOND = "10.98.0.1", "10.98.0.2"
OFFICE = f"""
[grant office]
users = alice
roles = {AUDIT}
from  = {{}}
"""


@pytest.fixture(scope="module", autouse=True)
def addresses():
    """Addresses of the host's own, as a network has given them to it."""
    own = f"{IPV4}/32", f"{IPV6}/128"
    run("ip", "link", "add", "cable", "type", "veth", "peer", "name", "end")
    for address in own:
        run("ip", "address", "add", address, "dev", "lo")
    for address in (FIRST, SECOND):
        run("ip", "address", "add", f"{address}/24", "dev", "cable")
    for interface in ("end", "cable"):
        run("ip", "link", "set", interface, "up")
    yield
    run("ip", "link", "delete", "cable")
    for address in own:
        run("ip", "address", "delete", address, "dev", "lo")


def came(address):
    """What a login from there is told."""
    (reply,) = frames.request(frames.open_request("alice", rhost=address))
    return reply


def explained(address):
    """Whether `xacct explain` says that such a login has a role; and what it says."""
    done = commands.run("explain", "--config", policy.FILE, "--from", address, "--auth", "publickey",
                        "alice")
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0, done.stdout


@pytest.mark.parametrize("prefixes, address, gets", [
    ("10.0.0.0/8", "10.99.0.2", True),
    ("10.0.0.0/8", IPV4, False),
    ("10.0.0.0/8", f"::ffff:{IPV4}", False),
    ("10.99.0.0/31", IPV4, False),
    ("10.0.0.0/8", FIRST, False),
    ("10.0.0.0/8", SECOND, False),
    ("10.0.0.0/8", "10.98.0.3", True),
    (IPV4, IPV4, True),
    (f"10.0.0.0/8 {IPV4}/32", IPV4, True),
    ("2001:db8::/32", "2001:db8:99::2", True),
    ("2001:db8::/32", IPV6, False),
    (IPV6, IPV6, True),
    ("0.0.0.0/0 ::/0", "127.0.0.1", False),
    ("0.0.0.0/0 ::/0", "127.99.0.1", False),
    ("0.0.0.0/0 ::/0", "::1", False),
    ("127.0.0.0/8 ::1", "127.0.0.1", True),
    ("127.0.0.0/8 ::1", "::1", True),
])
def test_a_login_from_the_host_itself_is_within_no_prefix_but_that_of_it_alone(
    sts, service, prefixes, address, gets
):
    write_policy(sts, OFFICE.format(prefixes))
    reply = came(address)
    assert (reply["status"], reply.get("XACCT_ROLE")) == (
        ("permitted", AUDIT) if gets else ("no-grant", None)
    )
    assert gets or "from this host itself" in reply["reason"]
    has_role, told = explained(address)
    assert has_role == gets, told
    assert gets or f"the login comes from {address}, this host's own" in told


def test_an_address_counts_as_own_from_when_the_host_has_it(sts, service):
    write_policy(sts, OFFICE.format("10.0.0.0/8"))
    later = "10.99.0.7"
    assert came(later)["status"] == "permitted"
    run("ip", "address", "add", f"{later}/32", "dev", "lo")
    try:
        assert came(later)["status"] == "no-grant"
    finally:
        run("ip", "address", "delete", f"{later}/32", "dev", "lo")
    assert came(later)["status"] == "permitted"


def test_a_whole_network_that_is_local_is_the_hosts_own(sts, service):
    write_policy(sts, OFFICE.format("10.0.0.0/8"))
    run("ip", "route", "add", "local", "10.77.0.0/16", "dev", "lo")
    try:
        assert came("10.77.1.2")["status"] == "no-grant"
    finally:
        run("ip", "route", "delete", "local", "10.77.0.0/16", "dev", "lo")


@pytest.mark.parametrize("way", ["the service", "a helper for this one"])
def test_a_hop_to_the_bastion_itself_gets_nothing_by_it(bastion, sts, service, way):
    """By real ssh, from an address that is within the office's."""
    if way != "the service":
        service.stop()
    for prefixes, gets in (("10.0.0.0/8", False), (IPV4, True)):
        write_policy(sts, OFFICE.format(prefixes))
        words = bastion.sshd.arguments("alice", "env", options=["-o", f"BindAddress={IPV4}"])
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert f"SSH_CLIENT={IPV4} " in done.stdout
        assert ("AWS_ACCESS_KEY_ID=" in done.stdout) == gets, done.stdout
