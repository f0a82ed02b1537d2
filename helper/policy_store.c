/*
 * Reading the policy, and noticing that it has changed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/policy_store.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/escape.h"
#include "helper/hex.h"
#include "policy/load.h"

#define ERRORS_TOLD     3 /* the log's line has an end; the rest is counted */
#define POLICY_FILE_MAX ((size_t)4 * 1024 * 1024) /* 10,000 grants take less than one */
#define NS_PER_S        INT64_C(1000000000)
/* For so long a broken policy whose files are the same stays as it is: what is wrong may be a
 * folder or a file that it never came to. */
#define BROKEN_NS NS_PER_S
/* The clock of files goes in steps of at most this: two changes in one step look like one. */
#define CLOCK_STEP_NS (NS_PER_S / 50)

/* What shows whether a file is still the one that was read. */
struct stamp {
    bool there;
    dev_t device;
    ino_t inode;
    off_t size;
    uid_t owner;
    gid_t group;
    mode_t mode;
    int64_t changed; /* nanoseconds since 1970, by any means */
};

struct policy_store {
    const char *config;
    gid_t group;
    struct loaded_policy *current;
    struct watched *watched; /* the current policy's files; of a broken one the last good one's */
    size_t watched_count;
    int64_t read_at; /* nanoseconds since 1970, before the first file was opened */
};

struct watched {
    char *path;
    struct stamp stamp;
};

/* Hashes one text and its length, so that no two lists of texts are hashed alike. */
static int hash_text(EVP_MD_CTX *hash, const char *text, size_t length)
{
    return EVP_DigestUpdate(hash, &length, sizeof length) == 1 &&
           EVP_DigestUpdate(hash, text, length) == 1;
}

static void hash_policy(const struct policy *policy, char hexadecimal[POLICY_HASH_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    int fine = hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1;
    size_t i;

    for (i = 0; fine && i < policy->file_count; i++) {
        const struct policy_file *file = &policy->files[i];

        fine = hash_text(hash, file->path, strlen(file->path)) &&
               hash_text(hash, file->bytes, file->length);
    }
    if (fine && EVP_DigestFinal_ex(hash, digest, NULL) == 1)
        hex_encode(hexadecimal, digest, (POLICY_HASH_SIZE - 1) / 2);
    EVP_MD_CTX_free(hash);
}

/* Appends one error to the sentence. Returns how many bytes of the sentence are in use. */
static size_t tell_error(struct loaded_policy *loaded, size_t used, const char *config,
                         const struct policy_error *error)
{
    char file[ESCAPE_MAX], text[ESCAPE_MAX], line[16] = "";
    int length;

    escape(file, sizeof file, error->file != NULL ? error->file : config);
    escape(text, sizeof text, error->text);
    if (error->line > 0)
        snprintf(line, sizeof line, ":%u", error->line);
    length = snprintf(loaded->error + used, sizeof loaded->error - used, "%s%s%s: %s",
                      used > 0 ? "; " : "", file, line, text);
    used += length > 0 ? (size_t)length : 0;
    return used < sizeof loaded->error ? used : sizeof loaded->error - 1;
}

/*
 * Tells what is wrong with the policy: what stands in a line before what is missing from the whole,
 * which is often the same mistake seen again.
 */
static void tell_errors(struct loaded_policy *loaded, const char *config,
                        const struct policy_errors *errors)
{
    size_t used = 0, told = 0, i;
    int whole;

    if (errors->count == 0) {
        snprintf(loaded->error, sizeof loaded->error, "out of memory reading the policy");
        return;
    }
    for (whole = 0; whole <= 1; whole++)
        for (i = 0; i < errors->count && told < ERRORS_TOLD; i++)
            if ((errors->items[i].line == 0) == whole) {
                used = tell_error(loaded, used, config, &errors->items[i]);
                told++;
            }
    if (errors->count > told)
        snprintf(loaded->error + used, sizeof loaded->error - used, " (and %zu more)",
                 errors->count - told);
}

struct policy_store *policy_store_new(const char *config, gid_t group)
{
    struct policy_store *store = calloc(1, sizeof *store);

    if (store != NULL) {
        store->config = config;
        store->group = group;
    }
    return store;
}

void policy_store_release(struct loaded_policy *loaded)
{
    if (loaded == NULL || --loaded->holders > 0)
        return;
    policy_store_release(loaded->last);
    policy_free(loaded->policy);
    free(loaded);
}

static void watch_nothing(struct policy_store *store)
{
    while (store->watched_count > 0)
        free(store->watched[--store->watched_count].path);
    free(store->watched);
    store->watched = NULL;
}

void policy_store_free(struct policy_store *store)
{
    if (store == NULL)
        return;
    policy_store_release(store->current);
    watch_nothing(store);
    free(store);
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static struct stamp take_stamp(const char *path)
{
    struct stat file;

    if (lstat(path, &file) != 0)
        return (struct stamp){.there = false};
    return (struct stamp){.there = true,
                          .device = file.st_dev,
                          .inode = file.st_ino,
                          .size = file.st_size,
                          .owner = file.st_uid,
                          .group = file.st_gid,
                          .mode = file.st_mode,
                          .changed = file.st_ctim.tv_sec * NS_PER_S + file.st_ctim.tv_nsec};
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
    return a->there == b->there && a->device == b->device && a->inode == b->inode &&
           a->size == b->size && a->owner == b->owner && a->group == b->group &&
           a->mode == b->mode && a->changed == b->changed;
}

/* Whether the current policy's files are as they were when it was read. */
static bool is_current(const struct policy_store *store)
{
    size_t i;

    if (store->current == NULL || store->watched_count == 0)
        return false;
    if (store->current->policy == NULL) {
        int64_t age = now_ns() - store->read_at;

        if (age < 0 || age >= BROKEN_NS)
            return false;
    }
    for (i = 0; i < store->watched_count; i++) {
        struct stamp stamp = take_stamp(store->watched[i].path);

        if (!same_stamp(&stamp, &store->watched[i].stamp) ||
            stamp.changed > store->read_at - CLOCK_STEP_NS ||
            (!stamp.there && store->current->policy != NULL))
            return false;
    }
    return true;
}

/* Stamps one more file. Returns whether there was memory. */
static bool watch(struct policy_store *store, const char *path)
{
    struct watched *watched = &store->watched[store->watched_count];

    watched->path = strdup(path);
    if (watched->path == NULL)
        return false;
    watched->stamp = take_stamp(path);
    store->watched_count++;
    return true;
}

/*
 * Stamps the files of a policy that was read just now; of a broken one, what the last that was not
 * was read from. Without memory it is read again next time.
 */
static void watch_files(struct policy_store *store)
{
    const struct loaded_policy *known =
        store->current->policy != NULL ? store->current : store->current->last;
    size_t count = known != NULL ? known->policy->file_count : 1, i;
    bool fine;

    watch_nothing(store);
    store->watched = calloc(count, sizeof *store->watched);
    fine = store->watched != NULL;
    for (i = 0; fine && i < count; i++)
        fine = watch(store, known != NULL ? known->policy->files[i].path : store->config);
    if (!fine)
        watch_nothing(store);
}

/* What a broken policy remembers of those before it; the caller is one more who holds it. */
static struct loaded_policy *hold_last(const struct policy_store *store)
{
    struct loaded_policy *last = store->current;

    if (last != NULL && last->policy == NULL)
        last = last->last;
    if (last != NULL)
        last->holders++;
    return last;
}

/* Reads the policy. Returns NULL without memory. */
static struct loaded_policy *load(const struct policy_store *store)
{
    const struct trust trust = {.group = store->group, .largest = POLICY_FILE_MAX};
    struct policy_errors errors = {NULL, 0};
    struct loaded_policy *loaded = calloc(1, sizeof *loaded);

    if (loaded == NULL)
        return NULL;
    loaded->holders = 1;
    loaded->policy = policy_load(store->config, &trust, &errors);
    if (loaded->policy != NULL) {
        hash_policy(loaded->policy, loaded->hash);
    } else {
        loaded->last = hold_last(store);
        tell_errors(loaded, store->config, &errors);
    }
    policy_errors_free(&errors);
    return loaded;
}

struct loaded_policy *policy_store_hold(struct policy_store *store)
{
    if (!is_current(store)) {
        int64_t read_at = now_ns();
        struct loaded_policy *loaded = load(store);

        if (loaded == NULL)
            return NULL;
        policy_store_release(store->current);
        store->current = loaded;
        store->read_at = read_at;
        watch_files(store);
    }
    store->current->holders++;
    return store->current;
}
