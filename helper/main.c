/*
 * xacct-helper: decides which AWS role a login gets, and assumes it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/secret.h"
#include "helper/host.h"
#include "helper/http.h"
#include "helper/log.h"
#include "helper/sandbox.h"
#include "helper/serve.h"
#include "policy/load.h"

#define PROGRAM     "xacct-helper"
#define ARENA_SIZE  ((size_t)1024 * 1024) /* one login needs a third of it, a hostile STS all */
#define FOLDERS_MAX 8

enum exit_status { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
    "Usage: " PROGRAM " --once [--config FILE]\n"
    "Answers one request of pam_xacct.so on standard input, a Unix socket, and ends. It is\n"
    "started by the module, as the system user xacct; it refuses to run as root.\n"
    "\n"
    "  --once         answer one request on standard input\n"
    "  --config FILE  the policy (default " POLICY_DEFAULT_FILE ")\n"
    "  --version      print the version\n"
    "  --help         print this text\n"
    "\n"
    "What it decides stands in the audit file; what goes wrong in syslog, facility authpriv.\n";

struct options {
    const char *config;
    int once;
};

/* Reads the command line. Returns -1 to go on, or the exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"once", no_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'c':
            options->config = optarg;
            break;
        case 'o':
            options->once = 1;
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
    if (options->once && optind == argc)
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

/* The folder of `path`, in `folder` of `size` bytes. Returns `folder`. */
static char *folder_of(const char *path, char *folder, size_t size)
{
    char *slash;

    snprintf(folder, size, "%s", path);
    slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    return folder;
}

/* Closes the sandbox around the folders that this policy needs. Returns 0 or an errno. */
static int close_sandbox(const struct host *host, const char *config)
{
    const struct policy *policy = host->policy;
    char config_folder[4096], base[4096], bundle[4096], audit[4096];
    const char *readable[FOLDERS_MAX] = {folder_of(config, config_folder, sizeof config_folder)};
    const char *writable[FOLDERS_MAX] = {
        folder_of(policy != NULL ? policy->audit : POLICY_DEFAULT_AUDIT, audit, sizeof audit)};

    if (policy != NULL) {
        readable[1] = folder_of(policy->base.file, base, sizeof base);
        if (policy->ca_bundle != NULL)
            readable[2] = folder_of(policy->ca_bundle, bundle, sizeof bundle);
    }
    writable[1] = policy != NULL ? policy->sessions : POLICY_DEFAULT_SESSIONS;
    return sandbox_close_helper(readable, writable);
}

/* Answers one request. Returns the exit status. */
static int run_once(const char *config)
{
    struct host host;
    int error;

    signal(SIGPIPE, SIG_IGN);
    error = secret_arena_open(ARENA_SIZE);
    if (error != 0)
        return refuse("no locked memory for secrets (is RLIMIT_MEMLOCK below 1 MB?)", error);
    error = host_begin(&host, config);
    if (error != 0)
        return refuse("the look-up process cannot be started", error);
    error = close_sandbox(&host, config);
    if (error != 0)
        refuse("the sandbox cannot be closed", error);
    else
        error = serve_once(&host, STDIN_FILENO);
    host_end(&host);
    http_end();
    secret_arena_close();
    return error == 0 ? EXIT_FINE : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    struct options options = {.config = POLICY_DEFAULT_FILE};
    int status, error;

    error = sandbox_prepare();
    status = read_options(argc, argv, &options);
    if (status >= 0)
        return status;
    log_open();
    if (error != 0)
        return refuse("the process cannot give up its privileges", error);
    if (has_privileges())
        return refuse("it must not run as root or with privileges of its file: pam_xacct.so starts "
                      "it as the system user xacct",
                      0);
    return run_once(options.config);
}
