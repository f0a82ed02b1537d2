/*
 * What the doctor asks the helper, as only its user has the credentials: of the service, or where
 * that does not answer of a helper that is started as a login would start it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_DOCTOR_HELPER_H
#define XACCT_XACCT_ADMIN_DOCTOR_HELPER_H

#include "xacct_admin/doctor.h"

/* As in common/wire.h, "examine". Texts must outlive the doctor; NULL is left out. */
struct helper_question {
    const char *base;
    const char *region;
    const char *role;
    bool wrong_external_id;
};

/* What the helper says. Texts are NULL where it does not say them; they lie in doctor->memory. */
struct helper_answer {
    bool is_answered;
    bool is_fine;        /* what was asked for works */
    const char *reason;  /* the whole story; why there is no answer, where there is none */
    bool is_unavailable; /* where not fine: it may pass by itself, such as an error of STS's own */
    const char *code;    /* of a refusal, as STS says it */
    const char *account_id, *arn, *region, *ends, *took_ms, *notice, *policy_hash, *broken_since;
    bool is_ahead_known; /* AWS's clock is known, */
    long ahead;          /* which is so many seconds ahead of this host's */
};

/*
 * Asks, once for equal questions, within DOCTOR_MS for each way. The answer is the doctor's.
 */
const struct helper_answer *doctor_helper_ask(struct doctor *doctor,
                                              const struct helper_question *question);

/* Why the service did not answer, so that a helper was started; NULL where it did, or nobody asked.
 */
const char *doctor_helper_no_service(const struct doctor *doctor);

#endif
