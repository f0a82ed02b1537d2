/*
 * The least that a call to STS can be: libcurl, one request of an AssumeRole's size, one CA in its
 * file. For the programs that measure.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_BENCH_STS_REQUEST_H
#define XACCT_TESTS_BENCH_STS_REQUEST_H

#include <stddef.h>

/* Makes it ready; both stay the caller's. It does not come back if it cannot (meter_fail). */
void sts_request_open(const char *url, const char *ca_file);

/* One request, on the connection of the one before. It does not come back if it fails. */
void sts_request(void);

/* The same with the answer in `bytes`, of which there are `size`. Returns how many it has. */
size_t sts_request_read(char *bytes, size_t size);

/* So many at once, each on a connection of its own that is opened for it, by this one thread. */
void sts_request_many(size_t count);

void sts_request_close(void);

#endif
