/*
 * xacct trace: the command.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/trace.h"

#include <stddef.h>

#include "common/escape.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct_admin/reading.h"

/* Reads the events of all files. Returns false after a complaint. */
static bool read_all(struct trace *trace, const struct invocation *invocation)
{
    int i;

    if (invocation->operand_count == 0)
        return trace_read(trace, NULL);
    for (i = 0; i < invocation->operand_count; i++)
        if (!trace_read(trace, invocation->operands[i]))
            return false;
    return true;
}

/*
 * Where the audit file is, or NULL after a complaint. The policy is read only if it has to say; one
 * that is broken says nothing, and then the helper writes to the default place.
 */
static const char *find_audit(const struct invocation *invocation, struct reading *reading)
{
    char shown[ESCAPE_MAX];

    if (invocation->value[OPTION_AUDIT] != NULL)
        return invocation->value[OPTION_AUDIT];
    if (!reading_begin(reading, reading_given(invocation)))
        return NULL;
    reading_load(reading, NULL, 0);
    if (reading->policy != NULL)
        return reading->policy->audit;
    complain("trace: the policy %s cannot be read (xacct check says why), so the audit file is "
             "looked for in %s",
             escape(shown, sizeof shown, reading->path), POLICY_DEFAULT_AUDIT);
    return POLICY_DEFAULT_AUDIT;
}

/* Prints what was found. Returns the exit status. */
static int print(const struct trace *trace, bool json)
{
    struct text text = TEXT_EMPTY;
    int status = EXIT_USAGE;
    size_t i;

    if (trace->memory.exhausted)
        text.failed = true;
    else if (json)
        trace_add_json(trace, &text);
    else
        trace_add_text(trace, &text);
    if (text_print(&text) == 0) {
        status = EXIT_FINE;
        for (i = 0; i < trace->count; i++)
            if (trace_human(trace, &trace->events[i]) == NULL)
                status = EXIT_REFUSED;
    }
    text_free(&text);
    return status;
}

int command_trace(const struct invocation *invocation)
{
    struct trace trace = {.events = NULL};
    struct reading reading = {.policy = NULL};
    const char *audit;
    int status = EXIT_USAGE;

    if (!read_all(&trace, invocation))
        goto done;
    audit = find_audit(invocation, &reading);
    if (audit == NULL || !trace_look_up(&trace, audit))
        goto done;
    if (!trace.memory.exhausted)
        trace_join(&trace);
    status = print(&trace, invocation->value[OPTION_JSON] != NULL);

done:
    trace_free(&trace);
    reading_end(&reading);
    return status;
}
