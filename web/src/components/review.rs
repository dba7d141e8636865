//! Drafts, wherever they were typed: a line beside the page that tells of them, and the one place where they are
//! looked through and saved together, as one change with a note.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::view::{Row, Write};
use subrosa_bridge::{Kind, Problem};

use crate::components::dialog::dialog;
use crate::components::differences::differences;
use crate::components::field::Field;
use crate::components::reveal::{Reveal, Reveals, Which, of_key};
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::drafts::{Changed, Draft, DraftOf, Saves};
use crate::element::el;
use crate::erased::{effect, lazy, memo, spawn, when};
use crate::format;
use crate::page::Place;
use crate::parts::{actions, div, link, live, p, press, section, span, text};
use crate::place_names;
use crate::session::{Session, use_session};

/// Says how many drafts there are, as long as there are any.
pub fn tray(open: Callback<()>) -> AnyView {
    let session = use_session();
    let count = memo(move || session.drafts.count());
    let some = memo(move || count.get() > 0);
    when(
        move || some.get(),
        move || {
            let count = move || format::count(count.get(), "draft", "drafts");
            let review = press("button primary", move || open.run(())).put("Review");
            section("tray", "Drafts", vec![p("grow strong", vec![live(count)]), review.any()])
        },
    )
}

/// A draft with what is said of it.
#[derive(Clone, PartialEq)]
struct Item {
    of: DraftOf,
    draft: Draft,
    place: Option<Place>,
    /// The scope's names, such as `billing / production`.
    scope: String,
    key: String,
    does: String,
}

#[derive(Clone, Copy)]
struct Review {
    session: Session,
    reveals: Reveals,
    items: Memo<Vec<Item>>,
    left_out: RwSignal<Vec<DraftOf>>,
    /// The one whose values are on screen.
    shown: RwSignal<Option<DraftOf>>,
    note: RwSignal<String>,
    saving: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    on_close: Callback<()>,
}

/// All drafts, to be saved or thrown away.
pub fn review(on_close: Callback<()>) -> AnyView {
    let session = use_session();
    let review = Review {
        session,
        reveals: Reveals::new(session),
        items: memo(move || items(session)),
        left_out: RwSignal::new(Vec::new()),
        shown: RwSignal::new(None),
        note: RwSignal::new(String::new()),
        saving: RwSignal::new(false),
        problem: RwSignal::new(None),
        on_close,
    };
    on_cleanup(move || session.production.close());
    // The last one was thrown away.
    effect(move || {
        if review.items.with(Vec::is_empty) {
            on_close.run(());
        }
    });
    dialog("Review your drafts", "wide", on_close, vec![review.choosing()])
}

impl Review {
    fn choosing(self) -> AnyView {
        let list = lazy(move || {
            let items: Vec<AnyView> =
                self.items.get().into_iter().map(|item| self.item(item)).collect();
            el("ul").class("results drafts").is("aria-label", "Drafts").put(items).any()
        });
        let label =
            move || format!("Save {}", format::count(self.chosen().len(), "change", "changes"));
        let save = move || {
            if untrack(|| self.chosen().is_empty()) {
                let next = "Choose what to save.";
                self.problem.set(Some(Problem::new(Kind::Exists, "Nothing is chosen.", next)));
            } else {
                // What is asked about is what is saved, whatever comes meanwhile.
                let items = untrack(|| self.chosen());
                let production = self.touch_production(&items);
                let save = Arc::new(move || self.save(items.clone()));
                self.session.ask_once_more_if(production, save);
            }
        };
        let note = view! {
            <Field
                label="Note"
                hint="Why: kept with the change, for all to read in the history."
                value=self.note
                required=false
                longest=1024
            />
        };
        let later = press("button", move || self.on_close.run(())).put("Not now");
        let submit = submit(Signal::derive(label), "Saving…", self.saving.into());
        el("form")
            .is("autocomplete", "off")
            .submit(save)
            .put(list)
            .put(note.into_any())
            .put(form_problem(self.problem))
            .put(actions(vec![later.any(), submit]))
            .any()
    }

    fn item(self, item: Item) -> AnyView {
        let Item { of, draft, place, scope, key, does } = item;
        let (shown_of, left, dropped, taken) = (of.clone(), of.clone(), of.clone(), of.clone());
        let on_screen = memo(move || self.shown.with(|shown| shown.as_ref() == Some(&shown_of)));
        let chosen = move || !self.left_out.with(|out| out.contains(&left));
        let choose = move |_: bool| {
            self.left_out.update(|out| match out.iter().position(|it| *it == taken) {
                Some(at) => drop(out.remove(at)),
                None => out.push(taken.clone()),
            });
        };
        let path = place.map(|place| place.path_filtered(&key));
        let named = |does: &str| format!("{does} {key}, {scope}");
        let (take, discard, edit) = (named("Save"), named("Discard"), named("Edit"));
        let (show, hide) = (named("Show values of"), named("Hide values of"));
        let has_values = draft.writes_value();
        let values = {
            let (of, draft) = (of.clone(), draft.clone());
            when(move || on_screen.get(), move || self.values(&of, &draft))
        };
        let toggle = move || self.toggle(&of, &draft);
        let input = el("input").is("aria-label", take).ticks(chosen, choose);
        let words = el("span")
            .put(span("mono strong", vec![text(key)]))
            .put(" ")
            .put(span("quiet", vec![text(scope)]))
            .put(el("br"))
            .put(does);
        let take = el("label").class("check grow").put(input.is("type", "checkbox")).put(words);
        let small = "button ghost small";
        let show = has_values.then(|| {
            let words = move || if on_screen.get() { "Hide values" } else { "Show values" };
            let name = move || if on_screen.get() { hide.clone() } else { show.clone() };
            press(small, toggle).follows("aria-label", name).put(live(move || words().to_owned()))
        });
        let edit = path.map(|path| {
            let close = move || self.on_close.run(());
            link(small, path).is("aria-label", edit).click(close).put("Edit")
        });
        let discard = press(small, move || self.session.drafts.drop_one(&dropped))
            .is("aria-label", discard)
            .put("Discard");
        let line = el("div").class("line").put(take).put(show).put(edit).put(discard);
        el("li").put(line).put(values).any()
    }

    /// Shows what is there now beside what was typed, of one draft at a time.
    fn toggle(self, of: &DraftOf, draft: &Draft) {
        let (now, before) = (Some(of.clone()), self.shown.get_untracked());
        self.reveals.clear();
        if before == now {
            return self.shown.set(None);
        }
        self.shown.set(now.clone());
        match (&draft.saves, of) {
            (Saves::Edit(secret, _), _) => self.reveals.toggle((secret.clone(), draft.base)),
            (Saves::Override(_), DraftOf::Cell(scope, key)) => {
                self.reveals.toggle_key(scope.clone(), key.clone());
            }
            _ => {}
        }
        set_timeout(
            move || {
                if self.shown.try_with_untracked(|shown| *shown == now) == Some(true) {
                    self.shown.set(None);
                }
            },
            Reveals::TIME,
        );
    }

    fn values(self, of: &DraftOf, draft: &Draft) -> AnyView {
        let which: Option<Which> = match (&draft.saves, of) {
            (Saves::Edit(secret, _), _) => Some((secret.clone(), draft.base)),
            (Saves::Override(_), DraftOf::Cell(scope, key)) => Some(of_key(scope, key)),
            _ => None,
        };
        let new = draft.value.clone();
        let lines = lazy(move || {
            let before = which.as_ref().map(|which| self.reveals.get(which));
            let old = match &before {
                None => "",
                Some(Some(Reveal::Shown(text, _))) => text.expose(),
                Some(Some(Reveal::Failed(why))) => {
                    let why = why.clone();
                    return p("error", vec![text(why)]);
                }
                Some(_) => return p("quiet", vec![text("Opening…")]),
            };
            differences(old, new.expose())
        });
        div("values", vec![lines])
    }

    /// What is to be saved, tracked.
    fn chosen(self) -> Vec<Item> {
        let mut items = self.items.get();
        self.left_out.with(|out| items.retain(|item| !out.contains(&item.of)));
        items
    }

    fn touch_production(self, items: &[Item]) -> bool {
        items.iter().any(|Item { of, draft, .. }| {
            self.session.changes_production(of.scope(), draft.saves.adds())
        })
    }

    fn save(self, items: Vec<Item>) {
        if self.saving.try_get_untracked() != Some(false) {
            return;
        }
        let writes = items.iter().map(|item| item.draft.write(&item.of)).collect();
        self.saving.set(true);
        self.problem.set(None);
        let session = self.session;
        let note = self.note.get_untracked();
        spawn(async move {
            let result = session.keyholder.write(writes, note).await;
            let _ = self.saving.try_set(false);
            match result {
                Ok(rows) => {
                    let said = format!("Saved {}.", format::count(rows.len(), "change", "changes"));
                    match undo(&items, &rows) {
                        Some(writes) => {
                            let undo = Arc::new(move || take_back(session, writes.clone()));
                            session.toasts.offer(said, "Undo", undo);
                        }
                        None => session.toasts.say(said),
                    }
                    items.iter().for_each(|item| session.drafts.drop_one(&item.of));
                    session.reviewed.set(items.iter().map(|item| item.of.clone()).collect());
                    session.changes.update(|count| *count += 1);
                    self.on_close.try_run(());
                }
                Err(problem) => {
                    let _ = self.problem.try_set(Some(problem));
                }
            }
        });
    }
}

/// What takes a change back; `None` where more than values was changed.
fn undo(items: &[Item], rows: &[Row]) -> Option<Vec<Write>> {
    let one = |(item, row): (&Item, &Row)| {
        let secret = row.id.clone();
        match &item.draft.saves {
            Saves::Edit(_, changed) if changed.key || changed.mount || changed.note => None,
            // A key that was there already has another version now.
            _ if row.version > 1 => Some(Write::Restore { secret, version: Some(row.version - 1) }),
            _ => Some(Write::Delete { secret, base: row.version }),
        }
    };
    items.iter().zip(rows).map(one).collect()
}

fn take_back(session: Session, writes: Vec<Write>) {
    spawn(async move {
        match session.keyholder.write(writes, String::new()).await {
            Ok(_) => session.toasts.say("Taken back."),
            Err(problem) => session.report(&problem),
        }
    });
}

/// All drafts, by scope and key.
fn items(session: Session) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for of in session.drafts.all() {
        let Some(draft) = session.drafts.find(&of) else { continue };
        let (place, scope) = session.overview.with(|overview| {
            let place = overview.as_ref().and_then(|it| place_names::locate(it, of.scope()));
            let names = place.as_ref().and_then(|it| place_names::names(overview.as_ref()?, it));
            (
                place,
                names
                    .map(|names| names.join(" / "))
                    .unwrap_or_else(|| "a scope that is gone".into()),
            )
        });
        let key = match &of {
            DraftOf::Cell(_, key) => key.clone(),
            _ if draft.key.is_empty() => "(no key yet)".to_owned(),
            _ => draft.key.clone(),
        };
        let does = does(&of, &draft);
        let at = items.partition_point(|it| (&it.scope, &it.key) < (&scope, &key));
        items.insert(at, Item { of, draft, place, scope, key, does });
    }
    items
}

fn does(of: &DraftOf, draft: &Draft) -> String {
    match &draft.saves {
        Saves::Create => "A new secret".into(),
        Saves::Override(_) => "Another value here than above".into(),
        Saves::Alias(_) => match of {
            DraftOf::Alias(_, key) => format!("Another key for {key}"),
            _ => "Another key".into(),
        },
        Saves::Edit(_, Changed { key, value, mount, note }) => {
            let parts = [(*key, "key"), (*value, "value"), (*mount, "mount path"), (*note, "note")];
            let parts: Vec<&str> =
                parts.into_iter().filter(|(changed, _)| *changed).map(|(_, name)| name).collect();
            format!("Another {}", parts.join(", "))
        }
    }
}
