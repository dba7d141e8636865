//! `envelope.json`: what is sealed, where it opens, and where it does not.

use subrosa_core::envelope::{CannotOpen, Kind, Place, Sealable, Sealed, SealingKey};
use subrosa_wire::id::{Hash, TeamId, VaultId};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use zeroize::Zeroizing;

use crate::by_hand;
use crate::file::{Case, Vectors, hex};
use crate::replay::Replay;

const FILE: &str = include_str!("../../../../tests/vectors/envelope.json");

/// A plaintext of any bytes, of a kind.
struct Raw<const KIND: u8>(Vec<u8>);

macro_rules! kinds {
    ($($number:literal $kind:ident),*) => {
        $(impl Sealable for Raw<$number> {
            const KIND: Kind = Kind::$kind;

            fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
                self.0.clone().into()
            }

            fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
                Some(Raw(plaintext.to_vec()))
            }
        })*

        fn seal(kind: u64, plaintext: &[u8], key: &SealingKey, place: &Place, salt: Vec<u8>) -> Vec<u8> {
            let (plaintext, mut rng) = (plaintext.to_vec(), Replay::new(salt));
            match kind {
                $($number => Sealed::seal(&Raw::<$number>(plaintext), key, place, &mut rng).unwrap().into_bytes(),)*
                other => panic!("no kind {other}"),
            }
        }

        fn open(kind: u64, sealed: Vec<u8>, key: &SealingKey, place: &Place) -> Result<Vec<u8>, CannotOpen> {
            match kind {
                $($number => Sealed::<Raw<$number>>::claimed(sealed).open(key, place).map(|raw| raw.0),)*
                other => panic!("no kind {other}"),
            }
        }
    };
}

kinds!(1 RootPage, 2 Page, 3 Value, 4 History, 5 Summary, 6 Account, 7 Candidate, 8 Draft,
    9 Backlink);

fn key(case: &Case<'_>) -> SealingKey {
    SealingKey::new(&case.array("key"))
}

fn place(case: &Case<'_>) -> Place {
    Place {
        team: case.has("team").then(|| TeamId(Hash(case.array("team")))),
        vault: case.has("vault").then(|| VaultId::from_random(case.array("vault"))),
        object: case.bytes("object"),
        version: case.number("version"),
        key_version: case.number("key_version") as u32,
    }
}

fn context(suite: u64, kind: u64, place: &Place) -> Vec<u8> {
    by_hand::array(&[
        by_hand::uint(suite),
        by_hand::uint(kind),
        by_hand::optional(place.team.as_ref().map(|team| &team.0.0[..])),
        by_hand::optional(place.vault.as_ref().map(|vault| &vault.bytes()[..])),
        by_hand::bytes(&place.object),
        by_hand::uint(place.version),
        by_hand::uint(place.key_version.into()),
    ])
}

#[test]
fn sealed_as_written_here() {
    for case in Vectors::read(FILE).section("good") {
        let (kind, place, plaintext) = (case.number("kind"), place(&case), case.bytes("plaintext"));
        let (context, salt) = (context(1, kind, &place), case.array("salt"));
        assert_eq!(hex(&context), case.text("context"), "{}", case.name());
        let padded = by_hand::pad(&plaintext);
        let by_hand = by_hand::seal(&case.bytes("key"), kind as u8, &context, &salt, &padded);
        let sealed = case.bytes("sealed");
        assert_eq!(hex(&by_hand), hex(&sealed), "{}", case.name());
        let made = seal(kind, &plaintext, &key(&case), &place, salt.to_vec());
        assert_eq!(hex(&made), hex(&sealed), "{}", case.name());
        assert_eq!(open(kind, sealed.clone(), &key(&case), &place), Ok(plaintext));
        assert_eq!(Hash::of(&sealed).to_string(), case.text("name_in_storage"));
    }
}

#[test]
fn nothing_else_opens() {
    for case in Vectors::read(FILE).section("bad") {
        let sealed = if case.has("zeros") {
            vec![0; case.number("zeros") as usize]
        } else {
            case.bytes("sealed")
        };
        let error = open(case.number("kind"), sealed, &key(&case), &place(&case));
        let error = error.expect_err(case.name());
        assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
    }
}

#[path = "envelope_making.rs"]
pub mod making;
