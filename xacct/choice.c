/*
 * Choosing: fzf, or numbers.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/choice.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xacct/complain.h"
#include "xacct/terminal.h"
#include "xacct/text.h"

#define TRIES        3
#define CHOSEN_MOST  4096 /* bytes of what fzf prints */
#define PROGRAM_SIZE 4096

/* Finds fzf in an absolute folder of PATH. */
static bool find_fzf(char *program, size_t size)
{
    const char *path = getenv("PATH");

    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");

        if (path[0] == '/' && snprintf(program, size, "%.*s/fzf", (int)length, path) < (int)size &&
            access(program, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

/* Appends one role as a line: its columns, for a person. */
static void add_role(struct text *text, const struct role *role, size_t name_width)
{
    size_t width = shown_add(text, role->name, 0);

    text_pad(text, name_width > width ? name_width - width : 0);
    text_add(text, "  ");
    if (role->account != NULL)
        shown_add(text, role->account, 0);
    text_add(text, " (");
    shown_add(text, role->account_id != NULL ? role->account_id : "?", 0);
    text_add(text, ")");
    if (role->description != NULL) {
        text_add(text, "  ");
        shown_add(text, role->description, 0);
    }
    if (role_is_current(role))
        text_add(text, "  *");
    text_add(text, "\n");
}

static size_t widest_name(const struct roles *roles)
{
    size_t i, widest = 0;

    for (i = 0; i < roles->count; i++) {
        size_t width = shown_width(roles->all[i].name);

        if (width > widest)
            widest = width;
    }
    return widest;
}

static char *copy_name(const struct role *role)
{
    char *name = strdup(role->name);

    if (name == NULL)
        complain("not enough memory: end some programs and try again");
    return name;
}

static void write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        bytes += n;
        length -= (size_t)n;
    }
}

/* In the child: fzf between the two pipes. It talks to /dev/tty by itself. */
static void become_fzf(const char *program, int in, int out)
{
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
        execl(program, "fzf", "--prompt", "role> ", "--no-multi", "--delimiter", "\t", "--with-nth",
              "2..", "--height", "40%", "--layout", "reverse", (char *)NULL);
    _exit(127);
}

/* Hands the list to fzf, each line with the role's number in front, which is not shown. */
static void feed_fzf(int fd, const struct roles *roles)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    struct text text = TEXT_EMPTY;
    size_t i, width = widest_name(roles);

    for (i = 0; i < roles->count; i++) {
        text_addf(&text, "%zu\t", i);
        add_role(&text, &roles->all[i], width);
    }
    /* fzf may end before it has read everything. */
    sigaction(SIGPIPE, &ignore, &before);
    if (!text.failed)
        write_all(fd, text.bytes, text.length);
    sigaction(SIGPIPE, &before, NULL);
    text_free(&text);
}

/* The role in the last line that fzf printed: its user's options may make it print more. */
static const struct role *read_choice(int fd, const struct roles *roles)
{
    char chosen[CHOSEN_MOST + 1], *line = chosen, *end;
    size_t length = 0;
    ssize_t n;
    unsigned long number;

    while (length < CHOSEN_MOST) {
        n = read(fd, chosen + length, CHOSEN_MOST - length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        length += (size_t)n;
    }
    chosen[length] = '\0';
    while ((end = strchr(line, '\n')) != NULL && end[1] != '\0')
        line = end + 1;
    number = strtoul(line, &end, 10);
    if (end == line || *end != '\t' || number >= roles->count)
        return NULL;
    return &roles->all[number];
}

/* Lets the user choose in fzf. Returns false when it could not be started. */
static bool choose_in_fzf(const char *program, const struct roles *roles,
                          const struct role **chosen)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, status = 0;
    pid_t pid = -1;

    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0)
        pid = fork();
    if (pid == 0)
        become_fzf(program, in[0], out[1]);
    if (in[0] >= 0)
        close(in[0]);
    if (out[1] >= 0)
        close(out[1]);
    if (pid > 0)
        feed_fzf(in[1], roles);
    if (in[1] >= 0)
        close(in[1]);
    if (pid > 0) {
        *chosen = read_choice(out[0], roles);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            *chosen = NULL;
    }
    if (out[0] >= 0)
        close(out[0]);
    return pid > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}

static void interrupted(int number)
{
    (void)number;
}

/*
 * Reads a line, without its newline, waiting under `mask`. Returns false at an end, an error, or a
 * signal.
 */
static bool read_line(int tty, const sigset_t *mask, char *line, size_t size)
{
    struct pollfd waited = {.fd = tty, .events = POLLIN};
    ssize_t n;

    if (ppoll(&waited, 1, NULL, mask) < 0)
        return false;
    n = read(tty, line, size - 1);
    if (n <= 0)
        return false;
    line[n] = '\0';
    line[strcspn(line, "\n")] = '\0';
    return true;
}

static const struct role *role_of_answer(const struct roles *roles, const char *answer)
{
    const struct role *role = roles_find(roles, answer);
    unsigned long number;
    char *end;

    if (role != NULL)
        return role;
    number = strtoul(answer, &end, 10);
    if (answer[0] < '1' || answer[0] > '9' || *end != '\0' || number > roles->count)
        return NULL;
    return &roles->all[number - 1];
}

/* Asks a few times; what stands before the question is in *text. */
static const struct role *ask(int tty, const sigset_t *mask, const struct roles *roles,
                              struct text *text)
{
    const struct role *chosen = NULL;
    char line[256];
    int tries;

    for (tries = 0; tries < TRIES && chosen == NULL; tries++) {
        text_add(text, "Which role, by number or name (none: Enter)? ");
        if (text->failed)
            break;
        write_all(tty, text->bytes, text->length);
        text_free(text);
        if (!read_line(tty, mask, line, sizeof line) || line[0] == '\0')
            break;
        chosen = role_of_answer(roles, line);
        if (chosen == NULL)
            text_add(text, "There is no such role in the list.\n");
    }
    return chosen;
}

/* Lets the user choose by number or name. */
static const struct role *choose_by_number(int tty, const struct roles *roles)
{
    struct sigaction stop = {.sa_handler = interrupted}, handled;
    struct text text = TEXT_EMPTY;
    size_t i, width = widest_name(roles);
    const struct role *chosen;
    sigset_t interrupt, before;

    for (i = 0; i < roles->count; i++) {
        text_addf(&text, "%3zu  ", i + 1);
        add_role(&text, &roles->all[i], width);
    }
    /* ^C ends the wait and nothing else, so that the shell round us sees exit status 1. It is let
     * in during the wait alone, or one that came a moment before would be lost. */
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigprocmask(SIG_BLOCK, &interrupt, &before);
    sigaction(SIGINT, &stop, &handled);
    chosen = ask(tty, &before, roles, &text);
    sigaction(SIGINT, &handled, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    text_free(&text);
    return chosen;
}

char *choose_role(const struct roles *roles)
{
    char program[PROGRAM_SIZE];
    const struct role *chosen = NULL;
    char *name = NULL;
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (tty < 0) {
        complain("there is no terminal to choose a role at: name one of those that xacct list "
                 "shows, as in xacct switch ROLE");
        return NULL;
    }
    setlocale(LC_CTYPE, "");
    if (!find_fzf(program, sizeof program) || !choose_in_fzf(program, roles, &chosen))
        chosen = choose_by_number(tty, roles);
    if (chosen == NULL)
        complain("no role was chosen: everything stays as it is");
    else
        name = copy_name(chosen);
    close(tty);
    return name;
}
