//! The envelope: how everything is sealed (docs/format.md, 'The envelope').
//!
//! ```text
//! ctx  = canonical(suite, kind, team, vault, object, version, key_version)
//! salt = 32 random bytes
//! ek(32) ‖ nonce(12) ‖ commitment(32) = HKDF-Expand(K, label(seal) ‖ 0 ‖ salt ‖ SHA-256(ctx), 76)
//! sealed = suite ‖ kind ‖ salt ‖ commitment ‖ AES-256-GCM(ek, nonce, aad = ctx, pad(plaintext))
//! ```
//! The key is uniform, so RFC 5869 §3.3 lets extract be left out. A fresh key for each object
//! removes the limit on nonces; the commitment binds the ciphertext to one key and one context.

use core::marker::PhantomData;

use hkdf::Hkdf;
use minicbor::Encode;
use minicbor::bytes::ByteVec;
use sha2::{Digest, Sha256};
use subrosa_wire::SUITE;
use subrosa_wire::encoding::{Canonical, encode};
use subrosa_wire::id::{TeamId, VaultId};
use subrosa_wire::label::Label;
use subrosa_wire::log::KeyVersion;
use subrosa_wire::object::{MAX_PLAINTEXT, MAX_SEALED, ObjectId};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::padding;
use crate::randomness::{Randomness, draw};

const SALT: usize = 32;
const COMMITMENT: usize = 32;
const HEADER: usize = 2 + SALT + COMMITMENT;
const TAG: usize = 16;
/// How much longer a message is once it is sealed, in bytes.
pub(crate) const OVERHEAD: usize = HEADER + TAG;

/// What a sealed object is. One kind never opens as another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// A vault's root page.
    RootPage = 1,
    /// A page of a vault's manifest.
    Page = 2,
    /// A secret's value.
    Value = 3,
    /// A secret's earlier versions.
    History = 4,
    /// An entry's summary.
    Summary = 5,
    /// An account's blob.
    Account = 6,
    /// An entry that a device has signed and not yet seen acknowledged.
    Candidate = 7,
    /// What was typed on a device and not saved.
    Draft = 8,
    /// A vault's key before, under the one after it.
    Backlink = 9,
    /// The versions of a named key.
    NamedKey = 10,
    /// What a named key has encrypted. It is kept elsewhere, and is not padded.
    NamedCiphertext = 11,
    /// A root key that a device has made and that is not in force.
    RootKey = 12,
    /// A member's name in the log.
    Card = 13,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 13] = [
        Kind::RootPage,
        Kind::Page,
        Kind::Value,
        Kind::History,
        Kind::Summary,
        Kind::Account,
        Kind::Candidate,
        Kind::Draft,
        Kind::Backlink,
        Kind::NamedKey,
        Kind::NamedCiphertext,
        Kind::RootKey,
        Kind::Card,
    ];
}

/// Where an object belongs: bound into its ciphertext, together with its kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The team; absent for an account's blob.
    pub team: Option<TeamId>,
    /// The vault; absent for what belongs to no vault.
    pub vault: Option<VaultId>,
    /// The secret's or page's id; the vault's for a root page and a summary; an account's locator; a
    /// draft's name.
    pub object: Vec<u8>,
    /// The object's own version.
    pub version: u64,
    /// The version of the key that seals it; 0 for keys that have none.
    pub key_version: KeyVersion,
}

#[derive(Encode)]
struct Context {
    #[n(0)]
    suite: u8,
    #[n(1)]
    kind: u8,
    #[n(2)]
    team: Option<TeamId>,
    #[n(3)]
    vault: Option<VaultId>,
    #[n(4)]
    object: ByteVec,
    #[n(5)]
    version: u64,
    #[n(6)]
    key_version: KeyVersion,
}

impl Canonical for Context {
    const MAX_BYTES: usize = 256;
}

impl Place {
    fn context(&self, kind: Kind) -> Vec<u8> {
        encode(&Context {
            suite: SUITE,
            kind: kind as u8,
            team: self.team,
            vault: self.vault,
            object: self.object.clone().into(),
            version: self.version,
            key_version: self.key_version,
        })
    }
}

/// A key that seals: 32 uniform bytes, kept as HMAC's midstates.
#[derive(Clone)]
pub struct SealingKey(Hkdf<Sha256>);

impl SealingKey {
    /// The key made of 32 uniform bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        // `from_prk` refuses only keys shorter than a digest; for a key as long as one, extracting
        // is never reached.
        SealingKey(Hkdf::from_prk(bytes).unwrap_or_else(|_| Hkdf::new(None, bytes)))
    }

    fn derive(&self, salt: &[u8], context: &[u8]) -> Derived {
        let mut okm = Zeroizing::new([0; 32 + 12 + COMMITMENT]);
        let digest = Sha256::digest(context);
        // 76 bytes are far below HKDF's limit of 255 blocks.
        let expanded = self.0.expand(&Label::Seal.tag(&[salt, &digest].concat()), &mut *okm);
        debug_assert!(expanded.is_ok());
        Derived(okm)
    }
}

/// `ek ‖ nonce ‖ commitment`.
struct Derived(Zeroizing<[u8; 76]>);

impl Derived {
    fn key(&self) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&self.0[..32]);
        key
    }

    fn nonce(&self) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&self.0[32..44]);
        nonce
    }

    fn commitment(&self) -> &[u8] {
        &self.0[44..]
    }
}

/// It does not open. There is one such error, and it says no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot be opened")]
pub struct CannotOpen;

/// More than [`MAX_PLAINTEXT`] bytes were to be sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("over 1 MiB")]
pub struct TooLong;

/// A value that is sealed, as a kind of its own.
pub trait Sealable: Sized {
    /// Its kind.
    const KIND: Kind;

    /// Its plaintext.
    fn to_plaintext(&self) -> Zeroizing<Vec<u8>>;

    /// The value of a plaintext; `None` if it is none.
    fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self>;
}

/// A `T` that only the right key opens, at the right place.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed<T> {
    bytes: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T: Sealable> Sealed<T> {
    /// Seals `value` for `place`.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn seal(
        value: &T,
        key: &SealingKey,
        place: &Place,
        rng: Randomness<'_>,
    ) -> Result<Self, TooLong> {
        let bytes = seal(key, T::KIND, place, &value.to_plaintext(), rng)?;
        Ok(Sealed { bytes, of: PhantomData })
    }

    /// The value, if `key` sealed it for `place`.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn open(&self, key: &SealingKey, place: &Place) -> Result<T, CannotOpen> {
        Sealed::open_bytes(&self.bytes, key, place)
    }

    /// The value in bytes that claim to be a sealed `T`.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn open_bytes(sealed: &[u8], key: &SealingKey, place: &Place) -> Result<T, CannotOpen> {
        T::from_plaintext(open(key, T::KIND, place, sealed)?).ok_or(CannotOpen)
    }

    /// Bytes that claim to be a sealed `T`.
    #[must_use]
    pub fn claimed(bytes: Vec<u8>) -> Self {
        Sealed { bytes, of: PhantomData }
    }

    /// The object's name.
    #[must_use]
    pub fn id(&self) -> ObjectId {
        ObjectId::of(&self.bytes)
    }

    /// The sealed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The sealed bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

fn seal(
    key: &SealingKey,
    kind: Kind,
    place: &Place,
    plaintext: &[u8],
    rng: Randomness<'_>,
) -> Result<Vec<u8>, TooLong> {
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(TooLong);
    }
    let mut padded = Zeroizing::new(Vec::with_capacity(padding::padded_len(plaintext.len())));
    padded.extend_from_slice(plaintext);
    padding::pad(&mut padded);
    seal_unpadded(key, kind, &place.context(kind), &padded, rng)
}

/// Seals `message` as it is, bound to a context that has its kind in it.
pub(crate) fn seal_unpadded(
    key: &SealingKey,
    kind: Kind,
    context: &[u8],
    message: &[u8],
    rng: Randomness<'_>,
) -> Result<Vec<u8>, TooLong> {
    let salt = draw::<SALT>(rng);
    let derived = key.derive(&salt, context);
    // AES-GCM fails only beyond 64 GiB; callers check the length.
    let ciphertext =
        subrosa_cipher::seal(&derived.key(), &derived.nonce(), context, message).ok_or(TooLong)?;
    let mut sealed = Vec::with_capacity(HEADER + ciphertext.len());
    sealed.extend_from_slice(&[SUITE, kind as u8]);
    sealed.extend_from_slice(&salt);
    sealed.extend_from_slice(derived.commitment());
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

fn open(
    key: &SealingKey,
    kind: Kind,
    place: &Place,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    if sealed.len() < OVERHEAD + padding::MIN || sealed.len() > MAX_SEALED {
        return Err(CannotOpen);
    }
    let mut padded = open_unpadded(key, kind, &place.context(kind), sealed)?;
    let plaintext = padding::unpad(core::mem::take(&mut *padded)).map(Zeroizing::new);
    // The longest padded length has room for more than may be sealed.
    plaintext.filter(|plaintext| plaintext.len() <= MAX_PLAINTEXT).ok_or(CannotOpen)
}

/// The message that [`seal_unpadded`] sealed with this key in this context.
pub(crate) fn open_unpadded(
    key: &SealingKey,
    kind: Kind,
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    let (header, ciphertext) = sealed.split_at_checked(HEADER).ok_or(CannotOpen)?;
    let (suite_and_kind, rest) = header.split_at(2);
    let (salt, commitment) = rest.split_at(SALT);
    if suite_and_kind != [SUITE, kind as u8] {
        return Err(CannotOpen);
    }
    let derived = key.derive(salt, context);
    // Before anything is decrypted: a ciphertext that opens under two keys gets no further.
    if !bool::from(derived.commitment().ct_eq(commitment)) {
        return Err(CannotOpen);
    }
    subrosa_cipher::open(&derived.key(), &derived.nonce(), context, ciphertext)
        .map(Zeroizing::new)
        .ok_or(CannotOpen)
}

subrosa_wire::decode_fields! {
    Context { suite, kind, team, vault, object, version, key_version }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::secret_value::SecretValue;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(7)
    }

    fn place() -> Place {
        Place { team: None, vault: None, object: vec![1; 16], version: 1, key_version: 1 }
    }

    fn sealed() -> Vec<u8> {
        let key = SealingKey::new(&[3; 32]);
        seal(&key, Kind::Value, &place(), b"hunter2", &mut rng()).unwrap()
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let key = SealingKey::new(&[3; 32]);
        let sealed = sealed();
        assert_eq!(&**open(&key, Kind::Value, &place(), &sealed).unwrap(), b"hunter2");
        for bit in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&key, Kind::Value, &place(), &bad).err(), Some(CannotOpen), "{bit}");
        }
    }

    #[test]
    fn every_other_suite_is_refused() {
        for suite in (0..=u8::MAX).filter(|suite| *suite != SUITE) {
            let mut bad = sealed();
            bad[0] = suite;
            let key = SealingKey::new(&[3; 32]);
            assert!(open(&key, Kind::Value, &place(), &bad).is_err());
        }
    }

    #[test]
    fn no_kind_opens_as_another() {
        let key = SealingKey::new(&[3; 32]);
        for made in Kind::ALL {
            let sealed = seal(&key, made, &place(), b"x", &mut rng()).unwrap();
            for read in Kind::ALL {
                assert_eq!(open(&key, read, &place(), &sealed).is_ok(), made == read);
                let mut relabelled = sealed.clone();
                relabelled[1] = read as u8;
                assert_eq!(open(&key, read, &place(), &relabelled).is_ok(), made == read);
            }
        }
    }

    #[test]
    fn every_part_of_the_place_is_bound() {
        let key = SealingKey::new(&[3; 32]);
        let team = TeamId(subrosa_wire::id::Hash::of(b"t"));
        let others = [
            Place { team: Some(team), ..place() },
            Place { vault: Some(VaultId::from_random([1; 16])), ..place() },
            Place { object: vec![2; 16], ..place() },
            Place { version: 2, ..place() },
            Place { key_version: 2, ..place() },
        ];
        for other in others {
            assert!(open(&key, Kind::Value, &other, &sealed()).is_err(), "{other:?}");
        }
        assert!(open(&SealingKey::new(&[4; 32]), Kind::Value, &place(), &sealed()).is_err());
    }

    #[test]
    fn the_same_value_sealed_twice_differs_in_salt_and_all_that_follows() {
        let key = SealingKey::new(&[3; 32]);
        let mut rng = rng();
        let [a, b] = [(); 2].map(|()| seal(&key, Kind::Value, &place(), b"x", &mut rng).unwrap());
        assert_ne!(a[2..34], b[2..34]);
        assert_ne!(a[34..], b[34..]);
    }

    #[test]
    fn limits() {
        let key = SealingKey::new(&[3; 32]);
        let most = vec![7; MAX_PLAINTEXT];
        let sealed = seal(&key, Kind::Value, &place(), &most, &mut rng()).unwrap();
        assert!(sealed.len() <= MAX_SEALED);
        assert_eq!(**open(&key, Kind::Value, &place(), &sealed).unwrap(), most);
        let more = vec![7; MAX_PLAINTEXT + 1];
        assert_eq!(seal(&key, Kind::Value, &place(), &more, &mut rng()), Err(TooLong));
        assert!(open(&key, Kind::Value, &place(), &vec![1; MAX_SEALED + 1]).is_err());
    }

    /// The cap is on what is read, not on what a key's holder may have sealed.
    #[test]
    fn what_is_over_the_cap_does_not_open_though_its_key_sealed_it() {
        let key = SealingKey::new(&[3; 32]);
        let by_hand = |len: usize| {
            let context = place().context(Kind::Value);
            let derived = key.derive(&[5; SALT], &context);
            let mut padded = vec![7; len];
            padding::pad(&mut padded);
            let ciphertext =
                subrosa_cipher::seal(&derived.key(), &derived.nonce(), &context, &padded).unwrap();
            let header = [SUITE, Kind::Value as u8];
            [&header[..], &[5; SALT], derived.commitment(), &ciphertext].concat()
        };
        let opens = |len: usize| open(&key, Kind::Value, &place(), &by_hand(len)).is_ok();
        assert!(opens(MAX_PLAINTEXT));
        assert!(!opens(MAX_PLAINTEXT + 1), "sealed, it is as long as the longest that opens");
        assert!(!opens(MAX_SEALED));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_and_its_length_depends_on_the_bucket_alone(
            bytes in prop::collection::vec(any::<u8>(), 0..3000),
            seed: u64,
        ) {
            let key = SealingKey::new(&[3; 32]);
            let value = SecretValue::new(bytes.clone());
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let sealed = Sealed::seal(&value, &key, &place(), &mut rng).unwrap();
            let expected = HEADER + padding::padded_len(bytes.len()) + TAG;
            prop_assert_eq!(sealed.bytes().len(), expected);
            let opened = sealed.open(&key, &place()).unwrap();
            prop_assert_eq!(opened.expose(), &bytes[..]);
        }
    }
}
