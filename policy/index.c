/*
 * Open addressing: what finds its slot taken goes to the next free one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/index.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ROOM_FIRST ((size_t)16)

struct slot {
    uint64_t hash;
    void *item; /* NULL: free */
};

struct index_table {
    uint64_t seed; /* of the hashes, so that nobody can choose names that all meet */
    size_t count;
    size_t room; /* a power of two; a quarter of the slots is free */
    struct slot slots[];
};

/*
 * Eight bytes at a time into the seed. A multiplication carries upwards alone, and the lower half
 * chooses the slot: so the upper one is folded into it after each, and what only the last bytes
 * differ in needs one multiplication more.
 */
static uint64_t hash_of(const struct index_table *table, const char *name)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    size_t left = strlen(name), step;
    uint64_t hash = table->seed ^ left, bytes;

    for (; left > 0; left -= step, name += step) {
        step = left < sizeof bytes ? left : sizeof bytes;
        bytes = 0;
        memcpy(&bytes, name, step);
        hash = (hash ^ bytes) * odd;
        hash ^= hash >> 32;
    }
    hash *= odd;
    return hash ^ (hash >> 32);
}

/* A pointer to a struct is a pointer to its first member: the name. */
static const char *name_of(const void *item)
{
    return *(const char *const *)item;
}

/* The slot of the item with this name and its hash, or the free one where it belongs. */
static size_t slot_of(const struct index_table *table, const char *name, uint64_t hash)
{
    size_t at = hash & (table->room - 1);

    while (table->slots[at].item != NULL &&
           (table->slots[at].hash != hash || strcmp(name_of(table->slots[at].item), name) != 0))
        at = (at + 1) & (table->room - 1);
    return at;
}

/* Puts an item that is not in the table where slot_of looks for it. */
static void put(struct index_table *table, const struct slot *slot)
{
    size_t at = slot->hash & (table->room - 1);

    while (table->slots[at].item != NULL)
        at = (at + 1) & (table->room - 1);
    table->slots[at] = *slot;
    table->count++;
}

/* How many items a table with so much room may have. */
static size_t most_in(size_t room)
{
    return room / 4 * 3;
}

/* Memory for a table, zeroed; or NULL. */
static struct index_table *new_table(const struct index *index, size_t room)
{
    const size_t size = sizeof(struct index_table) + room * sizeof(struct slot);

    return index->memory != NULL ? arena_alloc(index->memory, 1, size) : calloc(1, size);
}

static void free_table(const struct index *index, struct index_table *table)
{
    if (index->memory == NULL)
        free(table);
}

/* Puts a table with so much room in the place of the one that there is. Returns it, or NULL. */
static struct index_table *resize(struct index *index, size_t room)
{
    struct index_table *old = index->table, *table = new_table(index, room);
    size_t i;

    if (table == NULL)
        return NULL;
    table->room = room;
    /* Without randomness, as early in the boot, names are found all the same. */
    if (old != NULL)
        table->seed = old->seed;
    else if (getrandom(&table->seed, sizeof table->seed, GRND_NONBLOCK) < 0)
        table->seed = 0;
    for (i = 0; old != NULL && i < old->room; i++)
        if (old->slots[i].item != NULL)
            put(table, &old->slots[i]);
    free_table(index, old);
    index->table = table;
    return table;
}

/* The table with room for one more, in its place where it had none; or NULL. */
static struct index_table *make_room(struct index *index)
{
    struct index_table *table = index->table;

    if (table != NULL && table->count < most_in(table->room))
        return table;
    return resize(index, table != NULL ? 2 * table->room : ROOM_FIRST);
}

void index_expect(struct index *index, size_t count)
{
    size_t room = ROOM_FIRST;

    while (most_in(room) < count && room <= SIZE_MAX / sizeof(struct slot) / 4)
        room *= 2;
    if (index->table == NULL)
        (void)resize(index, room);
}

void **index_place(struct index *index, const char *name)
{
    struct index_table *table = make_room(index);
    struct slot *slot;
    uint64_t hash;

    if (table == NULL)
        return NULL;
    hash = hash_of(table, name);
    slot = &table->slots[slot_of(table, name, hash)];
    if (slot->item == NULL) {
        slot->hash = hash;
        table->count++;
    }
    return &slot->item;
}

void *index_add(struct index *index, void *item)
{
    void **place = index_place(index, name_of(item));

    if (place == NULL)
        return NULL;
    if (*place == NULL)
        *place = item;
    return *place;
}

void *index_find(const struct index *index, const char *name)
{
    const struct index_table *table = index->table;

    return table != NULL ? table->slots[slot_of(table, name, hash_of(table, name))].item : NULL;
}

void index_free(struct index *index)
{
    free_table(index, index->table);
    index->table = NULL;
}
