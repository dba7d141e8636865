//! What the page knows while it is open, and how it locks.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use subrosa_bridge::view::{Overview, Status};
use subrosa_bridge::{Event, Hidden, Kind, Problem};

use crate::components::toast::Toasts;
use crate::drafts::Drafts;
use crate::keyholder::{Keyholder, News};

/// Where the console stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The keyholder is not loaded yet.
    Loading,
    /// No Secret Key on this device.
    Empty,
    /// The password is missing.
    Locked,
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

/// Leads to an address; in place of the present one if `replace`.
pub type Way = Rc<dyn Fn(&str, bool)>;

/// The page's state: made once, never disposed of, so that any handler may use it.
#[derive(Clone, Copy)]
pub struct Session {
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
    /// What must not be missed: a rollback or a fork.
    pub alarm: RwSignal<Option<Problem>>,
    /// What was typed and not saved.
    pub drafts: Drafts,
    /// Short messages.
    pub toasts: Toasts,
    /// Milliseconds of idleness that lock.
    pub lock_after: RwSignal<u64>,
    /// How many drafts the last lock wiped: said on the unlock page.
    pub wiped: RwSignal<usize>,
    /// Where to go after unlocking.
    pub return_to: StoredValue<Option<String>>,
    /// A text on its way to the import page.
    pub import_text: StoredValue<Option<Hidden>>,
    /// The router's way to another page: kept here, because what was asked for may come when the
    /// component that asked is gone.
    pub way: StoredValue<Option<Way>, LocalStorage>,
    /// Tells other tabs that this one locked.
    pub on_lock: StoredValue<Option<Callback<()>>>,
}

impl Session {
    /// A session whose keyholder is not started yet.
    pub fn new() -> Self {
        Session {
            keyholder: Keyholder::new(),
            stage: RwSignal::new(Stage::Loading),
            overview: RwSignal::new(None),
            changes: RwSignal::new(0),
            online: RwSignal::new(true),
            progress: RwSignal::new(None),
            alarm: RwSignal::new(None),
            drafts: Drafts::new(),
            toasts: Toasts::new(),
            lock_after: RwSignal::new(10 * 60 * 1000),
            wiped: RwSignal::new(0),
            return_to: StoredValue::new(None),
            import_text: StoredValue::new(None),
            way: StoredValue::new_local(None),
            on_lock: StoredValue::new(None),
        }
    }

    /// Goes to a page.
    pub fn go(self, path: &str) {
        self.lead(path, false);
    }

    /// Goes to a page that takes the place of this one in the history.
    pub fn go_instead(self, path: &str) {
        self.lead(path, true);
    }

    fn lead(self, path: &str, replace: bool) {
        if let Some(way) = self.way.get_value() {
            way(path, replace);
        }
    }

    /// Starts the keyholder and listens to it.
    pub fn start(self) {
        self.keyholder.start(move |news| match news {
            News::Ready => self.enquire(),
            News::Event(event) => self.hear(event),
            News::Died => {
                self.wipe();
                self.enter(Stage::Failed);
            }
        });
    }

    /// Tries again after [`Stage::Failed`].
    pub fn restart(self) {
        self.enter(Stage::Loading);
        self.start();
    }

    /// The team is open: shows it.
    pub fn open(self, overview: Overview) {
        self.overview.set(Some(overview));
        self.wiped.set(0);
        self.enter(Stage::Open);
        spawn_local(async move {
            if let Ok(device) = self.keyholder.device().await {
                self.lock_after.set(device.lock_after);
            }
        });
    }

    /// Locks: ends the keyholder, drops all that was shown, starts a new one. With `tell_others`
    /// every other tab of this browser does the same.
    pub fn lock(self, tell_others: bool) {
        if self.stage.get_untracked() != Stage::Open {
            return;
        }
        let wiped = self.drafts.count();
        self.wipe();
        self.wiped.set(wiped);
        self.enter(Stage::Locked);
        if tell_others && let Some(tell) = self.on_lock.get_value() {
            tell.run(());
        }
        self.start();
    }

    /// After the device was forgotten: like a lock, but there is nothing to unlock.
    pub fn forget(self) {
        self.wipe();
        self.return_to.set_value(None);
        self.enter(Stage::Empty);
        self.start();
    }

    /// Asks for the team again, after something was made here.
    pub async fn refresh(self) {
        if let Ok(overview) = self.keyholder.overview().await {
            self.overview.set(Some(overview));
        }
    }

    /// Fetches what is new, and says so if that fails.
    pub fn sync(self) {
        spawn_local(async move {
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
        spawn_local(async move {
            let stage = match self.keyholder.status().await {
                Ok(Status::Empty) => Stage::Empty,
                Ok(Status::Locked) => Stage::Locked,
                Ok(Status::Open) => Stage::Open,
                Err(_) => Stage::Failed,
            };
            self.enter(stage);
        });
    }

    fn hear(self, event: Event) {
        match event {
            Event::Changed(overview) => {
                if self.stage.get_untracked() == Stage::Open {
                    self.overview.set(Some(overview));
                }
                self.changes.update(|count| *count += 1);
            }
            Event::Progress { what, done, total } => {
                let running = done < total;
                self.progress.set(running.then_some(Progress { what, done, total }));
            }
            Event::Online(online) => self.online.set(online),
            Event::Alarm(problem) => self.alarm.set(Some(problem)),
            Event::LockNow => self.lock(false),
        }
    }

    /// Ends the keyholder and drops every signal that may hold something.
    fn wipe(self) {
        self.keyholder.stop();
        self.overview.set(None);
        self.progress.set(None);
        self.drafts.clear();
        self.toasts.clear();
        self.import_text.set_value(None);
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
