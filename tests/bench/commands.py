"""What SDKs wait for, and many logins at the same moment.

SPDX-License-Identifier: BSD-2-Clause
"""

import time
from functools import partial

import setting
from measuring import Sample, take_turns
from report import Goal, Question
from rig import frames
from service.crowd import ask_at_once

OURS = "`xacct credentials`"
CONSTANT = "a C program that prints a constant"
AWS = "`aws configure export-credentials`"
ONE, CROWD = "one login", "200 logins of 50 users at once"
WORKED = "processor time of the service in these"
LEAST = "the least: 50 requests at once on 50 new connections, by one thread of libcurl"
STS_DELAY = 300  # milliseconds
WHY_CROWD = (
    "there is more to compute than the one thread of the service can do in the time: its processor "
    "time, which the table shows, is before STS has been asked and after it has answered, and not "
    "while it is waited for. 50 connections with their handshakes are a part of it, which is the "
    "limit, and 200 openings, each with its look-up, record and audit line, the rest; beside it "
    "the generator, which has to share the processors with it, and 50 handshakes of the server."
)


def credentials(host, rounds):
    """The command as an SDK calls it, within a session that is open."""
    user = setting.USERS[0]
    with host.sts() as url:
        config = setting.write_policy(url, "credentials")
        with setting.service(config):
            (opened,) = frames.request(frames.open_request(user))
            env = {
                "XACCT_SESSION": opened["session"],
                "XACCT_ROLE": "client-a-audit",
                "HOME": "/",
                "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "secret",
            }
            with setting.processes(user, env) as processes:
                samples = take_turns(
                    {
                        OURS: processes.of("/usr/bin/xacct", "credentials", separator="\t"),
                        CONSTANT: processes.of(f"{setting.PROGRAMS}/constant"),
                        AWS: processes.of(
                            *["/usr/bin/aws", "configure", "export-credentials"], separator="\t"
                        ),
                    },
                    rounds(200),
                    seldom=(AWS,),
                )
    return Question(
        "`xacct credentials`, as an SDK calls it",
        list(samples.items()),
        [
            Goal("at most 3 times the constant",
                 samples[OURS].median / samples[CONSTANT].median, at_most=3),
        ],
        remark="The service has the credentials in memory.",
    )


def _milliseconds(requests):
    """From the first connect to the last reply."""
    start = time.monotonic()
    for caller in ask_at_once(requests):
        assert caller.reply and caller.reply["status"] == "permitted", caller.reply
    return 1000 * (time.monotonic() - start)


def _processor_ms(pid):
    """What a process has had of the processor: proc(5), schedstat, in nanoseconds."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as text:
        return int(text.read().split()[0]) / 1e6


def crowd(host, rounds):
    """Many logins at once, whose credentials and connections all have to be made."""
    worked = {ONE: [], CROWD: []}
    logins = {
        ONE: [frames.open_request(setting.USERS[0])],
        CROWD: [frames.open_request(user) for user in setting.USERS for _ in range(4)],
    }
    with host.sts(delay_ms=STS_DELAY) as url:
        config = setting.write_policy(url, "crowd")

        def at_once(what):
            with setting.service(config) as service:
                before = _processor_ms(service.pid)
                passed = _milliseconds(logins[what])
                worked[what].append(_processor_ms(service.pid) - before)
                return passed

        with setting.program("tls_requests", url, host.ca, "many") as least:
            samples = take_turns(
                {what: partial(at_once, what) for what in logins}
                | {LEAST: least.of(len(setting.USERS))},
                rounds(10),
                warm_up=1,
            )
    return Question(
        "200 logins at once from one generator, 50 users, STS taking 300 ms",
        [*samples.items(), (WORKED, Sample(worked[CROWD][1:]))],  # as the first is the warm-up
        [
            Goal("at most 1.3 times one login",
                 samples[CROWD].median / samples[ONE].median, at_most=1.3, why=WHY_CROWD,
                 limit=samples[LEAST].median / samples[ONE].median),
        ],
        remark="From the first connect to the last reply, by a service that has just been started: "
        "it has no credentials and no connection yet. The generator is one thread of Python, whose "
        "own time is in it.",
    )


QUESTIONS = (credentials, crowd)
