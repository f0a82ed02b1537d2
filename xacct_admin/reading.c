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
#include "xacct/complain.h"
#include "xacct_admin/escaped.h"

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

void reading_load(struct reading *reading, const struct policy_overlay *overlays, size_t count)
{
    const struct trust trust = {.unchecked = true, .largest = POLICY_FILE_MAX};

    reading->policy = policy_load_with(reading->path, &trust, overlays, count, &reading->errors);
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
