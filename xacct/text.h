/*
 * Text that is built as a whole and then written as a whole, so that a shell that evaluates it
 * never sees half of it. It may hold keys: its memory is locked where the limits allow it, kept out
 * of core dumps, and overwritten when it is given up.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_TEXT_H
#define XACCT_XACCT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *bytes;     /* NUL-terminated once something was added; NULL before */
    size_t length;   /* bytes in use, without the NUL */
    size_t capacity; /* bytes at `bytes` */
    bool failed;     /* something did not fit into memory: the text is not to be used */
};

#define TEXT_EMPTY                                                                                 \
    {                                                                                              \
        .bytes = NULL                                                                              \
    }

/*
 * Memory for a secret of `size` bytes, zero: locked where possible, never in a core dump, not
 * inherited by a forked child. NULL when there is none.
 */
void *secret_pages(size_t size);

/* Overwrites and gives back what secret_pages returned, of that size. NULL is fine. */
void secret_pages_free(void *pages, size_t size);

/* Appends; when memory runs out the text is marked as failed and text_print says so. */
void text_add(struct text *text, const char *more);
void text_add_bytes(struct text *text, const void *bytes, size_t count);
__attribute__((format(printf, 2, 3))) void text_addf(struct text *text, const char *format, ...);

/* Appends a word for a shell. Source: POSIX 2.2.2, where between single quotes everything is itself
 * but the quote. */
void text_add_quoted(struct text *text, const char *word);

/* Appends `count` blanks. */
void text_pad(struct text *text, size_t count);

/*
 * Writes the text to standard output. Returns the exit status for it: 0, or 1 after a complaint
 * (not enough memory, or what write(2) says).
 */
int text_print(const struct text *text);

/* Overwrites what the text holds; it is empty afterwards. */
void text_free(struct text *text);

#endif
