/*
 * The sources of the group database, one at a time.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/lookup_sources.h"

#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NSSWITCH "/etc/nsswitch.conf"
#define BLANKS   " \t"

/* Where no line names the second, the first is asked for it. */
static const char *const databases[] = {"group", "initgroups"};

/*
 * The sources that nsswitch.conf(5) names for `database`, with their actions, as one line that the
 * caller frees; NULL when it names none or cannot be read.
 */
static char *sources_of(const char *database)
{
    size_t size = 0, length = strlen(database);
    char *line = NULL, *sources = NULL;
    FILE *file = fopen(NSSWITCH, "re");

    while (file != NULL && sources == NULL && getline(&line, &size, file) > 0) {
        char *start = line + strspn(line, " \t");

        start[strcspn(start, "#\n")] = '\0';
        if (strncmp(start, database, length) == 0 && start[length] == ':')
            sources = strdup(start + length + 1);
    }
    if (file != NULL)
        fclose(file);
    free(line);
    return sources;
}

/* Asks the sources of one line. Returns the errno that they leave. */
static int ask(const char *sources, const char *user, gid_t primary)
{
    gid_t first;
    int count = 1;

    if (__nss_configure_lookup("group", sources) != 0 ||
        __nss_configure_lookup("initgroups", sources) != 0)
        return errno;
    errno = 0;
    /* How many there are does not matter: only whether the source answers. */
    (void)getgrouplist(user, primary, &first, &count);
    return errno;
}

/*
 * Takes one service, and an action behind it, out of a line of sources. Returns whether it was
 * there.
 */
static bool take_out(char *sources, const char *name)
{
    const size_t length = strlen(name);
    bool found = false;
    char *at = sources + strspn(sources, BLANKS);

    while (*at != '\0') {
        char *end = at + strcspn(at, BLANKS), *next = end + strspn(end, BLANKS);

        if ((size_t)(end - at) == length && strncmp(at, name, length) == 0) {
            /* An action, [NOTFOUND=return], may hold spaces. */
            if (*next == '[')
                next += strcspn(next, "]") + (strchr(next, ']') != NULL);
            memmove(at, next, strlen(next) + 1);
            at += strspn(at, BLANKS);
            found = true;
        } else {
            at = next;
        }
    }
    return found;
}

void lookup_sources_leave_out(const char *left_out)
{
    size_t i;

    for (i = 0; i < sizeof databases / sizeof *databases; i++) {
        char *sources = sources_of(databases[i]);

        if (sources != NULL) {
            (void)take_out(sources, left_out);
            (void)__nss_configure_lookup(databases[i], sources);
        }
        free(sources);
    }
}

const char *lookup_sources_without(const char *service)
{
    const char *without = NULL;
    size_t i;

    for (i = 0; i < sizeof databases / sizeof *databases && without == NULL; i++) {
        char *sources = sources_of(databases[i]);

        if (sources != NULL ? !take_out(sources, service) : i == 0)
            without = databases[i];
        free(sources);
    }
    return without;
}

int lookup_sources_ask_each(const char *user, gid_t primary)
{
    char *sources = sources_of("initgroups");
    char *token, *rest, *all;
    int error = 0;

    if (sources == NULL)
        sources = sources_of("group");
    all = sources != NULL ? strdup(sources) : NULL;
    if (all == NULL) {
        free(sources);
        return ENOENT;
    }
    for (token = strtok_r(sources, " \t", &rest); token != NULL && error == 0;
         token = strtok_r(NULL, " \t", &rest)) {
        /* An action, [NOTFOUND=return], may hold spaces: all its pieces are passed over. */
        if (*token == '[') {
            while (token != NULL && strchr(token, ']') == NULL)
                token = strtok_r(NULL, " \t", &rest);
            if (token == NULL)
                break;
        } else if (strcmp(token, "systemd") != 0) {
            error = ask(token, user, primary);
        }
    }
    if (__nss_configure_lookup("group", all) != 0 || __nss_configure_lookup("initgroups", all) != 0)
        error = ENOTRECOVERABLE;
    free(all);
    free(sources);
    return error;
}
