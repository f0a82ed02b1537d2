/*
 * Small files that hold a secret.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/secret_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "helper/credentials.h"

#define ATTEMPTS 3 /* an editor's save is over in far less */

static int read_once(const char *path, const struct trust *trust, struct secret *text, char *why,
                     size_t why_size)
{
    char shown[ESCAPE_MAX];
    size_t size = 0;
    int fd = trusted_open(path, trust, &size, why, why_size), error;

    if (fd < 0)
        return errno;
    error = secret_new(text, size);
    if (error == 0)
        error = trusted_read(fd, text->bytes, size);
    close(fd);
    if (error != 0) {
        secret_free(text);
        snprintf(why, why_size, "cannot read %s: %s", escape(shown, sizeof shown, path),
                 error == EAGAIN   ? "it was changed meanwhile"
                 : error == ENOMEM ? "there is no secret memory left"
                                   : strerror(error));
    }
    return error;
}

int secret_file_read_under(const char *path, const struct trust *trust, struct secret *text,
                           char *why, size_t why_size)
{
    int error = EAGAIN, attempt;

    *text = (struct secret){0};
    for (attempt = 0; attempt < ATTEMPTS && error == EAGAIN; attempt++)
        error = read_once(path, trust, text, why, why_size);
    return error;
}

int secret_file_read(const char *path, gid_t group, size_t largest, struct secret *text, char *why,
                     size_t why_size)
{
    const struct trust trust = {.group = group, .own_is_fine = true, .largest = largest};

    return secret_file_read_under(path, &trust, text, why, why_size);
}

int secret_file_word(const char *path, gid_t group, size_t shortest, size_t longest,
                     struct secret *word, char *why, size_t why_size)
{
    char shown[ESCAPE_MAX];
    int error = secret_file_read(path, group, longest + sizeof "\r\n" - 1, word, why, why_size);
    size_t end;

    if (error != 0)
        return error;
    for (end = word->length; end > 0; end--) {
        if (word->bytes[end - 1] != '\n' && word->bytes[end - 1] != '\r')
            break;
        word->bytes[end - 1] = '\0';
    }
    word->length = end;
    if (end >= shortest && end <= longest && credentials_secret_valid(word))
        return 0;
    snprintf(why, why_size,
             "%s holds %zu bytes that are not one word of %zu to %zu visible characters",
             escape(shown, sizeof shown, path), end, shortest, longest);
    secret_free(word);
    return EINVAL;
}
