/*
 * Session tags: the keys `tags` and `transitive_tags`, and how a role's join its account's.
 * Limits: STS API reference, AssumeRole and Tag.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/tags.h"

#include <string.h>
#include <strings.h>

#include "policy/keys.h"
#include "policy/template.h"
#include "policy/values.h"

#define TAGS_MOST   ((size_t)50)
#define TAG_BYTES   VALUE_WORD_BYTES " .:/=+@-"
#define KEY_LONGEST 128 /* characters */
#define TAG_LONGEST 256

/*
 * Whether `text` has at most `longest` characters and only such as a tag may hold. Beyond ASCII the
 * rule is Unicode's letters, blanks and digits, which STS judges.
 */
static bool is_tag_text(const char *text, size_t longest)
{
    size_t characters;

    if (!value_is_utf8(text, &characters) || characters > longest)
        return false;
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x80 && strchr(TAG_BYTES, *text) == NULL)
            return false;
    return true;
}

/* Takes KEY=VALUE apart into *tag, or tells what is wrong and returns false. */
static bool understand(struct loader *loader, const struct value *pair, struct tag *tag)
{
    size_t length = strcspn(pair->text, "=");
    char *outline = arena_alloc(&loader->scratch, strlen(pair->text) + 1, 1);
    char why[256];

    if (outline == NULL)
        return false;
    if (pair->text[length] == '\0') {
        loader_error(loader, pair->at, "tags: \"%s\" is not KEY=VALUE", pair->text);
        return false;
    }
    tag->at = pair->at;
    tag->key = arena_text(&loader->policy->memory, pair->text, length);
    tag->value = pair->text + length + 1;
    if (tag->key == NULL)
        return false;
    template_outline(tag->value, outline);
    if (length == 0 || !is_tag_text(tag->key, KEY_LONGEST))
        loader_error(loader, pair->at,
                     "tags: the key \"%s\" must be 1 to 128 letters, digits, blanks and _.:/+@-",
                     tag->key);
    else if (strncasecmp(tag->key, "aws:", 4) == 0)
        loader_error(loader, pair->at, "tags: the key \"%s\" begins with aws:, which is AWS's own",
                     tag->key);
    else if (template_check(tag->value, why, sizeof why) != 0)
        loader_error(loader, pair->at, "tags: %s: %s", tag->key, why);
    else if (!is_tag_text(outline, TAG_LONGEST))
        loader_error(loader, pair->at,
                     "tags: the value of %s must be up to 256 letters, digits, blanks and "
                     "_.:/=+@-",
                     tag->key);
    else
        return true;
    return false;
}

void set_tags(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct tags *tags = &target->settings->tags;
    const struct tag *other;
    struct tag tag;
    size_t i;

    if (entry->value_count > TAGS_MOST) {
        loader_error(loader, entry->values[TAGS_MOST].at, "%zu tags; STS takes %zu",
                     entry->value_count, TAGS_MOST);
        return;
    }
    tags->items = arena_alloc(&loader->policy->memory, entry->value_count, sizeof *tags->items);
    for (i = 0; tags->items != NULL && i < entry->value_count; i++) {
        if (!understand(loader, &entry->values[i], &tag))
            continue;
        other = tags_find(tags, tag.key);
        if (other != NULL)
            loader_error(loader, tag.at,
                         "tags: %s stands in %s already; upper and lower case do not tell keys "
                         "apart",
                         tag.key, loader_place(loader, tag.at, other->at));
        else
            tags->items[tags->count++] = tag;
    }
}

void set_transitive_tags(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct texts *keys = &target->settings->transitive_tags;
    size_t i;

    if (entry->value_count > TAGS_MOST) {
        loader_error(loader, entry->values[TAGS_MOST].at, "%zu transitive tags; STS takes %zu",
                     entry->value_count, TAGS_MOST);
        return;
    }
    keys->items = arena_alloc(&loader->policy->memory, entry->value_count, sizeof *keys->items);
    for (i = 0; keys->items != NULL && i < entry->value_count; i++)
        keys->items[keys->count++] = entry->values[i].text;
}

bool tags_join(struct arena *memory, const struct tags *common, const struct tags *own,
               struct tags *joined)
{
    size_t i;

    *joined = own->count > 0 ? *own : *common;
    if (own->count == 0 || common->count == 0)
        return true;
    joined->items = arena_alloc(memory, common->count + own->count, sizeof *joined->items);
    joined->count = 0;
    if (joined->items == NULL)
        return false;
    for (i = 0; i < common->count; i++)
        if (tags_find(own, common->items[i].key) == NULL)
            joined->items[joined->count++] = common->items[i];
    memcpy(joined->items + joined->count, own->items, own->count * sizeof *joined->items);
    joined->count += own->count;
    return true;
}

/* Tells which of the section's own tags disagree with the account's. */
static void check_agreement(struct loader *loader, const struct account *account,
                            const struct tags *own)
{
    size_t i;

    for (i = 0; i < own->count; i++) {
        const struct tag *tag = &own->items[i];
        const struct tag *other = tags_find(&account->settings.tags, tag->key);

        if (other != NULL &&
            (strcmp(other->key, tag->key) != 0 || strcmp(other->value, tag->value) != 0))
            loader_error(loader, tag->at,
                         "tags: %s=%s here and %s=%s in %s, for [account %s]; they must agree",
                         tag->key, tag->value, other->key, other->value,
                         loader_place(loader, tag->at, other->at), account->name);
    }
}

void tags_check(struct loader *loader, const struct section *section, const struct account *account,
                const struct tags *own, const struct role_settings *whole)
{
    size_t i;

    check_agreement(loader, account, own);
    if (whole->tags.count > TAGS_MOST)
        loader_error(loader, section->at, "[%s] has %zu tags with its account's; STS takes %zu",
                     section->title, whole->tags.count, TAGS_MOST);
    for (i = 0; i < whole->transitive_tags.count; i++) {
        const char *key = whole->transitive_tags.items[i];
        const struct tag *tag = tags_find(&whole->tags, key);

        if (tag == NULL || strcmp(tag->key, key) != 0)
            loader_error(loader, section_position(section, "transitive_tags"),
                         "transitive_tags: %s is not among the tags of [%s] and its account", key,
                         section->title);
    }
}
