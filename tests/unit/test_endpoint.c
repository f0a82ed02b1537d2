/*
 * The endpoints of AWS's partitions.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "helper/endpoint.h"

#define NONE "none: its partition has no such endpoint"

/* Partitions and regions beyond those against which test_endpoints.py holds botocore's rules. */
static const struct {
    const char *region;
    const char *urls[4]; /* plain, FIPS, dual-stack, both; NULL: no region of AWS has this form */
} regions[] = {
    {"ap-southeast-12",
     {"https://sts.ap-southeast-12.amazonaws.com/",
      "https://sts-fips.ap-southeast-12.amazonaws.com/", "https://sts.ap-southeast-12.api.aws/",
      "https://sts-fips.ap-southeast-12.api.aws/"}},
    {"il-central-1",
     {"https://sts.il-central-1.amazonaws.com/", "https://sts-fips.il-central-1.amazonaws.com/",
      "https://sts.il-central-1.api.aws/", "https://sts-fips.il-central-1.api.aws/"}},
    /* Of letters that no partition has yet: the SDKs take it for one of the partition aws. */
    {"nz-north-1",
     {"https://sts.nz-north-1.amazonaws.com/", "https://sts-fips.nz-north-1.amazonaws.com/",
      "https://sts.nz-north-1.api.aws/", "https://sts-fips.nz-north-1.api.aws/"}},
    {"us-gov-west-1",
     {"https://sts.us-gov-west-1.amazonaws.com/", "https://sts.us-gov-west-1.amazonaws.com/",
      "https://sts.us-gov-west-1.api.aws/", "https://sts-fips.us-gov-west-1.api.aws/"}},
    {"eusc-de-east-1",
     {"https://sts.eusc-de-east-1.amazonaws.eu/", "https://sts-fips.eusc-de-east-1.amazonaws.eu/",
      "https://sts.eusc-de-east-1.api.amazonwebservices.eu/",
      "https://sts-fips.eusc-de-east-1.api.amazonwebservices.eu/"}},
    {"us-isof-south-1",
     {"https://sts.us-isof-south-1.csp.hci.ic.gov/",
      "https://sts-fips.us-isof-south-1.csp.hci.ic.gov/", NONE, NONE}},
    {"eu-isoe-west-1",
     {"https://sts.eu-isoe-west-1.cloud.adc-e.uk/",
      "https://sts-fips.eu-isoe-west-1.cloud.adc-e.uk/", NONE, NONE}},
    {"", {NULL}},
    {"eu", {NULL}},
    {"eu-west", {NULL}},
    {"eu-west-", {NULL}},
    {"eu--1", {NULL}},
    {"eu-west-1a", {NULL}},
    {"EU-WEST-1", {NULL}},
    {"us-isoz-east-1", {NULL}},
    {"us-east-1.evil.example/", {NULL}},
    {"us-east-1@evil.example", {NULL}},
};

static void each_region_has_the_endpoints_of_its_partition(void **state)
{
    char url[128];
    size_t i, kind;

    (void)state;
    for (i = 0; i < sizeof regions / sizeof *regions; i++)
        for (kind = 0; kind < 4; kind++) {
            const char *expected = regions[i].urls[kind];
            int error = endpoint_find(ENDPOINT_STS, regions[i].region, (kind & 1) != 0,
                                      (kind & 2) != 0, url, sizeof url);

            if (regions[i].urls[0] == NULL) {
                assert_int_equal(error, EINVAL);
            } else if (strcmp(expected, NONE) == 0) {
                assert_int_equal(error, ENOTSUP);
            } else {
                assert_int_equal(error, 0);
                assert_string_equal(url, expected);
            }
        }
}

static void roles_anywhere_has_hosts_of_its_own(void **state)
{
    char url[128];

    (void)state;
    assert_int_equal(
        endpoint_find(ENDPOINT_ROLES_ANYWHERE, "us-gov-east-1", true, false, url, sizeof url), 0);
    assert_string_equal(url, "https://rolesanywhere-fips.us-gov-east-1.amazonaws.com/");
}

static void a_buffer_too_small_is_told(void **state)
{
    char url[20];

    (void)state;
    assert_int_equal(endpoint_find(ENDPOINT_STS, "eu-west-1", false, false, url, sizeof url),
                     ENOBUFS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_region_has_the_endpoints_of_its_partition),
        cmocka_unit_test(roles_anywhere_has_hosts_of_its_own),
        cmocka_unit_test(a_buffer_too_small_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
