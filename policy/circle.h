/*
 * Chains of things that name each other. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_CIRCLE_H
#define XACCT_POLICY_CIRCLE_H

#include "policy/arena.h"

/*
 * Follows `next` from `start`, an item of an array of structs whose first member is their name.
 * Where that leads back to `start`, returns the way as "a -> b -> a" in `memory`; else NULL. Of all
 * items of a circle the first of the array alone is told, so that each circle is told once. Where
 * there is no memory for it, `memory` is exhausted.
 */
char *circle_through(struct arena *memory, const void *start,
                     const void *(*next)(const void *item));

#endif
