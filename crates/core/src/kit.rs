//! What a person keeps: the Secret Key, the root key, and the emergency kit around them.

use core::marker::PhantomData;

use subrosa_wire::id::{Hash, TeamId};
use subrosa_wire::log::Head;
use zeroize::Zeroizing;

use crate::keyset::{BadSeed, Keyset};
use crate::randomness::{Randomness, draw};
use crate::typed_key;
use crate::unicode::{self, split};

pub use crate::typed_key::Mistyped;

const SECRET_KEY: &str = "SR1-";
/// Its beginning, however its groups are typed apart.
const MARK: &str = "SR1";
const KIT: &str = "subrosa-kit:1:";
/// The most teams in a kit: a device keeps a place for each.
pub const MAX_TEAMS: usize = 64;
/// Characters in one group of a printed Secret Key.
const GROUP: usize = 4;

/// 128 random bits kept on the device and in the kit: without them a password is useless.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; 16]>);

impl SecretKey {
    /// A fresh one.
    #[must_use]
    pub fn generate(rng: Randomness<'_>) -> Self {
        SecretKey(Zeroizing::new(draw(rng)))
    }

    /// From its bytes, as a device keeps them.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        SecretKey(Zeroizing::new(bytes))
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// `SR1-XXXX-…`: base32 in groups of four, a checksum in the last.
    #[must_use]
    pub fn print(&self) -> Zeroizing<String> {
        let flat = typed_key::write(SECRET_KEY, &*self.0);
        let mut text = Zeroizing::new(String::with_capacity(flat.len() * 2));
        text.push_str(SECRET_KEY);
        for (at, digit) in split(&flat, SECRET_KEY.len()).1.chars().enumerate() {
            if at > 0 && at % GROUP == 0 {
                text.push('-');
            }
            text.push(digit);
        }
        text
    }

    /// The Secret Key that was typed. Case, blanks and dashes do not matter.
    ///
    /// # Errors
    /// [`Mistyped`].
    pub fn read(text: &str) -> Result<Self, Mistyped> {
        typed_key::read(SECRET_KEY, text).map(SecretKey)
    }
}

/// Whose seed a [`TeamSeed`] is.
pub trait SeedKind {
    /// What it begins with where it is printed.
    const PREFIX: &'static str;
}

/// Whose seed yields a member's keys.
pub trait MemberKind: SeedKind {}

/// A seed for one team, with what a device needs that has nothing else. It is one text.
#[derive(Clone)]
pub struct TeamSeed<K> {
    seed: Zeroizing<[u8; 32]>,
    /// The team.
    pub team: TeamId,
    /// A place that the team's log must contain: where it ended when the seed was drawn.
    pub checkpoint: Head,
    kind: PhantomData<K>,
}

/// The root's.
#[derive(Clone)]
pub struct Root;

/// The root's seed.
pub type RootKey = TeamSeed<Root>;

impl SeedKind for Root {
    const PREFIX: &'static str = "srk1_";
}

impl MemberKind for Root {}

impl<K: SeedKind> TeamSeed<K> {
    /// That of a seed.
    #[must_use]
    pub fn new(seed: Zeroizing<[u8; 32]>, team: TeamId, checkpoint: Head) -> Self {
        TeamSeed { seed, team, checkpoint, kind: PhantomData }
    }

    /// A fresh one.
    #[must_use]
    pub fn generate(team: TeamId, checkpoint: Head, rng: Randomness<'_>) -> Self {
        TeamSeed::new(Zeroizing::new(draw(rng)), team, checkpoint)
    }

    /// The seed, for what keeps it sealed.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// Its prefix, and base32 with a checksum at the end.
    #[must_use]
    pub fn print(&self) -> Zeroizing<String> {
        let seq = self.checkpoint.seq.to_be_bytes();
        let parts = [&self.seed[..], &self.team.0.0, &seq, &self.checkpoint.hash.0];
        typed_key::write(K::PREFIX, &Zeroizing::new(parts.concat()))
    }

    /// The one that was typed. Case, blanks and dashes do not matter.
    ///
    /// # Errors
    /// [`Mistyped`].
    pub fn read(text: &str) -> Result<Self, Mistyped> {
        let payload = typed_key::read::<104>(K::PREFIX, text)?;
        let part = |from: usize| {
            let mut bytes = Zeroizing::new([0; 32]);
            bytes.copy_from_slice(&payload[from..from + 32]);
            bytes
        };
        let mut seq = [0; 8];
        seq.copy_from_slice(&payload[64..72]);
        let checkpoint = Head { seq: u64::from_be_bytes(seq), hash: Hash(*part(72)) };
        Ok(TeamSeed::new(part(0), TeamId(Hash(*part(32))), checkpoint))
    }
}

impl<K: MemberKind> TeamSeed<K> {
    /// The member's keys.
    ///
    /// # Errors
    /// [`BadSeed`].
    pub fn keyset(&self) -> Result<Keyset, BadSeed> {
        Keyset::from_seed(self.seed.clone())
    }
}

/// What a new device needs, the password aside.
pub struct Kit {
    /// The account's Secret Key.
    pub secret_key: SecretKey,
    /// The server's origin.
    pub server: String,
    /// The team.
    pub team: TeamId,
    /// A place that the team's log must contain.
    pub checkpoint: Head,
    /// The same of the account's other teams: none in a kit that is printed when it is made.
    pub others: Vec<(TeamId, Head)>,
}

/// A kit that can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadKit {
    /// No Secret Key in it, or a mistyped one.
    #[error("the Secret Key: {0}")]
    SecretKey(#[from] Mistyped),
    /// No checkpoint of the form `SEQ:HASH`.
    #[error("the checkpoint, a number and 64 hexadecimal digits with a colon between, is missing")]
    Checkpoint,
    /// The kit's own line was altered or cut.
    #[error("the kit's line is cut or altered")]
    Line,
}

/// What of a kit a person typed or pasted.
pub struct TypedKit {
    /// The account's Secret Key.
    pub secret_key: SecretKey,
    /// The team, where the kit's line was there whole.
    pub team: Option<TeamId>,
    /// A place that the team's log must contain.
    pub checkpoint: Head,
    /// The same of the account's other teams.
    pub others: Vec<(TeamId, Head)>,
}

/// `SEQ:HASH`.
#[must_use]
pub fn print_checkpoint(head: Head) -> String {
    format!("{}:{}", head.seq, head.hash)
}

/// What [`print_checkpoint`] wrote; the hash's digits may be upper case.
#[must_use]
pub fn read_checkpoint(text: &str) -> Option<Head> {
    let (seq, hash) = text.split_once(':')?;
    let head = Head { seq: seq.parse().ok()?, hash: hash.to_ascii_lowercase().parse().ok()? };
    // One spelling: no sign and no leading zeros.
    (head.seq.to_string() == seq).then_some(head)
}

impl Kit {
    /// One line for the file and the QR code:
    /// `subrosa-kit:1:SECRETKEY|SERVER|TEAM|SEQ:HASH|CHECK`; other teams follow as the first.
    #[must_use]
    pub fn line(&self) -> Zeroizing<String> {
        let all = [(self.team, self.checkpoint)];
        let all = all.iter().chain(&self.others);
        let places: String =
            all.map(|(team, place)| format!("|{team}|{}", print_checkpoint(*place))).collect();
        // In one piece each: what grows leaves copies behind.
        let body = [KIT, &self.secret_key.print(), "|", &self.server, &places].concat();
        let body = Zeroizing::new(body);
        Zeroizing::new([&*body, "|", &check(&body)].concat())
    }

    /// The kit as a person's text brings it: with its line, or Secret Key and checkpoint as typed.
    ///
    /// # Errors
    /// [`BadKit`], which names the part that is missing or mistyped.
    pub fn read(text: &str) -> Result<TypedKit, BadKit> {
        if let Some(line) = text.lines().map(str::trim).find(|line| line.starts_with(KIT)) {
            return read_line(line);
        }
        // As typed: the Secret Key may be in groups with blanks between, so it is what is left of
        // the text without the checkpoint.
        let is_checkpoint = |word: &&str| read_checkpoint(word).is_some();
        let checkpoint = text.split_whitespace().find(is_checkpoint);
        let rest: Zeroizing<String> =
            Zeroizing::new(text.split_whitespace().filter(|word| !is_checkpoint(word)).collect());
        let upper = Zeroizing::new(rest.to_ascii_uppercase());
        let begins = unicode::find(&upper, MARK).unwrap_or(0);
        let secret_key = SecretKey::read(split(&rest, begins).1)?;
        let checkpoint = checkpoint.and_then(read_checkpoint).ok_or(BadKit::Checkpoint)?;
        Ok(TypedKit { secret_key, team: None, checkpoint, others: Vec::new() })
    }
}

fn check(body: &str) -> String {
    let hash = Hash::of(&Zeroizing::new(subrosa_wire::label::Label::Checksum.tag(body.as_bytes())));
    format!("{:.8}", hash.to_string())
}

fn read_line(line: &str) -> Result<TypedKit, BadKit> {
    let (body, sum) = line.rsplit_once('|').ok_or(BadKit::Line)?;
    let mut parts = split(body, KIT.len()).1.split('|');
    let [Some(secret_key), Some(_server)] = [parts.next(), parts.next()] else {
        return Err(BadKit::Line);
    };
    let secret_key = SecretKey::read(secret_key)?;
    if check(body) != sum {
        return Err(BadKit::Line);
    }
    let mut places = Vec::new();
    while let Some(team) = parts.next() {
        let team = team.parse().map_err(|_| BadKit::Line)?;
        let checkpoint = parts.next().and_then(read_checkpoint).ok_or(BadKit::Checkpoint)?;
        places.push((team, checkpoint));
    }
    if !(1..=MAX_TEAMS).contains(&places.len()) {
        return Err(BadKit::Line);
    }
    let (team, checkpoint) = places.remove(0);
    Ok(TypedKit { secret_key, team: Some(team), checkpoint, others: places })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kit() -> Kit {
        Kit {
            secret_key: SecretKey::from_bytes([5; 16]),
            server: "https://secrets.example".into(),
            team: TeamId(Hash::of(b"team")),
            checkpoint: Head { seq: 1, hash: Hash::of(b"head") },
            others: Vec::new(),
        }
    }

    #[test]
    fn a_kit_reads_back_from_its_line_and_as_typed() {
        let kit = kit();
        let file = format!("Emergency kit\n\n{}\n", *kit.line());
        let typed = format!("{}\n{}", *kit.secret_key.print(), print_checkpoint(kit.checkpoint));
        let spaced = format!(
            "{} {}",
            kit.secret_key.print().replace('-', " ").replacen(' ', "-", 1).to_lowercase(),
            print_checkpoint(kit.checkpoint)
        );
        for (text, team) in [(file, Some(kit.team)), (typed, None), (spaced, None)] {
            let read = Kit::read(&text).unwrap();
            assert_eq!(read.secret_key.bytes(), kit.secret_key.bytes());
            assert_eq!((read.team, read.checkpoint), (team, kit.checkpoint));
        }
    }

    #[test]
    fn a_kit_of_several_teams_reads_back() {
        let head = |seq| Head { seq, hash: Hash::of(&[seq as u8]) };
        let others = vec![(TeamId(Hash([2; 32])), head(2)), (TeamId(Hash([3; 32])), head(3))];
        let kit = Kit { others: others.clone(), ..kit() };
        let read = Kit::read(&kit.line()).unwrap();
        assert_eq!((read.team, read.checkpoint), (Some(kit.team), kit.checkpoint));
        assert_eq!(read.others, others);
        let many = vec![others[0]; MAX_TEAMS];
        let many = Kit {
            secret_key: kit.secret_key.clone(),
            server: kit.server.clone(),
            others: many,
            ..kit
        };
        assert_eq!(Kit::read(&many.line()).err(), Some(BadKit::Line), "more than a device keeps");
        let line = kit.line();
        let cut = line.rsplitn(3, '|').nth(2).unwrap();
        let half = format!("{cut}|{}", check(cut));
        assert_eq!(Kit::read(&half).err(), Some(BadKit::Checkpoint), "a team without its place");
    }

    #[test]
    fn what_is_wrong_with_a_kit_is_named() {
        let kit = kit();
        let secret_key = kit.secret_key.print();
        assert_eq!(Kit::read(&secret_key).err(), Some(BadKit::Checkpoint));
        let line = kit.line();
        let altered = line.replace("secrets.example", "evil.example");
        assert_eq!(Kit::read(&altered).err(), Some(BadKit::Line));
        assert_eq!(Kit::read(&line[..line.len() - 1]).err(), Some(BadKit::Line));
        assert!(matches!(Kit::read("").err(), Some(BadKit::SecretKey(Mistyped::Prefix(_)))));
    }

    #[test]
    fn a_root_key_reads_back() {
        let team = TeamId(Hash::of(b"team"));
        let head = Head { seq: 1, hash: Hash::of(b"head") };
        let printed = RootKey::new([9; 32].into(), team, head).print();
        let read = RootKey::read(&printed).unwrap();
        assert_eq!((*read.seed, read.team, read.checkpoint), ([9; 32], team, head));
    }
}
