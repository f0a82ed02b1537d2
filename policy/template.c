/*
 * Templates: %{NAME} and nothing else, so that JSON and AWS's own ${...} pass through untouched.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/template.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"

static const char *const names[TEMPLATE_COUNT] = {
    [TEMPLATE_USER] = "user",
    [TEMPLATE_HUMAN] = "human",
    [TEMPLATE_SESSION_NAME] = "session_name",
    [TEMPLATE_ACCOUNT] = "account",
    [TEMPLATE_ROLE] = "role",
    [TEMPLATE_HOST] = "host",
    [TEMPLATE_SERVICE] = "service",
};

/* What a substituted value may consist of: none of it means anything in JSON, an ARN or a policy.
 */
static const char harmless[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               "_+=,.@-";

const char *template_find(const char *text, enum template_name *name, const char **after)
{
    const char *start = strstr(text, "%{");
    size_t length;
    unsigned i;

    *name = TEMPLATE_COUNT;
    *after = NULL;
    if (start == NULL)
        return NULL;
    length = strcspn(start + 2, "}");
    for (i = 0; i < TEMPLATE_COUNT; i++)
        if (start[2 + length] == '}' && strlen(names[i]) == length &&
            memcmp(start + 2, names[i], length) == 0) {
            *name = (enum template_name)i;
            *after = start + 2 + length + 1;
        }
    return start;
}

void template_mask(const char *text, char mask, char *masked)
{
    enum template_name name;
    const char *start;
    const char *after;

    while ((start = template_find(text, &name, &after)) != NULL && name != TEMPLATE_COUNT) {
        masked = mempcpy(masked, text, (size_t)(start - text));
        *masked++ = mask;
        text = after;
    }
    strcpy(masked, text);
}

void template_outline(const char *text, char *outline)
{
    template_mask(text, 'x', outline);
}

int template_check(const char *text, char *why, size_t why_size)
{
    enum template_name name;
    const char *start;
    const char *after;

    for (; (start = template_find(text, &name, &after)) != NULL; text = after)
        if (name == TEMPLATE_COUNT) {
            char shown[32];

            escape_bytes(shown, sizeof shown, start, strcspn(start, "} \t\r\n\""));
            snprintf(why, why_size,
                     "\"%s\" begins no template; known are %%{user} %%{human} %%{session_name} "
                     "%%{account} %%{role} %%{host} %%{service}",
                     shown);
            return EINVAL;
        }
    return 0;
}

/* Whether what the template `name` stands for is known and harmless; says in `why` if not. */
static bool value_is_fit(enum template_name name, const char *value, char *why, size_t why_size)
{
    char shown[256];

    if (value != NULL && value[0] != '\0' && value[strspn(value, harmless)] == '\0')
        return true;
    if (value == NULL || value[0] == '\0')
        snprintf(why, why_size, "%%{%s} is not known here", names[name]);
    else
        snprintf(
            why, why_size,
            "%%{%s} is \"%s\", and only letters, digits and _+=,.@- may be put into a template",
            names[name], escape(shown, sizeof shown, value));
    return false;
}

/*
 * Sets *length to the bytes that a checked text has once expanded. Returns false with a sentence in
 * `why` when a value that it uses is not fit.
 */
static bool measure(const char *text, const struct template_values *values, size_t *length,
                    char *why, size_t why_size)
{
    enum template_name name;
    const char *start;
    const char *after;

    for (*length = 0; (start = template_find(text, &name, &after)) != NULL; text = after) {
        if (!value_is_fit(name, values->of[name], why, why_size))
            return false;
        *length += (size_t)(start - text) + strlen(values->of[name]);
    }
    *length += strlen(text);
    return true;
}

int template_expand(const char *text, const struct template_values *values, char **expanded,
                    char *why, size_t why_size)
{
    enum template_name name;
    const char *start;
    const char *after;
    size_t length;
    char *end;

    *expanded = NULL;
    if (template_check(text, why, why_size) != 0 || !measure(text, values, &length, why, why_size))
        return EINVAL;
    end = malloc(length + 1);
    if (end == NULL) {
        snprintf(why, why_size, "out of memory");
        return ENOMEM;
    }
    *expanded = end;
    for (; (start = template_find(text, &name, &after)) != NULL; text = after) {
        end = mempcpy(end, text, (size_t)(start - text));
        end = stpcpy(end, values->of[name]);
    }
    strcpy(end, text);
    return 0;
}
