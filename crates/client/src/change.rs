//! What a user asked for, in terms that can be applied to any newer state.

use subrosa_core::manifest::Subject;
use subrosa_core::vault::Edit;
use subrosa_wire::id::VaultId;

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
}

impl Change {
    /// Edits of one vault.
    #[must_use]
    pub fn edits(vault: VaultId, edits: Vec<Edit>) -> Self {
        Change { note: String::new(), parts: vec![Part::Edit { vault, edits }] }
    }
}
