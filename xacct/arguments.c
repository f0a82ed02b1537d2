/*
 * Arguments that are nobody else's business.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/arguments.h"

#include <stdlib.h>
#include <string.h>

char **arguments_take(int argc, char **argv)
{
    /* One piece with the array, which is put into another order: no text of it is ever lost. */
    size_t size = ((size_t)argc + 1) * sizeof(char *);
    static char **taken;
    char *text;
    int i;

    for (i = 0; i < argc; i++)
        size += strlen(argv[i]) + 1;
    taken = calloc(1, size);
    if (taken == NULL)
        return argv;
    text = (char *)(taken + argc + 1);
    for (i = 0; i < argc; i++) {
        taken[i] = text;
        text = stpcpy(text, argv[i]) + 1;
    }
    for (i = 1; i < argc; i++)
        explicit_bzero(argv[i], strlen(argv[i]));
    return taken;
}
