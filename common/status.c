/*
 * Names and meanings of the outcomes of a request.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/status.h"

#include <string.h>

static const struct {
    const char *name;
    const char *text;
} outcomes[STATUS_COUNT] = {
    [STATUS_PERMITTED] = {"permitted", "permitted"},
    [STATUS_UNMANAGED] = {"unmanaged", "a system user, left alone"},
    [STATUS_NO_GRANT] = {"no-grant", "no grant names this login"},
    [STATUS_DENIED] = {"denied", "denied by the policy"},
    [STATUS_EXPIRED] = {"expired", "every grant that names this login has ended"},
    [STATUS_UNDECIDED] = {"undecided", "decided when the session opens"},
    [STATUS_UNAVAILABLE] = {"unavailable", "something that is needed did not answer"},
    [STATUS_MISCONFIGURED] = {"misconfigured", "the configuration is wrong"},
    [STATUS_UNSUPPORTED] = {"unsupported", "the helper does not know this operation"},
};

const char *status_name(enum status status)
{
    if ((unsigned)status >= STATUS_COUNT)
        status = STATUS_UNAVAILABLE;
    return outcomes[status].name;
}

enum status status_from_name(const char *name)
{
    unsigned status;

    for (status = 0; name != NULL && status < STATUS_COUNT; status++)
        if (strcmp(outcomes[status].name, name) == 0)
            return (enum status)status;
    return STATUS_COUNT;
}

const char *status_text(enum status status)
{
    if ((unsigned)status >= STATUS_COUNT)
        status = STATUS_UNAVAILABLE;
    return outcomes[status].text;
}
