/*
 * Replacing a file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/escape.h"
#include "helper/write_all.h"
#include "xacct/complain.h"

/* The name of the file that is written first, which the caller frees; NULL without memory. */
static char *first_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const int folder = slash != NULL ? (int)(slash - path) + 1 : 0;
    char *name = NULL;

    return asprintf(&name, "%.*s.%s.XXXXXX", folder, path, path + folder) > 0 ? name : NULL;
}

/* Makes, fills and renames it. Returns 0 or an errno. */
static int replace(char *first, const char *path, mode_t mode, const struct text *text)
{
    const int fd = mkostemp(first, O_CLOEXEC);
    int error;

    if (fd < 0)
        return errno;
    error = write_all(fd, text->bytes, text->length);
    if (error == 0 && fchmod(fd, mode) != 0)
        error = errno;
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0 && rename(first, path) != 0)
        error = errno;
    if (error != 0)
        unlink(first);
    return error;
}

bool output_file_write(const char *path, mode_t mode, const struct text *text)
{
    char shown[ESCAPE_MAX];
    char *first = text->failed ? NULL : first_name(path);
    const int error = first != NULL ? replace(first, path, mode, text) : ENOMEM;

    if (error != 0)
        complain("%s cannot be written: %s; its folder has to be there and yours to write, with "
                 "room left",
                 escape(shown, sizeof shown, path), strerror(error));
    free(first);
    return error == 0;
}
