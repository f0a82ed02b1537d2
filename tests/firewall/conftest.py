"""A bastion with the clouds' metadata services at their own addresses, and a host behind it, for
which it forwards.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import pathlib
import re
import socket
import threading

import pytest

from rig import accounts, metadata, networks
from rig.fixtures import bastion, host, running_standin, sts  # for pytest, which finds them here
from rig.processes import run

CONF = pathlib.Path(__file__).parents[2] / "conf"
AGENT, AGENT_UID = "cwagent", 950

# As the documentation of EC2, ECS and EKS has them.
ENDPOINTS = {
    "EC2": "169.254.169.254",
    "EC2, IPv6": "fd00:ec2::254",
    "ECS": "169.254.170.2",
    "EKS": "169.254.170.23",
    "EKS, IPv6": "fd00:ec2::23",
}
DNS, CLOCK = "169.254.169.253", "169.254.169.123"


class Nftables:
    """conf/xacct.nft and conf/firewall-agents.nft."""

    def load(self, *agents):
        run("nft", "-f", f"{CONF}/xacct.nft")
        agents = "".join(f"add element inet xacct users {{ {agent} }}\n" for agent in agents)
        with accounts.replaced("/mnt/agents.nft", agents):
            run("nft", "-f", "/mnt/agents.nft")

    def remove(self):
        run("nft", "flush", "ruleset")

    def listed(self):
        """All rules that there are, without their counters."""
        return run("nft", "--stateless", "list", "ruleset").stdout

    def refused(self):
        """How many packets they have refused since they were loaded."""
        table = run("nft", "list", "chain", "inet", "xacct", "refuse").stdout
        return sum(map(int, re.findall(r"counter packets (\d+)", table)))


class Iptables:
    """conf/xacct-iptables."""

    def load(self, *agents):
        run(f"{CONF}/xacct-iptables", *agents)

    def remove(self):
        run(f"{CONF}/xacct-iptables", "--remove")
        run("nft", "flush", "ruleset")  # of which iptables is a part, where it is Debian's

    def listed(self):
        saved = run("iptables-save").stdout + run("ip6tables-save").stdout
        return [line for line in saved.splitlines() if line.startswith("-A")]

    def refused(self):
        saved = run("iptables-save", "-c").stdout + run("ip6tables-save", "-c").stdout
        return sum(map(int, re.findall(r"\[(\d+):\d+\] -A XACCT-METADATA-REFUSE ", saved)))


@pytest.fixture(scope="module", params=[Nftables, Iptables], ids=["nftables", "iptables"])
def kind(request):
    made = request.param()
    made.load()
    yield made
    made.remove()


@pytest.fixture
def rules(kind):
    """The rules, as they are loaded without agents. A test may load and remove them."""
    before = kind.listed()
    yield kind
    if kind.listed() != before:
        kind.remove()
        kind.load()


def _echo(server):
    with contextlib.suppress(OSError):  # closed
        while True:
            data, sender = server.recvfrom(1024)
            server.sendto(data, sender)


@pytest.fixture(scope="package")
def cloud(host):
    """The metadata services by name, as metadata.Metadata, on port 80 of their addresses; DNS and
    the clock echo what comes by UDP."""
    bits = {address: "128" if ":" in address else "32" for address in ENDPOINTS.values()}
    addresses = [f"{address}/{bits[address]}" for address in ENDPOINTS.values()]
    with contextlib.ExitStack() as stack:
        there = stack.enter_context(networks.Network(
            "cloud",
            ["10.99.0.1/24", "fd99::1/64"],
            ["10.99.0.2/24", "fd99::2/64"],
            [*addresses, f"{DNS}/32", f"{CLOCK}/32"],
        ))
        services = {}
        with there.entered():
            for name, address in ENDPOINTS.items():
                services[name] = stack.enter_context(metadata.Metadata(address, 80))
            for address, port in ((DNS, 53), (CLOCK, 123)):
                server = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                server.bind((address, port))
                threading.Thread(target=_echo, args=(server,), daemon=True).start()
        accounts.add_user(AGENT, AGENT_UID)
        yield services


@pytest.fixture(scope="package")
def guest(cloud):
    """A host behind this one, as a container is."""
    there = networks.Network(
        "guest", ["10.98.0.1/24", "fd98::1/64"], ["10.98.0.2/24", "fd98::2/64"]
    )
    with there, networks.forwarding():
        yield there
