"""Audit files as chance has them, and what a report must make of them, told by another way.

Time is counted here minute by minute: at each, all lines before are gone through anew. Every time in such a file
is a whole minute.

SPDX-License-Identifier: BSD-2-Clause
"""

from rig.audit_lines import ended, opened, refreshed, switched, used, without_keys

IDLE = 15
ROLES = ("client-a-audit", "client-a-dev", "client-b-audit", "client-c-ops")
HUMANS = ("alice", "bob", "carol@partner.example")


def make(chance, count):
    """So many lines, in which sessions open, hand out, change and end, or never do."""
    lines, sessions, at = [], {}, 0
    for number in range(count):
        at += chance.choice((0, 0, 1, 1, 2, 5, 20, 200))
        human = chance.choice(HUMANS)
        if not sessions or chance.random() < 0.15:
            sessions[f"S{number}"] = human
        session = chance.choice(list(sessions))
        human, role = sessions[session], chance.choice(ROLES)
        how = {"key": f"ASIA{role}{at // 60}", "lasts": chance.choice((3, 10, 60)),
               "tags": {"client": role[:8], "project": chance.choice("xy")}}
        kind = chance.random()
        if kind < 0.12:
            lines.append(ended(at, session, human) | {"at": at})
            del sessions[session]
            continue
        made = chance.choice((opened, refreshed, switched, used, used, used))
        if made is used:
            how["purpose"] = chance.choice(("process", "exec", "env"))
        line = made(at, session, human, role, **how) | {"at": at, "lasts": how["lasts"]}
        lines.append(without_keys(line) if chance.random() < 0.1 else line)
    return lines


def owners(lines):
    """For each minute in which a human used an account, the line whose use it is.

    As [((minute, human, account), line)].
    """
    found = []
    last = max(line["at"] for line in lines) + IDLE
    for minute in range(last + 1):
        claims = {}
        for line in lines:
            if line["at"] > minute:
                break
            session = line["session"]
            if line["event"] in ("ended", "switched"):
                for (other, role, purpose), claim in claims.items():
                    if other == session and (line["event"] == "ended" or (
                            role != line["role"] and purpose in ("open", "switch", "renew", "process"))):
                        claim["end"] = min(claim["end"], line["at"])
            if "access_key_id" in line:
                name = session, line["role"], line.get("purpose", "open")
                before = claims.pop(name, None)
                alive = before is not None and before["end"] > line["at"]
                end = line["at"] + min(IDLE, line["lasts"])
                claims[name] = {"line": line, "end": max(end, before["end"]) if alive else end}
        latest = {}
        for claim in claims.values():
            if claim["end"] > minute:
                latest[claim["line"]["human"], claim["line"]["account"]] = claim["line"]
        found += [((minute, *place), line) for place, line in latest.items()]
    return found
