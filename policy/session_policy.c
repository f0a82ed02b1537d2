/*
 * Reading session policies and checking what can be told without AWS: characters, templates, and
 * that it is one whole JSON object as far as its first and last character show.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/session_policy.h"

#include <string.h>

#include "policy/files.h"
#include "policy/template.h"
#include "policy/values.h"

#define SESSION_POLICY_LARGEST ((size_t)20 * 1024) /* bytes; AWS's packed limit is far below */
#define JSON_BLANKS            " \t\r\n"

/* The path of a file that the configuration names: relative ones start from its folder. */
static char *resolve(struct loader *loader, const char *path)
{
    const char *slash = strrchr(loader->path, '/');
    size_t folder = path[0] != '/' && slash != NULL ? (size_t)(slash - loader->path) + 1 : 0;
    size_t length = strlen(path);
    char *whole = arena_alloc(&loader->policy->memory, folder + length + 1, 1);

    if (whole != NULL) {
        memcpy(whole, loader->path, folder);
        memcpy(whole + folder, path, length);
    }
    return whole;
}

/* Checks one line. Returns false, told to the loader, when it is not fit. */
static bool line_is_fit(struct loader *loader, struct position at, const char *line)
{
    const char *text = line;
    char why[256];

    while (*text != '\0') {
        long point = value_code_point(&text);

        if (point < 0) {
            loader_error(loader, at, "bytes that are not UTF-8; STS takes text only");
            return false;
        }
        if (point != '\t' && point != '\r' && (point < 0x20 || point > 0xff)) {
            loader_error(loader, at,
                         "the character U+%04lX; STS takes U+0020 to U+00FF, tab and newline in a "
                         "session policy",
                         (unsigned long)point);
            return false;
        }
    }
    if (template_check(line, why, sizeof why) != 0) {
        loader_error(loader, at, "%s", why);
        return false;
    }
    return true;
}

/* Checks the text of the file. Returns false, told to the loader, when it is not fit. */
static bool text_is_fit(struct loader *loader, struct position at, const struct policy_file *file)
{
    struct position line_at = {.file = file->path, .line = 0};
    size_t first = strspn(file->bytes, JSON_BLANKS), last = file->length;
    const char *next = file->bytes;
    bool fit = true;

    if (strlen(file->bytes) != file->length) {
        loader_error(loader, at, "%s holds a NUL byte", file->path);
        return false;
    }
    while (last > first && strchr(JSON_BLANKS, file->bytes[last - 1]) != NULL)
        last--;
    if (last - first < 2 || file->bytes[first] != '{' || file->bytes[last - 1] != '}') {
        loader_error(loader, at, "%s is not a JSON object, from { to }, as a session policy is",
                     file->path);
        return false;
    }
    while (*next != '\0') {
        size_t length = strcspn(next, "\n");
        char *line = arena_text(&loader->scratch, next, length);

        line_at.line++;
        if (line == NULL || !line_is_fit(loader, line_at, line))
            fit = false;
        next += length + (next[length] == '\n');
    }
    return fit;
}

char *session_policy_read(struct loader *loader, struct position at, const char *path)
{
    struct session_policy *policy = arena_alloc(&loader->scratch, 1, sizeof *policy);
    char *whole = resolve(loader, path);
    const struct policy_file *file;
    struct session_policy *known;

    if (policy == NULL || whole == NULL)
        return NULL;
    policy->path = whole;
    known = index_add(&loader->session_policies, policy);
    if (known == NULL)
        loader->scratch.exhausted = true;
    if (known != policy)
        return known != NULL ? known->text : NULL;
    file = files_read(loader, at, whole, SESSION_POLICY_LARGEST);
    if (file != NULL && text_is_fit(loader, at, file))
        policy->text = file->bytes;
    return policy->text;
}
