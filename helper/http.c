/*
 * One HTTP request through libcurl.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/http.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "helper/http_failure.h"
#include "helper/http_options.h"
#include "helper/libcurl.h"
#include "helper/task.h"

#define BODY_FIRST  ((size_t)8 * 1024) /* a response of STS has about two */
#define CONNECTIONS 64L                /* that are kept warm */
#define SLEEP_MOST  60000              /* milliseconds, as libcurl knows no "for ever" */
#define SLACK_MS    100 /* after the deadline, for libcurl to say what it waited for */

/* A request under way. */
struct exchange {
    const struct http_request *request;
    struct http_response *response;
    CURL *curl;
    struct secret buffer;   /* what has come of the body, and room for more */
    size_t received;        /* bytes of it */
    bool header_seen;       /* something that looks like HTTP has come */
    bool is_ready;          /* the caller, once it says so, */
    const char *unready;    /* or why it is not */
    bool too_large;         /* why the body was refused, */
    bool out_of_memory;     /* or this */
    struct task_queue over; /* where its task waits for the end */
    bool is_over;
    CURLcode code; /* that it ended with */
    char why[CURL_ERROR_SIZE];
};

/* The transfers of all tasks; connections stay open in it. NULL until the first of them. */
static CURLM *transfers;
static size_t under_way; /* of them */

/* TLS sessions, so that a server or proxy that we come back to spares the handshake's half. One
 * thread uses it, so it needs no locks; libcurl's resolver threads do not touch it. */
static CURLSH *tls_sessions;

static bool started;

int http_secret_header(const char *prefix, const struct secret *value, struct secret *header)
{
    const size_t length = strlen(prefix);
    int error = secret_new(header, length + value->length);

    if (error != 0)
        return error;
    memcpy(header->bytes, prefix, length);
    if (value->length > 0)
        memcpy(header->bytes + length, value->bytes, value->length);
    return 0;
}

int http_start(void)
{
    if (started)
        return 0;
    if (libcurl_load() != 0)
        return EIO;
    /* To the file that this names libcurl would write the keys of each connection. */
    unsetenv("SSLKEYLOGFILE");
    started = libcurl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    return started ? 0 : EIO;
}

void http_end(void)
{
    if (transfers != NULL)
        libcurl.multi_cleanup(transfers);
    transfers = NULL;
    if (tls_sessions != NULL)
        libcurl.share_cleanup(tls_sessions);
    tls_sessions = NULL;
    if (started)
        libcurl.global_cleanup();
    started = false;
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
        response->date = libcurl.getdate(date, NULL);
        if (response->date < 0)
            response->date = 0;
    }
    return length;
}

/* Whether a connection stood; one through a proxy is that to the proxy. */
static bool has_connected(CURL *curl)
{
    const char *address = NULL;

    libcurl.easy_getinfo(curl, CURLINFO_PRIMARY_IP, &address);
    return address != NULL && address[0] != '\0';
}

/* Lets the caller get ready. Returns whether the request may be sent. */
static bool get_ready(struct exchange *exchange)
{
    if (!exchange->is_ready)
        exchange->unready = exchange->request->get_ready();
    exchange->is_ready = exchange->unready == NULL;
    return exchange->is_ready;
}

/* CURLOPT_XFERINFOFUNCTION, which is called after each step; once the connection stands, the next
 * is the other side's. */
static int take_progress(void *user, curl_off_t to_receive, curl_off_t received, curl_off_t to_send,
                         curl_off_t sent)
{
    struct exchange *exchange = user;

    (void)to_receive, (void)received, (void)to_send, (void)sent;
    return !has_connected(exchange->curl) || get_ready(exchange) ? 0 : 1;
}

/* CURLOPT_PREREQFUNCTION: where the connection stood before. */
static int take_turn_to_send(void *user, char *remote, char *local, int remote_port, int local_port)
{
    (void)remote, (void)local, (void)remote_port, (void)local_port;
    return get_ready(user) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* Has the caller asked whether it is ready. Returns what libcurl says. */
static CURLcode set_readiness(CURL *curl, struct exchange *exchange)
{
    CURLcode code = libcurl.easy_setopt(curl, CURLOPT_PREREQFUNCTION, take_turn_to_send);

    if (code == CURLE_OK)
        code = libcurl.easy_setopt(curl, CURLOPT_PREREQDATA, exchange);
    if (code == CURLE_OK)
        code = libcurl.easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, take_progress);
    if (code == CURLE_OK)
        code = libcurl.easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
    if (code == CURLE_OK)
        code = libcurl.easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    return code;
}

/* Has the answer taken. Returns what libcurl says. */
static CURLcode set_takers(CURL *curl, struct exchange *exchange)
{
    const struct {
        CURLoption option;
        void *value;
    } pointers[] = {{CURLOPT_WRITEDATA, exchange},
                    {CURLOPT_HEADERDATA, exchange},
                    {CURLOPT_PRIVATE, exchange},
                    {CURLOPT_ERRORBUFFER, exchange->why}};
    CURLcode code = libcurl.easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    size_t i;

    if (code == CURLE_OK)
        code = libcurl.easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    for (i = 0; i < sizeof pointers / sizeof *pointers && code == CURLE_OK; i++)
        code = libcurl.easy_setopt(curl, pointers[i].option, pointers[i].value);
    if (code == CURLE_OK && exchange->request->get_ready != NULL)
        code = set_readiness(curl, exchange);
    return code;
}

/* Lets libcurl do what there is to do. Returns whether a transfer has ended. */
static bool go_on(void)
{
    bool any_over = false;
    CURLMsg *message;
    int count;

    libcurl.multi_perform(transfers, &count);
    while ((message = libcurl.multi_info_read(transfers, &count)) != NULL) {
        struct exchange *exchange = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        /* Without it the exchange ends at its deadline. */
        if (libcurl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange) != CURLE_OK)
            continue;
        exchange->code = message->data.result;
        exchange->is_over = true;
        task_wake_all(&exchange->over);
        any_over = true;
    }
    return any_over;
}

/* What the loop sleeps in while there are transfers. */
static void sleep_in_curl(int fd, int timeout_ms)
{
    struct curl_waitfd loop = {.fd = fd, .events = CURL_WAIT_POLLIN};

    if (go_on())
        return;
    if (timeout_ms < 0 || timeout_ms > SLEEP_MOST)
        timeout_ms = SLEEP_MOST;
    libcurl.multi_poll(transfers, &loop, 1, timeout_ms, NULL);
    go_on();
}

/* Begins a transfer, or ends it; the loop sleeps in libcurl while there is any. Returns whether. */
static bool begin_transfer(CURL *curl)
{
    if (libcurl.multi_add_handle(transfers, curl) != CURLM_OK)
        return false;
    if (under_way++ == 0)
        task_set_sleeper(sleep_in_curl);
    return true;
}

static void end_transfer(CURL *curl)
{
    libcurl.multi_remove_handle(transfers, curl);
    if (--under_way == 0)
        task_set_sleeper(NULL);
}

/* Makes what transfers have in common. Returns whether it is there. */
static bool transfers_open(void)
{
    if (transfers != NULL)
        return true;
    if (tls_sessions == NULL)
        tls_sessions = libcurl.share_init();
    if (tls_sessions == NULL || libcurl.share_setopt(tls_sessions, CURLSHOPT_SHARE,
                                                     CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK)
        return false;
    transfers = libcurl.multi_init();
    if (transfers == NULL)
        return false;
    libcurl.multi_setopt(transfers, CURLMOPT_MAXCONNECTS, CONNECTIONS);
    return true;
}

/* As curl_easy_perform, while other tasks have their turn. */
static CURLcode perform_in_task(CURL *curl, struct exchange *exchange, struct deadline deadline)
{
    struct deadline late = {deadline.ns + INT64_C(1000000) * SLACK_MS};

    if (!transfers_open() || libcurl.easy_setopt(curl, CURLOPT_SHARE, tls_sessions) != CURLE_OK ||
        !begin_transfer(curl))
        return CURLE_OUT_OF_MEMORY;
    exchange->code = CURLE_OPERATION_TIMEDOUT;
    while (!exchange->is_over && task_wait(&exchange->over, late) == 0)
        continue;
    end_transfer(curl);
    return exchange->code;
}

static void perform(CURL *curl, const struct http_options *options, struct exchange *exchange,
                    struct deadline deadline)
{
    struct http_response *response = exchange->response;
    CURLcode code =
        task_is_running() ? perform_in_task(curl, exchange, deadline) : libcurl.easy_perform(curl);

    libcurl.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response->status);
    response->connected = has_connected(curl);
    response->outcome = exchange->too_large
                            ? HTTP_TOO_LARGE
                            : http_outcome_of(code, response, exchange->header_seen);
    /* libcurl has one code for both bounds. Which it was is not read from the clock: libcurl's
       differences of times are up to a millisecond too large. */
    if (response->outcome == HTTP_TIMED_OUT && !response->connected && options->bounds_connection)
        response->outcome = HTTP_UNREACHABLE;
    if (response->outcome == HTTP_ANSWERED &&
        secret_copy(&response->body, exchange->buffer.bytes, exchange->received) != 0) {
        exchange->out_of_memory = true;
        response->outcome = HTTP_FAILED;
    }
    if (exchange->out_of_memory)
        snprintf(response->why, sizeof response->why, "there is no secret memory left");
    else if (exchange->unready != NULL)
        snprintf(response->why, sizeof response->why, "%s", exchange->unready);
    else if (response->outcome == HTTP_TOO_LARGE)
        snprintf(response->why, sizeof response->why, "the response has more than %zu bytes",
                 exchange->request->largest);
    else if (response->outcome != HTTP_ANSWERED)
        http_failure_explain(curl, options,
                             exchange->why[0] != '\0' ? exchange->why : libcurl.easy_strerror(code),
                             response);
}

void http_perform(const struct http_request *request, struct deadline deadline,
                  struct http_response *response)
{
    struct exchange exchange = {.request = request, .response = response};
    int left_ms = deadline_left_ms(deadline);
    struct http_options options = {0};
    const char *fault = NULL;
    CURL *curl;

    memset(response, 0, sizeof *response);
    response->outcome = HTTP_FAILED;
    if (left_ms == 0) { /* which libcurl would take for no timeout at all */
        response->outcome = HTTP_TIMED_OUT;
        snprintf(response->why, sizeof response->why, "no time was left for the request");
        return;
    }
    exchange.curl = curl = libcurl.easy_init();
    if (curl == NULL || set_takers(curl, &exchange) != CURLE_OK)
        fault = "libcurl could not be set up";
    else
        fault = http_options_set(&options, curl, request, left_ms);
    if (fault != NULL)
        snprintf(response->why, sizeof response->why, "%s", fault);
    else
        perform(curl, &options, &exchange, deadline);
    libcurl.easy_cleanup(curl);
    http_options_free(&options);
    secret_free(&exchange.buffer);
}
