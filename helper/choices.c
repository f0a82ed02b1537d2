/*
 * Saved choices of roles.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/choices.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/hex.h"
#include "helper/json.h"
#include "helper/log.h"
#include "helper/own_folder.h"

#define CHOICE_VERSION   1
#define DIGEST_SIZE      ((size_t)32) /* of SHA-256 */
#define CHOICE_NAME_SIZE (sizeof "choice-.json" + 2 * DIGEST_SIZE)

/* The name of a human's file: of one length and harmless, whatever the human is called. Returns 0
 * or ENOMEM. */
static int name_choice(char name[CHOICE_NAME_SIZE], const char *human)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hexadecimal[2 * DIGEST_SIZE + 1];

    if (EVP_Digest(human, strlen(human), digest, NULL, EVP_sha256(), NULL) != 1)
        return ENOMEM;
    hex_encode(hexadecimal, digest, DIGEST_SIZE);
    snprintf(name, CHOICE_NAME_SIZE, "choice-%s.json", hexadecimal);
    return 0;
}

/* The role in a choice of `human`, which the caller frees. Returns 0; EBADMSG; ENOMEM. */
static int read_role(const char *text, size_t length, const char *human, char **role)
{
    json_t *object = json_loadb(text, length, 0, NULL);
    char *whose = NULL;
    int error = EBADMSG;

    *role = NULL;
    if (object == NULL || json_integer_value(json_object_get(object, "version")) != CHOICE_VERSION)
        goto done;
    error = json_exact(object, "human", &whose);
    if (error == 0)
        error =
            whose != NULL && strcmp(whose, human) == 0 ? json_exact(object, "role", role) : EBADMSG;
    if (error == 0 && *role == NULL)
        error = EBADMSG;

done:
    free(whose);
    json_decref(object);
    return error;
}

char *choice_read(const struct host *host, const char *human)
{
    char name[CHOICE_NAME_SIZE] = "choice-*.json";
    char *text = NULL, *role = NULL;
    size_t length = 0;
    int folder = own_folder_open(host_state_folder(host));
    int error = folder < 0 ? errno : name_choice(name, human);

    if (error == 0)
        error = own_folder_read(folder, name, OWN_FILE_MAX, &text, &length);
    if (error == 0)
        error = read_role(text, length, human, &role);
    if (error != 0 && error != ENOENT)
        log_warning_seldom(
            "the saved choice of a role in %s/%s counts as none: %s (the folder must belong to the "
            "helper's user, mode 0700; `xacct default ROLE` writes the file anew)",
            host_state_folder(host), name,
            error == EBADMSG ? "it is damaged or another human's" : strerror(error));
    if (folder >= 0)
        close(folder);
    free(text);
    return role;
}

/* The choice as JSON text, which the caller frees; NULL without memory. */
static char *compose(const char *human, const char *role)
{
    json_t *object = json_pack("{si}", "version", CHOICE_VERSION);
    char *text = NULL;

    if (object != NULL && json_set_exact(object, "human", human) == 0 &&
        json_set_exact(object, "role", role) == 0)
        text = json_as_text(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(object);
    return text;
}

int choice_write(const struct host *host, const char *human, const char *role, char *why,
                 size_t why_size)
{
    char name[CHOICE_NAME_SIZE] = "choice-*.json";
    char *text = role != NULL ? compose(human, role) : NULL;
    int folder = own_folder_open(host_state_folder(host));
    int error = folder < 0 ? errno : name_choice(name, human);

    if (error == 0 && role != NULL && text == NULL)
        error = ENOMEM;
    if (error == 0 && role != NULL)
        error = own_folder_write(folder, name, text, true);
    else if (error == 0 && unlinkat(folder, name, 0) != 0 && errno != ENOENT)
        error = errno;
    if (error == 0)
        own_folder_tidy(folder);
    else
        snprintf(why, why_size,
                 "cannot %s the choice of a role in %s/%s: %s (the folder must belong to the "
                 "helper's user, mode 0700; tmpfiles makes it)",
                 role != NULL ? "keep" : "forget", host_state_folder(host), name, strerror(error));
    if (folder >= 0)
        close(folder);
    free(text);
    return error;
}
