"""The endpoint of AWS's console federation on loopback: it gives a sign-in token for credentials.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import secrets
import urllib.parse

from . import http_server


class Federation(http_server.HttpServer):
    """The server, from `with` until its end. `sessions` are the credentials it was shown, `tokens`
    the sign-in tokens that it gave for them."""

    def __init__(self):
        self.sessions = []
        self.tokens = []
        super().__init__(_Handler)


class _Handler(http_server.Handler):
    def do_POST(self):
        federation = self.standin
        form = urllib.parse.parse_qs(self.body().decode())
        federation.sessions.append(json.loads(form["Session"][0]))
        federation.tokens.append(secrets.token_urlsafe(60))
        body = json.dumps({"SigninToken": federation.tokens[-1]}).encode()
        self.send(200, body, "application/json")
