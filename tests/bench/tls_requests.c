/*
 * Requests to STS and nothing else (sts_request.h). `tls_requests URL CA_FILE` is one, a process of
 * its own; `tls_requests URL CA_FILE open` measures one request on a connection that stays open,
 * for each line; `tls_requests URL CA_FILE many` as many at once as the line says, each on a new
 * connection.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "tests/bench/meter.h"
#include "tests/bench/sts_request.h"

static long long measure_one(char *line)
{
    long long start = meter_now();

    (void)line;
    sts_request();
    return meter_now() - start;
}

static long long measure_many(char *line)
{
    long long start = meter_now();

    sts_request_many(strtoul(line, NULL, 10));
    return meter_now() - start;
}

int main(int argc, char **argv)
{
    int status = 0;

    if (argc < 3)
        return 2;
    sts_request_open(argv[1], argv[2]);
    if (argc > 3)
        status = meter_run(strcmp(argv[3], "many") == 0 ? measure_many : measure_one);
    else
        sts_request();
    sts_request_close();
    return status;
}
