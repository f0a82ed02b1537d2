/*
 * What of the user's own variables and files makes programs use something else than the role of
 * this shell: named, with what to do, and never changed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_OBSTACLES_H
#define XACCT_XACCT_OBSTACLES_H

#include <stdbool.h>
#include <stddef.h>

#define OBSTACLES_MOST 32

/* One thing in the way. All three are escaped and the obstacles' own. */
struct obstacle {
    char where[512];   /* a variable, or a file and line */
    char what[512];    /* what it does */
    char advice[1024]; /* what to do about it */
};

struct obstacles {
    bool by_process;  /* the role is delivered by credential_process, not by keys */
    const char *role; /* of this shell; a profile that xacct made for it is not in the way */
    struct obstacle *all;
    size_t count; /* OBSTACLES_MOST at most: further ones can wait until these are gone */
};

/*
 * Looks at the environment, the AWS config and credentials files, the kubeconfig and the git
 * repository of the working folder. `by_process` and `role` are filled in before; the caller ends
 * it with obstacles_free.
 */
void obstacles_find(struct obstacles *obstacles);

void obstacles_free(struct obstacles *obstacles);

/* Adds one for the parts below. The pieces that are not ours have been escaped. */
__attribute__((format(printf, 4, 5))) void obstacle_add(struct obstacles *obstacles,
                                                        const char *where, const char *what,
                                                        const char *advice, ...);

/* Whether a profile is one that gets this shell's role: "default", or xacct's own for the role. */
bool profile_is_ours(const struct obstacles *obstacles, const char *profile);

/*
 * The path of a file of the user's: what `variable` holds ("" when there is none for it), or else
 * `name` in the home folder; a leading "~/" is HOME. False when it cannot be told.
 */
bool user_file(const char *variable, const char *name, char *path, size_t size);

/* Writes "PATH:LINE", or the path alone for line 0, escaped. Returns `out`. */
char *file_and_line(char *out, size_t size, const char *path, unsigned line);

/* The parts, each for one kind of file. */
void obstacles_in_aws_files(struct obstacles *obstacles);
void obstacles_in_kubeconfig(struct obstacles *obstacles);
void obstacles_in_git_config(struct obstacles *obstacles);

#endif
