"""What `xacct metrics` tells, read by Prometheus's own parser (python3-prometheus-client).

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import subprocess

from prometheus_client import parser

from . import policy

DAY = 86400
END = "xacct_grant_end_timestamp_seconds"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def run(*words, user=0):
    """Runs the command as this uid; returns how it came out."""
    return subprocess.run(
        ["/usr/bin/xacct", "metrics", *words],
        user=user, group=user, extra_groups=[], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


class Told:
    """The numbers of a text, by name and labels."""

    def __init__(self, text):
        self.text = text
        self.families = {family.name: family for family in parser.text_string_to_metric_families(text)}
        told = [sample for family in self.families.values() for sample in family.samples]
        self.samples = {(one.name, frozenset(one.labels.items())): one.value for one in told}
        assert len(self.samples) == len(told), "a number is told twice"

    def names(self):
        return {name for name, _ in self.samples}

    def __getitem__(self, name):
        """The one number of this name without labels."""
        return self.of(name)

    def of(self, name, **labels):
        return self.samples[name, frozenset(labels.items())]

    def by(self, name, *labels):
        """The numbers of this name that are not 0, by the values of these labels."""
        found = {}
        for (of, pairs), value in self.samples.items():
            if of == name and value:
                values = tuple(dict(pairs).get(label) for label in labels)
                found[values[0] if len(labels) == 1 else values] = value
        return found


def told(*words, user=0):
    """What root, or this uid, is told by a service that answers."""
    done = run(*words, user=user)
    assert (done.returncode, done.stderr) == (0, ""), done
    return Told(done.stdout)


def told_as_json(*words):
    done = run("--json", *words)
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def grant(name, seconds, *lines):
    """A grant of alice's that ends in so many seconds; more lines of it."""
    return f"[grant {name}]\nusers = alice\nroles = client-a-dev\nuntil = {policy.instant(seconds)}\n" + "".join(
        f"{line}\n" for line in lines)
