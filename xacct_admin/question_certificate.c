/*
 * The certificate of a login, as the helper would take it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "helper/identity_certificate.h"
#include "helper/ssh_certificate.h"
#include "xacct/complain.h"
#include "xacct_admin/question.h"

#define FILE_LARGEST ((size_t)64 * 1024) /* bytes; certificates have one or two thousand */

/* Makes the certificate's name that of the human. */
static void become(struct question *question, const struct certificate *certificate,
                   const char *name)
{
    question->login.certificate = certificate;
    question->login.human = name;
}

/* --principal P: a certificate with this name, of the first [ca] that may use it. */
static void take_name(struct question *question, const char *name)
{
    const struct policy *policy = question->policy;
    struct certificate *certificate = &question->identity.proof;
    const struct ca *ca = NULL;
    size_t i;

    for (i = 0; ca == NULL && i < policy->ca_count; i++)
        if (policy_ca_may_name(&policy->cas[i], name))
            ca = &policy->cas[i];
    if (ca == NULL) {
        question->login.human = name;
        question_refuse(question, (struct position){policy->files[0].path, 0},
                        "the names of no [ca] allow %s, so no certificate is believed that says so",
                        name);
        return;
    }
    if (ca->identity == CA_IDENTITY_KEY_ID) {
        certificate->key_id = name;
    } else {
        certificate->principals.items =
            arena_alloc(&question->memory, 1, sizeof *certificate->principals.items);
        if (certificate->principals.items == NULL)
            return;
        certificate->principals.items[0] = (char *)name;
        certificate->principals.count = 1;
    }
    certificate->ca = ca;
    become(question, certificate, name);
}

/* Reads a file as the line that sshd would write for the key in it; NULL after a complaint. */
static const char *read_line(struct question *question, const char *path)
{
    static const char method[] = "publickey ";
    char *line = arena_alloc(&question->memory, sizeof method + FILE_LARGEST + 2, 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    size_t used = sizeof method - 1, end;
    char shown[ESCAPE_MAX];
    ssize_t n = -1;

    if (line != NULL && fd >= 0) {
        memcpy(line, method, used);
        while ((n = read(fd, line + used, sizeof method + FILE_LARGEST - used)) > 0)
            used += (size_t)n;
    }
    if (n < 0)
        complain("explain: %s cannot be read: %s", escape(shown, sizeof shown, path),
                 strerror(errno));
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return NULL;
    /* TYPE BASE64 and a comment, which sshd leaves out. */
    end = strcspn(line + sizeof method - 1, " \t\r\n") + sizeof method - 1;
    end += strcspn(line + end + (line[end] == ' '), " \t\r\n") + (line[end] == ' ');
    strcpy(line + end, "\n");
    return line;
}

/* Has the helper's own code take the human from the certificate. */
static void take_keys(struct question *question, const struct auth_info *info)
{
    const struct policy *policy = question->policy;
    struct identity *identity = &question->identity;
    struct outcome outcome = {.status = STATUS_PERMITTED};

    if (identity_from_certificate(policy, info, question->login.now, identity, &outcome) !=
        STATUS_PERMITTED)
        question_refuse(question, (struct position){policy->files[0].path, 0}, "%s",
                        outcome.reason);
    else if (identity->has_certificate)
        become(question, &identity->proof, identity->human);
    else
        question_note(question,
                      "the certificate is of no [ca] of the policy, so it says nothing of "
                      "who the human is");
}

/* --certificate FILE. Returns false after a complaint. */
static bool take_file(struct question *question, const char *path)
{
    const char *line = read_line(question, path);
    const char *wrong = NULL;
    struct auth_info info;
    char shown[ESCAPE_MAX];

    if (line == NULL)
        return false;
    if (auth_info_read(line, &question->memory, &info, &wrong) != 0)
        info.key_count = 0;
    if (info.key_count == 1 && ssh_certificate_is(info.keys[0].type)) {
        take_keys(question, &info);
        return true;
    }
    if (info.key_count == 1) {
        complain("explain: %s is a public key without a certificate: of a login with that, "
                 "--certificate none says that there is none",
                 escape(shown, sizeof shown, path));
        return false;
    }
    complain("explain: %s is no SSH certificate, as ssh-keygen -s makes them, in a file such as "
             "id_ed25519-cert.pub",
             escape(shown, sizeof shown, path));
    return false;
}

/* Whether the methods that were given leave room for a certificate. */
static bool may_be_there(const struct question *question)
{
    const struct texts *auth = question->login.auth;
    size_t i;

    for (i = 0; auth != NULL && i < auth->count; i++)
        if (strncmp(auth->items[i], "publickey", strlen("publickey")) == 0)
            return true;
    return auth == NULL;
}

/* What the command line says of a certificate. */
struct said {
    const char *name; /* --principal P, or NULL */
    const char *path; /* --certificate FILE, or NULL */
    bool is_none;     /* --certificate none */
};

/* Whether what is said of a certificate can be of such a login, else after a complaint. */
static bool is_possible(const struct question *question, const struct said *said)
{
    const bool is_given = said->name != NULL || said->path != NULL;
    const bool is_sshd = strcmp(question->login.service, "sshd") == 0;

    if (!is_given && !(said->is_none && said->name != NULL))
        return true;
    if (said->name != NULL && (said->path != NULL || said->is_none))
        complain("explain: one of --principal and --certificate");
    else if (!is_sshd && !question->has_opener)
        complain("explain: --principal and --certificate are only with --service sshd, and for the "
                 "login of --loginuid USER");
    else if (!may_be_there(question))
        complain("explain: --principal and --certificate are only with --auth publickey");
    else
        return true;
    return false;
}

/* Who the human is that no certificate names. */
static void take_human(struct question *question)
{
    const struct policy *policy = question->policy;
    struct login *login = &question->login;
    const bool by_login_uid = question->has_opener && policy_asks(policy, IDENTITY_LOGINUID);

    login->human = by_login_uid && login->opener != NULL ? login->opener : login->user;
    if (!by_login_uid && !policy_asks(policy, IDENTITY_USER))
        question_refuse(question, (struct position){policy->files[0].path, 0},
                        "identity = in [xacct] leaves user out, and no certificate and no login "
                        "uid is known that would name the human");
}

bool question_take_certificate(struct question *question, const struct invocation *invocation)
{
    const struct policy *policy = question->policy;
    const char *file = invocation->value[OPTION_CERTIFICATE];
    const bool is_none = file != NULL && strcmp(file, "none") == 0;
    const struct said said = {invocation->value[OPTION_PRINCIPAL], is_none ? NULL : file, is_none};
    const bool is_given = said.name != NULL || said.path != NULL;
    const bool is_believed = policy->ca_count > 0 && policy_asks(policy, IDENTITY_CERTIFICATE);
    struct login *login = &question->login;

    if (!is_possible(question, &said))
        return false;
    if (is_given && !is_believed)
        question_note(question,
                      "the policy believes no certificate: it has no [ca], or identity = in "
                      "[xacct] does not have certificate before user");
    else if (said.name != NULL)
        take_name(question, said.name);
    else if (said.path != NULL && !take_file(question, said.path))
        return false;
    login->certificate_unknown = !is_given && !is_none && is_believed && may_be_there(question);
    if (login->human == NULL)
        take_human(question);
    return true;
}
