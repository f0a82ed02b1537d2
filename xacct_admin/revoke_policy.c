/*
 * The document that denies what was issued.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <jansson.h>

#include "helper/instant.h"
#include "xacct_admin/revoke.h"

/* A list of texts with something before each, in a fresh array; NULL without memory. */
static json_t *list_of(const struct texts *list, const char *before)
{
    json_t *array = json_array();
    size_t i;

    for (i = 0; array != NULL && i < list->count; i++)
        if (json_array_append_new(array, json_sprintf("%s%s", before, list->items[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

/* Adds a statement for those whose `key` is one of `values`, which it takes over. Returns whether
 * there was memory. */
static bool add_statement(const struct revoke_run *run, json_t *statements, const char *sid,
                          const char *operator, const char * key, json_t *values)
{
    char at[INSTANT_SIZE];
    json_t *statement =
        json_pack("{s:s, s:s, s:s, s:s, s:{s:{s:o}, s:{s:s}}}", "Sid", sid, "Effect", "Deny",
                  "Action", "*", "Resource", "*", "Condition", operator, key, values,
                  "DateLessThan", "aws:TokenIssueTime", instant_text(at, run->at));

    return json_array_append_new(statements, statement) == 0;
}

json_t *revoke_policy(const struct revoke_run *run)
{
    json_t *statements = json_array();
    bool fine = statements != NULL;

    if (fine && run->identities.count > 0)
        fine = add_statement(run, statements, "XacctRevokedSourceIdentity", "StringEquals",
                             "aws:SourceIdentity", list_of(&run->identities, ""));
    /* Of a role's session it is the role's id, a colon and the session's name, which holds nothing
     * that means something to StringLike. */
    if (fine && run->names.count > 0)
        fine = add_statement(run, statements, "XacctRevokedSessionName", "StringLike", "aws:userid",
                             list_of(&run->names, "*:"));
    if (fine)
        return json_pack("{s:s, s:o}", "Version", "2012-10-17", "Statement", statements);
    json_decref(statements);
    return NULL;
}
