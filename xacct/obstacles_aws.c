/*
 * What is in the way in ~/.aws/config and ~/.aws/credentials. Only a role that is delivered by
 * process can be hidden by them: keys in the environment go before every file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/escape.h"
#include "xacct/ini_file.h"
#include "xacct/obstacles.h"
#include "xacct/role_text.h"
#include "xacct/variables.h"

#define NAMES_SIZE 400

/*
 * Keys of a [default] profile by which one SDK or another finds credentials before it comes to a
 * credential_process: botocore the first five, the SDKs for JavaScript and Go the last. A
 * credential_process of the config file's own is not among them, as that of the credentials file
 * goes before it.
 */
static const char *const sources[] = {
    "role_arn",       "web_identity_token_file", "sso_session",
    "sso_account_id", "sso_start_url",           "aws_access_key_id",
};

static bool is_source(const char *key)
{
    size_t i;

    for (i = 0; i < sizeof sources / sizeof sources[0]; i++)
        if (strcasecmp(sources[i], key) == 0)
            return true;
    return false;
}

/* The name of the profile whose section it is in the config file; NULL when it is no profile's. */
static const char *config_profile(const char *section)
{
    if (strcmp(section, "default") == 0)
        return section;
    return strncmp(section, "profile ", 8) == 0 ? section + 8 + strspn(section + 8, " \t") : NULL;
}

static void report_source(struct obstacles *obstacles, const char *path, const struct ini *ini)
{
    char where[512], what[512], shown[64];

    escape(shown, sizeof shown, ini->line.key);
    snprintf(what, sizeof what, "gives your [default] profile credentials of its own (%s)", shown);
    obstacle_add(obstacles, file_and_line(where, sizeof where, path, ini->lines.number), what,
                 "give that profile another name, [profile NAME], and use --profile NAME for it");
}

static void report_chain(struct obstacles *obstacles, const char *path, const struct ini *ini,
                         const char *profile)
{
    char where[512], what[512], shown[256];

    escape(shown, sizeof shown, profile);
    snprintf(what, sizeof what,
             "makes profile %s start from [default], which is the role here and not your keys in "
             "~/.aws/credentials",
             shown);
    obstacle_add(obstacles, file_and_line(where, sizeof where, path, ini->lines.number), what,
                 "give those keys a name of their own, [NAME], and write source_profile = NAME");
}

/* Of [default] the first source is told, as they belong together. `own_default` says whether the
 * user has keys under [default], so that a chain was meant to start from them. */
static void find_in_config(struct obstacles *obstacles, const char *path, bool own_default)
{
    bool found = false;
    struct ini ini;

    if (!ini_open(&ini, path))
        return;
    while (ini_next(&ini)) {
        const struct ini_line *line = &ini.line;
        const char *profile = config_profile(line->section);
        bool is_default = profile != NULL && strcmp(profile, "default") == 0;

        if (line->key == NULL || line->indented || profile == NULL)
            continue;
        if (is_default && !found && is_source(line->key)) {
            report_source(obstacles, path, &ini);
            found = true;
        }
        if (!is_default && own_default && strcasecmp(line->key, "source_profile") == 0 &&
            strcmp(line->value, "default") == 0)
            report_chain(obstacles, path, &ini, profile);
    }
    ini_close(&ini);
}

/* Whether a profile of the credentials file has keys. */
static bool has_keys(const char *path, const char *profile)
{
    struct ini ini;
    bool found = false;

    if (!ini_open(&ini, path))
        return false;
    while (!found && ini_next(&ini))
        found = ini.line.key != NULL && strcmp(ini.line.section, profile) == 0 &&
                strcasecmp(ini.line.key, "aws_access_key_id") == 0;
    ini_close(&ini);
    return found;
}

/* Whether a file has this section. */
static bool has_section(const char *path, const char *section)
{
    struct ini ini;
    bool found = false;

    if (!ini_open(&ini, path))
        return false;
    while (!found && ini_next(&ini))
        found = ini.line.key == NULL && strcmp(ini.line.section, section) == 0;
    ini_close(&ini);
    return found;
}

/* Appends a profile's name to what was found. */
static void add_name(char *names, size_t *used, const char *name)
{
    char shown[128];

    if (*used < NAMES_SIZE)
        *used += (size_t)snprintf(names + *used, NAMES_SIZE - *used, "%s%s", *used > 0 ? ", " : "",
                                  escape(shown, sizeof shown, name));
}

/* Profiles of ~/.aws/credentials that are not in the file that is read in its place. */
static void find_in_credentials(struct obstacles *obstacles, const char *path)
{
    const char *read = getenv("AWS_SHARED_CREDENTIALS_FILE");
    char where[512], what[512], names[NAMES_SIZE] = "";
    size_t used = 0;
    struct ini ini;

    if (!variables_file_is_ours(read) || !ini_open(&ini, path))
        return;
    while (ini_next(&ini))
        if (ini.line.key == NULL && *ini.line.section != '\0' &&
            strcmp(ini.line.section, "default") != 0 && !has_section(read, ini.line.section))
            add_name(names, &used, ini.line.section);
    ini_close(&ini);
    if (used == 0)
        return;
    snprintf(what, sizeof what, "is not read under this role, and so not its profiles: %s", names);
    file_and_line(where, sizeof where, path, 0);
    obstacle_add(
        obstacles, where, what,
        "%s and start a new shell: the integration brings them along. Without it, for one "
        "command: AWS_SHARED_CREDENTIALS_FILE=%s aws --profile NAME ...; or for good: move "
        "them into ~/.aws/config as [profile NAME]",
        role_text_how_to_load(), where);
}

void obstacles_in_aws_files(struct obstacles *obstacles)
{
    char config[PATH_MAX], credentials[PATH_MAX];
    bool has_own = user_file("", ".aws/credentials", credentials, sizeof credentials);

    if (!obstacles->by_process)
        return;
    if (user_file("AWS_CONFIG_FILE", ".aws/config", config, sizeof config))
        find_in_config(obstacles, config, has_own && has_keys(credentials, "default"));
    if (has_own)
        find_in_credentials(obstacles, credentials);
}
