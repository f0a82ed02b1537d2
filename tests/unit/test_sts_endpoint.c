/*
 * The regional endpoints of AWS's partitions.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helper/sts.h"

static const struct {
    const char *region;
    const char *url; /* NULL: no region of AWS has this form */
} regions[] = {
    {"eu-west-1", "https://sts.eu-west-1.amazonaws.com/"},
    {"us-east-1", "https://sts.us-east-1.amazonaws.com/"},
    {"ap-southeast-12", "https://sts.ap-southeast-12.amazonaws.com/"},
    {"il-central-1", "https://sts.il-central-1.amazonaws.com/"},
    {"mx-central-1", "https://sts.mx-central-1.amazonaws.com/"},
    {"us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com/"},
    {"cn-northwest-1", "https://sts.cn-northwest-1.amazonaws.com.cn/"},
    {"eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu/"},
    {"us-iso-east-1", "https://sts.us-iso-east-1.c2s.ic.gov/"},
    {"us-isob-east-1", "https://sts.us-isob-east-1.sc2s.sgov.gov/"},
    {"us-isof-south-1", "https://sts.us-isof-south-1.csp.hci.ic.gov/"},
    {"eu-isoe-west-1", "https://sts.eu-isoe-west-1.cloud.adc-e.uk/"},
    {"", NULL},
    {"eu", NULL},
    {"eu-west", NULL},
    {"eu-west-", NULL},
    {"eu--1", NULL},
    {"eu-west-1a", NULL},
    {"EU-WEST-1", NULL},
    {"zz-west-1", NULL},
    {"us-east-1.evil.example/", NULL},
    {"us-east-1@evil.example", NULL},
};

static void each_region_has_the_endpoint_of_its_partition(void **state)
{
    char url[128];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof regions / sizeof *regions; i++) {
        int error = sts_regional_endpoint(regions[i].region, url, sizeof url);

        assert_int_equal(error, regions[i].url != NULL ? 0 : EINVAL);
        if (error == 0)
            assert_string_equal(url, regions[i].url);
    }
}

static void a_buffer_too_small_is_told(void **state)
{
    char url[20];

    (void)state;
    assert_int_equal(sts_regional_endpoint("eu-west-1", url, sizeof url), ENOBUFS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_region_has_the_endpoint_of_its_partition),
        cmocka_unit_test(a_buffer_too_small_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
