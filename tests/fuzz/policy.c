/*
 * Policies of one file or several, and what is decided by them: policy/load.h, policy/decide.h,
 * policy/explain.h, policy/lint.h.
 *
 * A line "=== NAME" begins the file conf.d/NAME, or the session policy of that name where it ends
 * otherwise than in ".conf".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/explain.h"
#include "policy/lint.h"
#include "tests/fuzz/policies.h"

#define FILES_MOST 6
#define NOW        ((time_t)1795608000) /* 2026-11-25T12:00:00Z, a Wednesday */

/* Cuts the input into files. Returns how many; the paths lie in `paths`. */
static size_t cut(struct fuzz_input input, char paths[FILES_MOST][PATH_MAX],
                  struct policy_overlay files[FILES_MOST])
{
    size_t count = 0;
    bool more = true;

    strcpy(paths[0], POLICY_PATH);
    while (more && count < FILES_MOST) {
        struct fuzz_input rest = input, piece = fuzz_take(&input, "\n=== ");

        more = piece.length < rest.length;
        /* The newline before the mark is the file's. */
        piece.length += more;
        if (count > 0) {
            char *name = fuzz_take_text(&piece, "\n");
            size_t length = strlen(name);
            bool is_fragment = length > 5 && strcmp(name + length - 5, ".conf") == 0;

            snprintf(paths[count], PATH_MAX, "/etc/xacct/%s%.200s", is_fragment ? "conf.d/" : "",
                     name);
            free(name);
        }
        files[count] = (struct policy_overlay){
            .path = paths[count], .bytes = (const char *)piece.bytes, .length = piece.length};
        count++;
    }
    return count;
}

/* Logins that differ in what is known of them; the seeds' policies know some of these names. */
static const struct login logins[] = {
    {.user = "alice",
     .human = "alice",
     .service = "sshd",
     .host = "bastion-eu-1",
     .address = "10.0.0.7"},
    {.user = "alice", .human = "alice", .service = "sshd"},
    {.user = "bob",
     .human = "bob@corp.example",
     .typed = "BOB",
     .opener = "alice",
     .ruser = "alice",
     .service = "sudo",
     .host = "other",
     .address = ""},
    {.user = "deploy",
     .human = "deploy",
     .service = "sshd",
     .certificate_unknown = true,
     .groups_unknown = true},
    {.user = "nobody-knows-me",
     .human = "nobody-knows-me",
     .service = "sshd",
     .address = "",
     .host = "bastion-eu-1"},
    {.user = "alice",
     .human = "alice",
     .service = "sshd",
     .host = "bastion-eu-1",
     .address = "10.0.0.7",
     .ended = true,
     .ended_for = 3600},
    {.user = "alice", .human = "alice", .service = "sshd", .host = "bastion-eu-1", .of_user = true},
};
#define LOGINS (sizeof logins / sizeof *logins)

static bool lists(const struct texts *list, const char *name)
{
    size_t i;

    for (i = 0; name != NULL && i < list->count; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return false;
}

/* A second reading, for a login that has nothing but names: who gave the role names it, and no deny
 * of everything does. */
static void judge_names(const struct policy *policy, const struct login *login,
                        const struct decision *decision)
{
    size_t i;

    for (i = 0; i < decision->role_count; i++) {
        const struct subjects *who = &decision->roles[i].grant->who;

        PROMISE(lists(&who->users, login->user) || lists(&who->users, login->human));
    }
    for (i = 0; i < policy->deny_count && decision->role_count > 0; i++) {
        const struct deny *deny = &policy->denies[i];

        PROMISE(
            deny->account_count + deny->role_count > 0 ||
            (!lists(&deny->who.users, login->user) && !lists(&deny->who.principals, login->user) &&
             !lists(&deny->who.users, login->human) && !lists(&deny->who.users, login->opener)));
    }
}

static void look_at_decision(const struct login *login, const struct decision *decision)
{
    bool at_login = decision->login_role == NULL;
    size_t i;

    PROMISE((decision->status == STATUS_PERMITTED) == (decision->role_count > 0));
    PROMISE(decision->status == STATUS_PERMITTED || decision->login_role == NULL);
    for (i = 0; i < decision->role_count; i++) {
        const struct permitted_role *permitted = &decision->roles[i];

        PROMISE(decision_find_role(decision, permitted->role->name) != NULL);
        PROMISE(permitted->ends == 0 || permitted->ends > login->now);
        PROMISE(!login->ended || permitted->detach > login->ended_for);
        PROMISE(strncmp(permitted->role->arn, "arn:aws", 7) == 0);
        at_login = at_login || permitted->role == decision->login_role;
    }
    PROMISE(at_login);
}

static void explain_it(const struct policy *policy, const struct login *login,
                       const struct told *told)
{
    struct explanation explanation;
    struct told again;
    size_t permitted = 0, i, j;

    fuzz_need(explain(policy, login, NULL, &explanation) == 0, "explain");
    again = told_by(&explanation.decision);
    PROMISE(told_same(&again, told));
    PROMISE(explanation.role_count >= policy->role_count);
    for (i = 0; i < explanation.role_count; i++) {
        permitted += explanation.roles[i].permitted;
        for (j = 0; j < explanation.roles[i].reason_count; j++)
            PROMISE(explanation.roles[i].reasons[j].text[0] != '\0');
    }
    PROMISE(permitted <= told->roles);
    explanation_free(&explanation);
}

/* The decision when all groups that rules name are answered alike, or one by one by `answers`. */
static struct told decide_with(const struct policy *policy, struct login login, unsigned answers)
{
    enum answer *in_group = calloc(policy->groups.count + 1, sizeof *in_group);
    struct decision decision;
    struct told told;
    size_t i;

    fuzz_need(in_group != NULL, "calloc");
    for (i = 0; i < policy->groups.count; i++)
        in_group[i] = answers == UINT_MAX             ? ANSWER_UNKNOWN
                      : (answers >> (i % 8) & 1) != 0 ? ANSWER_YES
                                                      : ANSWER_NO;
    login.in_group = in_group;
    fuzz_need(decide(policy, &login, NULL, &decision) == 0, "decide");
    look_at_decision(&login, &decision);
    told = told_by(&decision);
    if (answers == 0 && login.opener == NULL && !login.certificate_unknown)
        judge_names(policy, &login, &decision);
    decision_free(&decision);
    explain_it(policy, &login, &told);
    free(in_group);
    return told;
}

/* Whether each line of `some` is one of `all`; both may be cut. */
static bool is_among(const struct told *some, const struct told *all)
{
    char line[256];
    const char *at = some->names, *end;

    for (; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        snprintf(line, sizeof line, "%.*s", (int)(end - at) + 1, at);
        if (strstr(all->names, line) == NULL)
            return strlen(all->names) == sizeof all->names - 1 || end - at > 200;
    }
    return true;
}

static void decide_all(const struct policy *policy, const struct policy *again)
{
    size_t i;

    for (i = 0; i < LOGINS; i++) {
        struct login login = logins[i];
        struct told none, all, unknown, other;
        bool *matters =
            calloc(policy->groups.count + policy->unix_group_count + 1, sizeof *matters);

        fuzz_need(matters != NULL, "calloc");
        login.now = NOW;
        none = decide_with(policy, login, 0);
        other = decide_with(again, login, 0);
        PROMISE(told_same(&none, &other));
        unknown = decide_with(policy, login, UINT_MAX);
        all = decide_with(policy, login, 0xff);
        /* What is not known gives no role that some answer would not give. */
        PROMISE(is_among(&unknown, &none) && is_among(&unknown, &all));
        other = decide_with(policy, login, 0xa5);
        PROMISE(is_among(&unknown, &other));
        /* A login that no group can affect is told the same whatever is answered. */
        if (decide_groups_that_matter(policy, &login, matters) == 0)
            PROMISE(told_same(&none, &all) && told_same(&none, &unknown));
        decide_needs_group_names(policy, &login);
        if (login.of_user)
            fuzz_need(decide_unix_groups(policy, &login, matters) == 0, "decide_unix_groups");
        free(matters);
        if (none.roles > 0)
            fuzz_accept();
    }
}

static void look_for_mistakes(const struct policy *policy)
{
    struct lint lint;
    size_t i;

    fuzz_need(lint_policy(policy, NOW, &lint) == 0, "lint_policy");
    for (i = 0; i < lint.count; i++)
        PROMISE(lint.items[i].text[0] != '\0' && lint.items[i].at.file != NULL);
    lint_free(&lint);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static char paths[FILES_MOST][PATH_MAX];
    struct policy_overlay files[FILES_MOST], first;
    size_t count = cut((struct fuzz_input){bytes, length}, paths, files);
    struct policy *policy = policy_of(files, count), *again;

    if (policy == NULL)
        return 0;
    /* In whatever order conf.d is listed, it is one policy. */
    if (count > 2) {
        first = files[1];
        memmove(&files[1], &files[2], (count - 2) * sizeof *files);
        files[count - 1] = first;
    }
    again = policy_of(files, count);
    PROMISE(again != NULL);
    decide_all(policy, again);
    look_for_mistakes(policy);
    policy_free(again);
    policy_free(policy);
    return 0;
}
