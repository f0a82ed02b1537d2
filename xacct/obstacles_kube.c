/*
 * What is in the way in the kubeconfig: `aws eks get-token` under a profile of the user's. Source:
 * Kubernetes, "client-go credential plugins". No YAML is read, only lines: of what is not written
 * the usual way nothing is said.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "xacct/ini_file.h"
#include "xacct/obstacles.h"

#define PROFILE_SIZE 128

/* The place of the first thing in a line, behind blanks and the dashes of a list. */
static char *first_thing(char *line)
{
    return line + strspn(line, " \t-");
}

/* Takes a word of YAML, with or without quotes, up to a blank or what ends a flow. */
static void take_word(const char *text, char *word)
{
    static const char quotes[] = "\"'";
    size_t length;

    text += strspn(text, " \t");
    if (*text != '\0' && strchr(quotes, *text) != NULL)
        length = strcspn(text + 1, (const char[]){*text, '\0'});
    else
        length = strcspn(text, " \t\r,}]");
    if (*text != '\0' && strchr(quotes, *text) != NULL)
        text++;
    snprintf(word, PROFILE_SIZE, "%.*s", (int)(length < PROFILE_SIZE ? length : PROFILE_SIZE - 1),
             text);
}

/*
 * Whether `line` names a profile for the token command: by the variable AWS_PROFILE, whose value
 * stands behind `value:` there or in the next line, or by --profile, whose value is the next item.
 * Sets *variable to which of the two it is.
 */
static bool names_profile(const char *line, char *next, char *profile, bool *variable)
{
    const char *found;

    *variable = true;
    if (strstr(line, "AWS_PROFILE") != NULL) {
        found = strstr(line, "value:");
        if (found == NULL && next != NULL)
            found = strstr(next, "value:");
        if (found == NULL)
            return false;
        take_word(found + strlen("value:"), profile);
        return true;
    }
    *variable = false;
    found = strstr(line, "--profile");
    if (found == NULL)
        return false;
    found += strlen("--profile");
    found += strspn(found, "=\"',");
    if (*found != '\0' && *found != '\r')
        take_word(found, profile);
    else if (next != NULL)
        take_word(first_thing(next), profile);
    else
        return false;
    return true;
}

static void report(struct obstacles *obstacles, const char *path, unsigned line,
                   const char *profile, bool variable)
{
    char where[512], what[512], shown[256];

    if (*profile == '\0' || profile_is_ours(obstacles, profile))
        return;
    /* Keys in the environment go before AWS_PROFILE, but not before --profile. */
    if (variable && !obstacles->by_process)
        return;
    escape(shown, sizeof shown, profile);
    snprintf(what, sizeof what, "makes kubectl ask for its token under the profile %s", shown);
    file_and_line(where, sizeof where, path, line);
    if (variable)
        obstacle_add(obstacles, where, what,
                     "take AWS_PROFILE out there, as in kubectl config set-credentials USER "
                     "--exec-env=AWS_PROFILE-");
    else
        obstacle_add(obstacles, where, what, "take --profile %s out of the arguments there", shown);
}

static void find_in_file(struct obstacles *obstacles, const char *path)
{
    struct lines lines;
    char *line, *next;
    unsigned number;

    if (!lines_open(&lines, path))
        return;
    for (line = lines_next(&lines); line != NULL; line = next) {
        char profile[PROFILE_SIZE] = "";
        bool variable;

        number = lines.number;
        next = lines_next(&lines);
        if (*first_thing(line) != '#' && names_profile(line, next, profile, &variable))
            report(obstacles, path, number, profile, variable);
    }
    lines_close(&lines);
}

void obstacles_in_kubeconfig(struct obstacles *obstacles)
{
    const char *list = getenv("KUBECONFIG");
    char path[PATH_MAX];

    if (list == NULL || *list == '\0') {
        if (user_file("", ".kube/config", path, sizeof path))
            find_in_file(obstacles, path);
        return;
    }
    while (*list != '\0') {
        size_t length = strcspn(list, ":");

        if (length > 0 && length < sizeof path) {
            memcpy(path, list, length);
            path[length] = '\0';
            find_in_file(obstacles, path);
        }
        list += length + (list[length] == ':');
    }
}
