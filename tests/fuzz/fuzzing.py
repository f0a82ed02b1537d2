"""Runs the fuzz targets: `make fuzz` by hand, and for test_fuzz.py.

What a run comes upon is kept in $BUILD/fuzz/corpus/TARGET and used by the next; what breaks a
promise, leaks, hangs or crashes in $BUILD/fuzz/found/TARGET-*: `$BUILD/fuzz/tests/fuzz/TARGET FILE`
shows it again. Once it is mended, the file becomes a seed, and a test of the subject.

SPDX-License-Identifier: BSD-2-Clause
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
BUILD = pathlib.Path(os.environ.get("BUILD", "build")) / "fuzz"
TARGETS = sorted(file.stem for file in HERE.glob("*.c") if file.stem != "fuzz")

# What one input may take until it counts as one that hangs, with all the sanitizers' checks.
SECONDS_FOR_ONE = 10
MEGABYTES = 2048


def seeds_of(target):
    return sorted((HERE / "seeds" / target).iterdir())


def options_of(target, found):
    dictionary = HERE / "dictionaries" / target
    return [
        f"-timeout={SECONDS_FOR_ONE}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-artifact_prefix={found}/{target}-",
        "-print_final_stats=1",
        *([f"-dict={dictionary}"] if dictionary.exists() else []),
    ]


def program_of(target):
    return BUILD / "tests" / "fuzz" / target


def accepted(text):
    """How many inputs the code under test took."""
    said = re.search(r"^accepted (\d+)$", text, re.MULTILINE)
    return int(said.group(1)) if said else 0


def fuzz(target, seconds):
    """Fuzzes one target. Returns whether nothing was found, and a line to print."""
    corpus, found = BUILD / "corpus" / target, BUILD / "found"
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(parents=True, exist_ok=True)
    command = [program_of(target), f"-max_total_time={seconds}", *options_of(target, found), corpus,
               HERE / "seeds" / target]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          errors="backslashreplace", check=False)
    statistics = dict(re.findall(r"^stat::(\w+):\s+(\d+)", done.stderr, re.MULTILINE))
    covered = re.findall(r"cov: (\d+)", done.stderr)
    line = (f"{target:15} {statistics.get('number_of_executed_units', '?'):>10} inputs, "
            f"{accepted(done.stderr):>8} accepted, {covered[-1] if covered else '?':>5} places")
    if done.returncode != 0:
        why = re.findall(r"^(?:.*promise does not hold.*|SUMMARY: .*)$", done.stderr, re.MULTILINE)
        kept = re.findall(r"Test unit written to (\S+)", done.stderr)
        line += f"\n    FOUND: {'; '.join(why) or done.stderr[-2000:]}\n    in {', '.join(kept)}"
    return done.returncode == 0, line


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("targets", nargs="*", default=TARGETS, metavar="TARGET")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.targets) - set(TARGETS))
    if unknown:
        parser.error(f"there is no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    clean = True
    os.nice(10)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(fuzz, target, arguments.seconds) for target in arguments.targets]
        for run in concurrent.futures.as_completed(runs):
            nothing_found, line = run.result()
            print(line, flush=True)
            clean = clean and nothing_found
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
