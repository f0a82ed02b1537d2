/*
 * What is used of libcurl.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/libcurl.h"

#include <stdbool.h>

#include "helper/library.h"

struct libcurl libcurl;

int libcurl_load(void)
{
#define LIBCURL_SYMBOL(name) {"curl_" #name, &libcurl.name},
    static const struct library_symbol symbols[] = {LIBCURL_SYMBOLS(LIBCURL_SYMBOL)};
#undef LIBCURL_SYMBOL
    static bool loaded;
    int error = 0;

    if (!loaded)
        error = library_load("libcurl.so.4", symbols, sizeof symbols / sizeof *symbols);
    loaded = error == 0;
    return error;
}
