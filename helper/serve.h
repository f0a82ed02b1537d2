/*
 * Bytes in, bytes out: one request on one connected socket.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SERVE_H
#define XACCT_HELPER_SERVE_H

#include "helper/host.h"

/*
 * Greets on the socket `fd`, receives one request, carries it out and sends the reply. Returns 0
 * when a reply was sent, whatever it says; else an errno, after a line in the log.
 */
int serve_once(struct host *host, int fd);

#endif
