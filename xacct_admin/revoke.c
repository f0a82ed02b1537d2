/*
 * xacct revoke: the command.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/revoke.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "helper/instant.h"
#include "helper/json.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct_admin/checks.h"
#include "xacct_admin/escaped.h"

void revoke_note(struct revoke_run *run, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    texts_add(&run->memory, &run->notes, arena_vformat(&run->memory, format, arguments));
    va_end(arguments);
}

void revoke_add(struct revoke_run *run, struct texts *list, const char *text)
{
    if (!texts_have(list, text))
        texts_add(&run->memory, list, arena_text(&run->memory, text, strlen(text)));
}

struct revoked_role *revoke_role(struct revoke_run *run, const char *arn)
{
    struct revoked_role *items;
    size_t i;

    for (i = 0; i < run->role_count; i++)
        if (strcmp(run->roles[i].arn, arn) == 0)
            return &run->roles[i];
    arn = arena_text(&run->memory, arn, strlen(arn));
    items = arena_grow(&run->memory, run->roles, run->role_count, sizeof *items);
    if (arn == NULL || items == NULL)
        return NULL;
    run->roles = items;
    items[run->role_count] = (struct revoked_role){.arn = arn};
    return &items[run->role_count++];
}

/* What is left to be known of what was found. */
static void add_notes(struct revoke_run *run)
{
    char shown[ESCAPE_MAX];

    escape(shown, sizeof shown, run->human);
    if (run->session_count == 0 && run->role_count == 0)
        revoke_note(run,
                    "nothing is known here of a human %s: no live session, nothing issued that "
                    "lives, no role by the policy. A human is named as the audit file and xacct "
                    "who have it, which is not always the Unix user",
                    shown);
    revoke_note(run,
                "%s gets roles again by a new login, unless the policy says otherwise: put a "
                "[deny] into it first",
                shown);
    revoke_note(run, "programs that run in those sessions run on, and have the keys that were in "
                     "their environment until AWS denies them");
    if (run->names.count > 0)
        revoke_note(run, "where no source identity is sent the session's name has to do: another "
                         "host's session of that name in such a role is denied as well");
    if (run->identities.count > 0)
        revoke_note(run, "what was assumed with such a session has its source identity too, in "
                         "whichever account: apply it there as well");
}

static void add_session(const struct revoked_session *session, struct text *text)
{
    const struct {
        const char *before;
        const char *text;
    } parts[] = {
        {"  ", session->id},          {"  ", session->user},           {" by ", session->service},
        {" from ", session->address}, {", opened ", session->opened},  {", with ", session->role},
        {" in ", session->account},   {", by process ", session->pid},
    };
    size_t i;

    for (i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].text != NULL) {
            text_add(text, parts[i].before);
            escaped_add(text, parts[i].text);
        }
    text_add(text, "\n");
}

static void add_role(const struct revoked_role *role, struct text *text)
{
    text_add(text, "  ");
    escaped_add(text, role->arn);
    if (role->account != NULL) {
        text_add(text, " (");
        escaped_add(text, role->account);
        text_add(text, ")");
    }
    if (role->expiry != NULL) {
        text_add(text, ": issued here, the last until ");
        escaped_add(text, role->expiry);
    } else {
        text_add(text, ": permitted by the policy, and nothing issued here that lives");
    }
    text_add(text, "\n");
}

/* What an admin reads. */
static void add_text(const struct revoke_run *run, const char *document, struct text *text)
{
    size_t i;

    escaped_add(text, run->human);
    text_addf(text, ": %zu live session%s %s\n", run->session_count,
              run->session_count == 1 ? "" : "s", run->dry_run ? "would be ended" : "ended");
    for (i = 0; i < run->session_count; i++)
        add_session(&run->sessions[i], text);
    text_add(text, "\nRoles that AWS may have issued credentials for, which live on there:\n");
    for (i = 0; i < run->role_count; i++)
        add_role(&run->roles[i], text);
    text_add(text, run->role_count == 0 ? "  none\n" : "");
    text_add(text, "\nWhat the owners of these accounts apply to each of these roles (aws iam "
                   "put-role-policy),\nor to the whole account by a service control policy, and "
                   "take away after twelve hours:\n");
    text_add(text, document);
    text_add(text, "\n\n");
    if (run->deny != NULL) {
        text_add(text, "What keeps them from coming again, in a file of /etc/xacct/conf.d "
                       "(root:xacct, 0640; in a folder\nof root:xacct, 0750), which counts once "
                       "xacct check finds no error:\n");
        text_add(text, run->deny);
        text_add(text, "\n");
    }
    escaped_add_notes(text, &run->notes);
}

/* A text, null for NULL; what is no UTF-8 as escape() has it. */
static json_t *json_of_text(const char *text)
{
    char shown[ESCAPE_MAX];
    json_t *value;

    if (text == NULL)
        return json_null();
    value = json_stringn(text, strlen(text));
    if (value == NULL) {
        escape(shown, sizeof shown, text);
        value = json_stringn(shown, strlen(shown));
    }
    return value;
}

/* Appends what it takes over. Returns the list, or NULL without memory. */
static json_t *append(json_t *list, json_t *item)
{
    if (json_array_append_new(list, item) == 0)
        return list;
    json_decref(list);
    return NULL;
}

static json_t *sessions_of(const struct revoke_run *run)
{
    json_t *list = json_array();
    size_t i;

    for (i = 0; list != NULL && i < run->session_count; i++) {
        const struct revoked_session *session = &run->sessions[i];

        list = append(list,
                      json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "session",
                                json_of_text(session->id), "user", json_of_text(session->user),
                                "opened", json_of_text(session->opened), "service",
                                json_of_text(session->service), "address",
                                json_of_text(session->address), "role", json_of_text(session->role),
                                "account", json_of_text(session->account), "pid",
                                json_of_text(session->pid)));
    }
    return list;
}

static json_t *roles_of(const struct revoke_run *run)
{
    json_t *list = json_array();
    size_t i;

    for (i = 0; list != NULL && i < run->role_count; i++) {
        const struct revoked_role *role = &run->roles[i];

        list = append(list, json_pack("{s:o, s:o, s:o, s:o, s:b}", "arn", json_of_text(role->arn),
                                      "account", json_of_text(role->account), "account_id",
                                      json_of_text(role->account_id), "expiry",
                                      json_of_text(role->expiry), "permitted", role->is_permitted));
    }
    return list;
}

static json_t *notes_of(const struct revoke_run *run)
{
    json_t *list = json_array();
    size_t i;

    for (i = 0; list != NULL && i < run->notes.count; i++)
        list = append(list, json_of_text(run->notes.items[i]));
    return list;
}

/* What a program reads: the text, which the caller frees; NULL without memory. */
static char *json_of(const struct revoke_run *run, json_t *policy)
{
    char before[INSTANT_SIZE], *text = NULL;
    json_t *object;

    object =
        json_pack("{s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:O, s:o, s:o}", "human",
                  json_of_text(run->human), "dry_run", run->dry_run, "before",
                  instant_text(before, run->at), "revoked_by", json_of_text(run->by), "failed",
                  json_of_text(run->failed), "sessions", sessions_of(run), "roles", roles_of(run),
                  "policy", policy, "deny", json_of_text(run->deny), "notes", notes_of(run));
    if (object != NULL)
        text = json_as_text(object, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    json_decref(object);
    return text;
}

/* Prints what was done and what is to be done. Returns the exit status. */
static int print(const struct revoke_run *run)
{
    const bool json = run->invocation->value[OPTION_JSON] != NULL;
    struct text text = TEXT_EMPTY;
    json_t *policy = revoke_policy(run);
    char *dumped = NULL, shown[ESCAPE_MAX];
    int status;

    if (policy != NULL)
        dumped =
            json ? json_of(run, policy) : json_as_text(policy, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    if (dumped == NULL || run->memory.exhausted)
        text.failed = true;
    else if (json)
        text_addf(&text, "%s\n", dumped);
    else
        add_text(run, dumped, &text);
    status = text_print(&text);
    if (run->failed != NULL)
        complain("revoke: not everything was ended: %s",
                 escape_sentence(shown, sizeof shown, run->failed));
    free(dumped);
    json_decref(policy);
    text_free(&text);
    return status != EXIT_FINE || run->failed != NULL || run->incomplete ? EXIT_REFUSED : EXIT_FINE;
}

int command_revoke(const struct invocation *invocation)
{
    struct revoke_run run = {
        .invocation = invocation,
        .human = invocation->operands[0],
        .dry_run = invocation->value[OPTION_DRY_RUN] != NULL,
    };
    int status = EXIT_USAGE;

    if (geteuid() != 0) {
        complain("revoke: root alone may end others' sessions: run it as root");
        return EXIT_USAGE;
    }
    /* First of all, and whatever has become of the policy. */
    revoke_ask(&run, invocation->socket);
    if (reading_begin(&run.reading, reading_given(invocation))) {
        reading_load(&run.reading, NULL, 0);
        if (run.reading.policy != NULL) {
            if (check_files_refused(&run.reading))
                revoke_note(&run, CHECK_FILES_REFUSED "; no [deny] that is new in it counts until "
                                                      "that is mended");
            revoke_read_policy(&run);
        } else {
            run.incomplete = true;
            revoke_note(
                &run, "the policy has errors (xacct check says which), so what it gives is "
                      "not known, nor where the audit file is, if it is moved; and no [deny] that "
                      "is new in it counts until they are mended");
        }
        revoke_read_audit(&run);
        revoke_add_deny(&run);
        add_notes(&run);
        status = print(&run);
    }
    arena_free(&run.memory);
    reading_end(&run.reading);
    return status;
}
