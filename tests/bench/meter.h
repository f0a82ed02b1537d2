/*
 * A program that measures one thing again and again, when it is told to: bench.py runs several of
 * them side by side and takes turns. Each line of standard input asks for one measurement; what it
 * says is the program's own. The answer is one line: nanoseconds, or `failed` and why.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_BENCH_METER_H
#define XACCT_TESTS_BENCH_METER_H

/* Nanoseconds of the monotonic clock. */
long long meter_now(void);

/*
 * Calls `measure` with each line, without its line feed, and answers what that returns, until
 * standard input ends. Returns the program's exit status.
 */
int meter_run(long long (*measure)(char *line));

/* Answers `failed`, what failed and why, as printf puts it, and ends the program. */
__attribute__((noreturn, format(printf, 1, 2))) void meter_fail(const char *format, ...);

#endif
