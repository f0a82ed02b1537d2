/*
 * The least that reading a policy can be: inih, and nothing done with what it reads.
 * `read_ini FILE`; `read_ini FILE keep` copies each section, name and value, and does nothing with
 * the copies.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "policy/arena.h"

static struct arena kept;

static int pass(void *unused, const char *section, const char *name, const char *value)
{
    (void)unused, (void)section, (void)name, (void)value;
    return 1;
}

static int keep(void *unused, const char *section, const char *name, const char *value)
{
    const char *const texts[] = {section, name, value};
    size_t i;

    (void)unused;
    for (i = 0; i < sizeof texts / sizeof *texts; i++)
        if (arena_text(&kept, texts[i], strlen(texts[i])) == NULL)
            return 0;
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 2 || ini_parse(argv[1], argc > 2 ? keep : pass, NULL) != 0)
        return 1;
    arena_free(&kept);
    return 0;
}
