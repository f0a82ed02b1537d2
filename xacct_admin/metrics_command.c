/*
 * xacct metrics: what the service counts, for Prometheus.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <unistd.h>

#include "common/wire.h"
#include "xacct/client.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct_admin/helper_once.h"
#include "xacct_admin/local_names.h"
#include "xacct_admin/metrics.h"
#include "xacct_admin/output_file.h"
#include "xacct_admin/permissions.h"

/* Whatever reads them shows them to everybody; with names that is the admin's to decide. */
#define MODE       0644
#define MODE_NAMES 0640

/* Takes over the numbers of a reply. Returns how it came out; the client has why. */
static enum answer take(struct client *client, enum answer answer, struct metrics *metrics)
{
    while (answer == ANSWER_PERMITTED && frame_get(&client->reply, WIRE_LAST) == NULL) {
        metrics_take(metrics, &client->reply);
        answer = client_next(client);
    }
    return answer;
}

/* Asks a helper that is started for it, which only root can. Returns whether it has told all. */
static bool ask_helper(const struct question *question, struct metrics *metrics)
{
    struct helper_once once;
    struct ending ending;
    enum answer answer;
    uid_t uid;
    gid_t gid;

    if (geteuid() != 0 || !local_user_find(HELPER_NAME, &uid, &gid) ||
        helper_once_start(&once, uid, gid) != 0)
        return false;
    answer = take(&once.client, helper_once_ask(&once, question), metrics);
    helper_once_end(&once, &ending);
    return answer == ANSWER_PERMITTED;
}

/* Tells what there is without the service. */
static void do_without(const struct question *question, struct metrics *metrics)
{
    metrics_free(metrics);
    metrics_add(metrics, METRIC_UP, NULL, NULL, "0");
    if (ask_helper(question, metrics))
        return;
    metrics_free(metrics);
    metrics_add(metrics, METRIC_UP, NULL, NULL, "0");
    metrics_add(metrics, METRIC_BUILD, "version", XACCT_VERSION, "1");
}

/* Collects what there is to tell. Returns the exit status: EXIT_REFUSED where it is little. */
static int collect(const struct invocation *invocation, struct metrics *metrics)
{
    const struct question question = {
        .op = WIRE_OP_METRICS,
        .names = invocation->value[OPTION_NAMES] != NULL,
        .timeout_ms = CLIENT_ASK_MS,
    };
    struct client client;
    enum answer answer;

    client_init(&client, invocation->socket);
    metrics_add(metrics, METRIC_UP, NULL, NULL, "1");
    answer = take(&client, client_ask(&client, &question), metrics);
    if (answer != ANSWER_PERMITTED)
        client_complain(&client);
    /* That we may not ask says nothing of the service. */
    if (answer == ANSWER_REFUSED && client.status == STATUS_DENIED)
        metrics_free(metrics);
    else if (answer != ANSWER_PERMITTED)
        do_without(&question, metrics);
    client_close(&client);
    return answer == ANSWER_PERMITTED ? EXIT_FINE : EXIT_REFUSED;
}

/* Prints or writes them. Returns whether that went well, after a complaint where not. */
static bool tell(const struct invocation *invocation, const struct metrics *metrics)
{
    const char *path = invocation->value[OPTION_OUTPUT];
    struct text text = TEXT_EMPTY;
    bool told;

    if (invocation->value[OPTION_JSON] != NULL)
        metrics_add_json(metrics, &text);
    else
        metrics_add_text(metrics, &text);
    if (path != NULL)
        told = output_file_write(path, invocation->value[OPTION_NAMES] != NULL ? MODE_NAMES : MODE,
                                 &text);
    else
        told = text_print(&text) == 0;
    text_free(&text);
    return told;
}

int command_metrics(const struct invocation *invocation)
{
    struct metrics metrics = {.items = NULL};
    int status = collect(invocation, &metrics);

    if (metrics.memory.exhausted) {
        complain("not enough memory for the numbers: end some programs and try again");
        status = EXIT_USAGE;
    } else if (metrics.count > 0 && !tell(invocation, &metrics)) {
        status = EXIT_USAGE;
    }
    metrics_free(&metrics);
    return status;
}
