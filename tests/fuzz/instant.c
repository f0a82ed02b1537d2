/*
 * Instants as text: helper/instant.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "helper/instant.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = fuzz_text(bytes, length), again[INSTANT_SIZE];
    time_t instant, other;

    if (instant_read(text, &instant) == 0) {
        PROMISE(instant_read(instant_text(again, instant), &other) == 0 && other == instant);
        /* A leap second is the next minute's first. */
        PROMISE(strncmp(again, text, 16) == 0 || strncmp(text + 17, "60", 2) == 0);
        fuzz_accept();
    }
    free(text);
    return 0;
}
