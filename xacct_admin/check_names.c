/*
 * The names in a policy against those that NSS knows.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "xacct_admin/checks.h"
#include "xacct_admin/nss.h"

/* A name that rules use, and the first of them that is noted. */
struct named {
    const char *name;
    struct position at;
    const char *title;        /* of that rule, as in its brackets */
    const char *denied;       /* where that is a deny: the title begins so */
    size_t place;             /* in the list of names to look up */
    const struct index *list; /* users, groups or principals */
};

struct checking {
    const struct policy *policy;
    struct findings *findings;
    struct arena memory;
    struct index users, groups, principals; /* of struct named */
    struct named **named;                   /* all of them, by their place */
    struct nss_name *names;                 /* what is looked up for them */
    size_t count;
};

/* Notes a name, once. */
static void note(struct checking *checking, struct index *index, const struct named *found)
{
    struct named *named = arena_alloc(&checking->memory, 1, sizeof *named);
    struct named **all =
        arena_grow(&checking->memory, checking->named, checking->count, sizeof *all);
    struct nss_name *names =
        arena_grow(&checking->memory, checking->names, checking->count, sizeof *names);

    if (named == NULL || all == NULL || names == NULL)
        return;
    checking->named = all;
    checking->names = names;
    *named = *found;
    named->place = checking->count;
    named->list = index;
    if (index_add(index, named) != named)
        return;
    names[checking->count] =
        (struct nss_name){.name = named->name, .is_group = index == &checking->groups};
    all[checking->count++] = named;
}

static struct named of_deny(const struct deny *deny)
{
    return (struct named){.at = deny->at, .title = deny->name, .denied = "deny "};
}

static void note_groups(struct checking *checking, const struct subjects *who, struct named rule)
{
    size_t i;

    for (i = 0; i < who->group_count; i++) {
        rule.name = checking->policy->groups.items[who->groups[i]];
        note(checking, &checking->groups, &rule);
    }
}

static void note_people(struct checking *checking, const struct subjects *who, struct named rule)
{
    const struct policy *policy = checking->policy;
    size_t i;

    for (i = 0; i < who->users.count; i++) {
        rule.name = who->users.items[i];
        /* A deny would match a certificate of this name without any Unix user. */
        if (rule.denied == NULL || !policy_may_certify(policy, rule.name))
            note(checking, &checking->users, &rule);
    }
    for (i = 0; rule.denied == NULL && i < who->principals.count; i++) {
        rule.name = who->principals.items[i];
        note(checking, &checking->principals, &rule);
    }
}

/*
 * Notes the names of all rules. Of people those of grants come first, as one of both may have a
 * role; of groups those of denies, as one that is not known matters more there.
 */
static void note_rules(struct checking *checking)
{
    const struct policy *policy = checking->policy;
    size_t i;

    for (i = 0; i < policy->deny_count; i++)
        note_groups(checking, &policy->denies[i].who, of_deny(&policy->denies[i]));
    for (i = 0; i < policy->grant_count; i++) {
        const struct named rule = {.at = policy->grants[i].at, .title = policy->grants[i].title};

        note_people(checking, &policy->grants[i].who, rule);
        note_groups(checking, &policy->grants[i].who, rule);
    }
    for (i = 0; i < policy->deny_count; i++)
        note_people(checking, &policy->denies[i].who, of_deny(&policy->denies[i]));
}

static const char *prefix(const struct named *named)
{
    return named->denied != NULL ? named->denied : "";
}

/* Whether a name is unknown and could be a part of one with a blank in it. */
static bool is_part(const struct nss_name *name)
{
    return name->outcome == NSS_UNKNOWN && strchr(name->name, ' ') == NULL;
}

/* Whether the name at `place` and the one before stand in one list and are such parts. */
static bool goes_on(const struct checking *checking, size_t place)
{
    const struct named *named, *before;

    if (place == 0 || place >= checking->count)
        return false;
    named = checking->named[place];
    before = checking->named[place - 1];
    return named->title == before->title && named->list == before->list &&
           is_part(&checking->names[place]) && is_part(&checking->names[place - 1]);
}

/*
 * Where an unknown name may be the first part of one with a blank in it, or has quotes that are
 * none: how such a one is written.
 */
static const char *hint(const struct checking *checking, size_t place)
{
    const char *name = checking->names[place].name;

    if (name[0] == '\'' || name[strlen(name) - 1] == '\'')
        return "; only double quotes hold a name together, a ' is a part of it";
    if (goes_on(checking, place + 1) && !goes_on(checking, place))
        return "; if it and what follows are one name, put that in double quotes";
    return "";
}

/* Tells what is odd about a user or a group that NSS was asked for. */
static void tell(const struct checking *checking, size_t place)
{
    const struct named *named = checking->named[place];
    const struct nss_name *name = &checking->names[place];
    const char *kind = name->is_group ? "group" : "user";

    if (name->outcome == NSS_UNKNOWN && name->is_group && named->denied != NULL)
        findings_add(checking->findings, LINT_WARNING, named->at,
                     "[%s%s] names the group %s, which NSS does not know: whoever should be denied "
                     "by it is not; correct the name, or see whether the directory is there "
                     "(an SSSD that is offline says the same of a group that it has never seen)%s",
                     prefix(named), named->title, name->name, hint(checking, place));
    else if (name->outcome == NSS_UNKNOWN)
        findings_add(checking->findings, LINT_WARNING, named->at,
                     "[%s%s] names the %s %s, which NSS does not know%s", prefix(named),
                     named->title, kind, name->name, hint(checking, place));
    else if (name->outcome == NSS_KNOWN && strcmp(name->name, name->known_as) != 0)
        findings_add(checking->findings, LINT_WARNING, named->at,
                     "[%s%s] names the %s %s, which NSS calls %s: as it stands it names nobody, as "
                     "names are compared byte for byte",
                     prefix(named), named->title, kind, name->name, name->known_as);
    else if (name->outcome == NSS_KNOWN && !name->is_group && named->denied == NULL &&
             !policy_is_managed(checking->policy, name->id))
        findings_add(checking->findings, LINT_WARNING, named->at,
                     "[%s] names the user %s, whose uid %u is below minimum_uid = %u: they never "
                     "get a role",
                     named->title, name->name, name->id, (unsigned)checking->policy->minimum_uid);
}

/* Tells how many names were not answered for. */
static void tell_unanswered(const struct checking *checking, size_t unanswered, const char *first)
{
    struct position whole = {checking->policy->files[0].path, 0};

    if (unanswered > 0)
        findings_add(
            checking->findings, LINT_WARNING, whole,
            "NSS did not answer for %zu of %zu names, %s the first, so these were not checked: is "
            "a directory down? (%d s are waited at most)",
            unanswered, checking->count, first, NSS_MS / 1000);
}

/* The name before the @, or all of it: what a Unix account of the same person may be called. */
static const char *short_name(struct arena *memory, const char *name)
{
    const char *at = strchr(name, '@');

    return at != NULL && at != name ? arena_text(memory, name, (size_t)(at - name)) : name;
}

/*
 * Principals without a Unix account of their own name share one with others. Their names were
 * looked up; here the short ones are.
 */
static void check_principals(struct checking *checking, struct deadline deadline)
{
    struct nss_name *names = arena_alloc(&checking->memory, checking->count + 1, sizeof *names);
    const struct named **of = arena_alloc(&checking->memory, checking->count + 1, sizeof *of);
    size_t count = 0, homeless = 0, i;
    const struct named *first = NULL;

    for (i = 0; names != NULL && of != NULL && i < checking->count; i++) {
        const struct named *named = checking->named[i];

        if (index_find(&checking->principals, named->name) != named ||
            checking->names[i].outcome != NSS_UNKNOWN)
            continue;
        names[count].name = short_name(&checking->memory, named->name);
        of[count++] = named;
    }
    if (count < 2 || nss_find(names, count, deadline, &checking->memory) != 0)
        return;
    for (i = 0; i < count; i++)
        if (names[i].outcome == NSS_UNKNOWN && homeless++ == 0)
            first = of[i];
    if (homeless > 1)
        findings_add(checking->findings, LINT_WARNING, first->at,
                     "[%s] names the principal %s, who like %zu more has no Unix account of that "
                     "name here: those who share one are told apart, but not protected from each "
                     "other",
                     first->title, first->name, homeless - 1);
}

/* A user whom a grant names and NSS knows. */
struct holder {
    unsigned uid;
    const char *known_as;
    const struct named *named;
};

static int compare_holders(const void *a, const void *b)
{
    const struct holder *left = a;
    const struct holder *right = b;

    if (left->uid != right->uid)
        return left->uid < right->uid ? -1 : 1;
    return (left->named->place > right->named->place) - (left->named->place < right->named->place);
}

/* Tells of each uid that two users of grants have. */
static void check_shared_uids(struct checking *checking)
{
    struct holder *holders = arena_alloc(&checking->memory, checking->count + 1, sizeof *holders);
    size_t count = 0, i;

    for (i = 0; holders != NULL && i < checking->count; i++) {
        const struct nss_name *name = &checking->names[i];
        const struct named *named = checking->named[i];

        if (name->outcome == NSS_KNOWN && named->denied == NULL &&
            index_find(&checking->users, named->name) == named)
            holders[count++] = (struct holder){name->id, name->known_as, named};
    }
    if (count > 1)
        qsort(holders, count, sizeof *holders, compare_holders);
    for (i = 1; i < count; i++)
        if (holders[i].uid == holders[i - 1].uid &&
            strcmp(holders[i].known_as, holders[i - 1].known_as) != 0)
            findings_add(checking->findings, LINT_WARNING, holders[i].named->at,
                         "[%s] names the user %s, who has uid %u as %s has: the kernel takes them "
                         "for one, and their sessions are not protected from each other",
                         holders[i].named->title, holders[i].known_as, holders[i].uid,
                         holders[i - 1].known_as);
}

void check_names(const struct policy *policy, struct findings *findings)
{
    struct checking checking = {.policy = policy, .findings = findings};
    struct deadline deadline = deadline_in_ms(NSS_MS);
    size_t unanswered = 0, i;
    const char *first = NULL;

    note_rules(&checking);
    /* What could not be asked is unanswered. */
    (void)nss_find(checking.names, checking.count, deadline, &checking.memory);
    for (i = 0; i < checking.count; i++) {
        if (checking.names[i].outcome == NSS_UNANSWERED && unanswered++ == 0)
            first = checking.names[i].name;
        if (index_find(&checking.principals, checking.names[i].name) != checking.named[i])
            tell(&checking, i);
    }
    tell_unanswered(&checking, unanswered, first);
    check_principals(&checking, deadline);
    check_shared_uids(&checking);
    if (checking.memory.exhausted)
        findings->memory.exhausted = true;
    index_free(&checking.users);
    index_free(&checking.groups);
    index_free(&checking.principals);
    arena_free(&checking.memory);
}
