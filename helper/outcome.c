/*
 * What a request comes to.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status outcome_set(struct outcome *outcome, enum status status, const char *format, ...)
{
    va_list arguments;

    outcome->status = status;
    va_start(arguments, format);
    vsnprintf(outcome->reason, sizeof outcome->reason, format, arguments);
    va_end(arguments);
    return status;
}

void outcome_note(struct outcome *outcome, const char *format, ...)
{
    size_t used = strlen(outcome->notice), room = sizeof outcome->notice - used;
    char note[OUTCOME_NOTICE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(note, sizeof note, format, arguments);
    va_end(arguments);
    if (strstr(outcome->notice, note) == NULL && strlen(note) + sizeof "; " <= room)
        snprintf(outcome->notice + used, room, "%s%s", used > 0 ? "; " : "", note);
}

void outcome_free(struct outcome *outcome)
{
    credentials_free(&outcome->credentials);
    secret_free(&outcome->url);
    free(outcome->role_arn);
    outcome->role_arn = NULL;
}
