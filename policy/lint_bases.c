/*
 * Bases that do nothing, and settings of roles that do not come to what they say because of whose
 * credentials sign.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/lint_checks.h"
#include "policy/settings.h"

static void note_base(const struct policy *policy, const struct base *base, bool *used)
{
    for (; base != NULL && !used[base - policy->bases]; base = base->successor)
        used[base - policy->bases] = true;
}

static void check_unused(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    bool *used = arena_alloc(&linting->scratch, policy->base_count, sizeof *used);
    size_t i;

    if (used == NULL)
        return;
    note_base(policy, policy->base, used);
    for (i = 0; i < policy->account_count; i++)
        note_base(policy, policy->accounts[i].settings.base, used);
    for (i = 0; i < policy->role_count; i++)
        note_base(policy, policy->roles[i].settings.base, used);
    for (i = 0; i < policy->pattern_count; i++)
        note_base(policy, policy->patterns[i].settings.base, used);
    for (i = 0; i < policy->base_count; i++)
        if (!used[i])
            lint_add(linting, LINT_WARNING, policy->bases[i].at,
                     "[%s] is never used: no base = and no successor = in use names it",
                     policy->bases[i].title);
}

/* A successor that is what its predecessor is will be refused where that is. */
static void check_successor(struct linting *linting, const struct base *base)
{
    const struct base *other = base->successor;

    if (other != NULL && base->source == other->source && text_same(base->file, other->file) &&
        text_same(base->profile, other->profile) && text_same(base->endpoint, other->endpoint) &&
        base->ipv6 == other->ipv6 && text_same(base->token_file, other->token_file) &&
        text_same(base->role_arn, other->role_arn) &&
        text_same(base->certificate, other->certificate) &&
        texts_same(&base->command, &other->command))
        lint_add(linting, LINT_WARNING, base->successor_at,
                 "[%s] has the same credentials as the base that it succeeds, so it is refused "
                 "where that is",
                 other->title);
}

/* A command is no line of a shell: what means something to one is a plain argument here. */
static void check_command(struct linting *linting, const struct base *base)
{
    const struct texts *command = &base->command;
    size_t i;

    for (i = 1; i < command->count; i++)
        if (strcspn(command->items[i], "|<>;`") == 0 || command->items[i][0] == '$' ||
            command->items[i][0] == '~')
            lint_add(linting, LINT_WARNING, base->at,
                     "[%s] hands %s to its program as it is, since no shell reads `command =`; "
                     "where one is wanted, write a script",
                     base->title, command->items[i]);
}

/* EKS's agent answers nobody without the token. */
static void check_agent(struct linting *linting, const struct base *base)
{
    static const char agent[] = "http://169.254.170.23", agent_ipv6[] = "http://[fd00:ec2::23]";

    if (base->source == BASE_CONTAINER && base->token_file == NULL &&
        (strncmp(base->endpoint, agent, sizeof agent - 1) == 0 ||
         strncmp(base->endpoint, agent_ipv6, sizeof agent_ipv6 - 1) == 0))
        lint_add(linting, LINT_WARNING, base->at,
                 "[%s] asks the agent of EKS without a token, which it wants: name the file "
                 "that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE says there in `token_file =`",
                 base->title);
}

/* Whether the credentials that sign for a role are those of a session, always. */
static bool is_chained(const struct role_settings *whole)
{
    return whole->via == VIA_HOST &&
           (whole->base_role != NULL || whole->base->source == BASE_IMDS ||
            whole->base->source == BASE_CONTAINER || whole->base->source == BASE_WEB_IDENTITY ||
            whole->base->source == BASE_ROLES_ANYWHERE);
}

/* Where a duration was told already. */
struct told {
    bool host;
    bool *accounts;
};

/*
 * Tells of a duration that AWS cuts, at the section `title` at `at`, or at that of the account
 * or the host where it is theirs; there once.
 */
static void check_duration(struct linting *linting, struct told *told, const char *title,
                           struct position at, const struct account *account,
                           const struct role_settings *whole)
{
    const struct policy *policy = linting->policy;
    int duration = whole->duration;

    if (duration <= CHAINED_MOST || !is_chained(whole))
        return;
    if (duration == account->settings.duration) {
        if (told->accounts[account - policy->accounts])
            return;
        told->accounts[account - policy->accounts] = true;
        title = arena_format(&linting->scratch, "account %s", account->name);
        at = account->at;
    } else if (account->settings.duration == 0 && duration == policy->defaults.duration) {
        if (told->host)
            return;
        told->host = true;
        title = "xacct";
        at = (struct position){policy->files[0].path, 0};
    }
    lint_add(linting, LINT_WARNING, at,
             "[%s] has a duration of %d minutes, but %s; AWS cuts such sessions to one hour", title,
             duration / 60,
             whole->base_role != NULL
                 ? arena_format(&linting->scratch, "roles start from the session of [role %s]",
                                whole->base_role->name)
                 : "the base credentials are those of a session themselves");
}

static void check_durations(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    struct told told = {false, arena_alloc(&linting->scratch, policy->account_count, sizeof(bool))};
    size_t i, j;

    for (i = 0; told.accounts != NULL && i < policy->role_count; i++) {
        const struct role *role = &policy->roles[i];

        check_duration(linting, &told, arena_format(&linting->scratch, "role %s", role->name),
                       role->at, role->account, &role->settings);
    }
    for (i = 0; told.accounts != NULL && i < policy->pattern_count; i++) {
        const struct pattern *pattern = &policy->patterns[i];
        size_t before = linting->lint->count;

        for (j = 0; j < policy->account_count && linting->lint->count == before; j++) {
            struct role_settings whole = pattern->settings;

            if (settings_complete(&whole, &policy->accounts[j], policy, &linting->scratch))
                check_duration(linting, &told, pattern->rule.title, pattern->rule.at,
                               &policy->accounts[j], &whole);
        }
    }
}

/*
 * Tells what a role of the user's own token leaves out of what its account says. That the
 * host's identity is not used is what `via` says itself.
 */
static void check_via(struct linting *linting, const struct role *role)
{
    const struct role_settings *from = &role->account->settings;
    const struct {
        const char *key;
        bool is_left_out;
    } keys[] = {
        {"tags", from->tags.count > 0},
        {"transitive_tags", from->transitive_tags.count > 0},
        {"external_id", from->external_id != NULL},
        {"source_identity", from->source_identity == YES},
        {"session_name", role->settings.via == VIA_SAML && from->session_name != NULL},
    };
    const char *list = "";
    size_t i;

    if (role->settings.via == VIA_HOST)
        return;
    for (i = 0; list != NULL && i < sizeof keys / sizeof *keys; i++)
        if (keys[i].is_left_out)
            list = arena_format(&linting->scratch, "%s%s%s", list, *list != '\0' ? ", " : "",
                                keys[i].key);
    if (list != NULL && *list != '\0')
        lint_add(linting, LINT_WARNING, role->at,
                 "[role %s] is assumed with the user's own token, which leaves out what [account "
                 "%s] says: %s",
                 role->name, role->account->name, list);
}

/* One endpoint in place of all is asked once, whatever regions there are to try. */
static void check_regions(struct linting *linting, struct position at, const char *title,
                          const struct texts *regions)
{
    if (linting->policy->sts_endpoint != NULL && regions->count > 1)
        lint_add(linting, LINT_WARNING, at,
                 "[%s] has %zu regions in sts_region, but sts_endpoint in [xacct] takes the place "
                 "of them all; the first one signs",
                 title, regions->count);
}

static void check_all_regions(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    const struct texts *of_host = &policy->defaults.sts_regions;
    size_t i;

    check_regions(linting, (struct position){policy->files[0].path, 0}, "xacct", of_host);
    for (i = 0; i < policy->account_count; i++)
        check_regions(linting, policy->accounts[i].at,
                      arena_format(&linting->scratch, "account %s", policy->accounts[i].name),
                      &policy->accounts[i].settings.sts_regions);
    for (i = 0; i < policy->role_count; i++) {
        const struct role *role = &policy->roles[i];
        const struct texts *regions = &role->settings.sts_regions;

        if (regions->items != of_host->items &&
            regions->items != role->account->settings.sts_regions.items)
            check_regions(linting, role->at, arena_format(&linting->scratch, "role %s", role->name),
                          regions);
    }
    for (i = 0; i < policy->pattern_count; i++)
        check_regions(linting, policy->patterns[i].rule.at, policy->patterns[i].rule.title,
                      &policy->patterns[i].settings.sts_regions);
}

void lint_bases(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    size_t i;

    check_unused(linting);
    for (i = 0; i < policy->base_count; i++) {
        check_successor(linting, &policy->bases[i]);
        check_command(linting, &policy->bases[i]);
        check_agent(linting, &policy->bases[i]);
    }
    check_durations(linting);
    for (i = 0; i < policy->role_count; i++)
        check_via(linting, &policy->roles[i]);
    check_all_regions(linting);
}
