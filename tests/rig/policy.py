"""The policy and the base credentials on disk, with the owner and modes that the helper demands.

SPDX-License-Identifier: BSD-2-Clause
"""

import datetime
import os
import pwd
import shutil

FOLDER = "/etc/xacct"
FILE = f"{FOLDER}/xacct.conf"
BASE = f"{FOLDER}/base.credentials"
AUDIT = "/mnt/log/audit.jsonl"
DEFAULT_AUDIT = "/var/log/xacct/audit.jsonl"  # while the policy that says otherwise is refused
SESSIONS = "/mnt/run/sessions"
STATE = "/mnt/lib/state"

# A session policy that leaves reading; laid out as people do it, as spaces may go wrong on the way.
READ_ONLY = """\
{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*" }
  ]
}
"""


def xacct():
    """The entry of the helper's user."""
    return pwd.getpwnam("xacct")


def as_helper():
    """The words before a command that becomes the helper's user in its group alone."""
    own = xacct()
    return ["setpriv", f"--reuid={own.pw_uid}", f"--regid={own.pw_gid}", "--clear-groups"]


def prepare():
    """Makes the folders anew, empty."""
    own = os.path.dirname(AUDIT), os.path.dirname(DEFAULT_AUDIT), SESSIONS, STATE
    for folder in (FOLDER, *own):
        shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(f"{FOLDER}/policies", 0o755)
    for folder in own:
        os.makedirs(folder)
        os.chmod(folder, 0o700)
        os.chown(folder, xacct().pw_uid, xacct().pw_gid)


def place(path, text):
    """Writes a file that is root's and readable by the helper's group; returns its path."""
    with open(path, "w", encoding="utf-8") as out:
        os.fchown(out.fileno(), 0, xacct().pw_gid)
        os.fchmod(out.fileno(), 0o640)
        out.write(text)
    return path


def write(text):
    """Writes the policy."""
    return place(FILE, text)


def append(text):
    """Adds to the policy that was written."""
    with open(FILE, "a", encoding="utf-8") as out:
        out.write(text)


def move_audit(folder, path=None):
    """Makes a folder of the helper's own, and has the policy's audit file lie there; `path` is what
    the policy calls the folder, where that is not its name."""
    os.makedirs(folder)
    os.chmod(folder, 0o750)
    os.chown(folder, xacct().pw_uid, xacct().pw_gid)
    with open(FILE, encoding="utf-8") as text:
        write(text.read().replace(AUDIT, f"{path or folder}/audit.jsonl"))


def write_base(access_key, secret):
    """Writes the base credentials."""
    return place(
        BASE, f"[default]\naws_access_key_id = {access_key}\naws_secret_access_key = {secret}\n"
    )


def heading(sts_endpoint, extra="", base=f"source = file\nfile   = {BASE}"):
    """The sections [xacct] and [base] that the policies of the rig begin with: STS at this URL, or
    with None at AWS's own, further lines of [xacct], and the lines of [base]."""
    endpoint = f"sts_endpoint = {sts_endpoint}\n" if sts_endpoint else ""
    return f"""\
[xacct]
region       = eu-west-1
{endpoint}audit        = {AUDIT}
sessions     = {SESSIONS}
state        = {STATE}
{extra}
[base]
{base}
"""


def instant(seconds):
    """The instant that comes in so many seconds, as policies, records and AWS have it."""
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def hours(start, end):
    """The hours of a grant, in minutes from now, for clocks in UTC; and the instant they end."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    first, last = (now + datetime.timedelta(minutes=minutes) for minutes in (start, end))
    if last.strftime("%H:%M") == "00:00":
        last -= datetime.timedelta(minutes=1)
    return f"hours = Mon-Sun {first:%H:%M}-{last:%H:%M} UTC\n", last
