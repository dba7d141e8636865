//! What can go wrong for a client, so that whoever shows it can say what to do.

use subrosa_core::scope::Broken;
use subrosa_core::vault::CannotStage;
use subrosa_wire::api::Code;
use subrosa_wire::id::SecretId;
use subrosa_wire::team::Reject;

use crate::platform::{CannotStore, Unreachable};

/// What a client's operation yields.
pub type Result<T> = core::result::Result<T, Error>;

/// What went wrong, by whose fault it is. What is large is in a box: every `?` hands all of it on.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// No reply.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The server refuses.
    #[error("the server refuses: {}", .0.title())]
    Refused(Code),
    /// The server's reply is not what the protocol says.
    #[error("the server sent something that is not a reply")]
    BadReply,
    /// The log does not contain what this device has seen, or branches off from it.
    #[error("the server shows an older or another history than this device has seen")]
    Rollback,
    /// An alarm stands: until it is cleared, nothing is given to the server.
    #[error("an alarm stands: another history of this team was seen")]
    Alarmed,
    /// The log itself breaks a rule.
    #[error("the server's log breaks a rule: {0}")]
    BadLog(Reject),
    /// The account's keys are not those that the log has for the member.
    #[error("the team's log has other keys for this member")]
    NotMyKeys,
    /// The server does not take a member's keys: they were replaced, or never were.
    #[error("these keys are not the member's, or not any more")]
    KeysReplaced,
    /// The keys that were to be replaced are not there any more: others have replaced them.
    #[error("others have replaced these keys meanwhile")]
    KeysChanged,
    /// The account's blob is older than one that this device has seen.
    #[error("the server shows an older account than this device has seen")]
    OldAccount,
    /// No account opens with this password and Secret Key.
    #[error("wrong password, or the Secret Key of another account")]
    WrongPassword,
    /// Another device has changed the account's password since this was unlocked.
    #[error("this account's password was changed on another device")]
    PasswordChanged,
    /// Another device of the account has ended this one's session.
    #[error("this session was ended from another device")]
    SessionEnded,
    /// No Secret Key on this device.
    #[error("this device has no Secret Key")]
    NoSecretKey,
    /// The account is in no team.
    #[error("this account is in no team")]
    NoTeam,
    /// The account has a seat in that team already.
    #[error("this account is in that team already")]
    MemberAlready,
    /// The invite was used, cancelled or voided, or is expired.
    #[error("this invite is not open any more")]
    InviteGone,
    /// Somebody has joined by the invite that was to be taken back.
    #[error("somebody has joined by this invite already")]
    JoinedAlready,
    /// Somebody else has given another role meanwhile.
    #[error("somebody else has changed this role meanwhile")]
    RoleChanged,
    /// Members are out, and machines that they have added are not yet: why.
    #[error("machines of who is out are left: {0}")]
    MachinesLeft(Box<Error>),
    /// One's role does not allow this, or a rule of the team.
    #[error("not allowed: {0}")]
    NotAllowed(Reject),
    /// An owner asks for newer clients than this one.
    #[error("this team asks for a newer client")]
    TooOld,
    /// The device's storage fails.
    #[error(transparent)]
    Storage(#[from] CannotStore),
    /// An object that the log or a manifest names does not come or does not open.
    #[error("an object is missing or damaged")]
    Damaged,
    /// The key of a vault has not come.
    #[error("no key for this vault")]
    NoKey,
    /// No such thing.
    #[error("there is no such thing")]
    NotFound,
    /// Somebody else changed the same secrets.
    #[error("changed by somebody else meanwhile")]
    Conflict(Vec<SecretId>),
    /// The change breaks a rule of scopes.
    #[error(transparent)]
    Rule(Box<Broken>),
    /// The change is not one that can be made.
    #[error(transparent)]
    Stage(Box<CannotStage>),
    /// Something live needs an older key: it cannot be retired.
    #[error("something live still needs an older key")]
    Needed(Needed),
    /// What was asked for is so already: nothing was written.
    #[error("there is nothing to do")]
    NothingToDo,
    /// None of what should be sealed again opens.
    #[error("what should be sealed again does not open")]
    Stuck(Vec<SecretId>),
    /// The change is too large for one push.
    #[error("too much for one change")]
    TooLarge,
    /// The key derivation's memory could not be had.
    #[error("not enough memory for the key derivation")]
    Memory,
}

/// What needs an older key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Needed {
    /// Secrets.
    pub secrets: Vec<SecretId>,
    /// How many pages of secrets, by themselves: those that do not open among them.
    pub pages: usize,
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        Error::Rule(Box::new(broken))
    }
}

impl From<CannotStage> for Error {
    fn from(cannot: CannotStage) -> Self {
        match cannot {
            CannotStage::Conflict(ids) => Error::Conflict(ids),
            CannotStage::NotFound => Error::NotFound,
            CannotStage::Damaged => Error::Damaged,
            other => Error::Stage(Box::new(other)),
        }
    }
}

impl From<Reject> for Error {
    fn from(reject: Reject) -> Self {
        match reject {
            Reject::Head => Error::Rollback,
            other => Error::BadLog(other),
        }
    }
}
