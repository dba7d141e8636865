//! What the page knows while it is open, and how it locks.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use subrosa_bridge::alarm::{Alarm, ChangedKeys};
use subrosa_bridge::people::{Role, Waiting};
use subrosa_bridge::view::{Overview, Project, Scope, Status};
use subrosa_bridge::{Event, Hidden, Kind, Problem, Request};

use crate::address::Address;
use crate::ask::{Answer, Opened};
use crate::components::production::Production;
use crate::components::toast::Toasts;
use crate::drafts::{DraftOf, Drafts, Keep};
use crate::erased::{effect, spawn};
use crate::keyholder::{Keyholder, News};
use crate::page::Page;
use crate::place_names;
use crate::rotation::Rotation;

/// How long after a letter drafts are kept, in milliseconds.
const KEEP_AFTER: u32 = 300;
/// How long a lock waits for drafts to be put away, in milliseconds.
const PUT_AWAY: u32 = 1_000;

/// Where the console stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The keyholder is not loaded yet.
    Loading,
    /// No Secret Key on this device.
    Empty,
    /// The password is missing.
    Locked,
    /// One waits to be let in.
    Waiting,
    /// Open.
    Open,
    /// The keyholder can't be started, or broke.
    Failed,
}

/// A long piece of work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Such as `Writing secrets`.
    pub what: String,
    /// So far.
    pub done: usize,
    /// In all.
    pub total: usize,
}

/// How it stands with keeping drafts.
#[derive(Clone, Copy, Default)]
struct Keeping {
    /// Some are on their way to the keyholder, or will be in a moment.
    under_way: bool,
    /// Another tab has kept others meanwhile.
    stale: bool,
}

/// The page's state: made once, never disposed of, so that any handler may use it.
#[derive(Clone, Copy)]
pub struct Session {
    /// Where the browser is.
    pub address: Address,
    /// The line to the keys.
    pub keyholder: Keyholder,
    /// Where the console stands.
    pub stage: RwSignal<Stage>,
    /// The team from above, while open.
    pub overview: RwSignal<Option<Overview>>,
    /// Counts changes, here or elsewhere: whoever shows secrets asks again.
    pub changes: RwSignal<u32>,
    /// Whether the server answers.
    pub online: RwSignal<bool>,
    /// A long piece of work under way.
    pub progress: RwSignal<Option<Progress>>,
    /// The rotation of this tab.
    pub rotation: Rotation,
    /// What must not be missed, and is not kept.
    pub alarm: RwSignal<Option<Problem>>,
    /// The alarms that stand on this device.
    pub alarms: RwSignal<Vec<Alarm>>,
    /// Whose keys have changed, and were not compared here.
    pub changed_keys: RwSignal<Vec<ChangedKeys>>,
    /// Whether the root key has opened a team here, and nobody has an account of it yet.
    pub recovering: RwSignal<bool>,
    /// What one waits for, while that is so.
    pub waiting: RwSignal<Option<Waiting>>,
    /// The fragment of an invite's link that was followed here: memory alone has it.
    pub invite: RwSignal<Option<Hidden>>,
    /// What was typed and not saved.
    pub drafts: Drafts,
    /// Short messages.
    pub toasts: Toasts,
    /// What is asked once more.
    pub production: Production,
    /// Milliseconds of idleness that lock.
    pub lock_after: RwSignal<u64>,
    /// How many drafts the last lock has put away: said on the unlock page.
    pub put_away: RwSignal<usize>,
    /// What the last review has saved: whoever edits one of those drafts closes.
    pub reviewed: RwSignal<Vec<DraftOf>>,
    /// Where to go after unlocking.
    pub return_to: StoredValue<Option<String>>,
    /// A text on its way to the import page.
    pub import_text: RwSignal<Option<Hidden>>,
    /// Tells other tabs a word.
    pub tell_tabs: StoredValue<Option<Callback<&'static str>>>,
    keeping: StoredValue<Keeping>,
    /// How many drafts are on their way to the keyholder.
    asking: StoredValue<usize>,
}

impl Session {
    /// A session whose keyholder is not started yet.
    pub fn new() -> Self {
        Session {
            address: Address::new(),
            keyholder: Keyholder::new(),
            stage: RwSignal::new(Stage::Loading),
            overview: RwSignal::new(None),
            changes: RwSignal::new(0),
            online: RwSignal::new(true),
            progress: RwSignal::new(None),
            rotation: Rotation::new(),
            alarm: RwSignal::new(None),
            alarms: RwSignal::new(Vec::new()),
            changed_keys: RwSignal::new(Vec::new()),
            recovering: RwSignal::new(false),
            waiting: RwSignal::new(None),
            invite: RwSignal::new(None),
            drafts: Drafts::new(),
            toasts: Toasts::new(),
            production: Production::new(),
            lock_after: RwSignal::new(10 * 60 * 1000),
            put_away: RwSignal::new(0),
            reviewed: RwSignal::new(Vec::new()),
            return_to: StoredValue::new(None),
            import_text: RwSignal::new(None),
            tell_tabs: StoredValue::new(None),
            keeping: StoredValue::new(Keeping::default()),
            asking: StoredValue::new(0),
        }
    }

    /// Whether one may write at a scope, tracked.
    pub fn may_write(self, scope: &Scope) -> bool {
        self.overview.with(|overview| {
            let role = overview.as_ref().and_then(|it| place_names::role(it, scope));
            role >= Some(Role::Writer)
        })
    }

    /// Whether there is anything that one may write, tracked.
    pub fn may_write_somewhere(self) -> bool {
        self.overview.with(|overview| {
            let writes = |it: &Project| {
                let inside = it.environments.iter().map(|it| it.role);
                it.role.into_iter().chain(inside).any(|role| role >= Role::Writer)
            };
            overview.as_ref().is_some_and(|it| it.owner || it.projects.iter().any(writes))
        })
    }

    /// Whether one may write at a scope now; if not, says whom to ask.
    pub fn check_write(self, scope: &Scope) -> bool {
        let may = untrack(|| self.may_write(scope));
        if !may {
            self.toasts.say("You may not write there. Ask an owner, or who manages it.");
        }
        may
    }

    /// Goes to a page.
    pub fn go(self, path: &str) {
        self.address.go(path, false);
    }

    /// Goes to a page that takes the place of this one in the history.
    pub fn go_instead(self, path: &str) {
        self.address.go(path, true);
    }

    /// Starts the keyholder and listens to it.
    pub fn start(self) {
        self.keyholder.start(move |news| match news {
            News::Ready => self.enquire(),
            News::Event(event) => self.hear(*event),
            News::Died => {
                self.wipe();
                self.keyholder.stop();
                self.enter(Stage::Failed);
            }
        });
    }

    /// Tries again after [`Stage::Failed`].
    pub fn restart(self) {
        self.enter(Stage::Loading);
        self.start();
    }

    /// Asks now, and whenever the team changes or it is asked `again`. An answer that another is coming
    /// after is not shown.
    pub fn follow<T: 'static, A: Future<Output = Answer<T>> + 'static>(
        self,
        again: RwSignal<u32>,
        ask: impl Fn(Keyholder) -> A + 'static,
        show: impl Fn(Answer<T>) + Copy + 'static,
    ) {
        let asked = StoredValue::new(0_u32);
        effect(move || {
            self.changes.track();
            again.track();
            let number = asked.try_update_value(|asked| {
                *asked += 1;
                *asked
            });
            let answer = ask(self.keyholder);
            spawn(async move {
                let answer = answer.await;
                if asked.try_get_value() == number {
                    show(answer);
                }
            });
        });
    }

    /// Shows what an account has opened.
    pub fn opened(self, opened: Opened) {
        match opened {
            Opened::Team(overview) => self.open(*overview),
            Opened::Door(waiting) => {
                self.recovering.set(false);
                self.waiting.set(Some(waiting));
                self.enter(Stage::Waiting);
            }
        }
    }

    /// Shows another team of the account, or its door: nothing of the one before stays.
    pub fn switched(self, opened: Opened) {
        self.drafts.clear();
        self.alarm.set(None);
        self.rotation.forget();
        self.go(&Page::Projects.path());
        self.opened(opened);
        self.changes.update(|count| *count += 1);
    }

    /// The team is open: shows it.
    fn open(self, overview: Overview) {
        self.waiting.set(None);
        self.overview.set(Some(overview));
        self.put_away.set(0);
        // It opened: the keys that were replaced are not these, and a session is ended once. Any other
        // alarm stays.
        let is_over = |alarm: &Option<Problem>| {
            let kind = alarm.as_ref().map(|alarm| &alarm.kind);
            matches!(kind, Some(Kind::KeysReplaced | Kind::Locked))
        };
        if self.alarm.with_untracked(is_over) {
            self.alarm.set(None);
        }
        self.recovering.set(false);
        self.enter(Stage::Open);
        spawn(async move {
            if let Ok(device) = self.keyholder.device().await {
                self.lock_after.set(device.lock_after);
            }
            self.renew_drafts();
        });
        self.ask_alarms();
        self.ask_changed_keys();
    }

    /// Asks which alarms stand.
    pub fn ask_alarms(self) {
        spawn(async move {
            if let Ok(alarms) = self.keyholder.alarms(Request::Alarms).await {
                self.alarms.set(alarms);
            }
        });
    }

    /// Has the other tabs ask which alarms stand.
    pub fn tell_alarm(self) {
        self.tell("alarm");
    }

    /// Something was found that must not be missed. An alarm that is kept says more than the problem.
    fn alarmed(self, problem: Problem) {
        if problem.kind != Kind::Rollback {
            return self.alarm.set(Some(problem));
        }
        spawn(async move {
            let alarms = self.keyholder.alarms(Request::Alarms).await.unwrap_or_default();
            if alarms.iter().all(|alarm| !alarm.here) {
                self.alarm.set(Some(problem));
            }
            if self.alarms.with_untracked(|known| *known != alarms) {
                self.alarms.set(alarms);
                self.tell_alarm();
            }
        });
    }

    fn ask_changed_keys(self) {
        spawn(async move {
            if let Ok(changed) = self.keyholder.changed_keys(Request::ChangedKeys).await
                && self.changed_keys.with_untracked(|known| *known != changed)
            {
                self.changed_keys.set(changed);
            }
        });
    }

    /// Has drafts kept a moment after they were typed, for as long as the page lives.
    pub fn keep_drafts(self) {
        effect(move || {
            self.drafts.all();
            self.keep_soon();
        });
    }

    fn keep_soon(self) {
        if self.keeping.with_value(|it| it.under_way) || self.drafts.are_kept() {
            return;
        }
        self.keeping.update_value(|it| it.under_way = true);
        spawn(async move {
            loop {
                TimeoutFuture::new(KEEP_AFTER).await;
                let open = self.stage.get_untracked() == Stage::Open;
                let unkept = if open { self.drafts.unkept() } else { Vec::new() };
                if unkept.is_empty() {
                    break;
                }
                let all = self.keep_each(unkept).await;
                self.tell("drafts");
                if !all {
                    break;
                }
            }
            let keeping = self.keeping.try_update_value(std::mem::take);
            if keeping.is_some_and(|it| it.stale) {
                self.renew_drafts();
            }
        });
    }

    /// Takes over what is kept, by whichever tab.
    pub fn renew_drafts(self) {
        if self.stage.get_untracked() != Stage::Open {
            return;
        }
        spawn(async move {
            let answer = self.keyholder.drafts().await;
            // What is on its way to being kept is not in the answer: asked again after that.
            if self.keeping.with_value(|it| it.under_way) {
                return self.keeping.update_value(|it| it.stale = true);
            }
            match answer {
                Ok(drafts) => {
                    let twice = self.drafts.restore(drafts);
                    self.keep_each(twice).await;
                    self.keep_soon();
                }
                Err(problem) => self.report(&problem),
            }
        });
    }

    fn tell(self, word: &'static str) {
        if let Some(tell) = self.tell_tabs.get_value() {
            tell.run(word);
        }
    }

    /// Tells whether all went well.
    async fn keep_each(self, all: Vec<Keep>) -> bool {
        self.asking.update_value(|count| *count += all.len());
        let mut good = true;
        for keep in all {
            let answer = self.keyholder.ask(keep.request.clone()).await;
            self.asking.update_value(|count| *count -= 1);
            if let Err(problem) = answer {
                good = false;
                self.drafts.not_kept(&keep);
                if problem.kind != Kind::Locked {
                    self.report(&problem);
                }
            }
        }
        good
    }

    /// Locks: drops all that was shown, ends the keyholder, starts a new one. With `tell_others`
    /// every other tab of this browser does the same. A draft that was typed just now is put away
    /// first, for which the keyholder has a second.
    pub fn lock(self, tell_others: bool) {
        self.end_recovery();
        if !matches!(self.stage.get_untracked(), Stage::Open | Stage::Waiting) {
            return;
        }
        let unkept = self.drafts.unkept();
        self.put_away.set(self.drafts.kept());
        // Some may be on their way.
        let at_once = unkept.is_empty() && self.asking.get_value() == 0;
        self.wipe();
        self.enter(if at_once { Stage::Locked } else { Stage::Loading });
        if tell_others {
            self.tell("lock");
        }
        if at_once {
            return self.renew();
        }
        // Not a signal: what the press on 'Lock' belongs to is gone by then.
        let ended = Rc::new(Cell::new(false));
        let end = move || {
            if !ended.replace(true) {
                self.renew();
            }
        };
        let kept = end.clone();
        spawn(async move {
            self.keep_each(unkept).await;
            // Answered after all that was asked before.
            let _ = self.keyholder.drafts().await;
            kept();
        });
        spawn(async move {
            TimeoutFuture::new(PUT_AWAY).await;
            end();
        });
    }

    /// Ends a recovery that is under way: the keyholder forgets the root key, and all that it opens.
    pub fn end_recovery(self) {
        if self.recovering.get_untracked() {
            self.recovering.set(false);
            self.enter(Stage::Loading);
            self.renew();
        }
    }

    /// Another keyholder, which knows nothing.
    fn renew(self) {
        self.keyholder.stop();
        self.start();
    }

    /// After the device was forgotten: like a lock, but there is nothing to unlock.
    pub fn forget(self) {
        self.wipe();
        self.return_to.set_value(None);
        self.enter(Stage::Empty);
        self.renew();
    }

    /// Asks for the team again, after something was made here.
    pub async fn refresh(self) {
        if let Ok(overview) = self.keyholder.overview().await {
            self.overview.set(Some(overview));
        }
    }

    /// Fetches what is new, and says so if that fails.
    pub fn sync(self) {
        spawn(async move {
            match self.keyholder.sync().await {
                Ok(overview) => {
                    self.online.set(true);
                    self.overview.set(Some(overview));
                    self.changes.update(|count| *count += 1);
                }
                Err(problem) => self.report(&problem),
            }
        });
    }

    /// Shows a problem where no form is there to show it.
    pub fn report(self, problem: &Problem) {
        match problem.kind {
            Kind::Locked => self.lock(false),
            Kind::Offline => {
                self.online.set(false);
                self.toasts.say(sentence(problem));
            }
            _ => self.toasts.say(sentence(problem)),
        }
    }

    /// Only a change is told: a form that is built anew would lose what was typed.
    fn enter(self, stage: Stage) {
        if self.stage.get_untracked() != stage {
            self.stage.set(stage);
        }
    }

    /// Asks where the device stands.
    fn enquire(self) {
        spawn(async move {
            let stage = match self.keyholder.status().await {
                Ok(Status::Empty) => Stage::Empty,
                Ok(Status::Locked) => Stage::Locked,
                Ok(Status::Open) => Stage::Open,
                Err(_) => Stage::Failed,
            };
            self.enter(stage);
        });
        self.ask_alarms();
    }

    fn hear(self, event: Event) {
        match event {
            Event::Changed(overview) => {
                if self.stage.get_untracked() == Stage::Open {
                    self.overview.set(Some(overview));
                }
                self.changes.update(|count| *count += 1);
                self.ask_changed_keys();
            }
            Event::Progress { what, done, total } => {
                let running = done < total;
                self.progress.set(running.then_some(Progress { what, done, total }));
            }
            Event::Online(online) => self.online.set(online),
            Event::Alarm(problem) => self.alarmed(problem),
            Event::LockNow => self.lock(false),
        }
    }

    /// Drops every signal that may hold something.
    fn wipe(self) {
        self.overview.set(None);
        self.alarms.set(Vec::new());
        self.changed_keys.set(Vec::new());
        self.waiting.set(None);
        self.progress.set(None);
        self.rotation.forget();
        self.drafts.clear();
        self.toasts.clear();
        self.production.close();
        self.import_text.set(None);
    }
}

/// The session, in any component.
pub fn use_session() -> Session {
    expect_context::<Session>()
}

/// A problem in one line.
pub fn sentence(problem: &Problem) -> String {
    format!("{} {}", problem.message, problem.next).trim().to_owned()
}
