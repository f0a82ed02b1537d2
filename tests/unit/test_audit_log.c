/*
 * The reader of the audit file: each line once, in the order in which they were written, whatever
 * logrotate made of the file, and no line of which nobody is told.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "remove_folder.h"
#include "xacct_admin/audit_log.h"

#define NOON 1806062400 /* 2027-03-26T12:00:00Z */

struct setting {
    char folder[64];
    char path[128];
    struct audit_log_counts counts;
    char why[AUDIT_LOG_WHY_SIZE];
    char taken[4096]; /* the event of each line, with a blank behind it */
    char told[16384]; /* FILE:LINE: TEXT of each note, with the folder left out */
    int stop_after;   /* so many lines; 0: never */
    void (*between)(struct setting *setting);      /* done once, at the first line */
    void (*while_listed)(struct setting *setting); /* done once, at the first note */
};

static int set_up(void **state)
{
    struct setting *setting = calloc(1, sizeof *setting);

    assert_non_null(setting);
    strcpy(setting->folder, "/tmp/audit-log-XXXXXX");
    assert_non_null(mkdtemp(setting->folder));
    snprintf(setting->path, sizeof setting->path, "%s/audit.jsonl", setting->folder);
    *state = setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *setting = *state;

    remove_folder(setting->folder);
    free(setting);
    return 0;
}

/* The path of a file beside the current one; the next call but one overwrites it. */
static const char *path_of(const struct setting *setting, const char *name)
{
    static char paths[2][192];
    static unsigned next;
    char *path = paths[next++ % 2];

    snprintf(path, sizeof paths[0], "%s/%s", setting->folder, name);
    return path;
}

static void set_written(const struct setting *setting, const char *name, time_t written)
{
    const struct timespec times[2] = {{.tv_sec = written}, {.tv_sec = written}};

    assert_int_equal(utimensat(AT_FDCWD, path_of(setting, name), times, 0), 0);
}

/* Writes a file anew, last at one o'clock; one whose name ends in .gz is compressed. */
static void put(const struct setting *setting, const char *name, const char *text)
{
    size_t length = strlen(name);
    bool compressed = length > 3 && strcmp(name + length - 3, ".gz") == 0;
    gzFile file = gzopen(path_of(setting, name), compressed ? "wb" : "wbT");

    assert_non_null(file);
    assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), strlen(text));
    assert_int_equal(gzclose(file), Z_OK);
    set_written(setting, name, NOON + 3600);
}

/* A whole line of this event, `seconds` after noon. */
static const char *line(const char *event, int seconds)
{
    static char lines[8][256];
    static unsigned next;
    char *text = lines[next++ % 8];

    snprintf(text, sizeof lines[0],
             "{\"event\":\"%s\",\"time\":\"2027-03-26T12:%02d:%02d.500Z\",\"version\":1}\n", event,
             seconds / 60, seconds % 60);
    return text;
}

static void put_line(const struct setting *setting, const char *name, const char *event,
                     int seconds)
{
    put(setting, name, line(event, seconds));
}

static bool take(void *argument, const struct audit_log_line *line)
{
    struct setting *setting = argument;
    size_t length = strlen(setting->taken);
    void (*between)(struct setting *) = setting->between;

    snprintf(setting->taken + length, sizeof setting->taken - length, "%s ", line->event);
    assert_string_equal(line->event, json_string_value(json_object_get(line->object, "event")));
    setting->between = NULL;
    if (between != NULL)
        between(setting);
    return setting->stop_after == 0 || --setting->stop_after > 0;
}

static void tell(void *argument, const struct audit_log_note *note)
{
    struct setting *setting = argument;
    size_t length = strlen(setting->told), folder = strlen(setting->folder) + 1;
    void (*while_listed)(struct setting *) = setting->while_listed;

    assert_memory_equal(note->file, setting->folder, folder - 1);
    snprintf(setting->told + length, sizeof setting->told - length, "%s:%lu: %s\n",
             note->file + folder, note->line, note->text);
    setting->while_listed = NULL;
    if (while_listed != NULL)
        while_listed(setting);
}

static int read_since(struct setting *setting, time_t since)
{
    const struct audit_log log = {
        .path = setting->path, .since = since, .take = take, .tell = tell, .argument = setting};

    setting->taken[0] = setting->told[0] = '\0';
    return audit_log_read(&log, &setting->counts, setting->why);
}

static void assert_taken(struct setting *setting, const char *events)
{
    assert_int_equal(read_since(setting, 0), 0);
    assert_string_equal(setting->taken, events);
}

static void assert_told(const struct setting *setting, const char *what)
{
    if (strstr(setting->told, what) == NULL)
        fail_msg("not told: %s\nbut: %s", what, setting->told);
}

static void numbered_files_are_read_from_the_highest_number_on(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl", "e", 5);
    put_line(setting, "audit.jsonl.1", "d", 4);
    put_line(setting, "audit.jsonl.2.gz", "c", 3);
    put_line(setting, "audit.jsonl.9.gz", "b", 2);
    put_line(setting, "audit.jsonl.10.gz", "a", 1);
    assert_taken(setting, "a b c d e ");
    assert_string_equal(setting->told, "");
    assert_int_equal(setting->counts.files, 5);
    assert_int_equal(setting->counts.lines, 5);
}

static void dated_files_are_read_by_their_dates(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl", "d", 4);
    put_line(setting, "audit.jsonl-20270331", "c", 3);
    put_line(setting, "audit.jsonl-20270324.gz", "b", 2);
    put_line(setting, "audit.jsonl-20261231.gz", "a", 1);
    assert_taken(setting, "a b c d ");
    assert_string_equal(setting->told, "");
}

static void dates_of_any_dateformat_are_known(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl", "d", 4);
    put_line(setting, "audit.jsonl-2027-03-31", "b", 3);
    put_line(setting, "audit.jsonl-2027-03-31-1806062400.gz", "c", 3);
    put_line(setting, "audit.jsonl-2027-03-24.gz", "a", 2);
    assert_taken(setting, "a b c d ");
    put_line(setting, "audit.jsonl.", "no", 1);
    put_line(setting, "audit.jsonl-1", "no", 1);
    assert_taken(setting, "a b c d ");
    assert_told(setting, "audit.jsonl.:0: it is not read");
    assert_told(setting, "audit.jsonl-1:0: it is not read");
}

static void logrotates_extension_is_known(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl", "d", 4);
    put_line(setting, "audit-20270331.jsonl", "c", 3);
    put_line(setting, "audit-20270324.jsonl.gz", "b", 2);
    put_line(setting, "audit.1.jsonl", "a", 1);
    set_written(setting, "audit.1.jsonl", NOON);
    assert_taken(setting, "a b c d ");
    assert_string_equal(setting->told, "");
}

static void of_numbers_and_dates_the_older_ones_come_first(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl", "e", 4);
    put_line(setting, "audit.jsonl.1", "a", 3);
    put_line(setting, "audit.jsonl-20270331", "b", 2);
    set_written(setting, "audit.jsonl.1", NOON);
    set_written(setting, "audit.jsonl-20270331", NOON + 1);
    assert_taken(setting, "a b e ");
    set_written(setting, "audit.jsonl.1", NOON + 2);
    assert_taken(setting, "b a e ");
}

static void what_logrotate_did_not_name_is_told_and_not_read(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl", "a", 1);
    put_line(setting, "audit.jsonl.1.xz", "no", 1);
    put_line(setting, "audit.jsonl-20270331.zst", "no", 1);
    put_line(setting, "audit.jsonl.bak", "no", 1);
    put_line(setting, "audit.jsonl~", "no", 1);
    put_line(setting, "other.jsonl", "no", 1);
    put_line(setting, "audit-plan.jsonl", "no", 1);
    assert_taken(setting, "a ");
    assert_told(setting, "audit.jsonl.1.xz:0: it is not read, as of compressed files only those of "
                         "gzip are: unpack it\n");
    assert_told(setting, "audit.jsonl-20270331.zst:0: it is not read, as of compressed");
    assert_told(setting, "audit.jsonl.bak:0: it is not read, as its name is none");
    assert_told(setting, "audit.jsonl~:0: it is not read, as its name is none");
    assert_null(strstr(setting->told, "other"));
    assert_null(strstr(setting->told, "plan"));
}

static void while_gzip_is_at_work_its_file_is_read_once(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl", "b", 2);
    put_line(setting, "audit.jsonl.2", "a", 1);
    put_line(setting, "audit.jsonl.2.gz", "a", 1);
    assert_taken(setting, "a b ");
}

static void a_file_with_two_names_is_read_once(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl", "a", 2);
    assert_int_equal(link(setting->path, path_of(setting, "audit.jsonl.1")), 0);
    assert_taken(setting, "a ");
}

static void rotate(struct setting *setting)
{
    assert_int_equal(rename(path_of(setting, "audit.jsonl.1"), path_of(setting, "audit.jsonl.2")),
                     0);
    assert_int_equal(rename(setting->path, path_of(setting, "audit.jsonl.1")), 0);
    put_line(setting, "audit.jsonl", "later", 9);
}

static void what_is_rotated_while_it_is_read_is_neither_lost_nor_read_twice(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl.2", "a", 1);
    put_line(setting, "audit.jsonl.1", "b", 2);
    put_line(setting, "audit.jsonl", "c", 3);
    setting->between = rotate;
    assert_taken(setting, "a b c ");
}

/* The note on a file that is none of logrotate's comes while the folder is listed. */
static void what_is_rotated_while_it_is_looked_for_is_neither_lost_nor_read_twice(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl.1", "a", 1);
    put_line(setting, "audit.jsonl", "b", 2);
    put(setting, "audit.jsonl.bak", "");
    setting->while_listed = rotate;
    assert_taken(setting, "a b later ");
    assert_int_equal(setting->counts.files, 3);
}

static void without_the_current_file_the_rotated_ones_are_read(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl.1", "a", 1);
    assert_taken(setting, "a ");
}

static void what_was_last_written_before_the_moment_is_not_opened(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl.2", "no", 1);
    put_line(setting, "audit.jsonl.1", "no", 10);
    put_line(setting, "audit.jsonl", "a", 20);
    set_written(setting, "audit.jsonl.2", NOON + 1);
    set_written(setting, "audit.jsonl.1", NOON + 30);
    assert_int_equal(read_since(setting, NOON + 20), 0);
    assert_string_equal(setting->taken, "a ");
    assert_int_equal(setting->counts.files, 2);
    assert_int_equal(setting->counts.lines, 1);
}

static void a_damaged_line_is_told_with_its_place_and_spoils_no_other(void **state)
{
    static const struct {
        const char *line;
        const char *told;
    } damaged[] = {
        {"{\"event\":\"opened\",\"ti", "no JSON object: cut short"},
        {"", "no JSON object"},
        {"[1]", "no JSON object"},
        {"{\"event\":\"x\",\"time\":\"2027-03-26T12:00:00Z\",\"version\":1}}", "no JSON object"},
        {"{\"event\":1,\"time\":\"2027-03-26T12:00:00Z\",\"version\":1}", "no event"},
        {"{\"event\":\"x\",\"time\":\"yesterday\",\"version\":1}", "no time"},
        {"{\"event\":\"x\",\"time\":\"2027-02-30T12:00:00Z\",\"version\":1}", "no time"},
        {"{\"event\":\"x\",\"time\":\"2027-03-26T12:00:00Z\"}", "no version"},
        {"{\"event\":\"x\",\"time\":\"2027-03-26T12:00:00Z\",\"version\":\"1\"}", "no version"},
        {"\xff\xfe", "no JSON object"},
    };
    struct setting *setting = *state;
    char text[1024], told[256];
    size_t i;

    for (i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        snprintf(text, sizeof text, "%s%s\n%s", line("a", 1), damaged[i].line, line("b", 2));
        put(setting, "audit.jsonl", text);
        assert_taken(setting, "a b ");
        snprintf(told, sizeof told, "audit.jsonl:2: it is passed over, as it ");
        assert_told(setting, told);
        assert_told(setting, damaged[i].told);
        assert_int_equal(setting->counts.damaged, 1);
        assert_int_equal(setting->counts.lines, 2);
    }
}

static void a_last_line_without_its_end_is_read_when_it_is_whole(void **state)
{
    struct setting *setting = *state;
    char text[1024];

    snprintf(text, sizeof text, "%s%s", line("a", 1), line("b", 2));
    text[strlen(text) - 1] = '\0';
    put(setting, "audit.jsonl", text);
    assert_taken(setting, "a b ");
    text[strlen(text) - 1] = '\0';
    put(setting, "audit.jsonl", text);
    assert_taken(setting, "a ");
    assert_string_equal(setting->told, "audit.jsonl:2: it is passed over, as its end is missing\n");
}

static void of_many_damaged_lines_a_few_are_told_and_all_are_counted(void **state)
{
    struct setting *setting = *state;
    char text[2048] = "";
    int i;

    for (i = 0; i < 100; i++)
        strcat(text, "no JSON\n");
    strcat(text, line("a", 1));
    put(setting, "audit.jsonl", text);
    assert_taken(setting, "a ");
    assert_int_equal(setting->counts.damaged, 100);
    assert_told(setting, "audit.jsonl:5: ");
    assert_null(strstr(setting->told, "audit.jsonl:6: "));
    assert_told(setting, "audit.jsonl:0: 95 more of its lines are passed over\n");
}

static void a_line_without_end_takes_no_memory_without_end(void **state)
{
    struct setting *setting = *state;
    size_t length = 3 * AUDIT_LOG_LINE_MAX;
    char *text = malloc(length + 256);

    assert_non_null(text);
    memset(text, 'x', length);
    strcpy(text + length, "\n");
    strcat(text, line("a", 1));
    put(setting, "audit.jsonl.1.gz", text);
    free(text);
    assert_taken(setting, "a ");
    assert_string_equal(setting->told, "audit.jsonl.1.gz:1: it is passed over, as it is longer "
                                       "than 1 MiB\n");
}

static void a_compressed_file_that_was_cut_short_is_told_and_read_as_far_as_it_goes(void **state)
{
    struct setting *setting = *state;
    char *text = calloc(20000, 128);
    struct stat status;
    int i;

    assert_non_null(text);
    for (i = 0; i < 20000; i++)
        sprintf(text + strlen(text),
                "{\"event\":\"%c\",\"time\":\"2027-03-26T12:00:00Z\",\"version\":1,\"n\":%d}\n",
                i == 0 ? 'a' : 'b', i * 7919 % 65537);
    put(setting, "audit.jsonl.1.gz", text);
    put_line(setting, "audit.jsonl", "c", 1);
    assert_int_equal(stat(path_of(setting, "audit.jsonl.1.gz"), &status), 0);
    assert_int_equal(truncate(path_of(setting, "audit.jsonl.1.gz"), status.st_size / 2), 0);
    free(text);
    assert_int_equal(read_since(setting, 0), 0);
    assert_true(setting->counts.lines > 5000 && setting->counts.lines < 20000);
    assert_told(setting, "audit.jsonl.1.gz:0: what comes behind line ");
    assert_told(setting, "the compressed file is damaged or cut short");
    assert_int_equal(setting->counts.files, 2);
}

static void lines_of_a_later_version_are_told_once_a_file(void **state)
{
    static const char later[] =
        "{\"event\":\"a\",\"time\":\"2027-03-26T12:00:00Z\",\"version\":2}\n"
        "{\"event\":\"b\",\"time\":\"2027-03-26T12:00:00Z\",\"version\":2}\n";
    struct setting *setting = *state;

    put(setting, "audit.jsonl", later);
    assert_taken(setting, "a b ");
    assert_int_equal(setting->counts.newer, 2);
    assert_told(setting, "audit.jsonl:1: from here on there are lines of version 2");
    assert_null(strstr(setting->told, "audit.jsonl:2: "));
}

static void the_callback_may_end_it(void **state)
{
    struct setting *setting = *state;

    put_line(setting, "audit.jsonl.1", "a", 1);
    put_line(setting, "audit.jsonl", "b", 2);
    setting->stop_after = 1;
    assert_taken(setting, "a ");
}

static void what_cannot_be_read_is_told_with_what_to_do(void **state)
{
    struct setting *setting = *state;

    assert_int_equal(read_since(setting, 0), ENOENT);
    assert_non_null(strstr(setting->why, setting->path));
    assert_non_null(strstr(setting->why, "--audit"));
    assert_int_equal(symlink("/etc/passwd", setting->path), 0);
    assert_int_equal(read_since(setting, 0), ELOOP);
    assert_non_null(strstr(setting->why, "symbolic link"));
    assert_int_equal(unlink(setting->path), 0);
    assert_int_equal(mkfifo(setting->path, 0600), 0);
    assert_int_equal(read_since(setting, 0), EINVAL);
    assert_non_null(strstr(setting->why, "is no file"));
}

static void who_may_not_read_it_is_told_who_may(void **state)
{
    struct setting *setting = *state;
    int error;

    put_line(setting, "audit.jsonl", "a", 1);
    assert_int_equal(chmod(setting->folder, 0755), 0);
    assert_int_equal(chmod(setting->path, 0600), 0);
    assert_int_equal(seteuid(65534), 0);
    error = read_since(setting, 0);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(error, EACCES);
    assert_non_null(strstr(setting->why, "root"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbered_files_are_read_from_the_highest_number_on),
        TEST(dated_files_are_read_by_their_dates),
        TEST(dates_of_any_dateformat_are_known),
        TEST(logrotates_extension_is_known),
        TEST(of_numbers_and_dates_the_older_ones_come_first),
        TEST(what_logrotate_did_not_name_is_told_and_not_read),
        TEST(while_gzip_is_at_work_its_file_is_read_once),
        TEST(a_file_with_two_names_is_read_once),
        TEST(what_is_rotated_while_it_is_read_is_neither_lost_nor_read_twice),
        TEST(what_is_rotated_while_it_is_looked_for_is_neither_lost_nor_read_twice),
        TEST(without_the_current_file_the_rotated_ones_are_read),
        TEST(what_was_last_written_before_the_moment_is_not_opened),
        TEST(a_damaged_line_is_told_with_its_place_and_spoils_no_other),
        TEST(a_last_line_without_its_end_is_read_when_it_is_whole),
        TEST(of_many_damaged_lines_a_few_are_told_and_all_are_counted),
        TEST(a_line_without_end_takes_no_memory_without_end),
        TEST(a_compressed_file_that_was_cut_short_is_told_and_read_as_far_as_it_goes),
        TEST(lines_of_a_later_version_are_told_once_a_file),
        TEST(the_callback_may_end_it),
        TEST(what_cannot_be_read_is_told_with_what_to_do),
        TEST(who_may_not_read_it_is_told_who_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
