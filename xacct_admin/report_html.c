/*
 * A report as one HTML page that needs nothing else: no script, no font, no picture from anywhere.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "xacct/durations.h"
#include "xacct_admin/report.h"
#include "xacct_admin/report_chart.h"

/* Where the eight colours are told apart by people who see red and green alike, too. */
static const char style[] =
    ":root{color-scheme:light dark;--page:#fff;--ink:#1b1f24;--faint:#59636e;--line:#d8dde3;"
    "--band:#f4f6f8;--c0:#0b62a4;--c1:#d0671b;--c2:#2c8257;--c3:#8a4fa3;--c4:#a58413;--c5:#0f8f9b;"
    "--c6:#b03a5b;--c7:#78828c}\n"
    "@media (prefers-color-scheme:dark){:root{--page:#14181d;--ink:#e6e9ed;--faint:#9aa5b1;"
    "--line:#323a44;--band:#1c2229;--c0:#5fa8ea;--c1:#ef9d5f;--c2:#6cc596;--c3:#c297dc;"
    "--c4:#dbbd52;--c5:#5ccbd6;--c6:#ee86a6;--c7:#9ba5af}}\n"
    "@media print{:root{--page:#fff;--ink:#000;--faint:#444;--line:#bbb;--band:#fff;--c0:#0b62a4;"
    "--c1:#d0671b;--c2:#2c8257;--c3:#8a4fa3;--c4:#a58413;--c5:#0f8f9b;--c6:#b03a5b;--c7:#78828c}"
    ".scroll{overflow:visible}tfoot{display:table-row-group}tr,figure,.tiles{break-inside:avoid}"
    "rect,.bar{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif}main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem}\n"
    "h1{font-size:1.6rem;margin:0 0 .25rem;line-height:1.2}h2{font-size:1.15rem;margin:2.25rem 0 "
    ".75rem}p{margin:0 0 1rem;max-width:46rem}.faint,figcaption,footer{color:var(--faint)}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;"
    "margin:1.25rem 0;padding:0;list-style:none}.tiles li{background:var(--band);border:1px solid "
    "var(--line);border-radius:.5rem;padding:.6rem .9rem}.tiles b{display:block;font-size:1.4rem;"
    "font-variant-numeric:tabular-nums}\n"
    "figure{margin:0}.scroll{overflow-x:auto}svg.days{display:block;width:100%;min-width:40rem}"
    "svg text{fill:var(--faint);font-size:12px}.x{text-anchor:middle}.y{text-anchor:end}"
    ".line{stroke:var(--line)}.floor{stroke:var(--faint)}rect{stroke:var(--page);stroke-width:.6}\n"
    "table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{text-align:left;padding:"
    ".35rem .9rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}"
    ".w::first-letter{text-transform:uppercase}thead "
    "th{color:var(--faint);font-weight:600;white-space:nowrap}tbody th{font-weight:400}"
    "bdi{display:block;min-width:5.5rem;overflow-wrap:anywhere}.key bdi{display:inline;min-width:0}"
    ".n{text-align:right;white-space:nowrap;"
    "font-variant-numeric:tabular-nums}tfoot td,tfoot th{font-weight:600;border-bottom:0}\n"
    ".key{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.5rem 0 0;padding:0;list-style:none}"
    ".key svg{width:.8rem;height:.8rem;margin-right:.4rem}"
    ".share{width:40%}.bar{display:block;width:100%;height:.85rem;margin-top:.3rem}"
    "details{margin-top:.75rem}summary{cursor:pointer;color:var(--faint)}"
    ".c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)"
    "}.c5{fill:var(--c5)}.c6{fill:var(--c6)}.c7{fill:var(--c7)}\n"
    "footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:1rem;font-size:.9rem}\n";

static void add_head(const struct report *report, struct text *text)
{
    char since[32], until[32];

    text_add(text, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "style-src 'unsafe-inline'\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta name=\"referrer\" content=\"no-referrer\">\n<title>AWS roles in use, ");
    text_addf(text, "%s to %s</title>\n<style>\n",
              report_moment(since, sizeof since, report->period.since),
              report_moment(until, sizeof until, report->period.until));
    text_add(text, style);
    text_addf(text,
              "</style>\n</head>\n<body>\n<main>\n<h1>AWS roles in use</h1>\n"
              "<p class=\"faint\">%s to %s, ",
              since, until);
    html_add(text, report->zone);
    text_add(text, "</p>\n");
}

static void add_tile(struct text *text, const char *name, unsigned long number)
{
    text_addf(text, "<li><b>%lu</b>%s</li>\n", number, name);
}

static void add_tiles(const struct report *report, struct text *text)
{
    const struct report_row *total = report_total(report);

    text_add(text, "<ul class=\"tiles\">\n<li><b>");
    report_add_time(text, total->seconds);
    text_addf(text, "%s</b>hours in use</li>\n", total->open ? "+" : "");
    add_tile(text, "uses", total->uses);
    add_tile(text, "hand-outs", total->hand_outs);
    add_tile(text, "sessions", total->sessions);
    text_add(text, "</ul>\n");
}

/* The accounts, each with a bar: a table that is a chart, and the key to the colours. */
static void add_accounts(const struct chart *chart, struct text *text)
{
    int64_t most = chart->accounts[0].seconds > 0 ? chart->accounts[0].seconds : 1;
    size_t i;

    text_add(text,
             "<h2>By account</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th "
             "scope=\"col\">Account</th><th scope=\"col\" class=\"n\">Time</th>"
             "<th scope=\"col\" class=\"share\">Beside each other</th></tr></thead>\n<tbody>\n");
    for (i = 0; i < chart->account_count; i++) {
        const struct chart_account *account = &chart->accounts[i];

        text_add(text, "<tr><th scope=\"row\"><bdi>");
        html_add(text, account->name);
        text_add(text, "</bdi></th><td class=\"n\">");
        report_add_time(text, account->seconds);
        text_addf(text,
                  "</td><td class=\"share\"><svg class=\"bar\" aria-hidden=\"true\"><rect "
                  "class=\"c%zu\" width=\"%.2f%%\" height=\"100%%\"/></svg></td></tr>\n",
                  account->series, 100.0 * (double)account->seconds / (double)most);
    }
    text_add(text, "</tbody>\n</table></div>\n");
}

/* Which account has which colour, for those who have no pointer to ask a bar. */
static void add_key(const struct chart *chart, struct text *text)
{
    size_t i;

    text_add(text, "<ul class=\"key\">\n");
    for (i = 0; i < chart->account_count && i <= CHART_SERIES; i++) {
        text_addf(text,
                  "<li><svg aria-hidden=\"true\"><rect class=\"c%zu\" width=\"100%%\" "
                  "height=\"100%%\"/></svg><bdi>",
                  i);
        html_add(text, chart_series_name(chart, i));
        text_add(text, "</bdi></li>\n");
    }
    text_add(text, "</ul>\n");
}

static void add_days(const struct report *report, const struct chart *chart, struct text *text)
{
    const struct report_groups *days = &report->days;
    size_t i;

    text_addf(text, "<h2>By %s</h2>\n", chart_is_of_months(chart) ? "month" : "day");
    text_add(
        text,
        "<figure>\n<div class=\"scroll\" role=\"region\" aria-label=\"Chart\" tabindex=\"0\">\n");
    chart_add_svg(chart, text);
    text_add(text, "</div>\n<figcaption>");
    add_key(chart, text);
    text_add(text, "</figcaption>\n</figure>\n<details><summary>As a table</summary>\n"
                   "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Day</th>"
                   "<th scope=\"col\">Account</th><th scope=\"col\" class=\"n\">Time</th></tr>"
                   "</thead>\n<tbody>\n");
    for (i = 0; i < days->count; i++) {
        text_addf(text, "<tr><th scope=\"row\">%s</th><td><bdi>", days->rows[i]->values[0]);
        html_add(text, days->rows[i]->values[1]);
        text_add(text, "</bdi></td><td class=\"n\">");
        report_add_time(text, days->rows[i]->seconds);
        text_add(text, "</td></tr>\n");
    }
    text_add(text, "</tbody>\n</table></div></details>\n");
}

static void add_numbers(struct text *text, const struct report_row *row)
{
    text_add(text, "<td class=\"n\">");
    report_add_time(text, row->seconds);
    text_addf(text,
              "%s</td><td class=\"n\">%lu</td><td class=\"n\">%lu</td><td class=\"n\">%lu</td>"
              "</tr>\n",
              row->open ? "+" : "", row->uses, row->hand_outs, row->sessions);
}

static void add_row(const struct report_groups *groups, struct text *text,
                    const struct report_row *row)
{
    size_t i;

    text_add(text, "<tr>");
    for (i = 0; i < groups->by_count; i++) {
        text_add(text, i == 0 ? "<th scope=\"row\"><bdi>" : "<td><bdi>");
        html_add(text, *row->values[i] != '\0' ? row->values[i] : "-");
        text_add(text, i == 0 ? "</bdi></th>" : "</bdi></td>");
    }
    add_numbers(text, row);
}

static void add_table(const struct report *report, struct text *text)
{
    const struct report_groups *groups = &report->groups;
    size_t i;

    text_add(text, "<h2>By ");
    for (i = 0; i < groups->by_count; i++) {
        text_add(text, i > 0 ? ", " : "");
        html_add(text, groups->by[i].name);
    }
    text_add(text, "</h2>\n<div class=\"scroll\" role=\"region\" aria-label=\"All rows\" "
                   "tabindex=\"0\"><table>\n<thead><tr>");
    for (i = 0; i < groups->by_count; i++) {
        /* A tag's key is somebody's, and stays as it is. */
        text_add(text, groups->by[i].kind == REPORT_BY_TAG ? "<th scope=\"col\">"
                                                           : "<th scope=\"col\" class=\"w\">");
        html_add(text, groups->by[i].name);
        text_add(text, "</th>");
    }
    text_add(text, "<th scope=\"col\" class=\"n\">Time</th><th scope=\"col\" class=\"n\">Uses</th>"
                   "<th scope=\"col\" class=\"n\">Hand-outs</th><th scope=\"col\" class=\"n\">"
                   "Sessions</th></tr></thead>\n<tbody>\n");
    for (i = 0; i < groups->count; i++)
        add_row(groups, text, groups->rows[i]);
    text_addf(text, "</tbody>\n<tfoot><tr><th scope=\"row\" colspan=\"%zu\">Total</th>",
              groups->by_count);
    add_numbers(text, report_total(report));
    text_add(text, "</tfoot>\n</table></div>\n");
}

static void add_notes(const struct report *report, struct text *text)
{
    size_t i;

    if (report->notes.count == 0)
        return;
    text_add(text, "<h2>Notes</h2>\n<ul>\n");
    for (i = 0; i < report->notes.count; i++) {
        text_add(text, "<li>");
        html_add(text, report->notes.items[i]);
        text_add(text, "</li>\n");
    }
    if (report->notes_left_out > 0)
        text_addf(text, "<li>and %lu more</li>\n", report->notes_left_out);
    text_add(text, "</ul>\n");
}

static void add_foot(const struct report *report, struct text *text)
{
    char idle[32];

    text_addf(text,
              "<footer><p>Credentials that were handed out are signs of use; what AWS was asked is "
              "not known here. From each hand-out a role counts as in use for %s, unless its "
              "session or the credentials end, or the shell changes to another role, before. Of "
              "one person in one account each moment counts once. Uses are hand-outs with equal "
              "ones counted once.%s</p></footer>\n</main>\n</body>\n</html>\n",
              duration_in_words(idle, sizeof idle, report->idle),
              report_total(report)->open ? " +: in use still at the end of that time." : "");
}

void report_add_html(const struct report *report, struct text *text)
{
    struct chart chart;

    if (chart_make(report, &chart) != 0)
        text->failed = true;
    add_head(report, text);
    add_tiles(report, text);
    if (chart.bar_count > 0) {
        add_accounts(&chart, text);
        add_days(report, &chart, text);
    }
    if (report->groups.count > 0)
        add_table(report, text);
    else
        text_add(text, "<p>No role was in use.</p>\n");
    add_notes(report, text);
    add_foot(report, text);
    chart_free(&chart);
}
