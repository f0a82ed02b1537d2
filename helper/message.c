/*
 * The line at login.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/message.h"

#include <stdio.h>
#include <time.h>

#include "common/escape.h"

#define NAMES_SHOWN 8 /* roles by name; the rest is counted, as a line has an end */

/* Writes the names of the permitted roles but `except` to `names`. Returns how many there are. */
static size_t list_roles(const struct decision *decision, const struct role *except, char *names,
                         size_t size)
{
    size_t i, count = 0, used = 0;

    names[0] = '\0';
    for (i = 0; i < decision->role_count; i++) {
        char shown[ESCAPE_MAX];

        if (decision->roles[i].role == except)
            continue;
        if (count++ < NAMES_SHOWN && used < size)
            used += (size_t)snprintf(names + used, size - used, "%s%s", used > 0 ? ", " : "",
                                     escape(shown, sizeof shown, decision->roles[i].role->name));
    }
    if (count > NAMES_SHOWN && used < size)
        snprintf(names + used, size - used, " and %zu more", count - NAMES_SHOWN);
    return count;
}

void message_opened(const struct decision *decision, struct outcome *outcome)
{
    const struct role *role = outcome->role;
    char names[512], name[ESCAPE_MAX], account[ESCAPE_MAX], until[32] = "";
    size_t others = list_roles(decision, role, names, sizeof names);
    struct tm utc;

    if (role == NULL) {
        snprintf(outcome->message, sizeof outcome->message,
                 "xacct: no role was chosen for this session; permitted: %s", names);
        return;
    }
    if (gmtime_r(&outcome->credentials.expiration, &utc) != NULL)
        strftime(until, sizeof until, "%Y-%m-%d %H:%M UTC", &utc);
    snprintf(
        outcome->message, sizeof outcome->message, "xacct: role %s in account %s (%s) until %s%s%s",
        escape(name, sizeof name, role->name), escape(account, sizeof account, role->account->name),
        role->account->id, until, others > 0 ? "; also permitted: " : "", names);
}
