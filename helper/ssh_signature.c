/*
 * Verifying by OpenSSL, whose keys are made of their numbers here.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/ssh_signature.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

/* Makes the key of what stands behind its type. NULL where OpenSSL takes it for none. */
typedef EVP_PKEY *make_key(struct ssh_bytes body);

/* Brings the bytes of a signature into OpenSSL's form. Returns how long it is, or 0. The caller
 * frees *made, which is NULL where the bytes are that form. */
typedef size_t make_signature(struct ssh_bytes bytes, const EVP_PKEY *key, unsigned char **made);

static EVP_PKEY *make_from_params(const char *kind, OSSL_PARAM_BLD *build)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY *key = NULL;

    if (context == NULL || parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    OSSL_PARAM_free(parameters);
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *make_ed25519(struct ssh_bytes body)
{
    struct ssh_bytes point;

    if (!ssh_take_string(&body, &point))
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point.bytes, point.length);
}

static EVP_PKEY *make_ecdsa(struct ssh_bytes body)
{
    static const struct {
        const char *curve;
        const char *group; /* OpenSSL's name */
    } curves[] = {{"nistp256", "P-256"}, {"nistp384", "P-384"}, {"nistp521", "P-521"}};
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    struct ssh_bytes curve, point;
    const char *group = NULL;
    EVP_PKEY *key = NULL;
    size_t i;

    if (build == NULL || !ssh_take_string(&body, &curve) || !ssh_take_string(&body, &point))
        goto done;
    for (i = 0; i < sizeof curves / sizeof curves[0]; i++)
        if (ssh_is_text(curve, curves[i].curve))
            group = curves[i].group;
    if (group != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.bytes,
                                         point.length) == 1)
        key = make_from_params("EC", build);

done:
    OSSL_PARAM_BLD_free(build);
    return key;
}

static BIGNUM *number_of(struct ssh_bytes *rest)
{
    struct ssh_bytes number;

    return ssh_take_number(rest, &number) ? BN_bin2bn(number.bytes, (int)number.length, NULL)
                                          : NULL;
}

static EVP_PKEY *make_rsa(struct ssh_bytes body)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *exponent = number_of(&body), *modulus = number_of(&body);
    EVP_PKEY *key = NULL;

    if (build != NULL && exponent != NULL && modulus != NULL &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
        key = make_from_params("RSA", build);
    BN_free(exponent);
    BN_free(modulus);
    OSSL_PARAM_BLD_free(build);
    return key;
}

static size_t signature_as_it_is(struct ssh_bytes bytes, const EVP_PKEY *key, unsigned char **made)
{
    *made = NULL;
    /* Of one length alone: shorter ones, padded by sshd(8), are nothing that signers make. */
    return bytes.length == (size_t)EVP_PKEY_get_size(key) ? bytes.length : 0;
}

/* Two numbers, which OpenSSL wants in DER. */
static size_t signature_of_numbers(struct ssh_bytes bytes, const EVP_PKEY *key,
                                   unsigned char **made)
{
    BIGNUM *r = number_of(&bytes), *s = number_of(&bytes);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    int length = 0;

    (void)key;
    *made = NULL;
    if (bytes.length == 0 && pair != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL;
        length = i2d_ECDSA_SIG(pair, made);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return length > 0 ? (size_t)length : 0;
}

/* Which algorithms each type of key may sign by. SHA-1, "ssh-rsa", is forgeable by now. */
static const struct algorithm {
    const char *key;
    const char *name;
    const char *digest; /* NULL where it is part of the algorithm */
    make_key *make_key;
    make_signature *make_signature;
} algorithms[] = {
    {"ssh-ed25519", "ssh-ed25519", NULL, make_ed25519, signature_as_it_is},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "SHA256", make_ecdsa, signature_of_numbers},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", "SHA384", make_ecdsa, signature_of_numbers},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", "SHA512", make_ecdsa, signature_of_numbers},
    {"ssh-rsa", "rsa-sha2-256", "SHA256", make_rsa, signature_as_it_is},
    {"ssh-rsa", "rsa-sha2-512", "SHA512", make_rsa, signature_as_it_is},
};

static bool verify(const struct algorithm *algorithm, EVP_PKEY *key, const unsigned char *signature,
                   size_t length, struct ssh_bytes text)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good =
        context != NULL &&
        EVP_DigestVerifyInit_ex(context, NULL, algorithm->digest, NULL, NULL, key, NULL) == 1 &&
        EVP_DigestVerify(context, signature, length, text.bytes, text.length) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

const char *ssh_signature_fault(struct ssh_bytes key, struct ssh_bytes signature,
                                struct ssh_bytes text)
{
    const struct algorithm *algorithm = NULL;
    const char *fault = "its signature is not that of its authority";
    struct ssh_bytes type, name, bytes;
    unsigned char *made = NULL;
    EVP_PKEY *public_key = NULL;
    size_t length, i;

    if (!ssh_take_string(&key, &type) || !ssh_take_string(&signature, &name) ||
        !ssh_take_string(&signature, &bytes) || signature.length != 0)
        return "its signature is garbled";
    for (i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
        if (ssh_is_text(type, algorithms[i].key) && ssh_is_text(name, algorithms[i].name))
            algorithm = &algorithms[i];
    if (algorithm == NULL)
        return "its signature is of an algorithm that its authority's key may not sign by (RSA "
               "keys sign by rsa-sha2-256 or rsa-sha2-512: ssh-keygen -t)";
    public_key = algorithm->make_key(key);
    if (public_key == NULL)
        return "its authority's key is none that OpenSSL takes";
    length = algorithm->make_signature(bytes, public_key, &made);
    if (length > 0 &&
        verify(algorithm, public_key, made != NULL ? made : bytes.bytes, length, text))
        fault = NULL;
    OPENSSL_free(made);
    EVP_PKEY_free(public_key);
    return fault;
}
