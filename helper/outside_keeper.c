/*
 * Keeping watch.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/outside_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/outside_closed.h"
#include "helper/outside_module.h"
#include "helper/outside_program.h"
#include "helper/sandbox.h"

/* One run. */
struct run {
    const struct outside_request *request;
    const struct policy *policy;
    const struct base *base;
    int control;
    int output;
    int complaints; /* the reading end of its standard error */
    size_t said;    /* bytes of it that are kept */
    pid_t leader;
    int pidfd;
    struct outside_ending ending;
};

/* Closes the sandbox of the started process. Returns whether it did, or says on standard error why
 * not.
 */
static bool close_sandbox(const struct run *run)
{
    char **closed = outside_closed(run->policy, run->base);
    int error = closed != NULL ? sandbox_close_run((const char *const *)closed) : ENOMEM;

    outside_closed_free(closed);
    if (error != 0)
        dprintf(STDERR_FILENO, "its sandbox cannot be closed: %s\n", strerror(error));
    return error == 0;
}

/* The started process, until it is the program or has signed. Its `complaints` is the writing end.
 */
_Noreturn static void lead(const struct run *run, pid_t keeper, int complaints)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC), i;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != keeper || setsid() < 0 ||
        chdir("/") != 0 || dup2(nothing, STDIN_FILENO) < 0 ||
        dup2(run->output, STDOUT_FILENO) < 0 || dup2(complaints, STDERR_FILENO) < 0 ||
        close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
        _exit(1);
    for (i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    if (!close_sandbox(run))
        _exit(1);
    if (run->base->source == BASE_PROCESS)
        outside_program_execute(&run->base->command);
    else
        _exit(outside_module_sign(run->base, run->request, STDOUT_FILENO) == 0 ? 0 : 1);
    _exit(1);
}

/* Starts the process. Returns false when that failed, which then is how it ended. */
static bool start(struct run *run)
{
    const char *code =
        run->base->source == BASE_PROCESS ? run->base->command.items[0] : run->base->pkcs11_module;
    struct outside_ending *ending = &run->ending;
    pid_t keeper = getpid();
    int ends[2];

    ending->how = OUTSIDE_REFUSED;
    if (!outside_program_is_trusted(code, run->base->source == BASE_PROCESS, ending->said,
                                    sizeof ending->said))
        return false;
    ending->how = OUTSIDE_FAILED;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        ending->code = errno;
        return false;
    }
    run->complaints = ends[0];
    run->leader = fork();
    if (run->leader == 0)
        lead(run, keeper, ends[1]);
    ending->code = errno;
    close(ends[1]);
    /* Not reaped before we are done, its id stays its own until then. */
    run->pidfd = run->leader > 0 ? (int)syscall(SYS_pidfd_open, run->leader, 0) : -1;
    if (run->leader > 0 && run->pidfd < 0)
        ending->code = errno;
    return run->pidfd >= 0 && fcntl(run->complaints, F_SETFL, O_NONBLOCK) == 0;
}

/* Keeps the beginning of what it complains about, and drops the rest. Returns whether there was
 * any.
 */
static bool hear(struct run *run)
{
    char dropped[512];
    size_t room = sizeof run->ending.said - 1 - run->said;
    ssize_t n = room > 0 ? read(run->complaints, run->ending.said + run->said, room)
                         : read(run->complaints, dropped, sizeof dropped);

    if (n > 0 && room > 0)
        run->said += (size_t)n;
    return n > 0;
}

/* Waits until the process has ended, nobody wants it any more, or it is too late. */
static void watch(struct run *run)
{
    enum { CONTROL, LEADER, COMPLAINTS, WATCHED };
    struct pollfd watched[WATCHED] = {
        [CONTROL] = {.fd = run->control, .events = POLLIN},
        [LEADER] = {.fd = run->pidfd, .events = POLLIN},
        [COMPLAINTS] = {.fd = run->complaints, .events = POLLIN},
    };
    int left;

    run->ending.how = OUTSIDE_LATE;
    while ((left = deadline_left_ms(run->request->deadline)) > 0) {
        if (poll(watched, WATCHED, left) < 0 && errno != EINTR)
            return;
        if (watched[COMPLAINTS].revents != 0 && !hear(run))
            watched[COMPLAINTS].fd = -1;
        if (watched[CONTROL].revents != 0)
            return;
        if (watched[LEADER].revents != 0) {
            run->ending.how = OUTSIDE_EXITED;
            return;
        }
    }
}

/* Kills the processes that are our children by now: the orphans of what we started are. */
static void kill_children(void)
{
    char path[64], word[16];
    FILE *list;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    list = fopen(path, "re");
    if (list == NULL)
        return;
    while (fscanf(list, "%15s", word) == 1) {
        long pid = strtol(word, NULL, 10);

        if (pid > 0)
            kill((pid_t)pid, SIGKILL);
    }
    fclose(list);
}

/* Ends all that is left, and notes how the process that we started ended. */
static void clear(struct run *run)
{
    int status;
    pid_t ended;

    if (run->leader <= 0)
        return;
    /* The group at once, so that it cannot fork away from us; who had left it, one by one. */
    kill(-run->leader, SIGKILL);
    kill(run->leader, SIGKILL);
    do {
        kill_children();
        ended = waitpid(-1, &status, 0);
        if (ended != run->leader || run->ending.how != OUTSIDE_EXITED)
            continue;
        run->ending.how = WIFEXITED(status) ? OUTSIDE_EXITED : OUTSIDE_KILLED;
        run->ending.code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    } while (ended > 0 || errno == EINTR);
}

void outside_keeper_run(const struct outside_request *request, const struct policy *policy,
                        const struct base *base, const int handed[HANDOVER_COUNT])
{
    struct run run = {
        .request = request,
        .policy = policy,
        .base = base,
        .control = handed[OUTSIDE_CONTROL],
        .output = handed[OUTSIDE_OUTPUT],
    };
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    /* The forker's channel is not ours. Standard output and error exist, so that the descriptors
     * above them are nobody else's. */
    signal(SIGCHLD, SIG_DFL);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return;
    if (start(&run)) {
        close(run.output);
        watch(&run);
    }
    clear(&run);
    if (run.complaints > 0)
        while (hear(&run))
            continue;
    (void)send(run.control, &run.ending, sizeof run.ending, MSG_NOSIGNAL);
}
