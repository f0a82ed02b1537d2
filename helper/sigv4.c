/*
 * AWS Signature Version 4. The canonical request is never put together in memory: its pieces go
 * into the digest one after the other, so that no copy of a session token is made.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sigv4.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "helper/hex.h"

#define SHA256_BYTES ((size_t)32)
#define SCOPE_SIZE   ((size_t)160)

/* The SHA-256, in hexadecimal, of texts that end with NULL, one behind the other. */
__attribute__((sentinel)) static int hash_texts(char hex[SIGV4_HASH_SIZE], ...)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const char *text;
    int error = EIO;
    va_list texts;

    va_start(texts, hex);
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        goto done;
    while ((text = va_arg(texts, const char *)) != NULL)
        if (EVP_DigestUpdate(context, text, strlen(text)) != 1)
            goto done;
    if (EVP_DigestFinal_ex(context, digest, NULL) != 1)
        goto done;
    hex_encode(hex, digest, SHA256_BYTES);
    error = 0;
done:
    va_end(texts);
    EVP_MD_CTX_free(context);
    return error;
}

int sigv4_hash(const void *bytes, size_t length, char hex[SIGV4_HASH_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    if (EVP_Q_digest(NULL, "SHA256", NULL, bytes, length, digest, NULL) != 1)
        return EIO;
    hex_encode(hex, digest, SHA256_BYTES);
    return 0;
}

int sigv4_date(time_t instant, char date[SIGV4_DATE_SIZE])
{
    struct tm utc;

    return gmtime_r(&instant, &utc) != NULL &&
                   strftime(date, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &utc) == SIGV4_DATE_SIZE - 1
               ? 0
               : EOVERFLOW;
}

/* HMAC-SHA256 of a text; `mac` may be the key. */
static int hmac(const void *key, size_t key_length, const char *text,
                unsigned char mac[SHA256_BYTES])
{
    unsigned char result[EVP_MAX_MD_SIZE];
    int error = 0;

    if (HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)text, strlen(text), result,
             NULL) == NULL)
        error = EIO;
    else
        memcpy(mac, result, SHA256_BYTES);
    explicit_bzero(result, sizeof result);
    return error;
}

/* The key for one day, region and service, derived from the secret access key. */
static int signing_key(const struct sigv4_request *request, const struct credentials *credentials,
                       const char *day, unsigned char key[SHA256_BYTES])
{
    static const char prefix[] = "AWS4";
    const struct secret *secret = &credentials->secret_access_key;
    struct secret first = {0};
    int error;

    error = secret_new(&first, sizeof prefix - 1 + secret->length);
    if (error != 0)
        return error;
    memcpy(first.bytes, prefix, sizeof prefix - 1);
    if (secret->length > 0)
        memcpy(first.bytes + sizeof prefix - 1, secret->bytes, secret->length);
    error = hmac(first.bytes, first.length, day, key);
    if (error == 0)
        error = hmac(key, SHA256_BYTES, request->region, key);
    if (error == 0)
        error = hmac(key, SHA256_BYTES, request->service, key);
    if (error == 0)
        error = hmac(key, SHA256_BYTES, "aws4_request", key);
    secret_free(&first);
    return error;
}

/* The hash of the canonical request; `signed_headers` becomes the list of what it covers. */
static int hash_request(const struct sigv4_request *request, const char *token, const char *date,
                        const char **signed_headers, char hex[SIGV4_HASH_SIZE])
{
    char body[SIGV4_HASH_SIZE];
    int error = sigv4_hash(request->body, request->body_length, body);

    if (error != 0)
        return error;
    *signed_headers = token == NULL ? "content-type;host;x-amz-date"
                                    : "content-type;host;x-amz-date;x-amz-security-token";
    return hash_texts(hex, "POST\n", request->path, "\n", /* no query */ "\n",
                      "content-type:", request->content_type, "\nhost:", request->host,
                      "\nx-amz-date:", date,
                      token == NULL ? "" : "\nx-amz-security-token:", token == NULL ? "" : token,
                      "\n\n", *signed_headers, "\n", body, (const char *)NULL);
}

int sigv4_sign(const struct sigv4_request *request, const struct credentials *credentials,
               struct sigv4_signature *signature)
{
    char scope[SCOPE_SIZE], canonical[SIGV4_HASH_SIZE], hex[SIGV4_HASH_SIZE];
    char to_sign[sizeof "AWS4-HMAC-SHA256\n" + SIGV4_DATE_SIZE + SCOPE_SIZE + SIGV4_HASH_SIZE];
    const char *token =
        credentials->session_token.length > 0 ? credentials->session_token.bytes : NULL;
    const char *signed_headers;
    unsigned char key[SHA256_BYTES] = {0};
    char day[sizeof "20260102"];
    int error = sigv4_date(request->now, signature->date), length;

    if (error != 0)
        goto done;
    snprintf(day, sizeof day, "%.8s", signature->date);
    error = EOVERFLOW;
    length = snprintf(scope, sizeof scope, "%s/%s/%s/aws4_request", day, request->region,
                      request->service);
    if (length < 0 || (size_t)length >= sizeof scope)
        goto done;
    error = hash_request(request, token, signature->date, &signed_headers, canonical);
    if (error != 0)
        goto done;
    snprintf(to_sign, sizeof to_sign, "AWS4-HMAC-SHA256\n%s\n%s\n%s", signature->date, scope,
             canonical);
    error = signing_key(request, credentials, day, key);
    if (error == 0)
        error = hmac(key, sizeof key, to_sign, key);
    if (error != 0)
        goto done;
    hex_encode(hex, key, sizeof key);
    length = snprintf(signature->authorization, sizeof signature->authorization,
                      "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                      credentials->access_key_id, scope, signed_headers, hex);
    if (length < 0 || (size_t)length >= sizeof signature->authorization)
        error = EOVERFLOW;
done:
    explicit_bzero(key, sizeof key);
    return error;
}
