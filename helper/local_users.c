/*
 * Reading local users.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/local_users.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "helper/lookup_sources.h"

#define LINE_MOST 4096 /* bytes of an entry's texts */

/* Begins anew, as the files are others. */
static void forget(struct local_users *users, unsigned generation)
{
    memset(users, 0, sizeof *users);
    users->generation = generation;
    users->are_asked_first = lookup_sources_are_content_with("passwd", "files");
}

/* Whether what is open is the file that was looked at, and has been as it is for a while. */
static bool is_that_file(FILE *file, const struct file_stamp *passwd)
{
    const struct file_stamp now = file_stamp_of_open(fileno(file));

    return file_stamp_same(&now, passwd) && !file_stamp_is_of_late(&now, time(NULL));
}

/* Looks for the user in the file. Returns 0 with *user filled, or an errno. */
static int scan(FILE *file, const char *name, struct local_user *user)
{
    char texts[LINE_MOST];
    struct passwd entry, *read;
    int error;

    do
        error = fgetpwent_r(file, &entry, texts, sizeof texts, &read);
    while (error == 0 && strcmp(entry.pw_name, name) != 0);
    *user = (struct local_user){.is_there = error == 0};
    strcpy(user->name, name);
    if (user->is_there) {
        user->uid = entry.pw_uid;
        user->gid = entry.pw_gid;
    }
    /* The end of the file. */
    return error == ENOENT ? 0 : error;
}

/* Reads the user in the file. Returns the place, or NULL where the file does not tell. */
static const struct local_user *read_in(struct local_users *users, const struct file_stamp *passwd,
                                        const char *name)
{
    FILE *file = fopen("/etc/passwd", "re");
    struct local_user *place = NULL, user;

    if (file == NULL)
        return NULL;
    /* fgetpwent_r(3) notes where each line begins: where the stream knows its place, it need not
     * ask the kernel. */
    rewind(file);
    if (is_that_file(file, passwd) && scan(file, name, &user) == 0) {
        place = &users->users[users->next];
        *place = user;
        users->next = (users->next + 1) % LOCAL_USERS_MOST;
    }
    fclose(file);
    return place;
}

static const struct local_user *place_of(const struct local_users *users, const char *name)
{
    size_t i;

    for (i = 0; i < LOCAL_USERS_MOST; i++)
        if (strcmp(users->users[i].name, name) == 0)
            return &users->users[i];
    return NULL;
}

bool local_users_find(struct local_users *users, const struct file_stamp *passwd,
                      unsigned generation, const char *name, struct user *user)
{
    const struct local_user *found;

    if (users->generation != generation)
        forget(users, generation);
    /* NSS passes over the names with a sign, which stand for users of NIS. */
    if (!users->are_asked_first || strlen(name) >= LOCAL_USERS_NAME || name[0] == '\0' ||
        name[0] == '+' || name[0] == '-')
        return false;
    found = place_of(users, name);
    if (found == NULL)
        found = read_in(users, passwd, name);
    if (found == NULL || !found->is_there)
        return false;
    strcpy(user->name, found->name);
    user->uid = found->uid;
    user->gid = found->gid;
    return true;
}
