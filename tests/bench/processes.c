/*
 * How long a process takes, from its start until it has been reaped. Each line is a command and its
 * arguments, separated by tabs; what it prints goes to /dev/null, and it must end with 0.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "tests/bench/meter.h"

#define ARGUMENTS_MAX 64

static posix_spawn_file_actions_t nowhere;

static void split(char *line, char *arguments[ARGUMENTS_MAX + 1])
{
    size_t count = 0;

    while (line != NULL && count < ARGUMENTS_MAX)
        arguments[count++] = strsep(&line, "\t");
    arguments[count] = NULL;
}

static long long measure(char *line)
{
    char *arguments[ARGUMENTS_MAX + 1];
    long long start, end;
    int error, status;
    pid_t child;

    split(line, arguments);
    start = meter_now();
    error = posix_spawn(&child, arguments[0], &nowhere, NULL, arguments, environ);
    if (error != 0)
        meter_fail("%s cannot be started: %s", arguments[0], strerror(error));
    if (waitpid(child, &status, 0) != child)
        meter_fail("%s was not reaped", arguments[0]);
    end = meter_now();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        meter_fail("%s ended with wait status %d", arguments[0], status);
    return end - start;
}

int main(void)
{
    if (posix_spawn_file_actions_init(&nowhere) != 0 ||
        posix_spawn_file_actions_addopen(&nowhere, 0, "/dev/null", O_RDONLY, 0) != 0 ||
        posix_spawn_file_actions_addopen(&nowhere, 1, "/dev/null", O_WRONLY, 0) != 0)
        return 1;
    return meter_run(measure);
}
