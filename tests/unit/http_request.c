/*
 * Performs HTTP requests for test_http.py and test_http_proxy.py. Its arguments are NAME=VALUE:
 * url, timeout_ms, largest, and perhaps method, query, header (several), body, ca_bundle, proxy,
 * connect_ms, readiness, a file that is made once the caller has to get ready, and times, for as
 * many one after the other in a task, as the service does it, the last of them with last_ca_bundle
 * where there is one. Prints what came of the last one, one NAME=VALUE a line, and the milliseconds
 * that it took.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "common/escape.h"
#include "helper/http.h"
#include "helper/task.h"

#define LONGEST_MS 60000

static const char *const outcome_names[] = {
    [HTTP_ANSWERED] = "answered",       [HTTP_TIMED_OUT] = "timed-out",
    [HTTP_UNREACHABLE] = "unreachable", [HTTP_UNTRUSTED] = "untrusted",
    [HTTP_TOO_LARGE] = "too-large",     [HTTP_TRUNCATED] = "truncated",
    [HTTP_GARBLED] = "garbled",         [HTTP_FAILED] = "failed",
};

static const char *const place_names[] = {
    [HTTP_ELSEWHERE] = "elsewhere",
    [HTTP_LOOPBACK] = "loopback",
    [HTTP_CONTAINER_AGENT] = "container-agent",
    [HTTP_LINK] = "link",
};

/* What is asked, and what came of it. */
struct job {
    struct http_request request;
    long timeout_ms;
    long times;
    const char *last_ca_bundle;
    struct http_response response;
    int milliseconds;
    bool over;
};

static enum http_method method_of(const char *name)
{
    return name == NULL || strcmp(name, "POST") == 0 ? HTTP_POST
           : strcmp(name, "PUT") == 0                ? HTTP_PUT
                                                     : HTTP_GET;
}

static const char *readiness;

static const char *get_ready(void)
{
    return creat(readiness, 0600) >= 0 ? NULL : "the file cannot be made";
}

static void read_arguments(struct job *job, char **arguments)
{
    struct http_request *request = &job->request;
    size_t i;

    request->method = method_of(argument(arguments, "method", 0));
    request->url = argument(arguments, "url", 0);
    request->query = argument(arguments, "query", 0);
    for (i = 0; i < HTTP_HEADERS_MAX; i++)
        request->headers[i] = argument(arguments, "header", i);
    request->body = argument(arguments, "body", 0);
    request->body_length = request->body != NULL ? strlen(request->body) : 0;
    request->ca_bundle = argument(arguments, "ca_bundle", 0);
    request->proxy = argument(arguments, "proxy", 0);
    request->connect_ms = (int)number(arguments, "connect_ms", 0);
    readiness = argument(arguments, "readiness", 0);
    request->get_ready = readiness != NULL ? get_ready : NULL;
    request->largest = (size_t)number(arguments, "largest", 0);
    job->timeout_ms = number(arguments, "timeout_ms", 0);
    job->last_ca_bundle = argument(arguments, "last_ca_bundle", 0);
    job->times = number(arguments, "times", 0);
}

static void perform(struct job *job)
{
    struct deadline started = deadline_in_ms(LONGEST_MS);

    secret_free(&job->response.body);
    http_perform(&job->request, deadline_in_ms(job->timeout_ms), &job->response);
    job->milliseconds = LONGEST_MS - deadline_left_ms(started);
}

static void run(void *argument)
{
    struct job *job = argument;

    for (; job->times > 0; job->times--) {
        if (job->times == 1 && job->last_ca_bundle != NULL)
            job->request.ca_bundle = job->last_ca_bundle;
        perform(job);
    }
    job->over = true;
}

static bool is_over(void *argument)
{
    return ((const struct job *)argument)->over;
}

static int perform_in_task(struct job *job)
{
    int error = task_loop_open();

    if (error == 0)
        error = task_start(run, job);
    if (error == 0)
        error = task_loop_run(is_over, job);
    task_loop_close();
    return error;
}

static void print(const struct job *job)
{
    const struct http_response *response = &job->response;
    char shown[ESCAPE_MAX];

    printf("milliseconds=%d\n", job->milliseconds);
    printf("place=%s\n", place_names[http_place_of(job->request.url)]);
    printf("outcome=%s\n", outcome_names[response->outcome]);
    printf("connected=%d\n", response->connected);
    printf("status=%ld\n", response->status);
    printf("date=%lld\n", (long long)response->date);
    printf("length=%zu\n", response->body.length);
    printf("body=%s\n",
           escape_bytes(shown, sizeof shown, response->body.bytes, response->body.length));
    printf("request_id=%s\n", escape(shown, sizeof shown, response->request_id));
    printf("content_type=%s\n", escape(shown, sizeof shown, response->content_type));
    printf("why=%s\n", escape(shown, sizeof shown, response->why));
}

int main(int argc, char **argv)
{
    struct job job = {0};

    if (argc < 2 || secret_arena_open((size_t)2 * 1024 * 1024) != 0 || http_start() != 0)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    read_arguments(&job, argv + 1);
    if (job.times == 0)
        perform(&job);
    else if (perform_in_task(&job) != 0)
        return 1;
    print(&job);
    secret_free(&job.response.body);
    http_end();
    secret_arena_close();
    return 0;
}
