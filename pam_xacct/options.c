/*
 * The arguments of the pam.d line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <security/pam_ext.h>
#include <syslog.h>

#include "common/escape.h"
#include "pam_xacct/internal.h"

bool options_read(struct options *options, pam_handle_t *pamh, int argc, const char **argv,
                  const char *reference)
{
    char shown[ESCAPE_MAX];
    bool valid = true;
    int i;

    options_begin(options);
    for (i = 0; i < argc; i++) {
        const char *wanted = options_take(options, argv[i]);

        if (wanted != NULL) {
            pam_syslog(pamh, LOG_ERR, "option \"%s\" is not understood; expected %s [reference %s]",
                       escape(shown, sizeof shown, argv[i]), wanted, reference);
            valid = false;
        }
    }
    options_complete(options, valid);
    return valid;
}
