/*
 * What the arguments of a pam.d line may be. Without PAM, as xacct doctor reads such lines too.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "pam_xacct/internal.h"

#define TIMEOUT_LOWEST_MS  INT64_C(100)
#define TIMEOUT_HIGHEST_MS INT64_C(60000)
#define TIMEOUT_DEFAULT_MS INT64_C(5000)
#define SOCKET_LONGEST     (sizeof((struct sockaddr_un *)NULL)->sun_path - 1)
#define UID_HIGHEST        INT64_C(4294967294) /* one less is "no uid" */

/* Reads one value into the option at `field`. Returns whether it is good. */
typedef bool read_value(void *field, const char *value);

static bool read_path(void *field, const char *value)
{
    *(const char **)field = value;
    return value[0] == '/';
}

static bool read_socket(void *field, const char *value)
{
    return read_path(field, value) && strlen(value) <= SOCKET_LONGEST;
}

static bool read_name(void *field, const char *value)
{
    *(const char **)field = value;
    return value[0] != '\0';
}

static bool read_number(int64_t *number, const char *value, char **end)
{
    /* strtoll(3) alone would take space and signs as well. */
    if (value[0] < '0' || value[0] > '9')
        return false;
    errno = 0;
    *number = strtoll(value, end, 10);
    return errno == 0;
}

static bool read_uid(void *field, const char *value)
{
    int64_t *uid = field;
    char *end;

    return read_number(uid, value, &end) && *end == '\0' && *uid <= UID_HIGHEST;
}

static bool read_duration(void *field, const char *value)
{
    int64_t *ms = field;
    char *unit;

    if (!read_number(ms, value, &unit) || *ms > TIMEOUT_HIGHEST_MS)
        return false;
    if (strcmp(unit, "s") == 0)
        *ms *= 1000;
    else if (strcmp(unit, "ms") != 0)
        return false;
    return *ms >= TIMEOUT_LOWEST_MS && *ms <= TIMEOUT_HIGHEST_MS;
}

#define FIELD(name) offsetof(struct options, name)

/* Options with a value, by name. */
static const struct {
    const char *name;
    size_t field;
    read_value *read;
    const char *wanted;
} valued[] = {
    {"config", FIELD(config), read_path, "an absolute path"},
    {"helper", FIELD(helper), read_path, "an absolute path"},
    {"minimum_uid", FIELD(minimum_uid), read_uid, "a uid"},
    {"socket", FIELD(socket), read_socket, "an absolute path of at most 107 bytes"},
    {"state", FIELD(state), read_path, "an absolute path"},
    {"timeout", FIELD(timeout_ms), read_duration, "100ms to 60s, such as 5s or 800ms"},
    {"user", FIELD(user), read_name, "a user in /etc/passwd"},
};

/* Options that are set by standing there. */
static const struct {
    const char *name;
    size_t field;
} flags[] = {
    {"debug", FIELD(debug)},
    {"quiet", FIELD(quiet)},
    {"require_role", FIELD(require_role)},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

void options_begin(struct options *options)
{
    *options = (struct options){.helper = XACCT_LIBEXECDIR "/xacct-helper",
                                .timeout_ms = TIMEOUT_DEFAULT_MS,
                                .minimum_uid = 1000};
}

const char *options_take(struct options *options, const char *argument)
{
    size_t i, length = strcspn(argument, "=");

    for (i = 0; i < COUNT(flags); i++) {
        if (strcmp(argument, flags[i].name) == 0) {
            *(bool *)((char *)options + flags[i].field) = true;
            return NULL;
        }
    }
    for (i = 0; i < COUNT(valued); i++) {
        if (argument[length] != '=' || strlen(valued[i].name) != length ||
            strncmp(argument, valued[i].name, length) != 0)
            continue;
        if (valued[i].read((char *)options + valued[i].field, argument + length + 1))
            return NULL;
        return valued[i].wanted;
    }
    return "config= helper= minimum_uid= socket= state= timeout= user= debug quiet require_role";
}

void options_complete(struct options *options, bool valid)
{
    /* A service has a policy and a user of its own, which need not be those of this line. */
    if (options->socket == NULL && options->config == NULL && options->user == NULL)
        options->socket = "/run/xacct/socket";
    if (options->config == NULL)
        options->config = XACCT_SYSCONFDIR "/xacct/xacct.conf";
    if (options->user == NULL)
        options->user = "xacct";
    /* A value that was refused may have left its field out of bounds. */
    if (!valid)
        options->timeout_ms = TIMEOUT_DEFAULT_MS;
}
