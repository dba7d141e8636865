//! The rotation that runs in this tab. It belongs to the session: whoever goes to another page, and
//! comes back, finds it.

use leptos::prelude::*;
use subrosa_bridge::Problem;
use subrosa_bridge::keys::{Outcome, Rotated, RotationStep};

use crate::erased::spawn;
use crate::format;
use crate::session::Session;

/// Where it stands.
#[derive(Clone, PartialEq, Debug)]
pub enum Standing {
    /// None was started here.
    Idle,
    /// One runs.
    Runs,
    /// It stops at the next step.
    Pauses,
    /// What came of the last one.
    Ended(Result<Vec<Rotated>, Problem>),
}

/// The rotation of this tab.
#[derive(Clone, Copy)]
pub struct Rotation {
    /// Where it stands.
    pub standing: RwSignal<Standing>,
    /// What was asked for last: the same again goes on.
    asked: StoredValue<(Vec<String>, RotationStep, bool)>,
    /// Vaults of which what is there is sealed again when it has ended.
    next: StoredValue<Vec<String>>,
    /// Counts the teams that were shown: what ends after its team is gone is told to nobody.
    shown: StoredValue<u32>,
    /// Which vault it is at, since when, and how much was done there before.
    at: StoredValue<(String, u64, usize)>,
}

impl Rotation {
    /// None yet.
    pub fn new() -> Self {
        Rotation {
            standing: RwSignal::new(Standing::Idle),
            asked: StoredValue::new((Vec::new(), RotationStep::All, false)),
            next: StoredValue::new(Vec::new()),
            shown: StoredValue::new(0),
            at: StoredValue::new((String::new(), 0, 0)),
        }
    }

    /// Whether one runs.
    pub fn runs(self) -> bool {
        self.standing.with(|standing| matches!(standing, Standing::Runs | Standing::Pauses))
    }

    /// Seals again what these vaults have under older keys: now, or when the rotation that runs is done.
    pub fn finish(self, session: Session, vaults: Vec<String>) {
        self.next.update_value(|next| {
            let new = vaults.into_iter().filter(|it| !next.contains(it));
            next.extend(new.collect::<Vec<_>>());
        });
        self.start_next(session);
    }

    fn start_next(self, session: Session) {
        if untrack(|| self.runs()) {
            return;
        }
        let next = self.next.try_update_value(std::mem::take).unwrap_or_default();
        if !next.is_empty() {
            self.start(session, next, RotationStep::Finish, false);
        }
    }

    /// What came of the last one was seen.
    pub fn close(self, session: Session) {
        self.standing.set(Standing::Idle);
        self.start_next(session);
    }

    /// Starts one, unless one runs.
    pub fn start(self, session: Session, vaults: Vec<String>, step: RotationStep, drop: bool) {
        if untrack(|| self.runs()) {
            return;
        }
        self.standing.set(Standing::Idle);
        self.asked.set_value((vaults, step, drop));
        self.go_on(session);
    }

    /// Does what was asked for last once more: what is done already is passed over.
    pub fn go_on(self, session: Session) {
        if let Standing::Ended(Ok(rotated)) = self.standing.get_untracked() {
            let is_done = |id: &String| {
                rotated.iter().any(|it| it.vault == *id && it.outcome == Outcome::Done)
            };
            self.asked.update_value(|asked| asked.0.retain(|id| !is_done(id)));
        }
        self.standing.set(Standing::Runs);
        self.at.set_value(Default::default());
        let (vaults, step, drop) = self.asked.get_value();
        let shown = self.shown.get_value();
        spawn(async move {
            let ended = session.keyholder.rotate(vaults, step, drop).await;
            if self.shown.try_get_value() != Some(shown) {
                return;
            }
            session.progress.set(None);
            let done = ended
                .as_ref()
                .is_ok_and(|rotated| rotated.iter().all(|it| it.outcome == Outcome::Done));
            if done {
                session.toasts.say("Done: the keys are rotated.");
            }
            self.standing.set(Standing::Ended(ended));
            // What was paused, failed or is held is seen first, and goes on or is closed.
            if done {
                self.start_next(session);
            }
        });
    }

    /// Another team is shown, or none: nothing of this one's is next.
    pub fn forget(self) {
        self.standing.set(Standing::Idle);
        self.next.set_value(Vec::new());
        self.shown.update_value(|shown| *shown += 1);
    }

    /// Has it stop at the next step.
    pub fn pause(self, session: Session) {
        self.standing.set(Standing::Pauses);
        spawn(async move {
            if let Err(problem) = session.keyholder.pause_rotation().await {
                session.report(&problem);
            }
        });
    }

    /// How long it takes yet for the vault that it is at, as far as can be told.
    pub fn time_left(self, what: &str, done: usize, total: usize) -> Option<String> {
        let now = format::now();
        let (at, since, before) = self.at.get_value();
        if at != what {
            self.at.set_value((what.to_owned(), now, done));
            return None;
        }
        let made = done.checked_sub(before).filter(|made| *made > 0)? as u64;
        let seconds = now.saturating_sub(since) * (total - done) as u64 / made / 1000;
        Some(match seconds {
            0..=4 => "a few seconds left".into(),
            5..=90 => format!("about {seconds} s left"),
            _ => format!("about {} min left", seconds.div_ceil(60)),
        })
    }
}
