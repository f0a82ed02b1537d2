/*
 * Certificates from PEM, on OpenSSL.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/x509_chain.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "helper/instant.h"

#define FILE_LARGEST      ((size_t)64 * 1024)
#define INTERMEDIATES_MAX 5 /* what AWS takes: Roles Anywhere User Guide, "Signing process" */

/* Where a failure is told. */
struct reading {
    char path[ESCAPE_MAX];
    char *why;
    size_t why_size;
};

static int fail(const struct reading *reading, int error, const char *what)
{
    snprintf(reading->why, reading->why_size, "%s %s", reading->path, what);
    return error;
}

/* The certificate's DER in base64, to be freed; NULL without memory. */
static char *base64_of(X509 *certificate)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    char *text = length > 0 ? malloc((size_t)length / 3 * 4 + 5) : NULL;

    if (text != NULL)
        EVP_EncodeBlock((unsigned char *)text, der, length);
    OPENSSL_free(der);
    return text;
}

static char *decimal_serial_of(const X509 *certificate)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *digits = number != NULL ? BN_bn2dec(number) : NULL;
    char *serial = digits != NULL ? strdup(digits) : NULL;

    OPENSSL_free(digits);
    BN_free(number);
    return serial;
}

/* Sets what there is to know of the certificate itself. */
static int describe(const struct reading *reading, struct x509_chain *chain)
{
    const EVP_PKEY *key = X509_get0_pubkey(chain->certificate);
    int kind = key != NULL ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
    struct tm from, until;

    if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC)
        return fail(reading, EINVAL,
                    "holds a certificate whose key is neither RSA nor EC, which Roles Anywhere "
                    "wants");
    chain->kind = kind == EVP_PKEY_EC ? OUTSIDE_KEY_EC : OUTSIDE_KEY_RSA;
    if (ASN1_TIME_to_tm(X509_get0_notBefore(chain->certificate), &from) != 1 ||
        ASN1_TIME_to_tm(X509_get0_notAfter(chain->certificate), &until) != 1)
        return fail(reading, EINVAL, "holds a certificate whose validity cannot be read");
    chain->from = timegm(&from);
    chain->until = timegm(&until);
    chain->text = base64_of(chain->certificate);
    chain->serial = decimal_serial_of(chain->certificate);
    return chain->text != NULL && chain->serial != NULL
               ? 0
               : fail(reading, ENOMEM, "cannot be read: no memory is left");
}

/* Puts an intermediate behind those that there are. */
static int add_intermediate(const struct reading *reading, struct x509_chain *chain,
                            X509 *intermediate)
{
    char *text = base64_of(intermediate), *all = NULL;
    int error = 0;

    if (text == NULL ||
        asprintf(&all, "%s%s%s", chain->intermediates != NULL ? chain->intermediates : "",
                 chain->intermediates != NULL ? "," : "", text) < 0)
        error = fail(reading, ENOMEM, "cannot be read: no memory is left");
    free(text);
    if (error != 0)
        return error;
    free(chain->intermediates);
    chain->intermediates = all;
    return 0;
}

/* Takes all certificates out of the PEM. */
static int take_certificates(const struct reading *reading, BIO *pem, struct x509_chain *chain)
{
    X509 *next;
    int count = 0, error = 0;

    chain->certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL);
    if (chain->certificate == NULL)
        return fail(reading, EINVAL, "holds no certificate in PEM (BEGIN CERTIFICATE)");
    error = describe(reading, chain);
    while (error == 0 && (next = PEM_read_bio_X509(pem, NULL, NULL, NULL)) != NULL) {
        error =
            ++count <= INTERMEDIATES_MAX
                ? add_intermediate(reading, chain, next)
                : fail(reading, EINVAL, "holds more than five intermediates; AWS takes no more");
        X509_free(next);
    }
    if (error == 0 && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        error = fail(reading, EINVAL, "holds a certificate behind the first that is damaged");
    ERR_clear_error();
    return error;
}

/* Reads the file. Returns 0 and *text, which the caller frees, or an errno, told. */
static int read_file(const struct reading *reading, const char *path, const struct trust *trust,
                     char **text, size_t *length)
{
    int fd = trusted_open(path, trust, length, reading->why, reading->why_size), error;

    if (fd < 0)
        return errno;
    *text = malloc(*length + 1);
    error = *text != NULL ? trusted_read(fd, *text, *length) : ENOMEM;
    close(fd);
    return error == 0        ? 0
           : error == EAGAIN ? fail(reading, error, "was changed meanwhile")
                             : fail(reading, error, "cannot be read");
}

int x509_chain_read_under(const char *path, struct trust trust, struct x509_chain *chain, char *why,
                          size_t why_size)
{
    struct reading reading = {.why = why, .why_size = why_size};
    char *text = NULL;
    size_t length = 0;
    BIO *pem = NULL;
    int error;

    memset(chain, 0, sizeof *chain);
    escape(reading.path, sizeof reading.path, path);
    trust.largest = FILE_LARGEST;
    error = read_file(&reading, path, &trust, &text, &length);
    if (error == 0 && (pem = BIO_new_mem_buf(text, (int)length)) == NULL)
        error = fail(&reading, ENOMEM, "cannot be read: no memory is left");
    if (error == 0)
        error = take_certificates(&reading, pem, chain);
    BIO_free(pem);
    free(text);
    if (error != 0)
        x509_chain_free(chain);
    return error;
}

int x509_chain_read(const char *path, gid_t group, struct x509_chain *chain, char *why,
                    size_t why_size)
{
    const struct trust trust = {.group = group, .public = true, .own_is_fine = true};

    return x509_chain_read_under(path, trust, chain, why, why_size);
}

int x509_chain_check_dates(const struct x509_chain *chain, const char *path, time_t now, char *why,
                           size_t why_size)
{
    char from[INSTANT_SIZE], until[INSTANT_SIZE], shown[ESCAPE_MAX];

    if (now >= chain->from && now <= chain->until)
        return 0;
    snprintf(why, why_size,
             "%.512s is valid from %s to %s, and not now: renew it, or correct this host's clock",
             escape(shown, sizeof shown, path), instant_text(from, chain->from),
             instant_text(until, chain->until));
    return EINVAL;
}

void x509_chain_free(struct x509_chain *chain)
{
    X509_free(chain->certificate);
    free(chain->text);
    free(chain->intermediates);
    free(chain->serial);
    memset(chain, 0, sizeof *chain);
}
