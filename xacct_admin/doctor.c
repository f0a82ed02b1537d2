/*
 * xacct doctor: its examinations in a row.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/deadline.h"
#include "common/escape.h"
#include "policy/address.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct_admin/doctor_report.h"
#include "xacct_admin/local_names.h"
#include "xacct_admin/nss.h"

#define MINIMUM_UID 1000 /* unless the policy says another */

const struct position doctor_nowhere = {NULL, 0};

const struct examination examinations[] = {
    {"metadata", "does anybody else reach a metadata endpoint?", doctor_metadata},
    {"modes", "are owners and modes as they must be?", doctor_modes},
    {"policy", "which policy is in force, since when?", doctor_policy},
    {"pam", "do our lines stand where they must?", doctor_pam},
    {"sshd", "does sshd let users in the way, or log secrets?", doctor_sshd},
    {"root", "who is root by another way?", doctor_root},
    {"base", "does the identity of this host work?", doctor_base},
    {"clock", "is the clock right?", doctor_clock},
    {"sts", "does STS answer in each region in use?", doctor_sts},
    {"roles", "can the roles of --try be assumed?", doctor_roles},
    {NULL, NULL, NULL},
};

/* Whether the running examination has noted the same already. */
static bool is_noted(const struct doctor *doctor, const struct doctor_finding *finding)
{
    size_t i;

    for (i = doctor->count; i-- > 0 && doctor->items[i].examination == doctor->now;)
        if (doctor->items[i].result == finding->result &&
            doctor->items[i].at.line == finding->at.line &&
            text_same(doctor->items[i].at.file, finding->at.file) &&
            strcmp(doctor->items[i].text, finding->text) == 0)
            return true;
    return false;
}

void doctor_add(struct doctor *doctor, enum doctor_result result, struct position at,
                const char *remedy, const char *format, ...)
{
    struct arena *memory = &doctor->memory;
    struct doctor_finding finding = {
        .examination = doctor->now, .result = result, .at = at, .remedy = remedy};
    struct doctor_finding *items;
    va_list arguments;

    va_start(arguments, format);
    finding.text = arena_vformat(memory, format, arguments);
    va_end(arguments);
    if (at.file != NULL)
        finding.at.file = arena_text(memory, at.file, strlen(at.file));
    if (finding.text == NULL || (at.file != NULL && finding.at.file == NULL) ||
        is_noted(doctor, &finding))
        return;
    items = arena_grow(memory, doctor->items, doctor->count, sizeof *items);
    if (items == NULL)
        return;
    doctor->items = items;
    doctor->items[doctor->count++] = finding;
}

bool doctor_found(const struct doctor *doctor)
{
    size_t i;

    for (i = 0; i < doctor->count; i++)
        if (doctor->items[i].examination == doctor->now &&
            doctor->items[i].result >= DOCTOR_WARNING)
            return true;
    return false;
}

bool doctor_is_person(const struct doctor *doctor, uid_t uid)
{
    const struct policy *policy = doctor->reading.policy;

    return uid != DOCTOR_NOBODY &&
           (policy != NULL ? policy_is_managed(policy, uid) : uid >= MINIMUM_UID);
}

/* Whether `name` is one of the words of a list with commas. */
static bool is_listed(const char *list, const char *name)
{
    size_t length;

    for (; *list != '\0'; list += length + (list[length] == ',')) {
        length = strcspn(list, ",");
        if (length == strlen(name) && strncmp(list, name, length) == 0)
            return true;
    }
    return false;
}

/* Checks that every word of --only names an examination. Returns false after a complaint. */
static bool check_only(const char *list)
{
    char shown[ESCAPE_MAX], word[64];
    const struct examination *known;
    size_t length;

    for (; list != NULL && *list != '\0'; list += length + (list[length] == ',')) {
        length = strcspn(list, ",");
        snprintf(word, sizeof word, "%.*s", (int)length, list);
        for (known = examinations; known->name != NULL && strcmp(known->name, word) != 0; known++)
            ;
        if (known->name == NULL) {
            complain("doctor: --only %s: there is no such examination: see xacct doctor --help",
                     escape(shown, sizeof shown, word));
            return false;
        }
    }
    return true;
}

/* Finds the user who was named. Returns false after a complaint where there is none; whom NSS does
 * not tell of stays unknown. */
static bool find_user(struct doctor *doctor)
{
    const struct invocation *invocation = doctor->invocation;
    struct nss_name user = {.name = invocation->operands[0]};
    char shown[ESCAPE_MAX];

    if (invocation->operand_count == 0)
        return true;
    doctor->user_known = local_user_find(user.name, &doctor->user_uid, &doctor->user_gid);
    if (doctor->user_known)
        return true;
    if (nss_find(&user, 1, deadline_in_ms(NSS_MS), &doctor->memory) == 0 &&
        user.outcome == NSS_UNKNOWN) {
        complain("doctor: there is no user %s on this host: look at getent passwd",
                 escape(shown, sizeof shown, user.name));
        return false;
    }
    doctor->user_known = user.outcome == NSS_KNOWN;
    doctor->user_uid = user.id;
    doctor->user_gid = DOCTOR_NOBODY;
    return true;
}

/* Whether the options fit each other. Returns false after a complaint. */
static bool check_options(const struct invocation *invocation)
{
    const char *from = invocation->value[OPTION_FROM], *only = invocation->value[OPTION_ONLY];
    struct address address;
    char shown[ESCAPE_MAX];

    if (!check_only(only))
        return false;
    if (from != NULL && !address_read(from, &address)) {
        complain("doctor: --from %s: it is no address, such as 10.0.0.7 or 2001:db8::7",
                 escape(shown, sizeof shown, from));
        return false;
    }
    if (only != NULL && invocation->value[OPTION_TRY] != NULL && !is_listed(only, "roles")) {
        complain("doctor: --try %s: nothing would be tried, as --only leaves roles out: name it "
                 "there too",
                 escape(shown, sizeof shown, invocation->value[OPTION_TRY]));
        return false;
    }
    return true;
}

/* Whether a run is to be seen while it goes on: by somebody at a terminal. */
static bool shows_progress(const struct invocation *invocation)
{
    return isatty(STDERR_FILENO) && invocation->value[OPTION_QUIET] == NULL &&
           invocation->value[OPTION_LOG] == NULL;
}

/* Tells what was found from number `from` on, unless that comes at the end. Returns 0 or 1. */
static int tell(const struct doctor *doctor, size_t from)
{
    const char *const *value = doctor->invocation->value;
    struct text text = TEXT_EMPTY;
    int status = 0;

    if (value[OPTION_LOG] != NULL) {
        doctor_report_log(doctor, from);
    } else if (value[OPTION_QUIET] == NULL && value[OPTION_JSON] == NULL) {
        doctor_report_add_lines(doctor, from, &text);
        status = text.length > 0 || text.failed ? text_print(&text) : 0;
    }
    text_free(&text);
    return status;
}

/* Runs what is asked for. Returns 0, or 1 when it could not be told. */
static int examine(struct doctor *doctor)
{
    const char *const *value = doctor->invocation->value;
    size_t from;
    int status = 0;

    for (doctor->now = examinations; doctor->now->name != NULL && status == 0; doctor->now++) {
        if (value[OPTION_ONLY] != NULL
                ? !is_listed(value[OPTION_ONLY], doctor->now->name)
                : doctor->now->run == doctor_roles && value[OPTION_TRY] == NULL)
            continue;
        if (shows_progress(doctor->invocation))
            fprintf(stderr, "xacct: doctor: %s: %s\n", doctor->now->name, doctor->now->asks);
        from = doctor->count;
        doctor->now->run(doctor);
        status = tell(doctor, from);
    }
    return status;
}

/* Prints what comes at the end. Returns the exit status. */
static int conclude(const struct doctor *doctor)
{
    struct text text = TEXT_EMPTY;
    int status = EXIT_FINE;

    if (doctor_report_count(doctor, DOCTOR_FAULT) + doctor_report_count(doctor, DOCTOR_WARNING) > 0)
        status = EXIT_REFUSED;
    if (doctor->invocation->value[OPTION_JSON] != NULL) {
        doctor_report_add_json(doctor, &text);
        if (text_print(&text) != 0)
            status = EXIT_USAGE;
    }
    text_free(&text);
    return status;
}

int command_doctor(const struct invocation *invocation)
{
    struct doctor doctor = {.invocation = invocation};
    int status = EXIT_USAGE;

    if (geteuid() != 0) {
        complain("doctor: only root may look at all of this: run it as root");
        return EXIT_USAGE;
    }
    if (!check_options(invocation) || !find_user(&doctor) ||
        !reading_begin(&doctor.reading, POLICY_DEFAULT_FILE))
        goto done;
    reading_load(&doctor.reading, NULL, 0);
    helper_asker_begin(&doctor.helper, invocation->socket, &doctor.memory);
    if (examine(&doctor) != 0)
        goto done;
    if (doctor.memory.exhausted)
        complain("not enough memory for the doctor: end some programs and try again");
    else
        status = conclude(&doctor);

done:
    reading_end(&doctor.reading);
    arena_free(&doctor.memory);
    return status;
}
