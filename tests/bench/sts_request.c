/*
 * Requests as the helper sends them, with nothing around them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/bench/sts_request.h"

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

#define MOST 256 /* requests at once */

/* Where an answer goes. */
struct answer {
    char *bytes;
    size_t size;
    size_t length;
};

static CURL *curl;
static struct curl_slist *headers;

/* CURLOPT_WRITEFUNCTION; `user` is a struct answer, or NULL where nobody reads it. */
static size_t take(char *bytes, size_t size, size_t count, void *user)
{
    struct answer *answer = user;
    const size_t length = size * count;

    if (answer == NULL)
        return length;
    if (length > answer->size - answer->length)
        return 0;
    memcpy(answer->bytes + answer->length, bytes, length);
    answer->length += length;
    return length;
}

static void must(CURLcode code)
{
    if (code != CURLE_OK)
        meter_fail("the request: %s", curl_easy_strerror(code));
}

void sts_request_open(const char *url, const char *ca_file)
{
    must(curl_global_init(CURL_GLOBAL_DEFAULT));
    curl = curl_easy_init();
    headers = curl_slist_append(NULL, SIGNATURE);
    if (curl == NULL || headers == NULL)
        meter_fail("no memory is left");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, FORM);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, NULL);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
}

void sts_request(void)
{
    must(curl_easy_perform(curl));
}

size_t sts_request_read(char *bytes, size_t size)
{
    struct answer answer = {bytes, size, 0};

    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    sts_request();
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, NULL);
    return answer.length;
}

/* Waits for all of them. */
static void run(CURLM *transfers, size_t count)
{
    size_t answered = 0;
    CURLMsg *message;
    int left;

    do {
        if (curl_multi_perform(transfers, &left) != CURLM_OK)
            meter_fail("the requests failed");
        while ((message = curl_multi_info_read(transfers, &(int){0})) != NULL) {
            must(message->data.result);
            answered++;
        }
        if (left > 0)
            curl_multi_poll(transfers, NULL, 0, 1000, NULL);
    } while (left > 0);
    if (answered != count)
        meter_fail("%zu of %zu requests were answered", answered, count);
}

void sts_request_many(size_t count)
{
    static CURL *requests[MOST];
    CURLM *transfers = curl_multi_init();
    size_t i;

    if (transfers == NULL || count > MOST)
        meter_fail("at most %d requests at once", MOST);
    for (i = 0; i < count; i++) {
        requests[i] = curl_easy_duphandle(curl);
        if (requests[i] == NULL || curl_multi_add_handle(transfers, requests[i]) != CURLM_OK)
            meter_fail("no memory is left");
    }
    run(transfers, count);
    for (i = 0; i < count; i++) {
        curl_multi_remove_handle(transfers, requests[i]);
        curl_easy_cleanup(requests[i]);
    }
    curl_multi_cleanup(transfers);
}

void sts_request_close(void)
{
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
}
