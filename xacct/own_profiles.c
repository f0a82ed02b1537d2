/*
 * The user's own profiles beside the role.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/own_profiles.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/escape.h"
#include "xacct/complain.h"
#include "xacct/ini_file.h"
#include "xacct/json_text.h"

#define OWN_FILE   ".aws/credentials"
#define BLANKS     " \t\r"
#define NAME_SIZE  256
#define COUNT(all) (sizeof(all) / sizeof(all)[0])

/* What of a [default] profile says whose credentials it has, which is the role's matter here. */
static const char *const sources[] = {
    "role_arn",           "source_profile",   "credential_source",
    "credential_process", "external_id",      "mfa_serial",
    "role_session_name",  "duration_seconds", "web_identity_token_file",
};

static bool has_control(const char *text)
{
    while ((unsigned char)*text >= 0x20)
        text++;
    return *text != '\0';
}

static bool is_one_of(const char *key, const char *const *all, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (strcasecmp(all[i], key) == 0)
            return true;
    return false;
}

/* Whether a key's value is a secret, or a part of a credential. */
static bool is_secret(const char *key)
{
    size_t length = strlen(key);
    bool is_path = length > 5 && strcasecmp(key + length - 5, "_file") == 0;

    return strcasecmp(key, "aws_access_key_id") == 0 || strcasestr(key, "secret") != NULL ||
           strcasestr(key, "password") != NULL || (strcasestr(key, "token") != NULL && !is_path);
}

/* A path in the home folder, where that is the user's whom we run as: sudo may leave another's. */
static bool home_path(const char *name, char *path, size_t size)
{
    const char *home = getenv("HOME");
    struct stat status;

    return home != NULL && home[0] == '/' && stat(home, &status) == 0 &&
           status.st_uid == geteuid() && (size_t)snprintf(path, size, "%s/%s", home, name) < size;
}

/* The cache folder: XDG Base Directory Specification. */
static bool cache_path(const char *name, char *path, size_t size)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    char below[NAME_SIZE];

    if (cache != NULL && cache[0] == '/')
        return (size_t)snprintf(path, size, "%s/%s", cache, name) < size;
    snprintf(below, sizeof below, ".cache/%s", name);
    return home_path(below, path, size);
}

bool own_profiles_path(char *path, size_t size)
{
    return cache_path("xacct/credentials", path, size) && !has_control(path);
}

/* A profile's name in quotes that every SDK's splitting, and the shell that some use, takes off. */
static bool quote_name(const char *name, char *quoted, size_t size)
{
    return !has_control(name) && strpbrk(name, "'\\") == NULL &&
           (size_t)snprintf(quoted, size, "'%s'", name) < size;
}

/* What has been seen of the section that is being copied. */
struct section {
    char name[NAME_SIZE];
    bool skipped;        /* it is not carried over */
    bool has_key;        /* a line KEY = VALUE was seen, with `indent` blanks before it */
    size_t indent;       /* a line with more of them belongs to it */
    bool left_out;       /* that line was left out, and so is what belongs to it */
    bool has_keys;       /* static keys, which go before anything else in a profile */
    const char *process; /* its own credential_process line, or NULL */
};

/* Ends a section: its keys, or its own process, come last. */
static void end_section(const struct section *section, bool is_default, struct text *text)
{
    char quoted[NAME_SIZE + 3];

    if (is_default || section->skipped)
        return;
    if (section->has_keys && quote_name(section->name, quoted, sizeof quoted))
        text_addf(text, "credential_process = " XACCT_BINDIR "/xacct credentials --own %s\n",
                  quoted);
    else if (section->process != NULL)
        text_addf(text, "%s\n", section->process);
}

/* Whether a line with this key, which is not a part of another, is to be left out. */
static bool is_left_out(struct section *section, const char *key, const char *start,
                        bool is_default)
{
    if (is_default)
        return is_one_of(key, sources, COUNT(sources)) || strncasecmp(key, "sso_", 4) == 0;
    if (strcasecmp(key, "credential_process") != 0)
        return false;
    section->process = start;
    return true;
}

/* Copies what may be copied of a line KEY = VALUE or of what belongs to one. */
static void copy_line(struct section *section, const char *line, bool is_default, struct text *text)
{
    size_t indent = strspn(line, BLANKS);
    const char *start = line + indent;
    bool belongs = section->has_key && indent > section->indent;
    char key[NAME_SIZE] = "";

    if (section->skipped || *start == '\0' || *start == '#' || *start == ';')
        return;
    if (strchr(start, '=') != NULL)
        snprintf(key, sizeof key, "%.*s", (int)strcspn(start, "=" BLANKS), start);
    section->has_keys |= strcasecmp(key, "aws_access_key_id") == 0;
    if (!belongs) {
        section->has_key = true;
        section->indent = indent;
        section->left_out =
            *key == '\0' || is_secret(key) || is_left_out(section, key, start, is_default);
    }
    /* SDKs disagree on what blanks mean: a secret is none of ours wherever it stands. */
    if (!section->left_out && !is_secret(key))
        text_addf(text, belongs ? "    %s\n" : "%s\n", start);
}

/*
 * Copies [default], or all others, of the user's file. Returns how many sections that were, or with
 * [default] how many bytes.
 */
static size_t copy_sections(const char *path, bool is_default, struct text *text)
{
    struct section section = {.skipped = true};
    size_t count = 0, before = text->length;
    struct lines lines;
    char *line;

    if (!lines_open(&lines, path))
        return 0;
    while ((line = lines_next(&lines)) != NULL) {
        size_t length = strcspn(line, "]");

        if (line[0] != '[') {
            copy_line(&section, line, is_default, text);
            continue;
        }
        end_section(&section, is_default, text);
        section =
            (struct section){.skipped = line[length] == '\0' || length < 2 || length >= NAME_SIZE};
        if (section.skipped)
            continue;
        memcpy(section.name, line + 1, length - 1);
        section.skipped = (strcmp(section.name, "default") == 0) != is_default;
        if (section.skipped || is_default)
            continue;
        text_addf(text, "\n[%s]\n", section.name);
        count++;
    }
    end_section(&section, is_default, text);
    lines_close(&lines);
    return is_default ? text->length - before : count;
}

/* Whether the file holds these very bytes already. */
static bool holds(const char *path, const struct text *text)
{
    struct lines lines;
    bool same;

    if (!lines_open(&lines, path))
        return false;
    same = lines.size == text->length + 1 && memcmp(lines.bytes, text->bytes, text->length) == 0;
    lines_close(&lines);
    return same;
}

/* Puts the text into the file in one step. It is read-only, so that a program that would write keys
 * into it, as `aws configure` does, says so and they are not lost at the next change. */
static bool put(const char *path, const struct text *text)
{
    char unfinished[PATH_MAX];
    size_t written = 0;
    int fd;

    if ((size_t)snprintf(unfinished, sizeof unfinished, "%s.%ld", path, (long)getpid()) >=
        sizeof unfinished)
        return false;
    unlink(unfinished);
    fd = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
    if (fd < 0)
        return false;
    while (written < text->length) {
        ssize_t n = write(fd, text->bytes + written, text->length - written);

        if (n < 0 && errno != EINTR)
            break;
        written += n > 0 ? (size_t)n : 0;
    }
    if (close(fd) == 0 && written == text->length && rename(unfinished, path) == 0)
        return true;
    unlink(unfinished);
    return false;
}

bool own_profiles_write(void)
{
    char from[PATH_MAX], path[PATH_MAX], folder[PATH_MAX];
    struct text text = TEXT_EMPTY;
    size_t carried;
    bool fine = false;

    if (!home_path(OWN_FILE, from, sizeof from) || !own_profiles_path(path, sizeof path) ||
        !cache_path("", folder, sizeof folder))
        return false;
    text_add(&text,
             "# Made by xacct from ~/.aws/credentials, whenever a shell loads its integration or\n"
             "# takes a role. Change that file, not this one. There is no key in here.\n[default]\n"
             "credential_process = " XACCT_BINDIR "/xacct credentials\n");
    carried = copy_sections(from, true, &text);
    carried += copy_sections(from, false, &text);
    if (text.failed)
        goto done;
    if (holds(path, &text)) {
        fine = true;
        goto done;
    }
    /* Without anything to carry over the static file does; but one that is in use is kept right. */
    if (carried == 0 && access(path, F_OK) != 0)
        goto done;
    mkdir(folder, 0700);
    if (cache_path("xacct", folder, sizeof folder))
        mkdir(folder, 0700);
    fine = put(path, &text);

done:
    text_free(&text);
    return fine;
}

bool own_profiles_keys(const char *profile, struct text *text)
{
    static const struct {
        const char *key, *member;
    } parts[] = {
        {"aws_access_key_id", "AccessKeyId"},
        {"aws_secret_access_key", "SecretAccessKey"},
        {"aws_session_token", "SessionToken"},
    };
    char path[PATH_MAX], shown[ESCAPE_MAX];
    const char *values[COUNT(parts)] = {NULL};
    struct ini ini;
    size_t i;
    bool complete = false;

    if (home_path(OWN_FILE, path, sizeof path) && ini_open(&ini, path)) {
        while (ini_next(&ini))
            for (i = 0; i < COUNT(parts); i++)
                if (ini.line.key != NULL && strcmp(ini.line.section, profile) == 0 &&
                    strcasecmp(ini.line.key, parts[i].key) == 0)
                    values[i] = ini.line.value;
        complete = values[0] != NULL && values[1] != NULL;
        text_add(text, "{");
        json_member_number(text, "Version", 1);
        for (i = 0; i < COUNT(parts) && complete; i++)
            if (values[i] != NULL)
                json_member(text, parts[i].member, values[i]);
        text_add(text, "}\n");
        ini_close(&ini);
    }
    if (!complete)
        complain("profile %s has no keys in ~/.aws/credentials (any more): start a new shell, or "
                 "use another profile",
                 escape(shown, sizeof shown, profile));
    return complete;
}
