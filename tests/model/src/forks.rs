//! Two honest clients, and a server that shows each what it likes: it withholds, loses replies, and lets
//! them go on along different logs. Each of them goes by the reducer, and takes what it is shown by the
//! clients' own [`follow`]; what each may do besides is the clients' rules, which can be taken out here one
//! by one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};

use stateright::{Model, Property};
use subrosa_client::following::{Followed, follow};
use subrosa_wire::api::LogPage;
use subrosa_wire::log::{Head, SignedEntry};
use subrosa_wire::team::Team;

use crate::cast::{Key, Link, Pair, Place, Who};
use crate::deed::{Act, Deed, Shown};
use crate::log::{Logs, Story};
use crate::menu::{Theme, next_keys};

use Place::Project;

/// A rule of the clients (`docs/format.md`, 'On the device').
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientRule {
    /// A pin only moves along an extension of it.
    Pin,
    /// Each newly signed entry draws keys of its own.
    FreshKeys,
    /// Wraps to who is new leave once the entry is acknowledged.
    Acknowledged,
}

/// What is signed here, and by whom.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Move {
    /// The founder removes the member.
    Remove,
    /// The founder rekeys the project.
    Rekey,
    /// The founder lets in who has stolen the guest's link.
    LetIn,
    /// The manager rekeys the project.
    ManagerRekeys,
    /// The manager takes the project from the member.
    Revoke,
    /// The member commits, anywhere.
    Commit,
    /// The leaver tries to rekey, anywhere.
    LeaverRekeys,
}

const MOVES: [Move; 7] = [
    Move::Remove,
    Move::Rekey,
    Move::LetIn,
    Move::ManagerRekeys,
    Move::Revoke,
    Move::Commit,
    Move::LeaverRekeys,
];

/// A place in the tree of all logs: the moves that lead there.
type Node = Vec<Move>;

/// The honest clients.
const CLIENTS: [Who; 2] = [Who::Founder, Who::Manager];

/// All that the server may do with what it is given.
pub struct Forks {
    without: Option<ClientRule>,
    entries: usize,
    nodes: Mutex<BTreeMap<Node, Option<At>>>,
    taken: Mutex<BTreeMap<[Node; 2], bool>>,
}

/// What leads to a node, and what it makes.
#[derive(Clone)]
struct At {
    signed: Option<Arc<SignedEntry>>,
    deed: Option<Arc<Deed>>,
    story: Arc<Story>,
}

/// What the server was given, and where the clients are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct World {
    signed: BTreeSet<Node>,
    pins: [Node; 2],
    /// One's own entry, until it is acknowledged or lost.
    candidates: [Option<Node>; 2],
    /// Whether a pin moved elsewhere than along an extension.
    moved_back: bool,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pins {:?}, signed {:?}", self.pins, self.signed)
    }
}

/// What happens next.
#[derive(Clone, PartialEq, Eq)]
pub struct Happens(String, World);

impl fmt::Debug for Happens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Move {
    fn deed(self, team: &Team) -> Deed {
        let by = |who, acts: Vec<Act>| Deed::by(who, &acts);
        match self {
            Move::Remove => by(
                Who::Founder,
                [vec![Act::Remove(Who::Member)], next_keys(team, Who::Member)].concat(),
            ),
            Move::Rekey => by(Who::Founder, vec![Act::Rekey(Project, true)]),
            Move::LetIn => {
                let stolen = Pair::of(Key::Thief);
                by(Who::Founder, vec![Act::Add(Link::First, Who::Guest, stolen, Shown::Both)])
            }
            Move::ManagerRekeys => by(Who::Manager, vec![Act::Rekey(Project, true)]),
            Move::Revoke => {
                by(Who::Manager, vec![Act::Revoke(Who::Member, Project), Act::Rekey(Project, true)])
            }
            Move::Commit => by(Who::Member, vec![Act::Commit(Project)]),
            Move::LeaverRekeys => by(Who::Leaver, vec![Act::Rekey(Project, true)]),
        }
    }

    fn client(self) -> Option<usize> {
        match self {
            Move::Remove | Move::Rekey | Move::LetIn => Some(0),
            Move::ManagerRekeys | Move::Revoke => Some(1),
            Move::Commit | Move::LeaverRekeys => None,
        }
    }
}

fn holders(team: &Team) -> BTreeSet<Key> {
    let members = team.holders(Project.id()).into_iter().filter_map(|id| team.member(id));
    members.map(|member| Pair::read(&member.keyset).kem).collect()
}

impl Forks {
    /// At most so many signed entries, on a log and on its forks together.
    #[must_use]
    pub fn new(entries: usize, without: Option<ClientRule>) -> Forks {
        let story = Arc::new(Logs::new(Theme::All, 0).start());
        let start = At { signed: None, deed: None, story };
        let nodes = Mutex::new([(Node::new(), Some(start))].into());
        Forks { without, entries, nodes, taken: Mutex::default() }
    }

    fn keeps(&self, rule: ClientRule) -> bool {
        self.without != Some(rule)
    }

    /// What is at a node, by the reducer: nothing, where it refuses what leads there.
    fn at(&self, node: &Node) -> Option<At> {
        #[expect(clippy::unwrap_used, reason = "nothing panics with it in its hands")]
        if let Some(known) = self.nodes.lock().unwrap().get(node) {
            return known.clone();
        }
        let (last, before) = node.split_last()?;
        let before = self.at(&before.to_vec())?;
        let deed = last.deed(&before.story.team);
        let made = before.story.attempt(&deed).map(|(story, signed)| At {
            signed: Some(signed.into()),
            deed: Some(deed.into()),
            story: story.into(),
        });
        #[expect(clippy::unwrap_used, reason = "nothing panics with it in its hands")]
        self.nodes.lock().unwrap().insert(node.clone(), made.clone());
        made
    }

    /// Whether a client that has verified the log up to `pin` gets to `node` where a server shows it the
    /// log to there: by the code of the clients.
    fn takes(&self, pin: &Node, node: &Node) -> bool {
        let key = [pin.clone(), node.clone()];
        #[expect(clippy::unwrap_used, reason = "nothing panics with it in its hands")]
        if let Some(known) = self.taken.lock().unwrap().get(&key) {
            return *known;
        }
        let taken = self.read(pin, node).is_some_and(|head| Some(head) == self.head(node));
        #[expect(clippy::unwrap_used, reason = "nothing panics with it in its hands")]
        self.taken.lock().unwrap().insert(key, taken);
        taken
    }

    fn head(&self, node: &Node) -> Option<Head> {
        self.at(node).map(|at| at.story.team.head())
    }

    /// Where a client is after it has asked for what comes after its pin.
    fn read(&self, pin: &Node, node: &Node) -> Option<Head> {
        let mut team = self.at(pin)?.story.team.clone();
        let after = (pin.len() + 1..=node.len()).map(|at| node[..at].to_vec());
        let entries = after.map(|node| Some(self.at(&node)?.signed?.as_ref().clone()));
        let entries = entries.collect::<Option<_>>()?;
        let page = LogPage { entries, last: self.head(node)?.seq };
        match follow(&mut team, &page, &mut Vec::new()) {
            Followed::Whole => Some(team.head()),
            _ => None,
        }
    }

    fn team_holders(&self, node: &Node) -> BTreeSet<Key> {
        self.at(node).map(|at| holders(&at.story.team)).unwrap_or_default()
    }

    /// The node that gave the project its key as of `node`; none where the first few entries did.
    fn key_of(&self, node: &Node) -> Option<Node> {
        (1..=node.len()).rev().map(|at| node[..at].to_vec()).find(|at| self.rekeys(at))
    }

    fn rekeys(&self, node: &Node) -> bool {
        let deed = self.at(node).and_then(|at| at.deed);
        deed.is_some_and(|deed| deed.acts.contains(&Act::Rekey(Project, true)))
    }

    /// Which key it is that a node gives: its own; or, without that rule, the one that its author had
    /// ready.
    fn key(&self, node: &Node) -> Node {
        if self.keeps(ClientRule::FreshKeys) {
            return node.clone();
        }
        let by = |it: &Move| it.client().map(|client| CLIENTS[client]);
        let author = node.last().and_then(by);
        let made = (1..node.len())
            .filter(|at| node.get(at - 1).and_then(by) == author)
            .filter(|at| self.rekeys(&node[..*at].to_vec()))
            .count();
        let step = if author == Some(Who::Founder) { Move::Rekey } else { Move::ManagerRekeys };
        vec![step; made + 1]
    }

    /// Who derives the key of each node that gives one.
    fn knowers(&self, world: &World) -> BTreeMap<Node, BTreeSet<Key>> {
        let mut known: BTreeMap<Node, BTreeSet<Key>> = BTreeMap::new();
        let rekeys: Vec<&Node> = world.signed.iter().filter(|node| self.rekeys(node)).collect();
        for node in &rekeys {
            known.entry(self.key(node)).or_default().extend(self.team_holders(node));
        }
        for node in self.shown(world) {
            if let Some(given) = self.key_of(&node) {
                known.entry(self.key(&given)).or_default().extend(self.team_holders(&node));
            }
        }
        // Longer ones first: backlinks lead from there to the shorter.
        for node in rekeys.iter().rev() {
            let before = self.key_of(&node[..node.len() - 1].to_vec());
            let later = known.get(&self.key(node)).cloned().unwrap_or_default();
            if let Some(before) = before {
                known.entry(self.key(&before)).or_default().extend(later);
            }
        }
        known
    }

    /// The states at which honest clients have brought wraps to whoever is a holder there.
    fn shown(&self, world: &World) -> BTreeSet<Node> {
        let early = world.candidates.iter().flatten();
        let early = early.filter(|_| !self.keeps(ClientRule::Acknowledged));
        let ends = world.pins.iter().chain(early);
        ends.flat_map(|end| (0..=end.len()).map(|at| end[..at].to_vec())).collect()
    }

    /// No key is derivable by whoever had lost the vault where it was made.
    fn keeps_losers_out(&self, world: &World) -> bool {
        let known = self.knowers(world);
        world.signed.iter().filter(|node| self.rekeys(node)).all(|node| {
            let knows = known.get(&self.key(node)).cloned().unwrap_or_default();
            let ever: BTreeSet<Key> =
                (0..node.len()).flat_map(|at| self.team_holders(&node[..at].to_vec())).collect();
            let lost: BTreeSet<Key> = &ever - &self.team_holders(node);
            lost.is_disjoint(&knows) && !knows.contains(&Key::Leaver)
        })
    }

    /// Whoever derives a key is a holder where it was made, where a later one was, or by what a client
    /// has pinned.
    fn gives_by_the_log(&self, world: &World) -> bool {
        let pinned: BTreeSet<Node> = world
            .pins
            .iter()
            .flat_map(|end| (0..=end.len()).map(|at| end[..at].to_vec()))
            .collect();
        let known = self.knowers(world);
        world.signed.iter().filter(|node| self.rekeys(node)).all(|node| {
            let knows = known.get(&self.key(node)).cloned().unwrap_or_default();
            let later = world.signed.iter().filter(|it| self.rekeys(it) || pinned.contains(*it));
            let mut may = self.team_holders(node);
            may.extend(
                later.filter(|it| it.starts_with(node)).flat_map(|it| self.team_holders(it)),
            );
            knows.is_subset(&may)
        })
    }
}

impl Model for Forks {
    type State = World;
    type Action = Happens;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            signed: BTreeSet::new(),
            pins: Default::default(),
            candidates: [None, None],
            moved_back: false,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Happens>) {
        let mut happens = |what: String, next: World| actions.push(Happens(what, next));
        for step in MOVES.into_iter().filter(|_| world.signed.len() < self.entries) {
            let places: Vec<Node> = match step.client() {
                // An honest client signs at its pin, and nothing while it waits for an answer.
                Some(client) if world.candidates[client].is_none() => {
                    vec![world.pins[client].clone()]
                }
                Some(_) => vec![],
                None => world.signed.iter().cloned().chain([Node::new()]).collect(),
            };
            for place in places {
                let node = [place, vec![step]].concat();
                if self.at(&node).is_none() || world.signed.contains(&node) {
                    continue;
                }
                let mut next = world.clone();
                next.signed.insert(node.clone());
                if let Some(client) = step.client() {
                    next.candidates[client] = Some(node.clone());
                }
                happens(format!("{node:?} is signed"), next);
            }
        }
        for (client, name) in CLIENTS.into_iter().enumerate() {
            for node in &world.signed {
                let pin = &world.pins[client];
                // Who keeps no pin reads each log from its beginning.
                let from = if self.keeps(ClientRule::Pin) { pin } else { &Node::new() };
                if node == pin || !self.takes(from, node) {
                    continue;
                }
                let mut next = world.clone();
                next.moved_back |= !node.starts_with(pin);
                next.pins[client] = node.clone();
                // Acknowledged, or lost to another.
                next.candidates[client] = None;
                happens(format!("{name:?} is shown {node:?}"), next);
            }
        }
    }

    fn next_state(&self, _: &World, Happens(_, next): Happens) -> Option<World> {
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(PIN, |_, world: &World| !world.moved_back),
            Property::always(LOST, |model: &Forks, world: &World| model.keeps_losers_out(world)),
            Property::always(GIVEN, |model: &Forks, world: &World| model.gives_by_the_log(world)),
            Property::sometimes("the clients are on two forks", |_, world: &World| {
                let [one, other] = &world.pins;
                !one.starts_with(other) && !other.starts_with(one)
            }),
            Property::sometimes(
                "one has seen a removal, and the other has not",
                |_, world: &World| {
                    let [one, other] = world.pins.each_ref().map(|pin| pin.contains(&Move::Remove));
                    one != other
                },
            ),
            Property::sometimes(
                "an outsider is let in on one fork alone",
                |model: &Forks, world: &World| {
                    let [one, other] = world
                        .pins
                        .each_ref()
                        .map(|pin| model.team_holders(pin).contains(&Key::Thief));
                    one != other && world.pins.iter().all(|pin| !pin.is_empty())
                },
            ),
        ]
    }
}

/// What a pin is promised to do.
pub const PIN: &str = "5: a pin only moves along an extension of it";
/// What who lost a vault is promised not to have.
pub const LOST: &str = "4: on no fork is a key made after a loss derivable by the loser";
/// What wraps are promised to go by.
pub const GIVEN: &str = "3: on no fork does anybody receive a key but by a pinned entry";
