"""Tests of subrosa_evidence.py: what proves a fork, and what does not."""

import hashlib
import unittest

import subrosa_evidence as e
import subrosa_trail as t
from test_subrosa_trail import TEAM, commit, remove, rekey, trail_of


def place(seq, hash):
    return f"{seq}:{hash.hex()}"


class Evidence(unittest.TestCase):
    def setUp(self):
        self.own, self.other = TEAM.copy(), TEAM.copy()
        self.own.post("wim", commit("a", None, "ours"))
        self.other.post("wim", commit("a", None, "theirs"))
        self.other.post("wim", commit("a", "theirs", "more"))

    def text(self, differs="forked", entries=None, **changed):
        own, shown = self.own.state, self.other.entries[-2]
        parts = dict(
            team=own.team.hex(),
            own=place(own.seq, own.hash),
            shown=place(own.seq, hashlib.sha256(shown).digest()),
        )
        parts |= changed
        entries = self.other.entries[-1:] if entries is None else entries
        lines = [f"subrosa-evidence:1:{parts['team']}", f"{differs}:7", f"own:{parts['own']}"]
        lines += [f"shown:{parts['shown']}", *(each.hex() for each in entries)]
        return "".join(f"{line}\n" for line in lines)

    def judge(self, text, log=None):
        return e.judge(t.verify(trail_of((log or self.own).entries).encode()), text.encode())

    def refuse(self, reason, text):
        with self.assertRaises(e.Bad) as caught:
            self.judge(text)
        self.assertEqual(str(caught.exception), f"Evidence({reason})")

    def test_a_fork_is_proved(self):
        self.assertRegex(self.judge(self.text()), "^proved: ")
        longer = self.own.copy().post("wim", commit("a", "ours", "ours too"))
        self.assertRegex(self.judge(self.text(), longer), "^proved: ")

    def test_another_trail_is_not_the_devices(self):
        self.assertIn("its history is another one", self.judge(self.text(), self.other))

    def test_what_has_no_signature_proves_nothing(self):
        for differs in "older", "other":
            self.assertIn("nothing that is signed", self.judge(self.text(differs, [])))

    def test_a_sibling_is_none(self):
        before = TEAM.state
        text = self.text(entries=[self.other.entries[-2]], shown=place(before.seq, before.hash))
        self.refuse("place", text)

    def test_a_place_further_up_is_none(self):
        self.other.post("wim", commit("a", "more", "and more"))
        shown = hashlib.sha256(self.other.entries[-2]).digest()
        self.refuse("place", self.text(shown=place(self.own.state.seq + 1, shown)))

    def test_keys_that_are_nobodys_are_none(self):
        self.own.post("olga", remove("wim"), rekey("dir", 2), rekey("a", 2), rekey("b", 2))
        self.refuse("Author", self.text())

    def test_damage(self):
        text = self.text()
        digit = "1" if text[-9] == "0" else "0"
        self.refuse("Signed(Signature)", text[:-9] + digit + text[-8:])
        self.refuse("entry", text[:-3] + "\n")
        self.refuse("entry", self.text(entries=[]))
        self.refuse("team", self.text(team="0" * 64))
        for cut in text[:-1], text.replace("forked", "forged"), text.replace("own:", "own:0"), "\n":
            self.refuse("lines", cut)


if __name__ == "__main__":
    unittest.main()
