/*
 * Instants as text.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/instant.h"

#include <stdio.h>
#include <string.h>

char *instant_text(char text[INSTANT_SIZE], time_t seconds)
{
    struct tm utc;

    /* A year that does not fit is no instant that anything here deals with. */
    if (gmtime_r(&seconds, &utc) == NULL ||
        strftime(text, INSTANT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        text[0] = '\0';
    return text;
}

char *instant_text_ms(char text[INSTANT_SIZE], const struct timespec *instant)
{
    char *end;

    instant_text(text, instant->tv_sec);
    end = strchr(text, 'Z');
    if (end != NULL)
        snprintf(end, INSTANT_SIZE - (size_t)(end - text), ".%03uZ",
                 (unsigned)(instant->tv_nsec / 1000000) % 1000);
    return text;
}
