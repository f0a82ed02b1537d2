/*
 * A login, as far as it is known.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/question.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "helper/own_address.h"
#include "policy/address.h"
#include "xacct/complain.h"
#include "xacct_admin/moment.h"

#define HOST_NAME_SIZE ((size_t)256)

void question_note(struct question *question, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    texts_add(&question->memory, &question->notes,
              arena_vformat(&question->memory, format, arguments));
    va_end(arguments);
}

void question_refuse(struct question *question, struct position at, const char *format, ...)
{
    va_list arguments;

    if (question->refused != NULL)
        return;
    va_start(arguments, format);
    question->refused = arena_vformat(&question->memory, format, arguments);
    va_end(arguments);
    question->refused_at = at;
}

/* Takes a list apart at its commas; what stands between two of them and is nothing is none. */
static void split(struct question *question, const char *list, struct texts *texts)
{
    while (*list != '\0') {
        size_t length = strcspn(list, ",");

        if (length > 0)
            texts_add(&question->memory, texts, arena_text(&question->memory, list, length));
        list += length + (list[length] == ',');
    }
}

/* --auth M,... : sshd's own words, since one that it does not have would silently match nothing. */
static bool take_auth(struct question *question, const char *list)
{
    static const char *const methods[] = {"publickey", "password", "keyboard-interactive",
                                          "hostbased", "gssapi-with-mic"};
    struct texts *auth = &question->auth;
    char shown[ESCAPE_MAX];
    size_t i, j;

    /* Only sshd says how a login was authenticated; of another service that no login is behind, it
     * is known that none did. */
    if (strcmp(question->login.service, "sshd") != 0 && !question->has_opener &&
        !question->login.opener_unknown)
        question->login.auth = auth;
    if (list == NULL)
        return true;
    if (strcmp(question->login.service, "sshd") != 0 && !question->has_opener) {
        complain("explain: --auth is for --service sshd, and for the login of --loginuid USER");
        return false;
    }
    split(question, list, auth);
    question->login.auth = auth;
    for (i = 0; i < auth->count; i++) {
        for (j = 0; j < sizeof methods / sizeof *methods; j++)
            if (strncmp(auth->items[i], methods[j], strlen(methods[j])) == 0 &&
                strchr("/", auth->items[i][strlen(methods[j])]) != NULL)
                break;
        if (j == sizeof methods / sizeof *methods) {
            complain("explain: --auth %s: sshd knows publickey, password, keyboard-interactive, "
                     "hostbased and gssapi-with-mic",
                     escape(shown, sizeof shown, auth->items[i]));
            return false;
        }
    }
    return true;
}

/* --groups G,... : in place of what NSS says. */
static void take_groups(struct question *question, const char *user, const char *list)
{
    const struct texts *groups = &question->policy->groups;
    enum answer *in_group = arena_alloc(&question->memory, groups->count + 1, sizeof *in_group);
    size_t i;

    split(question, list, &question->groups);
    question->login.user = user;
    question->login.group_names = &question->groups;
    question->login.in_group = in_group;
    for (i = 0; in_group != NULL && i < groups->count; i++)
        if (texts_have(&question->groups, groups->items[i]))
            in_group[i] = ANSWER_YES;
}

/* Takes over what NSS said of a user that it knows. */
static void take_known(struct question *question, const char *user, const struct nss_login *known)
{
    const struct policy *policy = question->policy;

    question->login.user = known->name;
    if (strcmp(known->name, user) != 0)
        question->login.typed = user;
    if (known->unanswered != NULL)
        question_note(question,
                      "NSS did not say whether %s is in the group %s: what depends on it is not "
                      "known",
                      known->name, known->unanswered);
    question->groups = known->names;
    question->login.in_group = known->in_group;
    question->login.groups_unknown = !known->names_are_whole;
    question->login.group_names = known->names_are_whole ? &question->groups : NULL;
    if (!known->names_are_whole && policy->pattern_count > 0)
        question_note(question,
                      "NSS did not name all groups of %s: what patterns give is not known",
                      known->name);
    question->uid = known->uid;
    question->uid_known = true;
    if (known->uid == UID_OVERFLOW)
        question_refuse(question, (struct position){policy->files[0].path, 0},
                        "the uid of %s is %u, the one that users of another user namespace (a "
                        "container) all seem to have: it is nobody's, and gets no role",
                        known->name, (unsigned)known->uid);
    if (!policy_is_managed(policy, known->uid))
        question_refuse(question, (struct position){policy->files[0].path, 0},
                        "the uid of %s is %u, below minimum_uid = %u: no login of theirs is looked "
                        "at",
                        known->name, (unsigned)known->uid, (unsigned)policy->minimum_uid);
}

bool question_find(struct question *question, struct nss_user user, struct nss_login *known)
{
    int error =
        nss_find_login(question->policy, user, deadline_in_ms(NSS_MS), &question->memory, known);

    if (error != 0)
        complain("explain: NSS cannot be asked: %s", strerror(error));
    return error == 0;
}

/* Asks NSS for the user and their groups. */
static bool look_up(struct question *question, const char *user)
{
    struct nss_login known;
    char shown[ESCAPE_MAX];

    if (!question_find(question, (struct nss_user){user, false}, &known))
        return false;
    switch (known.outcome) {
    case NSS_KNOWN:
        take_known(question, user, &known);
        return true;
    case NSS_UNKNOWN:
        complain("explain: NSS knows no user %s; with --groups G,... whoever does not exist can be "
                 "tried",
                 escape(shown, sizeof shown, user));
        return false;
    case NSS_UNANSWERED:
        break;
    }
    question_note(
        question,
        "NSS did not answer for %s: neither whether there is such a user nor their groups "
        "are known",
        user);
    question->login.user = user;
    question->login.in_group = known.in_group;
    question->login.groups_unknown = true;
    return true;
}

/* --from ADDR */
static bool take_address(struct question *question, const char *text)
{
    char shown[ESCAPE_MAX];
    struct address address;

    question->login.address = text;
    if (text == NULL || address_read(text, &address)) {
        question->login.address_is_own = own_address_is(text);
        return true;
    }
    complain("explain: --from %s is no address: write one, such as 10.0.0.7 or 2001:db8::7",
             escape(shown, sizeof shown, text));
    return false;
}

static const char *host_name(struct question *question)
{
    char *name = arena_alloc(&question->memory, HOST_NAME_SIZE, 1);

    /* One byte is left for the NUL that is missing behind a name that was cut. */
    return name != NULL && gethostname(name, HOST_NAME_SIZE - 1) == 0 ? name : NULL;
}

bool question_begin(struct question *question, const struct invocation *invocation,
                    const struct policy *policy)
{
    const char *const *value = invocation->value;
    const char *user = invocation->operands[0];
    struct login *login = &question->login;

    *question = (struct question){.policy = policy};
    login->service = value[OPTION_SERVICE] != NULL ? value[OPTION_SERVICE] : "sshd";
    login->host = host_name(question);
    if (!moment_at(invocation, &question->login.now) || !take_address(question, value[OPTION_FROM]))
        return false;
    if (value[OPTION_GROUPS] != NULL)
        take_groups(question, user, value[OPTION_GROUPS]);
    else if (!look_up(question, user))
        return false;
    if (!question_take_opener(question, invocation) || !take_auth(question, value[OPTION_AUTH]) ||
        !question_take_certificate(question, invocation))
        return false;
    if (!question->memory.exhausted)
        return true;
    complain("not enough memory: end some programs and try again");
    return false;
}

void question_end(struct question *question)
{
    arena_free(&question->identity.memory);
    arena_free(&question->memory);
    memset(question, 0, sizeof *question);
}
