/*
 * Users in /etc/passwd, read as a file: NSS may block for minutes where a directory's daemon has
 * stopped, and clobbers what the calling program holds.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_xacct/internal.h"

#define LINE_FIRST   ((size_t)1024)
#define LINE_LONGEST ((size_t)1024 * 1024)

/* Reads on until the entry of `name`. Returns 0, ENOENT at the end, ERANGE or another errno. */
static int scan(FILE *file, const char *name, char *line, size_t size, struct passwd_entry *entry)
{
    struct passwd fields, *read = NULL;
    int error;

    while ((error = fgetpwent_r(file, &fields, line, size, &read)) == 0) {
        if (strcmp(fields.pw_name, name) == 0) {
            *entry = (struct passwd_entry){true, fields.pw_uid, fields.pw_gid};
            return 0;
        }
    }
    return error;
}

int passwd_find(const char *name, struct passwd_entry *entry)
{
    size_t size = LINE_FIRST;
    char *line = NULL;
    FILE *file;
    int error;

    memset(entry, 0, sizeof *entry);
    file = fopen("/etc/passwd", "re");
    if (file == NULL)
        return errno;
    for (;;) {
        char *larger = realloc(line, size);

        if (larger == NULL) {
            error = ENOMEM;
            goto done;
        }
        line = larger;
        error = scan(file, name, line, size, entry);
        if (error != ERANGE || size >= LINE_LONGEST)
            break;
        /* From the start again: C libraries differ in whether the long line is read twice. */
        size *= 2;
        rewind(file);
    }
    if (error == ENOENT)
        error = 0;

done:
    free(line);
    fclose(file);
    return error;
}
