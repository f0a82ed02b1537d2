"""A program that asks STS who it is, again and again, in one session of boto3, until its standard
input ends; each answer is a line. With the name of a profile as its argument, under that.

SPDX-License-Identifier: BSD-2-Clause
"""

import select
import sys

import boto3

client = boto3.Session(profile_name=sys.argv[1] if sys.argv[1:] else None).client("sts")
while True:
    print(client.get_caller_identity()["Arn"], flush=True)
    if select.select([sys.stdin], [], [], 0.2)[0] and not sys.stdin.readline():
        break
