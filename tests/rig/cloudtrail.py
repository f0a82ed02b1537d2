"""CloudTrail events as AWS writes them, of what is known of a call.

Source: CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element"; IAM User Guide,
"Logging IAM and AWS STS API calls with AWS CloudTrail".

SPDX-License-Identifier: BSD-2-Clause
"""

import itertools
import json

_numbers = itertools.count(1)


def identity(role_arn, session_name, key=None, source_identity=None, created=None):
    """The userIdentity of a role's session."""
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[1]
    context = {"sessionIssuer": {"type": "Role", "arn": role_arn, "accountId": account, "userName": name},
               "attributes": {"mfaAuthenticated": "false"}}
    if created:
        context["attributes"]["creationDate"] = created
    if source_identity:
        context["sourceIdentity"] = source_identity
    return {"type": "AssumedRole", "principalId": f"AROAEXAMPLE:{session_name}", "accountId": account,
            "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}",
            **({"accessKeyId": key} if key else {}), "sessionContext": context}


def event(who, at, name="GetObject", source="s3.amazonaws.com", **members):
    """An event; `who` is its userIdentity."""
    number = next(_numbers)
    return {"eventVersion": "1.09", "userIdentity": who, "eventTime": at, "eventSource": source, "eventName": name,
            "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.77", "userAgent": "aws-cli/2.9.19",
            "requestParameters": None, "responseElements": None, "requestID": f"request-{number}",
            "eventID": f"event-{number}", "readOnly": True, "eventType": "AwsApiCall", "managementEvent": True,
            "recipientAccountId": who.get("accountId", "111122223333"), "eventCategory": "Management"} | members


def assume_role(who, at, role_arn, session_name, issued_key, **members):
    """The event of an AssumeRole that issued a key."""
    return event(who, at, "AssumeRole", "sts.amazonaws.com", requestParameters={
        "roleArn": role_arn, "roleSessionName": session_name}, responseElements={
            "credentials": {"accessKeyId": issued_key, "sessionToken": "FwoG", "expiration": "Nov 27, 2026, 11:00:00 AM"},
            "assumedRoleUser": {"assumedRoleId": f"AROAEXAMPLE:{session_name}"}}, **members)


USER = {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::999900001111:user/bastion",
        "accountId": "999900001111", "accessKeyId": "AKIABASTIONBASE00001", "userName": "bastion"}


def looked_up(events):
    """What `aws cloudtrail lookup-events` prints of them."""
    return json.dumps({"Events": [{"EventId": one["eventID"], "EventName": one["eventName"], "Username": "x",
                                   "CloudTrailEvent": json.dumps(one)} for one in events]}, indent=4)
