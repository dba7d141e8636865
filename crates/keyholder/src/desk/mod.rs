//! Answers requests: one function for each thing that the page may ask.

mod account;
mod alarm;
mod device;
mod exchange;
mod joining;
mod keys;
mod log;
mod named_keys;
mod people;
mod resolved;
mod root_key;
mod scopes;
mod secrets;
mod setup;
mod worklist;
mod writes;

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use rand_core::Rng;
use subrosa_bridge::alarm::Compared;
use subrosa_bridge::view::{Scope as ViewScope, Status};
use subrosa_bridge::{Event, Hidden, Kind, Reply, Request};
use subrosa_client::{
    Change, Door, Error, Invitation, Part, Platform, Recovery, Settled, TeamClient,
};
use subrosa_core::contents::Scope;
use subrosa_core::key_name::{check_key, is_name};
use subrosa_core::passphrase;
use subrosa_core::vault::Edit;
use subrosa_wire::id::VaultId;

use self::setup::Draft;
use crate::import::Import;
use crate::problem::{self, Problem};
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
    invitation: RefCell<Option<Rc<Invitation<P>>>>,
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
    /// The root key has opened a team here, and nothing else.
    Recovering(Rc<Recovery<P>>),
    /// An account that is made, and not posted.
    Draft(Rc<Draft<P>>),
    /// One waits to be let in.
    Door(Rc<Door<P>>),
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
            invitation: RefCell::new(None),
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
            ).into())),
            Some(Settled::Lost) => (self.told)(Event::Alarm(Problem::new(
                Kind::Conflict(Vec::new()),
                "A change that was being saved when this browser last stopped did not get in: \
                 something else was written first.",
                "Look at what is there now, and make the change again if it is still needed.",
            ).into())),
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

    /// Whether `request` opens the team, or has it followed again, after which [`Desk::watch`] is to run.
    #[must_use]
    pub fn opens(request: &Request) -> bool {
        matches!(
            request,
            Request::FinishSetup { .. }
                | Request::Unlock { .. }
                | Request::Recover { .. }
                | Request::Knock
                | Request::SwitchTeam { .. }
                | Request::RenewKeys
                | Request::ClearAlarm { .. }
        )
    }

    /// Answers a request.
    ///
    /// # Errors
    /// A problem, ready to be shown.
    pub async fn answer(&self, request: Request) -> Result<Reply, subrosa_bridge::Problem> {
        let answer = self.answered(request).await.map_err(subrosa_bridge::Problem::from);
        match &answer {
            // Whatever it was that found the other history: it must not be missed.
            Err(problem) if problem.kind == Kind::Rollback && self.client().is_ok() => {
                (self.told)(Event::Alarm(problem.clone()));
            }
            Ok(Reply::Compared(Compared::Different)) => {
                (self.told)(Event::Alarm(problem::of(Error::Rollback).into()));
            }
            _ => {}
        }
        answer
    }

    async fn answered(&self, request: Request) -> Answer {
        // On the heap, each by itself: as parts of this function's own future they were one of 59 KB.
        let answer: Pin<Box<dyn Future<Output = Answer> + '_>> = match request {
            Request::Status => Box::pin(self.status()),
            Request::Passphrase => {
                let words = passphrase::generate(&mut self.platform.rng());
                return Ok(Reply::Text(Hidden::new(words.to_string())));
            }
            Request::CheckSetup { ref token } => Box::pin(self.check_setup(token)),
            Request::BeginSetup { token, team_name, me, password } => {
                return self.begin_setup(&token, &team_name, &me, &password);
            }
            Request::FinishSetup { ref secret_key_fragment, ref root_key_fragment } => {
                Box::pin(self.finish_setup(secret_key_fragment, root_key_fragment))
            }
            Request::Unlock { ref password, ref team } => {
                Box::pin(self.unlock(password, team.as_deref()))
            }
            Request::Recover { ref kit, ref password } => Box::pin(self.recover(kit, password)),
            Request::OpenRecovery { ref root_key } => Box::pin(self.open_recovery(root_key)),
            Request::BeginRecovery { ref owner, ref password } => {
                return self.begin_recovery(owner, password);
            }
            Request::OpenInvite { ref link } => Box::pin(self.open_invite(link)),
            Request::BeginJoin { ref password } => return self.begin_join(password),
            Request::Join => Box::pin(self.join()),
            Request::Knock => Box::pin(self.knock()),
            Request::Seats => Box::pin(self.seats()),
            Request::SwitchTeam { ref team } => Box::pin(self.switch_team(team)),
            Request::Overview => return Ok(Reply::Overview(view::overview(&*self.client()?))),
            Request::Sync => Box::pin(self.sync()),
            Request::Secrets { scope, filter, inherited, offset, limit } => {
                return self.secrets(&scope, &filter, inherited, offset, limit);
            }
            Request::Search { text, limit } => {
                return Ok(Reply::Secrets(view::search(&self.client()?.contents(), &text, limit)));
            }
            Request::Deleted { scope } => {
                let client = self.client()?;
                return Ok(Reply::Secrets(view::deleted(&client.contents(), named(&scope)?)));
            }
            Request::Effective { scope, filter, offset, limit } => {
                return self.effective(&scope, &filter, offset, limit);
            }
            Request::Trace { scope, key } => return self.trace(&scope, &key),
            Request::RevealKey { ref scope, ref key } => Box::pin(self.reveal_key(scope, key)),
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
                return matrix.map(Reply::Matrix).ok_or_else(problem::not_found);
            }
            Request::Compare { ref left, ref right } => Box::pin(self.compare(left, right)),
            Request::Duplicates => Box::pin(self.duplicates()),
            Request::Promote { ref from, ref to, ref keys, note } => {
                Box::pin(self.promote(from, to, keys, note))
            }
            Request::Hanging { secrets } => return self.hanging(&secrets),
            Request::Reveal { ref secret, version } => Box::pin(self.reveal(secret, version)),
            Request::History { ref secret } => Box::pin(self.history(secret)),
            Request::CheckKey { key } => {
                let checked = check_key(&key).map_err(|why| problem::bad_key(&key, &why));
                return checked.map(|()| Reply::Done);
            }
            Request::CreateProject { name } => Box::pin(self.create_project(name)),
            Request::CreateEnvironment { ref project, name } => {
                Box::pin(self.create_environment(project, name))
            }
            Request::CreateApplication { ref environment, name } => {
                Box::pin(self.create_application(environment, name))
            }
            Request::Write { writes, note } => Box::pin(self.write(writes, note)),
            Request::ReadImport { ref scope, ref text } => Box::pin(self.read_import(scope, text)),
            Request::ApplyImport { ref choices } => Box::pin(self.apply_import(choices)),
            Request::Export { ref scope, format, inherited, built_in } => {
                Box::pin(self.export(scope, format, inherited, built_in))
            }
            Request::Keys => return Ok(Reply::Keys(view::vault_keys(&*self.client()?))),
            Request::UsesOfKey { vault, version, limit } => {
                return self.uses_of_key(&vault, version, limit);
            }
            Request::Rotate { ref vaults, step, drop_earlier } => {
                Box::pin(self.rotate(vaults, step, drop_earlier))
            }
            Request::PauseRotation => return self.pause_rotation(),
            Request::RotateAfter { ref vault, days } => Box::pin(self.rotate_after(vault, days)),
            Request::RootKey => Box::pin(self.root_key()),
            Request::StageRootKey => Box::pin(self.stage_root_key()),
            Request::DiscardRootKey => Box::pin(self.discard_root_key()),
            Request::RotateRootKey { ref fingerprint, ref tail } => {
                Box::pin(self.rotate_root_key(fingerprint, tail))
            }
            Request::CheckRootKey { ref root_key } => Box::pin(self.check_root_key(root_key)),
            Request::NamedKeys => {
                return Ok(Reply::NamedKeys(view::named_keys(&*self.client()?)));
            }
            Request::ChangeNamedKey { ref at, base, change } => {
                Box::pin(self.change_named_key(at, base, change))
            }
            Request::NamedKeyVersions { ref at }
            | Request::Encrypt { ref at, .. }
            | Request::Decrypt { ref at, .. }
            | Request::Rewrap { ref at, .. }
            | Request::DataKey { ref at, .. } => Box::pin(self.use_named_key(at, &request)),
            Request::People => Box::pin(self.people()),
            Request::Invite { ref name, access, days } => Box::pin(self.invite(name, access, days)),
            Request::CancelInvite { ref invite } => Box::pin(self.cancel_invite(invite)),
            Request::Admit { ref invite, ref fingerprint } => {
                Box::pin(self.admit(invite, fingerprint))
            }
            Request::SetRoles { changes } => Box::pin(self.set_roles(changes)),
            Request::PromoteMember { ref member } => Box::pin(self.make_owner(member)),
            Request::AddMachine { ref name, grants, days } => {
                Box::pin(self.add_machine(name, grants, days))
            }
            Request::Trail => Box::pin(self.trail()),
            Request::Worklist { limit } => return self.worklist(limit),
            Request::SeenTo { seq, ref secrets, again, limit } => {
                Box::pin(self.seen_to(seq, secrets, again, limit))
            }
            Request::Account => Box::pin(self.account()),
            Request::EndSessions { ref ids } => Box::pin(self.end_sessions(ids)),
            Request::ChangePassword { ref current, ref new } => {
                Box::pin(self.change_password(current, new))
            }
            Request::RenewKeys => Box::pin(self.renew_keys()),
            Request::DeviceKit { ref password } => Box::pin(self.device_kit(password)),
            Request::RemoveMembers { ref members, ref staying } => {
                Box::pin(self.remove(members, staying))
            }
            Request::KeepDraft { ref name, text } => Box::pin(self.keep_draft(name, text)),
            Request::Drafts => Box::pin(self.drafts()),
            Request::Device => Box::pin(self.device()),
            Request::LockAfter { minutes } => Box::pin(self.lock_after(minutes)),
            Request::ForgetDevice => Box::pin(self.forget_device()),
            Request::Log { before, ref filter } => Box::pin(self.log(before, filter)),
            Request::AsItWas { ref vault, seq } => Box::pin(self.as_it_was(vault, seq)),
            Request::TurnBack { ref vault, seq, secrets, note } => {
                Box::pin(self.turn_back(vault, seq, secrets, note))
            }
            Request::Alarms => Box::pin(self.alarms()),
            Request::AlarmEvidence { ref team } => Box::pin(self.alarm_evidence(team)),
            Request::ClearAlarm { ref team, ref alarm } => Box::pin(self.clear_alarm(team, alarm)),
            Request::ActAllTheSame { ref alarm } => Box::pin(self.act_all_the_same(alarm)),
            Request::CompareCheckpoint { ref checkpoint } => {
                Box::pin(self.compare_checkpoint(checkpoint))
            }
            Request::ChangedKeys => Box::pin(self.changed_keys()),
            Request::KeysCompared { ref member, ref fingerprint } => {
                Box::pin(self.keys_compared(member, fingerprint))
            }
        };
        answer.await
    }

    async fn check_setup(&self, token: &Hidden) -> Answer {
        let checked = subrosa_client::check_setup(&self.platform, token.expose()).await;
        checked.map(|()| Reply::Done).map_err(problem::of)
    }

    async fn unlock(&self, password: &Hidden, team: Option<&str>) -> Answer {
        let team = team.and_then(|team| team.parse().ok());
        let unlocked = subrosa_client::unlock(self.platform.clone(), password.expose(), team);
        Ok(self.unlocked(unlocked.await.map_err(problem::of)?))
    }

    async fn sync(&self) -> Answer {
        let client = self.client()?;
        client.sync().await.map_err(problem::of)?;
        Ok(Reply::Overview(view::overview(&client)))
    }

    fn secrets(
        &self,
        scope: &ViewScope,
        filter: &str,
        inherited: bool,
        offset: usize,
        limit: usize,
    ) -> Answer {
        let client = self.client()?;
        let scope = named(scope)?;
        let contents = client.contents();
        if contents.locate(scope).is_none() {
            return Err(problem::not_found());
        }
        Ok(Reply::Secrets(view::secrets(&contents, scope, filter, inherited, offset, limit)))
    }

    async fn forget_device(&self) -> Answer {
        subrosa_client::forget(&self.platform).await.map_err(problem::of)?;
        self.watching.replace(None);
        self.stage.replace(Stage::Idle);
        (self.told)(Event::LockNow);
        Ok(Reply::Done)
    }

    fn client(&self) -> Result<Rc<TeamClient<P>>, Problem> {
        match &*self.stage.borrow() {
            Stage::Open(client) => Ok(client.clone()),
            Stage::Idle | Stage::Recovering(_) | Stage::Draft(_) | Stage::Door(_) => {
                Err(problem::locked())
            }
        }
    }

    async fn status(&self) -> Answer {
        if self.client().is_ok() {
            return Ok(Reply::Status(Status::Open));
        }
        let device = subrosa_client::Device::load(&self.platform).await.map_err(problem::of)?;
        Ok(Reply::Status(if device.is_some() { Status::Locked } else { Status::Empty }))
    }

    /// Whether it is the team that is open here.
    fn is_open(&self, client: &TeamClient<P>) -> bool {
        matches!(&*self.stage.borrow(), Stage::Open(open) if std::ptr::eq(&**open, client))
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

fn vault_id(vault: &str) -> Result<VaultId, Problem> {
    vault.parse().map_err(|_| problem::not_found())
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
