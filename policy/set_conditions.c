/*
 * Keys of [grant] and [pattern] about where a login goes to and comes from, and how it was made.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/address.h"
#include "policy/keys.h"
#include "policy/values.h"

void set_services(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct texts *services = &target->grant->services;
    size_t i;

    target->grant->condition_at[CONDITION_SERVICES] = entry->at;
    services->items = values_room(loader, entry);
    for (i = 0; services->items != NULL && i < entry->value_count; i++) {
        const struct value *value = &entry->values[i];

        if (value_is_of(value->text, VALUE_WORD_BYTES ".-", 1, 64))
            services->items[services->count++] = value->text;
        else
            loader_error(loader, value->at,
                         "services: %s is not the name of a PAM service, as files in /etc/pam.d "
                         "are called",
                         value->text);
    }
}

void set_hosts(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct texts *hosts = &target->grant->hosts;
    size_t i;

    target->grant->condition_at[CONDITION_HOSTS] = entry->at;
    hosts->items = values_room(loader, entry);
    for (i = 0; hosts->items != NULL && i < entry->value_count; i++) {
        const struct value *value = &entry->values[i];

        if (value_is_of(value->text, VALUE_WORD_BYTES ".-*?", 1, 253))
            hosts->items[hosts->count++] = value->text;
        else
            loader_error(loader, value->at,
                         "hosts: %s cannot be the name of a host; it may hold letters, digits and "
                         "_.- and, for any letters and any one, * and ?",
                         value->text);
    }
}

void set_from(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct prefixes *from = &target->grant->from;
    char why[256];
    size_t i;

    target->grant->condition_at[CONDITION_FROM] = entry->at;
    from->items = arena_alloc(&loader->policy->memory, entry->value_count, sizeof *from->items);
    for (i = 0; from->items != NULL && i < entry->value_count; i++) {
        const struct value *value = &entry->values[i];

        if (prefix_read(value->text, &from->items[from->count], why, sizeof why))
            from->items[from->count++].text = value->text;
        else
            loader_error(loader, value->at, "from: %s", why);
    }
    if (from->count > 0)
        loader->policy->asks_from = true;
}

void set_auth(struct loader *loader, struct target *target, const struct entry *entry)
{
    /* As sshd writes them to SSH_AUTH_INFO_0: the methods of RFC 4252, 4256 and 4462. */
    static const char *const methods[] = {"publickey", "password", "keyboard-interactive",
                                          "hostbased", "gssapi-with-mic"};
    const size_t count = sizeof methods / sizeof *methods;
    struct texts *auth = &target->grant->auth;
    size_t i, j;

    target->grant->condition_at[CONDITION_AUTH] = entry->at;
    auth->items = values_room(loader, entry);
    for (i = 0; auth->items != NULL && i < entry->value_count; i++) {
        const struct value *value = &entry->values[i];

        for (j = 0; j < count && strcmp(methods[j], value->text) != 0; j++)
            ;
        if (j < count)
            auth->items[auth->count++] = value->text;
        else
            loader_error(loader, value->at,
                         "auth: %s is no method of sshd's; known are publickey, password, "
                         "keyboard-interactive, hostbased and gssapi-with-mic",
                         value->text);
    }
}
