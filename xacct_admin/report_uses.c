/*
 * When roles were in use.
 *
 * Of each human in each account there is a list of what is in use there, that which had credentials
 * last at its head. What has ended is taken out when time goes on, so that memory is that of the
 * people and accounts and of what is in use at a moment, however long the file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/report_uses.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "helper/instant.h"
#include "policy/index.h"
#include "xacct_admin/audit_log.h"

/* Lines of several processes are out of order by less, and a clock that NTP keeps goes back less.
 */
#define JITTER 60 /* seconds */

#define FOREVER ((time_t)INT64_MAX)

/* A role in use: one session, role and purpose. */
struct claim {
    struct claim *next;
    json_t *line; /* of the last hand-out, which `use` is about */
    struct report_use use;
    time_t end;
    bool of_shell; /* a change of the shell's role ends it */
};

/* A human in an account. */
struct place {
    struct place *next;
    char *account; /* its id, or its name where there is none */
    time_t at;     /* told until here */
    struct claim *claims;
};

struct human {
    char *name;
    struct human *next;
    struct place *places;
};

struct report_uses {
    const struct report_listener *listener;
    int64_t idle;
    time_t now;
    struct human *humans;
    struct index by_name; /* of them */
};

static const char *member(const json_t *line, const char *name)
{
    const char *value = json_string_value(json_object_get(line, name));

    return value != NULL ? value : "";
}

static const char *human_of(const json_t *line)
{
    const char *human = member(line, "human");

    return *human != '\0' ? human : member(line, "user");
}

static void claim_free(struct claim *claim)
{
    json_decref(claim->line);
    free(claim);
}

/* Takes out what has ended by `now`. */
static void drop_ended(struct place *place, time_t now)
{
    struct claim **at = &place->claims;

    while (*at != NULL) {
        struct claim *claim = *at;

        if (claim->end > now) {
            at = &claim->next;
        } else {
            *at = claim->next;
            claim_free(claim);
        }
    }
}

/* Tells of what was in use until `to`. Returns 0 or an errno. */
static int advance(const struct report_uses *uses, struct place *place, time_t to)
{
    const struct report_listener *listener = uses->listener;
    int error = 0;

    while (error == 0 && place->at < to && place->claims != NULL) {
        const struct claim *claim = place->claims;
        time_t until;

        while (claim != NULL && claim->end <= place->at)
            claim = claim->next;
        if (claim == NULL)
            break;
        until = claim->end < to ? claim->end : to;
        error = listener->in_use(listener->argument, &claim->use, place->at, until);
        place->at = until;
    }
    if (place->at < to && to != FOREVER)
        place->at = to;
    drop_ended(place, to);
    return error;
}

/* The human of this name, made where there is none; NULL without memory. */
static struct human *find_human(struct report_uses *uses, const char *name)
{
    void **place = index_place(&uses->by_name, name);
    struct human *human;

    if (place == NULL)
        return NULL;
    if (*place != NULL)
        return *place;
    human = calloc(1, sizeof *human);
    if (human != NULL)
        human->name = strdup(name);
    if (human == NULL || human->name == NULL) {
        free(human);
        return NULL;
    }
    human->next = uses->humans;
    uses->humans = human;
    return *place = human;
}

/* The human's place for this account, made where there is none; NULL without memory. */
static struct place *find_place(struct human *human, const char *account, time_t now)
{
    struct place *place;

    for (place = human->places; place != NULL; place = place->next)
        if (strcmp(place->account, account) == 0)
            return place;
    place = calloc(1, sizeof *place);
    if (place == NULL)
        return NULL;
    place->account = strdup(account);
    if (place->account == NULL) {
        free(place);
        return NULL;
    }
    place->at = now;
    place->next = human->places;
    human->places = place;
    return place;
}

static bool is_same(const struct report_use *a, const struct report_use *b)
{
    return strcmp(a->session, b->session) == 0 && strcmp(a->role, b->role) == 0 &&
           strcmp(a->purpose, b->purpose) == 0;
}

/* Takes the claim of this session, role and purpose out of the list, or makes one. Or NULL. */
static struct claim *take_claim(struct place *place, const struct report_use *use)
{
    struct claim **at = &place->claims, *claim = place->claims;

    while (claim != NULL && !is_same(&claim->use, use)) {
        at = &claim->next;
        claim = claim->next;
    }
    if (claim == NULL)
        return calloc(1, sizeof *claim);
    *at = claim->next;
    json_decref(claim->line);
    return claim;
}

/* When credentials of this line are in use no more, unless handed out again. */
static time_t end_of(const struct report_uses *uses, const json_t *line)
{
    time_t end = uses->now + uses->idle, expiry;

    if (instant_read(member(line, "expiry"), &expiry) == 0 && expiry < end)
        end = expiry;
    return end;
}

/* What each event that can hand out credentials was for, unless its purpose says so. */
static const struct {
    const char *event;
    const char *purpose;
} hand_outs[] = {
    {"opened", "login"},
    {"switched", "switch"},
    {"refreshed", "renew"},
    {"used", "other"},
};

/* What the line's credentials were for, or NULL where it hands out none. */
static const char *purpose_of(const struct audit_log_line *line)
{
    const char *purpose = member(line->object, "purpose");
    size_t i;

    for (i = 0; i < sizeof hand_outs / sizeof *hand_outs; i++)
        if (strcmp(hand_outs[i].event, line->event) == 0)
            break;
    if (i == sizeof hand_outs / sizeof *hand_outs ||
        *member(line->object, "access_key_id") == '\0' || *member(line->object, "role") == '\0')
        return NULL;
    if (strcmp(member(line->object, "operation"), "console") == 0)
        return "console";
    return *purpose != '\0' ? purpose : hand_outs[i].purpose;
}

static bool is_of_shell(const char *purpose)
{
    static const char *const purposes[] = {"login", "switch", "renew", "process"};
    size_t i;

    for (i = 0; i < sizeof purposes / sizeof *purposes; i++)
        if (strcmp(purposes[i], purpose) == 0)
            return true;
    return false;
}

static struct report_use read_use(const json_t *line, const char *purpose)
{
    const struct report_use use = {
        .human = human_of(line),
        .account = member(line, "account"),
        .account_id = member(line, "account_id"),
        .role = member(line, "role"),
        .session = member(line, "session"),
        .purpose = purpose,
        .key = member(line, "access_key_id"),
        .tags = json_object_get(line, "tags"),
    };

    return use;
}

static int hand_out(struct report_uses *uses, const struct audit_log_line *line,
                    const char *purpose)
{
    const struct report_use use = read_use(line->object, purpose);
    struct human *human = find_human(uses, use.human);
    struct place *place =
        human != NULL
            ? find_place(human, *use.account_id != '\0' ? use.account_id : use.account, uses->now)
            : NULL;
    struct claim *claim;
    time_t end = end_of(uses, line->object);
    int error;

    if (place == NULL)
        return ENOMEM;
    error = uses->listener->handed_out(uses->listener->argument, &use, uses->now);
    if (error == 0)
        error = advance(uses, place, uses->now);
    if (error != 0)
        return error;
    claim = take_claim(place, &use);
    if (claim == NULL)
        return ENOMEM;
    /* What is in a claim already lasts no shorter for it. */
    if (claim->end < end)
        claim->end = end;
    claim->line = json_incref(line->object);
    claim->use = use;
    claim->of_shell = is_of_shell(purpose);
    claim->next = place->claims;
    place->claims = claim;
    return 0;
}

/* Whether what a line tells of ends the claim: its session, or its shell's role by another. */
static bool is_ended_by(const struct claim *claim, const json_t *line, bool session_ends)
{
    if (strcmp(claim->use.session, member(line, "session")) != 0)
        return false;
    return session_ends || (claim->of_shell && strcmp(claim->use.role, member(line, "role")) != 0);
}

/* Ends what the line ends of a human's. Returns 0 or an errno. */
static int end_claims(const struct report_uses *uses, struct human *human, const json_t *line,
                      bool session_ends)
{
    struct place *place;
    struct claim *claim;
    int error = 0;

    for (place = human->places; place != NULL && error == 0; place = place->next) {
        error = advance(uses, place, uses->now);
        for (claim = place->claims; claim != NULL; claim = claim->next)
            if (is_ended_by(claim, line, session_ends))
                claim->end = uses->now;
        drop_ended(place, uses->now);
    }
    return error;
}

/* As end_claims, of the human whom the line names, or of all where it names none. */
static int end_of_line(struct report_uses *uses, const json_t *line, bool session_ends)
{
    const char *name = human_of(line);
    struct human *human = index_find(&uses->by_name, name);
    int error = 0;

    if (human != NULL)
        return end_claims(uses, human, line, session_ends);
    if (*name != '\0')
        return 0;
    for (human = uses->humans; human != NULL && error == 0; human = human->next)
        error = end_claims(uses, human, line, session_ends);
    return error;
}

/* Goes to the time of the line. Returns 0 or an errno. */
static int go_to(struct report_uses *uses, const struct audit_log_line *line)
{
    int64_t back = uses->now - line->time;
    struct human *human;
    struct place *place;
    int error = 0;

    if (back <= JITTER) {
        if (back < 0)
            uses->now = line->time;
        return 0;
    }
    for (human = uses->humans; human != NULL; human = human->next)
        for (place = human->places; place != NULL && error == 0; place = place->next) {
            error = advance(uses, place, uses->now);
            drop_ended(place, FOREVER);
            place->at = line->time;
        }
    uses->now = line->time;
    if (error == 0)
        error = uses->listener->set_back(uses->listener->argument, line, back);
    return error;
}

struct report_uses *report_uses_begin(int64_t idle, const struct report_listener *listener)
{
    struct report_uses *uses = calloc(1, sizeof *uses);

    if (uses != NULL) {
        uses->idle = idle;
        uses->listener = listener;
    }
    return uses;
}

int report_uses_line(struct report_uses *uses, const struct audit_log_line *line)
{
    const char *purpose = purpose_of(line);
    int error = go_to(uses, line);

    if (error == 0 && strcmp(line->event, "ended") == 0)
        error = end_of_line(uses, line->object, true);
    /* Where a process delivers, a change hands out nothing and ends what was before all the same.
     */
    if (error == 0 && strcmp(line->event, "switched") == 0)
        error = end_of_line(uses, line->object, false);
    if (error == 0 && purpose != NULL)
        error = hand_out(uses, line, purpose);
    return error;
}

time_t report_uses_now(const struct report_uses *uses)
{
    return uses->now;
}

int report_uses_end(struct report_uses *uses)
{
    struct human *human;
    struct place *place;
    int error = 0;

    for (human = uses->humans; human != NULL; human = human->next)
        for (place = human->places; place != NULL && error == 0; place = place->next)
            error = advance(uses, place, FOREVER);
    return error;
}

void report_uses_free(struct report_uses *uses)
{
    struct human *human;
    struct place *place;

    if (uses == NULL)
        return;
    index_free(&uses->by_name);
    while ((human = uses->humans) != NULL) {
        uses->humans = human->next;
        while ((place = human->places) != NULL) {
            human->places = place->next;
            drop_ended(place, FOREVER);
            free(place->account);
            free(place);
        }
        free(human->name);
        free(human);
    }
    free(uses);
}
