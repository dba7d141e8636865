//! Members' names in the log: sealed under the directory vault's key, which every member holds.

use minicbor::Encode;
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::id::{MemberId, TeamId, VaultId};
use subrosa_wire::log::KeyVersion;
use zeroize::Zeroizing;

use crate::envelope::{CannotOpen, Kind, Place, Sealable, Sealed, TooLong};
use crate::randomness::Randomness;
use crate::vault_key::VaultKey;

/// The longest name of a member, in bytes of UTF-8.
pub const MAX_NAME: usize = 256;

#[derive(Encode)]
#[cbor(transparent)]
struct MemberName(#[n(0)] String);

impl Canonical for MemberName {
    const MAX_BYTES: usize = MAX_NAME + 3;
}

impl Sealable for MemberName {
    const KIND: Kind = Kind::Card;

    fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(encode(self))
    }

    fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
        decode_strict(&plaintext).ok()
    }
}

/// Whose card, under which key of the directory vault.
#[derive(Clone, Copy)]
pub struct CardPlace {
    /// The team.
    pub team: TeamId,
    /// The directory vault.
    pub directory: VaultId,
    /// The member.
    pub member: MemberId,
    /// The key's version.
    pub key_version: KeyVersion,
}

impl CardPlace {
    fn place(&self) -> Place {
        Place {
            team: Some(self.team),
            vault: Some(self.directory),
            object: self.member.bytes().to_vec(),
            version: 0,
            key_version: self.key_version,
        }
    }

    /// Seals a member's name.
    ///
    /// # Errors
    /// [`TooLong`] over [`MAX_NAME`] bytes.
    pub fn seal(
        &self,
        name: &str,
        key: &VaultKey,
        rng: Randomness<'_>,
    ) -> Result<Vec<u8>, TooLong> {
        if name.len() > MAX_NAME {
            return Err(TooLong);
        }
        let name = MemberName(name.to_owned());
        Sealed::seal(&name, key.sealing(), &self.place(), rng).map(Sealed::into_bytes)
    }

    /// The name in a sealed card.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn open(&self, sealed: &[u8], key: &VaultKey) -> Result<String, CannotOpen> {
        let sealed = Sealed::<MemberName>::claimed(sealed.to_vec());
        sealed.open(key.sealing(), &self.place()).map(|MemberName(name)| name)
    }
}

subrosa_wire::decode_transparent!(MemberName);
