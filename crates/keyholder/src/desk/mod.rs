//! Answers requests: one function for each thing that the page may ask.

mod device;
mod exchange;
mod keys;
mod resolved;
mod scopes;
mod secrets;
mod setup;
mod writes;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rand_core::Rng;
use subrosa_bridge::view::{Scope as ViewScope, Status};
use subrosa_bridge::{Event, Hidden, Kind, Problem, Reply, Request};
use subrosa_client::{Change, Part, Platform, Settled, TeamClient};
use subrosa_core::contents::Scope;
use subrosa_core::key_name::{check_key, is_name};
use subrosa_core::passphrase;
use subrosa_core::vault::Edit;
use subrosa_wire::id::VaultId;

use self::setup::Draft;
use crate::import::Import;
use crate::problem;
use crate::view;
use crate::watch::{self, Watching};

/// Tells the page something by itself.
pub(crate) type Told = Rc<dyn Fn(Event)>;

type Answer = Result<Reply, Problem>;

/// The keyholder's desk.
pub struct Desk<P> {
    platform: P,
    told: Told,
    stage: RefCell<Stage<P>>,
    watching: RefCell<Option<Watching>>,
    import: RefCell<Option<Rc<Import>>>,
    rotating: Cell<Rotating>,
}

/// Whether a rotation runs here.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Rotating {
    #[default]
    No,
    Runs,
    /// It is to stop at the next step.
    Pausing,
}

enum Stage<P> {
    Idle,
    Founding(Rc<Draft>),
    Open(Rc<TeamClient<P>>),
}

impl<P: Platform + Clone + 'static> Desk<P> {
    /// A desk on `platform`; `told` takes what it tells by itself.
    pub fn new(platform: P, told: impl Fn(Event) + 'static) -> Self {
        Desk {
            platform,
            told: Rc::new(told),
            stage: RefCell::new(Stage::Idle),
            watching: RefCell::new(None),
            import: RefCell::new(None),
            rotating: Cell::default(),
        }
    }

    /// The team, once unlocked, for whoever follows its log.
    fn opened(&self, client: TeamClient<P>) -> Rc<TeamClient<P>> {
        let client = Rc::new(client);
        let told = self.told.clone();
        client.on_reach(move |reached| told(Event::Online(reached)));
        match client.settled() {
            None | Some(Settled::Saved) => {}
            Some(Settled::Waiting) => (self.told)(Event::Alarm(Problem::new(
                Kind::Refused,
                "A change that was being saved when this browser last stopped did not get in yet: \
                 the server cannot store anything now.",
                "Ask who runs the server to make room, then lock and unlock. It is lost if \
                 something else is saved before.",
            ))),
            Some(Settled::Lost) => (self.told)(Event::Alarm(Problem::new(
                Kind::Conflict(Vec::new()),
                "A change that was being saved when this browser last stopped did not get in: \
                 something else was written first.",
                "Look at what is there now, and make the change again if it is still needed.",
            ))),
        }
        self.stage.replace(Stage::Open(client.clone()));
        client
    }

    /// Follows the open team's log until the desk is gone, opens a team again, or forgets it.
    pub fn watch(&self) -> impl Future<Output = ()> + use<P> {
        let watched = self.client().ok().map(|client| {
            let (watching, watched) = watch::watch(client, self.told.clone());
            self.watching.replace(Some(watching));
            watched
        });
        async move {
            if let Some(watched) = watched {
                watched.await;
            }
        }
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
            Request::CheckSetup { token } => {
                let checked = subrosa_client::check_setup(&self.platform, token.expose()).await;
                checked.map(|()| Reply::Done).map_err(problem::of)
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
            Request::Effective { scope, filter, offset, limit } => {
                self.effective(&scope, &filter, offset, limit)
            }
            Request::Trace { scope, key } => self.trace(&scope, &key),
            Request::RevealKey { scope, key } => self.reveal_key(&scope, &key).await,
            Request::Matrix {
                project,
                filter,
                only,
                environment,
                application,
                expanded,
                offset,
                limit,
            } => {
                let client = self.client()?;
                let project = project.parse().map_err(|_| problem::not_found())?;
                let wanted = view::Wanted {
                    filter: &filter,
                    only: only.as_ref(),
                    environment: environment.as_deref(),
                    application: application.as_deref(),
                    expanded: &expanded,
                    offset,
                    limit,
                };
                let matrix = view::matrix(&client, project, &wanted);
                matrix.map(Reply::Matrix).ok_or_else(problem::not_found)
            }
            Request::Compare { left, right } => self.compare(&left, &right).await,
            Request::Duplicates => self.duplicates().await,
            Request::Promote { from, to, keys, note } => {
                self.promote(&from, &to, &keys, note).await
            }
            Request::Hanging { secrets } => self.hanging(&secrets),
            Request::Reveal { secret, version } => self.reveal(&secret, version).await,
            Request::History { secret } => self.history(&secret).await,
            Request::CheckKey { key } => match check_key(&key) {
                Ok(()) => Ok(Reply::Done),
                Err(why) => Err(problem::bad_key(&key, &why)),
            },
            Request::CreateProject { name } => self.create_project(name).await,
            Request::CreateEnvironment { project, name } => {
                self.create_environment(&project, name).await
            }
            Request::CreateApplication { environment, name } => {
                self.create_application(&environment, name).await
            }
            Request::Write { writes, note } => self.write(writes, note).await,
            Request::ReadImport { scope, text } => self.read_import(&scope, &text).await,
            Request::ApplyImport { choices } => self.apply_import(&choices).await,
            Request::Export { scope, format, inherited, built_in } => {
                self.export(&scope, format, inherited, built_in).await
            }
            Request::Keys => Ok(Reply::Keys(view::vault_keys(&*self.client()?))),
            Request::UsesOfKey { vault, version, limit } => {
                self.uses_of_key(&vault, version, limit)
            }
            Request::Rotate { vaults, step, drop_earlier } => {
                self.rotate(&vaults, step, drop_earlier).await
            }
            Request::PauseRotation => self.pause_rotation(),
            Request::RotateAfter { vault, days } => self.rotate_after(&vault, days).await,
            Request::KeepDraft { name, text } => self.keep_draft(&name, text).await,
            Request::Drafts => self.drafts().await,
            Request::Device => self.device().await,
            Request::LockAfter { minutes } => self.lock_after(minutes).await,
            Request::ForgetDevice => {
                subrosa_client::forget(&self.platform).await.map_err(problem::of)?;
                self.watching.replace(None);
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

    fn changed(&self, client: &TeamClient<P>) {
        (self.told)(Event::Changed(view::overview(client)));
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.platform.rng().fill_bytes(&mut bytes);
        bytes
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

fn check_name(name: &str) -> Result<(), Problem> {
    if is_name(name) {
        return Ok(());
    }
    let message = "A name has 1 to 64 characters, and no blanks at its ends.";
    Err(Problem::new(Kind::BadName, message, "Choose another name."))
}

pub(crate) fn damaged(key: &str) -> Problem {
    Problem::new(
        Kind::Corrupted,
        format!("{key} cannot be opened: what the server has of it is damaged or missing."),
        "The other secrets still open. Set this one again, restore an older version, or restore \
         the server's backup.",
    )
}
