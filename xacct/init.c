/*
 * xacct init: the shell integrations, which are a part of the program.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/own_profiles.h"
#include "xacct/shell_text.h"
#include "xacct/text.h"
#include "xacct/variables.h"

/* The bytes of a file of the source tree, between two symbols; make starts in its top folder. */
#define EMBED(symbol, path)                                                                        \
    __asm__(".pushsection .rodata\n"                                                               \
            ".global " #symbol "_begin, " #symbol "_end\n"                                         \
            ".hidden " #symbol "_begin, " #symbol "_end\n" #symbol "_begin:\n"                     \
            ".incbin \"" path "\"\n" #symbol "_end:\n"                                             \
            ".popsection\n");                                                                      \
    extern const char symbol##_begin[], symbol##_end[]

EMBED(integration_bash, "xacct/shell/init.bash");
EMBED(integration_zsh, "xacct/shell/init.zsh");
EMBED(integration_fish, "xacct/shell/init.fish");

static const struct {
    const char *shell, *begin, *end;
} integrations[] = {
    {"bash", integration_bash_begin, integration_bash_end},
    {"zsh", integration_zsh_begin, integration_zsh_end},
    {"fish", integration_fish_begin, integration_fish_end},
};

/* Where the login has delivered a role by process, the user's own profiles come along. */
static void add_own_profiles(const char *shell, struct text *text)
{
    static const char name[] = "AWS_SHARED_CREDENTIALS_FILE";
    char path[PATH_MAX];

    if (variables_file_is_ours(getenv(name)) && own_profiles_write() &&
        own_profiles_path(path, sizeof path))
        shell_text_set_one(dialect_find(shell), name, path, text);
}

int command_init(const struct invocation *invocation)
{
    const char *shell = invocation->operands[0];
    struct text text = TEXT_EMPTY;
    char shown[ESCAPE_MAX];
    size_t i;
    int status;

    for (i = 0; i < sizeof integrations / sizeof integrations[0]; i++)
        if (strcmp(integrations[i].shell, shell) == 0) {
            add_own_profiles(shell, &text);
            text_add_bytes(&text, integrations[i].begin,
                           (size_t)(integrations[i].end - integrations[i].begin));
            status = text_print(&text);
            text_free(&text);
            return status;
        }
    complain("init: there is no integration for %s: use bash, zsh or fish; other shells can eval "
             "what xacct env prints",
             escape(shown, sizeof shown, shell));
    return invocation->command->usage_status;
}
