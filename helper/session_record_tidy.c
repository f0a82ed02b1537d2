/*
 * Clearing up among session records.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/session_files.h"
#include "helper/session_logins.h"
#include "helper/task.h"
#include "helper/text_hash.h"

#define MARK_SECONDS 60 /* for which the mark of a login may wait for its record */

/* An ended session's file, and when it was written. */
struct ended_file {
    time_t at;
    uid_t uid;      /* whose it is; that of nobody where the record is damaged */
    uint64_t human; /* text_hash of whose, as people share a uid; two that fell together would share
                       what each may keep */
    size_t newer;   /* how many of that human's are newer */
    char id[SESSION_ID_SIZE];
};

static int by_human_and_newest_first(const void *a, const void *b)
{
    const struct ended_file *first = a, *second = b;

    if (first->uid != second->uid)
        return first->uid < second->uid ? -1 : 1;
    if (first->human != second->human)
        return first->human < second->human ? -1 : 1;
    return (first->at < second->at) - (first->at > second->at);
}

/* Each human's newest, the newest first of these, then each one's second newest. */
static int in_turn(const void *a, const void *b)
{
    const struct ended_file *first = a, *second = b;

    if (first->newer != second->newer)
        return first->newer < second->newer ? -1 : 1;
    return (first->at < second->at) - (first->at > second->at);
}

/* Puts those last that are to go where there are too many. */
static void order_fairly(int folder, struct ended_file *files, size_t count)
{
    struct session_record record;
    const char *wrong;
    size_t i;

    for (i = 0; i < count; i++) {
        files[i].uid = (uid_t)-1;
        files[i].human = 0;
        if (i % SESSION_RECORDS_AT_ONCE == SESSION_RECORDS_AT_ONCE - 1)
            task_pause(0);
        if (session_file_read(folder, files[i].id, SESSION_ENDED, &record, &wrong) != 0)
            continue;
        files[i].uid = record.uid;
        files[i].human = text_hash(record.human);
        session_record_free(&record);
    }
    qsort(files, count, sizeof *files, by_human_and_newest_first);
    files[0].newer = 0;
    for (i = 1; i < count; i++)
        files[i].newer = files[i].uid == files[i - 1].uid && files[i].human == files[i - 1].human
                             ? files[i - 1].newer + 1
                             : 0;
    qsort(files, count, sizeof *files, in_turn);
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

/* Removes marks of logins whose records have gone. One is written a moment before its record. */
static void sift_marks(int folder, time_t now)
{
    DIR *names = own_folder_names(folder);
    const struct dirent *entry;
    struct session_login login;
    struct stat file;

    while (names != NULL && (entry = readdir(names)) != NULL) {
        char live[SESSION_FILE_NAME_SIZE], ended[SESSION_FILE_NAME_SIZE];

        if (!session_login_read(entry->d_name, &login))
            continue;
        session_file_name(live, login.id, SESSION_LIVE);
        session_file_name(ended, login.id, SESSION_ENDED);
        /* In this order, as it ends. */
        if (faccessat(folder, live, F_OK, 0) != 0 && errno == ENOENT &&
            faccessat(folder, ended, F_OK, 0) != 0 && errno == ENOENT &&
            fstatat(folder, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
            file.st_mtime < now - MARK_SECONDS)
            unlinkat(folder, entry->d_name, 0);
    }
    if (names != NULL)
        closedir(names);
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
        order_fairly(folder, files, count);
    for (i = SESSION_RECORDS_ENDED_MOST; i < count; i++) {
        session_file_name(name, files[i].id, SESSION_ENDED);
        unlinkat(folder, name, 0);
    }
    if (folder >= 0) {
        own_folder_tidy(folder);
        sift_marks(folder, now);
    }
    if (names != NULL)
        closedir(names);
    if (folder >= 0)
        close(folder);
    free(files);
}
