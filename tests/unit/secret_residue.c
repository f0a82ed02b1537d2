/*
 * What is left of secrets in a process that has used and freed them: reads base credentials from a
 * file or from a container's endpoint, assumes a role over TLS, frees everything, and looks through
 * all of its own memory. Prints how often each secret is still there.
 *
 * Arguments: credentials file, or the endpoint's token file; that endpoint, or nothing; STS's
 * endpoint, CA bundle, and each secret in hexadecimal, so that it stands nowhere in this process as
 * it is but for what the code under test does.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/base_file.h"
#include "helper/base_source.h"
#include "helper/http.h"
#include "helper/sts.h"

#define REGIONS_MAX 512

struct region {
    const unsigned char *start;
    const unsigned char *end;
};

static unsigned char digit(char c)
{
    return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Whether the secret that `hexadecimal` spells stands at `bytes`. */
static int stands_at(const unsigned char *bytes, const unsigned char *end, const char *hexadecimal)
{
    for (; hexadecimal[0] != '\0'; hexadecimal += 2, bytes++)
        if (bytes == end || *bytes != (digit(hexadecimal[0]) << 4 | digit(hexadecimal[1])))
            return 0;
    return 1;
}

static size_t writable_regions(struct region regions[REGIONS_MAX])
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    size_t count = 0;

    while (maps != NULL && count < REGIONS_MAX && fgets(line, sizeof line, maps) != NULL) {
        uintptr_t start, end;
        char access[5];

        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &start, &end, access) == 3 &&
            access[0] == 'r' && access[1] == 'w')
            regions[count++] = (struct region){(const unsigned char *)start, /* NOLINT */
                                               (const unsigned char *)end};  /* NOLINT */
    }
    if (maps != NULL)
        fclose(maps);
    return count;
}

static size_t count_copies(const char *hexadecimal)
{
    static struct region regions[REGIONS_MAX];
    size_t count = writable_regions(regions), copies = 0, i;
    const unsigned char *byte;

    for (i = 0; i < count; i++)
        for (byte = regions[i].start; byte < regions[i].end; byte++)
            copies += (size_t)stands_at(byte, regions[i].end, hexadecimal);
    return copies;
}

/* Reads the base credentials. Returns 0, or 1 with the reason printed. */
static int read_base(char *file, char *endpoint, struct credentials *credentials)
{
    struct base base = {.source = BASE_CONTAINER, .endpoint = endpoint, .token_file = file};
    struct policy policy = {.bases = &base, .base_count = 1};
    struct host host = {.policy = &policy, .group = getegid()};
    char why[BASE_WHY_SIZE];
    int failed = endpoint[0] == '\0'
                     ? base_file_read(file, "default", getegid(), credentials, why, sizeof why) != 0
                     : base_container_fetch(&host, &base, deadline_in_ms(10000), credentials,
                                            why) != STATUS_PERMITTED;

    if (failed)
        fprintf(stderr, "%s\n", why);
    return failed;
}

int main(int argc, char **argv)
{
    struct sts_assume_role call = {.role_arn = "arn:aws:iam::111122223333:role/R",
                                   .session_name = "alice"};
    struct credentials base = {.expiration = 0};
    struct sts_assumed assumed;
    struct sts_failure failure;
    int i;

    if (argc < 6)
        return 2;
    struct sts sts = {.endpoint = argv[3], .region = "eu-west-1", .ca_bundle = argv[4]};

    signal(SIGPIPE, SIG_IGN);
    if (secret_arena_open((size_t)1024 * 1024) != 0 || http_start() != 0)
        return 1;
    if (read_base(argv[1], argv[2], &base) != 0)
        return 1;
    if (sts_assume_role(&sts, &base, &call, deadline_in_ms(10000), &assumed, &failure) != 0) {
        fprintf(stderr, "%s\n", failure.text);
        return 1;
    }
    credentials_free(&assumed.credentials);
    credentials_free(&base);
    for (i = 5; i < argc; i++)
        printf("%zu\n", count_copies(argv[i]));
    http_end();
    secret_arena_close();
    return 0;
}
