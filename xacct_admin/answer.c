/*
 * Verdicts and ARNs.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/session_name.h"
#include "policy/template.h"
#include "xacct/json_text.h"

bool answer_permits(const struct answer_to *answer, const struct explained_role *role)
{
    return role->permitted && answer->question->refused == NULL;
}

size_t answer_permitted_count(const struct answer_to *answer)
{
    size_t count = 0, i;

    for (i = 0; i < answer->explanation.role_count; i++)
        count += answer_permits(answer, &answer->explanation.roles[i]);
    return count;
}

/*
 * The name of the session, as the helper makes it: the identity in the form that STS takes, or what
 * the role's template makes of such forms. Returns whether it could be made.
 */
static bool name_session(const struct role *role, const struct template_values *values,
                         char name[SESSION_NAME_MAX + 1], char *why, size_t why_size)
{
    char user[SESSION_NAME_MAX + 1], human[SESSION_NAME_MAX + 1];
    struct template_values mapped = *values;
    char *expanded = NULL;
    bool fine = session_name(values->of[TEMPLATE_HUMAN], human) == 0 &&
                session_name(values->of[TEMPLATE_USER], user) == 0;

    if (!fine) {
        snprintf(why, why_size, "%%{session_name} cannot be made");
    } else if (role->settings.session_name == NULL) {
        strcpy(name, human);
    } else {
        mapped.of[TEMPLATE_USER] = user;
        mapped.of[TEMPLATE_HUMAN] = human;
        fine = template_expand(role->settings.session_name, &mapped, &expanded, why, why_size) == 0;
        fine = fine && session_name(expanded, name) == 0;
    }
    free(expanded);
    return fine;
}

char *answer_arn(const struct answer_to *answer, const struct role *role, char *why,
                 size_t why_size)
{
    const struct login *login = &answer->question->login;
    struct template_values values = {.of = {
                                         [TEMPLATE_USER] = login->user,
                                         [TEMPLATE_HUMAN] = login->human,
                                         [TEMPLATE_ACCOUNT] = role->account->name,
                                         [TEMPLATE_ROLE] = role->name,
                                         [TEMPLATE_HOST] = login->host,
                                         [TEMPLATE_SERVICE] = login->service,
                                     }};
    char session[SESSION_NAME_MAX + 1];
    enum template_name name;
    const char *after;
    char *arn = NULL;

    *why = '\0';
    if (template_find(role->arn, &name, &after) == NULL)
        return strdup(role->arn);
    if (!name_session(role, &values, session, why, why_size))
        return NULL;
    values.of[TEMPLATE_SESSION_NAME] = session;
    if (template_expand(role->arn, &values, &arn, why, why_size) != 0)
        return NULL;
    return arn;
}

static void add_because(struct text *text, const struct reading *reading, struct position at,
                        const char *words, bool is_first)
{
    text_add(text, is_first ? "\n   {" : ",\n   {");
    json_member(text, "file", reading_shown(reading, at.file));
    json_member_number(text, "line", reading_line(at));
    json_member(text, "text", words);
    text_add(text, "}");
}

static void add_role(const struct answer_to *answer, const struct explained_role *role,
                     struct text *text)
{
    const struct question *question = answer->question;
    size_t count = 0, i;
    char why[512], *arn = answer_arn(answer, role->role, why, sizeof why);

    text_add(text, "{");
    json_member(text, "name", role->role->name);
    json_member(text, "arn", arn != NULL ? arn : role->role->arn);
    json_member_bool(text, "permitted", answer_permits(answer, role));
    json_name(text, "because");
    text_add(text, "[");
    if (question->refused != NULL)
        add_because(text, answer->reading, question->refused_at, question->refused, count++ == 0);
    for (i = 0; i < role->reason_count; i++)
        add_because(text, answer->reading, role->reasons[i].at, role->reasons[i].text,
                    count++ == 0);
    if (arn == NULL)
        add_because(text, answer->reading, role->role->at, why, count++ == 0);
    text_add(text, "]}");
    free(arn);
}

void answer_add_json(const struct answer_to *answer, struct text *text)
{
    const struct role *role = answer->explanation.login_role;
    size_t i;

    text_add(text, "{");
    json_member(text, "identity", answer->question->login.human);
    json_name(text, "roles");
    text_add(text, "[");
    for (i = 0; i < answer->explanation.role_count; i++) {
        text_add(text, i > 0 ? ",\n  " : "\n  ");
        add_role(answer, &answer->explanation.roles[i], text);
    }
    text_add(text, "],\n ");
    json_string(text, "login");
    text_add(text, ": ");
    json_string(text, role != NULL && answer->question->refused == NULL ? role->name : NULL);
    text_add(text, "}\n");
}
