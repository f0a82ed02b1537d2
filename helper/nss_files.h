/*
 * Whether the files that NSS reads are still those that look-up processes were let see
 * (sandbox_lookup_files).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_NSS_FILES_H
#define XACCT_HELPER_NSS_FILES_H

#include <stdbool.h>
#include <time.h>

#include "common/file_stamp.h"

#define NSS_FILES_MOST 20

/* The first of them, which are looked at each time. */
enum { NSS_FILES_SWITCH, NSS_FILES_PASSWD, NSS_FILES_GROUP, NSS_FILES_EACH };

struct nss_files {
    struct file_stamp files[NSS_FILES_MOST];
    bool is_link[NSS_FILES_MOST];
    time_t seen; /* when all of them were looked at last; 0: never */
};

/*
 * Looks at the files. Returns whether any is another than the last time.
 *
 * What takes the name of a file changes the folder: while that did not change of late, the other
 * files are looked at once a second, for one that is changed in its place or mounted over.
 */
bool nss_files_look(struct nss_files *files);

#endif
