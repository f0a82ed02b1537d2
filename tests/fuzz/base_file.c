/*
 * AWS's shared credentials file: helper/base_file.h. The first line is the profile.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>

#include "helper/base_file.h"
#include "tests/fuzz/secrets.h"

/* Stands for a key in the seeds: no message may hold it. */
#define KEY "wJalrXUtnFEMI"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    open_secrets();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    char *profile = fuzz_take_text(&input, "\n"), why[1024] = "";
    /* In memory of its own, so that reading past it is seen. */
    char *text = malloc(input.length + 1);
    struct credentials credentials;
    int error;

    fuzz_need(text != NULL, "malloc");
    memcpy(text, input.bytes, input.length);
    error = base_file_parse("/etc/xacct/base.credentials", text, input.length, profile,
                            &credentials, why, sizeof why);
    look_at_credentials(&credentials, error == 0, false);
    if (error != 0) {
        PROMISE(why[0] != '\0' && fuzz_is_printable(why));
        PROMISE(strstr(why, KEY) == NULL || strstr(profile, KEY) != NULL);
    } else {
        fuzz_accept();
    }
    credentials_free(&credentials);
    free(text);
    free(profile);
    return 0;
}
