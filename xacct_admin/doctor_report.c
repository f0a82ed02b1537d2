/*
 * Printing findings.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/doctor_report.h"

#include <stdint.h>
#include <syslog.h>

#include "xacct/json_text.h"
#include "xacct_admin/escaped.h"

/* The words are for people, `json` for programs. */
static const struct {
    const char *text;
    const char *json;
    int priority; /* of syslog, or -1 for what is not logged */
} results[DOCTOR_RESULTS] = {
    [DOCTOR_OK] = {"ok", "ok", -1},
    [DOCTOR_NOTE] = {"note", "note", -1},
    [DOCTOR_CANNOT_TELL] = {"cannot tell", "cannot-tell", LOG_WARNING},
    [DOCTOR_WARNING] = {"warning", "warning", LOG_WARNING},
    [DOCTOR_FAULT] = {"fault", "fault", LOG_ALERT},
};

/* Appends RESULT: [FILE:LINE:] WHAT; REMEDY. */
static void add_line(const struct doctor_finding *finding, struct text *text)
{
    text_addf(text, "%s: %s: ", finding->examination->name, results[finding->result].text);
    if (finding->at.file != NULL) {
        escaped_add(text, finding->at.file);
        if (finding->at.line > 0)
            text_addf(text, ":%u", finding->at.line);
        text_add(text, ": ");
    }
    escaped_add_sentence(text, finding->text);
    if (finding->remedy != NULL) {
        text_add(text, "; ");
        escaped_add_sentence(text, finding->remedy);
    }
}

void doctor_report_add_lines(const struct doctor *doctor, size_t from, struct text *text)
{
    for (; from < doctor->count; from++) {
        add_line(&doctor->items[from], text);
        text_add(text, "\n");
    }
}

static void add_object(const struct doctor_finding *finding, struct text *text)
{
    text_add(text, "{");
    json_member(text, "examination", finding->examination->name);
    json_member(text, "result", results[finding->result].json);
    json_member(text, "file", finding->at.file);
    if (finding->at.file != NULL && finding->at.line > 0)
        json_member_number(text, "line", finding->at.line);
    else
        json_member(text, "line", NULL);
    json_member(text, "text", finding->text);
    json_member(text, "remedy", finding->remedy);
    text_add(text, "}");
}

void doctor_report_add_json(const struct doctor *doctor, struct text *text)
{
    size_t i;

    text_add(text, "{");
    json_member_number(text, "faults", (int64_t)doctor_report_count(doctor, DOCTOR_FAULT));
    json_member_number(text, "warnings", (int64_t)doctor_report_count(doctor, DOCTOR_WARNING));
    json_name(text, "findings");
    text_add(text, "[");
    for (i = 0; i < doctor->count; i++) {
        text_add(text, i > 0 ? ",\n " : "\n ");
        add_object(&doctor->items[i], text);
    }
    text_add(text, "]}\n");
}

void doctor_report_log(const struct doctor *doctor, size_t from)
{
    openlog("xacct", LOG_PID, LOG_AUTHPRIV);
    for (; from < doctor->count; from++) {
        const struct doctor_finding *finding = &doctor->items[from];
        struct text line = TEXT_EMPTY;

        if (results[finding->result].priority < 0)
            continue;
        add_line(finding, &line);
        if (!line.failed)
            syslog(results[finding->result].priority, "doctor: %s", line.bytes);
        text_free(&line);
    }
    closelog();
}

size_t doctor_report_count(const struct doctor *doctor, enum doctor_result result)
{
    size_t count = 0, i;

    for (i = 0; i < doctor->count; i++)
        count += doctor->items[i].result == result;
    return count;
}
