/*
 * Whether an address is one of this host's own, as the kernel takes it at this moment: who comes
 * from there has come a hop from within, and nobody can tell from where before.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OWN_ADDRESS_H
#define XACCT_HELPER_OWN_ADDRESS_H

#include <stdbool.h>

/*
 * Whether the address, a text as for address_read(), is this host's own; also where that cannot be
 * told, as for want of a descriptor, or of the zone of a link-local address. False for NULL and for
 * what is no address. It costs four system calls and sends nothing: the kernel is asked by which
 * route it would send there, which is one of type RTN_LOCAL to an own address, also to a further
 * one in a subnet, or in a prefix that is local as a whole (rtnetlink(7), RTM_GETROUTE).
 */
bool own_address_is(const char *text);

#endif
