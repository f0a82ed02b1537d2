/*
 * What the metadata services of EC2, ECS and EKS have in common: they are near, answer at once or
 * not at all, and are never asked through a proxy. Inside base_imds.c and base_container.c only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_METADATA_H
#define XACCT_HELPER_METADATA_H

#include <stddef.h>

#include "helper/base_json.h"
#include "helper/base_source.h"
#include "helper/http.h"

#define METADATA_URL_SIZE ((size_t)1024)

struct metadata_request {
    enum http_method method;
    const char *url;
    const char *header;    /* "Name: value", or NULL */
    const char *ca_bundle; /* PEM file to trust in place of the system's store, or NULL */
};

/*
 * Asks: for a second until the connection stands and for two in all, and once more where no answer
 * or a 5xx came, everything within the deadline. Whatever happens is in *response, whose body the
 * caller frees with secret_free.
 */
void metadata_ask(const struct metadata_request *request, struct deadline deadline,
                  struct http_response *response);

/* Whether a whole answer of status 200 came. */
bool metadata_is_good(const struct http_response *response);

/*
 * Tells that `url` gave no good answer, what it gave and, behind that, `advice`. Returns `status`.
 */
enum status metadata_fail(enum status status, const char *url, const struct http_response *response,
                          const char *advice, char why[BASE_WHY_SIZE]);

/*
 * Reads the credentials that a good answer holds, and refuses those that have expired. Returns
 * PERMITTED and fills *credentials, which the caller frees; or as a base_source_fetch.
 */
enum status metadata_credentials(enum base_json_form form, const char *url,
                                 const struct http_response *response,
                                 struct credentials *credentials, char why[BASE_WHY_SIZE]);

#endif
