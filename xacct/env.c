/*
 * xacct env and xacct drop: text for a shell to evaluate.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "common/wire.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/options.h"
#include "xacct/role_text.h"

/* The purpose that was named, WIRE_PURPOSE_ENV without one; NULL after a complaint. */
static const char *find_purpose(const struct invocation *invocation)
{
    static const char *const purposes[] = {WIRE_PURPOSE_ENV, WIRE_PURPOSE_RENEW,
                                           WIRE_PURPOSE_SWITCH};
    const char *named = invocation->value[OPTION_PURPOSE];
    char shown[ESCAPE_MAX];
    size_t i;

    if (named == NULL)
        return WIRE_PURPOSE_ENV;
    for (i = 0; i < sizeof purposes / sizeof purposes[0]; i++)
        if (strcmp(purposes[i], named) == 0)
            return purposes[i];
    complain("env: --purpose %s: use switch, renew or env", escape(shown, sizeof shown, named));
    return NULL;
}

int command_env(const struct invocation *invocation)
{
    const struct dialect *dialect = role_text_dialect(invocation, false);
    const char *purpose = dialect != NULL ? find_purpose(invocation) : NULL;
    const char *role = purpose != NULL ? options_role(invocation) : NULL;

    if (role == NULL)
        return invocation->command->usage_status;
    return role_text_print(invocation, dialect, role, purpose);
}

int command_drop(const struct invocation *invocation)
{
    const struct dialect *dialect = role_text_dialect(invocation, true);
    struct text text = TEXT_EMPTY;
    int status;

    if (dialect == NULL)
        return invocation->command->usage_status;
    if (isatty(STDOUT_FILENO)) {
        complain("drop changes the shell that evaluates what it prints, and here none does: %s, or "
                 "use eval \"$(xacct drop)\"",
                 role_text_how_to_load());
        return EXIT_REFUSED;
    }
    shell_text_unset(dialect, &text);
    status = text_print(&text);
    text_free(&text);
    return status;
}
