/*
 * Bytes in, bytes out: one request on one connected socket.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SERVE_H
#define XACCT_HELPER_SERVE_H

#include "helper/host.h"
#include "helper/request.h"

/*
 * Greets `peer` on the socket `fd`, ahead of serve, and sets *greeted to when. Returns 0, or an
 * errno after a line in the log, unless it is that the peer has left.
 */
int serve_greet(int fd, struct peer peer, struct deadline *greeted);

/*
 * Greets on the socket `fd`, unless that was done at `greeted`, receives one request of `peer`,
 * carries it out under the policy that is in force then, and sends the reply. What time the caller
 * has left counts from `greeted`, or where that is NULL from when the request is read. *host is the
 * request's own copy. `fits`, unless it is NULL, is asked whether we can serve under that policy;
 * where not, the connection ends without a reply, so that a module goes the other way, and `fits`
 * has said why in the log. With --once (a host without sessions) the look-up process is ended
 * before the reply leaves, as the module then ends us. Returns 0 when a reply was sent, whatever it
 * says; else an errno, after a line in the log, and whatever was opened has been taken back.
 */
int serve(struct host *host, int fd, struct peer peer, const struct deadline *greeted,
          bool (*fits)(const struct host *));

#endif
