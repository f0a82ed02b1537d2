/*
 * A host with folders of its own, and processes that open sessions on it, for the tests of
 * sessions and their records.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_SESSION_RIG_H
#define XACCT_TESTS_SESSION_RIG_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "helper/process_start.h"
#include "helper/session_record.h"
#include "remove_folder.h"

#define ALICE 1001
#define BOB   1002

struct rig {
    char root[64];
    char folder[128]; /* of the records */
    char audit[128];
    struct policy policy;
    struct host host;
};

static inline void rig_read_boot_id(char boot_id[BOOT_ID_SIZE])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

    assert_int_equal(read(fd, boot_id, BOOT_ID_SIZE - 1), BOOT_ID_SIZE - 1);
    boot_id[BOOT_ID_SIZE - 1] = '\0';
    close(fd);
}

static inline int rig_start(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);

    assert_non_null(rig);
    strcpy(rig->root, "/tmp/xacct-sessions-XXXXXX");
    assert_non_null(mkdtemp(rig->root));
    snprintf(rig->folder, sizeof rig->folder, "%s/sessions", rig->root);
    snprintf(rig->audit, sizeof rig->audit, "%s/audit.jsonl", rig->root);
    assert_int_equal(mkdir(rig->folder, 0700), 0);
    rig->policy.sessions = rig->folder;
    rig->policy.audit = rig->audit;
    rig->policy.state = rig->root;
    strcpy(rig->host.name, "bastion");
    rig_read_boot_id(rig->host.boot_id);
    rig->host.policy = &rig->policy;
    rig->host.policy_hash = "";
    *state = rig;
    return 0;
}

static inline int rig_stop(void **state)
{
    struct rig *rig = *state;

    remove_folder(rig->folder);
    remove_folder(rig->root);
    free(rig);
    return 0;
}

/* A process that does nothing until it is killed, or the test's own ends. */
static inline pid_t process_begin(void)
{
    pid_t parent = getpid(), pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (getppid() == parent)
            pause();
        _exit(0);
    }
    return pid;
}

static inline void process_end(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* One session to be recorded; what is left out has a value that is fine. */
struct opening {
    const char *id; /* or NULL for a fresh one */
    uid_t uid;
    const char *user;
    const char *human;
    const char *typed; /* or NULL: the user */
    pid_t pid;
    long long start_time; /* 0: that of the process; -1: none */
    time_t opened;
};

/* Records a session as another process would. Returns its id in `id`. */
static inline void record_session(struct rig *rig, const struct opening *opening,
                                  char id[SESSION_ID_SIZE])
{
    struct request request = {
        .user = opening->typed != NULL ? opening->typed : opening->user,
        .service = "sshd",
        .address = "192.0.2.1",
        .tty = "ssh",
        .reference = "ABCDEFGH",
        .pid = opening->pid,
        .start_time = opening->start_time > 0 ? opening->start_time : 0,
    };
    struct identity identity = {
        .human = opening->human,
        .typed = opening->typed != NULL ? opening->typed : opening->user,
    };
    char why[1024];

    snprintf(identity.user.name, sizeof identity.user.name, "%s", opening->user);
    identity.user.uid = opening->uid;
    if (opening->start_time == 0)
        assert_int_equal(process_start(opening->pid, &request.start_time), 0);
    if (opening->id != NULL)
        snprintf(id, SESSION_ID_SIZE, "%s", opening->id);
    else
        assert_int_equal(session_record_id(id), 0);
    assert_int_equal(session_record_open(&rig->host, &request, &identity, NULL, id,
                                         opening->opened != 0 ? opening->opened : time(NULL), NULL,
                                         why, sizeof why),
                     0);
}

/* Records a session of alice, opened by `pid` just now. */
static inline void record_alice(struct rig *rig, pid_t pid, char id[SESSION_ID_SIZE])
{
    const struct opening opening = {.uid = ALICE, .user = "alice", .human = "alice", .pid = pid};

    record_session(rig, &opening, id);
}

/* Ends a session as the other way of reaching the helper would. */
static inline int close_session(struct rig *rig, const char *id)
{
    struct session_record record;
    char why[1024];
    int error = session_record_close(&rig->host, id, &record, why, sizeof why);

    session_record_free(&record);
    return error;
}

/* Whether the folder has a file ID`end`. */
static inline bool file_exists(const struct rig *rig, const char *id, const char *end)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%.80s%.20s", rig->folder, id, end);
    return access(path, F_OK) == 0;
}

static inline void write_file(const struct rig *rig, const char *name, const char *text,
                              size_t length)
{
    char path[512];
    int fd;

    snprintf(path, sizeof path, "%s/%s", rig->folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    close(fd);
}

/*
 * How many lines of the audit file say that session `id` has ended (NULL: any), with `reason` in
 * the reason (NULL: whatever it is).
 */
static inline size_t ended_lines(const struct rig *rig, const char *id, const char *reason)
{
    FILE *file = fopen(rig->audit, "re");
    char line[4096];
    size_t count = 0;

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        json_t *event = json_loads(line, 0, NULL);
        const char *session = json_string_value(json_object_get(event, "session"));
        const char *told = json_string_value(json_object_get(event, "reason"));

        assert_non_null(event);
        assert_string_equal(json_string_value(json_object_get(event, "event")), "ended");
        assert_non_null(session);
        if ((id == NULL || strcmp(session, id) == 0) &&
            (reason == NULL || (told != NULL && strstr(told, reason) != NULL)))
            count++;
        json_decref(event);
    }
    if (file != NULL)
        fclose(file);
    return count;
}

#endif
