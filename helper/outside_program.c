/*
 * Executing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/outside_program.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "common/trusted_file.h"

#define ENTRY_SIZE    ((size_t)4096)
#define VARIABLE_SIZE ((size_t)512)

bool outside_program_is_trusted(const char *path, bool executable, char *why, size_t why_size)
{
    const struct trust trust = {.is_code = true, .group = getegid(), .largest = SIZE_MAX};
    char shown[ESCAPE_MAX];
    size_t size;
    int fd = trusted_open(path, &trust, &size, why, why_size);

    if (fd < 0)
        return false;
    close(fd);
    if (!executable || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
        return true;
    snprintf(why, why_size,
             "the helper's user cannot execute %s: %s (it must be root's with mode "
             "0755)",
             escape(shown, sizeof shown, path), strerror(errno));
    return false;
}

/* Our user's entry in /etc/passwd, its texts in `buffer`; or NULL. */
static const struct passwd *find_user(struct passwd *entry, char buffer[ENTRY_SIZE])
{
    FILE *file = fopen("/etc/passwd", "re");
    struct passwd *found = NULL;
    int error = 0;

    if (file == NULL)
        return NULL;
    while (error == 0) {
        error = fgetpwent_r(file, entry, buffer, ENTRY_SIZE, &found);
        /* An entry that does not fit is another's. */
        if (error == ERANGE)
            error = 0;
        else if (error == 0 && found->pw_uid == geteuid())
            break;
    }
    fclose(file);
    return error == 0 ? found : NULL;
}

char **outside_program_environment(void)
{
    static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    static char language[] = "LANG=C.UTF-8";
    static char home[VARIABLE_SIZE], user[VARIABLE_SIZE], login[VARIABLE_SIZE];
    static char *environment[] = {path, language, home, user, login, NULL};
    char buffer[ENTRY_SIZE];
    struct passwd entry;
    const struct passwd *found = find_user(&entry, buffer);

    snprintf(home, sizeof home, "HOME=%s", found != NULL ? found->pw_dir : "/");
    snprintf(user, sizeof user, "USER=%s", found != NULL ? found->pw_name : "xacct");
    snprintf(login, sizeof login, "LOGNAME=%s", found != NULL ? found->pw_name : "xacct");
    return environment;
}

void outside_program_execute(const struct texts *command)
{
    char **arguments = calloc(command->count + 1, sizeof *arguments);

    if (arguments != NULL) {
        memcpy(arguments, command->items, command->count * sizeof *arguments);
        execve(arguments[0], arguments, outside_program_environment());
        free(arguments);
    }
    dprintf(STDERR_FILENO, "it cannot be executed: %s\n", strerror(errno));
}
