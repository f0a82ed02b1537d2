/*
 * Untrusted text as JSON.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/json.h"

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
