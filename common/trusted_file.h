/*
 * Reading files that only root, or a service's own user, may have written: every folder from the
 * root down belongs to root and nobody else may write it, no step is a symbolic link, the file is a
 * regular one of the owner and mode that its kind demands.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_TRUSTED_FILE_H
#define XACCT_COMMON_TRUSTED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* What a file must be. A check that does not apply is switched off by `unchecked`. */
struct trust {
    bool unchecked; /* no check of owner and mode: for reading a policy that is not in force */
    gid_t group;    /* a root-owned file may be readable by this group (mode 0640 or stricter) */
    bool public;  /* no secret: everybody may read it (mode 0644), as long as only root writes it */
    bool is_code; /* a program or a library: root's alone to write (mode 0755, no setuid bit) */
    bool own_is_fine; /* a file of the caller's own euid is good too, at mode 0600 or stricter */
    size_t largest;   /* bytes; a larger file is refused */
    size_t followed;  /* so many bytes of the path may lead through symbolic links: a folder that an
                         admin named */
};

/*
 * The rules themselves, for those who look without opening: whether only root can change what
 * stands in a folder; whether a regular file's owner and mode are as `trust` demands, by its
 * `group`, `public`, `is_code` and `own_is_fine`.
 */
bool trusted_folder_fits(const struct stat *folder);
bool trusted_file_fits(const struct stat *file, const struct trust *trust);

/*
 * Opens `path` (absolute) for reading as above and sets *size to its length in bytes. What is no
 * regular file is refused without being opened, which alone could hang or set off a device. Returns
 * the descriptor (close-on-exec), or -1 with the reason in `why` of `why_size` bytes, a sentence
 * that names the path or folder at fault, its owner and mode, and what they should be; errno is
 * ENOENT when it does not exist, EACCES when owner, mode or kind is refused, else that of the
 * failed call.
 */
int trusted_open(const char *path, const struct trust *trust, size_t *size, char *why,
                 size_t why_size);

/*
 * Opens the folder at `path` (absolute) for listing, under the same rules for it and all folders
 * above. Returns as trusted_open.
 */
int trusted_open_folder(const char *path, const struct trust *trust, char *why, size_t why_size);

/*
 * Reads from `fd` the `size` bytes that trusted_open announced. Returns 0, EAGAIN when the file
 * shrank or grew meanwhile (an editor is at work: reading again will do), or an errno.
 */
int trusted_read(int fd, char *buffer, size_t size);

#endif
