/*
 * Keeping the last good policy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/last_policy.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/instant.h"
#include "helper/json.h"
#include "helper/own_folder.h"
#include "policy/arena.h"
#include "policy/load.h"

#define KEPT   "last-good.json"
#define BROKEN "policy-broken.json"
/* What the file begins with, so that a few bytes tell whether it is the policy at hand. */
#define HEAD      "{\"version\":1,\"hash\":\"%s\","
#define HEAD_SIZE (sizeof HEAD + POLICY_HASH_SIZE)
/* Of base64 in JSON: 16 files of the largest kind. */
#define KEPT_MAX ((size_t)96 * 1024 * 1024)

static int explain(const char *call, const char *folder, const char *name, int error, char *why,
                   size_t why_size)
{
    snprintf(why, why_size,
             "cannot %s %s/%s: %s (the folder must belong to the helper's user, mode 0700; "
             "tmpfiles makes it)",
             call, folder, name, error == EBADMSG ? "it is damaged" : strerror(error));
    return error;
}

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

/* The policy's files as JSON text, which the caller frees; NULL without memory. */
static char *compose(const struct policy *policy, const char *hash)
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
        text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(object);
    json_decref(files);
    return text;
}

/* Whether what is kept in the folder at `fd` is the policy of this hash, as its first bytes say. */
static bool is_kept(int fd, const char *hash)
{
    char wanted[HEAD_SIZE], head[HEAD_SIZE] = "";

    snprintf(wanted, sizeof wanted, HEAD, hash);
    return own_folder_read_head(fd, KEPT, head, strlen(wanted)) == 0 &&
           strncmp(head, wanted, strlen(wanted)) == 0;
}

int last_policy_keep(const char *folder, const struct policy *policy, const char *hash,
                     bool *written, char *why, size_t why_size)
{
    char *text = NULL;
    int fd = own_folder_open(folder);
    int error = fd < 0 ? errno : 0;

    *written = false;
    if (error == 0 && !is_kept(fd, hash)) {
        text = compose(policy, hash);
        error = text != NULL ? own_folder_write(fd, KEPT, text, true) : ENOMEM;
        *written = error == 0;
        /* Rather none than an older one, which may permit what this one has taken away. */
        if (error != 0)
            unlinkat(fd, KEPT, 0);
    }
    if (error != 0)
        explain("keep the policy in", folder, KEPT, error, why, why_size);
    if (fd >= 0)
        close(fd);
    free(text);
    return error;
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

/* Builds the policy of files. Returns NULL with the first thing that is wrong in `why`. */
static struct policy *parse(const struct policy_file *files, size_t count,
                            const struct trust *trust, struct arena *memory, char *why,
                            size_t why_size)
{
    struct policy_overlay *overlays = arena_alloc(memory, count + 1, sizeof *overlays);
    struct policy_errors errors = {NULL, 0};
    struct policy *policy = NULL;
    size_t i;

    for (i = 0; overlays != NULL && i < count; i++)
        overlays[i] = (struct policy_overlay){
            .path = files[i].path, .bytes = files[i].bytes, .length = files[i].length};
    if (overlays != NULL)
        policy = policy_parse_files(overlays, count, trust, &errors);
    if (policy == NULL)
        snprintf(why, why_size, "the last good policy is good no more for this release: %s",
                 errors.count > 0 ? errors.items[0].text : "out of memory");
    policy_errors_free(&errors);
    return policy;
}

/* Files that were kept, in their own memory. */
struct kept {
    struct policy_file *files; /* the configuration first */
    size_t count;              /* one at least */
    char hash[POLICY_HASH_SIZE];
    struct arena memory;
};

/*
 * Reads what is kept in the folder at `fd`. Returns 0; ENOENT where nothing is; EBADMSG when it is
 * damaged; or another errno. The caller frees kept->memory in any case.
 */
static int read_kept(int fd, struct kept *kept)
{
    char *text = NULL;
    size_t length = 0;
    json_t *object;
    const char *hash;
    int error = own_folder_read_whole(fd, KEPT, KEPT_MAX, &text, &length);

    *kept = (struct kept){.files = NULL};
    if (error != 0)
        return error;
    object = json_loadb(text, length, 0, NULL);
    error = read_files(object, &kept->memory, &kept->files, &kept->count);
    if (error == 0) {
        policy_hash(kept->files, kept->count, kept->hash);
        hash = json_string_value(json_object_get(object, "hash"));
        if (kept->count == 0 || kept->hash[0] == '\0' || hash == NULL ||
            strcmp(hash, kept->hash) != 0)
            error = EBADMSG;
    }
    json_decref(object);
    free(text);
    return error;
}

/* Whether it is a policy of the configuration at this path. */
static bool is_of(const struct kept *kept, const char *config)
{
    return kept->count > 0 && strcmp(kept->files[0].path, config) == 0;
}

int last_policy_renew(const char *folder, const struct policy *policy, const char *hash, char *why,
                      size_t why_size)
{
    struct kept kept = {.files = NULL};
    bool older = false, written;
    struct stat at;
    int fd, error;

    /* No helper of this user reads from a folder that is another's. */
    if (stat(folder, &at) != 0 || at.st_uid != geteuid())
        return 0;
    fd = own_folder_open(folder);
    error = fd < 0 ? errno : 0;
    if (error == 0 && !is_kept(fd, hash)) {
        error = read_kept(fd, &kept);
        /* What is damaged comes into force nowhere. */
        if (error == ENOENT || error == EBADMSG)
            error = 0;
        else
            older = error == 0 && is_of(&kept, policy->files[0].path);
    }
    if (error != 0)
        explain("look for an older policy in", folder, KEPT, error, why, why_size);
    /* Where it can only be removed, that will do. */
    else if (older &&
             (error = last_policy_keep(folder, policy, hash, &written, why, why_size)) != 0 &&
             (unlinkat(fd, KEPT, 0) == 0 || errno == ENOENT))
        error = 0;
    if (fd >= 0)
        close(fd);
    arena_free(&kept.memory);
    return error;
}

struct policy *last_policy_read(const char *folder, const char *config, const struct trust *trust,
                                char hash[POLICY_HASH_SIZE], char *why, size_t why_size)
{
    struct kept kept = {.files = NULL};
    struct policy *policy = NULL;
    int fd = own_folder_open(folder);
    int error = fd < 0 ? errno : read_kept(fd, &kept);

    why[0] = hash[0] = '\0';
    if (error == 0)
        memcpy(hash, kept.hash, sizeof kept.hash);
    if (error == 0 && is_of(&kept, config))
        policy = parse(kept.files, kept.count, trust, &kept.memory, why, why_size);
    else if (error != 0 && error != ENOENT)
        explain("read the last good policy in", folder, KEPT, error, why, why_size);
    arena_free(&kept.memory);
    if (fd >= 0)
        close(fd);
    return policy;
}

/* Reads since when the policy is broken. Returns whether that was written down. */
static bool read_since(int folder, time_t *since)
{
    char *text = NULL;
    size_t length = 0;
    json_t *object = NULL;
    const char *instant = NULL;
    bool found = false;

    if (own_folder_read_whole(folder, BROKEN, OWN_FILE_MAX, &text, &length) == 0)
        object = json_loadb(text, length, 0, NULL);
    if (object != NULL && json_unpack(object, "{ss}", "since", &instant) == 0)
        found = instant_read(instant, since) == 0;
    json_decref(object);
    free(text);
    return found;
}

time_t last_policy_broken_since(const char *folder, time_t now, bool *first)
{
    char text[64], instant[INSTANT_SIZE];
    time_t since = now;
    int fd = own_folder_open(folder);

    *first = false;
    if (fd < 0)
        return now;
    snprintf(text, sizeof text, "{\"version\":1,\"since\":\"%s\"}", instant_text(instant, now));
    *first = own_folder_write(fd, BROKEN, text, false) == 0;
    if (!*first && !read_since(fd, &since))
        since = now;
    close(fd);
    return since;
}

bool last_policy_is_mended(const char *folder)
{
    int fd = own_folder_open(folder);
    bool mended = fd >= 0 && unlinkat(fd, BROKEN, 0) == 0;

    if (fd >= 0)
        close(fd);
    return mended;
}
