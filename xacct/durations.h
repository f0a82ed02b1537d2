/*
 * Lengths of time as people write and read them, and instants as the wire carries them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_DURATIONS_H
#define XACCT_XACCT_DURATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DURATION_LONGEST (7L * 24 * 3600) /* seconds: credentials live half a day at most */

/*
 * Reads a whole number with a unit directly behind it, s, m or h, as in the policy: "45s", "30m",
 * "1h". Returns true and sets *seconds, from 1 to DURATION_LONGEST; false when `text` is none.
 */
bool duration_parse(const char *text, int64_t *seconds);

/* Writes `seconds`, not negative, in words: "50 s", "42 min", "3 h 20 min", "12 days". */
char *duration_in_words(char *out, size_t size, int64_t seconds);

/*
 * Reads an instant in UTC as the wire has it, 2027-03-31T21:59:59Z. Returns true and sets *instant,
 * seconds since 1970; false for anything else, NULL too.
 */
bool instant_parse(const char *text, int64_t *instant);

/* Writes an instant for a person: "2027-03-31 21:59 UTC". What is none on the wire: "?". */
char *instant_in_words(char *out, size_t size, const char *wire);

#endif
