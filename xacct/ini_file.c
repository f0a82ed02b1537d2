/*
 * Files of the user's, read with patience for what stands in them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/ini_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xacct/text.h"

#define FILE_MOST ((size_t)1024 * 1024)
#define BLANKS    " \t\r"

/* Reads up to `size` bytes; returns how many there were. */
static size_t read_all(int fd, char *bytes, size_t size)
{
    size_t length = 0;

    while (length < size) {
        ssize_t n = read(fd, bytes + length, size - length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        length += (size_t)n;
    }
    return length;
}

bool lines_open(struct lines *lines, const char *path)
{
    struct stat status;
    /* Not waiting for whoever would write into a FIFO. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    *lines = (struct lines){.bytes = NULL};
    if (fd < 0)
        return false;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (size_t)status.st_size <= FILE_MOST) {
        lines->size = (size_t)status.st_size + 1;
        lines->bytes = secret_pages(lines->size);
        if (lines->bytes != NULL)
            lines->bytes[read_all(fd, lines->bytes, lines->size - 1)] = '\0';
    }
    close(fd);
    lines->next = lines->bytes;
    return lines->bytes != NULL;
}

char *lines_next(struct lines *lines)
{
    char *line = lines->next, *end;

    if (line == NULL || *line == '\0')
        return NULL;
    end = strchr(line, '\n');
    if (end != NULL)
        *end = '\0';
    lines->next = end != NULL ? end + 1 : NULL;
    lines->number++;
    return line;
}

void lines_close(struct lines *lines)
{
    secret_pages_free(lines->bytes, lines->size);
    lines->bytes = NULL;
}

bool ini_open(struct ini *ini, const char *path)
{
    ini->line = (struct ini_line){.section = ""};
    return lines_open(&ini->lines, path);
}

/* Cuts the blanks off the end. */
static char *trim(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && strchr(BLANKS, text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

bool ini_next(struct ini *ini)
{
    char *line;

    while ((line = lines_next(&ini->lines)) != NULL) {
        char *start = line + strspn(line, BLANKS), *equals;

        ini->line.indented = start != line;
        if (*start == '\0' || *start == '#' || *start == ';')
            continue;
        if (*start == '[') {
            char *end = strrchr(start, ']');

            if (end != NULL)
                *end = '\0';
            ini->line.section = trim(start + 1 + strspn(start + 1, BLANKS));
            ini->line.key = NULL;
            return true;
        }
        equals = strchr(start, '=');
        if (equals == NULL)
            continue;
        *equals = '\0';
        ini->line.key = trim(start);
        ini->line.value = trim(equals + 1 + strspn(equals + 1, BLANKS));
        return true;
    }
    return false;
}

void ini_close(struct ini *ini)
{
    lines_close(&ini->lines);
}
