/*
 * Marks of logins.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_logins.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/reference.h"
#include "helper/text_list.h"

#define LOGIN     "login"
#define CERTIFIED "certified"
#define MARK_SIZE ((size_t)96)

/* Names the mark of a record. Returns whether it has one. */
static bool name_mark(char name[MARK_SIZE], const struct session_record *record)
{
    const bool certified = text_same(record->service, "sshd") &&
                           (record->authority_key != NULL || !record->auth_known);
    char number[16] = "-";

    if (record->has_audit_session)
        snprintf(number, sizeof number, "%u", (unsigned)record->audit_session);
    snprintf(name, MARK_SIZE, "%u.%s.%s.%s", (unsigned)record->uid, number, record->id,
             certified ? CERTIFIED : LOGIN);
    return record->has_audit_session || certified;
}

int session_login_mark(int folder, const struct session_record *record)
{
    char name[MARK_SIZE];
    int fd;

    if (!name_mark(name, record))
        return 0;
    /* An empty file is whole as soon as it is there. One that has ended has its mark already. */
    fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : errno;
    close(fd);
    return 0;
}

void session_login_unmark(int folder, const struct session_record *record)
{
    char name[MARK_SIZE];

    if (name_mark(name, record))
        unlinkat(folder, name, 0);
}

/* Reads a number up to `end`, which follows it, and passes both. Returns whether it was one. */
static bool take_number(const char **text, char end, uint32_t *number)
{
    char *after;
    unsigned long value;

    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    value = strtoul(*text, &after, 10);
    if (errno != 0 || value > UINT32_MAX || *after != end)
        return false;
    *number = (uint32_t)value;
    *text = after + 1;
    return true;
}

bool session_login_read(const char *name, struct session_login *login)
{
    const char *at = name;
    uint32_t uid;

    memset(login, 0, sizeof *login);
    if (!take_number(&at, '.', &uid))
        return false;
    login->uid = uid;
    login->has_audit_session = take_number(&at, '.', &login->audit_session);
    if (!login->has_audit_session) {
        if (strncmp(at, "-.", 2) != 0)
            return false;
        at += 2;
    }
    if (strlen(at) < SESSION_ID_SIZE || at[SESSION_ID_SIZE - 1] != '.')
        return false;
    memcpy(login->id, at, SESSION_ID_SIZE - 1);
    at += SESSION_ID_SIZE;
    login->certified = strcmp(at, CERTIFIED) == 0;
    return (login->certified || strcmp(at, LOGIN) == 0) && session_id_is_valid(login->id);
}
