//! Requests, replies and events. TypeScript has another name for those that the DOM has already.

use crate::account::Account;
use crate::alarm::{Alarm, ChangedKeys, Compared};
use crate::history::{AsItWas, LogEntries, LogFilter, ToTurnBack};
use crate::keys::{Rotated, RotationStep, VaultKeys};
use crate::message;
use crate::named_keys::{
    DataKey, NamedKey, NamedKeyAt, NamedKeyChange, NamedKeyVersion, Rewrapped, ToRewrap,
};
use crate::people::{Access, Grant, Invitation, People, RoleChange, Seat, Waiting};
use crate::root_key::{Recovery, RootKey, RootKeyIs, RootKeySheet};
use crate::view::{
    Comparison, Device, Effective, Format, Import, ImportChoice, KeptDraft, Kit, Matrix, Only,
    Overview, Plain, Row, Scope, Secrets, Status, Version, Write,
};
use crate::worklist::{Loss, Seen};
use crate::{Hidden, HiddenBytes, Problem};

/// From the page: a numbered request.
#[derive(Clone, PartialEq, Debug)]
pub struct ToKeyholder {
    /// Comes back in the reply.
    pub id: u32,
    /// What is asked.
    pub request: Request,
}

/// From the keyholder's worker: a reply, or something that it tells by itself.
#[derive(Clone, PartialEq, Debug)]
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
#[derive(Clone, PartialEq, Debug)]
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
    /// → [`Reply::Overview`]; [`Reply::Waiting`] where one is not let in yet.
    Unlock {
        /// The password.
        password: Hidden,
        /// The id of the team to open first; any if absent, or if the account has no seat there.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        team: Option<String>,
    },
    /// On a new device → [`Reply::Overview`]; [`Reply::Waiting`] as above.
    Recover {
        /// The whole kit's text, or the Secret Key and the checkpoint as typed.
        kit: Hidden,
        /// The password.
        password: Hidden,
    },
    /// Opens a team by its root key, where nothing else is left; changes nothing → [`Reply::Recovery`].
    OpenRecovery {
        /// `srk1_…`, as it was kept.
        root_key: Hidden,
    },
    /// Makes an account with other keys for an owner of the team that was opened so → [`Reply::Kit`];
    /// then [`Request::FinishSetup`].
    BeginRecovery {
        /// The owner's id.
        owner: String,
        /// The password from now on.
        password: Hidden,
    },
    /// Follows an invite's link; changes nothing → [`Reply::Invitation`].
    OpenInvite {
        /// The link, or its fragment: `sri1_…`.
        link: Hidden,
    },
    /// Makes an account to join with by the invite that was followed → [`Reply::Kit`]; then
    /// [`Request::FinishSetup`] → [`Reply::Waiting`].
    BeginJoin {
        /// At least 12 characters.
        password: Hidden,
    },
    /// Joins with the account that is open, by the invite that was followed → [`Reply::Waiting`].
    Join,
    /// Looks whether one was let in → [`Reply::Overview`], or [`Reply::Waiting`].
    Knock,
    /// The teams that the account has seats in → [`Reply::Seats`].
    Seats,
    /// Opens another team of the account → [`Reply::Overview`], or [`Reply::Waiting`].
    SwitchTeam {
        /// The team's id.
        team: String,
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
    /// What a scope resolves to, with the way there → [`Reply::Effective`].
    Effective {
        /// Where one looks.
        scope: Scope,
        /// Part of a key, any case; empty for all.
        filter: String,
        /// Where the window starts.
        offset: usize,
        /// How many rows at most.
        limit: usize,
    },
    /// What one key comes to in a scope, with the way there → [`Reply::Effective`] with one row.
    Trace {
        /// Where one looks.
        scope: Scope,
        /// The key.
        key: String,
    },
    /// What one key comes to in a scope, aliases followed and references filled in
    /// → [`Reply::Text`], or [`Reply::Bytes`] of what is not UTF-8.
    RevealKey {
        /// Where one looks.
        scope: Scope,
        /// The key.
        key: String,
    },
    /// A project's keys against its environments → [`Reply::Matrix`].
    Matrix {
        /// The project.
        project: String,
        /// Part of a key or note, any case; empty for all.
        filter: String,
        /// Which rows; all if absent.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        only: Option<Only>,
        /// An environment's id: it alone, beside what is shared; all if absent.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        environment: Option<String>,
        /// The name of applications: their rows under every key, and no others; no key that only
        /// others set.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        application: Option<String>,
        /// Keys whose application rows are wanted.
        expanded: Vec<String>,
        /// Where the window starts.
        offset: usize,
        /// How many rows at most.
        limit: usize,
    },
    /// Two scopes side by side, by value, without a value leaving the keyholder
    /// → [`Reply::Comparison`].
    Compare {
        /// One.
        left: Scope,
        /// The other.
        right: Scope,
    },
    /// Secrets of every project that have equal values → [`Reply::Groups`], the largest first.
    Duplicates,
    /// Copies what keys come to from one scope to another, without a value leaving the keyholder:
    /// as new secrets, new versions or overrides → [`Reply::Written`].
    Promote {
        /// From where.
        from: Scope,
        /// To where.
        to: Scope,
        /// Which keys.
        keys: Vec<String>,
        /// A note for the change, may be empty.
        note: String,
    },
    /// All that hangs on these secrets, aliases and overrides, transitively: what must be deleted
    /// with them → [`Reply::Secrets`].
    Hanging {
        /// Ids.
        secrets: Vec<String>,
    },
    /// One value as it is set → [`Reply::Text`], or [`Reply::Bytes`] of what is not UTF-8. A
    /// version of the history with `version`.
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
    /// Makes all of these writes, or none, in one entry → [`Reply::Rows`]: the secrets as they are
    /// now, in the order of the writes.
    Write {
        /// At least one.
        writes: Vec<Write>,
        /// A note for the change, may be empty.
        note: String,
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
    /// What a scope resolves to as a text; refused if anything comes to nothing → [`Reply::Text`].
    Export {
        /// Where.
        scope: Scope,
        /// Which format.
        format: Format,
        /// With the keys that only the scopes above have.
        inherited: bool,
        /// With what is built in.
        built_in: bool,
    },
    /// The keys of all vaults, and what a rotation would do → [`Reply::Keys`].
    Keys,
    /// What has something under a key version of a vault → [`Reply::Secrets`].
    UsesOfKey {
        /// The vault.
        vault: String,
        /// The key version.
        version: u32,
        /// How many rows at most.
        limit: usize,
    },
    /// Rotates the keys of vaults; tells [`Event::Progress`] meanwhile → [`Reply::Rotated`]. The same
    /// again goes on where it was paused or cut off.
    Rotate {
        /// The vaults.
        vaults: Vec<String>,
        /// Which steps.
        step: RotationStep,
        /// Drop earlier versions of secrets, instead of sealing them again.
        drop_earlier: bool,
    },
    /// Has a rotation that runs stop at the next step → [`Reply::Done`].
    PauseRotation,
    /// Asks for a vault's key to be rotated after so many days, or for that no more
    /// → [`Reply::Done`].
    RotateAfter {
        /// The vault.
        vault: String,
        /// Days, at least 1.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        days: Option<u16>,
    },
    /// The root key and those before it → [`Reply::RootKey`].
    RootKey,
    /// Makes another root key, not in force yet; where this device has made one already, shows that
    /// → [`Reply::RootKeySheet`].
    StageRootKey,
    /// Forgets the root key that this device has made and that is not in force → [`Reply::RootKey`].
    DiscardRootKey,
    /// Puts that key in force, and gives every vault its next key → [`Reply::RootKey`].
    RotateRootKey {
        /// The key's eight words: another tab may have made another one meanwhile.
        fingerprint: String,
        /// The tail of the key, typed from what was kept.
        tail: Hidden,
    },
    /// What a root key that somebody has kept is to the team → [`Reply::RootKeyIs`].
    CheckRootKey {
        /// `srk1_…`.
        root_key: Hidden,
    },
    /// The named keys of all vaults → [`Reply::NamedKeys`].
    NamedKeys,
    /// A named key's versions, the newest first → [`Reply::NamedKeyVersions`].
    NamedKeyVersions {
        /// Which key.
        at: NamedKeyAt,
    },
    /// Makes or changes a named key → [`Reply::NamedKeys`], as they are then.
    ChangeNamedKey {
        /// Which key.
        at: NamedKeyAt,
        /// The version of its record that one saw; 0 for a new key.
        base: u32,
        /// The change.
        change: NamedKeyChange,
    },
    /// Encrypts with a named key; one that does not exist is made first, by whoever may write in the
    /// vault → [`Reply::Ciphertext`].
    Encrypt {
        /// Which key.
        at: NamedKeyAt,
        /// At most 1 MiB.
        plaintext: Plain,
        /// What the data is of, at most 4 KiB: it opens with the same alone. Kept nowhere.
        context: Plain,
        /// Which version; the newest if absent.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        version: Option<u32>,
    },
    /// Decrypts with a named key → [`Reply::Text`], or [`Reply::Bytes`] of what is not UTF-8.
    Decrypt {
        /// Which key.
        at: NamedKeyAt,
        /// The ciphertext.
        ciphertext: String,
        /// What it was encrypted with.
        context: Plain,
    },
    /// Brings ciphertexts to a newer version; their plaintext does not leave the keyholder
    /// → [`Reply::Rewrapped`].
    Rewrap {
        /// Which key.
        at: NamedKeyAt,
        /// The ciphertexts.
        items: Vec<ToRewrap>,
        /// To which version; the newest if absent.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        to: Option<u32>,
    },
    /// A fresh key for one's own encryption, wrapped by a named key → [`Reply::DataKey`].
    DataKey {
        /// Which key wraps it.
        at: NamedKeyAt,
        /// As with [`Request::Encrypt`].
        context: Plain,
        /// How long it is: 16, 32 or 64.
        bytes: usize,
        /// With the key itself, and not the wrapped one alone.
        plaintext: bool,
    },
    /// Who belongs to the team → [`Reply::People`].
    People,
    /// Invites somebody → [`Reply::Text`]: the link, for that person alone. It is shown this once.
    Invite {
        /// What that person is called here.
        name: String,
        /// What it is to.
        access: Access,
        /// For how many days it can be used: 1 to 90.
        days: u32,
    },
    /// Takes an invite back → [`Reply::People`].
    CancelInvite {
        /// The invite's id.
        invite: String,
    },
    /// Lets in whoever waits by an invite, and has said these words → [`Reply::People`].
    Admit {
        /// The invite's id.
        invite: String,
        /// The eight words of its keys.
        fingerprint: String,
    },
    /// Changes what members may open, all of it or nothing → [`Reply::People`]. A vault that is taken
    /// from somebody gets its next key.
    SetRoles {
        /// At least one.
        changes: Vec<RoleChange>,
    },
    /// Makes a member an owner → [`Reply::People`].
    PromoteMember {
        /// The member's id.
        member: String,
    },
    /// Takes members out of the team, for good, and with them the machines that they have added, by then
    /// too; what they held gets its next key → [`Reply::People`]. It is one step, unless they are some
    /// hundreds: those above that follow, and if that fails, the same again goes on.
    RemoveMembers {
        /// Their ids.
        members: Vec<String>,
        /// Machines that they have added and that stay.
        staying: Vec<String>,
    },
    /// Lets a machine in → [`Reply::Text`]: its token, for it alone. It is shown this once.
    AddMachine {
        /// What it is called here.
        name: String,
        /// What it gets.
        grants: Vec<Grant>,
        /// For how many days its token works, 1 to 3,650; for good if absent.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        days: Option<u32>,
    },
    /// What people could read who have lost it since → [`Reply::Worklist`].
    Worklist {
        /// At most so many items of each.
        limit: usize,
    },
    /// Says that what secrets open was replaced at its source, or opens nothing; all or none
    /// → [`Reply::Worklist`].
    SeenTo {
        /// The entry by which somebody lost them.
        seq: u64,
        /// Which; all that one may write, if there are none.
        secrets: Vec<Seen>,
        /// Puts them on the list again instead.
        again: bool,
        /// As with [`Request::Worklist`].
        limit: usize,
    },
    /// One's own keys and sessions → [`Reply::Account`].
    Account,
    /// Ends sessions of one's own: whoever has one locks → [`Reply::Account`].
    EndSessions {
        /// Their ids.
        ids: Vec<String>,
    },
    /// Seals the account with another password → [`Reply::Done`].
    ChangePassword {
        /// The one so far.
        current: Hidden,
        /// At least 12 characters.
        new: Hidden,
    },
    /// Gives oneself other keys, and opens the team with them → [`Reply::Overview`].
    RenewKeys,
    /// A kit for another device, which has to be within the places that this one has seen
    /// → [`Reply::Kit`].
    DeviceKit {
        /// The account's.
        password: Hidden,
    },
    /// The team's whole signed log, for whoever verifies it without keys → [`Reply::Text`].
    Trail,
    /// Keeps a draft on this device, sealed, in place of the one of that name, or drops it
    /// → [`Reply::Done`]. It outlives a lock; all together have at most 8 MiB.
    KeepDraft {
        /// A random UUID (version 4), lower case.
        name: String,
        /// The draft, in whatever form; none to drop it.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        text: Option<Hidden>,
    },
    /// The drafts that this device keeps for the team, the oldest first → [`Reply::Drafts`].
    Drafts,
    /// → [`Reply::Device`].
    Device,
    /// Sets the time of idleness after which the device locks → [`Reply::Done`].
    LockAfter {
        /// Minutes, 1 to 240.
        minutes: u32,
    },
    /// Forgets the Secret Key and all pins of this device → [`Reply::Done`]. The kit is needed then.
    ForgetDevice,
    /// Some entries of the team's log → [`Reply::Log`]. Of a long log a part is looked through at a
    /// time.
    Log {
        /// Those before this number; the newest if absent.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        before: Option<u64>,
        /// Which.
        filter: LogFilter,
    },
    /// What it takes to have a vault's secrets as they were → [`Reply::AsItWas`].
    AsItWas {
        /// The vault.
        vault: String,
        /// The number of the entry that was the newest then.
        seq: u64,
    },
    /// Has secrets as they were, as one change → [`Reply::Written`].
    TurnBack {
        /// The vault.
        vault: String,
        /// The number of the entry that was the newest then.
        seq: u64,
        /// Which secrets.
        secrets: Vec<ToTurnBack>,
        /// A note for the change, may be empty.
        note: String,
    },
    /// The alarms that stand on this device, of whichever team, also while it is locked
    /// → [`Reply::Alarms`].
    Alarms,
    /// What has raised a team's alarm, as a file → [`Reply::Text`].
    AlarmEvidence {
        /// The team's id.
        team: String,
    },
    /// Clears an alarm → [`Reply::Alarms`]. What has raised it never raises one again.
    ClearAlarm {
        /// The team's id.
        team: String,
        /// The alarm's id.
        alarm: String,
    },
    /// Lets an owner change the open team although this alarm stands, until the lock → [`Reply::Alarms`]:
    /// if another one stands by then, that is shown.
    ActAllTheSame {
        /// The alarm's id.
        alarm: String,
    },
    /// Holds somebody else's checkpoint of the open team against one's own log → [`Reply::Compared`].
    CompareCheckpoint {
        /// `SEQ:HASH`.
        checkpoint: String,
    },
    /// Whose keys were replaced, and not compared on this device since → [`Reply::ChangedKeys`].
    ChangedKeys,
    /// Somebody has compared a member's words on this device → [`Reply::ChangedKeys`].
    KeysCompared {
        /// The member's id.
        member: String,
        /// The eight words.
        fingerprint: String,
    },
}

/// What the keyholder answers.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Reply {
    /// Nothing to say.
    Done,
    /// Where the device stands.
    Status(Status),
    /// One text that was asked for.
    Text(Hidden),
    /// Bytes that were asked for and are not text.
    Bytes(#[cfg_attr(feature = "typescript", tsify(type = "Uint8Array"))] HiddenBytes),
    /// The kit.
    Kit(Box<Kit>),
    /// The team from above.
    Overview(Overview),
    /// A window.
    Secrets(Secrets),
    /// Secrets, in the order of what was asked.
    Rows(Vec<Row>),
    /// Groups of secrets.
    Groups(Vec<Vec<Row>>),
    /// What a scope resolves to.
    Effective(Effective),
    /// Keys against environments.
    Matrix(Matrix),
    /// Two scopes side by side.
    Comparison(Comparison),
    /// Versions.
    History(Vec<Version>),
    /// The id of what was created.
    Created(String),
    /// An import to be decided on.
    Import(Import),
    /// How many secrets were written.
    Written(usize),
    /// The keys of vaults, by name.
    Keys(Vec<VaultKeys>),
    /// What came of a rotation, vault by vault.
    Rotated(Vec<Rotated>),
    /// A team that its root key has opened.
    Recovery(Recovery),
    /// The root key.
    RootKey(RootKey),
    /// A root key to be kept.
    RootKeySheet(RootKeySheet),
    /// What a root key is to the team.
    RootKeyIs(RootKeyIs),
    /// Named keys, by the name of their vault and their own.
    NamedKeys(Vec<NamedKey>),
    /// A named key's versions, the newest first.
    NamedKeyVersions(Vec<NamedKeyVersion>),
    /// `subrosa:v1:` and so on.
    Ciphertext(String),
    /// What came of each ciphertext, in their order: one that is refused stops no other.
    Rewrapped(Vec<Result<Rewrapped, Problem>>),
    /// A data key.
    DataKey(DataKey),
    /// What is to be replaced, the last loss first.
    Worklist(Vec<Loss>),
    /// One's own keys and sessions.
    Account(Account),
    /// Who belongs to the team.
    People(People),
    /// An invite, as its link shows it.
    Invitation(Invitation),
    /// One is not let in yet.
    Waiting(Waiting),
    /// The teams that the account has seats in.
    Seats(Vec<Seat>),
    /// What was typed and not saved.
    Drafts(Vec<KeptDraft>),
    /// This device.
    Device(Device),
    /// Entries of the log.
    Log(LogEntries),
    /// What it takes to have secrets as they were.
    AsItWas(AsItWas),
    /// Alarms that stand.
    Alarms(Vec<Alarm>),
    /// What a checkpoint is to one's own log.
    Compared(Compared),
    /// Members whose keys have changed.
    ChangedKeys(Vec<ChangedKeys>),
}

/// What the keyholder tells by itself.
#[derive(Clone, PartialEq, Debug)]
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

message!(ToKeyholder { id, request });
message!(enum FromKeyholder: Ready, Reply { id, result }, Event(value));
message!(enum Request:
    Status, Passphrase, CheckSetup { token }, BeginSetup { token, team_name, me, password },
    FinishSetup { secret_key_fragment, root_key_fragment }, Unlock { password, team },
    Recover { kit, password }, OpenRecovery { root_key }, BeginRecovery { owner, password },
    OpenInvite { link }, BeginJoin { password }, Join, Knock, Seats, SwitchTeam { team }, Overview, Sync, Secrets { scope, filter, inherited, offset, limit },
    Search { text, limit }, Deleted { scope }, Effective { scope, filter, offset, limit },
    Trace { scope, key }, RevealKey { scope, key },
    Matrix { project, filter, only, environment, application, expanded, offset, limit },
    Compare { left, right }, Duplicates, Promote { from, to, keys, note }, Hanging { secrets },
    Reveal { secret, version }, History { secret }, CheckKey { key }, CreateProject { name },
    CreateEnvironment { project, name }, CreateApplication { environment, name },
    Write { writes, note }, ReadImport { scope, text }, ApplyImport { choices },
    Export { scope, format, inherited, built_in }, Keys, UsesOfKey { vault, version, limit },
    Rotate { vaults, step, drop_earlier }, PauseRotation, RotateAfter { vault, days },
    RootKey, StageRootKey, DiscardRootKey, RotateRootKey { fingerprint, tail },
    CheckRootKey { root_key },
    NamedKeys, NamedKeyVersions { at }, ChangeNamedKey { at, base, change },
    Encrypt { at, plaintext, context, version }, Decrypt { at, ciphertext, context },
    Rewrap { at, items, to }, DataKey { at, context, bytes, plaintext },
    People, Invite { name, access, days }, CancelInvite { invite }, Admit { invite, fingerprint },
    SetRoles { changes }, PromoteMember { member }, RemoveMembers { members, staying },
    AddMachine { name, grants, days }, Trail, Worklist { limit }, SeenTo { seq, secrets, again, limit },
    Account, EndSessions { ids },
    ChangePassword { current, new }, RenewKeys, DeviceKit { password },
    KeepDraft { name, text }, Drafts, Device,
    LockAfter { minutes }, ForgetDevice,
    Log { before, filter }, AsItWas { vault, seq }, TurnBack { vault, seq, secrets, note },
    Alarms, AlarmEvidence { team }, ClearAlarm { team, alarm }, ActAllTheSame { alarm },
    CompareCheckpoint { checkpoint }, ChangedKeys, KeysCompared { member, fingerprint }
);
message!(enum Reply:
    Done, Status(value), Text(value), Bytes(value), Kit(value), Overview(value), Secrets(value),
    Rows(value), Groups(value), Effective(value), Matrix(value), Comparison(value), History(value),
    Created(value), Import(value), Written(value), Keys(value), Rotated(value), Recovery(value),
    RootKey(value), RootKeySheet(value), RootKeyIs(value), NamedKeys(value),
    NamedKeyVersions(value), Ciphertext(value), Rewrapped(value), DataKey(value),
    Worklist(value), Account(value), People(value), Invitation(value), Waiting(value), Seats(value),
    Drafts(value), Device(value), Log(value), AsItWas(value), Alarms(value), Compared(value),
    ChangedKeys(value)
);
message!(enum Event:
    Changed(value), Progress { what, done, total }, Online(value), Alarm(value), LockNow
);
