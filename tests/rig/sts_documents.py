"""The documents with which STS answers, and IAM where it is asked for a user.

SPDX-License-Identifier: BSD-2-Clause
"""

from xml.sax.saxutils import escape

from . import sts_model


def packed_size(parameters):
    """A stand-in for AWS's unpublished measure: per cent of 2,048 characters."""
    size = len(parameters.get("Policy", ""))
    size += sum(len(tag["Key"]) + len(tag["Value"]) for tag in parameters.get("Tags", []))
    return size * 100 // 2048


def session_arn(call):
    """The ARN of the session that an AssumeRole call makes."""
    _, _, _, _, account, path = call.parameters["RoleArn"].split(":")
    role = path.split("/")[-1]
    name = call.parameters.get("RoleSessionName", call.session_name)
    return f"arn:aws:sts::{account}:assumed-role/{role}/{name}"


def identity(call, arn):
    """What GetCallerIdentity answers."""
    account = arn.split(":")[4]
    return f"""\
<GetCallerIdentityResponse xmlns="{sts_model.NAMESPACE}">
  <GetCallerIdentityResult>
    <Arn>{escape(arn)}</Arn>
    <UserId>AIDA0123456789EXAMPLE</UserId>
    <Account>{account}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>{call.request_id}</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
"""


def credentials(call, issued):
    """What AssumeRole and its like answer."""
    name = session_arn(call).split("/")[-1]
    source = call.parameters.get("SourceIdentity")
    optional = f"\n    <SourceIdentity>{escape(source)}</SourceIdentity>" if source else ""
    return f"""\
<{call.operation}Response xmlns="{sts_model.NAMESPACE}">
  <{call.operation}Result>{optional}
    <AssumedRoleUser>
      <AssumedRoleId>AROA0123456789EXAMPLE:{name}</AssumedRoleId>
      <Arn>{session_arn(call)}</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>{issued.access_key}</AccessKeyId>
      <SecretAccessKey>{issued.secret}</SecretAccessKey>
      <SessionToken>{issued.token}</SessionToken>
      <Expiration>{issued.expiration}</Expiration>
    </Credentials>
    <PackedPolicySize>{packed_size(call.parameters)}</PackedPolicySize>
  </{call.operation}Result>
  <ResponseMetadata>
    <RequestId>{call.request_id}</RequestId>
  </ResponseMetadata>
</{call.operation}Response>
"""


def error(call, code, message, status):
    """A refusal."""
    return f"""\
<ErrorResponse xmlns="{sts_model.NAMESPACE}">
  <Error>
    <Type>{'Sender' if status < 500 else 'Receiver'}</Type>
    <Code>{escape(code)}</Code>
    <Message>{escape(message)}</Message>
  </Error>
  <RequestId>{call.request_id}</RequestId>
</ErrorResponse>
"""


def user(call, name):
    """What IAM's GetUser answers."""
    return f"""\
<GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetUserResult>
    <User>
      <Path>/</Path>
      <UserName>{escape(name)}</UserName>
      <UserId>AIDA0123456789EXAMPLE</UserId>
      <Arn>arn:aws:iam::111122223333:user/{escape(name)}</Arn>
      <CreateDate>2026-01-02T03:04:05Z</CreateDate>
    </User>
  </GetUserResult>
  <ResponseMetadata>
    <RequestId>{call.request_id}</RequestId>
  </ResponseMetadata>
</GetUserResponse>
"""
