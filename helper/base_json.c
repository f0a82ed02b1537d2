/*
 * Credentials as JSON. The parser's copies of the keys are not locked, but are overwritten when it
 * frees them, as all that is freed here.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/base_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/instant.h"

#define VERSION 1   /* of what a credential process prints */
#define SHOWN   256 /* the most of a Code or a Message that is shown */

/* A document being read, and where its fault is told. */
struct reading {
    json_t *object;
    struct credentials *credentials;
    char *why;
    size_t why_size;
};

/* Which parts a form has, and which of them must be there. */
static const struct {
    const char *token;
    bool complete; /* with token and expiration */
    bool coded;    /* Code says whether it is well */
    bool failing;  /* without keys it may say why */
    bool versioned;
} forms[] = {
    [BASE_JSON_IMDS] = {"Token", true, true, true, false},
    [BASE_JSON_CONTAINER] = {"Token", true, false, true, false},
    [BASE_JSON_PROCESS] = {"SessionToken", false, false, false, true},
};

/* Tells what is wrong. Returns `error`. */
__attribute__((format(printf, 3, 4))) static int fail(const struct reading *reading, int error,
                                                      const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reading->why, reading->why_size, format, arguments);
    va_end(arguments);
    return error;
}

/* The text of a member, or NULL where it is missing, null or empty. Sets *error to EBADMSG, told,
 * where it is something else than text. */
static const char *text_of(const struct reading *reading, const char *key, int *error)
{
    const json_t *value = json_object_get(reading->object, key);
    const char *text = json_string_value(value);

    if (text == NULL && value != NULL && !json_is_null(value))
        *error = fail(reading, EBADMSG, "its %s is not a text", key);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

/* The first of two spellings of a member that holds a text, or NULL. */
static const char *either(const struct reading *reading, const char *key, const char *other)
{
    const char *text = json_string_value(json_object_get(reading->object, key));

    return text != NULL ? text : json_string_value(json_object_get(reading->object, other));
}

/* Whether the object says of itself that it holds no credentials. Returns 0, or EACCES, told. */
static int read_refusal(const struct reading *reading, enum base_json_form form)
{
    const char *code = either(reading, "Code", "code");
    const char *message = either(reading, "Message", "message");
    bool keys = json_object_get(reading->object, "AccessKeyId") != NULL;
    char shown_code[SHOWN], shown_message[SHOWN];

    if (forms[form].coded && code != NULL && strcmp(code, "Success") == 0)
        code = NULL;
    if (!forms[form].failing || (keys && !(forms[form].coded && code != NULL)) ||
        (code == NULL && message == NULL))
        return 0;
    return fail(reading, EACCES, "it holds no credentials but says \"%s\": %s",
                escape(shown_code, sizeof shown_code, code != NULL ? code : ""),
                escape(shown_message, sizeof shown_message, message));
}

static int read_version(const struct reading *reading)
{
    const json_t *version = json_object_get(reading->object, "Version");

    if (json_is_integer(version) && json_integer_value(version) == VERSION)
        return 0;
    return fail(reading, EBADMSG, "its Version is not the number %d", VERSION);
}

static int read_key_id(const struct reading *reading)
{
    int error = 0;
    const char *text = text_of(reading, "AccessKeyId", &error);
    struct credentials *credentials = reading->credentials;

    if (error != 0)
        return error;
    if (text == NULL)
        return fail(reading, EBADMSG, "it has no AccessKeyId");
    if (!credentials_key_id_valid(text))
        return fail(reading, EBADMSG,
                    "its AccessKeyId is not one: at most %zu letters, digits and underscores",
                    ACCESS_KEY_ID_MAX);
    snprintf(credentials->access_key_id, sizeof credentials->access_key_id, "%s", text);
    return 0;
}

/* Reads a secret, which may be missing unless it is `needed`. */
static int read_secret(const struct reading *reading, const char *key, bool needed,
                       struct secret *secret)
{
    int error = 0;
    const char *text = text_of(reading, key, &error);

    if (error != 0)
        return error;
    if (text == NULL)
        return needed ? fail(reading, EBADMSG, "it has no %s", key) : 0;
    if (secret_copy(secret, text, strlen(text)) != 0)
        return fail(reading, ENOMEM, "there is no secret memory left");
    if (!credentials_secret_valid(secret))
        return fail(reading, EBADMSG,
                    "its %s holds a blank, a control character or one outside ASCII", key);
    return 0;
}

static int read_expiration(const struct reading *reading, bool needed)
{
    int error = 0;
    const char *text = text_of(reading, "Expiration", &error);
    char shown[SHOWN];

    if (error != 0)
        return error;
    if (text == NULL)
        return needed ? fail(reading, EBADMSG, "it has no Expiration") : 0;
    if (instant_read(text, &reading->credentials->expiration) != 0)
        return fail(reading, EBADMSG,
                    "its Expiration \"%s\" is not an instant in UTC as 2027-03-31T21:59:59Z",
                    escape(shown, sizeof shown, text));
    return 0;
}

static int read_object(const struct reading *reading, enum base_json_form form)
{
    struct credentials *credentials = reading->credentials;
    int error = read_refusal(reading, form);

    if (error == 0 && forms[form].versioned)
        error = read_version(reading);
    if (error == 0)
        error = read_key_id(reading);
    if (error == 0)
        error = read_secret(reading, "SecretAccessKey", true, &credentials->secret_access_key);
    if (error == 0)
        error = read_secret(reading, forms[form].token, forms[form].complete,
                            &credentials->session_token);
    if (error == 0)
        error = read_expiration(reading, forms[form].complete);
    return error;
}

int base_json_read(enum base_json_form form, const char *text, size_t length,
                   struct credentials *credentials, char *why, size_t why_size)
{
    struct reading reading = {.credentials = credentials, .why = why, .why_size = why_size};
    json_error_t fault;
    int error;

    memset(credentials, 0, sizeof *credentials);
    /* Of the parser's own words only the place is shown: they quote the text. */
    reading.object = json_loadb(text != NULL ? text : "", length, JSON_REJECT_DUPLICATES, &fault);
    if (reading.object == NULL && json_error_code(&fault) == json_error_out_of_memory)
        error = fail(&reading, ENOMEM, "out of memory");
    else if (reading.object == NULL)
        error = fail(&reading, EBADMSG, "it is not JSON, or only a part of it, at byte %d of %zu",
                     fault.position, length);
    else if (!json_is_object(reading.object))
        error = fail(&reading, EBADMSG, "it is JSON, but no object");
    else
        error = read_object(&reading, form);
    json_decref(reading.object);
    explicit_bzero(&fault, sizeof fault);
    if (error != 0)
        credentials_free(credentials);
    return error;
}
