"""The endpoints against the rules that botocore ships, resolved by botocore itself.

SPDX-License-Identifier: BSD-2-Clause
"""

import itertools

import botocore.loaders
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

from .programs import run

SERVICES = {"sts": "2011-06-15", "rolesanywhere": "2018-05-10"}
LOADER = botocore.loaders.create_loader()


def regions():
    """Every region of every partition that botocore lists in one of its two ways."""
    listed = set()
    for partition in LOADER.load_data("partitions")["partitions"]:
        listed.update(partition["regions"])
    for partition in LOADER.load_data("endpoints")["partitions"]:
        listed.update(partition["regions"])
    # Those of services that know no region, such as aws-global, are none to us.
    return sorted(region for region in listed if not region.endswith("-global"))


def resolve(service, region, fips, dual_stack):
    rules = LOADER.load_service_model(service, "endpoint-rule-set-1", SERVICES[service])
    provider = EndpointProvider(rules, LOADER.load_data("partitions"))
    parameters = {"Region": region, "UseFIPS": fips, "UseDualStack": dual_stack}
    if service == "sts":
        parameters["UseGlobalEndpoint"] = False
    try:
        return provider.resolve_endpoint(**parameters).url.rstrip("/") + "/"
    except EndpointProviderError:
        return "EOPNOTSUPP"  # which ENOTSUP is on Linux


def test_each_region_has_the_endpoint_that_botocore_resolves():
    asked = list(itertools.product(SERVICES, regions(), (False, True), (False, True)))
    lines = [f"{service} {region} {fips:d} {dual:d}\n" for service, region, fips, dual in asked]
    found = run("endpoints", input="".join(lines)).splitlines()
    expected = [resolve(*question) for question in asked]
    assert len(regions()) >= 33
    assert "EOPNOTSUPP" in expected
    assert list(zip(asked, found)) == list(zip(asked, expected))


def test_what_has_not_the_form_of_a_region_has_none():
    lines = [f"sts {text} 0 0\n" for text in ("aws-global", "aws-cn-global", "fips", "us-east")]
    assert run("endpoints", input="".join(lines)).split() == ["EINVAL"] * len(lines)
