/*
 * Reading PAM services.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/pam_stack.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MOST 16 /* of files that include each other; libpam takes more */
#define BLANKS     " \t"

static const char *const types[PAM_TYPES] = {"auth", "account", "password", "session"};

/* A file being read, and how it came to be. */
struct reader {
    struct arena *memory;
    struct pam_stack *stack;
    int depth;
    int only; /* a pam_type: lines of others are left out; or PAM_TYPES for none */
    bool in_substack;
};

static void read_service(const struct reader *reader, const char *name, struct position from);

static void fail(const struct reader *reader, struct position at, const char *why)
{
    if (reader->stack->fault != NULL)
        return;
    reader->stack->fault = why != NULL ? why : "out of memory";
    reader->stack->fault_at = at;
}

/* Takes one word off the line, which may be in brackets with blanks; NULL when there is none. */
static char *take_word(char **rest)
{
    char *word = *rest + strspn(*rest, BLANKS), *end, *to;
    bool more;

    if (*word == '\0')
        return NULL;
    if (*word != '[') {
        end = to = word + strcspn(word, BLANKS);
    } else {
        /* "\]" stands for "]" in it. */
        for (end = to = ++word; *end != '\0' && *end != ']'; *to++ = *end++)
            if (*end == '\\' && end[1] == ']')
                end++;
    }
    more = *end != '\0';
    *to = '\0';
    *rest = more ? end + 1 : end;
    return word;
}

/* A word as it was written: in brackets, where `bracketed`. */
static const char *keep(struct arena *memory, const char *word, bool bracketed)
{
    return bracketed ? arena_format(memory, "[%s]", word) : arena_text(memory, word, strlen(word));
}

static void add_line(const struct reader *reader, const struct pam_line *line)
{
    struct pam_stack *stack = reader->stack;
    struct pam_line *lines = arena_grow(reader->memory, stack->lines, stack->count, sizeof *lines);

    if (lines == NULL || line->control == NULL || line->module == NULL)
        return;
    stack->lines = lines;
    stack->lines[stack->count++] = *line;
}

static void take_arguments(const struct reader *reader, char *rest, struct texts *arguments)
{
    const char *word;

    while ((word = take_word(&rest)) != NULL)
        if (!texts_add(reader->memory, arguments, arena_text(reader->memory, word, strlen(word))))
            return;
}

/* The type that a word names, without the "-" that says that the module may be missing. */
static int type_of(const char *word)
{
    int type;

    for (type = 0; type < PAM_TYPES; type++)
        if (strcasecmp(word + (*word == '-'), types[type]) == 0)
            break;
    return type;
}

/* One whole line, which is cut. */
static void take_line(const struct reader *reader, char *text, struct position at)
{
    struct pam_line line = {.at = at, .in_substack = reader->in_substack};
    char *rest = text;
    const char *word = take_word(&rest), *module;
    bool bracketed;
    int type;

    if (word == NULL)
        return;
    if (strcasecmp(word, "@include") == 0) {
        word = take_word(&rest);
        if (word != NULL)
            read_service(reader, word, at);
        return;
    }
    line.may_be_missing = *word == '-';
    type = type_of(word);
    if (type == PAM_TYPES) {
        fail(reader, at, "its first word is none of auth, account, password, session, @include");
        return;
    }
    rest += strspn(rest, BLANKS);
    bracketed = *rest == '[';
    word = take_word(&rest);
    module = take_word(&rest);
    if (module == NULL) {
        fail(reader, at, "it names no module");
        return;
    }
    if (reader->only != PAM_TYPES && reader->only != type)
        return;
    if (strcasecmp(word, "include") == 0 || strcasecmp(word, "substack") == 0) {
        struct reader inner = *reader;

        inner.only = type;
        inner.in_substack = reader->in_substack || strcasecmp(word, "substack") == 0;
        read_service(&inner, module, at);
        return;
    }
    line.type = (enum pam_type)type;
    line.control = keep(reader->memory, word, bracketed);
    line.module = keep(reader->memory, module, false);
    if (line.module == NULL)
        return;
    line.name = strrchr(line.module, '/') != NULL ? strrchr(line.module, '/') + 1 : line.module;
    take_arguments(reader, rest, &line.arguments);
    add_line(reader, &line);
}

/* Reads lines until one does not end in a backslash, in place of which the next is put. */
static bool read_whole_line(FILE *file, char **line, size_t *size, unsigned *count)
{
    char *more = NULL;
    size_t more_size = 0;
    ssize_t length = getline(line, size, file), got;

    if (length < 0)
        return false;
    for (++*count;; ++*count, length += got) {
        if (length > 0 && (*line)[length - 1] == '\n')
            (*line)[--length] = '\0';
        if (length == 0 || (*line)[length - 1] != '\\')
            break;
        (*line)[length - 1] = ' ';
        got = getline(&more, &more_size, file);
        if (got < 0)
            break;
        if (*size < (size_t)length + (size_t)got + 1) {
            char *larger = realloc(*line, (size_t)length + (size_t)got + 1);

            if (larger == NULL)
                break;
            *line = larger;
            *size = (size_t)length + (size_t)got + 1;
        }
        memcpy(*line + length, more, (size_t)got + 1);
    }
    free(more);
    return true;
}

static void read_file(const struct reader *reader, FILE *file, const char *path)
{
    struct reader inner = *reader;
    char *line = NULL;
    size_t size = 0;
    unsigned count = 0, first = 1;

    inner.depth++;
    for (; read_whole_line(file, &line, &size, &count); first = count + 1) {
        line[strcspn(line, "#")] = '\0';
        take_line(&inner, line, (struct position){path, first});
    }
    free(line);
}

/* Reads /etc/pam.d/NAME, or what the distribution has in its place, or the file of this path. */
static void read_service(const struct reader *reader, const char *name, struct position from)
{
    static const char *const folders[] = {PAM_FOLDER "/", "/usr/lib/pam.d/"};
    const char *path = NULL;
    FILE *file = NULL;
    size_t i;

    if (reader->depth >= DEPTH_MOST) {
        fail(reader, from, "files include each other too deep");
        return;
    }
    for (i = 0; file == NULL && i < (*name == '/' ? 1 : sizeof folders / sizeof *folders); i++) {
        path = arena_format(reader->memory, "%s%s", *name == '/' ? "" : folders[i], name);
        file = path != NULL ? fopen(path, "re") : NULL;
    }
    if (file == NULL) {
        fail(reader, from,
             arena_format(reader->memory, "the service %s cannot be read: %s", name,
                          strerror(errno)));
        return;
    }
    read_file(reader, file, path);
    fclose(file);
}

void pam_stack_read(const char *service, struct arena *memory, struct pam_stack *stack)
{
    const struct reader reader = {.memory = memory, .stack = stack, .only = PAM_TYPES};

    *stack = (struct pam_stack){.count = 0};
    read_service(&reader, service, (struct position){PAM_FOLDER, 0});
}

/* Whether the action of "success=", or else of "default=", is one that leaves lines out. */
static bool action_skips(const char *action, size_t distance)
{
    if (isdigit((unsigned char)*action))
        return strtoul(action, NULL, 10) >= distance;
    return strncasecmp(action, "done", 4) == 0;
}

bool pam_line_ends_early(const struct pam_line *line, size_t distance)
{
    const char *control = line->control, *action = strcasestr(control, "success=");

    if (*control != '[')
        return !line->in_substack && strcasecmp(control, "sufficient") == 0;
    /* new_authtok_reqd=, beside it, is for passwords that are over. */
    if (action == NULL)
        action = strcasestr(control, "default=");
    if (action == NULL)
        return false;
    action = strchr(action, '=') + 1;
    return (!line->in_substack || isdigit((unsigned char)*action)) &&
           action_skips(action, distance);
}
