/*
 * libcurl, loaded when it is needed first (helper/library.h). Inside http*.c only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LIBCURL_H
#define XACCT_HELPER_LIBCURL_H

#include <curl/curl.h>

#define LIBCURL_SYMBOLS(SYMBOL)                                                                    \
    SYMBOL(easy_cleanup)                                                                           \
    SYMBOL(easy_getinfo)                                                                           \
    SYMBOL(easy_init)                                                                              \
    SYMBOL(easy_perform)                                                                           \
    SYMBOL(easy_setopt)                                                                            \
    SYMBOL(easy_strerror)                                                                          \
    SYMBOL(free)                                                                                   \
    SYMBOL(getdate)                                                                                \
    SYMBOL(global_cleanup)                                                                         \
    SYMBOL(global_init)                                                                            \
    SYMBOL(multi_add_handle)                                                                       \
    SYMBOL(multi_cleanup)                                                                          \
    SYMBOL(multi_info_read)                                                                        \
    SYMBOL(multi_init)                                                                             \
    SYMBOL(multi_perform)                                                                          \
    SYMBOL(multi_poll)                                                                             \
    SYMBOL(multi_remove_handle)                                                                    \
    SYMBOL(multi_setopt)                                                                           \
    SYMBOL(share_cleanup)                                                                          \
    SYMBOL(share_init)                                                                             \
    SYMBOL(share_setopt)                                                                           \
    SYMBOL(slist_append)                                                                           \
    SYMBOL(slist_free_all)                                                                         \
    SYMBOL(url)                                                                                    \
    SYMBOL(url_cleanup)                                                                            \
    SYMBOL(url_get)                                                                                \
    SYMBOL(url_set)

/* A pointer to each function that is used, under its name without `curl_`. */
struct libcurl {
#define LIBCURL_MEMBER(name) __typeof__ (&curl_##name)(name);
    LIBCURL_SYMBOLS(LIBCURL_MEMBER)
#undef LIBCURL_MEMBER
};

/* What stands in it until libcurl_load has succeeded must not be called. */
extern struct libcurl libcurl;

/* Loads libcurl; again changes nothing. Returns 0, or ELIBACC, logged. */
int libcurl_load(void);

#endif
