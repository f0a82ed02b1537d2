/*
 * What is in the way: the environment, and what the parts share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/obstacles.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "xacct/variables.h"

#define PROFILE_PREFIX "xacct-"

void obstacle_add(struct obstacles *obstacles, const char *where, const char *what,
                  const char *advice, ...)
{
    struct obstacle *obstacle;
    va_list arguments;

    if (obstacles->all == NULL || obstacles->count >= OBSTACLES_MOST)
        return;
    obstacle = &obstacles->all[obstacles->count++];
    snprintf(obstacle->where, sizeof obstacle->where, "%s", where);
    snprintf(obstacle->what, sizeof obstacle->what, "%s", what);
    va_start(arguments, advice);
    vsnprintf(obstacle->advice, sizeof obstacle->advice, advice, arguments);
    va_end(arguments);
}

bool profile_is_ours(const struct obstacles *obstacles, const char *profile)
{
    size_t length = strlen(PROFILE_PREFIX);

    if (strcmp(profile, "default") == 0)
        return true;
    return obstacles->role != NULL && strncmp(profile, PROFILE_PREFIX, length) == 0 &&
           strcmp(profile + length, obstacles->role) == 0;
}

bool user_file(const char *variable, const char *name, char *path, size_t size)
{
    const char *home = getenv("HOME");
    const char *set = *variable != '\0' ? getenv(variable) : NULL;
    int length;

    if (set != NULL && *set != '\0' && strncmp(set, "~/", 2) != 0)
        length = snprintf(path, size, "%s", set);
    else if (home == NULL || *home == '\0')
        return false;
    else
        length = snprintf(path, size, "%s/%s", home, set != NULL && *set != '\0' ? set + 2 : name);
    return length > 0 && (size_t)length < size;
}

char *file_and_line(char *out, size_t size, const char *path, unsigned line)
{
    char shown[400];

    escape(shown, sizeof shown, path);
    if (line > 0)
        snprintf(out, size, "%s:%u", shown, line);
    else
        snprintf(out, size, "%s", shown);
    return out;
}

static void find_profile_variable(struct obstacles *obstacles, const char *name)
{
    const char *profile = getenv(name);
    char where[512], shown[300];

    if (profile == NULL || profile_is_ours(obstacles, profile))
        return;
    snprintf(where, sizeof where, "%s=%s", name, escape(shown, sizeof shown, profile));
    if (*profile == '\0')
        obstacle_add(obstacles, where, "names no profile, and programs stop at that",
                     "unset %s, here and in the startup file of your shell that sets it", name);
    else
        obstacle_add(obstacles, where, "makes programs use that profile in place of the role",
                     "unset %s, here and in the startup file of your shell that sets it; use "
                     "--profile for the commands that are to have it",
                     name);
}

/* Variables whose mere presence goes before the role. */
static void find_credential_variables(struct obstacles *obstacles)
{
    static const struct {
        const char *name;
        bool with_keys, with_process; /* under which delivery it is in the way */
        const char *what, *unset;
    } variables[] = {
        {"AWS_ACCESS_KEY_ID", false, true, "is a key of your own, which goes before the role",
         "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"},
        {"AWS_SECURITY_TOKEN", true, false, "goes before AWS_SESSION_TOKEN in some programs",
         "AWS_SECURITY_TOKEN"},
        {"AWS_WEB_IDENTITY_TOKEN_FILE", false, true,
         "makes programs assume a role by that token, in place of this one",
         "AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN"},
    };
    size_t i;

    for (i = 0; i < sizeof variables / sizeof variables[0]; i++)
        if (getenv(variables[i].name) != NULL &&
            (obstacles->by_process ? variables[i].with_process : variables[i].with_keys))
            obstacle_add(obstacles, variables[i].name, variables[i].what,
                         "unset %s, here and in the startup file of your shell that sets it",
                         variables[i].unset);
}

static void find_shared_file_variable(struct obstacles *obstacles)
{
    const char *file = getenv("AWS_SHARED_CREDENTIALS_FILE");
    char where[512], shown[400];

    if (!obstacles->by_process || variables_file_is_ours(file))
        return;
    if (file == NULL)
        snprintf(where, sizeof where, "AWS_SHARED_CREDENTIALS_FILE");
    else
        snprintf(where, sizeof where, "AWS_SHARED_CREDENTIALS_FILE=%s",
                 escape(shown, sizeof shown, file));
    obstacle_add(obstacles, where,
                 file == NULL ? "is not set, so that programs do not find the role"
                              : "makes programs read that file, and not the one of the role",
                 "export AWS_SHARED_CREDENTIALS_FILE=%s, and take other values out of the startup "
                 "files of your shell",
                 CREDENTIALS_FILE);
}

void obstacles_find(struct obstacles *obstacles)
{
    obstacles->all = calloc(OBSTACLES_MOST, sizeof *obstacles->all);
    obstacles->count = 0;
    find_profile_variable(obstacles, "AWS_PROFILE");
    find_profile_variable(obstacles, "AWS_DEFAULT_PROFILE");
    find_credential_variables(obstacles);
    find_shared_file_variable(obstacles);
    obstacles_in_aws_files(obstacles);
    obstacles_in_kubeconfig(obstacles);
    obstacles_in_git_config(obstacles);
}

void obstacles_free(struct obstacles *obstacles)
{
    free(obstacles->all);
    obstacles->all = NULL;
    obstacles->count = 0;
}
