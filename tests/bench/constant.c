/*
 * The least that a credential process can be: it prints a constant.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>

int main(void)
{
    puts("{\"Version\":1,\"AccessKeyId\":\"ASIAEXAMPLE\",\"SecretAccessKey\":\"secret\","
         "\"SessionToken\":\"token\",\"Expiration\":\"2038-01-19T03:14:07Z\"}");
    return 0;
}
