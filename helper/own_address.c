/*
 * Asked of the kernel's routes, which know more than its interfaces: a whole prefix may be local.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/own_address.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policy/address.h"

#define ANSWER_SIZE ((size_t)4096) /* of a route, or of an error with the request in it */

/* "By which route?", as rtnetlink(7) wants it: an address has up to 16 bytes, an interface 4. */
struct request {
    struct nlmsghdr heading;
    struct rtmsg route;
    unsigned char attributes[RTA_SPACE(16) + RTA_SPACE(sizeof(int))];
};

static void add_attribute(struct request *request, unsigned short type, const void *value,
                          size_t size)
{
    const struct rtattr heading = {.rta_len = (unsigned short)RTA_LENGTH(size), .rta_type = type};
    unsigned char *place = (unsigned char *)request + NLMSG_ALIGN(request->heading.nlmsg_len);

    memcpy(place, &heading, sizeof heading);
    memcpy(place + RTA_LENGTH(0), value, size);
    request->heading.nlmsg_len =
        NLMSG_ALIGN(request->heading.nlmsg_len) + (unsigned)RTA_SPACE(size);
}

static struct request ask_for(const struct address *address, const char *zone)
{
    const unsigned char size = address->is_ipv4 ? 4 : 16;
    struct request request = {
        .heading = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)),
                    .nlmsg_type = RTM_GETROUTE,
                    .nlmsg_flags = NLM_F_REQUEST},
        .route = {.rtm_family = address->is_ipv4 ? AF_INET : AF_INET6,
                  .rtm_dst_len = (unsigned char)(8 * size)},
    };
    const unsigned interface = zone != NULL ? if_nametoindex(zone + 1) : 0;

    add_attribute(&request, RTA_DST, address->bytes, size);
    if (interface != 0)
        add_attribute(&request, RTA_OIF, &interface, sizeof interface);
    return request;
}

/* Whether this is how the kernel refuses an address that is surely another's: it knows no way
 * there, or nothing of that kind of address. */
static bool is_elsewhere(int error)
{
    static const int errors[] = {ENETUNREACH,   EHOSTUNREACH, EACCES,    EAFNOSUPPORT,
                                 EADDRNOTAVAIL, ENETDOWN,     EOPNOTSUPP};
    size_t i;

    for (i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (error == errors[i])
            return true;
    return false;
}

/* Whether the answer says that the address is local, or nothing that could be understood. */
static bool is_local(const unsigned char *answer, size_t length)
{
    struct nlmsghdr heading;
    struct nlmsgerr failed;
    struct rtmsg route;

    if (length < NLMSG_LENGTH(sizeof route))
        return true;
    memcpy(&heading, answer, sizeof heading);
    if (heading.nlmsg_type == RTM_NEWROUTE) {
        memcpy(&route, answer + NLMSG_HDRLEN, sizeof route);
        return route.rtm_type == RTN_LOCAL;
    }
    if (heading.nlmsg_type != NLMSG_ERROR || length < NLMSG_LENGTH(sizeof failed))
        return true;
    memcpy(&failed, answer + NLMSG_HDRLEN, sizeof failed);
    return !is_elsewhere(-failed.error);
}

bool own_address_is(const char *text)
{
    unsigned char answer[ANSWER_SIZE];
    struct address address;
    struct request request;
    ssize_t length = -1;
    int fd;

    if (text == NULL || !address_read(text, &address))
        return false;
    if (address_is_loopback(&address))
        return true;
    request = ask_for(&address, strchr(text, '%'));
    fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return true;
    /* The answer is there when the call returns. */
    if (send(fd, &request, request.heading.nlmsg_len, 0) == (ssize_t)request.heading.nlmsg_len)
        length = recv(fd, answer, sizeof answer, MSG_DONTWAIT);
    close(fd);
    return length < 0 || is_local(answer, (size_t)length);
}
