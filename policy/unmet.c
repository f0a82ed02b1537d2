/*
 * A table of words by condition.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/unmet.h"

#include <stdio.h>

static const struct {
    const char *text;
    enum condition condition;
} unmets[] = {
    [UNMET_HOST] = {"is not for this host", CONDITION_HOSTS},
    [UNMET_FROM] = {"is not for logins from here", CONDITION_FROM},
    [UNMET_FROM_HERE] = {"is not for logins from this host itself, as nobody can tell where these "
                         "came from before",
                         CONDITION_FROM},
    [UNMET_AUTH] = {"is not for logins that are authenticated like this", CONDITION_AUTH},
    [UNMET_ENDED] = {"ended with until = ", CONDITION_UNTIL},
    [UNMET_NOT_YET] = {"does not hold before since = ", CONDITION_SINCE},
    [UNMET_HOURS] = {"holds ", CONDITION_HOURS},
    [UNMET_DETACHED] = {"does not hold so long after the session's end; its detach is ",
                        CONDITION_DETACH},
};

void unmet_words(const struct decision *decision, struct unmet_words *words)
{
    const struct grant *grant = decision->unmet_grant;

    *words = (struct unmet_words){
        .text = unmets[decision->unmet].text,
        .value = "",
        .at = grant->condition_at[unmets[decision->unmet].condition],
        .detach = "not set",
    };
    if (words->at.line == 0)
        words->at = grant->at;
    if (grant->detach > 0)
        snprintf(words->detach, sizeof words->detach, "%ds", grant->detach);
    if (decision->unmet == UNMET_ENDED)
        words->value = grant->until.text;
    else if (decision->unmet == UNMET_NOT_YET)
        words->value = grant->since.text;
    else if (decision->unmet == UNMET_HOURS)
        words->value = grant->hours.text;
    else if (decision->unmet == UNMET_DETACHED)
        words->value = words->detach;
}
