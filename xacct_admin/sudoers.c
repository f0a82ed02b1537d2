/*
 * Reading what cvtsudoers makes of /etc/sudoers: cvtsudoers(1), JSON.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/sudoers.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xacct_admin/program.h"

/* Whether an item of a list is the negation of what it says. */
static bool is_negated(const json_t *item)
{
    return json_is_true(json_object_get(item, "negated"));
}

/* Whether one of the items has this member with this value, or "ALL" for it. */
static bool names(const json_t *list, const char *member, const char *value)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const char *said = json_string_value(json_object_get(item, member));

        if (said != NULL && !is_negated(item) &&
            (strcmp(said, "ALL") == 0 || strcmp(said, value) == 0))
            return true;
    }
    return false;
}

/* Whether rules with this list of hosts may be for this one: all but plain names of others. */
static bool is_for_this_host(const json_t *hosts)
{
    char name[256] = "";
    const json_t *host;
    size_t i, length;

    gethostname(name, sizeof name - 1);
    length = strcspn(name, ".");
    json_array_foreach(hosts, i, host)
    {
        const char *said = json_string_value(json_object_get(host, "hostname"));

        if (said == NULL || strcmp(said, "ALL") == 0 || strpbrk(said, "*?[") != NULL ||
            strncmp(said, name, length) == 0)
            return true;
    }
    return false;
}

/* Whether one of the users that a rule runs commands as is root, by name, uid or group. */
static bool is_as_root(const json_t *as)
{
    static const char *const numbers[] = {"userid", "usergid"};
    const json_t *item;
    size_t i, j;

    if (names(as, "username", "root") || names(as, "usergroup", "root"))
        return true;
    json_array_foreach(as, i, item)
    {
        for (j = 0; j < sizeof numbers / sizeof *numbers; j++) {
            const json_t *number = json_object_get(item, numbers[j]);

            if (json_is_integer(number) && json_integer_value(number) == 0 && !is_negated(item))
                return true;
        }
    }
    return false;
}

/* Whether one of a rule's commands is ALL, as root or as anybody. */
static bool gives_all(const json_t *commands)
{
    const json_t *spec;
    size_t i;

    json_array_foreach(commands, i, spec)
    {
        const json_t *as = json_object_get(spec, "runasusers");

        if (names(json_object_get(spec, "Commands"), "command", "ALL") &&
            (as == NULL ? json_object_get(spec, "runasgroups") == NULL : is_as_root(as)))
            return true;
    }
    return false;
}

/* Adds a name, or a number with # before it. */
static void add(struct arena *memory, struct texts *list, const json_t *said)
{
    const char *text = json_string_value(said);

    texts_add(memory, list,
              text != NULL
                  ? arena_text(memory, text, strlen(text))
                  : arena_format(memory, "#%" JSON_INTEGER_FORMAT, json_integer_value(said)));
}

/* Takes whom a rule that gives everything is for. */
static void take_users(struct arena *memory, const json_t *users, struct sudoers *sudoers)
{
    const struct {
        const char *member;
        struct texts *list;
    } kinds[] = {
        {"username", &sudoers->users},    {"userid", &sudoers->users},
        {"usergroup", &sudoers->groups},  {"usergid", &sudoers->groups},
        {"netgroup", &sudoers->others},   {"nonunixgroup", &sudoers->others},
        {"nonunixgid", &sudoers->others},
    };
    const json_t *user, *said;
    size_t i, kind;

    json_array_foreach(users, i, user)
    {
        for (kind = 0; !is_negated(user) && kind < sizeof kinds / sizeof *kinds; kind++) {
            said = json_object_get(user, kinds[kind].member);
            if (said == NULL)
                continue;
            if (kind == 0 && strcmp(json_string_value(said), "ALL") == 0)
                sudoers->everybody = true;
            else
                add(memory, kinds[kind].list, said);
        }
    }
}

static void take_rules(struct arena *memory, const json_t *rules, struct sudoers *sudoers)
{
    const json_t *rule;
    size_t i;

    json_array_foreach(rules, i, rule)
    {
        if (is_for_this_host(json_object_get(rule, "Host_List")) &&
            gives_all(json_object_get(rule, "Cmnd_Specs")))
            take_users(memory, json_object_get(rule, "User_List"), sudoers);
    }
}

/* Whether the first word of a line, which is a list with commas, has this item. */
static bool begins_with(const char *line, const char *who)
{
    size_t length, left = strcspn(line += strspn(line, " \t"), " \t\n");

    for (; left > 0; line += length, left -= length) {
        length = strcspn(line, ", \t\n");
        if (length == strlen(who) && strncmp(line, who, length) == 0)
            return true;
        length += line[length] == ',';
    }
    return false;
}

struct position sudoers_place(const char *who, struct arena *memory)
{
    static const char *const patterns[] = {SUDOERS, SUDOERS ".d/*"};
    struct position at = {NULL, 0};
    glob_t files = {.gl_pathc = 0};
    char *line = NULL;
    size_t size = 0, i;

    for (i = 0; i < sizeof patterns / sizeof *patterns; i++)
        glob(patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, &files);
    for (i = 0; i < files.gl_pathc && at.file == NULL; i++) {
        FILE *file = fopen(files.gl_pathv[i], "re");
        unsigned count = 0;

        while (file != NULL && at.file == NULL && getline(&line, &size, file) >= 0) {
            count++;
            if (begins_with(line, who))
                at = (struct position){
                    arena_text(memory, files.gl_pathv[i], strlen(files.gl_pathv[i])), count};
        }
        if (file != NULL)
            fclose(file);
    }
    free(line);
    globfree(&files);
    return at;
}

void sudoers_read(int milliseconds, struct arena *memory, struct sudoers *sudoers)
{
    char program[64];
    const char *arguments[] = {program, "-e", "-f", "json", SUDOERS, NULL};
    struct program_run run;
    json_error_t error;
    json_t *root = NULL;

    *sudoers = (struct sudoers){.is_read = false};
    if (access(SUDOERS, F_OK) != 0)
        return;
    if (program_find("cvtsudoers", program, sizeof program) == NULL) {
        sudoers->why =
            "there is no cvtsudoers, which reads it (it comes with sudo 1.8.23 and later)";
        return;
    }
    program_run(arguments, milliseconds, &run);
    if (run.why[0] == '\0' && run.status == 0 && run.output.length > 0)
        root = json_loadb(run.output.bytes, run.output.length, 0, &error);
    if (root != NULL) {
        sudoers->is_read = true;
        take_rules(memory, json_object_get(root, "User_Specs"), sudoers);
    } else {
        sudoers->why = arena_format(memory, "cvtsudoers does not read it: %s",
                                    run.why[0] != '\0'      ? run.why
                                    : run.errors.length > 0 ? run.errors.bytes
                                                            : "it prints no JSON");
    }
    json_decref(root);
    program_run_free(&run);
}
