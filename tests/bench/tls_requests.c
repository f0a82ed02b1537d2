/*
 * The least that a call to STS can be: libcurl, one request of an AssumeRole's size, one CA in its
 * file. `tls_requests URL CA_FILE` is one, a process of its own; `tls_requests URL CA_FILE open`
 * measures one request on a connection that stays open, for each line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <curl/curl.h>
#include <string.h>

#include "tests/bench/meter.h"

/* As long as what the helper sends for the same role; nobody looks at the signature. */
#define FORM                                                                                       \
    "Action=AssumeRole&Version=2011-06-15&RoleSessionName=alice&SourceIdentity=alice"              \
    "&DurationSeconds=3600&ExternalId=7Zr-42&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2F"  \
    "bastion%2FAuditor"
#define SIGNATURE                                                                                  \
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIABASTIONBASE00001/20260101/eu-west-1/sts/"      \
    "aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature="                         \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static CURL *curl;

static size_t take(char *bytes, size_t size, size_t count, void *unused)
{
    (void)bytes, (void)unused;
    return size * count;
}

static void request(void)
{
    CURLcode code = curl_easy_perform(curl);

    if (code != CURLE_OK)
        meter_fail("the request: %s", curl_easy_strerror(code));
}

static long long measure(char *line)
{
    long long start = meter_now();

    (void)line;
    request();
    return meter_now() - start;
}

int main(int argc, char **argv)
{
    struct curl_slist *headers;
    int status = 0;

    if (argc < 3 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return 2;
    curl = curl_easy_init();
    headers = curl_slist_append(NULL, SIGNATURE);
    if (curl == NULL || headers == NULL)
        return 1;
    curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
    curl_easy_setopt(curl, CURLOPT_CAINFO, argv[2]);
    curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, FORM);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    if (argc > 3)
        status = meter_run(measure);
    else
        request();
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return status;
}
