"""Real logins by ssh, and memory.

SPDX-License-Identifier: BSD-2-Clause
"""

import contextlib
import re

import setting
from measuring import Sample, take_turns
from report import Goal, Question
from rig import frames, sshd
from rig.processes import children_of

WITH, WITHOUT = "sshd with the module, live credentials", "the same sshd without it"
MANY = 1000
ENDED = FileNotFoundError, ProcessLookupError


class _Stacks:
    """The stack of a running sshd, with our lines and without them."""

    def __init__(self, server, config, socket):
        server.set_stack(options=f"config={config} socket={setting.SOCKETS}/{socket} timeout=5s")
        with open(sshd.SERVICE, encoding="ascii") as text:
            lines = text.readlines()
        self.texts = {
            WITH: "".join(lines),
            WITHOUT: "".join(line for line in lines if sshd.MODULE not in line),
        }

    def use(self, which):
        with open(sshd.SERVICE, "w", encoding="ascii") as out:
            out.write(self.texts[which])


def _login(server, stacks, which, processes):
    """One login that runs `true`, as a competitor."""
    command = "\t".join(["/usr/bin/ssh", *server.arguments(setting.USERS[0], "true")[1:]])

    def measure():
        server.settle()
        stacks.use(which)
        return processes.measure(command)

    return measure


def by_ssh(host, rounds):
    """Logins as a user sees them."""
    with host.sts() as url:
        config = setting.write_policy(url, "ssh")
        with (
            sshd.Sshd(log_level="INFO") as server,
            setting.service(config, "ssh"),
            setting.processes() as processes,
        ):
            stacks = _Stacks(server, config, "ssh")
            samples = take_turns(
                {which: _login(server, stacks, which, processes) for which in (WITH, WITHOUT)},
                rounds(100),
            )
            server.settle()
    more = samples[WITH].median - samples[WITHOUT].median
    return Question(
        "A real ssh login, end to end",
        list(samples.items()),
        [Goal("at most 5 ms more", more, unit="ms", at_most=5)],
        remark="`ssh bastion true`, from the client's start to its end.",
    )


def _kilobytes(pid, name):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as text:
        return int(re.search(rf"^{name}:\s+(\d+) kB", text.read(), re.MULTILINE)[1])


def _descendants(pid):
    children = children_of(pid)
    return children + [more for child in children for more in _descendants(child)]


def _name(pid):
    with open(f"/proc/{pid}/comm", encoding="ascii") as text:
        return text.read().strip()


def _session_memory(server, stacks, which):
    """Private_Dirty of the sshd processes of one live session, in KB."""
    server.settle()
    stacks.use(which)
    shell = sshd.Shell(server, setting.USERS[0])
    pids = [pid for pid in _descendants(server.process.child.pid) if _name(pid) == "sshd"]
    assert len(pids) == 2, "one with root's rights, one with the user's"
    found = sum(_kilobytes(pid, "Private_Dirty") for pid in pids)
    shell.leave()
    return found


def in_sshd(host, rounds):
    """What the module costs in sshd."""
    with host.sts() as url:
        config = setting.write_policy(url, "sshd-memory")
        with sshd.Sshd(log_level="INFO") as server, setting.service(config, "sshd-memory"):
            stacks = _Stacks(server, config, "sshd-memory")
            samples = take_turns(
                {which: lambda which=which: _session_memory(server, stacks, which)
                 for which in (WITH, WITHOUT)},
                rounds(10), warm_up=1,
            )
            server.settle()
    more = samples[WITH].median - samples[WITHOUT].median
    return Question(
        "Memory of sshd's session",
        list(samples.items()),
        [Goal("at most 64 KB more", more, unit="KB", at_most=64)],
        unit="KB",
        remark="Private_Dirty of the two sshd processes of a live session together.",
    )


def service_memory(pid):
    """Anonymous memory of the service and its look-up processes, any of which may end meanwhile:
    what is shared counts once."""
    found = _kilobytes(pid, "Pss_Anon")
    for one in _descendants(pid):
        with contextlib.suppress(*ENDED):
            found += _kilobytes(one, "Pss_Anon")
    return found


def _open(users):
    """Opens a session of each user, in this process."""
    for user in users:
        (reply,) = frames.request(frames.open_request(user))
        assert reply["status"] == "permitted", reply


def in_service(host, rounds):
    """What the service needs for itself and for sessions, each of a user of its own."""
    people = [f"person-{number}" for number in range(rounds(MANY))]
    setting.add_users(people, 5000)
    tenth = max(len(people) // 10, 1)
    rules = setting.RULES + "".join(f"users = {user}\n" for user in people)
    with host.sts() as url:
        config = setting.write_policy(url, "memory", rules)
        with setting.service(config) as service:
            found = [service_memory(service.pid)]
            main = _kilobytes(service.pid, "Anonymous")
            _open(people[:tenth])
            found.append(service_memory(service.pid))
            _open(people[tenth:])
            found.append(service_memory(service.pid))
    none, some, all_of_them = found
    each = (all_of_them - some) / max(len(people) - tenth, 1)
    rows = [("no session", none), ("no session, its main process alone", main)]
    rows += [(f"{tenth:,} sessions", some), (f"{len(people):,} sessions", all_of_them)]
    return Question(
        "Memory of the service",
        [(what, Sample([kilobytes])) for what, kilobytes in rows],
        [
            Goal("without sessions at most 4 MB", none / 1024, unit="MB", at_most=4),
            Goal("a session at most 4 KB", each, unit="KB", at_most=4),
        ],
        unit="KB",
        remark="Anonymous memory of the service and its look-up processes; what they share counts "
        "once. Every session is another user's, with credentials of its own in memory.",
    )


QUESTIONS = (by_ssh, in_sshd, in_service)
