/*
 * xacct status: who am I here, what does this shell hold, and is it still mine?
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "xacct/client.h"
#include "xacct/commands.h"
#include "xacct/durations.h"
#include "xacct/json_text.h"
#include "xacct/obstacles.h"
#include "xacct/terminal.h"
#include "xacct/variables.h"

/* What is known. Texts are the environment's, or lie in the client's reply. */
struct standing {
    struct client client;
    enum answer answer;  /* ANSWER_NONE too when the service was not asked */
    const char *role;    /* XACCT_ROLE, or NULL */
    const char *expires; /* AWS_CREDENTIAL_EXPIRATION where keys are delivered, or NULL */
    bool by_process;     /* delivered by credential_process, not by keys */
    bool expiry_known;   /* expires is an instant, `left` seconds from now */
    int64_t left;        /* negative when it has passed */
    bool ending;         /* the role lasts too short for anything to be issued for it */
    bool live;           /* programs get the role's credentials here */
    struct obstacles obstacles;
};

/* A variable's value, or NULL where it is not set or empty. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

static bool has_keys(void)
{
    return variable("AWS_ACCESS_KEY_ID") != NULL && variable("AWS_SECRET_ACCESS_KEY") != NULL &&
           variable("AWS_SESSION_TOKEN") != NULL;
}

/* What the reply says, or NULL when it does not or there is none. */
static const char *told(const struct standing *standing, const char *key)
{
    return standing->answer == ANSWER_PERMITTED ? frame_get(&standing->client.reply, key) : NULL;
}

static bool is_told(const struct standing *standing, const char *key)
{
    const char *value = told(standing, key);

    return value != NULL && strcmp(value, "1") == 0;
}

/* Whether the keys that stand here are a role's, so that their end alone decides. */
static bool keys_are_delivered(void)
{
    return !variables_file_is_ours(getenv("AWS_SHARED_CREDENTIALS_FILE")) &&
           variable("AWS_CREDENTIAL_EXPIRATION") != NULL && has_keys();
}

static void ask(struct standing *standing)
{
    const struct question question = {
        .op = WIRE_OP_STATUS, .role = standing->role, .timeout_ms = CLIENT_ASK_MS};

    standing->answer = client_ask(&standing->client, &question);
}

/* How the role is delivered: by what stands here, else by what the service says. */
static bool is_by_process(const struct standing *standing)
{
    const char *deliver = told(standing, WIRE_DELIVER);

    if (variables_file_is_ours(getenv("AWS_SHARED_CREDENTIALS_FILE")))
        return true;
    if (keys_are_delivered())
        return false;
    if (deliver != NULL)
        return strcmp(deliver, "process") == 0;
    return !has_keys();
}

static void judge(struct standing *standing)
{
    int64_t instant;

    if (instant_parse(told(standing, WIRE_ENDS), &instant))
        standing->ending = instant - time(NULL) < SHORTEST_LIFE;
    standing->by_process = is_by_process(standing);
    if (!standing->by_process)
        standing->expires = variable("AWS_CREDENTIAL_EXPIRATION");
    if (instant_parse(standing->expires, &instant)) {
        standing->expiry_known = true;
        standing->left = instant - time(NULL);
    }
    if (standing->role == NULL)
        standing->live = false;
    else if (standing->by_process)
        standing->live = is_told(standing, WIRE_PERMITTED) && !standing->ending;
    else
        standing->live = has_keys() && standing->expiry_known && standing->left > 0;
}

static void add_label(struct text *text, const char *label)
{
    text_addf(text, "%-10s ", label);
}

/* Appends an instant and how far away it is. */
static void add_instant(struct text *text, const char *wire)
{
    char words[64];
    int64_t instant, left;

    if (!instant_parse(wire, &instant)) {
        shown_add(text, wire, 0);
        return;
    }
    text_add(text, instant_in_words(words, sizeof words, wire));
    left = instant - time(NULL);
    duration_in_words(words, sizeof words, left >= 0 ? left : -left);
    text_addf(text, left > 0 ? " (in %s)" : " (%s ago)", words);
}

static void add_session(struct text *text, const struct standing *standing)
{
    const char *session = told(standing, WIRE_SESSION);
    const char *ends = told(standing, WIRE_SESSION_ENDS), *opened = told(standing, WIRE_OPENED);

    if (session == NULL)
        session = variable("XACCT_SESSION");
    if (session == NULL)
        return;
    add_label(text, "session");
    shown_add(text, session, 0);
    if (opened != NULL) {
        text_add(text, ", opened ");
        add_instant(text, opened);
    }
    if (ends != NULL) {
        text_add(text, ", ends ");
        add_instant(text, ends);
    }
    if (is_told(standing, WIRE_ADOPTED))
        text_add(text, ", in place of the one that this shell began in");
    text_add(text, "\n");
}

static void add_role(struct text *text, const struct standing *standing)
{
    const char *permitted = told(standing, WIRE_PERMITTED);
    const char *ends = permitted != NULL ? told(standing, WIRE_ENDS) : variable(WIRE_UNTIL);

    add_label(text, "role");
    if (standing->role == NULL) {
        text_addf(text, "none%s%s\n",
                  variable("AWS_ACCESS_KEY_ID") != NULL ? " (the keys here are your own)" : "",
                  standing->answer != ANSWER_REFUSED
                      ? ": xacct list shows yours, xacct switch takes one"
                      : "");
        return;
    }
    shown_add(text, standing->role, 0);
    if (permitted == NULL) {
        text_add(text, ", by the environment");
    } else if (!is_told(standing, WIRE_PERMITTED)) {
        text_add(text, ", which is no longer yours: xacct list shows those that are\n");
        return;
    } else {
        text_add(text, ", yours");
    }
    if (ends != NULL) {
        text_add(text, " until ");
        add_instant(text, ends);
    }
    text_add(text, "\n");
}

/* The lines that only a shell with a role has. */
static void add_credentials(struct text *text, const struct standing *standing)
{
    const char *account = told(standing, WIRE_ACCOUNT), *id = told(standing, WIRE_ACCOUNT_ID);

    if (account == NULL)
        account = variable("XACCT_ACCOUNT");
    if (account != NULL) {
        add_label(text, "account");
        shown_add(text, account, 0);
        if (id != NULL && strcmp(id, account) != 0) {
            text_add(text, " (");
            shown_add(text, id, 0);
            text_add(text, ")");
        }
        text_add(text, "\n");
    }
    add_label(text, "delivery");
    if (standing->by_process) {
        text_add(text, "by credential_process: ");
        text_add(text, standing->ending ? "AWS issues nothing in the role's last 15 minutes\n"
                                        : "every program gets its own anew\n");
        return;
    }
    text_add(text, "keys in the environment\n");
    add_label(text, "expires");
    if (!has_keys())
        text_add(text, "no keys stand here: xacct switch gets some\n");
    else if (standing->expires == NULL)
        text_add(text, "not known, as AWS_CREDENTIAL_EXPIRATION is not set\n");
    else {
        add_instant(text, standing->expires);
        text_add(text, standing->live ? "\n" : ": xacct switch gets new ones\n");
    }
}

static void write_lines(struct text *text, const struct standing *standing)
{
    const char *human = told(standing, WIRE_HUMAN), *user = told(standing, WIRE_USER);
    const char *error = variable("XACCT_ERROR");
    size_t i;

    if (human != NULL) {
        add_label(text, "human");
        shown_add(text, human, 0);
        if (user != NULL) {
            text_add(text, " (user ");
            shown_add(text, user, 0);
            text_add(text, ")");
        }
        text_add(text, "\n");
    }
    add_session(text, standing);
    add_role(text, standing);
    if (standing->role != NULL)
        add_credentials(text, standing);
    if (error != NULL && standing->role == NULL) {
        add_label(text, "at login");
        shown_add(text, error, 0);
        text_add(text, "\n");
    }
    if (standing->answer != ANSWER_PERMITTED) {
        add_label(text, "service");
        text_addf(text, "%s\n", standing->client.failure);
    }
    if (standing->obstacles.count > 0)
        text_add(text, "\nin the way:\n");
    for (i = 0; i < standing->obstacles.count; i++) {
        const struct obstacle *obstacle = &standing->obstacles.all[i];

        text_addf(text, "  %s %s\n      %s\n", obstacle->where, obstacle->what, obstacle->advice);
    }
}

static void write_obstacles(struct text *text, const struct obstacles *obstacles)
{
    size_t i;

    json_name(text, "obstacles");
    text_add(text, "[");
    for (i = 0; i < obstacles->count; i++) {
        text_add(text, i > 0 ? ", {" : "{");
        json_member(text, "where", obstacles->all[i].where);
        json_member(text, "what", obstacles->all[i].what);
        json_member(text, "advice", obstacles->all[i].advice);
        text_add(text, "}");
    }
    text_add(text, "]");
}

/* A member from the reply, or else from the environment. */
static void member(struct text *text, const struct standing *standing, const char *name,
                   const char *key, const char *from)
{
    const char *value = told(standing, key);

    if (value == NULL && from != NULL)
        value = variable(from);
    json_member(text, name, value);
}

static void write_json(struct text *text, const struct standing *standing)
{
    const char *permitted = told(standing, WIRE_PERMITTED);
    bool here = standing->role != NULL;

    text_add(text, "{");
    json_member_bool(text, "live", standing->live);
    member(text, standing, "human", WIRE_HUMAN, NULL);
    member(text, standing, "user", WIRE_USER, NULL);
    member(text, standing, "session", WIRE_SESSION, "XACCT_SESSION");
    json_member_bool(text, "adopted", is_told(standing, WIRE_ADOPTED));
    member(text, standing, "session_opened", WIRE_OPENED, NULL);
    member(text, standing, "session_ends", WIRE_SESSION_ENDS, NULL);
    json_member(text, "role", standing->role);
    member(text, standing, "role_arn", WIRE_ARN, "XACCT_ROLE_ARN");
    member(text, standing, "account", WIRE_ACCOUNT, "XACCT_ACCOUNT");
    member(text, standing, "account_id", WIRE_ACCOUNT_ID, NULL);
    member(text, standing, "region", WIRE_REGION, "AWS_REGION");
    json_member(text, "delivery", !here ? NULL : standing->by_process ? "process" : "env");
    if (permitted == NULL)
        json_member(text, "permitted", NULL);
    else
        json_member_bool(text, "permitted", is_told(standing, WIRE_PERMITTED));
    member(text, standing, "ends", WIRE_ENDS, permitted == NULL ? WIRE_UNTIL : NULL);
    json_member(text, "expires", here ? standing->expires : NULL);
    if (here && standing->expiry_known)
        json_member_number(text, "seconds_left", standing->left > 0 ? standing->left : 0);
    else
        json_member(text, "seconds_left", NULL);
    json_member(text, "service",
                standing->answer == ANSWER_PERMITTED ? NULL : standing->client.failure);
    write_obstacles(text, &standing->obstacles);
    text_add(text, "}\n");
}

int command_status(const struct invocation *invocation)
{
    struct standing standing = {.answer = ANSWER_NONE, .role = variable("XACCT_ROLE")};
    bool quiet = invocation->value[OPTION_QUIET] != NULL;
    struct text text = TEXT_EMPTY;
    int status = EXIT_FINE;

    client_init(&standing.client, invocation->socket);
    /* A prompt may ask often: the service only where its answer counts. */
    if (!quiet || (standing.role != NULL && !keys_are_delivered()))
        ask(&standing);
    judge(&standing);
    if (!quiet) {
        setlocale(LC_CTYPE, "");
        if (standing.role != NULL) {
            standing.obstacles.by_process = standing.by_process;
            standing.obstacles.role = standing.role;
            obstacles_find(&standing.obstacles);
        }
        if (invocation->value[OPTION_JSON] != NULL)
            write_json(&text, &standing);
        else
            write_lines(&text, &standing);
        status = text_print(&text);
    }
    obstacles_free(&standing.obstacles);
    text_free(&text);
    client_close(&standing.client);
    return standing.live ? status : EXIT_REFUSED;
}
