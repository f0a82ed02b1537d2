/*
 * Conditions, lists and lengths of time in words.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/words.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void words_add_list(struct text *text, const struct texts *list)
{
    const char **sorted = calloc(list->count + 1, sizeof *sorted);
    size_t i;

    if (sorted == NULL) {
        text->failed = true;
        return;
    }
    for (i = 0; i < list->count; i++)
        sorted[i] = list->items[i];
    qsort(sorted, list->count, sizeof *sorted, compare);
    for (i = 0; i < list->count; i++) {
        text_add(text, i > 0 ? " " : "");
        text_add(text, sorted[i]);
    }
    free(sorted);
}

void words_add_duration(struct text *text, int seconds)
{
    static const struct {
        int seconds;
        const char *name;
    } units[] = {{24 * 3600, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
    size_t i = 0;

    while (seconds % units[i].seconds != 0)
        i++;
    text_addf(text, "%d%s", seconds / units[i].seconds, units[i].name);
}

static void add_prefixes(struct text *text, const struct prefixes *prefixes)
{
    struct texts list = {.items = calloc(prefixes->count + 1, sizeof(char *))};

    if (list.items == NULL) {
        text->failed = true;
        return;
    }
    for (; list.count < prefixes->count; list.count++)
        list.items[list.count] = prefixes->items[list.count].text;
    words_add_list(text, &list);
    free(list.items);
}

/* Begins a condition, behind those before it since `start`. */
static void begin(struct text *text, size_t start, const char *name)
{
    text_add(text, text->length > start ? ", " : "");
    text_addf(text, "%s ", name);
}

void words_add_conditions(struct text *text, const struct grant *rule)
{
    const struct {
        const char *name;
        const struct texts *list;
    } lists[] = {{"services", &rule->services}, {"hosts", &rule->hosts}, {"auth", &rule->auth}};
    const struct {
        const char *name;
        const char *value;
    } times[] = {
        {"hours", rule->hours.text}, {"since", rule->since.text}, {"until", rule->until.text}};
    size_t start = text->length, i;

    for (i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i].list->count > 0) {
            begin(text, start, lists[i].name);
            words_add_list(text, lists[i].list);
        }
    if (rule->from.count > 0) {
        begin(text, start, "from");
        add_prefixes(text, &rule->from);
    }
    for (i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i].value != NULL) {
            begin(text, start, times[i].name);
            text_add(text, times[i].value);
        }
    if (rule->detach > 0) {
        begin(text, start, "detach");
        words_add_duration(text, rule->detach);
    }
}

/* Appends the host's identity that signs, and the roles that are assumed with it one by one. */
static void add_chain(struct text *text, const struct role_settings *settings)
{
    const struct role_settings *first = settings;

    while (first->via == VIA_HOST && first->base_role != NULL)
        first = &first->base_role->settings;
    if (first->via != VIA_HOST)
        text_addf(text, "with the user's own %s",
                  first->via == VIA_SAML ? "SAML assertion" : "token (web-identity)");
    else
        text_addf(text, "with [%s]", first->base->title);
    for (; settings != first; settings = &settings->base_role->settings)
        text_addf(text, ", from [role %s]", settings->base_role->name);
}

void words_add_way(struct text *text, const struct role_settings *settings,
                   const struct policy *policy)
{
    const struct texts *regions = &settings->sts_regions;
    bool elsewhere = regions->items != policy->defaults.sts_regions.items;
    size_t i;

    if (settings->via == VIA_HOST && settings->base == policy->base &&
        settings->base_role == NULL && !elsewhere)
        return;
    add_chain(text, settings);
    for (i = 0; elsewhere && i < regions->count; i++)
        text_addf(text, "%s%s", i > 0 ? ", then " : ", by the STS of ", regions->items[i]);
}
