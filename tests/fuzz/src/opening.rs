//! Opening what is sealed: nothing but the one genuine object opens, and what a key's holder seals
//! by hand opens exactly if it is padded rightly and a plaintext of its kind.

use std::sync::LazyLock;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use subrosa_core::envelope::{Place, Sealable, Sealed, SealingKey};
use subrosa_core::keyset::Keyset;
use subrosa_core::manifest::{History, Page, RootPage, Summary, VaultPlaces};
use subrosa_core::named_key::{KeyVersions, NamedKey, NamedKeyId};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::id::{Hash, MemberId, SecretId, TeamId, VaultId};
use subrosa_wire::log::Wrap;
use zeroize::Zeroizing;

use crate::by_hand;
use crate::input::Input;

const KEY: [u8; 32] = [3; 32];
const SALT: [u8; 32] = [4; 32];

fn place() -> Place {
    let places = VaultPlaces { team: TeamId(Hash([1; 32])), vault: VaultId::from_random([2; 16]) };
    let value = subrosa_core::manifest::ValueRef {
        object: subrosa_wire::object::ObjectId(Hash([0; 32])),
        version: 5,
        key_version: 6,
    };
    places.value(SecretId::from_random([7; 16]), &value)
}

/// The context that [`place`] stands for.
fn context(kind: u8) -> Vec<u8> {
    by_hand::array(&[
        by_hand::uint(1),
        by_hand::uint(kind.into()),
        by_hand::bytes(&[1; 32]),
        by_hand::bytes(VaultId::from_random([2; 16]).bytes()),
        by_hand::bytes(SecretId::from_random([7; 16]).bytes()),
        by_hand::uint(5),
        by_hand::uint(6),
    ])
}

/// One input.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    match input.choice(10) {
        8 => a_ciphertext(&String::from_utf8_lossy(input.rest()), b"context"),
        9 => a_ciphertext_altered(&mut input),
        0 => only_the_genuine_opens(input.rest().to_vec()),
        1 => only_the_genuine_opens(altered(genuine(), &mut input)),
        2 => sealed_by_hand::<SecretValue>(input.rest()),
        3 => sealed_by_hand::<RootPage>(input.rest()),
        4 => sealed_by_hand::<Page>(input.rest()),
        5 => sealed_by_hand::<History>(input.rest()),
        6 => sealed_by_hand::<Summary>(input.rest()),
        _ => a_wrap(input.rest()),
    }
}

/// A value of some hundred bytes, so that its padding is not the shortest.
fn genuine() -> Vec<u8> {
    by_hand::seal(&KEY, 3, &context(3), &SALT, &by_hand::pad(&[9; 700]))
}

fn only_the_genuine_opens(sealed: Vec<u8>) {
    let genuine = sealed == genuine();
    let opened = Sealed::<SecretValue>::claimed(sealed).open(&SealingKey::new(&KEY), &place());
    assert_eq!(opened.is_ok(), genuine);
    assert!(opened.is_ok_and(|value| value.expose() == [9; 700]) == genuine);
}

/// Some of its bytes changed, and perhaps its length.
fn altered(mut sealed: Vec<u8>, input: &mut Input<'_>) -> Vec<u8> {
    let cut = u16::from_be_bytes(input.array());
    if cut & 0x8000 != 0 {
        sealed.truncate(usize::from(cut & 0x7fff));
    }
    while !input.is_spent() && !sealed.is_empty() {
        let at = usize::from(u16::from_be_bytes(input.array())) % sealed.len();
        sealed[at] ^= input.byte();
    }
    sealed
}

fn sealed_by_hand<T: Sealable>(padded: &[u8]) {
    let kind = T::KIND as u8;
    let sealed = by_hand::seal(&KEY, kind, &context(kind), &SALT, padded);
    let opened = Sealed::<T>::claimed(sealed).open(&SealingKey::new(&KEY), &place()).ok();
    let marked = &padded[..padded.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1)];
    let plaintext = match marked.split_last() {
        Some((0x80, plaintext)) if by_hand::pad(plaintext) == padded => plaintext,
        _ => return assert!(opened.is_none(), "padded otherwise, and opened"),
    };
    let expected = T::from_plaintext(Zeroizing::new(plaintext.to_vec()));
    assert_eq!(opened.is_some(), expected.is_some());
    if let Some(opened) = opened {
        assert_eq!(*opened.to_plaintext(), plaintext, "not what was sealed");
    }
}

/// A named key with two versions, of which nobody but this test has anything.
fn named_key(versions: &KeyVersions) -> NamedKey<'_> {
    let id = NamedKeyId {
        team: TeamId(Hash([1; 32])),
        vault: VaultId::from_random([2; 16]),
        key: SecretId::from_random([7; 16]),
    };
    NamedKey { id, versions, decrypt_from: 1, encrypt_if_made_under: 1 }
}

static VERSIONS: LazyLock<KeyVersions> = LazyLock::new(|| {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    KeyVersions::first(1, 0, &mut rng).rotated(1, 0, &mut rng).expect("two versions")
});

/// Text that claims to be a ciphertext of a named key. Nobody can have made one.
fn a_ciphertext(text: &str, context: &[u8]) {
    let (key, mut rng) = (named_key(&VERSIONS), ChaCha20Rng::seed_from_u64(2));
    assert!(key.decrypt(text, context).is_err());
    assert!(key.rewrap(text, context, None, &mut rng).is_err());
}

/// A ciphertext with some of its characters changed, or its context: it opens only as it was made.
fn a_ciphertext_altered(input: &mut Input<'_>) {
    let (key, mut rng) = (named_key(&VERSIONS), ChaCha20Rng::seed_from_u64(2));
    let version = 1 + u32::from(input.choice(2));
    let made = key.encrypt(&[9; 40], b"context", Some(version), &mut rng).expect("it encrypts");
    let mut bytes = made.clone().into_bytes();
    while !input.is_spent() {
        let at = usize::from(u16::from_be_bytes(input.array())) % bytes.len();
        bytes[at] ^= input.byte();
    }
    match String::from_utf8(bytes) {
        Ok(text) if text == made => {
            let opened = key.decrypt(&text, b"context").expect("it is as it was made");
            assert!(opened.expose() == [9; 40] && key.decrypt(&text, b"other").is_err());
        }
        Ok(text) => a_ciphertext(&text, b"context"),
        Err(_) => {}
    }
}

/// Bytes that claim to be a wrap to us. Only its key's holder makes one, and that by a hash's
/// preimage: none opens.
fn a_wrap(bytes: &[u8]) {
    let keyset = Keyset::from_seed(Zeroizing::new([8; 32])).expect("a keyset");
    let wrap = Wrap {
        vault: VaultId::from_random([2; 16]),
        version: 6,
        recipient: MemberId::from_random([1; 16]),
        sealed: bytes.to_vec().into(),
    };
    let team = TeamId(Hash([1; 32]));
    assert!(VaultKey::unwrap(&wrap, team, &keyset, Hash([0; 32])).is_err());
}
