/*
 * Asking for the permitted roles.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/roles.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define ROLES_MOST 10000 /* beyond what any policy holds: a list without an end has one here */
#define HINT_MOST  8

static const struct {
    const char *key;
    size_t offset; /* of a char * in struct role */
} texts[] = {
    {WIRE_ROLE, offsetof(struct role, name)},
    {WIRE_ACCOUNT, offsetof(struct role, account)},
    {WIRE_ACCOUNT_ID, offsetof(struct role, account_id)},
    {WIRE_ARN, offsetof(struct role, arn)},
    {WIRE_DESCRIPTION, offsetof(struct role, description)},
    {WIRE_REGION, offsetof(struct role, region)},
    {WIRE_DELIVER, offsetof(struct role, deliver)},
    {WIRE_ENDS, offsetof(struct role, ends)},
};

static const struct {
    const char *key;
    size_t offset; /* of a bool in struct role */
} flags[] = {
    {WIRE_DEFAULT, offsetof(struct role, is_default)},
    {WIRE_CHOSEN, offsetof(struct role, chosen)},
    {WIRE_EXTERNAL_ID, offsetof(struct role, external_id)},
    {WIRE_SOURCE_IDENTITY, offsetof(struct role, source_identity)},
    {WIRE_TAGS, offsetof(struct role, tags)},
};

static char **text_of(struct role *role, size_t i)
{
    return (char **)((char *)role + texts[i].offset);
}

static bool is_set(const char *value)
{
    return value != NULL && strcmp(value, "1") == 0;
}

/* Fills in *role from a frame. Returns false when memory runs out; the role is to be freed then. */
static bool role_take(struct role *role, const struct frame *frame)
{
    size_t i;

    *role = (struct role){.name = NULL};
    for (i = 0; i < COUNT(texts); i++) {
        const char *value = frame_get(frame, texts[i].key);

        if (value != NULL && (*text_of(role, i) = strdup(value)) == NULL)
            return false;
    }
    for (i = 0; i < COUNT(flags); i++)
        *(bool *)((char *)role + flags[i].offset) = is_set(frame_get(frame, flags[i].key));
    if (frame_get_number(frame, WIRE_DURATION, 1, INT64_MAX, &role->duration) != 0)
        role->duration = 0;
    return true;
}

static bool roles_add(struct roles *roles, const struct frame *frame, char *failure, size_t size)
{
    struct role *grown = NULL;

    if (roles->count >= ROLES_MOST || frame_get(frame, WIRE_ROLE) == NULL) {
        snprintf(failure, size,
                 "the list that the xacct service gives is not well formed: tell the admin of this "
                 "host");
        return false;
    }
    grown = reallocarray(roles->all, roles->count + 1, sizeof *grown);
    if (grown != NULL) {
        roles->all = grown;
        if (role_take(&grown[roles->count++], frame))
            return true;
    }
    snprintf(failure, size, "not enough memory: end some programs and try again");
    return false;
}

bool roles_ask(struct client *client, int64_t timeout_ms, struct roles *roles)
{
    const struct question question = {.op = WIRE_OP_LIST, .timeout_ms = timeout_ms};
    enum answer answer = client_ask(client, &question);

    *roles = (struct roles){.all = NULL};
    while (answer == ANSWER_PERMITTED) {
        if (is_set(frame_get(&client->reply, WIRE_LAST)))
            return true;
        if (!roles_add(roles, &client->reply, client->failure, sizeof client->failure))
            break;
        answer = client_next(client);
    }
    roles_free(roles);
    return false;
}

bool roles_get(const char *socket, struct roles *roles)
{
    struct client client;
    bool listed;

    client_init(&client, socket);
    listed = roles_ask(&client, CLIENT_ASK_MS, roles);
    if (!listed)
        client_complain(&client);
    client_close(&client);
    return listed;
}

const struct role *roles_find(const struct roles *roles, const char *name)
{
    size_t i;

    for (i = 0; i < roles->count; i++)
        if (strcmp(roles->all[i].name, name) == 0)
            return &roles->all[i];
    return NULL;
}

bool role_is_current(const struct role *role)
{
    const char *current = getenv("XACCT_ROLE");

    return current != NULL && strcmp(current, role->name) == 0;
}

/* Writes the names that begin with `start`, HINT_MOST at most; returns how many there are. */
static size_t write_names(const struct roles *roles, const char *start, char *out, size_t size)
{
    size_t i, count = 0, used = 0;

    out[0] = '\0';
    for (i = 0; i < roles->count; i++) {
        char shown[ESCAPE_MAX];

        if (strncmp(roles->all[i].name, start, strlen(start)) != 0)
            continue;
        if (count++ < HINT_MOST && used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "",
                                     escape(shown, sizeof shown, roles->all[i].name));
    }
    if (count > HINT_MOST && used < size)
        snprintf(out + used, size - used, " and %zu more", count - HINT_MOST);
    return count;
}

char *roles_hint(const struct roles *roles, const char *name, char *out, size_t size)
{
    char names[1024];

    if (write_names(roles, name, names, sizeof names) > 0)
        snprintf(out, size, "; yours that begin so: %s", names);
    else if (write_names(roles, "", names, sizeof names) > 0)
        snprintf(out, size, "; yours are: %s", names);
    else
        snprintf(out, size, "; none is yours at present");
    return out;
}

void roles_free(struct roles *roles)
{
    size_t i, j;

    for (i = 0; i < roles->count; i++)
        for (j = 0; j < COUNT(texts); j++)
            free(*text_of(&roles->all[i], j));
    free(roles->all);
    *roles = (struct roles){.all = NULL};
}
