//! What a person keeps: the Secret Key, the root key, and the emergency kit around them.

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
const ROOT_KEY: &str = "srk1_";
const KIT: &str = "subrosa-kit:1:";
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

/// The root's seed, and what a device needs that has nothing else.
#[derive(Clone)]
pub struct RootKey {
    seed: Zeroizing<[u8; 32]>,
    /// The team.
    pub team: TeamId,
    /// A place that the team's log must contain: where it ended when the key was made.
    pub checkpoint: Head,
}

impl RootKey {
    /// The root key of a seed.
    #[must_use]
    pub fn new(seed: Zeroizing<[u8; 32]>, team: TeamId, checkpoint: Head) -> Self {
        RootKey { seed, team, checkpoint }
    }

    /// A fresh one.
    #[must_use]
    pub fn generate(team: TeamId, checkpoint: Head, rng: Randomness<'_>) -> Self {
        RootKey::new(Zeroizing::new(draw(rng)), team, checkpoint)
    }

    /// The seed, for what keeps it sealed.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The root's keys.
    ///
    /// # Errors
    /// [`BadSeed`].
    pub fn keyset(&self) -> Result<Keyset, BadSeed> {
        Keyset::from_seed(self.seed.clone())
    }

    /// `srk1_…`, with a checksum at the end.
    #[must_use]
    pub fn print(&self) -> Zeroizing<String> {
        print_seed(ROOT_KEY, &self.seed, self.team, self.checkpoint)
    }

    /// The root key that was typed. Case, blanks and dashes do not matter.
    ///
    /// # Errors
    /// [`Mistyped`].
    pub fn read(text: &str) -> Result<Self, Mistyped> {
        let (seed, team, checkpoint) = read_seed(ROOT_KEY, text)?;
        Ok(RootKey { seed, team, checkpoint })
    }
}

/// A seed for one team, in one text with what a device needs that has nothing else.
pub(crate) fn print_seed(
    prefix: &'static str,
    seed: &[u8; 32],
    team: TeamId,
    checkpoint: Head,
) -> Zeroizing<String> {
    let seq = checkpoint.seq.to_be_bytes();
    let parts = [&seed[..], &team.0.0, &seq, &checkpoint.hash.0];
    typed_key::write(prefix, &Zeroizing::new(parts.concat()))
}

/// What [`print_seed`] wrote. Case, blanks and dashes do not matter.
pub(crate) fn read_seed(
    prefix: &'static str,
    text: &str,
) -> Result<(Zeroizing<[u8; 32]>, TeamId, Head), Mistyped> {
    let payload = typed_key::read::<104>(prefix, text)?;
    let part = |from: usize| {
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(&payload[from..from + 32]);
        bytes
    };
    let mut seq = [0; 8];
    seq.copy_from_slice(&payload[64..72]);
    let checkpoint = Head { seq: u64::from_be_bytes(seq), hash: Hash(*part(72)) };
    Ok((part(0), TeamId(Hash(*part(32))), checkpoint))
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
    /// `subrosa-kit:1:SECRETKEY|SERVER|TEAM|SEQ:HASH|CHECK`.
    #[must_use]
    pub fn line(&self) -> Zeroizing<String> {
        let body = Zeroizing::new(format!(
            "{KIT}{}|{}|{}|{}",
            *self.secret_key.print(),
            self.server,
            self.team,
            print_checkpoint(self.checkpoint),
        ));
        Zeroizing::new(format!("{}|{}", *body, check(&body)))
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
        Ok(TypedKit { secret_key, team: None, checkpoint })
    }
}

fn check(body: &str) -> String {
    let hash = Hash::of(&Zeroizing::new(subrosa_wire::label::Label::Checksum.tag(body.as_bytes())));
    format!("{:.8}", hash.to_string())
}

fn read_line(line: &str) -> Result<TypedKit, BadKit> {
    let (body, sum) = line.rsplit_once('|').ok_or(BadKit::Line)?;
    let mut parts = split(body, KIT.len()).1.split('|');
    let [Some(secret_key), Some(_server), Some(team), Some(checkpoint), None] =
        [parts.next(), parts.next(), parts.next(), parts.next(), parts.next()]
    else {
        return Err(BadKit::Line);
    };
    let secret_key = SecretKey::read(secret_key)?;
    if check(body) != sum {
        return Err(BadKit::Line);
    }
    let team = team.parse().map_err(|_| BadKit::Line)?;
    let checkpoint = read_checkpoint(checkpoint).ok_or(BadKit::Checkpoint)?;
    Ok(TypedKit { secret_key, team: Some(team), checkpoint })
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
