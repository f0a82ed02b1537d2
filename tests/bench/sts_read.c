/*
 * The least that has STS asked and its answer read: `sts_read URL CA_FILE` is one request
 * (sts_request.h), whose answer libxml2 reads.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <libxml/parser.h>
#include <stddef.h>

#include "tests/bench/meter.h"
#include "tests/bench/sts_request.h"

int main(int argc, char **argv)
{
    static char answer[16384];
    xmlDoc *document;

    if (argc != 3)
        return 2;
    sts_request_open(argv[1], argv[2]);
    document = xmlReadMemory(answer, (int)sts_request_read(answer, sizeof answer), NULL, NULL,
                             XML_PARSE_NONET);
    if (document == NULL)
        meter_fail("the answer is no XML");
    xmlFreeDoc(document);
    sts_request_close();
    return 0;
}
