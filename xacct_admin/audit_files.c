/*
 * Finding the audit file's predecessors, by their names.
 *
 * A rotation renames all files, one after the other, and compresses some. So they are listed,
 * opened and listed once more, until nothing has changed meanwhile: what is open then is all there
 * is, each once, whatever it is called later.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/audit_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/escape.h"

#define DIGITS "0123456789"

#define TRIES          20
#define NUMBER_LONGEST ((size_t)5) /* digits */
#define DATE_SHORTEST  ((size_t)6)

/* The file's clock and that of its lines differ by a tick of the kernel's. */
#define SLACK 2 /* seconds */

/* Where the files are looked for. */
struct place {
    char *shown;      /* the folder as it was given, with its slash; "" where none was */
    char *folder;     /* the same to open: "." */
    const char *name; /* of the current file */
    size_t stem;      /* bytes of it before its last part, as of "audit" in "audit.jsonl" */
    const char *end;  /* the last part, ".jsonl", or "" */
};

/* How programs that logrotate may be told to compress with name their files. */
static const char *const compressions[] = {".gz",  ".xz",   ".zst", ".bz2",
                                           ".lz4", ".lzma", ".Z",   ".zip"};

static bool ends_with(const char *text, size_t length, const char *end)
{
    size_t end_length = strlen(end);

    return length >= end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

/* Finds the compression that a name of *length bytes ends in, and takes it off. Or NULL. */
static const char *take_compression(const char *name, size_t *length)
{
    size_t i;

    for (i = 0; i < sizeof compressions / sizeof *compressions; i++)
        if (ends_with(name, *length, compressions[i])) {
            *length -= strlen(compressions[i]);
            return compressions[i];
        }
    return NULL;
}

/*
 * Whether these bytes are what logrotate puts into a name, by whatever dateformat; says which
 * series that makes.
 */
static bool find_series(const char *part, size_t length, enum audit_series *series)
{
    size_t digits = 0, i;

    for (i = 0; i < length; i++) {
        if (strchr("-._" DIGITS, part[i]) == NULL)
            return false;
        digits += part[i] >= '0' && part[i] <= '9';
    }
    *series = part[0] == '.' && digits == length - 1 && digits <= NUMBER_LONGEST ? AUDIT_NUMBERED
                                                                                 : AUDIT_DATED;
    return digits >= (*series == AUDIT_NUMBERED ? 1 : DATE_SHORTEST);
}

/*
 * Reads a name of the folder: whether it is one of ours, and then which. Sets *compression. Names
 * that have the current one before them and are not understood set *odd.
 */
static bool read_name(const struct place *place, const char *name, struct audit_file *file,
                      const char **compression, bool *odd)
{
    size_t length = strlen(name), whole = strlen(place->name);
    size_t from = 0, end_length = strlen(place->end);

    *compression = NULL;
    *odd = false;
    if (strcmp(name, place->name) == 0) {
        file->series = AUDIT_CURRENT;
        file->part = strdup("");
        return true;
    }
    *compression = take_compression(name, &length);
    if (length > whole && memcmp(name, place->name, whole) == 0) {
        from = whole;
        *odd = true;
    } else if (length > whole && place->stem > 0 && ends_with(name, length, place->end) &&
               memcmp(name, place->name, place->stem) == 0) {
        from = place->stem;
        length -= end_length;
    } else {
        return false;
    }
    if (!find_series(name + from, length - from, &file->series))
        return false;
    *odd = false;
    file->part = strndup(name + from, length - from);
    return true;
}

/*
 * Oldest first. Who has changed from numbers to dates has older numbers, and the other way round:
 * *series says which come first.
 */
static int compare(const void *left, const void *right, void *series)
{
    const struct audit_file *a = left, *b = right;
    const enum audit_series *first = series;
    size_t a_length = strlen(a->part), b_length = strlen(b->part);
    int order;

    if (a->series != b->series)
        return a->series == *first || b->series == AUDIT_CURRENT ? -1 : 1;
    if (a->series == AUDIT_NUMBERED && a_length != b_length)
        return a_length > b_length ? -1 : 1;
    order = strcmp(a->part, b->part);
    if (order == 0)
        return a->compressed - b->compressed;
    return a->series == AUDIT_NUMBERED ? -order : order;
}

static void sort(struct audit_files *files)
{
    time_t newest[] = {[AUDIT_NUMBERED] = 0, [AUDIT_DATED] = 0, [AUDIT_CURRENT] = 0};
    enum audit_series first;
    size_t i;

    for (i = 0; i < files->count; i++)
        if (files->items[i].written > newest[files->items[i].series])
            newest[files->items[i].series] = files->items[i].written;
    first = newest[AUDIT_NUMBERED] <= newest[AUDIT_DATED] ? AUDIT_NUMBERED : AUDIT_DATED;
    if (files->count > 1)
        qsort_r(files->items, files->count, sizeof *files->items, compare, &first);
}

static void file_close(struct audit_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    free(file->part);
}

void audit_files_close(struct audit_files *files)
{
    size_t i;

    for (i = 0; i < files->count; i++)
        file_close(&files->items[i]);
    free(files->items);
    *files = (struct audit_files){.items = NULL};
}

/* Adds a file, which becomes the list's, or is closed where there is no memory: ENOMEM. */
static int add(struct audit_files *files, struct audit_file *file)
{
    struct audit_file *items;

    if (file->path == NULL || file->part == NULL) {
        file_close(file);
        return ENOMEM;
    }
    items = realloc(files->items, (files->count + 1) * sizeof *items);
    if (items == NULL) {
        file_close(file);
        return ENOMEM;
    }
    files->items = items;
    files->items[files->count++] = *file;
    return 0;
}

/* Why an entry of the folder that is called as ours are is not read; NULL where it is. */
static const char *find_obstacle(bool understood, const char *compression)
{
    if (!understood)
        return "it is not read, as its name is none that logrotate gives";
    if (compression != NULL && strcmp(compression, ".gz") != 0)
        return "it is not read, as of compressed files only those of gzip are: unpack it";
    return NULL;
}

/* Takes one entry of the folder, if it is ours. Returns 0 or ENOMEM. */
static int take_entry(const struct place *place, int folder, const char *name,
                      audit_files_tell *tell, const void *argument, struct audit_files *files)
{
    struct audit_file file = {.fd = -1};
    const char *compression, *obstacle;
    struct stat status;
    bool odd, understood = read_name(place, name, &file, &compression, &odd);

    if (!understood && !odd)
        return 0;
    if (asprintf(&file.path, "%s%s", place->shown, name) < 0)
        file.path = NULL;
    obstacle = find_obstacle(understood, compression);
    if (obstacle != NULL && tell != NULL && file.path != NULL)
        tell(argument, file.path, obstacle);
    /* One that is gone again has another name by now, which the next listing shows. */
    if (obstacle != NULL || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        file_close(&file);
        return 0;
    }
    file.compressed = compression != NULL;
    file.device = status.st_dev;
    file.inode = status.st_ino;
    file.written = status.st_mtime;
    return add(files, &file);
}

/* Takes out the file at `i`. */
static void drop(struct audit_files *files, size_t i)
{
    file_close(&files->items[i]);
    memmove(&files->items[i], &files->items[i + 1], (files->count - i - 1) * sizeof *files->items);
    files->count--;
}

/* Whether two files that follow each other are the same, or the same before and after gzip. */
static bool are_doubles(const struct audit_file *a, const struct audit_file *b)
{
    return (a->device == b->device && a->inode == b->inode) ||
           (a->series == b->series && strcmp(a->part, b->part) == 0);
}

/* While gzip is at work there are both, of which the one that it reads is whole, and comes first.
 */
static void drop_doubles(struct audit_files *files)
{
    size_t i;

    for (i = 1; i < files->count;)
        if (are_doubles(&files->items[i - 1], &files->items[i]))
            drop(files, i);
        else
            i++;
}

/* Lists the files, oldest first; none is open yet. Returns 0 or an errno. */
static int list(const struct place *place, audit_files_tell *tell, const void *argument,
                struct audit_files *files)
{
    DIR *folder = opendir(place->folder);
    const struct dirent *entry;
    int error = 0;

    if (folder == NULL)
        return errno;
    while (error == 0) {
        errno = 0;
        entry = readdir(folder);
        if (entry == NULL) {
            error = errno;
            break;
        }
        error = take_entry(place, dirfd(folder), entry->d_name, tell, argument, files);
    }
    closedir(folder);
    sort(files);
    drop_doubles(files);
    return error;
}

static bool same_listing(const struct audit_files *a, const struct audit_files *b)
{
    size_t i;

    if (a->count != b->count)
        return false;
    for (i = 0; i < a->count; i++)
        if (strcmp(a->items[i].path, b->items[i].path) != 0 ||
            a->items[i].device != b->items[i].device || a->items[i].inode != b->items[i].inode)
            return false;
    return true;
}

/* Opens one. Returns 0; ESTALE where another has its name by now; or an errno. */
static int open_one(struct audit_file *file)
{
    struct stat status;

    file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (file->fd < 0)
        return errno == ENOENT ? ESTALE : errno;
    if (fstat(file->fd, &status) != 0)
        return errno;
    if (status.st_dev != file->device || status.st_ino != file->inode)
        return ESTALE;
    return S_ISREG(status.st_mode) ? 0 : EINVAL;
}

/* Opens those that may hold lines from `since` on. Returns 0 or an errno, and then which in *at. */
static int open_all(struct audit_files *files, time_t since, size_t *at)
{
    int error = 0;

    for (*at = 0; *at < files->count && error == 0; ++*at)
        if (files->items[*at].written + SLACK >= since)
            error = open_one(&files->items[*at]);
    if (error != 0)
        --*at;
    return error;
}

/* What is wrong, and what is to be done. */
static void explain(int error, const char *path, char *why, size_t why_size)
{
    static const struct {
        int error;
        const char *says;
    } reasons[] = {
        {ENOENT, "is not there, nor any that was rotated: nothing was written yet, or it stands "
                 "elsewhere: name it with --audit"},
        {EACCES, "may be read by root and the helper's user alone: run it as root"},
        {ELOOP, "is a symbolic link, which is not followed, as the helper writes through none: "
                "name the file itself with --audit"},
        {EINVAL, "is no file: name the audit file with --audit"},
        {EMFILE, "and its predecessors are more files than may be open at once: raise the limit "
                 "(ulimit -n), or read less with --since"},
        {EAGAIN, "was rotated again and again while it was opened: try again when logrotate is "
                 "done"},
    };
    char shown[ESCAPE_MAX];
    size_t i;

    escape(shown, sizeof shown, path);
    for (i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].error == error) {
            snprintf(why, why_size, "the audit file %s %s", shown, reasons[i].says);
            return;
        }
    snprintf(why, why_size, "the audit file %s cannot be read: %s", shown, strerror(error));
}

/* Allows as many open files as may be: one a day for ten years is more than is usual. */
static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Returns 0 or ENOMEM. */
static int find_place(const char *path, struct place *place)
{
    const char *slash = strrchr(path, '/');
    const char *dot;

    place->name = slash != NULL ? slash + 1 : path;
    dot = strrchr(place->name, '.');
    place->end = dot != NULL ? dot : "";
    place->stem = dot != NULL ? (size_t)(dot - place->name) : 0;
    place->shown = strndup(path, (size_t)(place->name - path));
    place->folder = strdup(slash != NULL ? place->shown : ".");
    return place->shown != NULL && place->folder != NULL ? 0 : ENOMEM;
}

/* Lists and opens, once. Returns 0; ESTALE where something changed meanwhile; or an errno. */
static int try(const struct place *place, time_t since, audit_files_tell *tell,
               const void *argument, struct audit_files *files, const char **bad)
{
    struct audit_files again = {.items = NULL};
    size_t at;
    int error = list(place, tell, argument, files);

    if (error == 0 && files->count == 0)
        return ENOENT;
    if (error == 0) {
        error = open_all(files, since, &at);
        if (error != 0)
            *bad = files->items[at].path;
    }
    if (error == 0)
        error = list(place, NULL, NULL, &again);
    if (error == 0 && !same_listing(files, &again))
        error = ESTALE;
    audit_files_close(&again);
    return error;
}

int audit_files_open(const char *path, time_t since, audit_files_tell *tell, const void *argument,
                     struct audit_files *files, char *why, size_t why_size)
{
    struct place place = {.shown = NULL};
    const char *bad = path;
    int tries = 0, error = find_place(path, &place);

    *files = (struct audit_files){.items = NULL};
    raise_limit();
    while (error == 0) {
        error = try(&place, since, tries == 0 ? tell : NULL, argument, files, &bad);
        if (error != ESTALE)
            break;
        audit_files_close(files);
        bad = path;
        error = ++tries < TRIES ? 0 : EAGAIN;
    }
    if (error != 0)
        explain(error, bad, why, why_size);
    free(place.shown);
    free(place.folder);
    return error;
}
