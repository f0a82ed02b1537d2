/*
 * Signs what test_signer.py asks for: one request a line on standard input, its fields between tabs
 * (time, region, service, host, path, content type, access key id, secret access key, session token
 * or nothing, body in hexadecimal); the date and the Authorization header, with a tab between them,
 * a line on standard output.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/sigv4.h"

enum field { NOW, REGION, SERVICE, HOST, PATH, TYPE, KEY_ID, SECRET, TOKEN, BODY, FIELDS };

/* Cuts a line into its fields. Returns 0, or -1 when it has others than expected. */
static int split(char *line, char *fields[FIELDS])
{
    int i;

    line[strcspn(line, "\n")] = '\0';
    for (i = 0; i < FIELDS; i++)
        fields[i] = strsep(&line, "\t");
    return fields[BODY] != NULL && line == NULL ? 0 : -1;
}

/* Turns hexadecimal digits into bytes, in place. Returns how many. */
static size_t decode_hex(char *text)
{
    size_t length = strlen(text) / 2, i;
    char byte[3] = "";

    for (i = 0; i < length; i++) {
        memcpy(byte, text + 2 * i, 2);
        text[i] = (char)strtoul(byte, NULL, 16);
    }
    return length;
}

static int sign_line(char *line)
{
    struct credentials credentials = {0};
    struct sigv4_signature signature;
    struct sigv4_request request;
    char *fields[FIELDS];
    int error = -1;

    if (split(line, fields) != 0)
        return -1;
    request = (struct sigv4_request){
        .host = fields[HOST],
        .path = fields[PATH],
        .content_type = fields[TYPE],
        .body = fields[BODY],
        .body_length = decode_hex(fields[BODY]),
        .region = fields[REGION],
        .service = fields[SERVICE],
        .now = (time_t)strtoll(fields[NOW], NULL, 10),
    };
    snprintf(credentials.access_key_id, sizeof credentials.access_key_id, "%s", fields[KEY_ID]);
    if (secret_copy(&credentials.secret_access_key, fields[SECRET], strlen(fields[SECRET])) == 0 &&
        (*fields[TOKEN] == '\0' ||
         secret_copy(&credentials.session_token, fields[TOKEN], strlen(fields[TOKEN])) == 0))
        error = sigv4_sign(&request, &credentials, &signature);
    if (error == 0)
        printf("%s\t%s\n", signature.date, signature.authorization);
    credentials_free(&credentials);
    return error;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    int error = secret_arena_open((size_t)64 * 1024);

    while (error == 0 && getline(&line, &size, stdin) > 0)
        error = sign_line(line);
    free(line);
    secret_arena_close();
    return error == 0 ? 0 : 1;
}
