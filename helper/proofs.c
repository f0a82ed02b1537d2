/*
 * What users' SSO left for their sessions: a list, the oldest first, since there are as many at
 * most as there are logins of the last hours.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/proofs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct kept {
    struct kept *next;
    char session[SESSION_ID_SIZE];
    uid_t uid;
    enum via kind;
    struct secret bytes;
};

struct proofs {
    struct kept *first;
    size_t held; /* bytes, of all */
};

struct proofs *proofs_new(void)
{
    return calloc(1, sizeof(struct proofs));
}

/* Wipes and frees the one that *link leads to. */
static void drop(struct proofs *proofs, struct kept **link)
{
    struct kept *kept = *link;

    *link = kept->next;
    proofs->held -= kept->bytes.length;
    secret_free(&kept->bytes);
    free(kept);
}

void proofs_free(struct proofs *proofs)
{
    while (proofs != NULL && proofs->first != NULL)
        drop(proofs, &proofs->first);
    free(proofs);
}

/* The link to the session's proof of this kind, or to the end. */
static struct kept **find(struct proofs *proofs, const char *session, enum via kind)
{
    struct kept **link = &proofs->first;

    while (*link != NULL && ((*link)->kind != kind || strcmp((*link)->session, session) != 0))
        link = &(*link)->next;
    return link;
}

/* How many bytes a user has. */
static size_t held_by(const struct proofs *proofs, uid_t uid)
{
    const struct kept *kept;
    size_t held = 0;

    for (kept = proofs->first; kept != NULL; kept = kept->next)
        held += kept->uid == uid ? kept->bytes.length : 0;
    return held;
}

/* The link to the oldest proof of the user who has the most bytes. */
static struct kept **find_dispensable(struct proofs *proofs)
{
    struct kept **link, **found = &proofs->first;
    size_t most = 0;

    for (link = &proofs->first; *link != NULL; link = &(*link)->next) {
        size_t held =
            (*link)->uid == (*found)->uid && most > 0 ? most : held_by(proofs, (*link)->uid);

        if (held > most) {
            most = held;
            found = link;
        }
    }
    return found;
}

int proofs_keep(struct proofs *proofs, const char session[SESSION_ID_SIZE], uid_t uid,
                enum via kind, const char *proof, size_t length)
{
    struct kept *kept = calloc(1, sizeof *kept), **link = find(proofs, session, kind);

    if (*link != NULL)
        drop(proofs, link);
    while (proofs->first != NULL && proofs->held + length > PROOFS_HELD_MOST)
        drop(proofs, find_dispensable(proofs));
    if (kept == NULL || secret_copy(&kept->bytes, proof, length) != 0) {
        free(kept);
        return ENOMEM;
    }
    memcpy(kept->session, session, SESSION_ID_SIZE);
    kept->uid = uid;
    kept->kind = kind;
    proofs->held += length;
    for (link = &proofs->first; *link != NULL; link = &(*link)->next)
        ;
    *link = kept;
    return 0;
}

const struct secret *proofs_find(const struct proofs *proofs, const char session[SESSION_ID_SIZE],
                                 enum via kind)
{
    const struct kept *kept = proofs->first;

    while (kept != NULL && (kept->kind != kind || strcmp(kept->session, session) != 0))
        kept = kept->next;
    return kept != NULL ? &kept->bytes : NULL;
}

void proofs_drop(struct proofs *proofs, const char session[SESSION_ID_SIZE])
{
    struct kept **link;

    for (link = proofs != NULL ? &proofs->first : NULL; link != NULL && *link != NULL;)
        if (strcmp((*link)->session, session) == 0)
            drop(proofs, link);
        else
            link = &(*link)->next;
}
