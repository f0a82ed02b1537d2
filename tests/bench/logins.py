"""What a login gains, measured in a program that calls PAM as sshd does.

SPDX-License-Identifier: BSD-2-Clause
"""

import itertools

import setting
from measuring import take_turns
from report import Goal, Question
from rig.sshd import HELPER

# As people write it: what pam_exec tells is in the environment, and a session's end costs nothing.
SCRIPT = """\
#!/bin/sh
[ "$PAM_TYPE" = open_session ] || exit 0
export PATH=/usr/bin:/bin HOME=/root
{command} >{out}
"""
AWS = """\
AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret} AWS_CA_BUNDLE={bundle} \\
    /usr/bin/aws sts assume-role --endpoint-url {url} --region {region} --role-arn {arn} \\
    --role-session-name "$PAM_USER" --external-id 7Zr-42"""
CURL = """\
curl --silent --show-error --fail --aws-sigv4 aws:amz:{region}:sts --user {key}:{secret} \\
    --data-urlencode Action=AssumeRole --data-urlencode Version=2011-06-15 \\
    --data-urlencode RoleArn={arn} --data-urlencode RoleSessionName="$PAM_USER" \\
    --data-urlencode ExternalId=7Zr-42 {url}/"""
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

NEITHER = "a login without any of it"
ACCOUNT = "pam_xacct on the account line, which does without STS"
SESSION = "pam_xacct on the session line"
BOTH = "pam_xacct on the account and the session line"
BY_AWS = "pam_exec and `aws sts assume-role`"
BY_CURL = "pam_exec and `curl --aws-sigv4`"
STARTED = "`xacct-helper --version`, which is linked, started, and ends"
REQUEST = "a C program: libcurl, one request, one CA"
WARM = "one request on an open TLS connection"
ECHO = "a connect, one frame echoed, getpwnam_r, getgrouplist"
LEAST_COLD = "the least: a module that starts this C program, which reads the answer as well, with libxml2"
LEAST_COLD_BOTH = "the least on both lines: it starts one that does nothing before"
LEAST = "the least: a module, greeting, request and reply"
LEAST_ASKING = f"{LEAST}, with the request between"
LEAST_BOTH = "the least on both lines"

WHY_COLD = (
    "the C program does not read the answer, for which the helper loads libxml2 and with it ICU and "
    "the library of C++; that is in the limit. It does without the module's process that ends the "
    "helper in time, another one for look-ups, a sandbox around each process, the policy, the "
    "session's record and the audit line as well, and it has one authority to trust and not the "
    "system's store. What the helper loads it needs, libcurl alone is half of the C program's "
    "time, and of a process that is started most is the kernel's, which gives it what the loader "
    "writes to page by page. On two lines the rest is there twice."
)
WHY_SERVICE = (
    "a line is a connection with two round trips (greeting, reply), twice as many changes of "
    "process as the echo has, and PAM maps the module for each login. That is the limit. What "
    "comes on top of it is for the most part system calls, about seventy of the service's: a sixth "
    "compare the files of the policy, of NSS and of the base with what it has read, so that each "
    "decision is one of this moment; a third open and close the session's record and the saved "
    "choice, and a sixth write to the audit file, whose folders are looked at each time. It gets "
    "no page of memory for a login, as it keeps those of the one before, and the module one or two "
    "beside those that it is mapped to."
)
WHY_FETCHED = (
    "STS is asked on a connection that is open already, without waiting for anything else, by a "
    "process that others have had the processor from meanwhile, while what it is measured against "
    "does nothing else. And " + WHY_SERVICE
)


def _script(name, command, url):
    values = {
        "key": setting.KEY, "secret": setting.SECRET, "bundle": BUNDLE, "url": url,
        "region": setting.REGION, "arn": setting.ROLE_ARN,
    }
    text = SCRIPT.format(command=command.format(**values), out=f"{setting.ROOT}/{name}.out")
    return f"required pam_exec.so {setting.place_script(name, text)}"


def _stacks(line):
    """The stacks with our line: on the one or the other, and on both."""
    setting.write_stack("neither")
    setting.write_stack("account", account=line)
    setting.write_stack("session", session=line)
    setting.write_stack("both", account=line, session=line)


def _ours(meter):
    """The three logins, of one user after the other."""
    users = itertools.cycle(setting.USERS)

    def login(stack, keys):
        return lambda: meter.measure(f"{stack} {next(users)} {keys}")

    return {
        NEITHER: login("neither", "none"),
        SESSION: login("session", "keys"),
        BOTH: login("both", "keys"),
    }


def _beside_least(logins, account, session, names):
    """Our logins, and behind each, as what went before is felt, the least that lines which do
    something can be: by these two names, with the session line alone and with both."""
    setting.write_stack("least", session=session)
    setting.write_stack("least-both", account=account, session=session)
    ours = _ours(logins)
    alone, both = (logins.of(stack, setting.USERS[0], "none") for stack in ("least", "least-both"))
    return {
        NEITHER: ours[NEITHER], SESSION: ours[SESSION], names[0]: alone, BOTH: ours[BOTH],
        names[1]: both,
    }


def _gains(samples, *names):
    return [(name, samples[name].above(samples[NEITHER])) for name in names]


def cold(host, rounds):
    """The helper is started for the login."""
    with host.sts() as url, setting.program("logins", setting.STACKS) as logins:
        _stacks(setting.our_line(setting.write_policy(url, "cold")))
        setting.write_stack("aws", session=_script("aws", AWS, url))
        setting.write_stack("curl", session=_script("curl", CURL, url))
        ours = _beside_least(
            logins,
            f"required {setting.PROGRAMS}/pam_least.so run /usr/bin/true",
            f"required {setting.PROGRAMS}/pam_least.so run {setting.PROGRAMS}/sts_read {url} "
            f"{host.ca}",
            (LEAST_COLD, LEAST_COLD_BOTH),
        )
        with setting.processes() as processes:
            samples = take_turns(
                ours
                | {
                    ACCOUNT: logins.of("account", setting.USERS[0], "none"),
                    BY_AWS: logins.of("aws", setting.USERS[0], "none"),
                    BY_CURL: logins.of("curl", setting.USERS[0], "none"),
                    STARTED: processes.of(HELPER, "--version", separator="\t"),
                    REQUEST: processes.of(
                        f"{setting.PROGRAMS}/tls_requests", url, host.ca, separator="\t"
                    ),
                },
                rounds(150),
                seldom=(BY_AWS,),
            )
    gains = dict(_gains(samples, SESSION, ACCOUNT, BOTH, BY_AWS, BY_CURL, LEAST_COLD,
                        LEAST_COLD_BOTH))
    gain, least = gains[SESSION].median, gains[LEAST_COLD].median
    request = samples[REQUEST].median
    return Question(
        "What a login gains when the helper is started for it",
        [*gains.items(), (REQUEST, samples[REQUEST]), (STARTED, samples[STARTED])],
        [
            Goal(f"{BY_AWS}: at least 30 times the session line",
                 gains[BY_AWS].median / gain, at_least=30, why=WHY_COLD,
                 limit=gains[BY_AWS].median / least),
            Goal(f"{BY_CURL}: at least 2 times the session line",
                 gains[BY_CURL].median / gain, at_least=2, why=WHY_COLD,
                 limit=gains[BY_CURL].median / least),
            Goal("the session line: at most 1.5 times the C program",
                 gain / request, at_most=1.5, why=WHY_COLD, limit=least / request),
            Goal("both lines, which start it twice: at most 1.5 times the C program",
                 gains[BOTH].median / request, at_most=1.5, why=WHY_COLD,
                 limit=gains[LEAST_COLD_BOTH].median / request),
        ],
        remark="Over TLS, with the system's trust store (the C program: one CA in its file). Given "
        f"is what is added to {NEITHER}, which took {samples[NEITHER].median:.2f} ms.",
    )


def warm(host, rounds):
    """The service asks STS for each login."""
    with host.sts(setting.SHORT) as url:
        config = setting.write_policy(url, "warm")
        _stacks(setting.our_line(config, "warm"))
        with (
            setting.service(config, "warm"),
            setting.program("logins", setting.STACKS) as logins,
            setting.program("tls_requests", url, host.ca, "open") as request,
            setting.least_service(url, host.ca) as line,
            setting.least_service() as account,
        ):
            samples = take_turns(
                _beside_least(logins, account, line, (LEAST_ASKING, LEAST_BOTH))
                | {WARM: request.of()},
                rounds(1000),
            )
    gains = dict(_gains(samples, SESSION, BOTH, LEAST_ASKING, LEAST_BOTH))
    limit = samples[WARM].median

    def over(name):
        return (gains[name].median - 0.5) / limit

    return Question(
        "What a login gains through the service, which fetches credentials",
        [*gains.items(), (WARM, samples[WARM])],
        [
            Goal(f"{name}, less 0.5 ms: at most 1.3 times the request", over(name), at_most=1.3,
                 why=WHY_FETCHED, limit=over(least))
            for name, least in ((SESSION, LEAST_ASKING), (BOTH, LEAST_BOTH))
        ],
        remark="STS answers with credentials that are too short to be kept.",
    )


def live(host, rounds):
    """The service has the credentials in memory."""
    with host.sts() as url:
        config = setting.write_policy(url, "live")
        _stacks(setting.our_line(config, "live"))
        with (
            setting.service(config, "live"),
            setting.program("logins", setting.STACKS) as logins,
            setting.program("echo_frames", f"{setting.ROOT}/echo") as echo,
            setting.least_service() as line,
        ):
            samples = take_turns(
                _beside_least(logins, line, line, (LEAST, LEAST_BOTH))
                | {ECHO: echo.of(setting.USERS[-1])},
                rounds(1000),
                warm_up=2 * len(setting.USERS),  # until everybody's credentials are there
            )
    gains = dict(_gains(samples, SESSION, BOTH, LEAST, LEAST_BOTH))
    echo_ms = samples[ECHO].median
    pairs = (SESSION, LEAST), (BOTH, LEAST_BOTH)
    return Question(
        "What a login gains through the service, which has live credentials",
        [*gains.items(), (ECHO, samples[ECHO])],
        [
            Goal(f"{name}: at most 3 times the echo and the look-ups",
                 gains[name].median / echo_ms, at_most=3, why=WHY_SERVICE,
                 limit=gains[least].median / echo_ms)
            for name, least in pairs
        ]
        + [
            Goal(f"{name}: under 1 ms", gains[name].median, unit="ms", at_most=1, why=WHY_SERVICE,
                 limit=gains[least].median)
            for name, least in pairs
        ],
    )


QUESTIONS = (cold, warm, live)
