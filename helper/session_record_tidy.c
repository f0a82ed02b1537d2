/*
 * Clearing up among session records.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/session_files.h"

/* An ended session's file, and when it was written. */
struct ended_file {
    time_t at;
    char id[SESSION_ID_SIZE];
};

static int newest_first(const void *a, const void *b)
{
    time_t first = ((const struct ended_file *)a)->at, second = ((const struct ended_file *)b)->at;

    return (first < second) - (first > second);
}

/* Removes what is too old, and gathers the others. Returns how many there are. */
static size_t sift_ended(int folder, DIR *names, time_t oldest, struct ended_file **files)
{
    const struct dirent *entry;
    size_t count = 0, room = 0;
    char id[SESSION_ID_SIZE];
    struct stat file;

    while ((entry = readdir(names)) != NULL) {
        if (!session_file_is(entry->d_name, SESSION_ENDED, id) ||
            fstatat(folder, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (file.st_mtime < oldest) {
            unlinkat(folder, entry->d_name, 0);
            continue;
        }
        if (count == room) {
            size_t larger = room > 0 ? 2 * room : 64;
            struct ended_file *more = realloc(*files, larger * sizeof *more);

            if (more == NULL)
                break;
            *files = more;
            room = larger;
        }
        (*files)[count].at = file.st_mtime;
        strcpy((*files)[count++].id, id);
    }
    return count;
}

void session_record_tidy(const struct host *host, time_t now)
{
    const int detach = host->policy != NULL ? host->policy->longest_detach : 0;
    const int longest = detach > SESSION_RECORDS_ENDED_FOR ? detach : SESSION_RECORDS_ENDED_FOR;
    int folder = own_folder_open(session_folder(host));
    DIR *names = folder >= 0 ? own_folder_names(folder) : NULL;
    struct ended_file *files = NULL;
    char name[SESSION_FILE_NAME_SIZE];
    size_t count = 0, i;

    if (names != NULL)
        count = sift_ended(folder, names, now - longest, &files);
    if (count > SESSION_RECORDS_ENDED_MOST)
        qsort(files, count, sizeof *files, newest_first);
    for (i = SESSION_RECORDS_ENDED_MOST; i < count; i++) {
        session_file_name(name, files[i].id, SESSION_ENDED);
        unlinkat(folder, name, 0);
    }
    if (folder >= 0)
        own_folder_tidy(folder);
    if (names != NULL)
        closedir(names);
    if (folder >= 0)
        close(folder);
    free(files);
}
