/*
 * Reading with inih, which splits keys from values and takes comments off, under a reader that
 * counts lines and refuses what inih would cut, join or drop without a word. A line that is refused
 * does not reach inih, and the rest of the file is looked at too.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/sections.h"

#include <ini.h>
#include <stdarg.h>
#include <string.h>

#include "policy/keys.h"
#include "policy/lines.h"
#include "policy/values.h"
#include "policy/words.h"

#define SECTION_LONGEST ((size_t)49)  /* bytes between the brackets that inih keeps */
#define LINE_LONGEST    ((size_t)198) /* bytes of a line that inih keeps, without its newline */

/* What inih must make of the line that it was given last. */
enum expected { EXPECT_NOTHING, EXPECT_KEY, EXPECT_MORE };

struct reader {
    struct loader *loader;
    struct sections *sections;
    const char *next; /* what has not been read yet */
    const char *end;
    struct position at; /* the line that was read last */
    enum expected expected;
    struct section *section; /* NULL before the first, and where the header was refused */
    bool skipping;           /* the header was refused: so is what stands below it */
    struct entry *entries; /* of the section, until it ends; room for every key that it may have */
    size_t entry_count;
    struct entry *open;     /* what an indented line continues, or NULL */
    struct position opened; /* the line of its key */
    bool filled;            /* it had a value since then */
    struct value *values;   /* those that it had since then, until it is closed */
    size_t value_count;
    size_t value_room;
    bool refused;         /* the key was refused: so is what continues it */
    bool told_of_returns; /* a carriage return was told, and is in every line of such a file */
    bool told_of_nuls;    /* the same of NUL */
};

/* Tells what is wrong with the line at hand; the arguments are printf's. */
static void refuse(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void refuse(struct reader *reader, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    loader_verror(reader->loader, reader->at, format, arguments);
    va_end(arguments);
    if (reader->section != NULL)
        reader->section->damaged = true;
}

/* The room that so many values have: a power of two, so it need not be remembered. */
static size_t room_of(size_t count)
{
    size_t room = 1;

    while (room < count)
        room *= 2;
    return room;
}

/*
 * Adds the values that were read to those that the open entry has from lines further up, which are
 * copied only where they outgrow their room: a list may stand on thousands of lines of its key.
 */
static void keep_values(struct reader *reader)
{
    struct entry *entry = reader->open;
    const size_t before = entry->value_count, count = before + reader->value_count;
    struct value *values = entry->values;

    if (before == 0 || room_of(before) < count) {
        values = arena_alloc(&reader->loader->scratch, room_of(count), sizeof *values);
        if (values == NULL)
            return;
        if (before > 0)
            memcpy(values, entry->values, before * sizeof *values);
    }
    memcpy(values + before, reader->values, reader->value_count * sizeof *values);
    entry->values = values;
    entry->value_count = count;
}

/* Ends the key above: after this an indented line has nothing to continue. */
static void close_entry(struct reader *reader)
{
    if (reader->open != NULL && !reader->filled)
        loader_error(reader->loader, reader->opened,
                     "%s in [%s] has no value; give one, or remove the line",
                     reader->open->key->name, reader->section->title);
    if (reader->open != NULL && reader->value_count > 0)
        keep_values(reader);
    reader->value_count = 0;
    reader->open = NULL;
    reader->refused = false;
}

/* Ends the section above. */
static void close_section(struct reader *reader)
{
    struct section *section = reader->section;
    struct entry *entries = NULL;

    close_entry(reader);
    if (reader->entry_count > 0)
        entries = arena_alloc(&reader->loader->scratch, reader->entry_count, sizeof *entries);
    if (entries != NULL) {
        memcpy(entries, reader->entries, reader->entry_count * sizeof *entries);
        section->entries = entries;
        section->entry_count = reader->entry_count;
    }
    reader->entry_count = 0;
    reader->section = NULL;
}

static void refuse_unknown_section(struct reader *reader, const char *title)
{
    char known[256];

    section_kinds_list(known, sizeof known);
    refuse(reader, "unknown section [%s]; known are %s", title, known);
}

/*
 * The kind and name of the section whose brackets hold `title`: fills both in, or tells what is
 * wrong and returns false.
 */
static bool understand_title(struct reader *reader, struct section *section)
{
    char *title = section->title;
    const char *blank = strchr(title, ' ');
    size_t word = blank != NULL ? (size_t)(blank - title) : strlen(title);
    char *name = title + word + (title[word] != '\0');
    size_t length = strlen(name);
    bool named = title[word] != '\0';
    enum section_name takes;

    section->kind = section_kind_find(title, word, &takes);
    if (section->kind == SECTION_KINDS)
        refuse_unknown_section(reader, title);
    else if (named && takes == SECTION_NAMELESS)
        refuse(reader, "[%s]: this section takes no name, write [%.*s]", title, (int)word, title);
    else if (length == 0 && (named || takes == SECTION_NAMED))
        refuse(reader, "[%s] needs a name, as in [%.*s NAME]", title, (int)word, title);
    else if (!named && strcmp(reader->at.file, reader->loader->path) != 0)
        refuse(reader, "[%s] is for the whole host and stands in %s alone", title,
               reader->loader->path);
    else if (!value_is_of(name, VALUE_NAME_BYTES, 0, length))
        refuse(reader, "[%s]: a name may hold letters, digits and _+=,.@- only, after one blank",
               title);
    else {
        section->name = named ? name : NULL;
        return true;
    }
    return false;
}

/* Starts the section with these `length` bytes between its brackets. Returns false if refused. */
static bool open_section(struct reader *reader, const char *title, size_t length)
{
    struct loader *loader = reader->loader;
    struct section *section = arena_alloc(&loader->scratch, 1, sizeof *section);
    struct section *other;

    if (section == NULL)
        return false;
    section->at = reader->at;
    section->title = arena_text(&loader->policy->memory, title, length);
    if (section->title == NULL || !understand_title(reader, section))
        return false;
    other = index_add(&reader->sections->titles, section);
    if (other != section) {
        if (other == NULL) {
            loader->scratch.exhausted = true;
        } else {
            refuse(reader, "[%s] stands in %s already; a section has one place", section->title,
                   loader_place(loader, reader->at, other->at));
            other->damaged = true;
        }
        return false;
    }
    if (reader->sections->last[section->kind] != NULL)
        reader->sections->last[section->kind]->next = section;
    else
        reader->sections->first[section->kind] = section;
    reader->sections->last[section->kind] = section;
    reader->sections->count[section->kind]++;
    reader->section = section;
    reader->skipping = false;
    return true;
}

/* Whether inih may have this line, which begins with `[`. */
static bool admit_header(struct reader *reader, char *line)
{
    const char *title = line + 1, *end = strchr(title, ']'), *after;
    size_t length = end != NULL ? (size_t)(end - title) : 0;

    close_section(reader);
    reader->skipping = true;
    after = end != NULL ? line_skip_blanks(end + 1) : "";
    if (end == NULL || memchr(title, ';', length) != NULL) {
        refuse(reader, "a section's name has no closing ] on its line");
    } else if (length > SECTION_LONGEST) {
        refuse(reader,
               "the section's name has %zu bytes; at most %zu may stand between the brackets",
               length, SECTION_LONGEST);
    } else if (*after != '\0' && *after != ';') {
        refuse(reader, "text after the ] of a section; a comment there begins with \";\"");
    } else {
        line[1 + length] = '\0';
        if (open_section(reader, title, length)) {
            line[1 + length] = ']';
            return true;
        }
    }
    return false;
}

/* Whether inih may have this line, which begins at the left edge and is neither header nor comment.
 */
static bool admit_key(struct reader *reader, const char *line)
{
    const char *separator = line;

    /* By hand, as what strpbrk(3) does takes longer than a key has bytes. */
    while (*separator != '\0' && *separator != '=' && *separator != ':')
        separator++;
    close_entry(reader);
    reader->refused = true;
    if (reader->skipping)
        return false;
    if (reader->section == NULL) {
        refuse(reader, "a key outside any section; a policy begins with [xacct]");
        return false;
    }
    if (*separator != '=') {
        refuse(reader, "this line is not KEY = VALUE");
        return false;
    }
    reader->expected = EXPECT_KEY;
    return true;
}

/* Whether the text before the first `=` is a key of the section at hand. */
static bool begins_with_key(const struct reader *reader, const char *text)
{
    char name[LINE_LONGEST + 1];
    size_t length = strcspn(text, "=");

    if (text[length] == '\0' || length >= sizeof name)
        return false;
    memcpy(name, text, length);
    name[length] = '\0';
    return key_find(reader->loader, reader->section->kind, name) != NULL;
}

/*
 * Whether inih may have this indented line, whose text is `text`. inih would take a section or a
 * key that somebody indented for one more value of the key above it.
 */
static bool admit_indented(struct reader *reader, const char *text)
{
    const char *why = NULL;

    if (*text == '[')
        why = "an indented section; [ must stand at the left edge";
    else if (line_holds_beside_blank(text, ";#", false))
        why = "a comment on an indented line; put it on a line of its own at the left edge";
    else if (line_holds_beside_blank(text, "=", true))
        why = "an indented \"=\" with blanks; a key must stand at the left edge";
    else if (reader->skipping || reader->refused)
        return false;
    else if (reader->open == NULL)
        why = "an indented line with no key above it to continue";
    else if (reader->open->key->shape == KEY_SCALAR)
        why = "an indented line below a key that takes one line; a key must stand at the left edge";
    else if (reader->open->key->shape != KEY_PAIRS && begins_with_key(reader, text))
        why = "an indented key; a key must stand at the left edge";
    if (why != NULL) {
        refuse(reader, "%s", why);
        return false;
    }
    reader->expected = EXPECT_MORE;
    return true;
}

/* Refuses the line, and tells why where that was not told of another line before. */
static void refuse_once(struct reader *reader, bool *told, const char *why)
{
    if (!*told)
        refuse(reader, "%s", why);
    else if (reader->section != NULL)
        reader->section->damaged = true;
    *told = true;
}

/* Whether the bytes of a line are those of a text file; tells what is wrong if not. */
static bool bytes_are_fit(struct reader *reader, const char *line, size_t length)
{
    const size_t fit = line_fit(line, length);

    if (fit == length)
        return true;
    if (line[fit] == '\r')
        refuse_once(reader, &reader->told_of_returns,
                    "a carriage return; lines must end in a newline alone (dos2unix does it); "
                    "further lines with one are not told");
    else if (line[fit] == '\0')
        refuse_once(reader, &reader->told_of_nuls,
                    "the control character 0x00; a file in UTF-16 must be saved as UTF-8; "
                    "further lines with one are not told");
    else
        refuse(reader, "the control character 0x%02x", (unsigned char)line[fit]);
    return false;
}

/* Whether inih may have this line, which has no newline but a NUL at its end. */
static bool admit(struct reader *reader, char *line)
{
    const char *text = line_skip_blanks(line);

    if (text != line)
        return *text != '\0' && admit_indented(reader, text);
    if (*line == '\0' || *line == ';' || *line == '#')
        return false;
    return *line == '[' ? admit_header(reader, line) : admit_key(reader, line);
}

/*
 * Reads the next line, which there is, into the buffer. Returns its length without the newline, or
 * 0 where inih may not have it, or where it says nothing.
 */
static size_t take_line(struct reader *reader, char *buffer, size_t size)
{
    const char *start = reader->next;
    const char *newline = memchr(start, '\n', (size_t)(reader->end - start));
    size_t length = (size_t)((newline != NULL ? newline : reader->end) - start);

    reader->next = start + length + (newline != NULL);
    reader->at.line++;
    if (reader->at.line == 1 && length >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0) {
        refuse(reader, "the file begins with a byte order mark; save it as UTF-8 without one");
        start += 3;
        length -= 3;
    }
    if (newline == NULL)
        refuse(reader, "the last line has no newline at its end: the file may have been cut off");
    if (length == 0)
        return 0;
    if (length > LINE_LONGEST || length + 2 > size) {
        refuse(reader,
               "the line has %zu bytes; at most %zu are read. A list goes on in indented "
               "lines or a further line of its key",
               length, LINE_LONGEST);
        return 0;
    }
    if (!bytes_are_fit(reader, start, length))
        return 0;
    memcpy(buffer, start, length);
    buffer[length] = '\0';
    return admit(reader, buffer) ? length : 0;
}

/* Gives inih the next line that it may have, as fgets(3) would. */
static char *read_line(char *buffer, int size, void *stream)
{
    struct reader *reader = stream;
    size_t length = 0;

    if (reader->expected != EXPECT_NOTHING)
        refuse(reader, "this line is not KEY = VALUE");
    reader->expected = EXPECT_NOTHING;
    if (size < 2)
        return NULL;
    while (length == 0 && reader->next != reader->end)
        length = take_line(reader, buffer, (size_t)size);
    if (length == 0)
        return NULL;
    memcpy(buffer + length, "\n", sizeof "\n");
    return buffer;
}

/* Makes room for one more value. Returns false when there is no memory. */
static bool make_room(struct reader *reader)
{
    size_t room = reader->value_room > 0 ? 2 * reader->value_room : 16;
    struct value *values;

    if (reader->value_count < reader->value_room)
        return true;
    values = arena_alloc(&reader->loader->scratch, room, sizeof *values);
    if (values == NULL)
        return false;
    if (reader->value_count > 0)
        memcpy(values, reader->values, reader->value_count * sizeof *values);
    reader->values = values;
    reader->value_room = room;
    return true;
}

/* Adds one value to the open entry. */
static void add_value(struct reader *reader, const struct word *word)
{
    struct value value = {.quoted = word->quoted, .at = reader->at};

    value.text = arena_text(&reader->loader->policy->memory, word->text, word->length);
    if (value.text != NULL && make_room(reader))
        reader->values[reader->value_count++] = value;
}

/* Adds each word of a list's line to the open entry. */
static void add_words(struct reader *reader, const char *line)
{
    char room[LINE_LONGEST];
    enum word_outcome outcome;
    struct word word;
    const char *why;

    while ((outcome = word_next(&line, room, &word, &why)) == WORD_FOUND) {
        if (!word.quoted && word.text[0] == '#') {
            outcome = WORD_ILLEGAL;
            why = "\"#\" among the values; a comment after a value begins with \";\" after a blank";
            break;
        }
        add_value(reader, &word);
    }
    if (outcome == WORD_ILLEGAL)
        refuse(reader, "%s", why);
}

/* Opens the entry of the key that the line begins with. Returns false when it is refused. */
static bool open_entry(struct reader *reader, const char *name)
{
    struct loader *loader = reader->loader;
    struct section *section = reader->section;
    const struct key *key = key_find(loader, section->kind, name);
    struct entry *entries = reader->entries;
    size_t i;

    if (key == NULL) {
        key_unknown(loader, section, reader->at, name);
        section->damaged = true;
        return false;
    }
    for (i = 0; i < reader->entry_count && entries[i].key != key; i++)
        ;
    if (i < reader->entry_count && (key->shape == KEY_SCALAR || key->shape == KEY_JOINED)) {
        refuse(reader, "%s stands in line %u of [%s] already; it has one value", name,
               entries[i].at.line, section->title);
        return false;
    }
    if (i == reader->entry_count)
        entries[reader->entry_count++] = (struct entry){.key = key, .at = reader->at};
    reader->open = &entries[i];
    reader->opened = reader->at;
    reader->filled = false;
    reader->refused = false;
    return true;
}

/* What inih found in the line that it was given: a key and its value, or more of the value above.
 */
static int take(void *user, const char *title, const char *name, const char *value)
{
    struct reader *reader = user;
    enum expected expected = reader->expected;

    reader->expected = EXPECT_NOTHING;
    if (expected == EXPECT_NOTHING || strcmp(title, reader->section->title) != 0) {
        refuse(reader, "inih reads this line in another way than we do");
        return 0;
    }
    if (expected == EXPECT_KEY && !open_entry(reader, name))
        return 1;
    if (*value == '\0')
        return 1;
    reader->filled = true;
    if (reader->open->key->shape == KEY_LIST || reader->open->key->shape == KEY_PAIRS)
        add_words(reader, value);
    else
        add_value(reader, &(struct word){.text = value, .length = strlen(value)});
    return 1;
}

void sections_read(struct loader *loader, const char *file, const char *text, size_t length,
                   struct sections *sections)
{
    struct reader reader = {
        .loader = loader,
        .sections = sections,
        .next = text,
        .end = text + length,
        .at = {.file = file},
    };
    int outcome;

    reader.entries = arena_alloc(&loader->scratch, keys_most(loader), sizeof *reader.entries);
    if (reader.entries == NULL)
        return;
    outcome = ini_parse_stream(read_line, &reader, take, &reader);
    close_section(&reader);
    /* Its number of a line is not ours. */
    if (outcome != 0 && loader->errors->count == 0)
        loader_error(loader, (struct position){file, 0}, "inih cannot read this file");
}
