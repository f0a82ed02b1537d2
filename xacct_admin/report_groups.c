/*
 * Rows of a report.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/report_groups.h"

#include <errno.h>
#include <jansson.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/escape.h"
#include "xacct/complain.h"

static const char tag_prefix[] = "tag:";

static const struct {
    const char *name;
    const char *heading;
    enum report_kind kind;
} kinds[] = {
    {"account", "ACCOUNT", REPORT_BY_ACCOUNT},
    {"account-id", "ACCOUNT-ID", REPORT_BY_ACCOUNT_ID},
    {"client", "CLIENT", REPORT_BY_CLIENT},
    {"user", "USER", REPORT_BY_USER},
    {"role", "ROLE", REPORT_BY_ROLE},
    {"day", "DAY", REPORT_BY_DAY},
    {"session", "SESSION", REPORT_BY_SESSION},
    {"purpose", "PURPOSE", REPORT_BY_PURPOSE},
    {"key", "KEY", REPORT_BY_KEY},
};

/* Reads one dimension. Returns whether it is one. */
static bool read_dimension(const char *word, struct report_dimension *by)
{
    size_t i;

    by->name = by->heading = word;
    if (strncmp(word, tag_prefix, sizeof tag_prefix - 1) == 0) {
        by->kind = REPORT_BY_TAG;
        by->tag = word + sizeof tag_prefix - 1;
        return *by->tag != '\0';
    }
    for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, word) == 0) {
            by->kind = kinds[i].kind;
            by->heading = kinds[i].heading;
            return true;
        }
    return false;
}

bool report_groups_read(struct report_groups *groups, char *list)
{
    char shown[ESCAPE_MAX];
    char *word;
    size_t i;

    while ((word = strsep(&list, ",")) != NULL) {
        struct report_dimension by = {.name = NULL};

        if (!read_dimension(word, &by)) {
            complain("report: --by %s: use account, account-id, client, tag:KEY, user, role, day, "
                     "session, purpose or key, with commas between them",
                     escape(shown, sizeof shown, word));
            return false;
        }
        for (i = 0; i < groups->by_count; i++)
            if (strcasecmp(groups->by[i].name, word) == 0) {
                complain("report: --by names %s twice", escape(shown, sizeof shown, word));
                return false;
            }
        if (groups->by_count == REPORT_BY_MOST) {
            complain("report: --by takes %d at most", REPORT_BY_MOST);
            return false;
        }
        groups->by[groups->by_count++] = by;
    }
    return true;
}

/*
 * The value of a tag, or NULL. AWS takes keys that differ in case alone for one: "Session tags",
 * IAM User Guide.
 */
static const char *find_tag(const json_t *tags, const char *key)
{
    json_t *object = (json_t *)tags;
    void *at;

    for (at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at))
        if (strcasecmp(json_object_iter_key(at), key) == 0)
            return json_string_value(json_object_iter_value(at));
    return NULL;
}

const char *report_value(const struct report_dimension *by, const struct report_use *use,
                         const char *day)
{
    const char *tag;

    switch (by->kind) {
    case REPORT_BY_ACCOUNT:
        return use->account;
    case REPORT_BY_ACCOUNT_ID:
        return use->account_id;
    case REPORT_BY_CLIENT:
        tag = find_tag(use->tags, "client");
        return tag != NULL ? tag : use->account;
    case REPORT_BY_TAG:
        tag = find_tag(use->tags, by->tag);
        return tag != NULL ? tag : "";
    case REPORT_BY_USER:
        return use->human;
    case REPORT_BY_ROLE:
        return use->role;
    case REPORT_BY_DAY:
        return day;
    case REPORT_BY_SESSION:
        return use->session;
    case REPORT_BY_PURPOSE:
        return use->purpose;
    default:
        return use->key;
    }
}

/* Both have as many values, of which the last is NULL. */
static int compare(const void *left, const void *right)
{
    const struct report_row *a = left, *b = right;
    size_t i;
    int order = 0;

    for (i = 0; order == 0 && a->values[i] != NULL; i++)
        order = strcmp(a->values[i], b->values[i]);
    return order;
}

/* Makes a row with these values. Returns NULL without memory. */
static struct report_row *add_row(struct report_groups *groups, const struct report_row *like)
{
    struct arena *memory = &groups->memory;
    struct report_row **rows = arena_grow(memory, groups->rows, groups->count, sizeof *rows);
    struct report_row *row = arena_alloc(memory, 1, sizeof *row);
    size_t i;

    if (rows == NULL || row == NULL)
        return NULL;
    groups->rows = rows;
    row->values = arena_alloc(memory, groups->by_count + 1, sizeof *row->values);
    row->number = groups->count;
    for (i = 0; row->values != NULL && i < groups->by_count; i++)
        row->values[i] = arena_text(memory, like->values[i], strlen(like->values[i]));
    if (memory->exhausted || tsearch(row, &groups->tree, compare) == NULL)
        return NULL;
    rows[groups->count++] = row;
    return row;
}

struct report_row *report_groups_row(struct report_groups *groups, const struct report_use *use,
                                     const char *day)
{
    const char *values[REPORT_BY_MOST + 1] = {NULL};
    const struct report_row sought = {.values = values};
    void *found;
    size_t i;

    for (i = 0; i < groups->by_count; i++)
        values[i] = report_value(&groups->by[i], use, day);
    found = tfind(&sought, &groups->tree, compare);
    return found != NULL ? *(struct report_row **)found : add_row(groups, &sought);
}

int report_groups_hand_out(struct report_groups *groups, struct report_row *row,
                           const struct report_use *use, time_t at, bool is_new)
{
    uint64_t mark = mark_text(MARK_BEGIN, use->session);
    bool is_new_session = false;
    char number[32];

    snprintf(number, sizeof number, "%zu", row->number);
    if (marks_add(&groups->sessions, mark_text(mark, number), &is_new_session) != 0)
        return ENOMEM;
    row->sessions += is_new_session;
    row->uses += is_new;
    row->hand_outs++;
    if (row->first == 0 || at < row->first)
        row->first = at;
    if (at > row->last)
        row->last = at;
    return 0;
}

static int compare_rows(const void *left, const void *right)
{
    return compare(*(struct report_row *const *)left, *(struct report_row *const *)right);
}

void report_groups_sort(struct report_groups *groups)
{
    if (groups->count > 1)
        qsort(groups->rows, groups->count, sizeof(struct report_row *), compare_rows);
}

static void nothing(void *node)
{
    (void)node;
}

void report_groups_free(struct report_groups *groups)
{
    tdestroy(groups->tree, nothing);
    marks_free(&groups->sessions);
    arena_free(&groups->memory);
    *groups = (struct report_groups){.by_count = 0};
}
