"""Measures speed and footprint beside others, prints the tables, and writes them to a file. To be
run by `make bench`, inside tests/enter.

SPDX-License-Identifier: BSD-2-Clause
"""

import argparse
import os
import sys
import time

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import commands
import groups
import logins
import policies
import report
import sessions
import setting

FEW = 2
QUESTIONS = (
    *logins.QUESTIONS,
    *commands.QUESTIONS,
    *policies.QUESTIONS,
    *groups.QUESTIONS,
    *sessions.QUESTIONS,
)


def main():
    parser = argparse.ArgumentParser(description="Measures speed and footprint beside others.")
    parser.add_argument("file", help="where the tables go")
    parser.add_argument("--few", action="store_true", help="only show that it works")
    parser.add_argument("--only", help="the questions with these names, separated by commas")
    options = parser.parse_args()
    wanted = options.only.split(",") if options.only else None
    busy = report.others_work()
    answers = []
    with setting.Setting() as host:
        for question in QUESTIONS:
            if wanted is not None and question.__name__ not in wanted:
                continue
            start = time.monotonic()
            answers.append(question(host, lambda full: min(FEW, full) if options.few else full))
            print(report.of_question(answers[-1]), flush=True)
            print(f"({question.__name__}: {time.monotonic() - start:.0f} s)\n", file=sys.stderr)
    os.makedirs(os.path.dirname(options.file) or ".", exist_ok=True)
    with open(options.file, "w", encoding="utf-8") as out:
        out.write(report.whole(answers, busy))


if __name__ == "__main__":
    main()
