/*
 * Starting a helper, and ending it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/helper_once.h"

#include <stdint.h>

#define ENDING_MS INT64_C(1000) /* for it to end once it has replied */

int helper_once_start(struct helper_once *once, uid_t uid, gid_t gid)
{
    static const char *const arguments[] = {"xacct-helper", "--once", NULL};
    struct launch launch = {
        .program = HELPER_PROGRAM, .arguments = arguments, .uid = uid, .gid = gid};
    int error = helper_start(&launch, &once->helper);

    if (error == 0)
        client_init(&once->client, HELPER_PROGRAM);
    return error;
}

enum answer helper_once_ask(struct helper_once *once, const struct question *question)
{
    return client_ask_on(&once->client, once->helper.talk, question);
}

void helper_once_end(struct helper_once *once, struct ending *ending)
{
    /* The descriptor is closed with the helper. */
    once->client.fd = -1;
    client_close(&once->client);
    helper_end(&once->helper, deadline_in_ms(ENDING_MS), deadline_in_ms(2 * ENDING_MS), ending);
}
