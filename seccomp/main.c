/*
 * Prints the seccomp programs as C, the definition of sandbox_programs. Run by make.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "seccomp/programs.h"

#define BINARY_TREE 2 /* for SCMP_FLTATR_CTL_OPTIMIZE: a call is found by halving */

static const struct {
    const char *name; /* as the enumeration has it */
    enum sandbox_calls calls;
    uint32_t others; /* what becomes of a call without a rule */
    int (*add)(scmp_filter_ctx filter, enum sandbox_calls calls);
} programs[] = {
    {"SANDBOX_HELPER", SANDBOX_HELPER, SCMP_ACT_ERRNO(EPERM), programs_allow},
    {"SANDBOX_LOOKUP", SANDBOX_LOOKUP, SCMP_ACT_ERRNO(EPERM), programs_allow},
    {"SANDBOX_FORKER", SANDBOX_FORKER, SCMP_ACT_ERRNO(EPERM), programs_allow},
    {"SANDBOX_OUTSIDE", SANDBOX_OUTSIDE, SCMP_ACT_ALLOW, programs_refuse},
    {"SANDBOX_MODULE", SANDBOX_MODULE, SCMP_ACT_ALLOW, programs_refuse},
};

/* Prints the program that the file holds. Returns 0, or an errno below zero. */
static int print_file(const char *name, int fd)
{
    struct sock_filter step;
    ssize_t length;

    if (lseek(fd, 0, SEEK_SET) != 0)
        return -errno;
    printf("static const struct sock_filter %s_steps[] = {\n", name);
    while ((length = read(fd, &step, sizeof step)) == sizeof step)
        printf("    {0x%02x, %u, %u, 0x%08x},\n", step.code, step.jt, step.jf, step.k);
    puts("};");
    return length == 0 ? 0 : -EIO;
}

static int print_program(const char *name, scmp_filter_ctx filter)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    int result = fd < 0 ? -errno : seccomp_export_bpf(filter, fd);

    if (result == 0)
        result = print_file(name, fd);
    if (fd >= 0)
        close(fd);
    return result;
}

static int make(size_t number)
{
    scmp_filter_ctx filter = seccomp_init(programs[number].others);
    int result = -ENOMEM;

    if (filter != NULL)
        result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
    if (result == 0)
        result = programs[number].add(filter, programs[number].calls);
    if (result == 0)
        result = print_program(programs[number].name, filter);
    seccomp_release(filter);
    return result;
}

int main(void)
{
    const size_t count = sizeof programs / sizeof *programs;
    size_t i;
    int result;

    puts("#include \"helper/sandbox_seccomp.h\"\n");
    for (i = 0; i < count; i++) {
        result = make(i);
        if (result != 0) {
            fprintf(stderr, "%s cannot be made: %s\n", programs[i].name, strerror(-result));
            return 1;
        }
    }
    puts("\nconst struct sandbox_program sandbox_programs[] = {");
    for (i = 0; i < count; i++)
        printf("    [%s] = {%s_steps, sizeof %s_steps / sizeof *%s_steps},\n", programs[i].name,
               programs[i].name, programs[i].name, programs[i].name);
    puts("};");
    return fflush(stdout) == 0 ? 0 : 1;
}
