/*
 * [ca]: whose certificates name humans.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/keys.h"
#include "policy/ssh_key.h"

void set_ca_key(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *text = entry_text(loader, entry);
    const char *fault;

    if (text == NULL)
        return;
    fault = ssh_key_read(text, &loader->policy->memory, target->ca);
    if (fault != NULL)
        loader_error(loader, entry->at, "key: %s", fault);
}

void set_ca_identity(struct loader *loader, struct target *target, const struct entry *entry)
{
    const char *text = entry->values[0].text;

    if (strcmp(text, "key-id") == 0)
        target->ca->identity = CA_IDENTITY_KEY_ID;
    else if (strcmp(text, "principal") == 0)
        target->ca->identity = CA_IDENTITY_PRINCIPAL;
    else
        loader_error(loader, entry->at, "identity = %s: write key-id or principal", text);
}

void set_ca_names(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct texts *names = &target->ca->names;
    size_t i;

    names->items = values_room(loader, entry);
    for (i = 0; names->items != NULL && i < entry->value_count; i++)
        if (rule_name_is_fit(loader, "names", &entry->values[i], true))
            names->items[names->count++] = entry->values[i].text;
}

void finish_ca(struct loader *loader, struct target *target)
{
    struct position at = section_position(target->section, "key");
    struct ca_key *key;
    const struct ca_key *other;
    size_t i;

    if (target->ca->key == NULL)
        return;
    key = arena_alloc(&loader->scratch, 1, sizeof *key);
    if (key == NULL)
        return;
    key->ca = target->ca;
    /* Found by its bytes as hexadecimal: an index is one of texts. */
    key->text = arena_alloc(&loader->scratch, 2 * target->ca->key_length + 1, 1);
    if (key->text == NULL)
        return;
    for (i = 0; i < target->ca->key_length; i++) {
        static const char digits[] = "0123456789abcdef";

        key->text[2 * i] = digits[target->ca->key[i] >> 4];
        key->text[2 * i + 1] = digits[target->ca->key[i] & 0xf];
    }
    other = index_add(&loader->ca_keys, key);
    if (other == NULL)
        loader->scratch.exhausted = true;
    else if (other != key)
        loader_error(loader, at, "key: it is that of [ca %s] in %s already", other->ca->name,
                     loader_place(loader, at, other->ca->at));
}
