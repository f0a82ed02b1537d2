"""What the HTTP stand-ins have in common: a server on loopback with TLS where it is wanted, a
handler that prints nothing, and two ways of not answering.

SPDX-License-Identifier: BSD-2-Clause
"""

import http.server
import socket
import ssl
import struct
import threading


class HttpServer:
    """The server, from `with` until its end; its handlers find it as `standin`.

    `address` and `port` are those to listen on, 0 being any port; `certificate` is a (certificate
    file, key file) pair for https. Whoever is stalled is let go when `released` is set.
    """

    def __init__(self, handler, address="127.0.0.1", port=0, certificate=None):
        self.released = threading.Event()
        ipv6 = ":" in address
        self.server = (_ServerIpv6 if ipv6 else _Server)((address, port), handler)
        self.server.standin = self
        if certificate:
            self.server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.server.tls.load_cert_chain(*certificate)
        self.port = self.server.server_address[1]
        host = f"[{address}]" if ipv6 else address
        self.url = f"{'https' if certificate else 'http'}://{host}:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    tls = None

    def finish_request(self, request, client_address):
        if self.tls:
            try:
                request.settimeout(10)
                request = self.tls.wrap_socket(request, server_side=True)
            except OSError:
                return
        super().finish_request(request, client_address)


class _ServerIpv6(_Server):
    address_family = socket.AF_INET6


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def standin(self):
        return self.server.standin

    def body(self):
        """The request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def send(self, status, body, content_type, length=None, headers=None):
        """Sends a whole response, or one that announces `length` bytes and may hold fewer."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """The requests are kept, not printed."""


def stall(handler, *_):
    """Keeps the connection open and says nothing until the other side goes or is let go."""
    released = handler.standin.released
    handler.connection.settimeout(0.05)
    while not released.is_set():
        try:
            if not handler.connection.recv(1):
                break
        except TimeoutError:
            pass
        except OSError:
            break
    handler.close_connection = True


def reset(handler, *_):
    """Ends the connection with a RST."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
