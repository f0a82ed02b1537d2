/*
 * The saved choice of a role: each human's own, whole, and never somebody else's.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "session_rig.h"

#include "helper/choices.h"

static const char *const humans[] = {
    "alice",     "alice@corp.example", "CORP\\Alice Smith", "../../etc/passwd",
    "j\xfcrgen", "j\\xfcrgen",         "J\xc3\xbcrgen",     "a\nb",
    "\x01",
};
#define HUMANS (sizeof humans / sizeof humans[0])

/* Checks what is kept for a human; NULL: nothing. */
static void assert_chosen(const struct rig *rig, const char *human, const char *role)
{
    char *chosen = choice_read(&rig->host, human);

    if (role == NULL)
        assert_null(chosen);
    else
        assert_string_equal(chosen, role);
    free(chosen);
}

static void choose(const struct rig *rig, const char *human, const char *role)
{
    char why[1024];

    assert_int_equal(choice_write(&rig->host, human, role, why, sizeof why), 0);
}

static void each_human_has_their_own_choice(void **state)
{
    struct rig *rig = *state;
    char role[32];
    size_t i;

    for (i = 0; i < HUMANS; i++)
        assert_chosen(rig, humans[i], NULL);
    for (i = 0; i < HUMANS; i++) {
        snprintf(role, sizeof role, "role-%zu", i);
        choose(rig, humans[i], "another");
        choose(rig, humans[i], role);
    }
    for (i = 0; i < HUMANS; i++) {
        snprintf(role, sizeof role, "role-%zu", i);
        assert_chosen(rig, humans[i], role);
    }
    for (i = 0; i < HUMANS; i++) {
        choose(rig, humans[i], NULL);
        choose(rig, humans[i], NULL);
        assert_chosen(rig, humans[i], NULL);
    }
}

/* The file of the one choice that is kept. */
static void find_file(const struct rig *rig, char path[512])
{
    DIR *names = opendir(rig->root);
    const struct dirent *entry;
    size_t found = 0;

    assert_non_null(names);
    while ((entry = readdir(names)) != NULL)
        if (strncmp(entry->d_name, "choice-", 7) == 0) {
            snprintf(path, 512, "%s/%s", rig->root, entry->d_name);
            found++;
        }
    closedir(names);
    assert_int_equal(found, 1);
}

static void rewrite(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void what_is_not_this_humans_choice_counts_as_none(void **state)
{
    static const char *const cases[] = {
        "",
        "{",
        "[]",
        "{\"version\":1,\"human\":\"bob\",\"role\":\"r\"}",
        "{\"version\":1,\"role\":\"r\"}",
        "{\"version\":2,\"human\":\"alice\",\"role\":\"r\"}",
        "{\"human\":\"alice\",\"role\":\"r\"}",
        "{\"version\":1,\"human\":\"alice\"}",
        "{\"version\":1,\"human\":\"alice\",\"role\":\"\"}",
        "{\"version\":1,\"human\":\"alice\",\"role\":7}",
        "{\"version\":1,\"human\":\"alice\",\"role\":\"r\"",
    };
    struct rig *rig = *state;
    char path[512];
    struct stat file;
    size_t i;

    choose(rig, "alice", "r");
    find_file(rig, path);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode, S_IFREG | 0600);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rewrite(path, cases[i]);
        assert_chosen(rig, "alice", NULL);
    }
    rewrite(path, "{\"version\":1,\"human\":\"alice\",\"role\":\"r\"}");
    assert_chosen(rig, "alice", "r");
    /* A new choice mends it. */
    rewrite(path, "{");
    choose(rig, "alice", "s");
    assert_chosen(rig, "alice", "s");
}

static void a_folder_that_is_not_ours_alone_is_refused(void **state)
{
    struct rig *rig = *state;
    char why[1024] = "", missing[128];

    choose(rig, "alice", "r");
    assert_int_equal(chmod(rig->root, 0720), 0);
    assert_chosen(rig, "alice", NULL);
    assert_int_equal(choice_write(&rig->host, "alice", "s", why, sizeof why), EPERM);
    assert_non_null(strstr(why, rig->root));
    assert_int_equal(chmod(rig->root, 0700), 0);
    assert_chosen(rig, "alice", "r");
    snprintf(missing, sizeof missing, "%s/none", rig->root);
    rig->policy.state = missing;
    assert_chosen(rig, "alice", NULL);
    assert_int_equal(choice_write(&rig->host, "alice", "s", why, sizeof why), ENOENT);
    assert_non_null(strstr(why, missing));
}

#define WRITERS 3
#define WRITES  150

static void write_many(const struct rig *rig, char letter)
{
    char role[2001], why[1024];
    int i;

    memset(role, letter, sizeof role - 1);
    role[sizeof role - 1] = '\0';
    for (i = 0; i < WRITES; i++)
        if (choice_write(&rig->host, "alice", role, why, sizeof why) != 0)
            _exit(1);
    _exit(0);
}

static void a_reader_sees_whole_choices_alone(void **state)
{
    struct rig *rig = *state;
    pid_t left = WRITERS;
    int i, status;

    choose(rig, "alice", "x");
    for (i = 0; i < WRITERS; i++) {
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
            write_many(rig, (char)('a' + i));
    }
    while (left > 0) {
        char *role = choice_read(&rig->host, "alice");

        assert_non_null(role);
        assert_int_equal(strspn(role, (char[2]){role[0], '\0'}), role[0] == 'x' ? 1 : 2000);
        free(role);
        while (left > 0 && waitpid(-1, &status, WNOHANG) > 0) {
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            left--;
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_start, rig_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_human_has_their_own_choice),
        TEST(what_is_not_this_humans_choice_counts_as_none),
        TEST(a_folder_that_is_not_ours_alone_is_refused),
        TEST(a_reader_sees_whole_choices_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
