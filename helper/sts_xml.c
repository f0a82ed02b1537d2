/*
 * What STS answers, read with libxml2.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sts_xml.h"

#include <errno.h>
#include <libxml/parser.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/credentials.h"
#include "helper/instant.h"

/* AWS promises no bound; tokens have about a thousand bytes, and this must fit into a reply. */
#define SESSION_TOKEN_MAX ((size_t)32 * 1024)
#define LARGEST           ((size_t)1024 * 1024) /* bytes; a caller's own limit is lower */

/* The first child element with this name, whatever its namespace, or NULL; also of NULL. */
static const xmlNode *child(const xmlNode *parent, const char *name)
{
    const xmlNode *node = parent != NULL ? parent->children : NULL;

    while (node != NULL &&
           (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, name) != 0))
        node = node->next;
    return node;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * The text of an element without white space around it, straight into secret memory; empty for
 * NULL. Returns 0; EINVAL when it holds more than text; ENOMEM.
 */
static int element_text(const xmlNode *element, struct secret *text)
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

/* The same for what is no secret, cut to `size` bytes; empty when there is none. */
static void plain_text(const xmlNode *element, char *out, size_t size)
{
    struct secret text = {0};

    out[0] = '\0';
    if (element_text(element, &text) == 0)
        snprintf(out, size, "%s", text.bytes);
    secret_free(&text);
}

/* Takes the credentials. Returns NULL, or the name of the first that is missing or illegal. */
static const char *read_credentials(const xmlNode *element, struct credentials *credentials)
{
    char expiration[64] = "";
    struct secret key_id = {0};
    bool key_id_valid;

    key_id_valid = element_text(child(element, "AccessKeyId"), &key_id) == 0 &&
                   credentials_key_id_valid(key_id.bytes);
    if (key_id_valid)
        memcpy(credentials->access_key_id, key_id.bytes, key_id.length + 1);
    secret_free(&key_id);
    if (!key_id_valid)
        return "AccessKeyId";
    if (element_text(child(element, "SecretAccessKey"), &credentials->secret_access_key) != 0 ||
        !credentials_secret_valid(&credentials->secret_access_key))
        return "SecretAccessKey";
    if (element_text(child(element, "SessionToken"), &credentials->session_token) != 0 ||
        credentials->session_token.length > SESSION_TOKEN_MAX ||
        !credentials_secret_valid(&credentials->session_token))
        return "SessionToken";
    plain_text(child(element, "Expiration"), expiration, sizeof expiration);
    if (instant_read(expiration, &credentials->expiration) != 0)
        return "Expiration";
    return NULL;
}

static enum sts_document read_result(const xmlNode *root, struct sts_assumed *assumed,
                                     struct sts_failure *failure)
{
    const xmlNode *result = child(root, "AssumeRoleResult");
    char packed[8], *end;
    const char *missing;
    long per_cent;

    missing = read_credentials(child(result, "Credentials"), &assumed->credentials);
    if (missing != NULL) {
        credentials_free(&assumed->credentials);
        snprintf(failure->message, sizeof failure->message,
                 "an AssumeRoleResponse without a usable %s", missing);
        return STS_DOCUMENT_GARBLED;
    }
    plain_text(child(child(result, "AssumedRoleUser"), "Arn"), assumed->arn, sizeof assumed->arn);
    plain_text(child(child(root, "ResponseMetadata"), "RequestId"), assumed->request_id,
               sizeof assumed->request_id);
    plain_text(child(result, "SourceIdentity"), assumed->source_identity,
               sizeof assumed->source_identity);
    plain_text(child(result, "PackedPolicySize"), packed, sizeof packed);
    per_cent = strtol(packed, &end, 10);
    assumed->packed_policy_size = end != packed && *end == '\0' ? (int)per_cent : -1;
    return STS_DOCUMENT_RESULT;
}

/* `error` is the Error element; the request id stands beside it, or in Ceph's documents inside. */
static enum sts_document read_error(const xmlNode *root, const xmlNode *error,
                                    struct sts_failure *failure)
{
    plain_text(child(error, "Code"), failure->code, sizeof failure->code);
    plain_text(child(error, "Message"), failure->message, sizeof failure->message);
    plain_text(child(root, "RequestId"), failure->request_id, sizeof failure->request_id);
    if (failure->code[0] != '\0')
        return STS_DOCUMENT_ERROR;
    snprintf(failure->message, sizeof failure->message, "an error document without a Code");
    return STS_DOCUMENT_GARBLED;
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
    xmlStopParser(parser);
}

/* SAX serror: without one, libxml2 writes to stderr. */
static void keep_quiet(void *user, xmlError *error)
{
    (void)user;
    (void)error;
}

/* Parses the bytes. Returns the document, or NULL with the reason in failure->message. */
static xmlDoc *parse(const char *bytes, size_t length, struct sts_failure *failure)
{
    int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
    xmlParserCtxt *parser = NULL;
    bool has_doctype = false;
    xmlDoc *document = NULL;
    const char *fault;

    fault = length == 0 ? "the response is empty" : length > LARGEST ? "it is too large" : NULL;
    if (fault == NULL && (parser = xmlNewParserCtxt()) == NULL)
        fault = "no memory is left";
    if (fault != NULL)
        goto done;
    parser->_private = &has_doctype;
    parser->sax->internalSubset = refuse_doctype;
    parser->sax->serror = keep_quiet;
    document = xmlCtxtReadMemory(parser, bytes, (int)length, NULL, NULL, options);
    if (has_doctype)
        fault = "it has a DOCTYPE, which no answer of STS has";
    else if (document == NULL || xmlDocGetRootElement(document) == NULL)
        fault = "it is not XML, or ends too early";
done:
    if (fault != NULL) {
        snprintf(failure->message, sizeof failure->message, "%s", fault);
        xmlFreeDoc(document);
        document = NULL;
    }
    xmlFreeParserCtxt(parser);
    return document;
}

enum sts_document sts_xml_read(const char *bytes, size_t length, struct sts_assumed *assumed,
                               struct sts_failure *failure)
{
    enum sts_document kind = STS_DOCUMENT_GARBLED;
    xmlDoc *document = parse(bytes, length, failure);
    const xmlNode *root;
    const char *name;

    memset(assumed, 0, sizeof *assumed);
    if (document == NULL)
        return STS_DOCUMENT_GARBLED;
    root = xmlDocGetRootElement(document);
    name = (const char *)root->name;
    if (strcmp(name, "AssumeRoleResponse") == 0)
        kind = read_result(root, assumed, failure);
    else if (strcmp(name, "ErrorResponse") == 0)
        kind = read_error(root, child(root, "Error"), failure);
    else if (strcmp(name, "Error") == 0)
        kind = read_error(root, root, failure);
    else
        snprintf(failure->message, sizeof failure->message,
                 "its root element is neither AssumeRoleResponse nor ErrorResponse");
    xmlFreeDoc(document);
    return kind;
}
