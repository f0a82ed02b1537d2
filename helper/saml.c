/*
 * Which roles a SAML assertion offers.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/saml.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/xml.h"

#define ROLE_ATTRIBUTE "https://aws.amazon.com/SAML/Attributes/Role"
#define BASE64_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
/* Room for both ARNs and white space between them. */
#define PAIR_SIZE (2 * SAML_ARN_SIZE + 64)

/* A search through an assertion, and the ARNs of roles that have been seen on the way, escaped. */
struct search {
    const char *role_arn;
    char *provider; /* of SAML_ARN_SIZE bytes; empty until it is found */
    char offered[512];
    bool cut; /* there were more */
};

/* Decodes the Base64 into secret memory. Returns 0, EBADMSG or ENOMEM. */
static int decode(const struct secret *assertion, struct secret *document)
{
    size_t padding = 0, length = assertion->length;
    int written;

    while (padding < 2 && padding < length && assertion->bytes[length - 1 - padding] == '=')
        padding++;
    if (length == 0 || length % 4 != 0 || strspn(assertion->bytes, BASE64_LETTERS) != length)
        return EBADMSG;
    if (secret_new(document, length / 4 * 3) != 0)
        return ENOMEM;
    written = EVP_DecodeBlock((unsigned char *)document->bytes,
                              (const unsigned char *)assertion->bytes, (int)length);
    if (written < 0) {
        secret_free(document);
        return EBADMSG;
    }
    document->length = (size_t)written - padding;
    return 0;
}

/* The next node in the order of the document, or NULL behind the last. */
static const xmlNode *next_node(const xmlNode *node)
{
    if (node->type == XML_ELEMENT_NODE && node->children != NULL)
        return node->children;
    while (node != NULL && node->next == NULL)
        node = node->parent != NULL && node->parent->type == XML_ELEMENT_NODE ? node->parent : NULL;
    return node != NULL ? node->next : NULL;
}

static bool is_element(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static bool is_role_attribute(const xmlNode *node)
{
    return is_element(node, "Attribute") && xml_attribute_is(node, "Name", ROLE_ATTRIBUTE);
}

/* The text without white space around it, which is cut off at its end. */
static char *trim(char *text)
{
    static const char space[] = " \t\r\n";
    size_t length;

    text += strspn(text, space);
    for (length = strlen(text); length > 0 && strchr(space, text[length - 1]) != NULL; length--)
        text[length - 1] = '\0';
    return text;
}

/* Whether it is one ARN, and of this kind of IAM's. */
static bool is_arn_of(const char *text, const char *kind)
{
    return strncmp(text, "arn:", 4) == 0 && strstr(text, kind) != NULL &&
           strlen(text) < SAML_ARN_SIZE && text[strcspn(text, ", \t\r\n")] == '\0';
}

static void note_offer(struct search *search, const char *role)
{
    char shown[256];
    size_t used = strlen(search->offered), left = sizeof search->offered - used;

    escape(shown, sizeof shown, role);
    if (strlen(shown) + sizeof ", " > left) {
        search->cut = true;
        return;
    }
    snprintf(search->offered + used, left, "%s%s", used > 0 ? ", " : "", shown);
}

/* One value of the attribute: a role and its provider, in either order. */
static void look_at(struct search *search, const xmlNode *value)
{
    char pair[PAIR_SIZE], *first = pair, *second;

    xml_plain_text(value, pair, sizeof pair);
    second = strchr(pair, ',');
    if (second == NULL)
        return;
    *second++ = '\0';
    first = trim(first);
    second = trim(second);
    if (is_arn_of(first, ":saml-provider/")) {
        char *role = second;

        second = first;
        first = role;
    }
    if (!is_arn_of(first, ":role/") || !is_arn_of(second, ":saml-provider/"))
        return;
    note_offer(search, first);
    if (strcmp(first, search->role_arn) == 0 && search->provider[0] == '\0')
        memcpy(search->provider, second, strlen(second) + 1);
}

static void look_through(struct search *search, const xmlNode *root)
{
    const xmlNode *node, *value;

    for (node = root; node != NULL; node = next_node(node)) {
        if (!is_role_attribute(node))
            continue;
        for (value = node->children; value != NULL; value = value->next)
            if (is_element(value, "AttributeValue"))
                look_at(search, value);
    }
}

int saml_provider(const struct secret *assertion, const char *role_arn,
                  char provider[SAML_ARN_SIZE], char *why, size_t why_size)
{
    struct search search = {.role_arn = role_arn, .provider = provider};
    struct secret document = {0};
    int error = decode(assertion, &document);
    const char *fault = "there is no secret memory left";
    char shown[ESCAPE_MAX];
    xmlDoc *tree = NULL;

    provider[0] = '\0';
    if (error == EBADMSG)
        fault = "it is not Base64";
    if (error == 0) {
        tree = xml_parse(document.bytes, document.length, &fault);
        error = tree != NULL ? 0 : EBADMSG;
    }
    secret_free(&document);
    if (error != 0) {
        snprintf(why, why_size, "the SAML assertion cannot be read: %s", fault);
        return error;
    }
    look_through(&search, xml_root(tree));
    xml_free(tree);
    if (provider[0] != '\0')
        return 0;
    snprintf(why, why_size, "the SAML assertion does not offer %s; %s%s%s",
             escape(shown, sizeof shown, role_arn),
             search.offered[0] != '\0' ? "it offers " : "it offers no role that can be read in it",
             search.offered, search.cut ? " and others" : "");
    return ENOENT;
}
