/*
 * Text built in memory that is wiped.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "xacct/complain.h"

#define FIRST_CAPACITY ((size_t)16 * 1024)

void *secret_pages(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        return NULL;
    /* Each as far as the limits and the kernel allow: a command that refused to run would help
     * nobody. */
    mlock(pages, size);
    madvise(pages, size, MADV_DONTDUMP);
    madvise(pages, size, MADV_DONTFORK);
    return pages;
}

void secret_pages_free(void *pages, size_t size)
{
    if (pages == NULL)
        return;
    explicit_bzero(pages, size);
    munmap(pages, size);
}

/* Makes room for `more` bytes and a NUL. */
static bool text_grow(struct text *text, size_t more)
{
    size_t needed = text->length + more + 1;
    size_t capacity = text->capacity > 0 ? text->capacity : FIRST_CAPACITY;
    char *bytes;

    if (text->failed)
        return false;
    if (text->bytes != NULL && needed <= text->capacity)
        return true;
    while (capacity < needed)
        capacity *= 2;
    bytes = secret_pages(capacity);
    if (bytes == NULL) {
        text->failed = true;
        return false;
    }
    if (text->bytes != NULL)
        memcpy(bytes, text->bytes, text->length);
    secret_pages_free(text->bytes, text->capacity);
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void text_add_bytes(struct text *text, const void *bytes, size_t count)
{
    if (!text_grow(text, count))
        return;
    memcpy(text->bytes + text->length, bytes, count);
    text->length += count;
    text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *more)
{
    text_add_bytes(text, more, strlen(more));
}

void text_addf(struct text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !text_grow(text, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void text_add_quoted(struct text *text, const char *word)
{
    size_t plain;

    text_add(text, "'");
    for (; *word != '\0'; word += plain) {
        plain = strcspn(word, "'");
        text_add_bytes(text, word, plain);
        if (word[plain] == '\'') {
            text_add(text, "'\\''");
            plain++;
        }
    }
    text_add(text, "'");
}

void text_pad(struct text *text, size_t count)
{
    while (count-- > 0)
        text_add_bytes(text, " ", 1);
}

int text_print(const struct text *text)
{
    size_t written = 0;

    if (text->failed) {
        complain("not enough memory for the answer: end some programs and try again");
        return 1;
    }
    while (written < text->length) {
        ssize_t n = write(STDOUT_FILENO, text->bytes + written, text->length - written);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            complain("standard output takes nothing: %s", strerror(errno));
            return 1;
        }
        written += (size_t)n;
    }
    return 0;
}

void text_free(struct text *text)
{
    secret_pages_free(text->bytes, text->capacity);
    *text = (struct text)TEXT_EMPTY;
}
