/*
 * Lines of the audit file: what they are made of, and that what was not written whole, for want of
 * room, was not written, and spoils no other.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/audit.h"

struct setting {
    char path[64];
    struct policy policy;
    struct host host;
    struct rlimit before; /* of the size of files */
};

static int set_up(void **state)
{
    struct setting *setting = calloc(1, sizeof *setting);
    int fd;

    assert_non_null(setting);
    strcpy(setting->path, "/tmp/audit-XXXXXX");
    fd = mkstemp(setting->path);
    assert_true(fd >= 0);
    close(fd);
    setting->policy.audit = setting->path;
    setting->host.policy = &setting->policy;
    setting->host.policy_hash = "";
    /* Else a file that is too large would end the process; a full disk fails a call. */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &setting->before), 0);
    *state = setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *setting = *state;

    setrlimit(RLIMIT_FSIZE, &setting->before);
    unlink(setting->path);
    free(setting);
    return 0;
}

/* Writes a line of a session with this id. Returns as audit_write. */
static int write_line(const struct setting *setting, const char *session, char *why, size_t size)
{
    const struct audit_event event = {.event = AUDIT_OPENED, .session = session};

    return audit_write(&setting->host, &event, why, size);
}

/* From now on the file takes so many bytes more, and no others, as a full disk would. */
static void leave_room(const struct setting *setting, off_t bytes)
{
    struct rlimit limit = setting->before;
    struct stat file;

    assert_int_equal(stat(setting->path, &file), 0);
    limit.rlim_cur = (rlim_t)(file.st_size + bytes);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void make_room(const struct setting *setting)
{
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &setting->before), 0);
}

/* What stands in the file. */
static void read_all(const struct setting *setting, char *text, size_t size)
{
    FILE *file = fopen(setting->path, "re");

    assert_non_null(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
    assert_true(text[0] != '\0');
}

static void half_a_line_is_a_failure_that_names_the_file(void **state)
{
    struct setting *setting = *state;
    char why[1024] = "";

    assert_int_equal(write_line(setting, "one", why, sizeof why), 0);
    leave_room(setting, 20);
    assert_int_equal(write_line(setting, "two", why, sizeof why), ENOSPC);
    assert_non_null(strstr(why, setting->path));
    leave_room(setting, 0);
    assert_int_equal(write_line(setting, "three", why, sizeof why), EFBIG);
    make_room(setting);
    assert_int_equal(write_line(setting, "four", why, sizeof why), 0);
}

static void half_a_line_spoils_no_other(void **state)
{
    struct setting *setting = *state;
    char why[1024], text[4096], *line, *rest;
    static const char begun[] = "{\"event\":\"opened\"";
    size_t i;

    assert_int_equal(write_line(setting, "one", why, sizeof why), 0);
    leave_room(setting, 30);
    assert_int_not_equal(write_line(setting, "two", why, sizeof why), 0);
    make_room(setting);
    assert_int_equal(write_line(setting, "three", why, sizeof why), 0);

    read_all(setting, text, sizeof text);
    assert_int_equal(text[strlen(text) - 1], '\n');
    for (i = 0, rest = text; (line = strsep(&rest, "\n")) != NULL && *line != '\0'; i++) {
        assert_int_equal(strncmp(line, begun, strlen(begun)), 0);
        /* The one in the middle was cut short; the others end as they should. */
        assert_int_equal(line[strlen(line) - 1] == '}', i != 1);
    }
    assert_int_equal(i, 3);
}

/* What moves the file away as soon as another line stands in it, and takes out what it holds. */
struct mover {
    const struct setting *setting;
    atomic_int written; /* how many lines there are by now */
    atomic_bool over;
    bool *seen; /* of each line, by its number */
};

/* Notes which lines stand in the file at `path`, whose sessions are numbers, and removes it. */
static void take_lines(const struct mover *mover, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[4096];

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *number = strstr(line, "\"session\":\"");

        assert_non_null(number);
        mover->seen[atoi(number + strlen("\"session\":\""))] = true;
    }
    if (file != NULL)
        fclose(file);
    unlink(path);
}

/* As logrotate with `compress`, which reads the file that it has moved away and removes it. */
static void *move_away(void *argument)
{
    struct mover *mover = argument;
    char away[80];
    int before = 0;

    snprintf(away, sizeof away, "%s.1", mover->setting->path);
    while (!atomic_load(&mover->over)) {
        if (atomic_load(&mover->written) == before) {
            sched_yield();
            continue;
        }
        before = atomic_load(&mover->written);
        if (rename(mover->setting->path, away) == 0)
            take_lines(mover, away);
    }
    return NULL;
}

#define MOVED_LINES 4000

/* Puts the folder at `path` with a file for the lines into the setting. */
static void move_into_folders(struct setting *setting, char *above, char *folder)
{
    strcpy(above, "/tmp/audit-above-XXXXXX");
    assert_non_null(mkdtemp(above));
    snprintf(folder, 64, "%s/folder", above);
    assert_int_equal(mkdir(folder, 0755), 0);
    assert_int_equal(unlink(setting->path), 0);
    snprintf(setting->path, sizeof setting->path, "%s/file", folder);
}

/* How many bytes the file has; -1 if there is none. */
static long long size_of(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 ? (long long)status.st_size : -1;
}

static void what_was_safe_for_one_line_is_looked_at_for_the_next(void **state)
{
    struct setting *setting = *state;
    char above[64], folder[64], why[512];
    const char *const paths[] = {above, folder, setting->path};
    const mode_t modes[] = {0700, 0755, 0640};
    size_t i;

    move_into_folders(setting, above, folder);
    for (i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        long long before;

        assert_int_equal(write_line(setting, "1", why, sizeof why), 0);
        assert_int_equal(chmod(paths[i], modes[i] | 022), 0);
        before = size_of(setting->path);
        assert_int_equal(write_line(setting, "2", why, sizeof why), EPERM);
        assert_int_equal(write_line(setting, "2", why, sizeof why), EPERM);
        assert_int_equal(chmod(paths[i], modes[i]), 0);
        assert_int_equal(chown(paths[i], 12345, 0), 0);
        assert_int_equal(write_line(setting, "3", why, sizeof why), EPERM);
        assert_int_equal(size_of(setting->path), before);
        assert_int_equal(chown(paths[i], 0, 0), 0);
    }
    assert_int_equal(write_line(setting, "4", why, sizeof why), 0);
    unlink(setting->path);
    rmdir(folder);
    rmdir(above);
}

static void a_line_goes_where_its_path_leads_by_then(void **state)
{
    struct setting *setting = *state;
    char above[64], folder[64], other[128], moved[192], away[128], why[512];
    long long line;
    int fd;

    move_into_folders(setting, above, folder);
    snprintf(other, sizeof other, "%s/other", above);
    snprintf(moved, sizeof moved, "%s/file", other);
    assert_int_equal(write_line(setting, "1", why, sizeof why), 0);
    line = size_of(setting->path);
    /* Another folder has the name. */
    assert_int_equal(rename(folder, other), 0);
    assert_int_equal(mkdir(folder, 0755), 0);
    assert_int_equal(write_line(setting, "2", why, sizeof why), 0);
    assert_int_equal(write_line(setting, "3", why, sizeof why), 0);
    assert_int_equal(size_of(moved), line);
    assert_int_equal(size_of(setting->path), 2 * line);
    /* Another file has the name of the first. */
    snprintf(away, sizeof away, "%s/away", above);
    assert_int_equal(rename(setting->path, away), 0);
    fd = open(setting->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(write_line(setting, "7", why, sizeof why), 0);
    assert_int_equal(size_of(setting->path), line);
    assert_int_equal(size_of(away), 2 * line);
    unlink(away);
    assert_int_equal(unlink(setting->path), 0);
    assert_int_equal(rmdir(folder), 0);
    /* And a link, which leads to the first. */
    assert_int_equal(symlink(other, folder), 0);
    assert_int_equal(write_line(setting, "4", why, sizeof why), 0);
    assert_int_equal(write_line(setting, "5", why, sizeof why), 0);
    assert_int_equal(size_of(moved), 3 * line);
    /* There is no file any more. */
    assert_int_equal(unlink(moved), 0);
    assert_int_equal(write_line(setting, "6", why, sizeof why), 0);
    assert_int_equal(size_of(moved), line);
    unlink(moved);
    unlink(folder);
    rmdir(other);
    rmdir(above);
}

static void no_line_is_lost_while_the_file_is_moved_away(void **state)
{
    struct setting *setting = *state;
    struct mover mover = {.setting = setting, .seen = calloc(MOVED_LINES, sizeof(bool))};
    char number[16], why[1024];
    pthread_t thread;
    int i;

    assert_non_null(mover.seen);
    assert_int_equal(pthread_create(&thread, NULL, move_away, &mover), 0);
    for (i = 0; i < MOVED_LINES; i++) {
        snprintf(number, sizeof number, "%d", i);
        if (write_line(setting, number, why, sizeof why) != 0)
            fail_msg("%s", why);
        atomic_store(&mover.written, i + 1);
    }
    atomic_store(&mover.over, true);
    pthread_join(thread, NULL);
    take_lines(&mover, setting->path);
    for (i = 0; i < MOVED_LINES; i++)
        if (!mover.seen[i])
            fail_msg("line %d is lost", i);
    free(mover.seen);
}

static void a_session_that_ends_has_the_role_that_it_began_with(void **state)
{
    struct setting *setting = *state;
    char name[] = "audit", account[] = "client-a", id[] = "111122223333", why[1024], text[4096];
    char *tags[] = {(char[]){"client=a"}, (char[]){"formula=a=b"}, (char[]){"empty="}};
    const struct session_role started = {
        .name = name, .account = account, .account_id = id, .tags = {tags, 3}};
    const struct audit_event event = {
        .event = AUDIT_ENDED, .session = "one", .started = &started, .revoked_by = "root"};

    assert_int_equal(audit_write(&setting->host, &event, why, sizeof why), 0);
    read_all(setting, text, sizeof text);
    assert_non_null(strstr(text, "\"role\":\"audit\",\"account\":\"client-a\","
                                 "\"account_id\":\"111122223333\",\"tags\":{\"client\":\"a\","
                                 "\"formula\":\"a=b\",\"empty\":\"\"}"));
    assert_non_null(strstr(text, "\"revoked_by\":\"root\""));
}

/* The names are a stable interface: what explains a decision, and joins it to CloudTrail. */
static void each_member_has_its_name(void **state)
{
    static const char *const methods[] = {"publickey"};
    static char names[][16] = {"client-a", "111122223333", "audit"};
    static const struct account account = {.name = names[0], .id = names[1]};
    static const struct role role = {.name = names[2], .account = &account};
    static const struct sts_tag tags[] = {{"project", "phoenix"}};
    static const char expected[] =
        "{'event':'used','version':1,'uid':1001,'operation':'assume','purpose':'exec',"
        "'reason':'why','notice':'n','session':'s','adopted_from':'af','service':'sshd',"
        "'address':'192.0.2.1','host':'h','user':'u','typed':'t','ruser':'r','human':'hu',"
        "'identity':'user','auth':['publickey'],'group':'g','role':'audit','account':'client-a',"
        "'account_id':'111122223333','tags':{'project':'phoenix'},'role_arn':'arn','via':'saml',"
        "'assumed_role':'ar','session_name':'sn','source_identity':'si','access_key_id':'ak',"
        "'request_id':'ri','expiry':'1970-01-01T00:00:10Z','cached':true,'policy_hash':'ph',"
        "'reference':'re','rule':'/f:7'}";
    struct setting *setting = *state;
    struct texts auth = {(char **)(uintptr_t)methods, 1};
    const struct audit_event event = {
        .event = AUDIT_USED,
        .uid = 1001,
        .operation = "assume",
        .purpose = "exec",
        .reason = "why",
        .notice = "n",
        .session = "s",
        .adopted_from = "af",
        .service = "sshd",
        .address = "192.0.2.1",
        .user = "u",
        .typed = "t",
        .ruser = "r",
        .human = "hu",
        .identity = "user",
        .auth = &auth,
        .group = "g",
        .role = &role,
        .role_arn = "arn",
        .via = "saml",
        .assumed_role = "ar",
        .session_name = "sn",
        .source_identity = "si",
        .access_key_id = "ak",
        .request_id = "ri",
        .expiry = 10,
        .cached = true,
        .reference = "re",
        .rule = {"/f", 7},
        .tags = tags,
        .tag_count = 1,
    };
    char why[1024], text[4096];
    json_t *line, *wanted;
    char *quote;

    strcpy(setting->host.name, "h");
    setting->host.policy_hash = "ph";
    assert_int_equal(audit_write(&setting->host, &event, why, sizeof why), 0);
    read_all(setting, text, sizeof text);
    line = json_loads(text, 0, NULL);
    assert_non_null(json_string_value(json_object_get(line, "time")));
    json_object_del(line, "time");
    strcpy(text, expected);
    while ((quote = strchr(text, '\'')) != NULL)
        *quote = '"';
    wanted = json_loads(text, 0, NULL);
    assert_non_null(wanted);
    assert_true(json_equal(line, wanted));
    json_decref(line);
    json_decref(wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(half_a_line_is_a_failure_that_names_the_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(half_a_line_spoils_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_safe_for_one_line_is_looked_at_for_the_next,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_goes_where_its_path_leads_by_then, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(no_line_is_lost_while_the_file_is_moved_away, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_session_that_ends_has_the_role_that_it_began_with, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_member_has_its_name, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
