//! What came before, by an account of its own: it reads what the reducer's state is before and after an
//! entry, never why, and says which promises that breaks.

use std::collections::{BTreeMap, BTreeSet};

use subrosa_wire::log::Entry;
use subrosa_wire::team::{MemberKind, Role, Team, Vault, VaultRole};

use crate::cast::{Key, Link, Pair, Place, Who};
use crate::deed::{Act, Deed, Seat, Shown};
use crate::promises::{Broken, Promise};

/// What a log's entries did, up to one.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Past {
    /// Who was removed.
    gone: BTreeSet<Who>,
    /// The keys that everybody had last.
    last: BTreeMap<Who, Pair>,
    /// All keys that ever signed, and all that ever were wrapped to.
    signed: BTreeSet<Key>,
    wrapped: BTreeSet<Key>,
    /// Keys of removed members, and replaced ones: they shall never be given anything again.
    former: BTreeSet<Key>,
    /// For each version of each vault's key: who derives it.
    derives: [Vec<Knowers>; 3],
    /// The newest version of a vault's key that a loser may have.
    losses: BTreeMap<(Place, Key), u32>,
    /// The invites that are open by this account.
    open: [Option<Open>; 5],
    /// What was broken.
    pub broken: Broken,
}

#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
struct Knowers {
    keys: BTreeSet<Key>,
    /// Whether the version before is sealed under this one.
    backlink: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Open {
    by: Who,
    member: Who,
    seat: SeatKind,
}

/// A seat, to be compared and hashed.
type SeatKind = (u8, Option<u8>);

fn kind(seat: Seat) -> SeatKind {
    match seat {
        Seat::Owner => (0, None),
        Seat::Bare => (1, None),
        Seat::In(role) => (1, Some(role as u8)),
        Seat::Replace => (2, None),
    }
}

fn manages(team: &Team, place: Place, who: Who) -> bool {
    team.role_in(place.id(), who.id()) == Some(VaultRole::Manager)
}

fn owns(team: &Team, who: Who) -> bool {
    team.member(who.id()).is_some_and(|member| member.role == Role::Owner)
}

/// What protocol and format say that somebody may give.
fn may_give(team: &Team, who: Who, (seat, role): SeatKind) -> bool {
    let as_manager = || {
        let below = role.is_some_and(|role| role < VaultRole::Manager as u8);
        seat == 1 && below && manages(team, Place::Project, who)
    };
    owns(team, who) || as_manager()
}

fn key_version(team: &Team, place: Place) -> u32 {
    team.vault(place.id()).map_or(0, Vault::key_version)
}

impl Past {
    /// Lets an entry have happened that turned `before` into `after`. Without a state before, it is the
    /// genesis.
    pub fn step(&mut self, before: Option<&Team>, deed: &Deed, entry: &Entry, after: &Team) {
        let mut broken = self.broken;
        if let Some(before) = before {
            self.author(&mut broken, before, deed, entry, after);
            let used = self.acts(&mut broken, before, deed);
            for who in Who::ALL {
                self.member(&mut broken, before, deed, after, who, &used);
            }
            for place in Place::ALL {
                self.vault(&mut broken, before, deed, after, place);
            }
        }
        self.void(after);
        for link in Link::ALL {
            let open = after.invite(link.id()).is_some();
            broken.unless(!open || self.open[link as usize].is_some(), Promise::Invites);
        }
        for (id, member) in after.members() {
            let Some(who) = Who::of(id) else { continue };
            let pair = Pair::read(&member.keyset);
            self.last.insert(who, pair);
            self.signed.insert(pair.signing);
            self.wrapped.insert(pair.kem);
        }
        for place in Place::ALL {
            self.keys(&mut broken, before, after, place);
        }
        let others = Who::ALL.into_iter().filter(|who| *who != Who::Root);
        broken.unless(others.into_iter().any(|who| owns(after, who)), Promise::Owners);
        broken.unless(owns(after, Who::Root), Promise::Owners);
        self.broken = broken;
    }

    fn author(&self, broken: &mut Broken, before: &Team, deed: &Deed, entry: &Entry, after: &Team) {
        let author = before.member(deed.author.id());
        let current = author.is_some_and(|it| it.keyset.signing == deed.signer.signing());
        broken.unless(current && entry.author == deed.author.id(), Promise::Authors);
        let head = before.head();
        let follows = (entry.prev, entry.seq) == (Some(head.hash), head.seq + 1);
        broken.unless(follows && entry.team == Some(before.id()), Promise::Chain);
        broken.unless(after.head().seq == entry.seq && after.id() == before.id(), Promise::Chain);
        let [old, new] = [before, after].map(Team::minimum_client);
        broken.unless(new == old || new > old && owns(before, deed.author), Promise::Clients);
    }

    /// Invites, and who was let in or given other keys by which. From left to right.
    fn acts(&mut self, broken: &mut Broken, before: &Team, deed: &Deed) -> Vec<(Who, Pair, Open)> {
        let author = deed.author;
        let earlier = self.open;
        let mut used = Vec::new();
        for act in &deed.acts {
            match *act {
                Act::Invite(link, member, seat) => {
                    let seat = kind(seat);
                    broken.unless(may_give(before, author, seat), Promise::Granted);
                    // Its name names no other that is open.
                    broken.unless(self.open[link as usize].is_none(), Promise::Invites);
                    self.open[link as usize] = Some(Open { by: author, member, seat });
                }
                Act::Cancel(link) => {
                    let open = self.open[link as usize].take();
                    let may = |it: Open| it.by == author || may_give(before, author, it.seat);
                    broken.unless(open.is_some_and(may), Promise::Invites);
                }
                Act::Add(link, who, pair, shown) => {
                    let open = self.open[link as usize].take();
                    broken.unless(shown == Shown::Both, Promise::Members);
                    broken
                        .unless(open.is_some() && open == earlier[link as usize], Promise::Invites);
                    let Some(open) = open else { continue };
                    let may = open.by == author || owns(before, author);
                    broken.unless(may && may_give(before, author, open.seat), Promise::Invites);
                    broken.unless(open.member == who && open.seat.0 != 2, Promise::Members);
                    used.push((who, pair, open));
                }
                Act::Rotate(who, pair, Some(link)) => {
                    let open = self.open[link as usize].take();
                    broken
                        .unless(open.is_some() && open == earlier[link as usize], Promise::Invites);
                    let Some(open) = open else { continue };
                    broken.unless(owns(before, author), Promise::Invites);
                    broken.unless(open.member == who && open.seat.0 == 2, Promise::Replaced);
                    used.push((who, pair, open));
                }
                Act::Remove(who) => self.void_where(|open| open.by == who),
                Act::SetRole(who, Place::Project, role) if role < VaultRole::Manager => {
                    self.void_where(|open| open.by == who && open.seat.1.is_some());
                }
                Act::Revoke(who, Place::Project) => {
                    self.void_where(|open| open.by == who && open.seat.1.is_some());
                }
                _ => {}
            }
            // Whoever had the keys before may have made its invites.
            if let Act::Rotate(who, _, by) = *act
                && (author != who || who == Who::Root || by.is_some())
            {
                self.void_where(|open| open.by == who || open.seat.0 == 2 && open.member == who);
            }
        }
        used
    }

    fn member(
        &mut self,
        broken: &mut Broken,
        before: &Team,
        deed: &Deed,
        after: &Team,
        who: Who,
        used: &[(Who, Pair, Open)],
    ) {
        let author = deed.author;
        let used = used.iter().find(|(used, ..)| *used == who);
        match (before.member(who.id()), after.member(who.id())) {
            (None, None) => {}
            (None, Some(new)) => {
                let pair = Pair::read(&new.keyset);
                broken.unless(!self.gone.contains(&who), Promise::Ids);
                let seat = match (new.kind, used) {
                    (MemberKind::Person, Some((_, shown, open))) if *shown == pair => {
                        Some(open.seat)
                    }
                    (MemberKind::Service { .. }, None) => {
                        deed.acts.iter().find_map(|act| match act {
                            Act::Service(made, seat, shown) if *made == who && *shown == pair => {
                                Some(kind(*seat))
                            }
                            _ => None,
                        })
                    }
                    _ => None,
                };
                let is = match new.role {
                    Role::Owner => (0, None),
                    Role::Member => {
                        let role = after.role_in(Place::Project.id(), who.id());
                        (1, role.map(|role| role as u8))
                    }
                };
                broken.unless(seat == Some(is) && may_give(before, author, is), Promise::Members);
                self.fresh(broken, after, who, pair);
            }
            (Some(old), None) => {
                let may = owns(before, author) && author != who && who != Who::Root;
                broken.unless(may, Promise::Removals);
                self.gone.insert(who);
                let pair = Pair::read(&old.keyset);
                self.former.insert(pair.kem);
                next_keys(broken, before, after, who);
            }
            (Some(old), Some(new)) => {
                let made = old.role == Role::Member && new.role == Role::Owner;
                let may = made && owns(before, author) && old.kind == MemberKind::Person;
                broken.unless(old.role == new.role || may, Promise::Managers);
                if old.keyset == new.keyset {
                    return;
                }
                let [was, is] = [old, new].map(|it| Pair::read(&it.keyset));
                let itself = author == who && who != Who::Root && used.is_none();
                let by_the_root = owns(before, author)
                    && old.role == Role::Owner
                    && (author == Who::Root || who == Who::Root);
                let invited = used.is_some_and(|(_, shown, open)| *shown == is && open.seat.0 == 2);
                broken.unless(itself || by_the_root || invited, Promise::Replaced);
                self.fresh(broken, after, who, is);
                self.former.insert(was.kem);
                if !itself {
                    next_keys(broken, before, after, who);
                }
            }
        }
    }

    /// No half of these keys was ever used, nor is anybody else's now.
    fn fresh(&self, broken: &mut Broken, after: &Team, who: Who, pair: Pair) {
        let used = self.signed.contains(&pair.signing) || self.wrapped.contains(&pair.kem);
        broken.unless(!used, Promise::Keys);
        for (id, other) in after.members() {
            let other = Pair::read(&other.keyset);
            let shared = other.signing == pair.signing || other.kem == pair.kem;
            broken.unless(id == who.id() || !shared, Promise::Keys);
        }
    }

    fn vault(&self, broken: &mut Broken, before: &Team, deed: &Deed, after: &Team, place: Place) {
        let author = deed.author;
        let role = before.role_in(place.id(), author.id());
        let Some(new) = after.vault(place.id()) else {
            broken.unless(before.vault(place.id()).is_none(), Promise::Vaults);
            return;
        };
        for id in after.holders(place.id()) {
            broken.unless(after.member(id).is_some(), Promise::Holders);
        }
        broken.unless(new.retired() < new.oldest_live, Promise::Write);
        let Some(old) = before.vault(place.id()) else {
            let by_parent = new.parent.is_some_and(|parent| {
                before.role_in(parent, author.id()) == Some(VaultRole::Manager)
            });
            broken.unless(owns(before, author) || by_parent, Promise::Vaults);
            let own = |id| id == author.id() || owns_id(after, id);
            broken.unless(after.holders(place.id()).into_iter().all(own), Promise::Holders);
            return;
        };
        broken
            .unless(old.commits == new.commits || role >= Some(VaultRole::Writer), Promise::Write);
        let kept = old.key_version() == new.key_version() && old.retired() == new.retired();
        broken.unless(kept || role == Some(VaultRole::Manager), Promise::Write);
        for who in Who::ALL {
            let [was, is] = [before, after].map(|team| team.role_in(place.id(), who.id()));
            if was == is
                || after.member(who.id()).is_none()
                || !owns(before, who) && owns(after, who)
            {
                continue;
            }
            let newcomer = before.member(who.id()).is_none();
            if place == Place::Directory {
                let reads = newcomer && is == Some(VaultRole::Reader);
                broken.unless(reads, Promise::Granted);
                continue;
            }
            broken.unless(role == Some(VaultRole::Manager), Promise::Granted);
            let managing = [was, is].contains(&Some(VaultRole::Manager));
            broken.unless(!managing || owns(before, author), Promise::Managers);
            if is.is_none() {
                broken.unless(who != author, Promise::Removals);
                broken.unless(new.key_version() > old.key_version(), Promise::NextKey);
            }
        }
    }

    /// An invite is void for good once its author could not give it, or its member is no more.
    fn void(&mut self, after: &Team) {
        self.void_where(|open| {
            let lost = open.seat.1.is_some() && !manages(after, Place::Project, open.by);
            let unfit = open.seat.0 == 2 && after.member(open.member.id()).is_none();
            after.member(open.by.id()).is_none() || lost || unfit
        });
    }

    fn void_where(&mut self, void: impl Fn(&Open) -> bool) {
        for slot in &mut self.open {
            if slot.as_ref().is_some_and(&void) {
                *slot = None;
            }
        }
    }

    /// Who derives which version: whom it is wrapped to, at once and by any holder later, and from
    /// there backwards.
    fn keys(&mut self, broken: &mut Broken, before: Option<&Team>, after: &Team, place: Place) {
        let Some(vault) = after.vault(place.id()) else { return };
        let known = &mut self.derives[place as usize];
        let holders = |team: &Team| -> BTreeSet<Key> {
            let whom = team.holders(place.id()).into_iter().filter_map(Who::of);
            // Where the state names somebody who is no member, its last keys are wrapped to.
            whom.filter_map(|who| match team.member(who.id()) {
                Some(member) => Some(Pair::read(&member.keyset).kem),
                None => self.last.get(&who).map(|pair| pair.kem),
            })
            .collect()
        };
        let now = holders(after);
        for key in vault.keys.iter().skip(known.len()) {
            known.push(Knowers { keys: now.clone(), backlink: key.backlink.is_some() });
        }
        if let Some(last) = known.last_mut() {
            last.keys.extend(&now);
        }
        for at in (1..known.len()).rev() {
            if known[at].backlink {
                let later = known[at].keys.clone();
                known[at - 1].keys.extend(later);
            }
        }
        if let Some(before) = before {
            let newest = key_version(before, place);
            for key in holders(before).difference(&now) {
                self.losses.entry((place, *key)).or_insert(newest);
            }
        }
        let former = &self.former;
        // Who was given the vault again, by its own keys, has it again.
        self.losses
            .retain(|(at, key), _| *at != place || !now.contains(key) || former.contains(key));
        for ((_, key), newest) in self.losses.iter().filter(|((at, _), _)| *at == place) {
            let later = known.iter().skip(*newest as usize);
            broken.unless(!later.into_iter().any(|it| it.keys.contains(key)), Promise::Lost);
        }
        let current = known.last().into_iter().flat_map(|last| &last.keys);
        for key in current.filter(|key| !now.contains(key)) {
            broken.unless(vault.rekey_due && former.contains(key), Promise::Current);
        }
    }
}

fn owns_id(team: &Team, id: subrosa_wire::id::MemberId) -> bool {
    team.member(id).is_some_and(|member| member.role == Role::Owner)
}

/// Each vault that a member held before has a newer key after.
fn next_keys(broken: &mut Broken, before: &Team, after: &Team, who: Who) {
    for place in Place::ALL {
        let held = before.role_in(place.id(), who.id()).is_some();
        let newer = key_version(after, place) > key_version(before, place);
        broken.unless(!held || newer, Promise::NextKey);
    }
}
