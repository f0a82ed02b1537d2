"""What an SSO module leaves for a session: here pam_env.so in its place, which puts into the PAM
environment what stands in a file.

SPDX-License-Identifier: BSD-2-Clause
"""

import base64
import contextlib
import os
import secrets

FILE = "/mnt/sso.env"
ABOVE = f"session    required   pam_env.so envfile={FILE}\n"
PROVIDER = "arn:aws:iam::111122223333:saml-provider/Idp"
ISSUER = "arn:aws:iam::111122223333:oidc-provider/idp.example"
# In the form of a JWT, whose signature nobody verifies.
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9." + secrets.token_urlsafe(300)

TOKEN_NAME, ASSERTION_NAME = "XACCT_WEB_IDENTITY_TOKEN", "XACCT_SAML_ASSERTION"


@contextlib.contextmanager
def leaving(**proofs):
    """Has the stack's SSO module leave these variables, while it lasts."""
    with open(FILE, "w", encoding="ascii") as out:
        out.writelines(f"{name}={value}\n" for name, value in proofs.items())
    yield
    os.unlink(FILE)


def assertion(*roles, provider=PROVIDER, more=""):
    """A SAML response, in Base64, that offers these roles."""
    values = "".join(f"<AttributeValue>{provider},{role}</AttributeValue>" for role in roles)
    return base64.b64encode(
        f"""{more}<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol"><Assertion>
<AttributeStatement>
<Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">{values}</Attribute>
</AttributeStatement></Assertion></Response>""".encode()
    ).decode()
