/*
 * Logins out of texts and decisions as texts, for tables of decisions. To be included after
 * cmocka.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_LOGIN_TEXT_H
#define XACCT_TESTS_LOGIN_TEXT_H

#include "policy/decide.h"
#include "policy_text.h"

#define LOGIN_NOW   978307200 /* 2001-01-01T00:00:00Z */
#define GROUPS_MOST 8
#define WORDS_MOST  8

/* A list of words; the texts lie elsewhere. */
struct word_list {
    struct texts texts;
    char *items[WORDS_MOST];
};

/* A login out of its text, which lies in `words`. Must not be copied. */
struct written_login {
    struct login login;
    struct certificate certificate;
    enum answer in_group[GROUPS_MOST];
    struct word_list auth, principals, groups;
    const char *chosen; /* a role's name, or NULL */
    char words[512];
};

/* Splits at commas. Returns the list, or NULL for "unknown". */
static inline const struct texts *read_words(char *text, struct word_list *list)
{
    char *rest = text;

    if (strcmp(text, "unknown") == 0)
        return NULL;
    list->texts.items = list->items;
    while (rest != NULL && *rest != '\0') {
        char *word = strsep(&rest, ",");

        assert_true(list->texts.count < WORDS_MOST);
        list->items[list->texts.count++] = word;
    }
    return &list->texts;
}

/* "KEYID", "KEYID,PRINCIPAL..." or "unknown". */
static inline void read_certificate(const struct policy *policy, char *text,
                                    struct written_login *written)
{
    char *rest = strchr(text, ',');

    if (strcmp(text, "unknown") == 0) {
        written->login.certificate_unknown = true;
        return;
    }
    if (rest != NULL)
        *rest++ = '\0';
    if (rest != NULL)
        read_words(rest, &written->principals);
    written->certificate.ca = policy->cas;
    written->certificate.key_id = text;
    written->certificate.principals = written->principals.texts;
    written->login.certificate = &written->certificate;
}

/* Takes one KEY=VALUE of a login's text. */
static inline void read_fact(const struct policy *policy, const char *key, char *value,
                             struct written_login *written)
{
    static const char *const answers[] = {"no", "yes", "unknown"};
    struct login *login = &written->login;

    if (strcmp(key, "chosen") == 0)
        written->chosen = value;
    else if (strcmp(key, "typed") == 0)
        login->typed = value;
    else if (strcmp(key, "opener") == 0 && strcmp(value, "unknown") == 0)
        login->opener_unknown = true;
    else if (strcmp(key, "opener") == 0)
        login->opener = value;
    else if (strcmp(key, "ruser") == 0)
        login->ruser = value;
    else if (strcmp(key, "host") == 0)
        login->host = strcmp(value, "unknown") != 0 ? value : NULL;
    else if (strcmp(key, "here") == 0)
        written->login.address_is_own = strcmp(value, "yes") == 0;
    else if (strcmp(key, "from") == 0)
        login->address = strcmp(value, "unknown") != 0 ? value : NULL;
    else if (strcmp(key, "auth") == 0)
        login->auth = read_words(value, &written->auth);
    else if (strcmp(key, "cert") == 0)
        read_certificate(policy, value, written);
    else if (strcmp(key, "cert_ends") == 0)
        written->certificate.ends = LOGIN_NOW + atol(value);
    else if (strcmp(key, "in") == 0) {
        login->group_names = read_words(value, &written->groups);
        login->groups_unknown = login->group_names == NULL;
    }
    for (size_t i = 0; i < policy->groups.count; i++)
        for (size_t j = 0; j < 3; j++)
            if (strcmp(policy->groups.items[i], key) == 0 && strcmp(value, answers[j]) == 0)
                written->in_group[i] = (enum answer)j;
}

/*
 * Reads user[/human][:service] and what is known beside it: chosen=ROLE typed=NAME opener=NAME
 * ruser=NAME host=HOST from=ADDRESS here=yes (that is this host's own) auth=METHOD,...
 * cert=KEYID,PRINCIPAL,... cert_ends=SECONDS in=GROUP,... and, for a group that a rule names,
 * GROUP=yes|no|unknown. What is left out is none, not unknown. A certificate's end is in seconds
 * from now, which is LOGIN_NOW.
 */
static inline void read_login(const struct policy *policy, const char *text,
                              struct written_login *written)
{
    char *rest;
    char *slash;
    char *colon;
    char *first = written->words;

    memset(written, 0, sizeof *written);
    assert_true(policy->groups.count <= GROUPS_MOST);
    assert_true(strlen(text) < sizeof written->words);
    strcpy(written->words, text);
    rest = strchr(first, ' ');
    /* A name may have a blank; a fact has an "=". */
    while (rest != NULL && rest[1 + strcspn(rest + 1, "= ")] != '=')
        rest = strchr(rest + 1, ' ');
    if (rest != NULL)
        *rest++ = '\0';
    colon = strchr(first, ':');
    if (colon != NULL)
        *colon++ = '\0';
    slash = strchr(first, '/');
    if (slash != NULL)
        *slash++ = '\0';
    written->login = (struct login){
        .user = first,
        .human = slash != NULL ? slash : first,
        .service = colon != NULL ? colon : "sshd",
        .host = "bastion-eu-1",
        .address = "",
        .auth = &written->auth.texts,
        .in_group = written->in_group,
        .now = LOGIN_NOW,
    };
    for (char *word = rest; word != NULL; word = rest) {
        char *equals = strchr(word, '=');

        rest = strchr(word, ' ');
        if (rest != NULL)
            *rest++ = '\0';
        *equals++ = '\0';
        read_fact(policy, word, equals, written);
    }
}

/*
 * Writes status (or "undecided"), roles, "*" with the role at login, "@" with the grant because of
 * which, "-" with the deny, "!" with the grant that is not met, "?" with the group that is not
 * answered.
 */
static inline void write_decision(const struct decision *decision, char text[512])
{
    text += sprintf(text, "%s", decision->undecided ? "undecided" : status_name(decision->status));
    for (size_t i = 0; i < decision->role_count; i++)
        text += sprintf(text, " %s", decision->roles[i].role->name);
    if (decision->status == STATUS_PERMITTED)
        text +=
            sprintf(text, " *%s", decision->login_role != NULL ? decision->login_role->name : " ");
    if (decision->because != NULL)
        text += sprintf(text, "%s@%s", decision->login_role != NULL || text[-1] == ' ' ? "" : " ",
                        decision->because->name);
    if (decision->denied_by != NULL)
        text += sprintf(text, " -%s", decision->denied_by->name);
    if (decision->unmet_grant != NULL)
        text += sprintf(text, " !%s", decision->unmet_grant->name);
    if (decision->unanswered_group != NULL)
        sprintf(text, " ?%s",
                decision->unanswered_group[0] != '\0' ? decision->unanswered_group : "all");
}

/* One decision of a table. */
struct decision_case {
    const char *rules;
    const char *who;
    const char *expected;
};

/* Decides one login under `setting` and the case's rules. Returns whether it is as expected. */
static inline bool is_decided_as_expected(const char *setting, const struct decision_case *one)
{
    struct written_login written = {0};
    struct decision decision;
    struct policy *policy;
    char text[4096], got[512];
    bool as_expected;

    snprintf(text, sizeof text, "%s%s", setting, one->rules);
    policy = good_policy(text);
    assert_non_null(policy);
    read_login(policy, one->who, &written);
    assert_int_equal(decide(policy, &written.login, written.chosen, &decision), 0);
    write_decision(&decision, got);
    as_expected = strcmp(got, one->expected) == 0;
    if (!as_expected)
        print_error("%s%s\nexpected %s\ngot      %s\n", one->rules, one->who, one->expected, got);
    decision_free(&decision);
    policy_free(policy);
    return as_expected;
}

#endif
