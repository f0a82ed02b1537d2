/*
 * What stands in a section.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/sections.h"

#include <string.h>

#include "policy/keys.h"

void sections_free(struct sections *sections)
{
    index_free(&sections->titles);
}

char *entry_text(struct loader *loader, const struct entry *entry)
{
    size_t length = 1, i;
    char *joined;
    char *end;

    if (entry->value_count == 1)
        return entry->values[0].text;
    for (i = 0; i < entry->value_count; i++)
        length += strlen(entry->values[i].text);
    joined = arena_alloc(&loader->policy->memory, length, 1);
    for (i = 0, end = joined; joined != NULL && i < entry->value_count; i++)
        end = stpcpy(end, entry->values[i].text);
    return joined;
}

const struct entry *section_entry(const struct section *section, const char *key)
{
    size_t i;

    for (i = 0; i < section->entry_count; i++)
        if (strcmp(section->entries[i].key->name, key) == 0)
            return &section->entries[i];
    return NULL;
}

struct position section_position(const struct section *section, const char *key)
{
    const struct entry *entry = section_entry(section, key);

    return entry != NULL ? entry->at : section->at;
}
