/*
 * What mounts leave open to users: to fill the file systems that logins need, and to keep a Unix
 * group in a program.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "xacct_admin/doctor.h"

/* Where users have something to write on a usual host, without looking through all of it. */
#define USERS_FOLDERS                                                                              \
    "{/tmp,/var/tmp,/dev/shm,/run/lock,/run/screen,/run/user/*,/var/crash,/home/*}"

/* Whether users may write here: everybody, or the person whose folder it is. */
static bool is_users(const struct doctor *doctor, const struct stat *is)
{
    return S_ISDIR(is->st_mode) &&
           ((is->st_mode & S_IWOTH) != 0 || doctor_is_person(doctor, is->st_uid));
}

/* The first folder of users' on the file system `device`, in doctor->memory; NULL: none known. */
static const char *users_folder_on(struct doctor *doctor, const glob_t *folders, dev_t device)
{
    struct stat is;
    size_t i;

    for (i = 0; i < folders->gl_pathc; i++)
        if (lstat(folders->gl_pathv[i], &is) == 0 && is.st_dev == device && is_users(doctor, &is))
            return arena_text(&doctor->memory, folders->gl_pathv[i], strlen(folders->gl_pathv[i]));
    return NULL;
}

/* A folder of the helper's, without which `what`. */
static void examine_share(struct doctor *doctor, const glob_t *folders, const char *path,
                          const char *what, const char *remedy)
{
    const char *users;
    struct stat is;

    /* Where it is not there, doctor_modes says so. */
    if (stat(path, &is) != 0)
        return;
    users = users_folder_on(doctor, folders, is.st_dev);
    if (users != NULL)
        doctor_add(doctor, DOCTOR_WARNING, (struct position){path, 0}, remedy,
                   "it is on the file system of %s, which users can fill: then %s", users, what);
}

/* Whether programs in a folder may have a setgid bit that counts. */
static void examine_setgid(struct doctor *doctor, const char *path)
{
    struct statvfs mounted;

    if (statvfs(path, &mounted) != 0 || (mounted.f_flag & ST_NOSUID) != 0)
        return;
    doctor_add(doctor, DOCTOR_WARNING, (struct position){path, 0},
               "mount it with nosuid; where it is no file system of its own, by a line such as "
               "\"/home /home none bind,nosuid 0 0\" in /etc/fstab",
               "it is mounted without nosuid: who is in a Unix group of the policy can leave a "
               "setgid program there that gives the group to anybody, for ever");
}

void doctor_mounts(struct doctor *doctor)
{
    static const char *const written[] = {"/home", "/tmp", "/var/tmp", "/dev/shm"};
    const struct policy *policy = doctor->reading.policy;
    const char *audit = policy != NULL ? policy->audit : POLICY_DEFAULT_AUDIT;
    const char *last = strrchr(audit, '/');
    const char *folder = arena_text(&doctor->memory, audit, (size_t)(last - audit) + 1);
    glob_t folders = {.gl_pathc = 0};
    size_t i;

    if (glob(USERS_FOLDERS, GLOB_BRACE | GLOB_NOSORT, NULL, &folders) == 0) {
        examine_share(doctor, &folders, policy != NULL ? policy->sessions : POLICY_DEFAULT_SESSIONS,
                      "no session can be recorded, and every login is refused",
                      "mount a tmpfs of its own there; see \"When things fail\" in the README");
        examine_share(doctor, &folders, policy != NULL ? policy->state : POLICY_DEFAULT_STATE,
                      "first logins with certificates are refused, and no policy is kept",
                      "give it a file system of its own");
        if (folder != NULL)
            examine_share(doctor, &folders, folder,
                          "no line can be written, and every login is refused",
                          "give it a file system of its own");
    }
    globfree(&folders);
    for (i = 0;
         policy != NULL && policy->unix_group_count > 0 && i < sizeof written / sizeof *written;
         i++)
        examine_setgid(doctor, written[i]);
}
