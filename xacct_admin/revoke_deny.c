/*
 * The section of the policy that keeps a human out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "policy/values.h"
#include "xacct/json_text.h"
#include "xacct_admin/revoke.h"

#define NAME_LONGEST                                                                               \
    ((size_t)188) /* bytes: a line of the policy has 198, with the key and quotes */

/* Whether a terminal may do something else with it than to show it in its place; U+2028 ends a line
 * and U+2029 a paragraph. */
static bool is_hidden(uint32_t character)
{
    return is_control_character(character) || turns_text_round(character) || character == 0x2028 ||
           character == 0x2029;
}

/* Why no section with this name can be printed for copying, or NULL: the policy knows no escapes
 * (policy/words.h), so that the name has to stand there byte for byte. */
static const char *fault_of(const char *name)
{
    if (*name == '\0')
        return "the name is empty";
    if (strlen(name) > NAME_LONGEST)
        return "the name is too long for a line of the policy";
    if (strchr(name, '"') != NULL)
        return "the name has a double quote, which no word of the policy can have";
    if (strstr(name, " ;") != NULL)
        return "the name has a blank and a semicolon, where a comment of the policy begins, in "
               "quotes as well";
    while (*name != '\0') {
        const long point = value_code_point(&name);

        if (point < 0)
            return "the name is not UTF-8";
        if (is_hidden((uint32_t)point))
            return "the name has a control character, or one that changes the order of what is "
                   "shown";
    }
    return NULL;
}

void revoke_add_deny(struct revoke_run *run)
{
    const char *fault = fault_of(run->human);
    char shown[ESCAPE_MAX];

    if (fault == NULL) {
        /* Quotes always: without them a comma, a wildcard or a first "@" is refused. The title is
         * one that no other section has. */
        run->deny = arena_format(&run->memory, "[deny revoked-%lld]\nusers = \"%s\"\n",
                                 (long long)run->at, run->human);
        return;
    }
    run->incomplete = true;
    revoke_note(run,
                "no [deny] for %s is printed, as %s: write one that names a group that they are "
                "in, or take away what lets them log in",
                escape(shown, sizeof shown, run->human), fault);
}
