/*
 * Says for test_certificates.py whom logins are by: for the policy in the file POLICY, at the
 * instant NOW (seconds since 1970). Each line of standard input is an SSH_AUTH_INFO_0 with | for
 * the ends of its lines; for each it prints a line:
 *
 *   refused REASON | nobody | human NAME ends SECONDS key-id NAME principals NAME,NAME...
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/identity_certificate.h"
#include "policy/load.h"

static void print_identity(const struct identity *identity)
{
    const struct texts *principals = &identity->proof.principals;
    size_t i;

    if (identity->human == NULL) {
        printf("nobody\n");
        return;
    }
    printf("human %s ends %lld key-id %s principals ", identity->human,
           (long long)identity->proof.ends, identity->proof.key_id);
    for (i = 0; i < principals->count; i++)
        printf("%s%s", i > 0 ? "," : "", principals->items[i]);
    printf("\n");
}

static void say(const struct policy *policy, const char *said, time_t now)
{
    static struct outcome outcome;
    struct identity identity;
    struct auth_info info;
    const char *wrong;
    int error;

    memset(&identity, 0, sizeof identity);
    error = auth_info_read(said, &identity.memory, &info, &wrong);
    if (error != 0)
        printf("refused %s\n", error == EBADMSG ? wrong : strerror(error));
    else if (identity_from_certificate(policy, &info, now, &identity, &outcome) != STATUS_PERMITTED)
        printf("refused %s\n", outcome.reason);
    else
        print_identity(&identity);
    identity_free(&identity);
}

int main(int argc, char **argv)
{
    const struct trust trust = {.unchecked = true, .largest = 1024 * 1024};
    struct policy_errors errors;
    struct policy *policy;
    char *line = NULL, *bar;
    size_t size = 0, i;

    if (argc != 3)
        return 2;
    policy = policy_load(argv[1], &trust, &errors);
    for (i = 0; i < errors.count; i++)
        fprintf(stderr, "%s:%u: %s\n", errors.items[i].file, errors.items[i].line,
                errors.items[i].text);
    policy_errors_free(&errors);
    if (policy == NULL)
        return 1;
    while (getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        while ((bar = strchr(line, '|')) != NULL)
            *bar = '\n';
        say(policy, line, (time_t)strtoll(argv[2], NULL, 10));
    }
    free(line);
    policy_free(policy);
    return 0;
}
