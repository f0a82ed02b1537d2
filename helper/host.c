/*
 * This host, and the policy in force on it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/host.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "helper/hex.h"
#include "policy/load.h"

#define ERRORS_TOLD     3 /* the log's line has an end; the rest is counted */
#define POLICY_FILE_MAX ((size_t)4 * 1024 * 1024) /* 10,000 grants take less than one */

static void read_boot_id(char boot_id[BOOT_ID_SIZE])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, boot_id, BOOT_ID_SIZE - 1) : 0;

    boot_id[length > 0 ? length : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

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
static size_t tell_error(struct host *host, size_t used, const char *config,
                         const struct policy_error *error)
{
    char file[ESCAPE_MAX], text[ESCAPE_MAX], line[16] = "";
    int length;

    escape(file, sizeof file, error->file != NULL ? error->file : config);
    escape(text, sizeof text, error->text);
    if (error->line > 0)
        snprintf(line, sizeof line, ":%u", error->line);
    length = snprintf(host->policy_error + used, sizeof host->policy_error - used, "%s%s%s: %s",
                      used > 0 ? "; " : "", file, line, text);
    used += length > 0 ? (size_t)length : 0;
    return used < sizeof host->policy_error ? used : sizeof host->policy_error - 1;
}

/*
 * Tells what is wrong with the policy: what stands in a line before what is missing from the whole,
 * which is often the same mistake seen again.
 */
static void tell_errors(struct host *host, const char *config, const struct policy_errors *errors)
{
    size_t used = 0, told = 0, i;
    int whole;

    if (errors->count == 0) {
        snprintf(host->policy_error, sizeof host->policy_error, "out of memory reading the policy");
        return;
    }
    for (whole = 0; whole <= 1; whole++)
        for (i = 0; i < errors->count && told < ERRORS_TOLD; i++)
            if ((errors->items[i].line == 0) == whole) {
                used = tell_error(host, used, config, &errors->items[i]);
                told++;
            }
    if (errors->count > told)
        snprintf(host->policy_error + used, sizeof host->policy_error - used, " (and %zu more)",
                 errors->count - told);
}

int host_begin(struct host *host, const char *config)
{
    struct policy_errors errors = {NULL, 0};
    struct trust trust = {.group = getegid(), .largest = POLICY_FILE_MAX};
    int error;

    memset(host, 0, sizeof *host);
    host->lookup.socket = -1;
    host->group = trust.group;
    if (gethostname(host->name, sizeof host->name - 1) != 0)
        strcpy(host->name, "localhost");
    read_boot_id(host->boot_id);
    /* Before the policy, so that the look-up process is forked off while there is little to copy.
     */
    error = lookup_start(&host->lookup);
    if (error != 0)
        return error;
    host->policy = policy_load(config, &trust, &errors);
    if (host->policy != NULL)
        hash_policy(host->policy, host->policy_hash);
    else
        tell_errors(host, config, &errors);
    policy_errors_free(&errors);
    return 0;
}

void host_end(struct host *host)
{
    lookup_stop(&host->lookup);
    policy_free(host->policy);
    host->policy = NULL;
}
