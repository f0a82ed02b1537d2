/*
 * A server that answers every request as STS answers AssumeRole, at once: `sts_answers CERTIFICATE
 * KEY LIFE DELAY`. The credentials that it issues live LIFE seconds, and each answer is held back
 * DELAY milliseconds. It speaks TLS on a port of 127.0.0.1, which it prints, and asks for no
 * signature: how strict STS is, other tests show. A thread a connection.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MAX 65536

#define DOCUMENT                                                                                   \
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"   \
    "<AssumedRoleUser><AssumedRoleId>AROA0123456789EXAMPLE:bench</AssumedRoleId>"                  \
    "<Arn>arn:aws:sts::111122223333:assumed-role/Auditor/bench</Arn></AssumedRoleUser>"            \
    "<Credentials><AccessKeyId>ASIA%016llX</AccessKeyId>"                                          \
    "<SecretAccessKey>0123456789012345678901234567890123456789</SecretAccessKey>"                  \
    "<SessionToken>%0700d</SessionToken><Expiration>%s</Expiration></Credentials>"                 \
    "<PackedPolicySize>6</PackedPolicySize></AssumeRoleResult><ResponseMetadata>"                  \
    "<RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>"               \
    "</AssumeRoleResponse>"

static SSL_CTX *tls;
static long life_seconds, delay_ms;
static atomic_ullong issued;

/* Reads one request. Returns whether there was one. */
static bool receive(SSL *connection)
{
    char request[REQUEST_MAX];
    const char *body = NULL, *header;
    size_t length = 0, left = 0;

    do {
        int n = SSL_read(connection, request + length, (int)(sizeof request - 1 - length));

        if (n <= 0)
            return false;
        length += (size_t)n;
        request[length] = '\0';
        if (body == NULL && (body = strstr(request, "\r\n\r\n")) != NULL) {
            body += 4;
            header = strcasestr(request, "\r\nContent-Length:");
            left = header != NULL ? strtoul(header + strlen("\r\nContent-Length:"), NULL, 10) : 0;
        }
    } while (body == NULL || (size_t)(request + length - body) < left);
    return true;
}

/* Sends the answer in one piece. Returns whether it could. */
static bool answer(SSL *connection)
{
    const struct timespec delay = {delay_ms / 1000, delay_ms % 1000 * 1000000};
    char expiration[sizeof "2026-01-02T03:04:05Z"], document[4096], response[8192];
    const time_t ends = time(NULL) + life_seconds;
    struct tm parts;
    int length;

    nanosleep(&delay, NULL);
    strftime(expiration, sizeof expiration, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&ends, &parts));
    length =
        snprintf(document, sizeof document, DOCUMENT, atomic_fetch_add(&issued, 1), 0, expiration);
    length = snprintf(response, sizeof response,
                      "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 01234567-89ab-cdef-0123-456789abcdef"
                      "\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s",
                      length, document);
    return SSL_write(connection, response, length) == length;
}

static void *serve(void *argument)
{
    SSL *connection = argument;
    const int fd = SSL_get_fd(connection);

    if (SSL_accept(connection) == 1)
        while (receive(connection) && answer(connection))
            continue;
    ERR_clear_error();
    SSL_free(connection);
    close(fd);
    return NULL;
}

static bool open_tls(const char *certificate, const char *key)
{
    tls = SSL_CTX_new(TLS_server_method());
    return tls != NULL && SSL_CTX_use_certificate_chain_file(tls, certificate) == 1 &&
           SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1;
}

/* Listens on any port and prints it. Returns the socket or -1. */
static int listen_somewhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 256) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        return -1;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static bool start_connection(int fd)
{
    const int yes = 1;
    SSL *connection = SSL_new(tls);
    pthread_t thread;

    if (connection == NULL || SSL_set_fd(connection, fd) != 1 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0 ||
        pthread_create(&thread, NULL, serve, connection) != 0)
        return false;
    pthread_detach(thread);
    return true;
}

int main(int argc, char **argv)
{
    int listener, fd;

    if (argc != 5)
        return 2;
    life_seconds = strtol(argv[3], NULL, 10);
    delay_ms = strtol(argv[4], NULL, 10);
    signal(SIGPIPE, SIG_IGN);
    if (!open_tls(argv[1], argv[2]) || (listener = listen_somewhere()) < 0)
        return 1;
    while ((fd = accept(listener, NULL, NULL)) >= 0)
        if (!start_connection(fd))
            return 1;
    return 1;
}
