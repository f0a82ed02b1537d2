/*
 * The work of reading a large policy and of deciding by it grows with its size and no faster. It is
 * counted in comparisons of texts and bytes of memory, which are the same on every machine.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "large_policy.h"
#include "policy/explain.h"
#include "policy/lint.h"
#include "policy_text.h"

#define USER_GROUPS 500

static size_t comparisons;

/* In place of libc's, for all of the program. */
int strcmp(const char *a, const char *b)
{
    comparisons++;
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

static size_t mapped; /* bytes that the program has mapped for itself */

#ifndef XACCT_WITHOUT_SANDBOX
/* In place of libc's too, whose own mappings malloc tells of. */
void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    mapped += length;
    return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

int munmap(void *address, size_t length)
{
    mapped -= length;
    return (int)syscall(SYS_munmap, address, length);
}
#endif

static size_t memory_in_use(void)
{
    const struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd + mapped;
}

static char *write_policy(unsigned scale, size_t *length)
{
    char *text;
    FILE *stream = open_memstream(&text, length);

    assert_non_null(stream);
    write_large_policy(stream, scale);
    assert_int_equal(fclose(stream), 0);
    return text;
}

/* What reading, deciding and explaining took. */
struct work {
    size_t to_read, to_decide, to_choose_groups, to_explain, to_lint; /* comparisons */
    size_t memory;                                                    /* bytes of the policy */
};

/* Decides for somebody whom every grant names and who is in USER_GROUPS groups. */
static void measure_login(const struct policy *policy, struct work *work)
{
    static char names[USER_GROUPS][32];
    char *items[USER_GROUPS];
    const struct texts groups = {items, USER_GROUPS};
    enum answer *in_group = calloc(policy->groups.count, sizeof *in_group);
    bool *matters = calloc(policy->groups.count, sizeof *matters);
    const struct login login = {.user = "alice",
                                .human = "alice",
                                .service = "sshd",
                                .address = "10.0.0.1",
                                .in_group = in_group,
                                .group_names = &groups,
                                .now = 978307200};
    struct explanation explanation;
    struct decision decision;
    size_t before = comparisons;

    for (unsigned i = 0; i < USER_GROUPS; i++) {
        snprintf(names[i], sizeof names[i], "%c-a%u-r%u", i % 2 == 0 ? 'x' : 'y', i % 10, i % 100);
        items[i] = names[i];
    }
    assert_int_equal(decide(policy, &login, NULL, &decision), 0);
    assert_int_equal(decision.status, STATUS_PERMITTED);
    assert_true(decision.role_count > policy->role_count);
    work->to_decide = comparisons - before;
    decision_free(&decision);
    before = comparisons;
    decide_groups_that_matter(policy, &login, matters);
    decide_needs_group_names(policy, &login);
    work->to_choose_groups = comparisons - before;
    before = comparisons;
    assert_int_equal(explain(policy, &login, NULL, &explanation), 0);
    work->to_explain = comparisons - before;
    explanation_free(&explanation);
    free(in_group);
    free(matters);
}

static struct work measure(unsigned scale)
{
    static const struct trust unchecked = {.unchecked = true, .largest = SIZE_MAX};
    size_t length, before, used;
    char *text = write_policy(scale, &length);
    struct work work = {0};
    struct policy_errors errors;
    struct policy *policy;
    struct lint lint;

    used = memory_in_use();
    before = comparisons;
    policy = policy_parse("/p/xacct.conf", text, length, &unchecked, &errors);
    policy_errors_free(&errors);
    assert_non_null(policy);
    work.to_read = comparisons - before;
    work.memory = memory_in_use() - used;
    measure_login(policy, &work);
    before = comparisons;
    assert_int_equal(lint_policy(policy, 0, &lint), 0);
    work.to_lint = comparisons - before;
    lint_free(&lint);
    policy_free(policy);
    free(text);
    return work;
}

static void work_grows_no_faster_than_the_policy(void **state)
{
    const struct work small = measure(10), large = measure(40);
    const struct {
        const char *what;
        size_t small, large;
    } kinds[] = {
        {"comparisons to read", small.to_read, large.to_read},
        {"comparisons to decide", small.to_decide, large.to_decide},
        {"comparisons to choose groups", small.to_choose_groups, large.to_choose_groups},
        {"comparisons to explain", small.to_explain, large.to_explain},
        {"comparisons to lint", small.to_lint, large.to_lint},
        {"bytes", small.memory, large.memory},
    };

    (void)state;
    /* Four times the policy, and a little for looking names up in a tree that is two deeper. */
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].large > kinds[i].small * 5 + kinds[i].small / 2)
            fail_msg("%s: %zu, and %zu for four times the policy", kinds[i].what, kinds[i].small,
                     kinds[i].large);
}

/* What this process has had in memory at most, in KB. */
static long peak(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void a_list_on_many_lines_takes_no_more_than_its_values(void **state)
{
    static const struct trust unchecked = {.unchecked = true, .largest = SIZE_MAX};
    const long most = 64L * 1024; /* copying the list at each line takes twenty times as much */
    struct policy_errors errors;
    struct policy *policy;
    size_t length;
    char *text;
    FILE *stream = open_memstream(&text, &length);
    long before;

    (void)state;
    assert_non_null(stream);
    write_large_policy(stream, 1);
    fprintf(stream, "[grant many]\nroles = r0\n");
    for (unsigned i = 0; i < 8000; i++)
        fprintf(stream, "users = person-%u\n", i);
    assert_int_equal(fclose(stream), 0);
    before = peak();
    policy = policy_parse("/p/xacct.conf", text, length, &unchecked, &errors);
    if (policy == NULL)
        fail_msg("%s", errors.count > 0 ? errors.items[0].text : "no memory");
    policy_errors_free(&errors);
    assert_int_equal(policy->grants[policy->grant_count - 1].who.users.count, 8000);
    assert_in_range(peak() - before, 0, most);
    policy_free(policy);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_on_many_lines_takes_no_more_than_its_values),
        cmocka_unit_test(work_grows_no_faster_than_the_policy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
