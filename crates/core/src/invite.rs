//! An invite's link: whoever holds it may read the log and ask to be let in, until it is used.

use ed25519_dalek::{Signer, SigningKey};
use subrosa_wire::id::{InviteId, MemberId};
use subrosa_wire::keyset::SigningPublic;
use subrosa_wire::label::Label;
use subrosa_wire::people::{Invited, Join, KeysClaim};

use crate::keyset::{Keyset, expand};
use crate::kit::{Mistyped, SeedKind, TeamSeed};

/// An invite's link: it opens no vault.
#[derive(Clone)]
pub struct OfInvite;

/// The seed of an invite's link.
pub type Link = TeamSeed<OfInvite>;

impl SeedKind for OfInvite {
    const PREFIX: &'static str = "sri1_";
}

impl TeamSeed<OfInvite> {
    /// The link that was followed or pasted, alone or at the end of an address.
    ///
    /// # Errors
    /// [`Mistyped`].
    pub fn of_address(text: &str) -> Result<Self, Mistyped> {
        Link::read(text.rsplit_once('#').map_or(text, |(_, fragment)| fragment))
    }

    /// The invite: `HKDF-Expand(seed, label, 32)`, its first 16 bytes.
    #[must_use]
    pub fn invite(&self) -> InviteId {
        let bytes = expand(self.seed(), Label::LinkId, b"");
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[..16]);
        InviteId::from_random(id)
    }

    /// Checks what the link signs.
    #[must_use]
    pub fn public(&self) -> SigningPublic {
        SigningPublic(self.signing().verifying_key().to_bytes())
    }

    /// Ed25519 over `message`, which begins with a label.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing().sign(message).to_bytes()
    }

    /// Asks that these keys be let in as `member`.
    #[must_use]
    pub fn join(&self, member: MemberId, keys: &Keyset) -> Join {
        let invite = self.invite();
        let keyset = keys.public().clone();
        let claim =
            KeysClaim { team: self.team, invite: Some(invite), member, keyset: keyset.clone() };
        let link = self.sign(&claim.for_link());
        Join { keyset, proof: keys.sign(&claim.to_sign()), invited: Invited { invite, link } }
    }

    fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(&expand(self.seed(), Label::LinkSeed, b""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use subrosa_wire::id::{Hash, TeamId};
    use subrosa_wire::log::Head;
    use subrosa_wire::people::{Access, Invite};

    #[test]
    fn a_link_reads_back_from_its_address_and_signs_what_its_invite_checks() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let head = Head { seq: 7, hash: Hash::of(b"head") };
        let team = TeamId(Hash::of(b"team"));
        let link = Link::generate(team, head, &mut rng);
        let address = format!("https://secrets.example/join#{}", *link.print());
        let read = Link::of_address(&address).unwrap();
        assert_eq!((read.seed(), read.team, read.checkpoint), (link.seed(), team, head));
        assert_eq!(read.invite(), link.invite());
        let member = MemberId::from_random([1; 16]);
        let invite = Invite {
            id: link.invite(),
            member,
            access: Access::Owner,
            expires: 0,
            link: link.public(),
            card: Vec::new().into(),
        };
        let keys = Keyset::generate(&mut rng).unwrap();
        assert!(link.join(member, &keys).is_sound(team, &invite));
        let other = Link::generate(team, head, &mut rng);
        assert_ne!(other.invite(), link.invite());
        assert!(!other.join(member, &keys).is_sound(team, &invite));
    }
}
