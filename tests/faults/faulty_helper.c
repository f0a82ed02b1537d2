/*
 * Stands where the module looks for its helper, and executes the real one with the library of
 * faults in it: the module gives a helper no environment.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char *environment[] = {(char *)"LD_PRELOAD=/mnt/faults/faults.so", NULL};

    (void)argc;
    execve("/mnt/libexec/xacct-helper", argv, environment);
    perror("/mnt/libexec/xacct-helper");
    return 126;
}
