/*
 * What STS answers, and what an admin is told of it: helper/xml.h, helper/sts_xml.h,
 * helper/sts_explain.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sts_xml.h"
#include "helper/sts_explain.h"
#include "helper/xml.h"
#include "tests/fuzz/secrets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    open_secrets();
    fuzz_need(xml_start() == 0, "xml_start");
    return 0;
}

/* Whatever is read has no DTD, and so no entity. */
static void look_for_dtd(const uint8_t *bytes, size_t length)
{
    const char *fault = NULL;
    xmlDoc *document = xml_parse((const char *)bytes, length, &fault);

    if (document == NULL) {
        PROMISE(fault != NULL && fuzz_is_printable(fault));
        return;
    }
    PROMISE(xml_root(document) != NULL);
    PROMISE(document->intSubset == NULL && document->extSubset == NULL);
    xml_free(document);
}

static void look_at_failure(struct sts_failure *failure)
{
    static const enum sts_action actions[] = {STS_ASSUME_ROLE, STS_WITH_WEB_IDENTITY,
                                              STS_WITH_SAML};
    static const long statuses[] = {0, 200, 400, 503};
    struct sts_circumstances circumstances = {.endpoint = "https://sts.eu-west-1.amazonaws.com",
                                              .region = "eu-west-1",
                                              .role_arn =
                                                  "arn:aws:iam::111122223333:role/bastion/Auditor",
                                              .signer = "base",
                                              .access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                              .local = 1795608000,
                                              .server = 1795600000};
    size_t i, j;

    for (i = 0; i < sizeof actions / sizeof *actions; i++)
        for (j = 0; j < sizeof statuses / sizeof *statuses; j++) {
            circumstances.action = actions[i];
            failure->http_status = statuses[j];
            failure->kind = failure->code[0] != '\0'
                                ? sts_classify(failure->code, failure->message, statuses[j])
                                : STS_GARBLED;
            PROMISE(failure->kind < STS_KIND_COUNT);
            sts_explain(&circumstances, failure);
            PROMISE(failure->text[0] != '\0' && fuzz_is_printable(failure->text));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct sts_assumed assumed;
    static struct sts_failure failure;
    enum sts_document kind;

    look_for_dtd(bytes, length);
    memset(&failure, 0, sizeof failure);
    kind = sts_xml_read((const char *)bytes, length, &assumed, &failure);
    look_at_credentials(&assumed.credentials, kind == STS_DOCUMENT_RESULT, true);
    if (kind == STS_DOCUMENT_RESULT) {
        PROMISE(assumed.packed_policy_size >= -1);
        PROMISE(strlen(assumed.arn) < sizeof assumed.arn);
    } else {
        PROMISE(failure.message[0] != '\0' || kind == STS_DOCUMENT_ERROR);
        PROMISE((kind == STS_DOCUMENT_ERROR) == (failure.code[0] != '\0'));
        look_at_failure(&failure);
    }
    credentials_free(&assumed.credentials);
    if (kind != STS_DOCUMENT_GARBLED)
        fuzz_accept();
    return 0;
}
