/*
 * XML from outside, read with libxml2: no network, no DTD and so no entity, bounded size and depth,
 * nothing written to stderr.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_XML_H
#define XACCT_HELPER_XML_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/secret.h"

/*
 * Loads libxml2, which xml_parse does otherwise when it is needed first; again changes nothing.
 * Returns 0, or ELIBACC, logged.
 */
int xml_start(void);

/*
 * Parses `length` bytes. Returns the document, which the caller frees with xml_free; or NULL with a
 * few words in *fault, a constant.
 */
xmlDoc *xml_parse(const char *bytes, size_t length, const char **fault);
void xml_free(xmlDoc *document);

/* The root element of what xml_parse gave; never NULL. */
const xmlNode *xml_root(const xmlDoc *document);

/* The first child element with this name, whatever its namespace, or NULL; also of NULL. */
const xmlNode *xml_child(const xmlNode *parent, const char *name);

/* Whether an element has this attribute, in no namespace, with this value. */
bool xml_attribute_is(const xmlNode *element, const char *name, const char *value);

/*
 * The text of an element without white space around it, straight into secret memory; empty for
 * NULL. Returns 0 and *text, which the caller frees; EINVAL when it holds more than text; ENOMEM.
 */
int xml_text(const xmlNode *element, struct secret *text);

/* The same for what is no secret, cut to `size` bytes; empty when there is none. */
void xml_plain_text(const xmlNode *element, char *out, size_t size);

#endif
