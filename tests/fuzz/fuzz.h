/*
 * What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput; beside crashes,
 * which the sanitizers see, it looks for promises of the headers that do not hold.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_FUZZ_H
#define XACCT_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * libFuzzer calls them: https://llvm.org/docs/LibFuzzer.html. The first is for a target that has
 * something to prepare.
 */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/*
 * Counts an input that the code under test took: a target that refuses everything at its first byte
 * finds nothing. How many there were is said at exit, as "accepted N".
 */
void fuzz_accept(void);

/* Ends the run, saying which promise does not hold and where, unless it holds. */
#define PROMISE(holds) ((holds) ? (void)0 : fuzz_broken(#holds, __FILE__, __LINE__))
__attribute__((noreturn)) void fuzz_broken(const char *promise, const char *file, int line);

__attribute__((noreturn)) void fuzz_give_up(const char *what);

/* Stops the run where the rig, and not what it looks at, has failed. */
static inline void fuzz_need(bool done, const char *what)
{
    if (!done)
        fuzz_give_up(what);
}

/*
 * A copy of the bytes as a text, up to the first NUL, in memory of exactly that size, so that
 * reading past it is seen. The caller frees it.
 */
char *fuzz_text(const uint8_t *bytes, size_t length);

/* An input that is made of several pieces. */
struct fuzz_input {
    const uint8_t *bytes;
    size_t length;
};

/*
 * Takes what stands before the next `separator` (such as "\n"), or all that is left where none is.
 * Nothing left gives an empty piece.
 */
struct fuzz_input fuzz_take(struct fuzz_input *input, const char *separator);

/* As fuzz_take, as a text that the caller frees. */
char *fuzz_take_text(struct fuzz_input *input, const char *separator);

/* Whether all of the text is printable ASCII, as what goes to a log or to a terminal must be. */
bool fuzz_is_printable(const char *text);

/* Whether the text is NULL or has no byte but of `allowed`. */
bool fuzz_is_of(const char *text, const char *allowed);

/*
 * The path of a file with these bytes, which the next call of it writes anew: for what is only read
 * from files. The file lies in fuzz_folder().
 */
const char *fuzz_file(const char *name, const uint8_t *bytes, size_t length);

/* A folder of this run's own, that is gone at exit. */
const char *fuzz_folder(void);

#endif
