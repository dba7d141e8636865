//! What a user asks of a vault, and what comes of it.

use subrosa_wire::id::{MemberId, SecretId};
use subrosa_wire::log::Commit;

use crate::key_name::BadKey;
use crate::manifest::{Application, Card, Content, Level};
use crate::named_key::{BadKeyName, MAX_VERSIONS};
use crate::secret_value::SecretValue;

use super::OpenVault;

/// Why edits can't be staged. Nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CannotStage {
    /// These secrets are not at the versions that the edits were made for.
    #[error("changed by somebody else meanwhile")]
    Conflict(Vec<SecretId>),
    /// There is no such secret, or it is deleted.
    #[error("there is no such secret any more")]
    NotFound,
    /// The key exists at this scope already.
    #[error("{0} exists at this scope already")]
    Exists(String),
    /// The key breaks the rule.
    #[error("{0}: {1}")]
    Key(String, BadKey),
    /// The note is longer than [`MAX_NOTE`] bytes.
    #[error("a note has at most 1,024 bytes")]
    Note,
    /// A mount path that is not absolute and normalised.
    #[error("{0}: a mount path is absolute, without '..', and at most 1,024 bytes long")]
    Mount(String),
    /// The value is over 1 MiB.
    #[error("the value of {0} is over 1 MiB")]
    Value(String),
    /// The vault has as many secrets as its manifest can name.
    #[error("the vault is full")]
    Full,
    /// The application does not exist, or the name is taken.
    #[error("no such application, or its name is taken")]
    Application,
    /// The name of a named key breaks the rule.
    #[error("{0}: {1}")]
    KeyName(String, BadKeyName),
    /// The named key has as many versions as there may be.
    #[error("this key has {MAX_VERSIONS} versions: trim old ones, then rotate it")]
    KeyFull,
    /// The named key has no such version to decrypt from.
    #[error("the minimum decryption version is one of this key's versions, {oldest} to {newest}")]
    DecryptFrom {
        /// The oldest version.
        oldest: u32,
        /// The newest.
        newest: u32,
    },
    /// Versions that may be used are not trimmed.
    #[error(
        "only what is below the minimum decryption version, {decrypt_from}, can be trimmed: raise \
         that first"
    )]
    Trim {
        /// The minimum decryption version.
        decrypt_from: u32,
    },
    /// The named key is guarded against deletion.
    #[error("this key is guarded against deletion: what it encrypted would be lost with it")]
    NotDeletable,
    /// What must be read for this change does not open.
    #[error("a damaged page or history is in the way")]
    Damaged,
}

/// One change that a user asked for.
#[derive(Clone)]
pub enum Edit {
    /// A new secret. The key must be free.
    Create {
        /// Fresh.
        id: SecretId,
        /// Where.
        level: Level,
        /// Key.
        key: String,
        /// What it is.
        content: NewContent,
        /// Note.
        note: String,
    },
    /// A new version of a secret that is at version `base`. What is absent stays.
    Change {
        /// The secret.
        id: SecretId,
        /// The version that the author saw.
        base: u32,
        /// A new key.
        key: Option<String>,
        /// What it is now. For a deleted secret: brings it back.
        content: Option<NewContent>,
        /// A new note.
        note: Option<String>,
    },
    /// Deletes a secret that is at version `base`; its history stays.
    Delete {
        /// The secret.
        id: SecretId,
        /// The version that the author saw.
        base: u32,
    },
    /// Says of a secret that is at version `base` since which entry its value is known to nobody who had
    /// lost the vault by then. Its version stays.
    Fresh {
        /// The secret.
        id: SecretId,
        /// The version that the author saw.
        base: u32,
        /// The entry's number.
        since: u64,
    },
    /// A new application.
    AddApplication(Application),
    /// What members are called from now on, in the directory vault.
    Cards(Vec<Card>),
    /// The days after which the vault's key shall be rotated; none to ask for it no more.
    RotateAfter(Option<u16>),
    /// A change of a named key, at most one of each key in a commit.
    NamedKey {
        /// The key's record; fresh for a new one.
        id: SecretId,
        /// The version of the record that the author saw; 0 for a new key.
        base: u32,
        /// What changes.
        change: NamedKeyChange,
    },
}

/// A change of a named key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NamedKeyChange {
    /// Makes it, with a first version.
    Create {
        /// Its name, which must be free in the vault.
        name: String,
    },
    /// Adds a version.
    Rotate,
    /// Sets the minimum decryption version.
    DecryptFrom(u32),
    /// Takes versions away, for good.
    Trim {
        /// The first that stays; at most the minimum decryption version.
        below: u32,
    },
    /// The days after which it shall be rotated; none to ask for it no more.
    RotateAfter(Option<u16>),
    /// Whether it may be deleted.
    Deletable(bool),
    /// Deletes it, for good.
    Delete,
}

/// What a secret shall be: [`Content`](crate::manifest::Content) before its value is sealed.
#[derive(Clone)]
pub enum NewContent {
    /// A value of its own.
    Value(SecretValue),
    /// The bytes of a file, and its mount path.
    File(SecretValue, String),
    /// Another key for a secret.
    Alias(SecretId),
    /// Another value for the key of a secret at a higher scope.
    Override {
        /// The secret.
        of: SecretId,
        /// The value.
        value: SecretValue,
        /// The mount path, if that secret is a file.
        mount: Option<String>,
    },
}

impl NewContent {
    /// What a secret is or was once more, with its value; `None` without the one that it has.
    #[must_use]
    pub fn of(content: &Content, value: Option<SecretValue>) -> Option<NewContent> {
        match (content, value) {
            (Content::Alias(target), _) => Some(NewContent::Alias(*target)),
            (Content::Value(_), Some(value)) => Some(NewContent::Value(value)),
            (Content::File { mount, .. }, Some(value)) => {
                Some(NewContent::File(value, mount.clone()))
            }
            (Content::Override { of, mount, .. }, Some(value)) => {
                Some(NewContent::Override { of: *of, value, mount: mount.clone() })
            }
            (Content::NamedKey(_), _) | (_, None) => None,
        }
    }
}

/// Who changes, when and at which place in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// The author.
    pub author: MemberId,
    /// The number of the entry to be.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub time: u64,
}

/// A change that is ready to be signed and pushed.
#[must_use = "a staged change is lost unless it is pushed"]
pub struct StagedVault {
    /// The op.
    pub commit: Commit,
    /// The new objects, sealed.
    pub objects: Vec<Vec<u8>>,
    /// The vault as it will be.
    pub vault: OpenVault,
}
