/*
 * What runs outside, from the service: whom it serves, several runs at once, and its end.
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
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/outside.h"
#include "lookup_rig.h"

#define SHELL        (char *)"/usr/bin/dash" /* and no link to it */
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char *of_shell[] = {SHELL, (char *)"-c", NULL};
static char *other_words[] = {SHELL, (char *)"-c x", NULL};

static const struct base file = {.name = (char *)"", .source = BASE_FILE};
static const struct base vault = {
    .name = (char *)"vault", .source = BASE_PROCESS, .command = {of_shell, 2}};
static const struct base certificate = {.name = (char *)"certificate",
                                        .source = BASE_ROLES_ANYWHERE,
                                        .key = (char *)"/etc/xacct/key.pem"};
static const struct base token = {.name = (char *)"token",
                                  .source = BASE_ROLES_ANYWHERE,
                                  .key = (char *)"pkcs11:token=a",
                                  .pkcs11_module = (char *)"/usr/lib/a.so"};

/* The policy of the test that runs. */
static struct base bases[4];
static struct policy policy = {.bases = bases};

static void set_bases(const struct base *first, const struct base *second, const struct base *third)
{
    const struct base *const all[] = {first, second, third};
    size_t i;

    policy.base_count = 0;
    for (i = 0; i < COUNT(all); i++)
        if (all[i] != NULL)
            bases[policy.base_count++] = *all[i];
}

static void only_programs_and_tokens_need_it(void **state)
{
    struct outside *outside;

    (void)state;
    assert_int_equal(outside_open(NULL, &outside), 0);
    assert_null(outside);
    set_bases(&file, &certificate, NULL);
    assert_int_equal(outside_open(&policy, &outside), 0);
    assert_null(outside);
    assert_true(outside_serves(outside, &policy));
    set_bases(&file, &vault, NULL);
    assert_false(outside_serves(outside, &policy));
    set_bases(&token, NULL, NULL);
    assert_false(outside_serves(outside, &policy));
}

static void another_program_module_or_base_is_not_what_it_was_started_for(void **state)
{
    struct outside *outside;
    struct base changed;

    (void)state;
    set_bases(&file, &vault, &token);
    assert_int_equal(outside_open(&policy, &outside), 0);
    assert_true(outside_serves(outside, &policy));
    set_bases(&vault, &file, &token);
    assert_true(outside_serves(outside, &policy));
    /* Whose key would be open to the program. */
    set_bases(&vault, &certificate, &token);
    assert_false(outside_serves(outside, &policy));
    set_bases(&vault, NULL, NULL);
    assert_false(outside_serves(outside, &policy));
    set_bases(&token, &vault, NULL);
    assert_false(outside_serves(outside, &policy));
    set_bases(&vault, &token, &token);
    assert_false(outside_serves(outside, &policy));
    changed = vault;
    changed.command = (struct texts){of_shell, 1};
    set_bases(&changed, &token, NULL);
    assert_false(outside_serves(outside, &policy));
    changed.command = (struct texts){other_words, 2};
    set_bases(&changed, &token, NULL);
    assert_false(outside_serves(outside, &policy));
    changed = token;
    changed.pin_file = (char *)"";
    set_bases(&vault, &changed, NULL);
    assert_false(outside_serves(outside, &policy));
    changed = token;
    changed.pkcs11_module = (char *)"/usr/lib/b.so";
    set_bases(&vault, &changed, NULL);
    assert_false(outside_serves(outside, &policy));
    outside_close(outside);
}

/* A shell script as a base. */
struct script {
    char *words[3];
    struct base base;
};

static const struct base *script(struct script *made, const char *name, const char *text)
{
    made->words[0] = SHELL;
    made->words[1] = (char *)"-c";
    made->words[2] = (char *)text;
    made->base =
        (struct base){.name = (char *)name, .source = BASE_PROCESS, .command = {made->words, 3}};
    return &made->base;
}

static struct outside *running;

static int run(const struct base *base, char *said, size_t size)
{
    char why[1024] = "";
    struct secret output = {0};
    int error = outside_run(running, base, in_time(), &output, why, sizeof why);

    snprintf(said, size, "%s", error == 0 ? output.bytes : why);
    secret_free(&output);
    return error;
}

/* Runs `first` and `second` as tasks beside each other, with the process outside for the policy. */
static void with_outside(void (*first)(void), void (*second)(void))
{
    const size_t descriptors = descriptors_of(getpid());

    assert_int_equal(secret_arena_open((size_t)1024 * 1024), 0);
    assert_int_equal(task_loop_open(), 0);
    assert_int_equal(outside_open(&policy, &running), 0);
    assert_non_null(running);
    assert_int_equal(outside_watch(running), 0);
    assert_int_equal(task_start(run_task, &first), 0);
    if (second != NULL)
        assert_int_equal(task_start(run_task, &second), 0);
    assert_int_equal(task_loop_run(no_task_is_left, NULL), 0);
    outside_close(running);
    task_loop_close();
    secret_arena_close();
    assert_int_equal(descriptors_of(getpid()), descriptors);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static struct script waits, lets_go;

static void wait_for_the_other(void)
{
    char said[64];

    assert_int_equal(run(&waits.base, said, sizeof said), 0);
    assert_string_equal(said, "came\n");
}

static void let_the_other_go(void)
{
    char said[64];

    assert_int_equal(run(&lets_go.base, said, sizeof said), 0);
    assert_string_equal(said, "sent\n");
}

static void a_program_that_takes_its_time_stalls_nobody_else(void **state)
{
    char folder[] = "/tmp/xacct-outside-XXXXXX", fifo[64], reading[128], writing[128];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    snprintf(reading, sizeof reading, "cat <%s", fifo);
    snprintf(writing, sizeof writing, "echo came >%s; echo sent", fifo);
    set_bases(script(&waits, "waits", reading), script(&lets_go, "lets-go", writing), NULL);
    with_outside(wait_for_the_other, let_the_other_go);
    unlink(fifo);
    rmdir(folder);
}

static void run_what_it_does_not_know(void)
{
    struct script unknown;
    char said[256];

    assert_int_equal(run(script(&unknown, "waits", "echo ran"), said, sizeof said), ESTALE);
    assert_non_null(strstr(said, "the policy has changed since the helper started"));
}

static void a_command_that_it_was_not_started_for_is_not_run(void **state)
{
    (void)state;
    set_bases(script(&waits, "waits", "echo other"), NULL, NULL);
    with_outside(run_what_it_does_not_know, NULL);
}

/* The child of ours that there is. */
static pid_t child(void)
{
    char path[64], word[16] = "";
    FILE *list;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    list = fopen(path, "re");
    assert_non_null(list);
    assert_int_equal(fscanf(list, "%15s", word), 1);
    fclose(list);
    return (pid_t)strtol(word, NULL, 10);
}

static void run_often(void)
{
    const pid_t forker = child();
    size_t descriptors;
    char said[64];
    int i;

    assert_int_equal(run(&waits.base, said, sizeof said), 0);
    wait_for_children(forker, 0);
    descriptors = descriptors_of(forker);
    for (i = 0; i < 20; i++)
        assert_int_equal(run(&waits.base, said, sizeof said), 0);
    wait_for_children(forker, 0);
    assert_int_equal(descriptors_of(forker), descriptors);
}

static void no_run_leaves_a_process_or_a_descriptor(void **state)
{
    (void)state;
    set_bases(script(&waits, "waits", "echo ran"), NULL, NULL);
    with_outside(run_often, NULL);
}

static void kill_it(void)
{
    struct task_queue nobody = {NULL, NULL};
    struct deadline deadline = in_time();
    char said[256];

    assert_false(outside_is_broken(running));
    kill(child(), SIGKILL);
    while (!outside_is_broken(running)) {
        assert_int_not_equal(deadline_left_ms(deadline), 0);
        task_wait(&nobody, deadline_in_ms(5));
    }
    assert_int_equal(run(&waits.base, said, sizeof said), EPIPE);
}

static void its_death_is_noticed_without_asking(void **state)
{
    (void)state;
    set_bases(script(&waits, "waits", "echo ran"), NULL, NULL);
    with_outside(kill_it, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_programs_and_tokens_need_it),
        cmocka_unit_test(another_program_module_or_base_is_not_what_it_was_started_for),
        cmocka_unit_test(a_program_that_takes_its_time_stalls_nobody_else),
        cmocka_unit_test(a_command_that_it_was_not_started_for_is_not_run),
        cmocka_unit_test(no_run_leaves_a_process_or_a_descriptor),
        cmocka_unit_test(its_death_is_noticed_without_asking),
    };

    setenv("CMOCKA_TEST_ABORT", "1", 1);
    return RUN_WITH_FORKER(tests);
}
