"""Each fuzz target over its seeds, and over as many inputs made of them as fit into a second or two.

Which these are is the same in each run: they are made from a fixed seed, and counted. `make fuzz`
goes on where this ends.

    make build-fuzzers && tests/enter /usr/bin/python3 -m pytest tests/fuzz

SPDX-License-Identifier: BSD-2-Clause
"""

import subprocess

import fuzzing
import pytest

RUNS = 2000
# Whose inputs take long: whole policies, and what is read from files or sockets.
FEWER = {"audit_log": 150, "cloudtrail": 300, "policy": 150, "times": 500, "pattern": 500, "user_files": 300,
         "command_reply": 300, "x509_chain": 300, "sts_xml": 500}

# Leaks are looked for once at the end, and not after each input.
OPTIONS = ["-detect_leaks=0"]

every_target = pytest.mark.parametrize("target", fuzzing.TARGETS)


def run(target, folder, *arguments):
    """Runs the target; what it finds is in `folder`. Returns the exit status and what it said."""
    done = subprocess.run(
        [fuzzing.program_of(target), *OPTIONS, *fuzzing.options_of(target, folder), *arguments],
        capture_output=True, text=True, errors="backslashreplace", timeout=120, check=False)
    return done.returncode, done.stderr


def explain(said, folder):
    """What a failed run found, and the input that did it."""
    kept = "".join(f"\n{file.name}: {file.read_bytes()!r}" for file in sorted(folder.glob("*-*")))
    return said[-4000:] + kept


@every_target
def test_every_seed_keeps_the_promises_and_some_are_accepted(target, tmp_path):
    status, said = run(target, tmp_path, *fuzzing.seeds_of(target))
    assert status == 0, explain(said, tmp_path)
    assert fuzzing.accepted(said) > 0


@every_target
def test_what_is_made_of_the_seeds_keeps_the_promises(target, tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    status, said = run(target, tmp_path, "-seed=1", f"-runs={FEWER.get(target, RUNS)}", corpus,
                       fuzzing.HERE / "seeds" / target)
    assert status == 0, explain(said, tmp_path)
