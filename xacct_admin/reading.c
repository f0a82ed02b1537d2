/*
 * Reading a policy for an admin.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/reading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "common/trusted_file.h"
#include "helper/kept_policy.h"
#include "xacct/command.h"
#include "xacct/complain.h"
#include "xacct_admin/escaped.h"

const char *reading_given(const struct invocation *invocation)
{
    const char *config = invocation->value[OPTION_CONFIG];

    return config != NULL ? config : POLICY_DEFAULT_FILE;
}

bool reading_begin(struct reading *reading, const char *given)
{
    char *folder = NULL;
    bool fine = true;

    memset(reading, 0, sizeof *reading);
    if (given[0] == '/') {
        reading->path = strdup(given);
    } else {
        folder = get_current_dir_name();
        if (folder == NULL) {
            complain("the working folder has no name any more: %s; change to another",
                     strerror(errno));
            fine = false;
        } else if (asprintf(&reading->path, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder,
                            given) < 0) {
            reading->path = NULL;
        } else {
            reading->skipped = strlen(reading->path) - strlen(given);
        }
    }
    if (fine && reading->path == NULL) {
        complain("not enough memory: end some programs and try again");
        fine = false;
    }
    free(folder);
    return fine;
}

/*
 * Reads the main file into memory that the caller frees, where it is a policy that the helper kept.
 * Returns NULL where it is none, or cannot be read, which is then told of it as of any file.
 */
static char *read_kept(const char *path, size_t *length)
{
    const struct trust trust = {.unchecked = true, .largest = KEPT_POLICY_MAX};
    char why[ESCAPE_MAX], first = '\0', *text = NULL;
    int fd = trusted_open(path, &trust, length, why, sizeof why);

    /* No line of a policy begins so. */
    if (fd >= 0 && pread(fd, &first, 1, 0) == 1 && first == '{')
        text = malloc(*length);
    if (text != NULL && trusted_read(fd, text, *length) != 0) {
        free(text);
        text = NULL;
    }
    if (fd >= 0)
        close(fd);
    return text;
}

/* Whether a file is called as the policy of another hash is. */
static bool is_called_otherwise(const char *path, const char *hash)
{
    static const char begin[] = "policy-", end[] = ".json";
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const size_t length = strlen(name), affixes = sizeof begin - 1 + sizeof end - 1;

    return length == affixes + POLICY_HASH_SIZE - 1 &&
           strncmp(name, begin, sizeof begin - 1) == 0 &&
           strcmp(name + length - (sizeof end - 1), end) == 0 &&
           strncmp(name + sizeof begin - 1, hash, POLICY_HASH_SIZE - 1) != 0;
}

/* Notes the one error of a file that is no evidence of a policy. Without memory there is none. */
static void refuse_kept(struct reading *reading, const char *why)
{
    struct policy_errors *errors = &reading->errors;

    errors->items = calloc(1, sizeof *errors->items);
    if (errors->items == NULL)
        return;
    errors->items[0].file = strdup(reading->path);
    errors->items[0].text = strdup(why);
    errors->count = 1;
    if (errors->items[0].file == NULL || errors->items[0].text == NULL)
        policy_errors_free(errors);
}

/* Builds the policy from a file that has to be one that the helper kept. */
static void load_kept(struct reading *reading, const char *text, size_t length,
                      const struct trust *trust)
{
    struct kept_policy kept = {.files = NULL};

    if (kept_policy_read(text, length, &kept) != 0)
        refuse_kept(reading, "it is no policy that the helper kept, or is damaged or changed: its "
                             "files have not the hash that it states");
    else if (is_called_otherwise(reading->path, kept.hash))
        refuse_kept(reading, "it is the policy of another hash than its name says");
    else
        reading->policy = kept_policy_build(&kept, trust, &reading->errors);
    kept_policy_free(&kept);
}

void reading_load(struct reading *reading, const struct policy_overlay *overlays, size_t count)
{
    const struct trust trust = {.unchecked = true, .largest = POLICY_FILE_MAX};
    size_t length = 0;
    char *text = count == 0 ? read_kept(reading->path, &length) : NULL;

    if (text != NULL)
        load_kept(reading, text, length, &trust);
    else
        reading->policy =
            policy_load_with(reading->path, &trust, overlays, count, &reading->errors);
    free(text);
}

void reading_end(struct reading *reading)
{
    policy_free(reading->policy);
    policy_errors_free(&reading->errors);
    free(reading->path);
    memset(reading, 0, sizeof *reading);
}

bool reading_open(struct reading *reading, const char *given)
{
    struct text text = TEXT_EMPTY;
    size_t i;

    if (!reading_begin(reading, given))
        return false;
    reading_load(reading, NULL, 0);
    if (reading->policy != NULL)
        return true;
    for (i = 0; i < reading->errors.count; i++) {
        const struct policy_error *error = &reading->errors.items[i];

        reading_add_place(reading, &text, (struct position){error->file, error->line});
        text_add(&text, ": error: ");
        escaped_add_sentence(&text, error->text);
        text_add(&text, "\n");
    }
    if (text.length > 0 && !text.failed)
        fputs(text.bytes, stderr);
    else
        complain("not enough memory to read the policy: end some programs and try again");
    text_free(&text);
    return false;
}

size_t reading_folder(const struct reading *reading)
{
    return (size_t)(strrchr(reading->path, '/') - reading->path) + 1;
}

bool reading_is_in_place(const struct reading *reading)
{
    size_t length = reading_folder(reading);

    return strncmp(reading->path, POLICY_DEFAULT_FILE, length) == 0 &&
           strchr(&POLICY_DEFAULT_FILE[length], '/') == NULL;
}

const char *reading_shown(const struct reading *reading, const char *file)
{
    return strncmp(file, reading->path, reading->skipped) == 0 ? file + reading->skipped : file;
}

unsigned reading_line(struct position at)
{
    return at.line > 0 ? at.line : 1;
}

void reading_add_place(const struct reading *reading, struct text *text, struct position at)
{
    escaped_add(text, reading_shown(reading, at.file));
    text_addf(text, ":%u", reading_line(at));
}
