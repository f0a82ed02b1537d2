/*
 * Any bytes as an audit file, compressed or not: xacct_admin/audit_log.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/audit_log.h"

#include <stdio.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* What is seen while one input is read. */
struct seen {
    unsigned long last; /* number of the line before, of either kind */
    unsigned long taken;
    bool cut; /* the file could not be read to its end */
};

static bool take(void *argument, const struct audit_log_line *line)
{
    struct seen *seen = argument;

    PROMISE(line->number > seen->last);
    PROMISE(line->event != NULL && json_is_object(line->object));
    PROMISE(line->time >= 0);
    seen->last = line->number;
    seen->taken++;
    fuzz_accept();
    return true;
}

static void tell(void *argument, const struct audit_log_note *note)
{
    struct seen *seen = argument;

    PROMISE(fuzz_is_printable(note->text));
    /* What a later version writes is told before it is given. */
    PROMISE(note->line == 0 || note->line > seen->last);
    if (strstr(note->text, "cannot be read") != NULL)
        seen->cut = true;
}

/* Lines as text has them: the last one need not have an end. */
static unsigned long count_lines(const uint8_t *bytes, size_t length)
{
    unsigned long lines = length > 0 && bytes[length - 1] != '\n' ? 1 : 0;
    size_t i;

    for (i = 0; i < length; i++)
        lines += bytes[i] == '\n';
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct seen seen = {.last = 0};
    struct audit_log log = {.take = take, .tell = tell, .argument = &seen};
    struct audit_log_counts counts;
    char why[AUDIT_LOG_WHY_SIZE] = "";

    log.path = fuzz_file("audit.jsonl", bytes, length);
    PROMISE(audit_log_read(&log, &counts, why) == 0);
    PROMISE(counts.files == 1 && counts.lines == seen.taken && counts.newer <= counts.lines);
    /* What begins as gzip's files do has lines of its own. */
    if (!seen.cut && !(length >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b))
        PROMISE(counts.lines + counts.damaged == count_lines(bytes, length));
    return 0;
}
