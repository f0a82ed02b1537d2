/*
 * Users in /etc/passwd, read as a file: NSS may block for minutes where a directory's daemon has
 * stopped, and clobbers what the calling program holds.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "pam_xacct/internal.h"

#define LINE_LONGEST ((size_t)1024 * 1024)
#define LINE_USUAL   ((size_t)1024)
#define FILE_ROOM    ((size_t)8 * 1024) /* read at a time */

/* Memory for reading. */
struct room {
    char *file; /* of FILE_ROOM bytes */
    char *line; /* of `longest` bytes, as `fields` */
    char *fields;
    size_t longest;
};

/* Whether a line begins with this user's name. */
static bool is_of(const char *line, const char *name)
{
    size_t length = strlen(name);

    return strncmp(line, name, length) == 0 && line[length] == ':';
}

/* Whether the line may be the entry of somebody who has not been found yet. */
static bool is_wanted(const char *line, const struct passwd_entry *entries, size_t count)
{
    size_t i;

    /* fgetpwent_r passes over it. */
    line += strspn(line, " \t\v\f\r");
    for (i = 0; i < count; i++)
        if (!entries[i].found && is_of(line, entries[i].name))
            return true;
    return false;
}

/* Reads the fields of a line, if it has them, into the entries of their user. Returns 0 or an
 * errno. */
static int take_line(struct room *room, struct passwd_entry *entries, size_t count)
{
    FILE *line = fmemopen(room->line, strlen(room->line), "r");
    struct passwd fields, *read = NULL;
    int error;
    size_t i;

    if (line == NULL)
        return errno;
    error = fgetpwent_r(line, &fields, room->fields, room->longest, &read);
    for (i = 0; error == 0 && i < count; i++)
        if (!entries[i].found && strcmp(fields.pw_name, entries[i].name) == 0)
            entries[i] = (struct passwd_entry){entries[i].name, true, fields.pw_uid, fields.pw_gid};
    fclose(line);
    return error == ENOENT ? 0 : error;
}

static bool all_found(const struct passwd_entry *entries, size_t count)
{
    while (count > 0 && entries[count - 1].found)
        count--;
    return count == 0;
}

/* Reads on until everybody is found. Returns 0, then and at the end, or an errno. */
static int scan(FILE *file, struct room *room, struct passwd_entry *entries, size_t count)
{
    int error = 0;

    while (error == 0 && !all_found(entries, count)) {
        errno = 0;
        if (fgets(room->line, (int)room->longest, file) == NULL)
            return ferror(file) ? errno : 0;
        if (strlen(room->line) == room->longest - 1)
            return ERANGE;
        if (is_wanted(room->line, entries, count))
            error = take_line(room, entries, count);
    }
    return error;
}

/* Looks for those who have not been found yet. Returns 0, ERANGE for a longer line, or an errno. */
static int look(struct room *room, struct passwd_entry *entries, size_t count)
{
    FILE *file = fopen("/etc/passwd", "re");
    int error = errno;

    if (file == NULL)
        return error;
    setvbuf(file, room->file, _IOFBF, FILE_ROOM);
    error = scan(file, room, entries, count);
    fclose(file);
    return error;
}

/*
 * The same with room for any line. It is mapped, as what malloc learns from so large a piece
 * (mallopt(3), M_MMAP_THRESHOLD) would stay with the program that has loaded us, and keep it from
 * giving memory back; no more of it is touched than there is to read.
 */
static int look_with_more_room(struct room *room, struct passwd_entry *entries, size_t count)
{
    const size_t size = 2 * LINE_LONGEST;
    char *lines = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int error;

    if (lines == MAP_FAILED)
        return errno;
    room->line = lines;
    room->fields = lines + LINE_LONGEST;
    room->longest = LINE_LONGEST;
    error = look(room, entries, count);
    munmap(lines, size);
    return error;
}

int passwd_find(struct passwd_entry *entries, size_t count)
{
    char file[FILE_ROOM], line[LINE_USUAL], fields[LINE_USUAL];
    struct room room = {file, line, fields, LINE_USUAL};
    int error = look(&room, entries, count);

    /* To map memory and to give it back takes as long as all the rest, so it is for who needs it.
     */
    return error == ERANGE ? look_with_more_room(&room, entries, count) : error;
}
