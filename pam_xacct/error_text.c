/*
 * What an errno means, in words.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "pam_xacct/internal.h"

const char *error_text(int error)
{
    const char *text = strerrordesc_np(error);

    return text != NULL ? text : "unknown error";
}
