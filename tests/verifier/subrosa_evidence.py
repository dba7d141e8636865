"""Holds an alarm's evidence against a team's trail.

    python3 subrosa_evidence.py TRAIL EVIDENCE

TRAIL is a colleague's, verified as by subrosa_trail.py; EVIDENCE is what a device has saved when it
raised an alarm (docs/format.md, 'The alarm'). It says whether the device's own history is the trail's,
and whether the evidence proves another one by itself: that takes a member's signature on top of a
place that is not on the trail.
"""

import re
import sys

import subrosa_trail as t

LINES = (
    rb"subrosa-evidence:1:([0-9a-f]{64})",
    rb"(older|other|forked):(?:0|[1-9][0-9]{0,19})",
    rb"own:(0|[1-9][0-9]{0,19}):([0-9a-f]{64})",
    rb"shown:(0|[1-9][0-9]{0,19}):([0-9a-f]{64})",
)


def main(arguments):
    if len(arguments) != 2:
        print("usage: subrosa_evidence.py TRAIL EVIDENCE", file=sys.stderr)
        return 2
    try:
        trail, evidence = (open(name, "rb").read() for name in arguments)
        print(judge(t.verify(trail), evidence))
    except (t.Fault, OSError, Bad) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


class Bad(Exception):
    """Evidence that is none."""


def judge(trail, evidence):
    *lines, end = evidence.split(b"\n")
    found = [re.fullmatch(rule, line) for rule, line in zip(LINES, lines)]
    if end or len(lines) < len(LINES) or not all(found):
        raise Bad("Evidence(lines)")
    team, (differs, own, shown) = found[0][1].decode(), (each.groups() for each in found[1:])
    if team != trail[0][1].team.hex():
        raise Bad("Evidence(team)")
    own, shown = ((int(seq), bytes.fromhex(digits.decode())) for seq, digits in (own, shown))
    if not is_on(trail, own):
        return f"the device's place {own[0]} is not on this trail: its history is another one"
    if differs[0] != b"forked":
        return f"the device's place {own[0]} is on this trail; nothing that is signed shows another one"
    if len(lines) == len(LINES):
        raise Bad("Evidence(entry)")
    try:
        body, signature = t.decode(t.SIGNED_ENTRY, bytes.fromhex(lines[len(LINES)].decode()))
        entry = t.decode(t.ENTRY, body)
    except (ValueError, t.Malformed):
        raise Bad("Evidence(entry)") from None
    members = trail[own[0]][1].members
    try:
        t.need(entry.author in members, "Author")
        t.verify_signed(members[entry.author].keyset.signing, "entry", body, signature)
        t.need(entry.team == trail[0][1].team, "Team")
    except t.Refused as refused:
        raise Bad(f"Evidence({refused})") from None
    if (entry.seq - 1, entry.prev) != shown or shown[0] > own[0] or is_on(trail, shown):
        raise Bad("Evidence(place)")
    return f"proved: {t.short(entry.author)} signed entry {entry.seq} on top of a place that is not on this trail"


def is_on(trail, place):
    seq, hash = place
    return seq < len(trail) and trail[seq][1].hash == hash


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
