/*
 * The sandboxes of the helper, of its look-up processes and of what runs outside.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "helper/log.h"
#include "helper/nss_files.h"
#include "helper/sandbox_landlock.h"
#include "helper/sandbox_seccomp.h"

/*
 * Read by libraries, whatever the policy says: /usr and /lib for libraries that are loaded late and
 * for time zones; /run because systemd-resolved's resolv.conf and NSS sources' sockets lie there;
 * /dev for null and urandom.
 */
#define SYSTEM_FOLDERS "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/run", "/dev"
#define READABLE_MAX   32
#define ALL_SCOPES     (SANDBOX_SCOPE_ABSTRACT | SANDBOX_SCOPE_SIGNALS)

int sandbox_prepare(void)
{
    static const struct rlimit no_core = {0, 0};

    if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &no_core) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return errno;
    umask(077);
    return 0;
}

void sandbox_limit_descriptors(unsigned most)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    if (limit.rlim_max > most)
        limit.rlim_max = most;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

void sandbox_tell_what_is_lacking(void)
{
    /* Where there is no Landlock at all, closing the sandbox says so. */
    if (!sandbox_landlock_has_scopes())
        log_notice("this kernel's Landlock has no scopes (Linux 6.12 has them): a program or a "
                   "PKCS#11 module of a [base] is not kept from ending the helper's processes");
}

/* Closes both parts of a sandbox. Returns 0 or an errno. */
static int close_sandbox(enum sandbox_calls calls, const char *const *readable,
                         const char *const *files, const char *const *writable, unsigned scopes)
{
    int error = sandbox_landlock(readable, files, writable, scopes);

    if (error == ENOSYS || error == EOPNOTSUPP) {
        log_warning("this kernel has no Landlock: the helper and what it starts run without their "
                    "file system sandboxes");
        error = 0;
    }
    if (error != 0) {
        log_error("the file system sandbox (Landlock) cannot be closed: %s", strerror(error));
        return error;
    }
    error = sandbox_seccomp(calls);
    if (error == ENOSYS || error == EINVAL) {
        log_warning("this kernel has no seccomp filters: the helper and what it starts run without "
                    "their system call sandboxes");
        error = 0;
    }
    if (error != 0)
        log_error("the system call sandbox (seccomp) cannot be closed: %s", strerror(error));
    return error;
}

/* 0 where an errno of Landlock says that the kernel has none, which the helper has logged. */
static int landlock_if_any(int error)
{
    return error == ENOSYS || error == EOPNOTSUPP ? 0 : error;
}

/* Loads a list. Returns 0, also where the kernel knows no seccomp filters; or an errno. */
static int seccomp_if_any(enum sandbox_calls calls)
{
    int error = sandbox_seccomp(calls);

    return error == ENOSYS || error == EINVAL ? 0 : error;
}

int sandbox_close_helper(const char *const *readable, const char *const *writable)
{
    /* /etc for resolv.conf, hosts, nsswitch.conf, the trust store and the time zone. */
    static const char *const system_folders[] = {SYSTEM_FOLDERS, "/etc"};
    size_t first = sizeof system_folders / sizeof *system_folders, count = 0;
    const char **all;
    int error;

    while (readable[count] != NULL)
        count++;
    all = calloc(first + count + 1, sizeof *all);
    if (all == NULL)
        return ENOMEM;
    memcpy(all, system_folders, sizeof system_folders);
    memcpy(all + first, readable, count * sizeof *all);
    /* It ends look-ups and what runs outside, which are in sandboxes of their own. */
    error = close_sandbox(SANDBOX_HELPER, all, NULL, writable, SANDBOX_SCOPE_ABSTRACT);
    free(all);
    return error;
}

/* Caches, settings and sockets of the sources in Debian; /proc for what looks at itself. */
static const char *const nss_folders[] = {
    SYSTEM_FOLDERS, "/proc",    "/var/lib/sss", "/var/lib/extrausers", "/etc/ldap", "/etc/samba",
    "/etc/userdb",  "/etc/ssl", "/etc/pki",     "/etc/krb5.conf.d",    NULL,
};

/* Not /etc: the policy and the base credentials lie below it, and our group may read them. */
static const char *const nss_files[] = {
    [NSS_FILES_SWITCH] = "/etc/nsswitch.conf",
    [NSS_FILES_PASSWD] = "/etc/passwd",
    [NSS_FILES_GROUP] = "/etc/group",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/networks",
    "/etc/localtime",
    "/etc/ld.so.cache",
    "/etc/ldap.conf",
    "/etc/krb5.conf",
    "/etc/machine-id",
    "/etc/libnss-ldap.conf",
    NULL,
};

const char *const *sandbox_lookup_files(void)
{
    return nss_files;
}

int sandbox_close_lookup(void)
{
    return close_sandbox(SANDBOX_LOOKUP, nss_folders, nss_files, NULL, ALL_SCOPES);
}

int sandbox_close_forker(void)
{
    /* All of /etc, which it has no reason to read: a file that is replaced later is another one,
     * and its children have to be able to name that. */
    const char *folders[READABLE_MAX];
    size_t count;

    for (count = 0; nss_folders[count] != NULL; count++)
        folders[count] = nss_folders[count];
    folders[count] = "/etc";
    folders[count + 1] = NULL;
    return close_sandbox(SANDBOX_FORKER, folders, NULL, NULL, ALL_SCOPES);
}

int sandbox_close_forked(void)
{
    /* The forker has said what this kernel lacks. */
    int error = landlock_if_any(sandbox_landlock(nss_folders, nss_files, NULL, ALL_SCOPES));

    return error == 0 ? seccomp_if_any(SANDBOX_LOOKUP) : error;
}

int sandbox_close_outside(void)
{
    int error = landlock_if_any(sandbox_landlock_scopes(SANDBOX_SCOPE_SIGNALS));

    if (error == 0)
        error = seccomp_if_any(SANDBOX_OUTSIDE);
    if (error != 0)
        log_error("the sandbox of what runs outside cannot be closed: %s", strerror(error));
    return error;
}

int sandbox_close_run(const char *const *closed)
{
    return landlock_if_any(sandbox_landlock_without(closed, SANDBOX_SCOPE_SIGNALS));
}

int sandbox_close_module(void)
{
    return seccomp_if_any(SANDBOX_MODULE);
}
