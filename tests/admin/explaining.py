"""Asking `xacct explain`.

SPDX-License-Identifier: BSD-2-Clause
"""

import json

DEV = "[role dev]\naccount = client-a\nname = Developer\n"


def explain(run, *words, config="x.conf"):
    """The verdict of --json: the permitted roles, the login's role, and the exit status."""
    done = run("explain", "--config", config, "--json", *words)
    answer = json.loads(done.stdout)
    return {role["name"] for role in answer["roles"] if role["permitted"]}, answer, done.returncode


def texts(answer, role):
    return [because["text"] for entry in answer["roles"] if entry["name"] == role
            for because in entry["because"]]
