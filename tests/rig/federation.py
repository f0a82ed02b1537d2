"""The endpoint of AWS's console federation on loopback: it gives a sign-in token for credentials.

SPDX-License-Identifier: BSD-2-Clause
"""

import http.server
import json
import secrets
import threading
import urllib.parse


class Federation:
    """The server, from `with` until its end. `sessions` are the credentials it was shown, `tokens`
    the sign-in tokens that it gave for them."""

    def __init__(self):
        self.sessions = []
        self.tokens = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.federation = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        federation = self.server.federation
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        federation.sessions.append(json.loads(form["Session"][0]))
        federation.tokens.append(secrets.token_urlsafe(60))
        body = json.dumps({"SigninToken": federation.tokens[-1]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing is printed."""
