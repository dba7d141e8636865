//! A member's keys: Ed25519 to sign, X-Wing to receive vault keys, both from one seed.

use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, Serializable};
use sha2::Sha256;
use subrosa_wire::id::{Hash, MemberId, TeamId};
use subrosa_wire::keyset::{KEM_PUBLIC_BYTES, KemPublic, PublicKeyset, SigningPublic};
use subrosa_wire::label::Label;
use subrosa_wire::people::{KeysClaim, RotateKeys};
use zeroize::Zeroizing;

use crate::passphrase;
use crate::randomness::{Randomness, draw};

/// A keyset with its secret halves.
pub struct Keyset {
    seed: Zeroizing<[u8; 32]>,
    signing: SigningKey,
    kem: <XWing as Kem>::PrivateKey,
    public: PublicKeyset,
}

/// A seed that yields no keys: never for a seed that was drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this seed yields no keys")]
pub struct BadSeed;

impl Keyset {
    /// A fresh keyset.
    ///
    /// # Errors
    /// [`BadSeed`], which does not happen to 32 random bytes.
    pub fn generate(rng: Randomness<'_>) -> Result<Self, BadSeed> {
        Keyset::from_seed(Zeroizing::new(draw(rng)))
    }

    /// The keyset of a seed: `HKDF-Expand(seed, label, 32)` for each key.
    ///
    /// # Errors
    /// [`BadSeed`].
    pub fn from_seed(seed: Zeroizing<[u8; 32]>) -> Result<Self, BadSeed> {
        let signing = SigningKey::from_bytes(&expand(&seed, Label::SigningSeed, b""));
        let kem_seed = expand(&seed, Label::KemSeed, b"");
        let kem = <XWing as Kem>::PrivateKey::from_bytes(&*kem_seed).map_err(|_| BadSeed)?;
        let mut kem_public = [0; KEM_PUBLIC_BYTES];
        kem_public.copy_from_slice(&XWing::sk_to_pk(&kem).to_bytes());
        let public = PublicKeyset {
            signing: SigningPublic(signing.verifying_key().to_bytes()),
            kem: KemPublic(kem_public),
        };
        Ok(Keyset { seed, signing, kem, public })
    }

    /// The seed, for the account blob alone.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The public halves.
    #[must_use]
    pub fn public(&self) -> &PublicKeyset {
        &self.public
    }

    /// Ed25519 over `message`, which begins with a label.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// What makes these a member's keys, in the place of those that it has.
    #[must_use]
    pub fn rotation(&self, team: TeamId, member: MemberId) -> RotateKeys {
        let (keyset, proof) = (self.public.clone(), self.proof(team, member));
        RotateKeys { member, keyset, proof, invited: None }
    }

    /// What shows that somebody holds these keys, without an invite.
    #[must_use]
    pub fn proof(&self, team: TeamId, member: MemberId) -> [u8; 64] {
        let claim = KeysClaim { team, invite: None, member, keyset: self.public.clone() };
        self.sign(&claim.to_sign())
    }

    /// Eight words of the public halves, for people to compare.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        of_public(&self.public)
    }

    pub(crate) fn kem(&self) -> &<XWing as Kem>::PrivateKey {
        &self.kem
    }
}

/// Eight words for people to compare: of a key to check signatures, and of the hash of one to wrap to.
#[must_use]
pub fn fingerprint(signing: SigningPublic, kem: Hash) -> String {
    passphrase::fingerprint(&[signing.0, kem.0].concat())
}

/// Eight words of a member's keys, for people to compare.
#[must_use]
pub fn of_public(keyset: &PublicKeyset) -> String {
    fingerprint(keyset.signing, Hash::of(&keyset.kem.0))
}

/// `HKDF-Expand(key, label ‖ 0 ‖ context, 32)` of a uniform key.
pub(crate) fn expand(key: &[u8; 32], label: Label, context: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut okm = Zeroizing::new([0; 32]);
    let hkdf = Hkdf::<Sha256>::from_prk(key).unwrap_or_else(|_| Hkdf::new(None, key));
    // One block: never over HKDF's limit.
    let expanded = hkdf.expand(&label.tag(context), &mut *okm);
    debug_assert!(expanded.is_ok());
    okm
}
