/*
 * Accounts, roles, patterns, certification authorities and settings of the host: what is new, what
 * is gone, and which of their keys say something else. Each is described by its keys in words, in
 * one order, and the descriptions are compared.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "xacct_admin/describe.h"
#include "xacct_admin/diff.h"

/* Tells which keys of a thing that both have differ. */
static void compare_keys(struct diff *diff, const struct description *old,
                         const struct description *new)
{
    size_t i;

    for (i = 0; i < new->count; i++) {
        const struct described_key *was = &old->keys[i], *is = &new->keys[i];

        if (was->value == is->value ||
            (was->value != NULL && is->value != NULL && strcmp(was->value, is->value) == 0))
            continue;
        diff_tell(diff, &(struct change){.sign = '~',
                                         .kind = new->kind,
                                         .name = new->name,
                                         .what = is->name,
                                         .was = was->value == NULL ? "unset"
                                                : is->is_long      ? NULL
                                                                   : was->value,
                                         .is = is->value == NULL ? "unset"
                                               : is->is_long     ? "changed"
                                                                 : is->value,
                                         .side = NEW,
                                         .at = new->at});
    }
}

static void tell_whole(struct diff *diff, const struct description *thing, enum side side)
{
    diff_tell(diff, &(struct change){.sign = side == NEW ? '+' : '-',
                                     .kind = thing->kind,
                                     .name = thing->name,
                                     .was = side == OLD ? thing->summary : NULL,
                                     .is = side == NEW ? thing->summary : NULL,
                                     .side = side,
                                     .at = thing->at});
}

static int compare_names(const void *a, const void *b)
{
    const struct description *left = a;
    const struct description *right = b;

    return strcmp(left->name, right->name);
}

/* Compares all things of one kind. */
static void compare_kind(struct diff *diff, describe_kind *describe)
{
    struct descriptions lists[SIDES] = {{NULL, 0}, {NULL, 0}};
    size_t i = 0, j = 0;
    unsigned side;

    for (side = OLD; side < SIDES; side++) {
        describe(diff->sides[side].policy, &diff->memory, &lists[side]);
        if (lists[side].count > 1)
            qsort(lists[side].items, lists[side].count, sizeof *lists[side].items, compare_names);
    }
    while (!diff->memory.exhausted && (i < lists[OLD].count || j < lists[NEW].count)) {
        int order = i < lists[OLD].count ? -1 : 1;

        if (i < lists[OLD].count && j < lists[NEW].count)
            order = compare_names(&lists[OLD].items[i], &lists[NEW].items[j]);
        if (order == 0)
            compare_keys(diff, &lists[OLD].items[i], &lists[NEW].items[j]);
        else if (order < 0)
            tell_whole(diff, &lists[OLD].items[i], OLD);
        else
            tell_whole(diff, &lists[NEW].items[j], NEW);
        i += order <= 0;
        j += order >= 0;
    }
}

void diff_definitions(struct diff *diff)
{
    static describe_kind *const kinds[] = {describe_accounts, describe_roles, describe_patterns,
                                           describe_cas,      describe_bases, describe_host};
    size_t i;

    for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
        compare_kind(diff, kinds[i]);
}
