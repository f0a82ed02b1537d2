/*
 * Charts of a report.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/report_chart.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xacct/json_text.h"

/* The drawing, in units of its own. */
#define WIDTH  960
#define HEIGHT 280
#define LEFT   56 /* of what is drawn, before the bars */
#define TOP    12
#define FLOOR  244 /* where bars stand */

#define LABELS_MOST 12
#define TICKS_MOST  6
#define BAR_WIDEST  64.0

void html_add(struct text *text, const char *words)
{
    while (*words != '\0') {
        size_t length = utf8_sequence(words);
        unsigned char byte = (unsigned char)*words;
        uint32_t character = utf8_character(words, length);

        if (length == 0 || is_control_character(character) || turns_text_round(character))
            text_add(text, "\xef\xbf\xbd");
        else if (strchr("&<>\"'", byte) != NULL)
            text_addf(text, "&#%d;", byte);
        else
            text_add_bytes(text, words, length);
        words += length > 0 ? length : 1;
    }
}

/* The account of this name, new where there is none. There is room for it. */
static struct chart_account *find_account(struct chart *chart, const char *name)
{
    size_t i;

    for (i = 0; i < chart->account_count; i++)
        if (strcmp(chart->accounts[i].name, name) == 0)
            return &chart->accounts[i];
    chart->accounts[i].name = name;
    chart->account_count++;
    return &chart->accounts[i];
}

static int compare_accounts(const void *left, const void *right)
{
    const struct chart_account *a = left, *b = right;

    if (a->seconds != b->seconds)
        return a->seconds > b->seconds ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void make_accounts(const struct report_groups *days, struct chart *chart)
{
    size_t i;

    chart->account_count = 0;
    for (i = 0; i < days->count; i++)
        find_account(chart, days->rows[i]->values[1])->seconds += days->rows[i]->seconds;
    if (chart->account_count > 1)
        qsort(chart->accounts, chart->account_count, sizeof *chart->accounts, compare_accounts);
    for (i = 0; i < chart->account_count; i++)
        chart->accounts[i].series = i < CHART_SERIES ? i : CHART_SERIES;
}

/* Noon of a day, by its name. */
static struct tm noon_of(const char *day)
{
    struct tm noon = {.tm_isdst = -1, .tm_hour = 12};

    noon.tm_year = (int)strtol(day, NULL, 10) - 1900;
    noon.tm_mon = (int)strtol(day + strlen("2027-"), NULL, 10) - 1;
    noon.tm_mday = (int)strtol(day + strlen("2027-03-"), NULL, 10);
    return noon;
}

/* Adds a bar of this name, unless it is the last one's. Returns 0 or ENOMEM. */
static int add_bar(struct chart *chart, const char *name)
{
    struct chart_bar *last = chart->bar_count > 0 ? &chart->bars[chart->bar_count - 1] : NULL;
    struct chart_bar *bars;

    if (last != NULL && strcmp(last->name, name) == 0)
        return 0;
    bars = realloc(chart->bars, (chart->bar_count + 1) * sizeof *bars);
    if (bars == NULL)
        return ENOMEM;
    chart->bars = bars;
    memset(&bars[chart->bar_count], 0, sizeof *bars);
    strcpy(bars[chart->bar_count++].name, name);
    return 0;
}

/* Makes the bars, all zero, and sets *length: the bytes of a day's name that are its bar's. */
static int make_bars(const struct report_groups *days, struct chart *chart, size_t *length)
{
    const char *last = days->rows[days->count - 1]->values[0];
    struct tm at = noon_of(days->rows[0]->values[0]), end = noon_of(last);
    bool of_days = mktime(&end) - mktime(&at) < (time_t)CHART_DAYS_MOST * 86400;
    char name[REPORT_DAY_SIZE];
    int error = 0;

    *length = strlen(of_days ? "2027-03-31" : "2027-03");
    if (!of_days)
        at.tm_mday = 1;
    while (error == 0 && mktime(&at) != -1 &&
           strftime(name, sizeof name, of_days ? "%Y-%m-%d" : "%Y-%m", &at) > 0 &&
           strncmp(name, last, *length) <= 0) {
        error = add_bar(chart, name);
        at.tm_mday += of_days;
        at.tm_mon += !of_days;
        at.tm_hour = 12;
        at.tm_isdst = -1;
    }
    return error;
}

static void fill_bars(const struct report_groups *days, struct chart *chart, size_t length)
{
    size_t bar = 0, i;

    for (i = 0; i < days->count; i++) {
        const struct report_row *row = days->rows[i];

        while (bar < chart->bar_count &&
               strncmp(chart->bars[bar].name, row->values[0], length) != 0)
            bar++;
        if (bar == chart->bar_count)
            return;
        chart->bars[bar].seconds[find_account(chart, row->values[1])->series] += row->seconds;
    }
}

int chart_make(const struct report *report, struct chart *chart)
{
    const struct report_groups *days = &report->days;
    size_t length;
    int error;

    *chart = (struct chart){.accounts = NULL};
    if (days->count == 0)
        return 0;
    chart->accounts = calloc(days->count + 1, sizeof *chart->accounts);
    if (chart->accounts == NULL)
        return ENOMEM;
    make_accounts(days, chart);
    error = make_bars(days, chart, &length);
    if (error == 0)
        fill_bars(days, chart, length);
    return error;
}

void chart_free(struct chart *chart)
{
    free(chart->accounts);
    free(chart->bars);
    *chart = (struct chart){.accounts = NULL};
}

static int64_t bar_total(const struct chart_bar *bar)
{
    int64_t total = 0;
    size_t i;

    for (i = 0; i <= CHART_SERIES; i++)
        total += bar->seconds[i];
    return total;
}

/* The seconds between two lines of the scale, so that `most` takes no more than TICKS_MOST. */
static int64_t find_step(int64_t most)
{
    static const int64_t factors[] = {1, 2, 5};
    static const int64_t fine[] = {60, 300, 900, 1800};
    int64_t hours = 3600;
    size_t i;

    for (i = 0; i < sizeof fine / sizeof *fine; i++)
        if (most <= fine[i] * TICKS_MOST)
            return fine[i];
    for (;; hours *= 10)
        for (i = 0; i < sizeof factors / sizeof *factors; i++)
            if (most <= factors[i] * hours * TICKS_MOST)
                return factors[i] * hours;
}

/* Appends the scale, and returns what its highest line is at. */
static int64_t add_scale(const struct chart *chart, struct text *text)
{
    int64_t most = 1, step, at, top;
    size_t i;

    for (i = 0; i < chart->bar_count; i++)
        if (bar_total(&chart->bars[i]) > most)
            most = bar_total(&chart->bars[i]);
    step = find_step(most);
    top = (most + step - 1) / step * step;
    for (at = 0; at <= top; at += step) {
        double y = FLOOR - (double)(FLOOR - TOP) * (double)at / (double)top;

        if (at > 0)
            text_addf(text, "<path class=\"line\" d=\"M%d %.1fH%d\"/>", LEFT, y, WIDTH);
        text_addf(text, "<text class=\"y\" x=\"%d\" y=\"%.1f\">%lld %s</text>\n", LEFT - 8, y + 4,
                  (long long)(step < 3600 ? at / 60 : at / 3600), step < 3600 ? "min" : "h");
    }
    return top;
}

bool chart_is_of_months(const struct chart *chart)
{
    return chart->bar_count > 0 && strlen(chart->bars[0].name) == strlen("2027-03");
}

const char *chart_series_name(const struct chart *chart, size_t series)
{
    return series < CHART_SERIES ? chart->accounts[series].name : "other accounts";
}

static void add_bar_svg(const struct chart *chart, struct text *text, const struct chart_bar *bar,
                        double x, double width, int64_t top)
{
    double y = FLOOR;
    size_t i;

    for (i = 0; i <= CHART_SERIES; i++) {
        double height = (double)(FLOOR - TOP) * (double)bar->seconds[i] / (double)top;

        if (bar->seconds[i] == 0)
            continue;
        y -= height;
        text_addf(text,
                  "<rect class=\"c%zu\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
                  "<title>%s, ",
                  i, x, y, width, height, bar->name);
        html_add(text, chart_series_name(chart, i));
        text_add(text, ": ");
        report_add_time(text, bar->seconds[i]);
        text_add(text, "</title></rect>\n");
    }
}

void chart_add_svg(const struct chart *chart, struct text *text)
{
    size_t i, every = (chart->bar_count + LABELS_MOST - 1) / LABELS_MOST;
    double slot = (double)(WIDTH - LEFT) / (double)(chart->bar_count > 0 ? chart->bar_count : 1);
    double width = slot * 0.72 < BAR_WIDEST ? slot * 0.72 : BAR_WIDEST;
    bool of_days = !chart_is_of_months(chart);
    int64_t top;

    text_addf(text,
              "<svg class=\"days\" viewBox=\"0 0 %d %d\" role=\"img\" "
              "aria-labelledby=\"days-title days-desc\">\n"
              "<title id=\"days-title\">Time in use by %s and account</title>\n"
              "<desc id=\"days-desc\">One bar for each %s, from %s to %s, in which each account "
              "has a colour. The table below it has the same numbers.</desc>\n",
              WIDTH, HEIGHT, of_days ? "day" : "month", of_days ? "day" : "month",
              chart->bars[0].name, chart->bars[chart->bar_count - 1].name);
    top = add_scale(chart, text);
    for (i = 0; i < chart->bar_count; i++) {
        double middle = LEFT + slot * ((double)i + 0.5);

        add_bar_svg(chart, text, &chart->bars[i], middle - width / 2, width, top);
        if (i % every == 0)
            text_addf(text, "<text class=\"x\" x=\"%.1f\" y=\"%d\">%s</text>\n", middle, FLOOR + 20,
                      chart->bars[i].name + (of_days ? strlen("2027-") : 0));
    }
    /* Above the bars, as their edges would break it. */
    text_addf(text, "<path class=\"floor\" d=\"M%d %dH%d\"/>\n</svg>\n", LEFT, FLOOR, WIDTH);
}
