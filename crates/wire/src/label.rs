//! Every domain-separation label, in one place (docs/format.md, 'Labels').

/// What a hash, a signature, a key derivation or a seal is for.
///
/// Two labels never share a text, so nothing made for one purpose verifies for another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Label {
    /// Signature over an entry of the team's log.
    Entry,
    /// Signature by which the root shows at the genesis that it holds its key.
    RootProof,
    /// Signature by which a member's new keys show that somebody holds them.
    KeysProof,
    /// Signature by which an invite's link shows whose keys it was used for.
    LinkProof,
    /// Signature that opens a session with an account's login key.
    Login,
    /// Signature that opens a session with a member's signing key.
    Session,
    /// Signature that opens a session with an invite's link.
    LinkSession,
    /// Expansion of a vault key into an object's key, nonce and commitment.
    Seal,
    /// Commitment to a vault key, signed in the entry that introduces it.
    KeyCommitment,
    /// HPKE info of a vault key wrapped to a member.
    Wrap,
    /// Hash of an entry's wraps.
    Wraps,
    /// The Secret Key's public locator of the account.
    Locator,
    /// The Secret Key's password salt.
    PasswordSalt,
    /// The login signing key's seed.
    LoginKey,
    /// The key that seals the account blob.
    UnlockKey,
    /// A keyset's Ed25519 seed.
    SigningSeed,
    /// A keyset's X-Wing seed.
    KemSeed,
    /// The Ed25519 seed of an invite's link.
    LinkSeed,
    /// The id of a link's invite.
    LinkId,
    /// The id of the machine that a token is for.
    ServiceId,
    /// Checksum of a Secret Key, a root key, a link, a token or a kit, as people type it.
    Checksum,
    /// Hash from which checkpoint and fingerprint words are drawn.
    Words,
    /// Hash whose first bytes are a BUILT_IN secret's id.
    BuiltIn,
}

impl Label {
    /// All labels, for tests that try each against each.
    pub const ALL: [Label; 23] = [
        Label::Entry,
        Label::RootProof,
        Label::KeysProof,
        Label::LinkProof,
        Label::Login,
        Label::Session,
        Label::LinkSession,
        Label::Seal,
        Label::KeyCommitment,
        Label::Wrap,
        Label::Wraps,
        Label::Locator,
        Label::PasswordSalt,
        Label::LoginKey,
        Label::UnlockKey,
        Label::SigningSeed,
        Label::KemSeed,
        Label::LinkSeed,
        Label::LinkId,
        Label::ServiceId,
        Label::Checksum,
        Label::Words,
        Label::BuiltIn,
    ];

    /// The label's bytes: `subrosa/v1/<kind>`, ASCII, without a terminator.
    #[must_use]
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            Label::Entry => b"subrosa/v1/entry",
            Label::RootProof => b"subrosa/v1/root-proof",
            Label::KeysProof => b"subrosa/v1/keys-proof",
            Label::LinkProof => b"subrosa/v1/link-proof",
            Label::Login => b"subrosa/v1/login",
            Label::Session => b"subrosa/v1/session",
            Label::LinkSession => b"subrosa/v1/link-session",
            Label::Seal => b"subrosa/v1/seal",
            Label::KeyCommitment => b"subrosa/v1/key-commitment",
            Label::Wrap => b"subrosa/v1/wrap",
            Label::Wraps => b"subrosa/v1/wraps",
            Label::Locator => b"subrosa/v1/locator",
            Label::PasswordSalt => b"subrosa/v1/password-salt",
            Label::LoginKey => b"subrosa/v1/login-key",
            Label::UnlockKey => b"subrosa/v1/unlock-key",
            Label::SigningSeed => b"subrosa/v1/signing-seed",
            Label::KemSeed => b"subrosa/v1/kem-seed",
            Label::LinkSeed => b"subrosa/v1/link-seed",
            Label::LinkId => b"subrosa/v1/link-id",
            Label::ServiceId => b"subrosa/v1/service-id",
            Label::Checksum => b"subrosa/v1/checksum",
            Label::Words => b"subrosa/v1/words",
            Label::BuiltIn => b"subrosa/v1/built-in",
        }
    }

    /// `label ‖ 0x00 ‖ bytes`: what is signed, or hashed, under this label.
    #[must_use]
    pub fn tag(self, bytes: &[u8]) -> Vec<u8> {
        let mut tagged = Vec::with_capacity(self.bytes().len() + 1 + bytes.len());
        tagged.extend_from_slice(self.bytes());
        tagged.push(0);
        tagged.extend_from_slice(bytes);
        tagged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_is_a_prefix_of_another_once_tagged() {
        for a in Label::ALL {
            for b in Label::ALL {
                let same = b.tag(b"").starts_with(&a.tag(b""));
                assert_eq!(same, a == b, "{a:?} {b:?}");
            }
        }
    }
}
