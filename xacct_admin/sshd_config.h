/*
 * Where sshd's configuration says something. What is in force is sshd's to say (`sshd -T`), which
 * tells no places, and nothing of Match.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_SSHD_CONFIG_H
#define XACCT_XACCT_ADMIN_SSHD_CONFIG_H

#include <stdbool.h>

#include "policy/arena.h"
#include "policy/policy.h"

#define SSHD_CONFIG "/etc/ssh/sshd_config"

/*
 * Finds the first line with this keyword, in sshd_config and the files that it includes, in sshd's
 * order; with `value` the first that has this word behind it. Returns whether there is one, with
 * *at in `memory`. Sources: sshd_config(5), on Include; strdelim() of OpenSSH's misc.c, by which
 * keywords are cut off: blanks or one "=" end them, and they may be in quotes.
 */
bool sshd_config_find(const char *keyword, const char *value, struct arena *memory,
                      struct position *at);

#endif
