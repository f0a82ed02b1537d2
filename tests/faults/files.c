/*
 * Reading, writing, opening, and what else is done with files, that fails.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/faults/wrapped.h"

/* Of a stream that has met an error: _IO_ERR_SEEN, which every program compiled with glibc's
 * ferror_unlocked macro knows. */
#define STREAM_ERROR 0x20

/*
 * Defines a function that opens a file, with its parameters in parentheses and again as they are
 * passed on. The mode is there only where the call may make a file; else 0 is passed.
 */
#define OPENS(name, parameters, ...)                                                               \
    SHOWN int name parameters                                                                      \
    {                                                                                              \
        static __typeof__(&(name)) real;                                                           \
        mode_t mode = 0;                                                                           \
                                                                                                   \
        if (plan_strikes(KIND_OPEN, #name, EMFILE, CALLER))                                        \
            return -1;                                                                             \
        if ((flags & (O_CREAT | O_TMPFILE)) != 0) {                                                \
            va_list rest;                                                                          \
                                                                                                   \
            va_start(rest, flags);                                                                 \
            mode = va_arg(rest, mode_t);                                                           \
            va_end(rest);                                                                          \
        }                                                                                          \
        FIND_REAL(real, #name);                                                                    \
        return real(__VA_ARGS__, mode);                                                            \
    }

OPENS(open, (const char *path, int flags, ...), path, flags)
OPENS(open64, (const char *path, int flags, ...), path, flags)
OPENS(openat, (int folder, const char *path, int flags, ...), folder, path, flags)
OPENS(openat64, (int folder, const char *path, int flags, ...), folder, path, flags)

WRAPPED(int, __open_2, (const char *path, int flags), (path, flags), KIND_OPEN, EMFILE, -1)
WRAPPED(int, __openat_2, (int folder, const char *path, int flags), (folder, path, flags),
        KIND_OPEN, EMFILE, -1)
WRAPPED(FILE *, fopen, (const char *path, const char *mode), (path, mode), KIND_OPEN, EMFILE, NULL)
WRAPPED(FILE *, fopen64, (const char *path, const char *mode), (path, mode), KIND_OPEN, EMFILE,
        NULL)
WRAPPED(FILE *, fdopen, (int fd, const char *mode), (fd, mode), KIND_OPEN, ENOMEM, NULL)
WRAPPED(FILE *, fmemopen, (void *memory, size_t size, const char *mode), (memory, size, mode),
        KIND_OPEN, ENOMEM, NULL)
WRAPPED(FILE *, open_memstream, (char **memory, size_t *size), (memory, size), KIND_OPEN, ENOMEM,
        NULL)
WRAPPED(DIR *, opendir, (const char *path), (path), KIND_OPEN, EMFILE, NULL)
WRAPPED(DIR *, fdopendir, (int fd), (fd), KIND_OPEN, ENOMEM, NULL)

WRAPPED_SIZED(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size), KIND_READ, EIO,
              -1)
WRAPPED_SIZED(ssize_t, pread, (int fd, void *bytes, size_t size, off_t from),
              (fd, bytes, size, from), KIND_READ, EIO, -1)
WRAPPED_SIZED(ssize_t, __read_chk, (int fd, void *bytes, size_t size, size_t room),
              (fd, bytes, size, room), KIND_READ, EIO, -1)
WRAPPED_SIZED(ssize_t, __pread_chk, (int fd, void *bytes, size_t size, off_t from, size_t room),
              (fd, bytes, size, from, room), KIND_READ, EIO, -1)
WRAPPED_SIZED(ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size),
              KIND_WRITE, ENOSPC, -1)

/* A stream that could not be read or written says so afterwards. */
#define STREAM_FAILS(name, stream, kind, error, failure)                                           \
    do {                                                                                           \
        if (plan_strikes(kind, name, error, CALLER)) {                                             \
            (stream)->_flags |= STREAM_ERROR;                                                      \
            return failure;                                                                        \
        }                                                                                          \
    } while (0)

SHOWN char *fgets(char *text, int size, FILE *stream)
{
    static char *(*real)(char *, int, FILE *);

    STREAM_FAILS("fgets", stream, KIND_READ, EIO, NULL);
    FIND_REAL(real, "fgets");
    return real(text, size, stream);
}

SHOWN size_t fread(void *bytes, size_t size, size_t count, FILE *stream)
{
    static size_t (*real)(void *, size_t, size_t, FILE *);

    STREAM_FAILS("fread", stream, KIND_READ, EIO, 0);
    FIND_REAL(real, "fread");
    return real(bytes, size, count, stream);
}

SHOWN ssize_t __getdelim(char **line, size_t *size, int end, FILE *stream)
{
    static ssize_t (*real)(char **, size_t *, int, FILE *);

    STREAM_FAILS("getline", stream, KIND_READ, EIO, -1);
    FIND_REAL(real, "__getdelim");
    return real(line, size, end, stream);
}

SHOWN size_t fwrite(const void *bytes, size_t size, size_t count, FILE *stream)
{
    static size_t (*real)(const void *, size_t, size_t, FILE *);

    STREAM_FAILS("fwrite", stream, KIND_WRITE, ENOSPC, 0);
    FIND_REAL(real, "fwrite");
    return real(bytes, size, count, stream);
}

/* What was written is lost, and the stream is gone. */
SHOWN int fclose(FILE *stream)
{
    static int (*real)(FILE *);
    const bool struck = plan_strikes(KIND_WRITE, "fclose", ENOSPC, CALLER);
    const int error = errno;

    FIND_REAL(real, "fclose");
    if (!struck)
        return real(stream);
    (void)real(stream);
    errno = error;
    return EOF;
}

WRAPPED(struct dirent *, readdir, (DIR * folder), (folder), KIND_FILE, EIO, NULL)
WRAPPED(int, stat, (const char *path, struct stat *status), (path, status), KIND_FILE, EIO, -1)
WRAPPED(int, fstat, (int fd, struct stat *status), (fd, status), KIND_FILE, EIO, -1)
WRAPPED(int, fstatat, (int folder, const char *path, struct stat *status, int flags),
        (folder, path, status, flags), KIND_FILE, EIO, -1)
WRAPPED(int, faccessat, (int folder, const char *path, int mode, int flags),
        (folder, path, mode, flags), KIND_FILE, EIO, -1)
WRAPPED(int, fsync, (int fd), (fd), KIND_FILE, EIO, -1)
WRAPPED(int, fdatasync, (int fd), (fd), KIND_FILE, EIO, -1)
WRAPPED(int, fchmod, (int fd, mode_t mode), (fd, mode), KIND_FILE, EROFS, -1)
WRAPPED(int, chmod, (const char *path, mode_t mode), (path, mode), KIND_FILE, EROFS, -1)
WRAPPED(int, mkdir, (const char *path, mode_t mode), (path, mode), KIND_FILE, ENOSPC, -1)
WRAPPED(int, ftruncate, (int fd, off_t length), (fd, length), KIND_FILE, EIO, -1)
WRAPPED(int, rename, (const char *from, const char *to), (from, to), KIND_FILE, ENOSPC, -1)
WRAPPED(int, renameat, (int from_folder, const char *from, int to_folder, const char *to),
        (from_folder, from, to_folder, to), KIND_FILE, ENOSPC, -1)
WRAPPED(int, renameat2,
        (int from_folder, const char *from, int to_folder, const char *to, unsigned flags),
        (from_folder, from, to_folder, to, flags), KIND_FILE, ENOSPC, -1)
WRAPPED(int, unlink, (const char *path), (path), KIND_FILE, EROFS, -1)
WRAPPED(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), KIND_FILE,
        EROFS, -1)
