/*
 * One request to the service. What comes back is hostile until it is checked: a helper that has
 * been taken over must not hand out the system's groups.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "nss_xacct/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/frame.h"
#include "common/status.h"
#include "common/wire.h"

/* The folder belongs to the helper's user, whose name is so not looked up in any file. */
#define FOLDER "/run/xacct"
#define SOCKET FOLDER "/socket"

#define BUDGET_MS   200
#define SILENCE_MS  1000 /* without another try, after one took the whole budget */
#define FRAME_SIZE  ((size_t)1024)
#define GROUPS_MOST 65536 /* NGROUPS_MAX of Linux */

/* Until when nobody is asked, on the clock of struct deadline. */
static _Atomic int64_t silent_until_ns;

static bool is_silent(void)
{
    return deadline_left_ms((struct deadline){atomic_load(&silent_until_ns)}) > 0;
}

/*
 * A socket above the standard descriptors, which a program may have closed and still print to; or
 * -1.
 */
static int make_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), higher;

    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(fd);
    return higher;
}

/*
 * Connects where many do already, and waits for a place, which poll(2) does not do for such
 * sockets. Returns 0 or an errno.
 */
static int connect_in_turn(int fd, const struct sockaddr_un *address, struct deadline deadline)
{
    int left;

    if (fcntl(fd, F_SETFL, 0) != 0)
        return errno;
    while ((left = deadline_left_ms(deadline)) > 0) {
        const struct timeval wait = {.tv_usec = (left > BUDGET_MS ? BUDGET_MS : left) * 1000L};

        if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0)
            return errno;
        if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
            return 0;
        if (errno != EINTR && errno != EAGAIN)
            return errno;
    }
    return ETIMEDOUT;
}

/* Connects. Returns 0 or an errno. */
static int connect_by(int fd, struct deadline deadline)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET};

    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return 0;
    return errno == EAGAIN || errno == EINTR ? connect_in_turn(fd, &address, deadline) : errno;
}

/* Whether the service of the helper's user is at the other end: root's, where systemd listens. */
static bool is_served_by(int fd, uid_t helper)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == 0 || peer.uid == helper);
}

/* `effective` is the process's uid. Returns 0 or an errno. */
static int build_request(struct frame *request, const char *key, const char *value, uid_t effective)
{
    const bool is_for_user = key != NULL && strcmp(key, WIRE_USER) == 0;
    const uid_t starter = effective == 0 && !is_for_user ? getuid() : 0;
    int error = frame_add(request, FRAME_KEY_VERSION, FRAME_VERSION);

    if (error == 0)
        error = frame_add(request, WIRE_OP, WIRE_OP_GROUPS);
    if (error == 0 && key != NULL)
        error = frame_add(request, key, value);
    if (error == 0 && starter != 0)
        error = frame_add_number(request, WIRE_STARTER, starter);
    return error;
}

/* Adds the group of one frame. Returns 0 or an errno. */
static int take_group(const struct frame *frame, struct found_groups *groups)
{
    const char *name = frame_get(frame, WIRE_GROUP);
    struct found_group *items = groups->items;
    size_t count = groups->count;
    int64_t gid;

    if (name == NULL || !unix_group_may_be_called(name) ||
        frame_get_number(frame, WIRE_GID, 0, UNIX_GROUP_GID_LAST, &gid) != 0 ||
        !unix_group_may_have(gid) || count == GROUPS_MOST)
        return EBADMSG;
    /* The room is always the next power of two. */
    if (count == 0 || (count & (count - 1)) == 0)
        items = reallocarray(items, count > 0 ? 2 * count : 1, sizeof *items);
    if (items == NULL)
        return ENOMEM;
    strcpy(items[count].name, name);
    items[count].gid = (gid_t)gid;
    groups->items = items;
    groups->count++;
    return 0;
}

/* Receives a frame of a version that we know. Returns 0 or an errno. */
static int receive(struct frame *frame, int fd, struct deadline deadline)
{
    int error = frame_receive_ahead(frame, fd, deadline);

    return error != 0 || frame_version_known(frame) ? error : EBADMSG;
}

/*
 * Sends the request that is in *frame, and receives greeting and frames of the reply. Returns 0 or
 * an errno. The request does not wait for the greeting, which is the same for all: it is there when
 * the service looks.
 */
static int converse(int fd, struct frame *frame, struct deadline deadline,
                    struct found_groups *groups)
{
    bool last = false;
    int error = frame_send(frame, fd, deadline);

    if (error == 0)
        error = receive(frame, fd, deadline);
    while (error == 0 && !last) {
        error = receive(frame, fd, deadline);
        if (error == 0 && status_from_name(frame_get(frame, WIRE_STATUS)) != STATUS_PERMITTED)
            error = EBADMSG;
        last = error == 0 && frame_get(frame, WIRE_LAST) != NULL;
        if (error == 0 && !last)
            error = take_group(frame, groups);
    }
    return error;
}

/* What is not there whole is not there. */
static void ask(const char *key, const char *value, struct found_groups *groups)
{
    const struct deadline deadline = deadline_in_ms(BUDGET_MS);
    const uid_t effective = geteuid();
    unsigned char memory[FRAME_SIZE];
    struct frame frame;
    struct stat folder;
    int fd, error;

    if (is_silent() || stat(FOLDER, &folder) != 0 ||
        (folder.st_uid != 0 && folder.st_uid == effective))
        return;
    frame_init(&frame, memory, sizeof memory);
    if (build_request(&frame, key, value, effective) != 0)
        return;
    fd = make_socket();
    if (fd < 0)
        return;
    error = connect_by(fd, deadline);
    if (error == 0 && !is_served_by(fd, folder.st_uid))
        error = EPERM;
    /* As soon as that: the service is getting there meanwhile. */
    if (error == 0)
        error = converse(fd, &frame, deadline, groups);
    close(fd);
    if (error == ETIMEDOUT)
        atomic_store(&silent_until_ns, deadline_in_ms(SILENCE_MS).ns);
    if (error != 0)
        found_groups_free(groups);
}

void ask_for_groups(const char *key, const char *value, struct found_groups *groups)
{
    const int saved = errno;
    int cancellation;

    *groups = (struct found_groups){NULL, 0};
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancellation);
    ask(key, value, groups);
    pthread_setcancelstate(cancellation, NULL);
    errno = saved;
}

void found_groups_free(struct found_groups *groups)
{
    const int saved = errno;

    free(groups->items);
    *groups = (struct found_groups){NULL, 0};
    errno = saved;
}
