/*
 * Credentials as JSON.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "secret_setting.h"

#include "helper/base_json.h"

#define KEYS  "\"AccessKeyId\":\"ASIAEXAMPLE\",\"SecretAccessKey\":\"se/cr+et=\""
#define ENDS  "\"Expiration\":\"2027-03-31T21:59:59Z\""
#define WHOLE KEYS ",\"Token\":\"to+ken==\"," ENDS

static struct credentials credentials;
static char why[1024];

static int read_text(enum base_json_form form, const char *text)
{
    memset(why, 0, sizeof why);
    return base_json_read(form, text, strlen(text), &credentials, why, sizeof why);
}

static void each_form_is_read(void **state)
{
    (void)state;
    assert_int_equal(read_text(BASE_JSON_IMDS, "{\"Code\":\"Success\"," WHOLE "}"), 0);
    assert_string_equal(credentials.access_key_id, "ASIAEXAMPLE");
    assert_string_equal(credentials.secret_access_key.bytes, "se/cr+et=");
    assert_string_equal(credentials.session_token.bytes, "to+ken==");
    assert_int_equal(credentials.expiration, 1806530399);
    credentials_free(&credentials);
    assert_int_equal(read_text(BASE_JSON_CONTAINER, "{\"RoleArn\":null," WHOLE "}"), 0);
    credentials_free(&credentials);
    assert_int_equal(
        read_text(BASE_JSON_PROCESS, "{\"Version\":1," KEYS ",\"SessionToken\":\"t\"," ENDS "}"),
        0);
    assert_string_equal(credentials.session_token.bytes, "t");
    assert_int_equal(credentials.expiration, 1806530399);
    credentials_free(&credentials);
}

static void a_process_may_print_a_key_that_does_not_end(void **state)
{
    static const char *const texts[] = {
        "{\"Version\":1," KEYS "}",
        "{\"Version\":1," KEYS ",\"SessionToken\":\"\",\"Expiration\":\"\"}",
        "{\"Version\":1," KEYS ",\"SessionToken\":null,\"Expiration\":null}\n",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(read_text(BASE_JSON_PROCESS, texts[i]), 0);
        assert_int_equal(credentials.session_token.length, 0);
        assert_int_equal(credentials.expiration, 0);
        credentials_free(&credentials);
    }
}

/* What is refused, how, and a part of the reason. */
static const struct {
    enum base_json_form form;
    const char *text;
    int error;
    const char *words;
} refused[] = {
    {BASE_JSON_IMDS, "", EBADMSG, "not JSON"},
    {BASE_JSON_IMDS, "[]", EBADMSG, "no object"},
    {BASE_JSON_IMDS, "\"" WHOLE, EBADMSG, "not JSON"},
    {BASE_JSON_IMDS, "{" WHOLE "} and more", EBADMSG, "not JSON"},
    {BASE_JSON_IMDS, "{" WHOLE, EBADMSG, "only a part"},
    {BASE_JSON_IMDS, "{" KEYS "," WHOLE "}", EBADMSG, "not JSON"},
    {BASE_JSON_IMDS, "{" KEYS "," ENDS "}", EBADMSG, "no Token"},
    {BASE_JSON_IMDS, "{" KEYS ",\"Token\":\"t\"}", EBADMSG, "no Expiration"},
    {BASE_JSON_IMDS, "{\"Code\":\"Failed\"}", EACCES, "\"Failed\""},
    {BASE_JSON_IMDS, "{\"Code\":\"Failed\"," WHOLE "}", EACCES, "\"Failed\""},
    {BASE_JSON_IMDS, "{\"Code\":\"Success\"}", EBADMSG, "no AccessKeyId"},
    {BASE_JSON_CONTAINER, "{\"code\":\"Bad\",\"message\":\"a\\nb\"}", EACCES, "\"Bad\": a\\x0ab"},
    {BASE_JSON_CONTAINER, "{\"message\":\"none here\"}", EACCES, "none here"},
    {BASE_JSON_CONTAINER, "{" KEYS ",\"Token\":\"a b\"," ENDS "}", EBADMSG, "Token holds a blank"},
    {BASE_JSON_CONTAINER, "{" KEYS ",\"Token\":\"a\\u0000b\"," ENDS "}", EBADMSG, "not JSON"},
    {BASE_JSON_PROCESS, "{" KEYS "}", EBADMSG, "Version"},
    {BASE_JSON_PROCESS, "{\"Version\":\"1\"," KEYS "}", EBADMSG, "Version"},
    {BASE_JSON_PROCESS, "{\"Version\":2," KEYS "}", EBADMSG, "Version"},
    {BASE_JSON_PROCESS, "{\"Version\":1," KEYS ",\"Expiration\":\"2027-03-31 21:59\"}", EBADMSG,
     "not an instant"},
    {BASE_JSON_PROCESS, "{\"Version\":1," KEYS ",\"Expiration\":1806530399}", EBADMSG,
     "Expiration is not a text"},
};

static void what_is_not_whole_and_legal_is_refused_with_its_reason(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(read_text(refused[i].form, refused[i].text), refused[i].error);
        if (strstr(why, refused[i].words) == NULL)
            fail_msg("\"%s\" is not in: %s", refused[i].words, why);
        assert_null(strstr(why, "se/cr"));
        assert_null(strstr(why, "to+ken"));
        assert_string_equal(credentials.access_key_id, "");
        assert_null(credentials.secret_access_key.bytes);
        assert_null(credentials.session_token.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_read),
        cmocka_unit_test(a_process_may_print_a_key_that_does_not_end),
        cmocka_unit_test(what_is_not_whole_and_legal_is_refused_with_its_reason),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
