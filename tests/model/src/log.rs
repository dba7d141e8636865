//! Every short log: each entry that anybody can sign is tried at each state, by the reducer itself.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use stateright::{Model, Property};
use subrosa_wire::SUITE;
use subrosa_wire::log::{Entry, Genesis, Op, RootClaim, SignedEntry};
use subrosa_wire::team::{MemberKind, Team, VaultRole};

use crate::cast::{Link, Pair, Place, Who};
use crate::deed::{Act, Deed, Seat, Shown};
use crate::menu::{Theme, menu};
use crate::past::Past;
use crate::promises::{Broken, Promise};

/// The logs that begin with the same few entries.
pub struct Logs {
    theme: Theme,
    depth: usize,
    start: Story,
}

/// What a log's entries made.
#[derive(Clone)]
pub struct Story {
    /// By the reducer's account.
    pub team: Team,
    /// By our own.
    pub past: Past,
    /// Where the log ended before its last entry.
    before: subrosa_wire::log::Head,
}

/// A log. Two are the same where everything is that the reducer judges by, and all that our own account
/// judges by: hashes, places and trees are not, since what is tried next always names the right ones.
#[derive(Clone)]
pub struct Log {
    entries: Vec<(Arc<Deed>, Arc<SignedEntry>)>,
    facts: u128,
    broken: Broken,
    marks: Marks,
}

/// What has happened: to show that the interesting does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
struct Marks {
    removal: bool,
    entrance: bool,
    replaced: bool,
    takeover: bool,
}

/// An entry that was taken, and what the log is with it.
#[derive(Clone, PartialEq)]
pub struct Taken(Arc<Deed>, Log);

impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|(deed, _)| deed)).finish()?;
        write!(f, " broken: {:?}", self.broken)
    }
}

impl PartialEq for Log {
    fn eq(&self, other: &Self) -> bool {
        self.facts == other.facts
    }
}

impl Hash for Log {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.facts.hash(state);
    }
}

impl Log {
    fn and(&self, deed: Arc<Deed>, signed: Arc<SignedEntry>, made: &Story) -> Taken {
        let mut entries = self.entries.clone();
        entries.push((deed.clone(), signed));
        let (facts, broken) = (made.facts(), made.past.broken);
        let marks = self.marks.and(&deed);
        Taken(deed, Log { entries, facts, broken, marks })
    }
}

impl Story {
    /// The team, with its directory.
    #[must_use]
    pub fn new() -> Story {
        #![expect(clippy::expect_used, reason = "a model of no team shows nothing")]
        let signed = genesis();
        let team = Team::found(&signed).expect("a genesis");
        let mut past = Past::default();
        let deed = Deed::by(Who::Founder, &[]);
        let entry = signed.verify(deed.signer.signing()).expect("it is signed");
        past.step(None, &deed, entry.value(), &team);
        Story { before: team.head(), team, past }
    }

    /// What becomes of it if somebody tries something, and the reducer takes it.
    #[must_use]
    pub fn attempt(&self, deed: &Deed) -> Option<(Story, SignedEntry)> {
        let signed = deed.sign(&self.team, self.before);
        Some((self.with(deed, &signed)?, signed))
    }

    /// What becomes of it if the reducer takes a signed entry.
    #[must_use]
    pub fn with(&self, deed: &Deed, signed: &SignedEntry) -> Option<Story> {
        let mut team = self.team.clone();
        let verified = team.extend(signed).ok()?;
        let mut past = self.past.clone();
        past.step(Some(&self.team), deed, verified.value(), &team);
        Some(Story { before: self.team.head(), team, past })
    }

    /// All that anything later depends on.
    fn facts(&self) -> u128 {
        let team = &self.team;
        let members: Vec<_> = team
            .members()
            .map(|(id, it)| {
                let machine = it.kind != MemberKind::Person;
                (id, team.is_owner(id), Pair::read(&it.keyset), machine)
            })
            .collect();
        let former: Vec<_> =
            team.former().iter().map(|it| (it.member, it.signing, it.kem)).collect();
        let vaults: Vec<_> = team
            .vaults()
            .map(|(id, it)| {
                let grants: Vec<_> =
                    it.grants.iter().map(|(id, role)| (*id, *role as u8)).collect();
                let versions = (it.key_version(), it.retired(), it.oldest_live);
                (id, it.parent, grants, versions, it.rekey_due)
            })
            .collect();
        let invites: Vec<_> = team
            .invites()
            .map(|(id, it)| (id, it.by, it.invite.member, format!("{:?}", it.invite.access)))
            .collect();
        let all = (members, former, vaults, invites, team.minimum_client(), &self.past);
        // Two halves of 64 bits, by a hasher that is the same in every run.
        let half = |salt: u8| {
            #[expect(deprecated, reason = "the one hasher of the standard library without a seed")]
            let mut hasher = std::hash::SipHasher::new_with_keys(u64::from(salt), 0);
            all.hash(&mut hasher);
            u128::from(hasher.finish())
        };
        half(1) << 64 | half(2)
    }
}

impl Default for Story {
    fn default() -> Self {
        Story::new()
    }
}

fn genesis() -> SignedEntry {
    let [founder, root] = [Who::Founder, Who::Root];
    let claim = RootClaim {
        founder: founder.id(),
        founder_keyset: founder.keys().keyset(),
        root: root.id(),
        root_keyset: root.keys().keyset(),
        directory: Place::Directory.id(),
    };
    let genesis = Genesis {
        founder: founder.keys().keyset(),
        root: root.id(),
        root_keyset: root.keys().keyset(),
        root_proof: root.keys().signing.sign(&claim.to_sign()),
        directory: Place::Directory.id(),
    };
    let ops = vec![Op::Genesis(Box::new(genesis))];
    let author = founder.id();
    let entry = Entry { suite: SUITE, team: None, seq: 0, prev: None, author, time: 0, ops };
    SignedEntry::new(&entry, |bytes| founder.keys().signing.sign(bytes))
}

impl Logs {
    /// The logs that begin with a founder, a root, a manager and a writer of a project; with somebody
    /// who wrote in it, was removed, and keeps all that it had; and with an invite by the manager. They
    /// go on for at most `depth` entries.
    ///
    /// # Panics
    /// If the reducer does not take that.
    #[must_use]
    pub fn new(theme: Theme, depth: usize) -> Logs {
        let mut start = Story::new();
        let seat = Seat::In(VaultRole::Writer);
        let comers = [
            (Link::ForManager, Who::Manager, Seat::In(VaultRole::Manager)),
            (Link::ForMember, Who::Member, seat),
            (Link::ForLeaver, Who::Leaver, seat),
        ];
        let [invites, adds] = [
            comers.map(|(link, who, seat)| Act::Invite(link, who, seat)),
            comers.map(|(link, who, _)| Act::Add(link, who, who.keys(), Shown::Both)),
        ];
        let vaults = [Act::Create(Place::Directory, None), Act::Create(Place::Project, None)];
        let open = Act::Invite(Link::First, Who::Guest, Seat::In(VaultRole::Reader));
        for (author, acts) in [
            (Who::Founder, vaults.to_vec()),
            (Who::Founder, invites.to_vec()),
            (Who::Founder, adds.to_vec()),
            (
                Who::Founder,
                vec![
                    Act::Remove(Who::Leaver),
                    Act::Rekey(Place::Directory, true),
                    Act::Rekey(Place::Project, true),
                ],
            ),
            (Who::Manager, vec![open]),
        ] {
            let deed = Deed::by(author, &acts);
            let Some((next, _)) = start.attempt(&deed) else {
                #[expect(clippy::panic, reason = "a model of no team shows nothing")]
                {
                    panic!("the reducer refuses {deed:?}")
                }
            };
            start = next;
        }
        Logs { theme, depth, start }
    }

    /// What they all begin with.
    #[must_use]
    pub fn start(self) -> Story {
        self.start
    }

    fn story(&self, log: &Log) -> Story {
        let mut story = self.start.clone();
        for (deed, signed) in &log.entries {
            // It was taken once.
            story = story.with(deed, signed).unwrap_or(story);
        }
        story
    }
}

impl Model for Logs {
    type State = Log;
    type Action = Taken;

    fn init_states(&self) -> Vec<Log> {
        let (facts, broken) = (self.start.facts(), self.start.past.broken);
        vec![Log { entries: vec![], facts, broken, marks: Marks::default() }]
    }

    fn actions(&self, log: &Log, actions: &mut Vec<Taken>) {
        // Not the checker's own bound: it does not look at what is as deep as that.
        if log.entries.len() == self.depth {
            return;
        }
        let story = self.story(log);
        for deed in menu(self.theme, &story.team) {
            let Some((next, signed)) = story.attempt(&deed) else { continue };
            actions.push(log.and(deed.into(), signed.into(), &next));
        }
        // What was taken once is not taken again: neither the last entry nor any before.
        for (deed, signed) in &log.entries {
            let Some(next) = story.with(deed, signed) else { continue };
            actions.push(log.and(deed.clone(), signed.clone(), &next));
        }
    }

    fn next_state(&self, _: &Log, Taken(_, log): Taken) -> Option<Log> {
        Some(log)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        macro_rules! kept {
            ($($promise:ident)*) => {
                vec![$(Property::always(Promise::$promise.name(), |_, log: &Log| {
                    log.broken.spares(Promise::$promise)
                })),*]
            };
        }
        let mut all = kept!(
            Write Vaults Members Replaced Granted Managers Holders Invites Removals Owners Ids Keys
            Authors NextKey Lost Current Clients Chain
        );
        debug_assert_eq!(all.len(), Promise::ALL.len());
        all.push(Property::sometimes("somebody is removed", |_, log: &Log| log.marks.removal));
        if matches!(self.theme, Theme::All | Theme::Invites) {
            all.push(Property::sometimes("an invite is used", |_, log: &Log| log.marks.entrance));
            all.push(Property::sometimes("a link is stolen", |_, log: &Log| log.marks.takeover));
        }
        if matches!(self.theme, Theme::All | Theme::Keys) {
            all.push(Property::sometimes("keys are replaced", |_, log: &Log| log.marks.replaced));
        }
        all
    }
}

impl Marks {
    fn and(mut self, deed: &Deed) -> Marks {
        for act in &deed.acts {
            match act {
                Act::Remove(_) => self.removal = true,
                Act::Add(_, who, pair, _) => {
                    self.entrance = true;
                    self.takeover |= *pair != who.keys();
                }
                Act::Rotate(..) => self.replaced = true,
                _ => {}
            }
        }
        self
    }
}
