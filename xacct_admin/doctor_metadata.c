/*
 * Whether anybody but root and the helper reaches a metadata endpoint, which gives the host's
 * identity to whoever asks: by trying, in a process with another uid; and of what the host forwards
 * by reading the rules, as sending anything would need a network of our own making.
 * Source of the addresses: EC2 User Guide, "Access instance metadata"; ECS and EKS, "container
 * credentials".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/deadline.h"
#include "policy/address.h"
#include "xacct_admin/doctor.h"
#include "xacct_admin/forward_rules.h"

#define PORT       80
#define CONNECT_MS 1000
#define PROBE_MS   2000 /* for the process that tries, all in all */

#define REMEDY                                                                                     \
    "let the firewall keep all but root and the helper's user from it, in output and forward "     \
    "alike: systemctl enable --now xacct-firewall.service, or with iptables the rules of "         \
    "xacct-iptables"

static const struct {
    const char *address;
    const char *whose;
} endpoints[] = {
    {"169.254.169.254", "EC2"}, {"fd00:ec2::254", "EC2"}, {"169.254.170.2", "ECS"},
    {"169.254.170.23", "EKS"},  {"fd00:ec2::23", "EKS"},
};

#define ENDPOINTS (sizeof endpoints / sizeof *endpoints)

/* How a try to connect came out: 0, or an errno. */
struct probe {
    int error[ENDPOINTS];
};

/* Begins to connect. Returns the descriptor, or -1 with the outcome in *error. */
static int begin(const char *text, int *error)
{
    struct sockaddr_storage to = {.ss_family = AF_INET};
    struct address address;
    int fd;

    address_read(text, &address);
    if (address.is_ipv4) {
        struct sockaddr_in *ipv4 = (struct sockaddr_in *)&to;

        ipv4->sin_port = htons(PORT);
        memcpy(&ipv4->sin_addr, address.bytes, 4);
    } else {
        struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&to;

        ipv6->sin6_family = AF_INET6;
        ipv6->sin6_port = htons(PORT);
        memcpy(&ipv6->sin6_addr, address.bytes, 16);
    }
    fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 &&
        connect(fd, (const struct sockaddr *)&to,
                address.is_ipv4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)) == 0)
        *error = 0;
    else
        *error = errno;
    if (fd >= 0 && *error == EINPROGRESS)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Tries all endpoints at once. */
static void try_all(struct probe *probe)
{
    const struct deadline deadline = deadline_in_ms(CONNECT_MS);
    size_t i;
    int fds[ENDPOINTS];

    for (i = 0; i < ENDPOINTS; i++)
        fds[i] = begin(endpoints[i].address, &probe->error[i]);
    for (i = 0; i < ENDPOINTS; i++) {
        socklen_t size = sizeof probe->error[i];

        if (fds[i] < 0)
            continue;
        if (deadline_wait(deadline, fds[i], POLLOUT) != 0)
            probe->error[i] = ETIMEDOUT;
        else if (getsockopt(fds[i], SOL_SOCKET, SO_ERROR, &probe->error[i], &size) != 0)
            probe->error[i] = errno;
        close(fds[i]);
    }
}

/* In the child: becomes the user for good, tries, and tells. */
static _Noreturn void try_as(uid_t uid, gid_t gid, pid_t parent, int to)
{
    struct probe probe;

    if (uid != 0 && (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
                     setresuid(uid, uid, uid) != 0 || setuid(0) == 0))
        _exit(1);
    /* After the change of the uid, which takes the first of these back. The user may kill this
     * process, upon which nothing is told; but not trace it, and tell something else. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0 ||
        getppid() != parent)
        _exit(1);
    try_all(&probe);
    _exit(write(to, &probe, sizeof probe) == (ssize_t)sizeof probe ? 0 : 1);
}

/* Tries all endpoints in a process of this uid. Returns false where it cannot be told. */
static bool probe_as(uid_t uid, gid_t gid, struct probe *probe)
{
    const pid_t parent = getpid();
    int ends[2], ignored;
    bool told;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    pid = fork();
    if (pid == 0)
        try_as(uid, gid, parent, ends[1]);
    close(ends[1]);
    told = pid > 0 && deadline_wait(deadline_in_ms(PROBE_MS), ends[0], POLLIN) == 0 &&
           read(ends[0], probe, sizeof *probe) == (ssize_t)sizeof *probe;
    close(ends[0]);
    if (pid > 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, &ignored, 0) < 0 && errno == EINTR)
            ;
    }
    return told;
}

/* Somebody who is neither root nor the helper: the first person of /etc/passwd, or nobody. */
static void choose_user(const struct doctor *doctor, uid_t *uid, gid_t *gid)
{
    FILE *file = fopen("/etc/passwd", "re");
    const struct passwd *user = NULL;

    while (file != NULL && (user = fgetpwent(file)) != NULL)
        if (doctor_is_person(doctor, user->pw_uid) &&
            !(doctor->helper.is_known && user->pw_uid == doctor->helper.uid))
            break;
    *uid = user != NULL ? user->pw_uid : DOCTOR_NOBODY;
    *gid = user != NULL ? user->pw_gid : DOCTOR_NOBODY;
    if (file != NULL)
        fclose(file);
}

/* What becomes of a user who tries. */
static void tell_of_users(struct doctor *doctor, uid_t uid, const struct probe *probe)
{
    size_t i;

    for (i = 0; i < ENDPOINTS; i++) {
        const char *address = endpoints[i].address, *whose = endpoints[i].whose;

        if (probe->error[i] == 0)
            doctor_add(doctor, DOCTOR_FAULT, doctor_nowhere, REMEDY,
                       "uid %u reaches %s, port 80, as everybody does: whoever asks the metadata "
                       "service of %s there is this host, and has every role",
                       (unsigned)uid, address, whose);
        else if (probe->error[i] == ETIMEDOUT)
            doctor_add(doctor, DOCTOR_NOTE, doctor_nowhere, NULL,
                       "uid %u gets no answer of %s (%s) within %d ms: a firewall drops it, or "
                       "there is nothing",
                       (unsigned)uid, address, whose, CONNECT_MS);
        else
            doctor_add(doctor, DOCTOR_OK, doctor_nowhere, NULL, "uid %u does not reach %s (%s): %s",
                       (unsigned)uid, address, whose, strerror(probe->error[i]));
    }
}

/* Whether the kernel forwards packets of this kind, by any interface. */
static bool is_forwarding(bool is_ipv4)
{
    glob_t files = {.gl_pathc = 0};
    bool found = false;
    size_t i;

    glob(is_ipv4 ? "/proc/sys/net/ipv4/conf/*/forwarding" : "/proc/sys/net/ipv6/conf/*/forwarding",
         GLOB_NOSORT, NULL, &files);
    for (i = 0; i < files.gl_pathc && !found; i++) {
        FILE *file = fopen(files.gl_pathv[i], "re");

        found = file != NULL && fgetc(file) == '1';
        if (file != NULL)
            fclose(file);
    }
    globfree(&files);
    return found;
}

/* An interface that containers or virtual machines hang on, by its name; or NULL. */
static const char *container_network(struct arena *memory)
{
    static const char *const beginnings[] = {"docker", "br-",   "podman", "cni",    "veth",
                                             "virbr",  "lxdbr", "lxcbr",  "incusbr"};
    struct if_nameindex *all = if_nameindex();
    const char *found = NULL;
    size_t i, j;

    for (i = 0; all != NULL && all[i].if_name != NULL && found == NULL; i++)
        for (j = 0; j < sizeof beginnings / sizeof *beginnings; j++)
            if (strncmp(all[i].if_name, beginnings[j], strlen(beginnings[j])) == 0)
                found = arena_text(memory, all[i].if_name, strlen(all[i].if_name));
    if (all != NULL)
        if_freenameindex(all);
    return found;
}

/*
 * What becomes of packets that are forwarded to one endpoint; `answers` is what root gets there,
 * `network` an interface that such packets may come from, or NULL.
 */
static void tell_of_forwarding(struct doctor *doctor, enum forward_answer answer, size_t i,
                               bool answers, const char *network)
{
    switch (answer) {
    case FORWARD_IS_REFUSED:
        doctor_add(doctor, DOCTOR_OK, doctor_nowhere, NULL, "nothing is forwarded to %s (%s)",
                   endpoints[i].address, endpoints[i].whose);
        break;
    case FORWARD_UNSURE:
        doctor_add(doctor, DOCTOR_CANNOT_TELL, doctor_nowhere,
                   "look at it: nft list ruleset, iptables-save -t filter",
                   "some rules of the forward hook refuse packets to %s (%s) and some do not",
                   endpoints[i].address, endpoints[i].whose);
        break;
    default:
        doctor_add(doctor,
                   answers           ? DOCTOR_FAULT
                   : network != NULL ? DOCTOR_WARNING
                                     : DOCTOR_NOTE,
                   doctor_nowhere, REMEDY,
                   "this host forwards packets, and no rule keeps them from %s (%s)%s%s%s",
                   endpoints[i].address, endpoints[i].whose,
                   network != NULL ? ": containers or machines on " : "",
                   network != NULL ? network : "", answers ? "; it answers there" : "");
    }
}

/* What becomes of packets of containers and of other machines. */
static void examine_forwarding(struct doctor *doctor)
{
    const bool ipv4 = is_forwarding(true), ipv6 = is_forwarding(false);
    struct forward_rules rules;
    struct probe as_root;
    const char *network;
    bool is_told;
    size_t i;

    if (!ipv4 && !ipv6) {
        doctor_add(doctor, DOCTOR_OK, doctor_nowhere, NULL,
                   "this host forwards no packets, so no container gets there by it");
        return;
    }
    forward_rules_read(DOCTOR_MS, &doctor->memory, &rules);
    if (!rules.is_read) {
        doctor_add(doctor, DOCTOR_CANNOT_TELL, doctor_nowhere,
                   "install nftables or iptables, whichever rules are made with",
                   "this host forwards packets, and by which rules cannot be read%s%s: containers "
                   "may reach the metadata endpoints",
                   rules.why != NULL ? ": " : " (there is neither nft nor iptables-save)",
                   rules.why != NULL ? rules.why : "");
        return;
    }
    if (rules.why != NULL)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, doctor_nowhere, NULL,
                   "a part of the rules could not be read: %s", rules.why);
    is_told = probe_as(0, 0, &as_root);
    network = container_network(&doctor->memory);
    for (i = 0; i < ENDPOINTS; i++) {
        struct address address;

        address_read(endpoints[i].address, &address);
        if (address.is_ipv4 ? ipv4 : ipv6)
            tell_of_forwarding(doctor, forward_rules_ask(&rules, &address), i,
                               is_told && as_root.error[i] == 0, network);
    }
}

/* Tries as this user. */
static void examine_user(struct doctor *doctor, uid_t uid, gid_t gid)
{
    struct probe as_user;

    if (probe_as(uid, gid, &as_user))
        tell_of_users(doctor, uid, &as_user);
    else
        doctor_add(doctor, DOCTOR_CANNOT_TELL, doctor_nowhere, "try again",
                   "the process that was to try as uid %u could not be made, or was ended before "
                   "it told",
                   (unsigned)uid);
}

void doctor_metadata(struct doctor *doctor)
{
    uid_t uid;
    gid_t gid;

    choose_user(doctor, &uid, &gid);
    examine_user(doctor, uid, gid);
    if (doctor->user_known && doctor->user_uid != uid && doctor->user_uid != 0 &&
        !(doctor->helper.is_known && doctor->user_uid == doctor->helper.uid))
        examine_user(doctor, doctor->user_uid, doctor->user_gid);
    examine_forwarding(doctor);
}
