/*
 * The request to CreateSession and its signature.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/roles_anywhere.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/form.h"
#include "helper/hex.h"
#include "helper/json.h"

/* The parameters in their order by name, as the canonical request has them. */
static void put_query(struct form *form, const struct base *base)
{
    form_put_parameter(form, "profileArn", base->profile_arn);
    form_put_parameter(form, "roleArn", base->role_arn);
    form_put_parameter(form, "trustAnchorArn", base->trust_anchor_arn);
}

static char *make_query(const struct base *base)
{
    struct form form = {NULL, 0};

    put_query(&form, base);
    form = (struct form){calloc(1, form.length + 1), 0};
    if (form.out != NULL)
        put_query(&form, base);
    return form.out;
}

static char *make_body(const struct base *base)
{
    json_t *object = json_object();
    char *body = NULL;
    int failed = object == NULL;

    if (!failed && base->duration > 0)
        failed = json_object_set_new(object, "durationSeconds", json_integer(base->duration));
    if (!failed && base->session_name != NULL)
        failed = json_object_set_new(object, "roleSessionName", json_string(base->session_name));
    if (!failed)
        body = json_as_text(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(object);
    return body;
}

static const char *algorithm(const struct roles_anywhere *request)
{
    return request->chain->kind == OUTSIDE_KEY_EC ? "AWS4-X509-ECDSA-SHA256"
                                                  : "AWS4-X509-RSA-SHA256";
}

static const char *signed_headers(const struct roles_anywhere *request)
{
    return request->chain->intermediates != NULL
               ? "content-type;host;x-amz-date;x-amz-x509;x-amz-x509-chain"
               : "content-type;host;x-amz-date;x-amz-x509";
}

/* Hashes the canonical request. Returns 0, ENOMEM or EIO. */
static int hash_request(const struct roles_anywhere *request, const struct http_target *target,
                        char hex[SIGV4_HASH_SIZE])
{
    const struct x509_chain *chain = request->chain;
    const char *intermediates = chain->intermediates != NULL ? chain->intermediates : "";
    char body[SIGV4_HASH_SIZE], *canonical = NULL;
    int error = sigv4_hash(request->body, strlen(request->body), body);

    if (error == 0 &&
        asprintf(&canonical,
                 "POST\n%s\n%s\n"
                 "content-type:" ROLES_ANYWHERE_CONTENT_TYPE "\nhost:%s\nx-amz-date:%s\n"
                 "x-amz-x509:%s\n%s%s%s\n%s\n%s",
                 target->path, request->query, target->host, request->date, chain->text,
                 *intermediates != '\0' ? "x-amz-x509-chain:" : "", intermediates,
                 *intermediates != '\0' ? "\n" : "", signed_headers(request), body) < 0)
        return ENOMEM;
    if (error == 0)
        error = sigv4_hash(canonical, strlen(canonical), hex);
    free(canonical);
    return error;
}

int roles_anywhere_prepare(struct roles_anywhere *request, const struct base *base,
                           const struct x509_chain *chain, const struct http_target *target,
                           time_t now)
{
    char hashed[SIGV4_HASH_SIZE];
    int error, length;

    *request = (struct roles_anywhere){.chain = chain};
    request->query = make_query(base);
    request->body = make_body(base);
    if (request->query == NULL || request->body == NULL)
        return ENOMEM;
    error = sigv4_date(now, request->date);
    if (error != 0)
        return error;
    length = snprintf(request->scope, sizeof request->scope, "%.8s/%s/rolesanywhere/aws4_request",
                      request->date, base->region);
    if (length < 0 || (size_t)length >= sizeof request->scope)
        return EOVERFLOW;
    error = hash_request(request, target, hashed);
    if (error != 0)
        return error;
    snprintf(request->to_sign, sizeof request->to_sign, "%s\n%s\n%s\n%s", algorithm(request),
             request->date, request->scope, hashed);
    return 0;
}

void roles_anywhere_free(struct roles_anywhere *request)
{
    free(request->query);
    free(request->body);
    request->query = request->body = NULL;
}

char *roles_anywhere_authorization(const struct roles_anywhere *request,
                                   const unsigned char *signature, size_t length)
{
    char *hex = malloc(2 * length + 1), *header = NULL;

    if (hex == NULL)
        return NULL;
    hex_encode(hex, signature, length);
    if (asprintf(&header, "Authorization: %s Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                 algorithm(request), request->chain->serial, request->scope,
                 signed_headers(request), hex) < 0)
        header = NULL;
    free(hex);
    return header;
}
