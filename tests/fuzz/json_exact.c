/*
 * Any bytes as JSON and back: helper/json.h, whose reader takes what its writer wrote, byte for
 * byte.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/json.h"

#include <stdlib.h>
#include <string.h>

#include "helper/text_list.h"
#include "tests/fuzz/fuzz.h"

/* Whether it is one line of ASCII without control characters but DEL, which JSON lets stand. */
static bool is_one_line(const char *written)
{
    for (; *written != '\0'; written++)
        if (*written < ' ')
            return false;
    return true;
}

/* What was written, as a file has it. */
static char *write_all(char *text)
{
    json_t *object = json_object();
    const struct texts list = {&text, text[0] != '\0' ? 1 : 0};
    char *written;

    fuzz_need(object != NULL, "json_object");
    PROMISE(json_set_exact(object, "text", text) == 0);
    PROMISE(json_set_text(object, "shown", text) == 0);
    PROMISE(json_set_exact_list(object, "list", &list) == 0);
    written = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    PROMISE(written != NULL && is_one_line(written));
    json_decref(object);
    return written;
}

static void read_again(const char *written, char *text)
{
    const struct texts list = {&text, text[0] != '\0' ? 1 : 0};
    json_t *object = json_loads(written, 0, NULL);
    struct texts list_read;
    char *read;

    PROMISE(object != NULL);
    PROMISE(json_exact(object, "text", &read) == 0);
    PROMISE(text[0] == '\0' ? read == NULL : strcmp(read, text) == 0);
    PROMISE(json_exact_list(object, "list", &list_read) == 0);
    PROMISE(texts_same(&list, &list_read));
    text_list_free(&list_read);
    free(read);
    json_decref(object);
}

/* And what nobody of ours wrote: it is a text, or it is not. */
static void read_foreign(const uint8_t *bytes, size_t length)
{
    json_t *object = json_loadb((const char *)bytes, length, 0, NULL);
    struct texts list;
    char *read = NULL;

    if (json_exact(object, "text", &read) == 0 && read != NULL) {
        PROMISE(read[0] != '\0');
        fuzz_accept();
    }
    free(read);
    if (json_exact_list(object, "list", &list) == 0)
        text_list_free(&list);
    json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = fuzz_text(bytes, length), *written = write_all(text);

    read_again(written, text);
    read_foreign(bytes, length);
    free(written);
    free(text);
    return 0;
}
