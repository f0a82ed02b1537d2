/*
 * Memory for secrets: keys, tokens, and the frames and documents that carry them. All of it lies in
 * one arena per process that is locked into RAM, kept out of core dumps and not inherited by a
 * forked child, and every piece is overwritten when it is freed and nowhere else.
 *
 * Not for code that is linked into a PAM or NSS module: the arena is process-wide state.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_SECRET_H
#define XACCT_COMMON_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A piece of secret memory. `bytes` is NULL when empty. `length` counts the bytes of the secret;
 * one NUL more always follows, so a secret text can be read as a string.
 */
struct secret {
    char *bytes;
    size_t length;
};

/*
 * Makes the arena of `size` bytes, before the first secret. Returns 0 or an errno: ENOMEM or EPERM
 * mostly mean that RLIMIT_MEMLOCK is below `size`.
 */
int secret_arena_open(size_t size);

/*
 * Has `reclaim` called, with `argument`, where the arena is full: it frees a secret that can be had
 * again and returns true, or returns false when there is none, and only then is a new one refused.
 */
void secret_arena_set_reclaim(bool (*reclaim)(void *argument), void *argument);

/* Overwrites and gives back the whole arena; every secret in it is gone. */
void secret_arena_close(void);

/*
 * Gives *secret `length` zeroed bytes (and a NUL). Whatever it held before is NOT freed. Returns 0,
 * or ENOMEM when the arena is full or not open: a secret is refused, never stored elsewhere.
 */
int secret_new(struct secret *secret, size_t length);

/* Gives *secret a copy of `length` bytes. Returns as secret_new. */
int secret_copy(struct secret *secret, const void *bytes, size_t length);

/* Overwrites and frees; the secret is empty afterwards. An empty one, or NULL, is left alone. */
void secret_free(struct secret *secret);

#endif
