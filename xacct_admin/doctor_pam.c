/*
 * The PAM lines: whether each stands where it must, and says what the module understands.
 * Source of the order: the comments in conf/pam.d-sshd.example.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_xacct/internal.h"
#include "policy/policy.h"
#include "xacct_admin/doctor.h"
#include "xacct_admin/local_names.h"
#include "xacct_admin/module_file.h"
#include "xacct_admin/pam_stack.h"

#define OURS "pam_xacct.so"

/* What names begin with that are ours, or were meant to be. */
#define OURS_ABOUT "pam_xa"

/* The stack of one service. */
struct examined {
    struct doctor *doctor;
    const char *service;
    struct pam_stack stack;
};

/* Line `i`, if it is of this type and module. */
static bool is_of(const struct pam_line *line, enum pam_type type, const char *name)
{
    return line->type == type && strcmp(line->name, name) == 0;
}

/* The first line of a type that is ours, or the number of lines. */
static size_t find_ours(const struct pam_stack *stack, enum pam_type type)
{
    size_t i;

    for (i = 0; i < stack->count && !is_of(&stack->lines[i], type, OURS); i++)
        ;
    return i;
}

/* Lines above ours that must stand below it, and below that must stand above. */
static void examine_order(struct examined *examined, size_t ours)
{
    const struct pam_line *lines = examined->stack.lines;
    size_t i;

    for (i = 0; i < examined->stack.count; i++) {
        const struct pam_line *line = &lines[i];
        const bool is_env = is_of(line, PAM_TYPE_SESSION, "pam_env.so");

        if (i < ours && (is_env || is_of(line, PAM_TYPE_SESSION, "pam_limits.so")))
            doctor_add(examined->doctor,
                       is_env && texts_have(&line->arguments, "user_readenv=1") ? DOCTOR_FAULT
                                                                                : DOCTOR_WARNING,
                       lines[ours].at, "move the session line of " OURS " above it",
                       "it stands below %s (%s:%u), %s", line->name, line->at.file, line->at.line,
                       is_env ? "through which users set variables of their own"
                              : "whose process limit could starve the helper");
        /* Not pam_systemd, as the profile of pam-auth-update has us above it: where the module
         * starts the helper itself, that is then outside of the user's slice, whose limits could
         * starve it. */
        if (i > ours && (is_of(line, PAM_TYPE_SESSION, "pam_unix.so") ||
                         is_of(line, PAM_TYPE_SESSION, "pam_loginuid.so")))
            doctor_add(examined->doctor, DOCTOR_WARNING, lines[ours].at,
                       "move the session line of " OURS " below it",
                       "it stands above %s (%s:%u), which makes the session that ours is a part of",
                       line->name, line->at.file, line->at.line);
    }
}

/* Lines above ours after which it may not be asked. */
static void examine_reach(struct examined *examined, size_t ours)
{
    const struct pam_line *lines = examined->stack.lines;
    size_t distance = 1, i;

    for (i = ours; i-- > 0;) {
        if (lines[i].type != lines[ours].type)
            continue;
        if (pam_line_ends_early(&lines[i], distance))
            doctor_add(examined->doctor, DOCTOR_FAULT, lines[ours].at,
                       "move the line of " OURS " above it",
                       "it is not asked where %s above it succeeds, which is \"%s\" (%s:%u)",
                       lines[i].name, lines[i].control, lines[i].at.file, lines[i].at.line);
        distance++;
    }
}

/* What the control of one of our lines means for whoever logs in. */
static void examine_control(struct examined *examined, size_t ours)
{
    const struct pam_line *line = &examined->stack.lines[ours];

    if (strcasecmp(line->control, "sufficient") == 0)
        doctor_add(examined->doctor, DOCTOR_FAULT, line->at, "make it required or optional",
                   "it is \"sufficient\", so the lines below it are not asked once it succeeds");
    else if (line->type == PAM_TYPE_SESSION && (strcasecmp(line->control, "required") == 0 ||
                                                strcasecmp(line->control, "requisite") == 0))
        doctor_add(examined->doctor, DOCTOR_NOTE, line->at,
                   "keep a way in for them that needs no AWS",
                   "it is \"%s\": while AWS cannot be had, those get in whom the module leaves "
                   "alone (root, users below minimum_uid, people without a grant), whose roles are "
                   "all of deliver = process, and whose credentials are in memory",
                   line->control);
}

/* Whether a line fails the stack where its module cannot be loaded. */
static bool is_needed(const struct pam_line *line)
{
    const char *action = strcasestr(line->control, "module_unknown=");

    if (*line->control != '[')
        return !line->may_be_missing && (strcasecmp(line->control, "required") == 0 ||
                                         strcasecmp(line->control, "requisite") == 0);
    if (action == NULL)
        action = strcasestr(line->control, "default=");
    action = action != NULL ? strchr(action, '=') + 1 : "";
    return !line->may_be_missing &&
           (strncasecmp(action, "bad", 3) == 0 || strncasecmp(action, "die", 3) == 0);
}

/* The module's own file: that it is there, and of ours that it is root's. */
static void examine_module(struct examined *examined, const struct pam_line *line)
{
    struct doctor *doctor = examined->doctor;
    const char *path = module_file_find(line->module, &doctor->memory);
    const bool is_there = path != NULL && access(path, F_OK) == 0;
    const bool is_ours = strncmp(line->name, OURS_ABOUT, strlen(OURS_ABOUT)) == 0;
    struct path_fault fault;

    if (!is_there && (is_ours || is_needed(line)))
        doctor_add(doctor, DOCTOR_FAULT, line->at,
                   is_needed(line) ? "mend the line now, or install the module where libpam looks "
                                     "for it: without it nobody gets in, root included"
                                   : "mend the line, or install the module where libpam looks for "
                                     "it (make install): without it nobody gets a role",
                   *line->module == '/'
                       ? "there is no such file as %s: libpam cannot load the module"
                       : "there is no %s in any of libpam's folders (/usr/lib/*/security and the "
                         "like): it cannot load the module",
                   line->module);
    else if (is_there && is_ours && !module_file_is_trusted(path, &fault))
        doctor_add(doctor, DOCTOR_FAULT, line->at, "make it root's (chown root, chmod go-w)",
                   "%s: %s", fault.step, fault.what);
}

/* The socket that a line names: that it is there, and nobody else can have put it there. */
static void examine_socket(struct examined *examined, const struct pam_line *line,
                           const char *socket, uid_t helper_uid)
{
    struct doctor *doctor = examined->doctor;
    char *folder = arena_text(&doctor->memory, socket, (size_t)(strrchr(socket, '/') - socket));
    struct path_fault fault = {.error = 0};
    struct stat is;
    size_t i;

    if (folder != NULL && *folder != '\0' &&
        !path_is_trusted(folder, PATH_SOCKET_FOLDER, helper_uid, &fault) && fault.error != ENOENT) {
        doctor_add(doctor, DOCTOR_FAULT, line->at, "name a socket that the service listens on",
                   "socket=%s: %s: %s", socket, fault.step, fault.what);
        return;
    }
    /* Of the default the examination modes tells. */
    for (i = 0; i < line->arguments.count; i++)
        if (strncmp(line->arguments.items[i], "socket=", strlen("socket=")) == 0 &&
            (lstat(socket, &is) != 0 || !S_ISSOCK(is.st_mode)))
            doctor_add(doctor, DOCTOR_WARNING, line->at,
                       "name the socket that the service listens on, or start that: systemctl "
                       "enable --now xacct.socket",
                       "socket=%s: there is no socket, so each login starts a helper", socket);
}

/* The places that the options name. */
static void examine_places(struct examined *examined, const struct pam_line *line,
                           const struct options *options)
{
    struct doctor *doctor = examined->doctor;
    struct path_fault fault;
    uid_t uid;
    gid_t gid;

    if (!local_user_find(options->user, &uid, &gid)) {
        doctor_add(doctor, DOCTOR_FAULT, line->at,
                   "make the user (systemd-sysusers xacct.conf), or name another by user=",
                   "there is no user %s in /etc/passwd for the helper to run as", options->user);
        return;
    }
    if (uid == 0)
        doctor_add(doctor, DOCTOR_FAULT, line->at, "name a user of its own",
                   "user=%s is root, as whom the helper never runs", options->user);
    if (!path_is_trusted(options->helper, PATH_PROGRAM, 0, &fault))
        doctor_add(doctor, DOCTOR_FAULT, line->at, "name the helper as it was installed",
                   "helper=%s: %s: %s", options->helper, fault.step, fault.what);
    if (access(options->config, F_OK) != 0)
        doctor_add(doctor, DOCTOR_FAULT, line->at, "name the policy as it is", "config=%s: %s",
                   options->config, strerror(errno));
    if (options->socket == NULL) {
        doctor_add(doctor, DOCTOR_NOTE, line->at, "name it by socket= if there is one",
                   "with config= or user= the service is not asked: each login starts a helper");
        return;
    }
    examine_socket(examined, line, options->socket, uid);
}

/* The arguments of one of our lines. */
static void examine_arguments(struct examined *examined, const struct pam_line *line)
{
    struct options options;
    bool valid = true;
    size_t i;

    options_begin(&options);
    for (i = 0; i < line->arguments.count; i++) {
        const char *wanted = options_take(&options, line->arguments.items[i]);

        if (wanted == NULL)
            continue;
        doctor_add(examined->doctor, DOCTOR_FAULT, line->at, "mend it: until then the line fails",
                   "the option %s is not understood; expected %s", line->arguments.items[i],
                   wanted);
        valid = false;
    }
    options_complete(&options, valid);
    if (valid)
        examine_places(examined, line, &options);
    if (options.debug)
        doctor_add(examined->doctor, DOCTOR_NOTE, line->at, NULL,
                   "it has the option debug, which fills the log");
}

/* The value of an option of a line, or NULL where it stands there not. */
static const char *value_of(const struct pam_line *line, const char *option)
{
    const char *value = NULL;
    size_t i;

    for (i = 0; i < line->arguments.count; i++)
        if (strncmp(line->arguments.items[i], option, strlen(option)) == 0)
            value = line->arguments.items[i] + strlen(option);
    return value;
}

/* That both lines ask the same helper of the same folders. */
static void examine_agreement(struct examined *examined, const struct pam_line *account,
                              const struct pam_line *session)
{
    static const char *const options[] = {"config=", "socket=", "state=", "user="};
    size_t i;

    for (i = 0; i < sizeof options / sizeof *options; i++)
        if (!text_same(value_of(account, options[i]), value_of(session, options[i])))
            doctor_add(examined->doctor, DOCTOR_WARNING, session->at,
                       "give both lines the same option",
                       "its %s is not that of the account line (%s:%u), so each decides by another",
                       options[i], account->at.file, account->at.line);
}

/* Lines of ours that do nothing. */
static void examine_idle(struct examined *examined, size_t ours, size_t first)
{
    const struct pam_line *lines = examined->stack.lines;

    if (lines[ours].type == PAM_TYPE_AUTH || lines[ours].type == PAM_TYPE_PASSWORD)
        doctor_add(examined->doctor, DOCTOR_WARNING, lines[ours].at,
                   "take it out: what counts are a line of account and one of session",
                   "it is a line of %s, where " OURS " does nothing",
                   lines[ours].type == PAM_TYPE_AUTH ? "auth" : "password");
    else if (ours != first)
        doctor_add(examined->doctor, DOCTOR_WARNING, lines[ours].at, "take one of them out",
                   "it stands there a second time: the first is %s:%u", lines[first].at.file,
                   lines[first].at.line);
}

/* That a stack with one of our lines has the other. */
static void examine_pair(struct examined *examined, size_t account, size_t session)
{
    const struct pam_stack *stack = &examined->stack;

    if (account == stack->count)
        doctor_add(examined->doctor, DOCTOR_WARNING, stack->lines[session].at,
                   "add \"account required " OURS "\" above common-account",
                   "%s has a session line and no account line, so a [deny] keeps nobody out where "
                   "the session line is \"optional\"",
                   examined->service);
    if (session == stack->count)
        doctor_add(examined->doctor, DOCTOR_WARNING, stack->lines[account].at,
                   "add \"session required " OURS "\" below common-session",
                   "%s has an account line and no session line, so nobody gets credentials",
                   examined->service);
    if (account < stack->count && session < stack->count)
        examine_agreement(examined, &stack->lines[account], &stack->lines[session]);
}

/* Examines a service. Returns whether our lines are in it. */
static bool examine_service(struct doctor *doctor, const char *service)
{
    struct examined examined = {.doctor = doctor, .service = service};
    const struct pam_stack *stack = &examined.stack;
    size_t account, session, i;
    bool is_ours;

    pam_stack_read(service, &doctor->memory, &examined.stack);
    account = find_ours(stack, PAM_TYPE_ACCOUNT);
    session = find_ours(stack, PAM_TYPE_SESSION);
    is_ours = account < stack->count || session < stack->count;
    for (i = 0; i < stack->count; i++)
        if (is_ours || strncmp(stack->lines[i].name, OURS_ABOUT, strlen(OURS_ABOUT)) == 0)
            examine_module(&examined, &stack->lines[i]);
    for (i = 0; i < stack->count; i++)
        if (strcmp(stack->lines[i].name, OURS) == 0)
            examine_idle(&examined, i, find_ours(stack, stack->lines[i].type));
    if (!is_ours)
        return false;
    if (stack->fault != NULL)
        doctor_add(doctor, DOCTOR_FAULT, stack->fault_at, "mend it: libpam refuses such a service",
                   "%s: %s", service, stack->fault);
    examine_pair(&examined, account, session);
    if (session < stack->count)
        examine_order(&examined, session);
    for (i = 0; i < stack->count; i++)
        if (strcmp(stack->lines[i].name, OURS) == 0) {
            examine_reach(&examined, i);
            examine_control(&examined, i);
            examine_arguments(&examined, &stack->lines[i]);
        }
    return true;
}

/* Whether a file of the folder is a service, and not one that is included alone. */
static int is_service(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strncmp(entry->d_name, "common-", 7) != 0 &&
           strpbrk(entry->d_name, "~#") == NULL;
}

/* Services that grants are for, and whose stack has none of our lines. */
static void examine_grants(struct doctor *doctor, const struct texts *ours)
{
    const struct policy *policy = doctor->reading.policy;
    size_t grant, i;

    for (grant = 0; policy != NULL && grant < policy->grant_count; grant++) {
        const struct texts *services = &policy->grants[grant].services;

        for (i = 0; i < services->count; i++)
            if (!texts_have(ours, services->items[i]))
                doctor_add(doctor, DOCTOR_WARNING,
                           policy->grants[grant].condition_at[CONDITION_SERVICES],
                           "add our lines to that service, or take it out of the grant",
                           "[%s] is for the service %s, and " PAM_FOLDER "/%s does not name " OURS,
                           policy->grants[grant].title, services->items[i], services->items[i]);
    }
}

void doctor_pam(struct doctor *doctor)
{
    struct texts ours = {.count = 0}; /* services with our lines */
    struct dirent **services = NULL;
    int count = scandir(PAM_FOLDER, &services, is_service, alphasort), i;

    if (count < 0) {
        doctor_add(doctor, DOCTOR_CANNOT_TELL, (struct position){PAM_FOLDER, 0}, NULL, "%s",
                   strerror(errno));
        return;
    }
    for (i = 0; i < count; i++) {
        const char *name = services[i]->d_name;

        if (examine_service(doctor, name))
            texts_add(&doctor->memory, &ours, arena_text(&doctor->memory, name, strlen(name)));
        free(services[i]);
    }
    free(services);
    if (!texts_have(&ours, "sshd"))
        doctor_add(doctor, DOCTOR_WARNING, (struct position){PAM_FOLDER "/sshd", 0},
                   "add the two lines that README.md shows under \"The PAM lines\"",
                   "it does not name " OURS ", so nobody gets a role by ssh");
    examine_grants(doctor, &ours);
    if (!doctor_found(doctor))
        doctor_add(doctor, DOCTOR_OK, doctor_nowhere, NULL,
                   "our lines stand where they must in %zu of the services in " PAM_FOLDER,
                   ours.count);
}
