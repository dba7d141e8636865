//! Answers requests: one function for each thing that the page may ask.

use std::cell::RefCell;
use std::rc::Rc;

use rand_core::Rng;
use subrosa_bridge::view::{Change as Edits, Conflict, Device, Row, Scope as ViewScope, Status};
use subrosa_bridge::{Event, Hidden, Kind, Problem, Reply, Request};
use subrosa_client::{
    CannotStore, Change, Error, Founding, Part, Platform, Settled, TeamClient, Update,
};
use subrosa_core::account::MIN_PASSWORD;
use subrosa_core::contents::Scope;
use subrosa_core::dotenv;
use subrosa_core::key_name::{MAX_NOTE, MAX_VALUE, check_key, is_name};
use subrosa_core::kit::{BadKit, Kit, Mistyped};
use subrosa_core::manifest::{Application, Record, Subject, ValueRef};
use subrosa_core::passphrase;
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::Edit;
use subrosa_wire::id::{ApplicationId, EnvironmentId, ProjectId, SecretId, VaultId};

use crate::import::Import;
use crate::view::{self, Names};
use crate::{problem, watch};

/// Tells the page something by itself.
pub(crate) type Told = Rc<dyn Fn(Event)>;

type Answer = Result<Reply, Problem>;

/// Characters of the root key's end that are to be retyped.
const ROOT_KEY_TAIL: usize = 6;
/// Groups of a printed Secret Key.
const SECRET_KEY_GROUPS: usize = 8;

const LOCK_AFTER: &str = "lock-after";
const LOCK_AFTER_MINUTES: u32 = 10;
const MAX_IMPORT: usize = 4 << 20;

/// The keyholder's desk.
pub struct Desk<P> {
    platform: P,
    told: Told,
    stage: RefCell<Stage<P>>,
    import: RefCell<Option<Rc<Import>>>,
}

enum Stage<P> {
    Idle,
    Founding(Rc<Draft>),
    Open(Rc<TeamClient<P>>),
}

/// A team that was prepared, and what must be retyped before it is founded.
struct Draft {
    founding: Founding,
    secret_key_group: usize,
}

impl<P: Platform + Clone + 'static> Desk<P> {
    /// A desk on `platform`; `told` takes what it tells by itself.
    pub fn new(platform: P, told: impl Fn(Event) + 'static) -> Self {
        Desk {
            platform,
            told: Rc::new(told),
            stage: RefCell::new(Stage::Idle),
            import: RefCell::new(None),
        }
    }

    /// The team, once unlocked, for whoever follows its log.
    fn opened(&self, client: TeamClient<P>) -> Rc<TeamClient<P>> {
        let client = Rc::new(client);
        let told = self.told.clone();
        client.on_reach(move |reached| told(Event::Online(reached)));
        if client.settled() == Some(Settled::Lost) {
            (self.told)(Event::Alarm(Problem::new(
                Kind::Conflict(Vec::new()),
                "A change that was being saved when this browser last stopped did not get in: \
                 somebody else wrote first.",
                "Look at what is there now, and make the change again if it is still needed.",
            )));
        }
        self.stage.replace(Stage::Open(client.clone()));
        client
    }

    /// Follows the open team's log until the desk is gone.
    pub async fn watch(&self) {
        let Ok(client) = self.client() else { return };
        watch::watch(Rc::downgrade(&client), self.told.clone()).await;
    }

    /// Whether `request` opens the team, after which [`Desk::watch`] is to run.
    #[must_use]
    pub fn opens(request: &Request) -> bool {
        matches!(
            request,
            Request::FinishSetup { .. } | Request::Unlock { .. } | Request::Recover { .. }
        )
    }

    /// Answers a request.
    ///
    /// # Errors
    /// [`Problem`], ready to be shown.
    pub async fn answer(&self, request: Request) -> Answer {
        match request {
            Request::Status => self.status().await,
            Request::Passphrase => {
                let words = passphrase::generate(&mut self.platform.rng());
                Ok(Reply::Text(Hidden::new(words.to_string())))
            }
            Request::BeginSetup { token, team_name, me, password } => {
                self.begin_setup(&token, &team_name, &me, &password)
            }
            Request::FinishSetup { secret_key_fragment, root_key_fragment } => {
                self.finish_setup(&secret_key_fragment, &root_key_fragment).await
            }
            Request::Unlock { password } => {
                let client = subrosa_client::unlock(self.platform.clone(), password.expose());
                let client = self.opened(client.await.map_err(problem::of)?);
                Ok(Reply::Overview(view::overview(&client)))
            }
            Request::Recover { kit, password } => self.recover(&kit, &password).await,
            Request::Overview => Ok(Reply::Overview(view::overview(&*self.client()?))),
            Request::Sync => {
                let client = self.client()?;
                client.sync().await.map_err(problem::of)?;
                Ok(Reply::Overview(view::overview(&client)))
            }
            Request::Secrets { scope, filter, inherited, offset, limit } => {
                let client = self.client()?;
                let scope = named(&scope)?;
                let contents = client.contents();
                if contents.locate(scope).is_none() {
                    return Err(problem::not_found());
                }
                let window = view::secrets(&contents, scope, &filter, inherited, offset, limit);
                Ok(Reply::Secrets(window))
            }
            Request::Search { text, limit } => {
                Ok(Reply::Secrets(view::search(&self.client()?.contents(), &text, limit)))
            }
            Request::Deleted { scope } => {
                Ok(Reply::Secrets(view::deleted(&self.client()?.contents(), named(&scope)?)))
            }
            Request::Reveal { secret, version } => self.reveal(&secret, version).await,
            Request::History { secret } => self.history(&secret).await,
            Request::CreateProject { name } => self.create_project(name).await,
            Request::CreateEnvironment { project, name } => {
                self.create_environment(&project, name).await
            }
            Request::CreateApplication { environment, name } => {
                self.create_application(&environment, name).await
            }
            Request::CreateSecret { scope, key, value, note } => {
                self.create_secret(&scope, key, &value, note).await
            }
            Request::EditSecret { secret, base, change } => {
                self.edit_secret(&secret, base, change).await
            }
            Request::DeleteSecrets { secrets } => self.delete_secrets(&secrets).await,
            Request::RestoreSecret { secret, version } => {
                self.restore_secret(&secret, version).await
            }
            Request::ReadImport { scope, text } => self.read_import(&scope, &text).await,
            Request::ApplyImport { choices } => self.apply_import(&choices).await,
            Request::Export { scope, inherited } => self.export(&scope, inherited).await,
            Request::Device => self.device().await,
            Request::LockAfter { minutes } => self.lock_after(minutes).await,
            Request::ForgetDevice => {
                subrosa_client::forget(&self.platform).await.map_err(problem::of)?;
                self.stage.replace(Stage::Idle);
                (self.told)(Event::LockNow);
                Ok(Reply::Done)
            }
        }
    }

    fn client(&self) -> Result<Rc<TeamClient<P>>, Problem> {
        match &*self.stage.borrow() {
            Stage::Open(client) => Ok(client.clone()),
            Stage::Idle | Stage::Founding(_) => Err(problem::locked()),
        }
    }

    async fn status(&self) -> Answer {
        if self.client().is_ok() {
            return Ok(Reply::Status(Status::Open));
        }
        let device = subrosa_client::Device::load(&self.platform).await.map_err(problem::of)?;
        Ok(Reply::Status(if device.is_some() { Status::Locked } else { Status::Empty }))
    }

    fn begin_setup(&self, token: &Hidden, team_name: &str, me: &str, password: &Hidden) -> Answer {
        check_name(team_name)?;
        check_name(me)?;
        if password.expose().chars().count() < MIN_PASSWORD {
            return Err(Problem::new(
                Kind::BadName,
                format!("A password has at least {MIN_PASSWORD} characters."),
                "Take the generated passphrase, or a longer password.",
            ));
        }
        let founding =
            Founding::prepare(&self.platform, token.expose(), team_name, me, password.expose())
                .map_err(problem::of)?;
        let secret_key_group = self.platform.rng().next_u32() as usize % SECRET_KEY_GROUPS;
        let kit = founding.kit();
        let reply = subrosa_bridge::view::Kit {
            secret_key: hidden(&kit.secret_key.print()),
            server: kit.server.clone(),
            team_name: team_name.to_owned(),
            team: kit.team.to_string(),
            checkpoint: subrosa_core::kit::print_checkpoint(kit.checkpoint),
            text: hidden(&kit.line()),
            root_key: hidden(&founding.root_key()),
            secret_key_group,
            root_key_tail: ROOT_KEY_TAIL,
        };
        self.stage.replace(Stage::Founding(Rc::new(Draft { founding, secret_key_group })));
        Ok(Reply::Kit(Box::new(reply)))
    }

    async fn finish_setup(&self, secret_key: &Hidden, root_key: &Hidden) -> Answer {
        let draft = match &*self.stage.borrow() {
            Stage::Founding(draft) => draft.clone(),
            // The answer was lost, and this is the second try.
            Stage::Open(client) => return Ok(Reply::Overview(view::overview(&**client))),
            Stage::Idle => return Err(problem::locked()),
        };
        draft.check(secret_key.expose(), root_key.expose())?;
        let client = draft.founding.finish(self.platform.clone()).await.map_err(problem::of)?;
        let client = self.opened(client);
        Ok(Reply::Overview(view::overview(&client)))
    }

    async fn recover(&self, kit: &Hidden, password: &Hidden) -> Answer {
        let kit = Kit::read(kit.expose()).map_err(|bad| {
            let next = match bad {
                BadKit::SecretKey(Mistyped::Prefix(_)) => {
                    "Paste the whole kit, or type the Secret Key from SR1- on."
                }
                BadKit::SecretKey(_) => "Compare it with the printed kit, group by group.",
                BadKit::Checkpoint => "Copy the checkpoint from the kit: it is one long word.",
                BadKit::Line => "Paste the kit's file again, whole and as it is.",
            };
            Problem::new(Kind::Mistyped, format!("The kit cannot be read: {bad}."), next)
        })?;
        let client = subrosa_client::recover(self.platform.clone(), &kit, password.expose()).await;
        let client = client.map_err(|error| match error {
            Error::WrongPassword => Problem::new(
                Kind::WrongPassword,
                "No account on this server opens with this kit and password.",
                "Type the password again. The kit is well formed: if it is another server's, go to \
                 the address that it names.",
            ),
            other => problem::of(other),
        })?;
        let client = self.opened(client);
        Ok(Reply::Overview(view::overview(&client)))
    }

    async fn reveal(&self, secret: &str, version: Option<u32>) -> Answer {
        let client = self.client()?;
        let id = secret_id(secret)?;
        let (vault, record) = found(&client, id)?;
        let value = match version {
            Some(version) if version != record.version => {
                version_of(&client, vault, &record, version).await?
            }
            _ => record.value.ok_or_else(problem::not_found)?,
        };
        let value = client.value(vault, id, value).await.map_err(|error| match error {
            Error::Damaged => damaged(&record.key),
            other => problem::of(other),
        })?;
        text(&value).map(Reply::Text)
    }

    async fn history(&self, secret: &str) -> Answer {
        let client = self.client()?;
        let id = secret_id(secret)?;
        let (vault, record) = found(&client, id)?;
        let earlier = client.history(vault, id, record.history).await.map_err(problem::of)?;
        let contents = client.contents();
        let names = Names::of(&contents);
        let now = subrosa_bridge::view::Version {
            version: record.version,
            author: names.member(record.author),
            time: record.time,
            deletion: record.value.is_none(),
        };
        let earlier = earlier.iter().rev().map(|entry| subrosa_bridge::view::Version {
            version: entry.version,
            author: names.member(entry.author),
            time: entry.time,
            deletion: entry.value.is_none(),
        });
        Ok(Reply::History(std::iter::once(now).chain(earlier).collect()))
    }

    async fn create_project(&self, name: String) -> Answer {
        check_name(&name)?;
        let client = self.client()?;
        if client.contents().projects().any(|project| project.name == name) {
            return Err(taken(&name));
        }
        let id = ProjectId::from_random(self.random());
        let vault = VaultId::from_random(self.random());
        let subject = Subject::Project { id, name };
        self.create_vault(&client, vault, None, subject).await?;
        Ok(Reply::Created(id.to_string()))
    }

    async fn create_environment(&self, project: &str, name: String) -> Answer {
        check_name(&name)?;
        let client = self.client()?;
        let project: ProjectId = project.parse().map_err(|_| problem::not_found())?;
        let parent = {
            let contents = client.contents();
            let taken_name =
                |e: subrosa_core::contents::Environment<'_>| e.project == project && e.name == name;
            if contents.environments().any(taken_name) {
                return Err(taken(&name));
            }
            let found = contents.projects().find(|p| p.id == project).map(|p| p.vault.id());
            found.ok_or_else(problem::not_found)?
        };
        let id = EnvironmentId::from_random(self.random());
        let vault = VaultId::from_random(self.random());
        let subject = Subject::Environment { id, name, project, applications: Vec::new() };
        self.create_vault(&client, vault, Some(parent), subject).await?;
        Ok(Reply::Created(id.to_string()))
    }

    async fn create_vault(
        &self,
        client: &TeamClient<P>,
        vault: VaultId,
        parent: Option<VaultId>,
        subject: Subject,
    ) -> Result<(), Problem> {
        let part = Part::CreateVault { vault, parent, subject };
        let change = Change { note: String::new(), parts: vec![part] };
        client.change(&change).await.map_err(problem::of)?;
        self.changed(client);
        Ok(())
    }

    async fn create_application(&self, environment: &str, name: String) -> Answer {
        check_name(&name)?;
        let client = self.client()?;
        let environment: EnvironmentId = environment.parse().map_err(|_| problem::not_found())?;
        let vault = {
            let contents = client.contents();
            let (vault, _) =
                contents.locate(Scope::Environment(environment)).ok_or_else(problem::not_found)?;
            if let Subject::Environment { applications, .. } = vault.subject()
                && applications.iter().any(|application| application.name == name)
            {
                return Err(taken(&name));
            }
            vault.id()
        };
        let id = ApplicationId::from_random(self.random());
        let edit = Edit::AddApplication(Application { id, name });
        client.change(&Change::edits(vault, vec![edit])).await.map_err(problem::of)?;
        self.changed(&client);
        Ok(Reply::Created(id.to_string()))
    }

    async fn create_secret(
        &self,
        scope: &ViewScope,
        key: String,
        value: &Hidden,
        note: String,
    ) -> Answer {
        let client = self.client()?;
        let scope = named(scope)?;
        check_key(&key).map_err(|why| problem::bad_key(&key, &why))?;
        check_value(&key, value)?;
        check_note(&note)?;
        let value = SecretValue::new(value.expose().as_bytes().to_vec());
        let (vault, edit) = self.put(&client, scope, key, value, note)?;
        let id = match &edit {
            Edit::Create { id, .. } | Edit::Change { id, .. } => *id,
            Edit::Delete { .. } | Edit::AddApplication(_) => return Err(problem::not_found()),
        };
        self.push(&client, Change::edits(vault, vec![edit])).await?;
        self.row(&client, id)
    }

    /// Creates a key, or adds a version to it where this very scope has it (rule 3).
    pub(crate) fn put(
        &self,
        client: &TeamClient<P>,
        scope: Scope,
        key: String,
        value: SecretValue,
        note: String,
    ) -> Result<(VaultId, Edit), Problem> {
        let contents = client.contents();
        let (vault, level) = contents.locate(scope).ok_or_else(problem::not_found)?;
        if let Some(record) = vault.live(level, &key) {
            let note = (!note.is_empty()).then_some(note);
            let (id, base) = (record.id, record.version);
            return Ok((
                vault.id(),
                Edit::Change { id, base, key: None, value: Some(value), note },
            ));
        }
        if let Some(above) = contents.higher(scope, &key) {
            return Err(problem::exists(&key, &view::scope_name(&contents, above)));
        }
        let id = SecretId::from_random(self.random());
        Ok((vault.id(), Edit::Create { id, level, key, value, note }))
    }

    async fn edit_secret(&self, secret: &str, base: u32, change: Edits) -> Answer {
        let client = self.client()?;
        let id = secret_id(secret)?;
        let (vault, record) = found(&client, id)?;
        if let Some(key) = &change.key {
            check_key(key).map_err(|why| problem::bad_key(key, &why))?;
            let contents = client.contents();
            let scope = contents.find(id).map(|(_, scope, _)| scope);
            if let Some(above) = scope.and_then(|scope| contents.higher(scope, key)) {
                return Err(problem::exists(key, &view::scope_name(&contents, above)));
            }
        }
        if let Some(note) = &change.note {
            check_note(note)?;
        }
        if let Some(value) = &change.value {
            check_value(&record.key, value)?;
        }
        let value = change.value.map(|value| SecretValue::new(value.expose().as_bytes().to_vec()));
        let edit = Edit::Change { id, base, key: change.key, value, note: change.note };
        self.push(&client, Change::edits(vault, vec![edit])).await?;
        self.row(&client, id)
    }

    async fn delete_secrets(&self, secrets: &[(String, u32)]) -> Answer {
        let client = self.client()?;
        let mut change = Change::default();
        for (secret, base) in secrets {
            let id = secret_id(secret)?;
            let (vault, _) = found(&client, id)?;
            add(&mut change, vault, Edit::Delete { id, base: *base });
        }
        self.push(&client, change).await?;
        Ok(Reply::Done)
    }

    async fn restore_secret(&self, secret: &str, version: Option<u32>) -> Answer {
        let client = self.client()?;
        let id = secret_id(secret)?;
        let (vault, record) = found(&client, id)?;
        {
            // A deleted secret whose key was used again meanwhile cannot come back under it.
            let contents = client.contents();
            let scope = contents.find(id).map(|(_, scope, _)| scope);
            let open =
                contents.vault(vault).and_then(|vault| vault.live(record.level, &record.key));
            if let (Some(scope), Some(_), None) = (scope, open.filter(|o| o.id != id), record.value)
            {
                let at = view::scope_name(&contents, scope);
                return Err(problem::exists(&record.key, &at));
            }
        }
        let value = match version {
            Some(version) => version_of(&client, vault, &record, version).await?,
            None => last_value(&client, vault, &record).await?,
        };
        let value = client.value(vault, id, value).await.map_err(|error| match error {
            Error::Damaged => damaged(&record.key),
            other => problem::of(other),
        })?;
        let base = record.version;
        let edit = Edit::Change { id, base, key: None, value: Some(value), note: None };
        self.push(&client, Change::edits(vault, vec![edit])).await?;
        self.row(&client, id)
    }

    async fn read_import(&self, scope: &ViewScope, text: &Hidden) -> Answer {
        if text.expose().len() > MAX_IMPORT {
            let message = "An import has at most 4 MiB.";
            return Err(Problem::new(Kind::TooLarge, message, "Import it in several parts."));
        }
        let client = self.client()?;
        let import = Import::read(named(scope)?, text.expose());
        let shown = import.compare(&client).await?;
        self.import.replace(Some(Rc::new(import)));
        Ok(Reply::Import(shown))
    }

    async fn apply_import(&self, choices: &[subrosa_bridge::view::ImportChoice]) -> Answer {
        let client = self.client()?;
        let import = self.import.borrow().clone().ok_or_else(problem::not_found)?;
        let mut change = Change::default();
        for (key, value) in import.chosen(choices)? {
            let (vault, edit) = self.put(&client, import.scope(), key, value, String::new())?;
            add(&mut change, vault, edit);
        }
        let total = choices.len();
        let progress = |done| Event::Progress { what: "Writing secrets".into(), done, total };
        (self.told)(progress(0));
        if total > 0 {
            self.push(&client, change).await?;
        }
        (self.told)(progress(total));
        self.import.replace(None);
        Ok(Reply::Written(total))
    }

    async fn export(&self, scope: &ViewScope, inherited: bool) -> Answer {
        let client = self.client()?;
        let scope = named(scope)?;
        // By vault, so that values are fetched in batches.
        let wanted: Vec<(VaultId, String, SecretId, ValueRef)> = {
            let contents = client.contents();
            let visible = contents.visible(scope);
            let visible = visible.values().filter(|(at, _)| inherited || *at == scope);
            let located = visible.filter_map(|(at, record)| {
                let (vault, _) = contents.locate(*at)?;
                Some((vault.id(), record.key.clone(), record.id, record.value?))
            });
            located.collect()
        };
        let mut values: Vec<(String, SecretValue)> = Vec::new();
        let mut vaults: Vec<VaultId> = wanted.iter().map(|(vault, ..)| *vault).collect();
        vaults.sort_unstable();
        vaults.dedup();
        for vault in vaults {
            let mine: Vec<_> = wanted.iter().filter(|(id, ..)| *id == vault).collect();
            let ids: Vec<_> = mine.iter().map(|(_, _, id, value)| (*id, *value)).collect();
            let opened = client.values(vault, &ids).await.map_err(problem::of)?;
            for ((_, key, ..), value) in mine.into_iter().zip(opened) {
                values.push((key.clone(), value.map_err(|_| damaged(key))?));
            }
        }
        values.sort_by(|a, b| a.0.cmp(&b.0));
        let mut pairs = Vec::new();
        for (key, value) in &values {
            let value = value.expose_text().ok_or_else(|| not_text(key))?;
            pairs.push((key.as_str(), value));
        }
        let written = dotenv::write(pairs).map_err(|cannot| {
            Problem::new(
                Kind::Refused,
                cannot.to_string(),
                "Leave this secret out of the export, or use it through its file.",
            )
        })?;
        Ok(Reply::Text(Hidden::new(written)))
    }

    async fn device(&self) -> Answer {
        let stored = self.platform.read(LOCK_AFTER).await.map_err(storage)?;
        let minutes = stored.and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        let minutes = minutes.filter(|minutes| (1..=240).contains(minutes));
        Ok(Reply::Device(Device {
            server: self.platform.origin(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            lock_after: u64::from(minutes.unwrap_or(LOCK_AFTER_MINUTES)) * 60_000,
        }))
    }

    async fn lock_after(&self, minutes: u32) -> Answer {
        let bytes = minutes.clamp(1, 240).to_be_bytes().to_vec();
        self.platform.update(LOCK_AFTER, |_| Update::Put(bytes)).await.map_err(storage)?;
        Ok(Reply::Done)
    }

    async fn push(&self, client: &TeamClient<P>, change: Change) -> Result<(), Problem> {
        match client.change(&change).await {
            Ok(_) => {
                self.changed(client);
                Ok(())
            }
            Err(Error::Conflict(ids)) => {
                self.changed(client);
                Err(conflict(client, &change, &ids))
            }
            Err(other) => Err(problem::of(other)),
        }
    }

    fn changed(&self, client: &TeamClient<P>) {
        (self.told)(Event::Changed(view::overview(client)));
    }

    fn row(&self, client: &TeamClient<P>, id: SecretId) -> Answer {
        shown(client, id).map(|row| Reply::Row(Box::new(row))).ok_or_else(problem::not_found)
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.platform.rng().fill_bytes(&mut bytes);
        bytes
    }
}

impl Draft {
    fn check(&self, secret_key: &str, root_key: &str) -> Result<(), Problem> {
        let printed = self.founding.kit().secret_key.print();
        let group = printed.split('-').nth(self.secret_key_group + 1).unwrap_or_default();
        let root = self.founding.root_key();
        let tail = root.get(root.len().saturating_sub(ROOT_KEY_TAIL)..).unwrap_or_default();
        let wrong = |what: &str| {
            Problem::new(
                Kind::KitProof,
                format!("This is not what the {what} says there."),
                "Look at the print or the file that you kept, and type it again.",
            )
        };
        if !secret_key.trim().eq_ignore_ascii_case(group) {
            return Err(wrong("emergency kit"));
        }
        if !root_key.trim().eq_ignore_ascii_case(tail) {
            return Err(wrong("root key"));
        }
        Ok(())
    }
}

/// Adds an edit to the part of its vault: one commit for each vault.
fn add(change: &mut Change, id: VaultId, edit: Edit) {
    for part in &mut change.parts {
        if let Part::Edit { vault, edits } = part
            && *vault == id
        {
            edits.push(edit);
            return;
        }
    }
    change.parts.push(Part::Edit { vault: id, edits: vec![edit] });
}

fn named(scope: &ViewScope) -> Result<Scope, Problem> {
    view::scope(scope).ok_or_else(problem::not_found)
}

fn secret_id(id: &str) -> Result<SecretId, Problem> {
    id.parse().map_err(|_| problem::not_found())
}

fn found<P: Platform>(client: &TeamClient<P>, id: SecretId) -> Result<(VaultId, Record), Problem> {
    let contents = client.contents();
    let (vault, _, record) = contents.find(id).ok_or_else(problem::not_found)?;
    Ok((vault.id(), record.clone()))
}

fn shown<P: Platform>(client: &TeamClient<P>, id: SecretId) -> Option<Row> {
    let contents = client.contents();
    let (_, scope, record) = contents.find(id)?;
    Some(view::row(&contents, &Names::of(&contents), scope, scope, record))
}

async fn version_of<P: Platform>(
    client: &TeamClient<P>,
    vault: VaultId,
    record: &Record,
    version: u32,
) -> Result<ValueRef, Problem> {
    if version == record.version {
        return record.value.ok_or_else(problem::not_found);
    }
    let earlier = client.history(vault, record.id, record.history).await.map_err(problem::of)?;
    let entry = earlier.into_iter().find(|entry| entry.version == version);
    entry.and_then(|entry| entry.value).ok_or_else(problem::not_found)
}

async fn last_value<P: Platform>(
    client: &TeamClient<P>,
    vault: VaultId,
    record: &Record,
) -> Result<ValueRef, Problem> {
    if let Some(value) = record.value {
        return Ok(value);
    }
    let earlier = client.history(vault, record.id, record.history).await.map_err(problem::of)?;
    earlier.into_iter().rev().find_map(|entry| entry.value).ok_or_else(problem::not_found)
}

fn conflict<P: Platform>(client: &TeamClient<P>, change: &Change, ids: &[SecretId]) -> Problem {
    let mine = |id: SecretId| {
        let edits = change.parts.iter().flat_map(|part| match part {
            Part::Edit { edits, .. } => edits.as_slice(),
            Part::CreateVault { .. } => &[],
        });
        edits.clone().find_map(|edit| match edit {
            Edit::Change { id: edited, key, .. } if *edited == id => key.clone(),
            _ => None,
        })
    };
    let conflicts = ids.iter().filter_map(|id| {
        let theirs = shown(client, *id)?;
        let key = mine(*id).unwrap_or_else(|| theirs.key.clone());
        Some(Conflict { theirs, key })
    });
    let conflicts: Vec<Conflict> = conflicts.collect();
    let message = match conflicts.as_slice() {
        [one] => format!("{} was changed by somebody else meanwhile.", one.theirs.key),
        many => format!("{} of these secrets were changed by somebody else meanwhile.", many.len()),
    };
    Problem::new(
        Kind::Conflict(conflicts),
        message,
        "Nothing was written. Look at their version, then keep yours, take theirs, or edit.",
    )
}

fn check_name(name: &str) -> Result<(), Problem> {
    if is_name(name) {
        return Ok(());
    }
    let message = "A name has 1 to 64 characters, and no blanks at its ends.";
    Err(Problem::new(Kind::BadName, message, "Choose another name."))
}

fn check_note(note: &str) -> Result<(), Problem> {
    if note.len() <= MAX_NOTE {
        return Ok(());
    }
    let message = "A note has at most 1,024 bytes.";
    Err(Problem::new(Kind::TooLarge, message, "Shorten the note."))
}

fn check_value(key: &str, value: &Hidden) -> Result<(), Problem> {
    if value.expose().len() <= MAX_VALUE {
        return Ok(());
    }
    let message = format!("The value of {key} is over 1 MiB.");
    Err(Problem::new(
        Kind::TooLarge,
        message,
        "Keep large files elsewhere, and a key to them here.",
    ))
}

fn taken(name: &str) -> Problem {
    Problem::new(Kind::BadName, format!("{name} exists already."), "Choose another name.")
}

pub(crate) fn damaged(key: &str) -> Problem {
    Problem::new(
        Kind::Corrupted,
        format!("{key} cannot be opened: what the server has of it is damaged or missing."),
        "The other secrets still open. Set this one again, restore an older version, or restore \
         the server's backup.",
    )
}

fn not_text(key: &str) -> Problem {
    let message = format!("The value of {key} is not text.");
    Problem::new(Kind::Refused, message, "Use it as a file.")
}

fn text(value: &SecretValue) -> Result<Hidden, Problem> {
    let text = value.expose_text().ok_or_else(|| not_text("this secret"))?;
    Ok(Hidden::new(text.to_owned()))
}

fn hidden(text: &str) -> Hidden {
    Hidden::new(text.to_owned())
}

fn storage(cannot: CannotStore) -> Problem {
    problem::of(Error::Storage(cannot))
}
