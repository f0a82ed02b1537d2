/*
 * Access key ids of base credentials.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/base_key_id.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/file_stamp.h"
#include "helper/base_file.h"

#define KNOWN_MOST 16 /* a policy has one base, or a few */

/* What stands in a file for as long as it is as it was. */
static struct known {
    char *path; /* NULL: nothing is known */
    char *profile;
    struct file_stamp stamp;
    char id[ACCESS_KEY_ID_MAX + 1];
} known[KNOWN_MOST];

static size_t next; /* the place of what is read next, in that of another if need be */

static struct known *place_of(const struct base *base)
{
    size_t i;

    for (i = 0; i < KNOWN_MOST; i++)
        if (known[i].path != NULL && strcmp(known[i].path, base->file) == 0 &&
            strcmp(known[i].profile, base->profile) == 0)
            return &known[i];
    return NULL;
}

/* Remembers an id: at its place, or at a new one where that is NULL. Without memory it does not. */
static void remember(struct known *place, const struct base *base, const struct file_stamp *stamp,
                     const char *id)
{
    char *path, *profile;

    if (place == NULL) {
        path = strdup(base->file);
        profile = strdup(base->profile);
        if (path == NULL || profile == NULL) {
            free(path);
            free(profile);
            return;
        }
        place = &known[next];
        next = (next + 1) % KNOWN_MOST;
        free(place->path);
        free(place->profile);
        place->path = path;
        place->profile = profile;
    }
    place->stamp = *stamp;
    strcpy(place->id, id);
}

void base_key_id(const struct base *base, gid_t group, char id[ACCESS_KEY_ID_MAX + 1])
{
    const struct file_stamp before = file_stamp_of(base->file, false);
    struct known *place = place_of(base);
    struct credentials credentials;
    struct file_stamp after;
    char why[1024];
    bool is_read;

    if (place != NULL && file_stamp_same(&before, &place->stamp)) {
        strcpy(id, place->id);
        return;
    }
    is_read = base_file_read(base->file, base->profile, group, &credentials, why, sizeof why) == 0;
    strcpy(id, is_read ? credentials.access_key_id : "");
    credentials_free(&credentials);
    after = file_stamp_of(base->file, false);
    if (is_read && file_stamp_same(&before, &after) && !file_stamp_is_of_late(&after, time(NULL)))
        remember(place, base, &after, id);
}
