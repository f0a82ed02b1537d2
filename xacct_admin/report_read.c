/*
 * Counting what the audit file tells of.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/instant.h"
#include "xacct/complain.h"
#include "xacct_admin/audit_log.h"
#include "xacct_admin/report.h"

#define CLOCK_SLACK 60 /* seconds by which lines may be ahead of us */

/* Notes a sentence; what is too much is counted. */
__attribute__((format(printf, 2, 3))) static void note(struct report *report, const char *format,
                                                       ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (report->notes.count == REPORT_NOTES_MOST ||
        !texts_add(&report->memory, &report->notes,
                   arena_vformat(&report->memory, format, arguments)))
        report->notes_left_out++;
    va_end(arguments);
}

static int clock_set_back(void *argument, const struct audit_log_line *line, int64_t seconds)
{
    char shown[ESCAPE_MAX];

    note(argument,
         "%s:%lu: the clock was set back by %lld s before this line: what was in use then counts "
         "until the line before, and days may hold what belongs to the next",
         escape(shown, sizeof shown, line->file), line->number, (long long)seconds);
    return 0;
}

/* Whether the options leave this use in the report. */
static bool is_wanted(const struct report *report, const struct report_use *use)
{
    static const struct report_dimension client = {.kind = REPORT_BY_CLIENT};
    const char *const *value = report->invocation->value;
    const char *account = value[OPTION_ACCOUNT];

    return (account == NULL || strcmp(account, use->account) == 0 ||
            strcmp(account, use->account_id) == 0) &&
           (value[OPTION_CLIENT] == NULL ||
            strcmp(value[OPTION_CLIENT], report_value(&client, use, "")) == 0) &&
           (value[OPTION_OF_ROLE] == NULL || strcmp(value[OPTION_OF_ROLE], use->role) == 0) &&
           (value[OPTION_USER] == NULL || strcmp(value[OPTION_USER], use->human) == 0);
}

/* Adds time of one day to a row of these groups. Returns 0 or ENOMEM. */
static int add_time(struct report_groups *groups, const struct report_use *use, const char *day,
                    int64_t seconds, bool open)
{
    struct report_row *row = report_groups_row(groups, use, day);

    if (row == NULL)
        return ENOMEM;
    row->seconds += seconds;
    row->open = row->open || open;
    return 0;
}

/* A part of the time in use that lies within the period. */
static int add_time_of_day(struct report *report, const struct report_use *use, int64_t seconds,
                           bool open)
{
    const char *day = report->day.name;
    int error = add_time(&report->groups, use, day, seconds, open);

    if (error == 0)
        error = add_time(&report->total, use, day, seconds, open);
    if (error == 0 && report->with_days)
        error = add_time(&report->days, use, day, seconds, open);
    return error;
}

static int in_use(void *argument, const struct report_use *use, time_t from, time_t to)
{
    struct report *report = argument;
    time_t until = report->period.until;
    /* What was handed out at this very second is in use now, though for no time yet. */
    bool open = to > until && (from < until || report->until_now);
    int error = 0;

    if (!is_wanted(report, use))
        return 0;
    if (from < report->period.since)
        from = report->period.since;
    if (to > until)
        to = until;
    if (open && from == to) {
        report_day_find(&report->day, from);
        return add_time_of_day(report, use, 0, true);
    }
    while (from < to && error == 0) {
        time_t then;

        report_day_find(&report->day, from);
        then = report->day.end < to ? report->day.end : to;
        error = add_time_of_day(report, use, then - from, open && then == to);
        from = then;
    }
    return error;
}

/* Counts a hand-out in these groups. Returns 0 or ENOMEM. */
static int add_hand_out(struct report_groups *groups, const struct report_use *use, const char *day,
                        time_t at, bool is_new)
{
    struct report_row *row = report_groups_row(groups, use, day);

    return row != NULL ? report_groups_hand_out(groups, row, use, at, is_new) : ENOMEM;
}

static int handed_out(void *argument, const struct report_use *use, time_t at)
{
    struct report *report = argument;
    uint64_t mark = mark_text(MARK_BEGIN, use->session);
    bool is_new = false;
    int error;

    if (at < report->period.since || at >= report->period.until || !is_wanted(report, use))
        return 0;
    mark = mark_text(mark_text(mark_text(mark, use->role), use->purpose), use->key);
    error = marks_add(&report->seen, mark, &is_new);
    report_day_find(&report->day, at);
    if (error == 0)
        error = add_hand_out(&report->groups, use, report->day.name, at, is_new);
    if (error == 0)
        error = add_hand_out(&report->total, use, report->day.name, at, is_new);
    return error;
}

/* Where reading ends with an error, what take_line remembers of it. */
struct reading_lines {
    struct report *report;
    int error;
};

static bool take_line(void *argument, const struct audit_log_line *line)
{
    struct reading_lines *lines = argument;

    lines->error = report_uses_line(lines->report->uses, line);
    return lines->error == 0;
}

static void tell(void *argument, const struct audit_log_note *told)
{
    char place[AUDIT_LOG_PLACE_SIZE];

    note(((struct reading_lines *)argument)->report, "%s: %s", audit_log_place(told, place),
         told->text);
}

/* What is in use still counts until now, or until the newest line where the clock is behind it. */
static int conclude(struct report *report, time_t asked_for)
{
    time_t now = report_uses_now(report->uses);
    char moment[INSTANT_SIZE];
    int error;

    if (now < report->period.now)
        now = report->period.now;
    else if (now > report->period.now + CLOCK_SLACK)
        note(
            report,
            "the newest line is of %s, which is to come: this host's clock is behind, or was ahead "
            "when that line was written",
            instant_text(moment, now));
    report->until_now = !report->period.ends || asked_for > now;
    report->period.until = report->until_now ? now : asked_for;
    error = report_uses_end(report->uses);
    if (report->period.ends)
        report->period.until = asked_for;
    report_groups_sort(&report->groups);
    report_groups_sort(&report->days);
    return error;
}

/* Reads all lines. Returns 0, or an errno with `why`, which is empty where it was memory. */
static int read_lines(struct report *report, const char *path, char why[AUDIT_LOG_WHY_SIZE])
{
    const time_t asked_for = report->period.until;
    struct reading_lines lines = {.report = report};
    const struct audit_log log = {
        .path = path,
        /* What was handed out before may be in use still. */
        .since = report->period.since - report->idle,
        .take = take_line,
        .tell = tell,
        .argument = &lines,
    };
    struct audit_log_counts counts = {.files = 0};
    int error;

    /* Without an end that was asked for, each line counts, though it be of the future. */
    if (!report->period.ends)
        report->period.until = (time_t)INT64_MAX;
    why[0] = '\0';
    error = audit_log_read(&log, &counts, why);
    report->files = counts.files;
    report->lines = counts.lines;
    report->damaged = counts.damaged;
    if (error == 0 && lines.error == 0 && report->groups.count == 0)
        note(report,
             "nothing is reported (lines read: %lu, files: %lu): see that the audit file reaches "
             "back to that time, by its first line, and that --user, --account, --role and "
             "--client are named as there",
             counts.lines, counts.files);
    if (error == 0)
        error = lines.error;
    return error == 0 ? conclude(report, asked_for) : error;
}

bool report_read(struct report *report, const char *path)
{
    const struct report_listener listener = {
        .in_use = in_use,
        .handed_out = handed_out,
        .set_back = clock_set_back,
        .argument = report,
    };
    char why[AUDIT_LOG_WHY_SIZE];
    int error = ENOMEM;

    why[0] = '\0';
    report->uses = report_uses_begin(report->idle, &listener);
    if (report->uses != NULL)
        error = read_lines(report, path, why);
    if (error != 0)
        complain("report: %s", why[0] != '\0' ? why
                                              : "not enough memory for this report: read less with "
                                                "--since and --until, or by fewer things");
    report_uses_free(report->uses);
    report->uses = NULL;
    return error == 0;
}

void report_free(struct report *report)
{
    report_groups_free(&report->groups);
    report_groups_free(&report->total);
    report_groups_free(&report->days);
    marks_free(&report->seen);
    arena_free(&report->memory);
}

const struct report_row *report_total(const struct report *report)
{
    static const struct report_row nothing;

    return report->total.count > 0 ? report->total.rows[0] : &nothing;
}

void report_add_time(struct text *text, int64_t seconds)
{
    text_addf(text, "%lld:%02d:%02d", (long long)(seconds / 3600), (int)(seconds / 60 % 60),
              (int)(seconds % 60));
}
