/*
 * A helper that misbehaves on demand. The file after --config says how:
 *
 *   behaviour=NAME   one of the table below
 *   record=PATH      where to append what was received and how this process finds itself
 *   KEY=VALUE        every other line is a string of the reply; %HH in it is a byte
 *
 * Started with --listen PATH UID behind that, it is a service that misbehaves, on a socket on which
 * UID listens: it reads how anew for each connection, and prints a line when it can be asked.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/deadline.h"
#include "common/escape.h"
#include "common/frame.h"

#define LINES_MAX 64
#define FOREVER   deadline_in_ms(600000)

struct orders {
    char behaviour[32];
    char record[4096];
    char *reply[LINES_MAX];
    int reply_count;
};

static unsigned char memory[FRAME_HEADER + FRAME_MAX];

static void decode(char *text)
{
    char *out = text;

    for (; *text != '\0'; text++) {
        char digits[3];

        if (*text == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2])) {
            memcpy(digits, text + 1, 2);
            digits[2] = '\0';
            *out++ = (char)strtol(digits, NULL, 16);
            text += 2;
        } else {
            *out++ = *text;
        }
    }
    *out = '\0';
}

static void read_orders(struct orders *orders, const char *path)
{
    static char line[256 * 1024];
    FILE *file = fopen(path, "re");

    if (file == NULL)
        _exit(81);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "behaviour=", 10) == 0) {
            snprintf(orders->behaviour, sizeof orders->behaviour, "%.31s", line + 10);
        } else if (strncmp(line, "record=", 7) == 0) {
            snprintf(orders->record, sizeof orders->record, "%.4095s", line + 7);
        } else if (line[0] != '\0' && orders->reply_count < LINES_MAX) {
            decode(line);
            orders->reply[orders->reply_count++] = strdup(line);
        }
    }
    fclose(file);
}

static void record_link(FILE *record, const char *what, const char *path)
{
    char target[4096];
    ssize_t length = readlink(path, target, sizeof target - 1);

    target[length < 0 ? 0 : length] = '\0';
    fprintf(record, "%s=%s\n", what, target);
}

static void record_descriptors(FILE *record)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;

    fprintf(record, "descriptors=");
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(folder) &&
            atoi(entry->d_name) != fileno(record))
            fprintf(record, "%s ", entry->d_name);
    fprintf(record, "\n");
    if (folder != NULL)
        closedir(folder);
    record_link(record, "fd1", "/proc/self/fd/1");
    record_link(record, "fd2", "/proc/self/fd/2");
}

static void record_limits(FILE *record)
{
    static const struct {
        const char *name;
        int resource;
    } limits[] = {{"core", RLIMIT_CORE},       {"nproc", RLIMIT_NPROC}, {"nofile", RLIMIT_NOFILE},
                  {"fsize", RLIMIT_FSIZE},     {"as", RLIMIT_AS},       {"cpu", RLIMIT_CPU},
                  {"memlock", RLIMIT_MEMLOCK}, {"data", RLIMIT_DATA}};
    struct rlimit limit;
    size_t i;

    for (i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (getrlimit(limits[i].resource, &limit) == 0)
            fprintf(record, "limit_%s=%lld\n", limits[i].name, (long long)limit.rlim_cur);
}

/* How the module has left this process to itself. */
static void record_view(FILE *record, char **environment, char **arguments)
{
    char line[4096];
    FILE *status = fopen("/proc/self/status", "re");
    mode_t mask = umask(077);
    int i, signal = 0;

    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strchr(line, ':') != NULL)
            fprintf(record, "status_%.*s=%s\n", (int)strcspn(line, ":"), line,
                    line + strcspn(line, ":") + 1 + strspn(line + strcspn(line, ":") + 1, "\t "));
    }
    if (status != NULL)
        fclose(status);
    for (i = 0; environment[i] != NULL; i++)
        fprintf(record, "environment=%s\n", environment[i]);
    for (i = 0; arguments[i] != NULL; i++)
        fprintf(record, "argument%d=%s\n", i, arguments[i]);
    record_link(record, "cwd", "/proc/self/cwd");
    record_descriptors(record);
    record_limits(record);
    prctl(PR_GET_PDEATHSIG, &signal);
    fprintf(record, "umask=%03o\npdeathsig=%d\nleads=%d\n", mask, signal, getsid(0) == getpid());
}

static void record_all(const struct orders *orders, const struct frame *request, char **environment,
                       char **arguments)
{
    static char shown[4 * FRAME_MAX];
    const char *string;
    size_t cursor = 0;
    FILE *record;

    if (orders->record[0] == '\0')
        return;
    record = fopen(orders->record, "ae");
    if (record == NULL)
        _exit(82);
    fprintf(record, "[request]\n");
    while ((string = frame_next(request, &cursor)) != NULL)
        fprintf(record, "request_%s\n", escape(shown, sizeof shown, string));
    record_view(record, environment, arguments);
    fclose(record);
}

static void send_bytes(const void *bytes, size_t length)
{
    if (send(0, bytes, length, MSG_NOSIGNAL) < 0)
        _exit(83);
}

static void send_version(const char *version)
{
    struct frame greeting;
    unsigned char bytes[64];

    frame_init(&greeting, bytes, sizeof bytes);
    frame_add(&greeting, FRAME_KEY_VERSION, version);
    frame_send(&greeting, 0, FOREVER);
}

static void hang(void)
{
    for (;;)
        pause();
}

/* A child in the same process group that does not listen to anybody either. */
static void leave_a_child(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (fork() == 0)
        hang();
}

static void flood(void)
{
    memset(memory, 0xff, sizeof memory);
    for (;;)
        send_bytes(memory, sizeof memory);
}

static void before_greeting(const char *behaviour)
{
    if (strcmp(behaviour, "hang") == 0)
        hang();
    if (strcmp(behaviour, "stubborn") == 0) {
        leave_a_child();
        hang();
    }
    if (strcmp(behaviour, "crash") == 0) {
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
    }
    if (strcmp(behaviour, "exit") == 0)
        _exit(3);
    if (strcmp(behaviour, "flood") == 0)
        flood();
    if (strcmp(behaviour, "nonsense") == 0) {
        send_bytes("HTTP/1.1 200 OK\r\n\r\n<html>", 25);
        hang();
    }
    if (strcmp(behaviour, "trickle") == 0)
        for (;; usleep(20000))
            send_bytes("", 1);
    if (strcmp(behaviour, "version") == 0) {
        send_version("99");
        hang();
    }
}

static void build_reply(struct frame *reply, const struct orders *orders)
{
    int i;

    frame_init(reply, memory, sizeof memory);
    frame_add(reply, FRAME_KEY_VERSION,
              strcmp(orders->behaviour, "reply-version") == 0 ? "99" : FRAME_VERSION);
    for (i = 0; i < orders->reply_count; i++) {
        char *value = strchr(orders->reply[i], '=');

        *value++ = '\0';
        if (frame_add(reply, orders->reply[i], value) != 0)
            _exit(84);
    }
}

static void answer(const struct orders *orders)
{
    const char *behaviour = orders->behaviour;
    struct frame reply;

    if (strcmp(behaviour, "deaf") == 0)
        hang();
    if (strcmp(behaviour, "crash-later") == 0)
        raise(SIGKILL);
    if (strcmp(behaviour, "exit-later") == 0)
        _exit(4);
    build_reply(&reply, orders);
    if (strcmp(behaviour, "half") == 0) {
        send_bytes(reply.memory, reply.length / 2);
        _exit(0);
    }
    if (strcmp(behaviour, "no-nul") == 0)
        reply.memory[reply.length - 1] = 'x';
    if (strcmp(behaviour, "twice-a-key") == 0) {
        static const char doubled[] = "\0\0\0\x08"
                                      "a=b\0a=c";
        send_bytes(doubled, sizeof doubled);
        _exit(0);
    }
    frame_send(&reply, 0, FOREVER);
    if (strcmp(behaviour, "two-replies") == 0)
        frame_send(&reply, 0, FOREVER);
    if (strcmp(behaviour, "linger") == 0) {
        leave_a_child();
        hang();
    }
}

/*
 * The life of the service; returns in a process for one connection, which is its standard input.
 * Binding needs root, and whoever listens is whom the other end sees.
 */
static void serve(const char *path, uid_t uid)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    /* A greeting has a tenth of `timeout =`, and the machine may have more to do than this. */
    setpriority(PRIO_PROCESS, 0, PRIO_MIN);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(path, 0666) != 0 || setresuid(uid, uid, uid) != 0 || listen(listener, 64) != 0)
        _exit(86);
    signal(SIGCHLD, SIG_IGN);
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        int connection = accept(listener, NULL, NULL);

        if (connection < 0)
            _exit(87);
        if (fork() == 0) {
            dup2(connection, STDIN_FILENO);
            close(connection);
            return;
        }
        close(connection);
    }
}

int main(int argc, char **argv, char **environment)
{
    static struct orders orders;
    struct frame request;

    if (argc < 3)
        _exit(80);
    if (argc > 5 && strcmp(argv[3], "--listen") == 0)
        serve(argv[4], (uid_t)atoi(argv[5]));
    read_orders(&orders, argv[2]);
    if (orders.behaviour[0] == '\0')
        _exit(80);
    before_greeting(orders.behaviour);
    send_version(FRAME_VERSION);
    if (strcmp(orders.behaviour, "deaf-reply") == 0) {
        answer(&orders);
        _exit(0);
    }
    frame_init(&request, memory, sizeof memory);
    if (frame_receive(&request, 0, FOREVER) != 0)
        _exit(85);
    record_all(&orders, &request, environment, argv);
    answer(&orders);
    _exit(0);
}
