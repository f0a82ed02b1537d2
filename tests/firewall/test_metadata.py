"""Who reaches the services that give out the host's own credentials while the rules of conf/ stand,
of nftables and of iptables.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import socket
import subprocess

import pytest

from rig import bastion as rig_bastion
from rig import metadata, policy
from rig.fixtures import know_keys
from rig.processes import wait_until

from .asking import ask, by_tcp
from .conftest import AGENT, AGENT_UID, CLOCK, DNS, ENDPOINTS, Nftables

ALICE = rig_bastion.USERS["alice"]
NOBODY = 65534
ALL = by_tcp(ENDPOINTS)


def all_of(outcome, what=ALL):
    return dict.fromkeys(what, outcome)


def test_without_the_rules_anybody_reaches_them(cloud, guest):
    # Or what follows would prove nothing.
    assert ask(ALL, ALICE) == ask(ALL, network=guest) == all_of("answered")


@pytest.mark.parametrize("uid", [ALICE, NOBODY])
def test_another_user_is_refused_at_once(cloud, rules, uid):
    assert ask(ALL, uid) == all_of("ECONNREFUSED")


def test_a_forwarded_host_is_refused_at_once(cloud, guest, rules):
    # The uid is root's, there.
    assert ask(ALL, network=guest) == all_of("ECONNREFUSED")


def test_the_helpers_user_and_root_reach_them(cloud, rules):
    assert ask(ALL, policy.xacct().pw_uid) == ask(ALL) == all_of("answered")


def test_a_listed_agent_reaches_them_and_nobody_else_does(cloud, guest, rules):
    rules.load(AGENT)
    assert ask(ALL, AGENT_UID) == all_of("answered")
    assert ask(ALL, ALICE) == ask(ALL, network=guest) == all_of("ECONNREFUSED")


def test_every_port_and_protocol_is_refused(cloud, guest, rules):
    ports = {f"{kind} {port}": (kind, "169.254.169.254", port)
             for kind, port in (("SOCK_STREAM", 443), ("SOCK_DGRAM", 80))}
    assert ask(ports, ALICE) == {"SOCK_STREAM 443": "ECONNREFUSED", "SOCK_DGRAM 80": "EPERM"}
    # What ICMP says of an administrator's prohibition.
    from_there = {"SOCK_STREAM 443": "ECONNREFUSED", "SOCK_DGRAM 80": "EHOSTUNREACH"}
    assert ask(ports, network=guest) == from_there


def test_amazons_dns_and_clock_stay_open(cloud, guest, rules):
    others = {"DNS": ("SOCK_DGRAM", DNS, 53), "clock": ("SOCK_DGRAM", CLOCK, 123)}
    assert ask(others, ALICE) == ask(others, network=guest) == all_of("answered", others)


@contextlib.contextmanager
def translated(*lines):
    """A host that redirects what its processes send: rules of a nat chain of the output hook."""
    chain = "type nat hook output priority -100;" + "".join(f" {line};" for line in lines)
    text = f"table ip agent {{\nchain output {{\n{chain}\n}}\n}}\n"
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True, timeout=10)
    yield
    subprocess.run(["nft", "delete", "table", "ip", "agent"], check=True, timeout=10)


def test_an_endpoint_that_the_host_redirects_to_an_agent_of_its_own_is_refused(cloud, rules):
    # As ECS's agent has it.
    endpoint = by_tcp({"ECS": ENDPOINTS["ECS"]})
    with metadata.Metadata() as agent:
        with translated(f"ip daddr {ENDPOINTS['ECS']} tcp dport 80 redirect to :{agent.port}"):
            assert ask(endpoint, ALICE) == {"ECS": "ECONNREFUSED"}
            assert ask(endpoint, policy.xacct().pw_uid) == {"ECS": "answered"}


def test_an_endpoint_under_another_address_is_refused(cloud, rules):
    other = by_tcp({"EC2": "192.0.2.1"})
    with translated(f"ip daddr 192.0.2.1 dnat to {ENDPOINTS['EC2']}"):
        subprocess.run(["ip", "route", "add", "192.0.2.1", "dev", "cloud"], check=True, timeout=10)
        try:
            assert ask(other, ALICE) == {"EC2": "ECONNREFUSED"}
            assert ask(other) == {"EC2": "answered"}
        finally:
            subprocess.run(["ip", "route", "del", "192.0.2.1"], check=True, timeout=10)


@pytest.fixture
def source_routes(guest):
    """Hosts that follow them, as none does by itself: this one, the cloud's and the guest's."""
    text = "for name in accept_source_route:1 rp_filter:0; do " \
           "for file in /proc/sys/net/ipv4/conf/*/${name%:*}; do echo ${name#*:} >$file; done; done"
    for where in ([], ["ip", "netns", "exec", "cloud"], guest.command()):
        subprocess.run([*where, "/bin/sh", "-c", text], check=True, timeout=20)


# Of iptables it is the kernel's own setting that keeps them, as conf/xacct-iptables says.
@pytest.mark.parametrize("kind", [Nftables], indirect=True)
@pytest.mark.parametrize("option", [131, 137], ids=["LSRR", "SSRR"])
def test_a_source_route_is_no_way_around(cloud, guest, kind, source_routes, option):
    ec2 = by_tcp({"EC2": ENDPOINTS["EC2"]})
    kind.remove()
    assert ask(ec2, network=guest, hop=(option, "10.98.0.1")) == {"EC2": "answered"}
    kind.load()
    cloud["EC2"].requests.clear()
    # The refusal comes in the name of the hop, which the guest does not take for an answer.
    assert ask(ec2, network=guest, hop=(option, "10.98.0.1"), patience=2) == {"EC2": "nothing"}
    assert cloud["EC2"].requests == []


def test_rules_of_others_that_accept_do_not_open_them(cloud, guest, rules):
    # As Docker's, which it puts before all others when it starts.
    for chain in ("OUTPUT", "FORWARD"):
        subprocess.run(["iptables", "-I", chain, "-j", "ACCEPT"], check=True, timeout=10)
    ec2 = by_tcp({"EC2": ENDPOINTS["EC2"]})
    cloud["EC2"].requests.clear()
    try:
        for who in ({"uid": ALICE}, {"network": guest}):
            assert ask(ec2, patience=2, **who) != {"EC2": "answered"}
        assert cloud["EC2"].requests == []
        assert ask(ec2) == {"EC2": "answered"}
    finally:
        for chain in ("OUTPUT", "FORWARD"):
            subprocess.run(["iptables", "-D", chain, "-j", "ACCEPT"], check=True, timeout=10)


def test_loading_them_again_changes_nothing(cloud, rules):
    before = rules.listed()
    rules.load()
    assert rules.listed() == before
    rules.remove()
    rules.load()
    assert ask(ALL, ALICE) == all_of("ECONNREFUSED")


def test_an_agent_that_the_host_does_not_know_leaves_no_gap(cloud, rules):
    rules.remove()
    with pytest.raises(AssertionError, match="nosuchagent"):
        rules.load("nosuchagent")
    assert ask(ALL, ALICE) == all_of("ECONNREFUSED")
    assert ask(ALL, policy.xacct().pw_uid) == all_of("answered")


def test_a_login_by_the_identity_of_the_instance_and_its_user_behind_it(bastion, sts, cloud, rules):
    imds = cloud["EC2"]
    imds.requests.clear()
    know_keys(sts, imds.keys)
    policy.write(policy.heading(sts.url, base="source = imds") + rig_bastion.RULES)
    login = bastion.sshd.ssh(
        "alice", "env; curl --silent --show-error --max-time 20 http://169.254.169.254/ 2>&1"
    )
    assert login.environment["AWS_ACCESS_KEY_ID"] == sts.issued[-1].access_key
    assert imds.steps == ["token", "role", "credentials"]
    assert "Failed to connect to 169.254.169.254" in login.stdout


def test_sshd_opens_no_tunnel_for_a_user(bastion, cloud, rules):
    tunnel = subprocess.run(
        bastion.sshd.arguments("alice", options=["-W", "169.254.169.254:80"]),
        input=b"GET / HTTP/1.0\r\n\r\n", capture_output=True, timeout=60, check=False,
    )
    bastion.sshd.settle()
    assert tunnel.stdout == b"" and b"open failed: connect failed: Connection refused" in tunnel.stderr


def connections_there():
    """How many connections to port 80 the metadata services have, half-closed ones among them."""
    done = subprocess.run(
        ["ip", "netns", "exec", "cloud", "cat", "/proc/net/tcp"],
        stdout=subprocess.PIPE, text=True, check=True, timeout=20,
    )
    lines = [line.split() for line in done.stdout.splitlines()[1:]]
    return sum(line[1].endswith(":0050") and line[3] != "0A" for line in lines)


def test_what_is_left_of_a_connection_that_its_program_has_closed_passes(cloud, rules):
    rules.remove()
    rules.load()
    with socket.create_connection((ENDPOINTS["EC2"], 80), timeout=20) as client:
        client.sendall(b"GET /nothing HTTP/1.1\r\nHost: imds\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 401")
        # The stand-in waits for another request.
    wait_until(lambda: connections_there() == 0, 10, "the end of the connection, there")
    assert rules.refused() == 0
    ask(ALL, ALICE)
    assert rules.refused() == len(ALL)
