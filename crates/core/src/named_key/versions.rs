//! A named key's versions: what a vault keeps of it, sealed.

use minicbor::{Decoder, Encode};
use subrosa_wire::encoding::Read;
use subrosa_wire::log::KeyVersion;
use zeroize::{Zeroize, Zeroizing};

use crate::envelope::{Kind, Sealable, SealingKey};
use crate::randomness::{Randomness, draw};

/// The most versions that a key has at a time.
pub const MAX_VERSIONS: usize = 1024;

/// Array, number, 32 bytes, number, time: each with its head, at their longest.
const LONGEST_VERSION: usize = 1 + 5 + 34 + 5 + 9;

/// All versions of a named key that are not trimmed, numbered without a gap. No `Debug`: these are
/// keys.
#[derive(Clone)]
pub struct KeyVersions(Vec<Version>);

#[derive(Clone, Encode)]
struct Version {
    #[n(0)]
    number: u32,
    #[cbor(n(1), with = "minicbor::bytes")]
    bytes: [u8; 32],
    #[n(2)]
    made_under: KeyVersion,
    #[n(3)]
    time: u64,
}

/// What may be shown of a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VersionInfo {
    /// Its number: 1 for the first, one more for each rotation.
    pub number: u32,
    /// The version of the vault's key when it was made: who lost the vault before that never had it.
    pub made_under: KeyVersion,
    /// When, by its maker's clock, in milliseconds since 1970.
    pub time: u64,
}

/// A key that has as many versions as there may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this key has {MAX_VERSIONS} versions: trim old ones, then rotate it")]
pub struct Full;

/// A trim that would have left a key without the version that it encrypts with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the newest version is {newest}, and stays: trim below {newest} at the most")]
pub struct NothingLeft {
    /// The newest version.
    pub newest: u32,
}

impl Drop for Version {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Version {
    fn draw(number: u32, made_under: KeyVersion, time: u64, rng: Randomness<'_>) -> Self {
        Version { number, bytes: draw(rng), made_under, time }
    }

    fn info(&self) -> VersionInfo {
        VersionInfo { number: self.number, made_under: self.made_under, time: self.time }
    }
}

impl KeyVersions {
    /// A new key, of one version. `made_under` is the current version of the vault's key.
    #[must_use]
    pub fn first(made_under: KeyVersion, time: u64, rng: Randomness<'_>) -> Self {
        KeyVersions(vec![Version::draw(1, made_under, time, rng)])
    }

    /// The same key with a newer version.
    ///
    /// # Errors
    /// [`Full`].
    pub fn rotated(
        &self,
        made_under: KeyVersion,
        time: u64,
        rng: Randomness<'_>,
    ) -> Result<Self, Full> {
        let next = self.newest().number.checked_add(1).ok_or(Full)?;
        if self.0.len() >= MAX_VERSIONS {
            return Err(Full);
        }
        // With its room from the start: a list that grew would leave the keys behind in memory.
        let mut versions = Vec::with_capacity(self.0.len() + 1);
        versions.extend_from_slice(&self.0);
        versions.push(Version::draw(next, made_under, time, rng));
        Ok(KeyVersions(versions))
    }

    /// The same key without the versions below `below`: what they encrypted never opens again.
    ///
    /// # Errors
    /// [`NothingLeft`].
    pub fn trimmed(&self, below: u32) -> Result<Self, NothingLeft> {
        let newest = self.newest().number;
        if below > newest {
            return Err(NothingLeft { newest });
        }
        let kept = self.0.partition_point(|version| version.number < below);
        Ok(KeyVersions(self.0[kept..].to_vec()))
    }

    /// The version that encrypts.
    #[must_use]
    pub fn newest(&self) -> VersionInfo {
        self.0[self.0.len() - 1].info()
    }

    /// The oldest version that is not trimmed.
    #[must_use]
    pub fn oldest(&self) -> VersionInfo {
        self.0[0].info()
    }

    /// All versions, ascending.
    pub fn versions(&self) -> impl ExactSizeIterator<Item = VersionInfo> {
        self.0.iter().map(Version::info)
    }

    /// A version and its key; `None` if it is not, or no longer, among these.
    pub(super) fn get(&self, number: u32) -> Option<(VersionInfo, SealingKey)> {
        let at = number.checked_sub(self.oldest().number)?;
        let version = self.0.get(at as usize)?;
        Some((version.info(), SealingKey::new(&version.bytes)))
    }
}

impl Sealable for KeyVersions {
    const KIND: Kind = Kind::NamedKey;

    fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        // With its room from the start, as above.
        let room = 3 + self.0.len() * LONGEST_VERSION;
        let mut plaintext = Zeroizing::new(Vec::with_capacity(room));
        // Writing into a Vec cannot fail, and derived encoders have no errors of their own.
        let written = minicbor::encode(&self.0, &mut *plaintext);
        debug_assert!(written.is_ok() && plaintext.len() <= room);
        plaintext
    }

    /// As strict as `decode_strict`, but what it encodes anew to compare is wiped.
    fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
        let mut decoder = Decoder::new(&plaintext);
        let count = usize::try_from(decoder.array().ok()??).ok()?;
        if !(1..=MAX_VERSIONS).contains(&count) {
            return None;
        }
        let mut versions = Vec::<Version>::with_capacity(count);
        for _ in 0..count {
            let version = Version::read(&mut decoder)?;
            let expected = match versions.last() {
                Some(before) => before.number.checked_add(1)?,
                None => version.number.max(1),
            };
            if version.number != expected {
                return None;
            }
            versions.push(version);
        }
        let read = KeyVersions(versions);
        (*read.to_plaintext() == *plaintext).then_some(read)
    }
}

subrosa_wire::decode_fields! {
    Version { number, bytes, made_under, time }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(4)
    }

    fn of_three() -> KeyVersions {
        let mut rng = rng();
        let first = KeyVersions::first(1, 10, &mut rng);
        first.rotated(1, 20, &mut rng).unwrap().rotated(5, 30, &mut rng).unwrap()
    }

    fn numbers(key: &KeyVersions) -> Vec<u32> {
        key.versions().map(|version| version.number).collect()
    }

    #[test]
    fn a_rotation_adds_a_version_and_leaves_the_others_as_they_are() {
        let key = of_three();
        assert_eq!(key.newest(), VersionInfo { number: 3, made_under: 5, time: 30 });
        assert_eq!(key.oldest(), VersionInfo { number: 1, made_under: 1, time: 10 });
        let more = key.rotated(6, 40, &mut ChaCha20Rng::seed_from_u64(5)).unwrap();
        assert_eq!(numbers(&more), [1, 2, 3, 4]);
        for (before, after) in key.0.iter().zip(&more.0) {
            assert_eq!((before.bytes, before.info()), (after.bytes, after.info()));
        }
        assert!(!key.0.iter().any(|before| before.bytes == more.0[3].bytes));
    }

    #[test]
    fn a_trim_takes_the_oldest_and_never_the_newest() {
        let key = of_three();
        for (below, left) in [(0, &[1, 2, 3][..]), (1, &[1, 2, 3]), (2, &[2, 3]), (3, &[3])] {
            assert_eq!(numbers(&key.trimmed(below).unwrap()), left);
        }
        for below in [4, u32::MAX] {
            assert_eq!(key.trimmed(below).err(), Some(NothingLeft { newest: 3 }));
        }
        let last = key.trimmed(3).unwrap();
        assert_eq!(numbers(&last.trimmed(1).unwrap()), [3], "again, it takes nothing");
        assert_eq!(numbers(&last.rotated(5, 40, &mut rng()).unwrap()), [3, 4]);
        assert_eq!(last.get(3).map(|(info, _)| info), Some(key.newest()));
        assert!([0, 1, 2, 4].iter().all(|gone| last.get(*gone).is_none()));
    }

    #[test]
    fn a_full_key_is_rotated_once_it_is_trimmed() {
        let (mut key, mut rng) = (KeyVersions::first(1, 0, &mut rng()), rng());
        for _ in 1..MAX_VERSIONS {
            key = key.rotated(u32::MAX, u64::MAX, &mut rng).unwrap();
        }
        assert_eq!(key.rotated(1, 0, &mut rng).err(), Some(Full));
        let plaintext = key.to_plaintext();
        let read = KeyVersions::from_plaintext(plaintext.clone()).unwrap();
        assert_eq!(*read.to_plaintext(), *plaintext);
        let room = key.trimmed(2).unwrap().rotated(1, 0, &mut rng).unwrap();
        assert_eq!((room.oldest().number, room.newest().number), (2, 1025));

        let last = Version { number: u32::MAX, ..key.0[0].clone() };
        assert_eq!(KeyVersions(vec![last]).rotated(1, 0, &mut rng).err(), Some(Full));
    }

    #[test]
    fn a_key_is_written_into_the_room_that_it_was_given() {
        let key = of_three();
        let plaintext = key.to_plaintext();
        assert_eq!(plaintext.capacity(), 3 + 3 * LONGEST_VERSION);
        let read = KeyVersions::from_plaintext(plaintext.clone()).unwrap();
        assert_eq!(read.0.capacity(), 3);
        assert_eq!(*read.to_plaintext(), *plaintext);
    }
}
