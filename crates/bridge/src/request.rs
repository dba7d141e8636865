//! Requests, replies and events. TypeScript has another name for those that the DOM has already.

use serde::{Deserialize, Serialize};

use crate::view::{
    Change, Device, Import, ImportChoice, Kit, Overview, Row, Scope, Secrets, Status, Version,
};
use crate::{Hidden, Problem};

/// From the page: a numbered request.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ToKeyholder {
    /// Comes back in the reply.
    pub id: u32,
    /// What is asked.
    pub request: Request,
}

/// From the keyholder's worker: a reply, or something that it tells by itself.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum FromKeyholder {
    /// The module is loaded: requests may come.
    Ready,
    /// The answer to a request.
    Reply {
        /// The request's number.
        id: u32,
        /// The answer.
        result: Result<Reply, Problem>,
    },
    /// News.
    Event(Event),
}

/// What the page may ask.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(rename = "KeyholderRequest"))]
pub enum Request {
    /// Where the device stands → [`Reply::Status`].
    Status,
    /// A generated passphrase of eight words → [`Reply::Text`].
    Passphrase,
    /// Whether the setup link is still good, before anything is typed → [`Reply::Done`].
    CheckSetup {
        /// From the setup link's fragment.
        token: Hidden,
    },
    /// Makes account, team and kit, in memory alone → [`Reply::Kit`]. Takes a while (Argon2id).
    BeginSetup {
        /// From the setup link's fragment.
        token: Hidden,
        /// 1 to 64 characters.
        team_name: String,
        /// The founder's name in the team.
        me: String,
        /// At least 12 characters.
        password: Hidden,
    },
    /// Checks the retyped fragments and founds the team → [`Reply::Overview`]. If the answer was
    /// lost it may be sent again.
    FinishSetup {
        /// The group of the Secret Key that the kit asked for.
        secret_key_fragment: Hidden,
        /// The tail of the root key that the kit asked for.
        root_key_fragment: Hidden,
    },
    /// → [`Reply::Overview`].
    Unlock {
        /// The password.
        password: Hidden,
    },
    /// On a new device → [`Reply::Overview`].
    Recover {
        /// The whole kit's text, or the Secret Key and the checkpoint as typed.
        kit: Hidden,
        /// The password.
        password: Hidden,
    },
    /// → [`Reply::Overview`].
    Overview,
    /// Fetches what is new → [`Reply::Overview`].
    Sync,
    /// A window of the secrets that a scope sees → [`Reply::Secrets`].
    Secrets {
        /// Where one looks.
        scope: Scope,
        /// Part of a key or note, any case; empty for all.
        filter: String,
        /// With those of the scopes above.
        inherited: bool,
        /// Where the window starts.
        offset: usize,
        /// How many rows at most.
        limit: usize,
    },
    /// Searches every project by key and note → [`Reply::Secrets`].
    Search {
        /// Part of a key or note, any case.
        text: String,
        /// How many rows at most.
        limit: usize,
    },
    /// Deleted secrets of a scope, the last first → [`Reply::Secrets`].
    Deleted {
        /// Where.
        scope: Scope,
    },
    /// One value → [`Reply::Text`]. A version of the history with `version`.
    Reveal {
        /// The secret.
        secret: String,
        /// Which version; the current one if absent.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        version: Option<u32>,
    },
    /// A secret's versions, the last first → [`Reply::History`].
    History {
        /// The secret.
        secret: String,
    },
    /// Whether a secret may have this key, told while it is typed → [`Reply::Done`].
    CheckKey {
        /// The key, as it stands.
        key: String,
    },
    /// → [`Reply::Created`] with its id.
    CreateProject {
        /// 1 to 64 characters.
        name: String,
    },
    /// → [`Reply::Created`].
    CreateEnvironment {
        /// The project.
        project: String,
        /// 1 to 64 characters, not taken in the project.
        name: String,
    },
    /// → [`Reply::Created`].
    CreateApplication {
        /// The environment.
        environment: String,
        /// 1 to 64 characters, not taken in the environment.
        name: String,
    },
    /// A new secret, or a new version where the key exists at this very scope → [`Reply::Row`].
    CreateSecret {
        /// Where.
        scope: Scope,
        /// Key.
        key: String,
        /// Value, at most 1 MiB.
        value: Hidden,
        /// Note, may be empty.
        note: String,
    },
    /// → [`Reply::Row`], or a conflict if the secret is not at `base` any more.
    EditSecret {
        /// The secret.
        secret: String,
        /// The version that the editor saw.
        base: u32,
        /// What changes.
        change: Change,
    },
    /// Deletes; [`Request::RestoreSecret`] is the undo → [`Reply::Done`].
    DeleteSecrets {
        /// Ids, each with the version that was seen.
        secrets: Vec<(String, u32)>,
    },
    /// Brings a deleted secret back, or an older version on top → [`Reply::Row`].
    RestoreSecret {
        /// The secret.
        secret: String,
        /// The version to bring back; the last value if absent.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        version: Option<u32>,
    },
    /// Reads a dotenv text and compares it; the keyholder keeps it until applied or replaced
    /// → [`Reply::Import`].
    ReadImport {
        /// Where it shall go.
        scope: Scope,
        /// The text, at most 4 MiB.
        text: Hidden,
    },
    /// Writes the chosen lines of the import that was read → [`Reply::Written`].
    ApplyImport {
        /// One for each line that is taken.
        choices: Vec<ImportChoice>,
    },
    /// The secrets set at a scope as a dotenv text → [`Reply::Text`].
    Export {
        /// Where.
        scope: Scope,
        /// With those of the scopes above.
        inherited: bool,
    },
    /// → [`Reply::Device`].
    Device,
    /// Sets the time of idleness after which the device locks → [`Reply::Done`].
    LockAfter {
        /// Minutes, 1 to 240.
        minutes: u32,
    },
    /// Forgets the Secret Key and all pins of this device → [`Reply::Done`]. The kit is needed then.
    ForgetDevice,
}

/// What the keyholder answers.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Reply {
    /// Nothing to say.
    Done,
    /// Where the device stands.
    Status(Status),
    /// One text that was asked for.
    Text(Hidden),
    /// The kit.
    Kit(Box<Kit>),
    /// The team from above.
    Overview(Overview),
    /// A window.
    Secrets(Secrets),
    /// One secret.
    Row(Box<Row>),
    /// Versions.
    History(Vec<Version>),
    /// The id of what was created.
    Created(String),
    /// An import to be decided on.
    Import(Import),
    /// How many secrets were written.
    Written(usize),
    /// This device.
    Device(Device),
}

/// What the keyholder tells by itself.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(rename = "KeyholderEvent"))]
pub enum Event {
    /// Something changed, here or elsewhere: ask again for what is on screen.
    Changed(Overview),
    /// A long piece of work: `done` of `total`, named by `what`.
    Progress {
        /// Such as `Writing secrets`.
        what: String,
        /// So far.
        done: usize,
        /// In all.
        total: usize,
    },
    /// The server does not answer (`false`), or does again (`true`).
    Online(bool),
    /// Something that must not be missed: a rollback or fork, as a sentence.
    Alarm(Problem),
    /// Another tab locked: this one does too.
    LockNow,
}
