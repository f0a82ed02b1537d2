/*
 * Reading the audit file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/audit_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "helper/instant.h"
#include "xacct_admin/audit_files.h"

#define FIRST_CAPACITY ((size_t)8192)

#define TOLD_MOST 5 /* damaged lines of one file, each by itself */

/* What is read just now. */
struct reader {
    const struct audit_log *log;
    struct audit_log_counts *counts;
    const char *path;
    gzFile stream;
    unsigned long number;  /* of the line at `line` */
    unsigned long damaged; /* in this file */
    bool newer_told;       /* of this file */
    char buffer[(size_t)64 * 1024];
    size_t at, end; /* what of the buffer is to be read yet */
    char *line;     /* without its newline; may hold any bytes */
    size_t length;
    size_t capacity;
    bool too_long;   /* it was cut, and its rest passed over */
    bool unfinished; /* it has no newline */
};

static void tell(const struct reader *reader, unsigned long number, const char *text)
{
    const struct audit_log_note note = {.file = reader->path, .line = number, .text = text};

    if (reader->log->tell != NULL)
        reader->log->tell(reader->log->argument, &note);
}

static void tell_damaged(struct reader *reader, const char *text)
{
    reader->counts->damaged++;
    if (reader->damaged++ < TOLD_MOST)
        tell(reader, reader->number, text);
}

/* For audit_files_open. */
static void tell_file(const void *argument, const char *file, const char *text)
{
    const struct audit_log *log = argument;
    const struct audit_log_note note = {.file = file, .text = text};

    if (log->tell != NULL)
        log->tell(log->argument, &note);
}

/* Appends to the line what fits. Returns false without memory. */
static bool add(struct reader *reader, const char *bytes, size_t count)
{
    size_t capacity = reader->capacity > 0 ? reader->capacity : FIRST_CAPACITY;
    char *line;

    if (count > AUDIT_LOG_LINE_MAX - reader->length) {
        reader->too_long = true;
        return true;
    }
    while (capacity < reader->length + count)
        capacity *= 2;
    if (capacity > reader->capacity) {
        line = realloc(reader->line, capacity);
        if (line == NULL)
            return false;
        reader->line = line;
        reader->capacity = capacity;
    }
    memcpy(reader->line + reader->length, bytes, count);
    reader->length += count;
    return true;
}

/* Fills the buffer, all of which was used. Returns 1; 0 at the end; -1 as next_line has it. */
static int fill(struct reader *reader)
{
    int count, state;

    errno = 0;
    count = gzread(reader->stream, reader->buffer, sizeof reader->buffer);
    reader->at = 0;
    reader->end = count > 0 ? (size_t)count : 0;
    if (count > 0)
        return 1;
    gzerror(reader->stream, &state);
    if (count == 0 && (state == Z_OK || state == Z_STREAM_END))
        return 0;
    if (state != Z_ERRNO)
        errno = state == Z_MEM_ERROR ? ENOMEM : 0;
    return -1;
}

/*
 * Reads the next line. Returns 1; 0 at the end; -1 with errno, 0 of which stands for what is
 * compressed and damaged.
 */
static int next_line(struct reader *reader)
{
    int filled = 1;

    reader->length = 0;
    reader->too_long = reader->unfinished = false;
    while (reader->at < reader->end || (filled = fill(reader)) > 0) {
        const char *from = reader->buffer + reader->at;
        size_t left = reader->end - reader->at;
        const char *newline = memchr(from, '\n', left);
        size_t count = newline != NULL ? (size_t)(newline - from) : left;

        if (!add(reader, from, count)) {
            errno = ENOMEM;
            return -1;
        }
        reader->at += count;
        if (newline != NULL) {
            reader->at++;
            reader->number++;
            return 1;
        }
    }
    if (filled < 0 || (reader->length == 0 && !reader->too_long))
        return filled;
    reader->number++;
    reader->unfinished = true;
    return 1;
}

/* Reads the members that each line must have. Returns what is wrong, or NULL. */
static const char *read_members(json_t *object, struct audit_log_line *line, json_int_t *version)
{
    const json_t *number = json_object_get(object, "version");
    const char *time_text = json_string_value(json_object_get(object, "time"));

    line->event = json_string_value(json_object_get(object, "event"));
    *version = json_integer_value(number);
    if (line->event == NULL)
        return "it is passed over, as it has no event";
    if (time_text == NULL || instant_read(time_text, &line->time) != 0)
        return "it is passed over, as it has no time such as 2027-03-31T18:00:00.000Z";
    return json_is_integer(number) && *version > 0 ? NULL
                                                   : "it is passed over, as it has no version";
}

/* Counts and tells what a later helper has written. */
static void look_at_version(struct reader *reader, json_int_t version)
{
    char text[256];

    if (version <= AUDIT_LOG_VERSION)
        return;
    reader->counts->newer++;
    if (reader->newer_told)
        return;
    reader->newer_told = true;
    snprintf(text, sizeof text,
             "from here on there are lines of version %lld, of which this program knows no more "
             "than version %d: what it makes of them may be wrong; install the one that came with "
             "the helper",
             (long long)version, AUDIT_LOG_VERSION);
    tell(reader, reader->number, text);
}

/* Takes the line that was read. Returns whether to go on. */
static bool take_line(struct reader *reader)
{
    struct audit_log_line line = {.file = reader->path, .number = reader->number};
    json_error_t ignored;
    json_int_t version;
    json_t *object;
    const char *wrong;
    bool go_on = true;

    if (reader->too_long) {
        tell_damaged(reader, "it is passed over, as it is longer than 1 MiB");
        return true;
    }
    object = json_loadb(reader->line, reader->length, 0, &ignored);
    if (!json_is_object(object)) {
        tell_damaged(reader, reader->unfinished ? "it is passed over, as its end is missing"
                                                : "it is passed over, as it is no JSON object: "
                                                  "cut short, or not written by the helper");
        json_decref(object);
        return true;
    }
    line.object = object;
    wrong = read_members(object, &line, &version);
    if (wrong != NULL) {
        tell_damaged(reader, wrong);
    } else if (line.time >= reader->log->since) {
        look_at_version(reader, version);
        reader->counts->lines++;
        go_on = reader->log->take(reader->log->argument, &line);
    }
    json_decref(object);
    return go_on;
}

/* Says what could not be read to the end, or was not all told. */
static void conclude(struct reader *reader, int last, int error)
{
    char text[512];

    if (last < 0) {
        reader->counts->damaged++;
        snprintf(text, sizeof text,
                 "what comes behind line %lu cannot be read: %s; what it holds is missing here",
                 reader->number,
                 error != 0 ? strerror(error) : "the compressed file is damaged or cut short");
        tell(reader, 0, text);
    }
    if (reader->damaged > TOLD_MOST) {
        snprintf(text, sizeof text, "%lu more of its lines are passed over",
                 reader->damaged - TOLD_MOST);
        tell(reader, 0, text);
    }
}

/* Reads one file. Returns 1 to go on, 0 where the callback wanted no more, -1 with errno. */
static int read_file(struct reader *reader, struct audit_file *file)
{
    int last = 1, error = 0;
    bool go_on = true;

    reader->path = file->path;
    reader->number = reader->damaged = 0;
    reader->at = reader->end = 0;
    reader->newer_told = false;
    /* What is not compressed is read as it stands. */
    reader->stream = gzdopen(file->fd, "rb");
    if (reader->stream == NULL) {
        errno = ENOMEM;
        return -1;
    }
    file->fd = -1;
    gzbuffer(reader->stream, sizeof reader->buffer);
    reader->counts->files++;
    while (go_on && (last = next_line(reader)) > 0)
        go_on = take_line(reader);
    error = errno;
    conclude(reader, last, error);
    gzclose_r(reader->stream);
    if (last < 0 && error == ENOMEM) {
        errno = ENOMEM;
        return -1;
    }
    return go_on;
}

int audit_log_read(const struct audit_log *log, struct audit_log_counts *counts,
                   char why[AUDIT_LOG_WHY_SIZE])
{
    struct reader *reader = calloc(1, sizeof *reader);
    struct audit_files files = {.items = NULL};
    size_t i;
    int error = reader != NULL ? 0 : ENOMEM, go_on = 1;

    *counts = (struct audit_log_counts){.files = 0};
    if (error == 0) {
        reader->log = log;
        reader->counts = counts;
        error = audit_files_open(log->path, log->since, tell_file, log, &files, why,
                                 AUDIT_LOG_WHY_SIZE);
    }
    for (i = 0; error == 0 && go_on > 0 && i < files.count; i++) {
        if (files.items[i].fd < 0)
            continue;
        go_on = read_file(reader, &files.items[i]);
        if (go_on < 0)
            error = errno;
    }
    if (error == ENOMEM)
        snprintf(why, AUDIT_LOG_WHY_SIZE,
                 "not enough memory to read the audit file: end some programs and try again");
    if (reader != NULL)
        free(reader->line);
    free(reader);
    audit_files_close(&files);
    return error;
}

const char *audit_log_text(const struct audit_log_line *line, const char *member)
{
    return json_string_value(json_object_get(line->object, member));
}

char *audit_log_place(const struct audit_log_note *note, char place[AUDIT_LOG_PLACE_SIZE])
{
    size_t length;

    escape(place, ESCAPE_MAX, note->file);
    length = strlen(place);
    if (note->line > 0)
        snprintf(place + length, AUDIT_LOG_PLACE_SIZE - length, ":%lu", note->line);
    return place;
}
