/*
 * What STS answers, read with helper/xml.h. The root element decides what the document is,
 * whatever the HTTP status says; namespaces are not looked at, as AWS's stand-ins and gateways get
 * them wrong.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_STS_XML_H
#define XACCT_HELPER_STS_XML_H

#include <stddef.h>

#include "helper/sts.h"

enum sts_document {
    STS_DOCUMENT_RESULT, /* AssumeRoleResponse or its like, with whole credentials; or the other */
    STS_DOCUMENT_ERROR,  /* ErrorResponse, or Ceph's bare Error */
    STS_DOCUMENT_GARBLED /* anything else; failure->message says what */
};

/*
 * Reads `length` bytes. Fills *assumed for a result (the caller frees its credentials), or code,
 * message and request_id of *failure for an error, or failure->message with why it is neither.
 */
enum sts_document sts_xml_read(const char *bytes, size_t length, struct sts_assumed *assumed,
                               struct sts_failure *failure);

/* The same of GetCallerIdentityResponse. */
enum sts_document sts_xml_read_caller(const char *bytes, size_t length, struct sts_caller *caller,
                                      struct sts_failure *failure);

#endif
