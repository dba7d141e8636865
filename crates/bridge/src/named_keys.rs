//! View models of named keys, and what is asked of them.

use crate::HiddenBytes;
use crate::message;
use crate::view::Plain;

/// Which key: a vault's, by its name.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct NamedKeyAt {
    /// The vault's id.
    pub vault: String,
    /// 1 to 64 letters, digits, dots, dashes and underscores, no dot or dash first.
    pub name: String,
}

/// A named key, without anything that is secret.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct NamedKey {
    /// Which it is.
    pub at: NamedKeyAt,
    /// Whose vault it is, such as `billing / production`.
    pub vault_name: String,
    /// The version of its record: what a change says that it has seen.
    pub base: u32,
    /// Its newest version.
    pub newest: u32,
    /// The oldest that is not trimmed.
    pub oldest: u32,
    /// The minimum decryption version.
    pub decrypt_from: u32,
    /// When the newest was made, by its maker's clock: milliseconds since 1970.
    pub time: u64,
    /// Who changed it last.
    pub author: String,
    /// Whether one may change it.
    pub writes: bool,
    /// Whether it may be deleted.
    pub deletable: bool,
    /// After how many days it shall be rotated.
    pub rotate_after: Option<u16>,
    /// Whether that is due.
    pub due: bool,
}

/// A version of a named key.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct NamedKeyVersion {
    /// 1 for the first.
    pub version: u32,
    /// When, by its maker's clock: milliseconds since 1970.
    pub time: u64,
}

/// A change of a named key.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum NamedKeyChange {
    /// Makes it.
    Create,
    /// A new version, which encrypts from then on.
    Rotate,
    /// Another minimum decryption version.
    DecryptFrom(u32),
    /// Takes versions away, for good.
    Trim {
        /// The first that stays; at most the minimum decryption version.
        below: u32,
    },
    /// Days after which it shall be rotated; none to ask for it no more.
    RotateAfter(Option<u16>),
    /// Whether it may be deleted.
    Deletable(bool),
    /// Deletes it, for good.
    Delete,
}

/// A ciphertext to be rewrapped.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct ToRewrap {
    /// The ciphertext.
    pub ciphertext: String,
    /// What it was encrypted with; stays.
    pub context: Plain,
}

/// What rewrapping gave.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Rewrapped {
    /// It is of that version already.
    Same,
    /// The ciphertext to keep instead.
    New(String),
}

/// A fresh key for the caller's own encryption.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct DataKey {
    /// As a ciphertext, to be kept beside what it encrypts.
    pub wrapped: String,
    /// The key, if it was asked for.
    #[cfg_attr(feature = "typescript", tsify(type = "Uint8Array", optional))]
    pub plaintext: Option<HiddenBytes>,
}

message!(NamedKeyAt { vault, name });
message!(NamedKey {
    at,
    vault_name,
    base,
    newest,
    oldest,
    decrypt_from,
    time,
    author,
    writes,
    deletable,
    rotate_after,
    due
});
message!(NamedKeyVersion { version, time });
message!(enum NamedKeyChange:
    Create, Rotate, DecryptFrom(value), Trim { below }, RotateAfter(value), Deletable(value), Delete
);
message!(ToRewrap { ciphertext, context });
message!(enum Rewrapped: Same, New(value));
message!(DataKey { wrapped, plaintext });
