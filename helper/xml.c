/*
 * XML from outside.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/xml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "helper/libxml.h"

#define LARGEST ((size_t)1024 * 1024) /* bytes; a caller's own limit is lower */

const xmlNode *xml_child(const xmlNode *parent, const char *name)
{
    const xmlNode *node = parent != NULL ? parent->children : NULL;

    while (node != NULL &&
           (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, name) != 0))
        node = node->next;
    return node;
}

bool xml_attribute_is(const xmlNode *element, const char *name, const char *value)
{
    xmlChar *found = libxml.GetNoNsProp(element, (const xmlChar *)name);
    bool is = found != NULL && strcmp((const char *)found, value) == 0;

    (*libxml.Free)(found);
    return is;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int xml_text(const xmlNode *element, struct secret *text)
{
    const xmlNode *first = element != NULL ? element->children : NULL, *node;
    struct secret whole = {0};
    size_t length = 0, start = 0;
    int error;

    for (node = first; node != NULL; node = node->next) {
        if (node->type != XML_TEXT_NODE && node->type != XML_CDATA_SECTION_NODE)
            return EINVAL;
        length += strlen((const char *)node->content);
    }
    error = secret_new(&whole, length);
    if (error != 0)
        return error;
    length = 0;
    for (node = first; node != NULL; node = node->next) {
        size_t more = strlen((const char *)node->content);

        memcpy(whole.bytes + length, node->content, more);
        length += more;
    }
    while (length > 0 && is_space(whole.bytes[length - 1]))
        length--;
    while (start < length && is_space(whole.bytes[start]))
        start++;
    error = secret_copy(text, whole.bytes + start, length - start);
    secret_free(&whole);
    return error;
}

void xml_plain_text(const xmlNode *element, char *out, size_t size)
{
    struct secret text = {0};

    out[0] = '\0';
    if (xml_text(element, &text) == 0)
        snprintf(out, size, "%s", text.bytes);
    secret_free(&text);
}

/* SAX internalSubset: a document with a DTD ends here, before an entity of it is looked at. */
static void refuse_doctype(void *user, const xmlChar *name, const xmlChar *public_id,
                           const xmlChar *system_id)
{
    xmlParserCtxt *parser = user;

    (void)name;
    (void)public_id;
    (void)system_id;
    *(bool *)parser->_private = true;
    libxml.StopParser(parser);
}

/* SAX serror: without one, libxml2 writes to stderr. */
static void keep_quiet(void *user, xmlError *error)
{
    (void)user;
    (void)error;
}

int xml_start(void)
{
    return libxml_load();
}

/* Returns what came of reading it, maybe NULL; sets *fault where something is wrong. */
static xmlDoc *read_all(const char *bytes, size_t length, const char **fault)
{
    int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
    xmlParserCtxt *parser = libxml.NewParserCtxt();
    bool has_doctype = false;
    xmlDoc *document;

    if (parser == NULL) {
        *fault = "no memory is left";
        return NULL;
    }
    parser->_private = &has_doctype;
    parser->sax->internalSubset = refuse_doctype;
    parser->sax->serror = keep_quiet;
    document = libxml.CtxtReadMemory(parser, bytes, (int)length, NULL, NULL, options);
    if (has_doctype)
        *fault = "it has a DOCTYPE, which nothing that AWS takes or gives has";
    else if (document == NULL || xml_root(document) == NULL)
        *fault = "it is not XML, ends too early, or is nested too deep";
    libxml.FreeParserCtxt(parser);
    return document;
}

xmlDoc *xml_parse(const char *bytes, size_t length, const char **fault)
{
    xmlDoc *document;

    *fault = length == 0 ? "it is empty" : length > LARGEST ? "it is too large" : NULL;
    if (*fault == NULL && xml_start() != 0)
        *fault = "libxml2 cannot be loaded";
    if (*fault != NULL)
        return NULL;
    document = read_all(bytes, length, fault);
    if (*fault == NULL)
        return document;
    xml_free(document);
    return NULL;
}

void xml_free(xmlDoc *document)
{
    if (document != NULL)
        libxml.FreeDoc(document);
}

const xmlNode *xml_root(const xmlDoc *document)
{
    return libxml.DocGetRootElement(document);
}
