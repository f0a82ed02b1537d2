/*
 * Endpoints for test_endpoints.py: for each line "SERVICE REGION FIPS DUAL_STACK" of standard
 * input, the last two being 0 or 1, it prints the URL, or what errno(3) calls the error.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "helper/endpoint.h"

int main(void)
{
    char service[32], region[64], url[256];
    int fips, dual_stack, error;

    while (scanf("%31s %63s %d %d", service, region, &fips, &dual_stack) == 4) {
        error = endpoint_find(strcmp(service, "sts") == 0 ? ENDPOINT_STS : ENDPOINT_ROLES_ANYWHERE,
                              region, fips != 0, dual_stack != 0, url, sizeof url);
        printf("%s\n", error == 0 ? url : strerrorname_np(error));
    }
    return 0;
}
