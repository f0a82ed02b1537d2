/*
 * Forms.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/form.h"

#include <string.h>

static void put(struct form *form, char c)
{
    if (form->out != NULL)
        form->out[form->length] = c;
    form->length++;
}

void form_put(struct form *form, const char *text)
{
    for (; *text != '\0'; text++)
        put(form, *text);
}

void form_put_encoded(struct form *form, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz"
                                "0123456789_.-~";
    static const char digits[] = "0123456789ABCDEF";

    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (strchr(plain, byte) != NULL) {
            put(form, *text);
        } else {
            put(form, '%');
            put(form, digits[byte >> 4]);
            put(form, digits[byte & 15]);
        }
    }
}

void form_put_parameter(struct form *form, const char *name, const char *value)
{
    if (value == NULL)
        return;
    if (form->length > 0)
        put(form, '&');
    form_put_encoded(form, name);
    put(form, '=');
    form_put_encoded(form, value);
}
