/*
 * Names that AWS sees: helper/session_name.h. The input is two identities, with a newline between.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "helper/session_name.h"
#include "policy/values.h"
#include "tests/fuzz/fuzz.h"

/* Makes the name. Returns false where the identity is empty. */
static bool make(const char *identity, char name[SESSION_NAME_MAX + 1])
{
    int error = session_name(identity, name);

    PROMISE(error == (identity[0] == '\0' ? EINVAL : 0));
    if (error != 0)
        return false;
    PROMISE(value_is_of(name, VALUE_NAME_BYTES, 2, SESSION_NAME_MAX));
    PROMISE(strncasecmp(name, "aws:", 4) != 0);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    char *one = fuzz_take_text(&input, "\n"), *other = fuzz_take_text(&input, "\n");
    char *names[2] = {malloc(SESSION_NAME_MAX + 1), malloc(SESSION_NAME_MAX + 1)};

    fuzz_need(names[0] != NULL && names[1] != NULL, "malloc");
    if (make(one, names[0]) && make(other, names[1])) {
        PROMISE((strcmp(one, other) == 0) == (strcmp(names[0], names[1]) == 0));
        /* A name that is an identity of its own is another's name. */
        PROMISE(strcmp(names[0], one) == 0 ||
                (make(names[0], names[1]) && strcasecmp(names[0], names[1]) != 0));
        fuzz_accept();
    }
    free(names[0]);
    free(names[1]);
    free(one);
    free(other);
    return 0;
}
