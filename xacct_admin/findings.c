/*
 * Errors and warnings, and how they are printed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xacct/json_text.h"
#include "xacct_admin/escaped.h"

static const char *const severities[] = {[LINT_ERROR] = "error", [LINT_WARNING] = "warning"};

void findings_add(struct findings *findings, enum lint_severity severity, struct position at,
                  const char *format, ...)
{
    struct arena *memory = &findings->memory;
    struct finding *items =
        arena_grow(memory, findings->items, findings->count, sizeof *findings->items);
    char *text = NULL;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0 || items == NULL) {
        memory->exhausted = true;
        if (length >= 0)
            free(text);
        return;
    }
    findings->items = items;
    at.file = arena_text(memory, at.file, strlen(at.file));
    items += findings->count;
    *items = (struct finding){severity, at, arena_text(memory, text, (size_t)length)};
    if (items->at.file != NULL && items->text != NULL)
        findings->count++;
    free(text);
}

static int compare(const void *a, const void *b)
{
    const struct finding *left = a;
    const struct finding *right = b;
    int difference = strcmp(left->at.file, right->at.file);

    if (difference == 0)
        difference = (left->at.line > right->at.line) - (left->at.line < right->at.line);
    if (difference == 0)
        difference = (left->severity < right->severity) - (left->severity > right->severity);
    return difference != 0 ? difference : strcmp(left->text, right->text);
}

void findings_sort(struct findings *findings)
{
    size_t i, distinct = 0;

    if (findings->count > 1)
        qsort(findings->items, findings->count, sizeof *findings->items, compare);
    for (i = 0; i < findings->count; i++)
        if (distinct == 0 || compare(&findings->items[distinct - 1], &findings->items[i]) != 0)
            findings->items[distinct++] = findings->items[i];
    findings->count = distinct;
}

size_t findings_count(const struct findings *findings, enum lint_severity severity)
{
    size_t count = 0, i;

    for (i = 0; i < findings->count; i++)
        count += findings->items[i].severity == severity;
    return count;
}

void findings_add_lines(const struct findings *findings, const struct reading *reading,
                        struct text *text)
{
    size_t i;

    for (i = 0; i < findings->count; i++) {
        reading_add_place(reading, text, findings->items[i].at);
        text_addf(text, ": %s: ", severities[findings->items[i].severity]);
        escaped_add_sentence(text, findings->items[i].text);
        text_add(text, "\n");
    }
}

void findings_add_json(const struct findings *findings, const struct reading *reading,
                       struct text *text)
{
    size_t i;

    text_add(text, "{");
    json_member(text, "file", reading_shown(reading, reading->path));
    json_member_number(text, "errors", (int64_t)findings_count(findings, LINT_ERROR));
    json_member_number(text, "warnings", (int64_t)findings_count(findings, LINT_WARNING));
    json_name(text, "findings");
    text_add(text, "[");
    for (i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];

        text_add(text, i > 0 ? ",\n {" : "\n {");
        json_member(text, "severity", severities[finding->severity]);
        json_member(text, "file", reading_shown(reading, finding->at.file));
        json_member_number(text, "line", reading_line(finding->at));
        json_member(text, "text", finding->text);
        text_add(text, "}");
    }
    text_add(text, "]}\n");
}

void findings_free(struct findings *findings)
{
    arena_free(&findings->memory);
    memset(findings, 0, sizeof *findings);
}
