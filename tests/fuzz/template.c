/*
 * %{...}: policy/template.h. The first seven lines are the values, of which an empty one is not
 * known; the rest is the text.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/template.h"
#include "policy/values.h"
#include "tests/fuzz/fuzz.h"

/* Whether the text is like what `expanded` has in its place, and no other value is in there. */
static void compare(const char *text, const struct template_values *values, const char *expanded)
{
    enum template_name name;
    const char *start, *after;

    for (; (start = template_find(text, &name, &after)) != NULL; text = after) {
        size_t plain = (size_t)(start - text);

        PROMISE(name != TEMPLATE_COUNT && values->of[name] != NULL);
        PROMISE(value_is_of(values->of[name], VALUE_NAME_BYTES, 1, SIZE_MAX));
        PROMISE(strncmp(expanded, text, plain) == 0);
        PROMISE(strncmp(expanded + plain, values->of[name], strlen(values->of[name])) == 0);
        expanded += plain + strlen(values->of[name]);
    }
    PROMISE(strcmp(expanded, text) == 0);
}

static void look_at(const char *text, const struct template_values *values)
{
    char *outline = malloc(strlen(text) + 1), *expanded, why[512] = "";
    int checked = template_check(text, why, sizeof why), error;

    fuzz_need(outline != NULL, "malloc");
    PROMISE(checked == 0 || (checked == EINVAL && fuzz_is_printable(why) && why[0] != '\0'));
    template_outline(text, outline);
    PROMISE(checked != 0 || strstr(outline, "%{") == NULL || strstr(text, "x}") != NULL ||
            strstr(text, "%%{") != NULL);
    why[0] = '\0';
    error = template_expand(text, values, &expanded, why, sizeof why);
    PROMISE(error == 0 || checked != 0 || why[0] != '\0');
    PROMISE(checked == 0 || error == EINVAL);
    PROMISE((error == 0) == (expanded != NULL));
    PROMISE(fuzz_is_printable(why));
    if (error == 0) {
        compare(text, values, expanded);
        fuzz_accept();
    }
    free(expanded);
    free(outline);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    struct template_values values = {{NULL}};
    char *given[TEMPLATE_COUNT], *text;
    size_t i;

    for (i = 0; i < TEMPLATE_COUNT; i++) {
        given[i] = fuzz_take_text(&input, "\n");
        values.of[i] = given[i][0] != '\0' ? given[i] : NULL;
    }
    text = fuzz_text(input.bytes, input.length);
    look_at(text, &values);
    free(text);
    for (i = 0; i < TEMPLATE_COUNT; i++)
        free(given[i]);
    return 0;
}
