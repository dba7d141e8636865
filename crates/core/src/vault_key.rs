//! Vault keys: 32 random bytes for each vault and version, wrapped to each holder.

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use minicbor::Encode;
use subrosa_wire::encoding::{Canonical, encode};
use subrosa_wire::id::{Hash, MemberId, TeamId, VaultId};
use subrosa_wire::keyset::PublicKeyset;
use subrosa_wire::label::Label;
use subrosa_wire::log::{KeyVersion, Wrap};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::envelope::{CannotOpen, Kind, Place, Sealable, Sealed, SealingKey, TooLong};
use crate::keyset::{Keyset, expand};
use crate::randomness::{Randomness, draw};

const ENCAPSULATED: usize = 1120;

/// A vault's key of one version.
#[derive(Clone)]
pub struct VaultKey {
    bytes: Zeroizing<[u8; 32]>,
    sealing: SealingKey,
}

/// Which key: what a wrap and a commitment are bound to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyName {
    /// The team.
    pub team: TeamId,
    /// The vault.
    pub vault: VaultId,
    /// The key's version.
    pub version: KeyVersion,
}

#[derive(Encode)]
struct WrapInfo {
    #[n(0)]
    team: TeamId,
    #[n(1)]
    vault: VaultId,
    #[n(2)]
    version: KeyVersion,
    #[n(3)]
    recipient: MemberId,
    #[n(4)]
    keyset: PublicKeyset,
}

impl Canonical for WrapInfo {
    const MAX_BYTES: usize = 2 << 10;
}

#[derive(Encode)]
struct CommitmentContext {
    #[n(0)]
    vault: VaultId,
    #[n(1)]
    version: KeyVersion,
}

impl Canonical for CommitmentContext {
    const MAX_BYTES: usize = 64;
}

/// A recipient's key that cannot be wrapped to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this member's key cannot be wrapped to")]
pub struct BadRecipient;

/// Whether anything can be wrapped to these keys.
#[must_use]
pub fn can_wrap_to(keyset: &PublicKeyset) -> bool {
    <XWing as Kem>::PublicKey::from_bytes(&keyset.kem.0).is_ok()
}

impl VaultKey {
    /// A fresh key.
    #[must_use]
    pub fn generate(rng: Randomness<'_>) -> Self {
        VaultKey::from_bytes(Zeroizing::new(draw(rng)))
    }

    pub(crate) fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        let sealing = SealingKey::new(&bytes);
        VaultKey { bytes, sealing }
    }

    /// The key as it seals.
    #[must_use]
    pub fn sealing(&self) -> &SealingKey {
        &self.sealing
    }

    /// `HKDF-Expand(key, label ‖ 0 ‖ canonical(vault, version), 32)`: signed in the log, so that a
    /// wrapped key is the vault's whoever wrapped it.
    #[must_use]
    pub fn commitment(&self, name: KeyName) -> Hash {
        let context = encode(&CommitmentContext { vault: name.vault, version: name.version });
        Hash(*expand(&self.bytes, Label::KeyCommitment, &context))
    }

    /// Wraps the key to a member: HPKE base mode, `info` bound to all of `name` and the recipient.
    ///
    /// # Errors
    /// [`BadRecipient`].
    pub fn wrap(
        &self,
        name: KeyName,
        recipient: MemberId,
        keyset: &PublicKeyset,
        mut rng: Randomness<'_>,
    ) -> Result<Wrap, BadRecipient> {
        let public =
            <XWing as Kem>::PublicKey::from_bytes(&keyset.kem.0).map_err(|_| BadRecipient)?;
        let (encapsulated, ciphertext) =
            hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, XWing>(
                &OpModeS::Base,
                &public,
                &info(name, recipient, keyset),
                &*self.bytes,
                b"",
                &mut rng,
            )
            .map_err(|_| BadRecipient)?;
        let sealed = [encapsulated.to_bytes().as_slice(), &ciphertext].concat();
        Ok(Wrap { vault: name.vault, version: name.version, recipient, sealed: sealed.into() })
    }

    /// The key before this one, sealed under this one, for whoever holds this one. `name` is this
    /// one's.
    #[must_use]
    pub fn backlink(&self, name: KeyName, before: &VaultKey, rng: Randomness<'_>) -> Vec<u8> {
        let before = Before(before.bytes.clone());
        match Sealed::seal(&before, &self.sealing, &backlink_place(name), rng) {
            Ok(sealed) => sealed.into_bytes(),
            Err(TooLong) => unreachable!("32 bytes are not too long"),
        }
    }

    /// The key before this one out of this one's backlink, if it is the one that the log commits to.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn before(
        &self,
        name: KeyName,
        backlink: Vec<u8>,
        commitment: Hash,
    ) -> Result<VaultKey, CannotOpen> {
        let Before(bytes) =
            Sealed::<Before>::claimed(backlink).open(&self.sealing, &backlink_place(name))?;
        let before = VaultKey::from_bytes(bytes);
        let version = name.version.checked_sub(1).ok_or(CannotOpen)?;
        before.is(KeyName { version, ..name }, commitment)
    }

    /// This key, if it is the one that the log commits to.
    fn is(self, name: KeyName, commitment: Hash) -> Result<VaultKey, CannotOpen> {
        let same = self.commitment(name).0.ct_eq(&commitment.0);
        if bool::from(same) { Ok(self) } else { Err(CannotOpen) }
    }

    /// The key in a wrap to `keyset`, if it is the one that the log commits to.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn unwrap(
        wrap: &Wrap,
        team: TeamId,
        keyset: &Keyset,
        commitment: Hash,
    ) -> Result<Self, CannotOpen> {
        let name = KeyName { team, vault: wrap.vault, version: wrap.version };
        let (encapsulated, ciphertext) =
            wrap.sealed.split_at_checked(ENCAPSULATED).ok_or(CannotOpen)?;
        let encapsulated =
            <XWing as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| CannotOpen)?;
        let plaintext = hpke::single_shot_open::<AesGcm256, HkdfSha256, XWing>(
            &OpModeR::Base,
            keyset.kem(),
            &encapsulated,
            &info(name, wrap.recipient, keyset.public()),
            ciphertext,
            b"",
        )
        .map(Zeroizing::new)
        .map_err(|_| CannotOpen)?;
        let bytes: [u8; 32] = plaintext.as_slice().try_into().map_err(|_| CannotOpen)?;
        VaultKey::from_bytes(Zeroizing::new(bytes)).is(name, commitment)
    }
}

/// A key's bytes, as its successor's backlink has them.
struct Before(Zeroizing<[u8; 32]>);

impl Sealable for Before {
    const KIND: Kind = Kind::Backlink;

    fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.to_vec())
    }

    fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
        let bytes: [u8; 32] = plaintext.as_slice().try_into().ok()?;
        Some(Before(Zeroizing::new(bytes)))
    }
}

fn backlink_place(name: KeyName) -> Place {
    Place {
        team: Some(name.team),
        vault: Some(name.vault),
        object: name.vault.bytes().to_vec(),
        version: name.version.into(),
        key_version: name.version,
    }
}

fn info(name: KeyName, recipient: MemberId, keyset: &PublicKeyset) -> Vec<u8> {
    let KeyName { team, vault, version } = name;
    Label::Wrap.tag(&encode(&WrapInfo { team, vault, version, recipient, keyset: keyset.clone() }))
}

subrosa_wire::decode_fields! {
    WrapInfo { team, vault, version, recipient, keyset }
    CommitmentContext { vault, version }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn a_key_leads_to_the_one_before_it_and_to_no_other() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let [first, second, other] = [(); 3].map(|()| VaultKey::generate(&mut rng));
        let name = |version| KeyName {
            team: TeamId(Hash::of(b"team")),
            vault: VaultId::from_random([2; 16]),
            version,
        };
        let backlink = second.backlink(name(2), &first, &mut rng);
        let committed = first.commitment(name(1));
        let opened = second.before(name(2), backlink.clone(), committed).unwrap();
        assert_eq!(*opened.bytes, *first.bytes);
        assert!(second.before(name(3), backlink.clone(), committed).is_err());
        assert!(second.before(name(2), backlink.clone(), other.commitment(name(1))).is_err());
        assert!(other.before(name(2), backlink, committed).is_err());
        // Of a key that the log does not commit to.
        let lying = second.backlink(name(2), &other, &mut rng);
        assert!(second.before(name(2), lying, committed).is_err());
    }

    #[test]
    fn only_the_recipient_opens_a_wrap_and_only_of_the_committed_key() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let [mine, other] = [(); 2].map(|()| Keyset::generate(&mut rng).unwrap());
        let member = MemberId::from_random([1; 16]);
        let name = KeyName {
            team: TeamId(Hash::of(b"team")),
            vault: VaultId::from_random([2; 16]),
            version: 1,
        };
        let key = VaultKey::generate(&mut rng);
        let commitment = key.commitment(name);
        let wrap = key.wrap(name, member, mine.public(), &mut rng).unwrap();
        assert_eq!(wrap.sealed.len(), subrosa_wire::log::WRAP_BYTES);

        let opened = VaultKey::unwrap(&wrap, name.team, &mine, commitment).unwrap();
        assert_eq!(*opened.bytes, *key.bytes);
        let elsewhere = TeamId(Hash::of(b"other team"));
        assert!(VaultKey::unwrap(&wrap, elsewhere, &mine, commitment).is_err());
        assert!(VaultKey::unwrap(&wrap, name.team, &other, commitment).is_err());
        assert!(VaultKey::unwrap(&wrap, name.team, &mine, Hash::of(b"")).is_err());
        let changes: [fn(&mut Wrap); 4] = [
            |wrap| wrap.vault = VaultId::from_random([3; 16]),
            |wrap| wrap.version = 2,
            |wrap| wrap.recipient = MemberId::from_random([9; 16]),
            |wrap| wrap.sealed.truncate(ENCAPSULATED - 1),
        ];
        for change in changes {
            let mut bad = wrap.clone();
            change(&mut bad);
            assert!(VaultKey::unwrap(&bad, name.team, &mine, commitment).is_err());
        }
    }
}
