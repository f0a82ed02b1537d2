/*
 * What STS answers, read with libxml2.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sts_xml.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/credentials.h"
#include "helper/instant.h"
#include "helper/xml.h"

/* AWS promises no bound; tokens have about a thousand bytes, and this must fit into a reply. */
#define SESSION_TOKEN_MAX ((size_t)32 * 1024)

static const struct {
    const char *response; /* the root element, */
    const char *result;   /* and its child that holds the credentials */
} results[] = {
    {"AssumeRoleResponse", "AssumeRoleResult"},
    {"AssumeRoleWithWebIdentityResponse", "AssumeRoleWithWebIdentityResult"},
    {"AssumeRoleWithSAMLResponse", "AssumeRoleWithSAMLResult"},
};

/* Takes the credentials. Returns NULL, or the name of the first that is missing or illegal. */
static const char *read_credentials(const xmlNode *element, struct credentials *credentials)
{
    char expiration[64] = "";
    struct secret key_id = {0};
    bool key_id_valid;

    key_id_valid = xml_text(xml_child(element, "AccessKeyId"), &key_id) == 0 &&
                   credentials_key_id_valid(key_id.bytes);
    if (key_id_valid)
        memcpy(credentials->access_key_id, key_id.bytes, key_id.length + 1);
    secret_free(&key_id);
    if (!key_id_valid)
        return "AccessKeyId";
    if (xml_text(xml_child(element, "SecretAccessKey"), &credentials->secret_access_key) != 0 ||
        !credentials_secret_valid(&credentials->secret_access_key))
        return "SecretAccessKey";
    if (xml_text(xml_child(element, "SessionToken"), &credentials->session_token) != 0 ||
        credentials->session_token.length > SESSION_TOKEN_MAX ||
        !credentials_secret_valid(&credentials->session_token))
        return "SessionToken";
    xml_plain_text(xml_child(element, "Expiration"), expiration, sizeof expiration);
    if (instant_read(expiration, &credentials->expiration) != 0)
        return "Expiration";
    return NULL;
}

/* The credentials and what goes with them, which are `result` of the response `root`. */
static enum sts_document read_result(const xmlNode *root, const xmlNode *result,
                                     struct sts_assumed *assumed, struct sts_failure *failure)
{
    char packed[8], *end;
    const char *missing;
    long per_cent;

    missing = read_credentials(xml_child(result, "Credentials"), &assumed->credentials);
    if (missing != NULL) {
        credentials_free(&assumed->credentials);
        snprintf(failure->message, sizeof failure->message, "an %s without a usable %s",
                 (const char *)root->name, missing);
        return STS_DOCUMENT_GARBLED;
    }
    xml_plain_text(xml_child(xml_child(result, "AssumedRoleUser"), "Arn"), assumed->arn,
                   sizeof assumed->arn);
    xml_plain_text(xml_child(xml_child(root, "ResponseMetadata"), "RequestId"), assumed->request_id,
                   sizeof assumed->request_id);
    xml_plain_text(xml_child(result, "SourceIdentity"), assumed->credentials.source_identity,
                   sizeof assumed->credentials.source_identity);
    xml_plain_text(xml_child(result, "PackedPolicySize"), packed, sizeof packed);
    per_cent = strtol(packed, &end, 10);
    assumed->packed_policy_size =
        end != packed && *end == '\0' && per_cent >= 0 ? (int)per_cent : -1;
    return STS_DOCUMENT_RESULT;
}

/* `error` is the Error element; the request id stands beside it, or in Ceph's documents inside. */
static enum sts_document read_error(const xmlNode *root, const xmlNode *error,
                                    struct sts_failure *failure)
{
    xml_plain_text(xml_child(error, "Code"), failure->code, sizeof failure->code);
    xml_plain_text(xml_child(error, "Message"), failure->message, sizeof failure->message);
    xml_plain_text(xml_child(root, "RequestId"), failure->request_id, sizeof failure->request_id);
    if (failure->code[0] != '\0')
        return STS_DOCUMENT_ERROR;
    snprintf(failure->message, sizeof failure->message, "an error document without a Code");
    return STS_DOCUMENT_GARBLED;
}

/* Reads a document that is none of the results that are waited for: an error, or neither. */
static enum sts_document read_other(const xmlNode *root, const char *expected,
                                    struct sts_failure *failure)
{
    const char *name = (const char *)root->name;

    if (strcmp(name, "ErrorResponse") == 0)
        return read_error(root, xml_child(root, "Error"), failure);
    if (strcmp(name, "Error") == 0)
        return read_error(root, root, failure);
    snprintf(failure->message, sizeof failure->message,
             "its root element is neither %s nor ErrorResponse", expected);
    return STS_DOCUMENT_GARBLED;
}

enum sts_document sts_xml_read(const char *bytes, size_t length, struct sts_assumed *assumed,
                               struct sts_failure *failure)
{
    enum sts_document kind;
    const char *fault, *name;
    xmlDoc *document = xml_parse(bytes, length, &fault);
    const xmlNode *root;
    size_t i;

    memset(assumed, 0, sizeof *assumed);
    if (document == NULL) {
        snprintf(failure->message, sizeof failure->message, "%s", fault);
        return STS_DOCUMENT_GARBLED;
    }
    root = xml_root(document);
    name = (const char *)root->name;
    for (i = 0; i < sizeof results / sizeof *results; i++)
        if (strcmp(name, results[i].response) == 0)
            break;
    kind = i < sizeof results / sizeof *results
               ? read_result(root, xml_child(root, results[i].result), assumed, failure)
               : read_other(root, "AssumeRoleResponse", failure);
    xml_free(document);
    return kind;
}

enum sts_document sts_xml_read_caller(const char *bytes, size_t length, struct sts_caller *caller,
                                      struct sts_failure *failure)
{
    enum sts_document kind = STS_DOCUMENT_RESULT;
    const xmlNode *root, *result;
    const char *fault;
    xmlDoc *document = xml_parse(bytes, length, &fault);

    memset(caller, 0, sizeof *caller);
    if (document == NULL) {
        snprintf(failure->message, sizeof failure->message, "%s", fault);
        return STS_DOCUMENT_GARBLED;
    }
    root = xml_root(document);
    if (strcmp((const char *)root->name, "GetCallerIdentityResponse") != 0) {
        kind = read_other(root, "GetCallerIdentityResponse", failure);
        goto done;
    }
    result = xml_child(root, "GetCallerIdentityResult");
    xml_plain_text(xml_child(result, "Arn"), caller->arn, sizeof caller->arn);
    xml_plain_text(xml_child(result, "Account"), caller->account, sizeof caller->account);
    xml_plain_text(xml_child(xml_child(root, "ResponseMetadata"), "RequestId"), caller->request_id,
                   sizeof caller->request_id);
    if (caller->arn[0] == '\0') {
        snprintf(failure->message, sizeof failure->message,
                 "a GetCallerIdentityResponse without a usable Arn");
        kind = STS_DOCUMENT_GARBLED;
    }

done:
    xml_free(document);
    return kind;
}
