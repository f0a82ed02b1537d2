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
#include <signal.h>
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
    char why[1024], text[4096] = "", *line, *rest;
    static const char begun[] = "{\"event\":\"opened\"";
    FILE *file;
    size_t i;

    assert_int_equal(write_line(setting, "one", why, sizeof why), 0);
    leave_room(setting, 30);
    assert_int_not_equal(write_line(setting, "two", why, sizeof why), 0);
    make_room(setting);
    assert_int_equal(write_line(setting, "three", why, sizeof why), 0);

    file = fopen(setting->path, "re");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_int_equal(text[strlen(text) - 1], '\n');
    for (i = 0, rest = text; (line = strsep(&rest, "\n")) != NULL && *line != '\0'; i++) {
        assert_int_equal(strncmp(line, begun, strlen(begun)), 0);
        /* The one in the middle was cut short; the others end as they should. */
        assert_int_equal(line[strlen(line) - 1] == '}', i != 1);
    }
    assert_int_equal(i, 3);
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
    char why[1024], text[4096] = "";
    json_t *line, *wanted;
    FILE *file;
    char *quote;

    strcpy(setting->host.name, "h");
    setting->host.policy_hash = "ph";
    assert_int_equal(audit_write(&setting->host, &event, why, sizeof why), 0);
    file = fopen(setting->path, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
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
        cmocka_unit_test_setup_teardown(each_member_has_its_name, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
