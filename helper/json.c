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
#include "helper/text_list.h"

char *json_as_text(const json_t *value, size_t flags)
{
    /* What is written into memory that is there already cannot fail in the midst of it. */
    const size_t length = json_dumpb(value, NULL, 0, flags);
    char *text = length > 0 ? malloc(length + 1) : NULL;

    if (text == NULL)
        return NULL;
    if (json_dumpb(value, text, length, flags) == length) {
        text[length] = '\0';
        return text;
    }
    free(text);
    return NULL;
}

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

static json_t *exact_value(const char *text)
{
    json_t *value = json_string(text);

    return value != NULL ? value : list_of_bytes(text);
}

int json_set_exact(json_t *object, const char *key, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return 0;
    return json_object_set_new(object, key, exact_value(text));
}

int json_set_exact_list(json_t *object, const char *key, const struct texts *list)
{
    json_t *array = json_array();
    size_t i;

    for (i = 0; array != NULL && i < list->count; i++)
        if (json_array_append_new(array, exact_value(list->items[i])) != 0) {
            json_decref(array);
            return -1;
        }
    return json_object_set_new(object, key, array);
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

/* What exact_value made, as json_exact. */
static int exact_text(const json_t *value, char **text)
{
    if (json_is_array(value) && json_array_size(value) > 0)
        return bytes_of_list(value, text);
    if (!json_is_string(value) || json_string_length(value) == 0)
        return EBADMSG;
    *text = strdup(json_string_value(value));
    return *text != NULL ? 0 : ENOMEM;
}

int json_exact(const json_t *object, const char *key, char **text)
{
    const json_t *value = json_object_get(object, key);

    *text = NULL;
    return value != NULL ? exact_text(value, text) : 0;
}

int json_exact_list(const json_t *object, const char *key, struct texts *list)
{
    const json_t *array = json_object_get(object, key);
    struct texts read = {NULL, 0};
    int error = 0;

    *list = (struct texts){NULL, 0};
    if (array == NULL)
        return ENOENT;
    if (!json_is_array(array))
        return EBADMSG;
    read.items = calloc(json_array_size(array) + 1, sizeof *read.items);
    if (read.items == NULL)
        return ENOMEM;
    while (error == 0 && read.count < json_array_size(array)) {
        error = exact_text(json_array_get(array, read.count), &read.items[read.count]);
        if (error == 0)
            read.count++;
    }
    if (error != 0)
        text_list_free(&read);
    *list = read;
    return error;
}
