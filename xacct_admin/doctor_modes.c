/*
 * Owners and modes: of the policy and what it names, of our programs, and of the helper's folders.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "pam_xacct/internal.h"
#include "xacct_admin/checks.h"
#include "xacct_admin/doctor.h"
#include "xacct_admin/permissions.h"

/* Where libpam may look for modules, and libc for NSS services: the folder of each architecture. */
#define MODULES  "/usr/lib/*/security/pam_xacct.so"
#define SERVICES "/usr/lib/*/libnss_xacct.so.2"

/* What the helper's own folders may not be. */
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define OTHERS_ANY   (S_IRWXG | S_IRWXO)

/* What xacct check finds about owners and modes, each for what it is here. */
static void examine_policy_files(struct doctor *doctor)
{
    struct findings findings = {.items = NULL};
    size_t i;

    check_files(&doctor->reading, NULL, &findings);
    findings_sort(&findings);
    for (i = 0; i < findings.count; i++)
        doctor_add(doctor, findings.items[i].severity == LINT_ERROR ? DOCTOR_FAULT : DOCTOR_WARNING,
                   findings.items[i].at, NULL, "%s", findings.items[i].text);
    if (findings.memory.exhausted)
        doctor->memory.exhausted = true;
    findings_free(&findings);
}

/* A program or library of ours, which is root's alone to write, as is the way to it. */
static void examine_program(struct doctor *doctor, const char *path)
{
    struct path_fault fault;

    if (path_is_trusted(path, PATH_PROGRAM, 0, &fault) ||
        strcmp(fault.what, "is not executable") == 0)
        return;
    doctor_add(doctor, DOCTOR_FAULT, (struct position){path, 0},
               fault.error == ENOENT ? "install it anew (make install)"
               : strstr(fault.what, "setuid") != NULL
                   ? "chmod u-s,g-s it: it is never run with another's rights"
                   : "make it root's (chown root, chmod go-w), and look at who may have written it",
               "%s: %s", fault.step, fault.what);
}

/* All files of a pattern; `missing` says what is the matter where there is none. */
static void examine_libraries(struct doctor *doctor, const char *pattern, enum doctor_result result,
                              const char *remedy, const char *missing)
{
    glob_t found = {.gl_pathc = 0};
    size_t i;

    if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
        for (i = 0; i < found.gl_pathc; i++)
            examine_program(doctor, found.gl_pathv[i]);
    else
        doctor_add(doctor, result, doctor_nowhere, remedy, "there is no %s: %s", pattern, missing);
    globfree(&found);
}

/* A folder or file of the helper's own, of which `forbidden` bits may not be set. */
static void examine_own(struct doctor *doctor, const char *path, mode_t forbidden,
                        const char *missing)
{
    const struct position at = {path, 0};
    struct stat is;

    if (lstat(path, &is) != 0) {
        if (missing != NULL && errno == ENOENT)
            doctor_add(doctor, DOCTOR_NOTE, at, NULL, "%s", missing);
        else
            doctor_add(doctor, DOCTOR_FAULT, at,
                       "systemd-tmpfiles --create xacct.conf makes our folders", "%s",
                       strerror(errno));
        return;
    }
    if (S_ISLNK(is.st_mode))
        doctor_add(doctor, DOCTOR_FAULT, at, "name the real path", "it is a symbolic link");
    else if (is.st_uid != doctor->helper.uid)
        doctor_add(doctor, DOCTOR_FAULT, at, "chown " HELPER_NAME " it",
                   "it belongs to uid %u and not to the user " HELPER_NAME, (unsigned)is.st_uid);
    else if ((is.st_mode & forbidden) != 0)
        doctor_add(doctor, DOCTOR_FAULT, at,
                   forbidden == OTHERS_WRITE ? "chmod go-w it" : "chmod go= it",
                   "its mode is %04o: %s", (unsigned)is.st_mode & 07777,
                   forbidden == OTHERS_WRITE ? "others may write what the helper believes"
                                             : "others may read who works for whom");
}

/* The folder that a file lies in. */
static void examine_folder_of(struct doctor *doctor, const char *path, mode_t forbidden)
{
    const char *folder = arena_text(&doctor->memory, path, (size_t)(strrchr(path, '/') - path));

    if (folder != NULL && *folder != '\0')
        examine_own(doctor, folder, forbidden, NULL);
}

/* Whether there is room for a line, as nobody gets a role whom the audit file cannot take. */
static void examine_room(struct doctor *doctor, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = arena_text(&doctor->memory, path, (size_t)(slash - path) + 1);
    struct statvfs room;

    if (folder != NULL && statvfs(folder, &room) == 0 && room.f_blocks > 0 &&
        (room.f_bavail == 0 || (room.f_files > 0 && room.f_favail == 0)))
        doctor_add(doctor, DOCTOR_FAULT, (struct position){path, 0}, "make room there",
                   "its file system is full: a login that cannot be written down gets no role");
}

/*
 * The folders above the one that the audit file lies in, down from the root: whoever may write one
 * could take away what is in it, unless its sticky bit leaves that to the owner of each.
 */
static void examine_above(struct doctor *doctor, const char *path)
{
    const char *last = strrchr(path, '/'), *slash;
    struct stat is;

    for (slash = path; slash != NULL && slash < last; slash = strchr(slash + 1, '/')) {
        const char *folder =
            arena_text(&doctor->memory, path, slash > path ? (size_t)(slash - path) : 1);

        if (folder == NULL || stat(folder, &is) != 0 ||
            ((is.st_uid == 0 || is.st_uid == doctor->helper.uid) &&
             ((is.st_mode & OTHERS_WRITE) == 0 || (is.st_mode & S_ISVTX) != 0)))
            continue;
        doctor_add(doctor, DOCTOR_FAULT, (struct position){folder, 0},
                   "make it root's (chown root, chmod go-w), or name another place by audit =",
                   "it belongs to uid %u with mode %04o: others could take the audit file away, so "
                   "nothing is issued",
                   (unsigned)is.st_uid, (unsigned)is.st_mode & 07777);
    }
}

/* The socket, to which everybody may connect and which nobody else could have put there. */
static void examine_socket(struct doctor *doctor, const char *path)
{
    const struct position at = {path, 0};
    const char *folder = arena_text(&doctor->memory, path, (size_t)(strrchr(path, '/') - path));
    struct path_fault fault;
    struct stat is;

    if (folder != NULL &&
        !path_is_trusted(folder, PATH_SOCKET_FOLDER, doctor->helper.uid, &fault)) {
        doctor_add(doctor, DOCTOR_FAULT, at,
                   "logins pass the service over until the folder is root's or the helper's own",
                   "%s: %s", fault.step, fault.what);
        return;
    }
    if (lstat(path, &is) != 0)
        doctor_add(doctor, DOCTOR_WARNING, at, "systemctl enable --now xacct.socket",
                   "there is no socket (%s): logins start a helper each, and the command xacct "
                   "has nobody to ask",
                   strerror(errno));
    else if (!S_ISSOCK(is.st_mode))
        doctor_add(doctor, DOCTOR_FAULT, at, "remove it, and start the service", "it is no socket");
    else if ((is.st_mode & S_IWOTH) == 0)
        doctor_add(doctor, DOCTOR_WARNING, at, "chmod 0666 it",
                   "its mode is %04o: users cannot connect, so the command xacct fails for them",
                   (unsigned)is.st_mode & 07777);
}

void doctor_modes(struct doctor *doctor)
{
    const struct policy *policy = doctor->reading.policy;
    const char *audit = policy != NULL ? policy->audit : POLICY_DEFAULT_AUDIT;

    examine_policy_files(doctor);
    examine_program(doctor, XACCT_LIBEXECDIR "/xacct-helper");
    examine_program(doctor, XACCT_LIBEXECDIR "/xacct-admin");
    examine_program(doctor, XACCT_BINDIR "/xacct");
    examine_libraries(doctor, MODULES, DOCTOR_NOTE, NULL,
                      "where a PAM line names the module by its path, the "
                      "examination pam looks at it");
    if (policy == NULL || policy->unix_group_count > 0)
        examine_libraries(doctor, SERVICES, policy != NULL ? DOCTOR_WARNING : DOCTOR_NOTE,
                          "install libnss-xacct, and name xacct in /etc/nsswitch.conf",
                          "NSS does not know the policy's Unix groups");
    if (doctor->helper.is_known) {
        examine_socket(doctor, doctor->invocation->socket);
        examine_own(doctor, policy != NULL ? policy->state : POLICY_DEFAULT_STATE, OTHERS_ANY,
                    NULL);
        examine_own(doctor, policy != NULL ? policy->sessions : POLICY_DEFAULT_SESSIONS, OTHERS_ANY,
                    NULL);
        examine_above(doctor, audit);
        examine_folder_of(doctor, audit, OTHERS_WRITE);
        examine_room(doctor, audit);
        examine_own(doctor, audit, OTHERS_ANY, "there is no audit file yet");
    }
    doctor_mounts(doctor);
    if (!doctor_found(doctor))
        doctor_add(doctor, DOCTOR_OK, doctor_nowhere, NULL,
                   "owners and modes of the policy, of our programs and of the helper's folders "
                   "are as they must be");
}
