//! The keyholder's questions, each with the type of its answer.

use subrosa_bridge::account::Account;
use subrosa_bridge::alarm::{Alarm, ChangedKeys, Compared};
use subrosa_bridge::history::{AsItWas, LogEntries};
use subrosa_bridge::keys::{Rotated, RotationStep, VaultKeys};
use subrosa_bridge::named_keys::NamedKey;
use subrosa_bridge::people::{Invitation, People, Seat, Waiting};
use subrosa_bridge::root_key::{Recovery, RootKey, RootKeyIs, RootKeySheet};
use subrosa_bridge::view::{
    Comparison, Device, Effective, Format, Import, ImportChoice, KeptDraft, Kit, Matrix, Overview,
    Plain, Row, Scope, Secrets, Status, Version, Write,
};
use subrosa_bridge::worklist::Loss;
use subrosa_bridge::{Hidden, Kind, Problem, Reply, Request};

use crate::keyholder::Keyholder;

/// What every question gives.
pub type Answer<T> = Result<T, Problem>;

/// What an account opens.
pub enum Opened {
    /// A team.
    Team(Box<Overview>),
    /// A team's door, at which one waits.
    Door(Waiting),
}

/// Picks the one reply that fits the request; any other is a fault of ours.
macro_rules! answer {
    ($asked:expr, $pattern:pat => $value:expr) => {
        match $asked.await? {
            $pattern => Ok($value),
            _ => Err(unexpected()),
        }
    };
}

impl Keyholder {
    /// Where the device stands.
    pub async fn status(self) -> Answer<Status> {
        answer!(self.ask(Request::Status), Reply::Status(status) => status)
    }

    /// A generated passphrase.
    pub async fn passphrase(self) -> Answer<Hidden> {
        answer!(self.ask(Request::Passphrase), Reply::Text(text) => text)
    }

    /// Whether the setup link is still good.
    pub async fn check_setup(self, token: Hidden) -> Answer<()> {
        self.ask(Request::CheckSetup { token }).await.map(|_| ())
    }

    /// Account, team and kit, in memory alone: a [`Request::BeginSetup`].
    pub async fn begin_setup(self, setup: Request) -> Answer<Kit> {
        answer!(self.ask(setup), Reply::Kit(kit) => *kit)
    }

    /// Founds the team once both fragments fit.
    pub async fn finish_setup(self, secret_key: Hidden, root_key: Hidden) -> Answer<Opened> {
        let request =
            Request::FinishSetup { secret_key_fragment: secret_key, root_key_fragment: root_key };
        self.open(request).await
    }

    /// Opens the account.
    pub async fn unlock(self, password: Hidden, team: Option<String>) -> Answer<Opened> {
        self.open(Request::Unlock { password, team }).await
    }

    /// Opens the account on a new device.
    pub async fn recover(self, kit: Hidden, password: Hidden) -> Answer<Opened> {
        self.open(Request::Recover { kit, password }).await
    }

    /// Opens the account, or what it waits for.
    pub async fn open(self, request: Request) -> Answer<Opened> {
        match self.ask(request).await? {
            Reply::Overview(overview) => Ok(Opened::Team(Box::new(overview))),
            Reply::Waiting(waiting) => Ok(Opened::Door(waiting)),
            _ => Err(unexpected()),
        }
    }

    /// Follows an invite's link.
    pub async fn open_invite(self, link: Hidden) -> Answer<Invitation> {
        let request = Request::OpenInvite { link };
        answer!(self.ask(request), Reply::Invitation(invitation) => invitation)
    }

    /// Joins with the account that is open.
    pub async fn join(self) -> Answer<Waiting> {
        answer!(self.ask(Request::Join), Reply::Waiting(waiting) => waiting)
    }

    /// The teams of the account.
    pub async fn seats(self) -> Answer<Vec<Seat>> {
        answer!(self.ask(Request::Seats), Reply::Seats(seats) => seats)
    }

    /// What leavers could read, after a request that may change it.
    pub async fn worklist(self, request: Request) -> Answer<Vec<Loss>> {
        answer!(self.ask(request), Reply::Worklist(losses) => losses)
    }

    /// One's own keys and sessions, after a request that may change them.
    pub async fn account(self, request: Request) -> Answer<Account> {
        answer!(self.ask(request), Reply::Account(account) => account)
    }

    /// The team's signed log as a file.
    pub async fn trail(self) -> Answer<Hidden> {
        answer!(self.ask(Request::Trail), Reply::Text(trail) => trail)
    }

    /// Who belongs to the team, after a request that may change it.
    pub async fn people(self, request: Request) -> Answer<People> {
        answer!(self.ask(request), Reply::People(people) => people)
    }

    /// Invites somebody; gives the link.
    pub async fn invite(self, invite: Request) -> Answer<Hidden> {
        answer!(self.ask(invite), Reply::Text(link) => link)
    }

    /// The team from above, as it is known here.
    pub async fn overview(self) -> Answer<Overview> {
        answer!(self.ask(Request::Overview), Reply::Overview(overview) => overview)
    }

    /// Fetches what is new.
    pub async fn sync(self) -> Answer<Overview> {
        answer!(self.ask(Request::Sync), Reply::Overview(overview) => overview)
    }

    /// A window: a [`Request::Secrets`], [`Request::Search`] or [`Request::Deleted`].
    pub async fn window(self, request: Request) -> Answer<Secrets> {
        answer!(self.ask(request), Reply::Secrets(secrets) => secrets)
    }

    /// One value.
    pub async fn reveal(self, secret: String, version: Option<u32>) -> Answer<Hidden> {
        answer!(self.ask(Request::Reveal { secret, version }), Reply::Text(text) => text)
    }

    /// One value, or the bytes of a file.
    pub async fn content(self, secret: String, version: u32) -> Answer<Plain> {
        match self.ask(Request::Reveal { secret, version: Some(version) }).await? {
            Reply::Text(text) => Ok(Plain::Text(text)),
            Reply::Bytes(bytes) => Ok(Plain::Bytes(bytes)),
            _ => Err(unexpected()),
        }
    }

    /// A secret's versions, the last first.
    pub async fn history(self, secret: String) -> Answer<Vec<Version>> {
        answer!(self.ask(Request::History { secret }), Reply::History(versions) => versions)
    }

    /// Whether a secret may have this key; the refusal has a suggestion where there is one.
    pub async fn check_key(self, key: String) -> Answer<()> {
        self.ask(Request::CheckKey { key }).await.map(|_| ())
    }

    /// Makes a project, an environment or an application, and gives its id.
    pub async fn create(self, request: Request) -> Answer<String> {
        answer!(self.ask(request), Reply::Created(id) => id)
    }

    /// Makes writes, all or none, with a note for the change.
    pub async fn write(self, writes: Vec<Write>, note: String) -> Answer<Vec<Row>> {
        answer!(self.ask(Request::Write { writes, note }), Reply::Rows(rows) => rows)
    }

    /// Makes one write.
    pub async fn write_one(self, write: Write) -> Answer<Row> {
        let rows = self.write(vec![write], String::new()).await?;
        rows.into_iter().next().ok_or_else(unexpected)
    }

    /// What hangs on these secrets.
    pub async fn hanging(self, secrets: Vec<String>) -> Answer<Vec<Row>> {
        answer!(self.ask(Request::Hanging { secrets }), Reply::Secrets(secrets) => secrets.rows)
    }

    /// What a scope resolves to: a [`Request::Effective`] or [`Request::Trace`].
    pub async fn effective(self, request: Request) -> Answer<Effective> {
        answer!(self.ask(request), Reply::Effective(effective) => effective)
    }

    /// What one key comes to in a scope.
    pub async fn reveal_key(self, scope: Scope, key: String) -> Answer<Reply> {
        self.ask(Request::RevealKey { scope, key }).await
    }

    /// What one key comes to in a scope, if that is text.
    pub async fn text_of_key(self, scope: Scope, key: String) -> Answer<Hidden> {
        match self.reveal_key(scope, key).await? {
            Reply::Text(text) => Ok(text),
            Reply::Bytes(bytes) => {
                let said = format!("{} bytes that are no text.", bytes.expose().len());
                Err(Problem::new(Kind::Rule(415), said, "They can’t be shown."))
            }
            _ => Err(unexpected()),
        }
    }

    /// Keys against environments: a [`Request::Matrix`].
    pub async fn matrix(self, request: Request) -> Answer<Matrix> {
        answer!(self.ask(request), Reply::Matrix(matrix) => matrix)
    }

    /// Two scopes side by side.
    pub async fn compare(self, left: Scope, right: Scope) -> Answer<Comparison> {
        answer!(self.ask(Request::Compare { left, right }), Reply::Comparison(comparison) => comparison)
    }

    /// Secrets of equal value.
    pub async fn duplicates(self) -> Answer<Vec<Vec<Row>>> {
        answer!(self.ask(Request::Duplicates), Reply::Groups(groups) => groups)
    }

    /// Copies what keys come to from one scope to another: how many.
    pub async fn promote(
        self,
        from: Scope,
        to: Scope,
        keys: Vec<String>,
        note: String,
    ) -> Answer<usize> {
        let request = Request::Promote { from, to, keys, note };
        answer!(self.ask(request), Reply::Written(count) => count)
    }

    /// Reads a dotenv text.
    pub async fn read_import(self, scope: Scope, text: Hidden) -> Answer<Import> {
        answer!(self.ask(Request::ReadImport { scope, text }), Reply::Import(import) => import)
    }

    /// Writes the chosen lines.
    pub async fn apply_import(self, choices: Vec<ImportChoice>) -> Answer<usize> {
        answer!(self.ask(Request::ApplyImport { choices }), Reply::Written(count) => count)
    }

    /// What a scope resolves to, as a text.
    pub async fn export(
        self,
        scope: Scope,
        format: Format,
        inherited: bool,
        built_in: bool,
    ) -> Answer<Hidden> {
        let request = Request::Export { scope, format, inherited, built_in };
        answer!(self.ask(request), Reply::Text(text) => text)
    }

    /// The keys of all vaults.
    pub async fn keys(self) -> Answer<Vec<VaultKeys>> {
        answer!(self.ask(Request::Keys), Reply::Keys(keys) => keys)
    }

    /// Rotates the keys of vaults.
    pub async fn rotate(
        self,
        vaults: Vec<String>,
        step: RotationStep,
        drop_earlier: bool,
    ) -> Answer<Vec<Rotated>> {
        let request = Request::Rotate { vaults, step, drop_earlier };
        answer!(self.ask(request), Reply::Rotated(rotated) => rotated)
    }

    /// Has a rotation stop at the next step.
    pub async fn pause_rotation(self) -> Answer<()> {
        self.ask(Request::PauseRotation).await.map(|_| ())
    }

    /// Asks for a key to be rotated after so many days.
    pub async fn rotate_after(self, vault: String, days: Option<u16>) -> Answer<()> {
        self.ask(Request::RotateAfter { vault, days }).await.map(|_| ())
    }

    /// Opens a team by its root key.
    pub async fn open_recovery(self, root_key: Hidden) -> Answer<Recovery> {
        let request = Request::OpenRecovery { root_key };
        answer!(self.ask(request), Reply::Recovery(recovery) => recovery)
    }

    /// The root key, after a request that may change it.
    pub async fn root_key(self, request: Request) -> Answer<RootKey> {
        answer!(self.ask(request), Reply::RootKey(key) => key)
    }

    /// Makes another root key, or shows the one that was made.
    pub async fn stage_root_key(self) -> Answer<RootKeySheet> {
        answer!(self.ask(Request::StageRootKey), Reply::RootKeySheet(sheet) => sheet)
    }

    /// What a root key that was kept is to the team.
    pub async fn check_root_key(self, root_key: Hidden) -> Answer<RootKeyIs> {
        let request = Request::CheckRootKey { root_key };
        answer!(self.ask(request), Reply::RootKeyIs(is) => is)
    }

    /// The named keys of all vaults.
    pub async fn named_keys(self) -> Answer<Vec<NamedKey>> {
        self.change_named_key(Request::NamedKeys).await
    }

    /// Changes a named key: a [`Request::ChangeNamedKey`]. All of them, as they are then.
    pub async fn change_named_key(self, request: Request) -> Answer<Vec<NamedKey>> {
        answer!(self.ask(request), Reply::NamedKeys(keys) => keys)
    }

    /// What was typed and not saved, from before a lock.
    pub async fn drafts(self) -> Answer<Vec<KeptDraft>> {
        answer!(self.ask(Request::Drafts), Reply::Drafts(drafts) => drafts)
    }

    /// Entries of the team's log: a [`Request::Log`].
    pub async fn log(self, request: Request) -> Answer<LogEntries> {
        answer!(self.ask(request), Reply::Log(entries) => entries)
    }

    /// What it takes to have a vault's secrets as they were.
    pub async fn as_it_was(self, vault: String, seq: u64) -> Answer<AsItWas> {
        answer!(self.ask(Request::AsItWas { vault, seq }), Reply::AsItWas(found) => found)
    }

    /// Writes secrets, and tells how many.
    pub async fn written(self, request: Request) -> Answer<usize> {
        answer!(self.ask(request), Reply::Written(count) => count)
    }

    /// This device.
    pub async fn device(self) -> Answer<Device> {
        answer!(self.ask(Request::Device), Reply::Device(device) => device)
    }

    /// Sets the minutes of idleness that lock.
    pub async fn lock_after(self, minutes: u32) -> Answer<()> {
        self.ask(Request::LockAfter { minutes }).await.map(|_| ())
    }

    /// The alarms that stand, after a request that may change them.
    pub async fn alarms(self, request: Request) -> Answer<Vec<Alarm>> {
        answer!(self.ask(request), Reply::Alarms(alarms) => alarms)
    }

    /// What has raised a team's alarm, as a file.
    pub async fn evidence(self, team: String) -> Answer<Hidden> {
        answer!(self.ask(Request::AlarmEvidence { team }), Reply::Text(file) => file)
    }

    /// What a colleague's checkpoint is to this device's log.
    pub async fn compare_checkpoint(self, checkpoint: String) -> Answer<Compared> {
        let request = Request::CompareCheckpoint { checkpoint };
        answer!(self.ask(request), Reply::Compared(compared) => compared)
    }

    /// Whose keys have changed, after a request that may say that they were compared.
    pub async fn changed_keys(self, request: Request) -> Answer<Vec<ChangedKeys>> {
        answer!(self.ask(request), Reply::ChangedKeys(changed) => changed)
    }

    /// Forgets Secret Key and pins.
    pub async fn forget_device(self) -> Answer<()> {
        self.ask(Request::ForgetDevice).await.map(|_| ())
    }
}

fn unexpected() -> Problem {
    Problem::new(
        Kind::Internal,
        "The keyholder answered something that was not asked.",
        "Reload the page; if it happens again, the page and its worker are of different builds.",
    )
}
