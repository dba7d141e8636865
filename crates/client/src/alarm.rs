//! Alarms: what shows that the server, or somebody else, has another history of a team than this
//! device has verified (client rule 6). An alarm outlives locks and restarts; it ends when somebody
//! clears it, and what raised it never raises one again. With it is kept whose keys were compared here.

use minicbor::{Decoder, Encode};
use subrosa_core::kit::print_checkpoint;
use subrosa_wire::encoding::{Canonical, Read, decode_strict, encode};
use subrosa_wire::id::{Hash, MemberId, TeamId};
use subrosa_wire::log::{Head, SignedEntry};

use crate::error::{Error, Result};
use crate::platform::{CannotStore, Storage, Update};

const RECORD: &str = "alarms";
/// The most signed entries that are kept with an alarm, and their bytes: the first proves it by itself.
const MOST_ENTRIES: usize = 8;
const MOST_BYTES: usize = 256 << 10;
/// What has raised an alarm of a team before; beyond that the oldest is forgotten.
const MOST_SEEN: usize = 64;
/// Places beyond what is known here; beyond that [`Watch::least`] is forgotten.
const MOST_AHEAD: usize = 16;
/// Entries with keys that were compared; beyond that the oldest counts as new again.
const MOST_COMPARED: usize = 256;

/// How a history differs from one's own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode)]
#[cbor(index_only)]
pub enum Differs {
    /// It ends before what this device has seen. Nothing signed is against it.
    #[n(0)]
    Older,
    /// It is said to be another, and no signature proves it.
    #[n(1)]
    Other,
    /// A member has signed on top of a place that is not on one's own log.
    #[n(2)]
    Forked,
}

impl Read for Differs {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        match u8::read(d)? {
            0 => Some(Differs::Older),
            1 => Some(Differs::Other),
            2 => Some(Differs::Forked),
            _ => None,
        }
    }
}

/// What shows that there is another history.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Evidence {
    #[n(0)]
    differs: Differs,
    #[n(1)]
    own: Head,
    #[n(2)]
    shown: Head,
    #[n(3)]
    time: u64,
    #[n(4)]
    entries: Vec<SignedEntry>,
}

/// What a device knows of other histories of a team.
#[derive(Clone, Encode)]
pub(crate) struct Watch {
    #[n(0)]
    team: TeamId,
    #[n(1)]
    standing: Option<Evidence>,
    #[n(2)]
    seen: Vec<Hash>,
    #[n(3)]
    ahead: Vec<Ahead>,
    /// Entries that gave somebody other keys are known up to here.
    #[n(4)]
    keys: Option<u64>,
    /// And these, whose keys somebody has compared.
    #[n(5)]
    compared: Vec<Known>,
}

/// A place that somebody else has seen, beyond what is known here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
struct Ahead {
    #[n(0)]
    place: Head,
    /// Whether somebody has typed it.
    #[n(1)]
    typed: bool,
}

/// Keys that a member was given by an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub(crate) struct Known {
    #[n(0)]
    pub(crate) member: MemberId,
    #[n(1)]
    pub(crate) seq: u64,
}

/// What becomes of that.
pub(crate) enum Note {
    /// An alarm is raised, unless this has raised one before.
    Raise(Evidence),
    /// A place that others have seen, beyond what is known here, is kept until the log gets there. What
    /// is at or before `own` was judged already.
    LookOut { own: Head, place: Head, typed: bool },
    /// An alarm is cleared, if it is still the one that this has raised.
    Clear(Hash),
    /// Where no keys are known, all up to this entry are.
    Keys(u64),
    /// These keys were compared.
    Compared(Known),
}

#[derive(Default, Encode)]
#[cbor(transparent)]
struct Watches(#[n(0)] Vec<Watch>);

subrosa_wire::decode_transparent!(Watches);

subrosa_wire::decode_fields! {
    Evidence { differs, own, shown, time, entries }
    Watch { team, standing, seen, ahead, keys, compared }
    Ahead { place, typed }
    Known { member, seq }
}

impl Canonical for Watches {
    const MAX_BYTES: usize = 8 << 20;
}

impl Evidence {
    /// A history that ends at `shown`, before `own`.
    pub(crate) fn older(own: Head, shown: Head, time: u64) -> Self {
        Evidence { differs: Differs::Older, own, shown, time, entries: Vec::new() }
    }

    /// A history that has `shown` and not `own`; with the entry that was shown there, if one was.
    pub(crate) fn other(own: Head, shown: Head, entry: Option<SignedEntry>, time: u64) -> Self {
        Evidence { differs: Differs::Other, own, shown, time, entries: entry.into_iter().collect() }
    }

    /// `entries`, the first of which was signed on top of `shown`.
    pub(crate) fn forked(own: Head, shown: Head, entries: &[SignedEntry], time: u64) -> Self {
        let mut bytes = 0;
        let mut fits = |entry: &&SignedEntry| {
            bytes += encode(*entry).len();
            bytes <= MOST_BYTES
        };
        let (first, more) = entries.split_at(entries.len().min(1));
        let more = more.iter().take(MOST_ENTRIES - 1).take_while(&mut fits);
        let entries = first.iter().chain(more).cloned().collect();
        Evidence { differs: Differs::Forked, own, shown, time, entries }
    }

    /// How the history differs.
    #[must_use]
    pub fn differs(&self) -> Differs {
        self.differs
    }

    /// How far this device had verified its own.
    #[must_use]
    pub fn own(&self) -> Head {
        self.own
    }

    /// A place of the other: where it ends if it is older, what was signed on top of if it is forked.
    #[must_use]
    pub fn shown(&self) -> Head {
        self.shown
    }

    /// When it was found: milliseconds since 1970.
    #[must_use]
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Signed entries of the other history.
    #[must_use]
    pub fn entries(&self) -> &[SignedEntry] {
        &self.entries
    }

    /// Who signed the first of them, and when by its author's clock.
    #[must_use]
    pub fn signed(&self) -> Option<(MemberId, u64)> {
        self.entries.first()?.claim(|entry| (entry.author, entry.time)).ok()
    }

    /// By what it is known again.
    #[must_use]
    pub fn id(&self) -> Hash {
        // What proves nothing by itself never stands for what does, whatever hash it names.
        let (kind, hash) = match (self.differs, self.entries.first()) {
            (Differs::Forked, Some(entry)) => (2, entry.hash()),
            (Differs::Older, _) => (0, self.own.hash),
            _ => (1, self.shown.hash),
        };
        Hash::of(&[&[kind], &hash.0[..]].concat())
    }

    /// As a file, for whoever looks into it (docs/format.md, 'The alarm').
    #[must_use]
    pub fn file(&self, team: TeamId) -> String {
        let differs = match self.differs {
            Differs::Older => "older",
            Differs::Other => "other",
            Differs::Forked => "forked",
        };
        let (own, shown) = (print_checkpoint(self.own), print_checkpoint(self.shown));
        let mut file = format!(
            "subrosa-evidence:1:{team}\n{differs}:{}\nown:{own}\nshown:{shown}\n",
            self.time
        );
        for entry in &self.entries {
            push_hex(&mut file, &encode(entry));
            file.push('\n');
        }
        file
    }
}

/// Writes bytes as lower-case hex.
pub(crate) fn push_hex(text: &mut String, bytes: &[u8]) {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    text.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
}

impl Watch {
    /// What this device knows of other histories of `team`.
    pub(crate) async fn of(storage: &impl Storage, team: TeamId) -> Result<Self> {
        let Watches(mut all) =
            stored(storage.read(RECORD).await?).ok_or(Error::from(CannotStore))?;
        let at = all.iter().position(|watch| watch.team == team);
        Ok(at.map_or_else(|| Watch::new(team), |at| all.swap_remove(at)))
    }

    fn new(team: TeamId) -> Self {
        let (seen, ahead, compared) = (Vec::new(), Vec::new(), Vec::new());
        Watch { team, standing: None, seen, ahead, keys: None, compared }
    }

    /// Whether these keys are known; all are where none were noted.
    pub(crate) fn knows(&self, given: Known) -> bool {
        self.keys.is_none_or(|keys| given.seq <= keys) || self.compared.contains(&given)
    }

    /// Whether it was noted which keys are known.
    pub(crate) fn knows_keys(&self) -> bool {
        self.keys.is_some()
    }

    fn take(&mut self, note: Note) {
        match note {
            Note::Raise(evidence) => self.raise(evidence),
            Note::LookOut { own, place, typed } => {
                let typed = typed || self.ahead.contains(&Ahead { place, typed: true });
                self.ahead.retain(|it| it.place.seq > own.seq && it.place != place);
                self.ahead.push(Ahead { place, typed });
                while self.ahead.len() > MOST_AHEAD {
                    self.ahead.remove(self.least());
                }
            }
            Note::Clear(evidence) => {
                self.standing.take_if(|it| it.id() == evidence);
            }
            Note::Keys(seq) => {
                self.keys.get_or_insert(seq);
            }
            Note::Compared(given) if self.knows(given) => {}
            Note::Compared(given) => push(&mut self.compared, given, MOST_COMPARED),
        }
    }

    /// By what the alarm that stands, if one does, is known.
    pub(crate) fn stands(&self) -> Option<Hash> {
        self.standing.as_ref().map(Evidence::id)
    }

    /// Places that others have seen, beyond what was known here then.
    pub(crate) fn ahead(&self) -> Vec<Head> {
        self.ahead.iter().map(|it| it.place).collect()
    }

    /// Which place is forgotten first: of those that nobody has typed the furthest, for whoever signs on
    /// top of ones that are never reached would fill the list, and nearer ones are judged soon; of those
    /// that somebody has typed the oldest.
    fn least(&self) -> usize {
        let not_typed = self.ahead.iter().enumerate().filter(|(_, it)| !it.typed);
        not_typed.max_by_key(|(_, it)| it.place.seq).map_or(0, |(at, _)| at)
    }

    fn raise(&mut self, evidence: Evidence) {
        self.ahead.retain(|it| it.place != evidence.shown);
        if self.seen.contains(&evidence.id()) {
            return;
        }
        // What proves more takes the place of what proves less. Anything else is not seen by anybody while
        // this stands: it raises its own alarm when it is met again.
        if self.standing.as_ref().is_none_or(|it| it.differs() < evidence.differs()) {
            push(&mut self.seen, evidence.id(), MOST_SEEN);
            self.standing = Some(evidence);
        }
    }
}

fn push<T>(list: &mut Vec<T>, item: T, most: usize) {
    let surplus = (list.len() + 1).saturating_sub(most);
    list.drain(..surplus);
    list.push(item);
}

fn stored(bytes: Option<Vec<u8>>) -> Option<Watches> {
    match bytes {
        None => Some(Watches::default()),
        Some(bytes) => decode_strict(&bytes).ok(),
    }
}

/// Notes something of a team; yields by what the alarm is known that stands then, if one does.
pub(crate) async fn note(storage: &impl Storage, team: TeamId, note: Note) -> Result<Option<Hash>> {
    let mut stands = None;
    let change = |bytes| {
        // One that is damaged is not written over: it may have held an alarm.
        let Some(Watches(mut all)) = stored(bytes) else { return Update::Keep };
        let at = all.iter().position(|watch| watch.team == team).unwrap_or_else(|| {
            all.push(Watch::new(team));
            all.len() - 1
        });
        let Some(watch) = all.get_mut(at) else { return Update::Keep };
        watch.take(note);
        stands = Some(watch.stands());
        let mut all = Watches(all);
        let mut bytes = encode(&all);
        // An alarm stands without what was signed rather than not at all.
        if bytes.len() > Watches::MAX_BYTES {
            all.0
                .iter_mut()
                .filter_map(|it| it.standing.as_mut())
                .for_each(|it| it.entries.clear());
            bytes = encode(&all);
        }
        Update::Put(bytes)
    };
    storage.update(RECORD, change).await?;
    stands.ok_or(Error::Storage(CannotStore))
}

/// Clears a team's alarm, if it is still the one that this evidence has raised; yields whether one
/// stands then.
///
/// # Errors
/// [`Error::Storage`].
pub async fn clear_alarm(storage: &impl Storage, team: TeamId, evidence: Hash) -> Result<bool> {
    Ok(note(storage, team, Note::Clear(evidence)).await?.is_some())
}

/// The alarms that stand on this device.
///
/// # Errors
/// [`Error::Storage`], also for a record that is damaged.
pub async fn alarms(storage: &impl Storage) -> Result<Vec<(TeamId, Evidence)>> {
    let Watches(all) = stored(storage.read(RECORD).await?).ok_or(Error::from(CannotStore))?;
    Ok(all.into_iter().filter_map(|it| Some((it.team, it.standing?))).collect())
}

/// Forgets the record: one that is damaged, for what repairs a device; or any.
pub(crate) async fn forget(storage: &impl Storage, any: bool) -> Result<()> {
    let change =
        |bytes| if !any && stored(bytes).is_some() { Update::Keep } else { Update::Remove };
    Ok(storage.update(RECORD, change).await?)
}
