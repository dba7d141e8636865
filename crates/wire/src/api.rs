//! The HTTP API's messages: canonical CBOR in bodies, under `/v1` (docs/format.md, 'The API').
//!
//! | request | body → reply | session |
//! |---|---|---|
//! | `POST /v1/challenges` | — → [`Challenge`] | none |
//! | `POST /v1/sessions` | [`OpenSession`] → [`SessionOpened`] | none |
//! | `DELETE /v1/sessions` | — → 204 | any |
//! | `GET /v1/account` | — → [`AccountBlob`] | account |
//! | `PUT /v1/account` | [`PutAccount`] → 204, or 412 with the [`AccountBlob`] that is newer | account |
//! | `POST /v1/setup` | [`CheckSetup`] → 204 while the token is good | none |
//! | `POST /v1/teams` | [`FoundTeam`] → [`Pushed`] | none; the setup token is in the body |
//! | `GET /v1/teams/{team}/log?after=SEQ` | — → [`LogPage`]; without `after` from the genesis | member, link |
//! | `POST /v1/teams/{team}/log` | [`Push`] → [`Pushed`], or 409 with a [`LogPage`] of what was missed | member |
//! | `POST /v1/teams/{team}/recovery` | [`RecoverTeam`] → [`Pushed`], or 409 as above | the root |
//! | `GET /v1/teams/{team}/wraps` | — → [`Wraps`] | member |
//! | `POST /v1/teams/{team}/wraps` | [`Wraps`] → 204: keys for others who hold the vaults too | member, holder of the vaults |
//! | `GET /v1/teams/{team}/missing` | — → [`Missing`]: keys that the caller has and others wait for | member |
//! | `POST /v1/teams/{team}/missing` | [`Missing`] → 204: keys that the caller waits for | member |
//! | `POST /v1/teams/{team}/joins` | [`PostJoin`] → 204 | link |
//! | `GET /v1/teams/{team}/joins` | — → [`Joins`] that the caller may let in | member |
//! | `POST /v1/teams/{team}/objects` | [`FetchObjects`] → [`Objects`] | member, holder of the vault |
//! | `GET /v1/teams/{team}/events?after=SEQ` | server-sent events: `data: SEQ HASH` for each new head | member |
//!
//! A session's token goes into `Authorization: Bearer`. Errors are RFC 9457 problem documents whose
//! `code` is one of [`Code`].

use minicbor::Encode;
use minicbor::bytes::ByteVec;

use crate::encoding::{Canonical, at_most, encode};
use crate::id::{Hash, InviteId, MemberId, TeamId, VaultId};
use crate::keyset::SigningPublic;
use crate::label::Label;
use crate::log::{Head, KeyVersion, SignedEntry, Wrap};
use crate::object::{ObjectId, Upload};
use crate::people::Join;

/// The media type of CBOR bodies.
pub const CBOR: &str = "application/cbor";
/// The longest body that the server reads, in bytes.
pub const MAX_BODY: usize = 16 << 20;
/// The longest account blob, sealed, in bytes.
pub const MAX_ACCOUNT: usize = 64 << 10;
/// The most entries in a [`LogPage`]; it ends earlier where it would exceed 1 MiB.
pub const LOG_PAGE: usize = 1000;
/// The most objects asked for at once. The reply ends earlier where it would exceed 8 MiB.
pub const MAX_FETCH: usize = 1000;
/// The most objects, and the most wraps, in one push or list of wraps.
pub const MAX_ITEMS: usize = 64 << 10;

/// A nonce of the server's, good for one session within a minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct Challenge {
    /// 32 random bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub nonce: [u8; 32],
}

/// Who opens a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub enum Principal {
    /// An account, by its login key: for the account blob alone.
    #[n(0)]
    Account(#[n(0)] Hash),
    /// A member, by its signing key.
    #[n(1)]
    Member(#[n(0)] TeamId, #[n(1)] MemberId),
    /// A team's root, by its signing key: a root key does not say which member that is.
    #[n(2)]
    Root(#[n(0)] TeamId),
    /// Whoever holds the link of an open invite, by the link's key: to read the log, and to join.
    #[n(3)]
    Link(#[n(0)] TeamId, #[n(1)] InviteId),
}

/// What is signed to open a session.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct SessionClaim {
    /// Who.
    #[n(0)]
    pub principal: Principal,
    /// From [`Challenge`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub server_nonce: [u8; 32],
    /// The client's own, 32 random bytes.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub client_nonce: [u8; 32],
    /// The origin that the client dialled, such as `https://secrets.example`.
    #[n(3)]
    pub origin: String,
}

impl SessionClaim {
    /// The bytes to sign: an account's, a member's and a link's sessions have labels of their own.
    #[must_use]
    pub fn to_sign(&self) -> Vec<u8> {
        let label = match self.principal {
            Principal::Account(_) => Label::Login,
            Principal::Member(..) | Principal::Root(_) => Label::Session,
            Principal::Link(..) => Label::LinkSession,
        };
        label.tag(&encode(self))
    }
}

/// Opens a session.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct OpenSession {
    /// What was signed.
    #[n(0)]
    pub claim: SessionClaim,
    /// Over [`SessionClaim::to_sign`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// A session's bearer token. Kept in memory, never stored by a client.
#[derive(Clone, PartialEq, Eq, Encode)]
pub struct SessionOpened {
    /// Opaque ASCII.
    #[n(0)]
    pub token: String,
    /// How long it is good for, in seconds.
    #[n(1)]
    pub seconds: u32,
}

impl core::fmt::Debug for SessionOpened {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SessionOpened({} s)", self.seconds)
    }
}

/// An account's sealed blob.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct AccountBlob {
    /// How often it was written; the first is 1.
    #[n(0)]
    pub generation: u64,
    /// At most [`MAX_ACCOUNT`].
    #[n(1)]
    pub sealed: ByteVec,
}

/// Replaces an account's blob if its generation is still `base`.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct PutAccount {
    /// The generation that this one was made from; the new one is `base + 1`.
    #[n(0)]
    pub base: u64,
    /// The new blob.
    #[n(1)]
    pub sealed: ByteVec,
    /// The login key from now on: another one after a change of password.
    #[n(2)]
    pub login_key: SigningPublic,
}

/// A new account.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct NewAccount {
    /// Derived from the Secret Key: the server learns no name.
    #[n(0)]
    pub locator: Hash,
    /// Checks the account's logins.
    #[n(1)]
    pub login_key: SigningPublic,
    /// Generation 1.
    #[n(2)]
    pub sealed: ByteVec,
}

/// Asks whether the setup token may still found a team, before anybody makes a kit for it.
#[derive(Clone, PartialEq, Eq, Encode)]
pub struct CheckSetup {
    /// From the setup link.
    #[n(0)]
    pub setup_token: String,
}

impl core::fmt::Debug for CheckSetup {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CheckSetup")
    }
}

/// Registers the first account and founds its team, in one transaction.
#[derive(Clone, PartialEq, Eq, Encode)]
pub struct FoundTeam {
    /// From the setup link; good once. The same request again is answered as the first time.
    #[n(0)]
    pub setup_token: String,
    /// The founder's.
    #[n(1)]
    pub account: NewAccount,
    /// Entry 0.
    #[n(2)]
    pub genesis: SignedEntry,
    /// Entry 1, which creates the directory vault.
    #[n(3)]
    pub first: Push,
}

impl core::fmt::Debug for FoundTeam {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "FoundTeam({})", self.genesis.hash())
    }
}

/// One entry with what it needs: the only way to write.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Push {
    /// The entry.
    #[n(0)]
    pub entry: SignedEntry,
    /// The wraps of new keys: for each new key in the order of the entry's ops, by recipient.
    #[n(1)]
    pub wraps: Vec<Wrap>,
    /// New objects. Those that the server has already may be left out.
    #[n(2)]
    pub objects: Vec<Upload>,
}

/// An entry was acknowledged: it is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct Pushed {
    /// Where it is. With the same entry posted again: where it was.
    #[n(0)]
    pub head: Head,
}

/// Registers another account for an owner, in one transaction with the entry by which the root gives
/// that owner the account's keys.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct RecoverTeam {
    /// The owner's from now on.
    #[n(0)]
    pub account: NewAccount,
    /// Rotates an owner's keys, by the root. The same request again is answered as the first time.
    #[n(1)]
    pub push: Push,
}

/// Asks to be let in, with the account that is made for it: in one transaction.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct PostJoin {
    /// Absent where there is an account already: its blob has the new keys' seed by now.
    #[n(0)]
    pub account: Option<NewAccount>,
    /// By the session's invite. The same request again is answered as the first time.
    #[n(1)]
    pub join: Join,
}

/// Joins that wait.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Joins {
    /// At most [`MAX_FETCH`]; several may be by one invite.
    #[n(0)]
    pub joins: Vec<Join>,
}

/// The most joins that wait by one invite.
pub const MAX_JOINS: usize = 8;

/// Keys of vaults that somebody waits for.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Missing {
    /// At most [`MAX_FETCH`].
    #[n(0)]
    pub keys: Vec<MissingKey>,
}

/// A key of a vault that a holder waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode)]
pub struct MissingKey {
    /// The vault.
    #[n(0)]
    pub vault: VaultId,
    /// The key's version.
    #[n(1)]
    pub version: KeyVersion,
    /// Who waits.
    #[n(2)]
    pub member: MemberId,
}

/// When machines last signed in, by the server's clock: its word, which nothing proves.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct LastUses {
    /// At most [`MAX_FETCH`]; a machine that never did is not here.
    #[n(0)]
    pub uses: Vec<LastUse>,
}

/// When a machine last signed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct LastUse {
    /// Which.
    #[n(0)]
    pub member: MemberId,
    /// Milliseconds since 1970.
    #[n(1)]
    pub time: u64,
}

/// The caller's sessions, as the server has them: no more than a help to see a device that should be
/// locked.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Sessions {
    /// At most [`MAX_FETCH`], the last opened first.
    #[n(0)]
    pub sessions: Vec<SessionNote>,
}

/// What the server knows of a session.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct SessionNote {
    /// Names it: not its token.
    #[n(0)]
    pub id: Hash,
    /// When it was opened, in milliseconds since 1970.
    #[n(1)]
    pub opened: u64,
    /// When it was last used, in milliseconds since 1970.
    #[n(2)]
    pub used: u64,
    /// What the client calls itself: at most [`MAX_AGENT`] bytes of ASCII.
    #[n(3)]
    pub agent: String,
    /// Whether it is the one that asks.
    #[n(4)]
    pub own: bool,
}

/// The longest name of a client, in bytes.
pub const MAX_AGENT: usize = 256;

/// Ends sessions of the caller's.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct EndSessions {
    /// At most [`MAX_FETCH`]. Those that are none of the caller's are passed over.
    #[n(0)]
    pub ids: Vec<Hash>,
}

/// Consecutive entries.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct LogPage {
    /// At most [`LOG_PAGE`].
    #[n(0)]
    pub entries: Vec<SignedEntry>,
    /// The number of the log's last entry: more pages follow while it is not among these.
    #[n(1)]
    pub last: u64,
}

/// The caller's wraps, all versions of all its vaults.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Wraps {
    /// Ascending by vault and version; at most [`MAX_ITEMS`].
    #[n(0)]
    pub wraps: Vec<Wrap>,
}

/// Asks for objects of one vault by name.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct FetchObjects {
    /// The caller must hold it.
    #[n(0)]
    pub vault: VaultId,
    /// At most [`MAX_FETCH`].
    #[n(1)]
    pub ids: Vec<ObjectId>,
}

/// Objects in the order that they were asked for, without those that the server does not have.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Objects {
    /// At most [`MAX_FETCH`]. Name each by hashing it.
    #[n(0)]
    pub objects: Vec<ByteVec>,
    /// Whether the reply was cut at its limit of bytes: ask again for what is not here.
    #[n(1)]
    pub more: bool,
}

macro_rules! messages {
    ($($name:ty: $cap:expr),* $(,)?) => {$(
        impl Canonical for $name {
            const MAX_BYTES: usize = $cap;
        }
    )*};
}

messages! {
    Challenge: 64,
    SessionClaim: 1 << 10,
    OpenSession: 2 << 10,
    SessionOpened: 1 << 10,
    AccountBlob: MAX_ACCOUNT + 64,
    PutAccount: MAX_ACCOUNT + 128,
    CheckSetup: 1 << 10,
    FoundTeam: MAX_BODY,
    Push: MAX_BODY,
    RecoverTeam: MAX_BODY,
    Pushed: 64,
    LogPage: MAX_BODY,
    Wraps: MAX_BODY,
    PostJoin: MAX_ACCOUNT + (4 << 10),
    Joins: 2 << 20,
    Missing: 128 << 10,
    LastUses: 128 << 10,
    Sessions: 512 << 10,
    EndSessions: 64 << 10,
    FetchObjects: 64 << 10,
    Objects: MAX_BODY,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $title:literal;)*) => {
        /// The stable codes of problem documents.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The code as it is written in a problem document.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// The HTTP status that it comes with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }

            /// One sentence for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// The code that is written `text`.
            #[must_use]
            pub fn of(text: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.text() == text)
            }
        }
    };
}

impl Code {
    /// Whether the server's state is the reason, not the request: the same may go well later.
    #[must_use]
    pub const fn is_of_the_server(self) -> bool {
        matches!(
            self,
            Code::RateLimited | Code::Quota | Code::Storage | Code::Unavailable | Code::Internal
        )
    }
}

codes! {
    /// The body is not the canonical encoding of what the route takes.
    Malformed = "malformed", 400, "The request is not well formed.";
    /// No token, an expired one, or a signature that does not verify.
    Unauthorized = "unauthorized", 401, "Sign in again.";
    /// The session was ended from another device of the same member's.
    SessionEnded = "session-ended", 401, "This session was ended from another device.";
    /// The challenge was used, is older than a minute, or the server was restarted since.
    Challenge = "challenge", 401, "This took too long. Sign in again.";
    /// The session was signed for another origin than the server's.
    Origin = "origin", 421, "This server is reached at another address.";
    /// The setup token is wrong, or was used.
    SetupToken = "setup-token", 403, "This setup link was used already or is not this server's.";
    /// Not for this principal: not a member, or not a holder of the vault.
    Forbidden = "forbidden", 403, "You may not do this.";
    /// No such team, account or route.
    NotFound = "not-found", 404, "There is no such thing here.";
    /// Another entry came first. The body is a LogPage instead of a problem document.
    Conflict = "conflict", 409, "Somebody else wrote first.";
    /// The account blob has a newer generation. The body is an AccountBlob.
    Generation = "generation", 412, "The account was changed on another device.";
    /// Over a limit of size.
    TooLarge = "too-large", 413, "This is over the server's limit of size.";
    /// The reducer rejects the entry, or wraps or objects are missing.
    Rejected = "rejected", 422, "The server does not accept this change.";
    /// Too many requests; `Retry-After` says when.
    RateLimited = "rate-limited", 429, "Too many requests. Wait a little.";
    /// The team's quota is used up.
    Quota = "quota", 507, "The team's storage on this server is used up.";
    /// The disk is full or cannot be written. Nothing was changed.
    Storage = "storage", 507, "The server could not store this. Nothing was changed.";
    /// Shutting down, or overloaded.
    Unavailable = "unavailable", 503, "The server is busy or restarting. Try again.";
    /// A fault of the server's.
    Internal = "internal", 500, "The server failed. Its log has the details.";
}

crate::decode_fields! {
    Challenge { nonce by minicbor::bytes::decode }
    SessionClaim { principal, server_nonce by minicbor::bytes::decode, client_nonce by minicbor::bytes::decode, origin }
    OpenSession { claim, signature by minicbor::bytes::decode }
    SessionOpened { token, seconds }
    AccountBlob { generation, sealed }
    PutAccount { base, sealed, login_key }
    NewAccount { locator, login_key, sealed }
    CheckSetup { setup_token }
    FoundTeam { setup_token, account, genesis, first }
    Push { entry, wraps by at_most::<MAX_ITEMS, _, _>, objects by at_most::<MAX_ITEMS, _, _> }
    RecoverTeam { account, push }
    Pushed { head }
    PostJoin { account, join }
    Joins { joins by at_most::<MAX_FETCH, _, _> }
    Missing { keys by at_most::<MAX_FETCH, _, _> }
    MissingKey { vault, version, member }
    LastUses { uses by at_most::<MAX_FETCH, _, _> }
    LastUse { member, time }
    Sessions { sessions by at_most::<MAX_FETCH, _, _> }
    SessionNote { id, opened, used, agent, own }
    EndSessions { ids by at_most::<MAX_FETCH, _, _> }
    LogPage { entries by at_most::<LOG_PAGE, _, _>, last }
    Wraps { wraps by at_most::<MAX_ITEMS, _, _> }
    FetchObjects { vault, ids by at_most::<MAX_FETCH, _, _> }
    Objects { objects by at_most::<MAX_FETCH, _, _>, more }
}

crate::decode_variants! {
    Principal { 0: Account(a), 1: Member(a, b), 2: Root(a), 3: Link(a, b) }
}
