/*
 * The base credentials that a program of the admin's prints: credential_process.
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdio.h>

#include "common/escape.h"
#include "helper/aws_clock.h"
#include "helper/base_json.h"
#include "helper/base_source.h"
#include "helper/instant.h"
#include "helper/outside.h"

/* Reads what was printed. Returns the status, with the reason in `said`. */
static enum status read_output(const struct secret *output, struct credentials *credentials,
                               char *said, size_t size)
{
    char ended[INSTANT_SIZE];

    if (output->length == 0) {
        snprintf(said, size, "it ended well and printed nothing");
        return STATUS_UNAVAILABLE;
    }
    if (base_json_read(BASE_JSON_PROCESS, output->bytes, output->length, credentials, said, size) !=
        0)
        return STATUS_UNAVAILABLE;
    if (credentials->expiration == 0 || credentials->expiration > aws_clock_now())
        return STATUS_PERMITTED;
    snprintf(said, size, "the credentials that it printed ended at %s",
             instant_text(ended, credentials->expiration));
    credentials_free(credentials);
    return STATUS_UNAVAILABLE;
}

enum status base_process_fetch(const struct host *host, const struct base *base,
                               struct deadline deadline, struct credentials *credentials,
                               char why[BASE_WHY_SIZE])
{
    char said[BASE_WHY_SIZE / 2] = "", shown[ESCAPE_MAX];
    const char *program = escape(shown, sizeof shown, base->command.items[0]);
    enum status status = STATUS_UNAVAILABLE;
    struct secret output = {0};
    int error = outside_run(host->outside, base, deadline, &output, said, sizeof said);

    if (error == EACCES)
        status = STATUS_MISCONFIGURED;
    else if (error == 0)
        status = read_output(&output, credentials, said, sizeof said);
    secret_free(&output);
    if (status != STATUS_PERMITTED)
        snprintf(why, BASE_WHY_SIZE,
                 "the program of `command =`, %.512s, gave none: %s; try it as the helper's user, "
                 "with an empty environment and in the folder /",
                 program, said);
    return status;
}
