/*
 * libxml2, loaded when it is needed first (helper/library.h). Inside xml.c only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LIBXML_H
#define XACCT_HELPER_LIBXML_H

#include <libxml/parser.h>
#include <libxml/tree.h>

#define LIBXML_SYMBOLS(SYMBOL)                                                                     \
    SYMBOL(CtxtReadMemory)                                                                         \
    SYMBOL(DocGetRootElement)                                                                      \
    SYMBOL(Free)                                                                                   \
    SYMBOL(FreeDoc)                                                                                \
    SYMBOL(FreeParserCtxt)                                                                         \
    SYMBOL(GetNoNsProp)                                                                            \
    SYMBOL(NewParserCtxt)                                                                          \
    SYMBOL(StopParser)

/*
 * A pointer to each function that is used, under its name without `xml`. xmlFree is a variable,
 * which points to the function: its member points to that, and is called by (*libxml.Free)(...).
 */
struct libxml {
#define LIBXML_MEMBER(name) __typeof__ (&xml##name)(name);
    LIBXML_SYMBOLS(LIBXML_MEMBER)
#undef LIBXML_MEMBER
};

/* What stands in it until libxml_load has succeeded must not be called. */
extern struct libxml libxml;

/* Loads libxml2; again changes nothing. Returns 0, or ELIBACC, logged. */
int libxml_load(void);

#endif
