/*
 * Looks users and groups up for test_lookups.py, all at once, as the service does and confined as
 * it is. Each line of standard input is USER GROUP; for each it prints a line, when it is known:
 * USER, whether there is such a user, whether the user is in the group, the id of the look-up
 * process, and how many milliseconds it took.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/lookup_pool.h"
#include "helper/sandbox.h"
#include "helper/task.h"

#define WAIT_MS 2000
#define NAME    64

struct question {
    char user[NAME];
    char group[NAME];
};

static struct lookup_pool pool;
static bool input_has_ended;

static int process_of(const struct lookup *lookup)
{
    char path[64], line[128];
    int pid = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", lookup->pidfd);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    while (pid == 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "Pid:", 4) == 0)
            pid = atoi(line + 4);
    fclose(file);
    return pid;
}

static enum lookup_outcome look_up(struct lookup *lookup, struct question *question,
                                   struct deadline deadline, enum answer *member)
{
    char *names[] = {question->group};
    struct policy policy = {.groups = {names, 1}};
    const bool matters = true;
    struct user user;
    char why[1024];
    enum lookup_outcome outcome =
        lookup_user(lookup, question->user, deadline, &user, why, sizeof why);

    *member = ANSWER_UNKNOWN;
    if (outcome == LOOKUP_FOUND)
        lookup_groups(lookup, &policy, &user, &matters, deadline, member, why, sizeof why);
    return outcome;
}

static void answer(void *argument)
{
    static const char *const outcomes[] = {
        [LOOKUP_FOUND] = "found",
        [LOOKUP_NOT_FOUND] = "not-found",
        [LOOKUP_UNANSWERED] = "unanswered",
    };
    static const char *const answers[] = {
        [ANSWER_NO] = "no", [ANSWER_YES] = "yes", [ANSWER_UNKNOWN] = "unknown"};
    struct question *question = argument;
    struct deadline deadline = deadline_in_ms(WAIT_MS);
    struct lookup *lookup;
    int error = lookup_pool_take(&pool, deadline, &lookup);
    enum answer member;

    if (error == 0) {
        int process = process_of(lookup);
        enum lookup_outcome outcome = look_up(lookup, question, deadline, &member);

        printf("%s %s %s %d %d\n", question->user, outcomes[outcome], answers[member], process,
               WAIT_MS - deadline_left_ms(deadline));
        lookup_pool_give(&pool, lookup);
    } else {
        printf("%s %s unknown 0 %d\n", question->user, strerrorname_np(error),
               WAIT_MS - deadline_left_ms(deadline));
    }
    fflush(stdout);
    free(question);
}

/* Starts a task for the question of a line. */
static void start(const char *line)
{
    struct question *question = calloc(1, sizeof *question);

    if (question == NULL || sscanf(line, "%63s %63s", question->user, question->group) != 2 ||
        task_start(answer, question) != 0)
        exit(1);
}

/* Reads questions: a read may return several, or a part of one. */
static void read_questions(void *argument)
{
    static char bytes[8192];
    static size_t length;
    ssize_t more = read(STDIN_FILENO, bytes + length, sizeof bytes - length);
    char *line_end;

    (void)argument;
    if (more <= 0)
        input_has_ended = true;
    else
        length += (size_t)more;
    while ((line_end = memchr(bytes, '\n', length)) != NULL) {
        *line_end++ = '\0';
        start(bytes);
        length -= (size_t)(line_end - bytes);
        memmove(bytes, line_end, length);
    }
}

static bool is_over(void *argument)
{
    (void)argument;
    return input_has_ended;
}

int main(void)
{
    const char *readable[] = {"/proc", NULL}, *writable[] = {NULL};
    struct task_watcher input = {.ready = read_questions, .fd = STDIN_FILENO};

    signal(SIGPIPE, SIG_IGN);
    if (sandbox_prepare() != 0 || task_loop_open() != 0 || lookup_pool_open(&pool, true) != 0 ||
        sandbox_close_helper(readable, writable) != 0 || task_watch(&input) != 0)
        return 1;
    if (task_loop_run(is_over, NULL) != 0)
        return 1;
    lookup_pool_close(&pool);
    task_loop_close();
    return 0;
}
