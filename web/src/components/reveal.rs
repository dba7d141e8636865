//! Values that are shown for a while.

use std::time::Duration;

use leptos::prelude::*;
use subrosa_bridge::Hidden;
use subrosa_bridge::view::Scope;

use crate::ask::Answer;
use crate::element::{El, el};
use crate::erased::{lazy, spawn};
use crate::parts::{all, div, live, span, text};
use crate::session::{Session, sentence};

/// A value on screen.
#[derive(Clone)]
pub enum Reveal {
    /// Being opened.
    Opening,
    /// Shown until then.
    Shown(Hidden, f64),
    /// It does not open.
    Failed(String),
}

/// A secret's id and version: a value must not stay on screen as that of a newer version.
pub type Which = (String, u32);

/// What a key comes to in a scope, whatever its version.
pub fn of_key(scope: &Scope, key: &str) -> Which {
    let (Scope::Project(id) | Scope::Environment(id) | Scope::Application(id)) = scope;
    (format!("{id}/{key}"), 0)
}

/// A place where a value is shown.
struct OnScreen {
    which: Which,
    /// If it is of a key in a scope.
    key: Option<(Scope, String)>,
    reveal: Reveal,
}

/// All values on screen.
#[derive(Clone, Copy)]
pub struct Reveals {
    session: Session,
    shown: RwSignal<Vec<OnScreen>>,
    now: RwSignal<f64>,
}

impl Reveals {
    /// None, and a clock that hides them again.
    pub fn new(session: Session) -> Self {
        let reveals = Reveals {
            session,
            shown: RwSignal::new(Vec::new()),
            now: RwSignal::new(js_sys::Date::now()),
        };
        let tick = set_interval_with_handle(move || reveals.tick(), Duration::from_millis(500));
        on_cleanup(move || {
            if let Ok(tick) = tick {
                tick.clear();
            }
        });
        reveals
    }

    /// How long a value is shown.
    pub const TIME: Duration = Duration::from_secs(30);

    /// Hides all.
    pub fn clear(self) {
        self.shown.update(Vec::clear);
    }

    /// Shows a value, or hides it.
    pub fn toggle(self, which: Which) {
        let (id, version) = which.clone();
        self.show(which, None, self.session.keyholder.reveal(id, Some(version)));
    }

    /// Shows what a key comes to in a scope, or hides it.
    pub fn toggle_key(self, scope: Scope, key: String) {
        let which = of_key(&scope, &key);
        let of = Some((scope.clone(), key.clone()));
        self.show(which, of, self.session.keyholder.text_of_key(scope, key));
    }

    /// Something changed: what a key on screen comes to may be something else now.
    pub fn renew_keys(self) {
        let keys: Vec<(Which, Scope, String)> = self.shown.with_untracked(|shown| {
            let of = |it: &OnScreen| {
                let (scope, key) = it.key.clone()?;
                Some((it.which.clone(), scope, key))
            };
            shown.iter().filter_map(of).collect()
        });
        for (which, scope, key) in keys {
            spawn(async move {
                let result = self.session.keyholder.text_of_key(scope, key).await;
                let _ = self.shown.try_update(|shown| match result {
                    Ok(now) => {
                        if let Some(Reveal::Shown(text, _)) = place(shown, &which) {
                            *text = now;
                        }
                    }
                    Err(_) => shown.retain(|it| it.which != which),
                });
            });
        }
    }

    fn show(
        self,
        which: Which,
        key: Option<(Scope, String)>,
        asked: impl Future<Output = Answer<Hidden>> + 'static,
    ) {
        if untrack(|| self.has(&which)) {
            return self.shown.update(|shown| shown.retain(|it| it.which != which));
        }
        let opening = OnScreen { which: which.clone(), key, reveal: Reveal::Opening };
        self.shown.update(|shown| shown.push(opening));
        spawn(async move {
            let result = asked.await;
            let until = js_sys::Date::now() + Reveals::TIME.as_secs_f64() * 1_000.0;
            let reveal = match result {
                Ok(text) => Reveal::Shown(text, until),
                Err(problem) => Reveal::Failed(sentence(&problem)),
            };
            let _ = self.now.try_set(js_sys::Date::now());
            let _ = self.shown.try_update(|shown| {
                // Else it was hidden again before it came.
                if let Some(place) = place(shown, &which) {
                    *place = reveal;
                }
            });
        });
    }

    /// Whether it is on screen, tracked.
    pub fn has(self, which: &Which) -> bool {
        self.shown.with(|shown| shown.iter().any(|it| it.which == *which))
    }

    /// What is on screen, tracked.
    pub fn get(self, which: &Which) -> Option<Reveal> {
        let find = |it: &&OnScreen| it.which == *which;
        self.shown.with(|shown| shown.iter().find(find).map(|it| it.reveal.clone()))
    }

    fn tick(self) {
        let Some(none) = self.shown.try_with_untracked(Vec::is_empty) else { return };
        if none {
            return;
        }
        let now = js_sys::Date::now();
        self.now.set(now);
        let over = |it: &OnScreen| matches!(&it.reveal, Reveal::Shown(_, until) if *until <= now);
        if self.shown.with_untracked(|shown| shown.iter().any(over)) {
            self.shown.update(|shown| shown.retain(|it| !over(it)));
        }
    }

    /// Whole seconds until then, tracked.
    fn left(self, until: f64) -> i32 {
        #[expect(clippy::cast_possible_truncation, reason = "half a minute at most")]
        let left = ((until - self.now.get()) / 1000.0).ceil() as i32;
        left.max(0)
    }
}

fn place<'s>(shown: &'s mut [OnScreen], which: &Which) -> Option<&'s mut Reveal> {
    shown.iter_mut().find(|it| it.which == *which).map(|it| &mut it.reveal)
}

/// The value of this one, or dots in its place.
pub fn revealed(reveals: Reveals, which: Which) -> AnyView {
    let shown = lazy(move || match reveals.get(&which) {
        None => all(vec![
            el("span").class("dots").is("aria-hidden", "true").put("••••••••••").any(),
            span("unseen", vec![text("Hidden")]),
        ]),
        Some(Reveal::Opening) => span("quiet", vec![text("Opening…")]),
        Some(Reveal::Failed(why)) => span("error", vec![text(why)]),
        Some(Reveal::Shown(value, until)) => {
            let value = value.expose().to_owned();
            let empty = value.is_empty();
            let mut parts = vec![shown_value().put(value).any()];
            if empty {
                parts.push(span("quiet", vec![text("An empty value. ")]));
            }
            parts.push(countdown(reveals, until));
            all(parts)
        }
    });
    div("revealed", vec![shown])
}

/// How long it is shown yet.
pub fn countdown(reveals: Reveals, until: f64) -> AnyView {
    let left = live(move || format!("Hides in {} s", reveals.left(until)));
    span("quiet countdown", vec![left])
}

/// What a value is shown in.
pub fn shown_value() -> El {
    el("pre").class("value").is("tabindex", "0").is("translate", "no")
}
