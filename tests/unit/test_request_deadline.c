/*
 * The time that the caller of a request has.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/frame.h"
#include "helper/request.h"

/* A twentieth of the second that the caller has is for the reply to reach it. */
static void it_counts_from_when_the_caller_was_greeted(void **state)
{
    static const char *const pairs[][2] = {{"version", "1"},
                                           {"op", "check"},
                                           {"user", "alice"},
                                           {"service", "sshd"},
                                           {"deadline_ms", "1000"}};
    const struct peer root = {.uid = 0, .pid = 1};
    const struct deadline greeted = {4711};
    unsigned char memory[1024];
    struct request request;
    struct frame frame;
    char why[512];
    size_t i;

    (void)state;
    frame_init(&frame, memory, sizeof memory);
    for (i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(frame_add(&frame, pairs[i][0], pairs[i][1]), 0);
    assert_int_equal(request_parse(&frame, root, greeted, &request, why, sizeof why),
                     STATUS_PERMITTED);
    assert_int_equal(request.deadline.ns, 4711 + 950 * 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_counts_from_when_the_caller_was_greeted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
