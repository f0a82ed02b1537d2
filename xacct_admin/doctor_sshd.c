/*
 * What sshd does, by its own word: `sshd -T`, for a user and an address where they are given.
 * Source: sshd_config(5); session.c of OpenSSH for what overrides what.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "policy/glob.h"
#include "policy/policy.h"
#include "xacct_admin/doctor.h"
#include "xacct_admin/program.h"
#include "xacct_admin/sshd_config.h"

#define SSHD "/usr/sbin/sshd"

/* Names that a client must not bring along: of the role's variables, and of what SDKs read. */
static const char *const guarded[] = {"AWS_*", "XACCT_*"};

/* Where the files say a keyword, with this word in its value; or the main file as a whole. */
static struct position find_place(struct doctor *doctor, const char *keyword, const char *value)
{
    struct position at = {SSHD_CONFIG, 0};

    sshd_config_find(keyword, value, &doctor->memory, &at);
    return at;
}

/* One keyword in force and its value. */
struct rule {
    const char *keyword; /* in lower case, as sshd -T has it */
    void (*examine)(struct doctor *doctor, const char *value);
};

static void examine_use_pam(struct doctor *doctor, const char *value)
{
    if (strcasecmp(value, "yes") != 0)
        doctor_add(
            doctor, DOCTOR_FAULT, find_place(doctor, "UsePAM", value), "UsePAM yes",
            "UsePAM is %s: sshd asks no PAM line, so nobody gets a role and no [deny] counts",
            value);
}

/* One pattern of AcceptEnv. */
static void examine_accepted(struct doctor *doctor, const char *pattern)
{
    size_t i;

    for (i = 0; i < sizeof guarded / sizeof *guarded; i++)
        if (glob_overlap(pattern, guarded[i])) {
            doctor_add(doctor, DOCTOR_WARNING, find_place(doctor, "AcceptEnv", pattern),
                       "take it out of AcceptEnv",
                       "AcceptEnv %s lets clients bring variables of the form %s, such as keys of "
                       "their own or where programs look for some",
                       pattern, guarded[i]);
            return;
        }
}

static void examine_accept_env(struct doctor *doctor, const char *value)
{
    char *copy = arena_text(&doctor->memory, value, strlen(value)), *rest = NULL, *word;

    for (word = copy != NULL ? strtok_r(copy, " \t", &rest) : NULL; word != NULL;
         word = strtok_r(NULL, " \t", &rest))
        examine_accepted(doctor, word);
}

static void examine_user_environment(struct doctor *doctor, const char *value)
{
    const char *by = strcasecmp(value, "yes") == 0 ? "every variable" : value;

    if (strcasecmp(value, "no") == 0 ||
        (strcasecmp(value, "yes") != 0 && !glob_overlap(value, guarded[0]) &&
         !glob_overlap(value, guarded[1])))
        return;
    doctor_add(doctor, DOCTOR_WARNING, find_place(doctor, "PermitUserEnvironment", value),
               "PermitUserEnvironment no",
               "PermitUserEnvironment is %s: users set %s before a session begins, in "
               "~/.ssh/environment and authorized_keys",
               value, by);
}

static void examine_log_level(struct doctor *doctor, const char *value)
{
    if (strcasecmp(value, "DEBUG3") == 0)
        doctor_add(doctor, DOCTOR_FAULT, find_place(doctor, "LogLevel", value), "LogLevel VERBOSE",
                   "LogLevel is DEBUG3: sshd writes the PAM environment to its log, and with it "
                   "every session's keys");
    else if (strncasecmp(value, "DEBUG", 5) == 0)
        doctor_add(doctor, DOCTOR_WARNING, find_place(doctor, "LogLevel", value),
                   "LogLevel VERBOSE",
                   "LogLevel is %s, which is for a moment's search: one more and keys are in the "
                   "log",
                   value);
}

static void examine_grace(struct doctor *doctor, const char *value)
{
    const struct policy *policy = doctor->reading.policy;
    const long timeout = policy != NULL && policy->timeout_ms > 0 ? policy->timeout_ms : 5000;
    const long grace = strtol(value, NULL, 10);

    if (grace > 0 && grace * 1000 < timeout)
        doctor_add(doctor, DOCTOR_WARNING, find_place(doctor, "LoginGraceTime", NULL),
                   "LoginGraceTime 120",
                   "LoginGraceTime is %ld s, and the account phase alone may take two fifths of "
                   "%ld s: sshd ends logins that only wait",
                   grace, timeout / 1000);
}

/* Where people share accounts by certificates, a plain key comes in without one. */
static void examine_keys_file(struct doctor *doctor, const char *value)
{
    if (doctor->reading.policy == NULL || doctor->reading.policy->ca_count == 0 ||
        strcasecmp(value, "none") == 0)
        return;
    doctor_add(
        doctor, DOCTOR_NOTE, find_place(doctor, "AuthorizedKeysFile", NULL),
        "for an account that people share, AuthorizedKeysFile none in a Match User",
        "the policy has [ca] sections, and AuthorizedKeysFile is %s: who may add a plain key "
        "to a shared account logs in as the Unix user, without a certificate",
        value);
}

static void examine_ca_keys(struct doctor *doctor, const char *value)
{
    if (doctor->reading.policy != NULL && doctor->reading.policy->ca_count > 0 &&
        strcasecmp(value, "none") == 0)
        doctor_add(doctor, DOCTOR_NOTE, (struct position){SSHD_CONFIG, 0}, NULL,
                   "the policy has [ca] sections and sshd no TrustedUserCAKeys here: certificates "
                   "count where authorized_keys has a cert-authority line, or under a Match");
}

static const struct rule rules[] = {
    {"usepam", examine_use_pam},
    {"acceptenv", examine_accept_env},
    {"permituserenvironment", examine_user_environment},
    {"loglevel", examine_log_level},
    {"logingracetime", examine_grace},
    {"authorizedkeysfile", examine_keys_file},
    {"trustedusercakeys", examine_ca_keys},
};

/* Looks at what sshd prints: KEYWORD VALUE, a line each. */
static void examine_output(struct doctor *doctor, char *output)
{
    char *rest = NULL, *line;
    size_t i, length;

    for (line = strtok_r(output, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        length = strcspn(line, " ");
        for (i = 0; i < sizeof rules / sizeof *rules; i++)
            if (line[length] == ' ' && strlen(rules[i].keyword) == length &&
                strncasecmp(line, rules[i].keyword, length) == 0)
                rules[i].examine(doctor, line + length + 1);
    }
}

/* Says that more may be in force for some than was looked at. */
static void tell_of_matches(struct doctor *doctor)
{
    struct position at = {NULL, 0};

    if (sshd_config_find("Match", NULL, &doctor->memory, &at))
        doctor_add(doctor, DOCTOR_CANNOT_TELL, at,
                   "name a user, and an address if it counts: xacct doctor USER --from ADDR",
                   "what is under Match is in force for some logins, and was not looked at");
}

/* Asks sshd for its configuration. Returns the context's text, or NULL where none is given. */
static const char *context(struct doctor *doctor)
{
    const struct invocation *invocation = doctor->invocation;
    const char *address = invocation->value[OPTION_FROM];

    if (invocation->operand_count == 0)
        return NULL;
    return address != NULL ? arena_format(&doctor->memory, "user=%s,host=%s,addr=%s",
                                          invocation->operands[0], address, address)
                           : arena_format(&doctor->memory, "user=%s", invocation->operands[0]);
}

void doctor_sshd(struct doctor *doctor)
{
    const char *for_whom = context(doctor);
    const char *const arguments[] = {SSHD, "-T", for_whom != NULL ? "-C" : NULL, for_whom, NULL};
    struct program_run run;

    if (access(SSHD, X_OK) != 0) {
        doctor_add(doctor, DOCTOR_CANNOT_TELL, doctor_nowhere, NULL, "%s: %s", SSHD,
                   strerror(errno));
        return;
    }
    program_run(arguments, DOCTOR_MS, &run);
    if (run.why[0] != '\0')
        doctor_add(doctor, DOCTOR_CANNOT_TELL, doctor_nowhere, "run sshd -T by hand", "%s",
                   run.why);
    else if (run.status != 0 || run.output.length == 0)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, doctor_nowhere, "run sshd -T by hand",
                   "sshd -T does not tell its configuration: %s",
                   run.errors.length > 0 ? run.errors.bytes : "it prints nothing");
    else
        examine_output(doctor, run.output.bytes);
    if (run.why[0] == '\0' && run.status == 0 && for_whom == NULL)
        tell_of_matches(doctor);
    if (run.why[0] == '\0' && run.status == 0 && !doctor_found(doctor))
        doctor_add(doctor, DOCTOR_OK, doctor_nowhere, NULL,
                   "sshd asks PAM, takes no AWS_* from clients and logs no secret%s%s",
                   for_whom != NULL ? ", for " : "", for_whom != NULL ? for_whom : "");
    program_run_free(&run);
}
