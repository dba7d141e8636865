//! What a user asked for, in terms that can be applied to any newer state.

use subrosa_core::manifest::Subject;
use subrosa_core::vault::{Earlier, Edit};
use subrosa_wire::id::{SecretId, VaultId};
use subrosa_wire::keyset::SigningPublic;
use subrosa_wire::log::{Head, KeyVersion};
use subrosa_wire::people::RotateKeys;

use crate::team::people::Wish;

/// One user action: one entry, however many vaults it touches.
#[derive(Clone, Default)]
pub struct Change {
    /// The author's note.
    pub note: String,
    /// What to do, in order.
    pub parts: Vec<Part>,
}

/// A part of a change.
#[derive(Clone)]
pub enum Part {
    /// Makes a vault for a subject.
    CreateVault {
        /// Fresh.
        vault: VaultId,
        /// The vault whose managers may make this one.
        parent: Option<VaultId>,
        /// Whose it is.
        subject: Subject,
    },
    /// Edits in a vault that exists.
    Edit {
        /// The vault.
        vault: VaultId,
        /// Applied from first to last.
        edits: Vec<Edit>,
    },
    /// Gives a vault its next key, unless somebody else has meanwhile.
    Rekey {
        /// The vault.
        vault: VaultId,
        /// The version that it shall come after.
        after: KeyVersion,
    },
    /// Seals what needs an older key again, as much of it as makes one push.
    Reencrypt {
        /// The vault.
        vault: VaultId,
        /// What becomes of earlier versions.
        earlier: Earlier,
        /// Secrets that did not open: they are left alone.
        except: Vec<SecretId>,
        /// Secrets of which something needs an older key, whatever they say of themselves.
        also: Vec<SecretId>,
    },
    /// Gives a member other keys, and every vault its next one.
    RotateKeys(Box<NewKeys>),
    /// Changes who belongs to the team, or what whom of them may open.
    People(Wish),
    /// Refuses all keys of a vault but the current one, having walked through all that is live.
    Retire {
        /// The vault.
        vault: VaultId,
    },
}

/// Other keys for a member: the root's or an owner's, each of which holds every vault.
#[derive(Clone)]
pub struct NewKeys {
    /// Which.
    pub keys: RotateKeys,
    /// Those that they replace.
    pub before: SigningPublic,
}

/// What came of a change.
pub struct Changed {
    /// Where its entry is.
    pub head: Head,
    /// How many secrets were sealed again.
    pub reencrypted: usize,
    /// Those that should have been, and do not open.
    pub stuck: Vec<SecretId>,
}

impl Change {
    /// Edits of one vault.
    #[must_use]
    pub fn edits(vault: VaultId, edits: Vec<Edit>) -> Self {
        Change { note: String::new(), parts: vec![Part::Edit { vault, edits }] }
    }

    /// Whether it is kept on the device until it is acknowledged. What only seals again is not: nobody
    /// typed it, the vault itself says what is left of it, and what goes on from there is the same.
    pub(crate) fn is_kept(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Reencrypt { .. }))
    }
}
