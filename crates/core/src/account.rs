//! From a password and a Secret Key to an open account (docs/format.md, 'Account').
//!
//! ```text
//! locator, salt  = HKDF(Secret Key)
//! m              = Argon2id(NFC(password), salt), 64 MiB, t = 3, p = 1, 32 bytes
//! login, unlock = HKDF(m ‖ Secret Key)
//! ```
//! No parameter comes from a server: they are compiled in.

use argon2::{Algorithm, Argon2, Params, Version};
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use minicbor::Encode;
use sha2::Sha256;
use subrosa_wire::encoding::{Canonical, decode_strict, encode, strictly_ascending};
use subrosa_wire::id::{Hash, MemberId, TeamId};
use subrosa_wire::keyset::SigningPublic;
use subrosa_wire::label::Label;
use subrosa_wire::log::Head;
use zeroize::{Zeroize, Zeroizing};

use crate::envelope::{CannotOpen, Kind, Place, Sealable, Sealed, SealingKey, TooLong};
use crate::kit::SecretKey;
use crate::randomness::{Randomness, draw};
use crate::unicode::nfc;

/// The shortest password that the console takes, in characters.
pub const MIN_PASSWORD: usize = 12;

const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// An account whose password is not known yet: [`LockedAccount::derive`] is the only road on.
pub struct LockedAccount {
    secret_key: SecretKey,
    locator: Hash,
    salt: Zeroizing<[u8; 32]>,
}

/// An account's keys.
#[derive(Clone)]
pub struct AccountKeys {
    locator: Hash,
    login: SigningKey,
    unlock: SealingKey,
}

/// The key derivation's memory could not be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("64 MiB of memory for the key derivation could not be had")]
pub struct DerivationFailed;

impl LockedAccount {
    /// The account of a Secret Key.
    #[must_use]
    pub fn new(secret_key: SecretKey) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, secret_key.bytes());
        let locator = Hash(*expand(&hkdf, Label::Locator));
        let salt = expand(&hkdf, Label::PasswordSalt);
        LockedAccount { secret_key, locator, salt }
    }

    /// Where the server keeps it.
    #[must_use]
    pub fn locator(&self) -> Hash {
        self.locator
    }

    /// Stretches the password and derives the account's keys. Takes about 120 ms.
    ///
    /// # Errors
    /// [`DerivationFailed`].
    pub fn derive(&self, password: &str) -> Result<AccountKeys, DerivationFailed> {
        let password = nfc(password);
        // `m ‖ Secret Key` in one buffer, so that there is one copy to wipe.
        let mut secret = Zeroizing::new([0; 48]);
        let params =
            Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(|_| DerivationFailed)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password.as_bytes(), &*self.salt, &mut secret[..32])
            .map_err(|_| DerivationFailed)?;
        secret[32..].copy_from_slice(self.secret_key.bytes());
        let hkdf = Hkdf::<Sha256>::new(None, &*secret);
        Ok(AccountKeys {
            locator: self.locator,
            login: SigningKey::from_bytes(&expand(&hkdf, Label::LoginKey)),
            unlock: SealingKey::new(&expand(&hkdf, Label::UnlockKey)),
        })
    }
}

fn expand(hkdf: &Hkdf<Sha256>, label: Label) -> Zeroizing<[u8; 32]> {
    let mut okm = Zeroizing::new([0; 32]);
    // One block: never over HKDF's limit.
    let expanded = hkdf.expand(&label.tag(b""), &mut *okm);
    debug_assert!(expanded.is_ok());
    okm
}

impl AccountKeys {
    /// Where the server keeps the account.
    #[must_use]
    pub fn locator(&self) -> Hash {
        self.locator
    }

    /// The public half of the login key.
    #[must_use]
    pub fn login_public(&self) -> SigningPublic {
        SigningPublic(self.login.verifying_key().to_bytes())
    }

    /// Signs a login. `message` begins with its label.
    #[must_use]
    pub fn sign_login(&self, message: &[u8]) -> [u8; 64] {
        self.login.sign(message).to_bytes()
    }

    /// Seals the account's contents as generation `generation`.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn seal(
        &self,
        contents: &AccountContents,
        generation: u64,
        rng: Randomness<'_>,
    ) -> Result<Sealed<AccountContents>, TooLong> {
        Sealed::seal(contents, &self.unlock, &self.place(generation), rng)
    }

    /// Opens the account's contents.
    ///
    /// # Errors
    /// [`CannotOpen`]: another password, another Secret Key, another generation.
    pub fn open(
        &self,
        sealed: &Sealed<AccountContents>,
        generation: u64,
    ) -> Result<AccountContents, CannotOpen> {
        sealed.open(&self.unlock, &self.place(generation))
    }

    fn place(&self, generation: u64) -> Place {
        let object = self.locator.0.to_vec();
        Place { team: None, vault: None, object, version: generation, key_version: 0 }
    }
}

/// What an account holds: for each team a keyset's seed and how far its log was seen.
#[derive(Clone, Encode)]
pub struct AccountContents {
    /// The teams, strictly ascending by id.
    #[n(0)]
    pub teams: Vec<TeamSeat>,
    /// Seals what the account's devices keep to themselves: another password does not change it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub device: [u8; 32],
}

impl AccountContents {
    /// An account of one seat.
    #[must_use]
    pub fn new(seat: TeamSeat, rng: Randomness<'_>) -> Self {
        AccountContents { teams: vec![seat], device: draw(rng) }
    }

    /// Seals what a device keeps to itself.
    #[must_use]
    pub fn device_key(&self) -> SealingKey {
        SealingKey::new(&self.device)
    }
}

impl Drop for AccountContents {
    fn drop(&mut self) {
        self.device.zeroize();
    }
}

/// A seat in a team.
#[derive(Clone, Encode)]
pub struct TeamSeat {
    /// The team.
    #[n(0)]
    pub team: TeamId,
    /// Who one is there.
    #[n(1)]
    pub member: MemberId,
    /// The keyset's seed.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub seed: [u8; 32],
    /// A place that the team's log must contain.
    #[n(3)]
    pub checkpoint: Head,
    /// The seed of the invite's link, while one waits to be let in.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub link: Option<[u8; 32]>,
    /// The seed of the keyset that replaces this one: the log says which of the two is in force.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub next: Option<[u8; 32]>,
    /// What the team was called when it was last opened, to tell several apart.
    #[n(6)]
    pub name: Option<String>,
}

impl Drop for TeamSeat {
    fn drop(&mut self) {
        self.seed.zeroize();
        self.link.zeroize();
        self.next.zeroize();
    }
}

impl TeamSeat {
    /// A seat that is taken already.
    #[must_use]
    pub fn new(team: TeamId, member: MemberId, seed: [u8; 32], checkpoint: Head) -> Self {
        TeamSeat { team, member, seed, checkpoint, link: None, next: None, name: None }
    }
}

impl Canonical for AccountContents {
    const MAX_BYTES: usize = subrosa_wire::api::MAX_ACCOUNT;
}

impl Sealable for AccountContents {
    const KIND: Kind = Kind::Account;

    fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(encode(self))
    }

    fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
        let contents: Self = decode_strict(&plaintext).ok()?;
        strictly_ascending(contents.teams.iter().map(|seat| seat.team)).then_some(contents)
    }
}

subrosa_wire::decode_fields! {
    AccountContents { teams, device by minicbor::bytes::decode }
    TeamSeat { team, member, seed, checkpoint, link, next, name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn locked(byte: u8) -> LockedAccount {
        LockedAccount::new(SecretKey::from_bytes([byte; 16]))
    }

    #[test]
    fn the_account_opens_with_both_secrets_and_with_neither_alone() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let keys = locked(1).derive("correct horse").unwrap();
        let contents = AccountContents { teams: vec![], device: [9; 32] };
        let sealed = keys.seal(&contents, 3, &mut rng).unwrap();
        assert!(locked(1).derive("correct horse").unwrap().open(&sealed, 3).is_ok());
        assert!(keys.open(&sealed, 2).is_err());
        assert!(keys.login_public().verifies(b"message", &keys.sign_login(b"message")));
        for other in [locked(1).derive("Correct horse"), locked(2).derive("correct horse")] {
            let other = other.unwrap();
            assert!(other.open(&sealed, 3).is_err());
            assert_ne!(other.login_public(), keys.login_public());
        }
    }

    #[test]
    fn a_password_is_the_same_however_its_accents_are_composed() {
        let [composed, decomposed] = ["caf\u{e9} au lait", "cafe\u{301} au lait"]
            .map(|password| locked(1).derive(password).unwrap().login_public());
        assert_eq!(composed, decomposed);
    }
}
