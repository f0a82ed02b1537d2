/*
 * The base credentials from a file. inih does the syntax, but cuts lines at 200 bytes without a
 * word and counts none, so a reader of our own stands under it: it hands a long line on in pieces,
 * each as an indented continuation, and knows which line of the file a piece came from.
 *
 * inih works on a line buffer on the stack; that part of the stack is overwritten afterwards, so no
 * copy of a key stays outside secret memory.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/base_file.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/escape.h"
#include "helper/base_source.h"
#include "helper/secret_file.h"

#define FILE_LARGEST   ((size_t)64 * 1024)
#define SECTION_MAX    ((size_t)49)   /* longer names inih cuts */
#define STACK_SCRUBBED ((size_t)4096) /* more than the frames of inih and what it calls take */

enum key { KEY_ID, KEY_SECRET, KEY_TOKEN, KEY_COUNT };

static const char *const key_names[KEY_COUNT] = {
    [KEY_ID] = "aws_access_key_id",
    [KEY_SECRET] = "aws_secret_access_key",
    [KEY_TOKEN] = "aws_session_token",
};

/* Where the reader stands in the text. */
struct reader {
    const char *text;
    size_t length;
    size_t at;         /* the next byte to hand on */
    unsigned line;     /* of the piece that was handed on last, from 1 */
    bool within_line;  /* the next piece goes on with that line */
    bool continued;    /* the piece that was handed on last went on with its line */
    const char *fault; /* why reading stopped early, or NULL */
};

/* One of the keys as found so far. */
struct value {
    struct secret text;
    unsigned line; /* 0: not found */
};

struct parse {
    struct reader reader;
    const char *path;
    const char *profile;
    struct value values[KEY_COUNT];
    bool profile_seen;
    int error; /* the first that a handler met */
    char *why;
    size_t why_size;
};

/* Tells the first failure: file, line where there is one, and what is wrong. Returns EINVAL. */
__attribute__((format(printf, 3, 4))) static int refuse(struct parse *parse, unsigned line,
                                                        const char *format, ...)
{
    char path[ESCAPE_MAX], text[512];
    va_list arguments;

    if (parse->error != 0)
        return parse->error;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    escape(path, sizeof path, parse->path);
    if (line > 0)
        snprintf(parse->why, parse->why_size, "%s:%u: %s", path, line, text);
    else
        snprintf(parse->why, parse->why_size, "%s: %s", path, text);
    parse->error = EINVAL;
    return EINVAL;
}

static bool is_blank(char c)
{
    return isspace((unsigned char)c) != 0;
}

/* The bytes of a line before its newline, or before the end of the text. */
static size_t line_length(const char *line, size_t left)
{
    const char *newline = memchr(line, '\n', left);

    return newline != NULL ? (size_t)(newline - line) : left;
}

/* What is wrong with a line as a whole, or NULL. */
static const char *line_fault(const char *line, size_t length)
{
    const char *end;
    size_t indent = 0;

    if (memchr(line, '\0', length) != NULL)
        return "the line holds a NUL byte";
    while (indent < length && is_blank(line[indent]))
        indent++;
    if (indent == length || line[indent] != '[')
        return NULL;
    /* inih would take it for more of the value before. */
    if (indent > 0)
        return "the section's name must begin in the first column";
    end = memchr(line, ']', length);
    if (end == NULL)
        return "the section's name has no closing bracket";
    if ((size_t)(end - line - 1) > SECTION_MAX)
        return "the section's name is longer than 49 bytes";
    return NULL;
}

/*
 * How much of a line counts: without a comment, as the pieces of a long one would pass for values,
 * and without blanks at the end.
 */
static size_t content_length(const char *line, size_t length)
{
    size_t n = 0;

    while (n < length && is_blank(line[n]))
        n++;
    if (n < length && (line[n] == '#' || line[n] == ';'))
        return 0;
    while (n < length && !(line[n] == ';' && n > 0 && is_blank(line[n - 1])))
        n++;
    while (n > 0 && is_blank(line[n - 1]))
        n--;
    return n;
}

/*
 * How much of the `length` bytes fits into a piece of `room`. A cut next to a blank would lose the
 * blank, and one before a comment sign would turn what follows into a comment; 0 when there is no
 * other place.
 */
static size_t piece_length(const char *bytes, size_t length, size_t room)
{
    size_t n = room;

    if (length <= room)
        return length;
    while (n > 0 &&
           (is_blank(bytes[n - 1]) || is_blank(bytes[n]) || bytes[n] == ';' || bytes[n] == '#'))
        n--;
    return n;
}

/* An ini_reader: writes one piece, a whole line to inih, of at most `size` bytes with its NUL. */
static char *read_piece(char *piece, int size, void *stream)
{
    struct reader *reader = stream;
    const char *bytes = reader->text + reader->at;
    size_t left = reader->length - reader->at, length, content, taken, n = 0;

    if (left == 0 || reader->fault != NULL)
        return NULL;
    length = line_length(bytes, left);
    reader->continued = reader->within_line;
    if (!reader->continued) {
        reader->line++;
        reader->fault = line_fault(bytes, length);
    }
    content = content_length(bytes, length);
    taken = piece_length(bytes, content, (size_t)size - sizeof " \n");
    if (taken == 0 && content > 0)
        reader->fault = "the line has a run of blanks too long to read";
    if (reader->fault != NULL)
        return NULL;
    if (reader->continued)
        piece[n++] = ' ';
    memcpy(piece + n, bytes, taken);
    n += taken;
    piece[n++] = '\n';
    piece[n] = '\0';
    reader->within_line = taken < content;
    if (reader->within_line)
        reader->at += taken;
    else
        reader->at += length < left ? length + 1 : length;
    return piece;
}

/* The line of the file that the piece with this number, from 1, came from. */
static unsigned line_of_piece(const struct parse *parse, int number)
{
    struct reader again = {.text = parse->reader.text, .length = parse->reader.length};
    char piece[200];

    while (number-- > 0 && read_piece(piece, sizeof piece, &again) != NULL)
        ;
    explicit_bzero(piece, sizeof piece);
    return again.line;
}

/* Puts more text behind what a value holds. Returns 0 or ENOMEM. */
static int append(struct value *value, const char *text)
{
    struct secret longer = {0};
    size_t length = strlen(text);
    int error = secret_new(&longer, value->text.length + length);

    if (error != 0)
        return error;
    if (value->text.length > 0)
        memcpy(longer.bytes, value->text.bytes, value->text.length);
    if (length > 0)
        memcpy(longer.bytes + value->text.length, text, length);
    secret_free(&value->text);
    value->text = longer;
    return 0;
}

/* An ini_handler: takes the profile's keys. Failures are told by refuse(), not by the result. */
static int take_value(void *user, const char *section, const char *name, const char *text)
{
    struct parse *parse = user;
    struct reader *reader = &parse->reader;
    struct value *value;
    int key;

    if (strcmp(section, parse->profile) != 0)
        return 1;
    parse->profile_seen = true;
    for (key = 0; key < KEY_COUNT && strcasecmp(name, key_names[key]) != 0; key++)
        ;
    if (key == KEY_COUNT)
        return 1;
    value = &parse->values[key];
    if (value->line != 0 && !reader->continued) {
        /* inih gives an indented line the name of the line before, so the two look alike. */
        refuse(parse, reader->line,
               "%s was set on line %u already, or this line is indented; keys stand once in a "
               "profile and begin in the first column",
               key_names[key], value->line);
        return 1;
    }
    value->line = reader->line;
    if (append(value, text) != 0) {
        refuse(parse, 0, "there is no secret memory left");
        parse->error = ENOMEM;
    }
    return 1;
}

/* Overwrites the stack below the caller, where functions that have returned left their buffers. */
__attribute__((noinline)) static void scrub_stack(void)
{
    char below[STACK_SCRUBBED];

    explicit_bzero(below, sizeof below);
}

/* Whether one value is there and holds what it may. Returns 0 or EINVAL. */
static int check_value(struct parse *parse, enum key key)
{
    const struct value *value = &parse->values[key];
    char profile[64];

    escape(profile, sizeof profile, parse->profile);
    if (value->line == 0)
        return key == KEY_TOKEN
                   ? 0
                   : refuse(parse, 0, "profile [%s] has no %s; it needs %s and %s", profile,
                            key_names[key], key_names[KEY_ID], key_names[KEY_SECRET]);
    if (value->text.length == 0)
        return refuse(parse, value->line, "%s of profile [%s] is empty; fill it in%s",
                      key_names[key], profile,
                      key == KEY_TOKEN ? ", or remove the line for a long-term key" : "");
    if (!credentials_secret_valid(&value->text))
        return refuse(parse, value->line,
                      "%s of profile [%s] holds a blank, a control character or one outside ASCII; "
                      "comments stand on lines of their own",
                      key_names[key], profile);
    if (key == KEY_ID && !credentials_key_id_valid(value->text.bytes))
        return refuse(parse, value->line,
                      "%s of profile [%s] is not an access key id: at most %zu letters, digits and "
                      "underscores, without quotes",
                      key_names[key], profile, ACCESS_KEY_ID_MAX);
    return 0;
}

/* Runs inih over the text and checks what it found. Returns 0 or an errno, told in `why`. */
static int run(struct parse *parse)
{
    char profile[64];
    int faulty, key;

    faulty = ini_parse_stream(read_piece, &parse->reader, take_value, parse);
    if (parse->reader.fault != NULL)
        refuse(parse, parse->reader.line, "%s", parse->reader.fault);
    else if (faulty > 0)
        refuse(parse, line_of_piece(parse, faulty),
               "the line is neither [profile], nor KEY = VALUE, nor a comment");
    if (!parse->profile_seen)
        refuse(parse, 0,
               "there is no profile [%s] with keys in it; add it, or name another with `profile =` "
               "in [base]",
               escape(profile, sizeof profile, parse->profile));
    for (key = 0; key < KEY_COUNT && parse->error == 0; key++)
        check_value(parse, (enum key)key);
    return parse->error;
}

int base_file_parse(const char *path, const char *text, size_t length, const char *profile,
                    struct credentials *credentials, char *why, size_t why_size)
{
    struct parse parse = {
        .reader = {.text = text, .length = length},
        .path = path,
        .profile = profile,
        .why = why,
        .why_size = why_size,
    };
    struct value *values = parse.values;
    int error = run(&parse), key;

    scrub_stack();
    memset(credentials, 0, sizeof *credentials);
    if (error == 0) {
        memcpy(credentials->access_key_id, values[KEY_ID].text.bytes, values[KEY_ID].text.length);
        credentials->secret_access_key = values[KEY_SECRET].text;
        credentials->session_token = values[KEY_TOKEN].text;
        values[KEY_SECRET].text = values[KEY_TOKEN].text = (struct secret){0};
    }
    for (key = 0; key < KEY_COUNT; key++)
        secret_free(&values[key].text);
    return error;
}

int base_file_read_under(const char *path, const char *profile, struct trust trust,
                         struct credentials *credentials, char *why, size_t why_size)
{
    struct secret text = {NULL, 0};
    int error;

    trust.largest = FILE_LARGEST;
    error = secret_file_read_under(path, &trust, &text, why, why_size);
    memset(credentials, 0, sizeof *credentials);
    if (error == 0)
        error = base_file_parse(path, text.bytes, text.length, profile, credentials, why, why_size);
    secret_free(&text);
    return error;
}

int base_file_read(const char *path, const char *profile, gid_t group,
                   struct credentials *credentials, char *why, size_t why_size)
{
    const struct trust trust = {.group = group, .own_is_fine = true};

    return base_file_read_under(path, profile, trust, credentials, why, why_size);
}

enum status base_file_status(int error)
{
    return error == ENOMEM || error == EAGAIN ? STATUS_UNAVAILABLE : STATUS_MISCONFIGURED;
}

enum status base_file_fetch(const struct host *host, const struct base *base,
                            struct deadline deadline, struct credentials *credentials,
                            char why[BASE_WHY_SIZE])
{
    int error =
        base_file_read(base->file, base->profile, host->group, credentials, why, BASE_WHY_SIZE);

    (void)deadline;
    return error == 0 ? STATUS_PERMITTED : base_file_status(error);
}
