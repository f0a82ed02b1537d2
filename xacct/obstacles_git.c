/*
 * What is in the way in the git repository of the working folder: remotes of CodeCommit that name a
 * profile, which git-remote-codecommit then uses whatever the environment says.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/escape.h"
#include "xacct/ini_file.h"
#include "xacct/obstacles.h"

#define SCHEME "codecommit::"

/* Joins a folder and a name; an absolute name stands for itself. Returns whether it fits. */
static bool join(char *path, size_t size, const char *folder, const char *name)
{
    int length = name[0] == '/' ? snprintf(path, size, "%s", name)
                                : snprintf(path, size, "%s/%s", folder, name);

    return length > 0 && (size_t)length < size;
}

/* Puts the first line of a file, behind `prefix`, into `value`. */
static bool read_first_line(const char *path, const char *prefix, char *value, size_t size)
{
    struct lines lines;
    char *line;
    bool found = false;

    if (!lines_open(&lines, path))
        return false;
    line = lines_next(&lines);
    if (line != NULL && strncmp(line, prefix, strlen(prefix)) == 0)
        found = (size_t)snprintf(value, size, "%s", line + strlen(prefix)) < size;
    lines_close(&lines);
    return found;
}

/* The folder with the config, when `folder` has a .git: itself, or where a worktree's points to. */
static bool git_folder(const char *folder, char *found, size_t size)
{
    char dot_git[PATH_MAX], name[PATH_MAX], common[PATH_MAX];
    struct stat status;

    if (!join(dot_git, sizeof dot_git, folder, ".git") || stat(dot_git, &status) != 0)
        return false;
    if (S_ISDIR(status.st_mode))
        return join(found, size, folder, ".git");
    if (!read_first_line(dot_git, "gitdir: ", name, sizeof name) ||
        !join(found, size, folder, name))
        return false;
    if (join(common, sizeof common, found, "commondir") &&
        read_first_line(common, "", name, sizeof name)) {
        memcpy(dot_git, found, strlen(found) + 1);
        return join(found, size, dot_git, name);
    }
    return true;
}

/* The config of the repository that the working folder lies in. */
static bool find_config(char *config, size_t size)
{
    char folder[PATH_MAX], found[PATH_MAX];

    if (getcwd(folder, sizeof folder) == NULL || folder[0] != '/')
        return false;
    for (;;) {
        if (git_folder(folder, found, sizeof found))
            return join(config, size, found, "config");
        if (folder[0] == '\0')
            return false;
        *strrchr(folder, '/') = '\0';
    }
}

/*
 * Tells codecommit::REGION://PROFILE@REPOSITORY, or the same with codecommit:// and no region. Puts
 * the URL without the profile into `plain`.
 */
static bool url_names_profile(const char *url, char *profile, size_t size, char *plain,
                              size_t plain_size)
{
    const char *slashes = strstr(url, "://"), *at;

    if (slashes == NULL ||
        (strncmp(url, SCHEME, strlen(SCHEME)) != 0 && strncmp(url, "codecommit://", 13) != 0))
        return false;
    slashes += 3;
    at = strchr(slashes, '@');
    if (at == NULL || (size_t)(at - slashes) >= size)
        return false;
    snprintf(profile, size, "%.*s", (int)(at - slashes), slashes);
    return (size_t)snprintf(plain, plain_size, "%.*s%s", (int)(slashes - url), url, at + 1) <
           plain_size;
}

/* The name in `remote "NAME"`; false for another section. */
static bool remote_name(const char *section, char *name, size_t size)
{
    static const char prefix[] = "remote \"";
    size_t length = strlen(section);

    if (strncmp(section, prefix, sizeof prefix - 1) != 0 || length <= sizeof prefix)
        return false;
    snprintf(name, size, "%.*s", (int)(length - sizeof prefix), section + sizeof prefix - 1);
    return true;
}

void obstacles_in_git_config(struct obstacles *obstacles)
{
    char config[PATH_MAX], remote[128], profile[128], plain[256];
    struct ini ini;

    if (!find_config(config, sizeof config) || !ini_open(&ini, config))
        return;
    while (ini_next(&ini)) {
        char where[512], what[512], shown_profile[256], shown_remote[256], shown_plain[400];

        if (ini.line.key == NULL || strcmp(ini.line.key, "url") != 0 ||
            !remote_name(ini.line.section, remote, sizeof remote) ||
            !url_names_profile(ini.line.value, profile, sizeof profile, plain, sizeof plain) ||
            profile_is_ours(obstacles, profile))
            continue;
        snprintf(what, sizeof what, "makes git use the profile %s for the remote %s",
                 escape(shown_profile, sizeof shown_profile, profile),
                 escape(shown_remote, sizeof shown_remote, remote));
        obstacle_add(obstacles, file_and_line(where, sizeof where, config, ini.lines.number), what,
                     "git remote set-url %s %s", shown_remote,
                     escape(shown_plain, sizeof shown_plain, plain));
    }
    ini_close(&ini);
}
