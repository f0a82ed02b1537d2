/*
 * What xacct check found, until all of it is printed in order.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_FINDINGS_H
#define XACCT_XACCT_ADMIN_FINDINGS_H

#include <stddef.h>

#include "policy/arena.h"
#include "policy/lint.h"
#include "xacct/text.h"
#include "xacct_admin/reading.h"

struct finding {
    enum lint_severity severity;
    struct position at;
    const char *text; /* may quote names as they are */
};

/* One that is all zero is empty. Texts and names of files lie in its own memory. */
struct findings {
    struct finding *items;
    size_t count;
    struct arena memory; /* exhausted: something could not be noted */
};

/* Adds one; the arguments are printf's. */
__attribute__((format(printf, 4, 5))) void findings_add(struct findings *findings,
                                                        enum lint_severity severity,
                                                        struct position at, const char *format,
                                                        ...);

/* Puts them in the order of files and lines, each once. */
void findings_sort(struct findings *findings);

size_t findings_count(const struct findings *findings, enum lint_severity severity);

/* Appends FILE:LINE: SEVERITY: TEXT, a line each. */
void findings_add_lines(const struct findings *findings, const struct reading *reading,
                        struct text *text);

/* Appends the JSON that xacct check --help tells of. */
void findings_add_json(const struct findings *findings, const struct reading *reading,
                       struct text *text);

void findings_free(struct findings *findings);

#endif
