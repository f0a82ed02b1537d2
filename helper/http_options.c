/*
 * What libcurl is told of a request.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/http_options.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/file_stamp.h"

#define HASHED_STORE "/etc/ssl/certs"
#define SETTLED_NS   INT64_C(1000000000) /* since the last change: many steps of a file's clock */

/*
 * For what is sent and what comes, which has about two kilobytes each. libcurl's own choice is
 * larger, and as what it frees is overwritten, each page of it is one that the kernel has to give.
 */
#define SEND_BUFFER    16384L /* the smallest that libcurl takes */
#define RECEIVE_BUFFER 4096L

/* Sets an option unless one before it failed. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (code == CURLE_OK)                                                                      \
            code = libcurl.easy_setopt(curl, option, value);                                       \
    } while (0)

/* Whether at least one link of the system's trust store is named by a hash. */
static bool find_hash(void)
{
    DIR *folder = opendir(HASHED_STORE);
    const struct dirent *entry;
    bool found = false;

    while (folder != NULL && !found && (entry = readdir(folder)) != NULL)
        found = strlen(entry->d_name) == strlen("01234567.0") &&
                strspn(entry->d_name, "0123456789abcdef") == 8 && entry->d_name[8] == '.';
    if (folder != NULL)
        closedir(folder);
    return found;
}

/*
 * Whether the system's trust store can be looked up by hash. Hundreds of names are read for that,
 * and not again before the folder has changed; one that has changed just now may do so once more
 * without another stamp.
 */
static bool hashed_store_exists(void)
{
    static struct {
        struct file_stamp stamp;
        bool exists;
    } seen;
    const struct file_stamp stamp = file_stamp_of(HASHED_STORE, true);
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (stamp.inode != 0 && file_stamp_same(&stamp, &seen.stamp))
        return seen.exists;
    seen.exists = find_hash();
    seen.stamp = now.tv_sec * INT64_C(1000000000) + now.tv_nsec - stamp.changed >= SETTLED_NS
                     ? stamp
                     : (struct file_stamp){.inode = 0};
    return seen.exists;
}

/* Reads a bundle, which is empty where it cannot be read. */
static void read_bundle(const char *path, struct curl_blob *bundle)
{
    FILE *file = fopen(path, "re");
    struct stat status;

    *bundle = (struct curl_blob){.flags = CURL_BLOB_NOCOPY};
    if (file == NULL)
        return;
    if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode))
        bundle->data = malloc((size_t)status.st_size + 1);
    if (bundle->data != NULL)
        bundle->len = fread(bundle->data, 1, (size_t)status.st_size, file);
    fclose(file);
}

/*
 * The content of the bundle and not its name: by that libcurl tells connections, TLS sessions and
 * trust that it keeps apart, and goes on with them after another has been put in its place.
 */
static CURLcode set_bundle(CURL *curl, struct http_options *options)
{
    CURLcode code = CURLE_OK;

    read_bundle(options->request->ca_bundle, &options->trusted);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_PROXY_CAPATH, NULL);
    if (options->trusted.len > 0) {
        SET(CURLOPT_CAINFO_BLOB, &options->trusted);
        SET(CURLOPT_PROXY_CAINFO_BLOB, &options->trusted);
    } else {
        /* So that libcurl says what is wrong with it. */
        SET(CURLOPT_CAINFO, options->request->ca_bundle);
        SET(CURLOPT_PROXY_CAINFO, options->request->ca_bundle);
    }
    return code;
}

/* Whom to trust, where TLS is spoken: with the server, or with the proxy. */
static CURLcode set_trust(CURL *curl, struct http_options *options, bool tls)
{
    CURLcode code = CURLE_OK;

    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    if (code != CURLE_OK || !tls)
        return code;
    if (options->request->ca_bundle != NULL)
        return set_bundle(curl, options);
    if (!hashed_store_exists())
        return code;
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, HASHED_STORE);
    SET(CURLOPT_PROXY_CAINFO, NULL);
    SET(CURLOPT_PROXY_CAPATH, HASHED_STORE);
    return code;
}

/*
 * Which proxy. An empty name of one, unlike none, keeps libcurl from looking for it in the
 * environment, and so with the list of hosts that need none.
 */
static CURLcode set_proxy(CURL *curl, const struct http_options *options, bool tls)
{
    bool used = options->proxy_host[0] != '\0';
    CURLcode code = CURLE_OK;

    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_PROXY, used ? options->request->proxy : "");
    if (!used)
        return code;
    /* libcurl's own idea of a proxy's port is another. */
    SET(CURLOPT_PROXYPORT, tls ? 443L : 80L);
    SET(CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
    SET(CURLOPT_HTTPPROXYTUNNEL, options->tunnels ? 1L : 0L);
    /* The headers are the server's: the proxy is told none of them, and what it says, its clock
       too, is not taken for the server's. */
    SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    return code;
}

/* Method and body. */
static CURLcode set_method(CURL *curl, const struct http_request *request)
{
    CURLcode code = CURLE_OK;

    if (request->method == HTTP_GET) {
        SET(CURLOPT_HTTPGET, 1L);
        return code;
    }
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    SET(CURLOPT_POSTFIELDS, request->body != NULL ? request->body : "");
    if (request->method == HTTP_PUT)
        SET(CURLOPT_CUSTOMREQUEST, "PUT");
    return code;
}

static CURLcode set_bounds(CURL *curl, struct http_options *options, int left_ms)
{
    const struct http_request *request = options->request;
    int connect_ms = left_ms;
    CURLcode code = CURLE_OK;

    options->bounds_connection = request->connect_ms > 0 && request->connect_ms < left_ms;
    if (options->bounds_connection)
        connect_ms = request->connect_ms;
    SET(CURLOPT_NOSIGNAL, 1L);
    /* Else a resolver that does not answer is waited for past the timeout. */
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_TIMEOUT_MS, (long)left_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->largest);
    SET(CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER);
    SET(CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
    return code;
}

static CURLcode set_all(CURL *curl, struct http_options *options, bool tls, bool proxy_tls,
                        int left_ms)
{
    const struct http_request *request = options->request;
    CURLcode code = CURLE_OK;

    SET(CURLOPT_URL, options->url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, "pam_xacct");
    SET(CURLOPT_HTTPHEADER, options->headers);
    if (code == CURLE_OK)
        code = set_trust(curl, options, tls || proxy_tls);
    if (code == CURLE_OK)
        code = set_proxy(curl, options, proxy_tls);
    if (code == CURLE_OK)
        code = set_method(curl, request);
    if (code == CURLE_OK)
        code = set_bounds(curl, options, left_ms);
    return code;
}

/* Adds a header to the list, which is freed when memory runs out. */
static struct curl_slist *add(struct curl_slist *headers, const char *header)
{
    struct curl_slist *longer = libcurl.slist_append(headers, header);

    if (longer == NULL)
        libcurl.slist_free_all(headers);
    return longer;
}

/* The caller's headers and Host. Returns NULL when memory runs out. */
static struct curl_slist *make_headers(const struct http_request *request,
                                       const struct http_target *target)
{
    char host[sizeof "Host: " + HTTP_HOST_SIZE];
    struct curl_slist *headers;
    size_t i;

    snprintf(host, sizeof host, "Host: %s", target->host);
    headers = add(NULL, host);
    /* Not libcurl's own of a form, where there is no body to have a type. */
    if (headers != NULL && request->method == HTTP_PUT && request->body_length == 0)
        headers = add(headers, "Content-Type:");
    for (i = 0; headers != NULL && i < HTTP_HEADERS_MAX && request->headers[i] != NULL; i++)
        headers = add(headers, request->headers[i]);
    return headers;
}

const char *http_options_set(struct http_options *options, CURL *curl,
                             const struct http_request *request, int left_ms)
{
    struct http_target target;
    char scheme[HTTP_SCHEME_SIZE] = "";
    bool tls;

    memset(options, 0, sizeof *options);
    options->request = request;
    if (http_target(request->url, &target) != 0)
        return "not an http or https URL without user, query and fragment";
    tls = strcmp(target.scheme, "https") == 0;
    if (request->proxy != NULL && http_place_of(request->url) == HTTP_ELSEWHERE) {
        if (http_proxy_host(request->proxy, scheme, options->proxy_host) != 0)
            return "the proxy's URL is not an http or https URL; correct `proxy =`";
        options->tunnels = tls;
    }
    options->headers = make_headers(request, &target);
    if (asprintf(&options->url, "%s%s%s", request->url, request->query != NULL ? "?" : "",
                 request->query != NULL ? request->query : "") < 0)
        options->url = NULL;
    if (options->headers == NULL || options->url == NULL ||
        set_all(curl, options, tls, strcmp(scheme, "https") == 0, left_ms) != CURLE_OK)
        return "libcurl could not be set up";
    return NULL;
}

void http_options_free(struct http_options *options)
{
    libcurl.slist_free_all(options->headers);
    free(options->url);
    free(options->trusted.data);
    memset(options, 0, sizeof *options);
}
