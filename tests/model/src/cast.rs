//! Who is in it: people, vaults, invites, and the keys that they have.

use std::sync::OnceLock;

use ed25519_dalek::{Signer, SigningKey};
use subrosa_wire::id::{Hash, InviteId, MemberId, VaultId};
use subrosa_wire::keyset::{KEM_PUBLIC_BYTES, KemPublic, PublicKeyset, SigningPublic};

/// Who may come to be a member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Who {
    /// The founding owner.
    Founder,
    /// The root.
    Root,
    /// Manages the project.
    Manager,
    /// Writes in the project.
    Member,
    /// Wrote in the project, and was removed.
    Leaver,
    /// Whom an open invite names.
    Guest,
    /// A machine.
    Robot,
}

impl Who {
    /// All.
    pub const ALL: [Who; 7] =
        [Who::Founder, Who::Root, Who::Manager, Who::Member, Who::Leaver, Who::Guest, Who::Robot];

    /// Its id.
    #[must_use]
    pub const fn id(self) -> MemberId {
        MemberId::from_random([1 + self as u8; 16])
    }

    /// Whose id this is.
    #[must_use]
    pub fn of(id: MemberId) -> Option<Who> {
        Who::ALL.into_iter().find(|who| who.id() == id)
    }

    /// The keys that it begins with.
    #[must_use]
    pub const fn keys(self) -> Pair {
        let key = match self {
            Who::Founder => Key::Founder,
            Who::Root => Key::Root,
            Who::Manager => Key::Manager,
            Who::Member => Key::Member,
            Who::Leaver => Key::Leaver,
            Who::Guest => Key::Guest,
            Who::Robot => Key::Robot,
        };
        Pair::of(key)
    }
}

/// The vaults that there may be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// The directory vault.
    Directory,
    /// A project's.
    Project,
    /// One that is made on the way.
    Later,
}

impl Place {
    /// All.
    pub const ALL: [Place; 3] = [Place::Directory, Place::Project, Place::Later];

    /// Its id.
    #[must_use]
    pub const fn id(self) -> VaultId {
        VaultId::from_random([0x40 + self as u8; 16])
    }
}

/// The invites that there may be. A link is known to its author and to whoever it was given to, or who
/// stole it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Link {
    /// Open at first.
    First,
    /// Made on the way.
    Second,
    /// The manager's, used.
    ForManager,
    /// The member's, used.
    ForMember,
    /// The leaver's, used.
    ForLeaver,
}

impl Link {
    /// All.
    pub const ALL: [Link; 5] =
        [Link::First, Link::Second, Link::ForManager, Link::ForMember, Link::ForLeaver];

    /// Its invite's id.
    #[must_use]
    pub const fn id(self) -> InviteId {
        InviteId::from_random([0x60 + self as u8; 16])
    }

    /// What signs for whoever holds it.
    #[must_use]
    pub fn secret(self) -> &'static SigningKey {
        static SECRETS: OnceLock<[SigningKey; 5]> = OnceLock::new();
        let secrets = SECRETS.get_or_init(|| Link::ALL.map(|link| seeded(b"link", link as u8)));
        &secrets[self as usize]
    }

    /// What checks it.
    #[must_use]
    pub fn public(self) -> SigningPublic {
        SigningPublic(self.secret().verifying_key().to_bytes())
    }
}

/// Each keyset that there may be, in two halves: what signs, and what vault keys are wrapped to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    /// The founder's first.
    Founder,
    /// The root's first.
    Root,
    /// The manager's first.
    Manager,
    /// The member's first.
    Member,
    /// The leaver's, who keeps it.
    Leaver,
    /// The guest's.
    Guest,
    /// An outsider's, who has stolen a link.
    Thief,
    /// The machine's.
    Robot,
    /// To replace others.
    Spare,
    /// To replace others once more.
    Other,
}

impl Key {
    /// All.
    pub const ALL: [Key; 10] = [
        Key::Founder,
        Key::Root,
        Key::Manager,
        Key::Member,
        Key::Leaver,
        Key::Guest,
        Key::Thief,
        Key::Robot,
        Key::Spare,
        Key::Other,
    ];

    /// What signs.
    #[must_use]
    pub fn secret(self) -> &'static SigningKey {
        static SECRETS: OnceLock<[SigningKey; 10]> = OnceLock::new();
        let secrets = SECRETS.get_or_init(|| Key::ALL.map(|key| seeded(b"key", key as u8)));
        &secrets[self as usize]
    }

    /// This key's signature.
    #[must_use]
    pub fn sign(self, bytes: &[u8]) -> [u8; 64] {
        self.secret().sign(bytes).to_bytes()
    }

    /// What checks it.
    #[must_use]
    pub fn signing(self) -> SigningPublic {
        SigningPublic(self.secret().verifying_key().to_bytes())
    }

    /// What is wrapped to. No wrap is made here: opaque bytes will do.
    #[must_use]
    pub fn kem(self) -> KemPublic {
        KemPublic([1 + self as u8; KEM_PUBLIC_BYTES])
    }
}

fn seeded(what: &[u8], number: u8) -> SigningKey {
    SigningKey::from_bytes(&Hash::of(&[what, &[number]].concat()).0)
}

/// A keyset that somebody shows: one of the halves may be another's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pair {
    /// What signs.
    pub signing: Key,
    /// What vault keys are wrapped to.
    pub kem: Key,
}

impl Pair {
    /// Both halves of one.
    #[must_use]
    pub const fn of(key: Key) -> Pair {
        Pair { signing: key, kem: key }
    }

    /// As the log says it.
    #[must_use]
    pub fn keyset(self) -> PublicKeyset {
        PublicKeyset { signing: self.signing.signing(), kem: self.kem.kem() }
    }

    /// Which a keyset is.
    ///
    /// # Panics
    /// If it is of none of [`Key::ALL`]: nothing here makes such.
    #[must_use]
    pub fn read(keyset: &PublicKeyset) -> Pair {
        #![expect(clippy::expect_used, reason = "a model that meets unknown keys is wrong itself")]
        static PUBLIC: OnceLock<[SigningPublic; 10]> = OnceLock::new();
        let public = PUBLIC.get_or_init(|| Key::ALL.map(Key::signing));
        let signing = public.iter().position(|it| *it == keyset.signing).expect("one of ours");
        let kem = usize::from(keyset.kem.0[0]) - 1;
        Pair { signing: Key::ALL[signing], kem: Key::ALL[kem] }
    }
}
