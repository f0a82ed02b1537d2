/*
 * The least that reading a policy can be: inih, and nothing done with what it reads.
 * `read_ini FILE`.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <ini.h>
#include <stdio.h>

static int take(void *unused, const char *section, const char *name, const char *value)
{
    (void)unused, (void)section, (void)name, (void)value;
    return 1;
}

int main(int argc, char **argv)
{
    return argc == 2 && ini_parse(argv[1], take, NULL) == 0 ? 0 : 1;
}
