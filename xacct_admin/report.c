/*
 * xacct report: who used which role, how long and how often.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/durations.h"
#include "xacct_admin/reading.h"

#define BY_DEFAULT "user,account,role"

struct form {
    const char *name;
    void (*add)(const struct report *report, struct text *text);
    bool has_notes; /* the form shows notes itself */
    bool has_days;  /* it has charts of days */
};

static const struct form forms[] = {
    {"table", report_add_table, false, false},
    {"csv", report_add_csv, false, false},
    {"json", report_add_json, true, false},
    {"html", report_add_html, true, true},
};

/* The form that is asked for; NULL after a complaint. */
static const struct form *find_form(const struct invocation *invocation)
{
    const char *name = invocation->value[OPTION_REPORT_FORMAT];
    bool json = invocation->value[OPTION_JSON] != NULL;
    char shown[ESCAPE_MAX];
    size_t i;

    if (name == NULL)
        name = json ? "json" : "table";
    for (i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, name) == 0)
            break;
    if (i == sizeof forms / sizeof *forms) {
        complain("report: --format %s: use table, csv, json or html",
                 escape(shown, sizeof shown, name));
        return NULL;
    }
    if (json && strcmp(name, "json") != 0) {
        complain("report: --json and --format %s are two forms: choose one", name);
        return NULL;
    }
    return &forms[i];
}

/* Reads --idle. Returns false after a complaint. */
static bool read_idle(const char *text, int64_t *idle)
{
    char shown[ESCAPE_MAX];

    *idle = REPORT_IDLE_DEFAULT;
    if (text == NULL || duration_parse(text, idle))
        return true;
    complain("report: --idle %s: it is no length of time: write a number and s, m or h, as in 15m",
             escape(shown, sizeof shown, text));
    return false;
}

/* Reads what stands behind the options. Returns false after a complaint. */
static bool read_options(struct report *report, char *by, char *days)
{
    const struct invocation *invocation = report->invocation;

    report_zone_name(invocation, report->zone, sizeof report->zone);
    return read_idle(invocation->value[OPTION_IDLE], &report->idle) &&
           report_groups_read(&report->groups, by) && report_groups_read(&report->days, days);
}

/* Where the audit file is, or NULL after a complaint. The policy is read only if it has to say. */
static const char *find_audit(const struct invocation *invocation, struct reading *reading)
{
    if (invocation->value[OPTION_AUDIT] != NULL)
        return invocation->value[OPTION_AUDIT];
    if (reading_open(reading, reading_given(invocation)))
        return reading->policy->audit;
    complain("report: so it is not known where the audit file is: %sname it with --audit",
             geteuid() != 0 ? "run it as root, or " : "");
    return NULL;
}

/* Says on standard error what a form has no place for. */
static void tell_notes(const struct report *report)
{
    size_t i;

    for (i = 0; i < report->notes.count; i++)
        complain("report: %s", report->notes.items[i]);
    if (report->notes_left_out > 0)
        complain("report: and %lu more notes", report->notes_left_out);
}

/* Prints the report. Returns the exit status. */
static int print(const struct report *report, const struct form *form)
{
    struct text text = TEXT_EMPTY;
    int status;

    form->add(report, &text);
    status = text_print(&text) == 0 ? EXIT_FINE : EXIT_REFUSED;
    if (!form->has_notes)
        tell_notes(report);
    text_free(&text);
    return status;
}

int command_report(const struct invocation *invocation)
{
    const char *list = invocation->value[OPTION_BY];
    const struct form *form = find_form(invocation);
    struct report report = {.invocation = invocation};
    struct reading reading = {.policy = NULL};
    char *by = strdup(list != NULL ? list : BY_DEFAULT);
    const char *audit;
    char days[] = "day,account";
    int status = EXIT_USAGE;

    if (by == NULL)
        complain("not enough memory: end some programs and try again");
    if (form == NULL || by == NULL || !report_period_read(invocation, &report.period) ||
        !read_options(&report, by, days))
        goto done;
    report.with_days = form->has_days;
    status = EXIT_REFUSED;
    audit = find_audit(invocation, &reading);
    if (audit != NULL && report_read(&report, audit))
        status = print(&report, form);

done:
    report_free(&report);
    reading_end(&reading);
    free(by);
    return status;
}
