/*
 * A configuration file as sections of keys and values: everything about its form is checked here,
 * nothing about its meaning. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_SECTIONS_H
#define XACCT_POLICY_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

struct key;
struct loader;

/*
 * In the order in which they are understood: a section may name things of the kinds before its own.
 * Denies come before grants so that the groups that they name are the first of the policy's.
 */
enum section_kind {
    SECTION_XACCT,
    SECTION_BASE,
    SECTION_CA,
    SECTION_ACCOUNT,
    SECTION_ROLE,
    SECTION_DENY,
    SECTION_GRANT,
    SECTION_PATTERN,
    SECTION_KINDS
};

/* Whether a kind of section is named in its brackets. */
enum section_name { SECTION_NAMELESS, SECTION_NAMED, SECTION_NAMED_OR_NOT };

/* A value, or one word of a list. */
struct value {
    char *text;  /* in the policy's memory */
    bool quoted; /* it stood in double quotes */
    struct position at;
};

/* A key with all values that it was given in its section, on one or more lines. */
struct entry {
    const struct key *key;
    struct value *values; /* in the order of the lines; none when all were illegal */
    size_t value_count;
    struct position at;
};

struct section {
    char *title; /* as in the brackets, for example "role client-a-audit"; in the policy's memory */
    enum section_kind kind;
    char *name; /* "client-a-audit", or NULL where it has none; in the title */
    struct entry *entries;
    size_t entry_count;
    struct position at;
    bool damaged;         /* lines of it were refused, so what it seems to lack may be among them */
    struct section *next; /* of its kind, in the order of the lines */
};

/* One that is all zero is empty and ready. */
struct sections {
    struct index titles; /* of struct section, of all files */
    struct section *first[SECTION_KINDS];
    struct section *last[SECTION_KINDS];
    size_t count[SECTION_KINDS];
};

/*
 * Reads `length` bytes at `text`, called `file` (which belongs to the policy), and adds what they
 * hold to the sections, which lie in the loader's scratch memory. Files but the configuration
 * itself may not say what holds for the whole host. What is wrong is told to the loader; the
 * sections are then what could be made of the rest, so that more can be found wrong with them.
 */
void sections_read(struct loader *loader, const char *file, const char *text, size_t length,
                   struct sections *sections);

/* Frees what finds sections by their titles. */
void sections_free(struct sections *sections);

/*
 * The entry's values joined without a separator, in the policy's memory; NULL when there is none
 * left. `entry` has one value at least.
 */
char *entry_text(struct loader *loader, const struct entry *entry);

/* The entry of this key in the section, or NULL. */
const struct entry *section_entry(const struct section *section, const char *key);

/* The line of the section's entry of this key, or of the section where it has none. */
struct position section_position(const struct section *section, const char *key);

#endif
