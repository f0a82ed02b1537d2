/*
 * Signing on OpenSSL. What it keeps of the key meanwhile is overwritten when it is freed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/x509_sign.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/escape.h"
#include "helper/secret_file.h"

#define KEY_LARGEST ((size_t)64 * 1024)

/* A pem_password_cb: there is no passphrase, and that one was asked for is noted. */
static int note_question(char *passphrase, int size, int writing, void *asked)
{
    (void)passphrase;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

/* Reads the key and holds it against the certificate. Returns NULL, told in `why`. */
static EVP_PKEY *read_key(const char *path, const struct secret *text,
                          const struct x509_chain *chain, char *why, size_t why_size)
{
    BIO *pem = BIO_new_mem_buf(text->bytes, (int)text->length);
    bool is_encrypted = false;
    EVP_PKEY *key = NULL;
    char shown[ESCAPE_MAX];

    escape(shown, sizeof shown, path);
    if (pem != NULL)
        key = PEM_read_bio_PrivateKey(pem, NULL, note_question, &is_encrypted);
    if (key == NULL)
        snprintf(why, why_size, "%s %s", shown,
                 is_encrypted ? "is encrypted, and nobody is there to type a passphrase: store the "
                                "key without one (openssl pkey -in OLD -out NEW), or in a token"
                              : "holds no private key in PEM (BEGIN PRIVATE KEY)");
    if (key != NULL && X509_check_private_key(chain->certificate, key) != 1) {
        snprintf(why, why_size, "%s is not the key of the certificate", shown);
        EVP_PKEY_free(key);
        key = NULL;
    }
    BIO_free(pem);
    ERR_clear_error();
    return key;
}

int x509_check_key(const char *path, struct trust trust, const struct x509_chain *chain, char *why,
                   size_t why_size)
{
    struct secret text = {0};
    EVP_PKEY *key = NULL;
    int error;

    trust.largest = KEY_LARGEST;
    error = secret_file_read_under(path, &trust, &text, why, why_size);
    if (error == 0)
        key = read_key(path, &text, chain, why, why_size);
    if (error == 0 && key == NULL)
        error = EINVAL;
    EVP_PKEY_free(key);
    secret_free(&text);
    return error;
}

int x509_sign(const char *path, gid_t group, const struct x509_chain *chain, const void *bytes,
              size_t length, unsigned char signature[X509_SIGNATURE_MAX], size_t *signature_length,
              char *why, size_t why_size)
{
    EVP_MD_CTX *context = NULL;
    struct secret text = {0};
    EVP_PKEY *key = NULL;
    int error = secret_file_read(path, group, KEY_LARGEST, &text, why, why_size);

    if (error != 0)
        return error;
    error = EINVAL;
    key = read_key(path, &text, chain, why, why_size);
    if (key == NULL)
        goto done;
    *signature_length = X509_SIGNATURE_MAX;
    context = EVP_MD_CTX_new();
    error = context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                    EVP_DigestSign(context, signature, signature_length, bytes, length) == 1
                ? 0
                : ENOMEM;
    if (error != 0)
        snprintf(why, why_size, "OpenSSL cannot sign with the key");

done:
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    secret_free(&text);
    ERR_clear_error();
    return error;
}
