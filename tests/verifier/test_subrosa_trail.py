"""Tests of subrosa_trail.py: the vectors, trails that were tampered with, and a log of every op.

    python3 -m unittest discover tests/verifier
"""

import contextlib
import copy
import hashlib
import io
import json
import pathlib
import tempfile
import unittest
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import subrosa_trail as t

VECTORS = pathlib.Path(__file__).parents[1] / "vectors"


def vectors(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


def trail_of(entries):
    team = hashlib.sha256(entries[0]).hexdigest()
    return "".join(f"{line}\n" for line in (f"subrosa-trail:1:{team}", *(each.hex() for each in entries)))


def run(text, *arguments):
    """The command's exit code, and what it prints and complains."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "trail"
        file.write_bytes(text.encode())
        out, complaints = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(complaints):
            code = t.main([str(file), *arguments])
    return code, out.getvalue(), complaints.getvalue()


class Vectors(unittest.TestCase):
    """Every case that is about the log."""

    log = vectors("log")

    def states(self):
        """Before the first entry, and after each."""
        states = [None]
        for case in self.log["accepted"]:
            states.append(t.accept(states[-1], bytes.fromhex(case["entry"]))[1])
        return states

    def test_accepted(self):
        for case, state in zip(self.log["accepted"], self.states()[1:]):
            with self.subTest(case["name"]):
                self.assertEqual((state.seq, state.hash.hex()), (case["seq"], case["hash"]))
                keys = {str(uuid.UUID(bytes=id)): each.keyset.signing.hex() for id, each in state.members.items()}
                self.assertEqual(keys, {each["member"]: each["signing"] for each in case["keys"]})
                self.assertEqual([self.shown(state, id) for id in sorted(state.vaults)], case["vaults"])

    def shown(self, state, id):
        vault = state.vaults[id]

        def text(value):
            return value and (str(uuid.UUID(bytes=value)) if len(value) == 16 else value.hex())

        return {
            "vault": text(id),
            "parent": text(vault.parent),
            "created": vault.created,
            "commits": vault.commits,
            "tree": text(vault.tree),
            "tree_key_version": vault.tree_key_version,
            "oldest_live": vault.oldest_live,
            "retired": vault.retired,
            "unlost_since": vault.unlost_since,
            "key_commitments": list(map(text, vault.key_commitments)),
            "backlinks": list(map(text, vault.backlinks)),
            "holders": list(map(text, state.holders(id))),
        }

    def test_refused(self):
        states = self.states()
        before = copy.deepcopy([state and state.__dict__ for state in states])
        for case in self.log["genesis_refused"] + self.log["refused"]:
            with self.subTest(case["name"]), self.assertRaises(t.Refused) as refused:
                t.accept(states[case.get("after", 0)], bytes.fromhex(case["entry"]))
            self.assertEqual(str(refused.exception), case["error"])
        self.assertEqual(before, [state and state.__dict__ for state in states])

    def test_people(self):
        """Where several rules are broken, the two may name another: what is taken is the same."""
        file, state, taken = vectors("people"), None, []
        for number, case in enumerate(file["asked"]):
            with self.subTest(number):
                entry, error = bytes.fromhex(case["entry"]), None
                try:
                    _, state = t.accept(state, entry)
                    taken.append(entry)
                except t.Refused as refused:
                    error = str(refused)
                self.assertEqual(error is None, "error" not in case, (error, case.get("error")))
        roles = lambda roles: [{"role": role, "vault": str(uuid.UUID(bytes=id))} for id, role in sorted(roles.items())]
        members = [
            {
                "member": str(uuid.UUID(bytes=id)),
                "owner": each.kind == "owner",
                "signing": each.keyset.signing.hex(),
                "roles": roles(each.roles),
            }
            for id, each in sorted(state.members.items())
        ]
        people = {
            "members": members,
            "invites": [str(uuid.UUID(bytes=id)) for id in sorted(state.invites)],
            "unlost_since": [state.vaults[id].unlost_since for id in sorted(state.vaults)],
            "minimum_client": state.minimum_client,
        }
        self.assertEqual(people, file["end"][0]["people"])
        code, printed, _ = run(trail_of(taken), f"{state.seq}:{state.hash.hex()}")
        self.assertEqual((code, printed.count("\n")), (0, len(taken) + 1))

    def test_a_whole_team(self):
        team = vectors("team")
        push = t.Message("Push", 1 << 24, entry=t.SIGNED_ENTRY, wraps=tuple, objects=tuple)
        entries = [bytes.fromhex(team["genesis"][0]["entry"])]
        entries += [t.write_item(t.decode(push, bytes.fromhex(each["push"])).entry) for each in team["pushes"]]
        code, out, _ = run(trail_of(entries))
        self.assertEqual((code, len(out.splitlines())), (0, len(entries) + 1))

    messages = {
        "Entry": t.ENTRY,
        "SignedEntry": t.SIGNED_ENTRY,
        "PublicKeyset": t.KEYSET,
        "Head": t.Message("Head", 64, seq=t.U64, hash=t.HASH),
        "KeysClaim": t.Message(
            "KeysClaim", 2048, team=t.HASH, invite=t.optional(t.uuid), member=t.uuid, keyset=t.KEYSET
        ),
        "RootClaim": t.Message(
            "RootClaim",
            4096,
            founder=t.uuid,
            founder_keyset=t.KEYSET,
            root=t.uuid,
            root_keyset=t.KEYSET,
            directory=t.uuid,
        ),
    }

    def test_encoding(self):
        cases = vectors("encoding")
        judged = {True: 0, False: 0}
        for case in cases["good"] + cases["bad"]:
            if case["message"] not in self.messages:
                continue
            good, rule = "error" not in case, self.messages[case["message"]]
            data = bytes(case["zeros"]) if "zeros" in case else bytes.fromhex(case["cbor"])
            with self.subTest(case["message"], name=case["name"]):
                judged[good] += 1
                if good:
                    self.assertEqual(t.write_item(t.decode(rule, data)), data)
                    continue
                with self.assertRaises(t.Malformed) as malformed:
                    t.decode(rule, data)
                self.assertEqual(str(malformed.exception), case["error"].split(" ")[0])
        self.assertEqual(judged, {True: 20, False: 76})

    def test_signing_keys(self):
        cases = vectors("signing_keys")
        for section, sound in ("sound", True), ("unsound", False):
            for case in cases[section]:
                with self.subTest(case["name"]):
                    self.assertEqual(t.is_sound(bytes.fromhex(case["key"])), sound)
        for section, good in ("good", True), ("bad", False):
            for case in cases[section]:
                key, message, signature = (bytes.fromhex(case[each]) for each in ("key", "message", "signature"))
                with self.subTest(case["name"]):
                    self.assertEqual(t.verify_strictly(key, message, signature), good)

    def test_keysets(self):
        for case in vectors("keysets")["good"]:
            key, kem, proof, team = (bytes.fromhex(case[k]) for k in ("signing_public", "kem_public", "proof", "team"))
            claim = t.write_item((team, None, uuid.UUID(case["member"]).bytes, (key, kem)))
            t.verify_signed(key, "keys-proof", claim, proof)


class Encoding(unittest.TestCase):
    """What the vectors do not have."""

    def test_absent_fields_at_the_end(self):
        keyset = (bytes(32), bytes(1216))
        entry = [1, bytes(32), 2, bytes(32), an_id("x"), 0, ((3, ((an_id("v"), 2, bytes(32), bytes(32), None),)),)]
        entry[-1] += ((5, ((an_id("m"), keyset, bytes(64), None),)),)
        data = t.write_item(tuple(entry))
        self.assertIn(b"\x82\x03\x81\x84", data)  # a rekey of four
        self.assertIn(b"\x82\x05\x81\x83", data)  # a rotate-keys of three
        t.decode(t.ENTRY, data)
        longer = data.replace(b"\x82\x05\x81\x83", b"\x82\x05\x81\x84") + b"\xf6"
        with self.assertRaisesRegex(t.Malformed, "NotCanonical"):
            t.decode(t.ENTRY, longer)

    def test_limits(self):
        op = (11, (an_id("m"),))
        for count in 512, 513:
            data = t.write_item((1, bytes(32), 2, bytes(32), an_id("x"), 0, (op,) * count))
            if count == 512:
                self.assertEqual(len(t.decode(t.ENTRY, data).ops), 512)
                continue
            with self.assertRaisesRegex(t.Malformed, "Shape"):
                t.decode(t.ENTRY, data)

    def test_ids(self):
        cases = vectors("ids")
        for section, good in ("ids", True), ("bad_cbor", False):
            for case in cases[section]:
                with self.subTest(section, name=case.get("name")):
                    with contextlib.nullcontext() if good else self.assertRaises(t.Malformed):
                        t.uuid(t.read_item(bytes.fromhex(case["cbor"]))[0])
        for id in "22" * 16, "2222222222225222a222222222222222", "2222222222224222c222222222222222":
            with self.assertRaises(t.Malformed):
                t.uuid(bytes.fromhex(id))

    def test_shapes(self):
        """Items that fit no op where an op should be, and bytes that are no item."""
        m, link = an_id("m"), bytes(32)

        def an_entry(op):
            return t.write_item((1, None, 2, None, m, 0, (op,)))

        for good in (10, ((m, m),)), (6, ((m, m, (0, ()), 0, link, b""),)), (9, ((m, (m, 2)),)), (11, (m,)):
            t.decode(t.ENTRY, an_entry(good))
        for bad in (
            7,
            (10,),
            (14, (m,)),
            (m, (m,)),
            (10, 3),
            (10, ()),
            (10, (3,)),
            (10, ((m,),)),
            (10, ((m, link),)),
            (6, ((m, m, (1, ()), 0, link, b""),)),
            (6, ((m, m, (3, ()), 0, link, b""),)),
            (9, ((m, (m, 3)),)),
        ):
            with self.subTest(bad), self.assertRaisesRegex(t.Malformed, "Shape"):
                t.decode(t.ENTRY, an_entry(bad))
        for head in "18", "1900", "1c", "1f", "5f", "60", "a0", "c000", "f4", "f7", "f90000", "ff", "9f", "9b" + "ff" * 8:
            with self.subTest(head), self.assertRaisesRegex(t.Malformed, "Shape"):
                t.read_item(bytes.fromhex(head))

    def test_a_deep_nest(self):
        for byte in b"\x81", b"\x9f":
            with self.assertRaisesRegex(t.Malformed, "Shape"):
                t.decode(t.ENTRY, byte * 262144)

    def test_every_flipped_bit_of_an_entry_is_another_entry_or_none(self):
        data = bytes.fromhex(next(c["cbor"] for c in vectors("encoding")["good"] if c["message"] == "Head"))
        head = t.Message("Head", 64, seq=t.U64, hash=t.HASH)
        values = set()
        for bit in range(len(data) * 8):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            with contextlib.suppress(t.Malformed):
                values.add(t.decode(head, bytes(flipped)))
        self.assertNotIn(t.decode(head, data), values)


class Ed25519(unittest.TestCase):
    def test_numbers_in_another_spelling_are_no_points(self):
        spelt_twice = 0
        for y in range(19):  # each also fits into 255 bits as y + p
            for sign in 0, 1 << 255:
                spelt = (y + sign).to_bytes(32, "little")
                if t.to_point(spelt):
                    spelt_twice += 1
                    self.assertIsNone(t.to_point((y + t.P + sign).to_bytes(32, "little")))
        self.assertGreater(spelt_twice, 10)

    def test_keys_of_seeds_are_sound(self):
        for seed in range(20):
            self.assertTrue(t.is_sound(Key(f"seed {seed}").public))


# --- Logs of one's own -------------------------------------------------------------------------------


def a_hash(name):
    return hashlib.sha256(name.encode()).digest()


def an_id(name):
    return uuid.UUID(bytes=a_hash(name)[:16], version=4).bytes


class Key:
    def __init__(self, name):
        self.private = Ed25519PrivateKey.from_private_bytes(a_hash(name))
        self.public = self.private.public_key().public_bytes_raw()
        self.keyset = self.public, a_hash(name) * 38

    def sign(self, purpose, message):
        return self.private.sign(b"subrosa/v1/" + purpose.encode() + b"\0" + message)


def op(name, *fields):
    """An op with the fields of its message; where it has no message, with its one value."""
    return t.OPS.index(name), (fields if isinstance(t.OP[name], t.Message) else fields[0],)


def create(vault, parent=None):
    return op("create_vault", an_id(vault), parent and an_id(parent), a_hash("c"), a_hash("w"))


def commit(vault, base, tree, version=1, oldest=1, summary=b""):
    return op("commit", an_id(vault), base and a_hash(base), a_hash(tree), version, oldest, summary)


def rekey(vault, version, backlink="b"):
    return op("rekey", an_id(vault), version, a_hash("c"), a_hash("w"), backlink and a_hash(backlink))


def retire(vault, version):
    return op("retire", an_id(vault), version)


def grants(**roles):
    return tuple(sorted((an_id(vault), "rwm".index(role)) for vault, role in roles.items()))


def invite(name, member, access, link=None, card=b"card"):
    """`access` is 0, 2, or grants."""
    access = (access, ()) if isinstance(access, int) else (1, (access,))
    return op("invite", an_id(name), an_id(member), access, 9, link or Key(f"link {name}").public, card)


def back(name):
    return op("take_back", an_id(name))


def role(member, vault, letter):
    return op("set_role", an_id(member), (an_id(vault), "rwm".index(letter)))


def revoke(member, vault):
    return op("revoke", an_id(member), an_id(vault))


def remove(member):
    return op("remove", an_id(member))


def promote(member):
    return op("promote", an_id(member))


class Log:
    """A log under way. People are names; `keys` has what each signs with."""

    def __init__(self):
        self.keys = {"olga": Key("olga"), "root": Key("root")}
        self.entries, self.state = [], None
        olga, root, ids = self.keys["olga"], self.keys["root"], (an_id("olga"), an_id("root"), an_id("dir"))
        claim = t.write_item((ids[0], olga.keyset, ids[1], root.keyset, ids[2]))
        genesis = op("genesis", olga.keyset, ids[1], root.keyset, root.sign("root-proof", claim), ids[2])
        self.post("olga", genesis)
        self.post("olga", create("dir"))

    def copy(self):
        other = copy.copy(self)
        other.keys, other.entries = dict(self.keys), list(self.entries)
        return other

    def entry(self, author, *ops, **other):
        state = self.state
        fields = dict(suite=1, team=None, seq=0, prev=None, author=an_id(author), time=1700000000000, ops=ops)
        if state:
            fields |= dict(team=state.team, seq=state.seq + 1, prev=state.hash)
        body = t.write_item(tuple((fields | other).values()))
        return t.write_item((body, self.keys[author].sign("entry", body)))

    def post(self, author, *ops):
        signed = self.entry(author, *ops)
        _, self.state = t.accept(self.state, signed)
        self.entries.append(signed)
        return self

    def proof(self, member, key, by=None, link=None):
        """A proof by a member's new keys, and the invited of the invite `by`."""
        claim = t.write_item((self.state.team, by and an_id(by), an_id(member), key.keyset))
        signature = (link or Key(f"link {by}")).sign("link-proof", claim)
        return key.sign("keys-proof", claim), by and (an_id(by), signature)

    def rotate(self, member, key, by=None, **other):
        proof, invited = self.proof(member, key, by, **other)
        return op("rotate_keys", an_id(member), key.keyset, proof, invited)

    def add(self, member, by, key=None, **other):
        key = key or Key(member)
        self.keys.setdefault(member, key)
        proof, invited = self.proof(member, key, by, **other)
        return op("add", an_id(member), (0, (invited,)), key.keyset, proof)

    def machine(self, member, grants, key=None, card=b""):
        key = key or Key(member)
        self.keys.setdefault(member, key)
        proof, _ = self.proof(member, key)
        return op("add", an_id(member), (1, ((grants, None, card),)), key.keyset, proof)


def a_team():
    """Owners olga, otto and root; max manages a and b; wim writes a and reads b; bot reads a.

    b is under a. Nothing is committed. The keys of all vaults are of version 1.
    """
    log = Log()
    log.post("olga", create("a"), create("b", "a"), create("c"))
    log.post("olga", invite("i-otto", "otto", 0), invite("i-max", "max", grants(a="m", b="m")))
    log.post("olga", log.add("otto", "i-otto"), log.add("max", "i-max"))
    log.post("max", invite("i-wim", "wim", grants(a="w", b="r")))
    log.post("max", log.add("wim", "i-wim"), log.machine("bot", grants(a="r")))
    return log


TEAM = a_team()
ALL = ("dir", "a", "b", "c")


def rekeys(*vaults, version=2):
    return [rekey(vault, version) for vault in vaults]


class Rules(unittest.TestCase):
    """The table of what is accepted, rule by rule. Each story starts with a copy of one team."""

    def setUp(self):
        self.log = TEAM.copy()

    def refuse(self, error, author, *ops, log=None):
        log = log or self.log
        with self.assertRaises(t.Refused) as refused:
            t.accept(log.state, log.entry(author, *ops))
        self.assertEqual(str(refused.exception), error)

    def post(self, author, *ops):
        return self.log.post(author, *ops)

    def role(self, member, vault):
        return self.log.state.role(an_id(member), an_id(vault))

    def test_the_team(self):
        roles = {name: [self.role(name, vault) for vault in ALL] for name in ("otto", "max", "wim", "bot", "nobody")}
        expected = dict(otto=[2, 2, 2, 2], max=[0, 2, 2, -1], wim=[0, 1, 0, -1], bot=[0, 0, -1, -1])
        self.assertEqual(roles, expected | dict(nobody=[-1] * 4))
        self.assertEqual(self.log.state.invites, {})
        self.assertEqual(self.log.state.members[an_id("otto")].roles, {})
        for vault, names in ("b", "olga root otto max wim"), ("dir", "olga root otto max wim bot"):
            self.assertEqual(self.log.state.holders(an_id(vault)), sorted(map(an_id, names.split())))

    def test_the_start_of_an_entry(self):
        self.log.keys["nobody"] = Key("nobody")
        self.refuse("Author", "nobody", create("d"))
        self.refuse("Ops", "olga")
        for error, other in ("Suite", dict(suite=2)), ("Team", dict(team=None)), ("Head", dict(seq=1)):
            with self.assertRaisesRegex(t.Refused, error):
                t.accept(self.log.state, self.log.entry("olga", create("d"), **other))

    def test_genesis_and_directory(self):
        log = Log()
        genesis = t.decode(t.ENTRY, t.decode(t.SIGNED_ENTRY, log.entries[0]).body).ops[0]
        self.refuse("Genesis", "olga", genesis)
        log.state = t.accept(None, log.entries[0])[1]
        self.refuse("Directory", "root", create("dir"), log=log)
        self.refuse("Directory", "olga", create("a"), create("dir"), log=log)
        self.refuse("Directory", "olga", genesis, log=log)
        t.accept(log.state, log.entry("olga", create("dir"), create("a", "dir"), commit("a", None, "t")))

    def test_create_vault(self):
        self.refuse("Vault", "olga", create("a"))
        self.refuse("Vault", "olga", create("d"), create("d"))
        self.refuse("Vault", "olga", create("d", "e"))
        self.refuse("Authority", "max", create("d"))
        self.refuse("Authority", "max", create("d", "c"))
        self.refuse("Authority", "wim", create("d", "a"))
        # Who makes a vault does not manage it in the same entry yet.
        self.refuse("Authority", "max", create("d", "a"), create("e", "d"))
        self.post("max", create("d", "a"), commit("d", None, "t"))
        self.assertEqual(self.role("max", "d"), t.MANAGES)
        self.post("max", create("e", "d"), create("g", "a"))
        self.assertEqual((self.role("max", "e"), self.role("max", "g")), (t.MANAGES, t.MANAGES))
        self.post("otto", create("f"))
        self.assertEqual(self.log.state.members[an_id("otto")].roles, {})

    def test_room(self):
        def makes(first, last, parent=None):
            return [create(f"v{number}", parent) for number in range(first, last)]

        there = len(self.log.state.vaults)
        self.refuse("Full", "max", *makes(there, 129, "a"))
        self.post("max", *makes(there, 128, "a"))
        self.refuse("Full", "max", create("one more", "a"))
        self.refuse("Full", "olga", *makes(128, 257))
        self.post("olga", *makes(128, 256))
        self.refuse("Full", "olga", create("one more"))
        keys = sum(len(self.log.state.holders(vault)) for vault in self.log.state.vaults)
        for number in range((t.MAX_HELD - keys) // 256 + 1):
            owner = f"owner {number}"
            self.post("olga", invite(owner, owner, 0))
            if (last := t.MAX_HELD - keys - 256 * number) >= 256:
                self.post("olga", self.log.add(owner, owner))
        self.assertGreater(number, 30)
        self.refuse("Full", "olga", self.log.add(owner, owner))
        # Machines read the directory, and take what is left.
        for number in range(last):
            self.post("olga", self.log.machine(f"machine {number}", ()))
        self.refuse("Full", "olga", self.log.machine("one more", ()))
        self.refuse("Full", "olga", role("bot", "b", "r"))
        self.post("olga", role("wim", "b", "w"), revoke("wim", "a"), rekey("a", 2))
        self.refuse("Full", "olga", promote("wim"))
        many = [invite(f"i {number}", f"m {number}", grants(a="r")) for number in range(129)]
        self.refuse("Full", "max", *many)
        self.post("max", *many[:-1])
        self.refuse("Full", "max", many[-1])
        self.post("olga", many[-1])

    def test_commit(self):
        self.refuse("Vault", "olga", commit("d", None, "t"))
        self.refuse("Authority", "bot", commit("a", None, "t"))
        self.refuse("Authority", "wim", commit("b", None, "t"))
        self.refuse("Authority", "max", commit("dir", None, "t"))
        self.post("wim", commit("a", None, "t"))
        self.refuse("Repeated", "wim", commit("a", "t", "u"), commit("a", "u", "v"))
        self.refuse("Base", "wim", commit("a", None, "u"))
        self.refuse("Base", "wim", commit("a", "t", "t"))
        self.refuse("KeyVersion", "wim", commit("a", "t", "u", 2))
        self.refuse("KeyVersion", "wim", commit("a", "t", "u", 1, 0))
        self.refuse("KeyVersion", "wim", commit("a", "t", "u", 1, 2))
        self.refuse("Summary", "wim", commit("a", "t", "u", summary=bytes(8193)))
        self.post("wim", commit("a", "t", "u", summary=bytes(8192)))

    def test_rekey_and_retire(self):
        self.refuse("Vault", "olga", create("d"), rekey("d", 2))
        self.refuse("Vault", "olga", create("d"), retire("d", 1))
        self.refuse("Authority", "wim", rekey("a", 2))
        self.refuse("Authority", "wim", retire("a", 1))
        self.refuse("Authority", "max", rekey("dir", 2))
        self.refuse("Repeated", "max", rekey("a", 2), rekey("a", 3))
        for version in 0, 1, 3:
            self.refuse("KeyVersion", "max", rekey("a", version))
        self.refuse("KeyVersion", "max", retire("a", 1))
        self.post("max", rekey("a", 2, backlink=None))
        self.refuse("KeyVersion", "max", commit("a", None, "t", 1))
        self.refuse("KeyVersion", "max", retire("a", 0))
        self.refuse("Live", "max", retire("a", 1))
        self.post("max", rekey("a", 3), commit("a", None, "t", 3, 3), retire("a", 1))
        self.refuse("Repeated", "max", rekey("a", 4), retire("a", 2), retire("a", 2))
        self.refuse("KeyVersion", "max", retire("a", 1))
        self.refuse("KeyVersion", "max", commit("a", "t", "u", 3, 1))
        vault = self.log.state.vaults[an_id("a")]
        self.assertEqual((vault.retired, vault.unlost_since, vault.backlinks[0]), (1, 1, None))

    def test_own_keys(self):
        log = self.log
        self.refuse("Authority", "max", log.rotate("wim", Key("new")))
        self.refuse("Authority", "otto", log.rotate("wim", Key("new")))
        self.refuse("Authority", "otto", log.rotate("olga", Key("new")))
        self.refuse("Authority", "max", log.rotate("root", Key("new")))
        self.refuse("Authority", "root", log.rotate("wim", Key("new")))
        self.refuse("Member", "olga", log.rotate("nobody", Key("new")))
        self.refuse("Signed(Signature)", "wim", op("rotate_keys", an_id("wim"), Key("new").keyset, bytes(64), None))
        self.refuse("Repeated", "wim", log.rotate("wim", Key("new")), log.rotate("wim", Key("newer")))
        twice = log.machine("m", grants(a="r"), Key("new")), log.machine("n", grants(a="r"), Key("new"))
        self.refuse("Key", "max", *twice)
        self.post("wim", log.rotate("wim", Key("new")))
        self.refuse("Signed(Signature)", "wim", commit("a", None, "t"))
        log.keys["wim"] = Key("new")
        self.refuse("Key", "wim", log.rotate("wim", Key("wim")))
        self.refuse("Key", "wim", log.rotate("wim", Key("max")))
        self.post("wim", commit("a", None, "t"))
        self.assertEqual(log.state.vaults[an_id("a")].unlost_since, 1)

    def test_keys_by_the_root_and_of_the_root(self):
        for author, member in ("root", "otto"), ("otto", "root"), ("root", "root"):
            self.log = TEAM.copy()
            rotate = self.log.rotate(member, Key("new"))
            self.refuse("NotRekeyed", author, rotate)
            self.refuse("NotRekeyed", author, rotate, *rekeys("a", "b", "c"))
            self.post(author, *rekeys("dir", "a"), rotate, *rekeys("b", "c"))
            self.assertEqual(self.log.state.vaults[an_id("b")].unlost_since, 2)
            # A vault that the same entry makes was never under the keys before.
            self.log = TEAM.copy()
            self.post(author, create("d"), rotate, *rekeys(*ALL))

    def test_unsound_keys(self):
        identity = b"\1" + bytes(31)
        for y in 0, 1:
            key = Key("new")
            key.keyset = (y.to_bytes(32, "little"), key.keyset[1])
            self.refuse("Key", "wim", self.log.rotate("wim", key))
        self.refuse("Invite", "olga", invite("i", "ann", 0, link=identity))
        self.refuse("Invite", "olga", invite("i", "ann", 0, link=(t.P + 3).to_bytes(32, "little")))

    def test_invite(self):
        descending = grants(a="w", b="w")[::-1]
        self.refuse("Repeated", "max", invite("i", "ann", descending))
        self.refuse("Repeated", "max", invite("i", "ann", grants(a="w") * 2))
        self.refuse("Vault", "olga", invite("i", "ann", grants(d="w")))
        self.refuse("Vault", "olga", create("d"), invite("i", "ann", grants(d="w")))
        self.refuse("Directory", "olga", invite("i", "ann", grants(dir="r")))
        for access in 0, 2, (), grants(a="m"), grants(a="w", c="r"):
            self.refuse("Authority", "max", invite("i", "wim" if access == 2 else "ann", access))
        self.refuse("Authority", "wim", invite("i", "ann", grants(a="r")))
        self.refuse("Member", "olga", invite("i", "nobody", 2))
        self.refuse("Authority", "olga", invite("i", "root", 2))
        for member in "wim", "olga", "root":
            self.refuse("Member", "olga", invite("i", member, 0))
        self.refuse("Member", "olga", invite("i", "ann", 0), invite("j", "ann", 0))
        self.refuse("Invite", "olga", invite("i", "ann", 0), invite("i", "bea", 0))
        self.refuse("Invite", "olga", invite("i", "ann", 0), back("i"), invite("i", "bea", 0))
        self.refuse("Invite", "olga", invite("i", "ann", 0, card=bytes(1025)))
        self.post("max", invite("i", "ann", grants(a="w"), card=bytes(1024)))
        self.refuse("Member", "olga", invite("j", "ann", 0))
        self.refuse("Invite", "olga", invite("i", "bea", 0))
        self.post("olga", invite("j", "bea", ()))
        self.post("olga", self.log.add("bea", "j"))
        self.assertEqual([self.role("bea", vault) for vault in ALL], [0, -1, -1, -1])

    def test_add_by_an_invite(self):
        log = self.log
        self.refuse("Invite", "olga", invite("i", "ann", 0), log.add("ann", "i"))
        self.post("max", invite("i", "ann", grants(a="w")), invite("j", "bea", grants(a="r")))
        self.post("olga", invite("k", "eve", 0), invite("l", "wim", 2), role("wim", "a", "m"))
        self.refuse("Invite", "max", log.add("ann", "no"))
        self.refuse("Invite", "max", log.add("ann", "j"))
        self.refuse("Invite", "olga", log.add("wim", "l"))
        self.refuse("Authority", "max", log.add("eve", "k"))
        self.refuse("Authority", "wim", log.add("ann", "i"))
        self.refuse("Key", "max", log.add("ann", "i", Key("bot")))
        self.refuse("Signed(Signature)", "max", log.add("ann", "i", link=Key("other")))
        member, how, keyset, _ = log.add("ann", "i")[1][0]
        self.refuse("Signed(Signature)", "max", op("add", member, how, keyset, bytes(64)))
        self.refuse("Invite", "max", log.add("ann", "i"), log.add("ann", "i", Key("new")))
        self.refuse("Repeated", "otto", log.add("ann", "i"), remove("ann"), *rekeys("dir", "a"))
        self.refuse("Repeated", "otto", log.add("ann", "i"), role("ann", "b", "r"))
        self.post("otto", log.add("ann", "i"))  # another's, who could have invited to the same
        self.assertEqual(self.role("ann", "a"), t.WRITES)
        self.refuse("Invite", "max", log.add("ann", "i", Key("new")))

    def test_an_id_is_given_once(self):
        log = self.log
        self.post("max", invite("i", "ann", grants(a="w")))
        self.post("max", log.machine("ann", grants(a="r")))
        self.refuse("Member", "max", log.add("ann", "i", Key("new")))
        self.post("olga", remove("wim"), *rekeys("dir", "a", "b"))
        self.refuse("Member", "max", invite("j", "wim", grants(a="r")))
        self.refuse("Member", "max", log.machine("wim", grants(a="r"), Key("new")))
        self.refuse("Key", "max", log.machine("new", grants(a="r"), Key("wim")))

    def test_add_a_machine(self):
        log = self.log
        for access in (), grants(a="m"), grants(c="r"):
            self.refuse("Authority", "max", log.machine("m", access))
        self.refuse("Repeated", "max", log.machine("m", grants(a="r") * 2))
        self.refuse("Vault", "max", log.machine("m", grants(d="r")))
        self.refuse("Directory", "olga", log.machine("m", grants(dir="r")))
        self.refuse("Member", "max", log.machine("bot", grants(a="r"), Key("new")))
        self.refuse("Key", "max", log.machine("m", grants(a="r"), Key("bot")))
        self.refuse("Signed(Malformed(Shape))", "max", log.machine("m", grants(a="r"), card=bytes(1025)))
        self.post("olga", log.machine("m", grants(a="m")), log.machine("n", ()))
        self.post("m", invite("i", "ann", grants(a="r")))

    def test_other_keys_by_an_invite(self):
        log = self.log
        self.post("olga", invite("i", "wim", 2), invite("j", "max", 2), invite("k", "ann", grants(a="r")))
        new = Key("new")
        self.refuse("Invite", "olga", log.rotate("wim", new, "no"))
        self.refuse("Invite", "olga", log.rotate("wim", new, "j"), *rekeys("dir", "a", "b"))
        self.refuse("Invite", "olga", log.rotate("wim", new, "k"), *rekeys("dir", "a", "b"))
        self.refuse("Invite", "olga", invite("l", "wim", 2), log.rotate("wim", new, "l"))
        self.refuse("Authority", "max", log.rotate("wim", new, "i"))
        self.refuse("Signed(Signature)", "olga", log.rotate("wim", new, "i", link=Key("other")))
        self.refuse("NotRekeyed", "olga", log.rotate("wim", new, "i"), *rekeys("dir", "a"))
        self.post("otto", log.rotate("wim", new, "i"), *rekeys("dir", "a", "b"))
        self.assertNotIn(an_id("i"), log.state.invites)
        unlost = [log.state.vaults[an_id(vault)].unlost_since for vault in ALL]
        self.assertEqual(unlost, [2, 2, 2, 1])
        log.keys["wim"] = new
        self.post("wim", commit("a", None, "t", 2))
        # What stolen keys may have invited, and other invites to these keys, end with them.
        self.post("olga", invite("m", "max", 2), invite("n", "max", 2))
        self.post("max", invite("o", "eve", grants(a="r")), log.rotate("max", Key("own")))
        log.keys["max"] = Key("own")
        self.assertEqual(set(log.state.invites), {an_id(id) for id in "jkmno"})
        new = log.rotate("max", Key("newer"), "m")
        self.post("olga", new, rekey("dir", 3), rekey("a", 3), rekey("b", 3))
        self.assertEqual(set(log.state.invites), {an_id("k")})

    def test_taking_an_invite_back(self):
        self.refuse("Invite", "olga", back("i"))
        self.post("max", invite("i", "ann", grants(a="r")), invite("j", "bea", grants(b="r")))
        self.post("olga", invite("k", "eve", grants(c="r")), role("wim", "a", "m"))
        self.refuse("Authority", "max", back("k"))
        self.refuse("Authority", "wim", back("j"))
        self.refuse("Invite", "max", back("i"), back("i"))
        self.post("wim", back("i"))
        self.post("max", back("j"))
        self.post("otto", back("k"), invite("k", "eve", 0))
        # It is another invite now, of this entry, even if its id is older.
        self.post("otto", back("k"))
        self.post("otto", invite("k", "eve", 0))
        self.refuse("Invite", "otto", back("k"), invite("k", "eve", 0), self.log.add("eve", "k"))

    def test_set_role(self):
        self.refuse("Vault", "olga", create("d"), role("wim", "d", "r"))
        self.refuse("Directory", "olga", role("wim", "dir", "w"))
        self.refuse("Authority", "wim", role("bot", "a", "w"))
        self.refuse("Authority", "max", role("wim", "c", "r"))
        self.refuse("Member", "max", role("nobody", "a", "r"))
        self.refuse("Member", "max", role("otto", "a", "r"))
        self.refuse("Authority", "max", role("wim", "a", "m"))
        self.refuse("Authority", "max", role("max", "a", "w"))
        self.refuse("Repeated", "max", role("wim", "a", "r"), role("wim", "a", "w"))
        self.refuse("Repeated", "max", role("wim", "a", "r"), revoke("wim", "a"), rekey("a", 2))
        self.refuse("Repeated", "otto", role("wim", "a", "r"), promote("wim"))
        self.refuse("Repeated", "otto", role("wim", "a", "r"), remove("wim"), *rekeys("dir", "a", "b"))
        self.post("max", role("wim", "a", "r"), role("wim", "b", "w"), role("bot", "a", "w"))
        self.assertEqual((self.role("wim", "a"), self.role("wim", "b")), (0, 1))
        self.post("otto", role("wim", "a", "m"), role("max", "a", "r"))

    def test_revoke(self):
        self.refuse("Vault", "olga", revoke("wim", "d"))
        self.refuse("Directory", "olga", revoke("wim", "dir"), rekey("dir", 2))
        self.refuse("Authority", "wim", revoke("bot", "a"))
        self.refuse("Member", "max", revoke("bot", "b"))
        self.refuse("Member", "max", revoke("otto", "a"))
        self.refuse("Member", "max", revoke("nobody", "a"))
        self.refuse("Authority", "max", revoke("max", "a"), rekey("a", 2))
        self.refuse("NotRekeyed", "max", revoke("wim", "a"))
        self.refuse("NotRekeyed", "max", revoke("wim", "a"), rekey("b", 2))
        self.post("olga", role("wim", "a", "m"))
        self.refuse("Authority", "max", revoke("wim", "a"), rekey("a", 2))
        self.post("olga", revoke("wim", "a"), rekey("a", 2))
        self.assertEqual(self.role("wim", "a"), -1)
        self.assertEqual(self.log.state.vaults[an_id("a")].unlost_since, 2)

    def test_remove(self):
        self.refuse("Authority", "max", remove("wim"), *rekeys("a", "b"))
        self.refuse("Authority", "olga", remove("olga"), *rekeys(*ALL))
        self.refuse("Authority", "olga", remove("root"), *rekeys(*ALL))
        self.refuse("Member", "olga", remove("nobody"))
        self.refuse("NotRekeyed", "olga", remove("wim"), *rekeys("a", "b"))  # and it read the directory
        self.refuse("NotRekeyed", "olga", remove("otto"), *rekeys("dir", "a", "b"))
        self.post("olga", remove("wim"), *rekeys("dir", "a", "b"))
        self.refuse("Author", "wim", commit("a", None, "t", 2))
        self.post("olga", remove("bot"), *rekeys("dir", "a", version=3))
        self.post("root", remove("otto"), *rekeys("dir", "a", version=4), rekey("b", 3), rekey("c", 2))
        gone = rekeys("dir", "a", version=5) + [rekey("b", 4), rekey("c", 3)]
        self.refuse("LastOwner", "root", remove("olga"), *gone)
        self.post("root", promote("max"), remove("olga"), *gone)

    def test_what_an_entry_did_before_counts(self):
        self.post("olga", invite("i", "ann", 0))
        add = self.log.add("ann", "i")
        self.refuse("Member", "olga", add, invite("j", "ann", 0))
        self.refuse("Member", "olga", remove("wim"), invite("j", "wim", 2), *rekeys("dir", "a", "b"))
        start = self.log
        self.log = start.copy().post("olga", add, invite("j", "ann", 2))
        self.log = start.copy().post("olga", create("d"), remove("otto"), *rekeys(*ALL))

    def test_promote(self):
        self.refuse("Authority", "max", promote("wim"))
        self.refuse("Member", "olga", promote("nobody"))
        self.refuse("Member", "olga", promote("otto"))
        self.refuse("Member", "olga", promote("bot"))
        self.refuse("Repeated", "olga", promote("wim"), remove("wim"), *rekeys("dir", "a", "b"))
        self.post("olga", promote("wim"))
        self.post("wim", create("d"))
        self.assertEqual(self.role("wim", "d"), t.MANAGES)

    def test_minimum_client(self):
        self.refuse("Authority", "max", op("minimum_client", 2))
        self.refuse("MinimumClient", "olga", op("minimum_client", 0))
        self.refuse("MinimumClient", "olga", op("minimum_client", 3), op("minimum_client", 2))
        self.post("olga", op("minimum_client", 2), op("minimum_client", 3))
        self.refuse("MinimumClient", "olga", op("minimum_client", 3))

    def test_invites_become_void(self):
        log = self.log
        opened = invite("i", "ann", grants(a="r")), invite("j", "bea", grants(b="r"))
        self.post("max", *opened)
        self.post("olga", invite("k", "max", 2), invite("l", "eve", grants(a="r")))
        start = self.log
        for ops, left in (
            ([role("max", "a", "w")], "jkl"),
            ([revoke("max", "b"), rekey("b", 2)], "ikl"),
            ([remove("max"), *rekeys("dir", "a", "b")], "l"),
            ([promote("max")], "ijkl"),
        ):
            self.log = start.copy().post("otto", *ops)
            self.assertEqual(set(self.log.state.invites), {an_id(name) for name in left})
        self.log = start.copy().post("otto", remove("olga"), *rekeys(*ALL))
        self.assertEqual(set(self.log.state.invites), {an_id("i"), an_id("j")})
        # And at once, not only after the entry.
        self.refuse("Invite", "otto", role("max", "a", "w"), start.add("ann", "i"))


class Trails(unittest.TestCase):
    """A trail with every op: whole, and tampered with in all ways that one can think of."""

    def setUp(self):
        log = TEAM.copy()
        log.post("wim", commit("a", None, "t"))
        log.post("olga", rekey("a", 2), commit("a", "t", "u", 2, 2), retire("a", 1))
        log.post("wim", log.rotate("wim", Key("wim 2")))
        log.keys["wim"] = Key("wim 2")
        log.post("olga", invite("i", "wim", 2), invite("j", "ann", 0), invite("k", "bea", grants(c="r")))
        log.post("olga", back("j"), log.rotate("wim", Key("wim 3"), "i"), *rekeys("dir", "b"), rekey("a", 3))
        log.post("max", role("bot", "b", "w"), role("wim", "b", "w"))
        log.post("olga", revoke("bot", "b"), rekey("b", 3), promote("wim"), op("minimum_client", 7))
        log.post("olga", remove("max"), rekey("dir", 3), rekey("a", 4), rekey("b", 4))
        self.entries, self.state = log.entries, log.state
        self.text = trail_of(log.entries)

    def head(self, number):
        return f"{number}:{hashlib.sha256(self.entries[number]).hexdigest()}"

    def fails(self, text, *arguments):
        code, out, complaint = run(text, *arguments)
        self.assertEqual((code, out), (1, ""), complaint)
        self.assertRegex(complaint, r"\Aentry \d+: [^\n]+\n\Z")
        return complaint.strip()

    def test_a_whole_trail(self):
        code, out, complaints = run(self.text)
        lines = out.splitlines()
        self.assertEqual((code, complaints, len(lines)), (0, "", len(self.entries) + 1))
        self.assertEqual(lines[-1], f"verified: {len(self.entries)} entries, head {self.head(len(self.entries) - 1)}")
        short = {name: an_id(name).hex()[:8] for name in ("olga", "root", "a", "wim", "ann", "bea", "c", "i", "k", "dir")}
        first = f"0 {self.state.team.hex()} 2023-11-14T22:13:20.000Z {short['olga']} founds the team with root"
        self.assertEqual(lines[0], f"{first} {short['root']}")
        self.assertTrue(lines[1].endswith(f"{short['olga']} makes vault {short['dir']}"))
        self.assertTrue(lines[7].endswith(f"{short['wim']} commits {a_hash('t').hex()[:8]} to vault {short['a']}"))
        self.assertIn(f"; invites {short['ann']} to be an owner by invite", lines[10])
        self.assertIn(f"; invites {short['bea']} to read {short['c']} by invite {short['k']}", lines[10])
        self.assertIn(f"; gives {short['wim']} other keys by invite {short['i']}; gives vault", lines[11])
        used = {number for entry, _ in t.verify(self.text.encode()) for number, _ in entry.ops}
        self.assertEqual(used, set(range(14)))

    def test_a_strange_time(self):
        log = TEAM.copy()
        log.entries.append(log.entry("olga", create("d"), time=2**64 - 1))
        self.assertIn(" 18446744073709551615ms ", run(trail_of(log.entries))[1])

    def test_a_flipped_bit_in_every_entry(self):
        header, *lines = self.text.splitlines()
        for number, entry in enumerate(self.entries):
            for place in 0, 1, 3, len(entry) // 3, len(entry) // 2, len(entry) - 65, len(entry) - 64, len(entry) - 1:
                flipped = bytearray(entry)
                flipped[place] ^= 1 << (number + place) % 8
                tampered = [header, *lines[:number], flipped.hex(), *lines[number + 1 :], ""]
                complaint = self.fails("\n".join(tampered))
                self.assertTrue(complaint.startswith(f"entry {number}: "), complaint)

    def test_every_flipped_bit_of_one_entry(self):
        state = t.accept(None, self.entries[0])[1]
        for bit in range(len(self.entries[1]) * 8):
            flipped = bytearray(self.entries[1])
            flipped[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(t.Refused):
                t.accept(state, bytes(flipped))

    def test_entries_dropped_swapped_and_repeated(self):
        header, *lines = self.text.splitlines()
        for number in range(len(lines)):
            fewer = lines[:number] + lines[number + 1 :]
            more = lines[: number + 1] + lines[number:]
            if number < len(lines) - 1:  # without its last entry, a trail is good, but shorter
                self.fails("\n".join([header, *fewer, ""]))
                swapped = lines[:number] + [lines[number + 1], lines[number]] + lines[number + 2 :]
                self.fails("\n".join([header, *swapped, ""]))
            self.fails("\n".join([header, *more, ""]))

    def test_checkpoints(self):
        for number in range(len(self.entries)):
            self.assertEqual(run(self.text, self.head(number))[0], 0)
        last = len(self.entries) - 1
        shorter = trail_of(self.entries[:-1])
        self.assertEqual(run(shorter)[0], 0)
        self.assertEqual(self.fails(shorter, self.head(last)), f"entry {last}: Checkpoint")
        self.assertEqual(self.fails(self.text, f"{last}:{'0' * 64}"), f"entry {last}: Checkpoint")
        for spelt in "", "1", "01" + self.head(1)[1:], self.head(1).upper(), f"1:{'0' * 63}", f"{9**999}:{'0' * 64}":
            self.assertEqual(run(self.text, spelt)[0], 2, spelt)

    def test_a_fork(self):
        # Its author signs another entry 3: a good trail, which another's checkpoint tells apart.
        log = TEAM.copy()
        log.entries, log.state = log.entries[:3], t.verify(trail_of(log.entries[:3]).encode())[-1][1]
        log.post("olga", create("z"))
        self.assertEqual(run(trail_of(log.entries))[0], 0)
        self.assertEqual(self.fails(trail_of(log.entries), self.head(3)), "entry 3: Checkpoint")

    def test_the_file(self):
        header, *lines = self.text.splitlines()
        other = "subrosa-trail:1:" + "0" * 64
        self.assertEqual(self.fails("\n".join([other, *lines, ""])), "entry 0: Team")
        for first in header.upper(), header[:-1], header + " ", header.replace(":1:", ":2:"), "":
            self.assertEqual(self.fails("\n".join([first, *lines, ""])), "entry 0: Trail(first line)")
        last = len(lines) - 1
        self.assertEqual(self.fails(self.text[:-1]), f"entry {last}: Trail(cut)")
        self.assertEqual(self.fails(header + "\n"), "entry 0: Trail(cut)")
        self.assertEqual(self.fails(self.text + "\n"), f"entry {last + 1}: Trail(hex)")
        for tampered in lines[2].upper(), lines[2][:-1], lines[2] + " ", lines[2] + "\r", " " + lines[2], "zz", "":
            text = "\n".join([header, *lines[:2], tampered, *lines[3:], ""])
            self.assertEqual(self.fails(text), "entry 2: Trail(hex)")
        with contextlib.redirect_stderr(io.StringIO()) as complaint:
            self.assertEqual(t.main(["/nowhere/at/all"]), 1)
        self.assertTrue(complaint.getvalue().startswith("entry 0: "))


if __name__ == "__main__":
    unittest.main()
