"""Asking the metadata services, as somebody or from somewhere.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import subprocess
import sys

# Long beyond what a refusal may take, and any answer: an SDK would wait for it.
PATIENCE = 20

# Prints what became of each address, by name: "answered", or the name of the errno.
_CLIENT = """
import errno, json, socket, sys

def ask(kind, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, getattr(socket, kind)) as client:
        client.settimeout(float(sys.argv[2]))
        if sys.argv[3]:
            number, hop = sys.argv[3].split()
            route = bytes([int(number), 7, 4]) + socket.inet_aton(hop) + bytes(1)
            client.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, route)
        try:
            client.connect((address, port))
            client.sendall(b"PUT /latest/api/token HTTP/1.0\\r\\n"
                           b"X-aws-ec2-metadata-token-ttl-seconds: 60\\r\\n\\r\\n")
            return "answered" if client.recv(12) else "closed"
        except TimeoutError:
            return "nothing"
        except OSError as failure:
            return errno.errorcode[failure.errno]

print(json.dumps({name: ask(*what) for name, what in json.loads(sys.argv[1]).items()}))
"""


def ask(what, uid=0, network=None, patience=PATIENCE, hop=None):
    """What becomes of a request to each of `what`, {name: (kind of socket, address, port)}, as this
    user, or from a Network as root: {name: "answered", "nothing" within so many seconds, or the name of an errno}.
    `hop`, (IP option, address), is where a source route is to lead them first."""
    command = [sys.executable, "-IS", "-c", _CLIENT, json.dumps(what), str(patience),
               "%d %s" % hop if hop else ""]
    if network:
        command = network.command(*command)
    done = subprocess.run(
        command, user=uid, group=uid, extra_groups=[], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_tcp(addresses, port=80):
    """What to ask: this port of each address, by TCP."""
    return {name: ("SOCK_STREAM", address, port) for name, address in addresses.items()}
