/*
 * What is used of libxml2.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/libxml.h"

#include <stdbool.h>

#include "helper/library.h"

struct libxml libxml;

int libxml_load(void)
{
#define LIBXML_SYMBOL(name) {"xml" #name, &libxml.name},
    static const struct library_symbol symbols[] = {LIBXML_SYMBOLS(LIBXML_SYMBOL)};
#undef LIBXML_SYMBOL
    static bool loaded;
    int error = 0;

    if (!loaded)
        error = library_load("libxml2.so.2", symbols, sizeof symbols / sizeof *symbols);
    loaded = error == 0;
    return error;
}
