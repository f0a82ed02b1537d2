/*
 * Session records on disk.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_record.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/escape.h"
#include "helper/hex.h"
#include "helper/instant.h"
#include "helper/json.h"
#include "helper/write_all.h"
#include "policy/load.h"

#define RECORD_MAX       ((size_t)16 * 1024) /* bytes; four texts of 255 take far less */
#define RECORD_NAME_SIZE (SESSION_ID_SIZE + sizeof ".json.new")

int session_record_id(char id[SESSION_ID_SIZE])
{
    unsigned char random[(SESSION_ID_SIZE - 1) / 2];

    if (getrandom(random, sizeof random, 0) != sizeof random)
        return errno != 0 ? errno : EIO;
    hex_encode(id, random, sizeof random);
    return 0;
}

/* The record as JSON text, which the caller frees; NULL without memory. */
static char *compose(const struct host *host, const struct request *request,
                     const struct identity *identity, const char *id, time_t now)
{
    char opened[INSTANT_SIZE];
    char *text = NULL;
    json_t *record =
        json_pack("{sI ss sI sI sI ss}", "version", (json_int_t)1, "session", id, "uid",
                  (json_int_t)identity->user.uid, "pid", (json_int_t)request->pid, "start_time",
                  (json_int_t)request->start_time, "opened", instant_text(opened, now));

    if (record != NULL && json_set_text(record, "boot_id", host->boot_id) == 0 &&
        json_set_text(record, "host", host->name) == 0 &&
        json_set_text(record, "user", identity->user.name) == 0 &&
        json_set_text(record, "human", identity->human) == 0 &&
        json_set_text(record, "service", request->service) == 0 &&
        json_set_text(record, "address", request->address) == 0 &&
        json_set_text(record, "tty", request->tty) == 0 &&
        json_set_text(record, "reference", request->reference) == 0)
        text = json_dumps(record, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(record);
    return text;
}

static const char *folder_name(const struct host *host)
{
    return host->policy != NULL ? host->policy->sessions : POLICY_DEFAULT_SESSIONS;
}

/* Says that `call` failed with `error` for a file of the folder; returns `error`. */
static int explain(const struct host *host, const char *call, const char *name, int error,
                   char *why, size_t why_size)
{
    snprintf(why, why_size,
             "cannot %s the session record %s/%s: %s (the folder must belong to the helper's user, "
             "mode 0700; tmpfiles makes it)",
             call, folder_name(host), name, strerror(error));
    return error;
}

/*
 * Opens the folder. One that others may write would let them open and end sessions. Returns the
 * descriptor, or -1 with errno.
 */
static int open_folder(const struct host *host)
{
    int fd = open(folder_name(host), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    struct stat folder;

    if (fd < 0)
        return -1;
    if (fstat(fd, &folder) == 0 && folder.st_uid == geteuid() && (folder.st_mode & 07022) == 0)
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

/* Writes a new file whole and gives it its name, so that no reader sees half a record. */
static int write_record(int folder, const char *fresh, const char *name, const char *text)
{
    int fd = openat(folder, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int error;

    if (fd < 0)
        return errno;
    error = write_all(fd, text, strlen(text));
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0 && renameat(folder, fresh, folder, name) != 0)
        error = errno;
    if (error != 0)
        unlinkat(folder, fresh, 0);
    return error;
}

int session_record_open(const struct host *host, const struct request *request,
                        const struct identity *identity, const char *id, time_t now, char *why,
                        size_t why_size)
{
    char fresh[RECORD_NAME_SIZE], name[RECORD_NAME_SIZE];
    char *text = compose(host, request, identity, id, now);
    int folder = open_folder(host);
    int error = 0;

    snprintf(name, sizeof name, "%s.json", id);
    snprintf(fresh, sizeof fresh, "%s.json.new", id);
    if (text == NULL)
        error = ENOMEM;
    else if (folder < 0)
        error = errno;
    else
        error = write_record(folder, fresh, name, text);
    if (error != 0)
        explain(host, "write", name, error, why, why_size);
    if (folder >= 0)
        close(folder);
    free(text);
    return error;
}

/* Reads a record. One that is damaged is as good as empty: the session still ends. */
static void read_record(int folder, const char *name, struct session_record *record)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char text[RECORD_MAX];
    ssize_t length = fd >= 0 ? read(fd, text, sizeof text) : -1;
    json_t *object = length > 0 ? json_loadb(text, (size_t)length, 0, NULL) : NULL;
    const char *user = NULL, *human = NULL, *service = NULL, *address = NULL;

    if (object != NULL && json_unpack(object, "{s?s s?s s?s s?s}", "user", &user, "human", &human,
                                      "service", &service, "address", &address) == 0) {
        record->user = user != NULL ? strdup(user) : NULL;
        record->human = human != NULL ? strdup(human) : NULL;
        record->service = service != NULL ? strdup(service) : NULL;
        record->address = address != NULL ? strdup(address) : NULL;
    }
    json_decref(object);
    if (fd >= 0)
        close(fd);
}

int session_record_close(const struct host *host, const char *id, struct session_record *record,
                         char *why, size_t why_size)
{
    char name[RECORD_NAME_SIZE];
    int folder = open_folder(host);
    int error = folder < 0 ? errno : 0;

    memset(record, 0, sizeof *record);
    snprintf(name, sizeof name, "%s.json", id);
    if (error == 0) {
        read_record(folder, name, record);
        if (unlinkat(folder, name, 0) != 0)
            error = errno;
    }
    if (error != 0)
        explain(host, "remove", name, error, why, why_size);
    if (folder >= 0)
        close(folder);
    return error;
}

void session_record_free(struct session_record *record)
{
    free(record->user);
    free(record->human);
    free(record->service);
    free(record->address);
    memset(record, 0, sizeof *record);
}
