/*
 * The reference that joins what a user was shown to the lines in the log.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdint.h>
#include <sys/random.h>
#include <time.h>

#include "pam_xacct/internal.h"

void reference_make(char reference[REFERENCE_SIZE])
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
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
        reference[i] = digits[number & 31];
        number >>= 5;
    }
    reference[i] = '\0';
}
