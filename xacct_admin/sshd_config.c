/*
 * Searching sshd's configuration.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/sshd_config.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FOLDER     "/etc/ssh/" /* of files that are included by a relative name */
#define DEPTH_MOST 16          /* of files that include each other, as in sshd */
#define BLANKS     " \t\r\n"

struct search {
    const char *keyword;
    const char *value;
    struct arena *memory;
    struct position *at;
};

static bool search_file(const struct search *search, const char *path, int depth);

/* Takes a word off the line, which may be in quotes; `is_keyword`: that one "=" may stand behind.
 * NULL at the end and before a comment. */
static char *take_word(char **rest, bool is_keyword)
{
    char *word = *rest + strspn(*rest, BLANKS), *end;
    const bool is_quoted = *word == '"';
    bool is_cut;

    if (*word == '\0' || *word == '#')
        return NULL;
    word += is_quoted;
    end = word + strcspn(word, is_quoted ? "\"" : is_keyword ? BLANKS "=\"" : BLANKS);
    is_cut = *end == '=';
    *rest = *end != '\0' ? end + 1 : end;
    if (is_keyword && !is_cut) {
        *rest += strspn(*rest, BLANKS);
        *rest += **rest == '=';
    }
    *end = '\0';
    return word;
}

/* Searches the files that a line includes. */
static bool search_included(const struct search *search, char *rest, int depth)
{
    bool found = false;
    char *word;
    size_t i;

    while (!found && (word = take_word(&rest, false)) != NULL) {
        const char *pattern =
            arena_format(search->memory, "%s%s", *word == '/' ? "" : FOLDER, word);
        glob_t files = {.gl_pathc = 0};

        if (pattern != NULL && glob(pattern, 0, NULL, &files) == 0)
            for (i = 0; i < files.gl_pathc && !found; i++)
                found = search_file(search, files.gl_pathv[i], depth + 1);
        globfree(&files);
    }
    return found;
}

/* Whether one of the words is the value that is searched for, or none is. */
static bool has_value(const struct search *search, char *rest)
{
    const char *word = NULL;

    while (search->value != NULL && (word = take_word(&rest, false)) != NULL)
        if (strcasecmp(word, search->value) == 0)
            break;
    return search->value == NULL || word != NULL;
}

static bool search_file(const struct search *search, const char *path, int depth)
{
    FILE *file = depth < DEPTH_MOST ? fopen(path, "re") : NULL;
    bool found = false;
    char *line = NULL, *rest, *keyword;
    unsigned count = 0;
    size_t size = 0;

    while (file != NULL && !found && getline(&line, &size, file) >= 0) {
        count++;
        rest = line;
        keyword = take_word(&rest, true);
        if (keyword == NULL)
            continue;
        if (strcasecmp(keyword, "Include") == 0) {
            found = search_included(search, rest, depth);
        } else if (strcasecmp(keyword, search->keyword) == 0 && has_value(search, rest)) {
            *search->at = (struct position){arena_text(search->memory, path, strlen(path)), count};
            found = true;
        }
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return found;
}

bool sshd_config_find(const char *keyword, const char *value, struct arena *memory,
                      struct position *at)
{
    const struct search search = {keyword, value, memory, at};

    return search_file(&search, SSHD_CONFIG, 0);
}
