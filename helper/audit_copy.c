/*
 * Lines of the audit file in syslog.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/audit_copy.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "helper/json.h"
#include "helper/syslog_socket.h"

#define LEFT_OUT  "left_out"
#define TEXT_MOST (SYSLOG_LINE_MOST - SYSLOG_HEADING_SIZE)

/* Its lines stand in the file, so none is worth a wait. */
static struct syslog_socket daemon_socket = {
    .program = "xacct-audit", .what = "the audit file", .wait_ms = 0, .fd = -1};

void audit_copy_open(void)
{
    syslog_socket_open(&daemon_socket);
}

/* Takes the longest member out of the line, and notes its name. Returns whether there was one. */
static bool leave_out_longest(json_t *line, json_t *names)
{
    const char *key, *longest = NULL;
    size_t most = 0;
    json_t *value;

    json_object_foreach(line, key, value)
    {
        size_t length = json_dumpb(value, NULL, 0, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

        if (length > most && strcmp(key, LEFT_OUT) != 0) {
            most = length;
            longest = key;
        }
    }
    return longest != NULL && json_array_append_new(names, json_string(longest)) == 0 &&
           json_object_del(line, longest) == 0;
}

/* A line that is too long as text that fits, which the caller frees; NULL without memory. */
static char *shorten(const json_t *line)
{
    json_t *shorter = json_copy((json_t *)line), *names = json_array();
    char *text = NULL;

    do {
        free(text);
        text = NULL;
        if (leave_out_longest(shorter, names) && json_object_set(shorter, LEFT_OUT, names) == 0)
            text = json_as_text(shorter, JSON_COMPACT | JSON_ENSURE_ASCII);
    } while (text != NULL && strlen(text) > TEXT_MOST);
    json_decref(names);
    json_decref(shorter);
    return text;
}

void audit_copy(const json_t *line, const char *text)
{
    const int severity = json_object_get(line, "status") != NULL ? LOG_NOTICE : LOG_INFO;
    const bool fits = strlen(text) <= TEXT_MOST;
    char *shorter = fits ? NULL : shorten(line);

    if (fits || shorter != NULL)
        syslog_socket_send(&daemon_socket, severity, fits ? text : shorter);
    else
        daemon_socket.not_taken++;
    free(shorter);
}
