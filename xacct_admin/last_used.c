/*
 * One entry for each human, or Unix user, and role.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/last_used.h"

#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "policy/template.h"
#include "policy/values.h"
#include "xacct/complain.h"
#include "xacct_admin/audit_log.h"

/* Whose a use is: those of certificates have names of their own. */
static const char *const kinds[] = {"user", "principal"};

#define KEY_SIZE ((size_t)4096) /* bytes; a name has up to 2048, an ARN likewise */

struct use {
    const char *key;
    time_t last;
};

/* The name as the audit file has it: the helper escapes what is not UTF-8. */
static const char *written(const char *name, char shown[ESCAPE_MAX])
{
    size_t characters;

    return value_is_utf8(name, &characters) ? name : escape(shown, ESCAPE_MAX, name);
}

static void key_of(char key[KEY_SIZE], bool is_certified, const char *name, const char *role)
{
    snprintf(key, KEY_SIZE, "%s %s\n%s", kinds[is_certified], role, name);
}

/* The entry of this key, made now unless it is there; NULL without memory. */
static struct use *entry_of(struct last_used *used, const char *key)
{
    void **place = index_place(&used->index, key);
    struct use *use;

    if (place == NULL) {
        used->memory.exhausted = true;
        return NULL;
    }
    if (*place != NULL)
        return *place;
    use = arena_alloc(&used->memory, 1, sizeof *use);
    if (use == NULL)
        return NULL;
    use->key = arena_text(&used->memory, key, strlen(key));
    if (use->key == NULL)
        return NULL;
    return *place = use;
}

static void note(struct last_used *used, const char *key, time_t when)
{
    struct use *use = entry_of(used, key);

    if (use != NULL && when > use->last)
        use->last = when;
}

/* Notes a Unix user who had a session, once. */
static void note_user(struct last_used *used, const char *name)
{
    char key[KEY_SIZE];
    struct use *use;

    snprintf(key, sizeof key, "session %s", name);
    use = entry_of(used, key);
    if (use == NULL || use->last != 0)
        return;
    use->last = 1;
    texts_add(&used->memory, &used->users, arena_text(&used->memory, name, strlen(name)));
}

/* Notes that somebody was handed credentials, by the role's ARN and by its name in the policy,
 * which alone tells of an ARN that is a template. */
static void note_use(struct last_used *used, const struct audit_log_line *line, bool is_certified,
                     const char *name)
{
    const char *arn = audit_log_text(line, "role_arn");
    const char *account = audit_log_text(line, "account_id");
    const char *role = audit_log_text(line, "role");
    char key[KEY_SIZE], by_name[512];

    if (name == NULL)
        return;
    if (arn != NULL) {
        key_of(key, is_certified, name, arn);
        note(used, key, line->time);
    }
    if (account == NULL || role == NULL)
        return;
    snprintf(by_name, sizeof by_name, "%s %s", account, role);
    key_of(key, is_certified, name, by_name);
    note(used, key, line->time);
}

static bool take(void *argument, const struct audit_log_line *line)
{
    struct last_used *used = argument;
    const char *identity = audit_log_text(line, "identity");
    const bool is_certified = identity != NULL && strcmp(identity, "certificate") == 0;

    if (line->time > used->until)
        return true;
    if (used->from == 0 || line->time < used->from)
        used->from = line->time;
    if (audit_log_text(line, "session") == NULL)
        return true;
    if (audit_log_text(line, "user") != NULL)
        note_user(used, audit_log_text(line, "user"));
    if (audit_log_text(line, "access_key_id") == NULL)
        return true;
    note_use(used, line, is_certified, audit_log_text(line, "human"));
    note_use(used, line, false, audit_log_text(line, "user"));
    return !used->memory.exhausted;
}

static void tell(void *argument, const struct audit_log_note *told)
{
    char place[AUDIT_LOG_PLACE_SIZE];

    (void)argument;
    complain("%s: %s", audit_log_place(told, place), told->text);
}

bool last_used_read(struct last_used *used, const char *path, time_t until, const char *then)
{
    const struct audit_log log = {.path = path, .take = take, .tell = tell, .argument = used};
    struct audit_log_counts counts;
    char why[AUDIT_LOG_WHY_SIZE];
    int error;

    *used = (struct last_used){.until = until};
    error = audit_log_read(&log, &counts, why);
    if (error == 0 && used->memory.exhausted)
        snprintf(why, sizeof why,
                 "not enough memory for the audit file: end some programs and try "
                 "again");
    used->is_known = error == 0 && !used->memory.exhausted;
    if (!used->is_known)
        complain("%s; %s", why, then);
    return used->is_known;
}

time_t last_used_of(const struct last_used *used, bool is_certified, const char *name,
                    const struct role *role)
{
    enum template_name in_template;
    const char *after;
    char key[KEY_SIZE], by_name[512], shown[ESCAPE_MAX];
    const struct use *use;

    snprintf(by_name, sizeof by_name, "%s %s", role->account->id, role->name);
    key_of(key, is_certified, written(name, shown),
           template_find(role->arn, &in_template, &after) == NULL ? role->arn : by_name);
    use = index_find(&used->index, key);
    return use != NULL ? use->last : 0;
}

void last_used_free(struct last_used *used)
{
    index_free(&used->index);
    arena_free(&used->memory);
    *used = (struct last_used){.is_known = false};
}
