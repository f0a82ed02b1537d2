/*
 * The certification authorities of the seeds, whose private keys are gone: so whatever the fuzzer
 * makes of a certificate, it is refused or says what it said when it was signed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_FUZZ_AUTHORITY_H
#define XACCT_TESTS_FUZZ_AUTHORITY_H

#include <string.h>

#include "policy/load.h"
#include "tests/fuzz/fuzz.h"

/* Who the seeds' certificates are for, and the first second at which they are valid no more. */
#define SIGNED_KEY_ID    "carol@partner.example"
#define SIGNED_PRINCIPAL "deploy"
#define SIGNED_END       ((time_t)1893456000) /* 2030-01-01T00:00:00Z */
#define SIGNED_NOW       ((time_t)1795608000) /* 2026-11-25T12:00:00Z */

/* The policy that believes them. It lives as long as the run. */
static struct policy *policy;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct trust trust = {.largest = 1024 * 1024};
    static const char text[] =
        "[xacct]\n"
        "region = eu-west-1\n"
        "[base]\n"
        "source = imds\n"
        "[ca ed25519]\n"
        "names = *@partner.example\n"
        "key = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOV9vpUlI7AHbR8EpG+5gn8O3w2GFSZq+GIMaFhJ\n"
        "    lwud\n"
        "[ca ecdsa]\n"
        "names = *@partner.example\n"
        "key = ecdsa-sha2-nistp256 "
        "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGulfL9ElYaH\n"
        "    Z4zRa9PuHwIhh7tvR+vA6PHFqT0phJfmS/U5KMH6foQXqFBUvubqCwVsCxwEiSei\n"
        "    R/LuDXG3s54=\n"
        "[ca rsa]\n"
        "names = *@partner.example\n"
        "key = ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDDkZ6fi7OfA5Blgh5i9jykCiJv0ncifCKE\n"
        "    pbcsOZT/Qlp+LdT8K2ISWUA1s+pMEf/M5U5hHs2X76lgyrkTxHbjfvTyaysFbbM/\n"
        "    XoXq5sd/MnSaiig1vN5JTqdqWgPVmPW7EjngDdn2B+WmuhVz5+sPfh2Q2VkmKEpP\n"
        "    uHKiDXYqFKhjm+mTrcJcz7CMTiy5H2EYIpHjPgCVExqg/FYxLh4HenR0mEAqKUpO\n"
        "    a98kxuZCxH8HOiHF0hHqEm2dUX649s+ydbLa6970w9+loAj+ugizcwqAfV20SiGu\n"
        "    KevoRPC6lc0F0a72JHA0sZISn04L6ef5+4BNXoXQDIt5UeLfd7uF\n";
    struct policy_errors errors;

    (void)argc;
    (void)argv;
    policy = policy_parse("/etc/xacct/xacct.conf", text, strlen(text), &trust, &errors);
    fuzz_need(policy != NULL, errors.count > 0 ? errors.items[0].text : "policy_parse");
    policy_errors_free(&errors);
    return 0;
}

#endif
