/*
 * What stands for /etc/xacct and /var/lib/xacct before the sandboxes, and trying it from inside.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_UNIT_SANDBOX_FILES_H
#define XACCT_TESTS_UNIT_SANDBOX_FILES_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Readable for the helper and for nobody else. */
static char folder[] = "/tmp/xacct-sandbox-XXXXXX";
#define PATH_SIZE (sizeof folder + 32)

static char policy[PATH_SIZE], policys_backup[PATH_SIZE], base[PATH_SIZE];
static char own_file[PATH_SIZE]; /* of a program's */
static char sessions[PATH_SIZE], record[PATH_SIZE];
static char state_folder[PATH_SIZE], last_policy[PATH_SIZE];
static char of_state[PATH_SIZE]; /* with the slash that closes what is in there */
static char cache[PATH_SIZE], cache_new[PATH_SIZE], cached[PATH_SIZE]; /* a program's */

static const struct {
    char *path;
    const char *below;
    bool is_folder;
} made[] = {
    {policy, "/xacct.conf", false},
    {policys_backup, "/xacct.conf.bak", false},
    {base, "/base.credentials", false},
    {own_file, "/vault.json", false},
    {sessions, "/sessions", true},
    {record, "/sessions/K7QW3M2P.json", false},
    {state_folder, "/state", true},
    {last_policy, "/state/last", false},
    {cache, "/state/cache", true},
    {cache_new, "/state/cache/new", true},
    {cached, "/state/cache/new/token", false},
};

/* Makes them. Returns 0 or -1. */
static int make_files(void)
{
    size_t i;

    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(of_state, PATH_SIZE, "%s/state/", folder);
    for (i = 0; i < sizeof made / sizeof *made; i++) {
        FILE *file;

        snprintf(made[i].path, PATH_SIZE, "%s%s", folder, made[i].below);
        if (made[i].is_folder && mkdir(made[i].path, 0700) != 0)
            return -1;
        file = made[i].is_folder ? NULL : fopen(made[i].path, "we");
        if (!made[i].is_folder && (file == NULL || fclose(file) != 0))
            return -1;
    }
    return 0;
}

/* Removes them. Returns 0 or -1. */
static int remove_files(void)
{
    size_t i;

    for (i = sizeof made / sizeof *made; i > 0; i--)
        if (remove(made[i - 1].path) != 0)
            return -1;
    return rmdir(folder);
}

/* Each of these returns the errno that it got, or 0. */

static int read_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static int read_policy(void)
{
    return read_file(policy);
}

static int read_something_in_etc(void)
{
    return read_file("/etc/debian_version");
}

static int read_groups(void)
{
    return read_file("/etc/group");
}

static int read_policys_backup(void)
{
    return read_file(policys_backup);
}

static int read_base(void)
{
    return read_file(base);
}

static int read_own_file(void)
{
    return read_file(own_file);
}

static int read_record(void)
{
    return read_file(record);
}

static int read_last_policy(void)
{
    return read_file(last_policy);
}

static int read_shadow(void)
{
    return read_file("/etc/shadow");
}

static int read_home(void)
{
    return open("/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0 ? errno : 0;
}

static int make_file(const char *parent)
{
    char path[PATH_SIZE + sizeof "/made"];

    snprintf(path, sizeof path, "%s/made", parent);
    if (open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0)
        return errno;
    return unlink(path) == 0 ? 0 : errno;
}

static int make_session(void)
{
    return make_file(sessions);
}

static int make_state(void)
{
    return make_file(state_folder);
}

static int move_cached(void)
{
    /* To another folder, as programs write what is to be whole or not there. */
    char path[PATH_SIZE + sizeof "/token"];

    snprintf(path, sizeof path, "%s/token", cache);
    if (rename(cached, path) != 0)
        return errno;
    return rename(path, cached) == 0 ? 0 : errno;
}

static int write_file(void)
{
    return open(policy, O_WRONLY | O_CLOEXEC) < 0 ? errno : 0;
}

#endif
