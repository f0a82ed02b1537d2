/*
 * The answer for people: the verdict, then role by role.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/wire.h"
#include "policy/unmet.h"
#include "xacct/terminal.h"
#include "xacct_admin/answer.h"
#include "xacct_admin/escaped.h"
#include "xacct_admin/words.h"

#define GREEN "\x1b[32m"
#define RED   "\x1b[31m"
#define PLAIN "\x1b[0m"

static void add_coloured(struct text *text, const char *colour, const char *words)
{
    bool coloured = terminal_has_colours();

    text_add(text, coloured ? colour : "");
    text_add(text, words);
    text_add(text, coloured ? PLAIN : "");
}

/* " (FILE:LINE)" */
static void add_place(const struct answer_to *answer, struct text *text, struct position at)
{
    text_add(text, " (");
    reading_add_place(answer->reading, text, at);
    text_add(text, ")");
}

/* Why the grants for the user do not apply, as the log says it. */
static void add_unmet(const struct answer_to *answer, struct text *text)
{
    struct unmet_words words;

    unmet_words(&answer->explanation.decision, &words);
    text_add(text, "[");
    escaped_add(text, answer->explanation.decision.unmet_grant->title);
    text_add(text, "], which is for user ");
    escaped_add(text, answer->question->login.user);
    text_add(text, ", ");
    text_add(text, words.text);
    escaped_add_sentence(text, words.value);
    add_place(answer, text, words.at);
}

/* Why no role is permitted, as a decision has it. */
static void add_refusal(const struct answer_to *answer, struct text *text)
{
    const struct decision *decision = &answer->explanation.decision;

    if (answer->question->refused != NULL) {
        escaped_add_sentence(text, answer->question->refused);
        add_place(answer, text, answer->question->refused_at);
    } else if (decision->undecided) {
        text_add(text, "it cannot be told, as what is not known could change it");
    } else if (decision->unanswered_group != NULL) {
        text_add(text, "it cannot be told without an answer of NSS");
    } else if (decision->unreadable_zone != NULL) {
        text_add(text, "it cannot be told, as the time zone file ");
        escaped_add(text, decision->unreadable_zone);
        text_add(text, " cannot be read");
    } else if (decision->denied_by != NULL) {
        text_add(text, "[deny ");
        escaped_add(text, decision->denied_by->name);
        text_add(text, "] takes them away");
        add_place(answer, text, decision->denied_by->at);
    } else if (decision->status == STATUS_PERMITTED) {
        text_addf(text, "what is permitted ends in less than %d s, and AWS issues nothing for that",
                  SHORTEST_LIFE);
    } else if (decision->certificate_ended) {
        text_add(text, "the login's certificate is valid no more");
    } else if (decision->unmet != UNMET_NONE) {
        add_unmet(answer, text);
    } else {
        text_add(text, status_text(decision->status));
    }
}

/* What a login starts with to which some role is of use. */
static void add_start(const struct answer_to *answer, struct text *text)
{
    const struct role *planned = answer->explanation.decision.login_role;
    const struct role *role = answer->explanation.login_role;

    if (role != NULL) {
        text_add(text, "; the login starts with ");
        escaped_add(text, role->name);
    } else {
        text_add(text, "; the login starts with none, until one is chosen");
    }
    if (role == NULL && planned != NULL) {
        text_add(text, ", as ");
        escaped_add(text, planned->name);
        text_add(text, " ends too soon");
    }
}

static void add_verdict(const struct answer_to *answer, struct text *text)
{
    size_t permitted = answer_permitted_count(answer);

    escaped_add(text, answer->question->login.human);
    if (permitted == 0) {
        add_coloured(text, RED, " may use no role");
        text_add(text, ": ");
        add_refusal(answer, text);
    } else {
        add_coloured(text, GREEN, " may use");
        text_addf(text, " %zu of %zu roles", permitted, answer->explanation.role_count);
        add_start(answer, text);
    }
    text_add(text, "\n");
}

/* How the login comes, and what of it is not known. */
static void add_login(const struct answer_to *answer, struct text *text)
{
    const struct login *login = &answer->question->login;
    const struct {
        bool unknown;
        const char *what;
    } unknowns[] = {
        {login->host == NULL, "the host's name"},
        {login->address == NULL, "the address (--from)"},
        {login->auth == NULL, "how sshd authenticates it (--auth)"},
        {login->opener_unknown, "who is behind it (--loginuid)"},
        {login->certificate_unknown, "the certificate (--principal or --certificate)"},
        {login->groups_unknown, "the groups (--groups)"},
    };
    const char *separator = "not known: ";
    char when[64] = "";
    struct tm local;
    size_t i;

    if (localtime_r(&login->now, &local) != NULL)
        strftime(when, sizeof when, "%Y-%m-%d %H:%M %Z", &local);
    text_add(text, "login of ");
    escaped_add(text, login->user);
    text_add(text, " by ");
    escaped_add(text, login->service);
    text_addf(text, " at %s\n", when);
    for (i = 0; i < sizeof unknowns / sizeof *unknowns; i++)
        if (unknowns[i].unknown) {
            text_add(text, separator);
            text_add(text, unknowns[i].what);
            separator = ", ";
        }
    if (separator[0] == ',')
        text_add(text, "\n");
}

void answer_add_notes(const struct answer_to *answer, struct text *text)
{
    const struct explanation *explanation = &answer->explanation;
    size_t i;

    escaped_add_notes(text, &answer->question->notes);
    for (i = 0; i < explanation->other_count; i++) {
        text_add(text, "note: ");
        escaped_add_sentence(text, explanation->others[i].text);
        if (explanation->others[i].at.file[0] != '\0')
            add_place(answer, text, explanation->others[i].at);
        text_add(text, "\n");
    }
}

/* How a role that is permitted is assumed, unless that is as with most. */
static void add_way(const struct answer_to *answer, const struct role *role, struct text *text)
{
    struct text way = TEXT_EMPTY;

    words_add_way(&way, &role->settings, answer->reading->policy);
    if (way.failed)
        text->failed = true;
    if (way.length > 0) {
        text_add(text, "  ");
        reading_add_place(answer->reading, text, role->at);
        text_add(text, ": assumed ");
        escaped_add_sentence(text, way.bytes);
        text_add(text, "\n");
    }
    text_free(&way);
}

static void add_role(const struct answer_to *answer, const struct explained_role *role,
                     struct text *text)
{
    bool permits = answer_permits(answer, role);
    char why[512], *arn = answer_arn(answer, role->role, why, sizeof why);
    size_t i;

    text_add(text, "\n");
    escaped_add(text, role->role->name);
    text_add(text, ": ");
    add_coloured(text, permits ? GREEN : RED, permits ? "yes" : "no");
    text_add(text, "  ");
    escaped_add(text, arn != NULL ? arn : role->role->arn);
    text_add(text, "\n");
    for (i = 0; i < role->reason_count; i++) {
        text_add(text, "  ");
        reading_add_place(answer->reading, text, role->reasons[i].at);
        text_add(text, ": ");
        escaped_add_sentence(text, role->reasons[i].text);
        text_add(text, "\n");
    }
    if (permits)
        add_way(answer, role->role, text);
    if (arn == NULL) {
        text_add(text, "  ");
        reading_add_place(answer->reading, text, role->role->at);
        text_add(text, ": ");
        escaped_add_sentence(text, why);
        text_add(text, "\n");
    }
    free(arn);
}

void answer_add_text(const struct answer_to *answer, struct text *text)
{
    const struct explanation *explanation = &answer->explanation;
    int permitted;
    size_t i;

    add_verdict(answer, text);
    add_login(answer, text);
    answer_add_notes(answer, text);
    for (permitted = 1; permitted >= 0; permitted--)
        for (i = 0; i < explanation->role_count; i++)
            if (answer_permits(answer, &explanation->roles[i]) == (permitted != 0))
                add_role(answer, &explanation->roles[i], text);
}
