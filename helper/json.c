/*
 * Untrusted text as JSON.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"

int json_set_text(json_t *object, const char *key, const char *text)
{
    char shown[ESCAPE_MAX];
    json_t *value;

    if (text == NULL || text[0] == '\0')
        return 0;
    value = json_string(text);
    if (value == NULL)
        value = json_string(escape(shown, sizeof shown, text));
    return json_object_set_new(object, key, value);
}

static json_t *list_of_bytes(const char *text)
{
    json_t *list = json_array();

    for (; list != NULL && *text != '\0'; text++)
        if (json_array_append_new(list, json_integer((unsigned char)*text)) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

int json_set_exact(json_t *object, const char *key, const char *text)
{
    json_t *value;

    if (text == NULL || text[0] == '\0')
        return 0;
    value = json_string(text);
    if (value == NULL)
        value = list_of_bytes(text);
    return json_object_set_new(object, key, value);
}

/* The text of a list of bytes, as json_exact. */
static int bytes_of_list(const json_t *list, char **text)
{
    size_t count = json_array_size(list), i;
    char *bytes = calloc(count + 1, 1);

    if (bytes == NULL)
        return ENOMEM;
    for (i = 0; i < count; i++) {
        json_int_t byte = json_integer_value(json_array_get(list, i));

        if (byte < 1 || byte > 255) {
            free(bytes);
            return EBADMSG;
        }
        bytes[i] = (char)byte;
    }
    *text = bytes;
    return 0;
}

int json_exact(const json_t *object, const char *key, char **text)
{
    const json_t *value = json_object_get(object, key);

    *text = NULL;
    if (value == NULL)
        return 0;
    if (json_is_array(value) && json_array_size(value) > 0)
        return bytes_of_list(value, text);
    if (!json_is_string(value) || json_string_length(value) == 0)
        return EBADMSG;
    *text = strdup(json_string_value(value));
    return *text != NULL ? 0 : ENOMEM;
}
