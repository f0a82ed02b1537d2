/*
 * xacct check: what is wrong with a policy, and what is likely to be.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/escape.h"
#include "policy/lint.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct_admin/checks.h"
#include "xacct_admin/escaped.h"

/*
 * Sets up what --as and FILE say. Returns false after a complaint. The caller frees the overlay's
 * `path` and `from`.
 */
static bool take_overlay(const struct invocation *invocation, const struct reading *reading,
                         struct policy_overlay *overlay)
{
    const char *name = invocation->value[OPTION_AS];
    char shown[ESCAPE_MAX], *path = NULL;
    struct reading file;
    bool fine = false;

    if ((name == NULL) != (invocation->operand_count == 0)) {
        complain("check: --as NAME and FILE go together, as in --as conf.d/40-x.conf /tmp/x.conf; "
                 "a whole policy is named by --config FILE");
        return false;
    }
    if (name == NULL)
        return true;
    if (name[0] == '/' || strstr(name, "..") != NULL) {
        complain("check: --as %s: write a name beside the policy, as in conf.d/40-x.conf",
                 escape(shown, sizeof shown, name));
        return false;
    }
    if (!reading_begin(&file, invocation->operands[0]))
        goto done;
    if (asprintf(&path, "%.*s%s", (int)reading_folder(reading), reading->path, name) < 0) {
        complain("not enough memory: end some programs and try again");
        goto done;
    }
    *overlay = (struct policy_overlay){.path = path, .from = file.path};
    file.path = NULL;
    fine = true;

done:
    reading_end(&file);
    return fine;
}

/* Tells where the file of --as is none that the policy reads. */
static void check_overlay(const struct policy *policy, const struct policy_overlay *overlay,
                          struct findings *findings)
{
    size_t i;

    for (i = 0; i < policy->file_count; i++)
        if (strcmp(policy->files[i].path, overlay->path) == 0)
            return;
    findings_add(findings, LINT_ERROR, (struct position){overlay->path, 0},
                 "the policy reads no file of this name, so it was not checked; a fragment is "
                 "conf.d/NAME.conf, and a session policy is named by a key policy");
}

static void lint(const struct policy *policy, struct findings *findings)
{
    struct lint lint = {.items = NULL};
    size_t i;

    if (lint_policy(policy, time(NULL), &lint) != 0)
        findings->memory.exhausted = true;
    for (i = 0; i < lint.count; i++)
        findings_add(findings, lint.items[i].severity, lint.items[i].at, "%s", lint.items[i].text);
    lint_free(&lint);
}

/* Looks at everything. */
static void check(struct reading *reading, const struct policy_overlay *overlay,
                  struct findings *findings)
{
    size_t i;

    reading_load(reading, overlay, overlay->path != NULL);
    if (reading->policy == NULL && reading->errors.count == 0)
        findings->memory.exhausted = true;
    for (i = 0; i < reading->errors.count; i++) {
        const struct policy_error *error = &reading->errors.items[i];

        findings_add(findings, LINT_ERROR, (struct position){error->file, error->line}, "%s",
                     error->text);
    }
    if (reading_is_in_place(reading))
        check_files(reading, overlay->path, findings);
    if (reading->policy == NULL)
        return;
    if (overlay->path != NULL)
        check_overlay(reading->policy, overlay, findings);
    if (reading_is_in_place(reading))
        check_bases(reading->policy, findings);
    lint(reading->policy, findings);
    check_names(reading->policy, findings);
    check_unix_groups(reading->policy, findings);
    check_local_members(reading->policy, findings);
    if (reading_is_in_place(reading))
        check_nsswitch(reading->policy, findings);
    check_session_policies(reading->policy, findings);
    check_trust(reading->policy, findings);
}

static void add_count(struct text *text, const char *before, size_t count, const char *one,
                      const char *more)
{
    text_addf(text, "%s%zu %s", before, count, count == 1 ? one : more);
}

/* Appends that nothing is wrong with the policy, and how much there is of it. */
static void add_praise(struct text *text, const struct reading *reading)
{
    const struct policy *policy = reading->policy;

    escaped_add(text, reading_shown(reading, reading->path));
    add_count(text, ": nothing is wrong with it (", policy->account_count, "account", "accounts");
    add_count(text, ", ", policy->role_count, "role", "roles");
    add_count(text, ", ", policy->grant_count, "grant", "grants");
    add_count(text, ", ", policy->pattern_count, "pattern", "patterns");
    add_count(text, ", ", policy->deny_count, "deny", "denies");
    text_add(text, ")\n");
}

/* Prints what was found. Returns the exit status. */
static int report(const struct invocation *invocation, const struct reading *reading,
                  const struct findings *findings)
{
    bool strict = invocation->value[OPTION_STRICT] != NULL;
    struct text text = TEXT_EMPTY;
    int status = EXIT_FINE;

    if (findings_count(findings, LINT_ERROR) > 0)
        status = EXIT_USAGE;
    else if (strict && findings->count > 0)
        status = EXIT_REFUSED;
    if (invocation->value[OPTION_JSON] != NULL) {
        findings_add_json(findings, reading, &text);
    } else if (findings->count == 0) {
        add_praise(&text, reading);
    } else {
        findings_add_lines(findings, reading, &text);
    }
    if (text_print(&text) != 0)
        status = EXIT_USAGE;
    text_free(&text);
    return status;
}

int command_check(const struct invocation *invocation)
{
    struct policy_overlay overlay = {.path = NULL};
    struct findings findings = {.items = NULL};
    struct reading reading;
    int status = EXIT_USAGE;

    if (!reading_begin(&reading, reading_given(invocation)) ||
        !take_overlay(invocation, &reading, &overlay))
        goto done;
    check(&reading, &overlay, &findings);
    findings_sort(&findings);
    if (findings.memory.exhausted)
        complain("not enough memory to check the policy: end some programs and try again");
    else
        status = report(invocation, &reading, &findings);

done:
    findings_free(&findings);
    reading_end(&reading);
    free((char *)overlay.path);
    free((char *)overlay.from);
    return status;
}
