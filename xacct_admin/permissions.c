/*
 * Owner and mode, by lstat(2) alone.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/permissions.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "common/trusted_file.h"
#include "xacct_admin/local_names.h"

/* Bits of a mode for one class of users. */
#define MAY_READ 04U
#define MAY_PASS 01U /* a folder */
#define MAY_RUN  01U /* a file */

/* What sets a file or a folder right. */
struct remedy {
    const char *advice; /* before the commands */
    const char *owners; /* of chown */
    const char *mode;   /* of chmod */
};

static const struct remedy for_helper = {"mend it by", "root:" HELPER_NAME, "0640"};
static const struct remedy for_all = {"mend it by", "root", "0644"};
static const struct remedy for_code = {"mend it by", "root", "0755"};
static const struct remedy of_our_folder = {"mend it by", "root:" HELPER_NAME, "0750"};
static const struct remedy of_folder_above = {"mend it by", "root", "go-w,o+x"};
/* Such as /tmp or /root, which have their reasons. */
static const struct remedy of_other_folder = {
    "keep what the policy names in it beside the policy, or mend it by", "root", "go-w,o+x"};

/* What a file of each kind has to be. */
static const struct {
    const char *rule;
    const struct remedy *remedy;
} kinds[] = {
    [FILE_POLICY] = {"it must belong to root and group " HELPER_NAME ", with mode 0640 or stricter",
                     &for_helper},
    [FILE_BASE] = {"it must belong to root and group " HELPER_NAME ", with mode 0640 or stricter, "
                   "or to user " HELPER_NAME " with mode 0600",
                   &for_helper},
    [FILE_PUBLIC] = {"it must belong to root, with mode 0644 or stricter", &for_all},
    [FILE_LIBRARY] = {"it must belong to root, and nobody else may write it", &for_code},
    [FILE_PROGRAM] = {"it must belong to root, and nobody else may write it", &for_code},
};

/* Appends a path as a shell takes it for one word. */
static void add_quoted(struct text *text, const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_./-+=@:,";

    if (path[strspn(path, plain)] == '\0')
        text_add(text, path);
    else
        text_add_quoted(text, path);
}

/* Tells what is wrong with `path` and how it is set right. */
static void tell(const struct permissions *permissions, struct position at, const char *path,
                 const struct stat *is, const char *wrong, const struct remedy *remedy)
{
    char user[LOCAL_NAME_SIZE], group[LOCAL_NAME_SIZE];
    struct text mend = TEXT_EMPTY;

    local_user_name(is->st_uid, user);
    local_group_name(is->st_gid, group);
    text_addf(&mend, "chown %s ", remedy->owners);
    add_quoted(&mend, path);
    text_addf(&mend, " && chmod %s ", remedy->mode);
    add_quoted(&mend, path);
    if (mend.failed)
        permissions->findings->memory.exhausted = true;
    else
        findings_add(permissions->findings, LINT_ERROR, at,
                     "%s has owner %s, group %s and mode %04o: %s; %s: %s",
                     strcmp(at.file, path) == 0 ? "it" : path, user, group,
                     (unsigned)is->st_mode & 07777, wrong, remedy->advice, mend.bytes);
    text_free(&mend);
}

/* Whether the mode lets the helper do all of `bits`. */
static bool helper_may(const struct permissions *permissions, const struct stat *is, unsigned bits)
{
    unsigned mode = is->st_mode;

    if (is->st_uid == permissions->uid)
        mode >>= 6;
    else if (is->st_gid == permissions->gid)
        mode >>= 3;
    return (mode & bits) == bits;
}

/* Whether an ACL may let in whom the mode keeps out (acl(5)). */
static bool has_acl(const char *path)
{
    return lgetxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

/* Whether `path` is, or lies below, the `length` bytes of `above`, which end without a slash. */
static bool is_within(const char *path, const char *above, size_t length)
{
    return strncmp(path, above, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* What sets a folder right, by where it lies. */
static const struct remedy *folder_remedy(const struct permissions *permissions, const char *path)
{
    size_t length = strcmp(path, "/") == 0 ? 0 : strlen(path);

    if (is_within(path, permissions->folder, permissions->folder_length - 1))
        return &of_our_folder;
    return is_within(permissions->folder, path, length) ? &of_folder_above : &of_other_folder;
}

/* Checks one folder, in which the helper must be able to do all of `bits`. */
static void check_folder(const struct permissions *permissions, const char *path, unsigned bits)
{
    const struct position at = {path, 0};
    const char *wrong = NULL;
    struct stat is;

    if (lstat(path, &is) != 0)
        return;
    if (S_ISLNK(is.st_mode))
        /* As the policy's reader has it, so that one of them is told. */
        findings_add(permissions->findings, LINT_ERROR, at,
                     "%s is a symbolic link; give the real path, links are not followed", path);
    else if (!trusted_folder_fits(&is))
        wrong = "it must belong to root, and nobody else may write it";
    else if (!helper_may(permissions, &is, bits) && !has_acl(path))
        wrong = "the user " HELPER_NAME " cannot look into it";
    if (wrong != NULL)
        tell(permissions, at, path, &is, wrong, folder_remedy(permissions, path));
}

/* Checks every folder above `path`. */
static void check_way(const struct permissions *permissions, const char *path)
{
    struct arena *memory = &permissions->findings->memory;
    const char *slash = path, *folder;

    check_folder(permissions, "/", MAY_PASS);
    while ((slash = strchr(slash + 1, '/')) != NULL) {
        folder = arena_text(memory, path, (size_t)(slash - path));
        if (folder != NULL)
            check_folder(permissions, folder, MAY_PASS);
    }
}

void permissions_check_listed(const struct permissions *permissions, const char *path)
{
    check_way(permissions, path);
    check_folder(permissions, path, MAY_READ | MAY_PASS);
}

/* Whether a file is the helper's own and nobody else reads it, which base credentials may be. */
static bool is_helpers_own(const struct permissions *permissions, const struct stat *is)
{
    return is->st_uid == permissions->uid && (is->st_mode & 07177) == 0;
}

void permissions_check_file(const struct permissions *permissions, const char *path,
                            enum file_kind kind, struct position at)
{
    const struct trust trust = {.group = permissions->gid,
                                .public = kind == FILE_PUBLIC,
                                .is_code = kind == FILE_LIBRARY || kind == FILE_PROGRAM};
    const char *wrong = NULL;
    struct stat is;

    check_way(permissions, path);
    if (lstat(path, &is) != 0 || !S_ISREG(is.st_mode))
        return;
    if (!trusted_file_fits(&is, &trust) && !(kind == FILE_BASE && is_helpers_own(permissions, &is)))
        wrong = kinds[kind].rule;
    else if (!helper_may(permissions, &is, MAY_READ))
        wrong = "the user " HELPER_NAME " cannot read it";
    else if (kind == FILE_PROGRAM && !helper_may(permissions, &is, MAY_RUN))
        wrong = "the user " HELPER_NAME " cannot execute it";
    if (wrong != NULL)
        tell(permissions, at, path, &is, wrong, kinds[kind].remedy);
}
