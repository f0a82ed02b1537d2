/*
 * One HTTP request through libcurl.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "helper/task.h"

#define HASHED_STORE "/etc/ssl/certs"
#define BODY_FIRST   ((size_t)8 * 1024) /* a response of STS has about two */
#define CONNECTIONS  64L                /* that are kept warm */
#define SLEEP_MOST   60000              /* milliseconds, as libcurl knows no "for ever" */
#define SLACK_MS     100 /* after the deadline, for libcurl to say what it waited for */

/* A request under way. */
struct exchange {
    const struct http_request *request;
    struct http_response *response;
    struct secret buffer;   /* what has come of the body, and room for more */
    size_t received;        /* bytes of it */
    bool header_seen;       /* something that looks like HTTP has come */
    bool too_large;         /* why the body was refused, */
    bool out_of_memory;     /* or this */
    struct task_queue over; /* where its task waits for the end */
    bool is_over;
    CURLcode code; /* that it ended with */
    char why[CURL_ERROR_SIZE];
};

/* The transfers of all tasks; connections stay open in it. NULL until the first of them. */
static CURLM *transfers;

static const struct {
    CURLcode code;
    enum http_outcome outcome;
} outcomes[] = {
    {CURLE_OK, HTTP_ANSWERED},
    {CURLE_OPERATION_TIMEDOUT, HTTP_TIMED_OUT},
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_UNREACHABLE},
    {CURLE_COULDNT_CONNECT, HTTP_UNREACHABLE},
    {CURLE_SSL_CONNECT_ERROR, HTTP_UNREACHABLE},
    {CURLE_SEND_ERROR, HTTP_UNREACHABLE},
    {CURLE_RECV_ERROR, HTTP_UNREACHABLE},
    {CURLE_GOT_NOTHING, HTTP_UNREACHABLE},
    {CURLE_PEER_FAILED_VERIFICATION, HTTP_UNTRUSTED},
    {CURLE_SSL_CACERT_BADFILE, HTTP_UNTRUSTED},
    {CURLE_SSL_ISSUER_ERROR, HTTP_UNTRUSTED},
    {CURLE_FILESIZE_EXCEEDED, HTTP_TOO_LARGE},
    {CURLE_PARTIAL_FILE, HTTP_TRUNCATED},
    {CURLE_WEIRD_SERVER_REPLY, HTTP_GARBLED},
    {CURLE_BAD_CONTENT_ENCODING, HTTP_GARBLED},
    /* Not the URL's scheme, which is looked at before: libcurl says this of HTTP/0.9 as well. */
    {CURLE_UNSUPPORTED_PROTOCOL, HTTP_GARBLED},
};

static bool started;

int http_start(void)
{
    if (!started)
        started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    return started ? 0 : EIO;
}

void http_end(void)
{
    if (transfers != NULL)
        curl_multi_cleanup(transfers);
    transfers = NULL;
    if (started)
        curl_global_cleanup();
    started = false;
}

/* Copies a part of the URL to `out`. Returns 0; ENOENT when the URL has none; EINVAL. */
static int url_part(CURLU *url, CURLUPart part, char *out, size_t size)
{
    CURLUcode code;
    char *text = NULL;
    int error = 0;

    code = curl_url_get(url, part, &text, part == CURLUPART_PORT ? CURLU_NO_DEFAULT_PORT : 0);
    if (code != CURLUE_OK)
        error = code == CURLUE_OUT_OF_MEMORY ? EINVAL : ENOENT;
    else if (strlen(text) >= size)
        error = EINVAL;
    else
        memcpy(out, text, strlen(text) + 1);
    curl_free(text);
    return error;
}

int http_target(const char *url, struct http_target *target)
{
    static const CURLUPart unwanted[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
                                         CURLUPART_FRAGMENT};
    char scheme[sizeof "https"], port[sizeof "65535"], other[1];
    CURLU *parts = curl_url();
    int error = EINVAL, with_port;
    size_t used, i;

    memset(target, 0, sizeof *target);
    if (parts == NULL || curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK)
        goto done;
    for (i = 0; i < sizeof unwanted / sizeof *unwanted; i++)
        if (url_part(parts, unwanted[i], other, sizeof other) != ENOENT)
            goto done;
    if (url_part(parts, CURLUPART_SCHEME, scheme, sizeof scheme) != 0 ||
        (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) ||
        url_part(parts, CURLUPART_HOST, target->host, sizeof target->host) != 0 ||
        url_part(parts, CURLUPART_PATH, target->path, sizeof target->path) != 0)
        goto done;
    with_port = url_part(parts, CURLUPART_PORT, port, sizeof port);
    used = strlen(target->host);
    if (with_port == EINVAL || (with_port == 0 && used + strlen(port) + 2 > sizeof target->host))
        goto done;
    if (with_port == 0)
        snprintf(target->host + used, sizeof target->host - used, ":%s", port);
    error = 0;
done:
    curl_url_cleanup(parts);
    return error;
}

/* Makes room for `more` bytes of the body, up to the largest that is wanted. */
static bool make_room(struct exchange *exchange, size_t more)
{
    struct secret larger = {0};
    size_t needed, size;

    if (more > exchange->request->largest - exchange->received) {
        exchange->too_large = true;
        return false;
    }
    needed = exchange->received + more;
    if (needed <= exchange->buffer.length)
        return true;
    for (size = BODY_FIRST; size < needed; size *= 2)
        ;
    if (secret_new(&larger, size) != 0) {
        exchange->out_of_memory = true;
        return false;
    }
    if (exchange->received > 0)
        memcpy(larger.bytes, exchange->buffer.bytes, exchange->received);
    secret_free(&exchange->buffer);
    exchange->buffer = larger;
    return true;
}

/* CURLOPT_WRITEFUNCTION */
static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
    struct exchange *exchange = user;
    size_t length = size * count;

    if (!make_room(exchange, length))
        return CURL_WRITEFUNC_ERROR;
    memcpy(exchange->buffer.bytes + exchange->received, bytes, length);
    exchange->received += length;
    return length;
}

/* Copies the value of a header line, if it is the header `name`, cut to what fits. */
static void take_value(const char *line, size_t length, const char *name, char *value, size_t size)
{
    size_t start = strlen(name);

    if (length <= start || strncasecmp(line, name, start) != 0 || line[start] != ':')
        return;
    for (start++; start < length && isspace((unsigned char)line[start]); start++)
        ;
    while (length > start && isspace((unsigned char)line[length - 1]))
        length--;
    snprintf(value, size, "%.*s", (int)(length - start), line + start);
}

/* CURLOPT_HEADERFUNCTION */
static size_t take_header(char *line, size_t size, size_t count, void *user)
{
    struct exchange *exchange = user;
    struct http_response *response = exchange->response;
    size_t length = size * count;
    char date[64] = "";

    exchange->header_seen = true;
    take_value(line, length, "x-amzn-RequestId", response->request_id, sizeof response->request_id);
    /* Ceph's gateway has the name that S3 uses. */
    take_value(line, length, "x-amz-request-id", response->request_id, sizeof response->request_id);
    take_value(line, length, "Content-Type", response->content_type, sizeof response->content_type);
    take_value(line, length, "Date", date, sizeof date);
    if (date[0] != '\0') {
        response->date = curl_getdate(date, NULL);
        if (response->date < 0)
            response->date = 0;
    }
    return length;
}

/* Whether the system's trust store can be looked up by hash: at least one link is named so. */
static bool hashed_store_exists(void)
{
    DIR *folder = opendir(HASHED_STORE);
    struct dirent *entry;
    bool found = false;

    while (folder != NULL && !found && (entry = readdir(folder)) != NULL)
        found = strlen(entry->d_name) == strlen("01234567.0") &&
                strspn(entry->d_name, "0123456789abcdef") == 8 && entry->d_name[8] == '.';
    if (folder != NULL)
        closedir(folder);
    return found;
}

/* Whom to trust. Returns what libcurl says. */
static CURLcode set_trust(CURL *curl, const struct http_request *request)
{
    const char *file = request->ca_bundle, *folder = NULL;
    CURLcode code;

    if (file == NULL && strncasecmp(request->url, "https:", 6) == 0 && hashed_store_exists())
        folder = HASHED_STORE;
    if (file == NULL && folder == NULL)
        return CURLE_OK;
    code = curl_easy_setopt(curl, CURLOPT_CAINFO, file);
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_CAPATH, folder);
}

/* Sets an option unless one before it failed. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (code == CURLE_OK)                                                                      \
            code = curl_easy_setopt(curl, option, value);                                          \
    } while (0)

static CURLcode set_options(CURL *curl, struct exchange *exchange, struct curl_slist *headers,
                            int left_ms)
{
    const struct http_request *request = exchange->request;
    CURLcode code = set_trust(curl, request);

    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    /* An empty name, unlike none, keeps libcurl from looking into the environment. */
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_NOSIGNAL, 1L);
    /* Else a resolver that does not answer is waited for past the timeout. */
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_TIMEOUT_MS, (long)left_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)left_ms);
    SET(CURLOPT_USERAGENT, "pam_xacct");
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    SET(CURLOPT_POSTFIELDS, request->body);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->largest);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, exchange);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, exchange);
    SET(CURLOPT_ERRORBUFFER, exchange->why);
    return code;
}

/* The caller's headers and Host. Returns NULL when memory runs out. */
static struct curl_slist *make_headers(const struct http_request *request,
                                       const struct http_target *target)
{
    char host[sizeof "Host: " + HTTP_HOST_SIZE];
    struct curl_slist *headers, *longer;
    size_t i;

    snprintf(host, sizeof host, "Host: %s", target->host);
    headers = curl_slist_append(NULL, host);
    for (i = 0; headers != NULL && i < HTTP_HEADERS_MAX && request->headers[i] != NULL; i++) {
        longer = curl_slist_append(headers, request->headers[i]);
        if (longer == NULL)
            curl_slist_free_all(headers);
        headers = longer;
    }
    return headers;
}

/* What a libcurl code comes to, once the exchange has ended with it. */
static enum http_outcome outcome_of(CURLcode code, const struct exchange *exchange)
{
    enum http_outcome outcome = HTTP_FAILED;
    size_t i;

    if (exchange->too_large)
        return HTTP_TOO_LARGE;
    for (i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (outcomes[i].code == code)
            outcome = outcomes[i].outcome;
    /* A connection that breaks under way says the same as one that never was. */
    if (outcome == HTTP_UNREACHABLE && exchange->header_seen)
        outcome = HTTP_TRUNCATED;
    return outcome;
}

/* Lets libcurl do what there is to do. Returns whether a transfer has ended. */
static bool go_on(void)
{
    bool any_over = false;
    CURLMsg *message;
    int count;

    curl_multi_perform(transfers, &count);
    while ((message = curl_multi_info_read(transfers, &count)) != NULL) {
        struct exchange *exchange = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
        exchange->code = message->data.result;
        exchange->is_over = true;
        task_wake_all(&exchange->over);
        any_over = true;
    }
    return any_over;
}

/* What the loop sleeps in once there are transfers. */
static void sleep_in_curl(int fd, int timeout_ms)
{
    struct curl_waitfd loop = {.fd = fd, .events = CURL_WAIT_POLLIN};

    if (go_on())
        return;
    if (timeout_ms < 0 || timeout_ms > SLEEP_MOST)
        timeout_ms = SLEEP_MOST;
    curl_multi_poll(transfers, &loop, 1, timeout_ms, NULL);
    go_on();
}

/* Makes the one multi handle. Returns whether it is there. */
static bool transfers_open(void)
{
    if (transfers != NULL)
        return true;
    transfers = curl_multi_init();
    if (transfers == NULL)
        return false;
    curl_multi_setopt(transfers, CURLMOPT_MAXCONNECTS, CONNECTIONS);
    task_set_sleeper(sleep_in_curl);
    return true;
}

/* As curl_easy_perform, while other tasks have their turn. */
static CURLcode perform_in_task(CURL *curl, struct exchange *exchange, struct deadline deadline)
{
    struct deadline late = {deadline.ns + INT64_C(1000000) * SLACK_MS};

    if (!transfers_open() ||
        curl_easy_setopt(curl, CURLOPT_PRIVATE, (void *)exchange) != CURLE_OK ||
        curl_multi_add_handle(transfers, curl) != CURLM_OK)
        return CURLE_OUT_OF_MEMORY;
    exchange->code = CURLE_OPERATION_TIMEDOUT;
    while (!exchange->is_over && task_wait(&exchange->over, late) == 0)
        continue;
    curl_multi_remove_handle(transfers, curl);
    return exchange->code;
}

static void perform(CURL *curl, struct exchange *exchange, struct deadline deadline)
{
    struct http_response *response = exchange->response;
    CURLcode code =
        task_is_running() ? perform_in_task(curl, exchange, deadline) : curl_easy_perform(curl);

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response->status);
    response->outcome = outcome_of(code, exchange);
    if (response->outcome == HTTP_ANSWERED &&
        secret_copy(&response->body, exchange->buffer.bytes, exchange->received) != 0) {
        exchange->out_of_memory = true;
        response->outcome = HTTP_FAILED;
    }
    if (exchange->out_of_memory)
        snprintf(response->why, sizeof response->why, "there is no secret memory left");
    else if (response->outcome == HTTP_TOO_LARGE)
        snprintf(response->why, sizeof response->why, "the response has more than %zu bytes",
                 exchange->request->largest);
    else if (response->outcome != HTTP_ANSWERED)
        snprintf(response->why, sizeof response->why, "%s",
                 exchange->why[0] != '\0' ? exchange->why : curl_easy_strerror(code));
}

void http_post(const struct http_request *request, struct deadline deadline,
               struct http_response *response)
{
    struct exchange exchange = {.request = request, .response = response};
    int left_ms = deadline_left_ms(deadline);
    struct curl_slist *headers = NULL;
    struct http_target target = {0};
    CURL *curl = NULL;

    memset(response, 0, sizeof *response);
    response->outcome = HTTP_FAILED;
    if (left_ms == 0) { /* which libcurl would take for no timeout at all */
        response->outcome = HTTP_TIMED_OUT;
        snprintf(response->why, sizeof response->why, "no time was left for the request");
        return;
    }
    if (http_target(request->url, &target) != 0) {
        snprintf(response->why, sizeof response->why,
                 "not an http or https URL without user, query and fragment");
        return;
    }
    curl = curl_easy_init();
    headers = make_headers(request, &target);
    if (curl == NULL || headers == NULL ||
        set_options(curl, &exchange, headers, left_ms) != CURLE_OK)
        snprintf(response->why, sizeof response->why, "libcurl could not be set up");
    else
        perform(curl, &exchange, deadline);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    secret_free(&exchange.buffer);
}
