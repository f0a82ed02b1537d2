/*
 * Running a program.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/deadline.h"

#define ERRORS_MAX ((size_t)4096)

/* In the child: becomes the program, or ends with env(1)'s status for what cannot be run. */
static _Noreturn void become(const char *const *arguments, int output, int errors)
{
    static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C", NULL};
    int null = open("/dev/null", O_RDONLY);

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(errors, STDERR_FILENO) >= 0)
        execve(arguments[0], (char *const *)arguments, (char *const *)environment);
    _exit(127);
}

/* Reads what there is into the text. Returns whether more may come. */
static bool take(int fd, struct text *text, size_t most)
{
    char bytes[8192];
    ssize_t got = read(fd, bytes, sizeof bytes);

    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    if (text->length < most)
        text_add_bytes(text, bytes, (size_t)got);
    return got > 0;
}

/* Reads both streams until they end. Returns 0, or ETIMEDOUT. */
static int read_all(int output, int errors, struct deadline deadline, struct program_run *run)
{
    struct pollfd from[] = {{output, POLLIN, 0}, {errors, POLLIN, 0}};

    while (from[0].fd >= 0 || from[1].fd >= 0) {
        int64_t left = deadline_left_ms(deadline);

        if (left <= 0)
            return ETIMEDOUT;
        if (poll(from, 2, (int)left) < 0 && errno != EINTR)
            return errno;
        if (from[0].revents != 0 && !take(output, &run->output, PROGRAM_OUTPUT_MAX))
            from[0].fd = -1;
        if (from[1].revents != 0 && !take(errors, &run->errors, ERRORS_MAX))
            from[1].fd = -1;
    }
    return 0;
}

/* Reaps the child, which is given until the deadline. Returns 0, or ETIMEDOUT: it was killed. */
static int reap(pid_t pid, struct deadline deadline, int *status)
{
    int pidfd = pidfd_open(pid, 0);
    int error = pidfd < 0 ? errno : deadline_wait(deadline, pidfd, POLLIN);

    if (error != 0) {
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
    if (pidfd >= 0)
        close(pidfd);
    return error;
}

static void run_child(const char *const *arguments, struct deadline deadline,
                      struct program_run *run)
{
    int output[2] = {-1, -1}, errors[2] = {-1, -1}, status = 0, error;
    pid_t pid = -1;
    int i;

    if (pipe2(output, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
        snprintf(run->why, sizeof run->why, "%s cannot be run: %s", arguments[0], strerror(errno));
        goto done;
    }
    if (pid == 0)
        become(arguments, output[1], errors[1]);
    close(output[1]);
    close(errors[1]);
    output[1] = errors[1] = -1;
    error = read_all(output[0], errors[0], deadline, run);
    if (error == 0)
        error = reap(pid, deadline, &status);
    else
        reap(pid, deadline_in_ms(0), &status);
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    if (error != 0)
        snprintf(run->why, sizeof run->why, "%s did not end in time", arguments[0]);
    else if (run->status == 127)
        snprintf(run->why, sizeof run->why, "%s cannot be executed", arguments[0]);
    else if (run->output.failed || run->output.length >= PROGRAM_OUTPUT_MAX)
        snprintf(run->why, sizeof run->why, "%s prints more than fits into memory", arguments[0]);

done:
    for (i = 0; i < 2; i++) {
        if (output[i] >= 0)
            close(output[i]);
        if (errors[i] >= 0)
            close(errors[i]);
    }
}

void program_run(const char *const *arguments, int milliseconds, struct program_run *run)
{
    *run = (struct program_run){.status = -1};
    run_child(arguments, deadline_in_ms(milliseconds), run);
    if (run->errors.length > 0)
        run->errors.bytes[strcspn(run->errors.bytes, "\n")] = '\0';
}

void program_run_free(struct program_run *run)
{
    text_free(&run->output);
    text_free(&run->errors);
}

const char *program_find(const char *name, char *path, size_t size)
{
    static const char *const folders[] = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};
    size_t i;

    for (i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, size, "%s/%s", folders[i], name);
        if (access(path, X_OK) == 0)
            return path;
    }
    return NULL;
}
