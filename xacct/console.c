/*
 * xacct console: links to AWS's web console.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "xacct/assume.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/options.h"
#include "xacct/roles.h"
#include "xacct/text.h"

#define FIELD_SIZE 256

/* What of a role's ARN a link needs. */
struct arn {
    char partition[FIELD_SIZE], account[FIELD_SIZE];
    const char *name; /* with its path, inside the ARN */
};

/* Source: IAM User Guide, "Switch to an IAM role (console)", and the partitions' sign-in pages. */
static const struct {
    const char *partition, *host;
} sign_in[] = {
    {"aws", "signin.aws.amazon.com"},
    {"aws-cn", "signin.amazonaws.cn"},
    {"aws-us-gov", "signin.amazonaws-us-gov.com"},
};

static bool arn_parse(const char *text, struct arn *arn)
{
    int start = 0;

    if (text == NULL ||
        sscanf(text, "arn:%255[a-z0-9-]:iam::%255[0-9]:role/%n", arn->partition, arn->account,
               &start) != 2 ||
        start == 0 || text[start] == '\0')
        return false;
    arn->name = text + start;
    return true;
}

/* Appends `value` with everything but RFC 3986's unreserved characters as %HH. */
static void add_encoded(struct text *text, const char *value)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (; *value != '\0'; value++)
        if (strchr(unreserved, *value) != NULL)
            text_add_bytes(text, value, 1);
        else
            text_addf(text, "%%%02X", (unsigned char)*value);
}

/* The console's Switch Role assumes a role by its name alone: complains when that will not do. */
static bool can_be_switched_to(const struct role *role)
{
    const struct {
        bool asked;
        const char *what;
    } asks[] = {
        {role->external_id, "an external id"},
        {role->source_identity, "a source identity"},
        {role->tags, "session tags"},
    };
    char what[128] = "", shown[ESCAPE_MAX];
    size_t i, used = 0;

    for (i = 0; i < sizeof asks / sizeof asks[0]; i++)
        if (asks[i].asked)
            used += (size_t)snprintf(what + used, sizeof what - used, "%s%s",
                                     used > 0 ? " and " : "", asks[i].what);
    if (used == 0)
        return true;
    complain("role %s cannot be switched to in the console: it is assumed with %s, which the "
             "console does not send: use xacct console without --switch-url",
             escape(shown, sizeof shown, role->name), what);
    return false;
}

static int print_switch_url(const struct role *role)
{
    struct text text = TEXT_EMPTY;
    struct arn arn;
    char shown[ESCAPE_MAX];
    const char *host = NULL;
    size_t i;
    int status;

    if (!can_be_switched_to(role))
        return EXIT_REFUSED;
    if (arn_parse(role->arn, &arn))
        for (i = 0; i < sizeof sign_in / sizeof sign_in[0]; i++)
            if (strcmp(sign_in[i].partition, arn.partition) == 0)
                host = sign_in[i].host;
    if (host == NULL) {
        complain("role %s lies in a part of AWS whose console has no such link that xacct knows: "
                 "use xacct console without --switch-url",
                 escape(shown, sizeof shown, role->arn));
        return EXIT_REFUSED;
    }
    text_addf(&text, "https://%s/switchrole?account=%s&roleName=", host, arn.account);
    add_encoded(&text, arn.name);
    text_add(&text, "&displayName=");
    add_encoded(&text, role->name);
    text_add(&text, "\n");
    status = text_print(&text);
    text_free(&text);
    return status;
}

/* Says that the role is none of theirs, and which are. */
static int refuse(const struct roles *roles, const char *name)
{
    char hint[1200], shown[ESCAPE_MAX];

    complain("role %s is none of yours%s", escape(shown, sizeof shown, name),
             roles_hint(roles, name, hint, sizeof hint));
    return EXIT_REFUSED;
}

static int switch_url(const struct invocation *invocation, const char *name)
{
    const struct role *role;
    struct roles roles;
    int status;

    if (!roles_get(invocation->socket, &roles))
        return EXIT_REFUSED;
    role = roles_find(&roles, name);
    status = role != NULL ? print_switch_url(role) : refuse(&roles, name);
    roles_free(&roles);
    return status;
}

/* Whether nothing in the link could end a line or reach a terminal as anything but text. */
static bool is_link(const char *url)
{
    const char *byte;

    if (url == NULL || strncmp(url, "http", 4) != 0)
        return false;
    for (byte = url; *byte != '\0'; byte++)
        if (*byte <= 0x20 || *byte >= 0x7f)
            return false;
    return true;
}

static int sign_in_url(const struct invocation *invocation, const char *name)
{
    const struct question question = {
        .op = WIRE_OP_CONSOLE, .role = name, .timeout_ms = CLIENT_ASSUME_MS};
    struct text text = TEXT_EMPTY;
    struct client client;
    enum answer answer;
    const char *url;
    int status = EXIT_REFUSED;

    client_init(&client, invocation->socket);
    answer = client_ask(&client, &question);
    if (answer == ANSWER_REFUSED) {
        complain_about_role(&client, name);
    } else if (answer == ANSWER_NONE) {
        client_complain(&client);
    } else {
        url = frame_get(&client.reply, WIRE_URL);
        if (is_link(url)) {
            text_add(&text, url);
            text_add(&text, "\n");
            status = text_print(&text);
        } else {
            complain("the reply of the xacct service holds no link: tell the admin of this host");
        }
    }
    text_free(&text);
    client_close(&client);
    return status;
}

int command_console(const struct invocation *invocation)
{
    const char *role = options_role(invocation);

    if (role == NULL)
        return invocation->command->usage_status;
    return invocation->value[OPTION_SWITCH_URL] != NULL ? switch_url(invocation, role)
                                                        : sign_in_url(invocation, role);
}
