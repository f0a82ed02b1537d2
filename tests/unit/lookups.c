/*
 * Looks users and groups up for test_lookups.py, all at once, as the service does and confined as
 * it is. Each line of standard input is USER GROUP; for each it prints a line, when it is known:
 * USER, whether there is such a user, whether the user is in the group, the id of the look-up
 * process, and how many milliseconds it took. A USER of digits is a uid, and what is printed is the
 * name of that one. Where GROUP is *, the names of the groups are printed, separated by commas,
 * that begin with "aws-", for which the policy has a pattern.
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

/* Finds the user, whose own name it then has. */
static enum lookup_outcome find_user(struct lookup *lookup, struct question *question,
                                     struct deadline deadline, struct user *user)
{
    const bool is_uid = question->user[0] >= '0' && question->user[0] <= '9';
    char why[1024];
    enum lookup_outcome outcome =
        is_uid ? lookup_uid(lookup, (uid_t)strtoul(question->user, NULL, 10), deadline, user, why,
                            sizeof why)
               : lookup_user(lookup, question->user, deadline, user, why, sizeof why);

    if (is_uid && outcome == LOOKUP_FOUND)
        snprintf(question->user, sizeof question->user, "%.60s", user->name);
    return outcome;
}

/* The names of all groups as a text that the caller frees. */
static char *names_of(struct lookup *lookup, const struct user *user, struct deadline deadline)
{
    static char before[] = "aws-", after[] = "";
    struct pattern pattern = {.before = before, .after = after};
    const struct policy policy = {.patterns = &pattern, .pattern_count = 1};
    struct arena memory = {NULL, false};
    char why[1024], *text = NULL;
    struct texts names = {NULL, 0};
    size_t size, i;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        exit(1);
    if (!lookup_group_names(lookup, &policy, user, deadline, &memory, &names, why, sizeof why))
        fprintf(out, "unanswered");
    else if (names.count == 0)
        fprintf(out, "none");
    else
        for (i = 0; i < names.count; i++)
            fprintf(out, "%s%s", i > 0 ? "," : "", names.items[i]);
    fclose(out);
    arena_free(&memory);
    return text;
}

/* What is to be said of the group, which the caller frees. */
static char *look_up(struct lookup *lookup, struct question *question, struct deadline deadline,
                     enum lookup_outcome *outcome)
{
    static const char *const answers[] = {
        [ANSWER_NO] = "no", [ANSWER_YES] = "yes", [ANSWER_UNKNOWN] = "unknown"};
    char *names[] = {question->group};
    const struct policy policy = {.groups = {names, 1}};
    enum answer member = ANSWER_UNKNOWN;
    const bool matters = true;
    struct user user;
    char why[1024];

    *outcome = find_user(lookup, question, deadline, &user);
    if (*outcome == LOOKUP_FOUND && strcmp(question->group, "*") == 0)
        return names_of(lookup, &user, deadline);
    if (*outcome == LOOKUP_FOUND)
        lookup_groups(lookup, &policy, &user, &matters, deadline, &member, why, sizeof why);
    return strdup(answers[member]);
}

/* A question while it is asked. */
struct asking {
    struct question *question;
    struct deadline deadline;
    enum lookup_outcome outcome;
    char *said; /* owned */
    int process;
};

static void ask(struct lookup *lookup, void *argument)
{
    struct asking *asking = argument;

    free(asking->said);
    asking->process = process_of(lookup);
    asking->said = look_up(lookup, asking->question, asking->deadline, &asking->outcome);
}

static void answer(void *argument)
{
    static const char *const outcomes[] = {
        [LOOKUP_FOUND] = "found",
        [LOOKUP_NOT_FOUND] = "not-found",
        [LOOKUP_UNANSWERED] = "unanswered",
    };
    struct question *question = argument;
    struct asking asking = {.question = question, .deadline = deadline_in_ms(WAIT_MS)};
    int error = lookup_pool_ask(&pool, false, asking.deadline, ask, &asking);

    if (error == 0)
        printf("%s %s %s %d %d\n", question->user, outcomes[asking.outcome], asking.said,
               asking.process, WAIT_MS - deadline_left_ms(asking.deadline));
    else
        printf("%s %s unknown 0 %d\n", question->user, strerrorname_np(error),
               WAIT_MS - deadline_left_ms(asking.deadline));
    fflush(stdout);
    free(asking.said);
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
