/*
 * Whom grants and patterns give something: users, by their names, as members of groups and as they
 * had sessions; principals; and groups whose members are not known. Each is decided on by itself.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/request.h"
#include "xacct/complain.h"
#include "xacct_admin/nss_people.h"
#include "xacct_admin/who.h"

/* Somebody who may be a user, until NSS has been asked. */
struct candidate {
    const char *name;
    const struct grant *rule; /* whose `users` have the name, or NULL */
    bool had_session;         /* no rule and no group has the name: the audit file has */
};

/* What is told once, however many it is true of. */
struct tally {
    size_t count;
    const char *name; /* the first */
    const struct grant *rule;
};

struct seeking {
    struct who *who;
    const struct policy *policy;
    struct login login; /* what all have in common */
    struct nss_groups groups;
    struct index by_name; /* of struct candidate */
    struct candidate **candidates;
    size_t count;
    struct nss_person *people;
    struct index known; /* of names whose rows were made: struct candidate */
    enum answer *in_group;
    struct tally unknown, renamed, unmanaged, unanswered, uncertified;
    bool is_refused; /* somebody comes whom nothing names */
};

static void count(struct tally *tally, const char *name, const struct grant *rule)
{
    if (tally->count++ > 0)
        return;
    tally->name = name;
    tally->rule = rule;
}

/* Adds a candidate, once. */
static void add_candidate(struct seeking *seeking, const char *name, const struct grant *rule,
                          bool had_session)
{
    struct arena *memory = &seeking->who->memory;
    struct candidate *candidate = arena_alloc(memory, 1, sizeof *candidate), *known;
    struct candidate **all;

    if (candidate == NULL)
        return;
    *candidate = (struct candidate){name, rule, had_session};
    known = index_add(&seeking->by_name, candidate);
    if (known == NULL)
        memory->exhausted = true;
    if (known != candidate)
        return;
    all = arena_grow(memory, seeking->candidates, seeking->count, sizeof(struct candidate *));
    if (all == NULL)
        return;
    seeking->candidates = all;
    all[seeking->count++] = candidate;
}

static void add_candidates(struct seeking *seeking)
{
    const struct policy *policy = seeking->policy;
    size_t i, j;

    for (i = 0; i < policy->grant_count; i++)
        for (j = 0; j < policy->grants[i].who.users.count; j++)
            add_candidate(seeking, policy->grants[i].who.users.items[j], &policy->grants[i], false);
    for (i = 0; i < seeking->groups.count; i++)
        for (j = 0; j < seeking->groups.items[i].members.count; j++)
            add_candidate(seeking, seeking->groups.items[i].members.items[j], NULL, false);
    /* A directory that does not list who is in a group still tells it of each of them. */
    for (i = 0; i < seeking->who->last_used.users.count; i++)
        add_candidate(seeking, seeking->who->last_used.users.items[i], NULL, true);
}

/*
 * Whether it is known who the human is that comes without a certificate by a service that the rule
 * is for: xacct.conf(5), `identity`.
 */
static bool is_named(const struct policy *policy, const struct grant *rule)
{
    const bool by_login_uid =
        policy_asks(policy, IDENTITY_LOGINUID) && policy->identity[0] != IDENTITY_USER;
    size_t i;

    if (policy_asks(policy, IDENTITY_USER))
        return true;
    for (i = 0; i < rule->services.count; i++)
        if (by_login_uid && strcmp(rule->services.items[i], "sshd") != 0)
            return true;
    return false;
}

/* Whether a row is told at all, beside what it is about. */
static bool is_wanted(const struct who *who, const struct who_row *row)
{
    if (row->reach == REACH_DENIED && !who->denied)
        return false;
    return !who->unused || row->kind == WHO_GROUP || row->used == 0 ||
           (int64_t)who->at - row->used >= who->unused_for;
}

/* Adds the row that a way is, where it is one that is asked about. */
static void add_row(struct seeking *seeking, enum who_kind kind, const char *name,
                    const struct way *way)
{
    struct who *who = seeking->who;
    struct who_row row = {.kind = kind,
                          .name = name,
                          .role = way->role->name,
                          .arn = way->role->arn,
                          .account = way->role->account,
                          .rule = way->rule,
                          .key = way->key,
                          .by = way->name,
                          .reach = way->reach,
                          .denied_by = way->denied_by};
    struct who_row *rows;

    if (!who_target_holds(&who->target, way->role))
        return;
    if (kind == WHO_USER && !is_named(seeking->policy, way->rule)) {
        seeking->is_refused = true;
        return;
    }
    if (kind != WHO_GROUP)
        row.used = last_used_of(&who->last_used, kind == WHO_PRINCIPAL, name, way->role);
    if (!is_wanted(who, &row))
        return;
    /* A derived role goes with its ways. */
    if (policy_find_role(seeking->policy, row.role) != way->role) {
        row.role = arena_text(&who->memory, row.role, strlen(row.role));
        row.arn = arena_text(&who->memory, row.arn, strlen(row.arn));
    }
    rows = arena_grow(&who->memory, who->rows, who->count, sizeof *rows);
    if (rows == NULL)
        return;
    who->rows = rows;
    rows[who->count++] = row;
}

/* Adds the rows of one subject, whom the login describes. */
static void add_rows(struct seeking *seeking, enum who_kind kind, const char *name,
                     const struct login *login)
{
    struct ways ways;
    size_t i;

    if (ways_find(seeking->policy, login, &ways) != 0)
        seeking->who->memory.exhausted = true;
    for (i = 0; i < ways.count; i++)
        add_row(seeking, kind, name, &ways.items[i]);
    ways_free(&ways);
}

/* Whether the person is of an other name than one whose rows were made already. */
static bool is_new(struct seeking *seeking, const char *name)
{
    struct candidate *candidate = arena_alloc(&seeking->who->memory, 1, sizeof *candidate);

    if (candidate == NULL)
        return false;
    candidate->name = name;
    return index_add(&seeking->known, candidate) == candidate;
}

static void add_person(struct seeking *seeking, const struct candidate *candidate,
                       const struct nss_person *person)
{
    struct login login = seeking->login;
    const char *name = person->outcome == NSS_KNOWN ? person->name : candidate->name;

    if (person->outcome == NSS_UNKNOWN) {
        if (!candidate->had_session)
            count(&seeking->unknown, name, candidate->rule);
        return;
    }
    if (person->outcome == NSS_KNOWN && strcmp(name, candidate->name) != 0 &&
        candidate->rule != NULL)
        count(&seeking->renamed, candidate->name, candidate->rule);
    if (person->outcome == NSS_KNOWN &&
        (person->uid == UID_OVERFLOW || !policy_is_managed(seeking->policy, person->uid))) {
        if (!candidate->had_session)
            count(&seeking->unmanaged, name, candidate->rule);
        return;
    }
    if (!is_new(seeking, name))
        return;
    if (person->outcome == NSS_UNANSWERED || !person->is_whole ||
        (seeking->policy->pattern_count > 0 && !person->names_are_whole))
        count(&seeking->unanswered, name, candidate->rule);
    nss_person_groups(seeking->policy, person, seeking->in_group);
    login.user = login.human = name;
    login.in_group = seeking->in_group;
    login.groups_unknown = !person->names_are_whole;
    login.group_names = person->names_are_whole ? &person->names : NULL;
    add_rows(seeking, WHO_USER, name, &login);
}

/* Asks NSS for all candidates, and adds their rows. Returns false after a complaint. */
static bool add_people(struct seeking *seeking)
{
    struct arena *memory = &seeking->who->memory;
    size_t i;
    int error;

    seeking->people = arena_alloc(memory, seeking->count + 1, sizeof *seeking->people);
    for (i = 0; seeking->people != NULL && i < seeking->count; i++)
        seeking->people[i].asked = seeking->candidates[i]->name;
    if (seeking->people == NULL)
        return true;
    error = nss_find_people(seeking->policy, seeking->people, seeking->count,
                            deadline_in_ms(NSS_PEOPLE_MS), memory);
    if (error != 0) {
        complain("who: NSS cannot be asked: %s", strerror(error));
        return false;
    }
    for (i = 0; i < seeking->count; i++)
        add_person(seeking, seeking->candidates[i], &seeking->people[i]);
    return true;
}

/*
 * Adds the rows of somebody whom a certificate names. To which account they come is not known: what
 * its name and its groups give or take is told of that.
 */
static void add_principal(struct seeking *seeking, const char *name, const struct grant *rule)
{
    const struct policy *policy = seeking->policy;
    char *principals[] = {(char *)name};
    struct certificate certificate = {.ca = NULL};
    struct login login = seeking->login;
    size_t i;

    for (i = 0; certificate.ca == NULL && i < policy->ca_count; i++)
        if (policy_ca_may_name(&policy->cas[i], name))
            certificate.ca = &policy->cas[i];
    if (certificate.ca == NULL || !policy_asks(policy, IDENTITY_CERTIFICATE)) {
        count(&seeking->uncertified, name, rule);
        return;
    }
    if (certificate.ca->identity == CA_IDENTITY_KEY_ID)
        certificate.key_id = name;
    else
        certificate.principals = (struct texts){principals, 1};
    login.user = "";
    login.human = name;
    login.certificate = &certificate;
    memset(seeking->in_group, 0, policy->groups.count * sizeof *seeking->in_group);
    login.in_group = seeking->in_group;
    add_rows(seeking, WHO_PRINCIPAL, name, &login);
}

static void add_principals(struct seeking *seeking)
{
    const struct policy *policy = seeking->policy;
    struct index seen = {.table = NULL};
    size_t i, j;

    for (i = 0; i < policy->grant_count; i++)
        for (j = 0; j < policy->grants[i].who.principals.count; j++) {
            struct candidate *candidate = arena_alloc(&seeking->who->memory, 1, sizeof *candidate);

            if (candidate == NULL)
                break;
            *candidate = (struct candidate){.name = policy->grants[i].who.principals.items[j],
                                            .rule = &policy->grants[i]};
            if (index_add(&seen, candidate) == candidate)
                add_principal(seeking, candidate->name, candidate->rule);
        }
    index_free(&seen);
}

/* Adds what members of a group would reach of whom none is known. */
static void add_group(struct seeking *seeking, const struct nss_group *group)
{
    const struct policy *policy = seeking->policy;
    char *names[] = {(char *)group->name};
    const struct texts list = {names, 1};
    struct login login = seeking->login;
    size_t i;

    for (i = 0; i < policy->groups.count; i++)
        seeking->in_group[i] =
            strcmp(policy->groups.items[i], group->name) == 0 ? ANSWER_YES : ANSWER_NO;
    login.user = login.human = "";
    login.in_group = seeking->in_group;
    login.group_names = &list;
    add_rows(seeking, WHO_GROUP, group->name, &login);
}

static void add_groups(struct seeking *seeking)
{
    struct index listed = {.table = NULL};
    size_t i;

    /* A group that has members may stand in the list once more, found in another way. */
    for (i = 0; i < seeking->groups.count; i++)
        if (seeking->groups.items[i].members.count > 0 &&
            index_add(&listed, &seeking->groups.items[i]) == NULL)
            seeking->who->memory.exhausted = true;
    for (i = 0; i < seeking->groups.count; i++) {
        struct nss_group *group = &seeking->groups.items[i];

        if (group->outcome == NSS_UNKNOWN || index_find(&listed, group->name) != NULL)
            continue;
        add_group(seeking, group);
        if (index_add(&listed, group) == NULL)
            seeking->who->memory.exhausted = true;
    }
    index_free(&listed);
}

/* A note on a tally, with the place of its first. */
static void note(struct seeking *seeking, const struct tally *tally, const char *what)
{
    struct who *who = seeking->who;
    struct text place = TEXT_EMPTY;

    if (tally->count == 0)
        return;
    text_add(&place, "");
    if (tally->rule != NULL) {
        text_addf(&place, " ([%s] ", tally->rule->title);
        reading_add_place(who->reading, &place, tally->rule->at);
        text_add(&place, ")");
    }
    if (place.failed)
        who->memory.exhausted = true;
    else if (tally->count == 1)
        who_note(who, "%s%s: %s", tally->name, place.bytes, what);
    else
        who_note(who, "%s%s and %zu more: %s", tally->name, place.bytes, tally->count - 1, what);
    text_free(&place);
}

static void note_groups(struct seeking *seeking)
{
    const struct policy *policy = seeking->policy;
    struct tally unknown = {0, NULL, NULL}, unanswered = {0, NULL, NULL};
    size_t i;

    for (i = 0; i < seeking->groups.count; i++) {
        const struct nss_group *group = &seeking->groups.items[i];

        if (!texts_have(&policy->groups, group->name))
            continue;
        if (group->outcome == NSS_UNKNOWN)
            count(&unknown, group->name, NULL);
        if (group->outcome == NSS_UNANSWERED)
            count(&unanswered, group->name, NULL);
    }
    note(seeking, &unknown, "NSS knows no such group, so nobody is in it here");
    note(seeking, &unanswered, "NSS did not say who is in this group");
    if (policy->pattern_count > 0)
        who_note(
            seeking->who,
            "patterns give roles by groups: of a directory that does not list its groups, only "
            "those are asked for that would give one of the policy's roles");
}

static void note_all(struct seeking *seeking)
{
    note_groups(seeking);
    note(seeking, &seeking->unknown, "NSS knows no such user, so they do not log in here");
    note(seeking, &seeking->renamed,
         "NSS calls this user otherwise, so the rule names nobody: names are compared byte for "
         "byte");
    note(seeking, &seeking->unmanaged,
         "the uid is below minimum_uid, or is nobody's: no login of theirs gets a role");
    note(seeking, &seeking->unanswered,
         "NSS did not tell all of their groups: what depends on these is not known");
    note(seeking, &seeking->uncertified,
         "the names of no [ca] that is asked allow this principal, so no certificate is believed "
         "that says so");
    if (seeking->is_refused)
        who_note(seeking->who,
                 "identity = in [xacct] leaves user out: who comes without a certificate gets no "
                 "role by sshd");
}

bool who_find(struct who *who)
{
    char host[256] = "";
    struct seeking seeking = {.who = who, .policy = who->reading->policy};
    bool fine;
    int error;

    /* One byte is left for the NUL that is missing behind a name that was cut. */
    seeking.login = (struct login){.host = gethostname(host, sizeof host - 1) == 0 ? host : NULL,
                                   .now = who->at};
    seeking.in_group = calloc(seeking.policy->groups.count + 1, sizeof *seeking.in_group);
    error = nss_list_groups(seeking.policy, deadline_in_ms(NSS_PEOPLE_MS), &who->memory,
                            &seeking.groups);
    fine = error == 0 && seeking.in_group != NULL;
    if (error != 0)
        complain("who: NSS cannot be asked: %s", strerror(error));
    if (fine) {
        add_candidates(&seeking);
        fine = add_people(&seeking);
    }
    if (fine) {
        add_principals(&seeking);
        add_groups(&seeking);
        note_all(&seeking);
    }
    index_free(&seeking.by_name);
    index_free(&seeking.known);
    free(seeking.in_group);
    return fine;
}
