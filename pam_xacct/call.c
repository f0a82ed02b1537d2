/*
 * One call of an entry point: what it starts from, and whether it is any business of ours.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pam_xacct/internal.h"

/* How many fifths of `timeout` a task may take: a login checks and opens, and ends within it. */
static const int fifths[] = {[TASK_CHECK] = 2, [TASK_OPEN] = 3, [TASK_CLOSE] = 2};

/* Kept back from a task's time for killing and reaping; less where the whole is short. */
#define REAP_MS INT64_C(100)

void call_begin(struct call *call, enum task task, pam_handle_t *pamh, int flags, int argc,
                const char **argv)
{
    const void *user = NULL;
    int64_t budget, reserve;

    memset(call, 0, sizeof *call);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &call->cancel_state);
    call->pamh = pamh;
    call->task = task;
    call->silent = (flags & PAM_SILENT) != 0;
    reference_make(call->reference);
    call->options_valid = options_read(&call->options, pamh, argc, argv, call->reference);
    budget = call->options.timeout_ms * fifths[task] / 5;
    reserve = budget / 4 < REAP_MS ? budget / 4 : REAP_MS;
    call->answer_ms = budget - reserve;
    call->answer_by = deadline_in_ms(call->answer_ms);
    call->done_by = deadline_in_ms(budget);
    /* Not pam_get_user(3): it would ask, and at this point whoever logs in is known. */
    if (pam_get_item(pamh, PAM_USER, &user) == PAM_SUCCESS)
        call->user = user;
}

void call_free_reply(struct call *call)
{
    if (call->reply.memory == NULL)
        return;
    frame_wipe(&call->reply);
    free(call->reply.memory);
    call->reply = (struct frame){0};
}

void call_end(struct call *call)
{
    call_free_reply(call);
    pthread_setcancelstate(call->cancel_state, NULL);
}

/* Whether the user that the helper is to run as exists and is none that would give it power. */
static bool helper_user_is_fit(struct call *call)
{
    const char *name = call->options.user;
    const struct passwd_entry *entry = &call->helper_user;

    if (!entry->found)
        outcome_set(
            call, STATUS_MISCONFIGURED,
            "the helper's user %s is not in /etc/passwd: create it, or name another by user=",
            name);
    else if (entry->uid == 0 || entry->gid == 0)
        outcome_set(call, STATUS_MISCONFIGURED,
                    "the helper's user %s has uid %lu and gid %lu: neither may be 0", name,
                    (unsigned long)entry->uid, (unsigned long)entry->gid);
    else
        return true;
    return false;
}

bool call_is_ours(struct call *call)
{
    const struct options *options = &call->options;
    enum { USER, HELPER_USER, USERS };
    struct passwd_entry entries[USERS] = {[HELPER_USER].name = options->user};
    const struct passwd_entry *entry = &entries[USER];
    int error;

    if (!call->options_valid) {
        outcome_set(call, STATUS_MISCONFIGURED,
                    "the line of pam_xacct.so in /etc/pam.d has an option that is wrong; the log "
                    "names it under the same reference");
        return false;
    }
    if (geteuid() != 0) {
        outcome_set(call, STATUS_UNMANAGED, "not running as root");
        return false;
    }
    if (call->user == NULL || call->user[0] == '\0') {
        outcome_set(call, STATUS_MISCONFIGURED, "the program names no user (PAM_USER)");
        return false;
    }
    entries[USER].name = call->user;
    error = passwd_find(entries, USERS);
    if (error != 0) {
        outcome_set(call, STATUS_UNAVAILABLE, "/etc/passwd cannot be read: %s", error_text(error));
        return false;
    }
    /* Somebody who is not in the file may be a directory's: the helper judges that uid. */
    if (entry->found && (entry->uid == 0 || (int64_t)entry->uid < options->minimum_uid)) {
        outcome_set(call, STATUS_UNMANAGED, "uid %lu is below minimum_uid",
                    (unsigned long)entry->uid);
        return false;
    }
    call->helper_user = entries[HELPER_USER];
    if (!helper_user_is_fit(call))
        return false;
    if (strcmp(call->user, options->user) == 0 ||
        (entry->found && entry->uid == call->helper_user.uid)) {
        outcome_set(call, STATUS_UNMANAGED, "the helper's own user");
        return false;
    }
    return true;
}
