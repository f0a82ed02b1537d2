/*
 * One line on standard error.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/complain.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/escape.h"

#define SENTENCE_SIZE 4096

void complain(const char *format, ...)
{
    char sentence[SENTENCE_SIZE], shown[SENTENCE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    fprintf(stderr, "xacct: %s\n", escape_sentence(shown, sizeof shown, sentence));
}
