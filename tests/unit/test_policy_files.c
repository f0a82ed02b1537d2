/*
 * A policy in several files: the configuration, conf.d, session policies, and what stands in for
 * them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy_text.h"

static const struct trust unchecked = {.unchecked = true, .largest = 1024 * 1024};

#define GRANT(name, more) "[grant " name "]\nusers = u\nroles = r s\n" more

/* Files in memory. */
struct files {
    struct policy_overlay items[8];
    size_t count;
};

static void add(struct files *files, const char *path, const char *text)
{
    files->items[files->count++] =
        (struct policy_overlay){.path = path, .bytes = text, .length = strlen(text)};
}

static void files_are_read_in_the_byte_order_of_their_names(void **state)
{
    struct files files = {.count = 0};
    struct policy_errors errors;
    struct policy *policy;
    static const char *const grants[] = {"main", "b", "ten", "nine", "upper", "lower"};
    static const char *const names[] = {"xacct.conf",    "conf.d/10-x.conf", "conf.d/10.conf",
                                        "conf.d/9.conf", "conf.d/Z.conf",    "conf.d/a.conf"};
    char path[64];

    (void)state;
    add(&files, "/p/xacct.conf", HEAD ROLES GRANT("main", ""));
    add(&files, "/p/conf.d/a.conf", GRANT("lower", ""));
    add(&files, "/p/conf.d/10.conf", GRANT("ten", ""));
    add(&files, "/p/conf.d/Z.conf", GRANT("upper", ""));
    add(&files, "/p/conf.d/9.conf", GRANT("nine", ""));
    add(&files, "/p/conf.d/10-x.conf", GRANT("b", ""));
    policy = policy_parse_files(files.items, files.count, &unchecked, &errors);
    policy_errors_free(&errors);
    assert_non_null(policy);
    assert_string_equal(policy->fragments, "/p/conf.d");
    assert_int_equal(policy->grant_count, 6);
    assert_int_equal(policy->file_count, 6);
    for (size_t i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "/p/%s", names[i]);
        assert_string_equal(policy->grants[i].name, grants[i]);
        assert_string_equal(policy->grants[i].at.file, path);
        assert_int_equal(policy->grants[i].at.line, i == 0 ? HEAD_LINES + ROLES_LINES + 1 : 1);
        assert_string_equal(policy->files[i].path, path);
    }
    policy_free(policy);
}

static void a_base_with_a_name_may_stand_in_a_fragment(void **state)
{
    struct files files = {.count = 0};
    struct policy_errors errors;
    struct policy *policy;

    (void)state;
    add(&files, "/p/xacct.conf", HEAD);
    add(&files, "/p/conf.d/x.conf",
        "[base x]\nsource = imds\n[role r]\naccount = a\n"
        "name = R\nbase = x\n");
    policy = policy_parse_files(files.items, files.count, &unchecked, &errors);
    policy_errors_free(&errors);
    assert_non_null(policy);
    assert_int_equal(policy->base_count, 2);
    assert_string_equal(policy->base->name, "");
    assert_string_equal(policy->roles[0].settings.base->at.file, "/p/conf.d/x.conf");
    policy_free(policy);
}

static void only_fitting_names_of_the_folder_are_read(void **state)
{
    static const char broken[] = "[nonsense]\n";
    struct files files = {.count = 0};
    struct policy_errors errors;
    struct policy *policy;

    (void)state;
    add(&files, "/p/xacct.conf", HEAD);
    add(&files, "/p/conf.d/.x.conf", broken);
    add(&files, "/p/conf.d/x.conf.dpkg-new", broken);
    add(&files, "/p/conf.d/x.conf~", broken);
    add(&files, "/p/conf.d/.conf", broken);
    add(&files, "/p/conf.d/sub/x.conf", broken);
    add(&files, "/p/conf.e/x.conf", broken);
    add(&files, "/p/conf.d", broken);
    policy = policy_parse_files(files.items, files.count, &unchecked, &errors);
    policy_errors_free(&errors);
    assert_non_null(policy);
    assert_int_equal(policy->file_count, 1);
    policy_free(policy);
}

/* Two files, and what is wrong with them together. */
static const struct {
    const char *main, *name, *fragment;
    const char *file;
    unsigned line;
    const char *words;
} faults[] = {
    {HEAD ROLES, "x.conf", "[role r]\naccount = a\nname = X\n", "/p/conf.d/x.conf", 1,
     "[role r] stands in /p/xacct.conf:10 already"},
    {HEAD ROLES GRANT("g", ""), "x.conf", "\n" GRANT("g", ""), "/p/conf.d/x.conf", 2,
     "[grant g] stands in /p/xacct.conf:16 already"},
    {HEAD, "x.conf", "[account c]\nid = 111122223333\n", "/p/conf.d/x.conf", 2,
     "that of [account a] in /p/xacct.conf:6 already"},
    {HEAD, "x.conf", "[xacct]\nminimum_uid = 1\n", "/p/conf.d/x.conf", 1,
     "[xacct] is for the whole host and stands in /p/xacct.conf alone"},
    {HEAD, "x.conf", "[base]\nsource = file\n", "/p/conf.d/x.conf", 1, "[base] is for the whole"},
    {HEAD, "x.conf", "[rolle x]\n", "/p/conf.d/x.conf", 1, "unknown section [rolle x]"},
    {HEAD, "x.conf", "users = u\n", "/p/conf.d/x.conf", 1, "a key outside any section"},
    {HEAD, "x.conf", "[deny d]\nusers = u", "/p/conf.d/x.conf", 2, "no newline at its end"},
    {HEAD, "x.conf", "[grant g]\nusers = u\nroles = z\n", "/p/conf.d/x.conf", 3,
     "there is no [role z]"},
    {HEAD, "a b.conf", "", "/p/conf.d", 0, "the name \"a b.conf\"; files there have names of"},
    {HEAD, "\xc3\xa4.conf", "", "/p/conf.d", 0, "files there have names of letters"},
    {HEAD, "x.conf",
     "[account c]\nid = 777788889999\ntags = k=v\n[role x]\naccount = c\nname = R\ntags = k=w\n",
     "/p/conf.d/x.conf", 7, "k=v in line 3, for [account c]"},
    {HEAD "tags = k=v\n", "x.conf", "[role x]\naccount = b\nname = R\ntags = k=w\n",
     "/p/conf.d/x.conf", 4, "k=v in /p/xacct.conf:10, for [account b]"},
};

static void each_fault_is_told_with_its_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct files files = {.count = 0};
        struct policy_errors errors;
        char path[64];

        snprintf(path, sizeof path, "/p/conf.d/%s", faults[i].name);
        add(&files, "/p/xacct.conf", faults[i].main);
        add(&files, path, faults[i].fragment);
        assert_null(policy_parse_files(files.items, files.count, &unchecked, &errors));
        if (errors.count != 1 || strstr(errors.items[0].text, faults[i].words) == NULL)
            fail_msg("%s: %zu errors: %s", faults[i].words, errors.count, errors.items[0].text);
        assert_string_equal(errors.items[0].file, faults[i].file);
        assert_int_equal(errors.items[0].line, faults[i].line);
        policy_errors_free(&errors);
    }
}

static void sections_refer_to_those_of_other_files(void **state)
{
    struct files files = {.count = 0};
    struct policy_errors errors;
    struct policy *policy;

    (void)state;
    add(&files, "/p/xacct.conf", HEAD GRANT("g", "default = s\n"));
    add(&files, "/p/conf.d/z.conf", ROLES);
    add(&files, "/p/conf.d/a.conf", "[deny d]\ngroups = x\nroles = r\naccounts = b\n");
    policy = policy_parse_files(files.items, files.count, &unchecked, &errors);
    policy_errors_free(&errors);
    assert_non_null(policy);
    assert_string_equal(policy->grants[0].default_role->at.file, "/p/conf.d/z.conf");
    assert_string_equal(policy->denies[0].at.file, "/p/conf.d/a.conf");
    assert_int_equal(policy->deny_group_count, 1);
    policy_free(policy);
}

static void what_a_policy_was_read_from_makes_the_same_policy_again(void **state)
{
    struct files files = {.count = 0};
    struct policy_overlay again[8];
    struct policy_errors errors;
    struct policy *policy, *second;

    (void)state;
    add(&files, "/nowhere/xacct.conf", HEAD ROLES "policy = s.json\n");
    add(&files, "/nowhere/conf.d/1.conf", GRANT("g", ""));
    add(&files, "/nowhere/s.json", "{\"a\": 1}\n");
    policy = policy_parse_files(files.items, files.count, &unchecked, &errors);
    policy_errors_free(&errors);
    assert_non_null(policy);
    assert_int_equal(policy->file_count, 3);
    for (size_t i = 0; i < policy->file_count; i++)
        again[i] = (struct policy_overlay){.path = policy->files[i].path,
                                           .bytes = policy->files[i].bytes,
                                           .length = policy->files[i].length};
    second = policy_parse_files(again, policy->file_count, &unchecked, &errors);
    policy_errors_free(&errors);
    assert_non_null(second);
    assert_string_equal(second->roles[1].settings.session_policy, "{\"a\": 1}\n");
    assert_string_equal(second->grants[0].at.file, "/nowhere/conf.d/1.conf");
    policy_free(policy);
    policy_free(second);
}

/* Writes a file below a folder, and its path to `path`. */
static void write_file(const char *folder, const char *name, const char *text, char path[128])
{
    int fd;

    snprintf(path, 128, "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void a_file_is_tried_out_in_the_place_of_another(void **state)
{
    static const char tried[] = GRANT("tried", "");
    char folder[] = "/tmp/xacct-policy-XXXXXX", conf[128], one[128], draft[128], fragments[128];
    char missing[160];
    struct policy_errors errors;
    struct policy *policy;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(fragments, sizeof fragments, "%s/conf.d", folder);
    snprintf(missing, sizeof missing, "%s/new.conf", fragments);
    write_file(folder, "xacct.conf", HEAD ROLES, conf);
    /* Without the folder there is nothing in it. */
    policy = policy_load(conf, &unchecked, &errors);
    assert_non_null(policy);
    assert_string_equal(policy->fragments, fragments);
    assert_int_equal(policy->file_count, 1);
    policy_free(policy);
    assert_int_equal(mkdir(fragments, 0755), 0);
    write_file(fragments, "one.conf", GRANT("one", ""), one);
    write_file(folder, "draft", tried, draft);

    const struct {
        struct policy_overlay overlay;
        const char *grants[2];
        const char *file; /* of the last */
    } cases[] = {
        {{conf, conf, NULL, 0}, {"one", NULL}, one},
        {{one, draft, NULL, 0}, {"tried", NULL}, one},
        {{one, NULL, tried, sizeof tried - 1}, {"tried", NULL}, one},
        {{missing, draft, NULL, 0}, {"tried", "one"}, one},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        policy = policy_load_with(conf, &unchecked, &cases[i].overlay, 1, &errors);
        policy_errors_free(&errors);
        assert_non_null(policy);
        assert_string_equal(policy->grants[0].name, cases[i].grants[0]);
        assert_int_equal(policy->grant_count, cases[i].grants[1] != NULL ? 2 : 1);
        if (cases[i].grants[1] != NULL)
            assert_string_equal(policy->grants[1].name, cases[i].grants[1]);
        assert_string_equal(policy->grants[policy->grant_count - 1].at.file, cases[i].file);
        policy_free(policy);
    }
    write_file(folder, "draft", "[grant g]\n", draft);
    assert_null(policy_load_with(
        conf, &unchecked, &(struct policy_overlay){.path = missing, .from = draft}, 1, &errors));
    assert_string_equal(errors.items[0].file, missing);
    policy_errors_free(&errors);
    assert_null(policy_load_with(conf, &unchecked,
                                 &(struct policy_overlay){.path = missing, .from = "/no/such"}, 1,
                                 &errors));
    assert_string_equal(errors.items[0].file, missing);
    assert_non_null(strstr(errors.items[0].text, "/no"));
    policy_errors_free(&errors);
    unlink(draft);
    unlink(one);
    unlink(conf);
    rmdir(fragments);
    rmdir(folder);
}

/* What is done to the folder below /mnt before it is read, and what is said of it. */
static void leave(void)
{
}

static void open_folder_to_others(void)
{
    assert_int_equal(chmod("/mnt/conf.d", 0777), 0);
}

static void give_folder_away(void)
{
    assert_int_equal(chown("/mnt/conf.d", 1, 0), 0);
}

static void open_file_to_others(void)
{
    assert_int_equal(chmod("/mnt/conf.d/x.conf", 0666), 0);
}

static void empty_the_open_folder(void)
{
    assert_int_equal(unlink("/mnt/conf.d/x.conf"), 0);
    open_folder_to_others();
}

static void make_folder_a_link(void)
{
    assert_int_equal(rename("/mnt/conf.d", "/mnt/elsewhere"), 0);
    assert_int_equal(symlink("elsewhere", "/mnt/conf.d"), 0);
}

static void make_folder_a_file(void)
{
    assert_int_equal(rename("/mnt/conf.d", "/mnt/elsewhere"), 0);
    assert_int_equal(mknod("/mnt/conf.d", S_IFREG | 0640, 0), 0);
}

static void make_file_a_link(void)
{
    assert_int_equal(rename("/mnt/conf.d/x.conf", "/mnt/x"), 0);
    assert_int_equal(symlink("../x", "/mnt/conf.d/x.conf"), 0);
}

static void make_file_a_folder(void)
{
    assert_int_equal(mkdir("/mnt/conf.d/y.conf", 0755), 0);
}

static const struct {
    void (*change)(void);
    const char *file, *words;
} changes[] = {
    {leave, NULL, NULL},
    {open_folder_to_others, "/mnt/conf.d", "it must belong to root, and nobody else may write"},
    {empty_the_open_folder, "/mnt/conf.d", "it must belong to root, and nobody else may write"},
    {give_folder_away, "/mnt/conf.d", "it must belong to root"},
    {open_file_to_others, "/mnt/conf.d/x.conf", "mode 0640"},
    {make_folder_a_link, "/mnt/conf.d", "symbolic link"},
    {make_folder_a_file, "/mnt/conf.d", "Not a directory"},
    {make_file_a_link, "/mnt/conf.d/x.conf", "symbolic link"},
    {make_file_a_folder, "/mnt/conf.d/y.conf", "not a regular file"},
};

/* Reads the policy in a mount namespace of its own, where nothing above it is others' to write. */
static void read_changed(size_t which)
{
    static const struct trust trust = {.largest = 1024 * 1024};
    struct policy_errors errors;
    struct policy *policy;
    char path[128];

    assert_int_equal(unshare(CLONE_NEWNS), 0);
    assert_int_equal(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
    assert_int_equal(mount("none", "/mnt", "tmpfs", 0, "mode=755"), 0);
    assert_int_equal(mkdir("/mnt/conf.d", 0755), 0);
    write_file("/mnt", "xacct.conf", HEAD ROLES, path);
    write_file("/mnt/conf.d", "x.conf", GRANT("g", ""), path);
    changes[which].change();
    policy = policy_load("/mnt/xacct.conf", &trust, &errors);
    if (changes[which].file == NULL) {
        assert_non_null(policy);
        assert_int_equal(policy->grant_count, 1);
    } else {
        assert_null(policy);
        assert_int_equal(errors.count, 1);
        assert_string_equal(errors.items[0].file, changes[which].file);
        assert_non_null(strstr(errors.items[0].text, changes[which].words));
    }
    policy_free(policy);
    policy_errors_free(&errors);
}

static void the_folder_and_its_files_must_be_trusted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0) {
            read_changed(i);
            _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            fail_msg("change %zu: %s", i, changes[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read_in_the_byte_order_of_their_names),
        cmocka_unit_test(a_base_with_a_name_may_stand_in_a_fragment),
        cmocka_unit_test(only_fitting_names_of_the_folder_are_read),
        cmocka_unit_test(each_fault_is_told_with_its_file),
        cmocka_unit_test(sections_refer_to_those_of_other_files),
        cmocka_unit_test(what_a_policy_was_read_from_makes_the_same_policy_again),
        cmocka_unit_test(a_file_is_tried_out_in_the_place_of_another),
        cmocka_unit_test(the_folder_and_its_files_must_be_trusted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
