/*
 * Credentials as text for a shell.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/role_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "xacct/assume.h"
#include "xacct/complain.h"
#include "xacct/options.h"

const struct dialect *role_text_dialect(const struct invocation *invocation, bool shells_only)
{
    const char *name = invocation->value[OPTION_SHELL];
    const struct dialect *dialect = dialect_find(name);
    char shown[ESCAPE_MAX];

    if (dialect != NULL && (!shells_only || dialect_is_shell(dialect)))
        return dialect;
    complain("%s: --shell %s: use %s", invocation->command->name, escape(shown, sizeof shown, name),
             shells_only ? "sh or fish, as nothing else takes variables away"
                         : "sh, fish, json or dotenv");
    return NULL;
}

/* Tells a person what the service says of what was done, if anything. */
static void tell(const struct frame *reply)
{
    const char *message = frame_get(reply, WIRE_MESSAGE);
    char shown[ESCAPE_MAX];

    if (message != NULL && isatty(STDERR_FILENO))
        fprintf(stderr, "%s\n", escape_sentence(shown, sizeof shown, message));
}

int role_text_print(const struct invocation *invocation, const struct dialect *dialect,
                    const char *role, const char *purpose)
{
    struct text text = TEXT_EMPTY;
    struct client client;
    char why[256];
    int64_t min_life;
    int status = EXIT_REFUSED;

    client_init(&client, invocation->socket);
    if (!options_min_life(invocation, &min_life)) {
        status = invocation->command->usage_status;
        goto done;
    }
    if (!assume(&client, invocation, role, purpose, min_life))
        goto done;
    shell_text_unset(dialect, &text);
    if (!shell_text_set(dialect, &client.reply, &text, why, sizeof why))
        complain("%s", why);
    else
        status = text_print(&text);
    if (status == EXIT_FINE)
        tell(&client.reply);

done:
    text_free(&text);
    client_close(&client);
    return status;
}

const char *role_text_how_to_load(void)
{
    static const struct {
        const char *shell, *how;
    } ways[] = {
        {"fish", "put `xacct init fish | source` into ~/.config/fish/config.fish"},
        {"zsh", "put `eval \"$(xacct init zsh)\"` into ~/.zshrc"},
        {"bash", "put `eval \"$(xacct init bash)\"` into ~/.bashrc"},
    };
    const char *shell = getenv("SHELL");
    const char *slash = shell != NULL ? strrchr(shell, '/') : NULL;
    size_t i;

    for (i = 0; slash != NULL && i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(slash + 1, ways[i].shell) == 0)
            return ways[i].how;
    return "see xacct init --help";
}
