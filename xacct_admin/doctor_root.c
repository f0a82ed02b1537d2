/*
 * Who is root on this host by another way than logging in as root. Who is has every role: the
 * helper's folder, its credentials and the sessions of all are theirs. And who reads the base
 * credentials by the helper's group, which comes to the same.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "xacct_admin/doctor.h"
#include "xacct_admin/nss.h"
#include "xacct_admin/permissions.h"
#include "xacct_admin/sudoers.h"

/* Groups whose members can become root. */
static const struct {
    const char *name;
    const char *how;
} ways[] = {
    {"docker", "a container may mount the whole host"},
    {"lxd", "a container may be made with root's rights on the host"},
    {"incus-admin", "a container may be made with root's rights on the host"},
    {"libvirt", "a virtual machine may be given the host's disk"},
    {"disk", "it reads and writes the disks themselves"},
    {"kmem", "it reads the kernel's memory"},
    {"shadow", "it reads the passwords' hashes"},
};

/* Somebody who could be root. */
struct person {
    const char *name;
    uid_t uid;
    bool uid_known;
    bool is_granted;     /* a grant gives them roles, by name or by group */
    struct texts groups; /* that they are in */
    bool whole;          /* these are all */
    int error;           /* an errno that says why not, or 0 */
};

struct people {
    struct doctor *doctor;
    struct person *items;
    size_t count;
};

/* Adds a person, once each. */
static void add_person(struct people *people, const char *name, bool is_granted)
{
    struct arena *memory = &people->doctor->memory;
    struct person *items;
    size_t i;

    for (i = 0; i < people->count; i++)
        if (strcmp(people->items[i].name, name) == 0) {
            people->items[i].is_granted = people->items[i].is_granted || is_granted;
            return;
        }
    items = arena_grow(memory, people->items, people->count, sizeof *items);
    name = arena_text(memory, name, strlen(name));
    if (items == NULL || name == NULL)
        return;
    people->items = items;
    items[people->count++] = (struct person){.name = name, .is_granted = is_granted};
}

/* The people of /etc/passwd, and whom grants name. */
static void collect(struct people *people)
{
    const struct policy *policy = people->doctor->reading.policy;
    FILE *file = fopen("/etc/passwd", "re");
    const struct passwd *user;
    size_t grant, i;

    for (grant = 0; policy != NULL && grant < policy->grant_count; grant++)
        for (i = 0; i < policy->grants[grant].who.users.count; i++)
            add_person(people, policy->grants[grant].who.users.items[i], true);
    while (file != NULL && (user = fgetpwent(file)) != NULL)
        if (doctor_is_person(people->doctor, user->pw_uid))
            add_person(people, user->pw_name, false);
    if (file != NULL)
        fclose(file);
}

/* Whether a grant names a group that somebody is in, or a pattern may read one. */
static bool is_granted_by_group(const struct policy *policy, const struct nss_login *login)
{
    size_t grant, i;

    for (grant = 0; login->in_group != NULL && grant < policy->grant_count; grant++)
        for (i = 0; i < policy->grants[grant].who.group_count; i++)
            if (login->in_group[policy->grants[grant].who.groups[i]] == ANSWER_YES)
                return true;
    return false;
}

/* Asks NSS for the groups of all. */
static void look_up(struct people *people)
{
    static const struct policy none;
    const struct policy *policy =
        people->doctor->reading.policy != NULL ? people->doctor->reading.policy : &none;
    const struct deadline deadline = deadline_in_ms(NSS_MS);
    size_t i;

    for (i = 0; i < people->count; i++) {
        struct person *person = &people->items[i];
        struct nss_login login = {.outcome = NSS_UNANSWERED};

        if (nss_find_login(policy, (struct nss_user){person->name, false}, deadline,
                           &people->doctor->memory, &login) != 0 ||
            login.outcome == NSS_UNANSWERED)
            continue;
        person->error = login.error;
        person->whole = login.outcome == NSS_UNKNOWN || login.names_are_whole;
        person->uid_known = login.outcome == NSS_KNOWN;
        person->uid = login.uid;
        person->groups = login.names;
        person->is_granted = person->is_granted || is_granted_by_group(policy, &login);
    }
}

/* The line of a group in /etc/group, or nowhere. */
static struct position place_of_group(const char *name)
{
    struct position at = {"/etc/group", 0};
    FILE *file = fopen(at.file, "re");
    char *line = NULL;
    size_t size = 0, length = strlen(name);
    bool found = false;

    while (file != NULL && !found && getline(&line, &size, file) >= 0) {
        at.line++;
        found = strncmp(line, name, length) == 0 && line[length] == ':';
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return found ? at : doctor_nowhere;
}

/* Notes that somebody is root: a warning for whom a grant gives some roles, but not all. */
static void tell(struct doctor *doctor, const struct person *person, struct position at,
                 const char *how, const char *why)
{
    doctor_add(doctor, person->is_granted ? DOCTOR_WARNING : DOCTOR_NOTE, at,
               person->is_granted ? "take that right or the grant away: what the policy says of "
                                    "them does not hold"
                                  : NULL,
               "%s is %s: root on this host (%s), and so has every role", person->name, how, why);
}

/* Notes that somebody reads what is the helper's group's alone. */
static void tell_of_helpers_group(struct doctor *doctor, const char *name, struct position at)
{
    doctor_add(doctor, DOCTOR_FAULT, at, "take them out of it: nobody belongs there",
               "%s is in the group " HELPER_NAME ", which reads the base credentials and the "
               "policy: whoever does so is this host to AWS, and has every role",
               name);
}

static void examine_groups(const struct people *people)
{
    size_t i, way;

    for (i = 0; i < people->count; i++)
        for (way = 0; way < sizeof ways / sizeof *ways; way++)
            if (texts_have(&people->items[i].groups, ways[way].name))
                tell(people->doctor, &people->items[i], place_of_group(ways[way].name),
                     arena_format(&people->doctor->memory, "in the group %s", ways[way].name),
                     ways[way].how);
}

/* What of sudo's rules lets a person run everything, or NULL. */
static const char *sudo_rule(const struct sudoers *sudoers, const struct person *person,
                             struct arena *memory)
{
    char number[16];
    size_t i;

    if (texts_have(&sudoers->users, person->name))
        return person->name;
    snprintf(number, sizeof number, "#%u", (unsigned)person->uid);
    if (person->uid_known && texts_have(&sudoers->users, number))
        return arena_text(memory, number, strlen(number));
    for (i = 0; i < sudoers->groups.count; i++)
        if (texts_have(&person->groups, sudoers->groups.items[i]))
            return arena_format(memory, "%%%s", sudoers->groups.items[i]);
    return sudoers->everybody ? "ALL" : NULL;
}

/* Puts the name of a group in the place of each #GID, where NSS knows one. */
static void name_groups(struct doctor *doctor, struct sudoers *sudoers)
{
    struct nss_name group;
    size_t i;

    for (i = 0; i < sudoers->groups.count; i++) {
        char *item = sudoers->groups.items[i];

        if (*item != '#')
            continue;
        group = (struct nss_name){.is_group = true, .id = (unsigned)strtoul(item + 1, NULL, 10)};
        if (nss_find(&group, 1, deadline_in_ms(NSS_MS), &doctor->memory) == 0 &&
            group.outcome == NSS_KNOWN)
            sudoers->groups.items[i] = (char *)group.known_as;
        else
            doctor_add(
                doctor, DOCTOR_CANNOT_TELL,
                sudoers_place(arena_format(&doctor->memory, "%%%s", item), &doctor->memory), NULL,
                "the group %%%s may run everything by sudo, and NSS knows no name of it", item);
    }
}

static void examine_sudo(const struct people *people)
{
    struct doctor *doctor = people->doctor;
    const struct position at = {SUDOERS, 0};
    struct sudoers sudoers;
    size_t i;

    sudoers_read(DOCTOR_MS, &doctor->memory, &sudoers);
    if (sudoers.why != NULL)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, at, "look at it with visudo", "%s", sudoers.why);
    if (sudoers.is_read)
        name_groups(doctor, &sudoers);
    for (i = 0; sudoers.is_read && i < people->count; i++) {
        const char *rule = sudo_rule(&sudoers, &people->items[i], &doctor->memory);

        if (rule != NULL)
            tell(doctor, &people->items[i], sudoers_place(rule, &doctor->memory),
                 "allowed everything by sudo",
                 arena_format(&doctor->memory, "a rule for %s", rule));
    }
    for (i = 0; i < sudoers.others.count; i++)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, at, NULL,
                   "%s may run everything by sudo, and who that is cannot be told here",
                   sudoers.others.items[i]);
}

/* Says of whom NSS does not tell all groups, in one line. */
static void tell_of_unanswered(const struct people *people)
{
    const struct person *first = NULL;
    size_t i, count = 0;

    for (i = 0; i < people->count; i++)
        if (!people->items[i].whole && count++ == 0)
            first = &people->items[i];
    if (first != NULL)
        doctor_add(people->doctor, DOCTOR_CANNOT_TELL, (struct position){"/etc/nsswitch.conf", 0},
                   "start the sources that its line group names, such as sssd, or take out what is "
                   "not in use",
                   "NSS does not say in which groups %zu of %zu people are, such as %s: %s", count,
                   people->count, first->name,
                   first->error != 0 ? strerror(first->error)
                                     : "a source does not answer, or not in time");
}

/* Other names of uid 0, and whoever has the helper's group as their first. */
static void examine_accounts(struct doctor *doctor)
{
    struct position at = {"/etc/passwd", 0};
    FILE *file = fopen(at.file, "re");
    const struct passwd *user;

    while (file != NULL && (user = fgetpwent(file)) != NULL) {
        if (user->pw_uid == 0 && strcmp(user->pw_name, "root") != 0)
            doctor_add(doctor, DOCTOR_FAULT, at, "give it another uid, or take it out",
                       "%s has the uid 0: it is root on this host, and so has every role",
                       user->pw_name);
        if (doctor->helper.is_known && user->pw_gid == doctor->helper.gid && user->pw_uid != 0 &&
            user->pw_uid != doctor->helper.uid)
            tell_of_helpers_group(doctor, user->pw_name, at);
    }
    if (file != NULL)
        fclose(file);
}

/* Who is in the helper's group, by /etc/group or by what NSS says of people. */
static void examine_helpers_group(const struct people *people)
{
    struct doctor *doctor = people->doctor;
    const struct position at = place_of_group(HELPER_NAME);
    FILE *file = fopen("/etc/group", "re");
    const struct group *group;
    size_t i;

    while (file != NULL && (group = fgetgrent(file)) != NULL)
        for (i = 0; strcmp(group->gr_name, HELPER_NAME) == 0 && group->gr_mem[i] != NULL; i++)
            if (strcmp(group->gr_mem[i], HELPER_NAME) != 0 && strcmp(group->gr_mem[i], "root") != 0)
                tell_of_helpers_group(doctor, group->gr_mem[i], at);
    if (file != NULL)
        fclose(file);
    for (i = 0; i < people->count; i++)
        if (texts_have(&people->items[i].groups, HELPER_NAME))
            tell_of_helpers_group(doctor, people->items[i].name, at);
}

void doctor_root(struct doctor *doctor)
{
    struct people people = {.doctor = doctor};
    const size_t before = doctor->count;

    collect(&people);
    look_up(&people);
    tell_of_unanswered(&people);
    examine_accounts(doctor);
    examine_helpers_group(&people);
    examine_groups(&people);
    examine_sudo(&people);
    if (doctor->reading.policy == NULL)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, (struct position){doctor->reading.path, 0},
                   "xacct check says what is wrong with it",
                   "without a policy it is not known to whom grants give roles");
    if (doctor->count == before)
        doctor_add(doctor, DOCTOR_OK, doctor_nowhere, NULL,
                   "of %zu people none is root by a group or by sudo", people.count);
}
