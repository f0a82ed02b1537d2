/*
 * References and session ids.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/reference.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void reference_make(char reference[REFERENCE_SIZE])
{
    struct timespec now;
    uint64_t number;
    int i;

    /*
     * A reference must differ from others, not be hard to guess: GRND_INSECURE never waits for
     * entropy, and where the kernel does not know it yet the clock is good enough.
     */
    if (getrandom(&number, sizeof number, GRND_INSECURE) != (ssize_t)sizeof number) {
        clock_gettime(CLOCK_REALTIME, &now);
        number = (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
    }
    for (i = 0; i < REFERENCE_SIZE - 1; i++) {
        reference[i] = alphabet[number & 31];
        number >>= 5;
    }
    reference[i] = '\0';
}

/* Whether `text` is `length` bytes of `bytes`. */
static bool is_made_of(const char *text, const char *bytes, size_t length)
{
    return text != NULL && strlen(text) == length && strspn(text, bytes) == length;
}

bool reference_is_valid(const char *text)
{
    return is_made_of(text, alphabet, REFERENCE_SIZE - 1);
}

bool session_id_is_valid(const char *text)
{
    return is_made_of(text, "0123456789abcdef", SESSION_ID_SIZE - 1);
}
