/*
 * xacct credentials: what an SDK asks of credential_process. Source: AWS SDKs and Tools Reference
 * Guide, "Process credential provider".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "xacct/assume.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/json_text.h"
#include "xacct/options.h"
#include "xacct/own_profiles.h"

#define ACCOUNT_DIGITS 12

/* The account of an ARN, arn:PARTITION:iam::ACCOUNT:..., or false when it has none. */
static bool account_of(const char *arn, char account[ACCOUNT_DIGITS + 1])
{
    int colons;

    for (colons = 0; arn != NULL && colons < 4; colons++) {
        arn = strchr(arn, ':');
        if (arn != NULL)
            arn++;
    }
    if (arn == NULL || strspn(arn, "0123456789") != ACCOUNT_DIGITS || arn[ACCOUNT_DIGITS] != ':')
        return false;
    memcpy(account, arn, ACCOUNT_DIGITS);
    account[ACCOUNT_DIGITS] = '\0';
    return true;
}

static void write_credentials(struct text *text, const struct frame *reply)
{
    const char *expiration = frame_get(reply, "AWS_CREDENTIAL_EXPIRATION");
    char account[ACCOUNT_DIGITS + 1];

    text_add(text, "{");
    json_member_number(text, "Version", 1);
    json_member(text, "AccessKeyId", frame_get(reply, "AWS_ACCESS_KEY_ID"));
    json_member(text, "SecretAccessKey", frame_get(reply, "AWS_SECRET_ACCESS_KEY"));
    json_member(text, "SessionToken", frame_get(reply, "AWS_SESSION_TOKEN"));
    if (expiration != NULL)
        json_member(text, "Expiration", expiration);
    if (account_of(frame_get(reply, "XACCT_ROLE_ARN"), account))
        json_member(text, "AccountId", account);
    text_add(text, "}\n");
}

/* The keys of a profile of the user's own, by name: what the file of own_profiles.h asks for. */
static int print_own(const char *profile)
{
    struct text text = TEXT_EMPTY;
    int status = own_profiles_keys(profile, &text) ? text_print(&text) : EXIT_REFUSED;

    text_free(&text);
    return status;
}

int command_credentials(const struct invocation *invocation)
{
    const char *own = invocation->value[OPTION_OWN];
    const char *role = own == NULL ? options_role(invocation) : NULL;
    struct text text = TEXT_EMPTY;
    struct client client;
    int status = EXIT_REFUSED;

    if (own != NULL)
        return print_own(own);
    if (role == NULL)
        return EXIT_REFUSED;
    client_init(&client, invocation->socket);
    if (!assume(&client, invocation, role, WIRE_PURPOSE_PROCESS, 0))
        goto done;
    if (frame_get(&client.reply, "AWS_ACCESS_KEY_ID") == NULL) {
        complain("the reply of the xacct service carries no credentials: tell the admin of this "
                 "host");
        goto done;
    }
    write_credentials(&text, &client.reply);
    status = text_print(&text);

done:
    text_free(&text);
    client_close(&client);
    return status;
}
