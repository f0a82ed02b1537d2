/*
 * Who is behind a request of sudo, su or another service, as the helper would take it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "common/escape.h"
#include "xacct/complain.h"
#include "xacct_admin/nss.h"
#include "xacct_admin/question.h"

/* Whether the helper asks the login uid at all: where the policy asks the Unix user first, it is
 * who the human is. */
static bool is_login_uid_asked(const struct policy *policy)
{
    return policy->identity[0] != IDENTITY_USER;
}

/* Takes over whom the login uid is of, and what NSS said of them. */
static void take_opener(struct question *question, const struct nss_login *known, const char *name)
{
    struct login *login = &question->login;
    const bool is_known = known->outcome == NSS_KNOWN;
    const bool is_same = is_known && question->uid_known ? known->uid == question->uid
                                                         : strcmp(name, login->user) == 0;

    /* Who logs in and calls sudo or su is whom these name. */
    login->ruser = name;
    if (!is_known || policy_is_managed(question->policy, known->uid))
        login->caller_in_group = known->in_group;
    if (!is_login_uid_asked(question->policy))
        return;
    if (is_known && !policy_is_managed(question->policy, known->uid)) {
        question_note(question,
                      "the uid of %s is %u, below minimum_uid = %u: as a login uid it says nothing",
                      name, (unsigned)known->uid, (unsigned)question->policy->minimum_uid);
        return;
    }
    question->has_opener = true;
    if (is_same)
        return;
    login->opener = name;
    login->opener_in_group = known->in_group;
}

/* Asks NSS for the user of the login uid. Returns false after a complaint. */
static bool look_up(struct question *question, const char *name, bool need_exist)
{
    struct nss_login known;
    char shown[ESCAPE_MAX];

    if (!question_find(question, (struct nss_user){name, true}, &known))
        return false;
    if (known.outcome == NSS_UNKNOWN && need_exist) {
        complain(
            "explain: NSS knows no user %s, whom --loginuid names; with --groups G,... whoever "
            "does not exist can be tried",
            escape(shown, sizeof shown, name));
        return false;
    }
    if (known.outcome == NSS_UNANSWERED || known.unanswered != NULL)
        question_note(question,
                      "NSS does not tell which groups %s is in, who is behind it: what a [deny] "
                      "takes from these is not known",
                      name);
    take_opener(question, &known, known.outcome == NSS_KNOWN ? known.name : name);
    return true;
}

bool question_take_opener(struct question *question, const struct invocation *invocation)
{
    const char *name = invocation->value[OPTION_LOGINUID];
    const bool is_sshd = strcmp(question->login.service, "sshd") == 0;

    if (is_sshd && name != NULL) {
        complain("explain: --loginuid is for other services than sshd, as there nobody is behind "
                 "who logs in: name one by --service");
        return false;
    }
    if (is_sshd)
        return true;
    question->login.opener_unknown = name == NULL;
    if (name == NULL)
        return true;
    if (strcmp(name, "none") != 0)
        return look_up(question, name, invocation->value[OPTION_GROUPS] == NULL);
    if (question->policy->deny_count > 0)
        question_note(question,
                      "sudo and su name who calls them, too, and a [deny] counts that: it is taken "
                      "to be nobody whom one names");
    return true;
}
