/*
 * Random policies and logins from a fixed seed, and a plain second reading of the rules for them.
 * To be included after cmocka.h.
 *
 * Roles r0 and r1 are in account a, r2 and r3 in b. Users are u0 to u2 and people with
 * certificates p0 and p1, groups in rules g0 to g3. Conditions are written so that what is not
 * known can only add roles when it turns out well: that is what makes the two readings comparable.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_RANDOM_LOGIN_H
#define XACCT_TESTS_RANDOM_LOGIN_H

#include "policy/decide.h"
#include "policy_text.h"

/* Fewer for valgrind and the sanitizers, which look at memory and not at what is decided. */
#ifdef XACCT_WITHOUT_SANDBOX
#define ROUNDS 300
#else
#define ROUNDS 3000
#endif
#define ROLE_COUNT  4U
#define GROUP_COUNT 4U
#define USER_COUNT  3U
#define NOW         1795608000 /* 2026-11-25T12:00:00Z, a Wednesday */
#define ENDED_FOR   3600

static const char setting[] =
    HEAD "[role r0]\naccount = a\nname = R0\n"
         "[role r1]\naccount = a\nname = R1\n"
         "[role r2]\naccount = b\nname = R2\n"
         "[role r3]\naccount = b\nname = R3\n"
         "[ca c]\nnames = p*\n"
         "key = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n";

/* xorshift64: the same numbers everywhere. */
static uint64_t seed;

static inline unsigned pick(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed >> 33) % below);
}

/* Appends "KEY = " and some of the names from PREFIX`from` to before PREFIX`to`: one at least. */
static inline void append_names(char *text, const char *key, const char *prefix, unsigned from,
                                unsigned to)
{
    unsigned names = 1 + pick((1U << (to - from)) - 1);

    text += strlen(text);
    text += sprintf(text, "%s =", key);
    for (unsigned i = from; i < to; i++)
        if ((names & (1U << (i - from))) != 0)
            text += sprintf(text, " %s%u", prefix, i);
    strcpy(text, "\n");
}

/* Appends whom a rule is about, with groups from `from` to before `to`. */
static inline void append_subjects(char *text, unsigned from, unsigned to, bool principals)
{
    unsigned kinds = 1 + pick(principals ? 7 : 3);

    if ((kinds & 1) != 0)
        append_names(text, "users", "u", 0, USER_COUNT);
    if ((kinds & 2) != 0)
        append_names(text, "groups", "g", from, to);
    if ((kinds & 4) != 0)
        append_names(text, "principals", "p", 0, 2);
}

static inline void append_deny(char *text, unsigned number, unsigned groups, bool principals)
{
    sprintf(text + strlen(text), "[deny d%u]\n", number);
    append_subjects(text, 0, groups, principals);
    if (pick(2) == 0)
        append_names(text, "roles", "r", 0, ROLE_COUNT);
    if (pick(4) == 0)
        strcat(text, pick(2) == 0 ? "accounts = a\n" : "accounts = b\n");
}

#define NOT_YET "since = 2026-11-25T13:00Z\n"

/* What a rule may say about time, place and method. */
static const char *const conditions[] = {
    "since = 2026-11-25T11:00Z\n",
    NOT_YET,
    "hours = Wed 12:00-12:01 UTC\n",
    "hours = Wed 12:01-12:00 UTC\n",
    "detach = 2h\n",
    "detach = 1h\n",
    "hosts = here\n",
    "hosts = there\n",
};

static inline void append_conditions(char *text)
{
    if (pick(4) == 0)
        strcat(text, "services = sudo\n");
    for (unsigned i = 0; i < sizeof conditions / sizeof *conditions; i += 2)
        if (pick(5) == 0)
            strcat(text, conditions[i + (pick(3) == 0)]);
    if (pick(5) == 0)
        strcat(text, "auth = publickey\n");
    if (pick(5) == 0)
        strcat(text, "from = 10.0.0.0/8\n");
}

static inline void append_grant(char *text, unsigned number, unsigned first_group)
{
    unsigned role = pick(ROLE_COUNT);

    sprintf(text + strlen(text), "[grant g%u]\nroles = r%u\n", number, role);
    append_names(text, "roles", "r", 0, ROLE_COUNT);
    append_subjects(text, first_group, GROUP_COUNT, true);
    if (pick(2) == 0)
        sprintf(text + strlen(text), "default = r%u\n", role);
    append_conditions(text);
}

static inline void append_pattern(char *text, unsigned number)
{
    sprintf(text + strlen(text), "[pattern p%u]\ngroups = t-{account}-{role}\n", number);
    if (pick(2) == 0)
        strcat(text, "case = exact\n");
    append_conditions(text);
}

/*
 * Appends up to three denies, three grants and two patterns. With `apart`, no group stands in both,
 * and no principal in a deny: where one does, an answer that would give a role may take it away as
 * well.
 */
static inline void append_rules(char *text, bool apart)
{
    unsigned denies = pick(4), grants = pick(4), patterns = pick(4);

    for (unsigned i = 0; i < denies; i++)
        append_deny(text, i, apart ? GROUP_COUNT / 2 : GROUP_COUNT, !apart);
    for (unsigned i = 0; i < grants; i++)
        append_grant(text, i, apart ? GROUP_COUNT / 2 : 0);
    for (unsigned i = 2; i < patterns; i++)
        append_pattern(text, i);
}

/*
 * The names of groups that patterns see, and what each gives: with case = fold, and with exact. The
 * first roles' bits are their numbers; the others are derived.
 */
static const struct {
    const char *name;
    unsigned folded, exact;
} named_groups[] = {
    {"t-a-R0", 0x01, 0x01}, {"t-a-r1", 0x02, 0x10},        {"t-b-X", 0, 0x20},
    {"t-b-R0", 0, 0x40},    {"t-111122223333-Y", 0, 0x80},
};
#define NAMED_COUNT (sizeof named_groups / sizeof *named_groups)

static const char *const role_names[] = {"r0", "r1", "r2", "r3", "a/r1", "b/X", "b/R0", "a/Y"};

#define ROLES_IN_A 0x93U
#define ROLES_IN_B 0x6cU

/* What the four facts are, or may turn out to be. */
struct facts {
    bool publickey, inside; /* and not a password, and not from elsewhere */
    unsigned certificate;   /* 0: none; else 1 + human (0 to 1) + 2 * extra (0: none, 1 + user) */
    unsigned names;         /* of groups, as bits */
};
#define CERTIFICATES (1 + 2 * (1 + USER_COUNT))

/* A login, and what is known of it. */
struct person {
    struct login login;
    char user[8], other[8]; /* the Unix user, and who it is by loginuid */
    bool ended;             /* the session that asks has */
    enum answer by_number[GROUP_COUNT];
    enum answer in_group[GROUP_COUNT]; /* the same in the policy's order */
    struct facts facts;
    bool auth_unknown, address_unknown, certificate_unknown, names_unknown, host_unknown;
    /* What the login points to. */
    struct certificate certificate;
    char human[8], extra[8];
    char *principal[1], *method[1], *names[NAMED_COUNT];
    struct texts auth, group_names;
};

/* Makes the person's login of what is known of them. */
static inline void look_up(const struct policy *policy, struct person *person)
{
    static char publickey[] = "publickey", password[] = "password";
    const struct facts *facts = &person->facts;
    unsigned certificate = person->certificate_unknown ? 0 : facts->certificate;
    struct login *login = &person->login;

    for (size_t i = 0; i < policy->groups.count; i++)
        person->in_group[i] = person->by_number[policy->groups.items[i][1] - '0'];
    person->method[0] = facts->publickey ? publickey : password;
    person->auth = (struct texts){person->method, 1};
    person->group_names = (struct texts){person->names, 0};
    for (size_t i = 0; i < NAMED_COUNT; i++)
        if ((facts->names & (1U << i)) != 0)
            person->names[person->group_names.count++] = (char *)(uintptr_t)named_groups[i].name;
    *login = (struct login){.user = person->user,
                            .human = person->other,
                            .service = "sshd",
                            .host = person->host_unknown ? NULL : "here",
                            .address = facts->inside ? "10.0.0.1" : "192.0.2.1",
                            .auth = &person->auth,
                            .certificate_unknown = person->certificate_unknown,
                            .in_group = person->in_group,
                            .group_names = &person->group_names,
                            .groups_unknown = person->names_unknown,
                            .now = NOW,
                            .ended = person->ended,
                            .ended_for = ENDED_FOR};
    if (person->auth_unknown)
        login->auth = NULL;
    if (person->address_unknown)
        login->address = NULL;
    if (person->names_unknown)
        login->group_names = NULL;
    if (certificate > 0) {
        unsigned extra = (certificate - 1) / 2;

        snprintf(person->human, sizeof person->human, "p%u", (certificate - 1) % 2);
        snprintf(person->extra, sizeof person->extra, "u%u", extra - 1);
        person->principal[0] = person->extra;
        person->certificate = (struct certificate){
            policy->cas, person->human, {person->principal, extra > 0 ? 1 : 0}, 0};
        login->certificate = &person->certificate;
        login->human = person->human;
    }
}

static inline void invent_person(const struct policy *policy, struct person *person)
{
    memset(person, 0, sizeof *person);
    snprintf(person->user, sizeof person->user, "u%u", pick(USER_COUNT + 1));
    strcpy(person->other, person->user);
    for (unsigned i = 0; i < GROUP_COUNT; i++)
        person->by_number[i] = (enum answer)pick(3);
    person->ended = pick(4) == 0;
    person->facts = (struct facts){pick(2) == 0, pick(2) == 0,
                                   pick(2) == 0 ? pick(CERTIFICATES) : 0, pick(1U << NAMED_COUNT)};
    person->auth_unknown = pick(6) == 0;
    person->address_unknown = pick(8) == 0;
    person->certificate_unknown = pick(6) == 0;
    person->names_unknown = pick(6) == 0;
    if (pick(3) == 0 && !person->certificate_unknown)
        snprintf(person->other, sizeof person->other, "u%u", pick(USER_COUNT + 1));
    look_up(policy, person);
}

/* What a decision says, roles as bits. */
struct said {
    enum status status;
    unsigned roles;
    bool undecided;
    char login_role[8];
};

static inline struct said ask(const struct policy *policy, const struct person *person)
{
    struct decision decision;
    struct said said = {.roles = 0};

    assert_int_equal(decide(policy, &person->login, NULL, &decision), 0);
    said.status = decision.status;
    said.undecided = decision.undecided;
    if (decision.login_role != NULL)
        strcpy(said.login_role, decision.login_role->name);
    for (size_t i = 0; i < decision.role_count; i++)
        for (size_t j = 0; j < sizeof role_names / sizeof *role_names; j++)
            if (strcmp(decision.roles[i].role->name, role_names[j]) == 0)
                said.roles |= 1U << j;
    assert_int_equal(decision.role_count, (size_t)__builtin_popcount(said.roles));
    decision_free(&decision);
    return said;
}

static inline bool lists(const struct texts *texts, const char *name)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], name) == 0)
            return true;
    return false;
}

static inline bool is_member(const struct subjects *who, const struct person *person)
{
    for (size_t i = 0; i < who->group_count; i++)
        if (person->in_group[who->groups[i]] == ANSWER_YES)
            return true;
    return false;
}

/* Whether a grant is about a person of whom all is known. */
static inline bool is_granted(const struct subjects *who, const struct person *person)
{
    const struct login *login = &person->login;

    return lists(&who->users, login->user) || is_member(who, person) ||
           (login->certificate != NULL ? lists(&who->principals, login->human)
                                       : lists(&who->users, login->human));
}

/* Whether a deny is. */
static inline bool is_denied(const struct subjects *who, const struct person *person)
{
    const struct login *login = &person->login;
    const char *names[] = {login->user, login->human, NULL};

    if (login->certificate != NULL && login->certificate->principals.count > 0)
        names[2] = person->extra;
    for (size_t i = 0; i < 3; i++)
        if (names[i] != NULL && (lists(&who->users, names[i]) || lists(&who->principals, names[i])))
            return true;
    return is_member(who, person);
}

/* Whether a rule is for logins like the person's, by the texts above. */
static inline bool is_for(const struct grant *rule, const struct person *person)
{
    return rule->services.count == 0 &&
           (rule->hosts.count == 0 || strcmp(rule->hosts.items[0], "here") == 0) &&
           (rule->auth.count == 0 || person->facts.publickey) &&
           (rule->from.count == 0 || person->facts.inside);
}

/* Whether what a rule says about time holds now, by the texts above and those of `until` below. */
static inline bool is_in_time(const struct grant *rule, const struct login *login)
{
    if (rule->since.text != NULL && strstr(NOT_YET, rule->since.text) != NULL)
        return false;
    if (rule->until.text != NULL && strcmp(rule->until.text, "2026-11-25T12:00Z") == 0)
        return false;
    if (rule->hours.text != NULL && strstr(rule->hours.text, "12:01-") != NULL)
        return false;
    return !login->ended || rule->detach == 2 * ENDED_FOR;
}

/* The roles that a pattern takes from the person's groups. */
static inline unsigned taken_from_groups(const struct pattern *pattern, const struct person *person)
{
    unsigned roles = 0;

    for (size_t i = 0; i < NAMED_COUNT; i++)
        if ((person->facts.names & (1U << i)) != 0)
            roles |= pattern->exact ? named_groups[i].exact : named_groups[i].folded;
    return roles;
}

/* The roles that a deny leaves. */
static inline unsigned left_by(const struct deny *deny, unsigned roles)
{
    for (size_t j = 0; j < deny->role_count; j++) {
        unsigned number = (unsigned)(deny->roles[j]->name[1] - '0');

        /* a/r1 and b/R0 are spelt like roles of the policy; the second is in the other account. */
        roles &= ~(1U << number);
        if (number == 1)
            roles &= ~0x10U;
    }
    for (size_t j = 0; j < deny->account_count; j++)
        roles &= deny->accounts[j]->name[0] == 'a' ? ~ROLES_IN_A : ~ROLES_IN_B;
    return deny->role_count + deny->account_count > 0 ? roles : 0;
}

/* The rules for one world, in which all is known. */
static inline struct said judge_world(const struct policy *policy, const struct person *person)
{
    struct said said = {.status = STATUS_NO_GRANT};

    for (size_t i = 0; i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];

        if (!is_for(grant, person) || !is_granted(&grant->who, person))
            continue;
        said.status = STATUS_DENIED;
        for (size_t j = 0; is_in_time(grant, &person->login) && j < grant->role_count; j++)
            said.roles |= 1U << (grant->roles[j]->name[1] - '0');
    }
    for (size_t i = 0; i < policy->pattern_count; i++) {
        const struct grant *rule = &policy->patterns[i].rule;
        unsigned roles = taken_from_groups(&policy->patterns[i], person);

        if (!is_for(rule, person) || roles == 0)
            continue;
        said.status = STATUS_DENIED;
        said.roles |= is_in_time(rule, &person->login) ? roles : 0;
    }
    for (size_t i = 0; i < policy->deny_count; i++) {
        const struct deny *deny = &policy->denies[i];

        if (!is_denied(&deny->who, person))
            continue;
        if (deny->role_count + deny->account_count == 0)
            return (struct said){.status = STATUS_DENIED};
        said.roles = left_by(deny, said.roles);
    }
    if (said.roles != 0)
        said.status = STATUS_PERMITTED;
    return said;
}

/* Takes the next digit of a number that counts worlds. */
static inline unsigned next_digit(unsigned *world, unsigned base)
{
    unsigned digit = *world % base;

    *world /= base;
    return digit;
}

/*
 * Makes the person that one of the worlds holds which what is unknown leaves open; in the first of
 * them everything says no. Returns false when there is no such world.
 */
static inline bool go_to_world(const struct policy *policy, const struct person *person,
                               unsigned world, struct person *there)
{
    *there = *person;
    for (unsigned i = 0; i < GROUP_COUNT; i++)
        if (there->by_number[i] == ANSWER_UNKNOWN)
            there->by_number[i] = next_digit(&world, 2) != 0 ? ANSWER_YES : ANSWER_NO;
    if (there->auth_unknown)
        there->facts.publickey = next_digit(&world, 2) != 0;
    if (there->address_unknown)
        there->facts.inside = next_digit(&world, 2) != 0;
    if (there->certificate_unknown)
        there->facts.certificate = next_digit(&world, CERTIFICATES);
    if (there->names_unknown)
        there->facts.names = next_digit(&world, 1U << NAMED_COUNT);
    there->auth_unknown = there->address_unknown = there->certificate_unknown =
        there->names_unknown = false;
    look_up(policy, there);
    return world == 0;
}

/*
 * The rules for all worlds that are left open. `any` gets the roles that are permitted in one of
 * them at least.
 */
static inline struct said judge(const struct policy *policy, const struct person *person,
                                unsigned *any)
{
    struct said first = {.roles = 0};
    struct person there;
    bool agreed = true;

    *any = 0;
    for (unsigned world = 0; go_to_world(policy, person, world, &there); world++) {
        struct said said = judge_world(policy, &there);

        *any |= said.roles;
        if (world == 0)
            first = said;
        else if (said.status != first.status || (first.roles & ~said.roles) != 0)
            agreed = false;
    }
    return agreed ? first : (struct said){.status = STATUS_UNAVAILABLE};
}

#endif
