"""Taking turns: what is compared is measured in the same run, one after the other, again and again.

SPDX-License-Identifier: BSD-2-Clause
"""

import dataclasses
import random
import statistics
import subprocess

SELDOM = 20


class Meter:
    """A program of this folder that measures when it is told to (meter.h), from `with` until its
    end. `user` is a passwd entry to run as, `env` its environment."""

    def __init__(self, arguments, user=None, env=None):
        become = []
        if user is not None:
            become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}"]
            become.append("--clear-groups")
        self.name = arguments[0]
        self.child = subprocess.Popen(
            [*become, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": "/usr/bin:/bin"} | (env or {}),
        )

    def measure(self, line=""):
        """One measurement, in milliseconds."""
        print(line, file=self.child.stdin, flush=True)
        answer = self.child.stdout.readline().strip()
        if not answer.isdigit():
            raise AssertionError(f"{self.name}, asked for {line!r}: {answer or 'it has ended'}")
        return int(answer) / 1e6

    def of(self, *words, separator=" "):
        """A competitor that asks for these words each time."""
        line = separator.join(map(str, words))
        return lambda: self.measure(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait(30)
        self.child.stdout.close()


@dataclasses.dataclass
class Sample:
    """What was measured of one competitor, in milliseconds."""

    values: list

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def middle_half(self):
        """Between which values the middle half lies."""
        if len(self.values) < 2:
            return self.values[0], self.values[0]
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high

    def above(self, other):
        """What this one takes more than the median of another."""
        return Sample([value - other.median for value in self.values])


def take_turns(competitors, rounds, seldom=(), warm_up=3, shuffled=False):
    """Calls each of the competitors (name to a function that returns milliseconds) once a round,
    those named in `seldom` once in SELDOM rounds; returns name to Sample. What the first `warm_up`
    rounds give is not kept. `shuffled`: each round in an order of its own, the same in each run, as
    what goes before is felt and each is to follow each."""
    values = {name: [] for name in competitors}
    order, chance = list(competitors.items()), random.Random(0)
    for number in range(-warm_up, rounds):
        if shuffled:
            chance.shuffle(order)
        for name, measure in order:
            if name in seldom and number % SELDOM != 0:
                continue
            value = measure()
            if number >= 0:
                values[name].append(value)
    return {name: Sample(found) for name, found in values.items()}
