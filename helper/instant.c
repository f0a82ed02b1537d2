/*
 * Instants as text.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/instant.h"

#include <ctype.h>
#include <errno.h>
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

const char *instant_text_or_null(char text[INSTANT_SIZE], time_t seconds)
{
    return seconds != 0 ? instant_text(text, seconds) : NULL;
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

/* Reads `count` digits. Returns them as a number, or -1. */
static int digits(const char **text, int count)
{
    int number = 0;

    for (; count > 0; count--, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return -1;
        number = 10 * number + (**text - '0');
    }
    return number;
}

int instant_read(const char *text, time_t *instant)
{
    static const struct {
        int width;
        char then;
        int lowest;
        int highest;
    } fields[] = {{4, '-', 1970, 9999}, {2, '-', 1, 12}, {2, 'T', 1, 31},
                  {2, ':', 0, 23},      {2, ':', 0, 59}, {2, '\0', 0, 59}};
    int values[sizeof fields / sizeof *fields];
    struct tm utc = {0};
    size_t i;

    for (i = 0; i < sizeof fields / sizeof *fields; i++) {
        values[i] = digits(&text, fields[i].width);
        if (values[i] < fields[i].lowest || values[i] > fields[i].highest)
            return EINVAL;
        if (fields[i].then != '\0' && *text++ != fields[i].then)
            return EINVAL;
    }
    if (*text == '.')
        do
            text++;
        while (isdigit((unsigned char)*text));
    if (strcmp(text, "Z") != 0)
        return EINVAL;
    utc.tm_year = values[0] - 1900;
    utc.tm_mon = values[1] - 1;
    utc.tm_mday = values[2];
    utc.tm_hour = values[3];
    utc.tm_min = values[4];
    utc.tm_sec = values[5];
    *instant = timegm(&utc);
    /* timegm makes 1 March of 30 February. */
    return utc.tm_mday == values[2] ? 0 : EINVAL;
}
