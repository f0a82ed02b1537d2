/*
 * What xacct doctor found, as text, as JSON and for syslog.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_DOCTOR_REPORT_H
#define XACCT_XACCT_ADMIN_DOCTOR_REPORT_H

#include "xacct/text.h"
#include "xacct_admin/doctor.h"

/* Appends the findings from number `from` on, a line each: EXAMINATION: RESULT: [FILE:LINE:] WHAT;
 * REMEDY. */
void doctor_report_add_lines(const struct doctor *doctor, size_t from, struct text *text);

/* Appends the JSON that xacct doctor --help tells of. */
void doctor_report_add_json(const struct doctor *doctor, struct text *text);

/* Sends warnings, faults and what cannot be told from number `from` on to syslog(3), facility
 * authpriv: a fault as LOG_ALERT, the others as LOG_WARNING. */
void doctor_report_log(const struct doctor *doctor, size_t from);

/* How many findings there are of a result. */
size_t doctor_report_count(const struct doctor *doctor, enum doctor_result result);

#endif
