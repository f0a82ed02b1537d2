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
/* What stands between the words of a line, as isspace(3). */
#define BLANKS " \t\v\f\r"

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

int lookup_sources_of(const char *database, char **sources)
{
    FILE *file = fopen(NSSWITCH, "re");
    char *line = NULL;
    size_t size = 0;
    int error = 0;

    *sources = NULL;
    if (file == NULL)
        return errno == ENOENT ? 0 : errno;
    errno = 0;
    while (error == 0 && getline(&line, &size, file) > 0) {
        const char *said;

        line[strcspn(line, "#\n")] = '\0';
        said = behind_name(line, database);
        if (said == NULL)
            continue;
        free(*sources);
        *sources = strdup(said);
        error = *sources != NULL ? 0 : ENOMEM;
    }
    /* Where getline ran out of memory, too. */
    if (error == 0 && !feof(file))
        error = errno != 0 ? errno : EIO;
    fclose(file);
    free(line);
    if (error == 0)
        return 0;
    free(*sources);
    *sources = NULL;
    return error;
}

/* Behind the action that begins here, which may hold spaces, as [NOTFOUND=return] may. */
static char *behind_action(char *at)
{
    at += strcspn(at, "]");
    at += *at == ']';
    return at + strspn(at, BLANKS);
}

/* One source of a line. */
struct source {
    char *name; /* up to `end` */
    char *end;
    char *next; /* what follows it and its action */
    bool has_action;
};

/* Finds the first source from `at` on. Returns whether there is any. */
static bool find_source(char *at, struct source *source)
{
    at += strspn(at, BLANKS);
    while (*at == '[')
        at = behind_action(at);
    source->name = at;
    source->end = at + strcspn(at, BLANKS "[");
    source->next = source->end + strspn(source->end, BLANKS);
    source->has_action = *source->next == '[';
    if (source->has_action)
        source->next = behind_action(source->next);
    return *at != '\0';
}

static bool is_called(const struct source *source, const char *name)
{
    const size_t length = strlen(name);

    return (size_t)(source->end - source->name) == length &&
           strncmp(source->name, name, length) == 0;
}

bool lookup_sources_are_content_with(const char *database, const char *service)
{
    struct source first;
    char *sources;
    bool are;

    (void)lookup_sources_of(database, &sources);
    are = sources != NULL && find_source(sources, &first) && is_called(&first, service) &&
          !first.has_action;
    free(sources);
    return are;
}

/*
 * Takes one service, and an action behind it, out of a line of sources. Returns whether it was
 * there.
 */
static bool take_out(char *sources, const char *name)
{
    struct source source;
    bool found = false;
    char *at = sources;

    while (find_source(at, &source)) {
        at = source.next;
        if (is_called(&source, name)) {
            at = source.name;
            memmove(at, source.next, strlen(source.next) + 1);
            found = true;
        }
    }
    return found;
}

void lookup_sources_leave_out(const char *left_out)
{
    size_t i;

    for (i = 0; i < sizeof databases / sizeof *databases; i++) {
        char *sources;

        (void)lookup_sources_of(databases[i], &sources);
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
        char *sources;

        (void)lookup_sources_of(databases[i], &sources);
        if (sources != NULL ? !take_out(sources, service) : i == 0)
            without = databases[i];
        free(sources);
    }
    return without;
}

/* What is asked of each source. */
struct question {
    int (*ask)(const struct question *question); /* returns an errno where there is no answer */
    const char *name;                            /* of the user, or of the group or NULL */
    gid_t gid;                                   /* the user's primary group, or the group */
};

/* Which groups the user is in. How many there are does not matter: only whether it answers. */
static int ask_for_memberships(const struct question *question)
{
    gid_t first;
    int count = 1;

    errno = 0;
    (void)getgrouplist(question->name, question->gid, &first, &count);
    return errno;
}

/* Who the group is. One that is too large for the buffer is an answer. */
static int ask_for_group(const struct question *question)
{
    struct group entry, *found;
    char buffer[1024];
    int error;

    do
        error = question->name != NULL
                    ? getgrnam_r(question->name, &entry, buffer, sizeof buffer, &found)
                    : getgrgid_r(question->gid, &entry, buffer, sizeof buffer, &found);
    while (error == EINTR);
    return error == ERANGE ? 0 : error;
}

/* Has these sources asked for both databases. Returns whether. */
static bool configure(const char *group, const char *initgroups)
{
    return __nss_configure_lookup("group", group) == 0 &&
           __nss_configure_lookup("initgroups", initgroups) == 0;
}

/* Asks each source of the line, which is taken apart, but systemd's. Returns the first errno. */
static int ask_each_of(char *line, const struct question *question)
{
    struct source source;
    int error = 0;

    for (; error == 0 && find_source(line, &source); line = source.next) {
        if (is_called(&source, "systemd"))
            continue;
        *source.end = '\0';
        error = configure(source.name, source.name) ? question->ask(question) : errno;
    }
    return error;
}

/*
 * Asks each source of the group database, of memberships those of `initgroups` where a line names
 * them; then the process asks as before. Returns the first errno; `none` where no line names any.
 */
static int ask_each(const struct question *question, bool of_memberships, int none)
{
    char *group = NULL, *initgroups = NULL, *asked;
    const char *line;
    int error = lookup_sources_of("group", &group);

    if (error == 0)
        error = lookup_sources_of("initgroups", &initgroups);
    line = of_memberships && initgroups != NULL ? initgroups : group;
    asked = line != NULL ? strdup(line) : NULL;
    if (error == 0 && line == NULL) {
        error = none;
    } else if (error == 0 && asked == NULL) {
        error = ENOMEM;
    } else if (error == 0) {
        error = ask_each_of(asked, question);
        if (!configure(group != NULL ? group : initgroups, initgroups != NULL ? initgroups : group))
            error = ENOTRECOVERABLE;
    }
    free(asked);
    free(group);
    free(initgroups);
    return error;
}

int lookup_sources_ask_each(const char *user, gid_t primary)
{
    const struct question question = {ask_for_memberships, user, primary};

    return ask_each(&question, true, ENOENT);
}

int lookup_sources_ask_each_for_group(const char *name, gid_t gid)
{
    const struct question question = {ask_for_group, name, gid};

    return ask_each(&question, false, 0);
}
