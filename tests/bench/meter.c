/*
 * The loop of a program that measures.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/bench/meter.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

long long meter_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int meter_run(long long (*measure)(char *line))
{
    char line[8192];

    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        printf("%lld\n", measure(line));
        fflush(stdout);
    }
    return 0;
}

void meter_fail(const char *format, ...)
{
    va_list arguments;

    printf("failed ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
    exit(1);
}
