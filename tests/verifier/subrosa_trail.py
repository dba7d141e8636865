"""Verifies a team's trail: its signed log, entry by entry, from the genesis to the head.

    python3 subrosa_trail.py FILE [SEQ:HASH]

It needs Python 3.11 and the package `cryptography`; no server, no key, no password. It is written
from docs/format.md alone, shares no code with the programs that write the log, and has that page's
names: who wants to know why there is a rule reads the two side by side.

A trail is text: the line `subrosa-trail:1:TEAM`, then a line for each entry, in order, with the
lower-case hex of its `signed-entry`. Every line ends in a newline, and nothing else is there.

`verified` means: the team's id is the hash of the first entry; each entry was signed by a member of
its time, follows the one before, and was its author's to make by every rule. It does not mean that
the log ends here: whoever hands over a trail can leave off its end. A checkpoint (`SEQ:HASH`, from
a device or an emergency kit) shows that it reaches that far. Times are what their authors claimed,
and clients' versions, expiry and what is stored beside the log (sealed vaults, wraps of keys) are
not judged here: of the last, the log has the hashes.
"""

import copy
import hashlib
import re
import sys
from collections import namedtuple
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# --- The command -------------------------------------------------------------------------------------


def main(arguments):
    checkpoint = re.fullmatch("(0|[1-9][0-9]{0,19}):([0-9a-f]{64})", (*arguments, "", "")[1])
    if len(arguments) != (2 if checkpoint else 1):
        print("usage: subrosa_trail.py FILE [SEQ:HASH]", file=sys.stderr)
        return 2
    try:
        with open(arguments[0], "rb") as file:
            trail = verify(file.read())
        seq, digits = (int(checkpoint[1]), checkpoint[2]) if checkpoint else (0, None)
        if checkpoint and (seq >= len(trail) or trail[seq][1].hash.hex() != digits):
            raise Fault(seq, "Checkpoint")
    except (Fault, OSError) as fault:
        print(fault if isinstance(fault, Fault) else f"entry 0: {fault}", file=sys.stderr)
        return 1
    # Nothing is printed before everything is verified: half a trail is not half true.
    for entry, state in trail:
        print(line(entry, state))
    print(f"verified: {len(trail)} entries, head {state.seq}:{state.hash.hex()}")
    return 0


class Fault(Exception):
    def __init__(self, entry, reason):
        super().__init__(f"entry {entry}: {reason}")


def verify(text):
    """What a trail's bytes say, verified: each entry, with the state after it. Raises `Fault`."""
    header, *lines = text.split(b"\n")
    team = re.fullmatch(b"subrosa-trail:1:([0-9a-f]{64})", header)
    if not team:
        raise Fault(0, "Trail(first line)")
    # What is left after the last newline is empty; else it is a line that was cut.
    if not lines or lines.pop() or not lines:
        raise Fault(len(lines), "Trail(cut)")
    trail, state = [], None
    for number, digits in enumerate(lines):
        if not re.fullmatch(b"([0-9a-f]{2})+", digits):
            raise Fault(number, "Trail(hex)")
        try:
            entry, state = accept(state, bytes.fromhex(digits.decode()))
        except Refused as refused:
            raise Fault(number, refused) from None
        if state.team.hex().encode() != team[1]:
            raise Fault(number, "Team")
        trail.append((entry, state))
    return trail


def line(entry, state):
    try:
        time = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=entry.time)
        time = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except OverflowError:  # a claim too, if a strange one
        time = f"{entry.time}ms"
    ops = "; ".join(WORDS[number](*content) for number, content in entry.ops)
    return f"{entry.seq} {state.hash.hex()} {time} {short(entry.author)} {ops}"


def short(id):
    return id.hex()[:8]


def by(invited):
    return f" by invite {short(invited.invite)}" if invited else ""


def can(grants):
    roles = ("read", "write", "manage")
    return ", ".join(f"{roles[role]} {short(vault)}" for vault, role in grants) or "nothing"


WORDS = [  # for each op, in the order of the numbers
    lambda op: f"founds the team with root {short(op.root)}",
    lambda op: f"makes vault {short(op.vault)}" + (f" under {short(op.parent)}" if op.parent else ""),
    lambda op: f"commits {short(op.tree)} to vault {short(op.vault)}",
    lambda op: f"gives vault {short(op.vault)} key {op.version}",
    lambda op: f"retires keys of vault {short(op.vault)} up to {op.version}",
    lambda op: f"gives {short(op.member)} other keys{by(op.invited)}",
    lambda op: f"invites {short(op.member)} to "
    + ("be an owner", f"{can(grants_of(op.access))}", "other keys")[op.access[0]]
    + by(op),
    lambda invite: f"takes invite {short(invite)} back",
    lambda op: f"adds {short(op.member)}{by(op.how[1][0])}"
    if op.how[0] == BY_INVITE
    else f"adds machine {short(op.member)} to {can(op.how[1][0].grants)}",
    lambda op: f"lets {short(op.member)} {can([op.grant])}",
    lambda op: f"takes vault {short(op.vault)} from {short(op.member)}",
    lambda member: f"removes {short(member)}",
    lambda member: f"makes {short(member)} an owner",
    lambda version: f"refuses clients below {version}",
]

# --- The state: what the log says at one place -------------------------------------------------------

READS, WRITES, MANAGES = 0, 1, 2  # roles
OWNER, MEMBER, OTHER_KEYS = 0, 1, 2  # what an invite's access is to
BY_INVITE, SERVICE = 0, 1  # how somebody is added
MAX_VAULTS, MAX_HELD, MAX_BY_MEMBERS = 256, 12288, 128


class Member(NamedTuple):
    kind: str  # "owner", "member", or "service" (a machine)
    keyset: "Keyset"
    roles: dict  # by vault; an owner has none, and holds every vault


class Vault(NamedTuple):
    parent: bytes | None
    created: int  # the number of the entry
    key_commitments: tuple  # of key version 1 and on
    backlinks: tuple = ()  # of key version 2 and on
    retired: int = 0
    unlost_since: int = 1  # whoever lost the vault has no key of this version or a later one
    tree: bytes | None = None
    tree_key_version: int = 1
    oldest_live: int = 1
    commits: int = 0

    @property
    def key_version(self):
        return len(self.key_commitments)


class State:
    """Its records are replaced, never changed, so that a copy of its sets is a copy of all."""

    def __init__(self, team, founder, root, directory):
        self.team, self.founder, self.root, self.directory = team, founder, root, directory
        self.seq, self.hash = 0, team  # the head
        self.members, self.vaults = {}, {}
        self.invites = {}  # the open ones: the entry's number, its author, and what it says
        self.ids, self.keys = set(), set()  # of all who are members or ever were
        self.minimum_client = 0

    def copy(self):
        other = copy.copy(self)
        other.__dict__.update((k, v.copy()) for k, v in self.__dict__.items() if isinstance(v, (dict, set)))
        return other

    def is_owner(self, member):
        return member in self.members and self.members[member].kind == "owner"

    def role(self, member, vault):
        """-1 for none."""
        if member not in self.members:
            return -1
        return MANAGES if self.is_owner(member) else self.members[member].roles.get(vault, -1)

    def held(self, member):
        return set(self.vaults if self.is_owner(member) else self.members[member].roles)

    def holders(self, vault):
        return sorted(member for member in self.members if self.role(member, vault) >= READS)


# --- What is accepted --------------------------------------------------------------------------------


class Refused(Exception):
    """The text is the name that docs/format.md gives the reason."""


def need(condition, otherwise):
    if not condition:
        raise Refused(otherwise)


def accept(before, signed_entry):
    """The entry in the bytes of a `signed-entry`, and the state after it.

    `before` is the state that the entry comes to, None for a genesis. It is not changed, so that a
    refused entry leaves it as it was.
    """
    try:
        body, signature = decode(SIGNED_ENTRY, signed_entry)
        entry = decode(ENTRY, body)
    except Malformed as malformed:
        raise Refused(f"Signed(Malformed({malformed}))") from None
    hash = hashlib.sha256(signed_entry).digest()
    if before is None:
        return entry, found(entry, body, signature, hash)
    need(entry.author in before.members, "Author")
    verify_signed(before.members[entry.author].keyset.signing, "entry", body, signature)
    need(entry.suite == 1, "Suite")
    need(entry.team == before.team, "Team")
    need((entry.seq, entry.prev) == (before.seq + 1, before.hash), "Head")
    need(entry.ops, "Ops")
    if entry.seq == 1:
        # The wraps of the directory's key are bound to the team's id. So the genesis only names that
        # vault, and the founder makes it as soon as there is an id.
        (number, (op, *_)), made = entry.ops[0], OPS.index("create_vault")
        need(entry.author == before.founder and number == made, "Directory")
        need((op.vault, op.parent) == (before.directory, None), "Directory")
    judgement = Judgement(before, entry, hash)
    for number, content in entry.ops:
        getattr(judgement, OPS[number])(*content)
    judgement.end()
    return entry, judgement.now


def found(entry, body, signature, hash):
    need([OPS[number] for number, _ in entry.ops] == ["genesis"], "Genesis")
    founder, root, root_keyset, root_proof, directory = entry.ops[0][1][0]
    verify_signed(founder.signing, "entry", body, signature)
    need((entry.team, entry.seq, entry.prev) == (None, 0, None), "Genesis")
    need(entry.suite == 1, "Suite")
    need(root != entry.author, "Genesis")
    need(is_sound(founder.signing) and is_sound(root_keyset.signing), "Key")
    need(not set(founder) & set(root_keyset), "Key")
    claim = write_item((entry.author, founder, root, root_keyset, directory))
    verify_signed(root_keyset.signing, "root-proof", claim, root_proof)
    state = State(hash, entry.author, root, directory)
    for member, keyset in (entry.author, founder), (root, root_keyset):
        state.members[member] = Member("owner", keyset, {})
        state.ids.add(member)
        state.keys.update(keyset)
    return state


class Judgement:
    """One entry's: a method for each op, and `end` for the rules about the entry as a whole.

    `before` is the state before the entry, and `now` what the ops so far have made of it. Authority
    is asked of `before`: no op gives the entry's author more for the next.
    """

    def __init__(self, before, entry, hash):
        self.before, self.now, self.author, self.seq = before, before.copy(), entry.author, entry.seq
        self.now.seq, self.now.hash = entry.seq, hash
        self.by_owner = before.is_owner(entry.author)
        self.committed, self.rekeyed, self.retired = set(), set(), set()  # vaults
        self.lost = set()  # vaults that somebody loses
        self.grows = False  # whether somebody gets a key that he did not have
        self.invited = set()  # this entry's invites, even those that it takes back
        self.touched = {}  # members, with the vaults of the roles that were changed, or None for all else

    def genesis(self, op):
        need(False, "Genesis")

    def create_vault(self, op):
        vaults = self.now.vaults
        need(op.vault not in vaults and (op.parent is None or op.parent in vaults), "Vault")
        need(self.by_owner or op.parent and self.manages(op.parent), "Authority")
        need(len(vaults) < (MAX_VAULTS if self.by_owner else MAX_BY_MEMBERS), "Full")
        self.grows = True
        vaults[op.vault] = Vault(op.parent, self.seq, (op.key_commitment,))
        if not self.by_owner:
            self.set(self.author, roles=self.now.members[self.author].roles | {op.vault: MANAGES})

    def commit(self, op):
        need(op.vault in self.now.vaults, "Vault")
        made_here = op.vault not in self.before.vaults
        need(made_here or self.before.role(self.author, op.vault) >= WRITES, "Authority")
        first(self.committed, op.vault)
        vault = self.now.vaults[op.vault]
        need(op.base == vault.tree and op.tree != vault.tree, "Base")
        need(op.key_version == vault.key_version, "KeyVersion")
        need(vault.retired < op.oldest_live <= op.key_version, "KeyVersion")
        need(len(op.summary) <= 8192, "Summary")
        changed = dict(tree=op.tree, tree_key_version=op.key_version, oldest_live=op.oldest_live)
        self.now.vaults[op.vault] = vault._replace(commits=vault.commits + 1, **changed)

    def rekey(self, op):
        vault = self.managed(op.vault)
        first(self.rekeyed, op.vault)
        need(op.version == vault.key_version + 1, "KeyVersion")
        commitments, backlinks = (*vault.key_commitments, op.key_commitment), (*vault.backlinks, op.backlink)
        self.now.vaults[op.vault] = vault._replace(key_commitments=commitments, backlinks=backlinks)

    def retire(self, op):
        vault = self.managed(op.vault)
        first(self.retired, op.vault)
        need(vault.retired < op.version < vault.key_version, "KeyVersion")
        need(op.version < vault.oldest_live, "Live")
        self.now.vaults[op.vault] = vault._replace(retired=op.version)

    def rotate_keys(self, op):
        need(op.member in self.now.members, "Member")
        root, own = self.before.root, op.member == self.author
        if op.invited:
            says = self.let_in(op.invited)
            need(says.access[0] == OTHER_KEYS and says.member == op.member, "Invite")
        elif not own or op.member == root:
            owners = self.by_owner and self.before.is_owner(op.member)
            need(owners and root in (self.author, op.member), "Authority")
        self.new_keys(op, op.invited)
        self.once(op.member)
        self.set(op.member, keyset=op.keyset)
        # Whoever replaces its own keys had them to itself till now, and nobody has lost a vault. In
        # all other cases, the root's too, the keys before may be in hands that shall hold no more.
        if op.invited or not own or op.member == root:
            self.lost |= self.before.held(op.member)
            # And they may have made invites: those end, and so do others to keys for this member.
            for invite, (_, author, says) in list(self.now.invites.items()):
                if op.member in (author, says.member):
                    del self.now.invites[invite]

    def invite(self, op):
        self.check_grants(grants_of(op.access))
        need(self.may_give(op.access), "Authority")
        if op.access[0] == OTHER_KEYS:
            need(op.member in self.now.members, "Member")
            need(op.member != self.before.root, "Authority")
        else:
            named = {says.member for _, _, says in self.now.invites.values()}
            need(op.member not in self.now.ids | named, "Member")
        need(op.invite not in self.now.invites and op.invite not in self.invited, "Invite")
        need(is_sound(op.link) and len(op.card) <= 1024, "Invite")
        own = [1 for _, author, _ in self.now.invites.values() if author == self.author]
        need(self.by_owner or len(own) < MAX_BY_MEMBERS, "Full")
        self.invited.add(op.invite)
        self.now.invites[op.invite] = self.seq, self.author, op

    def take_back(self, invite):
        need(invite in self.now.invites, "Invite")
        _, author, says = self.now.invites[invite]
        need(author == self.author or self.may_give(says.access), "Authority")
        del self.now.invites[invite]

    def add(self, op):
        how, (says,) = op.how
        if how == BY_INVITE:
            seat = self.let_in(says)
            need(seat.access[0] != OTHER_KEYS and seat.member == op.member, "Invite")
            kind, grants = "owner" if seat.access[0] == OWNER else "member", grants_of(seat.access)
            self.new_keys(op, says)
            del self.now.invites[says.invite]
        else:
            kind, grants = "service", says.grants
            self.new_keys(op, None)
            self.check_grants(grants)
            need(self.may_give((MEMBER, (grants,))), "Authority")
        need(op.member not in self.now.ids, "Member")
        self.once(op.member)
        self.grows = True
        # Everybody reads the directory, where the names are; an owner needs no role for it.
        roles = {} if kind == "owner" else {self.before.directory: READS, **dict(grants)}
        self.now.members[op.member] = Member(kind, op.keyset, roles)
        self.now.ids.add(op.member)

    def set_role(self, op):
        vault, role = op.grant
        self.check_vault(vault)
        need(self.manages(vault), "Authority")
        need(op.member in self.now.members and not self.now.is_owner(op.member), "Member")
        need(self.by_owner or MANAGES not in (role, self.now.role(op.member, vault)), "Authority")
        self.once(op.member, vault)
        self.grows = True
        self.set(op.member, roles=self.now.members[op.member].roles | {vault: role})
        self.void_invites()

    def revoke(self, op):
        self.check_vault(op.vault)
        need(self.manages(op.vault), "Authority")
        member = self.now.members.get(op.member)
        need(member and op.vault in member.roles, "Member")
        need(op.member != self.author, "Authority")
        need(self.by_owner or member.roles[op.vault] != MANAGES, "Authority")
        self.once(op.member, op.vault)
        self.set(op.member, roles={vault: role for vault, role in member.roles.items() if vault != op.vault})
        self.lost.add(op.vault)
        self.void_invites()

    def remove(self, member):
        need(self.by_owner and member not in (self.author, self.before.root), "Authority")
        need(member in self.now.members, "Member")
        self.once(member)
        self.lost |= self.before.held(member)
        del self.now.members[member]
        self.void_invites()

    def promote(self, member):
        need(self.by_owner, "Authority")
        need(member in self.now.members and self.now.members[member].kind == "member", "Member")
        self.once(member)
        self.grows = True
        self.set(member, kind="owner", roles={})

    def minimum_client(self, version):
        need(self.by_owner, "Authority")
        need(version > self.now.minimum_client, "MinimumClient")
        self.now.minimum_client = version

    def end(self):
        need(self.lost <= self.rekeyed, "NotRekeyed")
        others = self.now.members.keys() - {self.now.root}
        need(any(map(self.now.is_owner, others)), "LastOwner")
        keys = sum(len(self.now.held(member)) for member in self.now.members)
        need(not self.grows or keys <= MAX_HELD, "Full")
        for id in self.lost:
            vault = self.now.vaults[id]
            self.now.vaults[id] = vault._replace(unlost_since=vault.key_version)

    # What several ops need:

    def manages(self, vault):
        return self.before.role(self.author, vault) == MANAGES

    def managed(self, vault):
        need(vault in self.before.vaults, "Vault")
        need(self.manages(vault), "Authority")
        return self.now.vaults[vault]

    def check_vault(self, vault):
        need(vault in self.before.vaults, "Vault")
        need(vault != self.before.directory, "Directory")

    def check_grants(self, grants):
        need(all(one.vault < next.vault for one, next in zip(grants, grants[1:])), "Repeated")
        for grant in grants:
            self.check_vault(grant.vault)

    def may_give(self, access):
        """An owner all; others no more than to write, in vaults that they manage, and in some."""
        grants = grants_of(access)
        return self.by_owner or grants and all(g.role <= WRITES and self.manages(g.vault) for g in grants)

    def let_in(self, invited):
        seq, author, says = self.now.invites.get(invited.invite, (self.seq, None, None))
        need(seq < self.seq, "Invite")
        need((self.by_owner or author == self.author) and self.may_give(says.access), "Authority")
        return says

    def new_keys(self, op, invited):
        """A keyset is nobody's before, and whoever brings it proves to have its key (and the link's)."""
        need(is_sound(op.keyset.signing) and not set(op.keyset) & self.now.keys, "Key")
        claim = write_item((self.before.team, invited and invited.invite, op.member, op.keyset))
        verify_signed(op.keyset.signing, "keys-proof", claim, op.proof)
        if invited:
            verify_signed(self.now.invites[invited.invite][2].link, "link-proof", claim, invited.link)
        self.now.keys.update(op.keyset)

    def once(self, member, vault=None):
        """An entry changes a member's roles, in each vault once, or does one other thing to it."""
        done = self.touched.setdefault(member, set())
        need(not done & {vault, None} if vault else not done, "Repeated")
        done.add(vault)

    def set(self, member, **changes):
        self.now.members[member] = self.now.members[member]._replace(**changes)

    def void_invites(self):
        """An invite stands while its author may still give it, and while its member is there."""
        for invite, (_, author, says) in list(self.now.invites.items()):
            managed = all(self.now.role(author, grant.vault) == MANAGES for grant in grants_of(says.access))
            gone = says.access[0] == OTHER_KEYS and says.member not in self.now.members
            if author not in self.now.members or not managed or gone:
                del self.now.invites[invite]


def grants_of(access):
    return access[1][0] if access[0] == MEMBER else ()


def first(seen, vault):
    need(vault not in seen, "Repeated")
    seen.add(vault)


def verify_signed(key, purpose, message, signature):
    tagged = b"subrosa/v1/%b\0%b" % (purpose.encode(), message)
    need(verify_strictly(key, tagged, signature), "Signed(Signature)")


# --- Canonical CBOR ----------------------------------------------------------------------------------


class Malformed(Exception):
    """`TooLong` (over the cap), `Shape` (not this message) or `NotCanonical` (another spelling)."""


def decode(rule, data):
    # Reading lets pass numbers in more bytes than they need, arrays of indefinite length, items too
    # many and bytes that follow. One comparison finds whatever is not the value's one spelling.
    if len(data) > rule.cap:
        raise Malformed("TooLong")
    value = rule(read_item(data)[0])
    if write_item(value) != data:
        raise Malformed("NotCanonical")
    return value


def read_item(data, at=0, depth=0):
    """The number, byte string, null or array (a tuple) at a place, and the place after it."""
    shape(at < len(data) and depth < 16)  # no message is that deep
    major, low, at = data[at] >> 5, data[at] & 31, at + 1
    if (major, low) == (7, 22):
        return None, at
    endless = (major, low) == (4, 31)
    shape(major in (0, 2, 4) and (low < 28 or endless))
    wide = 0 if low < 24 or endless else 1 << low - 24
    number, at = (int.from_bytes(data[at : at + wide], "big") if wide else low), at + wide
    shape(at <= len(data))
    if major == 0:
        return number, at
    if major == 2:
        shape(at + number <= len(data))
        return data[at : at + number], at + number
    items = []
    while data[at : at + 1] != b"\xff" if endless else len(items) < number:
        item, at = read_item(data, at, depth + 1)
        items.append(item)
    return tuple(items), at + endless


def write_item(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return write_head(0, value)
    if isinstance(value, bytes):
        return write_head(2, len(value)) + value
    while value and value[-1] is None:  # absent fields at the end of a message are left out
        value = value[:-1]
    return write_head(4, len(value)) + b"".join(map(write_item, value))


def write_head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    power = next(power for power in range(4) if number < 1 << (8 << power))
    return bytes([major << 5 | 24 + power]) + number.to_bytes(1 << power, "big")


def shape(condition):
    if not condition:
        raise Malformed("Shape")


# --- The grammar: a rule makes a value of an item, or raises `Malformed` -----------------------------


def number(below):
    def rule(item):
        shape(isinstance(item, int) and item < below)
        return item

    return rule


def octets(least, most):
    def rule(item):
        shape(isinstance(item, bytes) and least <= len(item) <= most)
        return item

    return rule


def uuid(item):
    shape(isinstance(item, bytes) and len(item) == 16)
    shape(item[6] >> 4 == 4 and item[8] >> 6 == 2)  # version 4, and its variant
    return item


def optional(rule):
    return lambda item: None if item is None else rule(item)


def array(rule, most):
    def whole(item):
        shape(isinstance(item, tuple) and len(item) <= most)
        return tuple(map(rule, item))

    return whole


def choice(*alternatives):
    """A pair: the alternative's number, and its field, alone in a tuple, if it has one."""

    def rule(item):
        shape(isinstance(item, tuple) and len(item) >= 2 and isinstance(item[0], int))
        shape(item[0] < len(alternatives) and isinstance(item[1], tuple))
        content = alternatives[item[0]]
        shape(item[1] or not content)
        return item[0], (content(item[1][0]),) if content else ()

    return rule


class Message:
    """A named tuple of its fields."""

    def __init__(self, name, cap=0, **rules):
        self.type, self.cap, self.rules = namedtuple(name, rules), cap, rules.values()

    def __call__(self, item):
        shape(isinstance(item, tuple))
        padded = item + (None,) * len(self.rules)
        return self.type(*(rule(part) for rule, part in zip(self.rules, padded)))


U8, ROLE, U32, U64 = number(1 << 8), number(3), number(1 << 32), number(1 << 64)
HASH, SIGNATURE = octets(32, 32), octets(64, 64)
SIGNING_PUBLIC, KEM_PUBLIC = octets(32, 32), octets(1216, 1216)
ANY = octets(0, 1 << 24)  # bytes whose length is for a rule to judge, or that hold another message

KEYSET = Message("Keyset", 1280, signing=SIGNING_PUBLIC, kem=KEM_PUBLIC)
GRANTS = array(Message("Grant", vault=uuid, role=ROLE), 512)
ACCESS = choice(None, GRANTS, None)
INVITED = Message("Invited", invite=uuid, link=SIGNATURE)
SERVICE_SAYS = Message("Service", grants=GRANTS, expires=optional(U64), card=octets(0, 1024))
OP = {
    "genesis": Message(
        "Genesis", founder=KEYSET, root=uuid, root_keyset=KEYSET, root_proof=SIGNATURE, directory=uuid
    ),
    "create_vault": Message(
        "CreateVault", vault=uuid, parent=optional(uuid), key_commitment=HASH, wraps=HASH
    ),
    "commit": Message(
        "Commit", vault=uuid, base=optional(HASH), tree=HASH, key_version=U32, oldest_live=U32, summary=ANY
    ),
    "rekey": Message(
        "Rekey", vault=uuid, version=U32, key_commitment=HASH, wraps=HASH, backlink=optional(HASH)
    ),
    "retire": Message("Retire", vault=uuid, version=U32),
    "rotate_keys": Message(
        "RotateKeys", member=uuid, keyset=KEYSET, proof=SIGNATURE, invited=optional(INVITED)
    ),
    "invite": Message(
        "Invite", invite=uuid, member=uuid, access=ACCESS, expires=U64, link=SIGNING_PUBLIC, card=ANY
    ),
    "take_back": uuid,
    "add": Message("Add", member=uuid, how=choice(INVITED, SERVICE_SAYS), keyset=KEYSET, proof=SIGNATURE),
    "set_role": Message("SetRole", member=uuid, grant=Message("Grant", vault=uuid, role=ROLE)),
    "revoke": Message("Revoke", member=uuid, vault=uuid),
    "remove": uuid,
    "promote": uuid,
    "minimum_client": U32,
}
OPS = list(OP)  # an op's number is its place; its name is that of the method that judges it
ENTRY = Message(
    "Entry", 262144, suite=U8, team=optional(HASH), seq=U64, prev=optional(HASH), author=uuid, time=U64,
    ops=array(choice(*OP.values()), 512),
)  # fmt: skip
SIGNED_ENTRY = Message("SignedEntry", 262272, body=ANY, signature=SIGNATURE)

# --- Ed25519, verified strictly ----------------------------------------------------------------------
#
# Libraries differ in what else they let pass, and all who read a log must agree on every signature.
# `cryptography` judges the equation (without the cofactor); what is here finds what it might let
# pass: numbers in another spelling, and points of small order, for which anybody can sign.

P = 2**255 - 19  # coordinates are modulo this
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the group
D = -121665 * pow(121666, -1, P) % P  # the curve is -x² + y² = 1 + dx²y²


def verify_strictly(key, message, signature):
    if not is_sound(key) or not is_sound(signature[:32]) or int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def is_sound(key):
    """Whether bytes are a point, in its one spelling, and not of small order: 1, 2, 4 or 8."""
    point = to_point(key)
    return point is not None and double(double(double(point))) != (0, 1)


def to_point(data):
    """RFC 8032, section 5.1.3."""
    whole = int.from_bytes(data, "little")
    sign, y = whole >> 255, whole % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        return None
    return (x if x % 2 == sign else P - x), y


def double(point):
    x, y = point
    product = D * x * x * y * y
    return 2 * x * y * pow(1 + product, -1, P) % P, (y * y + x * x) * pow(1 - product, -1, P) % P


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
