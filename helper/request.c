/*
 * Reading a request.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/request.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/escape.h"
#include "common/proof.h"
#include "common/reference.h"

#define DEADLINE_MAX_MS 60000
/* Who has no patience would have a look-up process killed for each request. */
#define USER_DEADLINE_LEAST_MS 1000
/* libnss_xacct waits for 200 ms. */
#define GROUPS_DEADLINE_MS    170
#define START_TIME_MAX        INT64_MAX
#define PID_HIGHEST           (INT64_C(1) << 22)  /* PID_MAX_LIMIT of Linux */
#define LIFE_HIGHEST          INT64_C(43200)      /* seconds: no role's credentials live longer */
#define UID_HIGHEST           INT64_C(4294967294) /* the next one means none */
#define AUDIT_SESSION_HIGHEST INT64_C(4294967294) /* likewise */
#define GID_HIGHEST           UID_HIGHEST

static const char *take_login(const struct frame *frame, struct request *request);
static const char *take_close(const struct frame *frame, struct request *request);
static const char *take_open(const struct frame *frame, struct request *request);
static const char *take_user(const struct frame *frame, struct request *request);
static const char *take_groups(const struct frame *frame, struct request *request);
static const char *take_examine(const struct frame *frame, struct request *request);
static const char *take_metrics(const struct frame *frame, struct request *request);
static const char *take_revoke(const struct frame *frame, struct request *request);

/* Who may ask, and what they ask with. */
enum asker { OF_ROOT, OF_USERS, OF_ANYBODY, OF_MONITORS, ASKERS };
static const char *const programs[ASKERS] = {"pam_xacct.so", "xacct", "libnss_xacct.so.2", "xacct"};

/* Each takes what its operation needs, and returns the key at fault or NULL. */
static const struct {
    const char *name;
    enum asker asker;
    const char *(*take)(const struct frame *frame, struct request *request);
} operations[OPERATION_COUNT] = {
    [OPERATION_OPEN] = {WIRE_OP_OPEN, OF_ROOT, take_open},
    [OPERATION_CLOSE] = {WIRE_OP_CLOSE, OF_ROOT, take_close},
    [OPERATION_CHECK] = {WIRE_OP_CHECK, OF_ROOT, take_login},
    [OPERATION_LIST] = {WIRE_OP_LIST, OF_USERS, take_user},
    [OPERATION_ASSUME] = {WIRE_OP_ASSUME, OF_USERS, take_user},
    [OPERATION_CONSOLE] = {WIRE_OP_CONSOLE, OF_USERS, take_user},
    [OPERATION_DEFAULT] = {WIRE_OP_DEFAULT, OF_USERS, take_user},
    [OPERATION_STATUS] = {WIRE_OP_STATUS, OF_USERS, take_user},
    [OPERATION_GROUPS] = {WIRE_OP_GROUPS, OF_ANYBODY, take_groups},
    [OPERATION_EXAMINE] = {WIRE_OP_EXAMINE, OF_ROOT, take_examine},
    [OPERATION_METRICS] = {WIRE_OP_METRICS, OF_MONITORS, take_metrics},
    [OPERATION_REVOKE] = {WIRE_OP_REVOKE, OF_ROOT, take_revoke},
};

static const char *const purposes[] = {WIRE_PURPOSE_SWITCH, WIRE_PURPOSE_RENEW, WIRE_PURPOSE_EXEC,
                                       WIRE_PURPOSE_ENV, WIRE_PURPOSE_PROCESS};

const char *operation_name(enum operation operation)
{
    return operations[operation].name;
}

int request_peer(int fd, struct peer *peer)
{
    struct ucred credentials;
    socklen_t size = sizeof credentials;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return errno;
    *peer = (struct peer){credentials.uid, credentials.pid};
    return 0;
}

/* Takes the module's reference, so that its lines and ours carry the same, or makes one. */
static void set_reference(const struct frame *frame, struct request *request)
{
    const char *given = frame_get(frame, WIRE_REFERENCE);

    if (request->peer.uid == 0 && reference_is_valid(given))
        strcpy(request->reference, given);
    else
        reference_make(request->reference);
}

/* A text of the request, or `otherwise` when it is not there. Returns false when it is too long. */
static bool take_text(const struct frame *frame, const char *key, const char *otherwise,
                      const char **text)
{
    *text = frame_get(frame, key);
    if (*text == NULL)
        *text = otherwise;
    return *text == NULL || strlen(*text) <= REQUEST_TEXT_MAX;
}

static bool is_set(const struct frame *frame, const char *key)
{
    const char *text = frame_get(frame, key);

    return text != NULL && strcmp(text, "1") == 0;
}

/* The login uid and its audit session, which need not be there. */
static const char *take_loginuid(const struct frame *frame, struct request *request)
{
    int64_t uid = 0, number = 0;
    int error = frame_get_number(frame, WIRE_LOGINUID, 0, UID_HIGHEST, &uid);

    request->has_loginuid = error == 0;
    request->loginuid = (uid_t)uid;
    if (error != 0 && error != ENOENT)
        return WIRE_LOGINUID;
    error = frame_get_number(frame, WIRE_AUDIT_ID, 0, AUDIT_SESSION_HIGHEST, &number);
    /* An audit session is one of a login uid's. */
    request->has_audit_session = error == 0 && request->has_loginuid;
    request->audit_session = (uint32_t)number;
    return error == 0 || error == ENOENT ? NULL : WIRE_AUDIT_ID;
}

static const char *take_deadline(const struct frame *frame, struct request *request)
{
    int64_t deadline_ms;

    if (frame_get_number(frame, WIRE_DEADLINE, 1, DEADLINE_MAX_MS, &deadline_ms) != 0)
        return WIRE_DEADLINE;
    if (request->peer.uid != 0 && deadline_ms < USER_DEADLINE_LEAST_MS)
        deadline_ms = USER_DEADLINE_LEAST_MS;
    /* A twentieth is kept for the reply, so that the caller hears why and not only that it waited.
     */
    request->deadline = deadline_after(request->deadline, deadline_ms - deadline_ms / 20);
    return NULL;
}

static const char *take_login(const struct frame *frame, struct request *request)
{
    const char *fault;

    request->debug = is_set(frame, WIRE_DEBUG);
    if (!take_text(frame, WIRE_USER, NULL, &request->user) || request->user == NULL ||
        request->user[0] == '\0')
        return WIRE_USER;
    if (!take_text(frame, WIRE_SERVICE, NULL, &request->service) || request->service == NULL)
        return WIRE_SERVICE;
    if (!take_text(frame, WIRE_RHOST, "", &request->address))
        return WIRE_RHOST;
    if (!take_text(frame, WIRE_TTY, "", &request->tty))
        return WIRE_TTY;
    if (!take_text(frame, WIRE_RUSER, "", &request->ruser))
        return WIRE_RUSER;
    fault = take_loginuid(frame, request);
    return fault != NULL ? fault : take_deadline(frame, request);
}

static const char *take_close(const struct frame *frame, struct request *request)
{
    const char *fault = take_login(frame, request);

    if (fault != NULL)
        return fault;
    request->session = frame_get(frame, WIRE_SESSION);
    return session_id_is_valid(request->session) ? NULL : WIRE_SESSION;
}

/* What proves who the user is to STS. Returns false when it is there and cannot be one. */
static bool take_proof(const struct frame *frame, const char *key, size_t longest,
                       const char **proof)
{
    *proof = frame_get(frame, key);
    return *proof == NULL || wire_proof_fault(*proof, longest) == NULL;
}

static const char *take_open(const struct frame *frame, struct request *request)
{
    const char *fault = take_login(frame, request);
    int64_t pid = 0, start_time = 0;

    if (fault != NULL)
        return fault;
    if (frame_get_number(frame, WIRE_PID, 1, PID_HIGHEST, &pid) != 0)
        return WIRE_PID;
    if (frame_get_number(frame, WIRE_START_TIME, 0, START_TIME_MAX, &start_time) != 0)
        return WIRE_START_TIME;
    request->pid = (pid_t)pid;
    request->start_time = start_time;
    request->auth_info = frame_get(frame, WIRE_AUTH_INFO);
    if (request->auth_info != NULL && strlen(request->auth_info) > WIRE_AUTH_INFO_MAX)
        return WIRE_AUTH_INFO;
    if (!take_proof(frame, WIRE_WEB_IDENTITY_TOKEN, WIRE_WEB_IDENTITY_TOKEN_MAX,
                    &request->web_identity_token))
        return WIRE_WEB_IDENTITY_TOKEN;
    if (!take_proof(frame, WIRE_SAML_ASSERTION, WIRE_SAML_ASSERTION_MAX, &request->saml_assertion))
        return WIRE_SAML_ASSERTION;
    return NULL;
}

static const char *take_user(const struct frame *frame, struct request *request)
{
    const char *session = frame_get(frame, WIRE_SESSION), *purpose = frame_get(frame, WIRE_PURPOSE);
    int64_t min_life = 0;
    size_t i;

    if (frame_get(frame, WIRE_MIN_LIFE) != NULL &&
        frame_get_number(frame, WIRE_MIN_LIFE, 1, LIFE_HIGHEST, &min_life) != 0)
        return WIRE_MIN_LIFE;
    if (!take_text(frame, WIRE_ROLE, NULL, &request->role))
        return WIRE_ROLE;
    for (i = 0; purpose != NULL && i < sizeof purposes / sizeof purposes[0]; i++)
        if (strcmp(purposes[i], purpose) == 0)
            request->purpose = purposes[i];
    if (purpose != NULL && request->purpose == NULL)
        return WIRE_PURPOSE;
    /* What is no session's id names none that ever was. */
    request->session = session_id_is_valid(session) ? session : NULL;
    request->min_life = (long)min_life;
    request->fresh = is_set(frame, WIRE_FRESH);
    return take_deadline(frame, request);
}

/*
 * People see no more by a setuid program of root's, as newgrp(1) is one, than by themselves; but
 * those that look up whose groups a process gets, as su(1), have to see them.
 */
static const char *take_starter(const struct frame *frame, struct request *request)
{
    int64_t uid;
    int error = frame_get_number(frame, WIRE_STARTER, 0, UID_HIGHEST, &uid);

    if (error == 0 && request->peer.uid == 0)
        request->peer.uid = (uid_t)uid;
    return error == 0 || error == ENOENT ? NULL : WIRE_STARTER;
}

static const char *take_groups(const struct frame *frame, struct request *request)
{
    const char *user;
    int64_t gid = 0;
    int error = frame_get_number(frame, WIRE_GID, 0, GID_HIGHEST, &gid);

    if (error != 0 && error != ENOENT)
        return WIRE_GID;
    request->has_gid = error == 0;
    request->gid = (gid_t)gid;
    if (!take_text(frame, WIRE_GROUP, NULL, &request->group) ||
        (request->group != NULL && request->has_gid))
        return WIRE_GROUP;
    /* Without a name it would be a question for all groups. */
    if (!take_text(frame, WIRE_USER, NULL, &user) ||
        (user != NULL && (user[0] == '\0' || request->group != NULL || request->has_gid)))
        return WIRE_USER;
    request->user = user != NULL ? user : "";
    /*
     * Root's programs get what is known in time, as logins hang on it. NSS waits less than users'
     * look-ups may take, as who looks up a directory that hangs must not have a process killed each
     * time; and who has more patience must not hold one up.
     */
    request->deadline =
        deadline_in_ms(request->peer.uid == 0 ? GROUPS_DEADLINE_MS : USER_DEADLINE_LEAST_MS);
    return take_starter(frame, request);
}

static const char *take_examine(const struct frame *frame, struct request *request)
{
    if (!take_text(frame, WIRE_BASE, NULL, &request->base))
        return WIRE_BASE;
    if (!take_text(frame, WIRE_REGION, NULL, &request->region))
        return WIRE_REGION;
    if (!take_text(frame, WIRE_ROLE, NULL, &request->role) ||
        (request->role != NULL && request->base != NULL))
        return WIRE_ROLE;
    request->wrong_external_id = is_set(frame, WIRE_WRONG_EXTERNAL_ID);
    /* A role is tried as a login would take it. */
    request->service = "sshd";
    return take_deadline(frame, request);
}

static const char *take_metrics(const struct frame *frame, struct request *request)
{
    request->names = is_set(frame, WIRE_NAMES);
    return take_deadline(frame, request);
}

static const char *take_revoke(const struct frame *frame, struct request *request)
{
    const char *fault = take_loginuid(frame, request);

    request->human = frame_get(frame, WIRE_HUMAN);
    if (request->human == NULL || request->human[0] == '\0')
        return WIRE_HUMAN;
    if (!take_text(frame, WIRE_RUSER, "", &request->ruser))
        return WIRE_RUSER;
    request->dry_run = is_set(frame, WIRE_DRY_RUN);
    return fault != NULL ? fault : take_deadline(frame, request);
}

/* Whether this peer may ask for this operation; else `why` says why not. */
static bool may_ask(struct peer peer, enum operation operation, char *why, size_t why_size)
{
    if (operations[operation].asker == OF_ROOT && peer.uid != 0)
        snprintf(why, why_size, "uid %u asked for what root alone may ask for (%s)",
                 (unsigned)peer.uid, operations[operation].name);
    else if (operations[operation].asker == OF_MONITORS && peer.uid != 0 && peer.uid != geteuid())
        snprintf(why, why_size,
                 "uid %u asked for what root and the user xacct alone may ask for (%s)",
                 (unsigned)peer.uid, operations[operation].name);
    else if (operations[operation].asker == OF_USERS && peer.uid == 0)
        snprintf(why, why_size,
                 "root and system users get no roles; %s is for a user who has logged in: run it "
                 "as that user, not by sudo",
                 operations[operation].name);
    else if (peer.uid == UID_OVERFLOW)
        snprintf(why, why_size,
                 "uid %u is the one that users of another user namespace (a container) all seem to "
                 "have: it is nobody's",
                 UID_OVERFLOW);
    else
        return true;
    return false;
}

enum status request_parse(const struct frame *frame, struct peer peer, struct deadline since,
                          struct request *request, char *why, size_t why_size)
{
    const char *op = frame_get(frame, WIRE_OP), *fault;
    char shown[ESCAPE_MAX];
    size_t i;

    memset(request, 0, sizeof *request);
    request->peer = peer;
    request->deadline = since;
    request->user = request->service = request->address = request->tty = request->ruser = "";
    request->log = peer.uid == 0 && is_set(frame, WIRE_LOG);
    set_reference(frame, request);
    for (i = 0; i < OPERATION_COUNT; i++)
        if (op != NULL && strcmp(operations[i].name, op) == 0)
            break;
    if (i == OPERATION_COUNT) {
        snprintf(why, why_size, "this helper does not know the operation \"%s\"",
                 escape(shown, sizeof shown, op));
        return STATUS_UNSUPPORTED;
    }
    request->operation = (enum operation)i;
    if (!may_ask(peer, request->operation, why, why_size))
        return STATUS_DENIED;
    fault = operations[i].take(frame, request);
    if (fault != NULL) {
        snprintf(why, why_size,
                 "the request's \"%s\" is missing or malformed: do %s and xacct-helper belong "
                 "together?",
                 fault, programs[operations[i].asker]);
        return STATUS_MISCONFIGURED;
    }
    return STATUS_PERMITTED;
}
