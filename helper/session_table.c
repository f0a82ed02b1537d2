/*
 * Sorted lists of sessions. A thousand pointers are moved in less time than a file is read, so the
 * lists are plain.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef int order(const struct session_record *a, const struct session_record *b);

static int by_id(const struct session_record *a, const struct session_record *b)
{
    return strcmp(a->id, b->id);
}

static int by_uid(const struct session_record *a, const struct session_record *b)
{
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    if (a->opened != b->opened)
        return a->opened > b->opened ? -1 : 1;
    return strcmp(a->id, b->id);
}

/* The first place whose session does not come before `key`. */
static size_t place_of(struct session *const *list, size_t count, order *compare,
                       const struct session_record *key)
{
    size_t from = 0, to = count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare(&list[middle]->record, key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void insert(struct session **list, size_t count, order *compare, struct session *session)
{
    size_t at = place_of(list, count, compare, &session->record);

    memmove(list + at + 1, list + at, (count - at) * sizeof *list);
    list[at] = session;
}

static void take_out(struct session **list, size_t count, order *compare,
                     const struct session *session)
{
    size_t at = place_of(list, count, compare, &session->record);

    memmove(list + at, list + at + 1, (count - at - 1) * sizeof *list);
}

/* Makes room for one more. */
static int grow(struct session_table *table)
{
    size_t room = table->room > 0 ? 2 * table->room : 64;
    struct session **list;

    list = realloc(table->by_id, room * sizeof(struct session *));
    if (list == NULL)
        return ENOMEM;
    table->by_id = list;
    list = realloc(table->by_uid, room * sizeof(struct session *));
    if (list == NULL)
        return ENOMEM;
    table->by_uid = list;
    table->room = room;
    return 0;
}

int session_table_add(struct session_table *table, struct session *session)
{
    if (table->count == table->room && grow(table) != 0)
        return ENOMEM;
    insert(table->by_id, table->count, by_id, session);
    insert(table->by_uid, table->count, by_uid, session);
    table->count++;
    return 0;
}

void session_table_remove(struct session_table *table, const struct session *session)
{
    take_out(table->by_id, table->count, by_id, session);
    take_out(table->by_uid, table->count, by_uid, session);
    table->count--;
}

struct session *session_table_find(const struct session_table *table, const char *id)
{
    struct session_record key = {.uid = 0};
    size_t at;

    if (strlen(id) >= sizeof key.id)
        return NULL;
    strcpy(key.id, id);
    at = place_of(table->by_id, table->count, by_id, &key);
    return at < table->count && strcmp(table->by_id[at]->record.id, id) == 0 ? table->by_id[at]
                                                                             : NULL;
}

static int uid_alone(const struct session_record *a, const struct session_record *b)
{
    return a->uid < b->uid ? -1 : a->uid > b->uid;
}

size_t session_table_of_uid(const struct session_table *table, uid_t uid)
{
    const struct session_record key = {.uid = uid};

    return place_of(table->by_uid, table->count, uid_alone, &key);
}

void session_table_free(struct session_table *table)
{
    free(table->by_id);
    free(table->by_uid);
    memset(table, 0, sizeof *table);
}

bool session_has_adopted(const struct session *session, const char *from)
{
    size_t i;

    for (i = 0; session->adopted != NULL && i < SESSION_ADOPTED_MOST; i++)
        if (strcmp(session->adopted->ids[i], from) == 0)
            return true;
    return false;
}

void session_note_adopted(struct session *session, const char *from)
{
    struct session_adopted *adopted = session->adopted;

    if (adopted == NULL)
        adopted = session->adopted = calloc(1, sizeof *adopted);
    if (adopted == NULL)
        return;
    strcpy(adopted->ids[adopted->next], from);
    adopted->next = (adopted->next + 1) % SESSION_ADOPTED_MOST;
}
