/*
 * Loading libraries.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "helper/log.h"

static int refuse(const char *file)
{
    log_error("the library %s cannot be used: %s; install the Debian package that has it", file,
              dlerror());
    return ELIBACC;
}

int library_load(const char *file, const struct library_symbol *symbols, size_t count)
{
    /*
     * All of its symbols now: to find one at its first call, the loader saves the processor's
     * vector registers on the stack, with what memcpy(3) has just moved through them, and nobody
     * wipes that.
     */
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    size_t i;

    if (library == NULL)
        return refuse(file);
    for (i = 0; i < count; i++) {
        void *address = dlsym(library, symbols[i].name);

        if (address == NULL)
            return refuse(file);
        /* A function's address too, which POSIX lets a void pointer hold. */
        memcpy(symbols[i].place, &address, sizeof address);
    }
    return 0;
}
