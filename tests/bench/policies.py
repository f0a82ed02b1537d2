"""Policies of different sizes: reading one and deciding, and a decision alone.

SPDX-License-Identifier: BSD-2-Clause
"""

import setting
from measuring import take_turns
from report import Goal, Question
from rig import policy

SIZES = 10, 1000, 10000
ROLES = 100
USER = setting.USERS[0]
SUDOERS = "/etc/sudoers"

READ = "reading and deciding, a C program of `policy/` alone"
EXPLAIN = "`xacct explain`"
CHECK = "the account line, with a helper started for it"
SUDO = "`sudo -l -U`"
INIH = "inih, doing nothing"
LEAST = "the least: inih, and what it reads is copied"
NEITHER = "neither"

WHY_READING = (
    "inih itself, which calls back for each line, is almost half of the instructions; the "
    "rest is what inih does not do: looking at each line for what it would cut, join or drop "
    "without a word, keeping names and values with their positions, checking them, and noting by "
    "which names each rule can be found."
)
WHY_LINEAR = (
    "the work itself is linear, as `tests/unit/test_policy_size.c` counts it. On a machine with "
    "other work to do, a longer process is interrupted more often."
)
WHY_DECIDING = (
    "rules that name neither the user nor a group are not touched; those that name a group are all "
    "looked at, to see which groups matter."
)


def _rules(size):
    """So many grants, the last of which is for our user."""
    accounts = [f"\n[account client-{n}]\nid = {100000000000 + n}\n" for n in range(10)]
    roles = [
        f"\n[role role-{n}]\naccount = client-{n % 10}\nname = bastion/Role{n}\n"
        for n in range(ROLES)
    ]
    users = [f"somebody-{n}" for n in range(size - 1)] + [USER]
    grants = [
        f"\n[grant grant-{n}]\nusers = {user}\nroles = role-{n % ROLES}\n"
        for n, user in enumerate(users)
    ]
    stacks = [f"{what}-{size}" for what in ("check", "service") for size in SIZES]
    return "".join([*accounts, *roles, *grants, f"services = sshd {' '.join(stacks)}\n"])


def _write_sudoers(size):
    """As many lines for sudo, in a file of their own."""
    users = [f"somebody-{n}" for n in range(size - 1)] + [USER]
    path = f"{setting.ROOT}/sudoers-{size}"
    with open(path, "w", encoding="ascii") as out:
        out.write("root ALL=(ALL:ALL) ALL\n")
        for n, user in enumerate(users):
            out.write(f"{user} ALL=(role-{n % ROLES}) NOPASSWD: /usr/bin/true\n")


def _competitors(size, config, logins, as_root, as_helper):
    def sudo():
        _use_sudoers(size)
        return as_root.measure(f"/usr/bin/sudo\t-l\t-U\t{USER}")

    return {
        (READ, size): as_helper.of(f"{setting.PROGRAMS}/decisions", config, USER, separator="\t"),
        (INIH, size): as_helper.of(f"{setting.PROGRAMS}/read_ini", config, separator="\t"),
        (LEAST, size): as_helper.of(f"{setting.PROGRAMS}/read_ini", config, "keep", separator="\t"),
        (SUDO, size): sudo,
        (EXPLAIN, size): as_helper.of(
            *["/usr/bin/xacct", "explain", USER, "--config", config], separator="\t"
        ),
        (CHECK, size): logins.of(f"check-{size}", USER, "none"),
    }


def _use_sudoers(size):
    with open(f"{setting.ROOT}/sudoers-{size}", "rb") as text, open(SUDOERS, "wb") as out:
        out.write(text.read())


def _reading_goals(samples):
    largest = SIZES[-1]
    few, some, many = (samples[READ, size].median for size in SIZES)
    sudo, inih, least = (samples[what, largest].median for what in (SUDO, INIH, LEAST))
    return [
        Goal(f"{SUDO}: at least 3 times as long, at {largest:,} grants", sudo / many, at_least=3,
             why=WHY_READING, limit=sudo / least),
        Goal(f"at most 2 times inih, at {largest:,} grants", many / inih, at_most=2,
             why=WHY_READING, limit=least / inih),
        Goal(f"linear: ten times {SIZES[1]:,} grants add at most 12 times what these add to "
             f"{SIZES[0]}", (many - few) / max(some - few, 0.01), at_most=12, why=WHY_LINEAR),
    ]


def reading(host, rounds):
    """Whole processes."""
    configs = {size: setting.write_policy("https://127.0.0.1", f"grants-{size}", _rules(size))
               for size in SIZES}
    setting.write_stack("neither")
    for size, config in configs.items():
        _write_sudoers(size)
        setting.write_stack(f"check-{size}", account=setting.our_line(config))
    with (
        setting.program("logins", setting.STACKS) as logins,
        setting.processes() as as_root,
        setting.processes("xacct") as as_helper,
    ):
        competitors = {NEITHER: logins.of("neither", USER, "none")}
        for size, config in configs.items():
            competitors |= _competitors(size, config, logins, as_root, as_helper)
        samples = take_turns(competitors, rounds(60))
    rows = [(f"{what}; {size:,} grants", samples[what, size])
            for what in (READ, EXPLAIN, SUDO, INIH, LEAST) for size in SIZES]
    rows += [(f"{CHECK}; {size:,} grants", samples[CHECK, size].above(samples[NEITHER]))
             for size in SIZES]
    return Question(
        "Reading a policy and deciding, whole processes, at 10, 1,000 and 10,000 grants",
        rows,
        _reading_goals(samples),
        remark="`sudo` reads as many lines of sudoers. `xacct explain` also prints a line for each "
        "grant: why it is for the user, or why it is not.",
    )


def deciding(host, rounds):
    """In a process that has the policy."""
    largest = SIZES[-1]
    configs = {size: setting.write_policy("https://127.0.0.1", f"decide-{size}", _rules(size))
               for size in (SIZES[0], largest)}
    alone = [f"one decision at {size:,} grants" for size in configs]
    asked = [f"the account line by a service with {size:,} grants" for size in configs]
    setting.write_stack("neither")
    for size, config in configs.items():
        setting.write_stack(f"service-{size}", account=setting.our_line(config, f"decide-{size}"))
    helper = policy.xacct()
    with (
        setting.service(configs[SIZES[0]], f"decide-{SIZES[0]}"),
        setting.service(configs[largest], f"decide-{largest}"),
        setting.program("logins", setting.STACKS) as logins,
        setting.program("decisions", configs[SIZES[0]], USER, "again", user=helper) as few,
        setting.program("decisions", configs[largest], USER, "again", user=helper) as many,
    ):
        competitors = dict(zip(alone, (few.of(), many.of())))
        competitors |= {name: logins.of(f"service-{size}", USER, "none")
                        for name, size in zip(asked, configs)}
        competitors[NEITHER] = logins.of("neither", USER, "none")
        samples = take_turns(competitors, rounds(1000))
    rows = [(name, samples[name]) for name in alone]
    rows += [(name, samples[name].above(samples[NEITHER])) for name in asked]
    return Question(
        "One decision at 10,000 grants, the policy in memory",
        rows,
        [
            Goal("one decision: under 100 µs", 1000 * samples[alone[1]].median, unit="µs",
                 at_most=100, why=WHY_DECIDING),
            Goal("the same in the service, as the difference between its two lines: under 100 µs",
                 1000 * (samples[asked[1]].median - samples[asked[0]].median), unit="µs",
                 at_most=100, why=WHY_DECIDING),
        ],
    )


QUESTIONS = (reading, deciding)
