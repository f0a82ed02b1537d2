/*
 * Reading the policy, and noticing that it has changed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/policy_store.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/escape.h"
#include "common/file_stamp.h"
#include "helper/instant.h"
#include "helper/last_policy.h"
#include "helper/log.h"
#include "helper/policy_archive.h"
#include "policy/load.h"

#define ERRORS_TOLD 3 /* the log's line has an end; the rest is counted */
#define NS_PER_S    INT64_C(1000000000)
/* The clock of files goes in steps of at most this: two changes in one step look like one. */
#define CLOCK_STEP_NS (NS_PER_S / 50)
/* A broken policy is read again so often, whatever is seen of its files. */
#define BROKEN_NS NS_PER_S
/* How often a policy is read again whose files change meanwhile: some would be old and some new. */
#define ATTEMPTS 3

struct policy_store {
    const char *config;
    const char *state; /* where the last good policy is kept; NULL: where the policy says */
    gid_t group;
    struct loaded_policy *current;
    struct file_stamp *stamps; /* of the files that the current policy was read from and of their
                                  folder, as they were then */
    int64_t read_at;           /* nanoseconds since 1970, before the first file was opened */
};

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

struct policy_store *policy_store_new(const char *config, const char *state, gid_t group)
{
    struct policy_store *store = calloc(1, sizeof *store);

    if (store != NULL) {
        store->config = config;
        store->state = state;
        store->group = group;
    }
    return store;
}

struct loaded_policy *policy_store_hold_again(struct loaded_policy *loaded)
{
    loaded->holders++;
    return loaded;
}

void policy_store_release(struct loaded_policy *loaded)
{
    if (loaded == NULL || --loaded->holders > 0)
        return;
    if (loaded->last != NULL)
        policy_store_release(loaded->last);
    else
        policy_free(loaded->policy);
    free(loaded);
}

void policy_store_free(struct policy_store *store)
{
    if (store == NULL)
        return;
    policy_store_release(store->current);
    free(store->stamps);
    free(store);
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/*
 * The paths whose stamps are kept: the files of the policy in force, and then the folder of
 * fragments, in which files may come and go; where none is in force the configuration alone.
 */
static size_t stamp_count(const struct policy_store *store)
{
    return store->current->policy != NULL ? store->current->policy->file_count + 1 : 1;
}

static const char *path_of(const struct policy *policy, size_t i)
{
    return i < policy->file_count ? policy->files[i].path : policy->fragments;
}

static const char *stamped_path(const struct policy_store *store, size_t i)
{
    return store->current->policy != NULL ? path_of(store->current->policy, i) : store->config;
}

/* The stamp of one of them from when it was opened. */
static struct file_stamp opened_stamp(const struct policy *policy, size_t i)
{
    return i < policy->file_count ? policy->files[i].stamp : policy->fragments_stamp;
}

/* Whether all files of a policy that was read just now are still those that were opened. */
static bool is_as_read(const struct policy *policy)
{
    size_t i;

    for (i = 0; i <= policy->file_count; i++) {
        const struct file_stamp then = opened_stamp(policy, i);
        const struct file_stamp now = file_stamp_of(path_of(policy, i), false);

        if (!file_stamp_same(&then, &now))
            return false;
    }
    return true;
}

/* Whether the current policy's files are as they were when it was read. */
static bool is_current(const struct policy_store *store)
{
    size_t i;

    if (store->current == NULL || store->stamps == NULL)
        return false;
    if (store->current->error[0] != '\0') {
        int64_t age = now_ns() - store->read_at;

        if (age < 0 || age >= BROKEN_NS)
            return false;
    }
    for (i = 0; i < stamp_count(store); i++) {
        const struct file_stamp stamp = file_stamp_of(stamped_path(store, i), false);

        if (!file_stamp_same(&stamp, &store->stamps[i]) ||
            stamp.changed > store->read_at - CLOCK_STEP_NS)
            return false;
    }
    return true;
}

/*
 * Notes the stamps of a policy that was read just now. A broken one has none to tell: it is read
 * again soon in any case, and until then those of the last good one, which is in force, are looked
 * at. Without memory it is read again next time.
 */
static void take_stamps(struct policy_store *store)
{
    size_t count = stamp_count(store), i;

    free(store->stamps);
    store->stamps = calloc(count, sizeof *store->stamps);
    for (i = 0; store->stamps != NULL && i < count; i++)
        store->stamps[i] = store->current->error[0] == '\0'
                               ? opened_stamp(store->current->policy, i)
                               : file_stamp_of(stamped_path(store, i), false);
}

/* Where the last good policy is kept, `policy` being the one that is in force, or NULL. */
static const char *folder_of(const struct policy_store *store, const struct policy *policy)
{
    if (store->state != NULL)
        return store->state;
    return policy != NULL ? policy->state : POLICY_DEFAULT_STATE;
}

time_t policy_store_in_force_since(const struct policy_store *store,
                                   const struct loaded_policy *loaded)
{
    return last_policy_kept_at(folder_of(store, loaded->policy));
}

/*
 * Puts the policy in the place of older ones where helpers may look that do not know its folder:
 * where it is by default, and where we kept it until now.
 */
static void renew_elsewhere(const struct policy_store *store, const struct loaded_policy *loaded,
                            const char *folder)
{
    const char *const others[] = {
        POLICY_DEFAULT_STATE,
        folder_of(store, store->current != NULL ? store->current->policy : NULL),
    };
    char why[1024];
    size_t i;

    for (i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i], folder) != 0 &&
            last_policy_renew(others[i], loaded->policy, loaded->hash, why, sizeof why) != 0)
            log_error("%s; should the policy break, a helper that is not told of the folder %s "
                      "may go back to what was good before: remove the file",
                      why, folder);
}

/* Keeps a policy that was read just now and is good. */
static void keep(const struct policy_store *store, struct loaded_policy *loaded)
{
    const char *folder = folder_of(store, loaded->policy);
    char why[1024];
    bool written;

    policy_hash(loaded->policy->files, loaded->policy->file_count, loaded->hash);
    if (last_policy_keep(folder, loaded->policy, loaded->hash, &written, why, sizeof why) != 0)
        log_warning("%s; should the policy break, no login gets a role, and what the audit file "
                    "says of its rules cannot be read later",
                    why);
    else if (policy_archive_keep(folder, loaded->policy, loaded->hash, written, why, sizeof why) !=
             0)
        log_warning("%s; what the audit file says of its rules cannot be read later", why);
    renew_elsewhere(store, loaded, folder);
    if (written)
        loaded->news = POLICY_CHANGED;
    if (last_policy_is_mended(folder))
        loaded->news = POLICY_MENDED;
}

/* The last good policy on disk, held by the caller; NULL when there is none. */
static struct loaded_policy *read_last(const struct policy_store *store, const struct trust *trust)
{
    struct loaded_policy *last = calloc(1, sizeof *last);
    char why[1024];

    if (last == NULL)
        return NULL;
    last->holders = 1;
    last->policy =
        last_policy_read(folder_of(store, NULL), store->config, trust, last->hash, why, sizeof why);
    if (last->policy != NULL)
        return last;
    if (why[0] != '\0')
        log_error("%s", why);
    free(last);
    return NULL;
}

/* The last good policy, held by the caller; NULL when there is none. */
static struct loaded_policy *hold_last(const struct policy_store *store, const struct trust *trust)
{
    struct loaded_policy *last = store->current;

    if (last != NULL && last->last != NULL)
        last = last->last;
    if (last == NULL || last->policy == NULL)
        return read_last(store, trust);
    return policy_store_hold_again(last);
}

/* The policy on disk is broken: puts the last good one in its place, and says so. */
static void fall_back(const struct policy_store *store, const struct trust *trust,
                      struct loaded_policy *loaded)
{
    char since[INSTANT_SIZE];
    bool first;

    loaded->last = hold_last(store, trust);
    if (loaded->last != NULL) {
        loaded->policy = loaded->last->policy;
        memcpy(loaded->hash, loaded->last->hash, sizeof loaded->hash);
    }
    loaded->broken_since =
        last_policy_broken_since(folder_of(store, loaded->policy), time(NULL), &first);
    if (first)
        loaded->news = POLICY_BROKEN;
    instant_text(since, loaded->broken_since);
    if (loaded->policy != NULL)
        log_alert("the policy has been broken since %s, and the last good one (hash %s) stays in "
                  "force: %s",
                  since, loaded->hash, loaded->error);
    else
        log_alert("the policy has been broken since %s, with no last good one to go on with, and "
                  "every login is refused with it: %s",
                  since, loaded->error);
}

/*
 * Reads the policy on disk, and again where its files change meanwhile; what changes later still is
 * seen by the next look. Sets *read_at. Returns it, or NULL with the errors.
 */
static struct policy *read_disk(const struct policy_store *store, const struct trust *trust,
                                struct policy_errors *errors, int64_t *read_at)
{
    struct policy *policy;
    int attempt;

    for (attempt = 1;; attempt++) {
        *read_at = now_ns();
        policy = policy_load(store->config, trust, errors);
        if (policy == NULL || attempt == ATTEMPTS || is_as_read(policy))
            return policy;
        policy_free(policy);
        policy_errors_free(errors);
    }
}

/* Loads the policy, and sets *read_at to when. Returns NULL without memory. */
static struct loaded_policy *load(const struct policy_store *store, int64_t *read_at)
{
    const struct trust trust = {.group = store->group, .largest = POLICY_FILE_MAX};
    struct policy_errors errors = {NULL, 0};
    struct loaded_policy *loaded = calloc(1, sizeof *loaded);

    if (loaded == NULL)
        return NULL;
    loaded->holders = 1;
    loaded->policy = read_disk(store, &trust, &errors, read_at);
    if (loaded->policy != NULL) {
        keep(store, loaded);
    } else {
        tell_errors(loaded, store->config, &errors);
        fall_back(store, &trust, loaded);
    }
    policy_errors_free(&errors);
    return loaded;
}

/* What is new with a policy that nobody has been told of is new with the same one, read again. */
static void pass_news_on(struct loaded_policy *before, struct loaded_policy *now)
{
    const bool is_same = strcmp(before->hash, now->hash) == 0 &&
                         (before->error[0] == '\0') == (now->error[0] == '\0');

    if (!is_same || now->news != POLICY_AS_BEFORE)
        return;
    now->news = before->news;
    before->news = POLICY_AS_BEFORE;
}

struct loaded_policy *policy_store_hold(struct policy_store *store)
{
    if (!is_current(store)) {
        int64_t read_at = 0;
        struct loaded_policy *loaded = load(store, &read_at);

        if (loaded == NULL)
            return NULL;
        if (store->current != NULL)
            pass_news_on(store->current, loaded);
        policy_store_release(store->current);
        store->current = loaded;
        store->read_at = read_at;
        take_stamps(store);
    }
    return policy_store_hold_again(store->current);
}
