"""A query request checked against AWS's own model of STS, as Debian's python3-botocore ships it:
every parameter known, of its type, of legal length and pattern, and none that is required missing.

SPDX-License-Identifier: BSD-2-Clause
"""

import functools
import re
import sys
import unicodedata
import urllib.parse

import botocore.loaders
import botocore.model

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


OPERATIONS = (
    "AssumeRole",
    "AssumeRoleWithWebIdentity",
    "AssumeRoleWithSAML",
    "GetCallerIdentity",
)


class Illegal(Exception):
    """A request that STS's own front end would refuse with ValidationError."""


@functools.cache
def service():
    return botocore.model.ServiceModel(
        botocore.loaders.Loader().load_service_model("sts", "service-2")
    )


def prepare():
    """Reads the model and its patterns, which would cost whoever calls first a second, and more on a
    busy machine."""
    for name in service().shape_names:
        pattern = service().shape_for(name).metadata.get("pattern")
        if pattern:
            _compiled(pattern)


def parse_form(body):
    """The decoded pairs of a form body, as a dict. Illegal when it is not one, or repeats a key."""
    try:
        pairs = urllib.parse.parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict"
        )
    except ValueError as error:
        raise Illegal(f"the body is not a form: {error}") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise Illegal("a parameter occurs twice")
    return form


def request(form):
    """The operation that `form` calls and its parameters: texts, numbers, lists and dicts as in
    boto3. Illegal with AWS's kind of sentence when anything in it is not as the model says."""
    left = dict(form)
    if left.pop("Version", None) != service().api_version:
        raise Illegal("Version is missing or not that of the model")
    operation = left.pop("Action", None)
    if operation not in OPERATIONS:
        raise Illegal(f"Action is none of {', '.join(OPERATIONS)}")
    tree = _nest(left)
    return operation, _check(tree, service().operation_model(operation).input_shape, "")


def _nest(form):
    """`Tags.member.1.Key=k` and the like as nested dicts."""
    tree = {}
    for key, value in form.items():
        at = tree
        *parents, last = key.split(".")
        for name in parents:
            at = at.setdefault(name, {})
            if not isinstance(at, dict):
                raise Illegal(f"{key}: {name} is a value already")
        if last in at:
            raise Illegal(f"{key} occurs twice")
        at[last] = value
    return tree


def _check(value, shape, at):
    return {
        "structure": _check_structure,
        "list": _check_list,
        "integer": _check_integer,
        "string": _check_string,
    }[shape.type_name](value, shape, at)


def _check_structure(value, shape, at):
    if not isinstance(value, dict):
        raise Illegal(f"'{at}' is not a structure")
    for name in value:
        if name not in shape.members:
            raise Illegal(f"unknown parameter '{name}' at '{at}'")
    for name in shape.required_members:
        if name not in value:
            raise Illegal(f"Value null at '{at}{name}' failed: Member must not be null")
    return {
        name: _check(child, shape.members[name], f"{at}.{name}".lstrip("."))
        for name, child in value.items()
    }


def _check_list(value, shape, at):
    members = value.get("member") if isinstance(value, dict) else None
    if not isinstance(members, dict) or len(value) != 1:
        raise Illegal(f"'{at}' is not a list")
    if sorted(members) != sorted(str(number + 1) for number in range(len(members))):
        raise Illegal(f"the members of '{at}' are not numbered from 1")
    _check_size(len(members), shape, at)
    return [
        _check(members[str(number + 1)], shape.member, f"{at}.{number + 1}")
        for number in range(len(members))
    ]


def _check_integer(value, shape, at):
    if not isinstance(value, str) or not re.fullmatch("-?[0-9]{1,9}", value):
        raise Illegal(f"'{at}' is not a number")
    _check_size(int(value), shape, at)
    return int(value)


def _check_string(value, shape, at):
    if not isinstance(value, str):
        raise Illegal(f"'{at}' is not a text")
    _check_size(len(value), shape, at)
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        raise Illegal(
            f"Value '{value}' at '{at}' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {pattern}"
        )
    return value


def _check_size(size, shape, at):
    if size < shape.metadata.get("min", size) or size > shape.metadata.get("max", size):
        raise Illegal(f"'{at}' has {size}, which is outside the limits of the model")


@functools.cache
def _compiled(pattern):
    return re.compile(
        re.sub(r"\\p\{([A-Z])\}", lambda match: _category(match[1]), pattern), re.ASCII
    )


@functools.cache
def _category(letter):
    """The characters of a Unicode category, as what may stand inside [] in a pattern."""
    ranges = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code))[0] == letter:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
