/*
 * Base credentials from a file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "secret_setting.h"

#include "helper/base_file.h"

#define GOOD                                                                                       \
    "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s3cret/+=key\n"           \
    "[other]\naws_access_key_id=AKIAOTHER\naws_secret_access_key=other\n"                          \
    "aws_session_token=t0ken+/==\n"
#define X50  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X200 X50 X50 X50 X50
#define KEYS "aws_access_key_id = AKIADEFAULT\naws_secret_access_key = s3cret\n"

static int parse(const char *text, size_t length, const char *profile,
                 struct credentials *credentials, char why[1024])
{
    struct secret file = {0};
    int error;

    assert_int_equal(secret_copy(&file, text, length), 0);
    why[0] = '\0';
    error = base_file_parse("/etc/xacct/base", file.bytes, file.length, profile, credentials, why,
                            1024);
    secret_free(&file);
    return error;
}

static const struct {
    const char *text;
    const char *profile;
    const char *key_id;
    const char *secret;
    const char *token; /* NULL: none */
} good[] = {
    {GOOD, "default", "AKIADEFAULT", "s3cret/+=key", NULL},
    {GOOD, "other", "AKIAOTHER", "other", "t0ken+/=="},
    {"# a comment\n; another\n\n" GOOD, "default", "AKIADEFAULT", "s3cret/+=key", NULL},
    {"\xef\xbb\xbf" GOOD, "default", "AKIADEFAULT", "s3cret/+=key", NULL},
    {"[default]\r\naws_access_key_id = AKIA\r\naws_secret_access_key = s\r\n", "default", "AKIA",
     "s", NULL},
    {"[default]\nAWS_ACCESS_KEY_ID: AKIA\nAws_Secret_Access_Key: s", "default", "AKIA", "s", NULL},
    {"[default]\n  aws_access_key_id = AKIA ; comment\naws_secret_access_key = s", "default",
     "AKIA", "s", NULL},
    {"[default]\nregion = eu-west-1\ns3 =\n  signature_version = s3v4\n" KEYS, "default",
     "AKIADEFAULT", "s3cret", NULL},
    {"#" X200 " = " X200 "\n[default]\n" KEYS, "default", "AKIADEFAULT", "s3cret", NULL},
    {"[default]\n" KEYS "#" X200 X200 "\n;" X200 X200 "\n", "default", "AKIADEFAULT", "s3cret",
     NULL},
    {"[default]\nsso = " X200 "\n" KEYS, "default", "AKIADEFAULT", "s3cret", NULL},
    {"[default]\naws_session_token = " X200 " ; " X200 " " X200 "\n" KEYS, "default", "AKIADEFAULT",
     "s3cret", X200},
    {"[default]\naws_session_token = " X200 X200 X200 "\n" KEYS, "default", "AKIADEFAULT", "s3cret",
     X200 X200 X200},
    {"[my profile]\n" KEYS, "my profile", "AKIADEFAULT", "s3cret", NULL},
};

static void keys_of_the_profile_are_read(void **state)
{
    struct credentials credentials;
    char why[1024];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof good / sizeof *good; i++) {
        if (parse(good[i].text, strlen(good[i].text), good[i].profile, &credentials, why) != 0)
            fail_msg("case %zu: %s", i, why);
        assert_string_equal(credentials.access_key_id, good[i].key_id);
        assert_string_equal(credentials.secret_access_key.bytes, good[i].secret);
        if (good[i].token == NULL)
            assert_null(credentials.session_token.bytes);
        else
            assert_string_equal(credentials.session_token.bytes, good[i].token);
        assert_int_equal(credentials.expiration, 0);
        credentials_free(&credentials);
    }
}

static void a_token_of_any_length_is_read_whole(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ;#=[]:/+0123456789";
    char token[3001], text[3200], why[1024];
    struct credentials credentials;
    size_t length, i;

    (void)state;
    for (length = 1; length < sizeof token; length += length < 700 ? 1 : 97) {
        for (i = 0; i < length; i++)
            token[i] = alphabet[(7 * i + length) % (sizeof alphabet - 1)];
        token[length] = '\0';
        snprintf(text, sizeof text, "[default]\n" KEYS "aws_session_token = %s\n", token);
        /* A value cannot begin with a sign that is a comment's behind a blank. */
        if (token[0] == ';')
            continue;
        if (parse(text, strlen(text), "default", &credentials, why) != 0)
            fail_msg("%zu bytes: %s", length, why);
        assert_string_equal(credentials.session_token.bytes, token);
        credentials_free(&credentials);
    }
}

static const struct {
    const char *text;
    const char *why; /* the whole message, or its beginning */
} bad[] = {
    {"", "/etc/xacct/base: there is no profile [default]"},
    {"[other]\n" KEYS, "/etc/xacct/base: there is no profile [default]"},
    {KEYS, "/etc/xacct/base: there is no profile [default]"},
    {"[default]\naws_secret_access_key = HUSH\n",
     "/etc/xacct/base: profile [default] has no aws_access_key_id"},
    {"[default]\naws_access_key_id = HUSH\n",
     "/etc/xacct/base: profile [default] has no aws_secret_access_key"},
    {"[default]\n" KEYS "HUSH\n", "/etc/xacct/base:4: the line is neither"},
    {"[default]\n" KEYS "aws_session_token = " X200 X200 "\n\n" X200 X200 "\n",
     "/etc/xacct/base:6: the line is neither"},
    {"[default\n" KEYS, "/etc/xacct/base:1: the section's name has no closing bracket"},
    {"\n[" X50 "]\n" KEYS, "/etc/xacct/base:2: the section's name is longer"},
    {"[default]\nregion = x\n [other]\n" KEYS,
     "/etc/xacct/base:3: the section's name must begin in the first column"},
    {"[default]\n" KEYS "aws_access_key_id = HUSH\n",
     "/etc/xacct/base:4: aws_access_key_id was set on line 2 already"},
    {"[default]\naws_access_key_id = AKIA\n aws_secret_access_key = HUSH\n",
     "/etc/xacct/base:3: aws_access_key_id was set on line 2 already, or this line is indented"},
    {"[default]\naws_access_key_id =\naws_secret_access_key = HUSH\n",
     "/etc/xacct/base:2: aws_access_key_id of profile [default] is empty"},
    {"[default]\n" KEYS "aws_session_token =\n",
     "/etc/xacct/base:4: aws_session_token of profile [default] is empty; fill it in, or remove"},
    {"[default]\naws_access_key_id = \"HUSH\"\naws_secret_access_key = s\n",
     "/etc/xacct/base:2: aws_access_key_id of profile [default] is not an access key id"},
    {"[default]\naws_access_key_id = " X200 "\naws_secret_access_key = s\n",
     "/etc/xacct/base:2: aws_access_key_id of profile [default] is not an access key id"},
    {"[default]\naws_access_key_id = AKIA\naws_secret_access_key = HUSH HUSH\n",
     "/etc/xacct/base:3: aws_secret_access_key of profile [default] holds a blank"},
    {"[default]\naws_access_key_id = AKIA\naws_secret_access_key = HUSH # no comment\n",
     "/etc/xacct/base:3: aws_secret_access_key of profile [default] holds a blank"},
    {"[default]\naws_access_key_id = AKIA\naws_secret_access_key = HUSH\x01\n",
     "/etc/xacct/base:3: aws_secret_access_key of profile [default] holds a blank"},
    {"[default]\naws_access_key_id = AKIA\naws_secret_access_key = HUSH\xc3\x89\n",
     "/etc/xacct/base:3: aws_secret_access_key of profile [default] holds a blank"},
    {"[default]\n" KEYS "aws_session_token = " X200 " " X200 "\n",
     "/etc/xacct/base:4: aws_session_token of profile [default] holds a blank"},
};

static void each_mistake_is_told_with_file_and_line_and_no_value(void **state)
{
    struct credentials credentials;
    char why[1024];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(parse(bad[i].text, strlen(bad[i].text), "default", &credentials, why),
                         EINVAL);
        if (strncmp(why, bad[i].why, strlen(bad[i].why)) != 0)
            fail_msg("case %zu: %s", i, why);
        assert_null(strstr(why, "HUSH"));
        assert_null(credentials.secret_access_key.bytes);
    }
}

static void a_nul_byte_is_refused_with_its_line(void **state)
{
    static const char text[] = "[default]\naws_access_key_id = AK\0IA\naws_secret_access_key = s\n";
    struct credentials credentials;
    char why[1024];

    (void)state;
    assert_int_equal(parse(text, sizeof text - 1, "default", &credentials, why), EINVAL);
    assert_string_equal(why, "/etc/xacct/base:2: the line holds a NUL byte");
}

static void without_secret_memory_nothing_is_read(void **state)
{
    struct credentials credentials;
    struct secret file, hog;
    size_t size = SECRET_ARENA_SIZE;
    char why[1024];

    (void)state;
    assert_int_equal(secret_copy(&file, GOOD, strlen(GOOD)), 0);
    while (secret_new(&hog, size) != 0)
        size -= 16;
    assert_int_equal(
        base_file_parse("/f", file.bytes, file.length, "default", &credentials, why, sizeof why),
        ENOMEM);
    assert_string_equal(why, "/f: there is no secret memory left");
    secret_free(&hog);
    secret_free(&file);
}

/* The secret of the next test, never whole in the program itself: each byte less one. */
static const char veiled[] = "Fkd`ucxJmYcxGbqZnYyZfNq`gFkd";

static size_t occurrences(const unsigned char *bytes, size_t size)
{
    size_t length = sizeof veiled - 1, found = 0, i, j;

    for (i = 0; i + length <= size; i++) {
        for (j = 0; j < length && bytes[i + j] == (unsigned char)(veiled[j] + 1); j++)
            ;
        found += j == length;
    }
    return found;
}

/* How often the secret stands in the writable memory of this process, on stack, heap or elsewhere.
 */
static size_t copies_in_memory(void)
{
    size_t most = (size_t)64 * 1024 * 1024, found = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    unsigned char *copy;
    char line[512];

    assert_true(maps != NULL && memory >= 0);
    copy = mmap(NULL, most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(copy != MAP_FAILED);
    while (fgets(line, sizeof line, maps) != NULL) {
        char *rest; /* START-END rw-p ... */
        uintptr_t start = strtoul(line, &rest, 16), end = strtoul(rest + 1, &rest, 16);
        ssize_t got;

        if (rest[2] != 'w' || end - start > most ||
            ((uintptr_t)copy >= start && (uintptr_t)copy < end))
            continue;
        got = pread(memory, copy, end - start, (off_t)start);
        if (got > 0)
            found += occurrences(copy, (size_t)got);
    }
    munmap(copy, most);
    close(memory);
    fclose(maps);
    return found;
}

/* Parses far down the stack, so that looking for what was left there does not overwrite it. */
__attribute__((noinline)) static void parse_far_down(const char *text, size_t length,
                                                     struct credentials *credentials)
{
    volatile char above[32768];
    char why[1024];

    above[0] = above[sizeof above - 1] = 0;
    assert_int_equal(base_file_parse("/f", text, length, "default", credentials, why, sizeof why),
                     0);
    assert_int_equal(above[0], 0);
}

static void no_copy_of_a_secret_stays_outside_secret_memory(void **state)
{
    static const char before[] = "[default]\naws_access_key_id = AKIA\naws_secret_access_key = ";
    struct credentials credentials;
    struct secret file;
    size_t i, at;

    (void)state;
    assert_int_equal(secret_new(&file, sizeof before + sizeof veiled), 0);
    memcpy(file.bytes, before, sizeof before - 1);
    for (i = 0, at = sizeof before - 1; veiled[i] != '\0'; i++)
        file.bytes[at + i] = (char)(veiled[i] + 1);
    file.bytes[at + i] = '\n';
    parse_far_down(file.bytes, at + i + 1, &credentials);
    secret_free(&file);
    assert_int_equal(copies_in_memory(), 1);
    credentials_free(&credentials);
    assert_int_equal(copies_in_memory(), 0);
}

/* Makes a file below /root, as only folders of root's alone are trusted. */
static void write_file(char folder[32], char path[64], const char *text, mode_t mode)
{
    int file;

    strcpy(folder, "/mnt/xacct-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, 64, "%s/base", folder);
    file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(file, mode), 0);
    close(file);
}

static void a_file_of_the_right_owner_and_mode_is_read(void **state)
{
    struct credentials credentials;
    char folder[32], path[64], why[1024];

    (void)state;
    write_file(folder, path, GOOD, 0640);
    assert_int_equal(base_file_read(path, "other", 0, &credentials, why, sizeof why), 0);
    assert_string_equal(credentials.access_key_id, "AKIAOTHER");
    credentials_free(&credentials);
    unlink(path);
    assert_int_equal(base_file_read(path, "other", 0, &credentials, why, sizeof why), ENOENT);
    assert_non_null(strstr(why, path));
    rmdir(folder);
}

static void a_file_that_others_may_read_is_refused(void **state)
{
    struct credentials credentials;
    char folder[32], path[64], why[1024];

    (void)state;
    write_file(folder, path, GOOD, 0644);
    assert_int_equal(base_file_read(path, "default", 0, &credentials, why, sizeof why), EACCES);
    assert_non_null(strstr(why, path));
    assert_non_null(strstr(why, "0644"));
    assert_null(credentials.secret_access_key.bytes);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_the_profile_are_read),
        cmocka_unit_test(a_token_of_any_length_is_read_whole),
        cmocka_unit_test(each_mistake_is_told_with_file_and_line_and_no_value),
        cmocka_unit_test(a_nul_byte_is_refused_with_its_line),
        cmocka_unit_test(without_secret_memory_nothing_is_read),
        cmocka_unit_test(no_copy_of_a_secret_stays_outside_secret_memory),
        cmocka_unit_test(a_file_of_the_right_owner_and_mode_is_read),
        cmocka_unit_test(a_file_that_others_may_read_is_refused),
    };

    /* What is freed is overwritten, as in the helper, under sanitizers and valgrind as well. */
    mallopt(M_PERTURB, 0x5a);
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
