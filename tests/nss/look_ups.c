/*
 * A program that looks up groups as programs do, and says what came back; see usage().
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <malloc.h>
#include <nss.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/wait.h>

#include "tests/rig/descriptors.h"

#define GROUPS_MAX  1024
#define THREADS     16
#define BUFFER_SIZE 1024
#define HANGS_S     5
#define UNTOUCHED   4711 /* an errno that nobody sets */

static _Noreturn void usage(void)
{
    fprintf(
        stderr,
        "look_ups groups USER          the gids of getgrouplist, and the errno after it\n"
        "look_ups group NAME           the group's gid, and who looked\n"
        "look_ups direct NAME GID USER what the service of NSS returns by itself, with the errno\n"
        "                              and the error that it leaves; and how many seconds it took\n"
        "look_ups buffers NAME         the smallest buffer that is not too small, and those below\n"
        "look_ups become USERS GID REAL EFFECTIVE\n"
        "                              what the gid is called, for a process that has looked the\n"
        "                              groups of these users up, one after the other, and then "
        "has\n"
        "                              other uids\n"
        "look_ups change USER GID UID  the same, the uid being changed by a SIGUSR1 that comes "
        "while\n"
        "                              the groups are looked up\n"
        "look_ups while USER GID       milliseconds for which a group of the user is found\n"
        "look_ups forks USER GID N     how many of N children find nothing, or hang, that are\n"
        "                              forked while a thread looks up\n"
        "look_ups threads NAME GID USER OTHER N\n"
        "                              N rounds in each of 16 threads; what was wrong. OTHER is "
        "the\n"
        "                              gid of a group that the user is not in\n"
        "look_ups many NAME GID USER OTHER N\n"
        "                              what N rounds leave: bytes, descriptors\n"
        "look_ups time USER N          microseconds of getgrouplist, the median of N\n");
    exit(2);
}

static bool is_in(const char *user, gid_t gid)
{
    gid_t gids[GROUPS_MAX];
    int count = GROUPS_MAX, i;

    if (getgrouplist(user, 0, gids, &count) < 0)
        return false;
    for (i = 0; i < count; i++)
        if (gids[i] == gid)
            return true;
    return false;
}

static int show_groups(char **words)
{
    gid_t gids[GROUPS_MAX];
    int count = GROUPS_MAX, i, error;

    errno = 0;
    getgrouplist(words[0], 0, gids, &count);
    error = errno;
    for (i = 0; i < count; i++)
        printf("%u ", (unsigned)gids[i]);
    printf("errno %d\n", error);
    return 0;
}

static int show_group(char **words)
{
    const struct group *group = getgrnam(words[0]);

    printf("%s uid %u euid %u\n", group != NULL ? group->gr_name : "none", (unsigned)getuid(),
           (unsigned)geteuid());
    return group == NULL;
}

/* A function of the service of NSS, beside which there are others of no use here. */
static void *function(const char *name)
{
    void *library = dlopen("libnss_xacct.so.2", RTLD_NOW);
    void *found = library != NULL ? dlsym(library, name) : NULL;

    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return found;
}

static void show_status(const char *name, enum nss_status status, int error)
{
    printf("%s %d errno %s error %s\n", name, status, errno == UNTOUCHED ? "same" : strerror(errno),
           error == UNTOUCHED ? "same" : strerror(error));
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int show_direct(char **words)
{
    nss_getgrnam_r *by_name = (nss_getgrnam_r *)function("_nss_xacct_getgrnam_r");
    nss_getgrgid_r *by_gid = (nss_getgrgid_r *)function("_nss_xacct_getgrgid_r");
    nss_initgroups_dyn *of_user = (nss_initgroups_dyn *)function("_nss_xacct_initgroups_dyn");
    nss_getgrent_r *next = (nss_getgrent_r *)function("_nss_xacct_getgrent_r");
    char buffer[BUFFER_SIZE];
    struct group group;
    long count = 0, size = 1;
    gid_t *gids = malloc(sizeof *gids);
    int error = UNTOUCHED;
    enum nss_status status;
    const int64_t begin = now_ns();

    errno = UNTOUCHED;
    status = by_name(words[0], &group, buffer, sizeof buffer, &error);
    show_status("name", status, error);
    status = by_gid((gid_t)atoi(words[1]), &group, buffer, sizeof buffer, &error);
    show_status("gid", status, error);
    status = of_user(words[2], 0, &count, &size, &gids, 0, &error);
    show_status("user", status, error);
    status = next(&group, buffer, sizeof buffer, &error);
    show_status("next", status, error);
    /* After the end a walk begins anew. */
    ((nss_endgrent *)function("_nss_xacct_endgrent"))();
    errno = UNTOUCHED;
    status = next(&group, buffer, sizeof buffer, &error);
    show_status("again", status, error);
    printf("%.3f\n", (double)(now_ns() - begin) / 1e9);
    free(gids);
    return 0;
}

/* Tries all sizes, with the buffer at all offsets from what is aligned. */
static int show_buffers(char **words)
{
    nss_getgrnam_r *by_name = (nss_getgrnam_r *)function("_nss_xacct_getgrnam_r");
    static union {
        char bytes[BUFFER_SIZE + 2 * sizeof(char *)];
        char *aligned;
    } memory;
    size_t offset, size, wrong = 0, smallest = 0;
    struct group group;

    for (offset = 0; offset < sizeof(char *); offset++)
        for (size = 0; size < BUFFER_SIZE; size++) {
            enum nss_status status;
            int error = 0;

            memset(memory.bytes, 'x', sizeof memory.bytes);
            status = by_name(words[0], &group, memory.bytes + offset, size, &error);
            if (memory.bytes[offset + size] != 'x')
                wrong++;
            if (status == NSS_STATUS_TRYAGAIN && error == ERANGE)
                continue;
            if (status != NSS_STATUS_SUCCESS || strcmp(group.gr_name, words[0]) != 0 ||
                (uintptr_t)group.gr_mem % sizeof(char *) != 0 || group.gr_mem[0] != NULL)
                wrong++;
            if (offset == 0)
                smallest = size;
            break;
        }
    printf("smallest %zu wrong %zu\n", smallest, wrong);
    return 0;
}

static int show_name(gid_t gid)
{
    const struct group *group = getgrgid(gid);

    printf("%s\n", group != NULL ? group->gr_name : "none");
    return 0;
}

static int show_after_becoming(char **words)
{
    char *user, *rest = words[0];

    while ((user = strsep(&rest, ",")) != NULL)
        is_in(user, 0);
    if (setresuid((uid_t)atoi(words[2]), (uid_t)atoi(words[3]), (uid_t)-1) != 0)
        return 1;
    return show_name((gid_t)atoi(words[1]));
}

static uid_t following;

static void become_following(int signal)
{
    (void)signal;
    if (setresuid(following, following, (uid_t)-1) != 0)
        abort();
}

static int show_after_a_change(char **words)
{
    const struct sigaction action = {.sa_handler = become_following};

    following = (uid_t)atoi(words[2]);
    if (sigaction(SIGUSR1, &action, NULL) != 0)
        return 1;
    is_in(words[0], 0);
    if (geteuid() != following)
        return 1;
    return show_name((gid_t)atoi(words[1]));
}

static int show_while(char **words)
{
    const int64_t begin = now_ns();

    if (!is_in(words[0], (gid_t)atoi(words[1])))
        return 1;
    while (getgrgid((gid_t)atoi(words[1])) != NULL)
        continue;
    printf("%lld\n", (long long)(now_ns() - begin) / 1000000);
    return 0;
}

struct busy {
    const char *user;
    gid_t gid;
    nss_getgrgid_r *by_gid;
    atomic_bool ends;
};

static bool has_name(nss_getgrgid_r *by_gid, gid_t gid)
{
    char buffer[BUFFER_SIZE];
    struct group group;
    int error;

    return by_gid(gid, &group, buffer, sizeof buffer, &error) == NSS_STATUS_SUCCESS;
}

/* Looks one gid up, over and over, that the user's groups are of. */
static void *look_up_busily(void *argument)
{
    struct busy *busy = argument;
    unsigned i;

    for (i = 0; !atomic_load(&busy->ends); i++) {
        if (i % 1024 == 0)
            is_in(busy->user, 0);
        (void)has_name(busy->by_gid, busy->gid);
    }
    return NULL;
}

static int run_forks(char **words)
{
    struct busy busy = {.user = words[0], .gid = (gid_t)atoi(words[1])};
    int left = atoi(words[2]), wrong = 0;
    pthread_t thread;

    busy.by_gid = (nss_getgrgid_r *)function("_nss_xacct_getgrgid_r");
    if (pthread_create(&thread, NULL, look_up_busily, &busy) != 0)
        return 1;
    for (; left > 0; left--) {
        pid_t child = fork();
        int status = -1;

        if (child == 0) {
            alarm(HANGS_S);
            _exit(!has_name(busy.by_gid, busy.gid));
        }
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
            wrong++;
    }
    atomic_store(&busy.ends, true);
    pthread_join(thread, NULL);
    printf("wrong %d\n", wrong);
    return 0;
}

struct round {
    const char *name, *user;
    gid_t gid, other;
    int rounds;
    unsigned wrong;
};

/* One look-up of each kind. Returns how many were not as they must be. */
static unsigned look_up_all(const struct round *round)
{
    char buffer[BUFFER_SIZE];
    struct group group, *found;
    unsigned wrong = 0;

    if (getgrnam_r(round->name, &group, buffer, sizeof buffer, &found) != 0 || found == NULL ||
        found->gr_gid != round->gid)
        wrong++;
    if (getgrgid_r(round->gid, &group, buffer, sizeof buffer, &found) != 0 || found == NULL ||
        strcmp(found->gr_name, round->name) != 0)
        wrong++;
    /* What no look-up of the user's groups has brought along. */
    if (getgrgid_r(round->other, &group, buffer, sizeof buffer, &found) != 0 || found == NULL)
        wrong++;
    if (!is_in(round->user, round->gid))
        wrong++;
    return wrong;
}

static void *run_rounds(void *argument)
{
    struct round *round = argument;
    char buffer[BUFFER_SIZE];
    struct group group, *found;
    int i;

    for (i = 0; i < round->rounds; i++) {
        round->wrong += look_up_all(round);
        /* One walk for all threads: what each gets of it is a whole entry or none. */
        setgrent();
        while (getgrent_r(&group, buffer, sizeof buffer, &found) == 0)
            if (found->gr_gid == round->gid && strcmp(found->gr_name, round->name) != 0)
                round->wrong++;
        endgrent();
    }
    return NULL;
}

static struct round round_of(char **words)
{
    return (struct round){.name = words[0],
                          .gid = (gid_t)atoi(words[1]),
                          .user = words[2],
                          .other = (gid_t)atoi(words[3]),
                          .rounds = atoi(words[4])};
}

static int run_threads(char **words)
{
    struct round rounds[THREADS];
    pthread_t threads[THREADS];
    unsigned wrong = 0;
    int i;

    for (i = 0; i < THREADS; i++) {
        rounds[i] = round_of(words);
        if (pthread_create(&threads[i], NULL, run_rounds, &rounds[i]) != 0)
            return 1;
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        wrong += rounds[i].wrong;
    }
    printf("wrong %u\n", wrong);
    return 0;
}

static int run_many(char **words)
{
    struct round round = round_of(words);
    unsigned wrong = look_up_all(&round);
    size_t bytes = mallinfo2().uordblks;
    int descriptors = count_descriptors(), i;

    for (i = 0; i < round.rounds; i++)
        wrong += look_up_all(&round);
    printf("wrong %u bytes %zd descriptors %d\n", wrong, (ssize_t)(mallinfo2().uordblks - bytes),
           count_descriptors() - descriptors);
    return 0;
}

static int compare(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static int show_time(char **words)
{
    const size_t count = (size_t)atoi(words[1]), middle = count / 2;
    int64_t *times = calloc(count + 1, sizeof *times);
    size_t i;

    for (i = 0; times != NULL && i <= count; i++) {
        const int64_t begin = now_ns();

        is_in(words[0], 0);
        times[i] = now_ns() - begin;
    }
    if (times == NULL)
        return 1;
    qsort(times, count + 1, sizeof *times, compare);
    printf("%.1f\n", (double)times[middle] / 1000);
    free(times);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int words;
        int (*run)(char **words);
    } modes[] = {
        {"groups", 1, show_groups},
        {"group", 1, show_group},
        {"direct", 3, show_direct},
        {"buffers", 1, show_buffers},
        {"become", 4, show_after_becoming},
        {"change", 3, show_after_a_change},
        {"while", 2, show_while},
        {"forks", 3, run_forks},
        {"threads", 5, run_threads},
        {"many", 5, run_many},
        {"time", 2, show_time},
    };
    size_t i;

    for (i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++)
        if (strcmp(argv[1], modes[i].name) == 0 && argc - 2 == modes[i].words)
            return modes[i].run(argv + 2);
    usage();
}
