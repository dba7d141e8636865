//! Named keys in use: what one encrypts opens with the same key, version and context, and nowhere
//! else, whatever is rotated, trimmed or rewrapped in between.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use subrosa_core::named_key::{
    BadText, DataKeyLength, KeyVersions, MAX_CONTEXT, NamedKey, NamedKeyError, NamedKeyId,
    Rewrapped, ToRewrap, version_of,
};
use subrosa_wire::id::{Hash, SecretId, TeamId, VaultId};
use subrosa_wire::object::MAX_PLAINTEXT;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(3)
}

fn id() -> NamedKeyId {
    NamedKeyId {
        team: TeamId(Hash::of(b"team")),
        vault: VaultId::from_random([1; 16]),
        key: SecretId::from_random([2; 16]),
    }
}

/// A key of `count` versions, each made under a vault key of its own number.
fn of(count: u32) -> KeyVersions {
    let mut rng = rng();
    let first = KeyVersions::first(1, 0, &mut rng);
    (2..=count).fold(first, |key, number| key.rotated(number, 0, &mut rng).unwrap())
}

/// The key without any rule for its use.
fn free(versions: &KeyVersions) -> NamedKey<'_> {
    NamedKey { id: id(), versions, decrypt_from: 1, encrypt_if_made_under: 1 }
}

fn decrypted(key: NamedKey<'_>, text: &str, context: &[u8]) -> Result<Vec<u8>, NamedKeyError> {
    key.decrypt(text, context).map(|value| value.expose().to_vec())
}

fn context() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..40)
}

proptest! {
    #[test]
    fn what_was_encrypted_opens_with_its_context_alone(
        plaintext in prop::collection::vec(any::<u8>(), 0..600),
        context in context(),
        other in context(),
        version in 1u32..=4,
        seed: u64,
    ) {
        let (versions, mut rng) = (of(4), ChaCha20Rng::seed_from_u64(seed));
        let key = free(&versions);
        let text = key.encrypt(&plaintext, &context, Some(version), &mut rng).unwrap();
        prop_assert_eq!(version_of(&text), Ok(version));
        let digits = (82 + plaintext.len()).div_ceil(3) * 4;
        prop_assert_eq!(text.len(), "subrosa:v1:".len() + digits);
        prop_assert_eq!(decrypted(key, &text, &context), Ok(plaintext.clone()));
        if other != context {
            prop_assert_eq!(decrypted(key, &text, &other), Err(NamedKeyError::CannotOpen));
        }
        for claimed in (1..=4).filter(|claimed| *claimed != version) {
            let renamed = text.replacen(&format!(":v{version}:"), &format!(":v{claimed}:"), 1);
            prop_assert_eq!(decrypted(key, &renamed, &context), Err(NamedKeyError::CannotOpen));
        }
    }

    #[test]
    fn a_text_with_one_other_character_does_not_open(at in 0usize..200, other: char) {
        let versions = of(1);
        let text = free(&versions).encrypt(b"hunter2", b"", None, &mut rng()).unwrap();
        let mut characters: Vec<char> = text.chars().collect();
        let at = at % characters.len();
        prop_assume!(characters[at] != other);
        characters[at] = other;
        let changed: String = characters.into_iter().collect();
        prop_assert!(free(&versions).decrypt(&changed, b"").is_err());
    }

    #[test]
    fn no_text_is_read_but_as_it_is_written(text in "(subrosa:v)?[0-9+ ]{0,3}:?[A-Za-z0-9+/=_ -]{0,130}") {
        // Of an unknown key: the text is taken apart, and then does not open.
        let versions = of(1);
        prop_assert!(free(&versions).decrypt(&text, b"").is_err());
        prop_assert!(free(&versions).rewrap(&text, b"", None, &mut rng()).is_err());
    }

    #[test]
    fn rewrapping_keeps_order_contexts_and_plaintexts(
        items in prop::collection::vec((1u32..=5, context(), any::<[u8; 8]>(), 0..4), 0..12),
        to in prop::option::of(1u32..=5),
    ) {
        let (versions, mut rng) = (of(5), rng());
        let key = free(&versions);
        let texts: Vec<String> = items.iter().map(|(version, context, plaintext, spoilt)| {
            let text = key.encrypt(plaintext, context, Some(*version), &mut rng).unwrap();
            if *spoilt == 0 { text[..text.len() - 4].to_owned() } else { text }
        }).collect();
        let batch: Vec<ToRewrap<'_>> = items.iter().zip(&texts)
            .map(|((_, context, ..), ciphertext)| ToRewrap { ciphertext, context })
            .collect();
        let results = key.rewrap_all(&batch, to, &mut rng);
        prop_assert_eq!(results.len(), items.len());
        let target = to.unwrap_or(5);
        for ((version, context, plaintext, spoilt), result) in items.iter().zip(results) {
            match result {
                Err(NamedKeyError::CannotOpen) => prop_assert_eq!(*spoilt, 0),
                Err(NamedKeyError::OlderTarget { from, to }) => {
                    prop_assert!(from == *version && to == target && to < from);
                }
                Ok(Rewrapped::Same) => prop_assert_eq!(*version, target),
                Ok(Rewrapped::New(text)) => {
                    prop_assert!(target > *version);
                    prop_assert_eq!(version_of(&text), Ok(target));
                    prop_assert_eq!(decrypted(key, &text, context), Ok(plaintext.to_vec()));
                }
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}

#[test]
fn no_other_team_vault_or_key_opens_it_though_it_has_the_same_bytes() {
    let versions = of(2);
    let text = free(&versions).encrypt(b"hunter2", b"row 7", None, &mut rng()).unwrap();
    let others = [
        NamedKeyId { team: TeamId(Hash::of(b"other")), ..id() },
        NamedKeyId { vault: VaultId::from_random([9; 16]), ..id() },
        NamedKeyId { key: SecretId::from_random([9; 16]), ..id() },
        // Those of the vault and of the key swapped.
        NamedKeyId {
            vault: VaultId::from_random([2; 16]),
            key: SecretId::from_random([1; 16]),
            ..id()
        },
    ];
    for other in others {
        let key = NamedKey { id: other, ..free(&versions) };
        assert_eq!(decrypted(key, &text, b"row 7"), Err(NamedKeyError::CannotOpen), "{other:?}");
        let rewrapped = key.rewrap(&text, b"row 7", None, &mut rng());
        assert_eq!(rewrapped, Err(NamedKeyError::CannotOpen), "nor is it called the same");
    }
}

#[test]
fn the_same_plaintext_is_another_text_each_time() {
    let (versions, mut rng) = (of(1), rng());
    let [a, b] = [(); 2].map(|()| free(&versions).encrypt(b"x", b"", None, &mut rng).unwrap());
    assert_ne!(a, b);
}

#[test]
fn rotation_leaves_old_ciphertext_readable_until_it_is_trimmed() {
    let mut rng = rng();
    let versions = of(3);
    let texts = [1, 2, 3].map(|v| free(&versions).encrypt(b"x", b"", Some(v), &mut rng).unwrap());
    let rotated = versions.rotated(3, 0, &mut rng).unwrap();
    for text in &texts {
        assert_eq!(decrypted(free(&rotated), text, b"").as_deref(), Ok(&b"x"[..]));
    }
    let newest = free(&rotated).encrypt(b"x", b"", None, &mut rng).unwrap();
    let behind = NamedKeyError::Newer { version: 4, newest: 3 };
    assert_eq!(decrypted(free(&versions), &newest, b""), Err(behind));
    // The key is behind, and not the ciphertext too new for what was asked.
    assert_eq!(free(&versions).rewrap(&newest, b"", None, &mut rng), Err(behind));

    let trimmed = rotated.trimmed(3).unwrap();
    for (version, text) in [1, 2].into_iter().zip(&texts) {
        let gone = Err(NamedKeyError::Trimmed { version });
        assert_eq!(decrypted(free(&trimmed), text, b""), gone);
    }
    assert!(free(&trimmed).decrypt(&texts[2], b"").is_ok());
}

#[test]
fn the_minimum_decryption_version_holds_for_every_use_and_can_be_lowered_again() {
    let (versions, mut rng) = (of(3), rng());
    let old = free(&versions).encrypt(b"x", b"", Some(1), &mut rng).unwrap();
    let raised = NamedKey { decrypt_from: 2, ..free(&versions) };
    let refused = NamedKeyError::BelowMinimum { version: 1, minimum: 2 };
    assert_eq!(decrypted(raised, &old, b""), Err(refused));
    assert_eq!(raised.rewrap(&old, b"", None, &mut rng), Err(refused));
    assert_eq!(raised.encrypt(b"x", b"", Some(1), &mut rng), Err(refused));
    assert!(raised.encrypt(b"x", b"", Some(2), &mut rng).is_ok());
    assert!(free(&versions).decrypt(&old, b"").is_ok());
}

#[test]
fn a_version_that_somebody_without_the_vault_has_opens_and_encrypts_no_more() {
    let (versions, mut rng) = (of(2), rng());
    let [old, newest] =
        [1, 2].map(|v| free(&versions).encrypt(b"x", b"", Some(v), &mut rng).unwrap());
    let removed = NamedKey { encrypt_if_made_under: 3, ..free(&versions) };
    let stale = NamedKeyError::Stale { version: 2 };
    assert!(removed.decrypt(&old, b"").is_ok());
    assert_eq!(removed.encrypt(b"x", b"", None, &mut rng), Err(stale));
    assert_eq!(removed.data_key(DataKeyLength::Bytes32, b"", &mut rng).err(), Some(stale));
    // Not even what is at the newest version already is well where it is.
    assert_eq!(removed.rewrap(&newest, b"", None, &mut rng), Err(stale));

    let rotated = versions.rotated(3, 0, &mut rng).unwrap();
    let removed = NamedKey { versions: &rotated, ..removed };
    assert!(removed.encrypt(b"x", b"", None, &mut rng).is_ok());
    assert_eq!(removed.encrypt(b"x", b"", Some(2), &mut rng), Err(stale), "though it is there");
    assert!(matches!(removed.rewrap(&old, b"", None, &mut rng), Ok(Rewrapped::New(_))));
}

#[test]
fn a_data_key_is_drawn_anew_and_opens_as_what_it_is() {
    let (versions, mut rng) = (of(1), rng());
    for bytes in [16, 32, 64] {
        let length = DataKeyLength::of_bytes(bytes).unwrap();
        let [a, b] =
            [(); 2].map(|()| free(&versions).data_key(length, b"disk", &mut rng).ok().unwrap());
        assert_eq!(a.plaintext.expose().len(), bytes);
        assert_ne!(a.plaintext.expose(), b.plaintext.expose());
        let opened = decrypted(free(&versions), &a.wrapped, b"disk");
        assert_eq!(opened.as_deref(), Ok(a.plaintext.expose()));
    }
    for bytes in [0, 15, 17, 24, 128, 256] {
        assert_eq!(DataKeyLength::of_bytes(bytes), None);
    }
}

#[test]
fn limits() {
    let (versions, mut rng) = (of(1), rng());
    let key = free(&versions);
    let (most, longest) = (vec![7; MAX_PLAINTEXT], vec![8; MAX_CONTEXT]);
    let text = key.encrypt(&most, &longest, None, &mut rng).unwrap();
    assert_eq!(decrypted(key, &text, &longest), Ok(most.clone()));
    let more = [&most[..], &[7]].concat();
    assert_eq!(key.encrypt(&more, b"", None, &mut rng), Err(NamedKeyError::TooLong));
    let longer = [&longest[..], &[8]].concat();
    let refused = NamedKeyError::ContextTooLong;
    assert_eq!(key.encrypt(b"", &longer, None, &mut rng), Err(refused));
    assert_eq!(decrypted(key, &text, &longer), Err(refused));
    for more in ["A", "AAAA"] {
        let refused = Err(NamedKeyError::Text(BadText::Length));
        assert_eq!(decrypted(key, &format!("{text}{more}"), &longest), refused);
    }
}
