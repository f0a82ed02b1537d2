/*
 * The child writes one record after the other into a pipe; what it had written when the time was
 * over is what NSS answered.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/nss.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xacct_admin/nss_child.h"

#define ANSWERS_MOST ((size_t)64 * 1024 * 1024) /* bytes: beyond what any user's groups take */

/* Reads what comes until the other end is closed or the time is over. */
static int read_answers(int fd, struct deadline deadline, struct nss_answers *answers)
{
    ssize_t n = 1;

    while (n > 0 && deadline_wait(deadline, fd, POLLIN) == 0) {
        if (answers->capacity - answers->length < sizeof(struct nss_record)) {
            size_t capacity = answers->capacity > 0 ? 2 * answers->capacity : 65536;
            unsigned char *bytes =
                capacity <= ANSWERS_MOST ? realloc(answers->bytes, capacity) : NULL;

            if (bytes == NULL)
                return ENOMEM;
            answers->bytes = bytes;
            answers->capacity = capacity;
        }
        n = read(fd, answers->bytes + answers->length, answers->capacity - answers->length);
        if (n > 0)
            answers->length += (size_t)n;
    }
    return 0;
}

int nss_ask(void (*asking)(const void *questions, int fd), const void *questions,
            struct deadline deadline, struct nss_answers *answers)
{
    int ends[2], error = 0;
    pid_t child;

    if (pipe(ends) != 0)
        return errno;
    child = fork();
    if (child < 0) {
        error = errno;
        close(ends[0]);
        close(ends[1]);
        return error;
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        asking(questions, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    error = read_answers(ends[0], deadline, answers);
    close(ends[0]);
    /* Not waited for: one that hangs in the kernel would hold us up. It ends with us at the latest.
     */
    kill(child, SIGKILL);
    waitpid(child, NULL, WNOHANG);
    return error;
}

bool nss_next(struct nss_answers *answers, struct nss_record *record, struct arena *memory,
              const char **name)
{
    size_t left = answers->length - answers->taken;

    if (left < sizeof *record)
        return false;
    memcpy(record, answers->bytes + answers->taken, sizeof *record);
    if (left - sizeof *record < record->length)
        return false;
    *name = arena_text(memory, (const char *)answers->bytes + answers->taken + sizeof *record,
                       record->length);
    answers->taken += sizeof *record + record->length;
    return *name != NULL;
}

int nss_find(struct nss_name *names, size_t count, struct deadline deadline, struct arena *memory)
{
    const struct nss_questions questions = {.names = names, .count = count};
    struct nss_answers answers = {.bytes = NULL};
    struct nss_record record;
    const char *name;
    int error = nss_ask(nss_child_run, &questions, deadline, &answers);

    while (error == 0 && nss_next(&answers, &record, memory, &name)) {
        names[record.index].outcome = record.outcome;
        names[record.index].known_as = name;
        names[record.index].id = record.id;
    }
    free(answers.bytes);
    return error;
}

/* Takes in one record about a login. */
static void take(const struct nss_record *record, const char *name, const struct policy *policy,
                 struct arena *memory, struct nss_login *login)
{
    switch (record->kind) {
    case NSS_SAID_NAME:
    case NSS_SAID_MEMBERS:
        break;
    case NSS_SAID_USER:
        login->outcome = record->outcome;
        login->name = name;
        login->uid = record->id;
        break;
    case NSS_SAID_MEMBER:
        login->in_group[record->index] = record->answer;
        if (record->answer == ANSWER_UNKNOWN && login->unanswered == NULL)
            login->unanswered = policy->groups.items[record->index];
        break;
    case NSS_SAID_GROUP:
        texts_add(memory, &login->names, (char *)name);
        break;
    case NSS_SAID_ALL:
        login->names_are_whole = true;
        break;
    case NSS_SAID_ERROR:
        login->error = (int)record->id;
        break;
    }
}

int nss_find_login(const struct policy *policy, struct nss_user user, struct deadline deadline,
                   struct arena *memory, struct nss_login *login)
{
    const struct nss_questions questions = {
        .policy = policy, .user = user.name, .by_uid = user.by_uid};
    struct nss_answers answers = {.bytes = NULL};
    struct nss_record record;
    const char *name;
    size_t i;
    int error;

    memset(login, 0, sizeof *login);
    login->in_group = arena_alloc(memory, policy->groups.count + 1, sizeof *login->in_group);
    if (login->in_group == NULL)
        return ENOMEM;
    for (i = 0; i < policy->groups.count; i++)
        login->in_group[i] = ANSWER_UNKNOWN;
    error = nss_ask(nss_child_run, &questions, deadline, &answers);
    while (error == 0 && nss_next(&answers, &record, memory, &name))
        take(&record, name, policy, memory, login);
    for (i = 0; login->unanswered == NULL && i < policy->groups.count; i++)
        if (login->in_group[i] == ANSWER_UNKNOWN)
            login->unanswered = policy->groups.items[i];
    free(answers.bytes);
    return memory->exhausted ? ENOMEM : error;
}
