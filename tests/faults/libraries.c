/*
 * Libraries that cannot be loaded, and a libcurl whose functions fail: the helper looks each of
 * them up by its name, and is given one of these instead.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>

#include "tests/faults/wrapped.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_share_setopt

/* The pointer `real_NAME` to each function, and the function that stands in front of it. */
#define CURL(type, name, parameters, passed, failure)                                              \
    static type faulty_##name parameters;                                                          \
    static __typeof__(&faulty_##name) real_##name;                                                 \
    static type faulty_##name parameters                                                           \
    {                                                                                              \
        if (plan_strikes(KIND_CURL, "curl_" #name, ENOMEM, CALLER))                                \
            return failure;                                                                        \
        return real_##name passed;                                                                 \
    }

CURL(CURLcode, global_init, (long flags), (flags), CURLE_FAILED_INIT)
CURL(CURL *, easy_init, (void), (), NULL)
/* Each option is an argument of a pointer's size, whatever it is. */
CURL(CURLcode, easy_setopt, (CURL * curl, CURLoption option, void *value), (curl, option, value),
     CURLE_OUT_OF_MEMORY)
CURL(CURLcode, easy_getinfo, (CURL * curl, CURLINFO which, void *value), (curl, which, value),
     CURLE_UNKNOWN_OPTION)
CURL(CURLcode, easy_perform, (CURL * curl), (curl), CURLE_OUT_OF_MEMORY)
CURL(CURLM *, multi_init, (void), (), NULL)
CURL(CURLMcode, multi_setopt, (CURLM * multi, CURLMoption option, void *value),
     (multi, option, value), CURLM_UNKNOWN_OPTION)
CURL(CURLMcode, multi_add_handle, (CURLM * multi, CURL *curl), (multi, curl), CURLM_OUT_OF_MEMORY)
CURL(CURLMcode, multi_perform, (CURLM * multi, int *running), (multi, running), CURLM_OUT_OF_MEMORY)
CURL(CURLMcode, multi_poll,
     (CURLM * multi, struct curl_waitfd *also, unsigned count, int ms, int *ready),
     (multi, also, count, ms, ready), CURLM_OUT_OF_MEMORY)
CURL(CURLSH *, share_init, (void), (), NULL)
CURL(CURLSHcode, share_setopt, (CURLSH * share, CURLSHoption option, void *value),
     (share, option, value), CURLSHE_NOMEM)
CURL(struct curl_slist *, slist_append, (struct curl_slist * list, const char *text), (list, text),
     NULL)
CURL(CURLU *, url, (void), (), NULL)
CURL(CURLUcode, url_get, (CURLU * url, CURLUPart part, char **text, unsigned flags),
     (url, part, text, flags), CURLUE_OUT_OF_MEMORY)
CURL(CURLUcode, url_set, (CURLU * url, CURLUPart part, const char *text, unsigned flags),
     (url, part, text, flags), CURLUE_OUT_OF_MEMORY)

#define STANDS_IN(name)                                                                            \
    {                                                                                              \
        "curl_" #name, (void **)&real_##name, (void *)faulty_##name                                \
    }

static const struct {
    const char *name;
    void **real;
    void *faulty;
} faulty[] = {
    STANDS_IN(global_init),   STANDS_IN(easy_init),
    STANDS_IN(easy_setopt),   STANDS_IN(easy_getinfo),
    STANDS_IN(easy_perform),  STANDS_IN(multi_init),
    STANDS_IN(multi_setopt),  STANDS_IN(multi_add_handle),
    STANDS_IN(multi_perform), STANDS_IN(multi_poll),
    STANDS_IN(share_init),    STANDS_IN(share_setopt),
    STANDS_IN(slist_append),  STANDS_IN(url),
    STANDS_IN(url_get),       STANDS_IN(url_set),
};

/* So that dlerror has something to say. */
static void *fail_to_load(void *(*real)(const char *, int))
{
    return real("/mnt/faults/no-such-library.so", RTLD_LAZY);
}

SHOWN void *dlopen(const char *file, int flags)
{
    static void *(*real)(const char *, int);

    FIND_REAL(real, "dlopen");
    return plan_strikes(KIND_LIBRARY, "dlopen", ENOMEM, CALLER) ? fail_to_load(real)
                                                                : real(file, flags);
}

SHOWN void *dlsym(void *library, const char *name)
{
    static void *(*real)(void *, const char *);
    void *found;
    size_t i;

    FIND_REAL(real, "dlsym");
    if (plan_strikes(KIND_LIBRARY, "dlsym", ENOENT, CALLER))
        return real(library, "no_such_function");
    found = real(library, name);
    for (i = 0; found != NULL && i < sizeof faulty / sizeof *faulty; i++)
        if (strcmp(faulty[i].name, name) == 0) {
            *faulty[i].real = found;
            return faulty[i].faulty;
        }
    return found;
}
