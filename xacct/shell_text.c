/*
 * Quoting. Nothing that a reply carries ever stands where a shell would expand it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/shell_text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "xacct/json_text.h"
#include "xacct/variables.h"

struct dialect {
    const char *names[4];
    const char *unset; /* the statement before the names, or NULL */
    const char *unset_end;
    const char *begin, *end;
    void (*set)(struct text *text, const char *name, size_t length, const char *value);
    const char *refused; /* bytes that a value must not have */
};

/* Appends `value` in single quotes, each byte of `special` in it replaced by its `escaped`. */
static void quote(struct text *text, const char *value, const char *special,
                  const char *const escaped[])
{
    text_add(text, "'");
    while (*value != '\0') {
        size_t plain = strcspn(value, special);

        text_add_bytes(text, value, plain);
        value += plain;
        if (*value != '\0')
            text_add(text, escaped[strchr(special, *value++) - special]);
    }
    text_add(text, "'");
}

static void set_sh(struct text *text, const char *name, size_t length, const char *value)
{
    text_addf(text, "export %.*s=", (int)length, name);
    text_add_quoted(text, value);
    text_add(text, ";\n");
}

/* In fish a backslash escapes itself and the quote between single quotes. */
static void set_fish(struct text *text, const char *name, size_t length, const char *value)
{
    static const char *const escaped[] = {"\\'", "\\\\"};

    text_addf(text, "set -gx %.*s ", (int)length, name);
    quote(text, value, "'\\", escaped);
    text_add(text, ";\n");
}

/*
 * Readers of such files agree on a value of harmless bytes without quotes (docker --env-file would
 * take quotes for a part of it), and on single quotes round anything else but a quote.
 */
static void set_dotenv(struct text *text, const char *name, size_t length, const char *value)
{
    static const char harmless[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=/:,.@-";

    text_addf(text, "%.*s=", (int)length, name);
    if (value[strspn(value, harmless)] == '\0')
        text_add(text, value);
    else
        quote(text, value, "", NULL);
    text_add(text, "\n");
}

static void set_json(struct text *text, const char *name, size_t length, const char *value)
{
    char key[64];

    snprintf(key, sizeof key, "%.*s", (int)length, name);
    json_member(text, key, value);
}

static const struct dialect dialects[] = {
    {{"sh", "bash", "zsh"}, "unset", ";\n", "", "", set_sh, ""},
    /* Erasing what is not there is a failure in fish, and a later set would pass it on. */
    {{"fish"}, "set -eg", "; or true;\n", "", "", set_fish, ""},
    {{"dotenv"}, NULL, NULL, "", "", set_dotenv, "'"},
    {{"json"}, NULL, NULL, "{", "}\n", set_json, ""},
};

const struct dialect *dialect_find(const char *name)
{
    size_t i, j;

    if (name == NULL)
        return &dialects[0];
    for (i = 0; i < sizeof dialects / sizeof dialects[0]; i++)
        for (j = 0; dialects[i].names[j] != NULL; j++)
            if (strcmp(dialects[i].names[j], name) == 0)
                return &dialects[i];
    return NULL;
}

bool dialect_is_shell(const struct dialect *dialect)
{
    return dialect->unset != NULL;
}

void shell_text_unset(const struct dialect *dialect, struct text *text)
{
    size_t cursor = 0;
    const char *name;

    if (dialect->unset == NULL)
        return;
    text_add(text, dialect->unset);
    while ((name = variables_to_unset(&cursor)) != NULL)
        text_addf(text, " %s", name);
    text_add(text, dialect->unset_end);
}

void shell_text_set_one(const struct dialect *dialect, const char *name, const char *value,
                        struct text *text)
{
    dialect->set(text, name, strlen(name), value);
}

bool shell_text_set(const struct dialect *dialect, const struct frame *reply, struct text *text,
                    char *why, size_t why_size)
{
    size_t cursor = 0;
    const char *string;

    text_add(text, dialect->begin);
    while ((string = variables_next(reply, &cursor)) != NULL) {
        size_t length = strcspn(string, "=");
        char path[PATH_MAX];
        const char *value = variables_value(string, path, sizeof path);

        if (value[strcspn(value, dialect->refused)] != '\0') {
            snprintf(why, why_size,
                     "the value of %.*s has a quote in it, which readers of such a file take in "
                     "different ways: use --shell json",
                     (int)length, string);
            return false;
        }
        dialect->set(text, string, length, value);
    }
    text_add(text, dialect->end);
    return true;
}
