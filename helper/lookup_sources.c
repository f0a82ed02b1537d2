/*
 * The sources in nsswitch.conf, and those of the group database one at a time.
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
#define BLANKS   LOOKUP_SOURCES_BLANKS

/* Where no line names the second, the first is asked for it. */
static const char *const databases[] = {"group", "initgroups"};

/* What a line says of the database, behind its name; or NULL. */
static const char *behind_name(const char *line, const char *database)
{
    const size_t length = strlen(database);
    const char *start = line + strspn(line, BLANKS);

    if (strncmp(start, database, length) != 0 || start[length] == '\0' ||
        strchr(BLANKS ":", start[length]) == NULL)
        return NULL;
    return start + length + strspn(start + length, BLANKS ":");
}

char *lookup_sources_of(const char *database)
{
    char *line = NULL, *sources = NULL;
    FILE *file = fopen(NSSWITCH, "re");
    bool failed = false;
    size_t size = 0;

    while (file != NULL && !failed && getline(&line, &size, file) > 0) {
        const char *said;

        line[strcspn(line, "#\n")] = '\0';
        said = behind_name(line, database);
        if (said == NULL)
            continue;
        free(sources);
        sources = strdup(said);
        failed = sources == NULL;
    }
    if (file != NULL) {
        failed = failed || ferror(file);
        fclose(file);
    }
    free(line);
    if (!failed)
        return sources;
    free(sources);
    return NULL;
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

/* Behind the action that begins here, which may hold spaces, as [NOTFOUND=return] may. */
static char *behind_action(char *at)
{
    at += strcspn(at, "]");
    at += *at == ']';
    return at + strspn(at, BLANKS);
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
        char *end = at + strcspn(at, BLANKS "["), *next = end + strspn(end, BLANKS);

        if (end == at) {
            at = behind_action(at);
        } else if ((size_t)(end - at) == length && strncmp(at, name, length) == 0) {
            if (*next == '[')
                next = behind_action(next);
            memmove(at, next, strlen(next) + 1);
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
        char *sources = lookup_sources_of(databases[i]);

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
        char *sources = lookup_sources_of(databases[i]);

        if (sources != NULL ? !take_out(sources, service) : i == 0)
            without = databases[i];
        free(sources);
    }
    return without;
}

int lookup_sources_ask_each(const char *user, gid_t primary)
{
    char *sources = lookup_sources_of("initgroups");
    char *token, *rest, *all;
    int error = 0;

    if (sources == NULL)
        sources = lookup_sources_of("group");
    all = sources != NULL ? strdup(sources) : NULL;
    if (all == NULL) {
        free(sources);
        return ENOENT;
    }
    for (token = strtok_r(sources, BLANKS, &rest); token != NULL && error == 0;
         token = strtok_r(NULL, BLANKS, &rest)) {
        /* An action, [NOTFOUND=return], may hold spaces: all its pieces are passed over. */
        if (*token == '[') {
            while (token != NULL && strchr(token, ']') == NULL)
                token = strtok_r(NULL, BLANKS, &rest);
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
