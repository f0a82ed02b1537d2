"""A program of root's that logs people in by PAM and lives on, as a display manager does. Each line
that it reads is a step; it answers each with PAM's code.

    pam_program.py SERVICE USER

SPDX-License-Identifier: BSD-2-Clause
"""

import ctypes
import sys


class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class Response(ctypes.Structure):
    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


CONVERSE = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.POINTER(Message)),
    ctypes.POINTER(ctypes.POINTER(Response)), ctypes.c_void_p)


class Conversation(ctypes.Structure):
    _fields_ = [("converse", CONVERSE), ("data", ctypes.c_void_p)]


libc = ctypes.CDLL(None)
libc.calloc.restype = ctypes.c_void_p
libpam = ctypes.CDLL("libpam.so.0")


def converse(count, _messages, responses, _data):
    """Takes what is shown; PAM frees the empty answers."""
    responses[0] = ctypes.cast(
        libc.calloc(count, ctypes.sizeof(Response)), ctypes.POINTER(Response))
    return 0


def main(service, user):
    handle = ctypes.c_void_p()
    talk = Conversation(CONVERSE(converse), None)
    steps = {
        "start": lambda: libpam.pam_start(
            service.encode(), user.encode(), ctypes.byref(talk), ctypes.byref(handle)),
        "open": lambda: libpam.pam_open_session(handle, 0),
        "close": lambda: libpam.pam_close_session(handle, 0),
        "end": lambda: libpam.pam_end(handle, 0),
    }
    for line in sys.stdin:
        print(steps[line.strip()](), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
