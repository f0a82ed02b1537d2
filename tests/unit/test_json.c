/*
 * JSON as text, where memory runs out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/json.h"

#define MEMBERS 40

/* Which allocation fails from now on, alone; 0: none. */
static size_t fails;

static void *allocate(size_t size)
{
    return fails > 0 && --fails == 0 ? NULL : malloc(size);
}

static json_t *make(void)
{
    json_t *object = json_object();
    char name[32];
    int i;

    for (i = 0; i < MEMBERS; i++) {
        snprintf(name, sizeof name, "a-member-with-a-name-%d", i);
        assert_int_equal(json_object_set_new(object, name, json_string("and a text")), 0);
    }
    return object;
}

static void text_is_whole_or_there_is_none(void **state)
{
    json_t *object;
    char *whole, *text;
    size_t number;
    bool failed = true;

    (void)state;
    json_set_alloc_funcs(allocate, free);
    object = make();
    whole = json_as_text(object, JSON_COMPACT);
    assert_non_null(whole);
    assert_int_equal(strlen(whole), json_dumpb(object, NULL, 0, JSON_COMPACT));
    for (number = 1; failed; number++) {
        fails = number;
        text = json_as_text(object, JSON_COMPACT);
        failed = fails == 0;
        fails = 0;
        if (text != NULL)
            assert_string_equal(text, whole);
        else
            assert_true(failed);
        free(text);
    }
    assert_true(number > 2);
    free(whole);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(text_is_whole_or_there_is_none)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
