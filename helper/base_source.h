/*
 * The sources of base credentials, one function each, called by base.c alone. Each asks afresh,
 * once or a bounded number of times within the deadline, and keeps no credentials.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_BASE_SOURCE_H
#define XACCT_HELPER_BASE_SOURCE_H

#include <stddef.h>

#include "common/deadline.h"
#include "common/status.h"
#include "helper/credentials.h"
#include "helper/host.h"

#define BASE_WHY_SIZE ((size_t)2048)

/*
 * Fetches the credentials of `base`, whose source it is. Returns PERMITTED and fills *credentials,
 * which come in empty and the caller frees: whole, not expired, with the expiration and the source
 * identity that the source says. Else MISCONFIGURED (an admin must act) or UNAVAILABLE (it may pass
 * by itself), and they stay empty, with a sentence in `why` that says what happened, where, and
 * what to do; it never holds a secret, what others sent is escaped in it, and it does not name the
 * [base], which the caller does.
 */
typedef enum status base_source_fetch(const struct host *host, const struct base *base,
                                      struct deadline deadline, struct credentials *credentials,
                                      char why[BASE_WHY_SIZE]);

base_source_fetch base_file_fetch;           /* base_file.h */
base_source_fetch base_imds_fetch;           /* EC2's metadata service, by IMDSv2 alone */
base_source_fetch base_container_fetch;      /* ECS, EKS pod identity */
base_source_fetch base_web_identity_fetch;   /* AssumeRoleWithWebIdentity */
base_source_fetch base_roles_anywhere_fetch; /* CreateSession with an X.509 certificate */
base_source_fetch base_process_fetch;        /* credential_process */

/*
 * What it means for a base that a file it names could not be read, with this errno, which is not 0:
 * UNAVAILABLE for ENOMEM and EAGAIN, as memory comes back and an editor finishes; MISCONFIGURED for
 * all else, which stays wrong until somebody mends it.
 */
enum status base_file_status(int error);

#endif
