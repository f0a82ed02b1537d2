/*
 * What libnss_xacct makes of a service's answer: the groups of nss_xacct/ask.h. Greeting and frames
 * have an empty line between them, and a line for each string.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <sys/socket.h>

/* The talk itself, without connecting: its functions are the file's own. */
#include "nss_xacct/ask.c" // NOLINT(bugprone-suspicious-include)

#include "nss_xacct/entry.h"
#include "tests/fuzz/lines.h"

/* A group of the policy's, and none of the system's, for every buffer that libc may hand in. */
static void look_at(const struct found_group *group)
{
    size_t size = 0;
    struct group entry;
    enum nss_status status;
    int error = 0;

    PROMISE(unix_group_may_be_called(group->name) && unix_group_may_have(group->gid));
    do {
        char *buffer = malloc(size + 1);

        fuzz_need(buffer != NULL, "malloc");
        status = entry_fill(group, &entry, buffer, size, &error);
        PROMISE(status == NSS_STATUS_SUCCESS || (status == NSS_STATUS_TRYAGAIN && error == ERANGE));
        if (status == NSS_STATUS_SUCCESS)
            PROMISE(strcmp(entry.gr_name, group->name) == 0 && entry.gr_mem[0] == NULL);
        free(buffer);
    } while (status != NSS_STATUS_SUCCESS && ++size < 256);
    PROMISE(status == NSS_STATUS_SUCCESS);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct found_groups groups = {NULL, 0};
    unsigned char memory[FRAME_SIZE];
    struct frame frame;
    int ends[2], error;
    size_t i;

    fuzz_need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    send_frames(ends[0], (struct fuzz_input){bytes, length}, SIZE_MAX);
    frame_init(&frame, memory, sizeof memory);
    fuzz_need(build_request(&frame, WIRE_USER, "alice", 0) == 0, "build_request");
    error = converse(ends[1], &frame, deadline_in_ms(1000), &groups);
    PROMISE(error != ETIMEDOUT);
    for (i = 0; i < groups.count; i++)
        look_at(&groups.items[i]);
    if (error == 0 && groups.count > 0)
        fuzz_accept();
    found_groups_free(&groups);
    PROMISE(groups.items == NULL && groups.count == 0);
    close(ends[0]);
    close(ends[1]);
    return 0;
}
