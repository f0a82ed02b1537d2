/*
 * The sandboxes of the helper and of its look-up process.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "helper/log.h"
#include "helper/sandbox_landlock.h"
#include "helper/sandbox_seccomp.h"

#define DESCRIPTORS_MAX 256 /* of which one login uses about twenty */

/*
 * Read by libraries, whatever the policy says: /usr and /lib for libraries that are loaded late and
 * for time zones; /run because systemd-resolved's resolv.conf and NSS sources' sockets lie there;
 * /dev for null and urandom.
 */
#define SYSTEM_FOLDERS "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/run", "/dev"
#define READABLE_MAX   32

int sandbox_prepare(void)
{
    static const struct rlimit no_core = {0, 0};
    static const struct rlimit descriptors = {DESCRIPTORS_MAX, DESCRIPTORS_MAX};

    if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &no_core) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return errno;
    /* A lower limit that we were started with is as good. */
    (void)setrlimit(RLIMIT_NOFILE, &descriptors);
    umask(077);
    return 0;
}

/* Closes both parts of a sandbox. Returns 0 or an errno. */
static int close_sandbox(const char *const *readable, const char *const *files,
                         const char *const *writable)
{
    int error = sandbox_landlock(readable, files, writable);

    if (error == ENOSYS || error == EOPNOTSUPP) {
        log_warning("this kernel has no Landlock: the helper runs without its file system sandbox");
        error = 0;
    }
    if (error != 0) {
        log_error("the file system sandbox (Landlock) cannot be closed: %s", strerror(error));
        return error;
    }
    error = sandbox_seccomp();
    if (error == ENOSYS || error == EINVAL) {
        log_warning("this kernel has no seccomp filters: the helper runs without its system call "
                    "sandbox");
        error = 0;
    }
    if (error != 0)
        log_error("the system call sandbox (seccomp) cannot be closed: %s", strerror(error));
    return error;
}

int sandbox_close_helper(const char *const *readable, const char *const *writable)
{
    /* /etc for resolv.conf, hosts, nsswitch.conf, the trust store and the time zone. */
    const char *all[READABLE_MAX] = {SYSTEM_FOLDERS, "/etc"};
    size_t count = 0;

    while (all[count] != NULL)
        count++;
    for (; *readable != NULL; readable++) {
        if (count == READABLE_MAX - 1)
            return E2BIG;
        all[count++] = *readable;
    }
    return close_sandbox(all, NULL, writable);
}

int sandbox_close_lookup(void)
{
    /* Caches, settings and sockets of the sources in Debian; /proc for what looks at itself. */
    static const char *const readable[] = {
        SYSTEM_FOLDERS,        "/proc",     "/var/lib/sss",
        "/var/lib/extrausers", "/etc/ldap", "/etc/samba",
        "/etc/userdb",         "/etc/ssl",  "/etc/pki",
        "/etc/krb5.conf.d",    NULL,
    };
    /* Not /etc: the policy and the base credentials lie below it, and our group may read them. */
    static const char *const files[] = {
        "/etc/nsswitch.conf",
        "/etc/passwd",
        "/etc/group",
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

    return close_sandbox(readable, files, NULL);
}
