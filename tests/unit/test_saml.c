/*
 * Which provider an assertion is handed to STS with.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "secret_setting.h"

#include "helper/saml.h"

#define ROLE     "arn:aws:iam::111122223333:role/bastion/Auditor"
#define OTHER    "arn:aws:iam::111122223333:role/Developer"
#define PROVIDER "arn:aws:iam::111122223333:saml-provider/Idp"
#define WHY_SIZE 1536
#define SECOND   "arn:aws:iam::111122223333:saml-provider/Second"
#define VALUE(text)                                                                                \
    "<saml:AttributeValue xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">" text           \
    "</saml:AttributeValue>"
#define NAMED(name, values) "<saml:Attribute Name=\"" name "\">" values "</saml:Attribute>"
#define ATTRIBUTE(values)   NAMED("https://aws.amazon.com/SAML/Attributes/Role", values)
#define RESPONSE(attributes)                                                                       \
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">"                        \
    "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">"                        \
    "<saml:Subject><saml:NameID>alice</saml:NameID></"                                             \
    "saml:Subject><saml:AttributeStatement>" NAMED(                                                \
        "https://aws.amazon.com/SAML/Attributes/RoleSessionName", VALUE("alice")) attributes       \
        "</saml:AttributeStatement></saml:Assertion></samlp:Response>"

/* Hands over the text as it is. */
static int ask(const char *assertion, char provider[SAML_ARN_SIZE], char why[WHY_SIZE])
{
    struct secret secret;
    int error;

    assert_int_equal(secret_copy(&secret, assertion, strlen(assertion)), 0);
    error = saml_provider(&secret, ROLE, provider, why, WHY_SIZE);
    secret_free(&secret);
    return error;
}

/* Hands over the document in Base64. */
static int ask_of(const char *document, char provider[SAML_ARN_SIZE], char why[WHY_SIZE])
{
    size_t length = strlen(document);
    char *encoded = malloc(length / 3 * 4 + 8);
    int error;

    assert_non_null(encoded);
    EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)document, (int)length);
    error = ask(encoded, provider, why);
    free(encoded);
    return error;
}

static const struct {
    const char *document;
    const char *provider;
} offers[] = {
    {RESPONSE(ATTRIBUTE(VALUE(ROLE "," PROVIDER))), PROVIDER},
    {RESPONSE(ATTRIBUTE(VALUE(PROVIDER "," ROLE))), PROVIDER},
    {RESPONSE(ATTRIBUTE(VALUE("\n   " ROLE " ,\n   " PROVIDER "\n"))), PROVIDER},
    {RESPONSE(ATTRIBUTE(VALUE(OTHER "," SECOND) VALUE(ROLE "," PROVIDER))), PROVIDER},
    {RESPONSE(ATTRIBUTE(VALUE(OTHER "," SECOND)) ATTRIBUTE(VALUE(ROLE "," PROVIDER))), PROVIDER},
    {RESPONSE(ATTRIBUTE(VALUE(ROLE "," PROVIDER) VALUE(ROLE "," SECOND))), PROVIDER},
    {"<Assertion xmlns:saml=\"s\">" ATTRIBUTE(VALUE(ROLE "," PROVIDER)) "</Assertion>", PROVIDER},
    {"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>" RESPONSE(
         ATTRIBUTE(VALUE("<![CDATA[" ROLE "," PROVIDER "]]>"))),
     PROVIDER},
};

static void the_provider_that_offers_the_role_is_found(void **state)
{
    char provider[SAML_ARN_SIZE], why[WHY_SIZE];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof offers / sizeof *offers; i++) {
        assert_int_equal(ask_of(offers[i].document, provider, why), 0);
        assert_string_equal(provider, offers[i].provider);
    }
}

static const struct {
    const char *document;
    const char *words; /* that the reason must hold */
} refusals[] = {
    {RESPONSE(ATTRIBUTE(VALUE(OTHER "," PROVIDER))), "it offers " OTHER},
    {RESPONSE(ATTRIBUTE("")), "no role that can be read"},
    {RESPONSE(""), "no role that can be read"},
    {RESPONSE(NAMED("https://example.com/Role", VALUE(ROLE "," PROVIDER))), "does not offer"},
    {RESPONSE(ATTRIBUTE(VALUE(ROLE))), "does not offer"},
    {RESPONSE(ATTRIBUTE(VALUE(ROLE "," ROLE))), "does not offer"},
    {RESPONSE(ATTRIBUTE(VALUE(ROLE "," PROVIDER "," SECOND))), "does not offer"},
    {RESPONSE(ATTRIBUTE(VALUE(ROLE "x," PROVIDER))), "does not offer"},
    /* A comment must not end a text early. */
    {RESPONSE(ATTRIBUTE(VALUE(ROLE "<!-- -->x," PROVIDER))), "does not offer"},
    {RESPONSE(ATTRIBUTE("<saml:Role>" ROLE "," PROVIDER "</saml:Role>")), "does not offer"},
};

static void an_assertion_without_the_role_is_refused(void **state)
{
    char provider[SAML_ARN_SIZE], why[WHY_SIZE];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        assert_int_equal(ask_of(refusals[i].document, provider, why), ENOENT);
        assert_string_equal(provider, "");
        assert_non_null(strstr(why, ROLE));
        if (strstr(why, refusals[i].words) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", refusals[i].words, why);
    }
}

static const char *const unreadable[] = {
    "",
    "hello",
    "<Response/>",
    "<!DOCTYPE a [<!ENTITY r SYSTEM \"file:///etc/passwd\">]>" RESPONSE(ATTRIBUTE(VALUE("&r;"))),
    "<!DOCTYPE a [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
    "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>" RESPONSE(ATTRIBUTE(VALUE("&c;"))),
    "<Response><Assertion>",
};

static void what_is_no_assertion_is_refused(void **state)
{
    char provider[SAML_ARN_SIZE], why[WHY_SIZE];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        int error = ask_of(unreadable[i], provider, why);

        /* The one that is whole offers nothing. */
        assert_int_equal(error, i == 2 ? ENOENT : EBADMSG);
        assert_string_equal(provider, "");
        assert_null(strstr(why, "root:"));
    }
}

static void what_is_no_base64_is_refused(void **state)
{
    static const char *const texts[] = {
        "PHNhbWw", "PHNhbWw-", "PHNh bWw=", "P===", "====", "PHNhbWw+\n", "=HNh", "PH=hbWw="};
    char provider[SAML_ARN_SIZE], why[WHY_SIZE];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(ask(texts[i], provider, why), EBADMSG);
        assert_string_equal(provider, "");
    }
}

static void a_document_of_many_levels_ends(void **state)
{
    static const size_t levels = 10000;
    char *document = malloc(levels * 3 + 1), provider[SAML_ARN_SIZE], why[WHY_SIZE];
    size_t i;

    (void)state;
    assert_non_null(document);
    for (i = 0; i < levels; i++)
        memcpy(document + 3 * i, "<a>", 4);
    assert_int_equal(ask_of(document, provider, why), EBADMSG);
    free(document);
}

static void what_it_offers_is_escaped_and_bounded(void **state)
{
    static const char one[] = VALUE("arn:aws:iam::111122223333:role/&#x9b;31m," PROVIDER);
    char *document = malloc(sizeof RESPONSE("") + sizeof ATTRIBUTE("") + 200 * sizeof one);
    char provider[SAML_ARN_SIZE], why[WHY_SIZE];
    size_t i;

    (void)state;
    assert_non_null(document);
    strcpy(document, "<R>");
    strcat(document, "<Attribute Name=\"https://aws.amazon.com/SAML/Attributes/Role\""
                     " xmlns:saml=\"s\">");
    for (i = 0; i < 200; i++)
        strcat(document, one);
    strcat(document, "</Attribute></R>");
    assert_int_equal(ask_of(document, provider, why), ENOENT);
    assert_non_null(strstr(why, "\\xc2\\x9b31m"));
    assert_non_null(strstr(why, "and others"));
    free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_provider_that_offers_the_role_is_found),
        cmocka_unit_test(an_assertion_without_the_role_is_refused),
        cmocka_unit_test(what_is_no_assertion_is_refused),
        cmocka_unit_test(what_is_no_base64_is_refused),
        cmocka_unit_test(a_document_of_many_levels_ends),
        cmocka_unit_test(what_it_offers_is_escaped_and_bounded),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
