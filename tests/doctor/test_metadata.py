"""Who reaches a metadata endpoint: users of this host, and those behind it, by what the kernel does.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

from rig import accounts, networks, policy
from rig.metadata import IPV4, IPV6, Metadata, on_loopback
from rig.processes import children_of, has_ended, wait_until
from rig.syslog import Syslog

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))


def nft(rules):
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True, timeout=10)


def iptables(*rules):
    for rule in rules:
        subprocess.run(["iptables", *rule.split()], check=True, timeout=10)


@pytest.fixture
def firewall(world):
    """No rules before and after."""
    yield
    nft("flush ruleset\n")


def test_who_cannot_be_reached_is_told_as_it_is(doctor):
    told = doctor("metadata")
    assert told.status == 0
    told.one("ok", rf"uid 1001 does not reach {IPV4} \(EC2\): Network is unreachable")
    told.one("ok", "this host forwards no packets")
    assert len(told.lines) == 6


@pytest.mark.parametrize("address", [IPV4, IPV6])
def test_an_endpoint_that_everybody_reaches_is_a_fault(doctor, address):
    with on_loopback(address), Metadata(address, 80) as metadata:
        told = doctor("metadata")
    assert told.status == 1
    told.one("fault", rf"uid 1001 reaches {address}, port 80, as everybody does")
    assert len(told.wrong) == 1
    assert metadata.requests == [], "nothing is asked there"


def test_a_rule_for_the_helper_and_root_alone_is_what_is_wanted(doctor, firewall):
    nft(f"""table inet any-name {{ chain out {{ type filter hook output priority 0;
            ip daddr {IPV4} meta skuid != {{ 0, {policy.xacct().pw_uid} }} reject
            }}\n}}""")
    with on_loopback(IPV4), Metadata(IPV4, 80):
        told = doctor("metadata")
    assert told.status == 0
    told.one("ok", f"uid 1001 does not reach {IPV4}")


def test_the_user_who_is_named_is_tried_as_well(doctor, firewall):
    """Whom a rule lets through, while it keeps the first person away."""
    nft(f"""table inet t {{ chain out {{ type filter hook output priority 0;
            ip daddr {IPV4} meta skuid != {{ 0, 1002 }} reject\n}}\n}}""")
    with on_loopback(IPV4), Metadata(IPV4, 80):
        assert doctor("metadata").status == 0
        told = doctor("metadata", "bob")
    told.one("ok", f"uid 1001 does not reach {IPV4}")
    said = told.one("fault", f"uid 1002 reaches {IPV4}")
    assert "xacct-firewall.service" in said and "xacct-iptables" in said


def tries_of(pid):
    """The pids of the children of a process that have become uid 1001."""
    found = []
    for child in children_of(pid):
        with contextlib.suppress(OSError), open(f"/proc/{child}/status", encoding="ascii") as status:
            if "Uid:\t1001\t" in status.read():
                found.append(child)
    return found


@pytest.fixture
def trying(world, firewall):
    """A doctor that waits for the process that tries: its Popen object, and the pid of that."""
    nft(f"table inet t {{ chain o {{ type filter hook output priority 0; ip daddr {IPV4} drop\n}}\n}}")
    with on_loopback(IPV4), subprocess.Popen(
            ["/usr/bin/xacct", "doctor", "--only", "metadata"], stdout=subprocess.PIPE, text=True,
            env={}) as doctor:
        pid = wait_until(lambda: tries_of(doctor.pid), 10, "the process that tries")[0]
        os.kill(pid, signal.SIGSTOP)
        yield doctor, pid
        doctor.kill()
        if not has_ended(pid):
            os.kill(pid, signal.SIGKILL)


def test_the_process_that_tries_ends_with_the_doctor(trying):
    doctor, pid = trying
    doctor.kill()
    wait_until(lambda: has_ended(pid), 10, "its end")


def test_a_user_who_ends_the_process_that_tries_is_told_nothing_by_it(trying):
    doctor, pid = trying
    subprocess.run(["kill", "-KILL", str(pid)], user=1001, group=1001, extra_groups=[], check=True)
    printed = doctor.communicate(timeout=20)[0]
    assert "cannot tell: the process that was to try as uid 1001 could not be made, or was" in printed
    assert "uid 1001 does not reach" not in printed and "gets no answer" not in printed


def test_the_unit_reports_it_to_the_log_at_every_start(world):
    """The line of the unit itself, without the two characters that are systemd's: never a failure,
    and as root."""
    unit = (BUILD / "xacct.service").read_text(encoding="utf-8")
    (line,) = re.findall(r"^ExecStartPost=(.*)$", unit, re.MULTILINE)
    assert line.startswith("-+/")
    with Syslog() as syslog, on_loopback(IPV4), Metadata(IPV4, 80):
        done = subprocess.run(line[2:].split(), capture_output=True, text=True, timeout=30, check=False)
        (said,) = syslog.wait_for(rf"doctor: metadata: fault: uid 1001 reaches {IPV4}")
        assert said
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_a_rule_that_drops_is_told_as_no_answer(doctor, firewall):
    nft(f"table inet t {{ chain o {{ type filter hook output priority 0; ip daddr {IPV4} drop\n}}\n}}")
    with on_loopback(IPV4), Metadata(IPV4, 80):
        told = doctor("metadata")
    told.one("note", f"uid 1001 gets no answer of {IPV4} .* within 1000 ms")


@pytest.fixture(scope="module")
def network():
    """A container behind this host, and the endpoint before it; network() is whether one reaches
    the other."""
    client = networks.Network("veth-client", ["10.9.0.1/24"], ["10.9.0.2/24"])
    server = networks.Network("veth-server", ["10.8.0.1/24"], ["10.8.0.2/24"], [f"{IPV4}/32"])

    def reaches():
        with (
            client.entered(),
            contextlib.suppress(OSError),
            socket.create_connection((IPV4, 80), timeout=0.5),
        ):
            return True
        return False

    with client, server, contextlib.ExitStack() as there:
        with server.entered():
            there.enter_context(Metadata(IPV4, 80))
        yield reaches


@pytest.fixture
def behind(network, firewall):
    """As network, on a host that forwards."""
    with networks.forwarding():
        yield network


def base(rules, policy_="accept"):
    return (f"chain f {{\ntype filter hook forward priority 0; policy {policy_};\n"
            f"{rules}\n}}\n")


# Rules, and whether something is to be kept by them. That it is, the kernel says itself.
RULES = {
    "none": (lambda: None, False),
    "address": (lambda: nft(f"table inet t {{ {base(f'ip daddr {IPV4} reject')} }}"), True),
    "drop": (lambda: nft(f"table ip t {{ {base(f'ip daddr {IPV4} drop')} }}"), True),
    "prefix": (lambda: nft(f"table inet t {{ {base('ip daddr 169.254.0.0/16 reject')} }}"), True),
    "list": (lambda: nft(
        f"table inet t {{ {base(f'ip daddr {{ 169.254.170.2, {IPV4} }} counter reject')} }}"), True),
    "set": (lambda: nft(f"table inet t {{ set m {{ type ipv4_addr; elements = {{ {IPV4} }}\n }}\n "
                        f"{base('ip daddr @m reject')} }}"), True),
    "empty-set": (lambda: nft("table inet t { set m { type ipv4_addr; }\n "
                              f"{base('ip daddr @m reject')} }}"), False),
    "port": (lambda: nft(f"table inet t {{ {base(f'ip daddr {IPV4} tcp dport 80 reject')} }}"), True),
    "other-port": (lambda: nft(
        f"table inet t {{ {base(f'ip daddr {IPV4} tcp dport 81 reject')} }}"), None),
    "other-address": (lambda: nft(f"table inet t {{ {base('ip daddr 169.254.169.253 reject')} }}"),
                      False),
    "jump": (lambda: nft(f"table inet t {{ chain m {{ ip daddr {IPV4} reject\n}}\n {base('jump m')} }}"),
             True),
    "unless-returned": (lambda: nft(
        f"table inet t {{ chain m {{ return; ip daddr {IPV4} reject\n}}\n {base('jump m')} }}"), False),
    "accepted-before": (lambda: nft(
        f"table inet t {{ {base(f'accept; ip daddr {IPV4} reject')} }}"), False),
    "established-before": (lambda: nft(
        f"table inet t {{ {base(f'ct state established,related accept; ip daddr {IPV4} reject')} }}"),
        True),
    "some-accepted-before": (lambda: nft(
        f"table inet t {{ {base(f'iifname veth-client accept; ip daddr {IPV4} reject')} }}"), None),
    "some-refused": (lambda: nft(
        f"table inet t {{ {base(f'iifname docker0 ip daddr {IPV4} reject')} }}"), None),
    "accepted-by-another-chain": (lambda: nft(
        f"table inet a {{ {base('accept')} }}\ntable inet t {{ {base(f'ip daddr {IPV4} reject')} }}"),
        True),
    "policy": (lambda: nft(f"table inet t {{ {base('', 'drop')} }}"), True),
    "policy-with-a-hole": (lambda: nft(
        f"table inet t {{ {base('iifname veth-client accept', 'drop')} }}"), None),
    "of-ipv6": (lambda: nft(f"table inet t {{ {base('meta nfproto ipv6 drop')} }}"), False),
    "of-ipv6-by-protocol": (lambda: nft(f"table inet t {{ {base('meta protocol ip6 drop')} }}"), False),
    "of-ipv6-by-header": (lambda: nft(f"table inet t {{ {base('ip6 nexthdr tcp drop')} }}"), False),
    "of-ipv4": (lambda: nft(f"table inet t {{ {base('meta nfproto ipv4 drop')} }}"), True),
    "verdicts-by-interface": (lambda: nft(
        "table inet t { chain c { accept\n}\n"
        f"{base('iifname vmap { veth-client : jump c }', 'drop')} }}"), None),
    "verdicts-by-address": (lambda: nft(
        f"table inet t {{ {base(f'ip daddr vmap {{ {IPV4} : accept }}', 'drop')} }}"), None),
    "verdicts-that-refuse": (lambda: nft(
        f"table inet t {{ {base(f'ip daddr vmap {{ {IPV4} : drop }}')} }}"), None),
    "verdicts-by-state": (lambda: nft(
        f"table inet t {{ {base('ct state vmap { established : accept, invalid : drop }', 'drop')} }}"),
        True),
    "two-addresses": (lambda: nft(
        f"table inet t {{ {base('ip daddr 10.0.0.0/8 ip daddr 169.254.0.0/16 drop')} }}"), None),
    "goto-for-some": (lambda: nft(
        "table inet t { chain c {\n}\n"
        f"{base(f'iifname veth-client goto c; ip daddr {IPV4} drop')} }}"), None),
    "another-hook": (lambda: nft("table inet t { chain o { type filter hook output priority 0; "
                                 f"ip daddr {IPV4} reject;\n}}\n}}"), False),
    "another-family": (lambda: nft(f"table ip6 t {{ {base(f'ip6 daddr {IPV6} reject')} }}"), False),
    "iptables": (lambda: iptables(f"-A FORWARD -d {IPV4} -j REJECT"), True),
    "iptables-comment": (lambda: iptables(
        f"-A FORWARD -d {IPV4} -p tcp -m tcp --dport 80 -m comment --comment one -j DROP"), True),
    "iptables-docker": (lambda: iptables(
        "-N DOCKER-USER", "-A FORWARD -j DOCKER-USER", f"-A DOCKER-USER -d {IPV4} -j REJECT",
        "-A DOCKER-USER -j RETURN", "-A FORWARD -i veth-client ! -o veth-client -j ACCEPT"), True),
    "iptables-too-late": (lambda: iptables(
        "-A FORWARD -i veth-client -j ACCEPT", f"-A FORWARD -d {IPV4} -j REJECT"), None),
    "iptables-other": (lambda: iptables("-A FORWARD -d 172.16.0.0/12 -j REJECT"), False),
    "iptables-not-tcp": (lambda: iptables("-A FORWARD ! -p tcp -j DROP"), None),
    "iptables-all-but-in-part": (lambda: iptables(
        "-A FORWARD -f ! -d 10.0.0.1 -j ACCEPT", "-A FORWARD -j DROP"), None),
    "iptables-quote": (lambda: iptables(
        r'-A FORWARD ! -i veth-client -m comment --comment a"-j-DROP -j DROP'), None),
    "iptables-connmark": (lambda: iptables(
        "-A FORWARD -j CONNMARK --set-mark 1", "-P FORWARD DROP"), True),
    "iptables-all-but": (lambda: iptables(f"-A FORWARD ! -d {IPV4} -j REJECT"), None),
}


@pytest.mark.parametrize("name", RULES)
def test_whether_rules_keep_containers_away_is_told_as_the_kernel_does(doctor, behind, name):
    make, kept = RULES[name]
    make()
    told = doctor("metadata")
    if kept is None:
        told.one("cannot tell", rf"some rules of the forward hook .* {IPV4}")
        return
    assert behind() is not kept
    if kept:
        told.one("ok", rf"nothing is forwarded to {IPV4}")
    else:
        (said,) = [text for text in told.wrong if f"no rule keeps them from {IPV4} (EC2)" in text]
        assert ": containers or machines on veth-" in said


def test_a_table_that_sleeps_keeps_nobody_away(doctor, behind):
    """nft 1.0.6 tells no flag in JSON as it is, and may crash of one: it cannot be told then."""
    nft(f"table inet t {{ flags dormant;\n {base(f'ip daddr {IPV4} reject')} }}")
    told = doctor("metadata")
    assert behind()
    assert [text for text in told.of("cannot tell", "fault") if IPV4 in text or "could not be" in text]
    assert not [text for text in told.of("ok") if f"nothing is forwarded to {IPV4}" in text]


def test_a_host_that_forwards_and_cannot_say_by_which_rules(doctor, behind):
    with contextlib.ExitStack() as hidden:
        for name in ("nft", "iptables-save", "ip6tables-save", "iptables-legacy-save",
                     "ip6tables-legacy-save"):
            hidden.enter_context(accounts.covered(f"/usr/sbin/{name}"))
        told = doctor("metadata")
    told.one("cannot tell", "by which rules cannot be read")
    assert os.path.exists("/usr/sbin/nft")
