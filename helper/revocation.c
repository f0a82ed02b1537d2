/*
 * Noting that a human was revoked: a file HASH.revoked that holds when, in nanoseconds since 1970,
 * as twenty digits. The hash is SHA-256 of the human, whose name may hold anything.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/revocation.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/hex.h"
#include "helper/own_folder.h"
#include "helper/session_files.h"

#define END       ".revoked"
#define HASH      ((size_t)32) /* bytes */
#define NAME_SIZE (2 * HASH + sizeof END)
#define NS_PER_S  INT64_C(1000000000)
#define DIGITS    20

static int64_t ns_of(const struct timespec *instant)
{
    return instant->tv_sec * NS_PER_S + instant->tv_nsec;
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return ns_of(&now);
}

/* The name of the human's file. Returns whether it could be made. */
static bool make_name(const char *human, char name[NAME_SIZE])
{
    unsigned char hash[EVP_MAX_MD_SIZE];

    if (EVP_Digest(human, strlen(human), hash, NULL, EVP_sha256(), NULL) != 1)
        return false;
    hex_encode(name, hash, HASH);
    strcpy(name + 2 * HASH, END);
    return true;
}

/* Removes what says nothing any more. */
static void tidy(int folder)
{
    DIR *names = own_folder_names(folder);
    const time_t oldest = time(NULL) - REVOCATION_SECONDS;
    const struct dirent *entry;
    struct stat file;

    while (names != NULL && (entry = readdir(names)) != NULL) {
        const char *end = strrchr(entry->d_name, '.');

        if (end != NULL && strcmp(end, END) == 0 &&
            fstatat(folder, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
            file.st_mtime < oldest)
            unlinkat(folder, entry->d_name, 0);
    }
    if (names != NULL)
        closedir(names);
}

int revocation_note(const struct host *host, const char *human, char *why, size_t why_size)
{
    int folder = own_folder_open(session_folder(host)), error = folder < 0 ? errno : 0;
    char name[NAME_SIZE] = "", text[DIGITS + 1];

    snprintf(text, sizeof text, "%0*" PRId64, DIGITS, now_ns());
    if (error == 0) {
        tidy(folder);
        error = make_name(human, name) ? own_folder_write(folder, name, text, true) : EIO;
        close(folder);
    }
    return error == 0 ? 0 : session_file_explain(host, "write", name, error, why, why_size);
}

int revocation_since(const struct host *host, const char *human, const struct timespec *begun,
                     bool *revoked, char *why, size_t why_size)
{
    int folder = own_folder_open(session_folder(host)), error = folder < 0 ? errno : 0;
    char name[NAME_SIZE] = "", text[DIGITS + 1] = "";
    int64_t at;

    if (error == 0) {
        error = make_name(human, name) ? own_folder_read_head(folder, name, text, DIGITS) : EIO;
        close(folder);
    }
    *revoked = false;
    if (error == ENOENT && folder >= 0)
        return 0;
    if (error != 0)
        return session_file_explain(host, "read", name, error, why, why_size);
    at = strtoll(text, NULL, 10);
    /* What lies ahead was written before the clock was set back, and no login waits for that. */
    *revoked = at >= ns_of(begun) && at <= now_ns();
    return 0;
}
