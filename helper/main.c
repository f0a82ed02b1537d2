/*
 * xacct-helper: decides which AWS role a login gets, and assumes it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/secret.h"
#include "helper/audit_copy.h"
#include "helper/folders.h"
#include "helper/heap.h"
#include "helper/host.h"
#include "helper/http.h"
#include "helper/listener.h"
#include "helper/log.h"
#include "helper/outside.h"
#include "helper/sandbox.h"
#include "helper/serve.h"
#include "helper/service.h"
#include "helper/task.h"
#include "helper/xml.h"
#include "policy/load.h"

#define PROGRAM "xacct-helper"
/* Of locked memory: one login needs a third of the first, a hostile STS all. */
#define ARENA_ONCE    ((size_t)1024 * 1024)
#define ARENA_SERVICE ((size_t)16 * 1024 * 1024)
#define ARENA_KEEP    ((size_t)256 * 1024) /* of the limit, for what is not in the arena */
/* Descriptors: one login uses about twenty, the service one a session and three a request. */
#define DESCRIPTORS_ONCE    256
#define DESCRIPTORS_SERVICE 8192

enum exit_status { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
    "Usage: " PROGRAM " --service | --listen PATH | --once [--config FILE]\n"
    "Decides which AWS role a login gets, and assumes it. It runs as the system user\n"
    "xacct, as a service or started by pam_xacct.so; it refuses to run as root.\n"
    "\n"
    "  --service      serve on the socket that systemd hands over (xacct.socket)\n"
    "  --listen PATH  serve on a socket made at PATH\n"
    "  --once         answer one request on standard input, a Unix socket, and end\n"
    "  --config FILE  the policy (default " POLICY_DEFAULT_FILE ")\n"
    "  --state DIR    where the last good policy is kept: wherever the policy names\n"
    "                 another folder than " POLICY_DEFAULT_STATE ", which nobody can\n"
    "                 tell while it is broken\n"
    "  --version      print the version\n"
    "  --help         print this text\n"
    "\n"
    "What it decides stands in the audit file; what goes wrong in syslog, facility\n"
    "authpriv.\n"
    "SIGTERM ends a service once what runs is finished.\n";

struct options {
    const char *config;
    const char *state;  /* folder of the last good policy, or NULL */
    const char *listen; /* path of the socket, or NULL */
    int once;
    int service;
};

/* Reads the command line. Returns -1 to go on, or the exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'}, {"listen", required_argument, NULL, 'l'},
        {"once", no_argument, NULL, 'o'},         {"service", no_argument, NULL, 's'},
        {"state", required_argument, NULL, 'd'},  {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'c':
            options->config = optarg;
            break;
        case 'd':
            options->state = optarg;
            break;
        case 'l':
            options->listen = optarg;
            break;
        case 'o':
            options->once = 1;
            break;
        case 's':
            options->service = 1;
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_FINE;
        case 'v':
            puts(PROGRAM " " XACCT_VERSION);
            return EXIT_FINE;
        default:
            return EXIT_USAGE;
        }
    }
    if (options->once + options->service + (options->listen != NULL) == 1 && optind == argc)
        return -1;
    fputs(usage, stderr);
    return EXIT_USAGE;
}

/* Says on standard error and in syslog why the helper cannot start. Returns the exit status. */
static int refuse(const char *why, int error)
{
    const char *colon = error != 0 ? ": " : "", *text = error != 0 ? strerror(error) : "";

    fprintf(stderr, PROGRAM ": %s%s%s\n", why, colon, text);
    log_error("%s%s%s", why, colon, text);
    return EXIT_FAILED;
}

/* Whether any of our user ids is root's, or the kernel raised our rights at exec. */
static int has_privileges(void)
{
    uid_t real, effective, saved;

    return getauxval(AT_SECURE) != 0 || getresuid(&real, &effective, &saved) != 0 || real == 0 ||
           effective == 0 || saved == 0;
}

/*
 * Makes what all of OpenSSL hangs on, and which it looks for without a look whether there was
 * memory for it. Returns 0, or an errno, told.
 */
static int start_openssl(void)
{
    if (OSSL_LIB_CTX_get0_global_default() != NULL)
        return 0;
    refuse("OpenSSL cannot be started", ENOMEM);
    return ENOMEM;
}

/* Prepares for the policy in force what only the open sandbox allows. Returns 0, or an errno, told.
 */
static int fit_policy(struct host *host, const struct options *options, struct folders *folders)
{
    int error;

    host_hold_policy(host);
    error = folders_of(folders, options->config, options->state, host->policy);
    if (error == 0)
        error = outside_open(host->policy, &host->outside);
    host_release_policy(host);
    if (error != 0)
        refuse("the process for what runs outside the sandbox cannot be started", error);
    return error;
}

/*
 * Ends a process that has nothing more to say: the login waits for its end, and what forty
 * libraries would tidy up goes with its memory. Where a sanitizer or valgrind is to see what is
 * left, it returns.
 */
static void leave_at_once(int status)
{
#ifdef XACCT_WITHOUT_SANDBOX
    (void)status;
#else
    secret_arena_close();
    _exit(status);
#endif
}

/* Answers one request. Returns the exit status. */
static int run_once(const struct options *options)
{
    struct folders folders = {.readable = {NULL, 0}};
    struct host host;
    struct deadline greeted;
    struct peer peer;
    int error, status;

    heap_begin();
    sandbox_limit_descriptors(DESCRIPTORS_ONCE);
    error = secret_arena_open(ARENA_ONCE);
    if (error != 0)
        return refuse("no locked memory for secrets (is RLIMIT_MEMLOCK below 1 MB?)", error);
    error = host_begin(&host, options->config, options->state, false);
    if (error != 0) {
        refuse("the look-up process cannot be started", error);
        goto done;
    }
    heap_widen();
    error = start_openssl();
    if (error == 0)
        error = fit_policy(&host, options, &folders);
    if (error != 0)
        goto done;
    error = request_peer(STDIN_FILENO, &peer);
    if (error != 0) {
        refuse("standard input is not a Unix socket; pam_xacct.so starts it so", error);
        goto done;
    }
    /* The module sends its request while the sandbox closes; it is read behind that. */
    error = serve_greet(STDIN_FILENO, peer, &greeted);
    if (error != 0)
        goto done;
    error = folders_close_sandbox(&folders, false);
    if (error != 0)
        refuse("the sandbox cannot be closed", error);
    else
        error = serve(&host, STDIN_FILENO, peer, &greeted, NULL);

done:
    status = error == 0 ? EXIT_FINE : EXIT_FAILED;
    folders_free(&folders);
    host_end(&host);
    leave_at_once(status);
    http_end();
    secret_arena_close();
    return status;
}

/* Makes the arena as large as may be, up to what a busy service needs. Returns 0 or an errno. */
static int open_service_arena(void)
{
    struct rlimit limit;
    size_t size = ARENA_SERVICE;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_MEMLOCK, &limit);
        if (limit.rlim_max < ARENA_SERVICE + ARENA_KEEP)
            size =
                limit.rlim_max > ARENA_ONCE + ARENA_KEEP ? limit.rlim_max - ARENA_KEEP : ARENA_ONCE;
    }
    return secret_arena_open(size);
}

/* Serves on a socket. Returns the exit status. */
static int run_service(const struct options *options, int listener)
{
    struct folders folders = {.readable = {NULL, 0}};
    struct host host;
    sigset_t signals;
    int error;

    sandbox_limit_descriptors(DESCRIPTORS_SERVICE);
    /* Before libcurl has threads, which must not take them. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    error = open_service_arena();
    if (error != 0)
        return refuse("no locked memory for secrets (is RLIMIT_MEMLOCK below 1 MB?)", error);
    sandbox_tell_what_is_lacking();
    error = task_loop_open();
    if (error != 0)
        return refuse("there is no event loop", error);
    error = host_begin(&host, options->config, options->state, true);
    if (error != 0) {
        refuse("the look-up processes cannot be started", error);
        goto done;
    }
    error = start_openssl();
    if (error == 0)
        error = fit_policy(&host, options, &folders);
    if (error != 0)
        goto done;
    audit_copy_open();
    if (http_start() != 0)
        error = refuse("libcurl cannot be started", 0);
    else if (xml_start() != 0)
        error = refuse("libxml2 cannot be loaded", 0);
    else if ((error = folders_close_sandbox(&folders, true)) != 0)
        refuse("the sandbox cannot be closed", error);
    else
        error = service_run(&host, listener, options->config, &folders);

done:
    folders_free(&folders);
    host_end(&host);
    task_loop_close();
    http_end();
    secret_arena_close();
    return error == 0 ? EXIT_FINE : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    struct options options = {.config = POLICY_DEFAULT_FILE};
    char why[1024];
    int status, error, listener;

    error = sandbox_prepare();
    status = read_options(argc, argv, &options);
    if (status >= 0)
        return status;
    log_open();
    if (error != 0)
        return refuse("the process cannot give up its privileges", error);
    if (has_privileges())
        return refuse("it must not run as root or with privileges of its file: pam_xacct.so, or "
                      "xacct.service, starts it as the system user xacct",
                      0);
    signal(SIGPIPE, SIG_IGN);
    if (options.once)
        return run_once(&options);
    listener = options.service ? listener_inherit(why, sizeof why)
                               : listener_open(options.listen, why, sizeof why);
    return listener >= 0 ? run_service(&options, listener) : refuse(why, 0);
}
