/*
 * Templates of session names that could make one name of two people's.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/lint_checks.h"
#include "policy/template.h"
#include "policy/values.h"

#define PARTS_MOST                                                                                 \
    64 /* a name has no more characters, and each template stands for one at least                 \
        */

/*
 * What the templates' values may hold, of those that differ between the sessions of one AWS role;
 * an account and a role are the same in all of them. A person's name may hold all that STS takes
 * (helper/session_name.h). Sources: hostname(7); files of pam.d(5) as distributions name them.
 */
static const char *const letters[TEMPLATE_COUNT] = {
    [TEMPLATE_USER] = VALUE_NAME_BYTES,
    [TEMPLATE_HUMAN] = VALUE_NAME_BYTES,
    [TEMPLATE_HOST] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-",
    [TEMPLATE_SERVICE] = VALUE_WORD_BYTES ".-",
};

/* A template in the text whose value differs. */
struct part {
    const char *start;
    int length;
    enum template_name name;
    bool ends;   /* the text behind it, up to the next, holds what it cannot hold */
    bool begins; /* the text before it, likewise */
};

/* Whether the text holds a byte that the template's value cannot. */
static bool is_beyond(const char *text, enum template_name name)
{
    return text[strspn(text, letters[name])] != '\0';
}

/* Finds the parts of a text that the policy reader has let pass. Returns how many. */
static size_t find_parts(const char *text, struct part parts[PARTS_MOST])
{
    char between[PARTS_MOST + 1];
    enum template_name name;
    const char *start, *after;
    size_t count = 0, length = 0;

    for (; (start = template_find(text, &name, &after)) != NULL; text = after) {
        memcpy(between + length, text, (size_t)(start - text));
        length += (size_t)(start - text);
        if (name == TEMPLATE_COUNT || letters[name] == NULL)
            continue;
        between[length] = '\0';
        length = 0;
        parts[count] = (struct part){start, (int)(after - start), name, false,
                                     count > 0 && is_beyond(between, name)};
        if (count > 0)
            parts[count - 1].ends = is_beyond(between, parts[count - 1].name);
        count++;
    }
    return count;
}

/*
 * Takes off parts whose inner end can be seen, from the left and from the right. Returns the first
 * of those that are left when it goes on no more, or NULL when one is.
 */
static const struct part *find_doubt(const struct part *parts, size_t count)
{
    const struct part *first = parts, *last = parts + count - 1;

    while (first < last)
        if (first->ends)
            first++;
        else if (last->begins)
            last--;
        else
            return first;
    return NULL;
}

static void check(struct linting *linting, const struct role_settings *settings, struct index *seen)
{
    struct part parts[PARTS_MOST];
    const struct part *doubt;
    size_t count;

    if (settings->session_name == NULL || !lint_is_new(linting, seen, settings->session_name_at))
        return;
    count = find_parts(settings->session_name, parts);
    doubt = count > 0 ? find_doubt(parts, count) : NULL;
    if (doubt != NULL)
        lint_add(linting, LINT_WARNING, settings->session_name_at,
                 "session_name = %s can make one name of two people's, as nothing shows where "
                 "%.*s ends and %.*s begins; put between them what one of the two cannot hold (a "
                 "host has none of _+=,@ and a service none of +=,@), or leave one of them out",
                 settings->session_name, doubt[0].length, doubt[0].start, doubt[1].length,
                 doubt[1].start);
}

void lint_session_names(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    struct index seen = {.table = NULL};
    size_t i;

    check(linting, &policy->defaults, &seen);
    for (i = 0; i < policy->account_count; i++)
        check(linting, &policy->accounts[i].settings, &seen);
    for (i = 0; i < policy->role_count; i++)
        check(linting, &policy->roles[i].settings, &seen);
    for (i = 0; i < policy->pattern_count; i++)
        check(linting, &policy->patterns[i].settings, &seen);
    index_free(&seen);
}
