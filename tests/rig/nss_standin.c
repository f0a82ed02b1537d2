/*
 * A directory for the tests: an NSS source `standin` for users and groups whose behaviour is read
 * from files at each call. In the folder FOLDER, `passwd` and `group` hold what it knows, and
 * `mode` holds what is done, and the uid to which that is done; everybody else is answered, as a
 * login needs sshd's own look-ups to work:
 *
 *   answer
 *   absent        nothing is found
 *   unavailable
 *   curious       unavailable to who can read the helper's secrets, make a process, or execute
 *   lost          the errno that nss_systemd leaves behind after a user's groups
 *   hang
 *   hang-own      where a user of the directory is looked up; groups are answered
 *
 * A user whose comment is "alias NAME" is found by that name too, as directories do with other
 * forms of a name.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <nss.h>
#include <poll.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALIAS  "alias "
#define FOLDER "/run/nss-standin/"

enum nss_status _nss_standin_getpwnam_r(const char *name, struct passwd *entry, char *buffer,
                                        size_t size, int *error);
enum nss_status _nss_standin_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
                                        int *error);
enum nss_status _nss_standin_getgrnam_r(const char *name, struct group *entry, char *buffer,
                                        size_t size, int *error);
enum nss_status _nss_standin_getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size,
                                        int *error);
enum nss_status _nss_standin_initgroups_dyn(const char *user, gid_t primary, long *count,
                                            long *size, gid_t **gids, long limit, int *error);

/* Whether this process reaches what only the helper proper may: its credentials and its policy. */
static bool can_read_secrets(void)
{
    return (open("/etc/xacct/base.credentials", O_RDONLY | O_CLOEXEC) >= 0 ||
            open("/etc/xacct/xacct.conf", O_RDONLY | O_CLOEXEC) >= 0);
}

/* Whether it can make another process. One that can execute a program ends by doing so. */
static bool can_start_programs(void)
{
    char *arguments[] = {(char *)"true", NULL};
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    execv("/bin/true", arguments);
    return child > 0;
}

/* What is done to this process. */
static void read_mode(char mode[16])
{
    FILE *file = fopen(FOLDER "mode", "re");
    unsigned uid = 0;

    strcpy(mode, "answer");
    if (file == NULL)
        return;
    if (fscanf(file, "%15s %u", mode, &uid) != 2 || geteuid() != uid)
        strcpy(mode, "answer");
    fclose(file);
}

/* Waits for nothing, by a call that the sandbox allows: else it would spin. */
static void hang(void)
{
    for (;;)
        poll(NULL, 0, -1);
}

/* Opens one of the two files, or does to the caller what `mode` says. NULL when that is nothing. */
static FILE *ask(const char *path)
{
    char mode[16];

    read_mode(mode);
    if (strcmp(mode, "hang") == 0)
        hang();
    if (strcmp(mode, "unavailable") == 0 ||
        (strcmp(mode, "curious") == 0 && (can_read_secrets() || can_start_programs()))) {
        errno = ECONNREFUSED;
        return NULL;
    }
    return fopen(strcmp(mode, "absent") == 0 ? "/dev/null" : path, "re");
}

/* How an entry is recognised: by name, or where that is NULL by number. */
struct key {
    const char *name;
    unsigned id;
};

static bool fits(const struct key *key, const char *name, unsigned id)
{
    return key->name != NULL ? strcmp(key->name, name) == 0 : key->id == id;
}

/* What a search came to; `found` is NULL at the end of the file. */
static enum nss_status result(FILE *file, int failure, const void *found, int *error)
{
    fclose(file);
    if (found != NULL)
        return NSS_STATUS_SUCCESS;
    if (failure == ERANGE) {
        *error = ERANGE;
        return NSS_STATUS_TRYAGAIN;
    }
    *error = ENOENT;
    return NSS_STATUS_NOTFOUND;
}

static enum nss_status unavailable(int *error)
{
    *error = errno;
    return NSS_STATUS_UNAVAIL;
}

static enum nss_status find_user(const struct key *key, struct passwd *entry, char *buffer,
                                 size_t size, int *error)
{
    FILE *file = ask(FOLDER "passwd");
    struct passwd *found;
    char mode[16];
    int failure;

    if (file == NULL)
        return unavailable(error);
    do
        failure = fgetpwent_r(file, entry, buffer, size, &found);
    while (failure == 0 && !fits(key, entry->pw_name, entry->pw_uid) &&
           !(key->name != NULL && strncmp(entry->pw_gecos, ALIAS, strlen(ALIAS)) == 0 &&
             strcmp(entry->pw_gecos + strlen(ALIAS), key->name) == 0));
    read_mode(mode);
    if (failure == 0 && strcmp(mode, "hang-own") == 0)
        hang();
    return result(file, failure, failure == 0 ? found : NULL, error);
}

static enum nss_status find_group(const struct key *key, struct group *entry, char *buffer,
                                  size_t size, int *error)
{
    FILE *file = ask(FOLDER "group");
    struct group *found;
    int failure;

    if (file == NULL)
        return unavailable(error);
    do
        failure = fgetgrent_r(file, entry, buffer, size, &found);
    while (failure == 0 && !fits(key, entry->gr_name, entry->gr_gid));
    return result(file, failure, failure == 0 ? found : NULL, error);
}

enum nss_status _nss_standin_getpwnam_r(const char *name, struct passwd *entry, char *buffer,
                                        size_t size, int *error)
{
    return find_user(&(struct key){.name = name}, entry, buffer, size, error);
}

enum nss_status _nss_standin_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
                                        int *error)
{
    return find_user(&(struct key){.id = uid}, entry, buffer, size, error);
}

enum nss_status _nss_standin_getgrnam_r(const char *name, struct group *entry, char *buffer,
                                        size_t size, int *error)
{
    return find_group(&(struct key){.name = name}, entry, buffer, size, error);
}

enum nss_status _nss_standin_getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size,
                                        int *error)
{
    return find_group(&(struct key){.id = gid}, entry, buffer, size, error);
}

/* Appends a gid to the list that libc handed in. Returns whether there was memory. */
static bool append(long *count, long *size, gid_t **gids, gid_t gid)
{
    if (*count == *size) {
        gid_t *larger = realloc(*gids, (size_t)*size * 2 * sizeof *larger);

        if (larger == NULL)
            return false;
        *gids = larger;
        *size *= 2;
    }
    (*gids)[(*count)++] = gid;
    return true;
}

enum nss_status _nss_standin_initgroups_dyn(const char *user, gid_t primary, long *count,
                                            long *size, gid_t **gids, long limit, int *error)
{
    /* Whoever calls getgrouplist(3) must take an errno that is left behind for an answer. */
    int before = errno;
    FILE *file = ask(FOLDER "group");
    enum nss_status status = NSS_STATUS_SUCCESS;
    struct group entry, *found;
    char buffer[4096], mode[16];
    char **member;

    if (file == NULL)
        return unavailable(error);
    while (status == NSS_STATUS_SUCCESS &&
           fgetgrent_r(file, &entry, buffer, sizeof buffer, &found) == 0) {
        for (member = entry.gr_mem; *member != NULL; member++) {
            if (strcmp(*member, user) != 0 || entry.gr_gid == primary ||
                (limit > 0 && *count >= limit))
                continue;
            if (!append(count, size, gids, entry.gr_gid)) {
                *error = ENOMEM;
                status = NSS_STATUS_TRYAGAIN;
            }
        }
    }
    fclose(file);
    read_mode(mode);
    errno = strcmp(mode, "lost") == 0 ? ESRCH : before;
    return status;
}
