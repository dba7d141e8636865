//! Ids: what things are called where the server can see it. None of them carries a name.

use core::fmt;
use core::str::FromStr;
use minicbor::{Decoder, Encode};
use sha2::{Digest, Sha256};

use crate::encoding::Read;

/// A SHA-256 digest. Written in lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct Hash(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl Hash {
    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Hash(Sha256::digest(bytes).into())
    }
}

/// Why a text is not an id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an id: {expected}")]
pub struct BadId {
    expected: &'static str,
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Hash {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        hex(text).map(Hash).ok_or(BadId { expected: "64 lower-case hexadecimal digits" })
    }
}

/// A team: the hash of its genesis entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct TeamId(#[n(0)] pub Hash);

crate::decode_transparent!(Hash, TeamId);

impl fmt::Display for TeamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for TeamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TeamId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        text.parse().map(TeamId)
    }
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || digits.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = (high * 16 + low) as u8;
    }
    Some(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        ///
        /// 16 random bytes, written as a UUIDv4.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
        #[cbor(transparent)]
        pub struct $name(#[cbor(n(0), with = "minicbor::bytes")] [u8; 16]);

        impl Read for $name {
            fn read(d: &mut Decoder<'_>) -> Option<Self> {
                let bytes = Read::read(d)?;
                let id = Self::from_random(bytes);
                // One id has one spelling: as text and as bytes only version 4 is one.
                (id.0 == bytes).then_some(id)
            }
        }

        impl $name {
            /// The id made of 16 random bytes; six bits are fixed by RFC 9562 (version 4).
            #[must_use]
            pub const fn from_random(mut random: [u8; 16]) -> Self {
                random[6] = random[6] & 0x0f | 0x40;
                random[8] = random[8] & 0x3f | 0x80;
                Self(random)
            }

            /// The id's bytes.
            #[must_use]
            pub const fn bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                for (at, byte) in self.0.iter().enumerate() {
                    if matches!(at, 4 | 6 | 8 | 10) {
                        f.write_str("-")?;
                    }
                    write!(f, "{byte:02x}")?;
                }
                Ok(())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                const EXPECTED: BadId = BadId { expected: "a lower-case UUIDv4" };
                let dashed = text.char_indices().filter(|(_, c)| *c == '-').map(|(at, _)| at);
                if !dashed.eq([8, 13, 18, 23]) {
                    return Err(EXPECTED);
                }
                let bytes = hex(&text.replace('-', "")).ok_or(EXPECTED)?;
                let id = Self::from_random(bytes);
                if id.0 == bytes { Ok(id) } else { Err(EXPECTED) }
            }
        }
    )*};
}

ids! {
    /// A member of a team: a person, a machine or the root.
    MemberId,
    /// A project.
    ProjectId,
    /// An environment.
    EnvironmentId,
    /// An application.
    ApplicationId,
    /// A vault.
    VaultId,
    /// A secret.
    SecretId,
    /// A page of a vault's manifest.
    PageId,
    /// An invite to a team.
    InviteId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::read;

    #[test]
    fn ids_read_back_as_written() {
        let id = SecretId::from_random([0xff; 16]);
        assert_eq!(id.to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(Hash::of(b"x").to_string().parse(), Ok(Hash::of(b"x")));
    }

    #[test]
    fn other_spellings_are_refused() {
        for bad in [
            "",
            "ffffffff-ffff-4fff-bfff-fffffffffff",
            "FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF",
            "ffffffff-ffff-1fff-bfff-ffffffffffff",
            "ffffffffffff4fffbfffffffffffffff",
            "ffffffff-ffff-4fff-bfff-ffffffffff-f",
            "+fffffff-ffff-4fff-bfff-ffffffffffff",
        ] {
            assert!(bad.parse::<SecretId>().is_err(), "{bad}");
        }
        assert!("ab".parse::<Hash>().is_err());
        assert_eq!(read::<SecretId>(&[&[0x50][..], &[0xff; 16]].concat()), None);
    }
}
