/*
 * The answers of CreateSession. The parser's copies of the keys are overwritten when it frees them,
 * as all that is freed here.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/instant.h"
#include "helper/roles_anywhere.h"

/* Says what is wrong with a part. Returns EBADMSG. */
static int fail(char *why, size_t why_size, const char *what)
{
    snprintf(why, why_size, "%s", what);
    return EBADMSG;
}

/* A member that is a text, or "". */
static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* Copies a key or a token. Returns 0, EBADMSG where it is none, or ENOMEM. */
static int take_secret(const json_t *keys, const char *name, struct secret *secret)
{
    const char *text = text_of(keys, name);
    int error = secret_copy(secret, text, strlen(text));

    return error != 0 ? error : credentials_secret_valid(secret) ? 0 : EBADMSG;
}

static int take_keys(const json_t *keys, struct credentials *credentials, char *why,
                     size_t why_size)
{
    const char *key_id = text_of(keys, "accessKeyId");
    int error;

    if (!credentials_key_id_valid(key_id))
        return fail(why, why_size, "its accessKeyId is missing, or none");
    snprintf(credentials->access_key_id, sizeof credentials->access_key_id, "%s", key_id);
    if (instant_read(text_of(keys, "expiration"), &credentials->expiration) != 0)
        return fail(why, why_size, "its expiration is missing, or not an instant in UTC");
    error = take_secret(keys, "secretAccessKey", &credentials->secret_access_key);
    if (error == 0)
        error = take_secret(keys, "sessionToken", &credentials->session_token);
    if (error == ENOMEM)
        snprintf(why, why_size, "there is no secret memory left");
    else if (error != 0)
        fail(why, why_size,
             "its secretAccessKey or sessionToken is missing, or holds what it may "
             "not");
    return error;
}

/* Takes the source identity that the session has. A longer one than there can be is no answer. */
static int take_source_identity(const json_t *set, struct credentials *credentials, char *why,
                                size_t why_size)
{
    const char *identity = text_of(set, "sourceIdentity");

    if (strlen(identity) > SOURCE_IDENTITY_MAX)
        return fail(why, why_size, "its sourceIdentity is too long");
    strcpy(credentials->source_identity, identity);
    return 0;
}

int roles_anywhere_read(const char *text, size_t length, struct credentials *credentials, char *why,
                        size_t why_size)
{
    json_t *answer = json_loadb(text != NULL ? text : "", length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *set = json_array_get(json_object_get(answer, "credentialSet"), 0);
    const json_t *keys = json_object_get(set, "credentials");
    int error;

    memset(credentials, 0, sizeof *credentials);
    if (answer == NULL)
        error = fail(why, why_size, "it is not JSON, or only a part of it");
    else if (keys == NULL)
        error = fail(why, why_size, "it is JSON without a credentialSet that holds credentials");
    else
        error = take_keys(keys, credentials, why, why_size);
    if (error == 0)
        error = take_source_identity(set, credentials, why, why_size);
    json_decref(answer);
    if (error != 0)
        credentials_free(credentials);
    return error;
}

void roles_anywhere_read_error(const char *text, size_t length, char *message, size_t size)
{
    json_t *answer = json_loadb(text != NULL ? text : "", length, 0, NULL);
    const char *said = text_of(answer, "message");

    escape(message, size, *said != '\0' ? said : text_of(answer, "Message"));
    json_decref(answer);
}
