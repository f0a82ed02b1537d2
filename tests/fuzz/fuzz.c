/*
 * The rig of the fuzz targets.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned long accepted;
static char folder[64];

static void say_how_many(void)
{
    fprintf(stderr, "accepted %lu\n", accepted);
}

void fuzz_accept(void)
{
    if (accepted++ == 0)
        atexit(say_how_many);
}

void fuzz_broken(const char *promise, const char *file, int line)
{
    fprintf(stderr, "%s:%d: a promise does not hold: %s\n", file, line, promise);
    abort();
}

void fuzz_give_up(const char *what)
{
    perror(what);
    _exit(70);
}

char *fuzz_text(const uint8_t *bytes, size_t length)
{
    size_t used = length > 0 ? strnlen((const char *)bytes, length) : 0;
    char *text = malloc(used + 1);

    fuzz_need(text != NULL, "malloc");
    if (used > 0)
        memcpy(text, bytes, used);
    text[used] = '\0';
    return text;
}

struct fuzz_input fuzz_take(struct fuzz_input *input, const char *separator)
{
    size_t width = strlen(separator);
    const uint8_t *found =
        input->length > 0 ? memmem(input->bytes, input->length, separator, width) : NULL;
    struct fuzz_input piece = *input;

    if (found == NULL) {
        input->length = 0;
        return piece;
    }
    piece.length = (size_t)(found - input->bytes);
    input->bytes = found + width;
    input->length -= piece.length + width;
    return piece;
}

char *fuzz_take_text(struct fuzz_input *input, const char *separator)
{
    struct fuzz_input piece = fuzz_take(input, separator);

    return fuzz_text(piece.bytes, piece.length);
}

bool fuzz_is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

bool fuzz_is_of(const char *text, const char *allowed)
{
    return text == NULL || text[strspn(text, allowed)] == '\0';
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static void remove_folder(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
    if (folder[0] != '\0')
        return folder;
    strcpy(folder, "/tmp/xacct-fuzz-XXXXXX");
    fuzz_need(mkdtemp(folder) != NULL, folder);
    atexit(remove_folder);
    return folder;
}

const char *fuzz_file(const char *name, const uint8_t *bytes, size_t length)
{
    static char path[PATH_MAX];
    int fd;

    snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz_need(fd >= 0 && write(fd, bytes, length) == (ssize_t)length && close(fd) == 0, path);
    return path;
}
