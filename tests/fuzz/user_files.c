/*
 * The user's own files, of AWS, git and kubectl, as the command reads them: xacct/ini_file.h,
 * xacct/obstacles.h, xacct/own_profiles.h. The first line names the file, the rest is in it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "xacct/ini_file.h"
#include "xacct/obstacles.h"
#include "xacct/own_profiles.h"

static const char *const files[] = {".aws/credentials", ".aws/config", ".kube/config",
                                    "repository/.git/config"};
#define FILES (sizeof files / sizeof *files)

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const folders[] = {".aws", ".kube", "repository", "repository/.git"};
    size_t i;

    (void)argc;
    (void)argv;
    fuzz_need(clearenv() == 0 && setenv("HOME", fuzz_folder(), 1) == 0, "setenv");
    for (i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[PATH_MAX];

        snprintf(path, sizeof path, "%s/%s", fuzz_folder(), folders[i]);
        fuzz_need(mkdir(path, 0700) == 0, path);
    }
    return 0;
}

/* Every line of it, whatever it is. */
static void read_lines(const char *path)
{
    struct ini ini;

    if (!ini_open(&ini, path))
        return;
    while (ini_next(&ini)) {
        PROMISE(ini.line.section != NULL && ini.lines.number > 0);
        PROMISE(ini.line.key == NULL || ini.line.value != NULL);
        PROMISE(ini.line.key == NULL || strpbrk(ini.line.key, "=\n") == NULL);
    }
    ini_close(&ini);
}

static void find_obstacles(bool by_process)
{
    struct obstacles obstacles = {.by_process = by_process, .role = "client-a-audit"};
    size_t i;

    obstacles_find(&obstacles);
    PROMISE(obstacles.count <= OBSTACLES_MOST);
    for (i = 0; i < obstacles.count; i++) {
        PROMISE(fuzz_is_printable(obstacles.all[i].where));
        PROMISE(fuzz_is_printable(obstacles.all[i].what));
        PROMISE(fuzz_is_printable(obstacles.all[i].advice));
    }
    if (obstacles.count > 0)
        fuzz_accept();
    obstacles_free(&obstacles);
}

/* Whether a line that is not indented sets this key. */
static bool sets(const char *line, const char *key)
{
    size_t length = strcspn(line, "= \t");

    return length == strlen(key) && strncmp(line, key, length) == 0;
}

/* The file of ours holds no key, and its [default] is the role alone. */
static void look_at_profiles(void)
{
    char path[PATH_MAX], *line;
    struct lines lines;
    bool is_default = false;

    PROMISE(own_profiles_path(path, sizeof path));
    fuzz_need(lines_open(&lines, path), path);
    while ((line = lines_next(&lines)) != NULL) {
        if (line[0] == '[')
            is_default = strcmp(line, "[default]") == 0;
        PROMISE(!is_default || !sets(line, "credential_process") ||
                strcmp(line, "credential_process = " XACCT_BINDIR "/xacct credentials") == 0);
        PROMISE(!is_default || !sets(line, "role_arn"));
        PROMISE(!sets(line, "aws_access_key_id") && !sets(line, "aws_secret_access_key") &&
                !sets(line, "aws_session_token"));
    }
    lines_close(&lines);
}

/* Looks at everything from within the repository, as git's configuration is that of the folder. */
static void look_around(const char *path)
{
    int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char repository[PATH_MAX];

    snprintf(repository, sizeof repository, "%s/repository", fuzz_folder());
    fuzz_need(before >= 0 && chdir(repository) == 0, repository);
    read_lines(path);
    find_obstacles(true);
    find_obstacles(false);
    if (own_profiles_write())
        look_at_profiles();
    fuzz_need(fchdir(before) == 0 && close(before) == 0, "fchdir");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    char *name = fuzz_take_text(&input, "\n");
    size_t i;

    for (i = 0; i < FILES; i++)
        if (strcmp(files[i], name) == 0) {
            look_around(fuzz_file(name, input.bytes, input.length));
            /* Empty again, for the others. */
            fuzz_file(name, NULL, 0);
        }
    free(name);
    return 0;
}
