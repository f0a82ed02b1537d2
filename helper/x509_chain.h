/*
 * An X.509 certificate of this host, and the intermediates between it and its authority.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_X509_CHAIN_H
#define XACCT_HELPER_X509_CHAIN_H

#include <openssl/x509.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "common/trusted_file.h"
#include "helper/outside.h"

#define X509_ENDS_SOON_S ((time_t)14 * 24 * 3600) /* before its end an admin is warned */

struct x509_chain {
    X509 *certificate;
    enum outside_key kind; /* of its key */
    char *text;            /* its DER in base64, on one line */
    char *intermediates;   /* theirs, with commas between them; NULL when there are none */
    char *serial;          /* its serial number, decimal */
    time_t from;           /* its validity, both ends included; seconds since 1970 */
    time_t until;
};

/*
 * Reads the PEM file at `path` (absolute): the certificate, then the intermediates. It is no
 * secret, but must be root's or the caller's own, as common/trusted_file.h has it. Returns 0 and
 * fills *chain, which the caller frees; EAGAIN when the file is being written; ENOMEM; or another
 * errno when it must be mended: not to be opened, no certificate, a key that is neither RSA nor EC.
 * Then a sentence in `why` that names the file.
 */
int x509_chain_read(const char *path, gid_t group, struct x509_chain *chain, char *why,
                    size_t why_size);

/*
 * The same under other rules of owner and mode, for a look at a file that the caller does not use;
 * `largest` of the trust is set here.
 */
int x509_chain_read_under(const char *path, struct trust trust, struct x509_chain *chain, char *why,
                          size_t why_size);

/*
 * Whether the certificate, which was read from `path`, is valid at `now`. Returns 0, or EINVAL with
 * a sentence in `why` that names the file and its dates.
 */
int x509_chain_check_dates(const struct x509_chain *chain, const char *path, time_t now, char *why,
                           size_t why_size);

void x509_chain_free(struct x509_chain *chain);

#endif
