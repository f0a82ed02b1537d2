/*
 * Instants as text: ISO 8601, UTC, with a Z, as every AWS SDK reads them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_INSTANT_H
#define XACCT_HELPER_INSTANT_H

#include <time.h>

#define INSTANT_SIZE sizeof "2026-01-02T03:04:05.678Z"

/* Writes `seconds` since 1970 as "2026-01-02T03:04:05Z". Returns `text`. */
char *instant_text(char text[INSTANT_SIZE], time_t seconds);

/* As instant_text; NULL for 0, which stands for no instant. */
const char *instant_text_or_null(char text[INSTANT_SIZE], time_t seconds);

/* As instant_text, with milliseconds. */
char *instant_text_ms(char text[INSTANT_SIZE], const struct timespec *instant);

/*
 * Reads an instant in UTC as ISO 8601 has it ("2026-01-02T03:04:05Z"; fractions of a second are cut
 * off). Returns 0 and sets *instant, or EINVAL.
 */
int instant_read(const char *text, time_t *instant);

#endif
