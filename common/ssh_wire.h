/*
 * The forms in which SSH writes numbers, strings and public keys: RFC 4251, section 5. Everything
 * that is taken lies in the bytes that it is taken from.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_SSH_WIRE_H
#define XACCT_COMMON_SSH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ssh_bytes {
    const unsigned char *bytes;
    size_t length;
};

/*
 * Each takes one value from the beginning of *rest, which then begins behind it. They return false,
 * with *rest as it was, where there is none.
 */
bool ssh_take_u32(struct ssh_bytes *rest, uint32_t *number);
bool ssh_take_u64(struct ssh_bytes *rest, uint64_t *number);
bool ssh_take_string(struct ssh_bytes *rest, struct ssh_bytes *string);

/* A multiple-precision number above 0 in its one form; *number has no leading zeros. */
bool ssh_take_number(struct ssh_bytes *rest, struct ssh_bytes *number);

/* Whether the bytes are this text. */
bool ssh_is_text(struct ssh_bytes bytes, const char *text);

/*
 * Takes what stands behind the type of a public key of type `type`, which is a NUL-terminated name
 * as in ssh-keygen(1). Returns false too where the type is not known here, or the key is not in its
 * one form, so that equal keys have equal bytes.
 */
bool ssh_take_key_body(struct ssh_bytes *rest, const char *type);

/* Whether a key of this type can be read here. */
bool ssh_knows_key(const char *type);

#endif
