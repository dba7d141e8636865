//! The table's state. It belongs to the page, not to the rows: rows come and go with the scrolling
//! while what was typed or revealed stays.

use leptos::html;
use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Conflict, Row, Scope, Secrets};

use super::State;
use super::keys::focused_id;
use crate::components::delete_dialog::Deleting;
use crate::components::reveal::Reveals;
use crate::components::shell::focus;
use crate::components::state::Loaded;
use crate::editor::Editor;
use crate::erased::{memo, on_window, spawn};
use crate::page::Place;
use crate::place_names;
use crate::session::{Session, use_session};
use crate::view_window::{Part, part};

/// What is being edited.
#[derive(Clone, PartialEq)]
pub enum Target {
    /// A new secret.
    New,
    /// The secret as it was when the editor opened.
    Row(Box<Row>),
    /// Another value here for a secret of a higher scope.
    Override(Box<Row>),
}

/// What lies over the table.
#[derive(Clone, PartialEq)]
pub enum Over {
    /// Nothing.
    Nothing,
    /// The versions of a secret.
    History(Box<Row>),
    /// Two changed the same secret.
    Conflict(Box<Conflict>),
    /// Why a key comes to what it does.
    Trace(String),
    /// The scope as a file.
    Export,
}

/// Handles to all of it.
#[derive(Clone, Copy)]
pub struct Table {
    pub session: Session,
    pub place: StoredValue<Place>,
    pub secrets: RwSignal<Loaded<Secrets>>,
    pub state: Memo<State>,
    pub part: RwSignal<Part>,
    pub filter: RwSignal<String>,
    pub inherited: RwSignal<bool>,
    pub reload: RwSignal<u32>,
    pub reveals: Reveals,
    pub editing: RwSignal<Option<Target>>,
    pub editor: Editor,
    pub over: RwSignal<Over>,
    /// Deletions, with what goes along.
    pub deleting: Deleting,
    pub body: NodeRef<html::Tbody>,
    pub row_height: RwSignal<f64>,
}

impl Table {
    /// A table of nothing yet.
    pub fn new(place: Place) -> Self {
        let session = use_session();
        let address = session.address;
        let filter = untrack(|| address.asked("q")).unwrap_or_default();
        let secrets = RwSignal::new(Loaded::Waiting);
        let reload = RwSignal::new(0);
        let table = Table {
            session,
            place: StoredValue::new(place),
            secrets,
            state: memo(move || {
                secrets.with(|secrets| match secrets {
                    Loaded::Waiting => State::Waiting,
                    Loaded::Failed(_) => State::Failed,
                    Loaded::Here(_) => State::Here,
                })
            }),
            part: RwSignal::new(Part::FIRST),
            filter: RwSignal::new(filter),
            inherited: RwSignal::new(true),
            reload,
            reveals: Reveals::new(session),
            editing: RwSignal::new(None),
            editor: Editor::new(session),
            over: RwSignal::new(Over::Nothing),
            deleting: Deleting::new(session, Callback::new(move |()| again(reload))),
            body: NodeRef::new(),
            row_height: RwSignal::new(45.0),
        };
        // A link to the same scope with another filter.
        Effect::new(move |before: Option<String>| {
            let wanted = address.asked("q").unwrap_or_default();
            if before.is_some_and(|before| before != wanted) {
                table.filter.set(wanted.clone());
            }
            wanted
        });
        table
    }

    /// Asks for the window, and again whenever what it depends on changes. While a row is being
    /// edited, news of others wait: rows must not move under the hands.
    pub fn load(self) {
        let asked = StoredValue::new(0_u32);
        Effect::new(move |before: Option<(Scope, String, bool, usize, usize)>| {
            self.session.changes.track();
            let retry = self.reload.get();
            let part = self.part.get();
            let filter = self.filter.get().trim().to_owned();
            let scope = self.place.with_value(Place::scope);
            let now = (scope, filter, self.inherited.get(), part.offset, part.limit);
            let editing = self.editing.with(Option::is_some);
            if editing && before.as_ref() == Some(&now) {
                return now;
            }
            let number = asked.get_value().wrapping_add(1);
            asked.set_value(number);
            let (scope, filter, inherited, offset, limit) = now.clone();
            let wanted = Request::Secrets { scope, filter, inherited, offset, limit };
            spawn(async move {
                let result = self.session.keyholder.window(wanted).await;
                if asked.try_get_value() != Some(number) {
                    return;
                }
                // What is on screen stays there if it can't be renewed.
                let keep = result.is_err()
                    && retry == 0
                    && self.secrets.try_with_untracked(|s| matches!(s, Loaded::Here(_)))
                        == Some(true);
                match result {
                    Err(problem) if keep => self.session.report(&problem),
                    result => {
                        let focused = focused_id();
                        let _ = self.secrets.try_set(result.into());
                        if let Some(id) = focused {
                            return_focus(id);
                        }
                    }
                }
            });
            now
        });
    }

    /// Shows another part of a long table as it is scrolled.
    pub fn follow_scroll(self) {
        let look = move || {
            let Some(body) = self.body.try_get_untracked().flatten() else { return };
            let total = self.total();
            if let Ok(Some(first)) = body.query_selector("tr[data-id]:not(.editing)") {
                let height = first.get_bounding_client_rect().height();
                if height > 1.0 && (height - self.row_height.get_untracked()).abs() > 0.5 {
                    self.row_height.set(height);
                }
            }
            let above = -body.get_bounding_client_rect().top();
            let view = window().inner_height().ok().and_then(|h| h.as_f64()).unwrap_or(800.0);
            let wanted = part(total, above, view, self.row_height.get_untracked());
            if self.part.get_untracked() != wanted {
                self.part.set(wanted);
            }
        };
        let handle = on_window("scroll", move |_: web_sys::Event| look());
        on_cleanup(move || handle.remove());
    }

    /// The scope that is looked at.
    pub fn scope(self) -> Scope {
        self.place.with_value(Place::scope)
    }

    /// Its name.
    pub fn scope_name(self) -> String {
        let names = self.session.overview.with_untracked(|overview| {
            self.place.with_value(|place| place_names::names(overview.as_ref()?, place))
        });
        names.and_then(|names| names.last().cloned()).unwrap_or_default()
    }

    /// Whether there are scopes above.
    pub fn has_above(self) -> bool {
        self.place.with_value(|place| place.environment.is_some())
    }

    /// Whether a new secret is being typed.
    pub fn adding(self) -> bool {
        self.editing.with(|target| *target == Some(Target::New))
    }

    /// The row with this id, if it is in the page.
    pub fn row(self, id: &str) -> Option<Row> {
        self.secrets.with_untracked(|secrets| match secrets {
            Loaded::Here(secrets) => secrets.rows.iter().find(|row| row.id == id).cloned(),
            _ => None,
        })
    }

    /// The secret of a higher scope that has this key, if it is in the page.
    pub fn above(self, key: &str) -> Option<String> {
        self.secrets.with_untracked(|secrets| match secrets {
            Loaded::Here(secrets) => {
                let row = secrets.rows.iter().find(|row| row.inherited && row.key == key)?;
                Some(row.id.clone())
            }
            _ => None,
        })
    }

    /// The rows to draw.
    pub fn rows(self) -> Vec<Row> {
        self.secrets.with(|secrets| match secrets {
            Loaded::Here(secrets) => secrets.rows.clone(),
            _ => Vec::new(),
        })
    }

    /// How many there are.
    pub fn shown_total(self) -> usize {
        self.here(|secrets| secrets.total)
    }

    /// How many are above the drawn ones.
    pub fn offset(self) -> usize {
        self.here(|secrets| secrets.offset)
    }

    /// How many are below.
    pub fn below(self) -> usize {
        self.here(|secrets| secrets.total.saturating_sub(secrets.offset + secrets.rows.len()))
    }

    fn here(self, of: impl Fn(&Secrets) -> usize) -> usize {
        self.secrets
            .with(|secrets| if let Loaded::Here(secrets) = secrets { of(secrets) } else { 0 })
    }

    fn total(self) -> usize {
        untrack(move || self.here(|secrets| secrets.total))
    }
}

fn again(reload: RwSignal<u32>) {
    let _ = reload.try_update(|count| *count += 1);
}

/// A row that is drawn anew drops the focus: gives it back.
fn return_focus(id: String) {
    request_animation_frame(move || {
        let lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        if lost {
            focus(&format!("tr[data-id=\"{id}\"] .key"));
        }
    });
}
