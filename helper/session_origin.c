/*
 * From an audit session to a login.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_origin.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/deadline.h"
#include "helper/certified_users.h"
#include "helper/session_files.h"
#include "helper/session_logins.h"
#include "helper/task.h"

struct search {
    const struct host *host;
    const struct request *request;
    struct session_record *found; /* without id: none yet */
    bool several;                 /* there is another one, and it tells something else */
    bool certified;               /* this Unix user was, or may have been, logged in to with a
                                     certificate */
    bool unread;                  /* something could not be read; `why` has the first */
    char *why;
    size_t why_size;
};

/* Whether two records tell the same of the human. */
static bool same_human(const struct session_record *a, const struct session_record *b)
{
    return text_same(a->human, b->human) && text_same(a->address, b->address) &&
           text_same(a->authority_key, b->authority_key) && text_same(a->key_id, b->key_id) &&
           texts_same(&a->principals, &b->principals) &&
           a->certificate_ends == b->certificate_ends && a->auth_known == b->auth_known &&
           texts_same(&a->auth, &b->auth);
}

/* Whether the record is of a boot that this is known, or known not, to be. */
static enum answer is_of_this_boot(const struct host *host, const struct session_record *record)
{
    if (host->boot_id[0] == '\0' || record->boot_id[0] == '\0')
        return ANSWER_UNKNOWN;
    return strcmp(host->boot_id, record->boot_id) == 0 ? ANSWER_YES : ANSWER_NO;
}

/* Looks at one record, which it frees or keeps. */
static void look_at(struct search *search, struct session_record *record)
{
    const struct request *request = search->request;
    enum answer this_boot = is_of_this_boot(search->host, record);
    bool is_it = this_boot == ANSWER_YES && record->uid == request->loginuid &&
                 record->has_audit_session && request->has_audit_session &&
                 record->audit_session == request->audit_session;

    if (is_it && search->found->id[0] == '\0') {
        *search->found = *record;
        return;
    }
    if (is_it && !same_human(search->found, record))
        search->several = true;
    session_record_free(record);
}

static void not_read(struct search *search, const char *name, const char *wrong)
{
    if (!search->unread)
        snprintf(search->why, search->why_size, "the session record %s/%s cannot be read: %s",
                 session_folder(search->host), name, wrong);
    search->unread = true;
}

/* Reads a record, alive or ended, and looks at it. */
static void read_login(struct search *search, int folder, const char *id)
{
    const char *end, *wrong;
    char name[SESSION_FILE_NAME_SIZE];
    struct session_record record;
    int error = session_file_read_any(folder, id, &end, &record, &wrong);

    if (error == 0) {
        look_at(search, &record);
    } else if (error != ENOENT) {
        session_file_name(name, id, end);
        not_read(search, name, error == EBADMSG ? wrong : strerror(error));
    }
}

/* Looks through the logins of this login uid, and at those of its audit session, until the
 * request's time is over. */
static void look_through(struct search *search, int folder)
{
    const struct request *request = search->request;
    DIR *names = own_folder_names(folder);
    const struct dirent *entry;
    struct session_login login;

    if (names == NULL) {
        not_read(search, "", strerror(errno));
        return;
    }
    while ((errno = 0, entry = readdir(names)) != NULL) {
        if (!session_login_read(entry->d_name, &login) || login.uid != request->loginuid)
            continue;
        search->certified = search->certified || login.certified;
        if (!login.has_audit_session || !request->has_audit_session ||
            login.audit_session != request->audit_session)
            continue;
        task_pause(0);
        if (deadline_left_ms(request->deadline) == 0) {
            not_read(search, entry->d_name, strerror(ETIMEDOUT));
            break;
        }
        read_login(search, folder, login.id);
    }
    if (entry == NULL && errno != 0)
        not_read(search, "", strerror(errno));
    closedir(names);
}

/* Records go, and that people come to this user with certificates is kept. */
static void look_for_certified(struct search *search)
{
    char why[1024];
    enum answer is = certified_user_is(search->host, search->request->loginuid, why, sizeof why);

    if (is == ANSWER_YES)
        search->certified = true;
    if (is == ANSWER_UNKNOWN && !search->unread)
        snprintf(search->why, search->why_size, "%s", why);
    search->unread = search->unread || is == ANSWER_UNKNOWN;
}

/* What it all comes to. */
static enum session_origin conclude(const struct search *search)
{
    const unsigned uid = (unsigned)search->request->loginuid;

    if (search->found->id[0] != '\0' && !search->several)
        return ORIGIN_FOUND;
    if (search->several)
        snprintf(search->why, search->why_size,
                 "several logins of uid %u are in the same audit session, so nobody can tell whose "
                 "this is: was the daemon started anew from within a login?",
                 uid);
    else if (search->certified && !search->unread)
        snprintf(search->why, search->why_size,
                 "no session's record tells who is behind the login uid %u here, as in a job or a "
                 "login without pam_xacct.so, and people come to this user with certificates",
                 uid);
    return search->several || search->certified || search->unread ? ORIGIN_UNKNOWN : ORIGIN_NONE;
}

enum session_origin session_origin_find(const struct host *host, const struct request *request,
                                        struct session_record *record, char *why, size_t why_size)
{
    struct search search = {
        .host = host, .request = request, .found = record, .why = why, .why_size = why_size};
    enum session_origin origin;
    int folder = own_folder_open(session_folder(host));

    memset(record, 0, sizeof *record);
    if (folder < 0) {
        session_file_explain(host, "read", "*", errno, why, why_size);
        return ORIGIN_UNKNOWN;
    }
    look_through(&search, folder);
    close(folder);
    if (record->id[0] == '\0')
        look_for_certified(&search);
    origin = conclude(&search);
    if (origin != ORIGIN_FOUND)
        session_record_free(record);
    return origin;
}
