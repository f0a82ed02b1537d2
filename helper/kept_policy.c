/*
 * The form of kept policies.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/kept_policy.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/json.h"
#include "helper/own_folder.h"
#include "policy/arena.h"

/* What the file begins with, so that a few bytes tell whose it is. */
#define HEAD      "{\"version\":1,\"hash\":\"%s\","
#define HEAD_SIZE (sizeof HEAD + POLICY_HASH_SIZE)

/* The bytes of a file as base64 text; NULL without memory. */
static json_t *encode(const struct policy_file *file)
{
    unsigned char *text = malloc(4 * (file->length / 3 + 1) + 1);
    json_t *value = NULL;

    if (text != NULL &&
        EVP_EncodeBlock(text, (const unsigned char *)file->bytes, (int)file->length) >= 0)
        value = json_string((const char *)text);
    free(text);
    return value;
}

/* Turns what encode made into bytes with a NUL behind them. Returns whether it could be. */
static bool decode(const json_t *value, struct arena *memory, struct policy_file *file)
{
    const char *text = json_string_value(value);
    size_t length = text != NULL ? json_string_length(value) : 1, padding = 0;
    unsigned char *bytes;

    if (length % 4 != 0)
        return false;
    bytes = arena_alloc(memory, length / 4 * 3 + 1, 1);
    if (bytes == NULL || (length > 0 && EVP_DecodeBlock(bytes, (const unsigned char *)text,
                                                        (int)length) != (int)(length / 4 * 3)))
        return false;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    file->bytes = (char *)bytes;
    file->length = length / 4 * 3 - padding;
    bytes[file->length] = '\0';
    return true;
}

char *kept_policy_text(const struct policy *policy, const char *hash)
{
    json_t *files = json_array();
    json_t *object = json_pack("{si ss sO?}", "version", 1, "hash", hash, "files", files);
    char *text = NULL;
    size_t i;

    for (i = 0; object != NULL && i < policy->file_count; i++) {
        json_t *file = json_object();
        int error = json_array_append_new(files, file);

        if (error == 0)
            error = json_set_exact(file, "path", policy->files[i].path);
        if (error == 0)
            error = json_object_set_new(file, "bytes", encode(&policy->files[i]));
        if (error != 0)
            break;
    }
    if (object != NULL && i == policy->file_count)
        text = json_as_text(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(object);
    json_decref(files);
    return text;
}

bool kept_policy_is(int folder, const char *name, const char *hash)
{
    char wanted[HEAD_SIZE], head[HEAD_SIZE] = "";

    snprintf(wanted, sizeof wanted, HEAD, hash);
    return own_folder_read_head(folder, name, head, strlen(wanted)) == 0 &&
           strncmp(head, wanted, strlen(wanted)) == 0;
}

/* Reads the list of files. Returns 0, EBADMSG or ENOMEM. */
static int read_files(const json_t *object, struct arena *memory, struct policy_file **files,
                      size_t *count)
{
    const json_t *list = json_object_get(object, "files");
    size_t i;

    *count = json_array_size(list);
    *files = arena_alloc(memory, *count + 1, sizeof **files);
    if (*files == NULL)
        return ENOMEM;
    for (i = 0; i < *count; i++) {
        const json_t *file = json_array_get(list, i);
        char *path = NULL;
        int error = json_exact(file, "path", &path);

        if (error == 0 && path == NULL)
            error = EBADMSG;
        if (error == 0)
            (*files)[i].path = arena_text(memory, path, strlen(path));
        free(path);
        if (error == 0 && !decode(json_object_get(file, "bytes"), memory, &(*files)[i]))
            error = EBADMSG;
        if (memory->exhausted)
            error = ENOMEM;
        if (error != 0)
            return error;
    }
    return 0;
}

int kept_policy_read(const char *text, size_t length, struct kept_policy *kept)
{
    json_t *object = json_loadb(text, length, 0, NULL);
    const char *hash;
    int error;

    *kept = (struct kept_policy){.files = NULL};
    error = read_files(object, &kept->memory, &kept->files, &kept->count);
    if (error == 0) {
        policy_hash(kept->files, kept->count, kept->hash);
        hash = json_string_value(json_object_get(object, "hash"));
        if (kept->count == 0 || kept->hash[0] == '\0' || hash == NULL ||
            strcmp(hash, kept->hash) != 0)
            error = EBADMSG;
    }
    json_decref(object);
    return error;
}

struct policy *kept_policy_build(struct kept_policy *kept, const struct trust *trust,
                                 struct policy_errors *errors)
{
    struct policy_overlay *overlays = arena_alloc(&kept->memory, kept->count + 1, sizeof *overlays);
    size_t i;

    *errors = (struct policy_errors){NULL, 0};
    if (overlays == NULL)
        return NULL;
    for (i = 0; i < kept->count; i++)
        overlays[i] = (struct policy_overlay){.path = kept->files[i].path,
                                              .bytes = kept->files[i].bytes,
                                              .length = kept->files[i].length};
    return policy_parse_files(overlays, kept->count, trust, errors);
}

void kept_policy_free(struct kept_policy *kept)
{
    arena_free(&kept->memory);
    *kept = (struct kept_policy){.files = NULL};
}
