/*
 * Functions in the place of the C library's: each asks the plan and calls the one behind it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_FAULTS_WRAPPED_H
#define XACCT_TESTS_FAULTS_WRAPPED_H

#include <string.h>

#include "tests/faults/plan.h"

#define SHOWN  __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

/* Finds the function behind this one and keeps it in the pointer `real`. */
#define FIND_REAL(real, name)                                                                      \
    do {                                                                                           \
        if (__atomic_load_n((void **)&(real), __ATOMIC_RELAXED) == NULL)                           \
            __atomic_store_n((void **)&(real), plan_real(name), __ATOMIC_RELAXED);                 \
    } while (0)

/*
 * Defines the function `name`, with its parameters in parentheses and again as they are passed on.
 * Where it is to fail it sets errno to `error` and returns `failure`.
 */
#define WRAPPED(type, name, parameters, passed, kind, error, failure)                              \
    SHOWN type name parameters;                                                                    \
    SHOWN type name parameters                                                                     \
    {                                                                                              \
        static __typeof__(&(name)) real;                                                           \
                                                                                                   \
        if (plan_strikes(kind, #name, error, CALLER))                                              \
            return failure;                                                                        \
        FIND_REAL(real, #name);                                                                    \
        return real passed;                                                                        \
    }

/* The same where the argument `size` says how many bytes are given at most. */
#define WRAPPED_SIZED(type, name, parameters, passed, kind, error, failure)                        \
    SHOWN type name parameters;                                                                    \
    SHOWN type name parameters                                                                     \
    {                                                                                              \
        static __typeof__(&(name)) real;                                                           \
                                                                                                   \
        if (plan_strikes_sized(kind, #name, error, CALLER, &size))                                 \
            return failure;                                                                        \
        FIND_REAL(real, #name);                                                                    \
        return real passed;                                                                        \
    }

#endif
