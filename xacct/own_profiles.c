/*
 * The user's own profiles beside the role.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/own_profiles.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
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
#define OUR_FOLDER "xacct"
#define OUR_FILE   "credentials"
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

/* The user's cache folder, as its canonical path where it is there: XDG Base Directory
 * Specification.
 */
static bool cache_path(char path[PATH_MAX])
{
    const char *cache = getenv("XDG_CACHE_HOME");
    char given[PATH_MAX];

    if (cache != NULL && cache[0] == '/') {
        if ((size_t)snprintf(given, sizeof given, "%s", cache) >= sizeof given)
            return false;
    } else if (!home_path(".cache", given, sizeof given)) {
        return false;
    }
    if (realpath(given, path) == NULL)
        strcpy(path, given);
    return true;
}

bool own_profiles_path(char *path, size_t size)
{
    char cache[PATH_MAX];

    return cache_path(cache) &&
           (size_t)snprintf(path, size, "%s/" OUR_FOLDER "/" OUR_FILE, cache) < size &&
           !has_control(path);
}

/* Whether nobody but root and the user we run as can change where this canonical path leads. */
static bool is_safe(const char *path)
{
    char part[PATH_MAX];
    struct stat status;
    size_t length = strlen(path), i;

    for (i = 1; i <= length; i++) {
        if (i > 1 && i < length && path[i] != '/')
            continue;
        snprintf(part, sizeof part, "%.*s", (int)i, path);
        if (lstat(part, &status) != 0 || !S_ISDIR(status.st_mode) ||
            (status.st_uid != 0 && status.st_uid != geteuid()) ||
            ((status.st_mode & 022) != 0 && (status.st_mode & S_ISVTX) == 0))
            return false;
    }
    return true;
}

/* Makes the cache folder, where there is none in a folder that is safe. */
static void make_cache(const char *cache)
{
    char copy[PATH_MAX], parent[PATH_MAX];
    int fd;

    snprintf(copy, sizeof copy, "%s", cache);
    if (realpath(dirname(copy), parent) == NULL || !is_safe(parent))
        return;
    fd = open(parent, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    snprintf(copy, sizeof copy, "%s", cache);
    mkdirat(fd, basename(copy), 0700);
    close(fd);
}

/*
 * Opens the folder that our file is in, which is made if need be. What stands there is executed by
 * every SDK, and after su or `sudo -E` XDG_CACHE_HOME may be another user's: it must be ours, where
 * nobody else can put another in its place. Returns -1 where it is not.
 */
static int open_folder(void)
{
    char cache[PATH_MAX];
    struct stat status;
    int above = -1, folder = -1;

    if (!cache_path(cache))
        return -1;
    make_cache(cache);
    if (!cache_path(cache) || !is_safe(cache))
        return -1;
    above = open(cache, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (above < 0)
        return -1;
    mkdirat(above, OUR_FOLDER, 0700);
    folder = openat(above, OUR_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(above);
    if (folder >= 0 && (fstat(folder, &status) != 0 || status.st_uid != geteuid() ||
                        (status.st_mode & 022) != 0)) {
        close(folder);
        folder = -1;
    }
    return folder;
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

/* Whether our file in the folder is ours indeed and holds these very bytes already. */
static bool holds(int folder, const struct text *text)
{
    int fd = openat(folder, OUR_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    size_t compared = 0;
    char part[4096];

    if (fd < 0)
        return false;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
        (status.st_mode & 022) == 0 && (size_t)status.st_size == text->length)
        while (compared < text->length) {
            ssize_t n = read(fd, part, sizeof part);

            if (n <= 0 || (size_t)n > text->length - compared ||
                memcmp(part, text->bytes + compared, (size_t)n) != 0)
                break;
            compared += (size_t)n;
        }
    close(fd);
    return compared == text->length;
}

/* Puts the text into our file in one step. It is read-only, so that a program that would write keys
 * into it, as `aws configure` does, says so and they are not lost at the next change. */
static bool put(int folder, const struct text *text)
{
    char unfinished[sizeof OUR_FILE + 24];
    size_t written = 0;
    int fd;

    snprintf(unfinished, sizeof unfinished, OUR_FILE ".%ld", (long)getpid());
    unlinkat(folder, unfinished, 0);
    fd = openat(folder, unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
    if (fd < 0)
        return false;
    while (written < text->length) {
        ssize_t n = write(fd, text->bytes + written, text->length - written);

        if (n < 0 && errno != EINTR)
            break;
        written += n > 0 ? (size_t)n : 0;
    }
    if (close(fd) == 0 && written == text->length &&
        renameat(folder, unfinished, folder, OUR_FILE) == 0)
        return true;
    unlinkat(folder, unfinished, 0);
    return false;
}

bool own_profiles_write(void)
{
    char from[PATH_MAX], path[PATH_MAX];
    struct text text = TEXT_EMPTY;
    int folder = -1;
    size_t carried;
    bool fine = false;

    if (!home_path(OWN_FILE, from, sizeof from) || !own_profiles_path(path, sizeof path))
        return false;
    text_add(&text,
             "# Made by xacct from ~/.aws/credentials, whenever a shell loads its integration or\n"
             "# takes a role. Change that file, not this one. There is no key in here.\n[default]\n"
             "credential_process = " XACCT_BINDIR "/xacct credentials\n");
    carried = copy_sections(from, true, &text);
    carried += copy_sections(from, false, &text);
    if (text.failed)
        goto done;
    /* Without anything to carry over the static file does; but one that is in use is kept right. */
    if (carried == 0 && access(path, F_OK) != 0)
        goto done;
    folder = open_folder();
    fine = folder >= 0 && (holds(folder, &text) || put(folder, &text));

done:
    if (folder >= 0)
        close(folder);
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
