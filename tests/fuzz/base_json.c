/*
 * Credentials as JSON, from metadata services, credential processes and Roles Anywhere:
 * helper/base_json.h, helper/metadata.h, helper/roles_anywhere.h. The first line names the form.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/status.h"
#include "helper/metadata.h"
#include "helper/roles_anywhere.h"
#include "tests/fuzz/secrets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    open_secrets();
    return 0;
}

/* No message holds the value of a key, unless it is also what may be shown. */
static void look_for_key(const char *why, const json_t *object, const char *key)
{
    static const char *const shown[] = {"Code", "code", "Message", "message", "Expiration"};
    const char *value = json_string_value(json_object_get(object, key));
    size_t i;

    if (value == NULL || strlen(value) < 8 || strstr(why, value) == NULL)
        return;
    for (i = 0; i < sizeof shown / sizeof *shown; i++) {
        const char *other = json_string_value(json_object_get(object, shown[i]));

        if (other != NULL && strstr(other, value) != NULL)
            return;
    }
    /* What we say ourselves has letters as well. */
    PROMISE(value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")] == '\0');
}

static void look_at_failure(const char *why, const struct fuzz_input *input)
{
    static const char *const keys[] = {"SecretAccessKey", "Token", "SessionToken"};
    json_t *object = json_loadb((const char *)input->bytes, input->length, 0, NULL);
    size_t i;

    PROMISE(why[0] != '\0' && fuzz_is_printable(why));
    for (i = 0; i < sizeof keys / sizeof *keys; i++)
        look_for_key(why, object, keys[i]);
    json_decref(object);
}

static void read_form(enum base_json_form form, const struct fuzz_input *input)
{
    static struct http_response response;
    struct credentials credentials;
    char why[BASE_WHY_SIZE] = "";
    int error = base_json_read(form, (const char *)input->bytes, input->length, &credentials, why,
                               sizeof why);

    PROMISE(error == 0 || error == EACCES || error == EBADMSG);
    look_at_credentials(&credentials, error == 0, form != BASE_JSON_PROCESS);
    PROMISE(error != 0 || credentials.expiration != 0 || form == BASE_JSON_PROCESS);
    if (error != 0)
        look_at_failure(why, input);
    else
        fuzz_accept();
    credentials_free(&credentials);
    if (form == BASE_JSON_PROCESS)
        return;
    response = (struct http_response){.outcome = HTTP_ANSWERED, .status = 200};
    fuzz_need(secret_copy(&response.body, input->bytes, input->length) == 0, "secret_copy");
    if (metadata_credentials(form, "http://169.254.169.254/x", &response, &credentials, why) !=
        STATUS_PERMITTED) {
        look_at_failure(why, input);
        look_at_credentials(&credentials, false, false);
    }
    credentials_free(&credentials);
    secret_free(&response.body);
}

static void read_roles_anywhere(const struct fuzz_input *input)
{
    struct credentials credentials;
    char why[BASE_WHY_SIZE] = "", message[256];
    int error = roles_anywhere_read((const char *)input->bytes, input->length, &credentials, why,
                                    sizeof why);

    PROMISE(error == 0 || error == EBADMSG);
    look_at_credentials(&credentials, error == 0, true);
    PROMISE(error == 0 || (why[0] != '\0' && fuzz_is_printable(why)));
    credentials_free(&credentials);
    roles_anywhere_read_error((const char *)input->bytes, input->length, message, sizeof message);
    PROMISE(fuzz_is_printable(message));
    if (error == 0)
        fuzz_accept();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    char *form = fuzz_take_text(&input, "\n");

    if (strcmp(form, "imds") == 0)
        read_form(BASE_JSON_IMDS, &input);
    else if (strcmp(form, "container") == 0)
        read_form(BASE_JSON_CONTAINER, &input);
    else if (strcmp(form, "process") == 0)
        read_form(BASE_JSON_PROCESS, &input);
    else if (strcmp(form, "roles-anywhere") == 0)
        read_roles_anywhere(&input);
    free(form);
    return 0;
}
