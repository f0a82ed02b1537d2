/*
 * A program that calls PAM as login programs do, good and odd ones, and tells on its output what it
 * got, what it was shown, what was logged, and what was left behind in it.
 *
 *   login CONFDIR SERVICE USER STEP...
 *
 * Each step is a name, or NAME=VALUE, of the table at the end. Output lines begin with a word:
 * `result`, `error`, `info`, `log`, `env`, `left`.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/escape.h"
#include "odd_program.h"
#include "tests/rig/descriptors.h"

/* Steps are few; what they work on is the program's one login. */
static FILE *out;
static const char *confdir, *service, *user;
static pam_handle_t *pamh;
static struct pam_conv conversation;

/* Put in the place of the C library's, so that what libpam logs comes out here. */
__attribute__((visibility("default"), format(printf, 3, 4))) void
__syslog_chk(int priority, int flag, const char *format, ...);
void __syslog_chk(int priority, int flag, const char *format, ...)
{
    char text[16384];
    va_list arguments;

    (void)flag;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(out, "log %d %d %s\n", priority >> 3, priority & 7, text);
}

static void fail(const char *what)
{
    fprintf(out, "failed %s: %s\n", what, strerror(errno));
    exit(99);
}

static int converse(int count, const struct pam_message **messages, struct pam_response **responses,
                    void *unused)
{
    int i;

    (void)unused;
    for (i = 0; i < count; i++)
        fprintf(out, "%s %s\n", messages[i]->msg_style == PAM_ERROR_MSG ? "error" : "info",
                messages[i]->msg);
    *responses = calloc((size_t)count, sizeof **responses);
    return *responses != NULL ? PAM_SUCCESS : PAM_CONV_ERR;
}

static int converse_badly(int count, const struct pam_message **messages,
                          struct pam_response **responses, void *unused)
{
    (void)count, (void)messages, (void)responses, (void)unused;
    return PAM_CONV_ERR;
}

static void start(void)
{
    if (pam_start_confdir(service, user, &conversation, confdir, &pamh) != PAM_SUCCESS)
        fail("pam_start_confdir");
}

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void timed(const char *step, int (*call)(pam_handle_t *, int), int flags)
{
    long long before = now_ms();
    int code = call(pamh, flags);

    fprintf(out, "result %s %d %lld\n", step, code, now_ms() - before);
}

static void step_open(const char *value)
{
    timed("open", pam_open_session, value != NULL ? PAM_SILENT : 0);
}

static void step_close(const char *value)
{
    timed("close", pam_close_session, value != NULL ? PAM_SILENT : 0);
}

static void step_check(const char *value)
{
    timed("check", pam_acct_mgmt, value != NULL ? PAM_SILENT : 0);
}

static void step_auth(const char *value)
{
    (void)value;
    timed("auth", pam_authenticate, 0);
}

static void step_setcred(const char *value)
{
    (void)value;
    timed("setcred", pam_setcred, PAM_ESTABLISH_CRED);
}

static void step_password(const char *value)
{
    (void)value;
    timed("password", pam_chauthtok, 0);
}

static void step_env(const char *value)
{
    char **list = pam_getenvlist(pamh), **item;
    static char shown[65536];

    (void)value;
    for (item = list; item != NULL && *item != NULL; item++) {
        fprintf(out, "env %s\n", escape(shown, sizeof shown, *item));
        free(*item);
    }
    free(list);
}

static void step_putenv(const char *value)
{
    if (pam_putenv(pamh, value) != PAM_SUCCESS)
        fail("pam_putenv");
}

static void set_item(int item, const char *value)
{
    if (pam_set_item(pamh, item, value) != PAM_SUCCESS)
        fail("pam_set_item");
}

static void step_user(const char *value)
{
    set_item(PAM_USER, value);
}

static void step_rhost(const char *value)
{
    set_item(PAM_RHOST, value);
}

static void step_ruser(const char *value)
{
    set_item(PAM_RUSER, value);
}

static void step_tty(const char *value)
{
    set_item(PAM_TTY, value);
}

static void step_show_user(const char *value)
{
    const void *item = NULL;

    (void)value;
    pam_get_item(pamh, PAM_USER, &item);
    fprintf(out, "user %s\n", (const char *)item);
}

static void step_conversation(const char *value)
{
    conversation.conv = strcmp(value, "none") == 0 ? NULL : converse_badly;
    if (pam_set_item(pamh, PAM_CONV, &conversation) != PAM_SUCCESS)
        fail("pam_set_item");
}

/* Taken by the name's known length, which is another way than the module's. */
static void step_show_start_time(const char *value)
{
    char stat[2048], name[64];
    FILE *stat_file = fopen("/proc/self/stat", "re"), *name_file = fopen("/proc/self/comm", "re");
    const char *field = stat;
    int i;

    (void)value;
    if (stat_file == NULL || name_file == NULL || fgets(stat, sizeof stat, stat_file) == NULL ||
        fgets(name, sizeof name, name_file) == NULL)
        fail("/proc/self");
    fclose(stat_file);
    fclose(name_file);
    field = strchr(stat, '(') + strlen(name) + 2;
    for (i = 3; i < 22 && field != NULL; i++)
        field = strchr(field, ' ') + 1;
    fprintf(out, "start-time %.*s\n", (int)strcspn(field, " "), field);
}

/* Puts one file's text into another, in the middle of a login: FROM:TO. */
static void step_copy(const char *value)
{
    char text[16384], from[4096];
    size_t length = strcspn(value, ":");
    FILE *file;

    snprintf(from, sizeof from, "%.*s", (int)length, value);
    file = fopen(from, "re");
    if (file == NULL)
        fail(from);
    length = fread(text, 1, sizeof text, file);
    fclose(file);
    file = fopen(strchr(value, ':') + 1, "we");
    if (file == NULL || fwrite(text, 1, length, file) != length)
        fail("copy");
    fclose(file);
}

static void step_end(const char *value)
{
    (void)value;
    pam_end(pamh, PAM_SUCCESS);
    pamh = NULL;
}

static void step_start(const char *value)
{
    if (value != NULL)
        user = value;
    start();
}

/* In a forked copy of the handle: what follows runs there, and here only after it has ended. */
static void step_fork(const char *value)
{
    pid_t child;

    (void)value;
    fflush(out);
    child = fork();
    if (child > 0) {
        int status = 0;

        waitpid(child, &status, 0);
        exit(WIFEXITED(status) ? WEXITSTATUS(status) : 98);
    }
}

static void step_repeat(const char *value)
{
    int i, count = atoi(value), opened = 0, closed = 0;

    pam_end(pamh, PAM_SUCCESS);
    for (i = 0; i < count; i++) {
        start();
        opened += pam_open_session(pamh, PAM_SILENT) == PAM_SUCCESS;
        closed += pam_close_session(pamh, PAM_SILENT) == PAM_SUCCESS;
        pam_end(pamh, PAM_SUCCESS);
    }
    start();
    fprintf(out, "opened %d closed %d\n", opened, closed);
}

static pthread_barrier_t gate;

static void *open_in_thread(void *unused)
{
    pam_handle_t *own = NULL;
    long good = 0;

    (void)unused;
    if (pam_start_confdir(service, user, &conversation, confdir, &own) != PAM_SUCCESS)
        return NULL;
    pthread_barrier_wait(&gate);
    good = pam_open_session(own, PAM_SILENT) == PAM_SUCCESS;
    good = pam_close_session(own, PAM_SILENT) == PAM_SUCCESS && good;
    pam_end(own, PAM_SUCCESS);
    return (void *)good;
}

static void step_threads(const char *value)
{
    pthread_t threads[64];
    int i, count = atoi(value), good = 0;

    pthread_barrier_init(&gate, NULL, (unsigned)count);
    for (i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, open_in_thread, NULL) != 0)
            fail("pthread_create");
    for (i = 0; i < count; i++) {
        void *result = NULL;

        pthread_join(threads[i], &result);
        good += result != NULL;
    }
    pthread_barrier_destroy(&gate);
    fprintf(out, "threads %d\n", good);
}

/* What a call of PAM may not change. */
struct state {
    int descriptors;
    struct sigaction actions[NSIG];
    sigset_t mask;
    mode_t creation_mask;
    char folder[4096];
    int cancel_state;
};

static void read_state(struct state *state)
{
    int number;

    memset(state, 0, sizeof *state);
    state->descriptors = count_descriptors();
    for (number = 1; number < NSIG; number++)
        sigaction(number, NULL, &state->actions[number]);
    sigprocmask(SIG_SETMASK, NULL, &state->mask);
    state->creation_mask = umask(022);
    umask(state->creation_mask);
    if (getcwd(state->folder, sizeof state->folder) == NULL)
        fail("getcwd");
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state->cancel_state);
    pthread_setcancelstate(state->cancel_state, NULL);
}

static bool same_signals(const struct state *a, const struct state *b)
{
    int number;

    for (number = 1; number < NSIG; number++)
        if (a->actions[number].sa_handler != b->actions[number].sa_handler ||
            a->actions[number].sa_flags != b->actions[number].sa_flags ||
            sigismember(&a->mask, number) != sigismember(&b->mask, number))
            return false;
    return true;
}

static struct state noted;

static void step_note(const char *value)
{
    (void)value;
    read_state(&noted);
}

static void step_left(const char *value)
{
    struct state now;
    bool children;

    (void)value;
    children = waitpid(-1, NULL, WNOHANG | __WALL) >= 0 || errno != ECHILD;
    read_state(&now);
    fprintf(out, "left descriptors=%d children=%d signals=%s sigchld=%d rest=%s\n",
            now.descriptors - noted.descriptors, children,
            same_signals(&noted, &now) ? "same" : "changed", (int)sigchld_count,
            now.creation_mask == noted.creation_mask && strcmp(now.folder, noted.folder) == 0 &&
                    now.cancel_state == noted.cancel_state
                ? "same"
                : "changed");
}

static void step_mapped(const char *value)
{
    char line[4096];
    FILE *maps = fopen("/proc/self/maps", "re");
    int count = 0;

    (void)value;
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        count += strstr(line, "pam_xacct.so") != NULL;
    if (maps != NULL)
        fclose(maps);
    fprintf(out, "mapped %d\n", count);
}

static const struct {
    const char *name;
    void (*run)(const char *value);
} steps[] = {
    {"auth", step_auth},
    {"block-all", step_block_all},
    {"change-folder", step_change_folder},
    {"check", step_check},
    {"close", step_close},
    {"close-standard", step_close_standard},
    {"conversation", step_conversation},
    {"copy", step_copy},
    {"end", step_end},
    {"env", step_env},
    {"fork", step_fork},
    {"groups", step_groups},
    {"interrupt", step_interrupt},
    {"left", step_left},
    {"limits", step_limits},
    {"mapped", step_mapped},
    {"mask", step_mask},
    {"noise", step_noise},
    {"note", step_note},
    {"odd-signals", step_odd_signals},
    {"open", step_open},
    {"open-files", step_open_files},
    {"password", step_password},
    {"putenv", step_putenv},
    {"repeat", step_repeat},
    {"rhost", step_rhost},
    {"ruser", step_ruser},
    {"setcred", step_setcred},
    {"show-start-time", step_show_start_time},
    {"show-user", step_show_user},
    {"sigchld", step_sigchld},
    {"start", step_start},
    {"threads", step_threads},
    {"tty", step_tty},
    {"uid", step_uid},
    {"user", step_user},
};

static void run_step(char *step)
{
    char *value = strchr(step, '=');
    size_t i;

    if (value != NULL)
        *value++ = '\0';
    for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (strcmp(steps[i].name, step) == 0) {
            steps[i].run(value);
            return;
        }
    }
    errno = EINVAL;
    fail(step);
}

int main(int argc, char **argv)
{
    int i, fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 100);

    if (argc < 4 || fd < 0 || (out = fdopen(fd, "w")) == NULL)
        return 99;
    setvbuf(out, NULL, _IOLBF, 65536);
    confdir = argv[1];
    service = argv[2];
    user = argv[3];
    conversation.conv = converse;
    start();
    read_state(&noted);
    for (i = 4; i < argc; i++)
        run_step(argv[i]);
    if (pamh != NULL)
        pam_end(pamh, PAM_SUCCESS);
    fclose(out);
    return 0;
}
