//! The keyholder's questions, each with the type of its answer.

use subrosa_bridge::view::{
    Change, Device, Import, ImportChoice, Kit, Overview, Row, Scope, Secrets, Status, Version,
};
use subrosa_bridge::{Hidden, Kind, Problem, Reply, Request};

use crate::keyholder::Keyholder;

/// What every question gives.
pub type Answer<T> = Result<T, Problem>;

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
    pub async fn finish_setup(self, secret_key: Hidden, root_key: Hidden) -> Answer<Overview> {
        let request =
            Request::FinishSetup { secret_key_fragment: secret_key, root_key_fragment: root_key };
        answer!(self.ask(request), Reply::Overview(overview) => overview)
    }

    /// Opens the account.
    pub async fn unlock(self, password: Hidden) -> Answer<Overview> {
        answer!(self.ask(Request::Unlock { password }), Reply::Overview(overview) => overview)
    }

    /// Opens the account on a new device.
    pub async fn recover(self, kit: Hidden, password: Hidden) -> Answer<Overview> {
        let request = Request::Recover { kit, password };
        answer!(self.ask(request), Reply::Overview(overview) => overview)
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

    /// A new secret, or a new version of the one with this key.
    pub async fn create_secret(
        self,
        scope: Scope,
        key: String,
        value: Hidden,
        note: String,
    ) -> Answer<Row> {
        let request = Request::CreateSecret { scope, key, value, note };
        answer!(self.ask(request), Reply::Row(row) => *row)
    }

    /// Changes a secret that was seen at version `base`.
    pub async fn edit(self, secret: String, base: u32, change: Change) -> Answer<Row> {
        let request = Request::EditSecret { secret, base, change };
        answer!(self.ask(request), Reply::Row(row) => *row)
    }

    /// Deletes one secret that was seen at `version`.
    pub async fn delete(self, secret: String, version: u32) -> Answer<()> {
        let request = Request::DeleteSecrets { secrets: vec![(secret, version)] };
        self.ask(request).await.map(|_| ())
    }

    /// Brings a deleted secret or an older version back.
    pub async fn restore(self, secret: String, version: Option<u32>) -> Answer<Row> {
        let request = Request::RestoreSecret { secret, version };
        answer!(self.ask(request), Reply::Row(row) => *row)
    }

    /// Reads a dotenv text.
    pub async fn read_import(self, scope: Scope, text: Hidden) -> Answer<Import> {
        answer!(self.ask(Request::ReadImport { scope, text }), Reply::Import(import) => import)
    }

    /// Writes the chosen lines.
    pub async fn apply_import(self, choices: Vec<ImportChoice>) -> Answer<usize> {
        answer!(self.ask(Request::ApplyImport { choices }), Reply::Written(count) => count)
    }

    /// A scope as a dotenv text.
    pub async fn export(self, scope: Scope, inherited: bool) -> Answer<Hidden> {
        answer!(self.ask(Request::Export { scope, inherited }), Reply::Text(text) => text)
    }

    /// This device.
    pub async fn device(self) -> Answer<Device> {
        answer!(self.ask(Request::Device), Reply::Device(device) => device)
    }

    /// Sets the minutes of idleness that lock.
    pub async fn lock_after(self, minutes: u32) -> Answer<()> {
        self.ask(Request::LockAfter { minutes }).await.map(|_| ())
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
