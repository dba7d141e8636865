//! What the log promises, by number: 2 nobody writes without the right to, 3 nobody comes in or gets a
//! key without a signature that may give it, 4 who is out stays out, 5 the log only grows.

use std::fmt;

/// One promise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Promise {
    /// Only writers commit, only managers give and retire keys, and a retired key is needed by nothing.
    Write,
    /// Only owners, and managers of the parent, make vaults.
    Vaults,
    /// A member was let in by whom the log allowed to, as exactly what its invite says, and holds both
    /// keys and link.
    Members,
    /// A member's keys are replaced by itself, by the root's rule, or by an owner's invite to that.
    Replaced,
    /// Nobody is given more than its granter could give.
    Granted,
    /// Managers and owners are made and unmade by owners alone.
    Managers,
    /// Keys go to members alone, and to those alone who were granted them.
    Holders,
    /// An invite lets in once, of an earlier entry, and never after its author could not give it.
    Invites,
    /// Only owners remove, and neither themselves nor the root.
    Removals,
    /// There is an owner but the root, and the root.
    Owners,
    /// What was removed does not come back under its id.
    Ids,
    /// Nobody's keys were anybody's before.
    Keys,
    /// Whoever signs is a member, by its current key.
    Authors,
    /// What somebody loses has a next key in that very entry.
    NextKey,
    /// Whoever lost a vault derives none of its keys that were made with or after that.
    Lost,
    /// Nobody but holders derives the current key, save whose own replaced keys left one due.
    Current,
    /// Older clients stay refused, and owners alone decide on that.
    Clients,
    /// The log only grows, by entries that were signed for that place.
    Chain,
}

impl Promise {
    /// All.
    pub const ALL: [Promise; 18] = [
        Promise::Write,
        Promise::Vaults,
        Promise::Members,
        Promise::Replaced,
        Promise::Granted,
        Promise::Managers,
        Promise::Holders,
        Promise::Invites,
        Promise::Removals,
        Promise::Owners,
        Promise::Ids,
        Promise::Keys,
        Promise::Authors,
        Promise::NextKey,
        Promise::Lost,
        Promise::Current,
        Promise::Clients,
        Promise::Chain,
    ];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Promise::Write => "2: nobody writes, rekeys or retires without the right to",
            Promise::Vaults => "2: nobody makes a vault without the right to",
            Promise::Members => "3: nobody enters without an authorised signature",
            Promise::Replaced => "3: nobody's keys are replaced without an authorised signature",
            Promise::Granted => "3: no role is above what its granter could give",
            Promise::Managers => "3: managers and owners are made and unmade by owners",
            Promise::Holders => "3: nobody receives a key without an authorised signature",
            Promise::Invites => {
                "3: an invite is used once, and not after its author lost the right to"
            }
            Promise::Removals => "4: only owners remove, and neither themselves nor the root",
            Promise::Owners => "4: an owner and the root stay",
            Promise::Ids => "4: a removed id does not come back",
            Promise::Keys => "4: used keys do not come back",
            Promise::Authors => "4: no entry by a removed member or replaced key is accepted",
            Promise::NextKey => "4: what is lost has a next key in that entry",
            Promise::Lost => "4: no key made after a loss is derivable by the loser",
            Promise::Current => "4: nobody but holders derives the current key",
            Promise::Clients => "5: the minimum client only rises, by owners",
            Promise::Chain => "5: the log only grows",
        }
    }
}

/// Which promises were broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Broken(u32);

impl Broken {
    /// Breaks it, unless `holds`.
    pub fn unless(&mut self, holds: bool, promise: Promise) {
        if !holds {
            self.0 |= 1 << promise as u32;
        }
    }

    /// Whether it was not broken.
    #[must_use]
    pub fn spares(self, promise: Promise) -> bool {
        self.0 & 1 << promise as u32 == 0
    }
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Promise::ALL.iter().filter(|it| !self.spares(**it))).finish()
    }
}
